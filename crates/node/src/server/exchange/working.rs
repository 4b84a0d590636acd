//! Steps that look for people: asked for as jobs of the local event, watched and cancelled like all others.

use axum::extract::State as FromState;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::seen;
use super::any_no_longer_than;
use super::opening::ID;
use super::spaces::REASON;
use super::swaps::PART;
use crate::exchange::planning::{Sight, Step, Word};
use crate::jobs::{Ask, Order};
use crate::server::body::Body;
use crate::server::caller::Caller;
use crate::server::extract::Path;
use crate::server::planning::{Job, queue};
use crate::server::problem::Problem;
use crate::server::state::Shared;

/// How a plan is looked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProposeAsk {
    /// How many search steps to spend, 1 to 9; 3 if left out.
    #[schema(minimum = 1, maximum = 9)]
    effort: Option<u8>,
}

/// What a group answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RespondAsk {
    /// Only this group; all of this node's if left out by who plans the event.
    #[schema(max_length = 64, example = "kyoto")]
    group: Option<String>,
    /// Accept whatever the engine finds.
    #[serde(default)]
    accept: bool,
    /// Reject, and say why.
    #[schema(min_length = 1, max_length = 500, example = "the hall is closed")]
    reject: Option<String>,
}

/// What a group takes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettleAsk {
    /// Only for this group; for all of this node's if left out by who plans the event.
    #[schema(max_length = 64, example = "berlin")]
    group: Option<String>,
    /// The offered part that the group takes, as `block/ID` or `seat/ID`; none if left out.
    #[schema(max_length = 200, example = "seat/kyoto.mc.48")]
    take: Option<String>,
}

async fn asked(
    state: &Shared,
    caller: &Caller,
    sight: &Sight,
    step: Step,
) -> Result<Response, Problem> {
    let order = Order {
        ask: Ask::Step {
            space: sight.row.id.clone(),
            step,
        },
        problem: None,
        plan: None,
    };
    queue(state, caller, &sight.row.event, &order, None).await
}

/// Have a plan made from what was offered, and proposed
///
/// As the coordinator. What groups said to the plan before is in it. The job's result has the proposal's number, its score
/// and what nobody serves yet.
#[utoipa::path(post, path = "/exchange/spaces/{space}/propose", tag = "exchange", params(("space" = String, Path)), request_body = ProposeAsk,
    responses((status = 202, body = Job, headers(("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn propose(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Body(ask): Body<ProposeAsk>,
) -> Result<Response, Problem> {
    let sight = seen(&state, &caller, &space).await?.planned(&caller)?;
    let effort = ask.effort.unwrap_or(3);
    if !(1..=9).contains(&effort) {
        let remedy = "give 1 to 9";
        return Err(Problem::of_field("effort", "it is out of range", remedy));
    }
    sight.coordinator()?;
    sight.brief()?;
    asked(&state, &caller, &sight, Step::Propose { effort }).await
}

/// Have the newest proposal looked at, and answer it
///
/// With one's own people and the real engine; shifts that nobody serves yet are offered. A leader has the last word with
/// `accept` or `reject`.
#[utoipa::path(post, path = "/exchange/spaces/{space}/respond", tag = "exchange", params(("space" = String, Path)), request_body = RespondAsk,
    responses((status = 202, body = Job, headers(("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn respond(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Body(ask): Body<RespondAsk>,
) -> Result<Response, Problem> {
    let seen = seen(&state, &caller, &space).await?;
    any_no_longer_than("group", ask.group.as_ref(), ID)?;
    any_no_longer_than("reject", ask.reject.as_ref(), REASON)?;
    let (sight, group) = seen.spoken_for(&caller, ask.group.as_deref())?;
    let word = match (ask.accept, ask.reject) {
        (true, Some(_)) => {
            let what = "it is said beside `accept`";
            return Err(Problem::of_field("reject", what, "say one of the two"));
        }
        (true, None) => Some(Word::Accept),
        (false, why) => why.map(Word::Reject),
    };
    if word.is_some() && group.is_none() {
        let remedy = "say which group accepts or rejects";
        return Err(Problem::of_field("group", "it is left out", remedy));
    }
    sight.proposal()?;
    let group = group.map(|group| group.to_string());
    asked(&state, &caller, &sight, Step::Respond { group, word }).await
}

/// Have people put on duty, and say who
///
/// In the parts of the plan in force that this node's groups hold.
#[utoipa::path(post, path = "/exchange/spaces/{space}/staff", tag = "exchange", params(("space" = String, Path)),
    responses((status = 202, body = Job, headers(("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn staff(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
) -> Result<Response, Problem> {
    let sight = seen(&state, &caller, &space).await?.planned(&caller)?;
    sight.published()?;
    asked(&state, &caller, &sight, Step::Staff {}).await
}

/// Take what was offered, and hand over what others took
///
/// A part is taken only if the group's people can serve it beside what they serve already.
#[utoipa::path(post, path = "/exchange/spaces/{space}/settle", tag = "exchange", params(("space" = String, Path)), request_body = SettleAsk,
    responses((status = 202, body = Job, headers(("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn settle(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Body(ask): Body<SettleAsk>,
) -> Result<Response, Problem> {
    let seen = seen(&state, &caller, &space).await?;
    any_no_longer_than("group", ask.group.as_ref(), ID)?;
    any_no_longer_than("take", ask.take.as_ref(), PART)?;
    let (sight, group) = seen.spoken_for(&caller, ask.group.as_deref())?;
    if ask.take.is_some() && group.is_none() {
        let remedy = "say which group takes it";
        return Err(Problem::of_field("group", "it is left out", remedy));
    }
    sight.published()?;
    let (group, take) = (group.map(|group| group.to_string()), ask.take);
    asked(&state, &caller, &sight, Step::Settle { group, take }).await
}

/// Have the plan in force checked
///
/// As every node sees it, and this node's people in it as only this node can.
#[utoipa::path(post, path = "/exchange/spaces/{space}/check", tag = "exchange", params(("space" = String, Path)),
    responses((status = 202, body = Job, headers(("Location" = String))), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn check(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
) -> Result<Response, Problem> {
    let sight = seen(&state, &caller, &space).await?.planned(&caller)?;
    sight.published()?;
    asked(&state, &caller, &sight, Step::Check {}).await
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(propose))
        .routes(routes!(respond))
        .routes(routes!(staff))
        .routes(routes!(settle))
        .routes(routes!(check))
}
