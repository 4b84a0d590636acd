//! Who is on duty, as pseudonyms or with names that people consented to, and how a group is reached.

use meridian_model::{OperatorId, ShiftId, Span};
use serde::{Deserialize, Serialize};

use super::custody::{Epoch, Part};
use super::offer::is_zero;
use crate::ids::PartHash;

/// Somebody is on duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDuty {
    /// What overrides call it.
    pub shift: ShiftId,
    /// The person, as a pseudonym.
    pub person: OperatorId,
    /// Her name, if she wants it shown.
    pub name: Option<String>,
    /// When.
    pub span: Span,
    /// Minutes on duty before that, to take over.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub handover_min: u32,
}

/// Who is on duty in a part (`roster.publish`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterPublish {
    /// The part.
    pub part: Part,
    /// As it stands in the plan in force.
    pub stands: PartHash,
    /// The epoch of the one who says it.
    pub epoch: Epoch,
    /// Everybody.
    pub people: Vec<OnDuty>,
}

/// Somebody else, or nobody, comes to a shift (`roster.override`). Bound to the shift, never to clock times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterOverride {
    /// The part.
    pub part: Part,
    /// As it stands in the plan in force.
    pub stands: PartHash,
    /// The epoch of the one who says it.
    pub epoch: Epoch,
    /// The shift.
    pub shift: ShiftId,
    /// Who comes instead, as a pseudonym; `None` when nobody does.
    pub instead: Option<OperatorId>,
    /// Her name, if she wants it shown.
    pub name: Option<String>,
}

/// How a group is reached (`contact.card`); sent to named groups only, and erasable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCard {
    /// Lines for people, such as a telephone number for the night of the event.
    pub lines: Vec<String>,
}
