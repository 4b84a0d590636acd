//! The shared state: what everybody with the same records sees. Only what everybody may read is in it.

use std::collections::{BTreeMap, BTreeSet};

use meridian_model::{GroupId as Handle, ShiftId};
use serde::{Deserialize, Serialize};

use super::Fold;
use crate::canonical;
use crate::content::{
    Answer, DateResponse, Epoch, EventBrief, Part, Phase, PlanRevision, RosterOverride,
    RosterPublish, SpaceCharter,
};
use crate::ids::{self, GroupId, PartHash, RecordId, SliceHash, SpaceId, StateDigest};

/// How far a space is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// No charter is in effect.
    Unopened,
    /// Offers come in; what is planned is private to the coordinator.
    Preparing,
    /// A plan was proposed.
    Proposed,
    /// Every group in the newest plan has accepted its slice.
    Acceptable,
    /// A plan is in force.
    Published,
    /// The event runs.
    Live,
    /// It is over.
    Archived,
}

/// Something in force, and the record that says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InForce<T> {
    /// The record.
    pub record: RecordId,
    /// What it says.
    pub what: T,
}

/// Whether a member takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TakesPart {
    /// It has said nothing yet.
    Invited,
    /// Yes.
    Joined,
    /// No longer.
    Left,
}

/// A member of the charter in effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Membership {
    /// What plans call it.
    pub handle: Handle,
    /// Whether it takes part.
    pub takes_part: TakesPart,
}

/// Whether the records of a group can be relied on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Where it signed two records.
    pub forks: Vec<Fork>,
    /// The version of which it signed two cards.
    pub suspended: Option<u64>,
}

/// Where a group signed two records, and its log ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fork {
    /// The group.
    pub group: GroupId,
    /// The log.
    pub generation: u64,
    /// The place.
    pub sequence: u64,
}

/// A group's answer to its slice of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SliceAnswer {
    /// What it consents to.
    pub slice: SliceHash,
    /// Its newest answer to that, and the record.
    pub answer: Option<InForce<Answer>>,
}

/// A plan that was proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The record.
    pub record: RecordId,
    /// The plan.
    pub plan: PlanRevision,
    /// Every group that is in it.
    pub slices: BTreeMap<GroupId, SliceAnswer>,
}

impl Proposal {
    /// Whether every group in it has accepted.
    #[must_use]
    pub fn is_acceptable(&self) -> bool {
        let mut answers = self.slices.values();
        answers.all(|of| {
            of.answer
                .as_ref()
                .is_some_and(|of| of.what == Answer::Accept)
        })
    }
}

/// A plan in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    /// The publication.
    pub record: RecordId,
    /// The plan's record.
    pub revision: RecordId,
    /// How many plans have been in force, with this one.
    pub release: u64,
}

/// Who speaks for a part of the plan in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Custody {
    /// The part as it stands in the plan.
    pub stands: PartHash,
    /// How often it changed hands.
    pub epoch: Epoch,
    /// Who speaks for it.
    pub custodian: GroupId,
    /// Who did in each epoch, with the last.
    pub history: Vec<(Epoch, GroupId)>,
}

/// Who is on duty in a part, by the custodian of an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Roster {
    /// The part.
    pub part: Part,
    /// The epoch.
    pub epoch: Epoch,
    /// The roster.
    pub roster: Option<RosterPublish>,
    /// What changed since.
    pub overrides: BTreeMap<ShiftId, RosterOverride>,
}

/// What everybody sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedState {
    /// The space.
    pub space: SpaceId,
    /// How far it is.
    pub stage: Stage,
    /// The charter in effect.
    pub charter: Option<InForce<SpaceCharter>>,
    /// Its members.
    pub members: BTreeMap<GroupId, Membership>,
    /// Groups whose records are in doubt.
    pub doubts: BTreeMap<GroupId, Standing>,
    /// The brief in force.
    pub brief: Option<InForce<EventBrief>>,
    /// Answers to its candidate dates.
    pub dates: BTreeMap<GroupId, DateResponse>,
    /// The plans proposed, the newest last.
    pub proposals: Vec<Proposal>,
    /// The plan in force.
    pub published: Option<Published>,
    /// Who speaks for each part of it.
    pub custody: BTreeMap<Part, Custody>,
    /// Who is on duty, by part and epoch.
    pub rosters: Vec<Roster>,
}

impl SharedState {
    /// The state in one number: equal if and only if the states are.
    #[must_use]
    pub fn digest(&self) -> StateDigest {
        // A state is made of what was read from canonical bytes, so it can be written.
        let bytes = canonical::write(self).unwrap_or_default();
        StateDigest::from_bytes(ids::hash("meridian/state/1", &[&bytes]))
    }

    /// The plan in force.
    #[must_use]
    pub fn plan(&self) -> Option<&PlanRevision> {
        let revision = self.published.as_ref()?.revision;
        let mut proposals = self.proposals.iter();
        proposals
            .find(|of| of.record == revision)
            .map(|of| &of.plan)
    }
}

