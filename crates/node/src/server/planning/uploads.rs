//! Plans that were made elsewhere: the problem is taken home, the plan brought back and checked.

use std::sync::Arc;

use axum::Json;
use axum::extract::{DefaultBodyLimit, State as FromState};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use meridian_formats::plan as document;
use meridian_model::check::check;
use meridian_model::follow::follow;
use meridian_model::{Level, Match, Plan, Problem as Input, Report, Subject};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::jobs::plans;
use super::live::{Parsed, off_the_runtime, parsed};
use super::plans::Plan as Told;
use crate::assembler::assemble;
use crate::server::body::of_media;
use crate::server::caller::Caller;
use crate::server::conditional::{etag, value};
use crate::server::extract::{Path, Raw};
use crate::server::problem::{Problem, Wrong};
use crate::server::state::Shared;
use crate::store::{NewPlan, StoreError};

/// The most that a plan document may have; the largest real ones stay under a quarter of it.
const PLAN_BYTES: usize = 8 * 1024 * 1024;

/// A problem as it was at one moment.
struct Snapshot {
    digest: String,
    generation: i64,
    body: String,
}

async fn now(state: &Shared, event: &str) -> Result<(Input, Snapshot), Problem> {
    let (problem, generation) = assemble(&state.store, event, &state.zones).await?;
    let snapshot = Snapshot {
        digest: problem.digest().map_err(anyhow::Error::from)?,
        generation,
        body: serde_json::to_string(&problem).map_err(anyhow::Error::from)?,
    };
    Ok((problem, snapshot))
}

