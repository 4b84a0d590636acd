//! Events as wholes: list, make, delete; and all that people edit of one as an event folder.

use axum::Json;
use axum::extract::{DefaultBodyLimit, State as FromState};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::archive;
use super::body::Body;
use super::caller::{Caller, Role};
use super::conditional::{etag, expected, expected_version, known};
use super::extract::{Path, Query, Raw};
use super::problem::Problem;
use super::state::Shared;
use super::things::{Page, PageQuery};
use crate::assembler;
use crate::loader;
use crate::store::{EventRow, Everything, Expected, StoreError};

/// The most that an archive may have as it is sent.
const ARCHIVE_BYTES: usize = 8 * 1024 * 1024;

/// How many archives are unpacked at once, so that what they hold stays bounded together too.
static UNPACKING: Semaphore = Semaphore::const_new(2);

/// An event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Event {
    /// Identifier.
    id: String,
    /// Counts changes of the event itself; the ETag.
    version: i64,
    /// Counts changes of everything that a plan is made from.
    generation: i64,
    /// The published plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    current_plan: Option<String>,
    /// When it was made here.
    created_at: String,
    /// The day on which personal data of it is erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    erase_on: Option<String>,
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        let EventRow {
            id,
            version,
            generation,
            current_plan,
            created_at,
            erase_on,
        } = row;
        Self {
            id,
            version,
            generation,
            current_plan,
            created_at,
            erase_on,
        }
    }
}

/// A new event.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEvent {
    /// Identifier: lower-case letters, digits and hyphens.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z0-9][a-z0-9-]*$",
        example = "first-relay"
    )]
    id: String,
}

/// What an event's rows amount to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Whole {
    /// Counts changes of everything that a plan is made from.
    generation: i64,
    /// Names the exact input of a plan.
    problem: String,
    /// How many groups.
    groups: usize,
    /// How many operators.
    operators: usize,
    /// How many sessions.
    sessions: usize,
    /// How many regional events touch it.
    regional_events: usize,
}

