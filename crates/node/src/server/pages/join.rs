//! The door and the hall: come in with a code, see where you can go, go out.

use askama::Template;
use axum::Form;
use axum::extract::State as FromState;
use axum::extract::rejection::FormRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::{Refusal, address, show};
use crate::server::caller::Caller;
use crate::server::doors;
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::store::Membership;

#[derive(Template)]
#[template(path = "join.html")]
struct Ask {
    trouble: Option<String>,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    name: String,
    places: Vec<Place>,
}

struct Place {
    address: String,
    words: String,
    event: String,
}

/// The code of an invite.
#[derive(Deserialize)]
pub(super) struct Code {
    code: String,
}

/// Asks for a code; the script of the page takes it from behind the link's `#`.
pub(super) async fn ask() -> Response {
    show(&Ask { trouble: None })
}

/// Comes in.
pub(super) async fn join(
    FromState(state): FromState<Shared>,
    cookies: CookieJar,
    form: Result<Form<Code>, FormRejection>,
) -> Response {
    let code = form.map(|Form(Code { code })| code);
    // Someone may paste the whole link.
    let code = code.unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default().trim();
    match doors::come_in(&state, &cookies, code).await {
        Ok(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        Err(problem) => {
            let (status, _, detail) = problem.words();
            let trouble = Some(detail.to_owned());
            (status, show(&Ask { trouble })).into_response()
        }
    }
}

/// Goes out.
pub(super) async fn leave(
    FromState(state): FromState<Shared>,
    cookies: CookieJar,
) -> Result<Response, Refusal> {
    let cookie = doors::go_out(&state, &cookies).await?;
    let headers = [(header::SET_COOKIE, cookie)];
    Ok((StatusCode::SEE_OTHER, headers, Redirect::to("/join")).into_response())
}

/// Where she can go; who has one place only is there at once.
pub(super) async fn home(caller: Result<Caller, Problem>) -> Result<Response, Refusal> {
    let account = caller?.account;
    let places: Vec<Place> = account.memberships.iter().flat_map(places).collect();
    if let [only] = places.as_slice() {
        return Ok(Redirect::to(&only.address).into_response());
    }
    let name = account.name;
    Ok(show(&Home { name, places }))
}

fn places(seat: &Membership) -> Vec<Place> {
    let event = seat.event.as_str();
    let mut places = Vec::new();
    if !seat.operator.is_empty() {
        places.push(Place {
            address: address(&["events", event, "operators", &seat.operator, "availability"]),
            words: format!("When can you? ({})", seat.operator),
            event: event.to_owned(),
        });
    }
    if seat.role == "leader" || seat.role == "deputy" {
        places.push(Place {
            address: address(&["events", event, "groups", &seat.group_id, "plan"]),
            words: format!("Your group's part of the plan ({})", seat.group_id),
            event: event.to_owned(),
        });
    }
    places
}
