//! Invites: a link, once, for a seat.

use axum::Json;
use axum::extract::State as FromState;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Office, Place, readable};
use crate::server::body::Body;
use crate::server::caller::{Caller, Role};
use crate::server::extract::{Path, Query};
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::server::things::{Page, PageQuery};
use crate::store::{Invitation, InviteRow};

/// Whom to invite, and as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInvite {
    /// The name of who is invited, as others will see it.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// What she will be.
    role: Office,
    /// The event; none for an admin of the node.
    event: Option<String>,
    /// The group, for leaders, deputies and operators.
    group: Option<String>,
    /// The operator she is.
    operator: Option<String>,
    /// An account that has lost its way in: the link lets it in again, instead of making a new one.
    account: Option<String>,
}

/// A new invite. The link is shown only now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Invited {
    /// Identifier.
    id: String,
    /// The link to send.
    link: String,
    /// The code alone, for a browser without scripts, or for `POST /login`.
    code: String,
    /// Until when it can be used.
    expires_at: String,
}

/// An invite that can still be used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Invite {
    /// Identifier.
    id: String,
    /// Who is invited.
    name: String,
    /// What she will be.
    role: String,
    /// The event.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    /// The group.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// The operator she is.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    /// When it was made.
    created_at: String,
    /// Until when it can be used.
    expires_at: String,
}

/// Invite someone
///
/// The answer holds a link, to be sent to her; it can be used once.
#[utoipa::path(post, path = "/invites", tag = "people", request_body = NewInvite,
    responses((status = 201, body = Invited), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn invite(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Body(new): Body<NewInvite>,
) -> Result<(StatusCode, Json<Invited>), Problem> {
    caller.scope("admin")?;
    check(&state, &caller, &new).await?;
    let invitation = Invitation {
        name: new.name.trim(),
        event: new.event.as_deref(),
        role: new.role.name(),
        group: new.group.as_deref().unwrap_or_default(),
        operator: new.operator.as_deref().unwrap_or_default(),
        account: new.account.as_deref(),
    };
    let mut write = state.store.write().await?;
    let made = write.invite(Some(&caller.account.id), &invitation).await?;
    write.commit().await?;
    let code = made.secret.reveal().to_owned();
    let invited = Invited {
        id: made.id,
        link: format!("{}/join#{code}", state.origin),
        code,
        expires_at: made.expires_at,
    };
    Ok((StatusCode::CREATED, Json(invited)))
}

async fn check(state: &Shared, caller: &Caller, new: &NewInvite) -> Result<(), Problem> {
    readable("name", &new.name)?;
    match &new.event {
        Some(event) => {
            let place = Place {
                event,
                office: new.role,
                group: new.group.as_deref(),
                operator: new.operator.as_deref(),
            };
            place.check(state, caller).await?;
        }
        None if !caller.account.admin => {
            return Err(Problem::not_yours("only an admin invites without an event"));
        }
        None if new.role != Office::Admin => {
            return Err(Problem::of_field(
                "event",
                "it is missing",
                "name the event",
            ));
        }
        None => {}
    }
    match &new.account {
        Some(account) => lets_in_again(state, caller, new.event.as_deref(), account).await,
        None => Ok(()),
    }
}

/// Refuses to let an account in again for anyone who is not above all that the account may do.
async fn lets_in_again(
    state: &Shared,
    caller: &Caller,
    event: Option<&str>,
    account: &str,
) -> Result<(), Problem> {
    let nobody = || {
        Problem::of_field(
            "account",
            "there is no such account",
            "see the event's seats",
        )
    };
    let account = match state.store.account_by_id(account).await {
        Ok(account) => account,
        Err(crate::store::StoreError::Missing) if caller.account.admin => return Err(nobody()),
        Err(crate::store::StoreError::Missing) => {
            return Err(Problem::not_yours(
                "only an admin lets this account in again",
            ));
        }
        Err(error) => return Err(error.into()),
    };
    let mut seats = account.memberships.iter();
    let below = !account.admin
        && seats.all(|seat| {
            Some(seat.event.as_str()) == event
                && match seat.role.as_str() {
                    "operator" | "deputy" => {
                        caller.is(Role::Leader, &seat.event, Some(&seat.group_id))
                    }
                    "leader" => caller.is(Role::Scheduler, &seat.event, None),
                    _ => false,
                }
        });
    if caller.account.admin || below {
        Ok(())
    } else {
        Err(Problem::not_yours(
            "only an admin lets this account in again",
        ))
    }
}

/// List
///
/// The invites that you may take back, in order of id.
#[utoipa::path(get, path = "/invites", tag = "people", params(PageQuery),
    responses((status = 200, body = Page<Invite>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Invite>>, Problem> {
    caller.scope("admin")?;
    let wanted = query.wanted()?;
    let (mut items, mut after) = (Vec::new(), query.after);
    loop {
        let rows = state.store.invites(&after, 500).await?;
        let Some(last) = rows.last().map(|row| row.id.clone()) else {
            return Ok(Json(Page { items, next: None }));
        };
        for row in rows.into_iter().filter(|row| may_take_back(&caller, row)) {
            if items.len() == wanted {
                return Ok(Json(Page {
                    items,
                    next: Some(after),
                }));
            }
            after.clone_from(&row.id);
            items.push(shown(row));
        }
        after = last;
    }
}

/// Take back
#[utoipa::path(delete, path = "/invites/{id}", tag = "people", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn revoke(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.scope("admin")?;
    if !may_take_back(&caller, &state.store.invite(&id).await?) {
        return Err(Problem::missing("check the address"));
    }
    let mut write = state.store.write().await?;
    write.revoke_invite(Some(&caller.account.id), &id).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn may_take_back(caller: &Caller, invite: &InviteRow) -> bool {
    let made = invite.created_by.as_ref() == Some(&caller.account.id);
    match &invite.event {
        _ if caller.account.admin => true,
        None => false,
        Some(event) => {
            let group = Some(invite.group_id.as_str()).filter(|group| !group.is_empty());
            caller.is(Role::Scheduler, event, None)
                || (group.is_some() && caller.is(Role::Leader, event, group))
                || (made && caller.belongs(event))
        }
    }
}

fn shown(row: InviteRow) -> Invite {
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    Invite {
        id: row.id,
        name: row.name,
        role: row.role,
        event: row.event,
        group: some(row.group_id),
        operator: some(row.operator),
        created_at: row.created_at,
        expires_at: row.expires_at,
    }
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, invite))
        .routes(routes!(revoke))
}
