//! Duties on cells, before the programme is known.

use meridian_model::{AlertScope, Problem, RoleNeed};

use super::cells::covered_minutes;
use super::index;
use super::names::{Names, unknown};
use crate::SolveError;

/// A duty, on cells.
#[derive(Debug)]
pub(crate) struct DutyTable {
    pub(crate) role: usize,
    pub(crate) alerted: bool,
    pub(crate) need: RoleNeed,
    pub(crate) handover: usize,
    pub(crate) tracks: Vec<usize>,
    pub(crate) count: u32,
    pub(crate) asked: Vec<bool>,
    /// Alert units that people on this duty count for.
    pub(crate) units: Vec<usize>,
}

pub(super) fn lower_duties(
    problem: &Problem,
    names: &Names<'_>,
) -> Result<Vec<DutyTable>, SolveError> {
    let horizon = problem.event.horizon;
    let mut tables = Vec::with_capacity(problem.event.duties.len());
    for duty in &problem.event.duties {
        let role = problem
            .event
            .roles
            .iter()
            .position(|role| role.id == duty.role)
            .ok_or_else(|| unknown("role", duty.role.as_str()))?;
        let tracks: Vec<usize> = duty
            .tracks
            .iter()
            .map(|t| names.track(t))
            .collect::<Result<_, _>>()?;
        let alerted = problem.event.roles[role].alerted;
        let whole = covered_minutes(horizon, &duty.spans);
        tables.push(DutyTable {
            role,
            alerted,
            need: problem.event.roles[role].needs,
            handover: index(problem.event.roles[role].handover_min / horizon.cell_min()),
            count: duty.count,
            asked: whole
                .iter()
                .map(|&m| m == i64::from(horizon.cell_min()))
                .collect(),
            units: match (alerted, problem.event.policy.alert.scope) {
                (false, _) => Vec::new(),
                (true, AlertScope::Track) => tracks.clone(),
                (true, AlertScope::Event) => vec![0],
            },
            tracks,
        });
    }
    Ok(tables)
}
