//! What groups ask for instead, and what the next problem makes of it.

use std::collections::BTreeMap;

use meridian_federation::content::{
    Answer, EventBrief, Move, Operation, Part, PlanBlock, PlanRevision, Reason, ReasonCode, Seat,
};
use meridian_model::{Grade, Group, GroupId as Handle, Problem, Span};

use super::super::allocate;
use super::super::grid::{Grid, at_least, common};
use super::nodes::{Heard, brief, event, negotiate, offered, three};

/// first-relay, planned once.
struct Planned {
    own: Problem,
    brief: EventBrief,
    heard: Heard,
    revision: PlanRevision,
}

impl Planned {
    fn once() -> Self {
        let nodes = three(&event("first-relay"));
        let brief = brief(&nodes[0]);
        let mut heard = offered(&nodes);
        let (revision, _) = negotiate(&mut heard, &brief, &nodes, 1).pop().unwrap();
        Self {
            own: nodes[0].clone(),
            brief,
            heard,
            revision,
        }
    }

    /// The problem of the next plan, after one group said this to this one and the others yes.
    fn after(&self, handle: &Handle, answer: Answer) -> Problem {
        let mut answers: BTreeMap<Handle, Answer> = self
            .heard
            .capacity
            .keys()
            .map(|of| (of.clone(), Answer::Accept))
            .collect();
        answers.insert(handle.clone(), answer);
        let heard = Heard {
            capacity: self.heard.capacity.clone(),
            talks: self.heard.talks.clone(),
            answers: vec![(self.revision.clone(), answers)],
        };
        allocate(
            &self.brief,
            &heard.offers(),
            &self.own,
            Some(&self.revision),
        )
    }

    fn counter(&self, handle: &Handle, operation: Operation) -> Problem {
        self.after(handle, Answer::Counter(vec![operation]))
    }

    fn reject(&self, handle: &Handle, code: ReasonCode, part: Option<Part>) -> Problem {
        let reason = Reason {
            code,
            part,
            session: None,
            text: String::new(),
        };
        self.after(handle, Answer::Reject(vec![reason]))
    }

    fn block(&self) -> &PlanBlock {
        let blocks = &self.revision.blocks;
        blocks
            .iter()
            .max_by_key(|block| (block.span.minutes(), &block.id))
            .unwrap()
    }

    fn seat(&self) -> &Seat {
        &self.revision.seats[0]
    }
}

fn group<'a>(problem: &'a Problem, handle: &Handle) -> &'a Group {
    problem
        .groups
        .iter()
        .find(|group| group.id == *handle)
        .unwrap()
}

/// When a group hosts in a problem.
fn hosting(problem: &Problem, handle: &Handle) -> Vec<Span> {
    let hosting = group(problem, handle).hosting.as_ref();
    hosting.map_or_else(Vec::new, |of| at_least(&of.availability, Grade::Possible))
}

fn is_pinned(problem: &Problem, block: &PlanBlock) -> bool {
    let mut pins = problem.pins.blocks.iter();
    pins.any(|pin| (&pin.group, &pin.track, pin.span) == (&block.group, &block.track, block.span))
}

/// Whether somebody of a group could serve a role then.
fn can_serve(problem: &Problem, seat: &Seat, span: Span) -> bool {
    let mut operators = problem.operators.iter().filter(|of| of.group == seat.group);
    operators.any(|of| {
        let open = at_least(&of.availability, Grade::Possible);
        of.skills.iter().any(|skill| skill.role == seat.role) && !common(&open, &[span]).is_empty()
    })
}

#[test]
fn what_everybody_accepts_stays_to_the_last_pin() {
    let planned = Planned::once();
    let next = planned.after(&planned.block().group, Answer::Accept);
    assert_eq!(next.pins.blocks.len(), planned.revision.blocks.len());
    assert_eq!(next.pins.sessions.len(), planned.revision.sessions.len());
    for seat in &planned.revision.seats {
        let pins = next.pins.shifts.iter().filter(|pin| pin.duty == seat.duty);
        let covered: i64 = pins
            .filter_map(|pin| pin.span.intersection(&seat.span))
            .map(|of| of.minutes())
            .sum();
        assert_eq!(covered, seat.span.minutes() * i64::from(seat.heads));
    }
}