/// List events
///
/// Those that you belong to, in order of id.
#[utoipa::path(get, path = "/events", tag = "event", params(PageQuery),
    responses((status = 200, body = Page<Event>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Event>>, Problem> {
    let wanted = query.wanted()?;
    let (mut items, mut after) = (Vec::new(), query.after.clone());
    loop {
        let rows = state.store.events(&after, query.limit + 1).await?;
        let last = rows.len() <= wanted;
        for row in rows {
            if items.len() == wanted {
                let next = Some(after);
                return Ok(Json(Page { items, next }));
            }
            after.clone_from(&row.id);
            if caller.belongs(&row.id) {
                items.push(Event::from(row));
            }
        }
        if last {
            return Ok(Json(Page { items, next: None }));
        }
    }
}

/// Make an event
///
/// An empty one; only who runs the node makes events.
#[utoipa::path(post, path = "/events", tag = "event", request_body = NewEvent,
    responses((status = 201, body = Event, headers(("ETag" = String), ("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn make(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Body(NewEvent { id }): Body<NewEvent>,
) -> Result<Response, Problem> {
    admin(&caller)?;
    name(&id)?;
    let mut write = state.store.write().await?;
    write.make_event(&caller.account.id, &id).await?;
    write.commit().await?;
    let event = Event::from(state.store.event(&id).await?);
    let headers = [
        (header::ETAG, etag(event.version)),
        (
            header::LOCATION,
            super::conditional::value(&format!("/api/v1/events/{id}")),
        ),
    ];
    Ok((StatusCode::CREATED, headers, Json(event)).into_response())
}

/// Read an event
#[utoipa::path(get, path = "/events/{event}", tag = "event", params(("event" = String, Path)),
    responses((status = 200, body = Event, headers(("ETag" = String))), (status = 304), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
) -> Result<Response, Problem> {
    caller.enter(&event)?;
    let event = Event::from(state.store.event(&event).await?);
    Ok(([(header::ETAG, etag(event.version))], Json(event)).into_response())
}

/// Delete an event
///
/// With everything of it: people's data, plans, jobs. Only who runs the node does that.
#[utoipa::path(delete, path = "/events/{event}", tag = "event", params(("event" = String, Path), ("If-Match" = String, Header)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    caller.enter(&event)?;
    admin(&caller)?;
    let version = expected_version(&headers)?;
    let mut write = state.store.write().await?;
    write
        .delete_event(&caller.account.id, &event, version)
        .await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Check an event
///
/// Whether what people gave makes a whole event, or everything that is wrong with it.
#[utoipa::path(get, path = "/events/{event}/check", tag = "event", params(("event" = String, Path)),
    responses((status = 200, body = Whole), (status = 422, description = "What is wrong", body = Problem, content_type = "application/problem+json"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn check(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
) -> Result<Json<Whole>, Problem> {
    planner(&caller, &event)?;
    let (problem, generation) = assembler::assemble(&state.store, &event, &state.zones).await?;
    Ok(Json(Whole {
        generation,
        problem: problem.digest().map_err(anyhow::Error::from)?,
        groups: problem.groups.len(),
        operators: problem.operators.len(),
        sessions: problem.sessions.len(),
        regional_events: problem.regional_events.len(),
    }))
}

/// Read the event folder
///
/// All that people edit of the event, as a zip that the command line plans from.
#[utoipa::path(get, path = "/events/{event}/folder", tag = "event", params(("event" = String, Path)),
    responses((status = 200, body = String, content_type = "application/zip", headers(("ETag" = String))), (status = 304),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read_folder(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    planner(&caller, &event)?;
    let everything = state.store.everything(&event).await?;
    let tag = etag(everything.generation);
    if known(&headers, everything.generation) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let bytes = apart(move || {
        let folder = assembler::folder(&event, &everything)?;
        Ok(archive::zip(&folder)?)
    })
    .await?;
    let media = super::conditional::value(archive::ZIP);
    Ok(([(header::ETAG, tag), (header::CONTENT_TYPE, media)], bytes).into_response())
}

/// Replace everything by an event folder
///
/// The folder as a zip or tar, with the regional folders beside it that it names. `If-None-Match: *` makes the event or
/// fills an empty one; `If-Match` with the ETag of the folder replaces all that people edit of it.
#[utoipa::path(put, path = "/events/{event}/folder", tag = "event", params(("event" = String, Path),
    ("If-Match" = Option<String>, Header), ("If-None-Match" = Option<String>, Header)),
    request_body(content((String = "application/zip"), (String = "application/x-tar"))),
    responses((status = 200, body = Whole), (status = 201, body = Whole), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn write_folder(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    headers: HeaderMap,
    Raw(bytes): Raw,
) -> Result<Response, Problem> {
    caller.enter(&event)?;
    if !caller.is(Role::Scheduler, &event, None) {
        return Err(Problem::not_yours(
            "only those who plan the event replace all of it",
        ));
    }
    name(&event)?;
    let expected = expected(&headers)?;
    let media = super::body::media(&headers).to_owned();
    let turn = UNPACKING.acquire().await.map_err(anyhow::Error::from)?;
    let (of, zones) = (event.clone(), state.zones.clone());
    let everything = apart(move || {
        let _turn = turn;
        let folder = archive::unpack(&media, &bytes)?;
        Ok(loader::load(&of, &folder, &zones)?)
    })
    .await?;
    let made = fill(&state, &caller, &event, expected, &everything).await?;
    let status = if made {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let whole = check(FromState(state), caller, Path(event)).await?;
    Ok((status, [(header::ETAG, etag(whole.generation))], whole).into_response())
}

/// Replaces everything in one write; whether the event was made by it.
async fn fill(
    state: &Shared,
    caller: &Caller,
    event: &str,
    expected: Expected,
    everything: &Everything,
) -> Result<bool, Problem> {
    let by = &caller.account.id;
    let mut write = state.store.write().await?;
    let made = match (expected, write.make_event(by, event).await) {
        (_, Err(StoreError::Present(_))) => false,
        (_, Err(error)) => return Err(error.into()),
        (Expected::Nothing, Ok(())) if caller.account.admin => true,
        (Expected::Nothing | Expected::Version(_), Ok(())) => {
            return Err(StoreError::Missing.into());
        }
    };
    write
        .replace_everything(by, event, expected, everything)
        .await?;
    write.commit().await?;
    Ok(made)
}

/// Work for the processor, off the threads that answer.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(anyhow::Error::from(error).into()),
    }
}

fn admin(caller: &Caller) -> Result<(), Problem> {
    if caller.account.admin {
        Ok(())
    } else {
        Err(Problem::not_yours("only who runs the node does this"))
    }
}

/// Lets in who plans the event.
pub(crate) fn planner(caller: &Caller, event: &str) -> Result<(), Problem> {
    caller.enter(event)?;
    if caller.is(Role::Scheduler, event, None) {
        Ok(())
    } else {
        Err(Problem::not_yours("only those who plan the event see this"))
    }
}

/// What an event may be called.
fn name(id: &str) -> Result<(), Problem> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=64).contains(&id.len()) && id.bytes().all(known) && !id.starts_with('-') {
        return Ok(());
    }
    Err(Problem::of_field(
        "id",
        "it is no identifier of an event",
        "use 1 to 64 lower-case letters, digits and hyphens, beginning with a letter or digit",
    ))
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(get, delete))
        .routes(routes!(check))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(read_folder, write_folder))
                .layer(DefaultBodyLimit::max(ARCHIVE_BYTES)),
        )
}
