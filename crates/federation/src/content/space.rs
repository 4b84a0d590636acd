//! The space and its brief: who takes part, what is to be planned.

use std::collections::BTreeSet;

use meridian_model::{
    DutyId, GroupId as Handle, Horizon, Language, Policy, Role, RoleId, Span, Timestamp, Track,
    TrackId, ZoneName,
};
use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, RecordId};

/// A group of a space, and what plans call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The group.
    pub group: GroupId,
    /// Its name in plans; unique in the charter.
    pub handle: Handle,
}

/// Who takes part and who decides (`space.charter`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceCharter {
    /// The name that the space was opened under; with its founder it gives the space's id.
    pub name: String,
    /// Counts up from 1.
    pub version: u64,
    /// The charter in effect that this one takes the place of; `None` for the first.
    pub previous: Option<RecordId>,
    /// Who decides from then on.
    pub coordinator: GroupId,
    /// Who takes part.
    pub members: Vec<Member>,
    /// How many members must say yes to the next charter, or to a brief with another date or structure.
    pub quorum: u32,
    /// Words that the members agreed on, such as ids of roles and languages.
    pub vocabulary: BTreeSet<String>,
    /// How many days after the event bodies are kept.
    pub retention_days: u32,
}

/// What is endorsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A charter.
    Charter(RecordId),
    /// A brief.
    Brief(RecordId),
}

/// A member's yes to a charter or a brief (`charter.endorse`). The first of a group to a version counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CharterEndorse {
    /// To what.
    pub subject: Subject,
    /// The version of that.
    pub version: u64,
}

/// A group takes part (`member.join`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberJoin {
    /// The charter that it read.
    pub charter: RecordId,
}

/// A group takes part no longer (`member.leave`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLeave {
    /// Why, for people.
    pub reason: String,
}

/// How far an event is, by its coordinator's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It is planned.
    Planning,
    /// It runs.
    Live,
    /// It is over.
    Archived,
}

/// Until when answers are waited for. For people and their nodes' reminders: silence becomes true only by a record
/// of the coordinator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlines {
    /// For answers to candidate dates.
    pub dates: Option<Timestamp>,
    /// For offers.
    pub offers: Option<Timestamp>,
    /// For answers to a plan.
    pub answers: Option<Timestamp>,
}

/// A standing demand for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// What plans call it.
    pub duty: DutyId,
    /// The role.
    pub role: RoleId,
    /// The tracks that one person serves at once.
    pub tracks: Vec<TrackId>,
    /// When; empty means always.
    pub spans: Vec<Span>,
    /// How many people at once.
    pub count: u32,
}

/// How long an event is, and how finely it is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    /// Minutes of a cell.
    pub cell_min: u32,
    /// Number of cells.
    pub n_cells: u32,
}

/// What is to be planned (`event.brief`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventBrief {
    /// Counts up from 1.
    pub version: u64,
    /// How far the event is.
    pub phase: Phase,
    /// Title for people.
    pub title: String,
    /// When, once that is decided.
    pub horizon: Option<Horizon>,
    /// Starts that groups are asked about.
    pub candidates: Vec<Timestamp>,
    /// The streams.
    pub tracks: Vec<Track>,
    /// The language that every block is either held in or interpreted into.
    pub language: Language,
    /// The standing demand for people.
    pub demand: Vec<Demand>,
    /// Until when answers are waited for.
    pub deadlines: Deadlines,
    /// How long, while it is not decided when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<Length>,
    /// The zone that the organisers speak in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<ZoneName>,
    /// The roles that people serve in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// What the event asks of a plan, so that every group plans with the same rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
}

impl EventBrief {
    /// Whether a plan made for one is of another date or structure than a plan made for the other.
    #[must_use]
    pub fn is_restructured(&self, before: &Self) -> bool {
        (&self.horizon, &self.tracks, &self.language, &self.demand)
            != (
                &before.horizon,
                &before.tracks,
                &before.language,
                &before.demand,
            )
    }
}
