//! An event from its charter to a swap while it runs, across nodes that each hold their own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect fails"
)]

mod world;

use std::sync::Arc;

use meridian_federation::content::{
    Answer, CapacityOffer, Content, CustodyAccept, CustodyCommit, CustodyOffer, Epoch, HeadCount,
    OnDuty, Part, Phase, PlanPublish, RosterOverride, RosterPublish, Subject,
};
use meridian_federation::sync::Sent;
use meridian_federation::{Code, Message, Packet, Stage};
use world::{Group, World, docs, span};

#[test]
fn groups_that_met_agree_on_a_charter_and_each_other_s_cards() {
    let world = World::opened(4);
    world.assert_agreed();
    let state = world.state(3);
    assert_eq!(state.stage, Stage::Preparing);
    assert_eq!(state.members.len(), 4);
    assert_eq!(
        state.charter.as_ref().unwrap().record,
        world.charter.unwrap()
    );
}

#[test]
fn a_plan_that_everybody_accepts_is_published_everywhere() {
    let (mut world, revision, plan, accepts) = World::accepted(4);
    assert_eq!(world.state(2).stage, Stage::Acceptable);
    assert!(world.state(2).published.is_none());
    let publish = PlanPublish {
        revision,
        replaces: None,
        accepts,
        endorsements: Vec::new(),
    };
    let publish = world.say(0, &Content::PlanPublish(publish));
    world.sync();
    world.assert_agreed();
    let state = world.state(3);
    assert_eq!(state.stage, Stage::Published);
    assert_eq!(state.published.as_ref().unwrap().record, publish);
    assert_eq!(state.plan(), Some(&plan));
    for group in &world.groups {
        assert_eq!(group.node.verdicts(&world.space).unwrap().len(), 0);
    }
}

#[test]
fn a_revision_that_leaves_a_slice_as_it_was_keeps_its_answer_and_the_published_plan_stays_until_the_next()
 {
    let (mut world, first, plan) = World::published(4);
    let mut next = plan.clone();
    next.number = 2;
    next.blocks[1].span = span(600, 660);
    let revision = world.say(0, &Content::PlanRevision(next.clone()));
    world.sync();
    let proposal = world.state(3).proposals.last().unwrap().clone();
    let answered: Vec<_> = proposal
        .slices
        .values()
        .map(|of| of.answer.is_some())
        .collect();
    assert_eq!(answered.iter().filter(|answered| !**answered).count(), 1);
    assert!(proposal.slices[&world.groups[1].id].answer.is_none());
    assert_eq!(world.state(3).published.as_ref().unwrap().record, first);

    let accept = world.answer(1, revision, &next, Answer::Accept);
    world.sync();
    let mut accepts: Vec<_> = Vec::new();
    for (group, slice) in &world.state(0).proposals.last().unwrap().slices {
        let record = slice.answer.as_ref().unwrap().record;
        assert_eq!(record == accept, *group == world.groups[1].id);
        accepts.push(world.carried(0, &record));
    }
    let publish = PlanPublish {
        revision,
        replaces: Some(first),
        accepts,
        endorsements: Vec::new(),
    };
    world.say(0, &Content::PlanPublish(publish));
    world.sync();
    world.assert_agreed();
    let published = world.state(2).published.as_ref().unwrap();
    assert_eq!((published.revision, published.release), (revision, 2));
}

#[test]
fn offers_go_to_the_coordinator_alone() {
    let mut world = World::opened(3);
    let brief = world.brief(1, Phase::Planning);
    let brief = world.say(0, &Content::EventBrief(brief));
    world.sync();
    let offer = CapacityOffer {
        brief,
        heads: vec![HeadCount {
            role: "mc".into(),
            language: None,
            first_cell: 0,
            heads: vec![2, 2, 1],
        }],
        hosting: vec![span(0, 600)],
        languages: vec!["es".into()],
        shortest_min: 60,
        longest_min: 180,
        max_blocks: 2,
        blocked: Vec::new(),
        zones: std::collections::BTreeSet::from(["America/Lima".to_owned()]),
        prime: Vec::new(),
        shifts: Vec::new(),
        revision: None,
    };
    let record = world.say(1, &Content::CapacityOffer(offer.clone()));
    world.sync();
    world.assert_agreed();
    let of = |who: usize| {
        let views = world.groups[who].node.views(&world.space).unwrap();
        let view = views.get(&world.groups[1].id).unwrap();
        view.capacity
            .get(&brief)
            .map(|said| said.what.as_ref().clone())
    };
    assert_eq!(of(0), Some(offer.clone()));
    assert_eq!(of(1), Some(offer));
    assert_eq!(of(2), None);
    assert!(world.groups[2].node.record(&world.space, &record).is_some());
}

