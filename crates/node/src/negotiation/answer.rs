//! A group's answer to its slice: yes, or exactly what it asks for instead.

use std::collections::BTreeSet;

use meridian_federation::content::{
    Answer, Move, Operation, Part, PlanBlock, PlanRevision, Reason, ReasonCode, Seat,
};
use meridian_model::check::check;
use meridian_model::{
    DutyId, Grade, Group, GroupId as Handle, Plan, Problem, RoleId, RuleCode, SessionId, Span,
    Subject,
};

use super::grid::{Grid, at_least, common, joined, runs, without};
use super::lanes::duty_of;
use super::offers::blocking;
use super::roster::own_shifts;

/// People whom a group lacks in one of its seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shortfall {
    /// The seat.
    pub(crate) part: Part,
    /// Its duty.
    pub(crate) duty: DutyId,
    /// Its role.
    pub(crate) role: RoleId,
    /// When.
    pub(crate) span: Span,
    /// How many.
    pub(crate) heads: u32,
}

/// A group's answer, from its solved roster problem: yes when all of its seats are covered, its blocks are as it hosts,
/// and its sessions as its speakers can.
pub(crate) fn answer_of(
    problem: &Problem,
    plan: &Plan,
    revision: &PlanRevision,
    handle: &Handle,
) -> (Answer, Vec<Shortfall>) {
    let short = shortfalls(problem, plan, revision, handle);
    let mut operations = of_blocks(problem, revision, handle);
    let mut reasons = of_sessions(problem, plan, revision, handle);
    let answer = if !reasons.is_empty() {
        reasons.extend(operations.iter().filter_map(as_reason));
        let parts: BTreeSet<&Part> = short.iter().map(|of| &of.part).collect();
        reasons.extend(parts.into_iter().map(too_few));
        Answer::Reject(reasons)
    } else {
        operations.extend(of_seats(revision, &short));
        if operations.is_empty() {
            Answer::Accept
        } else {
            Answer::Counter(operations)
        }
    };
    (answer, short)
}

fn too_few(part: &Part) -> Reason {
    Reason {
        code: ReasonCode::TooFewPeople,
        part: Some(part.clone()),
        session: None,
        text: String::new(),
    }
}

/// What is missing in a group's seats.
pub(super) fn shortfalls(
    problem: &Problem,
    plan: &Plan,
    revision: &PlanRevision,
    handle: &Handle,
) -> Vec<Shortfall> {
    let grid = Grid(problem.event.horizon);
    let mut short = Vec::new();
    let mut seats: Vec<&Seat> = revision.seats.iter().collect();
    seats.retain(|seat| seat.group == *handle);
    seats.sort_by_key(|seat| (&seat.duty, seat.span, &seat.id));
    let duties: BTreeSet<_> = seats.iter().map(|seat| &seat.duty).collect();
    for duty in duties {
        let mut serving = vec![0_u32; grid.n_cells()];
        for shift in own_shifts(plan).filter(|shift| duty_of(&shift.duty) == *duty) {
            for people in &mut serving[grid.inside(shift.span)] {
                *people += 1;
            }
        }
        for seat in seats.iter().filter(|seat| seat.duty == *duty) {
            let missing = missing(grid, seat, &mut serving);
            short.extend(missing.into_iter().map(|(span, heads)| Shortfall {
                part: Part::Seat(seat.id.clone()),
                duty: seat.duty.clone(),
                role: seat.role.clone(),
                span,
                heads,
            }));
        }
    }
    short
}

/// When how many people are missing in a seat; who serves it serves no other.
fn missing(grid: Grid, seat: &Seat, serving: &mut [u32]) -> Vec<(Span, u32)> {
    let Some(cells) = grid.exactly(seat.span) else {
        return vec![(seat.span, seat.heads)];
    };
    let mut lacking = vec![0; grid.n_cells()];
    for cell in cells {
        let here = serving[cell].min(seat.heads);
        serving[cell] -= here;
        lacking[cell] = seat.heads - here;
    }
    let mut found: Vec<(Span, u32)> = Vec::new();
    let numbers: BTreeSet<u32> = lacking.iter().copied().filter(|&n| n > 0).collect();
    for number in numbers {
        let here: Vec<bool> = lacking.iter().map(|&n| n == number).collect();
        let spans = runs(&here).into_iter().filter_map(|run| grid.span(&run));
        found.extend(spans.map(|span| (span, number)));
    }
    found.sort();
    found
}

/// Seats that nobody can serve are dropped; where somebody is missing for a while, somebody else is asked for.
fn of_seats(revision: &PlanRevision, short: &[Shortfall]) -> Vec<Operation> {
    let mut operations = Vec::new();
    for seat in &revision.seats {
        let part = Part::Seat(seat.id.clone());
        let lacking: Vec<_> = short.iter().filter(|of| of.part == part).collect();
        let whole = |of: &&Shortfall| of.span == seat.span && of.heads == seat.heads;
        if lacking.iter().any(whole) {
            operations.push(Operation::Drop(part));
            continue;
        }
        for of in lacking {
            for _ in 0..of.heads {
                operations.push(Operation::NeedsRole(of.role.clone(), of.span));
            }
        }
    }
    operations
}