#[test]
fn a_dropped_block_is_not_given_to_that_group_again_and_the_others_stay() {
    let planned = Planned::once();
    let block = planned.block();
    let part = Part::Block(block.id.clone());
    let hosted = hosting(&planned.after(&block.group, Answer::Accept), &block.group);
    assert_ne!(common(&hosted, &[block.span]), []);
    for next in [
        planned.counter(&block.group, Operation::Drop(part.clone())),
        planned.reject(&block.group, ReasonCode::WrongTime, Some(part.clone())),
        planned.reject(&block.group, ReasonCode::RegionalEvent, Some(part.clone())),
        planned.reject(&block.group, ReasonCode::Other, Some(part.clone())),
    ] {
        assert_eq!(common(&hosting(&next, &block.group), &[block.span]), []);
        assert_eq!(next.pins.blocks.len(), planned.revision.blocks.len() - 1);
        assert!(!is_pinned(&next, block));
    }
}

#[test]
fn a_group_hosts_no_more_blocks_than_it_says() {
    let planned = Planned::once();
    let handle = &planned.block().group;
    let own = planned
        .revision
        .blocks
        .iter()
        .filter(|of| of.group == *handle)
        .count();
    for (next, most) in [
        (planned.counter(handle, Operation::LimitBlocks(1)), 1),
        (planned.counter(handle, Operation::LimitBlocks(0)), 0),
        (planned.reject(handle, ReasonCode::TooMuch, None), own - 1),
    ] {
        let allowed = group(&next, handle)
            .hosting
            .as_ref()
            .map_or(0, |of| of.max_blocks);
        assert_eq!(usize::try_from(allowed).unwrap(), most);
        let kept = next
            .pins
            .blocks
            .iter()
            .filter(|pin| pin.group == *handle)
            .count();
        assert!(kept <= most);
    }
}

#[test]
fn a_block_is_moved_as_asked_and_what_is_there_gives_way() {
    let planned = Planned::once();
    let block = planned.block();
    let cells = -2;
    let grid = Grid(planned.own.event.horizon);
    let to = grid.moved(block.span, cells).unwrap();
    let there =
        |pin: &&meridian_model::HostBlock| pin.track == block.track && pin.span.overlaps(&to);
    let before = planned.after(&block.group, Answer::Accept);
    assert_eq!(before.pins.blocks.iter().filter(there).count(), 2);
    let part = Part::Block(block.id.clone());
    let next = planned.counter(&block.group, Operation::Move(Move { part, cells }));
    let hosting = hosting(&next, &block.group);
    assert_eq!(common(&hosting, &[to]), [to]);
    let left = Span::new(to.end(), block.span.end()).unwrap();
    assert_eq!(common(&hosting, &[left]), []);
    assert_eq!(next.pins.blocks.iter().filter(there).count(), 0);
    assert_eq!(next.pins.blocks.len(), before.pins.blocks.len() - 2);
}

#[test]
fn two_blocks_change_places() {
    let planned = Planned::once();
    let one = planned.block();
    let mut others = planned
        .revision
        .blocks
        .iter()
        .filter(|of| of.group != one.group);
    let other = others.next().unwrap();
    let swap = Operation::Swap(Part::Block(one.id.clone()), Part::Block(other.id.clone()));
    let next = planned.counter(&one.group, swap);
    let at = |group: &Handle, place: &PlanBlock| {
        is_pinned(
            &next,
            &PlanBlock {
                group: group.clone(),
                ..place.clone()
            },
        )
    };
    assert!(at(&one.group, other) && at(&other.group, one));
    assert!(!is_pinned(&next, one) && !is_pinned(&next, other));
    assert_eq!(next.pins.blocks.len(), planned.revision.blocks.len());
}

#[test]
fn a_language_that_is_not_spoken_is_not_hosted_in() {
    let planned = Planned::once();
    let block = planned.block();
    let part = Part::Block(block.id.clone());
    let next = planned.reject(&block.group, ReasonCode::WrongLanguage, Some(part));
    let host = group(&next, &block.group);
    assert!(host.hosting.is_none() || !host.languages.contains(&block.language));
    assert!(!is_pinned(&next, block));
}

