//! The event itself: what `event.toml` says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The event itself. Its id is `event`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// What it is called.
    #[schema(max_length = 200)]
    pub(crate) title: String,
    /// The zone the organisers speak in.
    #[schema(example = "Asia/Tokyo")]
    pub(crate) zone: String,
    /// When it begins: civil in `zone`, or an instant.
    #[schema(example = "2024-08-24T12:00")]
    pub(crate) start: String,
    /// How many hours it lasts.
    #[schema(minimum = 1, maximum = 168)]
    pub(crate) hours: u32,
    /// Minutes of a cell: 5, 10, 15, 20, 30 or 60.
    #[schema(minimum = 5, maximum = 60)]
    pub(crate) cell_min: u32,
    /// The language that every block is held in or interpreted into.
    #[schema(example = "en")]
    pub(crate) language: String,
    /// The streams.
    pub(crate) tracks: Vec<Track>,
    /// What people do.
    pub(crate) roles: Vec<Role>,
    /// How many people are asked for, where and when.
    pub(crate) duties: Vec<Duty>,
    /// What the event asks of a plan; defaults for what it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<Policy>,
    /// The dates that are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dates: Option<Dates>,
}

/// The dates that are compared: by a list, by a rule in one line, or by its parts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dates {
    /// First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-06-01")]
    pub(crate) from: Option<String>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-09-30")]
    pub(crate) to: Option<String>,
    /// On which days of the week; the weekday of the event's start if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["sat"]))]
    pub(crate) weekdays: Option<Vec<String>>,
    /// At what time of day; the event's if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "12:00")]
    pub(crate) start: Option<String>,
    /// The zone of that; the event's if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
    /// The same in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "weekends from June to September 2024, 12:00 Asia/Tokyo")]
    pub(crate) rule: Option<String>,
    /// Every start by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) list: Option<Vec<String>>,
    /// First day of which the regional events know all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) regional_from: Option<String>,
    /// Last day of which they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) regional_to: Option<String>,
}

/// A stream.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Track {
    /// Identifier.
    pub(crate) id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub(crate) name: Option<String>,
}

/// What someone does.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    /// Identifier.
    pub(crate) id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub(crate) name: Option<String>,
    /// Whether who does it answers alerts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alerted: Option<bool>,
    /// `nothing`, `block-language` or `interpretation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) needs: Option<String>,
    /// Minutes on duty before a shift, to take over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 60)]
    pub(crate) handover_min: Option<u32>,
}

/// A standing demand.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Duty {
    /// Identifier.
    pub(crate) id: String,
    /// The role.
    pub(crate) role: String,
    /// The tracks that one person serves at once.
    pub(crate) tracks: Vec<String>,
    /// How many people at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 20)]
    pub(crate) count: Option<u32>,
    /// When; the whole event if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["2024-08-24T12:00/2024-08-24T18:00"]))]
    pub(crate) spans: Option<Vec<String>>,
}

/// What the event asks of a plan.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    /// `block`, `weigh` or `ignore`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clashes: Option<String>,
    /// `track` or `event`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alert_scope: Option<String>,
    /// How many people answer an alert.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100000)]
    pub(crate) alert_people: Option<u32>,
    /// The night of who says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "23:00-07:00")]
    pub(crate) night: Option<String>,
    /// When hosts like to host.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "08:00-23:00")]
    pub(crate) prime: Option<String>,
    /// Shortest and longest shift in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shift_min: Option<[u32; 2]>,
    /// Most shifts of one person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100000)]
    pub(crate) max_shifts: Option<u32>,
    /// Least rest between two shifts, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100000)]
    pub(crate) rest_min: Option<u32>,
    /// Most time on duty in 24 hours, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100000)]
    pub(crate) max_duty_min: Option<u32>,
    /// Longest span without sleep, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100000)]
    pub(crate) max_awake_min: Option<u32>,
    /// A break long enough to sleep, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100000)]
    pub(crate) sleep_min: Option<u32>,
    /// What a speaker needs before her session, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100000)]
    pub(crate) speaker_preparation_min: Option<u32>,
    /// Blocks start on multiples of this, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100000)]
    pub(crate) block_grid_min: Option<u32>,
    /// Shortest and longest block of groups that do not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) block_min: Option<[u32; 2]>,
    /// Most blocks of groups that do not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100000)]
    pub(crate) max_blocks: Option<u32>,
    /// Weights of soft rules by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!({"S08": 60}))]
    pub(crate) weights: Option<BTreeMap<String, i64>>,
}
