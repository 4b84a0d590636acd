//! What people edit of an event: one way to list, read, write and delete it, whatever its kind.
//!
//! The kinds themselves, with their fields, are in `kinds`; who may see and change what is said there too.

use axum::Json;
use axum::extract::State as FromState;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{json, of_media};
use super::caller::{Caller, Role};
use super::conditional::{deed, etag, expected, expected_version, known};
use super::problem::Problem;
use super::proof::prove;
use super::state::Shared;
use crate::server::extract::{Path, Query, Raw};
use crate::store::{Act, Record, RecordPage};

/// Who may see, or change, a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Everyone in the event.
    Everyone,
    /// The person it is about, the leaders of her group, and schedulers.
    Person,
    /// The leaders of the group it belongs to, and schedulers.
    Leaders,
    /// Schedulers.
    Schedulers,
}

/// A kind of thing.
pub(crate) trait Thing: Serialize + DeserializeOwned + Send {
    /// Its name in the store and in addresses.
    const KIND: &'static str;
    const SEEN_BY: Who;
    const CHANGED_BY: Who;

    /// The group it belongs to, from its fields.
    fn group(&self) -> Option<&str>;

    /// What is wrong with its fields, taken by themselves.
    fn check(&self, id: &str) -> Result<(), Problem>;

    /// The kind and id of whom it is about, from its own id.
    fn owner(id: &str) -> Option<(&str, &str)>;

    /// Reads it from what was sent.
    fn of_body(headers: &HeaderMap, bytes: &[u8], id: &str) -> Result<Self, Problem> {
        let _ = id;
        of_media(headers, "application/json")?;
        json(bytes)
    }
}

/// A thing as it is answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Kept<T> {
    /// Identifier, one of its kind in the event.
    pub(crate) id: String,
    /// Grows with every change, and is never that of something deleted; the ETag.
    pub(crate) version: i64,
    /// When it last changed.
    pub(crate) changed_at: String,
    /// The thing.
    #[serde(flatten)]
    pub(crate) thing: T,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The things, in order of id.
    pub(crate) items: Vec<T>,
    /// Where the next page begins: give it as `after`. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// Which page.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// `next` of the page before.
    #[serde(default)]
    #[param(max_length = 130)]
    pub(crate) after: String,
    /// How many things at most.
    #[serde(default = "most")]
    #[param(minimum = 1, maximum = 500)]
    pub(crate) limit: i64,
}

impl PageQuery {
    /// How many things are wanted.
    pub(crate) fn wanted(&self) -> Result<usize, Problem> {
        if self.after.chars().count() > 130 {
            return Err(Problem::of_field(
                "after",
                "no page begins there",
                "give `next` of the page before",
            ));
        }
        match usize::try_from(self.limit) {
            Ok(limit @ 1..=500) => Ok(limit),
            _ => Err(Problem::of_field(
                "limit",
                "it is out of range",
                "give 1 to 500",
            )),
        }
    }
}

fn most() -> i64 {
    100
}

/// Refuses who does not belong to the event, and everyone when there is none.
pub(crate) async fn enter(state: &Shared, caller: &Caller, event: &str) -> Result<(), Problem> {
    caller.enter(event)?;
    if caller.account.admin {
        state.store.event(event).await?;
    }
    Ok(())
}

/// Lists what the caller may see.
pub(crate) async fn list<T: Thing>(
    state: &Shared,
    caller: &Caller,
    event: &str,
    query: &PageQuery,
) -> Result<Page<Kept<T>>, Problem> {
    enter(state, caller, event).await?;
    let wanted = query.wanted()?;
    let mut items = Vec::new();
    let mut after = query.after.clone();
    loop {
        let page = RecordPage {
            event,
            kind: T::KIND,
            group: None,
            after: &after,
            limit: query.limit + 1,
        };
        let records = state.store.records(page).await?;
        let last = records.len() <= wanted;
        for record in records {
            if items.len() == wanted {
                return Ok(Page {
                    items,
                    next: Some(after),
                });
            }
            after.clone_from(&record.id);
            if may::<T>(T::SEEN_BY, caller, event, &record) {
                items.push(kept(record)?);
            }
        }
        if last {
            return Ok(Page { items, next: None });
        }
    }
}