/// Take the problem home
///
/// The event as it is now, as the document that `meridian plan` reads; everything that is wrong with it is said at once.
/// It is remembered, so that a plan made of it can be brought back although the event has changed since.
#[utoipa::path(post, path = "/events/{event}/problems", tag = "plans", params(("event" = String, Path)),
    responses((status = 201, body = Object), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn take_home(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
) -> Result<Response, Problem> {
    plans(&caller, &event)?;
    caller.scope("plan")?;
    let (_, snapshot) = now(&state, &event).await?;
    let mut write = state.store.write().await?;
    let Snapshot {
        digest,
        generation,
        body,
    } = snapshot;
    write
        .keep_problem(&event, generation, &digest, &body)
        .await?;
    write.commit().await?;
    let media = [(header::CONTENT_TYPE, "application/json")];
    Ok((StatusCode::CREATED, media, body).into_response())
}

/// Bring a plan that was made elsewhere
///
/// A plan document, as `meridian plan` or another program writes it, for the event as it is now or as a job or `POST
/// …/problems` remembers it: its `problem_sha256` says which. It is checked: a plan that breaks a hard rule, or whose
/// score is not what the checker says, is refused with everything that is wrong with it; any other becomes a draft that
/// follows the published plan.
#[utoipa::path(post, path = "/events/{event}/plans", tag = "plans", params(("event" = String, Path)),
    request_body(content = Object, content_type = "application/json"),
    responses((status = 201, body = Told, headers(("ETag" = String), ("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn bring(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    headers: HeaderMap,
    Raw(bytes): Raw,
) -> Result<Response, Problem> {
    plans(&caller, &event)?;
    caller.scope("plan")?;
    of_media(&headers, "application/json")?;
    let read = off_the_runtime(move || document::read(&bytes, "plan.json")).await?;
    let plan = read.map_err(|faults| Problem::of_faults(&faults))?;
    let (problem, unkept) = answered(&state, &event, &plan).await?;
    let parent = state.store.event(&event).await?.current_plan;
    let before = match &parent {
        Some(parent) => Some(parsed(&state, parent).await?),
        None => None,
    };
    let plan = off_the_runtime(move || sound(&problem, plan, before.as_ref())).await??;
    let mut write = state.store.write().await?;
    if let Some(snapshot) = unkept {
        let Snapshot {
            digest,
            generation,
            body,
        } = &snapshot;
        write
            .keep_problem(&event, *generation, digest, body)
            .await?;
    }
    let new = NewPlan {
        event: &event,
        parent: parent.as_deref(),
        problem: &plan.problem_sha256,
        job: None,
        revision: i64::from(plan.revision),
        score: &serde_json::to_string(&plan.score).map_err(anyhow::Error::from)?,
        body: &serde_json::to_string(&plan).map_err(anyhow::Error::from)?,
        by: Some(&caller.account.id),
    };
    let id = write.make_plan(&new).await?;
    write.commit().await?;
    let row = state.store.plan(&event, &id).await?;
    let place = value(&format!("/api/v1/events/{event}/plans/{id}"));
    let head = [(header::LOCATION, place), (header::ETAG, etag(row.version))];
    Ok((StatusCode::CREATED, head, Json(Told::of(row))).into_response())
}

/// The problem that a plan answers, and what is to be kept of it if it is not yet.
async fn answered(
    state: &Shared,
    event: &str,
    plan: &Plan,
) -> Result<(Input, Option<Snapshot>), Problem> {
    match state.store.snapshot(event, &plan.problem_sha256).await {
        Ok(body) => {
            let read = off_the_runtime(move || serde_json::from_str(&body)).await?;
            return Ok((read.map_err(anyhow::Error::from)?, None));
        }
        Err(StoreError::Missing) => {}
        Err(error) => return Err(error.into()),
    }
    let (problem, snapshot) = now(state, event).await?;
    if snapshot.digest != plan.problem_sha256 {
        return Err(Problem::of_field(
            "problem_sha256",
            "it is neither the event as it is now, nor as it is remembered",
            "take the problem home with POST …/problems, and plan that",
        ));
    }
    Ok((problem, Some(snapshot)))
}

/// The plan as the successor of the published one, if nothing is wrong with it.
fn sound(problem: &Input, mut plan: Plan, before: Option<&Arc<Parsed>>) -> Result<Plan, Problem> {
    if plan.event != problem.event.id {
        return Err(Problem::of_field(
            "event",
            "it is another event",
            "bring it to the event that it is for",
        ));
    }
    if let Some(before) = before {
        plan = follow(&before.plan, plan);
    }
    let report = check(problem, &plan);
    let wrong = wrong_with(&plan, &report)?;
    if wrong.is_empty() {
        Ok(plan)
    } else {
        Err(Problem::of_wrongs(wrong))
    }
}

fn wrong_with(plan: &Plan, report: &Report) -> Result<Vec<Wrong>, Problem> {
    let hard = report.matches.iter();
    let hard = hard.filter(|found| found.rule.level() == Level::Hard);
    let mut wrong: Vec<Wrong> = hard.map(broken).collect();
    if plan.score != report.score {
        let score = serde_json::to_string(&report.score).map_err(anyhow::Error::from)?;
        wrong.push(Wrong {
            code: "F031".to_owned(),
            place: "score".to_owned(),
            what: format!("the checker says {score}"),
            remedy: "say the same, or see with `meridian check` why".to_owned(),
        });
    }
    Ok(wrong)
}

/// A broken rule.
fn broken(found: &Match) -> Wrong {
    let subjects = found.subjects.iter().map(|subject| match subject {
        Subject::Operator(id) => format!("operator {id}"),
        Subject::Speaker(id) => format!("speaker {id}"),
        Subject::Group(id) => format!("group {id}"),
        Subject::Session(id) => format!("session {id}"),
        Subject::Track(id) => format!("track {id}"),
        Subject::Duty(id) => format!("duty {id}"),
        Subject::Block(id) => format!("block {id}"),
        Subject::Shift(id) => format!("shift {id}"),
        Subject::RegionalEvent(id) => format!("regional event {id}"),
    });
    let spans = found.spans.iter();
    let spans = spans.map(|span| format!("{} to {}", span.start(), span.end()));
    Wrong {
        code: found.rule.to_string(),
        place: subjects.chain(spans).collect::<Vec<_>>().join(", "),
        what: found.says.clone(),
        remedy: found.remedy.clone(),
    }
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(take_home)).merge(
        OpenApiRouter::new()
            .routes(routes!(bring))
            .layer(DefaultBodyLimit::max(PLAN_BYTES)),
    )
}
