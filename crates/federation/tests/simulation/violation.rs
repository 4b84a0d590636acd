//! What must hold whatever happens, and how it is told that it did not.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Invariant {
    /// Honest nodes see the same at most ten rounds after the line has healed.
    Converges,
    /// What people were told is saved is there, at every honest node.
    NothingLost,
    /// An honest node never signs two records at one place.
    SignsOnce,
    /// Nothing shows as published that a sound group in it did not accept.
    Certified,
    /// A part changes hands only by the word of its custodian or of the coordinator, once for each epoch.
    OneCustodian,
    /// What a dead key or a thief signed has no effect once the card is known.
    DeadKeys,
    /// Each record that counts names the one before.
    Chained,
    /// A body goes to its audience only.
    Private,
    /// The state that grew record by record is the one made of all records.
    Folded,
    /// What was stored makes the same node.
    Restored,
    /// A bad item fails nothing but itself.
    BatchStands,
    /// Every conversation ends.
    Ends,
    /// No message makes a node stop.
    Stands,
}

#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) invariant: Invariant,
    pub(crate) detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.invariant, self.detail)
    }
}

pub(crate) fn violated<T>(invariant: Invariant, detail: impl Into<String>) -> Result<T, Violation> {
    Err(Violation {
        invariant,
        detail: detail.into(),
    })
}
