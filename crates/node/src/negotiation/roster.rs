//! What a plan asks of one group, as a problem of its own people: its seats are the demand, the programme is pinned,
//! the other groups' seats are taken by stand-ins.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::content::{
    EventBrief, OnDuty, Part, PlanBlock, PlanRevision, Seat, ShiftOffer,
};
use meridian_model::{
    Availability, Duty, DutyId, Event, Grade, GradeSpan, GroupId as Handle, HostBlock, Language,
    Operator, OperatorId, Pins, Plan, Problem, Shift, ShiftId, Span, Timestamp,
};

use super::answer::shortfalls;
use super::brief::event_of;
use super::grid::{Grid, at_least, common, joined, runs, without};
use super::lanes::{Held, Lane, duty_of, lanes, near_open};
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
fn demand(lane: &Lane<'_>, spans: &[Span]) -> Duty {
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
fn of_group(local: &Problem, handle: &Handle) -> Vec<meridian_model::RegionalEvent> {
    let events = local.regional_events.iter().cloned();
    let concerned = events.map(|mut event| {
        event.concerns.retain(|concern| concern.group == *handle);
        event
    });
    concerned
        .filter(|event| !event.concerns.is_empty())
        .collect()
}

/// How a group looks for more to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenAsk<'a> {
    /// The solved roster of its seats.
    pub(crate) rostered: &'a Plan,
    /// How far that holds.
    pub(crate) hold: Hold,
    /// Whether times marked if-need-be are offered too.
    pub(crate) if_need_be: bool,
}

/// How far a group's roster holds while it looks for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Whoever serves beside open time may serve longer, or somebody else may instead.
    Loosely,
    /// Everybody does what she does already.
    Firmly,
}

/// What of a plan nobody serves yet and a group's people might, as a problem of theirs, who serve their seats as well;
/// `None` where there is no such thing.
///
/// Time that is too short for a shift is asked for with some of what is beside it: the coordinator can shorten that.
/// First it is solved with [`Hold::Loosely`]; where [`shifts_of`] finds that a seat would be left for that, firmly.
pub(crate) fn open_duty(
    brief: &EventBrief,
    revision: &PlanRevision,
    local: &Problem,
    handle: &Handle,
    ask: OpenAsk<'_>,
) -> Option<Problem> {
    let event = event_of(brief, &local.event);
    let mut problem = programme(event.clone(), revision, handle, local);
    problem.event.duties = Vec::new();
    let kept: Vec<&Shift> = own_shifts(ask.rostered).collect();
    if !ask.if_need_be {
        for operator in &mut problem.operators {
            only_gladly(operator, &kept);
        }
    }
    let grid = Grid(event.horizon);
    let shortest = grid.cells_of(event.policy.shift_shortest_min).max(1);
    let mut something = false;
    let near = near_open(&event, revision, shortest);
    for lane in lanes(&event, revision) {
        let mut wanted = vec![false; grid.n_cells()];
        let mut is_open = false;
        for stretch in &lane.stretches {
            let cells = stretch.cells.clone();
            match stretch.held {
                Held::Seat(seat) if seat.group == *handle => wanted[cells].fill(true),
                // Whoever serves this could serve what is open instead, if somebody took it over.
                Held::Seat(_) => {
                    for cell in cells.filter(|&cell| near[cell]) {
                        wanted[cell] = true;
                    }
                }
                Held::Open => {
                    something = true;
                    is_open = true;
                    wanted[widened(&lane, &cells, shortest, grid.n_cells())].fill(true);
                }
            }
        }
        let spans = servable(&problem, revision, &lane, &grid.spans(&wanted), shortest);
        if spans.is_empty() {
            continue;
        }
        problem.event.duties.push(demand(&lane, &spans));
        let holds = !is_open || ask.hold == Hold::Firmly;
        let own = kept.iter().filter(|shift| holds && shift.duty == lane.id);
        problem
            .pins
            .shifts
            .extend(own.map(|shift| Shift::clone(shift)));
    }
    something.then_some(problem)
}

/// Of what is wanted in a lane, the times in which somebody might serve a shift.
fn servable(
    problem: &Problem,
    revision: &PlanRevision,
    lane: &Lane<'_>,
    wanted: &[Span],
    shortest: usize,
) -> Vec<Span> {
    let event = &problem.event;
    let grid = Grid(event.horizon);
    let role = event.roles.iter().find(|role| role.id == lane.duty.role);
    let alerted = role.is_some_and(|role| role.alerted);
    let able = problem.operators.iter().filter(|operator| {
        let mut hers = operator.skills.iter();
        hers.any(|skill| skill.role == lane.duty.role)
    });
    let when: Vec<Vec<Span>> = able
        .map(|operator| {
            let open = at_least(&operator.availability, Grade::IfNeedBe);
            if alerted {
                without(&open, &operator.nights)
            } else {
                open
            }
        })
        .collect();
    let mut left = wanted.to_vec();
    left.retain(|span| {
        let skills = stand_ins::skills(event, &revision.blocks, lane.duty, *span);
        !skills.is_empty()
            && when.iter().any(|open| {
                let runs = runs(&grid.marked(&common(open, &[*span])));
                runs.iter().any(|run| run.len() >= shortest)
            })
    });
    left
}

