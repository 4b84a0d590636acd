//! The plan document: who hosts, what is on, who is on duty. A plan leaves nothing to decide.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{BlockId, DutyId, GroupId, Language, OperatorId, SessionId, ShiftId, TrackId};
use crate::score::Score;
use crate::time::{Span, TzdbStamp};

/// An answer to a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`Plan::FORMAT`].
    pub format: String,
    /// The event's id.
    pub event: String,
    /// [`crate::Problem::digest`] of the problem it answers.
    pub problem_sha256: String,
    /// The zone rules of that problem.
    pub tzdb: TzdbStamp,
    /// Counts up with each plan that follows another; calendars show it as SEQUENCE.
    pub revision: u32,
    /// How it was made.
    pub made_by: MadeBy,
    /// Its score as its maker sees it; the checker has its own opinion.
    pub score: Score,
    /// Host blocks, by track and start.
    pub blocks: Vec<HostBlock>,
    /// Sessions, by track and start.
    pub sessions: Vec<PlacedSession>,
    /// Shifts, by duty and start.
    pub shifts: Vec<Shift>,
}

impl Plan {
    /// Name and version of the document format.
    pub const FORMAT: &'static str = "meridian-plan/1";
}

/// How a plan was made: enough to make it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MadeBy {
    /// The engine, such as `highs` or `pure`.
    pub engine: String,
    /// The seed.
    pub seed: u64,
    /// The effort, 1..=9.
    pub effort: u8,
    /// Whether a wall clock or a person cut the search short: such a plan need not come out again.
    pub stopped: bool,
}

/// A group holds a track for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostBlock {
    /// Identifier, stable while the group keeps it.
    pub id: BlockId,
    /// The track.
    pub track: TrackId,
    /// The host.
    pub group: GroupId,
    /// The language it is held in, one of the host's.
    pub language: Language,
    /// When, on cell boundaries.
    pub span: Span,
}

/// A session has a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacedSession {
    /// The session.
    pub session: SessionId,
    /// The track.
    pub track: TrackId,
    /// When, without its change-over.
    pub span: Span,
}

/// A person serves a duty for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// Identifier, stable while the person keeps it.
    pub id: ShiftId,
    /// The person.
    pub operator: OperatorId,
    /// The duty, which tells role and tracks.
    pub duty: DutyId,
    /// The time that she covers, on cell boundaries.
    pub span: Span,
    /// Minutes on duty before that, to take over; a multiple of the cell. She is on duty, not counted.
    pub handover_min: u32,
}
