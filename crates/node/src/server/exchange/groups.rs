//! Who signs here.

use axum::Json;
use axum::extract::State as FromState;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{any_no_longer_than, no_longer_than, runs_the_node};
use crate::exchange::SigningGroup;
use crate::exchange::identity::{NewGroup, Recovery, Renewal};
use crate::server::body::Body;
use crate::server::caller::Caller;
use crate::server::extract::Path;
use crate::server::kinds::identifier;
use crate::server::people::readable;
use crate::server::problem::Problem;
use crate::server::state::Shared;

/// The longest address in a card.
const URL: usize = 300;
/// The longest recovery words: 24, as people type them.
const WORDS: usize = 500;

/// A group that this node is to sign for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSigningGroup {
    /// What this node's events call it, and everybody's plans will.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        example = "kyoto"
    )]
    handle: String,
    /// Its name for people; the handle if left out.
    #[schema(min_length = 1, max_length = 200, example = "Kyoto")]
    name: Option<String>,
    /// Where this node listens for other nodes; leave it out for one that only calls.
    #[schema(max_length = 300, example = "https://meridian.example")]
    url: Option<String>,
}

/// A group that was made. Its recovery words are shown only now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeGroup {
    /// What this node's events call it.
    handle: String,
    /// Its id.
    group: String,
    /// 24 words that alone change the group's card. They are kept nowhere: write them down.
    recovery: String,
}

/// What changes in a group's card.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardAsk {
    /// The group's 24 recovery words.
    #[schema(min_length = 1, max_length = 500)]
    recovery: String,
    /// Another name for people.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// Another address of its node.
    #[schema(max_length = 300, example = "https://new.example")]
    url: Option<String>,
    /// Sign with a new key from now on; what the old one signed so far goes on to count.
    #[serde(default)]
    new_key: bool,
    /// The old key was stolen: nothing that it signed counts any longer. Only with `new_key`.
    #[serde(default)]
    stolen: bool,
}

/// The newest card of a group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RenewedCard {
    /// What this node's events call the group.
    handle: String,
    /// The version of its card.
    version: u64,
}

/// The groups that a node signs for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SigningGroups {
    /// The one whose node this is comes first.
    items: Vec<SigningGroup>,
}

/// List the groups that this node signs for
#[utoipa::path(get, path = "/exchange/groups", tag = "exchange",
    responses((status = 200, body = SigningGroups), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
) -> Result<Json<SigningGroups>, Problem> {
    runs_the_node(&caller)?;
    let items = state.exchange.groups().await?;
    Ok(Json(SigningGroups { items }))
}

/// Make a group that this node signs for
///
/// The first is the one whose node this is, others are its guests. The answer holds the group's recovery words, which are
/// shown only now.
#[utoipa::path(post, path = "/exchange/groups", tag = "exchange", request_body = NewSigningGroup,
    responses((status = 201, body = MadeGroup), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn make(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Body(new): Body<NewSigningGroup>,
) -> Result<(StatusCode, Json<MadeGroup>), Problem> {
    runs_the_node(&caller)?;
    identifier(&new.handle)?;
    let name = new.name.as_ref().unwrap_or(&new.handle);
    readable("name", name)?;
    any_no_longer_than("url", new.url.as_ref(), URL)?;
    let made = state.exchange.make_group(NewGroup {
        handle: &new.handle,
        name,
        url: new.url.as_deref().unwrap_or_default(),
    });
    let made = made.await?;
    let told = MadeGroup {
        group: made.group.to_string(),
        recovery: made.recovery.words()?,
        handle: new.handle,
    };
    Ok((StatusCode::CREATED, Json(told)))
}

/// Sign the next card of a group
///
/// As when the node moves, or a key was lost or stolen. Only who has the group's recovery words can.
#[utoipa::path(post, path = "/exchange/groups/{handle}/card", tag = "exchange", params(("handle" = String, Path)), request_body = CardAsk,
    responses((status = 200, body = RenewedCard), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn renew(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(handle): Path<String>,
    Body(ask): Body<CardAsk>,
) -> Result<Json<RenewedCard>, Problem> {
    runs_the_node(&caller)?;
    no_longer_than("recovery", &ask.recovery, WORDS)?;
    any_no_longer_than("url", ask.url.as_ref(), URL)?;
    if let Some(name) = &ask.name {
        readable("name", name)?;
    }
    if ask.stolen && !ask.new_key {
        let remedy = "ask for a new key, too";
        let what = "a stolen key cannot sign on";
        return Err(Problem::of_field("stolen", what, remedy));
    }
    // A group that is not there has no words to be compared with.
    state.exchange.identity(&handle).await?;
    let recovery = Recovery::of_words(&ask.recovery)?;
    let renewal = Renewal {
        name: ask.name,
        url: ask.url,
        key: ask.new_key,
        stolen: ask.stolen,
    };
    let version = state.exchange.renew_card(&handle, &recovery, renewal);
    let version = version.await?;
    Ok(Json(RenewedCard { handle, version }))
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, make))
        .routes(routes!(renew))
}