pub(super) fn assemble(fold: &Fold<'_>) -> SharedState {
    let scene = fold.scene;
    let era = fold.eras.last();
    let brief = fold.plans.briefs.last();
    let brief = brief.map(|of| InForce {
        record: of.said.record,
        what: EventBrief::clone(&of.said.what),
    });
    let proposals: Vec<_> = fold
        .plans
        .proposed
        .iter()
        .map(|of| proposal(fold, of))
        .collect();
    let published = fold.plans.in_force().map(|(publish, proposal)| Published {
        record: publish.said.record,
        revision: proposal.ruled.said.record,
        release: u64::try_from(fold.plans.published.len()).unwrap_or(u64::MAX),
    });
    let dates = scene.views.iter().filter_map(|(group, view)| {
        let answer = view.dates.get(&brief.as_ref()?.record)?;
        let counts = era?.handle(group).is_some() && scene.is_heard(group);
        counts.then(|| (*group, DateResponse::clone(&answer.what)))
    });
    let phase = brief.as_ref().map(|of| of.what.phase);
    let stage = match (era, phase, &published, proposals.last()) {
        (None, ..) => Stage::Unopened,
        (_, Some(Phase::Archived), ..) => Stage::Archived,
        (_, Some(Phase::Live), Some(_), _) => Stage::Live,
        (_, _, Some(_), _) => Stage::Published,
        (_, _, None, Some(newest)) if newest.is_acceptable() => Stage::Acceptable,
        (_, _, None, Some(_)) => Stage::Proposed,
        (_, _, None, None) => Stage::Preparing,
    };
    SharedState {
        space: scene.space,
        stage,
        charter: era.map(|era| InForce {
            record: era.record,
            what: SpaceCharter::clone(&era.charter),
        }),
        members: members(fold),
        doubts: doubts(fold),
        dates: dates.collect(),
        brief,
        proposals,
        published,
        custody: fold.custody.clone(),
        rosters: rosters(fold),
    }
}

fn members(fold: &Fold<'_>) -> BTreeMap<GroupId, Membership> {
    let members = fold.eras.last().map(|era| era.charter.members.iter());
    members
        .into_iter()
        .flatten()
        .map(|member| {
            let said = fold.scene.view(&member.group);
            let takes_part = match said.and_then(|view| view.membership) {
                None => TakesPart::Invited,
                Some((_, true)) => TakesPart::Joined,
                Some((_, false)) => TakesPart::Left,
            };
            let handle = member.handle.clone();
            (member.group, Membership { handle, takes_part })
        })
        .collect()
}

fn doubts(fold: &Fold<'_>) -> BTreeMap<GroupId, Standing> {
    // Whoever was ever a member: whose records are merely kept is another matter at every node.
    let members = fold.eras.iter().flat_map(|era| &era.charter.members);
    let groups: BTreeSet<_> = members.map(|member| member.group).collect();
    let doubts = groups.iter().filter_map(|group| {
        let forks = fold.scene.forks.iter().filter(|fork| fork.group == *group);
        let standing = Standing {
            forks: forks.cloned().collect(),
            suspended: fold.scene.trust.disputed(group).map(|of| of.version),
        };
        let in_doubt = !standing.forks.is_empty() || standing.suspended.is_some();
        in_doubt.then_some((*group, standing))
    });
    doubts.collect()
}

fn proposal(fold: &Fold<'_>, of: &super::plan::Proposed<'_>) -> Proposal {
    let slices = of.slices.iter().map(|(group, slice)| {
        let view = fold
            .scene
            .view(group)
            .filter(|_| fold.scene.is_heard(group));
        let answer = view.and_then(|view| view.responses.get(slice));
        let answer = answer.map(|of| InForce {
            record: of.record,
            what: of.what.answer.clone(),
        });
        let slice = *slice;
        (*group, SliceAnswer { slice, answer })
    });
    Proposal {
        record: of.ruled.said.record,
        plan: PlanRevision::clone(&of.ruled.said.what),
        slices: slices.collect(),
    }
}

fn rosters(fold: &Fold<'_>) -> Vec<Roster> {
    let mut rosters = Vec::new();
    for (part, custody) in &fold.custody {
        for (epoch, custodian) in &custody.history {
            let Some(view) = fold.scene.view(custodian) else {
                continue;
            };
            let hold = (part.clone(), custody.stands, *epoch);
            let roster = view
                .rosters
                .get(&hold)
                .filter(|_| fold.scene.is_heard(custodian));
            let from = (hold.clone(), ShiftId::new(""));
            let overrides = view.overrides.range(from..);
            let overrides: BTreeMap<_, _> = overrides
                .take_while(|((of, _), _)| *of == hold)
                .filter(|_| fold.scene.is_heard(custodian))
                .map(|((_, shift), said)| (shift.clone(), RosterOverride::clone(&said.what)))
                .collect();
            if roster.is_some() || !overrides.is_empty() {
                rosters.push(Roster {
                    part: part.clone(),
                    epoch: *epoch,
                    roster: roster.map(|said| RosterPublish::clone(&said.what)),
                    overrides,
                });
            }
        }
    }
    rosters
}