/// Reads one thing.
pub(crate) async fn get<T: Thing>(
    state: &Shared,
    caller: &Caller,
    (event, id): (&str, &str),
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    caller.enter(event)?;
    let record = seen::<T>(state, caller, event, id).await?;
    let version = record.version;
    if known(headers, version) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag(version))]).into_response());
    }
    let thing: Kept<T> = kept(record)?;
    Ok(([(header::ETAG, etag(version))], Json(thing)).into_response())
}

/// Makes or changes one thing.
pub(crate) async fn put<T: Thing>(
    state: &Shared,
    caller: &Caller,
    (event, id): (&str, &str),
    headers: &HeaderMap,
    thing: T,
) -> Result<Response, Problem> {
    enter(state, caller, event).await?;
    let expected = expected(headers)?;
    // What is there decides whose it is: nobody takes a thing of another group by naming her own.
    match state.store.record(event, T::KIND, id).await {
        Ok(there) if !may::<T>(T::SEEN_BY, caller, event, &there) => {
            return Err(Problem::missing("check the address"));
        }
        Ok(there) => allowed::<T>(caller, event, id, there.group_id.as_deref())?,
        Err(crate::store::StoreError::Missing) => {}
        Err(error) => return Err(error.into()),
    }
    thing.check(id)?;
    let group = group_of(state, caller, event, id, &thing).await?;
    allowed::<T>(caller, event, id, group.as_deref())?;
    prove(state, event, id, (&thing, group.as_deref())).await?;
    let body = serde_json::to_string(&thing).map_err(anyhow::Error::from)?;
    let mut write = state.store.write().await?;
    let (action, status) = deed(expected);
    let act = Act {
        account: Some(&caller.account.id),
        action,
        event: Some(event),
        kind: T::KIND,
        id,
        group: group.as_deref(),
    };
    let version = write.put_record(&act, expected, &body).await?;
    let changed_at = write.at().to_owned();
    write.commit().await?;
    let kept = Kept {
        id: id.to_owned(),
        version,
        changed_at,
        thing,
    };
    Ok((status, [(header::ETAG, etag(version))], Json(kept)).into_response())
}

/// The group that a thing is to belong to: what it says itself, or the group of whom it is about.
async fn group_of<T: Thing>(
    state: &Shared,
    caller: &Caller,
    event: &str,
    id: &str,
    thing: &T,
) -> Result<Option<String>, Problem> {
    match T::owner(id) {
        Some((kind, who)) if kind != T::KIND => {
            let group = group_of_owner(state, event, kind, who).await?;
            // Whether another group has such a person is nobody's business.
            if may_do::<T>(T::SEEN_BY, caller, event, id, group.as_deref()) {
                Ok(group)
            } else {
                Err(nobody())
            }
        }
        _ => Ok(thing.group().map(str::to_owned)),
    }
}

/// The group of a person, or of a group itself.
pub(crate) async fn group_of_owner(
    state: &Shared,
    event: &str,
    kind: &str,
    who: &str,
) -> Result<Option<String>, Problem> {
    match state.store.record(event, kind, who).await {
        Ok(record) if kind == "group" => Ok(Some(record.id)),
        Ok(record) => Ok(record.group_id),
        Err(crate::store::StoreError::Missing) => Err(nobody()),
        Err(error) => Err(error.into()),
    }
}

fn nobody() -> Problem {
    Problem::missing("there is nobody of that id in your group: add the person first")
}

