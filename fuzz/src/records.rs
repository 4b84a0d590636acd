//! Envelopes, headers, cards, bodies and what bodies say.

use std::sync::Arc;

use meridian_federation::body::Body;
use meridian_federation::card::SignedCard;
use meridian_federation::content::Content;
use meridian_federation::envelope::{Envelope, PayloadType};
use meridian_federation::header::Header;
use meridian_federation::ids::{PublicKey, Signature};
use meridian_federation::keys::Verifier;
use meridian_federation::kind::Kind;
use meridian_federation::record::Record;
use meridian_federation::{Code, KeyId, canonical};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Believes every signature.
pub(crate) struct Believing;

impl Verifier for Believing {
    fn verify(&self, _: &PublicKey, _: &[u8], _: &Signature) -> bool {
        true
    }
}

/// What was read is written, read again, and is the same; what is written is a fixed point.
pub(crate) fn round_trip<T>(value: &T)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let written = canonical::write(value).expect("what was read can be written");
    let again: T = canonical::read(&written, usize::MAX).expect("what was written is canonical");
    assert_eq!(*value, again);
    assert_eq!(canonical::write(&again).expect("written"), written);
}

/// What was taken as canonical is: sorted, spelled in the one way, each key once.
fn canonical_bytes(bytes: &[u8]) {
    let value: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
    assert_eq!(canonical::write(&value).expect("whole numbers"), bytes);
}

/// An envelope as JSON: read, written and read again it is the same, and so is the record in it.
pub fn envelope(bytes: &[u8]) {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(bytes) else {
        return;
    };
    round_trip(&envelope);
    let envelope = Arc::new(envelope);
    if let Ok(record) = Record::trusted(&envelope) {
        assert_eq!(record.header().key, envelope.key);
        header(&envelope.payload);
    }
    let _ = SignedCard::verify(&envelope, &Believing);
}

/// A header: only canonical bytes are read, within the limit; it holds what its checks promise.
pub fn header(bytes: &[u8]) {
    let header = match Header::read(bytes) {
        Ok(header) => header,
        Err(problem) => return assert_of(problem.code, &OF_BYTES),
    };
    canonical_bytes(bytes);
    assert!(bytes.len() <= Header::MAX_BYTES);
    assert_eq!(header.sequence == 0, header.previous.is_none());
    assert!(header.entity.len() <= Header::MAX_NAME);
    assert_eq!(header.version, Header::VERSION);
    round_trip(&header);
    let written = canonical::write(&header).expect("written");
    assert_eq!(Header::read(&written), Ok(header));
}

const OF_BYTES: [Code; 6] = [
    Code::TooLarge,
    Code::NotCanonical,
    Code::Malformed,
    Code::UnknownVersion,
    Code::WrongAudience,
    Code::QuotaExceeded,
];

fn assert_of(code: Code, known: &[Code]) {
    assert!(known.contains(&code), "refused with {code}");
}

/// A card's payload: whatever is believed is a group's own and follows the rules of versions.
pub fn card(bytes: &[u8]) {
    // The key that would have signed is the root that the card itself names.
    let root = serde_json::from_slice::<serde_json::Value>(bytes)
        .ok()
        .and_then(|card| card["root"].as_str()?.parse::<PublicKey>().ok());
    let envelope = Envelope {
        payload_type: PayloadType::Card,
        payload: bytes.to_vec(),
        key: root.map_or(KeyId::from_bytes([0; 32]), |root| root.id()),
        signature: Signature::from_bytes([0; 64]),
    };
    match SignedCard::verify(&envelope, &Believing) {
        Ok(signed) => {
            let card = signed.card();
            canonical_bytes(bytes);
            assert_eq!(card.group, card.root.group());
            assert_eq!(card.version == 1, card.previous.is_none());
            assert!(card.version > 0);
            round_trip(card);
        }
        Err(problem) => assert_of(problem.code, &OF_BYTES),
    }
}

/// A body as JSON: its reference is its own and no other's.
pub fn body(bytes: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Body>(bytes) else {
        return;
    };
    round_trip(&body);
    let reference = body.reference();
    match body.check(&reference) {
        Ok(()) => assert!(body.bytes.len() <= Body::MAX_BYTES),
        Err(problem) => assert_eq!(problem.code, Code::TooLarge),
    }
    let mut other = body;
    other.bytes.push(0);
    assert!(other.check(&reference).is_err());
}

/// What a body says, in every kind: the first line names the kind, the rest is the body.
pub fn content(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |&byte| byte == b'\n');
    let (Some(kind), Some(said)) = (parts.next(), parts.next()) else {
        return;
    };
    let Ok(kind) = std::str::from_utf8(kind) else {
        return;
    };
    let (kind, body) = (
        Kind::from_text(kind),
        Body {
            salt: None,
            bytes: said.to_vec(),
        },
    );
    match Content::read(&kind, &body) {
        Ok(content) => {
            assert_eq!(content.kind(), kind);
            canonical_bytes(&body.bytes);
            let bytes = content.write().expect("what was read can be written");
            let again = Content::read(&kind, &Body { salt: None, bytes });
            assert_eq!(again, Ok(content));
        }
        Err(problem) => assert_of(
            problem.code,
            &[
                Code::TooLarge,
                Code::NotCanonical,
                Code::Malformed,
                Code::UnknownKind,
            ],
        ),
    }
}