/// What a group asks for where it would not host as it is planned.
fn of_blocks(problem: &Problem, revision: &PlanRevision, handle: &Handle) -> Vec<Operation> {
    let mut own: Vec<&PlanBlock> = revision.blocks.iter().collect();
    own.retain(|block| block.group == *handle);
    let group = problem.groups.iter().find(|group| group.id == *handle);
    let Some(group) = group.filter(|group| group.hosting.is_some()) else {
        let parts = own.into_iter().map(|of| Part::Block(of.id.clone()));
        return parts.map(Operation::Drop).collect();
    };
    let mut operations = Vec::new();
    for block in &own {
        let part = Part::Block(block.id.clone());
        if fits(problem, group, block, block.span) {
            continue;
        }
        operations.push(match nearest(problem, group, block, &own) {
            Some(cells) => Operation::Move(Move { part, cells }),
            None => Operation::Drop(part),
        });
    }
    let most = group
        .hosting
        .as_ref()
        .map_or(0, |hosting| hosting.max_blocks);
    if own.len() > usize::try_from(most).unwrap_or(usize::MAX) {
        operations.push(Operation::LimitBlocks(most));
    }
    operations
}

/// Whether a group would host a block at this time: H03, H04 and H05 of the rules.
fn fits(problem: &Problem, group: &Group, block: &PlanBlock, span: Span) -> bool {
    let Some(hosting) = &group.hosting else {
        return false;
    };
    let open = at_least(&hosting.availability, Grade::IfNeedBe);
    let open = without(&open, &blocking(problem, &group.id));
    let length = span.minutes();
    let grid = i64::from(problem.event.policy.block_grid_min.max(1));
    let since = meridian_model::time::minutes(problem.event.horizon.start(), span.start());
    let lasts = i64::from(hosting.shortest_min)..=i64::from(hosting.longest_min);
    group.languages.contains(&block.language)
        && joined(&common(&open, &[span])) == [span]
        && lasts.contains(&length)
        && since % grid == 0
}

/// How far a block has to be moved so that its group would host it, away from the group's other blocks.
fn nearest(problem: &Problem, group: &Group, block: &PlanBlock, own: &[&PlanBlock]) -> Option<i64> {
    let grid = Grid(problem.event.horizon);
    let step = i64::try_from(grid.cells_of(problem.event.policy.block_grid_min.max(1))).ok()?;
    let n = i64::try_from(grid.n_cells()).ok()?;
    let steps = (1..=n / step.max(1)).flat_map(|k| [k * step, -k * step]);
    let mut places = steps.filter_map(|cells| Some((cells, grid.moved(block.span, cells)?)));
    let place = places.find(|(_, span)| {
        let mut others = own.iter().filter(|other| other.id != block.id);
        fits(problem, group, block, *span) && others.all(|other| !other.span.overlaps(span))
    });
    place.map(|(cells, _)| cells)
}

/// What keeps a group's sessions from being where they are planned.
fn of_sessions(
    problem: &Problem,
    plan: &Plan,
    revision: &PlanRevision,
    handle: &Handle,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let own = revision.sessions.iter();
    let own = own.filter(|session| session.group.as_ref() == Some(handle));
    // What cannot be where it is pinned, a search leaves out: it is judged where the others have it.
    let as_proposed = Plan {
        blocks: problem.pins.blocks.clone(),
        sessions: problem.pins.sessions.clone(),
        ..plan.clone()
    };
    let report = check(problem, &as_proposed);
    for placed in own {
        let known = problem
            .sessions
            .iter()
            .any(|session| session.id == placed.id);
        let broken = report.matches.iter().find(|found| {
            found
                .subjects
                .contains(&Subject::Session(placed.id.clone()))
                && of_session(found.rule).is_some()
        });
        let (code, text) = match broken.and_then(|found| of_session(found.rule)) {
            _ if !known => (ReasonCode::Other, "it is offered no longer"),
            Some(reason) => reason,
            None => continue,
        };
        reasons.push(because(code, placed.id.clone(), text));
    }
    reasons
}

/// What a broken rule about a session says to others: never whose time it is, nor why.
const fn of_session(rule: RuleCode) -> Option<(ReasonCode, &'static str)> {
    match rule {
        RuleCode::H07 => Some((ReasonCode::WrongTime, "it cannot be then, or not so long")),
        RuleCode::H09 | RuleCode::H10 => Some((ReasonCode::SpeakerCannot, "not all speakers can")),
        RuleCode::H11 => Some((ReasonCode::RegionalEvent, "something else is on there")),
        _ => None,
    }
}

fn because(code: ReasonCode, session: SessionId, text: &str) -> Reason {
    Reason {
        code,
        part: None,
        session: Some(session),
        text: text.to_owned(),
    }
}

/// What is asked for of blocks, as a reason beside others.
fn as_reason(operation: &Operation) -> Option<Reason> {
    let (code, part) = match operation {
        Operation::Drop(part) => (ReasonCode::WrongTime, Some(part.clone())),
        Operation::Move(to) => (ReasonCode::WrongTime, Some(to.part.clone())),
        Operation::LimitBlocks(_) => (ReasonCode::TooMuch, None),
        Operation::NeedsRole(..) | Operation::Swap(..) => return None,
    };
    Some(Reason {
        code,
        part,
        session: None,
        text: String::new(),
    })
}
