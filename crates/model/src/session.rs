//! Sessions: the talks of the programme.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, Language, SessionId, SpeakerId, TrackId};
use crate::time::Span;

/// A talk, a panel, an opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Identifier.
    pub id: SessionId,
    /// Title for people.
    pub title: String,
    /// Kind, such as `talk` or `opening`.
    pub kind: String,
    /// Length in minutes, a multiple of the cell.
    pub length_min: u32,
    /// Change-over after it in minutes, a multiple of the cell; nothing else is on the track then.
    pub changeover_min: u32,
    /// Language it is held in.
    pub language: Language,
    /// Who speaks.
    pub speakers: Vec<SpeakerId>,
    /// Topics.
    pub tags: Vec<String>,
    /// How much it matters.
    pub priority: Priority,
    /// Live or recorded; a recorded one needs no speaker.
    pub delivery: Delivery,
    /// The group it belongs to; `None` for opening, closing and the like, which any host may carry.
    pub group: Option<GroupId>,
    /// Tracks it may be on; empty means any.
    pub tracks: Vec<TrackId>,
    /// The span it must lie in, if any.
    pub window: Option<Span>,
}

/// How much a session matters.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// The event is not whole without it.
    Must,
    /// It was promised.
    Should,
    /// Kept in reserve for a stream that fails; a planner does not place it.
    Filler,
}

/// Live or recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// Speakers are there.
    Live,
    /// It is played.
    Recorded,
}
