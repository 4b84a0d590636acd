//! Host blocks by beam search: sweep time, always extend the track that is behind, keep the best few.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::candidates::Candidate;
use crate::Stop;
use crate::instance::{Instance, number};

/// One chosen interval, linked to those before it.
#[derive(Debug)]
struct Link {
    pick: Option<Candidate>,
    track: usize,
    before: Option<Rc<Link>>,
}

#[derive(Clone, Debug)]
struct State {
    /// Cells without a host so far, then soft cost so far.
    cost: (i64, i64),
    frontier: Vec<usize>,
    blocks_of: Vec<u8>,
    chain: Option<Rc<Link>>,
}

/// What holding a group back adds to its other blocks, per round.
const RESERVE: i64 = 150;

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

/// States are kept for this many times the width, shared out over all sets of frontiers.
const SPREAD: usize = 8;

/// Gives every hour of every track to a group as far as it goes: `(track, candidate)` pairs.
///
/// A sweep spends groups early that are wanted late. So it is repeated while hours stay empty: groups that could
/// have held those get a reserve price everywhere else, as a multiplier on their limit of blocks would.
/// `taken` are pinned `(track, group, start, end)` blocks; the rest is filled round them.
pub(crate) fn cover(
    instance: &Instance<'_>,
    candidates: &[Candidate],
    taken: &[(usize, usize, usize, usize)],
    beam: Beam<'_>,
) -> Vec<(usize, Candidate)> {
    let mut priced = candidates.to_vec();
    let mut best: Option<(i64, Vec<(usize, Candidate)>)> = None;
    for _ in 0..beam.sweeps {
        let picked = sweep(instance, &priced, taken, beam);
        let wanting = empty_cells(instance, taken, &picked);
        let empty = wanting.iter().sum();
        if best.as_ref().is_none_or(|(known, _)| empty < *known) {
            best = Some((empty, picked));
        }
        if empty == 0 || beam.stop.stopped() {
            break;
        }
        let mut wanted = vec![false; instance.groups.len()];
        let holds = |c: &Candidate| wanting[c.start..c.end].iter().any(|&n| n > 0);
        for candidate in candidates.iter().filter(|c| holds(c)) {
            wanted[candidate.group] = true;
        }
        for candidate in &mut priced {
            if wanted[candidate.group] && !holds(candidate) {
                candidate.cost += RESERVE;
            }
        }
    }
    best.map(|(_, picked)| picked).unwrap_or_default()
}

/// How many tracks have no host, by cell.
fn empty_cells(
    instance: &Instance<'_>,
    taken: &[(usize, usize, usize, usize)],
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

fn sweep(
    instance: &Instance<'_>,
    candidates: &[Candidate],
    taken: &[(usize, usize, usize, usize)],
    beam: Beam<'_>,
) -> Vec<(usize, Candidate)> {
    let n_cells = instance.n_cells;
    let mut starting: Vec<Vec<Candidate>> = vec![Vec::new(); n_cells + 1];
    for candidate in candidates {
        starting[candidate.start].push(*candidate);
    }
    let mut occupied = vec![vec![false; n_cells]; instance.n_tracks];
    let mut blocks_of = vec![0u8; instance.groups.len()];
    for &(track, group, start, end) in taken {
        occupied[track][start..end].fill(true);
        blocks_of[group] = blocks_of[group].saturating_add(1);
    }
    let goal = n_cells * instance.n_tracks;
    let mut layers: BTreeMap<usize, Vec<State>> = BTreeMap::new();
    let root = State {
        cost: (0, 0),
        frontier: vec![0; instance.n_tracks],
        blocks_of,
        chain: None,
    };
    layers.entry(0).or_default().push(root);
    while let Some((done, mut states)) = layers.pop_first() {
        states.sort_by(|a, b| {
            a.cost
                .cmp(&b.cost)
                .then_with(|| a.blocks_of.cmp(&b.blocks_of))
        });
        states.dedup_by(|a, b| a.frontier == b.frontier && a.blocks_of == b.blocks_of);
        let width = if beam.stop.stopped() { 1 } else { beam.width };
        keep_best(&mut states, width);
        if done == goal {
            return states.first().map(unroll).unwrap_or_default();
        }
        for state in &states {
            extend(instance, &starting, &occupied, state, &mut layers);
        }
    }
    Vec::new()
}

/// Keeps the best states, shared out evenly over the sets of frontiers: states that stand elsewhere can finish
/// otherwise, so that cheap ones that leave a remnant too short for any block must not push out those that leave none.
fn keep_best(states: &mut Vec<State>, width: usize) {
    let sorted = |state: &State| {
        let mut frontier = state.frontier.clone();
        frontier.sort_unstable();
        frontier
    };
    let mut kept: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    for state in states.iter() {
        kept.insert(sorted(state), 0);
    }
    let share = (SPREAD * width / kept.len().max(1)).clamp(1, width);
    states.retain(|state| {
        let seen = kept.entry(sorted(state)).or_default();
        *seen += 1;
        *seen <= share
    });
    states.truncate(SPREAD * width);
}

/// All ways to go on from `state` on the track that is furthest behind.
fn extend(
    instance: &Instance<'_>,
    starting: &[Vec<Candidate>],
    occupied: &[Vec<bool>],
    state: &State,
    layers: &mut BTreeMap<usize, Vec<State>>,
) {
    let Some((track, &at)) = state.frontier.iter().enumerate().min_by_key(|&(_, &at)| at) else {
        return;
    };
    let n_cells = instance.n_cells;
    let mut push = |end: usize, cost: (i64, i64), pick: Option<Candidate>| {
        let mut next = state.clone();
        next.cost = (state.cost.0 + cost.0, state.cost.1 + cost.1);
        next.frontier[track] = end;
        if let Some(pick) = pick {
            next.blocks_of[pick.group] += 1;
        }
        next.chain = Some(Rc::new(Link {
            pick,
            track,
            before: state.chain.clone(),
        }));
        layers
            .entry(next.frontier.iter().sum())
            .or_default()
            .push(next);
    };
    if occupied[track][at] {
        let end = (at..n_cells)
            .find(|&c| !occupied[track][c])
            .unwrap_or(n_cells);
        push(end, (0, 0), None);
        return;
    }
    let room_until = (at..n_cells)
        .find(|&c| occupied[track][c])
        .unwrap_or(n_cells);
    for candidate in &starting[at] {
        let blocks = state.blocks_of[candidate.group];
        let allowed = instance.groups[candidate.group]
            .host
            .as_ref()
            .is_some_and(|host| usize::from(blocks) < host.max_blocks && blocks < u8::MAX);
        if candidate.end <= room_until && allowed {
            let newcomer = if blocks == 0 {
                instance.weights.left_out
            } else {
                0
            };
            push(
                candidate.end,
                (0, candidate.cost - newcomer),
                Some(*candidate),
            );
        }
    }
    let skip = (at / instance.block_grid + 1) * instance.block_grid;
    let end = skip.min(room_until);
    push(end, (number(end - at), 0), None);
}

fn unroll(state: &State) -> Vec<(usize, Candidate)> {
    let mut picked = Vec::new();
    let mut link = state.chain.clone();
    while let Some(here) = link {
        picked.extend(here.pick.map(|pick| (here.track, pick)));
        link = here.before.clone();
    }
    picked.reverse();
    picked
}
