//! What a group said about who is on duty, as a plan of its real people: to be held against their own times and skills.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::content::{OnDuty, Part, PlanRevision};
use meridian_model::check::check;
use meridian_model::{DutyId, OperatorId, Plan, Problem, Score, Shift, Span};

use super::lanes::duty_of;

/// The plan that these rosters are, of a [`super::roster_problem`]. `people` tells who a pseudonym is; whoever is not in
/// it keeps hers, which no rule knows.
pub(crate) fn own_plan(
    problem: &Problem,
    revision: &PlanRevision,
    rosters: &BTreeMap<Part, Vec<OnDuty>>,
    people: &BTreeMap<OperatorId, OperatorId>,
) -> Plan {
    let mut shifts = problem.pins.shifts.clone();
    let mut served: Vec<(DutyId, &OnDuty)> = Vec::new();
    for (part, on_duty) in rosters {
        let Part::Seat(id) = part else { continue };
        let seat = revision.seats.iter().find(|seat| seat.id == *id);
        let Some(seat) = seat else { continue };
        served.extend(on_duty.iter().map(|of| (seat.duty.clone(), of)));
    }
    served.sort_by_key(|(duty, of)| (duty.clone(), of.span, of.shift.clone()));
    for (duty, of) in served {
        let operator = people.get(&of.person).unwrap_or(&of.person).clone();
        // A shift that goes on from one seat into the next is one.
        let before = shifts.iter_mut().find(|before| {
            before.operator == operator
                && duty_of(&before.duty) == duty
                && before.span.end() == of.span.start()
        });
        if let Some(before) = before
            && let Ok(span) = Span::new(before.span.start(), of.span.end())
        {
            before.span = span;
            continue;
        }
        if let Some(lane) = free_lane(problem, &shifts, &duty, of.span) {
            shifts.push(Shift {
                id: of.shift.clone(),
                operator,
                duty: lane,
                span: of.span,
                handover_min: of.handover_min,
            });
        }
    }
    let mut plan = Plan {
        format: Plan::FORMAT.to_owned(),
        event: problem.event.id.clone(),
        problem_sha256: problem.digest().unwrap_or_default(),
        tzdb: problem.tzdb.clone(),
        revision: 0,
        made_by: meridian_model::plan::MadeBy {
            engine: "by hand".to_owned(),
            seed: 0,
            effort: 1,
            stopped: false,
        },
        score: Score::default(),
        blocks: problem.pins.blocks.clone(),
        sessions: problem.pins.sessions.clone(),
        shifts,
    };
    plan.score = check(problem, &plan).score;
    plan
}

/// A [`super::roster_problem`] of a group that has said already who is on duty in some of its seats, as [`own_plan`] has
/// it: those people stay, and the others find their place beside them.
pub(crate) fn beside_said(mut problem: Problem, said: &Plan) -> Problem {
    let known: BTreeSet<&OperatorId> = problem.operators.iter().map(|of| &of.id).collect();
    let said = said.shifts.iter();
    let stay = said.filter(|shift| known.contains(&shift.operator));
    problem.pins.shifts = stay.cloned().collect();
    problem
}

/// A line of a duty in which nobody is yet at that time.
fn free_lane(problem: &Problem, shifts: &[Shift], duty: &DutyId, span: Span) -> Option<DutyId> {
    let lanes = problem.event.duties.iter();
    let lanes = lanes.filter(|lane| duty_of(&lane.id) == *duty);
    let mut lanes: Vec<&DutyId> = lanes
        .filter(|lane| lane.spans.iter().any(|of| of.overlaps(&span)))
        .map(|lane| &lane.id)
        .collect();
    let taken = |lane: &DutyId| {
        let mut in_it = shifts.iter().filter(|shift| shift.duty == *lane);
        in_it.any(|shift| shift.span.overlaps(&span))
    };
    lanes.sort_by_key(|lane| (taken(lane), (*lane).clone()));
    lanes.first().map(|lane| (*lane).clone())
}
