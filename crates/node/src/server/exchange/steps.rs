//! Steps from offers to a plan in force that are done at once.

use axum::Json;
use axum::extract::State as FromState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::seen;
use super::opening::ID;
use super::spaces::REASON;
use super::{any_no_longer_than, desk, no_longer_than};
use crate::exchange::planning::Offered;
use crate::server::body::Body;
use crate::server::caller::Caller;
use crate::server::extract::Path;
use crate::server::problem::Problem;
use crate::server::state::Shared;

/// The most that head-counts are rounded to.
const ROUND: u32 = 1000;

/// For whom is offered, and how numbers are told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfferAsk {
    /// Only this group; all of this node's if left out by who plans the event.
    #[schema(max_length = 64, example = "kyoto")]
    group: Option<String>,
    /// Tell head-counts rounded down to multiples of this, now and later. Who plans the event says so, for all groups.
    #[schema(minimum = 1, maximum = 1000)]
    round: Option<u32>,
}

/// A plan that is in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PutInForce {
    /// The publication's record.
    record: String,
}

/// Why a plan is in force no longer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelAsk {
    /// For people.
    #[schema(min_length = 1, max_length = 500, example = "the date moves")]
    reason: String,
}

/// A plan that is in force no longer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutOfForce {
    /// Always true.
    cancelled: bool,
}

/// Offer what one's groups can
///
/// How dates suit them, talks, hosting hours, head-counts: what is new of it is said.
#[utoipa::path(post, path = "/exchange/spaces/{space}/offer", tag = "exchange", params(("space" = String, Path)), request_body = OfferAsk,
    responses((status = 200, body = Offered), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn offer(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Body(ask): Body<OfferAsk>,
) -> Result<Json<Offered>, Problem> {
    let seen = seen(&state, &caller, &space).await?;
    any_no_longer_than("group", ask.group.as_ref(), ID)?;
    if ask.round.is_some_and(|to| !(1..=ROUND).contains(&to)) {
        let remedy = format!("give 1 to {ROUND}");
        return Err(Problem::of_field("round", "it is out of range", &remedy));
    }
    if ask.round.is_some() {
        seen.is_planned()?;
    }
    let (mut sight, _) = seen.spoken_for(&caller, ask.group.as_deref())?;
    let desk = desk(&state);
    if let Some(to) = ask.round {
        desk.round(&mut sight, to).await?;
    }
    let groups = desk.offer(&sight).await?;
    Ok(Json(Offered { groups }))
}

/// Publish the newest proposal
///
/// As the coordinator; every group in it must have accepted it.
#[utoipa::path(post, path = "/exchange/spaces/{space}/publish", tag = "exchange", params(("space" = String, Path)),
    responses((status = 200, body = PutInForce), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn publish(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
) -> Result<Json<PutInForce>, Problem> {
    let sight = seen(&state, &caller, &space).await?.planned(&caller)?;
    let record = desk(&state).publish(&sight).await?.to_string();
    Ok(Json(PutInForce { record }))
}

/// Put the plan out of force
///
/// As the coordinator.
#[utoipa::path(post, path = "/exchange/spaces/{space}/cancel", tag = "exchange", params(("space" = String, Path)), request_body = CancelAsk,
    responses((status = 200, body = OutOfForce), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn cancel(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Body(CancelAsk { reason }): Body<CancelAsk>,
) -> Result<Json<OutOfForce>, Problem> {
    let sight = seen(&state, &caller, &space).await?.planned(&caller)?;
    if reason.is_empty() {
        let remedy = "say why, for people";
        return Err(Problem::of_field("reason", "it is empty", remedy));
    }
    no_longer_than("reason", &reason, REASON)?;
    desk(&state).cancel(&sight, &reason).await?;
    Ok(Json(OutOfForce { cancelled: true }))
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(offer))
        .routes(routes!(publish))
        .routes(routes!(cancel))
}