/// Deletes one thing.
pub(crate) async fn delete<T: Thing>(
    state: &Shared,
    caller: &Caller,
    (event, id): (&str, &str),
    headers: &HeaderMap,
) -> Result<StatusCode, Problem> {
    caller.enter(event)?;
    let version = expected_version(headers)?;
    let there = seen::<T>(state, caller, event, id).await?;
    allowed::<T>(caller, event, id, there.group_id.as_deref())?;
    let mut write = state.store.write().await?;
    let act = Act {
        account: Some(&caller.account.id),
        action: "delete",
        event: Some(event),
        kind: T::KIND,
        id,
        group: there.group_id.as_deref(),
    };
    write.delete_record(&act, version).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn seen<T: Thing>(
    state: &Shared,
    caller: &Caller,
    event: &str,
    id: &str,
) -> Result<Record, Problem> {
    let record = state.store.record(event, T::KIND, id).await?;
    if may::<T>(T::SEEN_BY, caller, event, &record) {
        Ok(record)
    } else {
        Err(Problem::missing("check the address"))
    }
}

fn may<T: Thing>(who: Who, caller: &Caller, event: &str, record: &Record) -> bool {
    may_do::<T>(who, caller, event, &record.id, record.group_id.as_deref())
}

fn may_do<T: Thing>(who: Who, caller: &Caller, event: &str, id: &str, group: Option<&str>) -> bool {
    match who {
        Who::Everyone => caller.belongs(event),
        Who::Person => {
            caller.is(Role::Leader, event, group)
                || T::owner(id).is_some_and(|(kind, who)| {
                    kind == "operator" && caller.is_operator(event, group, who)
                })
        }
        Who::Leaders => caller.is(Role::Leader, event, group),
        Who::Schedulers => caller.is(Role::Scheduler, event, None),
    }
}

fn allowed<T: Thing>(
    caller: &Caller,
    event: &str,
    id: &str,
    group: Option<&str>,
) -> Result<(), Problem> {
    if may_do::<T>(T::CHANGED_BY, caller, event, id, group) {
        Ok(())
    } else {
        Err(Problem::not_yours(match T::CHANGED_BY {
            Who::Schedulers | Who::Everyone => "only those who plan the event change this",
            Who::Person | Who::Leaders => {
                "only its group's leaders, or the person herself, change this"
            }
        }))
    }
}

fn kept<T: Thing>(record: Record) -> Result<Kept<T>, Problem> {
    Ok(Kept {
        thing: serde_json::from_str(&record.body).map_err(anyhow::Error::from)?,
        id: record.id,
        version: record.version,
        changed_at: record.changed_at,
    })
}

/// The routes of one kind, each with its documentation.
macro_rules! routes_of {
    ($module:ident, $thing:ty, $path:literal, $one:literal, $tag:literal) => {
        routes_of!($module, $thing, $path, $one, $tag, = $thing);
    };
    ($module:ident, $thing:ty, $path:literal, $one:literal, $tag:literal, $($body:tt)+) => {
        /// The routes of one kind.
        pub(crate) mod $module {
            use super::*;

            /// List
            ///
            /// Those that you may see, in order of id.
            #[utoipa::path(get, path = $path, tag = $tag, params(("event" = String, Path), PageQuery),
                responses((status = 200, body = Page<Kept<$thing>>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
            pub(crate) async fn list(
                FromState(state): FromState<Shared>,
                caller: Caller,
                Path(event): Path<String>,
                Query(query): Query<PageQuery>,
            ) -> Result<Json<Page<Kept<$thing>>>, Problem> {
                Ok(Json(super::list::<$thing>(&state, &caller, &event, &query).await?))
            }

            /// Read
            #[utoipa::path(get, path = $one, tag = $tag, params(("event" = String, Path), ("id" = String, Path)),
                responses((status = 200, body = Kept<$thing>, headers(("ETag" = String))), (status = 304), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
            pub(crate) async fn get(
                FromState(state): FromState<Shared>,
                caller: Caller,
                Path((event, id)): Path<(String, String)>,
                headers: HeaderMap,
            ) -> Result<Response, Problem> {
                super::get::<$thing>(&state, &caller, (&event, &id), &headers).await
            }

            /// Make or change
            ///
            /// `If-None-Match: *` makes it, `If-Match` with the ETag you read changes it.
            #[utoipa::path(put, path = $one, tag = $tag, params(("event" = String, Path), ("id" = String, Path),
                ("If-Match" = Option<String>, Header), ("If-None-Match" = Option<String>, Header)), request_body $($body)+,
                responses((status = 200, body = Kept<$thing>), (status = 201, body = Kept<$thing>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
            pub(crate) async fn put(
                FromState(state): FromState<Shared>,
                caller: Caller,
                Path((event, id)): Path<(String, String)>,
                headers: HeaderMap,
                Raw(bytes): Raw,
            ) -> Result<Response, Problem> {
                let thing = <$thing>::of_body(&headers, &bytes, &id)?;
                super::put::<$thing>(&state, &caller, (&event, &id), &headers, thing).await
            }

            /// Delete
            #[utoipa::path(delete, path = $one, tag = $tag, params(("event" = String, Path), ("id" = String, Path), ("If-Match" = String, Header)),
                responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
            pub(crate) async fn delete(
                FromState(state): FromState<Shared>,
                caller: Caller,
                Path((event, id)): Path<(String, String)>,
                headers: HeaderMap,
            ) -> Result<StatusCode, Problem> {
                super::delete::<$thing>(&state, &caller, (&event, &id), &headers).await
            }

            /// All of them.
            pub(crate) fn routes() -> utoipa_axum::router::OpenApiRouter<Shared> {
                utoipa_axum::router::OpenApiRouter::new()
                    .routes(utoipa_axum::routes!(list))
                    .routes(utoipa_axum::routes!(get, put, delete))
            }
        }
    };
}

use super::kinds::{
    Availability, Busy, Group, Operator, Pin, RegionalCalendar, RegionalEvent, Session, Settings,
    Speaker,
};

routes_of!(
    settings,
    Settings,
    "/events/{event}/settings",
    "/events/{event}/settings/{id}",
    "event"
);
routes_of!(
    groups,
    Group,
    "/events/{event}/groups",
    "/events/{event}/groups/{id}",
    "groups"
);
routes_of!(
    operators,
    Operator,
    "/events/{event}/operators",
    "/events/{event}/operators/{id}",
    "people"
);
routes_of!(
    speakers,
    Speaker,
    "/events/{event}/speakers",
    "/events/{event}/speakers/{id}",
    "people"
);
routes_of!(
    availability,
    Availability,
    "/events/{event}/availability",
    "/events/{event}/availability/{id}",
    "availability",
    (content((Availability = "application/json"), (String = "text/csv")))
);
routes_of!(
    busy,
    Busy,
    "/events/{event}/busy",
    "/events/{event}/busy/{id}",
    "availability",
    (content((Busy = "application/json"), (String = "text/csv")))
);
routes_of!(
    sessions,
    Session,
    "/events/{event}/sessions",
    "/events/{event}/sessions/{id}",
    "sessions"
);
routes_of!(
    regional_events,
    RegionalEvent,
    "/events/{event}/regional-events",
    "/events/{event}/regional-events/{id}",
    "event"
);
routes_of!(
    regional_calendars,
    RegionalCalendar,
    "/events/{event}/regional-calendars",
    "/events/{event}/regional-calendars/{id}",
    "event"
);
routes_of!(
    pins,
    Pin,
    "/events/{event}/pins",
    "/events/{event}/pins/{id}",
    "event"
);

/// The routes of every kind.
pub(crate) fn routes() -> utoipa_axum::router::OpenApiRouter<Shared> {
    settings::routes()
        .merge(groups::routes())
        .merge(operators::routes())
        .merge(speakers::routes())
        .merge(availability::routes())
        .merge(busy::routes())
        .merge(sessions::routes())
        .merge(regional_events::routes())
        .merge(regional_calendars::routes())
        .merge(pins::routes())
}
