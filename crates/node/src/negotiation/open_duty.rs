//! What of a plan nobody serves yet, before one group's people: what more they would serve, and what else instead.

use std::collections::BTreeSet;

use meridian_federation::content::{EventBrief, PlanBlock, PlanRevision, ShiftOffer};
use meridian_model::{
    Availability, DutyId, Grade, GradeSpan, GroupId as Handle, Language, Operator, Plan, Problem,
    Shift, Span,
};

use super::answer::shortfalls;
use super::brief::event_of;
use super::grid::{Grid, at_least, common, runs, without};
use super::lanes::{Held, Lane, duty_of, lanes, near_open};
use super::roster::{demand, own_shifts, programme};
use super::stand_ins;

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
        let (mut is_open, mut is_asked) = (false, false);
        for stretch in &lane.stretches {
            let cells = stretch.cells.clone();
            match stretch.held {
                Held::Seat(seat) if seat.group == *handle => wanted[cells].fill(true),
                // Whoever serves this could serve what is open instead, if somebody took it over.
                Held::Seat(_) => {
                    for cell in cells.filter(|&cell| near[cell]) {
                        is_asked = true;
                        wanted[cell] = true;
                    }
                }
                Held::Open => {
                    (is_open, is_asked) = (true, true);
                    wanted[widened(&lane, &cells, shortest, grid.n_cells())].fill(true);
                }
            }
        }
        let spans = servable(&problem, revision, &lane, &grid.spans(&wanted), shortest);
        if spans.is_empty() {
            continue;
        }
        something |= is_asked;
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
    let hers: Vec<Span> = hers.map(|shift| stand_ins::on_duty(shift)).collect();
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
    let blocks: Vec<_> = problem
        .pins
        .blocks
        .iter()
        .map(stand_ins::plan_block)
        .collect();
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
