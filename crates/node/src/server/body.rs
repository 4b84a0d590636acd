//! A JSON body, or a problem document that says where it is wrong.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::extract::Raw;
use super::problem::Problem;
use super::state::Shared;

/// How deep a body may nest; what people send nests four times.
const DEPTH: usize = 32;

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &Shared) -> Result<Self, Problem> {
        of_media(request.headers(), "application/json")?;
        let Raw(bytes) = Raw::from_request(request, state).await?;
        json(&bytes).map(Self)
    }
}

/// Reads JSON.
pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if deeper_than(DEPTH, bytes) {
        return Err(Problem::malformed(format!(
            "the body nests deeper than {DEPTH} times"
        )));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Data => Problem::of_field(
                &place,
                &error.to_string(),
                "see /api/v1/openapi.json for its fields",
            ),
            _ => Problem::malformed(format!("the body is not JSON: {error}")),
        }
    })
}

/// Refuses a body of another media type.
pub(crate) fn of_media(headers: &HeaderMap, wanted: &str) -> Result<(), Problem> {
    if media(headers) == wanted {
        Ok(())
    } else {
        Err(Problem::wrong_type(format!(
            "send it with `Content-Type: {wanted}`"
        )))
    }
}

/// The media type of a body, without parameters; empty when it is not said.
pub(crate) fn media(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok());
    let media = text.and_then(|text| text.split(';').next());
    media.unwrap_or_default().trim()
}

/// Whether JSON nests deeper than that; brackets in strings are no nesting.
fn deeper_than(most: usize, bytes: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return true;
        }
    }
    false
}
