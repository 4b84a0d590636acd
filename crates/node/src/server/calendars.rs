//! Calendars of people and groups: handed in, or fetched again and again from where they are kept.
//!
//! Titles, places and guests are dropped before anything is kept.

use axum::Json;
use axum::extract::{DefaultBodyLimit, State as FromState};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use meridian_formats::busy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{json, media};
use super::caller::{Caller, Role};
use super::conditional::{deed, etag, expected, expected_version};
use super::extract::{Path, Query, Raw};
use super::kinds::{owner, whose};
use super::problem::Problem;
use super::proof::prove_calendar;
use super::state::Shared;
use super::things::{Page, PageQuery, enter, group_of_owner};
use crate::store::{Act, CalendarRow};

/// The most that a calendar may have as it is sent.
const CALENDAR_BYTES: usize = 4 * 1024 * 1024;

/// Where a calendar is kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    /// Its secret address, as the calendar program gives it; `https`, `http` or `webcal`.
    #[schema(max_length = 2000, example = "https://calendar.example/secret/me.ics")]
    url: String,
}

/// A calendar.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Calendar {
    /// Whose: `operator.ID`, `speaker.ID` or `group.ID`.
    id: String,
    /// Counts its changes by people; the ETag.
    version: i64,
    /// Where it is fetched from; absent for one that was handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// When the copy that counts was handed in, or last fetched or found unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    good_at: Option<String>,
    /// When it was last tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    polled_at: Option<String>,
    /// Why that failed; the last good copy counts all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
}

impl From<CalendarRow> for Calendar {
    fn from(row: CalendarRow) -> Self {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            id: row.id,
            version: row.version,
            url: some(row.url),
            good_at: row.good_at,
            polled_at: row.polled_at,
            trouble: row.trouble.and_then(some),
        }
    }
}

/// Whether the caller is the person whose calendar it is, leads her group, or plans the event.
fn may(caller: &Caller, event: &str, id: &str, group: Option<&str>) -> bool {
    let own = || match owner(id) {
        Some(("operator", who)) => caller.is_operator(event, group, who),
        _ => false,
    };
    caller.is(Role::Leader, event, group) || own()
}

async fn seen(
    state: &Shared,
    caller: &Caller,
    (event, id): (&str, &str),
) -> Result<CalendarRow, Problem> {
    enter(state, caller, event).await?;
    let row = state.store.calendar(event, id).await?;
    if may(caller, event, id, row.group_id.as_deref()) {
        Ok(row)
    } else {
        Err(Problem::missing("check the address"))
    }
}

/// List calendars
///
/// Those that you may see, in order of id.
#[utoipa::path(get, path = "/events/{event}/calendars", tag = "availability", params(("event" = String, Path), PageQuery),
    responses((status = 200, body = Page<Calendar>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Calendar>>, Problem> {
    enter(&state, &caller, &event).await?;
    let wanted = query.wanted()?;
    let (mut items, mut after) = (Vec::new(), query.after.clone());
    loop {
        let rows = state
            .store
            .calendars(&event, &after, query.limit + 1)
            .await?;
        let last = rows.len() <= wanted;
        for row in rows {
            if items.len() == wanted {
                let next = Some(after);
                return Ok(Json(Page { items, next }));
            }
            after.clone_from(&row.id);
            if may(&caller, &event, &row.id, row.group_id.as_deref()) {
                items.push(Calendar::from(row));
            }
        }
        if last {
            return Ok(Json(Page { items, next: None }));
        }
    }
}

/// Read a calendar
///
/// Where it comes from and how it stands; its times go into plans and are not shown.
#[utoipa::path(get, path = "/events/{event}/calendars/{id}", tag = "availability", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Calendar, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let row = seen(&state, &caller, (&event, &id)).await?;
    Ok((
        [(header::ETAG, etag(row.version))],
        Json(Calendar::from(row)),
    )
        .into_response())
}

/// Hand in a calendar, or say where it is kept
///
/// An iCalendar file counts as it is; an address is fetched soon and then again every quarter of an hour.
/// `If-None-Match: *` makes it, `If-Match` with the ETag you read changes it.
#[utoipa::path(put, path = "/events/{event}/calendars/{id}", tag = "availability", params(("event" = String, Path), ("id" = String, Path),
    ("If-Match" = Option<String>, Header), ("If-None-Match" = Option<String>, Header)),
    request_body(content((Source = "application/json"), (String = "text/calendar"))),
    responses((status = 200, body = Calendar), (status = 201, body = Calendar), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn put(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
    headers: HeaderMap,
    Raw(bytes): Raw,
) -> Result<Response, Problem> {
    enter(&state, &caller, &event).await?;
    let expected = expected(&headers)?;
    whose(&id)?;
    let (kind, who) = owner(&id).unwrap_or_default();
    let group = group_of_owner(&state, &event, kind, who).await?;
    if !may(&caller, &event, &id, group.as_deref()) {
        return Err(Problem::missing(
            "there is nobody of that id in your group: add the person first",
        ));
    }
    let (url, copy) = match media(&headers) {
        "text/calendar" => {
            let ics = std::str::from_utf8(&bytes)
                .map_err(|_why| Problem::malformed("the calendar is not UTF-8"))?;
            prove_calendar(&state, &event, (&id, group.as_deref()), ics).await?;
            (String::new(), Some(busy::stripped(&bytes)))
        }
        "application/json" => {
            let source: Source = json(&bytes)?;
            state.fetcher.admits(&source.url).map_err(|why| {
                Problem::of_field(
                    "url",
                    &why.to_string(),
                    "give the address that the calendar program offers for subscriptions",
                )
            })?;
            (source.url, None)
        }
        _ => {
            return Err(Problem::wrong_type(
                "send it with `Content-Type: text/calendar`, or its address as `application/json`",
            ));
        }
    };
    let (action, status) = deed(expected);
    let act = Act {
        account: Some(&caller.account.id),
        action,
        event: Some(&event),
        kind: "calendar",
        id: &id,
        group: group.as_deref(),
    };
    let mut write = state.store.write().await?;
    let version = write
        .put_calendar(&act, expected, &url, copy.as_deref())
        .await?;
    write.commit().await?;
    state.hurry.notify_one();
    let row = state.store.calendar(&event, &id).await?;
    Ok((
        status,
        [(header::ETAG, etag(version))],
        Json(Calendar::from(row)),
    )
        .into_response())
}

/// Delete a calendar
///
/// The address and the copy of it.
#[utoipa::path(delete, path = "/events/{event}/calendars/{id}", tag = "availability", params(("event" = String, Path), ("id" = String, Path),
    ("If-Match" = String, Header)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let row = seen(&state, &caller, (&event, &id)).await?;
    let version = expected_version(&headers)?;
    let act = Act {
        account: Some(&caller.account.id),
        action: "delete",
        event: Some(&event),
        kind: "calendar",
        id: &id,
        group: row.group_id.as_deref(),
    };
    let mut write = state.store.write().await?;
    write.delete_calendar(&act, version).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Fetch a calendar now
///
/// Soon, that is: read it to see what came of it.
#[utoipa::path(post, path = "/events/{event}/calendars/{id}/fetch", tag = "availability", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 202), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn fetch(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    seen(&state, &caller, (&event, &id)).await?;
    let mut write = state.store.write().await?;
    write.hurry_calendar(&event, &id).await?;
    write.commit().await?;
    state.hurry.notify_one();
    Ok(StatusCode::ACCEPTED)
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, put, delete))
        .routes(routes!(fetch))
        .layer(DefaultBodyLimit::max(CALENDAR_BYTES))
}
