//! Calendar feeds: subscribed to by an address that is a secret, and can be revoked.

use axum::Json;
use axum::extract::State as FromState;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use meridian_formats::export::ics::{CalendarError, Scope, calendar};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::live::{off_the_runtime, parsed, stand_ins, with_stand_ins};
use crate::server::body::Body;
use crate::server::caller::{Caller, Role};
use crate::server::extract::Path;
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::store::{FeedRow, NewFeed, Secret};

/// Letters of a subject, at most.
const LONGEST_SUBJECT: usize = 64;
/// How many feeds one account may have of one event.
const FEEDS: usize = 50;

/// A feed to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedAsk {
    /// Whose calendar.
    scope: ScopeAsk,
    /// The track, group, person or speaker; left out for the event.
    #[serde(default)]
    #[schema(max_length = 64)]
    subject: String,
}

/// Whose calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ScopeAsk {
    /// The public programme.
    Event,
    /// The public programme of one track.
    Track,
    /// A group's blocks and sessions, and the shifts of its people.
    Group,
    /// An operator's shifts and talks.
    Person,
    /// A speaker's talks.
    Speaker,
}

impl ScopeAsk {
    fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Track => "track",
            Self::Group => "group",
            Self::Person => "person",
            Self::Speaker => "speaker",
        }
    }
}

/// A feed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Feed {
    /// Identifier, to revoke it.
    id: String,
    /// Whose calendar.
    scope: String,
    /// Which.
    subject: String,
    /// When it was made.
    created_at: String,
    /// The address to subscribe to. It is told once: whoever knows it reads the calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl Feed {
    fn of(row: FeedRow, url: Option<String>) -> Self {
        Self {
            id: row.id,
            scope: row.scope,
            subject: row.subject,
            created_at: row.created_at,
            url,
        }
    }
}

/// Your feeds of an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Feeds {
    /// The oldest first.
    items: Vec<Feed>,
}

/// Refuses a calendar that the caller may not read.
async fn allowed(
    state: &Shared,
    caller: &Caller,
    event: &str,
    (scope, id): (&str, &str),
) -> Result<(), Problem> {
    let missing = || Problem::missing("there is no such calendar for you");
    let group_of = async |kind: &str| match state.store.record(event, kind, id).await {
        Ok(record) => Ok(record.group_id),
        Err(crate::store::StoreError::Missing) => Err(missing()),
        Err(error) => Err(error.into()),
    };
    let may = match scope {
        "event" => id.is_empty(),
        // Whether there is such a track, only a plan tells; the calendar is empty otherwise.
        "track" => !id.is_empty(),
        "group" => caller.is(Role::Leader, event, Some(id)),
        "person" => {
            let group = group_of("operator").await?;
            caller.is_operator(event, group.as_deref(), id)
                || caller.is(Role::Leader, event, group.as_deref())
        }
        _ => {
            let group = group_of("speaker").await?;
            caller.is(Role::Leader, event, group.as_deref())
        }
    };
    if may { Ok(()) } else { Err(missing()) }
}

