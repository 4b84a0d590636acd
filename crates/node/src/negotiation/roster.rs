//! What a plan asks of one group, as a problem of its own people: its seats are the demand, the programme is pinned,
//! the other groups' seats are taken by stand-ins.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::content::{EventBrief, OnDuty, Part, PlanRevision, Seat};
use meridian_model::{
    Duty, Event, GroupId as Handle, Pins, Plan, Problem, RegionalEvent, Shift, ShiftId, Span,
    Timestamp,
};

use super::brief::event_of;
use super::consent::Consent;
use super::grid::{Grid, joined};
use super::lanes::{Held, Lane, duty_of, lanes};
use super::offers::{people, shared_id};
use super::pseudonyms::Pseudonyms;
use super::stand_ins;

/// What a plan asks of a group's people.
pub(crate) fn roster_problem(
    brief: &EventBrief,
    revision: &PlanRevision,
    handle: &Handle,
    local: &Problem,
) -> Problem {
    let event = event_of(brief, &local.event);
    let mut problem = programme(event.clone(), revision, handle, local);
    let grid = Grid(event.horizon);
    problem.event.duties = Vec::new();
    for lane in lanes(&event, revision) {
        let seats = lane.stretches.iter().filter_map(|of| match of.held {
            Held::Seat(seat) => Some((seat, of.cells.clone())),
            Held::Open => None,
        });
        let seats: Vec<_> = seats.collect();
        if !seats.iter().any(|(seat, _)| seat.group == *handle) {
            continue;
        }
        let covered: Vec<Span> = seats
            .iter()
            .filter_map(|(_, cells)| grid.span(cells))
            .collect();
        problem.event.duties.push(demand(&lane, &covered));
        let others = seats.iter().filter(|(seat, _)| seat.group != *handle);
        for (n, (seat, _)) in others.enumerate() {
            take(&mut problem, revision, &lane, seat, n);
        }
    }
    problem
}

/// The duty that is in demand in a lane at these times.
pub(super) fn demand(lane: &Lane<'_>, spans: &[Span]) -> Duty {
    Duty {
        id: lane.id.clone(),
        spans: joined(spans),
        count: 1,
        ..lane.duty.clone()
    }
}

/// Stand-ins of another group take a seat, so that who comes before or after them is handed over to.
fn take(problem: &mut Problem, revision: &PlanRevision, lane: &Lane<'_>, seat: &Seat, n: usize) {
    let event = &problem.event;
    let skills = stand_ins::skills(event, &revision.blocks, lane.duty, seat.span);
    let mut shifts = Vec::new();
    let mut operators = Vec::new();
    for (piece, span) in stand_ins::pieces(event, seat.span).into_iter().enumerate() {
        let id = format!("{}/{}/{n}/{piece}", lane.id, seat.id);
        let somebody = stand_ins::operator(event, id.clone(), &seat.group, skills.clone(), &[span]);
        shifts.push(Shift {
            id: ShiftId::new(id),
            operator: somebody.id.clone(),
            duty: lane.id.clone(),
            span,
            handover_min: 0,
        });
        operators.push(somebody);
    }
    problem.operators.extend(operators);
    problem.pins.shifts.extend(shifts);
}

/// A group's own people before a plan's programme.
pub(super) fn programme(
    event: Event,
    revision: &PlanRevision,
    handle: &Handle,
    local: &Problem,
) -> Problem {
    let blocks = &revision.blocks;
    let seats = revision.seats.iter().map(|seat| &seat.group);
    let named: BTreeSet<_> = blocks
        .iter()
        .map(|block| &block.group)
        .chain(seats)
        .collect();
    let mut groups: Vec<_> = named
        .into_iter()
        .filter(|group| *group != handle)
        .map(|group| {
            let own = blocks.iter().filter(|block| block.group == *group);
            stand_ins::host(&event, group, &own.collect::<Vec<_>>())
        })
        .collect();
    let own = local.groups.iter().find(|group| group.id == *handle);
    groups.push(
        own.cloned()
            .unwrap_or_else(|| stand_ins::host(&event, handle, &[])),
    );
    let ours = revision.sessions.iter();
    let ours = ours.filter(|session| session.group.as_ref() == Some(handle));
    let mut sessions = Vec::new();
    let mut pinned = Vec::new();
    for placed in ours {
        let mut known = local.sessions.iter();
        let own = known.find(|own| {
            own.group.as_ref() == Some(handle) && shared_id(handle, &own.id) == placed.id
        });
        let Some(own) = own else { continue };
        let mut own = own.clone();
        own.id = placed.id.clone();
        sessions.push(own);
        pinned.push(stand_ins::placed(placed));
    }
    let speaking: BTreeSet<_> = sessions.iter().flat_map(|of| &of.speakers).collect();
    let speakers = local
        .speakers
        .iter()
        .filter(|speaker| speaking.contains(&speaker.id));
    let mut operators: Vec<_> = people(local, handle).cloned().collect();
    for operator in &mut operators {
        let speaks = |id: &_| speaking.contains(id);
        operator.speaker = operator.speaker.take().filter(|id| speaks(id));
    }
    Problem {
        format: Problem::FORMAT.to_owned(),
        tzdb: local.tzdb.clone(),
        event,
        groups,
        speakers: speakers.cloned().collect(),
        operators,
        regional_events: of_group(local, handle),
        sessions,
        pins: Pins {
            blocks: blocks.iter().map(stand_ins::block).collect(),
            sessions: pinned,
            shifts: Vec::new(),
        },
    }
}

