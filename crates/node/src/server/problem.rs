//! What is said when something cannot be done: RFC 9457 problem documents with stable codes.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use meridian_formats::{Fault, Faults};
use serde::Serialize;
use utoipa::ToSchema;

use crate::assembler::AssembleError;
use crate::store::StoreError;

/// A problem document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Where the kind of problem is explained.
    #[serde(rename = "type")]
    kind: String,
    /// The kind of problem in a few words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The stable code.
    code: &'static str,
    /// What is wrong this time, and what to do.
    detail: String,
    /// Everything that is wrong with the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Wrong>,
}

/// One thing that is wrong with the input.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Wrong {
    /// The code that the command line has for it too.
    pub(crate) code: String,
    /// Where: a field, or file and line.
    pub(crate) place: String,
    /// What is wrong.
    pub(crate) what: String,
    /// What to do.
    pub(crate) remedy: String,
}

macro_rules! problems {
    ($($name:ident $status:ident $code:literal $title:literal;)*) => {
        impl Problem {
            /// All codes, each with its status and what it says.
            const ALL: &'static [(StatusCode, &'static str, &'static str)] =
                &[$((StatusCode::$status, $code, $title)),*];

            $(
                #[doc = $title]
                pub(crate) fn $name(detail: impl Into<String>) -> Self {
                    Self::new(StatusCode::$status, $code, $title, detail.into())
                }
            )*
        }
    };
}

problems! {
    malformed BAD_REQUEST "malformed" "The request cannot be read";
    unknown_caller UNAUTHORIZED "unknown-caller" "Nobody is signed in";
    not_yours FORBIDDEN "not-yours" "You may not do this";
    missing NOT_FOUND "missing" "There is no such thing";
    wrong_method METHOD_NOT_ALLOWED "wrong-method" "This cannot be done here";
    too_slow REQUEST_TIMEOUT "too-slow" "The request took too long";
    present CONFLICT "present" "It is there already, or in the way";
    stale PRECONDITION_FAILED "stale" "Someone changed it meanwhile";
    too_large PAYLOAD_TOO_LARGE "too-large" "The request is too large";
    wrong_type UNSUPPORTED_MEDIA_TYPE "wrong-type" "The body is of another type";
    invalid UNPROCESSABLE_ENTITY "invalid" "The input is wrong";
    unconditional PRECONDITION_REQUIRED "unconditional" "Say which version you change";
    long_head REQUEST_HEADER_FIELDS_TOO_LARGE "long-head" "The headers are too large";
    too_many TOO_MANY_REQUESTS "too-many" "Too many requests";
    broken INTERNAL_SERVER_ERROR "broken" "Something failed here";
    busy SERVICE_UNAVAILABLE "busy" "Too much at once";
    full INSUFFICIENT_STORAGE "full" "The disk is full: reading works, writing does not";
}

impl Problem {
    /// All codes, each with what it says.
    pub(crate) fn codes() -> impl Iterator<Item = (&'static str, &'static str)> {
        Self::ALL.iter().map(|(_, code, title)| (*code, *title))
    }

    /// What problems of that status say.
    pub(crate) fn titles(status: StatusCode) -> Vec<&'static str> {
        let all = Self::ALL.iter();
        all.filter(|(its, ..)| *its == status)
            .map(|(.., title)| *title)
            .collect()
    }

    fn new(status: StatusCode, code: &'static str, title: &'static str, detail: String) -> Self {
        Self {
            kind: format!("/api/v1#{code}"),
            title,
            status: status.as_u16(),
            code,
            detail,
            problems: Vec::new(),
        }
    }

    /// All that it says, in a line.
    pub(crate) fn in_words(self) -> String {
        let said = self.problems.iter();
        let said: Vec<String> = said
            .map(|wrong| format!("{}: {}", wrong.place, wrong.what))
            .collect();
        if said.is_empty() {
            self.detail
        } else {
            said.join("; ")
        }
    }

    /// Its stable code.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    /// Whether it says that there is no such thing.
    pub(crate) fn is_missing(&self) -> bool {
        self.status == StatusCode::NOT_FOUND.as_u16()
    }

    /// Everything that is wrong with an input.
    pub(crate) fn of_faults(faults: &Faults) -> Self {
        Self::of_faults_at(faults, |fault| {
            place(&fault.file, fault.line, fault.field.as_deref())
        })
    }

    /// Everything that is wrong with an input, at places of the caller's naming.
    pub(crate) fn of_faults_at(faults: &Faults, place: impl Fn(&Fault) -> String) -> Self {
        let problems = faults
            .0
            .iter()
            .map(|fault| Wrong {
                code: fault.code.to_string(),
                place: place(fault),
                what: fault.what.clone(),
                remedy: fault.remedy.clone(),
            })
            .collect();
        Self::of_wrongs(problems)
    }

    /// All of these things that are wrong with an input.
    pub(crate) fn of_wrongs(problems: Vec<Wrong>) -> Self {
        let detail = crate::words::count(
            i64::try_from(problems.len()).unwrap_or(i64::MAX),
            "problem with the input",
            "problems with the input",
        );
        Self {
            problems,
            ..Self::invalid(detail)
        }
    }

    /// Its status, title and detail, for a page.
    pub(crate) fn words(&self) -> (StatusCode, &str, &str) {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, self.title, &self.detail)
    }

    /// Everything that is wrong, in words; the detail when there is nothing else.
    pub(crate) fn lines(&self) -> Vec<String> {
        if self.problems.is_empty() {
            return vec![self.detail.clone()];
        }
        let line = |wrong: &Wrong| format!("{}: {}; {}", wrong.place, wrong.what, wrong.remedy);
        self.problems.iter().map(line).collect()
    }

    /// One thing that is wrong with a field.
    pub(crate) fn of_field(field: &str, what: &str, remedy: &str) -> Self {
        Self {
            problems: vec![Wrong {
                code: "F031".to_owned(),
                place: field.to_owned(),
                what: what.to_owned(),
                remedy: remedy.to_owned(),
            }],
            ..Self::invalid(format!("{field}: {what}"))
        }
    }
}

fn place(file: &str, line: Option<u64>, field: Option<&str>) -> String {
    let mut place = file.to_owned();
    if let Some(line) = line {
        place.push_str(&format!(", line {line}"));
    }
    if let Some(field) = field {
        place.push_str(&format!(", {field}"));
    }
    place
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing => Self::missing("check the address"),
            StoreError::Stale(version) => Self::stale(format!(
                "it is at version {version}: read it again and repeat your change on it"
            )),
            StoreError::Present(version) => Self::present(format!(
                "it is at version {version}: change it with If-Match"
            )),
            StoreError::Blocked(why) => Self::present(why),
            StoreError::Busy => Self::busy("nothing was done: try again in a moment"),
            StoreError::Full => Self::full("free some space on the node's disk"),
            StoreError::Unwritable => {
                Self::malformed("a text has a character that cannot be kept, such as U+0000")
            }
            StoreError::Broken(cause) => {
                tracing::error!(error = %cause, "the database failed");
                Self::broken("try again; the node's log says more")
            }
        }
    }
}

impl From<AssembleError> for Problem {
    fn from(error: AssembleError) -> Self {
        match error {
            AssembleError::Faults(faults) => Self::of_faults(&faults),
            AssembleError::Store(error) => error.into(),
            AssembleError::Row(error) => error.into(),
        }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        tracing::error!(error = format!("{error:#}"), "a request failed");
        Self::broken("try again; the node's log says more")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"meridian\""),
            );
        }
        if matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
