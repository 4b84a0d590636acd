//! Server-sent events: how far a job is, and what changes in an event.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{FromRequestParts, State as FromState};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::jobs::{Job, watched, watches};
use crate::server::caller::{Caller, Role};
use crate::server::extract::{Path, Query};
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::store::Change as Line;

/// An event of a stream.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Streamed {
    /// What it is about.
    event: Option<String>,
    /// JSON.
    data: Option<String>,
    /// Where to go on: send it as `Last-Event-ID`.
    id: Option<String>,
}

/// How often the store is asked for what other nodes wrote.
const GLANCE: Duration = Duration::from_secs(1);
/// How many changes are read at once.
const AT_ONCE: i64 = 200;
/// How many events may wait for a reader that is slow.
const BEHIND: usize = 16;

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Since {
    /// The number of the last change that you know; only what comes from now on if left out. A `Last-Event-ID` goes
    /// before it.
    #[param(minimum = 0)]
    after: Option<i64>,
}

/// A change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Change {
    /// Its number: give it as `after` to go on behind it.
    seq: i64,
    /// When.
    at: String,
    /// `create`, `change`, `delete`, `propose`, `answer`, `publish` …
    action: String,
    /// What kind of thing.
    kind: String,
    /// Which.
    id: String,
    /// Whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
}

/// Follow a job
///
/// Events named `job`, each with the job as it is then; after the one with which it has ended, the stream ends.
#[utoipa::path(get, path = "/events/{event}/jobs/{id}/progress", tag = "jobs", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Streamed, content_type = "text/event-stream"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn progress(
    FromState(state): FromState<Shared>,
    caller: Caller,
    asked: Parts,
    Path((event, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    watched(&state, &caller, &event, &id).await?;
    let (tell, told) = channel(BEHIND);
    let mut reader = Reader { asked, tell };
    tokio::spawn(async move { follow_job(&state, &event, &id, &mut reader).await });
    Ok(stream(told))
}

async fn follow_job(state: &Shared, event: &str, id: &str, reader: &mut Reader) {
    let mut pause = Pause::of(state);
    let mut last = String::new();
    while let Ok(row) = state.store.job(event, id).await {
        let by = row.created_by.clone();
        let job = Job::of(row);
        let ended = job.has_ended();
        let Ok(now) = serde_json::to_string(&job) else {
            return;
        };
        if now != last {
            let news = Event::default().event("job").data(&now);
            let who = reader.caller(state).await;
            let may = who.is_some_and(|caller| watches(&caller, event, by.as_deref()).is_ok());
            if !(may && reader.tell(news).await) {
                return;
            }
            last = now;
        }
        if ended || !pause.rest(&reader.tell).await {
            return;
        }
    }
}

/// Follow what changes in an event
///
/// Events named `change`, as far as you may know of them, numbered so that a reader that lost its line goes on where
/// it was.
#[utoipa::path(get, path = "/events/{event}/changes", tag = "event", params(("event" = String, Path), Since, ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, body = Streamed, content_type = "text/event-stream"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn changes(
    FromState(state): FromState<Shared>,
    caller: Caller,
    asked: Parts,
    Path(event): Path<String>,
    Query(since): Query<Since>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.enter(&event)?;
    state.store.event(&event).await?;
    let last = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok());
    let after = match last.or(since.after) {
        Some(after) if after >= 0 => after,
        Some(_) => {
            let remedy = "give the number of a change";
            return Err(Problem::of_field("after", "it is below 0", remedy));
        }
        None => state.store.newest().await?,
    };
    let (tell, told) = channel(BEHIND);
    let mut reader = Reader { asked, tell };
    tokio::spawn(async move { follow_changes(&state, &mut reader, &event, after).await });
    Ok(stream(told))
}

async fn follow_changes(state: &Shared, reader: &mut Reader, event: &str, mut after: i64) {
    let mut pause = Pause::of(state);
    loop {
        let Ok(lines) = state.store.changes(event, after, AT_ONCE).await else {
            return;
        };
        if lines.is_empty() {
            if !pause.rest(&reader.tell).await {
                return;
            }
            continue;
        }
        // What she may know is asked anew for every batch: she may have lost her seat, her token or her login.
        let now = reader.caller(state).await;
        let Some(caller) = now.filter(|caller| caller.belongs(event)) else {
            return;
        };
        for line in lines {
            after = line.seq;
            if !may_know(&caller, event, &line) {
                continue;
            }
            let change = Change {
                seq: line.seq,
                at: line.at,
                action: line.action,
                kind: line.kind,
                id: line.id,
                group: line.group_id,
            };
            let Ok(data) = serde_json::to_string(&change) else {
                return;
            };
            let news = Event::default()
                .event("change")
                .id(change.seq.to_string())
                .data(data);
            if !reader.tell(news).await {
                return;
            }
        }
    }
}

/// Those who plan know of everything, leaders of what is their group's, everyone of what everyone sees.
fn may_know(caller: &Caller, event: &str, line: &Line) -> bool {
    if caller.is(Role::Scheduler, event, None) {
        return true;
    }
    match (line.kind.as_str(), &line.group_id) {
        ("settings" | "group" | "regional-event", _) => true,
        ("plan", None) => line.action == "publish",
        (_, Some(group)) => caller.is(Role::Leader, event, Some(group)),
        (_, None) => false,
    }
}

fn stream(told: Receiver<Result<Event, Infallible>>) -> Response {
    Sse::new(ReceiverStream::new(told))
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// Who reads a stream.
struct Reader {
    /// What she asked with: her login or her token.
    asked: Parts,
    tell: Sender<Result<Event, Infallible>>,
}

impl Reader {
    /// What she is now, if she is still let in.
    async fn caller(&mut self, state: &Shared) -> Option<Caller> {
        Caller::from_request_parts(&mut self.asked, state)
            .await
            .ok()
    }

    /// Tells her; whether she is still there.
    async fn tell(&self, news: Event) -> bool {
        self.tell.send(Ok(news)).await.is_ok()
    }
}

/// The wait for the next look: until something was written here, or might have been elsewhere.
struct Pause {
    changed: tokio::sync::watch::Receiver<()>,
    stopping: tokio::sync::watch::Receiver<bool>,
}

impl Pause {
    fn of(state: &Shared) -> Self {
        Self {
            changed: state.store.listen(),
            stopping: state.stopping.clone(),
        }
    }

    /// Waits; false when there is nobody to tell any more, or the node stops.
    async fn rest(&mut self, tell: &Sender<Result<Event, Infallible>>) -> bool {
        tokio::select! {
            _ = timeout(GLANCE, self.changed.changed()) => true,
            () = tell.closed() => false,
            _ = self.stopping.wait_for(|stopping| *stopping) => false,
        }
    }
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(progress))
        .routes(routes!(changes))
}
