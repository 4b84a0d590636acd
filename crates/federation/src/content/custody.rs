//! Custody: which group speaks for a part of the plan in force while the event nears and runs.

use std::fmt;

use meridian_model::{BlockId, ShiftId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::plan::Carried;
use crate::ids::{GroupId, PartHash, RecordId};

/// A part of a plan that one group speaks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A host block.
    Block(BlockId),
    /// A seat.
    Seat(ShiftId),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block(id) => write!(f, "block/{id}"),
            Self::Seat(id) => write!(f, "seat/{id}"),
        }
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.split_once('/') {
            Some(("block", id)) if !id.is_empty() => Ok(Self::Block(BlockId::new(id))),
            Some(("seat", id)) if !id.is_empty() => Ok(Self::Seat(ShiftId::new(id))),
            _ => Err(serde::de::Error::custom("not a part")),
        }
    }
}

/// How often a part changed hands. It starts at 0.0; the custodian's word makes r.s into r.(s+1), the
/// coordinator's makes it (r+1).0. So each epoch has one writer, and the greatest that is reached counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Epoch {
    /// How often the coordinator took it back.
    pub reclaims: u32,
    /// How often it was handed on since.
    pub swaps: u32,
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.reclaims, self.swaps)
    }
}

/// A custodian offers a part to another group (`custody.offer`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustodyOffer {
    /// The part.
    pub part: Part,
    /// As it stands in the plan in force.
    pub stands: PartHash,
    /// The epoch of the one who offers.
    pub epoch: Epoch,
    /// To whom.
    pub to: GroupId,
}

/// The other group would take it (`custody.accept`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustodyAccept {
    /// The offer.
    pub offer: RecordId,
}

/// The part is the other group's (`custody.commit`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustodyCommit {
    /// The offer.
    pub offer: RecordId,
    /// The other group's yes, whole: what becomes of that group's log does not undo the change of hands.
    pub accept: Carried,
}

/// The coordinator gives a part to a group (`custody.reclaim`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustodyReclaim {
    /// The part.
    pub part: Part,
    /// As it stands in the plan in force.
    pub stands: PartHash,
    /// Counts the coordinator's reclaims of it, from 1.
    pub reclaims: u32,
    /// To whom.
    pub to: GroupId,
    /// Why, for people.
    pub reason: String,
}
