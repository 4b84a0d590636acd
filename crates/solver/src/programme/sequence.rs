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

#[cfg(test)]
mod tests {
    use rand::seq::SliceRandom;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::sequence;
    use crate::instance::Instance;
    use crate::support::{Size, problem};

    const SIZE: Size = Size {
        groups: 4,
        tracks: 1,
        operators: 1,
        sessions: 12,
        hours: 24,
        cell_min: 10,
    };

    /// Whether some order of the sessions fits when each starts as early as it may.
    fn some_order_fits(instance: &Instance<'_>, left: &[usize], from: usize, end: usize) -> bool {
        left.is_empty()
            || left.iter().any(|&session| {
                let table = &instance.sessions[session];
                let rest: Vec<usize> = left.iter().copied().filter(|&s| s != session).collect();
                (from..end)
                    .find(|&c| table.may_start[c] && c + table.room <= end)
                    .is_some_and(|c| some_order_fits(instance, &rest, c + table.room, end))
            })
    }

    #[test]
    fn sessions_are_put_in_order_exactly_when_some_order_fits() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (mut fitting, mut tried) = (0, 0);
        for seed in 0..60 {
            let problem = problem(seed, SIZE);
            let instance = Instance::lower(&problem).unwrap();
            let mut sessions: Vec<usize> = (0..instance.sessions.len()).collect();
            sessions.shuffle(&mut rng);
            sessions.truncate(rng.random_range(2..=5));
            let start = rng.random_range(0..120);
            let end = start + rng.random_range(6..=20);
            let found = sequence(&instance, &sessions, start, end, &|_, _| true);
            assert_eq!(
                found.is_some(),
                some_order_fits(&instance, &sessions, start, end)
            );
            tried += 1;
            let Some(starts) = found else { continue };
            fitting += 1;
            let mut spans: Vec<(usize, usize)> = sessions
                .iter()
                .zip(&starts)
                .map(|(&s, &at)| {
                    assert!(instance.sessions[s].may_start[at]);
                    (at, at + instance.sessions[s].room)
                })
                .collect();
            spans.sort_unstable();
            assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0));
            assert!(spans[0].0 >= start && spans.last().is_some_and(|last| last.1 <= end));
        }
        assert!(fitting > 5 && fitting < tried, "{fitting} of {tried} fit");
    }
}
