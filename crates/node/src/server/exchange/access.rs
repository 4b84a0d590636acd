//! Who may do what in a space: those who plan the local event all of it, leaders and deputies what is their groups'.

use std::collections::BTreeSet;

use meridian_model::GroupId as Handle;

use super::desk;
use crate::exchange::planning::{Sight, named};
use crate::server::caller::{Caller, Role};
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::store::SpaceRow;

/// A space, as someone sees it who may know of it.
pub(super) struct Seen {
    /// What this node knows of it; of its own groups, those that she speaks for.
    sight: Sight,
    /// Whether she plans the local event.
    plans: bool,
}

/// The space that someone names, if she may know of it; else there is none.
pub(super) async fn seen(state: &Shared, caller: &Caller, space: &str) -> Result<Seen, Problem> {
    let rows = spaces(state, caller).await?;
    let row = named(rows, space)?;
    let (event, sight) = (row.event.clone(), desk(state).sight(row).await?);
    if caller.is(Role::Scheduler, &event, None) {
        return Ok(Seen { sight, plans: true });
    }
    let own = sight.own.keys();
    let hers: BTreeSet<Handle> = own
        .filter(|group| leads(caller, &event, group.as_str()))
        .cloned()
        .collect();
    if hers.is_empty() {
        return Err(Problem::missing("check the address"));
    }
    let sight = sight.only(&hers);
    let plans = false;
    Ok(Seen { sight, plans })
}

/// The spaces that someone may know of.
pub(super) async fn spaces(state: &Shared, caller: &Caller) -> Result<Vec<SpaceRow>, Problem> {
    let mut rows = state.store.spaces().await?;
    rows.retain(|row| {
        let seats = caller.account.memberships.iter();
        let mut seats = seats.filter(|seat| seat.event == row.event);
        caller.account.admin || seats.any(|seat| seat.role != "operator")
    });
    Ok(rows)
}

fn leads(caller: &Caller, event: &str, group: &str) -> bool {
    caller.is(Role::Leader, event, Some(group)) || caller.sits(event, group, "deputy")
}

impl Seen {
    /// To be looked at.
    pub(super) fn looked_at(self) -> Sight {
        self.sight
    }

    /// To be looked at as only those do who plan the local event.
    pub(super) fn looked_at_whole(self) -> Result<Sight, Problem> {
        self.is_planned()?;
        Ok(self.sight)
    }

    /// For what someone does as whichever of this node's groups it concerns, of those that she speaks for.
    pub(super) fn acted_in(self, caller: &Caller) -> Result<Sight, Problem> {
        caller.scope("plan")?;
        Ok(self.sight)
    }

    /// Refuses who does not plan the local event.
    pub(super) fn is_planned(&self) -> Result<(), Problem> {
        if self.plans {
            return Ok(());
        }
        Err(Problem::not_yours("only those who plan the event do this"))
    }

    /// For what only those do who plan the local event.
    pub(super) fn planned(self, caller: &Caller) -> Result<Sight, Problem> {
        self.is_planned()?;
        caller.scope("plan")?;
        Ok(self.sight)
    }

    /// For what someone does for one of this node's groups, and which; who plans the event may leave it out for all.
    pub(super) fn spoken_for(
        self,
        caller: &Caller,
        group: Option<&str>,
    ) -> Result<(Sight, Option<Handle>), Problem> {
        caller.scope("plan")?;
        let mut own = self.sight.own.keys();
        let group = match (group, self.plans) {
            (None, true) => return Ok((self.sight, None)),
            (None, false) => match (own.next(), own.next()) {
                (Some(group), None) => group.clone(),
                _ => {
                    let remedy = "say for which of your groups you speak";
                    return Err(Problem::of_field("group", "it is left out", remedy));
                }
            },
            (Some(group), _) => {
                own.find(|own| own.as_str() == group)
                    .cloned()
                    .ok_or_else(|| {
                        Problem::missing(format!("you speak for no group {group} in this space"))
                    })?
            }
        };
        let sight = self.sight.only(&BTreeSet::from([group.clone()]));
        Ok((sight, Some(group)))
    }
}
