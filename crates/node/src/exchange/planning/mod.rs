//! An event across nodes, step by step: what a group's leader or the coordinator does next, from what this node knows.
//!
//! Every step reads the shared state, makes what is to be said with `negotiation` and the solver, and says it. Steps
//! may be repeated: what was said already is not said again.

mod answers;
mod briefs;
mod bundles;
mod doubts;
mod joining;
mod offers;
mod proposal;
mod publication;
mod shared;
mod spaces;
mod steps;
mod swaps;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::content::{Content, EventBrief};
use meridian_federation::fold::{InForce, Proposal, Published};
use meridian_federation::{GroupId, RecordId, SharedState, SpaceId};
use meridian_model::{GroupId as Handle, Problem, ZoneSet};
use serde_json::Value;

pub(crate) use answers::{Reply, Word};
pub(crate) use briefs::NextBrief;
pub(crate) use bundles::{Taken, label};
pub(crate) use doubts::Doubt;
pub(crate) use offers::Said;
pub(crate) use spaces::NewSpace;
pub(crate) use steps::Step;
pub(crate) use swaps::Swap;
pub(crate) use told::{Joined, Offered, Opened, SpaceSight, replied, settled, staffed};

use super::shell::{Exchange, ExchangeError, Last};
use super::solving::Solver;
use crate::assembler::assemble;
use crate::negotiation::Pseudonyms;
use crate::store::{JobRow, SpaceRow, StoreError};

/// Where an event across nodes is worked on.
pub(crate) struct Desk<'a> {
    pub(crate) exchange: &'a Exchange,
    pub(crate) zones: &'a ZoneSet,
    pub(crate) solver: Solver,
    /// The job that a step is done for, which ends with what is said: so nothing is said twice.
    pub(crate) job: Option<&'a JobRow>,
}

/// A space as this node sees it now.
pub(crate) struct Sight {
    pub(crate) row: SpaceRow,
    pub(crate) id: SpaceId,
    pub(crate) state: SharedState,
    /// The members that this node signs for, by what plans call them.
    pub(crate) own: BTreeMap<Handle, GroupId>,
}

/// Something that people can mend.
pub(super) fn unfit(why: impl Into<String>) -> ExchangeError {
    ExchangeError::Unfit(why.into())
}

impl Sight {
    /// The same for one who speaks for these groups only.
    pub(crate) fn only(mut self, groups: &BTreeSet<Handle>) -> Self {
        self.own.retain(|handle, _| groups.contains(handle));
        self
    }

    /// The brief in force.
    ///
    /// # Errors
    /// When there is none yet.
    pub(crate) fn brief(&self) -> Result<&InForce<EventBrief>, ExchangeError> {
        let brief = self.state.brief.as_ref();
        brief.ok_or_else(|| {
            unfit("there is no brief yet: its coordinator has not written one, or it is still on its way")
        })
    }

    /// The newest plan that was proposed.
    ///
    /// # Errors
    /// When there is none yet.
    pub(crate) fn proposal(&self) -> Result<&Proposal, ExchangeError> {
        let newest = self.state.proposals.last();
        newest.ok_or_else(|| unfit("no plan was proposed yet"))
    }

    /// The plan in force.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn published(&self) -> Result<&Published, ExchangeError> {
        let published = self.state.published.as_ref();
        published.ok_or_else(|| unfit("no plan is in force"))
    }

    /// The coordinator, when this node signs for it.
    ///
    /// # Errors
    /// When it does not.
    pub(crate) fn coordinator(&self) -> Result<GroupId, ExchangeError> {
        let charter = self.state.charter.as_ref();
        let charter = charter.ok_or_else(|| unfit("the space has no charter yet"))?;
        let coordinator = charter.what.coordinator;
        if self.own.values().any(|own| *own == coordinator) {
            return Ok(coordinator);
        }
        let member = self.state.members.get(&coordinator);
        let name = member.map_or_else(String::new, |member| format!(", {}", member.handle));
        Err(unfit(format!(
            "only the space's coordinator{name} does this, at its own node"
        )))
    }

    /// The group of this node that plans call so.
    ///
    /// # Errors
    /// When this node does not sign for a member of that handle.
    pub(crate) fn own_group(&self, handle: &str) -> Result<(Handle, GroupId), ExchangeError> {
        let handle = Handle::new(handle);
        match self.own.get(&handle) {
            Some(group) => Ok((handle, *group)),
            None => Err(unfit(format!(
                "this node signs for no member {handle} of the space"
            ))),
        }
    }

    /// The member that plans call so.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn member(&self, handle: &str) -> Result<GroupId, ExchangeError> {
        let mut members = self.state.members.iter();
        let found = members.find(|(_, member)| member.handle.as_str() == handle);
        let found = found.map(|(group, _)| *group);
        found.ok_or_else(|| unfit(format!("the space has no member {handle}")))
    }

    /// What this node's people are called there.
    ///
    /// # Errors
    /// When what the store has is damaged.
    pub(crate) fn pseudonyms(&self) -> Result<Pseudonyms, ExchangeError> {
        use base64::Engine;
        let salt = base64::prelude::BASE64_STANDARD.decode(&self.row.salt);
        let salt: Option<[u8; 32]> = salt.ok().and_then(|salt| salt.try_into().ok());
        let salt = salt.ok_or_else(|| anyhow::anyhow!("the salt of a space is damaged"))?;
        Ok(Pseudonyms::new(salt))
    }
}

