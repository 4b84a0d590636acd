//! What the leader of a group does next, by what her node shows her.

use std::collections::BTreeSet;
use std::sync::Arc;

use meridian_federation::content::{
    Answer, Carried, CharterEndorse, Content, CustodyAccept, CustodyCommit, MemberJoin, OnDuty,
    Operation, Part, Phase, PlanPublish, PlanResponse, Reason, ReasonCode, RosterPublish,
    SpaceCharter, Subject,
};
use meridian_federation::fold::{Proposal, TakesPart};
use meridian_federation::{GroupId, Node, RecordId, SharedState};
use meridian_model::GroupId as Handle;

use crate::plan;
use crate::whim;
use crate::world::World;

/// What is said, and the groups that may read it where the kind names them.
pub(crate) type Saying = (Content, BTreeSet<GroupId>);

pub(crate) fn to_all(content: Content) -> Option<Saying> {
    Some((content, BTreeSet::new()))
}

/// What waits for her; or, now and then, whatever comes to her mind.
pub(crate) fn next(world: &mut World, who: usize) -> Option<Saying> {
    if world.chaos && world.dice.one_in(3) {
        return whim::any(world, who);
    }
    let waiting = duty(world, who);
    if waiting.is_some() {
        waiting
    } else {
        whim::any(world, who)
    }
}

fn duty(world: &mut World, who: usize) -> Option<Saying> {
    let me = world.ids[who];
    let state = world.node(who).state(&world.space).unwrap().clone();
    let Some(charter) = &state.charter else {
        let said = world.node(who).views(&world.space).unwrap();
        let opened = said.get(&me).is_some_and(|view| !view.charters.is_empty());
        let founder = who == 0 && !opened;
        return founder.then(|| (Content::SpaceCharter(plan::charter(world)), BTreeSet::new()));
    };
    if state
        .members
        .get(&me)
        .is_some_and(|of| of.takes_part == TakesPart::Invited)
    {
        return to_all(Content::MemberJoin(MemberJoin {
            charter: charter.record,
        }));
    }
    if charter.what.coordinator == me
        && let Some(content) = coordinate(world, who, &state)
    {
        return to_all(content);
    }
    let waiting = endorse(world.node(who), world, me, &state)
        .or_else(|| take_over(world.node(who), world, me, &state))
        .or_else(|| hand_over(world.node(who), world, me))
        .or_else(|| staff(&state, me));
    match waiting {
        Some(content) => to_all(content),
        None => to_all(answer(world, me, &state)?),
    }
}

fn coordinate(world: &mut World, who: usize, state: &SharedState) -> Option<Content> {
    let Some(brief) = &state.brief else {
        return Some(Content::EventBrief(plan::brief(1, Phase::Planning, 0)));
    };
    let newest = state.proposals.last();
    let in_force = state.published.as_ref();
    match newest {
        Some(newest) if in_force.is_some_and(|of| of.revision == newest.record) => None,
        Some(newest) if newest.is_acceptable() => publish(world.node(who), world, state, newest),
        Some(newest) => {
            let refused = newest.slices.values().any(|of| {
                of.answer
                    .as_ref()
                    .is_some_and(|answer| answer.what != Answer::Accept)
            });
            refused.then(|| revise(world, state, brief.record, Some(newest)))
        }
        None => Some(revise(world, state, brief.record, None)),
    }
}

pub(crate) fn revise(
    world: &mut World,
    state: &SharedState,
    brief: RecordId,
    before: Option<&Proposal>,
) -> Content {
    let members: Vec<Handle> = state.members.values().map(|of| of.handle.clone()).collect();
    let before = before.map(|of| &of.plan);
    Content::PlanRevision(plan::revision(&mut world.dice, brief, &members, before))
}

pub(crate) fn carried(node: &Node, world: &World, record: &RecordId) -> Option<Carried> {
    let envelope = Arc::clone(node.record(&world.space, record)?.envelope());
    let body = node.body(&world.space, record)?.as_ref().clone();
    Some(Carried { envelope, body })
}

pub(crate) fn publish(
    node: &Node,
    world: &World,
    state: &SharedState,
    proposal: &Proposal,
) -> Option<Content> {
    let answers = proposal.slices.values().filter_map(|of| of.answer.as_ref());
    let accepts = answers
        .filter_map(|of| carried(node, world, &of.record))
        .collect();
    let subject = Subject::Brief(proposal.plan.brief);
    let views = node.views(&world.space).ok()?.values();
    let endorsements = views
        .flat_map(|view| view.endorsements.values())
        .filter(|said| said.what.subject == subject)
        .filter_map(|said| carried(node, world, &said.record));
    Some(Content::PlanPublish(PlanPublish {
        revision: proposal.record,
        replaces: state.published.as_ref().map(|of| of.record),
        accepts,
        endorsements: endorsements.collect(),
    }))
}

