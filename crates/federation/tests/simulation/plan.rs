//! Plans and briefs as a coordinator of a run makes them: small, and often only a little changed.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::RecordId;
use meridian_federation::content::{
    Deadlines, EventBrief, Member, Phase, PlanBlock, PlanRevision, Seat, SpaceCharter,
};
use meridian_model::{GroupId as Handle, Horizon, Language, Span, Timestamp, Track, TzdbStamp};

use crate::dice::Dice;
use crate::world::World;

pub(crate) fn at(minutes: usize) -> Timestamp {
    let minutes = i64::try_from(minutes).unwrap();
    Timestamp::from_second(1_756_000_800 + minutes * 60).unwrap()
}

pub(crate) fn span(from: usize, to: usize) -> Span {
    Span::new(at(from), at(to)).unwrap()
}

pub(crate) fn members(world: &World) -> Vec<Member> {
    let members = world.groups.iter().map(|group| Member {
        group: group.id,
        handle: group.handle.clone(),
    });
    members.collect()
}

/// The first charter; now and then somebody is let in only later.
pub(crate) fn charter(world: &mut World) -> SpaceCharter {
    let mut members = members(world);
    if world.dice.one_in(4) {
        members.pop();
    }
    SpaceCharter {
        name: world.name.clone(),
        version: 1,
        previous: None,
        coordinator: world.ids[0],
        members,
        quorum: u32::try_from(world.groups.len() / 3 + 1).unwrap(),
        vocabulary: BTreeSet::new(),
        retention_days: 90,
    }
}

/// A brief of an event of so many days and one, which all plans fit into.
pub(crate) fn brief(version: u64, phase: Phase, more_days: usize) -> EventBrief {
    let n_cells = 48 * (1 + u32::try_from(more_days).unwrap());
    EventBrief {
        version,
        phase,
        title: format!("Relay, {version}"),
        horizon: Some(Horizon::new(at(0), 30, n_cells).unwrap()),
        candidates: vec![at(0), at(1440)],
        tracks: vec![Track {
            id: "main".into(),
            name: "Main".to_owned(),
        }],
        language: Language::from("en"),
        demand: Vec::new(),
        deadlines: Deadlines::default(),
        length: None,
        zone: None,
        roles: Vec::new(),
        policy: None,
    }
}

fn block(n: usize, group: &Handle, hour: usize) -> PlanBlock {
    PlanBlock {
        id: format!("b{n}").as_str().into(),
        group: group.clone(),
        track: "main".into(),
        language: Language::from("en"),
        span: span(hour * 60, hour * 60 + 60),
    }
}

fn seat(n: usize, group: &Handle, hour: usize) -> Seat {
    Seat {
        id: format!("s{n}").as_str().into(),
        group: group.clone(),
        duty: "mc".into(),
        role: "mc".into(),
        tracks: vec!["main".into()],
        span: span(hour * 60, hour * 60 + 60),
        heads: 1,
    }
}

/// A plan for a few members, or the one before with one block changed.
pub(crate) fn revision(
    dice: &mut Dice,
    brief: RecordId,
    members: &[Handle],
    before: Option<&PlanRevision>,
) -> PlanRevision {
    let number = before.map_or(1, |before| before.number + 1);
    if let Some(before) = before
        && !dice.one_in(3)
    {
        let mut plan = PlanRevision {
            number,
            brief,
            ..before.clone()
        };
        let changed = dice.below(plan.blocks.len());
        let hour = dice.below(24);
        if let Some(block) = plan.blocks.get_mut(changed) {
            block.span = span(hour * 60, hour * 60 + 60);
        }
        return plan;
    }
    let mut members = members.to_vec();
    dice.shuffle(&mut members);
    let n = 1 + dice.below(members.len().min(3));
    let mut plan = PlanRevision {
        number,
        brief,
        tzdb: TzdbStamp {
            version: "2026f".to_owned(),
            offsets_sha256: "00".repeat(32),
        },
        blocks: Vec::new(),
        sessions: Vec::new(),
        seats: Vec::new(),
        zones: BTreeMap::new(),
    };
    for (n, group) in members.iter().take(n).enumerate() {
        plan.blocks.push(block(n, group, dice.below(24)));
        if dice.one_in(2) {
            plan.seats.push(seat(n, group, dice.below(24)));
        }
    }
    plan
}
