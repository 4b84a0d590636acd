//! Seats: who is what in an event, and how a group is handed over.

use axum::Json;
use axum::extract::State as FromState;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Office, Place};
use crate::server::body::Body;
use crate::server::caller::{Caller, Role};
use crate::server::extract::{Path, Query};
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::server::things::{Page, PageQuery};
use crate::store::{Keep, Lead, Seat as Kept, Sitting};

/// A seat to give to someone who has one in the event already.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSeat {
    /// Her account, as the event's seats tell it.
    account: String,
    /// What she will be.
    role: Office,
    /// The group, for leaders, deputies and operators.
    group: Option<String>,
    /// The operator she is.
    operator: Option<String>,
}

/// What someone is in an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Seat {
    /// Her account.
    account: String,
    /// Her name.
    name: String,
    /// `operator`, `deputy`, `leader` or `scheduler`.
    role: String,
    /// Her group; schedulers have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// The operator she is.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    /// Since when.
    created_at: String,
}

/// Which seat.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhichSeat {
    /// Whose.
    account: String,
    /// What she is.
    role: Office,
    /// The group, for leaders, deputies and operators.
    group: Option<String>,
    /// Take it away although the group is left without a second leader or a deputy, or without any leader; only who
    /// runs the node may.
    #[serde(default)]
    anyway: bool,
}

/// To whom a group is handed over.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOver {
    /// The account that leads from now on; it has a seat in the group already.
    to: String,
    /// The account that no longer leads, and stays as deputy; you, when you lead the group and say nothing.
    from: Option<String>,
}

/// Who leads a group now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Leaders {
    /// How many leaders.
    leaders: i64,
    /// How many deputies.
    deputies: i64,
    /// Whether one of them can go and the group is still led.
    safe: bool,
}

