//! Refusals: why something that came from outside, or was asked for, is not taken. The codes are for ever.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The stable code of a refusal.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Code {
            /// Every code, in the order of the protocol's document.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// More bytes, or deeper, than is read at all.
    TooLarge = "too-large",
    /// The bytes are not the one canonical form of what they say.
    NotCanonical = "not-canonical",
    /// A field is missing, of the wrong type or out of its range.
    Malformed = "malformed",
    /// A version of the protocol that is not spoken here.
    UnknownVersion = "unknown-version",
    /// The sender is nobody that this node exchanges with.
    UnknownPeer = "unknown-peer",
    /// Meant for another node.
    WrongRecipient = "wrong-recipient",
    /// A space that this node does not follow.
    UnknownSpace = "unknown-space",
    /// A record of another space than the one it was sent in.
    WrongSpace = "wrong-space",
    /// No card of the group is known.
    UnknownGroup = "unknown-group",
    /// The key stands in no card of the group.
    UnknownKey = "unknown-key",
    /// The key may not sign at this place.
    KeyRevoked = "key-revoked",
    /// The signature does not fit.
    SignatureInvalid = "signature-invalid",
    /// A card that leaves out a version.
    CardGap = "card-gap",
    /// A card that does not follow the one before.
    CardChain = "card-chain",
    /// The group signed two cards of one version.
    GroupSuspended = "group-suspended",
    /// Something between this record and what is known is missing.
    LogGap = "log-gap",
    /// The group signed two records at one place.
    ForkDetected = "fork-detected",
    /// What is shown as evidence proves nothing.
    EvidenceInvalid = "evidence-invalid",
    /// A body that is not the one its header names.
    BodyMismatch = "body-mismatch",
    /// A body of a record that is not known.
    UnknownRecord = "unknown-record",
    /// The kind goes to others than the header says.
    WrongAudience = "wrong-audience",
    /// The kind is not known here, or is kept for later; stored and passed on, never applied.
    UnknownKind = "unknown-kind",
    /// The author may not say this.
    WrongAuthor = "wrong-author",
    /// The author is not a member, or has left.
    NotAMember = "not-a-member",
    /// It was said for a charter that is not in effect, or no longer.
    WrongCharter = "wrong-charter",
    /// Fewer endorsements than the charter asks.
    QuorumShort = "quorum-short",
    /// The answer is to another slice than the group has.
    StaleSlice = "stale-slice",
    /// A group of the plan has not accepted its slice.
    AcceptMissing = "accept-missing",
    /// What stands in the certificate is not what it claims to be.
    CertificateInvalid = "certificate-invalid",
    /// It follows on something else than what is in force.
    Superseded = "superseded",
    /// The author does not hold the part.
    NotCustodian = "not-custodian",
    /// It names a part that the plan in force does not have.
    UnknownPart = "unknown-part",
    /// The node cannot sign for the group.
    NoSigner = "no-signer",
    /// More than one group may make every node keep.
    QuotaExceeded = "quota-exceeded",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal: a stable code, and what of it helps the one who reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Problem {
    /// Stable code.
    pub code: Code,
    /// For people; never secret, never private.
    pub detail: String,
}

impl Problem {
    /// A refusal in words.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_once_and_as_serde_writes_them() {
        let mut seen = std::collections::BTreeSet::new();
        for &code in Code::ALL {
            assert!(seen.insert(code.as_str()));
            let json = serde_json::to_string(&code).unwrap();
            assert_eq!(json, format!("\"{code}\""));
        }
    }
}
