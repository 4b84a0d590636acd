//! The smallest problem there is: one person chooses all her shifts anew while everyone else stays.
//!
//! It is solved exactly by the roster's own dynamic program. Only two things are worth anything in it: the cells of
//! one hole, and those cells that would stand open without her. Rules can be relaxed for her alone, which is how it is
//! found out what keeps her.

use std::ops::Range;

use meridian_model::{
    Delivery, Group, Language, Operator, OperatorId, Pins, Plan, Problem, RuleCode, Session, Shift,
    ShiftId, Span,
};

use super::repair::opened;
use super::skills::skill_for;
use super::view::{Talk, View};
use crate::instance::{Instance, index};
use crate::pins;
use crate::programme::{Block, Placed, Programme};
use crate::roster::CellShift;
use crate::roster::best_plan::best_plan;
use crate::roster::eligibility::Eligibility;
use crate::roster::state::State;

/// The rules that can keep one person from a cell that her duty demands, by code.
pub(super) const PERSONAL: [RuleCode; 10] = [
    RuleCode::H12,
    RuleCode::H13,
    RuleCode::H15,
    RuleCode::H16,
    RuleCode::H17,
    RuleCode::H18,
    RuleCode::H19,
    RuleCode::H20,
    RuleCode::H21,
    RuleCode::H22,
];

/// Cost of a minute that someone has not offered, while it is searched how few of them would do: above what
/// anything else that could be had for it costs.
const ASKED_MINUTE: i64 = 50;
/// How much further a limit reaches when it is relaxed: beyond twice of it nobody would ask.
const FURTHER: u32 = 2;

/// Cells of one duty at which people are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hole {
    /// The duty, by its place in the event.
    pub(super) duty: usize,
    /// The cells.
    pub(super) cells: Range<u32>,
}

/// What one person could do about a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taking {
    /// All her shifts, as they would be.
    pub(super) shifts: Vec<Shift>,
    /// Person cells that she closes in the hole, less those that she opens elsewhere.
    pub(super) closes: u32,
}

/// People on each duty at each cell: duties × cells.
pub(super) fn covering(view: &View<'_>, whose: impl Fn(&OperatorId) -> bool) -> Vec<Vec<i64>> {
    let duties = &view.problem.event.duties;
    let mut counts = vec![vec![0; index(view.horizon.n_cells())]; duties.len()];
    for served in view.shifts.iter().filter(|one| whose(&one.shift.operator)) {
        let at = duties.iter().position(|duty| duty.id == served.duty.id);
        let cells = index(served.covers.start)..index(served.covers.end);
        if let Some(row) = at.and_then(|at| counts[at].get_mut(cells)) {
            row.iter_mut().for_each(|count| *count += 1);
        }
    }
    counts
}

/// What `operator` could do about a hole if the rules of `relaxed` did not bind her; `None` when nothing.
pub(super) fn taking(
    view: &View<'_>,
    operator: &Operator,
    hole: &Hole,
    relaxed: &[RuleCode],
) -> Option<Taking> {
    let mut problem = alone_problem(view, operator)?;
    for &rule in relaxed {
        relax(&mut problem, rule, view, hole);
    }
    choose(view, operator, hole, &problem)
}

/// Her best choice in a problem of her own.
fn choose(view: &View<'_>, operator: &Operator, hole: &Hole, problem: &Problem) -> Option<Taking> {
    let instance = Instance::lower(problem).ok()?;
    let pinned = pins::lower(&instance).ok()?.shifts;
    let programme = programme(view, problem, &instance);
    let mut eligibility = Eligibility::of(&instance, &programme);
    let others = covering(view, |id| *id != operator.id);
    let hers = covering(view, |id| *id == operator.id);
    let in_hole = |duty: usize, cell: usize| {
        duty == hole.duty && (index(hole.cells.start)..index(hole.cells.end)).contains(&cell)
    };
    let mut before = 0;
    for (duty, row) in eligibility.demand.iter_mut().enumerate() {
        for (cell, demand) in row.iter_mut().enumerate() {
            let (others, hers) = (others[duty][cell], hers[duty][cell]);
            let left = (*demand - others).max(0);
            *demand = if in_hole(duty, cell) {
                left
            } else {
                left.min(hers)
            };
            before += (*demand - hers).max(0);
        }
    }
    let mut state = State::empty(&instance, &eligibility);
    let pinned = pinned.first().map_or(&[][..], Vec::as_slice);
    let mut shifts = pinned.to_vec();
    for &shift in pinned {
        state.add(0, shift);
    }
    shifts.extend(best_plan(&state, 0, pinned));
    shifts.sort_unstable_by_key(|shift| shift.start);
    state.set(0, shifts.clone());
    let closes = u32::try_from(before - state.cost().gaps).ok()?;
    (closes > 0).then(|| Taking {
        shifts: documents(view, operator, &shifts),
        closes,
    })
}

