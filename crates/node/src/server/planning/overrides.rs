//! Swaps and no-shows while the event runs. The published plan stays as it is.

use axum::Json;
use axum::extract::State as FromState;
use axum::http::StatusCode;
use meridian_model::{OperatorId, ShiftId};
use meridian_solver::{Standing, Taker, Wanted, takers};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::live::{Parsed, off_the_runtime, parsed, stand_ins, with_stand_ins};
use crate::server::body::Body;
use crate::server::caller::{Caller, Role};
use crate::server::extract::Path;
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::store::{NewOverride, OverrideRow};

/// A swap or a no-show.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverrideAsk {
    /// The shift, by its id in the published plan.
    #[schema(max_length = 200)]
    shift: String,
    /// Who stands in; nobody if left out: the duty is uncovered then.
    #[schema(max_length = 64)]
    operator: Option<String>,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 1000)]
    reason: String,
    /// Let her stand in although a rule speaks against it.
    #[serde(default)]
    anyway: bool,
}

/// A swap or a no-show, as it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Override {
    /// Identifier.
    id: String,
    /// The plan that it stands beside.
    plan: String,
    /// The shift.
    shift: String,
    /// The group whose shift it is.
    group: String,
    /// Who stands in; absent when nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    /// Why.
    reason: String,
    /// When it was said.
    created_at: String,
}

impl Override {
    fn of(row: OverrideRow) -> Self {
        Self {
            id: row.id,
            plan: row.plan,
            shift: row.shift,
            group: row.group_id,
            operator: Some(row.operator).filter(|id| !id.is_empty()),
            reason: row.reason,
            created_at: row.created_at,
        }
    }
}

/// All swaps and no-shows beside the published plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Overrides {
    /// The oldest first; of two about one shift, the later one counts.
    items: Vec<Override>,
}

async fn published(state: &Shared, event: &str) -> Result<String, Problem> {
    let current = state.store.event(event).await?.current_plan;
    current.ok_or_else(|| Problem::present("no plan of this event is published yet"))
}

/// List swaps and no-shows
///
/// Those of your groups, beside the published plan.
#[utoipa::path(get, path = "/events/{event}/overrides", tag = "live", params(("event" = String, Path)),
    responses((status = 200, body = Overrides), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
) -> Result<Json<Overrides>, Problem> {
    caller.enter(&event)?;
    let Some(plan) = state.store.event(&event).await?.current_plan else {
        return Ok(Json(Overrides { items: Vec::new() }));
    };
    let mut rows = state.store.overrides(&plan).await?;
    rows.retain(|row| caller.is(Role::Leader, &event, Some(&row.group_id)));
    Ok(Json(Overrides {
        items: rows.into_iter().map(Override::of).collect(),
    }))
}

/// Say who stands in, or that nobody comes
///
/// Leaders swap among their own people; those who plan the event also between groups. Who would break a rule is
/// refused, with the rule, unless you say that she stands in anyway.
#[utoipa::path(post, path = "/events/{event}/overrides", tag = "live", params(("event" = String, Path)), request_body = OverrideAsk,
    responses((status = 201, body = Override), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn add(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(event): Path<String>,
    Body(ask): Body<OverrideAsk>,
) -> Result<(StatusCode, Json<Override>), Problem> {
    caller.enter(&event)?;
    if ask.reason.chars().count() > 1000 {
        let remedy = "give at most 1000 letters";
        return Err(Problem::of_field("reason", "it is too long", remedy));
    }
    let plan = published(&state, &event).await?;
    let parsed = parsed(&state, &plan).await?;
    let group = whose(&parsed, &ask.shift)
        .filter(|group| caller.is(Role::Leader, &event, Some(group)))
        .ok_or_else(|| Problem::missing("the published plan has no such shift of your groups"))?;
    if let Some(operator) = &ask.operator {
        let theirs = group_of(&parsed, operator)
            .filter(|theirs| caller.is(Role::Leader, &event, Some(theirs)));
        if theirs.is_none() {
            let remedy =
                "give an operator of your group; those who plan the event swap between groups";
            return Err(Problem::of_field(
                "operator",
                "there is no such operator",
                remedy,
            ));
        }
        if !ask.anyway {
            let overrides = state.store.overrides(&plan).await?;
            let (shift, operator) = (ask.shift.clone(), operator.clone());
            off_the_runtime(move || may_take(&parsed, &overrides, &shift, &operator)).await??;
        }
    }
    let new = NewOverride {
        by: &caller.account.id,
        event: &event,
        plan: &plan,
        shift: &ask.shift,
        group: &group,
        operator: ask.operator.as_deref().unwrap_or_default(),
        reason: &ask.reason,
    };
    let mut write = state.store.write().await?;
    let row = write.add_override(&new).await?;
    write.commit().await?;
    Ok((StatusCode::CREATED, Json(Override::of(row))))
}

/// The group whose shift it is.
fn whose(parsed: &Parsed, shift: &str) -> Option<String> {
    let mut shifts = parsed.plan.shifts.iter();
    let shift = shifts.find(|known| known.id.as_str() == shift)?;
    group_of(parsed, shift.operator.as_str())
}

fn group_of(parsed: &Parsed, operator: &str) -> Option<String> {
    let mut operators = parsed.problem.operators.iter();
    let known = operators.find(|known| known.id.as_str() == operator)?;
    Some(known.group.to_string())
}

/// Whether she can take the shift at once, as today stands.
fn may_take(
    parsed: &Parsed,
    overrides: &[OverrideRow],
    shift: &str,
    operator: &str,
) -> Result<(), Problem> {
    let (shift, operator) = (ShiftId::new(shift), OperatorId::new(operator));
    let mut stand_ins = stand_ins(overrides);
    // Whoever has the shift today gives it up, so the one of the plan stands for all of them.
    stand_ins.remove(&shift);
    let today = with_stand_ins(&parsed.plan, &stand_ins);
    let holds = |held: &meridian_model::Shift| held.id == shift && held.operator == operator;
    if today.shifts.iter().any(holds) {
        return Ok(());
    }
    let found = Wanted::shift(&today, &shift)
        .map(|wanted| takers(&parsed.problem, &today, &wanted))
        .unwrap_or_default();
    let hers = found.into_iter().find(|taker| taker.operator == operator);
    let why = match hers.map(|taker: Taker| taker.stands) {
        Some(Standing::Now { .. }) => return Ok(()),
        Some(Standing::Swap { gives, .. }) => format!("she is on duty then, in {gives}"),
        Some(Standing::Barred { by }) => {
            let rules: Vec<String> = by
                .iter()
                .map(|m| format!("{:?}: {}", m.rule, m.says))
                .collect();
            crate::words::some_of(&rules)
        }
        None => "she does not know the role".to_owned(),
    };
    Err(Problem::of_field(
        "operator",
        &why,
        "choose someone else, or say `anyway`",
    ))
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, add))
}