#[test]
fn a_part_changes_hands_by_both_groups_word_and_its_roster_with_it() {
    let (mut world, ..) = World::published(4);
    let part = Part::Block("b-lima".into());
    let custody = world.state(0).custody[&part].clone();
    assert_eq!(custody.custodian, world.groups[1].id);
    let roster = |epoch: Epoch, person: &str| {
        Content::RosterPublish(RosterPublish {
            part: part.clone(),
            stands: custody.stands,
            epoch,
            people: vec![OnDuty {
                shift: "x".into(),
                person: person.into(),
                name: None,
                span: span(60, 120),
                handover_min: 0,
            }],
        })
    };
    world.say(1, &roster(Epoch::default(), "p1"));
    let offer = CustodyOffer {
        part: part.clone(),
        stands: custody.stands,
        epoch: Epoch::default(),
        to: world.groups[3].id,
    };
    let offer = world.say(1, &Content::CustodyOffer(offer));
    world.sync();
    let accept = world.say(3, &Content::CustodyAccept(CustodyAccept { offer }));
    world.sync();
    let accept = world.carried(1, &accept);
    world.say(1, &Content::CustodyCommit(CustodyCommit { offer, accept }));
    world.sync();
    let next = Epoch {
        reclaims: 0,
        swaps: 1,
    };
    let now = &world.state(2).custody[&part];
    assert_eq!((now.epoch, now.custodian), (next, world.groups[3].id));
    world.say(3, &roster(next, "p3"));
    let change = RosterOverride {
        part: part.clone(),
        stands: custody.stands,
        epoch: next,
        shift: "x".into(),
        instead: Some("p4".into()),
        name: None,
    };
    world.say(3, &Content::RosterOverride(change));
    world.sync();
    world.assert_agreed();
    let rosters = &world.state(0).rosters;
    assert_eq!(rosters.len(), 2);
    assert_eq!(rosters[1].overrides.len(), 1);
}

#[test]
fn another_structure_needs_the_quorum_and_a_new_charter_does() {
    let (mut world, first, plan) = World::published(4);
    let mut brief = world.brief(2, Phase::Planning);
    brief.tracks[0].name = "Other".to_owned();
    let brief = world.say(0, &Content::EventBrief(brief));
    let mut next = plan.clone();
    next.brief = brief;
    let revision = world.say(0, &Content::PlanRevision(next.clone()));
    world.sync();
    let accepts: Vec<_> = world
        .state(0)
        .proposals
        .last()
        .unwrap()
        .slices
        .values()
        .map(|of| world.carried(0, &of.answer.as_ref().unwrap().record))
        .collect();
    let mut publish = PlanPublish {
        revision,
        replaces: Some(first),
        accepts,
        endorsements: Vec::new(),
    };
    let short = world.say(0, &Content::PlanPublish(publish.clone()));
    world.sync();
    let why = world.groups[2].node.verdicts(&world.space).unwrap()[&short].code;
    assert_eq!(why, meridian_federation::Code::QuorumShort);
    for who in [1, 2] {
        let endorsement = world.endorse(who, Subject::Brief(brief), 2);
        publish.endorsements.push(world.carried(who, &endorsement));
    }
    let whole = world.say(0, &Content::PlanPublish(publish));
    world.sync();
    world.assert_agreed();
    assert_eq!(world.state(3).published.as_ref().unwrap().record, whole);

    let mut charter = world.charter_of(2, world.charter);
    charter.coordinator = world.groups[1].id;
    let charter = world.say(0, &Content::SpaceCharter(charter));
    world.endorse(1, Subject::Charter(charter), 2);
    world.sync();
    assert_eq!(world.state(3).charter.as_ref().unwrap().what.version, 1);
    world.endorse(2, Subject::Charter(charter), 2);
    world.sync();
    world.assert_agreed();
    assert_eq!(world.state(3).charter.as_ref().unwrap().record, charter);
    let late = world.brief(3, Phase::Live);
    let late = world.say(0, &Content::EventBrief(late));
    let brief = world.brief(4, Phase::Live);
    world.say(1, &Content::EventBrief(brief));
    world.sync();
    world.assert_agreed();
    assert_eq!(world.state(2).brief.as_ref().unwrap().what.version, 4);
    let why = world.groups[2].node.verdicts(&world.space).unwrap()[&late].code;
    assert_eq!(why, meridian_federation::Code::WrongCharter);
}

#[test]
fn a_certificate_that_came_before_the_cards_of_those_who_accepted_counts_once_they_are_here() {
    let (world, publish, _) = World::published(3);
    let (space, coordinator) = (world.space, &world.groups[0]);
    let mut late = Group::new(3).node;
    let _ = late.follow(space, coordinator.id);
    assert_eq!(late.take_card(coordinator.card.envelope()).refused, []);
    late.allow(coordinator.id);
    let log = &coordinator.node.logs(&space).unwrap()[&(coordinator.id, 0)];
    let records = log.chain().iter().map(|record| Sent {
        envelope: Arc::clone(record.envelope()),
        body: coordinator.node.body(&space, &record.id()).map(Arc::clone),
    });
    let packet = Packet {
        from: coordinator.id,
        to: late.me(),
        space,
        message: Message::Docs(docs(records.collect())),
        spoiled: Vec::new(),
    };
    assert_eq!(late.handle(coordinator.id, packet).refused, []);
    assert_eq!(late.state(&space).unwrap().published, None);
    let verdicts = late.verdicts(&space).unwrap();
    assert_eq!(verdicts[&publish].code, Code::UnknownGroup);
    for group in &world.groups[1..] {
        assert_eq!(late.take_card(group.card.envelope()).refused, []);
    }
    let published = late.state(&space).unwrap().published.as_ref();
    assert_eq!(published.map(|of| of.record), Some(publish));
    assert_eq!(
        late.full_fold(&space).as_ref(),
        Ok(late.state(&space).unwrap())
    );
}
