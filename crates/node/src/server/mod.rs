//! The node's HTTP side: the API under `/api/v1`, and the pages.
//!
//! Handlers read and write through the store and answer with problem documents; they never wait for a solver.

mod archive;
mod body;
mod calendars;
mod caller;
mod conditional;
mod doors;
mod events;
mod exchange;
mod extract;
mod fed;
mod guard;
pub(crate) mod kinds;
pub(crate) mod listen;
mod manual;
pub(crate) mod numbers;
mod once;
mod pages;
pub(crate) mod people;
mod planning;
pub(crate) mod polling;
mod problem;
mod proof;
mod refusals;
mod rest;
pub(crate) mod retention;
mod state;
pub(crate) mod things;
mod times;
pub(crate) mod webhooks;

use axum::extract::State as FromState;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi, openapi};
use utoipa_axum::router::OpenApiRouter;

pub(crate) use fed::SpaceDto;
pub(crate) use guard::Rates;
pub(crate) use planning::Live;
pub(crate) use problem::Problem;
pub(crate) use state::{Shared, State};

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(
    info(title = "Meridian", description = "A group's own server for people, plans and jobs."),
    servers((url = "/api/v1")),
    modifiers(&Proofs),
    security(("token" = []), ("login" = []))
)]
struct Document;

/// How callers say who they are.
struct Proofs;

impl Modify for Proofs {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let login = ApiKey::Cookie(ApiKeyValue::new(caller::COOKIE));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("login", SecurityScheme::ApiKey(login));
        let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("token", token);
    }
}

/// Everything a node answers.
pub(crate) fn router(shared: Shared) -> Router {
    let (api, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .merge(doors::routes())
        .merge(people::routes())
        .merge(calendars::routes())
        .merge(events::routes())
        .merge(exchange::routes())
        .merge(planning::routes())
        .merge(things::routes())
        .merge(times::routes())
        .merge(webhooks::routes())
        .split_for_parts();
    once::document(&mut document);
    refusals::document(&mut document);
    let manual = manual::page(&document).unwrap_or_default();
    let document = manual::served(&document).unwrap_or_default();
    let api = api
        .route("/openapi.json", get(move || async move { Json(document) }))
        .route("/", get(move || async move { manual::answer(&manual) }))
        .method_not_allowed_fallback(|| async {
            Problem::wrong_method("see /api/v1/openapi.json for what can be done here")
        })
        .fallback(|| async { Problem::missing("see /api/v1/openapi.json for what there is") })
        .layer(middleware::from_fn_with_state(shared.clone(), once::once));
    let all = Router::new()
        .nest("/api/v1", api)
        .merge(planning::feed_routes())
        .merge(pages::routes())
        .merge(fed::routes())
        .route("/health", get(health))
        .route("/metrics", get(numbers::metrics))
        .method_not_allowed_fallback(|| async {
            Problem::wrong_method("go back to the page before")
        })
        .fallback(|| async { Problem::missing("check the address") });
    guard::guarded(all, &shared).with_state(shared)
}

/// Whether the node works.
async fn health(FromState(state): FromState<Shared>) -> Result<StatusCode, Problem> {
    state.store.healthy().await?;
    Ok(StatusCode::OK)
}
