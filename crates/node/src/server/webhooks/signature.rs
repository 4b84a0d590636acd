//! How messages are signed, so that a program knows whom they are from.
//! Source: Standard Webhooks 1.0, symmetric signatures.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How every secret begins.
const PREFIX: &str = "whsec_";

/// A new secret: 256 random bits.
pub(crate) fn new_secret() -> String {
    let bytes: [u8; 32] = rand::random();
    format!("{PREFIX}{}", STANDARD.encode(bytes))
}

/// The signature of a message; none when the secret is none of ours.
fn sign(secret: &str, id: &str, timestamp: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Some(format!(
        "v1,{}",
        STANDARD.encode(mac.finalize().into_bytes())
    ))
}

/// The headers of a message, with one signature for each secret.
///
/// # Errors
/// When a secret is none of ours.
pub(crate) fn headers(
    secrets: &[&str],
    id: &str,
    timestamp: i64,
    body: &str,
) -> anyhow::Result<HeaderMap> {
    let signatures: Option<Vec<String>> = secrets
        .iter()
        .map(|secret| sign(secret, id, timestamp, body))
        .collect();
    let signatures =
        signatures.ok_or_else(|| anyhow::anyhow!("a webhook's secret cannot be read"))?;
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("content-type", "application/json"),
        ("webhook-id", id),
        ("webhook-timestamp", &timestamp.to_string()),
        ("webhook-signature", &signatures.join(" ")),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value)?);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Source: the example of the specification's own libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const BODY: &str = r#"{"test": 2432232314}"#;

    #[test]
    fn the_known_message_has_the_known_signature() {
        let signed = sign(SECRET, ID, AT, BODY);
        assert_eq!(
            signed.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
    }

    #[test]
    fn each_secret_signs() {
        let other = new_secret();
        assert_eq!(STANDARD.decode(&other[6..]).map(|key| key.len()), Ok(32));
        let headers = headers(&[&other, SECRET], ID, AT, BODY).expect("headers");
        let signatures = headers["webhook-signature"].to_str().expect("text");
        let (first, second) = signatures.split_once(' ').expect("two");
        assert_eq!(Some(first), sign(&other, ID, AT, BODY).as_deref());
        assert_eq!(Some(second), sign(SECRET, ID, AT, BODY).as_deref());
    }
}
