//! A group's answer: yes when all can be done, else exactly what it asks for.

use meridian_federation::content::{
    Answer, EventBrief, Move, Operation, Part, PlanRevision, ReasonCode, Seat,
};
use meridian_model::{GroupId as Handle, Problem, Span, Timestamp};

use super::super::grid::{Grid, possible, without};
use super::super::{Shortfall, answer_of, roster_problem};
use super::nodes::{brief, event, negotiate, offered, rostered, three};

/// first-relay, planned once, and the first node's first group.
struct Planned {
    brief: EventBrief,
    revision: PlanRevision,
    local: Problem,
    handle: Handle,
}

impl Planned {
    fn once() -> Self {
        let nodes = three(&event("first-relay"));
        let brief = brief(&nodes[0]);
        let mut heard = offered(&nodes);
        let (revision, _) = negotiate(&mut heard, &brief, &nodes, 1).pop().unwrap();
        Self {
            brief,
            revision,
            handle: nodes[0].groups[0].id.clone(),
            local: nodes[0].clone(),
        }
    }

    fn answer(&self) -> (Answer, Vec<Shortfall>) {
        let problem = roster_problem(&self.brief, &self.revision, &self.handle, &self.local);
        answer_of(&problem, &rostered(&problem), &self.revision, &self.handle)
    }

    fn counters(&self) -> Vec<Operation> {
        match self.answer().0 {
            Answer::Counter(operations) => operations,
            answer => panic!("{answer:?}"),
        }
    }

    fn blocks(&self) -> Vec<usize> {
        let blocks = self.revision.blocks.iter().enumerate();
        blocks
            .filter(|(_, block)| block.group == self.handle)
            .map(|(n, _)| n)
            .collect()
    }

    fn hosting(&mut self) -> &mut meridian_model::Hosting {
        let group = self
            .local
            .groups
            .iter_mut()
            .find(|group| group.id == self.handle);
        group.unwrap().hosting.as_mut().unwrap()
    }
}

#[test]
fn what_can_be_done_is_accepted() {
    assert_eq!(Planned::once().answer(), (Answer::Accept, Vec::new()));
}

#[test]
fn somebody_is_asked_for_exactly_when_nobody_is_there() {
    let mut planned = Planned::once();
    let own = planned
        .revision
        .seats
        .iter()
        .filter(|of| of.group == planned.handle);
    let seat: Seat = own
        .max_by_key(|of| (of.span.minutes(), of.id.clone()))
        .unwrap()
        .clone();
    assert!(seat.span.minutes() >= 120, "{}", seat.span.minutes());
    planned.revision.seats = vec![seat.clone()];
    let last_hour = Timestamp::from_second(seat.span.end().as_second() - 3600).unwrap();
    let lost = Span::new(last_hour, seat.span.end()).unwrap();
    for operator in &mut planned.local.operators {
        let whole = planned.local.event.horizon.span();
        operator.availability = possible(&without(&[whole], &[lost]));
        operator.nights = Vec::new();
    }
    let (answer, short) = planned.answer();
    assert_eq!(
        answer,
        Answer::Counter(vec![Operation::NeedsRole(seat.role.clone(), lost)])
    );
    let part = Part::Seat(seat.id.clone());
    assert_eq!(
        short,
        [Shortfall {
            part: part.clone(),
            duty: seat.duty,
            role: seat.role,
            span: lost,
            heads: 1,
        }]
    );
    planned.local.operators.clear();
    assert_eq!(planned.counters(), [Operation::Drop(part)]);
}

#[test]
fn each_of_two_people_of_a_seat_is_asked_for_by_herself() {
    let mut planned = Planned::once();
    let own = planned
        .revision
        .seats
        .iter()
        .filter(|of| of.group == planned.handle);
    let mut seat = own.clone().next().unwrap().clone();
    seat.heads = 2;
    for duty in &mut planned.brief.demand {
        duty.count = 2;
    }
    planned.revision.seats = vec![seat.clone()];
    let able =
        |of: &meridian_model::Operator| of.skills.iter().any(|skill| skill.role == seat.role);
    let mut people: Vec<_> = planned.local.operators.clone();
    people.retain(|of| of.group == planned.handle && able(of));
    people.truncate(1);
    people[0].availability = possible(&[planned.local.event.horizon.span()]);
    people[0].nights = Vec::new();
    planned.local.operators = people;
    let (answer, short) = planned.answer();
    let one = Operation::NeedsRole(seat.role.clone(), seat.span);
    assert_eq!(answer, Answer::Counter(vec![one]));
    assert_eq!((short[0].heads, short.len()), (1, 1));
}

#[test]
fn a_block_that_does_not_fit_is_moved_to_the_nearest_time_that_does() {
    let mut planned = Planned::once();
    let n = planned.blocks()[0];
    let grid = Grid(planned.local.event.horizon);
    let as_offered = planned.revision.blocks[n].span;
    let others = planned.blocks().split_off(1);
    for other in others.into_iter().rev() {
        planned.revision.blocks.remove(other);
    }
    planned.hosting().availability = possible(&[as_offered]);
    let moved = grid
        .moved(as_offered, 4)
        .or_else(|| grid.moved(as_offered, -4))
        .unwrap();
    let back = if moved > as_offered { -4 } else { 4 };
    planned.revision.blocks[n].span = moved;
    planned.revision.sessions.clear();
    let part = Part::Block(planned.revision.blocks[n].id.clone());
    assert!(planned.counters().contains(&Operation::Move(Move {
        part: part.clone(),
        cells: back
    })));
    planned.hosting().shortest_min = u32::MAX;
    assert!(planned.counters().contains(&Operation::Drop(part.clone())));
    planned
        .local
        .groups
        .iter_mut()
        .for_each(|group| group.hosting = None);
    assert!(planned.counters().contains(&Operation::Drop(part)));
}

#[test]
fn more_blocks_than_offered_are_too_many() {
    let mut planned = Planned::once();
    assert!(!planned.blocks().is_empty());
    planned.hosting().max_blocks = 0;
    assert!(planned.counters().contains(&Operation::LimitBlocks(0)));
}

#[test]
fn a_session_that_cannot_be_is_rejected_by_its_name_with_all_else_that_is_wrong() {
    let mut planned = Planned::once();
    let own = planned
        .revision
        .sessions
        .iter()
        .filter(|of| of.group.as_ref() == Some(&planned.handle));
    let sessions: Vec<_> = own.map(|of| of.id.clone()).collect();
    assert!(sessions.len() > 1);
    for speaker in &mut planned.local.speakers {
        speaker.availability.0.clear();
    }
    planned.local.operators.clear();
    let Answer::Reject(reasons) = planned.answer().0 else {
        panic!("it is rejected");
    };
    for session in &sessions {
        let of_session = reasons
            .iter()
            .find(|of| of.session.as_ref() == Some(session))
            .unwrap();
        assert_eq!(of_session.code, ReasonCode::SpeakerCannot);
    }
    let seats = planned
        .revision
        .seats
        .iter()
        .filter(|of| of.group == planned.handle);
    for seat in seats {
        let part = Some(Part::Seat(seat.id.clone()));
        let of_seat = reasons.iter().find(|of| of.part == part).unwrap();
        assert_eq!(of_seat.code, ReasonCode::TooFewPeople);
    }
    // One that was withdrawn since.
    let mut planned = Planned::once();
    planned.local.sessions.clear();
    let Answer::Reject(reasons) = planned.answer().0 else {
        panic!("it is rejected");
    };
    assert_eq!(reasons.len(), sessions.len());
    assert!(reasons.iter().all(|of| of.code == ReasonCode::Other));
}
