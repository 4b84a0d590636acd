//! Webhooks: whoever plans an event says where programs listen for what changes in it.

mod message;
mod pace;
mod signature;
mod telling;

use axum::Json;
use axum::extract::State as FromState;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::Body;
use super::caller::{Caller, Role};
use super::conditional::{etag, expected_version};
use super::extract::Path;
use super::problem::Problem;
use super::state::Shared;
use super::things::enter;
use crate::store::{DeliveryRow, NewWebhook, WebhookRow, stamp};
use message::Kind;
use telling::Outgoing;

pub(crate) use pace::Pace;
pub(crate) use telling::tell;

/// How many webhooks an event may have.
const WEBHOOKS: usize = 20;
/// How many kinds may be named.
const KINDS: usize = 20;
/// How long the secret before signs too, in hours, unless it is said.
const GRACE_H: u32 = 24;
/// The longest that it may.
const LONGEST_GRACE_H: u32 = 168;

/// Where a program listens, and for what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookAsk {
    /// The address that is posted to; `https`, and no private network.
    #[schema(max_length = 2000, example = "https://bot.example/meridian")]
    url: String,
    /// What it is told of; everything if left out or empty.
    #[serde(default)]
    #[schema(max_items = 20)]
    kinds: Vec<Kind>,
    /// Whether it is told anything. What changes while it is off waits.
    #[serde(default = "yes")]
    on: bool,
}

fn yes() -> bool {
    true
}

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Webhook {
    /// Identifier.
    id: String,
    /// Counts its changes by people, and that it was switched off; the ETag.
    version: i64,
    /// The address that is posted to.
    url: String,
    /// What it is told of; everything if empty.
    kinds: Vec<Kind>,
    /// Whether it is told anything.
    on: bool,
    /// The number of the last change that it was told of.
    cursor: i64,
    /// How often the next message was not taken.
    fails: i64,
    /// When it was first not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<String>,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_try_at: Option<String>,
    /// Why it was not taken, or why the webhook was switched off.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
    /// Until when the secret before signs, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    old_secret_until: Option<String>,
    /// When it was registered.
    created_at: String,
    /// What messages are signed with. It is told once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl Webhook {
    fn of(row: WebhookRow, secret: Option<String>) -> Self {
        let fails = row.fails > 0;
        Self {
            id: row.id,
            version: row.version,
            url: row.url,
            kinds: serde_json::from_str(&row.kinds).unwrap_or_default(),
            on: row.live != 0,
            cursor: row.told,
            fails: row.fails,
            failing_since: row.failing_since,
            next_try_at: Some(row.next_try).filter(|_| fails && row.live != 0),
            trouble: row.trouble,
            old_secret_until: row.old_until,
            created_at: row.created_at,
            secret,
        }
    }
}

/// The webhooks of an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Webhooks {
    /// In the order in which they were registered.
    items: Vec<Webhook>,
}

/// How the secret of a webhook is changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// For how many hours the secret before signs, too; 0 when someone knows it who should not.
    #[serde(default = "grace")]
    #[schema(minimum = 0, maximum = 168)]
    grace_h: u32,
}

fn grace() -> u32 {
    GRACE_H
}

/// From where on a webhook is told again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Replay {
    /// The number of a change: it is told of those that came after it; of all with 0.
    #[schema(minimum = 0)]
    after: i64,
}

/// What became of a message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Delivery {
    /// Its `webhook-id`, the same each time that it was sent.
    message: String,
    /// Its type.
    #[serde(rename = "type")]
    kind: String,
    /// The number of the change that it tells; absent for a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<i64>,
    /// When it was sent.
    at: String,
    /// What the receiver answered; absent when it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<i64>,
    /// Whether it was taken.
    taken: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
}

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            message: row.message,
            kind: row.kind,
            seq: Some(row.seq).filter(|seq| *seq > 0),
            at: row.at,
            status: Some(row.status).filter(|status| *status > 0),
            taken: row.trouble.is_empty(),
            trouble: Some(row.trouble).filter(|trouble| !trouble.is_empty()),
        }
    }
}

/// What became of the last messages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deliveries {
    /// The newest first; a hundred at most.
    items: Vec<Delivery>,
}

/// What became of a test.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tested {
    /// Whether it was taken.
    taken: bool,
    /// What the receiver answered; absent when it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Why it was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
}

/// Refuses who does not plan the event, or what does not exist.
async fn manages(state: &Shared, caller: &Caller, event: &str) -> Result<(), Problem> {
    enter(state, caller, event).await?;
    if caller.is(Role::Scheduler, event, None) {
        return Ok(());
    }
    Err(Problem::not_yours("only those who plan the event do this"))
}

