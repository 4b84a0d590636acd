//! Versions on the wire: ETag, If-Match and If-None-Match.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::problem::Problem;
use crate::store::Expected;

/// The ETag of a version.
pub(crate) fn etag(version: i64) -> HeaderValue {
    value(&format!("\"{version}\""))
}

/// A header of our own making.
pub(crate) fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// What a writer believes is there: `If-None-Match: *` for nothing, `If-Match: "3"` for a version.
pub(crate) fn expected(headers: &HeaderMap) -> Result<Expected, Problem> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    match (text(header::IF_MATCH), text(header::IF_NONE_MATCH)) {
        (None, Some("*")) => Ok(Expected::Nothing),
        (Some(tag), None) => tag
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .and_then(|digits| digits.parse().ok())
            .map(Expected::Version)
            .ok_or_else(|| {
                Problem::malformed("If-Match is the ETag of one version, such as \"3\"")
            }),
        (None, None) => Err(Problem::unconditional(
            "send `If-None-Match: *` to make it, or `If-Match` with the ETag you read to change it",
        )),
        _ => Err(Problem::malformed(
            "send either `If-None-Match: *` or `If-Match` with one ETag",
        )),
    }
}

/// What a write that was expected so does, in the words of the audit, and the status of its answer.
pub(crate) fn deed(expected: Expected) -> (&'static str, StatusCode) {
    match expected {
        Expected::Nothing => ("create", StatusCode::CREATED),
        Expected::Version(_) => ("change", StatusCode::OK),
    }
}

/// The version that a writer believes is there.
pub(crate) fn expected_version(headers: &HeaderMap) -> Result<i64, Problem> {
    match expected(headers)? {
        Expected::Version(version) => Ok(version),
        Expected::Nothing => Err(Problem::malformed("send `If-Match` with the ETag you read")),
    }
}

/// Whether the reader has this version already.
pub(crate) fn known(headers: &HeaderMap, version: i64) -> bool {
    headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|tag| *tag == etag(version))
}
