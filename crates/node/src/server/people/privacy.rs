//! What a node keeps of a person, for her to read and to erase; and the day on which an event's people are erased.

use std::time::Duration;

use axum::Json;
use axum::extract::State as FromState;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::server::body::Body;
use crate::server::caller::{Caller, Role};
use crate::server::conditional::{etag, expected_version};
use crate::server::extract::Path;
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::store::StoreError;

/// How often it is looked whether something is to be erased.
const PERIOD: Duration = Duration::from_secs(60 * 60);

/// All that is kept of an operator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonalData {
    /// The operator.
    operator: String,
    /// Her record, and what she said of her time.
    records: Vec<OneRecord>,
    /// Her calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    calendar: Option<KeptCalendar>,
    /// The accounts that have a seat as this operator.
    seats: Vec<HerSeat>,
}

/// A record about a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneRecord {
    /// `operator`, `availability` or `busy`.
    kind: String,
    /// Counts its changes.
    version: i64,
    /// When it last changed.
    changed_at: String,
    /// All of it.
    #[schema(value_type = Object)]
    body: Value,
}

/// A calendar that is kept, without titles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeptCalendar {
    /// Where it is fetched from; empty for one that was handed in.
    url: String,
    /// The copy that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy: Option<String>,
    /// When it was handed in or fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    copied_at: Option<String>,
}

/// A seat of hers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HerSeat {
    /// The account.
    account: String,
    /// The name that her invite gave it.
    name: String,
    /// What she is.
    role: String,
    /// Since when.
    created_at: String,
}

/// A day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EraseOn {
    /// The first day, in UTC, on which nothing personal is kept any more; never if left out.
    #[schema(format = Date, example = "2024-12-01")]
    on: Option<String>,
}

/// Refuses who is neither the operator nor leads her group.
async fn enter(
    state: &Shared,
    caller: &Caller,
    (event, operator): (&str, &str),
) -> Result<(), Problem> {
    caller.enter(event)?;
    let record = state.store.record(event, "operator", operator).await?;
    let group = record.group_id.as_deref();
    if caller.is_operator(event, group, operator) || caller.is(Role::Leader, event, group) {
        Ok(())
    } else {
        Err(Problem::missing("check the address"))
    }
}

/// Read all that is kept of a person
///
/// For herself and the leaders of her group.
#[utoipa::path(get, path = "/events/{event}/operators/{id}/personal-data", tag = "people",
    params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = PersonalData), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<Json<PersonalData>, Problem> {
    enter(&state, &caller, (&event, &id)).await?;
    let mut records = Vec::new();
    for row in state.store.about_her(&event, &id).await? {
        records.push(OneRecord {
            kind: row.kind,
            version: row.version,
            changed_at: row.changed_at,
            body: serde_json::from_str(&row.body).map_err(anyhow::Error::from)?,
        });
    }
    let calendar = state.store.her_calendar(&event, &id).await?;
    let mut sittings = state.store.sittings(&event).await?;
    sittings.retain(|seat| seat.operator == id);
    Ok(Json(PersonalData {
        operator: id,
        records,
        calendar: calendar.map(|row| KeptCalendar {
            url: row.url,
            copy: row.good_copy,
            copied_at: row.good_at,
        }),
        seats: sittings
            .into_iter()
            .map(|seat| HerSeat {
                account: seat.account,
                name: seat.name,
                role: seat.role,
                created_at: seat.created_at,
            })
            .collect(),
    }))
}

/// Erase a person
///
/// Her record, what she said, her calendar, feeds and seats; her account too when it has no other seat. Plans that were
/// made before keep her pseudonym and hours until the event's people are erased. By herself or the leaders of her group.
#[utoipa::path(delete, path = "/events/{event}/operators/{id}/personal-data", tag = "people",
    params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn erase(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    enter(&state, &caller, (&event, &id)).await?;
    let mut write = state.store.write().await?;
    write
        .forget_operator(&caller.account.id, &event, &id)
        .await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Say when an event's people are erased
///
/// On that day people, what they said, seats, invites, plans and the problems they answer go; the event itself, its
/// groups and sessions stay.
#[utoipa::path(put, path = "/events/{event}/erase-on", tag = "event", params(("event" = String, Path), ("If-Match" = String, Header)),
    request_body = EraseOn,
    responses((status = 204, headers(("ETag" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn erase_on(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    headers: HeaderMap,
    Body(EraseOn { on }): Body<EraseOn>,
) -> Result<Response, Problem> {
    caller.enter(&event)?;
    if !caller.is(Role::Scheduler, &event, None) {
        return Err(Problem::not_yours(
            "only those who plan the event say when its people are erased",
        ));
    }
    let version = expected_version(&headers)?;
    let day = on.map(|text| text.parse::<Date>()).transpose();
    let day = day
        .map_err(|_unread| Problem::of_field("on", "it is no date", "write it as in 2024-12-01"))?;
    let day = day.map(|day| day.to_string());
    let mut write = state.store.write().await?;
    let by = &caller.account.id;
    let version = write
        .set_erase_on(by, (&event, version), day.as_deref())
        .await?;
    write.commit().await?;
    Ok((StatusCode::NO_CONTENT, [(header::ETAG, etag(version))]).into_response())
}

/// Erases the people of the events whose day has come, now and every hour, until the node stops.
pub(crate) async fn erase_in_time(state: Shared) {
    let mut stopping = state.stopping.clone();
    let mut period = tokio::time::interval(PERIOD);
    loop {
        tokio::select! {
            _ = period.tick() => {}
            _ = stopping.wait_for(|stops| *stops) => return,
        }
        if let Err(error) = erase_due(&state).await {
            tracing::error!(error = %error, "people of an event were not erased");
        }
    }
}

async fn erase_due(state: &Shared) -> Result<(), StoreError> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date().to_string();
    for event in state.store.due_erasures(&today).await? {
        let mut write = state.store.write().await?;
        if write.erase_people(&event, &today).await? {
            write.commit().await?;
            tracing::info!("people of an event were erased");
        }
    }
    Ok(())
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(read, erase))
        .routes(routes!(erase_on))
}
