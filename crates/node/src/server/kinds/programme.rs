//! What is on and who speaks: what `speakers.csv`, `sessions.csv` and `pins.csv` say, and regional events.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Someone who speaks.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Speaker {
    /// Her group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    /// Her zone, when it is not her group's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
}

/// A talk, or anything else that is on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    /// What it is called.
    #[schema(max_length = 500)]
    pub(crate) title: String,
    /// What it is.
    #[schema(example = "talk")]
    pub(crate) kind: String,
    /// Minutes.
    #[schema(minimum = 5, maximum = 1440)]
    pub(crate) length_min: u32,
    /// Minutes after it, to change over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1440)]
    pub(crate) changeover_min: Option<u32>,
    /// The language it is held in.
    #[schema(example = "ja")]
    pub(crate) language: String,
    /// Who speaks.
    #[serde(default)]
    pub(crate) speakers: Vec<String>,
    /// What it is about.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    /// `must`, `should` or `filler`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) priority: Option<String>,
    /// `live` or `recorded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delivery: Option<String>,
    /// The group that brings it; none for one that any host may carry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    /// The tracks it may be on; none for any.
    #[serde(default)]
    pub(crate) tracks: Vec<String>,
    /// Not before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) window_start: Option<String>,
    /// Not after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) window_end: Option<String>,
    /// The zone of both; the event's if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) window_zone: Option<String>,
}

/// A conference or a holiday.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionalEvent {
    /// What it is called.
    #[schema(max_length = 500)]
    pub(crate) title: String,
    /// `holiday`, `conference` or `other`.
    pub(crate) kind: String,
    /// First day, or civil start in `zone`.
    pub(crate) start: String,
    /// Last day, or civil end.
    pub(crate) end: String,
    /// The zone of both times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
    /// Countries it concerns.
    #[serde(default)]
    pub(crate) countries: Vec<String>,
    /// Subdivisions it concerns.
    #[serde(default)]
    pub(crate) subdivisions: Vec<String>,
    /// Groups it concerns.
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    /// Whether it concerns all.
    #[serde(default)]
    pub(crate) global: bool,
    /// `block`, `weigh` or `ignore`; the event's policy if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) impact: Option<String>,
}

/// Something that must stay as it is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pin {
    /// `block`, `session` or `shift`.
    pub(crate) kind: String,
    /// The group, session or operator.
    pub(crate) who: String,
    /// `TRACK:LANGUAGE`, the track, or the duty.
    pub(crate) what: String,
    /// Civil start.
    pub(crate) start: String,
    /// Civil end.
    pub(crate) end: String,
    /// The zone of both; the event's if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
    /// Minutes of handover of a shift.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 60)]
    pub(crate) handover_min: Option<u32>,
}

/// A public calendar of holidays or conferences. Its id is the country or subdivision that it concerns.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionalCalendar {
    /// The calendar, as iCalendar text.
    #[schema(max_length = 2000000)]
    pub(crate) ics: String,
}
