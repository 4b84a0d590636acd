//! What peers ask of this node, under `/fed/v1`. Everything but a node's own card is signed and answered with a signature
//! over both.
//!
//! The checks come in this order: rate by address (`guard`), size of the head, form, known key, freshness, nonce,
//! signature, recipient; then, in the peer's turn and on its account, size and time of the body, its digest, the peer's budget; then the
//! message is read.

mod admit;
mod refusal;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State as FromState};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use meridian_federation::{Code, GroupId, Message, SpaceId};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use self::admit::{Admitted, admit};
use self::refusal::Refused;
use super::extract::{Path, Query, Raw};
use super::problem::Problem;
use super::state::Shared;
use crate::exchange::calls::MEDIA;
use crate::exchange::peers::{NodeDocument, shown};
use crate::exchange::sync::{DigestDto, concerns, read_packet, write_packets};
use crate::store::now;

/// Most bytes of what a stranger shows.
const STRANGER_BYTES: usize = 2 * 1024 * 1024;
/// The longest that a peer may wait for news.
const LONGEST_POLL: Duration = Duration::from_secs(28);
/// How often is looked for news that another process of this node wrote.
const GLANCE: Duration = Duration::from_secs(1);

/// A node that shows itself.
#[derive(Deserialize)]
struct Showing {
    /// What it says of itself.
    node: NodeDocument,
}

/// A space that concerns the one who asks.
#[derive(Serialize, Deserialize)]
pub(crate) struct SpaceDto {
    pub(crate) space: SpaceId,
    pub(crate) founder: GroupId,
    pub(crate) name: String,
}

#[derive(Deserialize)]
struct Poll {
    #[serde(default)]
    known: String,
    #[serde(default)]
    wait: u64,
}

/// What this node says of itself; anybody may know it.
async fn node(FromState(state): FromState<Shared>) -> Result<Response, Refused> {
    let document = state.exchange.document().await?;
    plain(&document)
}

/// A node shows itself, and is shown this one; people make sure of both.
async fn pairing(
    FromState(state): FromState<Shared>,
    Raw(bytes): Raw,
) -> Result<Response, Refused> {
    let showing: Showing =
        serde_json::from_slice(&bytes).map_err(|error| Problem::malformed(error.to_string()))?;
    let url = showing.node.verify()?.card.card().url.clone();
    state.exchange.meet(&showing.node, &url).await?;
    plain(&state.exchange.document().await?)
}

fn plain<T: Serialize>(what: &T) -> Result<Response, Refused> {
    let bytes = serde_json::to_vec(what).map_err(anyhow::Error::from)?;
    let answer = Response::builder().header("content-type", MEDIA);
    Ok(answer
        .body(Body::from(bytes))
        .map_err(anyhow::Error::from)?)
}

/// The spaces of this node whose charter names a group of the one who asks.
async fn spaces(FromState(state): FromState<Shared>, request: Request) -> Response {
    let admitted = match admit(&state, request).await {
        Ok((admitted, _)) => admitted,
        Err(refused) => return refused.told(&state).await,
    };
    let listed = listed(&state, &admitted).await;
    admitted.answer(&state, listed).await
}

async fn listed(state: &Shared, admitted: &Admitted) -> Result<Vec<u8>, Refused> {
    let row = state.store.peer(&admitted.peer.to_string()).await;
    let row = row.map_err(Problem::from)?;
    let theirs = shown(&row)?.groups.into_iter();
    let mut theirs: Vec<_> = theirs.map(|(_, card)| card.card().group).collect();
    theirs.push(admitted.peer);
    let names = state.store.spaces().await.map_err(Problem::from)?;
    let spaces = state.exchange.look(move |node| {
        let spaces = node.spaces().filter(|(space, _)| {
            let state = node.state(space).ok();
            state.is_some_and(|state| theirs.iter().any(|one| state.members.contains_key(one)))
        });
        spaces.collect::<Vec<_>>()
    });
    let spaces: Vec<SpaceDto> = spaces
        .await?
        .into_iter()
        .filter_map(|(space, founder)| {
            let row = names.iter().find(|row| row.id == space.to_string())?;
            let name = row.name.clone();
            Some(SpaceDto {
                space,
                founder,
                name,
            })
        })
        .collect();
    Ok(serde_json::to_vec(&spaces).map_err(anyhow::Error::from)?)
}

