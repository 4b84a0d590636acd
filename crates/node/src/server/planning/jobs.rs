//! Jobs: asked for, watched, cancelled. They are done elsewhere.

use axum::Json;
use axum::extract::State as FromState;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::before;
use crate::assembler::assemble;
use crate::jobs::{Ask, DatesAsk, ExplainAsk, ExportAsk, Order, PlanAsk, ReplanAsk};
use crate::server::body::Body;
use crate::server::caller::{Caller, Role};
use crate::server::extract::{Path, Query};
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::server::things::{Page, PageQuery};
use crate::store::{JobRow, NewJob};

/// How many jobs of one event may wait.
const WAITING: i64 = 20;

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Job {
    /// Identifier.
    id: String,
    /// `plan`, `dates`, `replan`, `explain` or `export`; for a space of the exchange `propose`, `respond`, `staff`, `settle` or
    /// `check`.
    kind: String,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    state: String,
    /// Whether someone asked for its end.
    cancel_asked: bool,
    /// How often it was begun; more than once when its node was ended in between.
    attempts: i64,
    /// What was asked.
    #[schema(value_type = Object)]
    asked: Value,
    /// How many plans it found so far, the score of the best, and how far the search is: its phase (`programme`,
    /// `feedback`, `roster` or `columns`), the step of it, and how many steps it will take.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    progress: Option<Value>,
    /// What came of it: its fields depend on the kind; `plan` is the plan that it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// When it was asked for.
    created_at: String,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
}

impl Job {
    pub(super) fn of(row: JobRow) -> Self {
        let read = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        let asked = Ask::told(&read(&row.asked));
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            cancel_asked: row.cancel_asked != 0,
            attempts: row.attempts,
            asked: asked.unwrap_or_default(),
            progress: row.progress.as_deref().map(read),
            result: row.result.as_deref().map(read),
            created_at: row.created_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
        }
    }

    /// Whether nothing more will come of it.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state.as_str(), "done" | "failed" | "cancelled")
    }
}

/// Refuses who does not plan the event; for who does not belong to it there is no such event.
pub(super) fn plans(caller: &Caller, event: &str) -> Result<(), Problem> {
    caller.enter(event)?;
    if caller.is(Role::Scheduler, event, None) {
        return Ok(());
    }
    Err(Problem::not_yours("only those who plan the event do this"))
}

/// What a job is asked of.
enum Of {
    /// The event as it is now, after the published plan.
    Now,
    /// The event as it is now, mending the published plan.
    Published,
    /// A plan and its own problem.
    Plan(String),
    /// The event at other dates.
    Dates,
}

/// A problem as it is now: its digest, the event's generation, the document.
type Snapshot = (String, i64, String);

async fn ask(
    state: &Shared,
    caller: &Caller,
    event: &str,
    ask: Ask,
    of: Of,
) -> Result<Response, Problem> {
    plans(caller, event)?;
    caller.scope("plan")?;
    let published = state.store.event(event).await?.current_plan;
    let mut snapshot = None;
    let plan = match &of {
        Of::Plan(plan) => Some(state.store.plan(event, plan).await?.id),
        Of::Dates => None,
        Of::Now => published,
        Of::Published => Some(published.ok_or_else(|| {
            Problem::present("no plan of this event is published: there is nothing to mend")
        })?),
    };
    if matches!(of, Of::Now | Of::Published) {
        let (problem, generation) = assemble(&state.store, event, &state.zones).await?;
        let digest = problem.digest().map_err(anyhow::Error::from)?;
        let body = serde_json::to_string(&problem).map_err(anyhow::Error::from)?;
        snapshot = Some((digest, generation, body));
    }
    let order = Order {
        problem: snapshot.as_ref().map(|(digest, ..)| digest.clone()),
        plan,
        ask,
    };
    queue(state, caller, event, &order, snapshot.as_ref()).await
}

