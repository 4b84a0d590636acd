//! A group's part of a plan: its blocks, its sessions, the shifts of its people.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State as FromState;
use meridian_model::{GroupId, OperatorId, Plan, ShiftId, Span};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::live::{Parsed, parsed, stand_ins, with_stand_ins};
use super::plans::visible;
use crate::server::caller::{Caller, Role};
use crate::server::extract::Path;
use crate::server::problem::Problem;
use crate::server::state::Shared;

/// A group's part of a plan. Times are instants in UTC.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Slice {
    /// The plan.
    pub(crate) plan: String,
    /// The plan's state.
    pub(crate) state: String,
    /// The group.
    pub(crate) group: String,
    /// When it hosts.
    pub(crate) blocks: Vec<SliceBlock>,
    /// What is on then, and its own sessions elsewhere.
    pub(crate) sessions: Vec<SliceSession>,
    /// When its people are on duty; for an operator, only her own.
    pub(crate) shifts: Vec<SliceShift>,
}

/// When a group hosts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SliceBlock {
    /// Identifier, stable while the group keeps it.
    pub(crate) id: String,
    /// The track.
    pub(crate) track: String,
    /// The language it is held in.
    pub(crate) language: String,
    /// From.
    pub(crate) start: String,
    /// Until.
    pub(crate) end: String,
}

/// A session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SliceSession {
    /// The session.
    pub(crate) session: String,
    /// What it is called.
    pub(crate) title: String,
    /// The track.
    pub(crate) track: String,
    /// From.
    pub(crate) start: String,
    /// Until.
    pub(crate) end: String,
}

/// A shift.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct SliceShift {
    /// Identifier, stable while the person keeps it.
    pub(crate) id: String,
    /// Who is on duty.
    pub(crate) operator: String,
    /// The duty.
    pub(crate) duty: String,
    /// What it is called.
    pub(crate) role: String,
    /// From.
    pub(crate) start: String,
    /// Until.
    pub(crate) end: String,
    /// Minutes on duty before that, to take over.
    pub(crate) handover_min: u32,
    /// Whose shift it was in the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instead_of: Option<String>,
}

/// The groups that something of a plan is about.
pub(super) fn stakeholders(parsed: &Parsed) -> BTreeSet<String> {
    let Parsed { problem, plan } = parsed;
    let of_operator: BTreeMap<&OperatorId, &GroupId> = problem
        .operators
        .iter()
        .map(|o| (&o.id, &o.group))
        .collect();
    let hosts = plan.blocks.iter().map(|block| &block.group);
    let people = plan.shifts.iter();
    let people = people.filter_map(|shift| of_operator.get(&shift.operator).copied());
    hosts.chain(people).map(ToString::to_string).collect()
}

/// What the event of a plan is called, and when it is.
pub(crate) async fn title_and_span(state: &Shared, plan: &str) -> Result<(String, Span), Problem> {
    let parsed = parsed(state, plan).await?;
    let event = &parsed.problem.event;
    Ok((event.title.clone(), event.horizon.span()))
}

/// A group's part of a plan, as the caller may see it: leaders all of it, operators their own shifts.
pub(crate) async fn slice_of(
    state: &Shared,
    caller: &Caller,
    event: &str,
    plan: &str,
    group: &str,
) -> Result<Slice, Problem> {
    let row = visible(state, caller, event, plan).await?;
    if !caller.is(Role::Operator, event, Some(group)) {
        return Err(Problem::missing("check the address"));
    }
    let parsed = parsed(state, plan).await?;
    let known = parsed.problem.groups.iter().any(|g| g.id.as_str() == group);
    if !known {
        return Err(Problem::missing("this group is not in the plan"));
    }
    let stand_ins = stand_ins(&state.store.overrides(plan).await?);
    let mut slice = slice(&parsed, &stand_ins, group);
    if !caller.is(Role::Leader, event, Some(group)) {
        let hers = |operator: &str| caller.is_operator(event, Some(group), operator);
        slice.shifts.retain(|shift| hers(&shift.operator));
        for shift in &mut slice.shifts {
            shift.instead_of = None;
        }
    }
    slice.plan = row.id;
    slice.state = row.state;
    Ok(slice)
}

