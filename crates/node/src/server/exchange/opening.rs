//! Spaces: which there are, opening one, and taking part in one that a peer has.

use axum::Json;
use axum::extract::State as FromState;
use axum::http::StatusCode;
use meridian_model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::{seen, spaces};
use super::{any_no_longer_than, desk, no_longer_than, plans, plans_something};
use crate::exchange::ExchangeError;
use crate::exchange::planning::{Joined, NewSpace, Opened, named};
use crate::server::body::Body;
use crate::server::caller::Caller;
use crate::server::extract::Path;
use crate::server::people::readable;
use crate::server::problem::Problem;
use crate::server::state::Shared;

/// How long an identifier may be.
pub(super) const ID: usize = 64;
/// The longest name of a peer, or its id.
const PEER: usize = 300;
/// Most peers of one space.
const PEERS: usize = 256;
/// Most starts that are asked about.
const CANDIDATES: usize = 60;
/// Most members that must say yes.
const QUORUM: u32 = 65_535;
/// The longest that bodies are kept, in days.
const RETENTION_DAYS: u32 = 36_500;

/// A space to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpaceAsk {
    /// Its name.
    #[schema(min_length = 1, max_length = 200, example = "relay-2024")]
    name: String,
    /// The event of this node that is planned there.
    #[schema(min_length = 1, max_length = 64, example = "first-relay")]
    event: String,
    /// The group that coordinates; the one whose node this is, if left out.
    #[schema(max_length = 64)]
    coordinator: Option<String>,
    /// Peers all of whose groups are members, too, by name or id.
    #[serde(default)]
    #[schema(max_items = 256)]
    with: Vec<String>,
    /// How many members must say yes to another charter, or another date or structure; half of them and one, if left out.
    #[schema(minimum = 1, maximum = 65535)]
    quorum: Option<u32>,
    /// Days after the event for which bodies that not everybody may read are kept; 90 if left out.
    #[schema(minimum = 0, maximum = 36500)]
    retention_days: Option<u32>,
    /// Starts that groups are asked about; without any, the event's own is decided.
    #[serde(default)]
    #[schema(max_items = 60, value_type = Vec<String>, example = json!(["2024-08-24T03:00:00Z"]))]
    candidates: Vec<Timestamp>,
}

/// With what a space is joined.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoinAsk {
    /// The event of this node, with its groups and their people, that is planned there.
    #[schema(min_length = 1, max_length = 64, example = "first-relay")]
    event: String,
}

/// A space that is followed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FollowedSpace {
    /// Its id.
    space: String,
    /// Its name.
    name: String,
    /// The event of this node that is planned there.
    event: String,
}

/// The spaces that are followed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FollowedSpaces {
    /// In order of name.
    items: Vec<FollowedSpace>,
}

/// A space that a peer has for this node's groups.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfferedSpace {
    /// Its id.
    space: String,
    /// Its name.
    name: String,
    /// The peer that has it.
    peer: String,
    /// Whether it is followed here already.
    followed: bool,
}

/// A peer that could not be asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SilentPeer {
    /// Its name.
    peer: String,
    /// Why not.
    why: String,
}

/// What peers have for this node's groups.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Invitations {
    /// The spaces.
    items: Vec<OfferedSpace>,
    /// Who could not be asked.
    silent: Vec<SilentPeer>,
}

/// List spaces
///
/// Those that this node follows and you may know of.
#[utoipa::path(get, path = "/exchange/spaces", tag = "exchange",
    responses((status = 200, body = FollowedSpaces), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
) -> Result<Json<FollowedSpaces>, Problem> {
    let rows = spaces(&state, &caller).await?.into_iter();
    let items = rows.map(|row| FollowedSpace {
        space: row.id,
        name: row.name,
        event: row.event,
    });
    let items = items.collect();
    Ok(Json(FollowedSpaces { items }))
}

