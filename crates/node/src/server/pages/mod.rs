//! The pages: rendered here, usable without script, on a phone and by keyboard.
//!
//! They do what the API does, by the same functions and with the same rules about who may. Whatever people wrote
//! stays text: the templates escape it, and the content security policy lets no other script run.

mod availability;
mod clock;
mod draft;
mod form;
mod join;
mod preview;
mod slice;

use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::problem::Problem;
use super::state::Shared;

/// Most bytes of a form: a calendar comes with it, once as it is and once carried.
const FORM_BYTES: usize = 8 * 1024 * 1024;

/// What could not be done, as a page.
#[derive(Template)]
#[template(path = "trouble.html")]
struct Trouble<'a> {
    title: &'a str,
    detail: &'a str,
}

/// A problem that is told as a page; who is not signed in is asked for her code.
#[derive(Debug)]
struct Refusal(Problem);

impl<E: Into<Problem>> From<E> for Refusal {
    fn from(problem: E) -> Self {
        Self(problem.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, title, detail) = self.0.words();
        if status == StatusCode::UNAUTHORIZED {
            return Redirect::to("/join").into_response();
        }
        let page = Trouble { title, detail };
        (status, show(&page)).into_response()
    }
}

/// A page as an answer; browsers keep none of it.
fn show(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => {
            let no_store = HeaderValue::from_static("no-store");
            ([(header::CACHE_CONTROL, no_store)], Html(html)).into_response()
        }
        Err(error) => Problem::from(anyhow::Error::from(error)).into_response(),
    }
}

/// An address within an event; what people named stays one part of it.
fn address(parts: &[&str]) -> String {
    let mut address = String::new();
    for part in parts {
        address.push('/');
        for byte in part.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                    address.push(char::from(byte));
                }
                _ => address.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    address
}

async fn style() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (kind, include_str!("../../../templates/page.css"))
}

async fn script() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    (kind, include_str!("../../../templates/page.js"))
}

pub(crate) fn routes() -> Router<Shared> {
    let times = "/events/{event}/operators/{operator}/availability";
    Router::new()
        .route("/", get(join::home))
        .route("/join", get(join::ask).post(join::join))
        .route("/leave", post(join::leave))
        .route(
            times,
            get(availability::read)
                .post(availability::change)
                .layer(DefaultBodyLimit::max(FORM_BYTES)),
        )
        .route(
            "/events/{event}/groups/{group}/plan",
            get(slice::read).post(slice::answer),
        )
        .route("/static/page.css", get(style))
        .route("/static/page.js", get(script))
}
