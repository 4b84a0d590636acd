//! What of a published plan may stay as it is, rule by rule; the rest is released.

use std::collections::BTreeMap;

use meridian_model::{HostBlock, PlacedSession, Plan, Shift, Span};

use crate::instance::{Instance, index, number};
use crate::pins::CellPins;
use crate::programme::{Block, Placed, Programme};
use crate::roster::eligibility::Eligibility;
use crate::roster::{CellShift, Roster};

/// A session on a track: `(session, track, start)`.
pub(super) type Spot = (usize, usize, usize);

/// The published shifts as they are now seen.
#[derive(Debug)]
pub(super) struct StandingShifts {
    /// What may stay, pins first of all: operators × shifts in time order.
    pub(super) roster: Roster,
    /// As published: operators × shifts in time order; what no longer lies on cells of known duties is left out.
    pub(super) published: Roster,
    /// Whose shifts cannot all stay as they were published.
    pub(super) released: Vec<bool>,
}

/// Where things stand by name.
struct Index<'p> {
    tracks: BTreeMap<&'p str, usize>,
    groups: BTreeMap<&'p str, usize>,
    sessions: BTreeMap<&'p str, usize>,
    operators: BTreeMap<&'p str, usize>,
    duties: BTreeMap<&'p str, usize>,
}

impl<'p> Index<'p> {
    fn of(instance: &Instance<'p>) -> Self {
        fn at<'s>(ids: impl Iterator<Item = &'s str>) -> BTreeMap<&'s str, usize> {
            ids.enumerate().map(|(n, id)| (id, n)).collect()
        }
        let problem = instance.problem;
        Self {
            tracks: at(problem.event.tracks.iter().map(|t| t.id.as_str())),
            groups: at(problem.groups.iter().map(|g| g.id.as_str())),
            sessions: at(problem.sessions.iter().map(|s| s.id.as_str())),
            operators: at(problem.operators.iter().map(|o| o.id.as_str())),
            duties: at(problem.event.duties.iter().map(|d| d.id.as_str())),
        }
    }
}

fn cells(instance: &Instance<'_>, span: Span) -> Option<(usize, usize)> {
    let boundary = |t| instance.horizon.boundary(t).map(index);
    Some((boundary(span.start())?, boundary(span.end())?))
}

/// The published blocks that may stay (H01 to H05), pinned ones first.
pub(super) fn blocks(instance: &Instance<'_>, pins: &CellPins, published: &Plan) -> Vec<Block> {
    let names = Index::of(instance);
    let mut standing = pins.blocks.clone();
    for block in &published.blocks {
        let Some(block) = lowered_block(instance, &names, block) else {
            continue;
        };
        if !standing.contains(&block) && may_host(instance, &standing, &block) {
            standing.push(block);
        }
    }
    standing
}

fn lowered_block(instance: &Instance<'_>, names: &Index<'_>, block: &HostBlock) -> Option<Block> {
    let (start, end) = cells(instance, block.span)?;
    Some(Block {
        track: *names.tracks.get(block.track.as_str())?,
        group: *names.groups.get(block.group.as_str())?,
        language: instance
            .languages
            .iter()
            .position(|l| *l == block.language)?,
        start,
        end,
    })
}

fn may_host(instance: &Instance<'_>, others: &[Block], block: &Block) -> bool {
    let group = &instance.problem.groups[block.group];
    let table = &instance.groups[block.group];
    let (Some(hosting), Some(host)) = (&group.hosting, &table.host) else {
        return false;
    };
    let minutes = number(block.end - block.start) * instance.cell_min;
    let allowed = i64::from(hosting.shortest_min)..=i64::from(hosting.longest_min);
    let grid = i64::from(instance.problem.event.policy.block_grid_min).max(1);
    let of_group = others.iter().filter(|b| b.group == block.group).count();
    let is_free =
        |b: &Block| b.track != block.track || b.end <= block.start || block.end <= b.start;
    allowed.contains(&minutes)
        && (number(block.start) * instance.cell_min) % grid == 0
        && of_group < host.max_blocks
        && table.languages.contains(&block.language)
        && host.open[block.start..block.end].iter().all(|&open| open)
        && others.iter().all(is_free)
}

/// The published sessions that may stay in `blocks` (H01, H06 to H11), pinned ones first.
pub(super) fn sessions(
    instance: &Instance<'_>,
    pins: &CellPins,
    published: &Plan,
    blocks: &[Block],
) -> Vec<Spot> {
    let names = Index::of(instance);
    let mut standing = pins.sessions.clone();
    for placed in &published.sessions {
        let Some(spot) = lowered_session(instance, &names, placed) else {
            continue;
        };
        let is_new = standing.iter().all(|&(session, ..)| session != spot.0);
        if is_new && may_be_on(instance, blocks, &standing, spot) {
            standing.push(spot);
        }
    }
    standing
}

fn lowered_session(
    instance: &Instance<'_>,
    names: &Index<'_>,
    placed: &PlacedSession,
) -> Option<Spot> {
    let session = *names.sessions.get(placed.session.as_str())?;
    let track = *names.tracks.get(placed.track.as_str())?;
    let (start, end) = cells(instance, placed.span)?;
    (end - start == instance.sessions[session].length).then_some((session, track, start))
}

fn may_be_on(instance: &Instance<'_>, blocks: &[Block], others: &[Spot], spot: Spot) -> bool {
    let (session, track, start) = spot;
    let table = &instance.sessions[session];
    let (over, free_at) = (start + table.length, start + table.room);
    let hosted = block_of(instance, blocks, spot).is_some();
    let goes_with = |&(other, on, begin): &Spot| {
        let theirs = &instance.sessions[other];
        let apart = on != track || begin + theirs.room <= start || free_at <= begin;
        let speaks = table
            .live
            .iter()
            .any(|speaker| theirs.live.contains(speaker));
        apart && (!speaks || begin + theirs.length <= start || over <= begin)
    };
    hosted && table.on_track[track] && table.may_start[start] && others.iter().all(goes_with)
}

