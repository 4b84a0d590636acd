//! What a block of each group is worth elsewhere, as a price that a choice of hosts pays for it.
//!
//! The multipliers of the limits on blocks (H05) and of every group's first block (S13), found by subgradient steps:
//! each track by itself takes its cheapest way through the horizon and makes the groups on it dearer for the next;
//! groups that nobody takes get cheaper.

use super::candidates::Candidate;
use crate::instance::{Instance, number};

/// A pinned block: track, group, first cell, cell after.
pub(crate) type Taken = (usize, usize, usize, usize);

/// Prices for one choice of hosts.
#[derive(Debug)]
pub(crate) struct HostPrices {
    /// Of one block, by group; below 0 it is what the group's first block saves, and further ones cost nothing.
    pub(crate) of_block: Vec<i64>,
    /// Of one cell of one track without a host.
    pub(crate) empty_cell: i64,
}

/// Times that every track takes its way; prices are averages over the second half.
const ROUNDS: i64 = 60;
/// An empty cell costs no less: about what the dearest cell of a host costs under default weights.
const EMPTY: i64 = 500;
/// The step of the round `n` is `FIRST_STEP / (n + DAMPING)` empty cells: at first an empty hour in one step.
const FIRST_STEP: i64 = 4;
const DAMPING: i64 = 4;
/// Prices are reckoned in this fraction, so that late steps shared out over tracks are not rounded to nothing.
const FRACTION: i64 = 1024;

impl HostPrices {
    /// Prices at which groups are wanted about as often as they have blocks.
    pub(crate) fn of(instance: &Instance<'_>, candidates: &[Candidate], taken: &[Taken]) -> Self {
        let dearest = candidates.iter().map(|c| c.cost.abs()).max().unwrap_or(0);
        let relaxed = Relaxed::new(instance, candidates, taken, EMPTY.max(dearest));
        let mut prices = vec![0; instance.groups.len()];
        let mut sums = vec![0; prices.len()];
        for round in 0..ROUNDS {
            let step = FRACTION * FIRST_STEP * relaxed.empty_cell / (round + DAMPING);
            relaxed.adjust(&mut prices, step);
            if 2 * round >= ROUNDS {
                for (sum, price) in sums.iter_mut().zip(&prices) {
                    *sum += price;
                }
            }
        }
        let counted = (ROUNDS - ROUNDS / 2) * FRACTION;
        Self {
            of_block: sums.into_iter().map(|sum| sum / counted).collect(),
            empty_cell: relaxed.empty_cell,
        }
    }
}

/// The choice of hosts with every track by itself.
struct Relaxed<'a> {
    /// Candidates by end.
    ending: Vec<Vec<&'a Candidate>>,
    /// Pinned cells: tracks × cells.
    occupied: Vec<Vec<bool>>,
    /// Blocks that each group has left.
    most: Vec<i64>,
    empty_cell: i64,
    left_out: i64,
}

/// The cheapest way to each cell: what it costs, and the candidate that ends there, unless the cell before is empty.
type Way<'a> = Vec<(i64, Option<&'a Candidate>)>;

impl<'a> Relaxed<'a> {
    fn new(
        instance: &Instance<'_>,
        candidates: &'a [Candidate],
        taken: &[Taken],
        empty_cell: i64,
    ) -> Self {
        let mut ending = vec![Vec::new(); instance.n_cells + 1];
        for candidate in candidates {
            ending[candidate.end].push(candidate);
        }
        let hosts = instance.groups.iter().map(|group| group.host.as_ref());
        let mut most: Vec<i64> = hosts
            .map(|host| host.map_or(0, |host| number(host.max_blocks)))
            .collect();
        let mut occupied = vec![vec![false; instance.n_cells]; instance.n_tracks];
        for &(track, group, start, end) in taken {
            occupied[track][start..end].fill(true);
            most[group] = (most[group] - 1).max(0);
        }
        Self {
            ending,
            occupied,
            most,
            empty_cell,
            left_out: instance.weights.left_out * FRACTION,
        }
    }

    /// Lets every track choose, and moves the prices by `step` for each block chosen or left.
    fn adjust(&self, prices: &mut [i64], step: i64) {
        let share = step / number(self.occupied.len()).max(1);
        for occupied in &self.occupied {
            let way = self.cheapest(occupied, prices);
            let mut at = occupied.len();
            while at > 0 {
                at = match way[at].1 {
                    Some(chosen) => {
                        prices[chosen.group] += step;
                        chosen.start
                    }
                    None => at - 1,
                };
            }
            for (price, most) in prices.iter_mut().zip(&self.most) {
                *price = if *price > 0 {
                    (*price - share * most).max(0)
                } else {
                    (*price - share).max(-self.left_out)
                };
            }
        }
    }

    fn cheapest(&self, occupied: &[bool], prices: &[i64]) -> Way<'a> {
        let mut way: Way<'a> = vec![(0, None)];
        let mut free_since = 0;
        for (c, &pinned) in occupied.iter().enumerate() {
            let end = c + 1;
            if pinned {
                free_since = end;
            }
            let empty = if pinned { 0 } else { self.empty_cell };
            let mut best = (way[c].0 + empty, None);
            for &candidate in &self.ending[end] {
                let group = candidate.group;
                let cost = way[candidate.start].0 + candidate.cost + prices[group] / FRACTION;
                if cost < best.0
                    && candidate.start >= free_since
                    && blocks_on(&way, candidate.start, group) < self.most[group]
                {
                    best = (cost, Some(candidate));
                }
            }
            way.push(best);
        }
        way
    }
}

/// How many blocks of `group` are on the way to `at`.
fn blocks_on(way: &Way<'_>, mut at: usize, group: usize) -> i64 {
    let mut count = 0;
    while at > 0 {
        at = match way[at].1 {
            Some(chosen) => {
                count += i64::from(chosen.group == group);
                chosen.start
            }
            None => at - 1,
        };
    }
    count
}
