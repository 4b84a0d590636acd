//! One sweep over time: from the best states of each layer to those of the next.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::candidates::Candidate;
use super::super::host_prices::{HostPrices, Taken};
use super::Choice;
use super::state::{Bucket, Draft, Key, Layer, Link, State, scatter, unroll};
use crate::Stop;
use crate::instance::{Instance, number};

/// What holding a group back adds to its other blocks, per round.
const RESERVE: i64 = 150;
/// States are kept for this many times the width, shared out over all sets of frontiers.
const SPREAD: usize = 8;

/// What a sweep reads and never changes.
pub(super) struct Field<'a, 'p> {
    instance: &'a Instance<'p>,
    /// With their priced costs; by start, then end, then priced cost.
    starting: Vec<Vec<(i64, Candidate)>>,
    /// What the first block of each group saves beside its price, which later blocks of the group do not save.
    first_saves: Vec<i64>,
    occupied: Vec<Vec<bool>>,
    /// Blocks that each group already holds.
    blocks_of: Vec<u8>,
    /// Whether tracks are alike, so that only the set of frontiers counts.
    alike: bool,
    /// Priced cost of a cell without a host.
    empty_cell: i64,
    width: usize,
}

impl<'a, 'p> Field<'a, 'p> {
    pub(super) fn new(
        instance: &'a Instance<'p>,
        candidates: &[Candidate],
        taken: &[Taken],
        prices: &HostPrices,
        width: usize,
    ) -> Self {
        let n_cells = instance.n_cells;
        let mut starting: Vec<Vec<(i64, Candidate)>> = vec![Vec::new(); n_cells + 1];
        for candidate in candidates {
            let priced = candidate.cost + prices.of_block[candidate.group];
            starting[candidate.start].push((priced, *candidate));
        }
        let mut occupied = vec![vec![false; n_cells]; instance.n_tracks];
        let mut blocks_of = vec![0u8; instance.groups.len()];
        for &(track, group, start, end) in taken {
            occupied[track][start..end].fill(true);
            blocks_of[group] = blocks_of[group].saturating_add(1);
        }
        let mut field = Self {
            instance,
            starting,
            first_saves: prices.of_block.iter().map(|price| -price.min(&0)).collect(),
            occupied,
            blocks_of,
            alike: taken.is_empty(),
            empty_cell: prices.empty_cell,
            width,
        };
        field.sort();
        field
    }

    fn sort(&mut self) {
        for here in &mut self.starting {
            here.sort_by_key(|(priced, candidate)| (candidate.end, *priced, candidate.group));
        }
    }

    /// Raises the price of every group that could hold some of the `wanting` cells, for its blocks at other times.
    pub(super) fn hold_back(&mut self, wanting: &[i64]) {
        let holds = |c: &Candidate| wanting[c.start..c.end].iter().any(|&n| n > 0);
        let mut wanted = vec![false; self.instance.groups.len()];
        for (_, candidate) in self.starting.iter().flatten().filter(|(_, c)| holds(c)) {
            wanted[candidate.group] = true;
        }
        for (priced, candidate) in self.starting.iter_mut().flatten() {
            if wanted[candidate.group] && !holds(candidate) {
                *priced += RESERVE;
            }
        }
        self.sort();
    }

    /// Sweeps once.
    pub(super) fn sweep(&self, stop: &dyn Stop) -> Choice {
        let instance = self.instance;
        let goal = instance.n_cells * instance.n_tracks;
        let mut layers: BTreeMap<usize, Layer> = BTreeMap::new();
        let mut states = vec![State {
            cost: (0, 0),
            priced: 0,
            frontier: vec![0; instance.n_tracks],
            blocks_of: self.blocks_of.clone(),
            fingerprint: 0,
            chain: None,
        }];
        let mut done = 0;
        while done != goal {
            for state in states {
                self.extend(&Rc::new(state), &mut layers);
            }
            let Some((cells, layer)) = layers.pop_first() else {
                return ((number(goal), 0), Vec::new());
            };
            let width = if stop.stopped() { 1 } else { self.width };
            states = self.keep_best(layer, width);
            done = cells;
        }
        let best = states.iter().min_by_key(|state| state.cost);
        best.map_or(((0, 0), Vec::new()), |state| (state.cost, unroll(state)))
    }

    /// The best drafts, shared out evenly over the sets of frontiers: states that stand elsewhere can finish
    /// otherwise, so that cheap ones that leave a remnant too short for any block must not push out those that leave none.
    fn keep_best(&self, layer: Layer, width: usize) -> Vec<State> {
        let share = (SPREAD * width / layer.len().max(1)).clamp(1, width);
        let mut kept: Vec<_> = layer
            .into_values()
            .flat_map(|bucket| bucket.into_iter().take(share))
            .collect();
        kept.sort_by_key(|(key, _)| *key);
        kept.truncate(SPREAD * width);
        let states = kept.iter();
        states
            .map(|(key, draft)| self.write_out(*key, draft))
            .collect()
    }