/// The block that carries a session with its change-over.
fn block_of(instance: &Instance<'_>, blocks: &[Block], spot: Spot) -> Option<usize> {
    let (session, track, start) = spot;
    let free_at = start + instance.sessions[session].room;
    blocks
        .iter()
        .position(|b| b.track == track && b.start <= start && free_at <= b.end)
}

/// Blocks and sessions as a programme; sessions without a block are left out.
pub(super) fn programme(instance: &Instance<'_>, blocks: Vec<Block>, spots: &[Spot]) -> Programme {
    let placed = |&spot: &Spot| {
        block_of(instance, &blocks, spot).map(|block| Placed {
            session: spot.0,
            block,
            start: spot.2,
        })
    };
    Programme {
        placed: spots.iter().filter_map(placed).collect(),
        blocks,
    }
}

/// The published shifts that may stay under a programme (H01, H12 to H23), pinned ones first.
pub(super) fn shifts(
    instance: &Instance<'_>,
    eligibility: &Eligibility,
    pins: &CellPins,
    published: &Plan,
) -> StandingShifts {
    let names = Index::of(instance);
    let n_operators = instance.operators.len();
    let mut hers: Roster = vec![Vec::new(); n_operators];
    let mut released = vec![false; n_operators];
    for shift in &published.shifts {
        let Some(&operator) = names.operators.get(shift.operator.as_str()) else {
            continue;
        };
        match lowered_shift(instance, &names, shift) {
            Some(shift) => hers[operator].push(shift),
            None => released[operator] = true,
        }
    }
    let mut roster = pins.shifts.clone();
    for (operator, published) in hers.iter_mut().enumerate() {
        published.sort_unstable_by_key(|shift| shift.start);
        let mine = &mut roster[operator];
        released[operator] |= mine.iter().any(|pin| !published.contains(pin));
        for &shift in published.iter() {
            if mine.contains(&shift) {
                continue;
            }
            let mut all = mine.clone();
            all.push(shift);
            all.sort_unstable_by_key(|shift| shift.start);
            if may_serve(instance, eligibility, operator, shift)
                && go_together(instance, operator, &all)
            {
                *mine = all;
            } else {
                released[operator] = true;
            }
        }
        mine.sort_unstable_by_key(|shift| shift.start);
    }
    StandingShifts {
        roster,
        published: hers,
        released,
    }
}

fn lowered_shift(instance: &Instance<'_>, names: &Index<'_>, shift: &Shift) -> Option<CellShift> {
    let (start, end) = cells(instance, shift.span)?;
    let cell = instance.horizon.cell_min();
    let handover = index(shift.handover_min / cell);
    let on_cells = shift.handover_min.is_multiple_of(cell) && handover <= start;
    on_cells.then_some(CellShift {
        duty: *names.duties.get(shift.duty.as_str())?,
        start,
        end,
        handover,
    })
}

/// Whether an operator may have this shift, whatever else she has.
pub(super) fn may_serve(
    instance: &Instance<'_>,
    eligibility: &Eligibility,
    operator: usize,
    shift: CellShift,
) -> bool {
    let duties = &eligibility.people[operator].duties;
    let Some(duty) = duties.iter().find(|d| d.duty == shift.duty) else {
        return false;
    };
    let length = shift.end - shift.start;
    let limits = instance.limits;
    let inside = |&(from, to): &(usize, usize)| from <= shift.start && shift.end <= to;
    let takes_over = shift.handover <= duty.handover[shift.start] || {
        // Where a duty begins nobody is there to take over from, but a person may come early all the same.
        let table = &instance.operators[operator];
        let open = if instance.duties[shift.duty].alerted {
            &table.awake
        } else {
            &table.open
        };
        table.speaker.is_none() && open[shift.from()..shift.start].iter().all(|&open| open)
    };
    duty.runs.iter().any(inside)
        && (limits.shortest..=limits.longest).contains(&length)
        && takes_over
}

/// Whether one operator can do all of these, in time order: how many, rest, hours in any day, hours awake.
fn go_together(instance: &Instance<'_>, operator: usize, shifts: &[CellShift]) -> bool {
    let limits = instance.limits;
    let mut awake_since = shifts.first().map_or(0, CellShift::from);
    for (n, shift) in shifts.iter().enumerate() {
        if let Some(before) = n.checked_sub(1).and_then(|at| shifts.get(at)) {
            match shift.from().checked_sub(before.end) {
                Some(pause) if pause >= limits.rest => {
                    if pause >= limits.sleep {
                        awake_since = shift.from();
                    }
                }
                _ => return false,
            }
        }
        if shift.end - awake_since > limits.max_awake {
            return false;
        }
    }
    let day = usize::try_from(1440 / instance.cell_min).unwrap_or(usize::MAX);
    let most = instance.operators[operator].max_duty;
    let within = |from: usize, to: usize| -> usize {
        let overlap = |s: &CellShift| s.end.min(to).saturating_sub(s.from().max(from));
        shifts.iter().map(overlap).sum()
    };
    // The fullest day begins or ends with a shift.
    let busiest = shifts.iter().map(|shift| {
        let after = within(shift.from(), shift.from().saturating_add(day));
        after.max(within(shift.end.saturating_sub(day), shift.end))
    });
    shifts.len() <= limits.max_shifts && busiest.max().is_none_or(|cells| cells <= most)
}