impl Desk<'_> {
    /// A space, by its name or the beginning of its id.
    ///
    /// # Errors
    /// [`ExchangeError`]; when there is none of that name, or more than one.
    pub(crate) async fn space(&self, name: &str) -> Result<Sight, ExchangeError> {
        let rows = self.exchange.store().spaces().await?;
        self.sight(named(rows, name)?).await
    }

    /// A space that is followed, as this node sees it now.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn sight(&self, row: SpaceRow) -> Result<Sight, ExchangeError> {
        let id: SpaceId = row.id.parse()?;
        let state = self.exchange.look(move |node| node.state(&id).cloned());
        let state = state.await??;
        let mut own = BTreeMap::new();
        for identity in self.exchange.store().identities().await? {
            let group: GroupId = identity.group_id.parse()?;
            if let Some(member) = state.members.get(&group) {
                own.insert(member.handle.clone(), group);
            }
        }
        Ok(Sight {
            row,
            id,
            state,
            own,
        })
    }

    /// Says things for this node's groups; a job ends with them, and with what they come to.
    async fn say(
        &self,
        sight: &Sight,
        sayings: Vec<(GroupId, Content)>,
        answer: impl Fn(&Vec<RecordId>) -> Value + Send + Sync,
    ) -> Result<Vec<RecordId>, ExchangeError> {
        let last = self.job.map(|job| Last {
            job,
            answer: &answer,
        });
        self.exchange.say_at_last(sight.id, sayings, last).await
    }

    /// What this node's own people gave for the event of a space.
    ///
    /// # Errors
    /// When it is not whole; all that is wrong with it.
    pub(crate) async fn local(&self, sight: &Sight) -> Result<Problem, ExchangeError> {
        let event = &sight.row.event;
        let made = assemble(self.exchange.store(), event, self.zones).await;
        Ok(made.map_err(not_whole(event))?.0)
    }
}

/// The one space of these that is called so, or whose id begins so.
///
/// # Errors
/// When there is none, or more than one.
pub(crate) fn named(
    rows: impl IntoIterator<Item = SpaceRow>,
    name: &str,
) -> Result<SpaceRow, ExchangeError> {
    let fits = |row: &SpaceRow| row.name == name || row.id.starts_with(name);
    let mut fitting = rows.into_iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(row), None) => Ok(row),
        (None, _) => Err(ExchangeError::Unknown(format!(
            "no space {name} is followed here: see the list of spaces"
        ))),
        (Some(_), Some(_)) => Err(unfit(format!(
            "more than one space is called {name}: give the beginning of its id"
        ))),
    }
}

/// What is said when there is no local event of that name.
pub(super) fn no_event(event: &str) -> ExchangeError {
    unfit(format!(
        "there is no event {event} here: make one, with this node's groups and their people"
    ))
}

/// What is said when a local event is not whole.
pub(super) fn not_whole(event: &str) -> impl Fn(crate::assembler::AssembleError) -> ExchangeError {
    use crate::assembler::AssembleError;
    move |error| match error {
        AssembleError::Faults(faults) => unfit(format!("the event {event} here: {faults}")),
        AssembleError::Store(StoreError::Missing) => no_event(event),
        AssembleError::Store(error) => error.into(),
        AssembleError::Row(error) => error.into(),
    }
}
