//! Plans: read, checked, shown to the groups, published.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State as FromState;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use meridian_model::check::check;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::before;
use super::jobs::plans;
use super::live::{off_the_runtime, parsed};
use super::slices::stakeholders;
use crate::server::body::Body;
use crate::server::caller::{Caller, Role};
use crate::server::conditional::{etag, expected_version, known};
use crate::server::extract::{Path, Query};
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::server::things::{Page, PageQuery};
use crate::store::PlanRow;

/// A plan, without its documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Plan {
    /// Identifier.
    id: String,
    /// Counts its changes; the ETag.
    version: i64,
    /// `draft`, `proposed`, `published`, `superseded` or `withdrawn`.
    state: String,
    /// The plan that it follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    /// Counts the plans that follow one another; calendars show it.
    revision: i64,
    /// Counts what was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    release_number: Option<i64>,
    /// What the checker says of it, level by level.
    #[schema(value_type = Object)]
    score: Value,
    /// Digest of the problem that it answers.
    problem_sha256: String,
    /// The job that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<String>,
    /// When it was made.
    created_at: String,
}

impl Plan {
    pub(super) fn of(row: PlanRow) -> Self {
        Self {
            id: row.id,
            version: row.version,
            state: row.state,
            parent: row.parent,
            revision: row.revision,
            release_number: row.release_number,
            score: serde_json::from_str(&row.score).unwrap_or_default(),
            problem_sha256: row.problem,
            job: row.job,
            created_at: row.created_at,
        }
    }
}

/// How a plan is published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Release {
    /// Publish it although groups in it have not accepted it.
    #[serde(default)]
    without_answers: bool,
}

/// A plan that the caller may know of: drafts are for those who plan, proposed ones for leaders too, published ones
/// for everyone in the event.
pub(super) async fn visible(
    state: &Shared,
    caller: &Caller,
    event: &str,
    id: &str,
) -> Result<PlanRow, Problem> {
    caller.enter(event)?;
    let row = state.store.plan(event, id).await?;
    if may_see(caller, event, &row) {
        Ok(row)
    } else {
        Err(Problem::missing("check the address"))
    }
}

fn may_see(caller: &Caller, event: &str, plan: &PlanRow) -> bool {
    let mut seats = caller.account.memberships.iter();
    match plan.state.as_str() {
        "published" | "superseded" => true,
        "proposed" if seats.any(|m| m.event == event && m.role == "leader") => true,
        _ => caller.is(Role::Scheduler, event, None),
    }
}

fn told(row: PlanRow) -> Response {
    let tag = etag(row.version);
    ([(header::ETAG, tag)], Json(Plan::of(row))).into_response()
}

/// List plans
///
/// Those that you may see, the newest first.
#[utoipa::path(get, path = "/events/{event}/plans", tag = "plans", params(("event" = String, Path), PageQuery),
    responses((status = 200, body = Page<Plan>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Plan>>, Problem> {
    caller.enter(&event)?;
    let wanted = query.wanted()?;
    let mut from = before(&query, 'p')?;
    let mut seen = Vec::new();
    loop {
        let rows = state.store.plans(&event, from, query.limit + 1).await?;
        let last = rows.len() <= wanted;
        from = rows.last().map_or(0, |row| row.number);
        seen.extend(rows.into_iter().filter(|row| may_see(&caller, &event, row)));
        if last || seen.len() > wanted {
            break;
        }
    }
    let more = seen.len() > wanted;
    seen.truncate(wanted);
    let next = seen.last().filter(|_| more).map(|row| row.id.clone());
    Ok(Json(Page {
        items: seen.into_iter().map(Plan::of).collect(),
        next,
    }))
}

/// The newest plans that are proposed or published, and that the caller may see.
pub(crate) async fn latest(
    state: &Shared,
    caller: &Caller,
    event: &str,
) -> Result<Vec<PlanRow>, Problem> {
    let mut rows = state.store.plans(event, i64::MAX, 100).await?;
    rows.retain(|row| {
        matches!(row.state.as_str(), "proposed" | "published") && may_see(caller, event, row)
    });
    Ok(rows)
}

/// Read a plan
///
/// Without its documents; with its ETag, which publishing asks for.
#[utoipa::path(get, path = "/events/{event}/plans/{id}", tag = "plans", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Plan, headers(("ETag" = String))), (status = 304), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let row = visible(&state, &caller, &event, &id).await?;
    if known(&headers, row.version) {
        let tag = [(header::ETAG, etag(row.version))];
        return Ok((axum::http::StatusCode::NOT_MODIFIED, tag).into_response());
    }
    Ok(told(row))
}

/// Read a plan document
///
/// What `meridian show`, `check` and `export` read.
#[utoipa::path(get, path = "/events/{event}/plans/{id}/document", tag = "plans", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Object), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn document(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    plans(&caller, &event)?;
    let plan = state.store.plan(&event, &id).await?;
    Ok(as_json(state.store.documents(&plan.id).await?.plan))
}

