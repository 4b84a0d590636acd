//! The problem document: everything a planner may know, with no civil time left in it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::event::Event;
use crate::group::Group;
use crate::people::{Operator, Speaker};
use crate::plan::{HostBlock, PlacedSession, Shift};
use crate::regional::RegionalEvent;
use crate::session::Session;
use crate::time::TzdbStamp;

/// What is asked of a planner: one fixed start, all availability expanded to instants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// [`Problem::FORMAT`].
    pub format: String,
    /// The zone rules it was expanded with.
    pub tzdb: TzdbStamp,
    /// The event.
    pub event: Event,
    /// The groups, ordered by id.
    pub groups: Vec<Group>,
    /// The operators, ordered by id.
    pub operators: Vec<Operator>,
    /// The speakers, ordered by id.
    pub speakers: Vec<Speaker>,
    /// The sessions, ordered by id.
    pub sessions: Vec<Session>,
    /// What else happens, ordered by id.
    pub regional_events: Vec<RegionalEvent>,
    /// What must stay as it is.
    pub pins: Pins,
}

/// Items that a plan must contain exactly as they are here; their own ids are not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pins {
    /// Pinned blocks.
    pub blocks: Vec<HostBlock>,
    /// Pinned sessions.
    pub sessions: Vec<PlacedSession>,
    /// Pinned shifts.
    pub shifts: Vec<Shift>,
}

impl Problem {
    /// Name and version of the document format.
    pub const FORMAT: &'static str = "meridian-problem/1";

    /// SHA-256 (hex) of the document's compact JSON: names the exact input of a plan.
    ///
    /// # Errors
    /// A serialisation error, which no well-typed problem causes.
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        let bytes = serde_json::to_vec(self)?;
        Ok(Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect())
    }
}
