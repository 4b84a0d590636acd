//! From a better roster back towards the published one, as far as nothing goes missing again.

use super::mender::{Mender, Move};
use crate::Stop;
use crate::roster::Roster;

/// Most people who go back together.
const TOGETHER: usize = 8;

/// Gives people back what stands of their published shifts while the levels above soft stay and it is no worse.
///
/// Where someone who goes back leaves a hole, those whose published shifts would close it go back with her.
pub(super) fn pull_back(mender: &mut Mender<'_, '_>, standing: &Roster, stop: &dyn Stop) {
    loop {
        let mut better = false;
        for operator in 0..standing.len() {
            if stop.stopped() {
                return;
            }
            better |= mender.state.shifts[operator] != standing[operator]
                && go_back(mender, standing, operator);
        }
        if !better {
            return;
        }
    }
}

fn go_back(mender: &mut Mender<'_, '_>, standing: &Roster, first: usize) -> bool {
    let before = mender.worth();
    let mut undo: Vec<Move> = Vec::new();
    let mut next = Some(first);
    while let Some(operator) = next {
        let was = mender.set(operator, standing[operator].clone());
        undo.push((operator, was));
        let worth = mender.worth();
        if worth.levels() <= before.levels() && worth < before {
            return true;
        }
        next = (undo.len() < TOGETHER)
            .then(|| who_closes(mender, standing))
            .flatten();
    }
    undo.reverse();
    mender.make(&undo);
    false
}

/// Someone whose standing shifts would close most of what is missing now.
fn who_closes(mender: &Mender<'_, '_>, standing: &Roster) -> Option<usize> {
    let holes = mender.holes();
    let closes = |operator: usize| -> usize {
        let of_hers = standing[operator].iter().map(|shift| {
            let cells = holes[shift.duty].iter();
            cells
                .filter(|&&c| shift.start <= c && c < shift.end)
                .count()
        });
        of_hers.sum()
    };
    let changed = (0..standing.len()).filter(|&o| mender.state.shifts[o] != standing[o]);
    changed
        .map(|operator| (closes(operator), std::cmp::Reverse(operator)))
        .filter(|&(cells, _)| cells > 0)
        .max()
        .map(|(_, operator)| operator.0)
}