/// Leaves out times marked if-need-be, but not those at which she serves already.
fn only_gladly(operator: &mut Operator, kept: &[&Shift]) {
    let hers = kept.iter().filter(|shift| shift.operator == operator.id);
    let hers: Vec<Span> = hers.map(|shift| on_duty(shift)).collect();
    let Availability(spans) = &mut operator.availability;
    let mut left = Vec::new();
    for graded in spans.drain(..) {
        if graded.grade != Grade::IfNeedBe {
            left.push(graded);
            continue;
        }
        let still = common(&[graded.span], &hers);
        left.extend(still.into_iter().map(|span| GradeSpan { span, ..graded }));
    }
    *spans = left;
}

pub(super) fn on_duty(shift: &Shift) -> Span {
    let lead = i64::from(shift.handover_min) * 60;
    let start = Timestamp::from_second(shift.span.start().as_second() - lead);
    let span = start
        .ok()
        .and_then(|start| Span::new(start, shift.span.end()).ok());
    span.unwrap_or(shift.span)
}

/// Open cells, with as much before and after them as a shift needs that serves them, where others' seats are.
fn widened(
    lane: &Lane<'_>,
    cells: &std::ops::Range<usize>,
    shortest: usize,
    n_cells: usize,
) -> std::ops::Range<usize> {
    if cells.len() >= 2 * shortest {
        return cells.clone();
    }
    let taken = |cell: usize| {
        let mut stretches = lane.stretches.iter();
        stretches.any(|of| of.cells.contains(&cell))
    };
    let mut from = cells.start;
    while from > 0 && cells.start - from < shortest && taken(from - 1) {
        from -= 1;
    }
    let mut to = cells.end;
    while to < n_cells && to - cells.end < shortest && taken(to) {
        to += 1;
    }
    from..to
}

/// The shifts of a solved [`open_duty`], as a group offers them; `None` where they leave a seat that `rostered` serves.
pub(crate) fn shifts_of(
    problem: &Problem,
    plan: &Plan,
    rostered: &Plan,
    (revision, handle): (&PlanRevision, &Handle),
) -> Option<Vec<ShiftOffer>> {
    let minutes = |plan: &Plan| -> i64 {
        let short = shortfalls(problem, plan, revision, handle);
        short
            .iter()
            .map(|of| of.span.minutes() * i64::from(of.heads))
            .sum()
    };
    if minutes(plan) > minutes(rostered) {
        return None;
    }
    let blocks: Vec<_> = problem.pins.blocks.iter().map(plan_block).collect();
    let offers = plan.shifts.iter().filter_map(|shift| {
        let duty = problem
            .event
            .duties
            .iter()
            .find(|duty| duty.id == shift.duty)?;
        let languages: Vec<Language> =
            stand_ins::languages(&problem.event, &blocks, duty, shift.span);
        Some(ShiftOffer {
            duty: duty_of(&shift.duty),
            span: shift.span,
            languages,
            or: others(problem, &blocks, shift),
        })
    });
    Some(offers.collect())
}

/// The duties, of those that are asked for, that whoever serves a shift could serve instead.
fn others(problem: &Problem, blocks: &[PlanBlock], shift: &Shift) -> Vec<DutyId> {
    let event = &problem.event;
    let Some(operator) = problem.operators.iter().find(|of| of.id == shift.operator) else {
        return Vec::new();
    };
    let awake = without(&[shift.span], &operator.nights) == [shift.span];
    let own = duty_of(&shift.duty);
    let could = event.duties.iter().filter(|duty| {
        let role = event.roles.iter().find(|role| role.id == duty.role);
        let skills = stand_ins::skills(event, blocks, duty, shift.span);
        let rested = awake || role.is_some_and(|role| !role.alerted);
        rested && stand_ins::has(operator, &skills)
    });
    let duties: BTreeSet<DutyId> = could.map(|duty| duty_of(&duty.id)).collect();
    duties.into_iter().filter(|duty| *duty != own).collect()
}

fn plan_block(block: &HostBlock) -> PlanBlock {
    PlanBlock {
        id: block.id.clone(),
        group: block.group.clone(),
        track: block.track.clone(),
        language: block.language.clone(),
        span: block.span,
    }
}

/// Who is on duty in each of a group's seats: pseudonyms, and the names of those who consented to be named.
pub(crate) fn rosters_of(
    plan: &Plan,
    revision: &PlanRevision,
    handle: &Handle,
    pseudonyms: &Pseudonyms,
    names: &BTreeMap<OperatorId, String>,
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
            people.push(OnDuty {
                shift: ShiftId::new(format!("{}.{}", seat.id, people.len() + 1)),
                person: pseudonyms.operator(&shift.operator),
                name: names.get(&shift.operator).cloned(),
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