/// The event with nobody in it but her; blocks and her own talks are where the plan has them.
fn alone_problem(view: &View<'_>, operator: &Operator) -> Option<Problem> {
    let whole = view.problem;
    let home = whole.groups.iter().find(|one| one.id == operator.group)?;
    let mut languages: Vec<Language> = vec![whole.event.language.clone()];
    for host in &view.blocks {
        if !languages.contains(&host.block.language) {
            languages.push(host.block.language.clone());
        }
    }
    let mut event = whole.event.clone();
    event.policy.alert.min_people = 0;
    event.policy.weights.insert(RuleCode::S03, ASKED_MINUTE);
    let mut regional_events = whole.regional_events.clone();
    for one in &mut regional_events {
        one.concerns.retain(|concern| concern.group == home.id);
    }
    regional_events.retain(|one| !one.concerns.is_empty());
    let speakers: Vec<_> = whole
        .speakers
        .iter()
        .filter(|one| Some(&one.id) == operator.speaker.as_ref())
        .map(|one| meridian_model::Speaker {
            group: None,
            ..one.clone()
        })
        .collect();
    let pinned = whole.pins.shifts.iter();
    Some(Problem {
        format: whole.format.clone(),
        tzdb: whole.tzdb.clone(),
        event,
        groups: vec![Group {
            hosting: None,
            languages,
            ..home.clone()
        }],
        operators: vec![Operator {
            speaker: speakers.first().map(|one| one.id.clone()),
            ..operator.clone()
        }],
        sessions: her_talks(view, operator).map(|(talk, _)| talk).collect(),
        speakers,
        regional_events,
        pins: Pins {
            shifts: pinned
                .filter(|pin| pin.operator == operator.id)
                .cloned()
                .collect(),
            ..Pins::default()
        },
    })
}

/// Her own live talks in the plan, reduced to what keeps her from duty, with their first cells.
fn her_talks<'v>(
    view: &'v View<'_>,
    operator: &'v Operator,
) -> impl Iterator<Item = (Session, u32)> + 'v {
    let is_hers = |talk: &&Talk<'_>| {
        let speakers = &talk.session.speakers;
        talk.session.delivery == Delivery::Live
            && operator
                .speaker
                .as_ref()
                .is_some_and(|id| speakers.contains(id))
    };
    view.talks.iter().filter(is_hers).map(|talk| {
        let reduced = Session {
            speakers: operator.speaker.iter().cloned().collect(),
            tags: Vec::new(),
            group: None,
            tracks: Vec::new(),
            window: None,
            length_min: (talk.cells.end - talk.cells.start) * view.horizon.cell_min(),
            changeover_min: 0,
            ..talk.session.clone()
        };
        (reduced, talk.cells.start)
    })
}

fn programme(view: &View<'_>, problem: &Problem, instance: &Instance<'_>) -> Programme {
    let tracks = &problem.event.tracks;
    let blocks = view.blocks.iter().filter_map(|host| {
        let languages = &instance.languages;
        Some(Block {
            track: tracks.iter().position(|one| one.id == host.block.track)?,
            group: 0,
            language: languages.binary_search(&host.block.language).ok()?,
            start: index(host.cells.start),
            end: index(host.cells.end),
        })
    });
    let placed = problem.sessions.iter().enumerate().filter_map(|(at, one)| {
        let talk = view.talks.iter().find(|talk| talk.session.id == one.id)?;
        Some(Placed {
            session: at,
            block: 0,
            start: index(talk.cells.start),
        })
    });
    Programme {
        blocks: blocks.collect(),
        placed: placed.collect(),
    }
}

