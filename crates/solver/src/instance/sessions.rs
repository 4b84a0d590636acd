//! Sessions on cells: where each may start, whatever else is placed.

use meridian_model::{Delivery, Grade, Problem, Session};

use super::cells::{cell_span, graded_minutes, possible_cells};
use super::groups::{GroupTable, clash_costs};
use super::names::Names;
use super::{Weights, index};
use crate::SolveError;

/// A session, on cells.
#[derive(Debug)]
pub(crate) struct SessionTable {
    /// Length without change-over.
    pub(crate) length: usize,
    /// Length with change-over: what it takes of its track.
    pub(crate) room: usize,
    pub(crate) language: usize,
    pub(crate) group: Option<usize>,
    /// Speakers who are there live; empty for a recorded session.
    pub(crate) live: Vec<usize>,
    /// Whether it may start at the cell, whatever else is placed.
    pub(crate) may_start: Vec<bool>,
    /// Soft cost of starting at the cell.
    pub(crate) start_cost: Vec<i64>,
    /// Whether it may be on the track.
    pub(crate) on_track: Vec<bool>,
    pub(crate) tags: Vec<usize>,
}

pub(super) fn lower_sessions(
    problem: &Problem,
    names: &Names<'_>,
    groups: &[GroupTable],
    weights: Weights,
) -> Result<Vec<SessionTable>, SolveError> {
    let horizon = problem.event.horizon;
    let n_cells = index(horizon.n_cells());
    let cell = horizon.cell_min();
    let open: Vec<Vec<bool>> = problem
        .speakers
        .iter()
        .map(|s| possible_cells(horizon, &s.availability))
        .collect();
    let if_need_be: Vec<Vec<i64>> = problem
        .speakers
        .iter()
        .map(|s| graded_minutes(horizon, &s.availability, Grade::IfNeedBe))
        .collect();
    let clash = clash_costs(problem, names, weights)?;
    let mut tables = Vec::with_capacity(problem.sessions.len());
    for session in &problem.sessions {
        whole_cells(session, cell)?;
        let live: Vec<usize> = match session.delivery {
            Delivery::Recorded => Vec::new(),
            Delivery::Live => session
                .speakers
                .iter()
                .map(|s| names.speaker(s))
                .collect::<Result<_, _>>()?,
        };
        let group = session.group.as_ref().map(|g| names.group(g)).transpose()?;
        let mut concerned: Vec<usize> = group.into_iter().collect();
        for &speaker in &live {
            if let Some(id) = &problem.speakers[speaker].group {
                concerned.push(names.group(id)?);
            }
        }
        concerned.sort_unstable();
        concerned.dedup();
        let length = index(session.length_min.div_ceil(cell));
        let on_air = |c: usize| {
            live.iter().all(|&s| open[s][c]) && concerned.iter().all(|&g| !groups[g].blocked[c])
        };
        let mut ok: Vec<bool> = (0..n_cells).map(on_air).collect();
        if let Some(window) = session.window {
            for (c, ok) in ok.iter_mut().enumerate() {
                *ok &= window.contains(&cell_span(horizon, c));
            }
        }
        let cost = |c: usize| {
            live.iter()
                .map(|&s| if_need_be[s][c] * weights.if_need_be)
                .sum::<i64>()
                + concerned.iter().map(|&g| clash[g][c]).sum::<i64>()
        };
        let cell_cost: Vec<i64> = (0..n_cells).map(cost).collect();
        let fits = |s: usize| s + length <= n_cells && ok[s..s + length].iter().all(|&ok| ok);
        let may_start: Vec<bool> = (0..n_cells).map(fits).collect();
        let start_cost = (0..n_cells)
            .map(|s| cell_cost[s..(s + length).min(n_cells)].iter().sum())
            .collect();
        let mut on_track = vec![session.tracks.is_empty(); problem.event.tracks.len()];
        for track in &session.tracks {
            on_track[names.track(track)?] = true;
        }
        tables.push(SessionTable {
            length,
            room: length + index(session.changeover_min.div_ceil(cell)),
            language: names.language(&session.language),
            group,
            live,
            may_start,
            start_cost,
            on_track,
            tags: session
                .tags
                .iter()
                .filter_map(|tag| names.tags.binary_search(&tag.as_str()).ok())
                .collect(),
        });
    }
    Ok(tables)
}

fn whole_cells(session: &Session, cell: u32) -> Result<(), SolveError> {
    if session.length_min.is_multiple_of(cell) && session.changeover_min.is_multiple_of(cell) {
        return Ok(());
    }
    Err(SolveError::Malformed(format!(
        "session {:?} does not last whole cells of {cell} minutes",
        session.id.as_str()
    )))
}
