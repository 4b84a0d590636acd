//! One space: how far it is, and what its charter and brief become.

use axum::Json;
use axum::extract::State as FromState;
use meridian_federation::content::Phase;
use meridian_model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::seen;
use super::opening::ID;
use super::{desk, no_longer_than};
use crate::exchange::planning::{NextBrief, SpaceSight};
use crate::server::body::Body;
use crate::server::caller::Caller;
use crate::server::extract::Path;
use crate::server::problem::Problem;
use crate::server::state::Shared;

/// The longest reason, in characters.
pub(super) const REASON: usize = 500;

/// What the next brief decides.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BriefWish {
    /// The start that was decided; as before, if left out.
    #[schema(value_type = Option<String>, example = "2024-08-24T03:00:00Z")]
    start: Option<Timestamp>,
    /// How far the event is; `planning` if left out.
    phase: Option<PhaseAsk>,
}

/// How far an event is.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PhaseAsk {
    /// It is planned.
    Planning,
    /// It runs.
    Live,
    /// It is over.
    Archived,
}

/// The newest brief.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Briefed {
    /// Its version.
    version: u64,
}

/// How often this node's groups said yes anew.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Endorsed {
    /// How often.
    said: usize,
}

/// Who leaves a space, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeaveAsk {
    /// The group of this node that leaves.
    #[schema(min_length = 1, max_length = 64, example = "kyoto")]
    group: String,
    /// Why, for people.
    #[serde(default)]
    #[schema(max_length = 500)]
    reason: String,
}

/// A group whose log begins anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogAsk {
    /// The group of this node.
    #[schema(min_length = 1, max_length = 64, example = "kyoto")]
    group: String,
}

/// The group that it was done for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DoneFor {
    /// What this node's events call it.
    group: String,
}

/// Read how far a space is
///
/// By its name, or the beginning of its id: what everybody sees of it, equal at all nodes that have the same `digest`.
#[utoipa::path(get, path = "/exchange/spaces/{space}", tag = "exchange", params(("space" = String, Path)),
    responses((status = 200, body = SpaceSight), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn get(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
) -> Result<Json<SpaceSight>, Problem> {
    let sight = seen(&state, &caller, &space).await?.looked_at();
    Ok(Json(sight.into()))
}

/// The plan in force and what it answers, as documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedPlan {
    /// Which release it is.
    release: u64,
    /// The event as all see it: groups and people that the plan names, as its parts say. A problem document.
    #[schema(value_type = Object)]
    problem: meridian_model::Problem,
    /// Blocks, sessions and shifts of all groups. A plan document.
    #[schema(value_type = Object)]
    plan: meridian_model::Plan,
}

/// Read the plan in force
///
/// As every node sees it: who of other groups is on duty is a pseudonym, or a name that she consented to.
#[utoipa::path(get, path = "/exchange/spaces/{space}/plan", tag = "exchange", params(("space" = String, Path)),
    responses((status = 200, body = SharedPlan), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn plan(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
) -> Result<Json<SharedPlan>, Problem> {
    let sight = seen(&state, &caller, &space).await?.looked_at();
    let Ok(published) = sight.published() else {
        return Err(Problem::missing(
            "no plan is in force: see how far the space is",
        ));
    };
    let release = published.release;
    let (problem, plan) = sight.shared_plan()?;
    Ok(Json(SharedPlan {
        release,
        problem,
        plan,
    }))
}

/// Write the next brief
///
/// As the coordinator: the event as it is here now, with a date or another phase.
#[utoipa::path(post, path = "/exchange/spaces/{space}/brief", tag = "exchange", params(("space" = String, Path)), request_body = BriefWish,
    responses((status = 200, body = Briefed), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn brief(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Body(wish): Body<BriefWish>,
) -> Result<Json<Briefed>, Problem> {
    let sight = seen(&state, &caller, &space).await?.planned(&caller)?;
    let next = NextBrief {
        start: wish.start,
        phase: match wish.phase {
            None | Some(PhaseAsk::Planning) => Phase::Planning,
            Some(PhaseAsk::Live) => Phase::Live,
            Some(PhaseAsk::Archived) => Phase::Archived,
        },
    };
    let version = desk(&state).brief(&sight, next).await?;
    Ok(Json(Briefed { version }))
}

/// Say yes to the newest charter and brief
///
/// For all of this node's groups, where they have not said so yet.
#[utoipa::path(post, path = "/exchange/spaces/{space}/endorse", tag = "exchange", params(("space" = String, Path)),
    responses((status = 200, body = Endorsed), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn endorse(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
) -> Result<Json<Endorsed>, Problem> {
    let sight = seen(&state, &caller, &space).await?.planned(&caller)?;
    let said = desk(&state).endorse(&sight).await?;
    Ok(Json(Endorsed { said }))
}

/// Take a group out of a space
#[utoipa::path(post, path = "/exchange/spaces/{space}/leave", tag = "exchange", params(("space" = String, Path)), request_body = LeaveAsk,
    responses((status = 200, body = DoneFor), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn leave(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Body(LeaveAsk { group, reason }): Body<LeaveAsk>,
) -> Result<Json<DoneFor>, Problem> {
    let sight = seen(&state, &caller, &space).await?.planned(&caller)?;
    no_longer_than("group", &group, ID)?;
    no_longer_than("reason", &reason, REASON)?;
    desk(&state).leave(&sight, &group, &reason).await?;
    Ok(Json(DoneFor { group }))
}

/// Begin a new log of a group
///
/// After a lost database: the next thing that the group says begins it.
#[utoipa::path(post, path = "/exchange/spaces/{space}/renew", tag = "exchange", params(("space" = String, Path)), request_body = LogAsk,
    responses((status = 200, body = DoneFor), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn renew(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Body(LogAsk { group }): Body<LogAsk>,
) -> Result<Json<DoneFor>, Problem> {
    let sight = seen(&state, &caller, &space).await?.planned(&caller)?;
    no_longer_than("group", &group, ID)?;
    desk(&state).renew(&sight, &group).await?;
    Ok(Json(DoneFor { group }))
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(get))
        .routes(routes!(plan))
        .routes(routes!(brief))
        .routes(routes!(endorse))
        .routes(routes!(leave))
        .routes(routes!(renew))
}