/// What was asked for, once it can be kept.
struct Wish {
    url: String,
    kinds: String,
    live: bool,
}

impl Wish {
    fn of(state: &Shared, ask: WebhookAsk) -> Result<Self, Problem> {
        state.fetcher.admits_receiver(&ask.url).map_err(|why| {
            let remedy = "give an https address that everyone can reach; `meridian serve --trust-network` allows a private one";
            Problem::of_field("url", &why.to_string(), remedy)
        })?;
        if ask.kinds.len() > KINDS {
            let remedy = "name each kind once";
            return Err(Problem::of_field("kinds", "there are too many", remedy));
        }
        let mut kinds = ask.kinds;
        kinds.sort_unstable();
        kinds.dedup();
        Ok(Self {
            url: ask.url,
            kinds: serde_json::to_string(&kinds).map_err(anyhow::Error::from)?,
            live: ask.on,
        })
    }

    fn as_new<'a>(&'a self, by: &'a str, event: &'a str) -> NewWebhook<'a> {
        NewWebhook {
            by,
            event,
            url: &self.url,
            kinds: &self.kinds,
            live: self.live,
        }
    }
}

async fn answer(
    state: &Shared,
    status: StatusCode,
    (event, id): (&str, &str),
    secret: Option<String>,
) -> Result<Response, Problem> {
    let row = state.store.webhook(event, id).await?;
    let tag = [(header::ETAG, etag(row.version))];
    Ok((status, tag, Json(Webhook::of(row, secret))).into_response())
}

