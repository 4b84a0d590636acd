//! What groups offer: how dates suit them, talks, and head-counts. Never who, and never when somebody can.

use std::collections::BTreeSet;

use meridian_model::{
    Delivery, DutyId, Grade, Language, Priority, RoleId, SessionId, Span, SpeakerId, Timestamp,
    TrackId,
};
use serde::{Deserialize, Serialize};

use crate::ids::RecordId;

/// How one candidate date suits a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateAnswer {
    /// The start that was asked about.
    pub start: Timestamp,
    /// How well.
    pub grade: Grade,
    /// How many people, about; `None` when the group does not say.
    pub heads: Option<u32>,
    /// Public events that are in the way, by name.
    pub clashes: Vec<String>,
}

/// How candidate dates suit a group (`date.response`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateResponse {
    /// The brief that asks.
    pub brief: RecordId,
    /// One answer for each date that the group speaks of.
    pub dates: Vec<DateAnswer>,
}

/// A talk (`talk.offer`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TalkOffer {
    /// What plans call it; its group's handle comes first, so that two groups never offer one id.
    pub session: SessionId,
    /// Title for people.
    pub title: String,
    /// Kind, such as `talk`.
    pub kind: String,
    /// Length in minutes.
    pub length_min: u32,
    /// Languages that it can be held in, the preferred one first.
    pub languages: Vec<Language>,
    /// Who speaks, as pseudonyms.
    pub speakers: Vec<SpeakerId>,
    /// When it may be; empty means any time.
    pub windows: Vec<Span>,
    /// Live or recorded.
    pub delivery: Delivery,
    /// Change-over after it in minutes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub changeover_min: u32,
    /// Topics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Tracks that it may be on; empty means any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<TrackId>,
    /// How much it matters to its group; the coordinator decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
}

/// For fields that older records do not have.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is the serialiser's"
)]
pub(super) const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A talk is offered no longer (`talk.withdraw`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TalkWithdraw {
    /// Which.
    pub session: SessionId,
}

/// So many people at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadCount {
    /// In this role.
    pub role: RoleId,
    /// In this language, where the role asks for one.
    pub language: Option<Language>,
    /// First cell of the brief's horizon.
    pub first_cell: u32,
    /// People in that cell and each that follows, exact or rounded down as the group chooses.
    pub heads: Vec<u32>,
}

/// A shift of duty that nobody serves yet, and that a group can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftOffer {
    /// The duty.
    pub duty: DutyId,
    /// When, at most; it can be less.
    pub span: Span,
    /// Languages that it can be served in, where the role asks for one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// Or one of these duties then, as they stand in the plan that it is reckoned for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<DutyId>,
}

/// A regional event in which a group does nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// Its public name.
    pub title: String,
    /// When.
    pub span: Span,
}

/// How many people a group has for what (`capacity.offer`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityOffer {
    /// The brief that asks.
    pub brief: RecordId,
    /// Head-counts; a group of fewer than three people leaves them out.
    pub heads: Vec<HeadCount>,
    /// When it can hold a track.
    pub hosting: Vec<Span>,
    /// Languages that it can host in, the main one first.
    pub languages: Vec<Language>,
    /// Shortest block in minutes.
    pub shortest_min: u32,
    /// Longest block in minutes.
    pub longest_min: u32,
    /// Most blocks.
    pub max_blocks: u32,
    /// Regional events that block it.
    pub blocked: Vec<Blocked>,
    /// Zones that it reckoned with, so that nodes with other rules can say so.
    pub zones: BTreeSet<String>,
    /// Local prime time for hosting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prime: Vec<Span>,
    /// Shifts that it can serve, all of them together: those that it has, and more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<ShiftOffer>,
    /// The number of the plan that the shifts are reckoned for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
}
