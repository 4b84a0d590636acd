//! Members that signed two cards of one version.

use axum::Json;
use axum::extract::State as FromState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::seen;
use super::opening::ID;
use super::{desk, no_longer_than, runs_the_node};
use crate::exchange::planning::Doubt;
use crate::server::body::Body;
use crate::server::caller::Caller;
use crate::server::extract::Path;
use crate::server::problem::Problem;
use crate::server::state::Shared;

/// The longest id of a card.
const CARD: usize = 100;

/// The members in doubt.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Doubts {
    /// In order of their ids.
    items: Vec<Doubt>,
}

/// The card that people chose.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    /// What plans call the member.
    #[schema(min_length = 1, max_length = 64, example = "kyoto")]
    group: String,
    /// The id of the card that its people say is theirs.
    #[schema(min_length = 1, max_length = 100)]
    card: String,
}

/// List members in doubt
///
/// Each signed two cards of one version: nothing that it says counts for others before people have asked it, and chosen one.
#[utoipa::path(get, path = "/exchange/spaces/{space}/doubts", tag = "exchange", params(("space" = String, Path)),
    responses((status = 200, body = Doubts), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
) -> Result<Json<Doubts>, Problem> {
    let sight = seen(&state, &caller, &space).await?.looked_at();
    let items = desk(&state).doubts_of(&sight).await?;
    Ok(Json(Doubts { items }))
}

/// Choose one of two cards
///
/// It counts at this node from now on, in every space; so only who runs the node does it.
#[utoipa::path(post, path = "/exchange/spaces/{space}/choose", tag = "exchange", params(("space" = String, Path)), request_body = Choice,
    responses((status = 200, body = Choice), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn choose(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Body(choice): Body<Choice>,
) -> Result<Json<Choice>, Problem> {
    let sight = seen(&state, &caller, &space).await?.looked_at();
    runs_the_node(&caller)?;
    no_longer_than("group", &choice.group, ID)?;
    no_longer_than("card", &choice.card, CARD)?;
    let desk = desk(&state);
    desk.choose(&sight, &choice.group, &choice.card).await?;
    Ok(Json(choice))
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(choose))
}
