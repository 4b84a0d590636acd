//! Operators on cells, before the programme is known.

use meridian_model::{Grade, Problem};

use super::cells::{covered_minutes, graded_minutes, possible_cells};
use super::groups::{GroupTable, clash_costs};
use super::names::Names;
use super::{Weights, index};
use crate::SolveError;

/// An operator, on cells.
#[derive(Debug)]
pub(crate) struct OperatorTable {
    pub(crate) group: usize,
    /// Whether she may be on duty in a role that is not alerted.
    pub(crate) open: Vec<bool>,
    /// Whether she may be on duty in an alerted role.
    pub(crate) awake: Vec<bool>,
    /// Soft cost of being on duty at the cell.
    pub(crate) cell_cost: Vec<i64>,
    pub(crate) max_duty: usize,
    pub(crate) carry_over_min: i64,
    pub(crate) speaker: Option<usize>,
}

pub(super) fn lower_operators(
    problem: &Problem,
    names: &Names<'_>,
    groups: &[GroupTable],
    weights: Weights,
) -> Result<Vec<OperatorTable>, SolveError> {
    let horizon = problem.event.horizon;
    let cell = i64::from(horizon.cell_min());
    let clash = clash_costs(problem, names, weights)?;
    let mut tables = Vec::with_capacity(problem.operators.len());
    for operator in &problem.operators {
        let group = names.group(&operator.group)?;
        let available = possible_cells(horizon, &operator.availability);
        let nights = covered_minutes(horizon, &operator.nights);
        let if_need_be = graded_minutes(horizon, &operator.availability, Grade::IfNeedBe);
        let prefer = graded_minutes(horizon, &operator.availability, Grade::Prefer);
        let says_prefer = operator
            .availability
            .0
            .iter()
            .any(|g| g.grade == Grade::Prefer);
        let open: Vec<bool> = available
            .iter()
            .zip(&groups[group].blocked)
            .map(|(&a, &no)| a && !no)
            .collect();
        let cell_cost = (0..open.len())
            .map(|c| {
                let elsewhere = if says_prefer { cell - prefer[c] } else { 0 };
                clash[group][c]
                    + weights.night * nights[c]
                    + weights.if_need_be * if_need_be[c]
                    + weights.preference * elsewhere
            })
            .collect();
        tables.push(OperatorTable {
            group,
            awake: open
                .iter()
                .zip(&nights)
                .map(|(&open, &night)| open && night == 0)
                .collect(),
            open,
            cell_cost,
            max_duty: index(operator.max_duty_min / horizon.cell_min()),
            carry_over_min: i64::from(operator.carry_over_min),
            speaker: operator
                .speaker
                .as_ref()
                .map(|s| names.speaker(s))
                .transpose()?,
        });
    }
    Ok(tables)
}
