//! Everything that a leader may say without being asked.

use std::collections::BTreeSet;

use meridian_federation::GroupId;
use meridian_federation::content::{
    Answer, CapacityOffer, ContactCard, Content, CustodyOffer, CustodyReclaim, DateAnswer,
    DateResponse, MemberJoin, MemberLeave, Phase, PlanCancel, PlanResponse, RosterOverride,
    SpaceCharter, TalkOffer, TalkWithdraw,
};
use meridian_federation::{RecordId, SharedState};
use meridian_model::{Delivery, Grade, Language};

use crate::invariant::PLANTED;
use crate::leader::{self, Saying, to_all};
use crate::plan;
use crate::world::World;

pub(crate) fn any(world: &mut World, who: usize) -> Option<Saying> {
    let me = world.ids[who];
    let state = world.node(who).state(&world.space).unwrap().clone();
    let charter = state.charter.as_ref()?;
    if charter.what.coordinator == me && world.dice.one_in(2) {
        return to_all(rule(world, &state, &charter.what, charter.record)?);
    }
    // A swap takes three groups' words in a row; without many beginnings none would come to its end.
    let holds = state.custody.values().any(|of| of.custodian == me);
    if holds && world.dice.one_in(3) {
        return to_all(offer(world, me, &state)?);
    }
    let brief = state.brief.as_ref().map(|of| of.record);
    let content = match world.dice.below(10) {
        0 => leave_or_join(world, charter.record),
        1 => dates(world, brief?),
        2 => talk(world),
        3 => capacity(brief?),
        4 => return Some((contact(), readers(world))),
        5 | 6 => shift(world, me, &state)?,
        7 | 8 => offer(world, me, &state)?,
        _ => other_answer(world, me, &state)?,
    };
    to_all(content)
}

fn leave_or_join(world: &mut World, charter: RecordId) -> Content {
    if world.dice.one_in(3) {
        Content::MemberLeave(MemberLeave {
            reason: String::new(),
        })
    } else {
        Content::MemberJoin(MemberJoin { charter })
    }
}

fn dates(world: &mut World, brief: RecordId) -> Content {
    let grades = [
        Grade::Impossible,
        Grade::IfNeedBe,
        Grade::Possible,
        Grade::Prefer,
    ];
    let answer = DateAnswer {
        start: plan::at(0),
        grade: *world.dice.pick(&grades).unwrap(),
        heads: Some(3),
        clashes: Vec::new(),
    };
    Content::DateResponse(DateResponse {
        brief,
        dates: vec![answer],
    })
}

fn talk(world: &mut World) -> Content {
    let session = format!("t{}", world.dice.below(2)).as_str().into();
    if world.dice.one_in(3) {
        return Content::TalkWithdraw(TalkWithdraw { session });
    }
    Content::TalkOffer(TalkOffer {
        session,
        title: PLANTED.to_owned(),
        kind: "talk".to_owned(),
        length_min: 30,
        languages: vec![Language::from("en")],
        speakers: Vec::new(),
        windows: Vec::new(),
        delivery: Delivery::Live,
        changeover_min: 0,
        tags: Vec::new(),
        tracks: Vec::new(),
        priority: None,
    })
}

fn capacity(brief: RecordId) -> Content {
    Content::CapacityOffer(CapacityOffer {
        brief,
        heads: Vec::new(),
        hosting: vec![plan::span(0, 60)],
        languages: Vec::new(),
        shortest_min: 60,
        longest_min: 60,
        max_blocks: 1,
        blocked: Vec::new(),
        zones: BTreeSet::from([PLANTED.to_owned()]),
        prime: Vec::new(),
        shifts: Vec::new(),
        revision: None,
    })
}

fn contact() -> Content {
    Content::ContactCard(ContactCard {
        lines: vec![PLANTED.to_owned()],
    })
}

fn readers(world: &mut World) -> BTreeSet<GroupId> {
    let ids = world.ids.clone();
    ids.into_iter().filter(|_| world.dice.one_in(4)).collect()
}

/// Somebody else comes to a shift of a part that she holds.
fn shift(world: &mut World, me: GroupId, state: &SharedState) -> Option<Content> {
    let held: Vec<_> = state
        .custody
        .iter()
        .filter(|(_, of)| of.custodian == me)
        .collect();
    let (part, custody) = *world.dice.pick(&held)?;
    let person = format!("p{}", world.dice.below(3));
    Some(Content::RosterOverride(RosterOverride {
        part: part.clone(),
        stands: custody.stands,
        epoch: custody.epoch,
        shift: "shift".into(),
        instead: Some(person.as_str().into()),
        name: None,
    }))
}

fn offer(world: &mut World, me: GroupId, state: &SharedState) -> Option<Content> {
    let held: Vec<_> = state
        .custody
        .iter()
        .filter(|(_, of)| of.custodian == me)
        .collect();
    let (part, custody) = *world.dice.pick(&held)?;
    let others: Vec<_> = world.ids.iter().filter(|id| **id != me).copied().collect();
    Some(Content::CustodyOffer(CustodyOffer {
        part: part.clone(),
        stands: custody.stands,
        epoch: custody.epoch,
        to: *world.dice.pick(&others)?,
    }))
}

/// She thinks again about a plan.
fn other_answer(world: &mut World, me: GroupId, state: &SharedState) -> Option<Content> {
    let asked: Vec<_> = state
        .proposals
        .iter()
        .filter(|of| of.slices.contains_key(&me))
        .collect();
    let proposal = *world.dice.pick(&asked)?;
    let slice = proposal.slices.get(&me)?.slice;
    let answer = if world.dice.one_in(2) {
        Answer::Accept
    } else {
        leader::answer_of(world)
    };
    Some(Content::PlanResponse(PlanResponse {
        revision: proposal.record,
        slice,
        answer,
    }))
}

/// What only a coordinator says.
fn rule(
    world: &mut World,
    state: &SharedState,
    charter: &SpaceCharter,
    record: RecordId,
) -> Option<Content> {
    let brief = state.brief.as_ref();
    match world.dice.below(6) {
        0 => {
            let other = *world.dice.pick(&world.ids.clone())?;
            let mut next = SpaceCharter {
                version: charter.version + 1,
                previous: Some(record),
                ..charter.clone()
            };
            match world.dice.below(4) {
                0 => {}
                1 => next.members = plan::members(world),
                2 => next.members.retain(|member| member.group != other),
                _ => next.coordinator = other,
            }
            Some(Content::SpaceCharter(next))
        }
        1 => {
            let version = brief.map_or(1, |of| of.what.version + 1);
            let phases = [Phase::Planning, Phase::Planning, Phase::Live];
            let phase = *world.dice.pick(&phases)?;
            let horizon = world.dice.below(2);
            Some(Content::EventBrief(plan::brief(version, phase, horizon)))
        }
        2 | 3 => Some(leader::revise(
            world,
            state,
            brief?.record,
            state.proposals.last(),
        )),
        4 => state.published.as_ref().map(|of| {
            Content::PlanCancel(PlanCancel {
                publish: of.record,
                reason: String::new(),
            })
        }),
        _ => {
            let parts: Vec<_> = state.custody.iter().collect();
            let (part, custody) = *world.dice.pick(&parts)?;
            let to = *world.dice.pick(&world.ids.clone())?;
            Some(Content::CustodyReclaim(CustodyReclaim {
                part: part.clone(),
                stands: custody.stands,
                reclaims: custody.epoch.reclaims + 1,
                to,
                reason: String::new(),
            }))
        }
    }
}
