//! Host blocks by beam search: sweep time, always extend the track that is behind, keep the best few.

mod state;
mod sweep;

use super::candidates::Candidate;
use super::host_prices::{HostPrices, Taken};
use crate::Stop;
use crate::instance::{Instance, number};
use sweep::Field;

/// How much a beam search may do.
#[derive(Clone, Copy)]
pub(crate) struct Beam<'a> {
    /// States kept for each step forward, for each of [`SPREAD`] frontiers.
    pub(crate) width: usize,
    /// Rounds of sweeping, each with groups held back for the hours that stayed empty in the last.
    pub(crate) sweeps: usize,
    /// A stopped sweep goes on to the end with the narrowest beam.
    pub(crate) stop: &'a dyn Stop,
}

/// Cells without a host and soft cost, and what was picked, by track.
type Choice = ((i64, i64), Vec<(usize, Candidate)>);

/// Gives every hour of every track to a group as far as it goes: `(track, candidate)` pairs.
///
/// A sweep spends groups early that are wanted late. So each block bears the price of its group ([`HostPrices`]), and
/// while hours stay empty the sweep is repeated with a reserve price on the other blocks of groups that could have held
/// those. `taken` are pinned blocks; the rest is filled round them.
pub(crate) fn cover(
    instance: &Instance<'_>,
    candidates: &[Candidate],
    taken: &[Taken],
    beam: Beam<'_>,
) -> Vec<(usize, Candidate)> {
    let prices = HostPrices::of(instance, candidates, taken);
    let mut field = Field::new(instance, candidates, taken, &prices, beam.width);
    let mut best: Option<Choice> = None;
    for _ in 0..beam.sweeps {
        let (cost, picked) = field.sweep(beam.stop);
        let wanting = empty_cells(instance, taken, &picked);
        if best.as_ref().is_none_or(|(known, _)| cost < *known) {
            best = Some((cost, picked));
        }
        if cost.0 == 0 || beam.stop.stopped() {
            break;
        }
        field.hold_back(&wanting);
    }
    best.map(|(_, picked)| picked).unwrap_or_default()
}

/// How many tracks have no host, by cell.
fn empty_cells(
    instance: &Instance<'_>,
    taken: &[Taken],
    picked: &[(usize, Candidate)],
) -> Vec<i64> {
    let mut empty = vec![number(instance.n_tracks); instance.n_cells];
    let spans = taken.iter().map(|t| (t.2, t.3));
    for (start, end) in spans.chain(picked.iter().map(|(_, pick)| (pick.start, pick.end))) {
        for tracks in &mut empty[start..end] {
            *tracks -= 1;
        }
    }
    empty
}

#[cfg(test)]
mod tests;
