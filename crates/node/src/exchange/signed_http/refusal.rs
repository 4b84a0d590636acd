//! Why a message is not taken: a stable code, and what helps the one who reads it.

use meridian_federation::KeyId;

use super::fields::HEADER_LIMIT;

/// A refusal, in the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The head is larger than is read.
    #[error("the head has {bytes} bytes where {HEADER_LIMIT} are the most")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It is not signed at all.
    #[error("there is no field {field}")]
    Missing {
        /// The field that an unsigned message lacks.
        field: &'static str,
    },
    /// It is signed, or said, in another way than the one profile.
    #[error("not as the profile has it: {what}")]
    Profile {
        /// Which part of it.
        what: &'static str,
    },
    /// The key is nobody's that this node exchanges with.
    #[error("the key {key} is that of no peer")]
    UnknownPeer {
        /// The key's name.
        key: KeyId,
    },
    /// By the clock of this node, the request is from the future or too old.
    #[error("made at {created} and good until {expires}, where it is {now} here")]
    ClockSkew {
        /// The time at this node, in seconds since 1970.
        now: i64,
        /// When it was made, by the sender's clock.
        created: i64,
        /// Until when it is good, by the sender's clock.
        expires: i64,
    },
    /// The nonce was seen before, or this node can no longer tell.
    #[error("the nonce was seen before, or this node cannot tell; sign anew")]
    NonceReplayed,
    /// The peer has as many requests that are still good as this node remembers.
    #[error("more requests of one peer that are still good than are remembered; wait")]
    NoncesFull,
    /// The body is not the one that the digest names.
    #[error("the body is not the one that content-digest names")]
    Digest,
    /// The signature does not fit.
    #[error("the signature does not fit")]
    Signature,
    /// Meant for another group's node.
    #[error("meant for another group")]
    Recipient,
}

impl Refusal {
    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too-large",
            Self::Missing { .. } => "signature-missing",
            Self::Profile { .. } => "signature-profile",
            Self::UnknownPeer { .. } => "unknown-peer",
            Self::ClockSkew { .. } => "clock-skew",
            Self::NonceReplayed => "nonce-replayed",
            Self::NoncesFull => "quota-exceeded",
            Self::Digest => "digest-mismatch",
            Self::Signature => "signature-invalid",
            Self::Recipient => "wrong-recipient",
        }
    }

    /// The status of the answer.
    pub(crate) const fn status(&self) -> u16 {
        match self {
            Self::TooLarge { .. } => 431,
            Self::NoncesFull => 429,
            _ => 401,
        }
    }
}
