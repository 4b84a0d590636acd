//! Tokens: what programs show instead of a login.

use axum::Json;
use axum::extract::State as FromState;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::readable;
use crate::server::body::Body;
use crate::server::caller::Caller;
use crate::server::extract::Path;
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::server::things::Page;
use crate::store::{NewToken as Wanted, TokenRow};

/// How many tokens an account may have at once.
const MOST: usize = 50;

/// What a token opens. Nobody can do more with a token than she can herself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// Reading.
    Read,
    /// Changing what people edit.
    Write,
    /// Solving, proposing and releasing plans.
    Plan,
    /// Inviting people, giving seats away, and making tokens.
    Admin,
}

impl Scope {
    fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Plan => "plan",
            Self::Admin => "admin",
        }
    }
}

/// What a new token is for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// What uses it.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// What it opens.
    #[schema(min_items = 1, max_items = 4)]
    scopes: Vec<Scope>,
    /// For how many days; until it is revoked if left out.
    #[schema(minimum = 1, maximum = 3650)]
    days: Option<i64>,
}

/// A new token. Its secret is shown only now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeToken {
    /// Identifier.
    id: String,
    /// The secret: send it as `Authorization: Bearer …`.
    token: String,
    /// Until when it can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

/// A token of yours.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Token {
    /// Identifier.
    id: String,
    /// What uses it.
    name: String,
    /// What it opens.
    scopes: Vec<String>,
    /// When it was made.
    created_at: String,
    /// Until when it can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

/// Make a token
#[utoipa::path(post, path = "/tokens", tag = "people", request_body = NewToken,
    responses((status = 201, body = MadeToken), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn make(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    caller.scope("admin")?;
    readable("name", &new.name)?;
    if new.scopes.is_empty() {
        return Err(Problem::of_field(
            "scopes",
            "there are none",
            "name at least one",
        ));
    }
    if new.days.is_some_and(|days| !(1..=3650).contains(&days)) {
        return Err(Problem::of_field(
            "days",
            "it is out of range",
            "give 1 to 3650",
        ));
    }
    if state.store.tokens(&caller.account.id).await?.len() >= MOST {
        return Err(Problem::present(format!(
            "you have {MOST} tokens: revoke one first"
        )));
    }
    let mut scopes = new.scopes.clone();
    scopes.sort_unstable();
    scopes.dedup();
    let scopes: Vec<&str> = scopes.into_iter().map(Scope::name).collect();
    let wanted = Wanted {
        name: new.name.trim(),
        scopes: &scopes.join(" "),
        days: new.days,
    };
    let mut write = state.store.write().await?;
    let (row, secret) = write.make_token(&caller.account.id, wanted).await?;
    write.commit().await?;
    let made = MadeToken {
        id: row.id,
        token: secret.reveal().to_owned(),
        expires_at: row.expires_at,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// List
///
/// Your tokens, without their secrets.
#[utoipa::path(get, path = "/tokens", tag = "people",
    responses((status = 200, body = Page<Token>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
) -> Result<Json<Page<Token>>, Problem> {
    caller.scope("admin")?;
    let rows = state.store.tokens(&caller.account.id).await?;
    let items = rows.into_iter().map(shown).collect();
    Ok(Json(Page { items, next: None }))
}

/// Revoke
#[utoipa::path(delete, path = "/tokens/{id}", tag = "people", params(("id" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn revoke(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    caller.scope("admin")?;
    let mut write = state.store.write().await?;
    write.revoke_token(&caller.account.id, &id).await?;
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(row: TokenRow) -> Token {
    Token {
        id: row.id,
        name: row.name,
        scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
        created_at: row.created_at,
        expires_at: row.expires_at,
    }
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(revoke))
}
