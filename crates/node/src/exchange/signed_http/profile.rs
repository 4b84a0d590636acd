//! The one profile: which components, which parameters, in which order. Its text is a template with four holes for a
//! request and two for an answer, so it is read by taking the template off and held against what writing gives:
//! there is one text for each meaning, and no structured field in general is parsed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use meridian_federation::KeyId;
use meridian_federation::ids::Signature;

use super::fields::exact_base64;
use super::refusal::Refusal;

/// Longest time from `created` to `expires`.
pub(crate) const MAX_LIFE_S: i64 = 300;

/// The latest time that is read: no more digits than RFC 9651 allows an integer, with room to add to it.
const MAX_TIME: i64 = 99_999_999_999_999;

const LABEL: &str = "meridian=";

const OF_REQUEST: &str = r#"("@method" "@authority" "@path" "@query" "content-digest" "content-type" "meridian-recipient")"#;

const OF_RESPONSE: &str =
    r#"("@status" "content-digest" "content-type" "signature";req;key="meridian")"#;

const ENDING: &str = r#"";alg="ed25519";tag="meridian-fed-1""#;

/// When a request is made, until when it is good, and what makes it the only one of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Seconds since 1970, by the sender's clock.
    pub(crate) created: i64,
    /// Seconds since 1970; after `created`, by at most [`MAX_LIFE_S`].
    pub(crate) expires: i64,
    /// Drawn anew for each request.
    pub(crate) nonce: [u8; 16],
}

/// The signature of a request, which its answer covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestSignature(Signature);

/// `signature-input` of a request, after the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RequestParameters {
    pub(super) stamp: Stamp,
    pub(super) key: KeyId,
}

/// `signature-input` of an answer, after the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ResponseParameters {
    pub(super) created: i64,
    pub(super) key: KeyId,
}

impl RequestSignature {
    pub(super) const fn new(signature: Signature) -> Self {
        Self(signature)
    }

    pub(super) const fn signature(&self) -> &Signature {
        &self.0
    }
}

impl RequestParameters {
    pub(super) fn write(&self) -> String {
        let Self { stamp, key } = self;
        let Stamp {
            created,
            expires,
            nonce,
        } = stamp;
        let nonce = STANDARD.encode(nonce);
        format!(
            "{OF_REQUEST};created={created};expires={expires};nonce=\"{nonce}\";keyid=\"{key}{ENDING}"
        )
    }

    /// Reads `signature-input` with its label.
    pub(super) fn read(field: &str) -> Result<Self, Refusal> {
        let what = "signature-input";
        let parameters = Self::holes(field).ok_or(Refusal::Profile { what })?;
        parameters.stamp.check()?;
        Ok(parameters)
    }

    fn holes(field: &str) -> Option<Self> {
        let text = field.strip_prefix(LABEL)?;
        let rest = text.strip_prefix(OF_REQUEST)?.strip_prefix(";created=")?;
        let (created, rest) = rest.split_once(";expires=")?;
        let (expires, rest) = rest.split_once(";nonce=\"")?;
        let (nonce, rest) = rest.split_once("\";keyid=\"")?;
        let stamp = Stamp {
            created: seconds(created)?,
            expires: seconds(expires)?,
            nonce: exact_base64(nonce)?,
        };
        let key = rest.strip_suffix(ENDING)?.parse().ok()?;
        let parameters = Self { stamp, key };
        (parameters.write() == text).then_some(parameters)
    }
}

impl Stamp {
    /// Refuses a life that is none or too long.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        check_time(self.created)?;
        check_time(self.expires)?;
        if !(1..=MAX_LIFE_S).contains(&(self.expires - self.created)) {
            let what = "expires must be after created, by at most 300 s";
            return Err(Refusal::Profile { what });
        }
        Ok(())
    }
}

impl ResponseParameters {
    pub(super) fn write(&self) -> String {
        let Self { created, key } = self;
        format!("{OF_RESPONSE};created={created};keyid=\"{key}{ENDING}")
    }

    /// Reads `signature-input` with its label.
    pub(super) fn read(field: &str) -> Result<Self, Refusal> {
        let what = "signature-input";
        Self::holes(field).ok_or(Refusal::Profile { what })
    }

    fn holes(field: &str) -> Option<Self> {
        let text = field.strip_prefix(LABEL)?;
        let rest = text.strip_prefix(OF_RESPONSE)?.strip_prefix(";created=")?;
        let (created, rest) = rest.split_once(";keyid=\"")?;
        let created = seconds(created)?;
        let key = rest.strip_suffix(ENDING)?.parse().ok()?;
        let parameters = Self { created, key };
        (parameters.write() == text).then_some(parameters)
    }
}

/// Refuses a time that is never read.
pub(super) fn check_time(time: i64) -> Result<(), Refusal> {
    if (0..=MAX_TIME).contains(&time) {
        return Ok(());
    }
    let what = "a time out of range";
    Err(Refusal::Profile { what })
}

fn seconds(text: &str) -> Option<i64> {
    text.parse().ok().filter(|&time| check_time(time).is_ok())
}

/// `signature-input` as it is sent.
pub(super) fn labelled(parameters: &str) -> String {
    format!("{LABEL}{parameters}")
}

/// `signature` as it is sent.
pub(super) fn write_signature(signature: &Signature) -> String {
    format!("{LABEL}{}", byte_sequence(signature))
}

/// A signature as the value of a component.
pub(super) fn byte_sequence(signature: &Signature) -> String {
    format!(":{}:", STANDARD.encode(signature.as_bytes()))
}

/// Reads the field `signature`: the one of this label and no other.
pub(super) fn read_signature(field: &str) -> Result<Signature, Refusal> {
    let inner = |field: &str| -> Option<[u8; 64]> {
        let text = field.strip_prefix(LABEL)?;
        exact_base64(text.strip_prefix(':')?.strip_suffix(':')?)
    };
    let what = "signature";
    inner(field)
        .map(Signature::from_bytes)
        .ok_or(Refusal::Profile { what })
}

/// What is signed: a line for each component, then the parameters.
/// Source: RFC 9421, section 2.5.
pub(super) fn base(components: &[(&str, &str)], parameters: &str) -> Vec<u8> {
    let mut base = String::new();
    for (identifier, value) in components {
        base.push_str(&format!("{identifier}: {value}\n"));
    }
    base.push_str(&format!("\"@signature-params\": {parameters}"));
    base.into_bytes()
}
