//! The adapter to HiGHS in whole numbers: which of some columns to choose, one for each person at most.

use highs::{HighsSolutionStatus, Sense};

use super::frame::{Frame, float};
use super::ground::{Column, Ground};
use super::prices::Level;
use crate::Stop;

/// A column above this is chosen; HiGHS keeps integers within 1e-6.
const CHOSEN: f64 = 0.5;
/// Costs are whole: a proof to within less than one unit is a proof.
const WITHIN: f64 = 0.99;
/// Seconds below which starting is not worth it.
const LEAST_SECONDS: f64 = 0.05;

/// Chooses among `columns` at least cost, and gives back places; `start` are places of a choice that is known.
pub(super) fn choose(
    ground: &Ground<'_>,
    level: Level,
    (columns, start): (&[&Column], &[usize]),
    (dear, nodes): (i64, i32),
    stop: &dyn Stop,
) -> Option<Vec<usize>> {
    let mut frame = Frame::new(ground, level, dear);
    let mut problem = std::mem::take(&mut frame.problem);
    for column in columns {
        let cost = float(level.own() * column.cost);
        let factors = frame.rows.factors(ground, column);
        problem.add_integer_column(cost, 0.0..=1.0, factors);
    }
    let mut model = problem.try_optimise(Sense::Minimise).ok()?;
    // Two threads spin on a loaded machine and overrun limits; one is as fast here.
    model.try_set_option("threads", 1).ok()?;
    model.try_set_option("parallel", "off").ok()?;
    model.try_set_option("mip_max_nodes", nodes).ok()?;
    model.try_set_option("mip_rel_gap", 0.0).ok()?;
    model.try_set_option("mip_abs_gap", WITHIN).ok()?;
    if let Some(left) = stop.remaining() {
        let seconds = left.as_secs_f64();
        if seconds < LEAST_SECONDS {
            return None;
        }
        model.try_set_option("time_limit", seconds).ok()?;
    }
    let known: Vec<&Column> = start
        .iter()
        .filter_map(|&at| columns.get(at).copied())
        .collect();
    let mut values = frame.complete(ground, &known);
    values.resize(values.len() + columns.len(), 0.0);
    for &at in start {
        if let Some(value) = values.get_mut(frame.n_own() + at) {
            *value = 1.0;
        }
    }
    model
        .try_set_solution(Some(&values), None, None, None)
        .ok()?;
    if stop.stopped() {
        return None;
    }
    let solved = model.try_solve().ok()?;
    if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
        return None;
    }
    let solution = solved.get_solution();
    let values = solution.columns().iter().skip(frame.n_own());
    let chosen = values
        .enumerate()
        .filter(|(_, value)| **value > CHOSEN)
        .map(|(at, _)| at)
        .collect();
    Some(chosen)
}