/// Puts a job into the queue, with the problem that it works on as it is now; the answer says where it can be watched.
pub(crate) async fn queue(
    state: &Shared,
    caller: &Caller,
    event: &str,
    order: &Order,
    snapshot: Option<&Snapshot>,
) -> Result<Response, Problem> {
    if state.store.waiting_jobs(event).await? >= WAITING {
        return Err(Problem::too_many(format!(
            "{WAITING} jobs of this event wait already: cancel some, or wait"
        )));
    }
    let asked = serde_json::to_string(order).map_err(anyhow::Error::from)?;
    let mut write = state.store.write().await?;
    if let Some((digest, generation, body)) = snapshot {
        write.keep_problem(event, *generation, digest, body).await?;
    }
    let new = NewJob {
        event,
        kind: order.ask.kind(),
        asked: &asked,
        by: &caller.account.id,
    };
    let id = write.queue_job(&new).await?;
    write.commit().await?;
    let job = Job::of(state.store.job(event, &id).await?);
    let place = format!("/api/v1/events/{event}/jobs/{id}");
    let mut answer = (StatusCode::ACCEPTED, Json(job)).into_response();
    if let Ok(place) = HeaderValue::from_str(&place) {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    Ok(answer)
}

/// Refuses numbers that the command line would refuse.
fn in_range(
    effort: Option<u8>,
    time_limit_s: Option<u32>,
    seed: Option<u64>,
) -> Result<(), Problem> {
    if effort.is_some_and(|effort| !(1..=9).contains(&effort)) {
        return Err(Problem::of_field(
            "effort",
            "it is out of range",
            "give 1 to 9",
        ));
    }
    if time_limit_s.is_some_and(|limit| !(1..=86_400).contains(&limit)) {
        return Err(Problem::of_field(
            "time_limit_s",
            "it is out of range",
            "give 1 to 86400 seconds",
        ));
    }
    if seed.is_some_and(|seed| seed > (1 << 53) - 1) {
        return Err(Problem::of_field(
            "seed",
            "it is out of range",
            "give 0 to 9007199254740991",
        ));
    }
    Ok(())
}

fn no_longer_than(field: &str, n: usize, most: usize) -> Result<(), Problem> {
    if n <= most {
        return Ok(());
    }
    let remedy = format!("give at most {most}");
    Err(Problem::of_field(field, "there are too many", &remedy))
}

/// Have a plan made
///
/// The event is taken as it is now; everything that is wrong with it is said at once. The plan follows the published one.
#[utoipa::path(post, path = "/events/{event}/jobs/plan", tag = "jobs", params(("event" = String, Path)), request_body = PlanAsk,
    responses((status = 202, body = Job, headers(("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn plan(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Body(wish): Body<PlanAsk>,
) -> Result<Response, Problem> {
    in_range(wish.effort, wish.time_limit_s, wish.seed)?;
    ask(&state, &caller, &event, Ask::Plan(wish), Of::Now).await
}

/// Have dates compared
#[utoipa::path(post, path = "/events/{event}/jobs/dates", tag = "jobs", params(("event" = String, Path)), request_body = DatesAsk,
    responses((status = 202, body = Job, headers(("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn dates(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Body(wish): Body<DatesAsk>,
) -> Result<Response, Problem> {
    in_range(wish.effort, wish.time_limit_s, wish.seed)?;
    no_longer_than("dates", wish.dates.len(), 400)?;
    no_longer_than("top", wish.top.unwrap_or(0).into(), 100)?;
    ask(&state, &caller, &event, Ask::Dates(wish), Of::Dates).await
}

/// Have the published plan mended
///
/// Whatever of it still keeps every rule stays; what comes of it is a draft that follows it.
#[utoipa::path(post, path = "/events/{event}/jobs/replan", tag = "jobs", params(("event" = String, Path)), request_body = ReplanAsk,
    responses((status = 202, body = Job, headers(("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn replan(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Body(wish): Body<ReplanAsk>,
) -> Result<Response, Problem> {
    in_range(wish.effort, wish.time_limit_s, wish.seed)?;
    no_longer_than("without", wish.without.len(), 500)?;
    ask(&state, &caller, &event, Ask::Replan(wish), Of::Published).await
}

/// Have reasons found for what is missing from a plan
#[utoipa::path(post, path = "/events/{event}/jobs/explain", tag = "jobs", params(("event" = String, Path)), request_body = ExplainAsk,
    responses((status = 202, body = Job, headers(("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn explain(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Body(wish): Body<ExplainAsk>,
) -> Result<Response, Problem> {
    let of = Of::Plan(wish.plan.clone());
    ask(&state, &caller, &event, Ask::Explain(wish), of).await
}

/// Have a plan made into calendars, tables, text or a page
///
/// The files are in the job's result, by name.
#[utoipa::path(post, path = "/events/{event}/jobs/export", tag = "jobs", params(("event" = String, Path)), request_body = ExportAsk,
    responses((status = 202, body = Job, headers(("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn export(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Body(wish): Body<ExportAsk>,
) -> Result<Response, Problem> {
    let of = Of::Plan(wish.plan.clone());
    ask(&state, &caller, &event, Ask::Export(wish), of).await
}

/// List jobs
///
/// The newest first, without their results.
#[utoipa::path(get, path = "/events/{event}/jobs", tag = "jobs", params(("event" = String, Path), PageQuery),
    responses((status = 200, body = Page<Job>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Job>>, Problem> {
    plans(&caller, &event)?;
    let wanted = query.wanted()?;
    let mut rows = state
        .store
        .jobs(&event, before(&query, 'j')?, query.limit + 1)
        .await?;
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let next = rows.last().filter(|_| more).map(|row| row.id.clone());
    Ok(Json(Page {
        items: rows.into_iter().map(Job::of).collect(),
        next,
    }))
}

/// Refuses who neither plans the event nor asked for the job.
pub(super) fn watches(caller: &Caller, event: &str, by: Option<&str>) -> Result<(), Problem> {
    if by == Some(caller.account.id.as_str()) && caller.belongs(event) {
        return Ok(());
    }
    plans(caller, event)
}

/// A job, for who plans the event or asked for it.
pub(super) async fn watched(
    state: &Shared,
    caller: &Caller,
    event: &str,
    id: &str,
) -> Result<JobRow, Problem> {
    caller.enter(event)?;
    let job = state.store.job(event, id).await;
    let by = job.as_ref().ok().and_then(|job| job.created_by.as_deref());
    watches(caller, event, by)?;
    Ok(job?)
}

/// Read a job
///
/// By who plans the event, or asked for it.
#[utoipa::path(get, path = "/events/{event}/jobs/{id}", tag = "jobs", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Job), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<Json<Job>, Problem> {
    let job = watched(&state, &caller, &event, &id).await?;
    Ok(Json(Job::of(job)))
}

/// Cancel a job
///
/// It ends soon. The best plan that it found so far is kept as a draft; a step of the exchange says nothing then.
#[utoipa::path(post, path = "/events/{event}/jobs/{id}/cancel", tag = "jobs", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 202, body = Job), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn cancel(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<(StatusCode, Json<Job>), Problem> {
    watched(&state, &caller, &event, &id).await?;
    caller.scope("plan")?;
    let mut write = state.store.write().await?;
    write.cancel_job(&caller.account.id, &event, &id).await?;
    write.commit().await?;
    let job = Job::of(state.store.job(&event, &id).await?);
    Ok((StatusCode::ACCEPTED, Json(job)))
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(plan))
        .routes(routes!(dates))
        .routes(routes!(replan))
        .routes(routes!(explain))
        .routes(routes!(export))
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(cancel))
}