/// Ask peers for spaces
///
/// Those in which a group of this node is a member, whether it takes part yet or not.
#[utoipa::path(get, path = "/exchange/invitations", tag = "exchange",
    responses((status = 200, body = Invitations), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn invitations(
    FromState(state): FromState<Shared>,
    caller: Caller,
) -> Result<Json<Invitations>, Problem> {
    plans_something(&caller)?;
    let (found, silent) = desk(&state).look_around(&state.fetcher).await?;
    let items = found.into_iter().map(|of| OfferedSpace {
        space: of.id.to_string(),
        name: of.name,
        peer: of.peer,
        followed: of.followed,
    });
    let silent = silent.into_iter().map(|(peer, why)| SilentPeer {
        peer,
        why: why.to_string(),
    });
    Ok(Json(Invitations {
        items: items.collect(),
        silent: silent.collect(),
    }))
}

/// Open a space
///
/// For one of this node's events, which says what its brief does. This node's groups are members and take part at once; the
/// groups of the peers that are named are members.
#[utoipa::path(post, path = "/exchange/spaces", tag = "exchange", request_body = SpaceAsk,
    responses((status = 201, body = Opened), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn open(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Body(ask): Body<SpaceAsk>,
) -> Result<(StatusCode, Json<Opened>), Problem> {
    plans(&caller, &ask.event)?;
    let new = ask.checked()?;
    let opened = desk(&state).open(&new).await?;
    Ok((StatusCode::CREATED, Json(opened)))
}

impl SpaceAsk {
    fn checked(self) -> Result<NewSpace, Problem> {
        readable("name", &self.name)?;
        any_no_longer_than("coordinator", self.coordinator.as_ref(), ID)?;
        for (field, n, most) in [
            ("with", self.with.len(), PEERS),
            ("candidates", self.candidates.len(), CANDIDATES),
        ] {
            if n > most {
                let remedy = format!("give at most {most}");
                return Err(Problem::of_field(field, "there are too many", &remedy));
            }
        }
        for peer in &self.with {
            no_longer_than("with", peer, PEER)?;
        }
        if self.quorum.is_some_and(|n| !(1..=QUORUM).contains(&n)) {
            let remedy = format!("give 1 to {QUORUM}");
            return Err(Problem::of_field("quorum", "it is out of range", &remedy));
        }
        let retention_days = self.retention_days.unwrap_or(90);
        if retention_days > RETENTION_DAYS {
            let remedy = format!("give at most {RETENTION_DAYS}");
            let what = "it is out of range";
            return Err(Problem::of_field("retention_days", what, &remedy));
        }
        Ok(NewSpace {
            name: self.name,
            event: self.event,
            coordinator: self.coordinator,
            peers: self.with,
            quorum: self.quorum,
            retention_days,
            candidates: self.candidates,
        })
    }
}

/// Join a space
///
/// With an event of this node, whose settings become what the brief says. A space that is not followed yet is looked for at
/// the peers, by its name or the beginning of its id. Again later, it takes over what the brief says then.
#[utoipa::path(post, path = "/exchange/spaces/{space}/join", tag = "exchange", params(("space" = String, Path)), request_body = JoinAsk,
    responses((status = 200, body = Joined), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn join(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Body(JoinAsk { event }): Body<JoinAsk>,
) -> Result<Json<Joined>, Problem> {
    plans(&caller, &event)?;
    let followed = state.store.spaces().await?;
    match named(followed, &space) {
        Ok(row) if row.event == event => {
            seen(&state, &caller, &row.id).await?.planned(&caller)?;
        }
        Ok(row) => {
            // For who does not plan that other event there is no such space.
            plans(&caller, &row.event).map_err(|_other| Problem::missing("check the address"))?;
            let what = format!("the space is planned with the event {}", row.event);
            return Err(Problem::of_field("event", &what, "join it with that one"));
        }
        Err(ExchangeError::Unknown(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let desk = desk(&state);
    let joined = desk.join(&state.fetcher, &space, &event).await?;
    Ok(Json(joined))
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(invitations))
        .routes(routes!(join))
}
