//! Envelopes: exact bytes, what they are, and one signature over both (DSSE, protocol version 1).
//!
//! The signature covers the pre-authentication encoding of payload type and payload, so that a card can never be
//! taken for a record. Verify first, parse afterwards.
//! Source: DSSE protocol, github.com/secure-systems-lab/dsse.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::ids::{KeyId, PublicKey, Signature};
use crate::keys::{Signer, Verifier};
use crate::problem::{Code, Problem};

/// What the payload of an envelope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PayloadType {
    /// A record's header.
    Record,
    /// A group's card.
    Card,
}

impl PayloadType {
    /// As it is written, and signed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Record => "application/vnd.meridian.record.v1+json",
            Self::Card => "application/vnd.meridian.card.v1+json",
        }
    }
}

/// The bytes that a signature covers: `DSSEv1 <type length> <type> <payload length> <payload>`.
#[must_use]
pub fn pre_authentication(payload_type: PayloadType, payload: &[u8]) -> Vec<u8> {
    let payload_type = payload_type.as_str();
    let mut bytes = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    )
    .into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// Bytes with one signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// What the payload is.
    pub payload_type: PayloadType,
    /// The exact bytes that were signed.
    pub payload: Vec<u8>,
    /// Which key signed.
    pub key: KeyId,
    /// The signature.
    pub signature: Signature,
}

impl Envelope {
    /// Signs bytes.
    pub fn seal(payload_type: PayloadType, payload: Vec<u8>, signer: &dyn Signer) -> Self {
        let signature = signer.sign(&pre_authentication(payload_type, &payload));
        Self {
            payload_type,
            key: signer.public().id(),
            signature,
            payload,
        }
    }

    /// Refuses an envelope that is not of this type or that this key did not sign.
    ///
    /// # Errors
    /// `malformed` for another payload type, `unknown-key` for another key's name, `signature-invalid`.
    pub fn verify(
        &self,
        payload_type: PayloadType,
        key: &PublicKey,
        verifier: &dyn Verifier,
    ) -> Result<(), Problem> {
        if self.payload_type != payload_type {
            let detail = format!("the payload is not {}", payload_type.as_str());
            return Err(Problem::new(Code::Malformed, detail));
        }
        if self.key != key.id() {
            return Err(Problem::new(Code::UnknownKey, "signed by another key"));
        }
        let message = pre_authentication(payload_type, &self.payload);
        if verifier.verify(key, &message, &self.signature) {
            Ok(())
        } else {
            Err(Problem::new(
                Code::SignatureInvalid,
                "the signature does not fit these bytes",
            ))
        }
    }
}

/// The envelope as DSSE writes it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvelopeDto {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<SignatureDto>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureDto {
    keyid: KeyId,
    sig: String,
}

impl Serialize for Envelope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EnvelopeDto {
            payload: STANDARD.encode(&self.payload),
            payload_type: self.payload_type.as_str().to_owned(),
            signatures: vec![SignatureDto {
                keyid: self.key,
                sig: STANDARD.encode(self.signature.as_bytes()),
            }],
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Envelope {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let dto = EnvelopeDto::deserialize(deserializer)?;
        let payload_type = [PayloadType::Record, PayloadType::Card]
            .into_iter()
            .find(|known| known.as_str() == dto.payload_type)
            .ok_or_else(|| D::Error::custom("an unknown payload type"))?;
        let payload = STANDARD.decode(&dto.payload).map_err(D::Error::custom)?;
        let [signature] = dto.signatures.as_slice() else {
            return Err(D::Error::custom("not exactly one signature"));
        };
        let sig = STANDARD.decode(&signature.sig).map_err(D::Error::custom)?;
        let sig: [u8; 64] = sig
            .try_into()
            .map_err(|_length| D::Error::custom("a signature has 64 bytes"))?;
        Ok(Self {
            payload_type,
            payload,
            key: signature.keyid,
            signature: Signature::from_bytes(sig),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{SecretKey, Strict};

    #[test]
    fn the_signed_bytes_are_those_of_the_dsse_specification() {
        let bytes = pre_authentication(PayloadType::Card, b"hello");
        assert_eq!(
            bytes,
            b"DSSEv1 37 application/vnd.meridian.card.v1+json 5 hello"
        );
    }

    #[test]
    fn an_envelope_holds_for_its_type_key_and_bytes_only() {
        let key = SecretKey::from_secret(&[1; 32]);
        let sealed = Envelope::seal(PayloadType::Record, b"{}".to_vec(), &key);
        let check = |envelope: &Envelope, t| {
            envelope
                .verify(t, &key.public(), &Strict)
                .map_err(|p| p.code)
        };
        assert_eq!(check(&sealed, PayloadType::Record), Ok(()));
        assert_eq!(check(&sealed, PayloadType::Card), Err(Code::Malformed));
        let mut as_card = sealed.clone();
        as_card.payload_type = PayloadType::Card;
        assert_eq!(
            check(&as_card, PayloadType::Card),
            Err(Code::SignatureInvalid)
        );
        let mut altered = sealed.clone();
        altered.payload.push(b' ');
        assert_eq!(
            check(&altered, PayloadType::Record),
            Err(Code::SignatureInvalid)
        );
        let mut renamed = sealed;
        renamed.key = KeyId::from_bytes([0; 32]);
        assert_eq!(check(&renamed, PayloadType::Record), Err(Code::UnknownKey));
    }

    #[test]
    fn it_is_read_back_as_it_was_written_and_nothing_else_is_read() {
        let key = SecretKey::from_secret(&[1; 32]);
        let sealed = Envelope::seal(PayloadType::Record, b"{}".to_vec(), &key);
        let text = serde_json::to_string(&sealed).unwrap();
        assert_eq!(serde_json::from_str::<Envelope>(&text).unwrap(), sealed);
        for (from, to) in [
            ("record.v1", "record.v2"),
            ("\"payload\":\"e30=\"", "\"payload\":\"e30\""),
            ("\"signatures\":[", "\"signatures\":[],\"x\":["),
        ] {
            let other = text.replace(from, to);
            assert_ne!(other, text);
            assert!(serde_json::from_str::<Envelope>(&other).is_err(), "{to}");
        }
    }
}
