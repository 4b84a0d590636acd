//! Events across nodes over HTTP: what the command line does with `meridian node group|peer|space|…`, for leaders and bots.
//!
//! [`access`] says who may do what in a space; steps themselves are in `exchange::planning`, for both sides. Steps that look
//! for people are jobs of the local event.

mod access;
mod bundles;
mod doubts;
mod groups;
mod opening;
mod peers;
mod refusal;
mod spaces;
mod steps;
mod swaps;
mod working;

use utoipa_axum::router::OpenApiRouter;

use super::caller::{Caller, Role};
use super::problem::Problem;
use super::state::Shared;
use crate::exchange::planning::Desk;

/// All routes of it.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    groups::routes()
        .merge(peers::routes())
        .merge(opening::routes())
        .merge(spaces::routes())
        .merge(steps::routes())
        .merge(swaps::routes())
        .merge(working::routes())
        .merge(bundles::routes())
        .merge(doubts::routes())
}

/// Where a request works; nothing that looks for people is done here.
fn desk(state: &Shared) -> Desk<'_> {
    Desk {
        exchange: &state.exchange,
        zones: &state.zones,
        solver: state.solver.clone(),
        job: None,
    }
}

/// Refuses who does not run the node, and a token without the scope for that.
fn runs_the_node(caller: &Caller) -> Result<(), Problem> {
    if !caller.account.admin {
        return Err(Problem::not_yours("only who runs the node does this"));
    }
    caller.scope("admin")
}

/// Refuses who does not plan the event; for who does not belong to it there is no such event.
fn plans(caller: &Caller, event: &str) -> Result<(), Problem> {
    caller.enter(event)?;
    if caller.is(Role::Scheduler, event, None) {
        return caller.scope("plan");
    }
    Err(Problem::not_yours("only those who plan the event do this"))
}

/// Refuses who plans no event here.
fn plans_something(caller: &Caller) -> Result<(), Problem> {
    let mut seats = caller.account.memberships.iter();
    if caller.account.admin || seats.any(|seat| seat.role == "scheduler") {
        return Ok(());
    }
    Err(Problem::not_yours("only those who plan an event do this"))
}

/// Refuses a text that is longer than it may be, in characters.
fn no_longer_than(field: &str, text: &str, most: usize) -> Result<(), Problem> {
    if text.chars().count() <= most {
        return Ok(());
    }
    let remedy = format!("use at most {most} characters");
    Err(Problem::of_field(field, "it is too long", &remedy))
}

/// The same of a text that may be left out.
fn any_no_longer_than(field: &str, text: Option<&String>, most: usize) -> Result<(), Problem> {
    text.map_or(Ok(()), |text| no_longer_than(field, text, most))
}
