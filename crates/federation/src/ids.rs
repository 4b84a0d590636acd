//! Names that are hashes: of a group's root key, of a record's header, of a body. Each has one text form,
//! 64 lower-case hexadecimal digits.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::problem::{Code, Problem};

/// SHA-256 over a domain, a zero byte and each part with its length before it (eight bytes, big-endian), so that
/// no hash of one kind of thing can be taken for one of another.
#[must_use]
pub fn hash(domain: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(domain.as_bytes());
    sha.update([0]);
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        sha.update(length.to_be_bytes());
        sha.update(part);
    }
    sha.finalize().into()
}

/// Hexadecimal digits of up to 64 bytes: names are written so often that no memory is taken for them.
struct Hex {
    digits: [u8; 128],
    n: usize,
}

impl Hex {
    fn of(bytes: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = Self {
            digits: [0; 128],
            n: 0,
        };
        for (pair, byte) in hex.digits.chunks_exact_mut(2).zip(bytes) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
            hex.n += 2;
        }
        hex
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.digits[..self.n]).unwrap_or_default()
    }
}

pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let nibble = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

/// Reads a name from text wherever it lies.
struct Text<T>(PhantomData<T>);

impl<T: FromStr<Err = Problem>> serde::de::Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident[$size:literal] $domain:literal),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name([u8; $size]);

        impl $name {
            /// From its bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $size]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $size] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Hex::of(&self.0).as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({}…)", stringify!($name), Hex::of(&self.0[..4]).as_str())
            }
        }

        impl FromStr for $name {
            type Err = Problem;
            fn from_str(text: &str) -> Result<Self, Problem> {
                let wrong = || Problem::new(Code::Malformed, concat!("not a ", $domain));
                from_hex(text).map(Self).ok_or_else(wrong)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(Hex::of(&self.0).as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text(PhantomData))
            }
        }
    )*};
}

names! {
    /// A group: the hash of its root public key.
    GroupId[32] "group id",
    /// An event space: the hash of its founder and its name.
    SpaceId[32] "space id",
    /// A record: the hash of its header's bytes.
    RecordId[32] "record id",
    /// A body: the hash of its salt and bytes.
    BodyHash[32] "body hash",
    /// A group's card: the hash of its bytes.
    CardId[32] "card id",
    /// A key: the hash of the public key.
    KeyId[32] "key id",
    /// A group's part of a plan: the hash of its canonical form.
    SliceHash[32] "slice hash",
    /// A part of a plan as it stands there, so that custody of it ends when it changes.
    PartHash[32] "part hash",
    /// What a node knows or believes, in one number to compare.
    StateDigest[32] "state digest",
    /// An Ed25519 public key.
    PublicKey[32] "public key",
    /// An Ed25519 signature.
    Signature[64] "signature",
    /// What makes the hash of a small body impossible to guess.
    Salt[16] "salt",
}

impl PublicKey {
    /// The name of this key in headers and cards.
    #[must_use]
    pub fn id(&self) -> KeyId {
        KeyId(hash("meridian/key/1", &[&self.0]))
    }

    /// The group whose root key this is.
    #[must_use]
    pub fn group(&self) -> GroupId {
        GroupId(hash("meridian/group/1", &[&self.0]))
    }
}

impl SpaceId {
    /// The space that a founder opens under a name: nobody else can open it.
    #[must_use]
    pub fn of(founder: &GroupId, name: &str) -> Self {
        Self(hash(
            "meridian/space/1",
            &[founder.as_bytes(), name.as_bytes()],
        ))
    }
}

impl RecordId {
    /// The name of the record with this header.
    #[must_use]
    pub fn of(header: &[u8]) -> Self {
        Self(hash("meridian/record/1", &[header]))
    }
}

impl CardId {
    /// The name of the card with these bytes.
    #[must_use]
    pub fn of(card: &[u8]) -> Self {
        Self(hash("meridian/card/1", &[card]))
    }
}

impl BodyHash {
    /// The name of a body with these bytes; a salt makes it impossible to guess a small one by its name.
    #[must_use]
    pub fn of(salt: Option<&Salt>, bytes: &[u8]) -> Self {
        let salt: &[u8] = salt.map_or(&[], |salt| salt.as_bytes());
        Self(hash("meridian/body/1", &[salt, bytes]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_text_form() {
        let id = RecordId::of(b"x");
        assert_eq!(id.to_string().parse(), Ok(id));
        let upper = id.to_string().to_uppercase();
        assert_eq!(upper.parse::<RecordId>().unwrap_err().code, Code::Malformed);
        assert!(id.to_string()[1..].parse::<RecordId>().is_err());
    }

    #[test]
    fn no_hash_of_one_kind_is_one_of_another() {
        assert_ne!(RecordId::of(b"x").0, CardId::of(b"x").0);
        assert_ne!(hash("a", &[b"bc"]), hash("a", &[b"b", b"c"]));
        let salt = Salt::from_bytes([0; 16]);
        assert_ne!(BodyHash::of(None, b"x"), BodyHash::of(Some(&salt), b"x"));
    }
}