/// Takes a message, and answers it.
async fn messages(
    FromState(state): FromState<Shared>,
    path: Result<Path<SpaceId>, Problem>,
    request: Request,
) -> Response {
    let space = match path {
        Ok(Path(space)) => space,
        Err(problem) => return Refused::from(problem).told(&state).await,
    };
    let (admitted, body) = match admit(&state, request).await {
        Ok(admitted) => admitted,
        Err(refused) => return refused.told(&state).await,
    };
    let answer = answered(&state, &admitted, space, body.into()).await;
    admitted.answer(&state, answer).await
}

async fn answered(
    state: &Shared,
    admitted: &Admitted,
    space: SpaceId,
    body: Arc<[u8]>,
) -> Result<Vec<u8>, Refused> {
    let peer = admitted.peer;
    let packet = read_packet(body).await?;
    if packet.space != space {
        let detail = "the message is about another space than its address";
        return Err(meridian_federation::Problem::new(Code::WrongSpace, detail).into());
    }
    admitted.brings(state, packet.n_items()).await?;
    let hint = match packet.message {
        Message::Hint(digest) => Some(digest),
        _ => None,
    };
    let taken = state.exchange.change(move |node| {
        if !concerns(node, &space, &peer) {
            let detail = "no group of this peer is a member of the space";
            return Err(meridian_federation::Problem::new(
                Code::UnknownSpace,
                detail,
            ));
        }
        Ok(((), node.handle(peer, packet.clone())))
    });
    let ((), effects) = taken.await?;
    if let Some(digest) = hint {
        state.traffic.hear(peer, space, digest);
    }
    admitted.refused(state, effects.refused.len()).await?;
    match effects.refused.into_iter().next() {
        Some(refusal) if effects.send.is_empty() => Err(refusal.problem.into()),
        _ => Ok(write_packets(&effects.send)?),
    }
}

/// What this node has of a space, in one number; waits until it is another than the known one, if asked to.
async fn digest(
    FromState(state): FromState<Shared>,
    path: Result<Path<SpaceId>, Problem>,
    request: Request,
) -> Response {
    let space = match path {
        Ok(Path(space)) => space,
        Err(problem) => return Refused::from(problem).told(&state).await,
    };
    let query = Query::<Poll>::of(request.uri());
    let mut admitted = match admit(&state, request).await {
        Ok((admitted, _)) => admitted,
        Err(refused) => return refused.told(&state).await,
    };
    admitted.at_leisure();
    let said = match query {
        Ok(Query(poll)) => waited(&state, (space, admitted.peer), &poll).await,
        Err(problem) => Err(problem.into()),
    };
    admitted.answer(&state, said).await
}

async fn waited(
    state: &Shared,
    (space, peer): (SpaceId, GroupId),
    poll: &Poll,
) -> Result<Vec<u8>, Refused> {
    let until = tokio::time::Instant::now() + LONGEST_POLL.min(Duration::from_secs(poll.wait));
    let mut changes = state.store.listen();
    let mut stopping = state.stopping.clone();
    loop {
        let digest = state.exchange.look(move |node| {
            if concerns(node, &space, &peer) {
                node.heads_digest(&space)
            } else {
                let detail = "no group of this peer is a member of the space";
                Err(meridian_federation::Problem::new(
                    Code::UnknownSpace,
                    detail,
                ))
            }
        });
        let digest = digest.await??.to_string();
        let over = tokio::time::Instant::now() >= until || *stopping.borrow_and_update();
        if over || digest != poll.known {
            return Ok(serde_json::to_vec(&DigestDto { digest }).map_err(anyhow::Error::from)?);
        }
        tokio::select! {
            _ = stopping.changed() => {}
            _ = timeout(GLANCE, changes.changed()) => {}
        }
    }
}

/// Whether a peer is left alone, until when, and why.
fn suspended(until: Option<&String>) -> bool {
    until.is_some_and(|until| *until > now())
}

/// What is not there.
async fn nothing() -> Refused {
    Refused::of(
        StatusCode::NOT_FOUND,
        "missing",
        "see docs/protocol.md for what there is",
    )
}

/// The routes for peers.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/fed/v1/node", get(node))
        .route(
            "/fed/v1/pairing",
            post(pairing).layer(axum::extract::DefaultBodyLimit::max(STRANGER_BYTES)),
        )
        .route("/fed/v1/spaces", get(spaces))
        .route("/fed/v1/spaces/{space}/messages", post(messages))
        .route("/fed/v1/spaces/{space}/digest", get(digest))
        .route("/fed/v1/{*other}", get(nothing).post(nothing))
}
