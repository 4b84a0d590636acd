//! Groups: the user groups that host the event in turn.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, Language};
use crate::people::Availability;
use crate::time::{Span, ZoneName};

/// A user group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Identifier.
    pub id: GroupId,
    /// Name for people.
    pub name: String,
    /// The zone its people mostly live in.
    pub zone: ZoneName,
    /// ISO 3166-1 alpha-2 country, upper case.
    pub country: String,
    /// ISO 3166-2 subdivision such as `US-SC`, when holidays there differ.
    pub subdivision: Option<String>,
    /// Languages it can host in, the main one first; never empty.
    pub languages: Vec<Language>,
    /// Members, about.
    pub size: u32,
    /// When and how long it hosts; `None` when it does not want to.
    pub hosting: Option<Hosting>,
}

/// When and how long a group hosts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hosting {
    /// When it can.
    pub availability: Availability,
    /// Its local prime time over the horizon.
    pub prime: Vec<Span>,
    /// Shortest block in minutes.
    pub shortest_min: u32,
    /// Longest block in minutes.
    pub longest_min: u32,
    /// Most blocks.
    pub max_blocks: u32,
}