/// Takes one rule out of the way of the one person of a problem.
fn relax(problem: &mut Problem, rule: RuleCode, view: &View<'_>, hole: &Hole) {
    let policy = &mut problem.event.policy;
    let minutes = u32::try_from(view.horizon.span().minutes()).unwrap_or(u32::MAX);
    match rule {
        RuleCode::H13 => problem.sessions.clear(),
        RuleCode::H17 => problem.regional_events.clear(),
        RuleCode::H18 => {
            policy.shift_shortest_min = view.horizon.cell_min();
            policy.shift_longest_min = minutes.min(FURTHER * policy.shift_longest_min);
        }
        RuleCode::H20 => policy.max_awake_min = minutes,
        RuleCode::H21 => policy.rest_min = 0,
        RuleCode::H22 => policy.max_shifts = policy.max_shifts.saturating_add(1),
        _ => {}
    }
    let Some(her) = problem.operators.first_mut() else {
        return;
    };
    match rule {
        RuleCode::H12 => {
            her.availability = opened(&her.availability, &[view.horizon.span()]);
        }
        RuleCode::H15 => her.nights.clear(),
        RuleCode::H19 => her.max_duty_min = minutes.min(FURTHER * her.max_duty_min),
        RuleCode::H16 => {
            if let Some(duty) = view.problem.event.duties.get(hole.duty)
                && let Some(role) = view.role(duty)
            {
                let languages = problem.groups.iter().flat_map(|one| &one.languages);
                let event = &problem.event.language;
                her.skills
                    .extend(languages.map(|one| skill_for(role, one, event)));
            }
        }
        _ => {}
    }
}

/// Shifts on cells as shifts of a plan; those that go on keep their id.
fn documents(view: &View<'_>, operator: &Operator, shifts: &[CellShift]) -> Vec<Shift> {
    let mut old: Vec<&Shift> = view
        .shifts_of(operator)
        .iter()
        .map(|served| served.shift)
        .collect();
    let cell = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let mut n = 0;
    let mut written = Vec::with_capacity(shifts.len());
    for shift in shifts {
        let Some(duty) = view.problem.event.duties.get(shift.duty) else {
            continue;
        };
        let span = view.span(&(cell(shift.start)..cell(shift.end)));
        let same = |one: &&Shift| one.duty == duty.id && one.span.overlaps(&span);
        let id = match old.iter().position(same) {
            Some(at) => old.remove(at).id.clone(),
            None => loop {
                n += 1;
                let id = ShiftId::new(format!("shift-{}-new-{n}", operator.id));
                if view.shifts.iter().all(|served| served.shift.id != id) {
                    break id;
                }
            },
        };
        written.push(Shift {
            id,
            operator: operator.id.clone(),
            duty: duty.id.clone(),
            span,
            handover_min: cell(shift.handover) * view.horizon.cell_min(),
        });
    }
    written
}

/// The plan with someone's shifts replaced, in the plan's order: by duty and start.
pub(super) fn with_shifts(problem: &Problem, plan: &Plan, who: &OperatorId, new: &[Shift]) -> Plan {
    let mut changed = plan.clone();
    changed.shifts.retain(|shift| shift.operator != *who);
    changed.shifts.extend(new.iter().cloned());
    let place = |shift: &Shift| {
        let mut duties = problem.event.duties.iter();
        duties.position(|duty| duty.id == shift.duty)
    };
    changed
        .shifts
        .sort_by_key(|shift| (place(shift), shift.span, shift.operator.clone()));
    changed
}

/// The time on duty of a shift, handover counted.
pub(super) fn on_duty(view: &View<'_>, shift: &Shift) -> Span {
    let cells = |at| view.horizon.boundary(at);
    let lead = shift.handover_min.div_ceil(view.horizon.cell_min());
    match (cells(shift.span.start()), cells(shift.span.end())) {
        (Some(from), Some(to)) => view.span(&(from.saturating_sub(lead)..to)),
        _ => shift.span,
    }
}

/// The minutes on duty of some shifts.
pub(super) fn minutes_on_duty(view: &View<'_>, shifts: &[Shift]) -> i64 {
    shifts.iter().map(|one| on_duty(view, one).minutes()).sum()
}

/// How many person cells of a hole stand open in a plan.
pub(super) fn open_cells(view: &View<'_>, hole: &Hole) -> u32 {
    let Some(duty) = view.problem.event.duties.get(hole.duty) else {
        return 0;
    };
    let Some(role) = view.role(duty) else {
        return 0;
    };
    let missing = hole
        .cells
        .clone()
        .map(|cell| view.missing(duty, role, cell));
    missing.sum()
}