/// Register a webhook
///
/// Its address is told what changes in the event from now on, in order and at least once, as Standard Webhooks says.
/// The secret that messages are signed with is told once.
#[utoipa::path(post, path = "/events/{event}/webhooks", tag = "webhooks", params(("event" = String, Path)), request_body = WebhookAsk,
    responses((status = 201, body = Webhook, headers(("ETag" = String), ("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn make(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Body(ask): Body<WebhookAsk>,
) -> Result<Response, Problem> {
    manages(&state, &caller, &event).await?;
    caller.scope("plan")?;
    let wish = Wish::of(&state, ask)?;
    if state.store.webhooks(&event).await?.len() >= WEBHOOKS {
        return Err(Problem::present(format!(
            "the event has {WEBHOOKS} webhooks: delete one"
        )));
    }
    let secret = signature::new_secret();
    let mut write = state.store.write().await?;
    let new = wish.as_new(&caller.account.id, &event);
    let id = write.make_webhook(&new, &secret).await?;
    write.commit().await?;
    let made = answer(&state, StatusCode::CREATED, (&event, &id), Some(secret)).await;
    let mut made = made?;
    if let Ok(place) = HeaderValue::from_str(&format!("/api/v1/events/{event}/webhooks/{id}")) {
        made.headers_mut().insert(header::LOCATION, place);
    }
    Ok(made)
}

/// List webhooks
///
/// Without their secrets.
#[utoipa::path(get, path = "/events/{event}/webhooks", tag = "webhooks", params(("event" = String, Path)),
    responses((status = 200, body = Webhooks), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
) -> Result<Json<Webhooks>, Problem> {
    manages(&state, &caller, &event).await?;
    let rows = state.store.webhooks(&event).await?.into_iter();
    Ok(Json(Webhooks {
        items: rows.map(|row| Webhook::of(row, None)).collect(),
    }))
}

/// Read a webhook
///
/// Where it goes, how far it was told, and what is the matter with it; without its secret.
#[utoipa::path(get, path = "/events/{event}/webhooks/{id}", tag = "webhooks", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Webhook, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    manages(&state, &caller, &event).await?;
    answer(&state, StatusCode::OK, (&event, &id), None).await
}

/// Change a webhook
///
/// Or switch it on again: what it was not told yet is sent at once. Whoever changed it last must go on planning the event,
/// or it is switched off.
#[utoipa::path(put, path = "/events/{event}/webhooks/{id}", tag = "webhooks", params(("event" = String, Path), ("id" = String, Path),
    ("If-Match" = String, Header)), request_body = WebhookAsk,
    responses((status = 200, body = Webhook, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn put(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
    headers: HeaderMap,
    Body(ask): Body<WebhookAsk>,
) -> Result<Response, Problem> {
    manages(&state, &caller, &event).await?;
    caller.scope("plan")?;
    let version = expected_version(&headers)?;
    let wish = Wish::of(&state, ask)?;
    let new = wish.as_new(&caller.account.id, &event);
    let mut write = state.store.write().await?;
    write.change_webhook(&id, version, &new).await?;
    write.commit().await?;
    answer(&state, StatusCode::OK, (&event, &id), None).await
}

/// Delete a webhook
///
/// It is told nothing any more.
#[utoipa::path(delete, path = "/events/{event}/webhooks/{id}", tag = "webhooks", params(("event" = String, Path), ("id" = String, Path),
    ("If-Match" = String, Header)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn delete(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    manages(&state, &caller, &event).await?;
    caller.scope("plan")?;
    let version = expected_version(&headers)?;
    let by = &caller.account.id;
    let mut write = state.store.write().await?;
    write.delete_webhook(by, (&event, &id), version).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change the secret of a webhook
///
/// The new one is told once. For some hours each message has two signatures, so that no program has to be
/// changed in the same moment.
#[utoipa::path(post, path = "/events/{event}/webhooks/{id}/rotate", tag = "webhooks", params(("event" = String, Path), ("id" = String, Path)), request_body = Rotation,
    responses((status = 200, body = Webhook, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn rotate(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
    Body(rotation): Body<Rotation>,
) -> Result<Response, Problem> {
    manages(&state, &caller, &event).await?;
    caller.scope("plan")?;
    if rotation.grace_h > LONGEST_GRACE_H {
        let remedy = "give 0 to 168 hours";
        return Err(Problem::of_field("grace_h", "it is out of range", remedy));
    }
    let now = Timestamp::now();
    let grace = SignedDuration::from_hours(i64::from(rotation.grace_h));
    let until = stamp(now.checked_add(grace).unwrap_or(now));
    let secret = signature::new_secret();
    let by = &caller.account.id;
    let mut write = state.store.write().await?;
    write
        .rotate_webhook(by, (&event, &id), &secret, &until)
        .await?;
    write.commit().await?;
    answer(&state, StatusCode::OK, (&event, &id), Some(secret)).await
}

/// Tell a webhook again
///
/// Of everything after a change, in order, under the same message ids as before.
#[utoipa::path(post, path = "/events/{event}/webhooks/{id}/replay", tag = "webhooks", params(("event" = String, Path), ("id" = String, Path)), request_body = Replay,
    responses((status = 202, body = Webhook), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn replay(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
    Body(replay): Body<Replay>,
) -> Result<Response, Problem> {
    manages(&state, &caller, &event).await?;
    caller.scope("plan")?;
    state.store.webhook(&event, &id).await?;
    if !(0..=state.store.newest().await?).contains(&replay.after) {
        let remedy = "give `seq` of a change that you were told of, or 0";
        return Err(Problem::of_field(
            "after",
            "no change has that number",
            remedy,
        ));
    }
    let by = &caller.account.id;
    let mut write = state.store.write().await?;
    write
        .replay_webhook(by, (&event, &id), replay.after)
        .await?;
    write.commit().await?;
    answer(&state, StatusCode::ACCEPTED, (&event, &id), None).await
}

/// Test a webhook
///
/// Sends a message of the type `webhook.test` at once, also when it is switched off, and says what became of it. It is not
/// tried again.
#[utoipa::path(post, path = "/events/{event}/webhooks/{id}/test", tag = "webhooks", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Tested), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn test(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<Json<Tested>, Problem> {
    manages(&state, &caller, &event).await?;
    caller.scope("plan")?;
    let row = state.store.webhook(&event, &id).await?;
    let message = Outgoing::test(&row);
    let became = message.send(&state, &row).await?;
    let mut write = state.store.write().await?;
    write.note_delivery(&id, &became.sent(&message, 0)).await?;
    write.commit().await?;
    Ok(Json(Tested {
        taken: became.trouble.is_empty(),
        status: Some(became.status).filter(|status| *status > 0),
        trouble: Some(became.trouble).filter(|trouble| !trouble.is_empty()),
    }))
}

/// See what became of messages
///
/// Of the last hundred that were sent to a webhook.
#[utoipa::path(get, path = "/events/{event}/webhooks/{id}/deliveries", tag = "webhooks", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Deliveries), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn deliveries(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<Json<Deliveries>, Problem> {
    manages(&state, &caller, &event).await?;
    state.store.webhook(&event, &id).await?;
    let rows = state.store.deliveries(&id).await?.into_iter();
    Ok(Json(Deliveries {
        items: rows.map(Delivery::from).collect(),
    }))
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(get, put, delete))
        .routes(routes!(rotate))
        .routes(routes!(replay))
        .routes(routes!(test))
        .routes(routes!(deliveries))
}
