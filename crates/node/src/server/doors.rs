//! How people come in and go out: an invite link, once, for a login in a cookie.

use axum::extract::State as FromState;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::Body;
use super::caller::{COOKIE, Caller};
use super::problem::Problem;
use super::state::Shared;
use crate::server::extract::Query;
use crate::store::{Secret, StoreError};

/// What an invite link holds after its `#`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    /// The code.
    code: String,
}

/// Who you are here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// Your account.
    account: String,
    /// Your name.
    name: String,
    /// Whether you run the node.
    admin: bool,
    /// What you are, event by event.
    memberships: Vec<Place>,
}

/// What someone is in an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Place {
    /// The event.
    event: String,
    /// `operator`, `deputy`, `leader` or `scheduler`.
    role: String,
    /// The group, for operators and leaders.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// The operator you are.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
}

/// Come in
///
/// Uses the code of an invite link, once; the answer sets a cookie.
#[utoipa::path(post, path = "/login", tag = "doors", request_body = Code, security(()),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn log_in(
    FromState(state): FromState<Shared>,
    cookies: CookieJar,
    Body(Code { code }): Body<Code>,
) -> Result<Response, Problem> {
    let cookie = come_in(&state, &cookies, &code).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Uses a code; the cookie of the login that it opens. Who is signed in already keeps her account.
pub(super) async fn come_in(
    state: &Shared,
    cookies: &CookieJar,
    code: &str,
) -> Result<HeaderValue, Problem> {
    let here = match cookies.get(COOKIE) {
        Some(login) => state
            .store
            .account_of_login(&Secret::shown(login.value()))
            .await
            .ok(),
        None => None,
    };
    let into = here.as_ref().map(|account| account.id.as_str());
    let mut write = state.store.write().await?;
    let login = write.redeem(&Secret::shown(code), into).await;
    let login = login.map_err(|error| match error {
        StoreError::Missing => {
            Problem::not_yours("this code was used, has run out, or never was: ask for a new link")
        }
        other => other.into(),
    })?;
    write.commit().await?;
    Ok(cookie(state, login.reveal(), 30 * 24 * 60 * 60))
}

/// How far to go out.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct HowFar {
    /// Whether every other browser is signed out too.
    #[serde(default)]
    everywhere: bool,
}

/// Go out
#[utoipa::path(post, path = "/logout", tag = "doors", params(HowFar),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn log_out(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Query(how): Query<HowFar>,
    cookies: CookieJar,
) -> Result<Response, Problem> {
    if how.everywhere {
        let mut write = state.store.write().await?;
        write.log_out_everywhere(&caller.account.id).await?;
        write.commit().await?;
    }
    let cookie = go_out(&state, &cookies).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// Ends the login of a cookie; the cookie that forgets it.
pub(super) async fn go_out(state: &Shared, cookies: &CookieJar) -> Result<HeaderValue, Problem> {
    if let Some(login) = cookies.get(COOKIE) {
        let mut write = state.store.write().await?;
        write.log_out(&Secret::shown(login.value())).await?;
        write.commit().await?;
    }
    Ok(cookie(state, "", 0))
}

/// Who am I
#[utoipa::path(get, path = "/me", tag = "doors",
    responses((status = 200, body = Me), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn me(caller: Caller) -> axum::Json<Me> {
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let account = caller.account;
    axum::Json(Me {
        account: account.id,
        name: account.name,
        admin: account.admin,
        memberships: account
            .memberships
            .into_iter()
            .map(|place| Place {
                event: place.event,
                role: place.role,
                group: some(place.group_id),
                operator: some(place.operator),
            })
            .collect(),
    })
}

/// The cookie of a login: never read by scripts, never sent from other sites.
fn cookie(state: &Shared, secret: &str, seconds: u32) -> HeaderValue {
    let secure = if state.origin.starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    let text =
        format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(log_in))
        .routes(routes!(log_out))
        .routes(routes!(me))
}