fn slice(parsed: &Parsed, stand_ins: &BTreeMap<ShiftId, Option<OperatorId>>, group: &str) -> Slice {
    let plan = &parsed.plan;
    let held: Vec<_> = plan
        .blocks
        .iter()
        .filter(|block| block.group.as_str() == group)
        .collect();
    let blocks = held.iter().map(|block| SliceBlock {
        id: block.id.to_string(),
        track: block.track.to_string(),
        language: block.language.to_string(),
        start: from(block.span),
        end: until(block.span),
    });
    let blocks = blocks.collect();
    let own = |session: &meridian_model::PlacedSession| {
        let in_block = |block: &&meridian_model::HostBlock| {
            block.track == session.track && block.span.contains(&session.span)
        };
        let mut all = parsed.problem.sessions.iter();
        let told = all.find(|told| told.id == session.session)?;
        let hers = told.group.as_ref().is_some_and(|g| g.as_str() == group);
        (hers || held.iter().any(in_block)).then(|| SliceSession {
            session: session.session.to_string(),
            title: told.title.clone(),
            track: session.track.to_string(),
            start: from(session.span),
            end: until(session.span),
        })
    };
    Slice {
        plan: String::new(),
        state: String::new(),
        group: group.to_owned(),
        blocks,
        sessions: plan.sessions.iter().filter_map(own).collect(),
        shifts: shifts(parsed, stand_ins, group),
    }
}

fn shifts(
    parsed: &Parsed,
    stand_ins: &BTreeMap<ShiftId, Option<OperatorId>>,
    group: &str,
) -> Vec<SliceShift> {
    let problem = &parsed.problem;
    let members: BTreeSet<&OperatorId> = problem
        .operators
        .iter()
        .filter(|operator| operator.group.as_str() == group)
        .map(|operator| &operator.id)
        .collect();
    let today: Plan = with_stand_ins(&parsed.plan, stand_ins);
    let planned: BTreeMap<&ShiftId, &OperatorId> = parsed
        .plan
        .shifts
        .iter()
        .map(|shift| (&shift.id, &shift.operator))
        .collect();
    let told = |shift: &meridian_model::Shift| {
        let duty = problem.event.duties.iter().find(|d| d.id == shift.duty);
        let role = duty.map(|duty| &duty.role);
        let mut roles = problem.event.roles.iter();
        let name = role.and_then(|role| roles.find(|known| known.id == *role));
        let planned = planned
            .get(&shift.id)
            .filter(|was| **was != &shift.operator);
        SliceShift {
            id: shift.id.to_string(),
            operator: shift.operator.to_string(),
            duty: shift.duty.to_string(),
            role: name.map_or_else(String::new, |role| role.name.clone()),
            start: from(shift.span),
            end: until(shift.span),
            handover_min: shift.handover_min,
            instead_of: planned.map(ToString::to_string),
        }
    };
    let mut shifts = today.shifts;
    shifts.retain(|shift| members.contains(&shift.operator));
    shifts.sort_by_key(|shift| (shift.span.start(), shift.operator.clone()));
    shifts.iter().map(told).collect()
}

fn from(span: Span) -> String {
    span.start().to_string()
}

fn until(span: Span) -> String {
    span.end().to_string()
}

/// Read a group's slice of a plan
///
/// Leaders see all of it, operators their own shifts.
#[utoipa::path(get, path = "/events/{event}/plans/{id}/slices/{group}", tag = "plans", params(("event" = String, Path), ("id" = String, Path), ("group" = String, Path)),
    responses((status = 200, body = Slice), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id, group)): Path<(String, String, String)>,
) -> Result<Json<Slice>, Problem> {
    let slice = slice_of(&state, &caller, &event, &id, &group).await?;
    Ok(Json(slice))
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(read))
}
