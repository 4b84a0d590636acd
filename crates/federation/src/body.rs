//! Bodies: what a record says, addressed by its hash, sent only to its audience, and erasable without breaking the
//! log that its header stands in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::header::BodyRef;
use crate::ids::{BodyHash, Salt};
use crate::problem::{Code, Problem};

/// The bytes of a body, and the salt of its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Present if and only if not everybody may read it.
    pub salt: Option<Salt>,
    /// Canonical JSON, if its author is right.
    pub bytes: Vec<u8>,
}

impl Body {
    /// Most bytes of a body.
    pub const MAX_BYTES: usize = 128 * 1024;

    /// What a header says of this body.
    #[must_use]
    pub fn reference(&self) -> BodyRef {
        BodyRef {
            hash: BodyHash::of(self.salt.as_ref(), &self.bytes),
            size: u64::try_from(self.bytes.len()).unwrap_or(u64::MAX),
            salted: self.salt.is_some(),
        }
    }

    /// Refuses a body that a header does not name.
    ///
    /// # Errors
    /// `too-large`, `body-mismatch`.
    pub fn check(&self, reference: &BodyRef) -> Result<(), Problem> {
        if self.bytes.len() > Self::MAX_BYTES {
            let detail = format!("a body of {} bytes", self.bytes.len());
            return Err(Problem::new(Code::TooLarge, detail));
        }
        if self.reference() == *reference {
            Ok(())
        } else {
            Err(Problem::new(
                Code::BodyMismatch,
                "not the body that the header names",
            ))
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyDto {
    salt: Option<Salt>,
    bytes: String,
}

impl Serialize for Body {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        BodyDto {
            salt: self.salt,
            bytes: STANDARD.encode(&self.bytes),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let dto = BodyDto::deserialize(deserializer)?;
        Ok(Self {
            salt: dto.salt,
            bytes: STANDARD
                .decode(&dto.bytes)
                .map_err(serde::de::Error::custom)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_bytes_with_the_named_salt_are_the_body() {
        let body = Body {
            salt: Some(Salt::from_bytes([3; 16])),
            bytes: b"{}".to_vec(),
        };
        let reference = body.reference();
        assert_eq!(body.check(&reference), Ok(()));
        for other in [
            Body {
                salt: None,
                ..body.clone()
            },
            Body {
                salt: Some(Salt::from_bytes([4; 16])),
                ..body.clone()
            },
            Body {
                bytes: b"[]".to_vec(),
                ..body.clone()
            },
        ] {
            assert_eq!(
                other.check(&reference).unwrap_err().code,
                Code::BodyMismatch
            );
        }
        let huge = Body {
            salt: None,
            bytes: vec![b' '; Body::MAX_BYTES + 1],
        };
        assert_eq!(
            huge.check(&huge.reference()).unwrap_err().code,
            Code::TooLarge
        );
    }
}