/// List
///
/// All seats for those who plan the event; your group's for its leaders; your own otherwise.
#[utoipa::path(get, path = "/events/{event}/seats", tag = "people", params(("event" = String, Path), PageQuery),
    responses((status = 200, body = Page<Seat>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Seat>>, Problem> {
    caller.enter(&event)?;
    let wanted = query.wanted()?;
    state.store.event(&event).await?;
    let key = |seat: &Sitting| format!("{}:{}:{}", seat.account, seat.role, seat.group_id);
    let mut rows: Vec<_> = state.store.sittings(&event).await?;
    rows.sort_by_key(key);
    let mut rows = rows
        .into_iter()
        .filter(|seat| key(seat) > query.after && may_see(&caller, &event, seat));
    let kept: Vec<_> = rows.by_ref().take(wanted).collect();
    let next = rows.next().and_then(|_| kept.last().map(key));
    let items = kept.into_iter().map(shown).collect();
    Ok(Json(Page { items, next }))
}

/// Give a seat
///
/// To someone who has one in the group, or for those who plan the event, anywhere in the event. Others are invited.
#[utoipa::path(post, path = "/events/{event}/seats", tag = "people", params(("event" = String, Path)), request_body = NewSeat,
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn give(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Body(new): Body<NewSeat>,
) -> Result<StatusCode, Problem> {
    caller.scope("admin")?;
    let place = Place {
        event: &event,
        office: new.role,
        group: new.group.as_deref(),
        operator: new.operator.as_deref(),
    };
    place.check(&state, &caller).await?;
    let sittings = state.store.sittings(&event).await?;
    let mut hers = sittings.iter().filter(|seat| seat.account == new.account);
    if !hers.any(|seat| may_see(&caller, &event, seat)) {
        return Err(Problem::of_field(
            "account",
            "nobody with this account has a seat that you may see",
            "invite her",
        ));
    }
    let seat = Kept {
        account: new.account,
        role: new.role.name().to_owned(),
        group_id: new.group.unwrap_or_default(),
        operator: new.operator.unwrap_or_default(),
    };
    let mut write = state.store.write().await?;
    write.seat(Some(&caller.account.id), &event, &seat).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a seat away
///
/// A group that has two leaders, or a leader and a deputy, is never left with less, and one with a single leader not
/// without any, unless who runs the node says `anyway`: whoever misbehaves or is gone cannot keep a group. Invite
/// another leader then; `meridian node check-up` names the group until there is one.
#[utoipa::path(delete, path = "/events/{event}/seats", tag = "people", params(("event" = String, Path), WhichSeat),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn take(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Query(which): Query<WhichSeat>,
) -> Result<StatusCode, Problem> {
    caller.scope("admin")?;
    caller.enter(&event)?;
    let group = which.group.as_deref();
    let own = which.account == caller.account.id;
    let may = match which.role {
        Office::Admin | Office::Scheduler => caller.is(Role::Scheduler, &event, None),
        _ => caller.is(Role::Leader, &event, group),
    };
    if !may && !own {
        return Err(Problem::not_yours(
            "only a group's leaders, and those who plan the event, take its seats away",
        ));
    }
    if which.anyway && !caller.account.admin {
        return Err(Problem::not_yours(
            "only who runs the node leaves a group without its leaders",
        ));
    }
    let keep = if which.anyway {
        Keep::Nobody
    } else {
        Keep::Led
    };
    let seat = Kept {
        account: which.account,
        role: which.role.name().to_owned(),
        group_id: which.group.unwrap_or_default(),
        operator: String::new(),
    };
    let mut write = state.store.write().await?;
    write
        .unseat(Some(&caller.account.id), &event, &seat, keep)
        .await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hand a group over
///
/// Its leader hands it to someone with a seat in it and stays as deputy. Its deputy takes it over beside the leaders
/// who are there. Those who plan the event do either for them.
#[utoipa::path(post, path = "/events/{event}/groups/{id}/hand-over", tag = "people",
    params(("event" = String, Path), ("id" = String, Path)), request_body = HandOver,
    responses((status = 200, body = Leaders), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn hand_over(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, group)): Path<(String, String)>,
    Body(new): Body<HandOver>,
) -> Result<Json<Leaders>, Problem> {
    caller.scope("admin")?;
    caller.enter(&event)?;
    let me = caller.account.id.as_str();
    let leads = caller.sits(&event, &group, "leader");
    let takes = caller.sits(&event, &group, "deputy") && new.to == me && new.from.is_none();
    if !caller.is(Role::Leader, &event, Some(&group)) && !takes {
        return Err(Problem::not_yours(
            "its leaders hand a group over, or its deputy takes it herself",
        ));
    }
    let from = new.from.as_deref().or(Some(me).filter(|_| leads));
    let mut write = state.store.write().await?;
    write
        .hand_over(Some(me), (&event, &group), from, &new.to)
        .await
        .map_err(|error| match error {
            crate::store::StoreError::Missing => Problem::of_field(
                "to",
                "who leads a group, or is to lead it, has a seat in it",
                "see the event's seats, or invite her first",
            ),
            other => other.into(),
        })?;
    let lead = write.lead(&event, &group).await?;
    write.commit().await?;
    let Lead {
        leaders, deputies, ..
    } = lead;
    Ok(Json(Leaders {
        leaders,
        deputies,
        safe: lead.is_safe(),
    }))
}

fn may_see(caller: &Caller, event: &str, seat: &Sitting) -> bool {
    let group = Some(seat.group_id.as_str()).filter(|group| !group.is_empty());
    seat.account == caller.account.id
        || caller.is(Role::Scheduler, event, None)
        || (group.is_some() && caller.is(Role::Leader, event, group))
}

fn shown(row: Sitting) -> Seat {
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    Seat {
        account: row.account,
        name: row.name,
        role: row.role,
        group: some(row.group_id),
        operator: some(row.operator),
        created_at: row.created_at,
    }
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, give, take))
        .routes(routes!(hand_over))
}