    fn write_out(&self, (priced, _): Key, draft: &Draft) -> State {
        let before = &draft.before;
        let mut frontier = before.frontier.clone();
        frontier[draft.track] = draft.end;
        let (mut cost, mut fingerprint) = (before.cost, before.fingerprint);
        let mut blocks_of = before.blocks_of.clone();
        if let Some(pick) = draft.pick {
            cost.1 += pick.cost - self.welcome(blocks_of[pick.group]);
            blocks_of[pick.group] += 1;
            fingerprint = fingerprint.wrapping_add(scatter(pick.group));
        } else if !self.occupied[draft.track][before.frontier[draft.track]] {
            cost.0 += number(draft.end - before.frontier[draft.track]);
        }
        State {
            cost,
            priced,
            frontier,
            blocks_of,
            fingerprint,
            chain: Some(Rc::new(Link {
                pick: draft.pick,
                track: draft.track,
                before: before.chain.clone(),
            })),
        }
    }

    /// What the first block of a group saves.
    fn welcome(&self, blocks: u8) -> i64 {
        if blocks == 0 {
            self.instance.weights.left_out
        } else {
            0
        }
    }

    /// All ways to go on from `state` on the track that is furthest behind, as far as they can be among the best.
    fn extend(&self, state: &Rc<State>, layers: &mut BTreeMap<usize, Layer>) {
        let furthest_behind = state.frontier.iter().enumerate().min_by_key(|&(_, &at)| at);
        let Some((track, &at)) = furthest_behind else {
            return;
        };
        let n_cells = self.instance.n_cells;
        let occupied = &self.occupied[track];
        if occupied[at] {
            let end = (at..n_cells).find(|&c| !occupied[c]).unwrap_or(n_cells);
            self.step(state, track, end, layers).offer(0, None);
            return;
        }
        let room_until = (at..n_cells).find(|&c| occupied[c]).unwrap_or(n_cells);
        let by_end = self.starting[at].chunk_by(|one, other| one.1.end == other.1.end);
        for hosts in by_end.filter(|hosts| hosts[0].1.end <= room_until) {
            let mut step = self.step(state, track, hosts[0].1.end, layers);
            step.hosts(hosts);
        }
        let skip = (at / self.instance.block_grid + 1) * self.instance.block_grid;
        let end = skip.min(room_until);
        let unhosted = self.empty_cell * number(end - at);
        self.step(state, track, end, layers).offer(unhosted, None);
    }

    fn step<'l>(
        &'l self,
        from: &'l Rc<State>,
        track: usize,
        end: usize,
        layers: &'l mut BTreeMap<usize, Layer>,
    ) -> Step<'l, 'a, 'p> {
        let mut frontier = from.frontier.clone();
        frontier[track] = end;
        let standing = if self.alike {
            0
        } else {
            let stands = frontier.iter().enumerate();
            stands.fold(0, |sum: u64, (track, &at)| {
                sum.wrapping_add(scatter((at + 1) * self.instance.groups.len() + track))
            })
        };
        let layer = layers.entry(frontier.iter().sum()).or_default();
        frontier.sort_unstable();
        Step {
            field: self,
            from,
            track,
            end,
            standing,
            bucket: layer.entry(frontier).or_default(),
        }
    }
}

/// One track brought forward from a state to `end`.
struct Step<'l, 'a, 'p> {
    field: &'l Field<'a, 'p>,
    from: &'l Rc<State>,
    track: usize,
    end: usize,
    /// Fingerprint of the frontiers by track; 0 where tracks are alike.
    standing: u64,
    bucket: &'l mut Bucket,
}

impl Step<'_, '_, '_> {
    /// Gives the cells to each of `hosts`, the cheapest first, until none can be among the best any more.
    fn hosts(&mut self, hosts: &[(i64, Candidate)]) {
        for &(priced, candidate) in hosts {
            if self.is_full_of_better(self.from.priced + priced) {
                break;
            }
            let blocks = self.from.blocks_of[candidate.group];
            let host = self.field.instance.groups[candidate.group].host.as_ref();
            let most = host.map_or(0, |host| host.max_blocks);
            if usize::from(blocks) < most && blocks < u8::MAX {
                let again = if blocks > 0 {
                    self.field.first_saves[candidate.group]
                } else {
                    0
                };
                self.offer(priced + again, Some(candidate));
            }
        }
    }

    fn is_full_of_better(&self, priced: i64) -> bool {
        let worst = self.bucket.last_key_value();
        self.bucket.len() >= self.field.width && worst.is_some_and(|(known, _)| priced > known.0)
    }

    fn offer(&mut self, adds: i64, pick: Option<Candidate>) {
        let priced = self.from.priced + adds;
        if self.is_full_of_better(priced) {
            return;
        }
        let group = pick.map_or(0, |pick| scatter(pick.group));
        let fingerprint = self.from.fingerprint.wrapping_add(group);
        let key = (priced, fingerprint.wrapping_add(self.standing));
        self.bucket.entry(key).or_insert_with(|| Draft {
            before: Rc::clone(self.from),
            track: self.track,
            end: self.end,
            pick,
        });
        if self.bucket.len() > self.field.width {
            self.bucket.pop_last();
        }
    }
}
