//! Hours without a host and sessions without a place, mended round what still stands.

use meridian_model::{Plan, Priority};

use super::standing::{self, Spot};
use crate::Stop;
use crate::instance::Instance;
use crate::pins::CellPins;
use crate::programme::beam::{self, Beam};
use crate::programme::candidates::{Candidate, candidates};
use crate::programme::placement::Placer;
use crate::programme::{Block, Programme};

/// Beam width for the hours that are left over.
const WIDTH: usize = 80;
/// Its sweeps.
const SWEEPS: usize = 8;
/// What a candidate gains that takes in a published block of its group: above what a block can cost.
const STAYS: i64 = 1_000_000;

/// The published programme, mended where hours or sessions are missing.
///
/// What stands is kept; where hours stay empty, the blocks beside them are released too, then all but the pinned.
/// When all of it stands and `is_same_input`, it is left as it is, whatever it misses.
pub(super) fn mended(
    instance: &Instance<'_>,
    pins: &CellPins,
    published: &Plan,
    is_same_input: bool,
    stop: &dyn Stop,
) -> Programme {
    let blocks = standing::blocks(instance, pins, published);
    let spots = standing::sessions(instance, pins, published, &blocks);
    let all_stands =
        blocks.len() == published.blocks.len() && spots.len() == published.sessions.len();
    if all_stands && is_same_input {
        return standing::programme(instance, blocks, &spots);
    }
    let blocks = host_all(instance, pins, blocks, stop);
    // Sessions stand or fall with their blocks: those of a block that moved are placed anew.
    let spots = spots
        .into_iter()
        .filter(|spot| pins.sessions.contains(spot) || has_block(instance, &blocks, spot))
        .collect::<Vec<Spot>>();
    place_all(instance, pins, blocks, &spots)
}

fn has_block(instance: &Instance<'_>, blocks: &[Block], spot: &Spot) -> bool {
    let &(session, track, start) = spot;
    let free_at = start + instance.sessions[session].room;
    blocks
        .iter()
        .any(|b| b.track == track && b.start <= start && free_at <= b.end)
}

/// Tracks without a host, by track and cell.
fn empty(instance: &Instance<'_>, blocks: &[Block]) -> Vec<Vec<bool>> {
    let mut empty = vec![vec![true; instance.n_cells]; instance.n_tracks];
    for block in blocks {
        empty[block.track][block.start..block.end].fill(false);
    }
    empty
}

fn n_empty(instance: &Instance<'_>, blocks: &[Block]) -> usize {
    empty(instance, blocks)
        .iter()
        .flatten()
        .filter(|&&is| is)
        .count()
}

/// Gives the empty hours to hosts, releasing as little of what stands as leaves the fewest hours empty.
fn host_all(
    instance: &Instance<'_>,
    pins: &CellPins,
    standing: Vec<Block>,
    stop: &dyn Stop,
) -> Vec<Block> {
    if n_empty(instance, &standing) == 0 {
        return standing;
    }
    let candidates = drawn_to(&standing, candidates(instance));
    let mut best: Option<(usize, Vec<Block>)> = None;
    for reach in [
        None,
        Some(0),
        Some(instance.block_grid * 8),
        Some(instance.n_cells),
    ] {
        let kept = kept_beside(instance, pins, &standing, reach);
        let blocks = cover(instance, &candidates, &kept, &standing, stop);
        let left = n_empty(instance, &blocks);
        if best.as_ref().is_none_or(|(known, _)| left < *known) {
            best = Some((left, blocks));
        }
        if left == 0 || stop.stopped() {
            break;
        }
    }
    best.map_or(standing, |(_, blocks)| blocks)
}

