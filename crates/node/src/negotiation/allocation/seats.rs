//! What becomes of the seats of the plan before: they stay, they may change, or they go.

use std::collections::BTreeSet;

use meridian_federation::content::{PlanBlock, PlanRevision, Seat};
use meridian_model::{Duty, ShiftId, Span};

use super::super::grid::{Grid, joined, without};
use super::super::lanes::{Held, Lane, lanes};
use super::super::stand_ins;
use super::Table;

/// What becomes of a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays as it is.
    Stays,
    /// The group serves it still, or some of it, for each person the times given.
    MayChange(Vec<Vec<Span>>),
    /// It goes.
    Goes,
}

/// The seats of the plan before, and what becomes of each.
pub(super) fn fates<'a>(table: &Table<'a>, blocks: &[PlanBlock]) -> Vec<(&'a Seat, Fate)> {
    let Some(previous) = table.previous else {
        return Vec::new();
    };
    let lacking = lacking(table, previous);
    let mut left = previous.clone();
    let gone = |seat: &Seat| {
        let wishes = table.wishes(&seat.group);
        let unwanted = wishes.is_none_or(|wishes| wishes.seats.contains(&seat.id));
        unwanted || duty(table, seat).is_none() || table.grid.exactly(seat.span).is_none()
    };
    left.seats.retain(|seat| !gone(seat));
    let squeezed = beside_too_little(table, &left);
    let mut fates = Vec::new();
    for seat in &previous.seats {
        let lost = lacking.iter().filter(|(id, _)| *id == seat.id);
        let lost: Vec<Span> = lost.map(|(_, span)| *span).collect();
        let fate = if gone(seat) {
            Fate::Goes
        } else if !lost.is_empty() {
            Fate::MayChange(cut(table, seat, &lost))
        } else if squeezed.contains(&seat.id) || !speaks_the_same(table, seat, blocks) {
            Fate::MayChange(cut(table, seat, &[]))
        } else {
            Fate::Stays
        };
        fates.push((seat, fate));
    }
    fates
}

pub(super) fn duty<'a>(table: &Table<'a>, seat: &Seat) -> Option<&'a Duty> {
    let mut duties = table.event.duties.iter();
    duties.find(|duty| duty.id == seat.duty && duty.role == seat.role && duty.tracks == seat.tracks)
}

/// Which seats lack whom: each person a group asks for is missing in one seat of that role, and rather in one that it
/// does not offer to serve.
fn lacking(table: &Table<'_>, previous: &PlanRevision) -> Vec<(ShiftId, Span)> {
    let mut lacking: Vec<(ShiftId, Span)> = Vec::new();
    for (handle, wishes) in &table.wishes {
        let mut seats: Vec<&Seat> = previous.seats.iter().collect();
        seats.retain(|seat| seat.group == **handle && !wishes.seats.contains(&seat.id));
        for (role, span) in &wishes.lacks {
            let able = seats.iter().filter(|seat| {
                let there = |(id, of): &&(ShiftId, Span)| *id == seat.id && of.overlaps(span);
                let missing = lacking.iter().filter(there).count();
                seat.role == *role
                    && seat.span.overlaps(span)
                    && missing < usize::try_from(seat.heads).unwrap_or(usize::MAX)
            });
            let likely = able.min_by_key(|seat| {
                let served = serves(table, seat, *span);
                (!seat.span.contains(span), served, &seat.id)
            });
            lacking.extend(likely.map(|seat| (seat.id.clone(), *span)));
        }
    }
    lacking
}

/// Whether a group offers to serve a seat's duty then.
fn serves(table: &Table<'_>, seat: &Seat, span: Span) -> bool {
    let capacity = table.capacity(&seat.group);
    let mut shifts = capacity.iter().flat_map(|capacity| &capacity.shifts);
    shifts.any(|shift| shift.duty == seat.duty && shift.span.overlaps(&span))
}

/// When each person of a seat can still serve it.
fn cut(table: &Table<'_>, seat: &Seat, lost: &[Span]) -> Vec<Vec<Span>> {
    let shortest = i64::from(table.event.policy.shift_shortest_min);
    let heads = usize::try_from(seat.heads).unwrap_or(0);
    let person = |n: usize| {
        let lost: Vec<Span> = lost.iter().skip(n).step_by(heads.max(1)).copied().collect();
        let left = without(&[seat.span], &lost);
        left.into_iter()
            .filter(|span| span.minutes() >= shortest)
            .collect()
    };
    (0..heads).map(person).collect()
}

/// Whether the seat asks for the languages that it asked for.
fn speaks_the_same(table: &Table<'_>, seat: &Seat, blocks: &[PlanBlock]) -> bool {
    let (Some(duty), Some(previous)) = (duty(table, seat), table.previous) else {
        return false;
    };
    let was = stand_ins::languages(table.event, &previous.blocks, duty, seat.span);
    let is = stand_ins::languages(table.event, blocks, duty, seat.span);
    let needs = table.event.roles.iter().find(|role| role.id == duty.role);
    needs.is_some_and(|role| role.needs == meridian_model::RoleNeed::Nothing)
        || (was == is
            && hosted(table, duty, seat, blocks) == hosted(table, duty, seat, &previous.blocks))
}

/// When there are blocks over a seat: where there are none any more, another language may come.
fn hosted(table: &Table<'_>, duty: &Duty, seat: &Seat, blocks: &[PlanBlock]) -> Vec<Vec<Span>> {
    let of_track = duty.tracks.iter().map(|track| {
        let here = blocks.iter().filter(|block| block.track == *track);
        let spans: Vec<Span> = here
            .filter_map(|of| of.span.intersection(&seat.span))
            .collect();
        table.grid.spans(&table.grid.marked(&joined(&spans)))
    });
    of_track.collect()
}

/// Seats beside open time that is too short for a shift by itself: they may give some of theirs.
fn beside_too_little(table: &Table<'_>, plan: &PlanRevision) -> BTreeSet<ShiftId> {
    let grid: Grid = table.grid;
    let least = 2 * grid.cells_of(table.event.policy.shift_shortest_min).max(1);
    let mut beside = BTreeSet::new();
    let all: Vec<Lane<'_>> = lanes(table.event, plan);
    for lane in &all {
        for pair in lane.stretches.windows(2) {
            let [one, other] = pair else { continue };
            if one.cells.end != other.cells.start {
                continue;
            }
            let seat = match (one.held, other.held) {
                (Held::Seat(seat), Held::Open) if other.cells.len() < least => seat,
                (Held::Open, Held::Seat(seat)) if one.cells.len() < least => seat,
                _ => continue,
            };
            beside.insert(seat.id.clone());
        }
    }
    beside
}
