//! Sequencing: whether a set of sessions fits one block one after the other, exactly.
//!
//! For each subset the earliest time by which it can be over is all that matters (an exchange argument:
//! whatever follows may start no later), so a table over subsets decides it.

use crate::instance::Instance;

/// Most sessions that one block can hold; a three-hour block of five-minute talks has thirty-six, which is
/// beyond the subset table, so such a block is filled up to this many.
pub(crate) const MOST_IN_BLOCK: usize = 12;

/// Start cells for `sessions` inside `start..end`, in the order given; `None` when they do not fit.
///
/// `speaker_free(session, start)` says whether its live speakers are free of other sessions.
pub(crate) fn sequence(
    instance: &Instance<'_>,
    sessions: &[usize],
    start: usize,
    end: usize,
    speaker_free: &dyn Fn(usize, usize) -> bool,
) -> Option<Vec<usize>> {
    let n = sessions.len();
    let total: usize = sessions.iter().map(|&s| instance.sessions[s].room).sum();
    if n > MOST_IN_BLOCK || total > end - start {
        return None;
    }
    let full = (1usize << n) - 1;
    // (over by, last session) of the best order of each subset
    let mut best: Vec<Option<(usize, usize)>> = vec![None; full + 1];
    best[0] = Some((start, usize::MAX));
    for set in 0..=full {
        let Some((over, _)) = best[set] else { continue };
        for next in (0..n).filter(|next| set & (1 << next) == 0) {
            let session = sessions[next];
            let table = &instance.sessions[session];
            let Some(last) = end.checked_sub(table.room) else {
                continue;
            };
            let begin = (over..=last).find(|&c| table.may_start[c] && speaker_free(session, c));
            if let Some(begin) = begin {
                let with = set | (1 << next);
                let over = begin + table.room;
                if best[with].is_none_or(|(known, _)| over < known) {
                    best[with] = Some((over, next));
                }
            }
        }
    }
    let mut starts = vec![0; n];
    let mut set = full;
    while set != 0 {
        let (over, last) = best[set]?;
        starts[last] = over - instance.sessions[sessions[last]].room;
        set &= !(1 << last);
    }
    Some(starts)
}
