//! A plan between groups: proposed, answered, published with its certificate.

use std::collections::BTreeMap;
use std::sync::Arc;

use meridian_model::{
    BlockId, DutyId, GroupId as Handle, Horizon, Language, RoleId, SessionId, ShiftId, Span,
    TrackId, TzdbStamp, ZoneName,
};
use serde::{Deserialize, Serialize};

use super::custody::Part;
use crate::body::Body;
use crate::envelope::Envelope;
use crate::ids::{RecordId, SliceHash};

/// A group holds a track for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanBlock {
    /// What later records call it.
    pub id: BlockId,
    /// The host.
    pub group: Handle,
    /// The track.
    pub track: TrackId,
    /// The language it is held in.
    pub language: Language,
    /// When.
    pub span: Span,
}

/// A session has a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSession {
    /// The session.
    pub id: SessionId,
    /// Whose it is; `None` for opening, closing and the like.
    pub group: Option<Handle>,
    /// Title for people.
    pub title: String,
    /// The track.
    pub track: TrackId,
    /// The language it is held in.
    pub language: Language,
    /// When.
    pub span: Span,
}

/// A group has people on a duty for a while; which ones is its own business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// What later records call it.
    pub id: ShiftId,
    /// Whose people.
    pub group: Handle,
    /// The duty.
    pub duty: DutyId,
    /// The role.
    pub role: RoleId,
    /// The tracks that they serve.
    pub tracks: Vec<TrackId>,
    /// When.
    pub span: Span,
    /// How many people.
    pub heads: u32,
}

/// A plan, proposed (`plan.revision`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRevision {
    /// Counts up with each revision.
    pub number: u64,
    /// The brief that it answers.
    pub brief: RecordId,
    /// The zone rules that it was made with.
    pub tzdb: TzdbStamp,
    /// Who holds which track when.
    pub blocks: Vec<PlanBlock>,
    /// What is on.
    pub sessions: Vec<PlanSession>,
    /// Whose people are on which duty.
    pub seats: Vec<Seat>,
    /// For each zone that it was made with, SHA-256 (hex) of its offsets over the horizon: where clocks are reckoned
    /// differently elsewhere, this says in which zone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub zones: BTreeMap<ZoneName, String>,
}

impl PlanRevision {
    /// Whether everything in it begins and ends with cells of a horizon.
    #[must_use]
    pub fn is_on_cells_of(&self, horizon: &Horizon) -> bool {
        let blocks = self.blocks.iter().map(|block| block.span);
        let sessions = self.sessions.iter().map(|session| session.span);
        let seats = self.seats.iter().map(|seat| seat.span);
        let mut spans = blocks.chain(sessions).chain(seats);
        spans.all(|span| {
            let bounds = [span.start(), span.end()];
            bounds.iter().all(|at| horizon.boundary(*at).is_some())
        })
    }
}

/// Why a group says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonCode {
    /// Not enough people then.
    TooFewPeople,
    /// Not at that time.
    WrongTime,
    /// Something else is on there.
    RegionalEvent,
    /// Not in that language.
    WrongLanguage,
    /// The speaker cannot.
    SpeakerCannot,
    /// Too much for one group.
    TooMuch,
    /// Something else, in words.
    Other,
}

/// Why a group says no to something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Why.
    pub code: ReasonCode,
    /// To which part; `None` with no session either, to all of its slice.
    pub part: Option<Part>,
    /// To which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// For people.
    pub text: String,
}

/// By how many cells something is to be moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// What.
    pub part: Part,
    /// Cells later; negative is earlier.
    pub cells: i64,
}

/// What a group asks for instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Without this part.
    Drop(Part),
    /// No more than so many blocks.
    LimitBlocks(u32),
    /// One part for another, of whomever.
    Swap(Part, Part),
    /// Earlier or later.
    Move(Move),
    /// Somebody in a role, from elsewhere, then.
    NeedsRole(RoleId, Span),
}

/// A group's answer to its slice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Yes.
    Accept,
    /// No, because.
    Reject(Vec<Reason>),
    /// Yes, if.
    Counter(Vec<Operation>),
}

/// A group's answer (`plan.response`), bound to what its slice says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanResponse {
    /// The revision that it was given to.
    pub revision: RecordId,
    /// The slice that it is about; where another revision has the same slice, it is an answer to that too.
    pub slice: SliceHash,
    /// The answer.
    pub answer: Answer,
}

/// A whole record inside another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Its signed header.
    pub envelope: Arc<Envelope>,
    /// Its body.
    pub body: Body,
}

/// A plan in force (`plan.publish`): the certificate is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPublish {
    /// The revision that is in force from now on.
    pub revision: RecordId,
    /// The publication that was in force before; `None` for the first, and after a cancellation.
    pub replaces: Option<RecordId>,
    /// The accept of every group that has a slice.
    pub accepts: Vec<Carried>,
    /// Endorsements: of the brief when date or structure changed, and of charters that might otherwise be in doubt.
    pub endorsements: Vec<Carried>,
}

/// A plan is in force no longer (`plan.cancel`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanCancel {
    /// The publication.
    pub publish: RecordId,
    /// Why, for people.
    pub reason: String,
}