/// The regional events that concern a group, as they do.
fn of_group(local: &Problem, handle: &Handle) -> Vec<RegionalEvent> {
    let events = local.regional_events.iter().cloned();
    let concerned = events.map(|mut event| {
        event.concerns.retain(|concern| concern.group == *handle);
        event
    });
    concerned
        .filter(|event| !event.concerns.is_empty())
        .collect()
}

/// Who is on duty in each of a group's seats: pseudonyms, and the names of those who consented to be named.
pub(crate) fn rosters_of(
    plan: &Plan,
    revision: &PlanRevision,
    handle: &Handle,
    pseudonyms: &Pseudonyms,
    consent: &Consent,
) -> Vec<(Part, Vec<OnDuty>)> {
    let mut seats: Vec<&Seat> = revision.seats.iter().collect();
    seats.retain(|seat| seat.group == *handle);
    seats.sort_by_key(|seat| (seat.span, &seat.id));
    let mut rosters: BTreeMap<&ShiftId, Vec<OnDuty>> = BTreeMap::new();
    let mut shifts: Vec<&Shift> = own_shifts(plan).collect();
    shifts.sort_by_key(|shift| (shift.span, &shift.id));
    for shift in shifts {
        for (seat, span) in among(shift, &seats, &rosters) {
            let people = rosters.entry(&seat.id).or_default();
            let begins = span.start() == shift.span.start();
            let person = pseudonyms.operator(&shift.operator);
            people.push(OnDuty {
                shift: ShiftId::new(format!("{}.{}", seat.id, people.len() + 1)),
                name: consent.name(&person),
                person,
                span,
                handover_min: if begins { shift.handover_min } else { 0 },
            });
        }
    }
    let parts = seats.iter().map(|seat| {
        let people = rosters.remove(&seat.id).unwrap_or_default();
        (Part::Seat(seat.id.clone()), people)
    });
    parts.collect()
}

/// The seats that a shift serves, and when: it may go on from one seat of the group into the next. Where it is longer
/// than they are, that is said too.
fn among<'a>(
    shift: &Shift,
    seats: &[&'a Seat],
    rosters: &BTreeMap<&ShiftId, Vec<OnDuty>>,
) -> Vec<(&'a Seat, Span)> {
    let duty = duty_of(&shift.duty);
    let of_duty = seats.iter().copied().filter(|seat| seat.duty == duty);
    let met = of_duty.filter_map(|seat| Some((seat, shift.span.intersection(&seat.span)?)));
    let met: Vec<(&Seat, Span)> = met.collect();
    let has_room = |(seat, span): &(&Seat, Span)| {
        let people = rosters.get(&seat.id).into_iter().flatten();
        let at_once = people.filter(|of| of.span.overlaps(span)).count();
        at_once < usize::try_from(seat.heads).unwrap_or(usize::MAX)
    };
    let mut serves: Vec<(&Seat, Span)> = Vec::new();
    for (seat, span) in met.iter().copied().filter(has_room) {
        if serves.iter().all(|(_, taken)| !taken.overlaps(&span)) {
            serves.push((seat, span));
        }
    }
    if serves.is_empty() {
        serves.extend(met.first());
    }
    let starts: Vec<Timestamp> = serves.iter().map(|(_, span)| span.start()).collect();
    for (n, (_, span)) in serves.iter_mut().enumerate() {
        let from = if n == 0 {
            shift.span.start()
        } else {
            span.start()
        };
        let to = starts.get(n + 1).copied().unwrap_or(shift.span.end());
        *span = Span::new(from, to).unwrap_or(*span);
    }
    serves
}

/// The shifts of a group's own people in a solved [`roster_problem`]: stand-ins have a lane in their name.
pub(super) fn own_shifts(plan: &Plan) -> impl Iterator<Item = &Shift> {
    let all = plan.shifts.iter();
    all.filter(|shift| !shift.operator.as_str().contains('/'))
}
