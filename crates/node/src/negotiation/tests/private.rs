//! What is private in a node's event is in nothing that it says.

use meridian_federation::RecordId;
use meridian_federation::content::{Answer, RosterPublish};
use meridian_federation::ids::PartHash;
use meridian_model::{OperatorId, Problem, Span, SpeakerId, Timestamp};
use serde::Serialize;

use super::super::{assembled, date_response, roster_problem};
use super::nodes::{brief, event, first_offer, negotiate, offered, rostered, rosters, three};

/// In no public text, as part of every private one.
const PLANTED: &str = "zqx";

/// Every private text with the planted one in it, and every time of people's not on the hour or its quarters.
fn plant(problem: &mut Problem) {
    let marked = |id: &str| format!("{PLANTED}-{id}");
    for operator in &mut problem.operators {
        operator.id = OperatorId::new(marked(operator.id.as_str()));
        operator.speaker = operator
            .speaker
            .take()
            .map(|id| SpeakerId::new(marked(id.as_str())));
        operator.carry_over_min = 7_717;
        for graded in &mut operator.availability.0 {
            graded.span = inwards(graded.span);
        }
    }
    for speaker in &mut problem.speakers {
        speaker.id = SpeakerId::new(marked(speaker.id.as_str()));
        for graded in &mut speaker.availability.0 {
            graded.span = inwards(graded.span);
        }
    }
    for session in &mut problem.sessions {
        for speaker in &mut session.speakers {
            *speaker = SpeakerId::new(marked(speaker.as_str()));
        }
    }
}

/// Begins and ends at seconds that no plan has.
fn inwards(span: Span) -> Span {
    let at =
        |instant: Timestamp, by: i64| Timestamp::from_second(instant.as_second() + by).unwrap();
    Span::new(
        at(span.start(), 7 * 60 + 17),
        at(span.end(), -(7 * 60 + 17)),
    )
    .unwrap_or(span)
}

/// Texts that would tell what was planted.
fn told(said: &str) -> Vec<&str> {
    let all = [PLANTED, "7717", ":17Z", ":43Z"];
    all.into_iter().filter(|text| said.contains(text)).collect()
}

fn said(content: &impl Serialize) -> String {
    serde_json::to_string(content).unwrap()
}

#[test]
fn nothing_private_is_in_anything_that_a_group_says() {
    let mut whole = event("first-relay");
    plant(&mut whole);
    let home = said(&whole);
    assert_eq!(
        told(&home).len(),
        4,
        "all that is looked for is there to be told"
    );
    let nodes = three(&whole);
    let brief = brief(&nodes[0]);
    let mut heard = offered(&nodes);
    let rounds = negotiate(&mut heard, &brief, &nodes, 4);
    let mut everything = vec![said(&brief)];
    for (n, local) in nodes.iter().enumerate() {
        for group in &local.groups {
            let (capacity, talks) = first_offer(local, n, &group.id);
            everything.extend([said(&capacity), said(&talks)]);
            let dates = date_response(RecordId::from_bytes([1; 32]), &[local], &group.id);
            everything.push(said(&dates));
        }
    }
    for (revision, given) in &rounds {
        everything.push(said(revision));
        for reply in given.values() {
            everything.extend([said(&reply.answer), said(&reply.capacity)]);
        }
        for (part, people) in rosters(given) {
            let (stands, epoch) = (PartHash::from_bytes([0; 32]), Default::default());
            everything.push(said(&RosterPublish {
                part,
                stands,
                epoch,
                people,
            }));
        }
        let (problem, plan) = assembled("relay", &brief, revision, &rosters(given)).unwrap();
        everything.extend([said(&problem), said(&plan)]);
    }
    for text in &everything {
        assert_eq!(told(text), [""; 0], "{text}");
    }
}

/// All reasons and counters that a group gives when it can do nothing of what is planned.
#[test]
fn a_refusal_does_not_tell_whose_time_it_is() {
    let mut whole = event("first-relay");
    plant(&mut whole);
    let nodes = three(&whole);
    let brief = brief(&nodes[0]);
    let mut heard = offered(&nodes);
    let (revision, _) = negotiate(&mut heard, &brief, &nodes, 4).pop().unwrap();
    let mut answers = Vec::new();
    for local in &nodes {
        let mut local = local.clone();
        for speaker in &mut local.speakers {
            speaker.availability.0.clear();
        }
        for operator in &mut local.operators {
            operator.availability.0.clear();
        }
        for group in &local.groups {
            let problem = roster_problem(&brief, &revision, &group.id, &local);
            let plan = rostered(&problem);
            let (answer, _) = super::super::answer_of(&problem, &plan, &revision, &group.id);
            assert_ne!(answer, Answer::Accept);
            answers.push(said(&answer));
        }
    }
    assert!(
        answers
            .iter()
            .any(|answer| answer.contains("speaker-cannot"))
    );
    for answer in &answers {
        assert_eq!(told(answer), [""; 0], "{answer}");
    }
}
