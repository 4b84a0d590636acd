//! Changes while the event nears and runs that are done at once: somebody stands in, or a part is offered to another group.

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
use crate::exchange::planning::Swap;
use crate::server::body::Body;
use crate::server::caller::Caller;
use crate::server::extract::Path;
use crate::server::problem::Problem;
use crate::server::state::Shared;

/// The longest id of a shift, or of a part.
pub(super) const PART: usize = 200;

/// Who comes to a shift instead.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandInAsk {
    /// The group of this node whose shift it is; who leads one group leaves it out.
    #[schema(max_length = 64, example = "kyoto")]
    group: Option<String>,
    /// The shift.
    #[schema(min_length = 1, max_length = 200, example = "kyoto.mc.48.1")]
    shift: String,
    /// The operator who comes instead; nobody, if left out.
    #[schema(max_length = 64, example = "kyoto-fox")]
    instead: Option<String>,
}

/// Who comes to a shift now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StoodIn {
    /// The part that the shift is of.
    part: String,
    /// The shift.
    shift: String,
    /// The operator who comes; nobody, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    instead: Option<String>,
}

/// To whom a part is to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOverPart {
    /// The part, as `block/ID` or `seat/ID`.
    #[schema(min_length = 1, max_length = 200, example = "seat/kyoto.mc.48")]
    part: String,
    /// The member that is to have it.
    #[schema(min_length = 1, max_length = 64, example = "berlin")]
    to: String,
    /// As the coordinator: give it at once, whoever holds it, for this reason.
    #[schema(min_length = 1, max_length = 500)]
    reclaim: Option<String>,
}

/// To whom a part goes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandedOver {
    /// The part.
    part: String,
    /// The member.
    to: String,
}

/// Let somebody else come to a shift
///
/// Or nobody. Somebody who would break a rule is refused, with the rule.
#[utoipa::path(post, path = "/exchange/spaces/{space}/stand-in", tag = "exchange", params(("space" = String, Path)), request_body = StandInAsk,
    responses((status = 200, body = StoodIn), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn stand_in(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Body(ask): Body<StandInAsk>,
) -> Result<Json<StoodIn>, Problem> {
    let seen = seen(&state, &caller, &space).await?;
    any_no_longer_than("group", ask.group.as_ref(), ID)?;
    no_longer_than("shift", &ask.shift, PART)?;
    any_no_longer_than("instead", ask.instead.as_ref(), ID)?;
    let (sight, group) = seen.spoken_for(&caller, ask.group.as_deref())?;
    let group = group
        .ok_or_else(|| Problem::of_field("group", "it is left out", "say whose shift it is"))?;
    let of = (group.as_str(), ask.shift.as_str());
    let desk = desk(&state);
    let part = desk.stand_in(&sight, of, ask.instead.as_deref()).await?;
    Ok(Json(StoodIn {
        part: part.to_string(),
        shift: ask.shift,
        instead: ask.instead,
    }))
}

/// Offer a part to another group
///
/// Of the plan in force, by the group that holds it; or, as the coordinator, give it to one at once.
#[utoipa::path(post, path = "/exchange/spaces/{space}/hand-over", tag = "exchange", params(("space" = String, Path)), request_body = HandOverPart,
    responses((status = 200, body = HandedOver), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn hand_over(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Body(ask): Body<HandOverPart>,
) -> Result<Json<HandedOver>, Problem> {
    let seen = seen(&state, &caller, &space).await?;
    no_longer_than("part", &ask.part, PART)?;
    no_longer_than("to", &ask.to, ID)?;
    any_no_longer_than("reclaim", ask.reclaim.as_ref(), REASON)?;
    let HandOverPart { part, to, reclaim } = ask;
    let swap = Swap {
        part: part.clone(),
        to: to.clone(),
    };
    let desk = desk(&state);
    match reclaim {
        Some(why) => desk.reclaim(&seen.planned(&caller)?, &swap, &why).await?,
        None => desk.hand_over(&seen.acted_in(&caller)?, &swap).await?,
    }
    Ok(Json(HandedOver { part, to }))
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(stand_in))
        .routes(routes!(hand_over))
}
