//! Identifiers: short, stable, human-readable names that are unique within their kind.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the identifier as it is written in the event's documents.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The identifier as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }
    )*};
}

ids! {
    /// A track: one stream of the event.
    TrackId,
    /// A role such as stream operator, MC, moderator, interpreter or engineer.
    RoleId,
    /// A duty: a standing demand for people in one role.
    DutyId,
    /// A user group.
    GroupId,
    /// An operator's handle.
    OperatorId,
    /// A speaker's pseudonym.
    SpeakerId,
    /// A session.
    SessionId,
    /// A regional event or public holiday.
    RegionalEventId,
    /// A host block of a plan.
    BlockId,
    /// A shift of a plan.
    ShiftId,
    /// A language as a lower-case BCP 47 primary subtag, such as `ja` or `pt`.
    Language,
}
