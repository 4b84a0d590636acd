//! Records: a header whose signature fits. The only way to one is through a check of the signature.

use std::sync::Arc;

use crate::card::Trust;
use crate::envelope::{Envelope, PayloadType};
use crate::header::Header;
use crate::ids::RecordId;
use crate::keys::Verifier;
use crate::problem::{Code, Problem};

/// A header that its author signed.
///
/// Invariant: the signature was checked against a key of the author's cards ([`Record::verify`]), or the record
/// comes from this node's own store, where nothing else is kept ([`Record::trusted`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    id: RecordId,
    header: Header,
    envelope: Arc<Envelope>,
}

impl Record {
    /// Checks an envelope and reads its header. The checks, in their order: size, form, type of the payload, the
    /// author's card, the key, the signature.
    ///
    /// Whether the key may sign at this place is looked at later and again with every new card.
    ///
    /// # Errors
    /// Those of [`Header::read`]; `unknown-group`, `unknown-key`, `signature-invalid`.
    pub fn verify(
        envelope: &Arc<Envelope>,
        trust: &Trust,
        verifier: &dyn Verifier,
    ) -> Result<Self, Problem> {
        let record = Self::trusted(envelope)?;
        record.check(trust, verifier)?;
        Ok(record)
    }

    /// Checks the signature of a record that was only read so far.
    pub(crate) fn check(&self, trust: &Trust, verifier: &dyn Verifier) -> Result<(), Problem> {
        let key = trust.key(&self.header.author, &self.header.key)?;
        self.envelope.verify(PayloadType::Record, &key, verifier)
    }

    /// A record of this node's own store, whose signature was checked when it came in.
    ///
    /// # Errors
    /// Those of [`Header::read`], and `unknown-key` when header and envelope name two keys.
    pub fn trusted(envelope: &Arc<Envelope>) -> Result<Self, Problem> {
        if envelope.payload_type != PayloadType::Record {
            return Err(Problem::new(Code::Malformed, "not a record"));
        }
        let header = Header::read(&envelope.payload)?;
        if header.key != envelope.key {
            let detail = "header and envelope name two keys";
            return Err(Problem::new(Code::UnknownKey, detail));
        }
        Ok(Self {
            id: RecordId::of(&envelope.payload),
            header,
            envelope: Arc::clone(envelope),
        })
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> RecordId {
        self.id
    }

    /// How much of its log's quota it takes.
    pub(crate) fn weight(&self) -> u64 {
        self.header.weight(self.envelope.payload.len())
    }

    /// What it says of itself.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// As it was signed.
    #[must_use]
    pub const fn envelope(&self) -> &Arc<Envelope> {
        &self.envelope
    }
}
