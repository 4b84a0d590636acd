//! Whom this node exchanges with.

use axum::Json;
use axum::extract::State as FromState;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{no_longer_than, runs_the_node};
use crate::exchange::KnownPeer;
use crate::server::body::Body;
use crate::server::caller::Caller;
use crate::server::extract::Path;
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::store::PeerRow;

/// The longest address of a peer.
const URL: usize = 300;
/// The longest that six words can be.
const WORDS: usize = 200;

/// A node to meet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPeer {
    /// Its address; `https`, and no private network but those that the node trusts.
    #[schema(min_length = 1, max_length = 300, example = "https://meridian.example")]
    url: String,
}

/// What the other leader read out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaidWords {
    /// The six words from her node.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "absent acid acoustic across actor adapt"
    )]
    words: String,
}

/// The nodes that are known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnownPeers {
    /// In order of name.
    items: Vec<KnownPeer>,
}

/// List the nodes that are known
///
/// With how syncing with each goes, and the six words that its leader must have, too.
#[utoipa::path(get, path = "/exchange/peers", tag = "exchange",
    responses((status = 200, body = KnownPeers), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
) -> Result<Json<KnownPeers>, Problem> {
    runs_the_node(&caller)?;
    let items = state.exchange.known_peers().await?;
    Ok(Json(KnownPeers { items }))
}

/// Meet another node
///
/// Shows this node to that one. The answer holds six words: call its leader, and let her read you hers. Nothing is exchanged
/// before people have confirmed on both sides that the words are the same.
#[utoipa::path(post, path = "/exchange/peers", tag = "exchange", request_body = NewPeer,
    responses((status = 201, body = KnownPeer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn meet(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Body(NewPeer { url }): Body<NewPeer>,
) -> Result<(StatusCode, Json<KnownPeer>), Problem> {
    runs_the_node(&caller)?;
    no_longer_than("url", &url, URL)?;
    let row = state.exchange.show_to(&state.fetcher, &url).await?;
    Ok((StatusCode::CREATED, Json(told(&state, row).await?)))
}

/// Confirm a peer
///
/// The words are the same on both sides: this node exchanges with that one from now on. A peer is called by the name of its
/// group, or by the beginning of its id.
#[utoipa::path(post, path = "/exchange/peers/{peer}/confirm", tag = "exchange", params(("peer" = String, Path)), request_body = SaidWords,
    responses((status = 200, body = KnownPeer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn confirm(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(peer): Path<String>,
    Body(SaidWords { words }): Body<SaidWords>,
) -> Result<Json<KnownPeer>, Problem> {
    runs_the_node(&caller)?;
    no_longer_than("words", &words, WORDS)?;
    let row = state.exchange.peer_named(&peer).await?;
    state.exchange.allow(&row, &words).await?;
    let row = state.store.peer(&row.group_id).await?;
    Ok(Json(told(&state, row).await?))
}

/// Forbid a peer
///
/// This node exchanges with that one no longer.
#[utoipa::path(post, path = "/exchange/peers/{peer}/forbid", tag = "exchange", params(("peer" = String, Path)),
    responses((status = 200, body = KnownPeer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn forbid(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(peer): Path<String>,
) -> Result<Json<KnownPeer>, Problem> {
    runs_the_node(&caller)?;
    let row = state.exchange.peer_named(&peer).await?;
    state.exchange.forbid(&row.group_id).await?;
    let row = state.store.peer(&row.group_id).await?;
    Ok(Json(told(&state, row).await?))
}

async fn told(state: &Shared, row: PeerRow) -> Result<KnownPeer, Problem> {
    let syncs = state.exchange.syncs_with(&row.group_id).await?;
    Ok(state.exchange.known_peer(row, syncs).await?)
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, meet))
        .routes(routes!(confirm))
        .routes(routes!(forbid))
}
