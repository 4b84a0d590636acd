//! Where and when operators can be: H12 operator-available, H13 one-place, H15 alert-awake.

use super::Note;
use super::scene::{Scene, Service};
use super::times::{inside, open, outside, pairs, with_lead};
use super::words::reason;
use crate::{Match, RuleCode, Subject};

/// H12: someone is on duty, handover counted, at a time that is impossible for her.
pub(super) fn operator_available(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for service in &scene.shifts {
        let availability = &service.operator.availability;
        let closed = outside(service.on_duty, &open(availability));
        if !closed.is_empty() {
            let (id, work) = (&service.operator.id, service.work());
            let note = Note {
                subjects: service.subjects(),
                spans: closed.clone(),
                says: format!(
                    "{id} is on duty as {work} and {}",
                    reason(availability, &closed)
                ),
                remedy: instead(scene, service),
            };
            found.push(note.breaks(RuleCode::H12));
        }
    }
    found
}

/// H13: someone is on two shifts at once, or on duty while she speaks live or prepares to.
pub(super) fn one_place(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for operator in &scene.problem.operators {
        let shifts = scene.shifts_of(operator);
        for (one, other) in pairs(&shifts) {
            if let Some(shared) = one.on_duty.intersection(&other.on_duty) {
                let mut subjects = one.subjects();
                subjects.extend(other.subjects().into_iter().skip(1));
                let (id, one_work, other_work) = (&operator.id, one.work(), other.work());
                let note = Note {
                    subjects,
                    spans: vec![shared],
                    says: format!("{id} is on duty as {one_work} and as {other_work} at once"),
                    remedy: instead(scene, other),
                };
                found.push(note.breaks(RuleCode::H13));
            }
        }
        for service in &shifts {
            found.extend(while_speaking(scene, service));
        }
    }
    found
}

fn while_speaking(scene: &Scene<'_>, service: &Service<'_>) -> Vec<Match> {
    let Some(speaker) = &service.operator.speaker else {
        return Vec::new();
    };
    let preparation = scene.problem.event.policy.speaker_preparation_min;
    scene
        .live()
        .filter(|placed| placed.session.speakers.contains(speaker))
        .filter_map(|placed| {
            let away = with_lead(placed.span, preparation);
            let shared = service.on_duty.intersection(&away)?;
            let mut subjects = service.subjects();
            subjects.push(Subject::Session(placed.session.id.clone()));
            let (id, work, words) = (&service.operator.id, service.work(), placed.words());
            let note = Note {
                subjects,
                spans: vec![shared],
                says: format!(
                    "{id} is on duty as {work} while she, as {speaker}, speaks live in {words} \
                     or prepares to"
                ),
                remedy: instead(scene, service),
            };
            Some(note.breaks(RuleCode::H13))
        })
        .collect()
}

/// H15: someone on duty in an alerted role, handover counted, is in her night.
pub(super) fn alert_awake(scene: &Scene<'_>) -> Vec<Match> {
    scene
        .shifts
        .iter()
        .filter(|service| service.role.alerted)
        .filter_map(|service| {
            let asleep = inside(service.on_duty, &service.operator.nights);
            (!asleep.is_empty()).then(|| {
                let (id, work) = (&service.operator.id, service.work());
                Note {
                    subjects: service.subjects(),
                    spans: asleep,
                    says: format!("{id} answers alerts as {work} in her night"),
                    remedy: instead(scene, service),
                }
                .breaks(RuleCode::H15)
            })
        })
        .collect()
}

/// Whom to ask to serve a shift instead.
fn instead(scene: &Scene<'_>, service: &Service<'_>) -> String {
    let whom = scene.whom_to_ask(service.duty, service.shift.span);
    format!("give {} to someone else: {whom}", service.words())
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::super::fixture::{availability, cells, shift, small};
    use crate::{Availability, Cause, Grade, Match, Plan, Problem, RuleCode};

    fn found(rule: RuleCode, problem: &Problem, plan: &Plan) -> Vec<Match> {
        let matches = check(problem, plan).matches;
        matches
            .into_iter()
            .filter(|found| found.rule == rule)
            .collect()
    }

    #[test]
    fn a_refusal_says_why_the_time_is_impossible_and_whom_to_ask() {
        let (mut problem, plan) = small();
        problem.operators[0].availability = availability(&[(0, 3, Grade::Possible)]);
        let refused = found(RuleCode::H12, &problem, &plan);
        assert_eq!(
            refused[0].says,
            "ana is on duty as Stream operator (op-a) and has not offered the time"
        );
        assert_eq!(
            refused[0].remedy,
            "give ana's shift as Stream operator (op-a) to someone else: \
             ask bea or eva, with the skill and free then"
        );

        let mut hers = availability(&[(0, 3, Grade::Possible), (3, 12, Grade::Impossible)]);
        let Availability(spans) = &mut hers;
        spans[1].cause = Cause::Busy;
        problem.operators[0].availability = hers;
        let refused = found(RuleCode::H12, &problem, &plan);
        assert_eq!(
            refused[0].says,
            "ana is on duty as Stream operator (op-a) and is busy by her calendar"
        );
        assert_eq!(refused[0].spans, [cells(3, 6)]);
    }

    #[test]
    fn the_handover_must_be_possible_and_awake_too() {
        let (mut problem, plan) = small();
        problem.operators[3].availability = availability(&[(6, 12, Grade::Possible)]);
        assert_eq!(
            found(RuleCode::H12, &problem, &plan)[0].spans,
            [cells(5, 6)]
        );
        problem.operators[3].nights = vec![cells(0, 6)];
        assert_eq!(found(RuleCode::H15, &problem, &plan), []);
        problem.event.roles[1].alerted = true;
        assert_eq!(
            found(RuleCode::H15, &problem, &plan)[0].spans,
            [cells(5, 6)]
        );
    }

    #[test]
    fn nobody_is_on_duty_while_she_prepares_to_speak() {
        let (mut problem, mut plan) = small();
        problem.operators[0].speaker = Some("sue".into());
        assert_eq!(
            found(RuleCode::H13, &problem, &plan)[0].spans,
            [cells(5, 6)]
        );
        plan.shifts[0] = shift("s1", "ana", "op-a", 0, 5);
        assert_eq!(found(RuleCode::H13, &problem, &plan), []);
        plan.shifts[0] = shift("s1", "ana", "op-a", 8, 12);
        assert_eq!(found(RuleCode::H13, &problem, &plan), []);
    }
}