/// A yes to the next charter, or to a brief, that she has not given yet.
fn endorse(node: &Node, world: &World, me: GroupId, state: &SharedState) -> Option<Content> {
    let charter = state.charter.as_ref()?;
    let views = node.views(&world.space).ok()?;
    let endorsed = |key: (bool, u64)| {
        views
            .get(&me)
            .is_some_and(|view| view.endorsements.contains_key(&key))
    };
    let mut charters = views.get(&charter.what.coordinator)?.charters.values();
    let follows = |next: &SpaceCharter| {
        next.previous == Some(charter.record) && !endorsed((false, next.version))
    };
    if let Some(next) = charters.find(|said| follows(&said.what)) {
        return Some(Content::CharterEndorse(CharterEndorse {
            subject: Subject::Charter(next.record),
            version: next.what.version,
        }));
    }
    let brief = state.brief.as_ref()?;
    (!endorsed((true, brief.what.version))).then_some(Content::CharterEndorse(CharterEndorse {
        subject: Subject::Brief(brief.record),
        version: brief.what.version,
    }))
}

/// Says yes to a part that is offered to her.
fn take_over(node: &Node, world: &World, me: GroupId, state: &SharedState) -> Option<Content> {
    let views = node.views(&world.space).ok()?;
    let mine = views.get(&me);
    let mut offers = views
        .iter()
        .flat_map(|(by, view)| view.offers.values().map(move |of| (by, of)));
    let (_, offer) = offers.find(|(by, offer)| {
        let custody = state.custody.get(&offer.what.part);
        let taken = mine.is_some_and(|view| view.accepts.contains_key(&offer.record));
        offer.what.to == me
            && !taken
            && custody.is_some_and(|of| of.custodian == **by && of.epoch == offer.what.epoch)
    })?;
    Some(Content::CustodyAccept(CustodyAccept {
        offer: offer.record,
    }))
}

/// Hands over a part that another group said yes to.
fn hand_over(node: &Node, world: &World, me: GroupId) -> Option<Content> {
    let views = node.views(&world.space).ok()?;
    let mine = views.get(&me)?;
    mine.offers.values().find_map(|offer| {
        let mut commits = mine.commits.values();
        if commits.any(|commit| commit.what.offer == offer.record) {
            return None;
        }
        let accept = views.get(&offer.what.to)?.accepts.get(&offer.record)?;
        let accept = carried(node, world, &accept.record)?;
        let offer = offer.record;
        Some(Content::CustodyCommit(CustodyCommit { offer, accept }))
    })
}

/// Says who is on duty in a part that she holds.
fn staff(state: &SharedState, me: GroupId) -> Option<Content> {
    let (part, custody) = state.custody.iter().find(|(part, custody)| {
        let said = state.rosters.iter();
        let mut said = said.filter(|of| of.part == **part && of.epoch == custody.epoch);
        custody.custodian == me && !said.any(|of| of.roster.is_some())
    })?;
    Some(Content::RosterPublish(RosterPublish {
        part: part.clone(),
        stands: custody.stands,
        epoch: custody.epoch,
        people: vec![OnDuty {
            shift: "shift".into(),
            person: format!("{me:?}").as_str().into(),
            name: None,
            span: plan::span(0, 60),
            handover_min: 0,
        }],
    }))
}

fn answer(world: &mut World, me: GroupId, state: &SharedState) -> Option<Content> {
    let proposal = state.proposals.last()?;
    let slice = proposal.slices.get(&me).filter(|of| of.answer.is_none())?;
    Some(Content::PlanResponse(PlanResponse {
        revision: proposal.record,
        slice: slice.slice,
        answer: answer_of(world),
    }))
}

pub(crate) fn answer_of(world: &mut World) -> Answer {
    match world.dice.below(8) {
        0 => Answer::Reject(vec![Reason {
            code: ReasonCode::WrongTime,
            part: None,
            session: None,
            text: "not then".to_owned(),
        }]),
        1 => Answer::Counter(vec![Operation::Drop(Part::Block("b0".into()))]),
        _ => Answer::Accept,
    }
}
