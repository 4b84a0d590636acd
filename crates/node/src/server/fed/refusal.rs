//! What a peer is told when something is not taken: RFC 9457, with the codes of the protocol.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use meridian_federation::{Code, Problem as CoreProblem};

use super::admit::signed_answer;
use crate::exchange::ExchangeError;
use crate::exchange::calls::{PROBLEM_MEDIA, RefusalDto};
use crate::exchange::signed_http::{Refusal, RequestSignature};
use crate::server::problem::Problem;
use crate::server::state::Shared;

/// A refusal.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    code: String,
    detail: String,
    retry_after_s: Option<u64>,
    /// What the answer is bound to, where the request could be read so far.
    to: Option<Box<RequestSignature>>,
}

impl Refused {
    pub(super) fn of(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            detail: detail.into(),
            retry_after_s: None,
            to: None,
        }
    }

    /// The peer has to wait.
    pub(super) fn later(code: &str, detail: &str, seconds: u64) -> Self {
        Self {
            retry_after_s: Some(seconds),
            ..Self::of(StatusCode::TOO_MANY_REQUESTS, code, detail)
        }
    }

    pub(super) fn to(self, to: RequestSignature) -> Self {
        Self {
            to: Some(Box::new(to)),
            ..self
        }
    }

    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn body(&self) -> Vec<u8> {
        let dto = RefusalDto {
            kind: format!("/fed/v1#{}", self.code),
            title: self
                .status
                .canonical_reason()
                .unwrap_or_default()
                .to_owned(),
            status: self.status.as_u16(),
            code: self.code.clone(),
            detail: self.detail.clone(),
        };
        // Text and a number can always be written.
        serde_json::to_vec(&dto).unwrap_or_default()
    }

    pub(super) fn headed(&self, mut response: Response) -> Response {
        if let Some(seconds) = self.retry_after_s {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }

    /// Told to whoever asked, signed where that can be.
    pub(super) async fn told(self, state: &Shared) -> Response {
        if let Some(to) = self.to.clone()
            && let Ok(key) = state.exchange.own_key().await
        {
            let answer = signed_answer((self.status, PROBLEM_MEDIA), self.body(), &to, &key);
            return self.headed(answer);
        }
        self.into_response()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body()));
        *response.status_mut() = self.status;
        let media = header::HeaderValue::from_static(PROBLEM_MEDIA);
        response.headers_mut().insert(header::CONTENT_TYPE, media);
        self.headed(response)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        Self::of(status, refusal.code(), refusal.to_string())
    }
}

impl From<CoreProblem> for Refused {
    fn from(problem: CoreProblem) -> Self {
        let status = match problem.code {
            Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::NotCanonical | Code::Malformed | Code::UnknownVersion => StatusCode::BAD_REQUEST,
            Code::UnknownPeer | Code::GroupSuspended => StatusCode::FORBIDDEN,
            Code::UnknownSpace => StatusCode::NOT_FOUND,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::of(status, problem.code.as_str(), problem.detail)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let code = problem.code();
        let (status, _, detail) = problem.words();
        Self::of(status, code, detail)
    }
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        Problem::from(error).into()
    }
}

impl From<ExchangeError> for Refused {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Off => Self::of(
                StatusCode::NOT_FOUND,
                "missing",
                "this node exchanges nothing with others",
            ),
            ExchangeError::Unknown(why) => Self::of(StatusCode::NOT_FOUND, "missing", why),
            ExchangeError::Refused(problem) => problem.into(),
            ExchangeError::Store(error) => Problem::from(error).into(),
            ExchangeError::Unfit(why) => Self::of(StatusCode::UNPROCESSABLE_ENTITY, "unfit", why),
            ExchangeError::Broken(error) => error.into(),
        }
    }
}
