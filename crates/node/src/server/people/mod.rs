//! Who may come in, and as what: invites, seats and tokens.

mod invites;
mod privacy;
mod seats;
mod tokens;

pub(crate) use privacy::erase_in_time;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use super::caller::{Caller, Role};
use super::problem::Problem;
use super::state::Shared;
use crate::store::StoreError;

/// What someone is in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Office {
    /// Runs the node.
    Admin,
    /// Plans the event.
    Scheduler,
    /// Leads a group.
    Leader,
    /// Is an operator, and may take her group over.
    Deputy,
    /// Serves.
    Operator,
}

impl Office {
    /// Its name in the store.
    fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Scheduler => "scheduler",
            Self::Leader => "leader",
            Self::Deputy => "deputy",
            Self::Operator => "operator",
        }
    }

    /// Whether it is one of a group.
    fn of_group(self) -> bool {
        matches!(self, Self::Leader | Self::Deputy | Self::Operator)
    }
}

/// An office in an event, and for whom: what an invite or a seat is about.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    event: &'a str,
    office: Office,
    group: Option<&'a str>,
    operator: Option<&'a str>,
}

impl Place<'_> {
    /// Refuses who may not give this office away, and an office that is not whole.
    async fn check(&self, state: &Shared, caller: &Caller) -> Result<(), Problem> {
        caller.enter(self.event)?;
        state.store.event(self.event).await?;
        let may = match (self.office, self.group) {
            (Office::Admin, _) => false,
            (Office::Scheduler, _) => caller.is(Role::Scheduler, self.event, None),
            (_, group) => caller.is(Role::Leader, self.event, group),
        };
        if !may {
            return Err(Problem::not_yours(
                "only a group's leaders, and those who plan the event, give its seats away",
            ));
        }
        let field = |field, what, remedy| Err(Problem::of_field(field, what, remedy));
        match (self.office.of_group(), self.group) {
            (true, None) => return field("group", "it is missing", "name the group"),
            (false, Some(_)) => {
                return field("group", "there is none in this role", "leave it out");
            }
            _ => {}
        }
        match (self.office, self.operator) {
            (Office::Operator, None) => {
                return field("operator", "it is missing", "name the operator she is");
            }
            (Office::Scheduler, Some(_)) => {
                return field("operator", "there is none in this role", "leave it out");
            }
            _ => {}
        }
        if let Some(group) = self.group {
            there(state, self.event, "group", group).await?;
        }
        if let Some(operator) = self.operator {
            let whose = there(state, self.event, "operator", operator).await?;
            // Nobody becomes an operator of another group by being invited as one.
            if whose.as_deref() != self.group {
                return field(
                    "operator",
                    "there is no such operator in the group",
                    "make her first",
                );
            }
        }
        Ok(())
    }
}

/// Whose a thing is that must be there.
async fn there(
    state: &Shared,
    event: &str,
    kind: &'static str,
    id: &str,
) -> Result<Option<String>, Problem> {
    match state.store.record(event, kind, id).await {
        Ok(record) => Ok(record.group_id),
        Err(StoreError::Missing) => Err(Problem::of_field(
            kind,
            "there is no such thing in the event",
            "make it first",
        )),
        Err(error) => Err(error.into()),
    }
}

/// A name that people read: not empty, not long, one line.
pub(super) fn readable(field: &str, name: &str) -> Result<(), Problem> {
    let fits = !name.trim().is_empty() && name.chars().count() <= 200;
    if fits && !name.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(Problem::of_field(
            field,
            "it is no name",
            "use 1 to 200 characters in one line",
        ))
    }
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    invites::routes()
        .merge(seats::routes())
        .merge(tokens::routes())
        .merge(privacy::routes())
}
