//! Regional events: conferences and holidays that concern some groups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::Impact;
use crate::ids::{GroupId, RegionalEventId};
use crate::time::Span;

/// A conference, a holiday: something else that happens where a group lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionalEvent {
    /// Identifier.
    pub id: RegionalEventId,
    /// Title for people.
    pub title: String,
    /// What it is.
    pub kind: RegionalKind,
    /// What it does to those it concerns.
    pub impact: Impact,
    /// Whom it concerns and when: an all-day event is another span in each zone.
    pub concerns: Vec<Concern>,
}

/// What a regional event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RegionalKind {
    /// A public holiday.
    Holiday,
    /// A conference or another community's event.
    Conference,
    /// Anything else.
    Other,
}

/// One group that a regional event concerns, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Concern {
    /// The group.
    pub group: GroupId,
    /// When, for that group.
    pub span: Span,
}