#[test]
fn nobody_of_a_group_serves_a_seat_that_it_dropped() {
    let planned = Planned::once();
    let seat = planned.seat();
    let part = Part::Seat(seat.id.clone());
    assert!(can_serve(
        &planned.after(&seat.group, Answer::Accept),
        seat,
        seat.span
    ));
    for next in [
        planned.counter(&seat.group, Operation::Drop(part.clone())),
        planned.reject(&seat.group, ReasonCode::TooFewPeople, Some(part.clone())),
    ] {
        let mut pins = next.pins.shifts.iter().filter(|pin| pin.duty == seat.duty);
        assert!(pins.all(|pin| !pin.span.overlaps(&seat.span)));
    }
}

#[test]
fn a_group_that_lacks_somebody_for_a_while_serves_the_rest() {
    let planned = Planned::once();
    let long = planned.revision.seats.iter().filter(|seat| seat.heads == 1);
    let seat = long
        .max_by_key(|seat| (seat.span.minutes(), &seat.id))
        .unwrap();
    let hour = |from: i64| {
        let at = |h: i64| {
            let second = seat.span.start().as_second() + h * 3600;
            meridian_model::Timestamp::from_second(second).unwrap()
        };
        Span::new(at(from), at(from + 1)).unwrap()
    };
    assert!(seat.span.minutes() >= 120);
    let lacks = Operation::NeedsRole(seat.role.clone(), hour(0));
    let next = planned.counter(&seat.group, lacks);
    let of_seat = |span: Span| {
        let mut able = next
            .operators
            .iter()
            .filter(|of| of.id.as_str().contains(seat.id.as_str()));
        able.any(|of| !common(&at_least(&of.availability, Grade::Possible), &[span]).is_empty())
    };
    assert!(!of_seat(hour(0)) && of_seat(hour(1)));
}

#[test]
fn a_session_is_not_put_where_its_speaker_cannot() {
    let planned = Planned::once();
    let mut placed = planned
        .revision
        .sessions
        .iter()
        .filter(|of| of.group.is_some());
    let placed = placed.next().unwrap();
    let handle = placed.group.as_ref().unwrap();
    let reason = Reason {
        code: ReasonCode::SpeakerCannot,
        part: None,
        session: Some(placed.id.clone()),
        text: String::new(),
    };
    let next = planned.after(handle, Answer::Reject(vec![reason]));
    assert!(
        next.pins
            .sessions
            .iter()
            .all(|pin| pin.session != placed.id)
    );
    assert_eq!(
        next.pins.sessions.len(),
        planned.revision.sessions.len() - 1
    );
    let session = next.sessions.iter().find(|of| of.id == placed.id).unwrap();
    let whole = next.event.horizon.span();
    let when = session
        .speakers
        .iter()
        .fold(vec![session.window.unwrap_or(whole)], |open, id| {
            let speaker = next.speakers.iter().find(|of| of.id == *id).unwrap();
            common(&open, &at_least(&speaker.availability, Grade::Possible))
        });
    assert_eq!(common(&when, &[placed.span]), []);
    assert_ne!(when, []);
}

#[test]
fn what_is_asked_for_twice_is_given_once() {
    let planned = Planned::once();
    let own = planned.seat();
    let mut others = planned
        .revision
        .seats
        .iter()
        .filter(|of| of.group != own.group);
    let other = others.next().unwrap();
    let seats = Operation::Swap(Part::Seat(own.id.clone()), Part::Seat(other.id.clone()));
    let block = planned.block();
    let mut others = planned
        .revision
        .blocks
        .iter()
        .filter(|of| of.group != block.group);
    let there = others.next().unwrap();
    let blocks = Operation::Swap(Part::Block(block.id.clone()), Part::Block(there.id.clone()));
    for (handle, swap) in [(&own.group, seats), (&block.group, blocks)] {
        let once = planned.after(handle, Answer::Counter(vec![swap.clone()]));
        let twice = planned.after(handle, Answer::Counter(vec![swap.clone(), swap]));
        assert_eq!((once.operators, once.pins), (twice.operators, twice.pins));
    }
}
