//! `Idempotency-Key`: a request that is sent again, because its answer was lost, is answered again and not done again.
//!
//! A key is noted before the request is done and its answer after, so that a node which dies in between says that it
//! does not know, instead of doing it twice.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State as FromState};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, OpenApi, RefOr, Required, Type};

use super::caller::Caller;
use super::conditional::value;
use super::problem::Problem;
use super::state::Shared;
use crate::store::Done;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The longest key.
const KEY_BYTES: usize = 128;
/// The most that a body may have whose request is done once.
const BODY_BYTES: usize = 4 * 1024 * 1024;
/// What answers with a secret: it is shown once, so such an answer is not kept.
const SECRETIVE: [&str; 6] = [
    "/invites",
    "/tokens",
    "/feeds",
    "/webhooks",
    "/rotate",
    "/exchange/groups",
];

/// Whose request it is, by which key.
#[derive(Clone)]
struct Errand {
    state: Shared,
    account: String,
    key: String,
    secretive: bool,
}

/// Does a request with a key once.
pub(crate) async fn once(
    FromState(state): FromState<Shared>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    match begin(state, request).await {
        Ok(Begun::Answered(response)) => response,
        Ok(Begun::Now(errand, request)) => {
            // It goes on when the caller hangs up, so that what became of it is known.
            let doing =
                tokio::spawn(async move { finish(&errand, next.run(*request).await).await });
            match doing.await {
                Ok(Ok(response)) => response,
                Ok(Err(problem)) => problem.into_response(),
                Err(error) => Problem::from(anyhow::Error::from(error)).into_response(),
            }
        }
        Err(problem) => problem.into_response(),
    }
}

enum Begun {
    Answered(Response),
    Now(Errand, Box<Request>),
}

async fn begin(state: Shared, request: Request) -> Result<Begun, Problem> {
    let (mut parts, body) = request.into_parts();
    let key = key(&parts.headers)?;
    let caller = Caller::from_request_parts(&mut parts, &state).await?;
    let bytes = to_bytes(body, BODY_BYTES)
        .await
        .map_err(|_why| Problem::too_large("send less at once"))?;
    let digest = digest(&parts, &bytes);
    let errand = Errand {
        account: caller.account.id,
        key,
        secretive: SECRETIVE
            .iter()
            .any(|path| parts.uri.path().ends_with(path)),
        state,
    };
    let whose = (errand.account.as_str(), errand.key.as_str());
    let mut write = errand.state.store.write().await?;
    let before = write.begin_once(whose, &digest).await?;
    write.commit().await?;
    match before {
        None => {
            let request = Request::from_parts(parts, Body::from(bytes));
            Ok(Begun::Now(errand, Box::new(request)))
        }
        Some(done) => again(&done, &digest).map(Begun::Answered),
    }
}

fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let shown = headers.get(KEY).and_then(|key| key.to_str().ok());
    let good = |key: &&str| {
        (1..=KEY_BYTES).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    shown.filter(good).map(str::to_owned).ok_or_else(|| {
        Problem::malformed(format!(
            "an Idempotency-Key has 1 to {KEY_BYTES} letters, digits and signs, and no blank"
        ))
    })
}

fn digest(parts: &Parts, bytes: &Bytes) -> String {
    let mut hash = Sha256::new();
    for part in [
        parts.uri.to_string().as_bytes(),
        super::body::media(&parts.headers).as_bytes(),
        parts
            .headers
            .get(header::IF_MATCH)
            .map_or(&[], HeaderValue::as_bytes),
        bytes,
    ] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The answer of before, to the same request.
fn again(done: &Done, digest: &str) -> Result<Response, Problem> {
    if done.request != digest {
        return Err(Problem::of_field(
            "Idempotency-Key",
            "another request had this key",
            "give every new request a new key",
        ));
    }
    let status = u16::try_from(done.status).unwrap_or_default();
    let Ok(status) = StatusCode::from_u16(status) else {
        return Err(Problem::present(
            "this request was begun before and its end is not known: look whether it was done, then use a new key",
        ));
    };
    if done.headers.is_empty() {
        return Err(Problem::present(
            "this request was done before, and its secret was shown only then: make another with a new key",
        ));
    }
    let kept: BTreeMap<String, String> =
        serde_json::from_str(&done.headers).map_err(anyhow::Error::from)?;
    let mut response = (status, done.body.clone()).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    for (name, text) in kept {
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            headers.insert(name, value(&text));
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// Takes note of an answer, and gives it.
async fn finish(errand: &Errand, response: Response) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX)
        .await
        .map_err(anyhow::Error::from)?;
    let done = kept(errand, parts.status, &parts.headers, &bytes);
    let whose = (errand.account.as_str(), errand.key.as_str());
    let mut write = errand.state.store.write().await?;
    write.end_once(whose, done.as_ref()).await?;
    write.commit().await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// What is kept of an answer; nothing when the same request may have another end next time.
fn kept(errand: &Errand, status: StatusCode, headers: &HeaderMap, bytes: &Bytes) -> Option<Done> {
    let passing = [
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::UNAUTHORIZED,
    ];
    if status.is_server_error() || passing.contains(&status) {
        return None;
    }
    let mut done = Done {
        request: String::new(),
        status: i64::from(status.as_u16()),
        headers: String::new(),
        body: String::new(),
    };
    if errand.secretive && status.is_success() {
        return Some(done);
    }
    let names = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];
    let said: BTreeMap<&str, &str> = names
        .iter()
        .filter_map(|name| Some((name.as_str(), headers.get(name)?.to_str().ok()?)))
        .collect();
    done.headers = serde_json::to_string(&said).ok()?;
    done.body = String::from_utf8(bytes.to_vec()).ok()?;
    Some(done)
}

/// Says of every route that makes something that it takes a key.
pub(crate) fn document(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        if path == "/login" {
            continue;
        }
        if let Some(operation) = &mut item.post {
            operation
                .parameters
                .get_or_insert_default()
                .push(RefOr::T(parameter()));
        }
    }
}

fn parameter() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(KEY_BYTES))
        .pattern(Some("^[!-~]+$"))
        .build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The same key with the same request is done once and answered as before, for a day.",
        ))
        .schema(Some(schema))
        .build()
}
