//! Groups, people, and when they can: what `groups.toml`, `operators.csv`, `availability.csv` and `busy.csv` say.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user group.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    /// Its name.
    #[schema(max_length = 200)]
    pub(crate) name: String,
    /// IANA time zone.
    #[schema(example = "Asia/Tokyo")]
    pub(crate) zone: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "JP")]
    pub(crate) country: String,
    /// ISO 3166-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subdivision: Option<String>,
    /// Its languages, the main one first.
    #[schema(example = json!(["ja", "en"]))]
    pub(crate) languages: Vec<String>,
    /// How many people are in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1000000)]
    pub(crate) size: Option<u32>,
    /// Whether it wants to host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hosts: Option<bool>,
    /// When it would host: rules or dated spans in its zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hosting: Option<Vec<String>>,
    /// Shortest and longest block in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) block_min: Option<[u32; 2]>,
    /// How many blocks at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100)]
    pub(crate) max_blocks: Option<u32>,
}

/// Someone who serves.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operator {
    /// Her group.
    pub(crate) group: String,
    /// What she can do: `role`, `role:language` or `role:from>into`; a trailing `?` for the first time.
    #[schema(example = json!(["stream-operator", "mc:ja"]))]
    pub(crate) skills: Vec<String>,
    /// Her zone, when it is not her group's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
    /// Her night, such as `22:00-06:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) night: Option<String>,
    /// Most time on duty in 24 hours, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1440)]
    pub(crate) max_duty_min: Option<u32>,
    /// Minutes on duty at earlier events.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1000000)]
    pub(crate) carry_over_min: Option<u32>,
    /// The speaker she also is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) speaker: Option<String>,
    /// The name that she consented to be shown by, to other groups too. Without it she is her id here and a pseudonym elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, example = "Aiko M.")]
    pub(crate) shown_as: Option<String>,
}

/// When a person or a group can. Its id is `operator.ID`, `speaker.ID` or `group.ID`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Availability {
    /// The rows, as in `availability.csv`.
    #[schema(max_items = 2000)]
    pub(crate) rows: Vec<AvailabilityRow>,
}

/// A dated span with a grade, or a rule.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AvailabilityRow {
    /// `impossible`, `if-need-be`, `possible` or `prefer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) grade: Option<String>,
    /// Civil start.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-08-24T19:00")]
    pub(crate) start: Option<String>,
    /// Civil end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<String>,
    /// The zone of both, when it is not hers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
    /// A rule, such as `weekdays 19:00-22:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<String>,
}

/// When a person is busy. Its id is `operator.ID` or `speaker.ID`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Busy {
    /// The times, as in `busy.csv`.
    #[schema(max_items = 20000)]
    pub(crate) rows: Vec<BusyRow>,
}

/// A busy time.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BusyRow {
    /// Civil start.
    pub(crate) start: String,
    /// Civil end.
    pub(crate) end: String,
    /// The zone of both, when it is not hers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
}
