//! Groups and hosts on cells, and what regional events do to them.

use meridian_model::{Grade, Impact, Problem};

use super::cells::{covered_minutes, graded_minutes, overlap_minutes, possible_cells};
use super::names::Names;
use super::{Weights, index, number};
use crate::SolveError;

/// A group that hosts, on cells.
#[derive(Debug)]
pub(crate) struct Host {
    /// Whether a block may cover the cell.
    pub(crate) open: Vec<bool>,
    /// Cost of a block covering the cell.
    pub(crate) cell_cost: Vec<i64>,
    /// Shortest and longest block in cells.
    pub(crate) shortest: usize,
    pub(crate) longest: usize,
    pub(crate) max_blocks: usize,
}

/// A group, on cells.
#[derive(Debug)]
pub(crate) struct GroupTable {
    /// `None` when it does not host.
    pub(crate) host: Option<Host>,
    pub(crate) languages: Vec<usize>,
    /// Cells touched by a regional event that blocks the group.
    pub(crate) blocked: Vec<bool>,
    pub(crate) n_operators: i64,
}

pub(super) fn lower_groups(
    problem: &Problem,
    names: &Names<'_>,
    weights: Weights,
) -> Result<Vec<GroupTable>, SolveError> {
    let horizon = problem.event.horizon;
    let n_cells = index(horizon.n_cells());
    let cell = horizon.cell_min();
    let grid = problem.event.policy.block_grid_min.div_ceil(cell).max(1);
    let mut blocked = vec![vec![false; n_cells]; problem.groups.len()];
    let mut weighed = vec![vec![0i64; n_cells]; problem.groups.len()];
    for event in &problem.regional_events {
        for concern in &event.concerns {
            let group = names.group(&concern.group)?;
            for (cell, minutes) in overlap_minutes(horizon, concern.span) {
                match event.impact {
                    Impact::Block => blocked[group][cell] = true,
                    Impact::Weigh => weighed[group][cell] += minutes * weights.clash,
                    Impact::Ignore => {}
                }
            }
        }
    }
    let mut tables = Vec::with_capacity(problem.groups.len());
    for ((group, blocked), clash_cost) in problem.groups.iter().zip(blocked).zip(weighed) {
        let host = group.hosting.as_ref().map(|hosting| {
            let open = possible_cells(horizon, &hosting.availability);
            let if_need_be = graded_minutes(horizon, &hosting.availability, Grade::IfNeedBe);
            let prime = covered_minutes(horizon, &hosting.prime);
            Host {
                open: open
                    .iter()
                    .zip(&blocked)
                    .map(|(&open, &no)| open && !no)
                    .collect(),
                cell_cost: (0..n_cells)
                    .map(|c| {
                        clash_cost[c]
                            + weights.if_need_be * if_need_be[c]
                            + weights.prime_time * (i64::from(cell) - prime[c])
                    })
                    .collect(),
                // Blocks tile the grid: their lengths are its multiples.
                shortest: index(hosting.shortest_min.div_ceil(cell).div_ceil(grid) * grid),
                longest: index(hosting.longest_min / cell / grid * grid),
                max_blocks: index(hosting.max_blocks),
            }
        });
        let n_operators = problem
            .operators
            .iter()
            .filter(|o| o.group == group.id)
            .count();
        tables.push(GroupTable {
            host,
            languages: group.languages.iter().map(|l| names.language(l)).collect(),
            blocked,
            n_operators: number(n_operators),
        });
    }
    Ok(tables)
}

/// Cost of the weighing regional events per group and cell.
pub(super) fn clash_costs(
    problem: &Problem,
    names: &Names<'_>,
    weights: Weights,
) -> Result<Vec<Vec<i64>>, SolveError> {
    let horizon = problem.event.horizon;
    let mut costs = vec![vec![0; index(horizon.n_cells())]; problem.groups.len()];
    for event in problem
        .regional_events
        .iter()
        .filter(|e| e.impact == Impact::Weigh)
    {
        for concern in &event.concerns {
            let group = names.group(&concern.group)?;
            for (cell, minutes) in overlap_minutes(horizon, concern.span) {
                costs[group][cell] += minutes * weights.clash;
            }
        }
    }
    Ok(costs)
}
