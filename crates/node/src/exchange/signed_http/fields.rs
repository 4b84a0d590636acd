//! The fields of a message's head: how many bytes there may be, exactly one line of each, and the digest of a body.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::refusal::Refusal;

/// The fields of a head in their order; names in lower case, as `http::HeaderName` has them.
pub(crate) type Headers<'a> = &'a [(&'a str, &'a [u8])];

/// Most bytes of a head. What the profile needs is below 1 KiB; proxies and tracing add some of their own.
pub(crate) const HEADER_LIMIT: usize = 8 * 1024;

pub(super) const CONTENT_DIGEST: &str = "content-digest";
pub(super) const CONTENT_TYPE: &str = "content-type";
pub(super) const RECIPIENT: &str = "meridian-recipient";
pub(super) const SIGNATURE_INPUT: &str = "signature-input";
pub(super) const SIGNATURE: &str = "signature";

/// Refuses a head of too many bytes; `first_line` are those before the fields.
pub(super) fn check_size(first_line: usize, headers: Headers<'_>) -> Result<(), Refusal> {
    // Four bytes a line: the colon with its space, and the line's end.
    let line = |&(name, value): &(&str, &[u8])| name.len() + value.len() + 4;
    let bytes = first_line + headers.iter().map(line).sum::<usize>();
    if bytes > HEADER_LIMIT {
        return Err(Refusal::TooLarge { bytes });
    }
    Ok(())
}

/// The one line of a field. Two lines are refused: RFC 9421 would join them by a comma, and readers differ in whether
/// they look at the first, the last or both.
fn one<'a>(headers: Headers<'a>, name: &'static str) -> Result<Option<&'a str>, Refusal> {
    let mut lines = headers.iter().filter(|(known, _)| *known == name);
    let Some((_, value)) = lines.next() else {
        return Ok(None);
    };
    if lines.next().is_some() {
        let what = "a field has more than one line";
        return Err(Refusal::Profile { what });
    }
    let text = std::str::from_utf8(value).ok().filter(|text| {
        let plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        !text.is_empty() && text.trim_ascii() == *text && text.bytes().all(plain)
    });
    let what = "a field is empty or holds other than plain ASCII";
    text.map(Some).ok_or(Refusal::Profile { what })
}

/// A field without which a message is not signed at all.
pub(super) fn of_a_signature<'a>(
    headers: Headers<'a>,
    field: &'static str,
) -> Result<&'a str, Refusal> {
    one(headers, field)?.ok_or(Refusal::Missing { field })
}

/// A field that the profile covers.
pub(super) fn covered<'a>(
    headers: Headers<'a>,
    name: &'static str,
    what: &'static str,
) -> Result<&'a str, Refusal> {
    one(headers, name)?.ok_or(Refusal::Profile { what })
}

/// A content type that can stand in a field as it is.
pub(super) fn check_content_type(text: &str) -> Result<(), Refusal> {
    let what = "no content type";
    covered(&[(CONTENT_TYPE, text.as_bytes())], CONTENT_TYPE, what).map(|_| ())
}

/// The SHA-256 of a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct BodyDigest([u8; 32]);

impl BodyDigest {
    pub(super) fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }

    /// As RFC 9530 writes it.
    pub(super) fn write(&self) -> String {
        format!("sha-256=:{}:", STANDARD.encode(self.0))
    }

    /// Reads exactly one digest, in the one form that [`Self::write`] gives.
    pub(super) fn read(text: &str) -> Option<Self> {
        let digest = text.strip_prefix("sha-256=:")?.strip_suffix(':')?;
        Some(Self(exact_base64(digest)?))
    }
}

/// Standard base64 with padding and without a second form: trailing bits that are not zero are refused.
pub(super) fn exact_base64<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}