/// Make a feed
///
/// Its address is told once. It shows the published plan, with today's swaps.
#[utoipa::path(post, path = "/events/{event}/feeds", tag = "feeds", params(("event" = String, Path)), request_body = FeedAsk,
    responses((status = 201, body = Feed), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn make(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Body(ask): Body<FeedAsk>,
) -> Result<(StatusCode, Json<Feed>), Problem> {
    caller.enter(&event)?;
    if ask.subject.chars().count() > LONGEST_SUBJECT {
        let remedy = "give the id of a track, a group or a person";
        return Err(Problem::of_field("subject", "it is too long", remedy));
    }
    state.store.event(&event).await?;
    let which = (ask.scope.as_str(), ask.subject.as_str());
    allowed(&state, &caller, &event, which).await?;
    let hers = state.store.feeds(&caller.account.id, &event).await?;
    if hers.len() >= FEEDS {
        return Err(Problem::present(format!(
            "you have {FEEDS} feeds of this event: revoke some"
        )));
    }
    let new = NewFeed {
        by: &caller.account.id,
        event: &event,
        scope: ask.scope.as_str(),
        subject: &ask.subject,
    };
    let mut write = state.store.write().await?;
    let (row, secret) = write.make_feed(&new).await?;
    write.commit().await?;
    let url = format!("{}/feeds/{}.ics", state.origin, secret.reveal());
    Ok((StatusCode::CREATED, Json(Feed::of(row, Some(url)))))
}

/// List your feeds
///
/// Without their addresses.
#[utoipa::path(get, path = "/events/{event}/feeds", tag = "feeds", params(("event" = String, Path)),
    responses((status = 200, body = Feeds), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
) -> Result<Json<Feeds>, Problem> {
    caller.enter(&event)?;
    let rows = state.store.feeds(&caller.account.id, &event).await?;
    Ok(Json(Feeds {
        items: rows.into_iter().map(|row| Feed::of(row, None)).collect(),
    }))
}

/// Revoke a feed
///
/// Its address shows nothing any more.
#[utoipa::path(delete, path = "/events/{event}/feeds/{id}", tag = "feeds", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn revoke(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    caller.enter(&event)?;
    let mut write = state.store.write().await?;
    write.revoke_feed(&caller.account.id, &event, &id).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(revoke))
}

/// The feeds themselves, for calendar programs: no login but the address.
pub(crate) fn public() -> axum::Router<Shared> {
    axum::Router::new().route("/feeds/{file}", get(read))
}

async fn read(
    FromState(state): FromState<Shared>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let gone = || Problem::missing("this feed was revoked, or never was");
    let secret = file.strip_suffix(".ics").ok_or_else(gone)?;
    let feed = state.store.feed(&Secret::shown(secret)).await;
    let feed = feed.map_err(|error| match error {
        crate::store::StoreError::Missing => gone(),
        other => other.into(),
    })?;
    // Who lost her seat lost her feeds with it.
    let owner = Caller::absent(state.store.account_by_id(&feed.account).await?);
    if !owner.belongs(&feed.event) {
        return Err(gone());
    }
    let which = (feed.scope.as_str(), feed.subject.as_str());
    allowed(&state, &owner, &feed.event, which).await?;
    let plan = state.store.event(&feed.event).await?.current_plan;
    let plan = plan.ok_or_else(|| Problem::missing("no plan is published yet: try again later"))?;
    let overrides = state.store.overrides(&plan).await?;
    let tag = format!("\"{plan}-{}\"", overrides.len());
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|had| had == tag.as_str())
    {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let parsed = parsed(&state, &plan).await?;
    let handle = state.clone();
    let made = off_the_runtime(move || {
        let mut today = with_stand_ins(&parsed.plan, &stand_ins(&overrides));
        // Each swap is a newer edition of the same calendar, which programs take only under a higher number.
        let swaps = u32::try_from(overrides.len()).unwrap_or(u32::MAX).min(99);
        today.revision = today.revision.saturating_mul(100).saturating_add(swaps);
        calendar(&parsed.problem, &today, &handle.zones, &scope(&feed))
    });
    let text = match made.await? {
        Ok(text) => text,
        Err(CalendarError::NotFound { .. }) => {
            return Err(Problem::missing(
                "the published plan does not know whose calendar this is",
            ));
        }
        Err(error @ CalendarError::UnknownZone(_)) => return Err(anyhow::Error::new(error).into()),
    };
    let mut answer = ([(header::ETAG, tag)], text).into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CACHE_CONTROL, "private, max-age=300"),
    ] {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(answer)
}

fn scope(feed: &FeedRow) -> Scope {
    let id = feed.subject.as_str();
    match feed.scope.as_str() {
        "track" => Scope::Track(id.into()),
        "group" => Scope::Group(id.into()),
        "person" => Scope::Person(id.into()),
        "speaker" => Scope::Speaker(id.into()),
        _ => Scope::Event,
    }
}