/// Makes candidates that take in a published block of their group better than any that do not.
fn drawn_to(standing: &[Block], mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    for candidate in &mut candidates {
        let takes_in = |b: &&Block| {
            b.group == candidate.group && candidate.start <= b.start && b.end <= candidate.end
        };
        if let Some(block) = standing.iter().find(takes_in) {
            let longer = (candidate.end - candidate.start) - (block.end - block.start);
            candidate.cost -= STAYS / (1 + i64::try_from(longer).unwrap_or(STAYS));
        }
    }
    candidates
}

/// The blocks that stay when those within `reach` cells of an empty hour, on any track, are released.
fn kept_beside(
    instance: &Instance<'_>,
    pins: &CellPins,
    standing: &[Block],
    reach: Option<usize>,
) -> Vec<Block> {
    let Some(reach) = reach else {
        return standing.to_vec();
    };
    let holes = empty(instance, standing);
    let is_near = |block: &Block| {
        let near = block.start.saturating_sub(reach + 1)..(block.end + reach + 1);
        let tracks = if reach == 0 {
            &holes[block.track..=block.track]
        } else {
            &holes[..]
        };
        tracks.iter().any(|track| {
            let cells = near.start..near.end.min(instance.n_cells);
            track[cells].iter().any(|&is| is)
        })
    };
    standing
        .iter()
        .filter(|block| pins.blocks.contains(block) || !is_near(block))
        .cloned()
        .collect()
}

fn cover(
    instance: &Instance<'_>,
    candidates: &[Candidate],
    kept: &[Block],
    standing: &[Block],
    stop: &dyn Stop,
) -> Vec<Block> {
    let taken: Vec<_> = kept
        .iter()
        .map(|b| (b.track, b.group, b.start, b.end))
        .collect();
    let beam = Beam {
        width: WIDTH,
        sweeps: SWEEPS,
        stop,
    };
    let mut blocks = kept.to_vec();
    for (track, pick) in beam::cover(instance, candidates, &taken, beam) {
        let mut block = Block::of(instance, track, pick);
        let overlaps =
            |b: &&Block| b.group == block.group && b.start < block.end && block.start < b.end;
        if let Some(before) = standing.iter().find(overlaps) {
            block.language = before.language;
        }
        blocks.push(block);
    }
    blocks
}

/// Sessions that should be on and are not: must, should.
fn waiting(instance: &Instance<'_>, programme: &Programme) -> (usize, usize) {
    let count = |priority| {
        let sessions = instance.problem.sessions.iter().enumerate();
        let lacks = |n: usize| programme.placed.iter().all(|p| p.session != n);
        sessions
            .filter(|&(n, session)| session.priority == priority && lacks(n))
            .count()
    };
    (count(Priority::Must), count(Priority::Should))
}

/// Places the sessions that have no place: beside the others, then moving others, whichever leaves the fewest out.
fn place_all(
    instance: &Instance<'_>,
    pins: &CellPins,
    blocks: Vec<Block>,
    spots: &[Spot],
) -> Programme {
    let stands = standing::programme(instance, blocks, spots);
    if waiting(instance, &stands) == (0, 0) {
        return stands;
    }
    let beside = filled(instance, &stands, spots, &[]);
    let left = waiting(instance, &beside);
    if left == (0, 0) {
        return beside;
    }
    let others: Vec<Spot> = spots
        .iter()
        .copied()
        .filter(|spot| !pins.sessions.contains(spot))
        .collect();
    let among = filled(instance, &stands, &pins.sessions, &others);
    if waiting(instance, &among) < left {
        among
    } else {
        beside
    }
}

/// Fills the blocks of a programme: `fixed` spots stay, `movable` ones begin in their blocks.
fn filled(
    instance: &Instance<'_>,
    stands: &Programme,
    fixed: &[Spot],
    movable: &[Spot],
) -> Programme {
    let mut placer = Placer::new(instance, stands.blocks.clone(), fixed);
    for spot in movable {
        let at = stands.placed.iter().find(|p| p.session == spot.0);
        if let Some(placed) = at {
            placer.insert(placed.session, placed.block);
        }
    }
    placer.fill();
    placer.into_programme()
}
