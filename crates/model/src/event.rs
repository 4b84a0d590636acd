//! The event: its tracks, roles, standing demand and policy.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{DutyId, Language, RoleId, TrackId};
use crate::rule::RuleCode;
use crate::time::{Horizon, Span, ZoneName};

/// The event as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Stable short name, used in calendar UIDs.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// The zone its organisers speak in.
    pub zone: ZoneName,
    /// What is planned.
    pub horizon: Horizon,
    /// The language that every block is either held in or interpreted into.
    pub language: Language,
    /// The streams.
    pub tracks: Vec<Track>,
    /// The roles people serve in.
    pub roles: Vec<Role>,
    /// The standing demand for people.
    pub duties: Vec<Duty>,
    /// What the event asks of a plan.
    pub policy: Policy,
}

/// One stream of the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Track {
    /// Identifier.
    pub id: TrackId,
    /// Name for people.
    pub name: String,
}

/// A kind of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Identifier.
    pub id: RoleId,
    /// Name for people.
    pub name: String,
    /// Whether people in this role answer alerts.
    pub alerted: bool,
    /// Which language skill the role asks for.
    pub needs: RoleNeed,
    /// Minutes on duty before the covered time, to take over; 0..=60.
    pub handover_min: u32,
}

/// Which language skill a role asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoleNeed {
    /// None.
    Nothing,
    /// A skill in the language of every block that is covered (an MC).
    BlockLanguage,
    /// A skill from the block's language into the event's (an interpreter). Nobody is demanded where the
    /// two are the same, or where there is no block.
    Interpretation,
}

/// A standing demand: role × tracks × cells × count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Identifier.
    pub id: DutyId,
    /// The role.
    pub role: RoleId,
    /// The tracks that one person on this duty serves at once; never empty.
    pub tracks: Vec<TrackId>,
    /// When people are demanded; sorted, disjoint, on cell boundaries.
    pub spans: Vec<Span>,
    /// How many people at once, 1..=20.
    pub count: u32,
}

/// What the event asks of a plan, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// What an alert asks.
    pub alert: Alert,
    /// What a regional event means unless it says otherwise.
    pub clashes: Impact,
    /// Shortest shift in minutes of covered time.
    pub shift_shortest_min: u32,
    /// Longest shift in minutes of covered time.
    pub shift_longest_min: u32,
    /// Most shifts per person.
    pub max_shifts: u32,
    /// Least rest between two shifts of one person, in minutes.
    pub rest_min: u32,
    /// Most time on duty in any 24 hours in minutes, unless the person says otherwise.
    pub max_duty_min: u32,
    /// Longest span from first to last duty without a break of `sleep_min`, in minutes.
    pub max_awake_min: u32,
    /// A break between duties that is long enough to sleep, in minutes.
    pub sleep_min: u32,
    /// Preparation that a live speaker needs before her own session, in minutes.
    pub speaker_preparation_min: u32,
    /// Host blocks start on multiples of this many minutes from the start of the horizon.
    pub block_grid_min: u32,
    /// Weights of soft rules that differ from [`RuleCode::default_weight`]; 0 switches a rule off.
    pub weights: BTreeMap<RuleCode, i64>,
}

impl Default for Policy {
    /// What an event asks that says nothing; it protects people first.
    fn default() -> Self {
        Self {
            alert: Alert {
                scope: AlertScope::Track,
                min_people: 2,
            },
            clashes: Impact::Weigh,
            shift_shortest_min: 60,
            shift_longest_min: 240,
            max_shifts: 2,
            rest_min: 180,
            max_duty_min: 360,
            max_awake_min: 960,
            sleep_min: 420,
            speaker_preparation_min: 30,
            block_grid_min: 30,
            weights: BTreeMap::new(),
        }
    }
}

impl Policy {
    /// The weight of a soft rule in this event.
    #[must_use]
    pub fn weight(&self, rule: RuleCode) -> i64 {
        self.weights
            .get(&rule)
            .copied()
            .unwrap_or_else(|| rule.default_weight())
    }
}

/// What an alert asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Which people stand together.
    pub scope: AlertScope,
    /// Least number of distinct people on duty in alerted roles at every cell; 0 switches alerts off.
    pub min_people: u32,
}

/// Which people stand together on an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlertScope {
    /// Those who serve the same track.
    Track,
    /// All of the event.
    Event,
}

/// What a regional event does to the people it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// Nothing of theirs may lie in it.
    Block,
    /// It costs.
    Weigh,
    /// Nothing.
    Ignore,
}