/// Read the problem document that a plan answers
///
/// The event as it was when the plan was asked for.
#[utoipa::path(get, path = "/events/{event}/plans/{id}/problem", tag = "plans", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Object), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn problem(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    plans(&caller, &event)?;
    let plan = state.store.plan(&event, &id).await?;
    Ok(as_json(state.store.documents(&plan.id).await?.problem))
}

/// Check a plan
///
/// What the checker says of it: its score, and every match of every rule.
#[utoipa::path(get, path = "/events/{event}/plans/{id}/check", tag = "plans", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Object), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn checked(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    plans(&caller, &event)?;
    let plan = state.store.plan(&event, &id).await?;
    let parsed = parsed(&state, &plan.id).await?;
    let report = off_the_runtime(move || {
        let report = check(&parsed.problem, &parsed.plan);
        serde_json::to_string(&report)
    });
    Ok(as_json(report.await?.map_err(anyhow::Error::from)?))
}

fn as_json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// Propose a plan
///
/// Leaders see their group's slice from now on, and accept or reject it.
#[utoipa::path(post, path = "/events/{event}/plans/{id}/propose", tag = "plans", params(("event" = String, Path), ("id" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Plan, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn propose(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    plans(&caller, &event)?;
    caller.scope("plan")?;
    let version = expected_version(&headers)?;
    let mut write = state.store.write().await?;
    let by = &caller.account.id;
    write.propose_plan(by, (&event, &id), version).await?;
    write.commit().await?;
    Ok(told(state.store.plan(&event, &id).await?))
}

/// Withdraw a plan that is not published
#[utoipa::path(post, path = "/events/{event}/plans/{id}/withdraw", tag = "plans", params(("event" = String, Path), ("id" = String, Path), ("If-Match" = String, Header)),
    responses((status = 200, body = Plan, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn withdraw(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    plans(&caller, &event)?;
    caller.scope("plan")?;
    let version = expected_version(&headers)?;
    let mut write = state.store.write().await?;
    let by = &caller.account.id;
    write.withdraw_plan(by, (&event, &id), version).await?;
    write.commit().await?;
    Ok(told(state.store.plan(&event, &id).await?))
}

/// Publish a plan
///
/// Once, and only if no other was published since it was made. Every group in it must have accepted it, unless you
/// say that it is published without their answers.
#[utoipa::path(post, path = "/events/{event}/plans/{id}/release", tag = "plans", params(("event" = String, Path), ("id" = String, Path), ("If-Match" = String, Header)), request_body = Release,
    responses((status = 200, body = Plan, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn release(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(release): Body<Release>,
) -> Result<Response, Problem> {
    plans(&caller, &event)?;
    caller.scope("plan")?;
    let version = expected_version(&headers)?;
    let plan = state.store.plan(&event, &id).await?;
    let mut groups = BTreeSet::new();
    if !release.without_answers && matches!(plan.state.as_str(), "draft" | "proposed") {
        groups = stakeholders(&*parsed(&state, &plan.id).await?);
        all_accepted(&state, &plan, &groups).await?;
    }
    let mut write = state.store.write().await?;
    let by = &caller.account.id;
    write
        .release_plan(by, (&event, &id), version, &groups)
        .await?;
    write.commit().await?;
    Ok(told(state.store.plan(&event, &id).await?))
}

async fn all_accepted(
    state: &Shared,
    plan: &PlanRow,
    groups: &BTreeSet<String>,
) -> Result<(), Problem> {
    let mut missing = groups.clone();
    for answer in state.store.answers(&plan.id).await? {
        if answer.verdict == "accepted" {
            missing.remove(&answer.group_id);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let missing: Vec<String> = missing.into_iter().collect();
    Err(Problem::present(format!(
        "not accepted by {}: propose it and wait for them, or publish it without their answers",
        crate::words::some_of(&missing)
    )))
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(document))
        .routes(routes!(problem))
        .routes(routes!(checked))
        .routes(routes!(propose))
        .routes(routes!(withdraw))
        .routes(routes!(release))
}
