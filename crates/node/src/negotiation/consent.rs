//! Who is shown by name: whoever consents, and only as long as she does.

use std::collections::BTreeMap;

use meridian_federation::GroupId;
use meridian_federation::content::{Content, Part};
use meridian_federation::fold::{Roster, SharedState};
use meridian_model::{OperatorId, Problem};

use super::pseudonyms::Pseudonyms;

/// The names that a node's people consent to be shown by, by their pseudonyms.
pub(crate) struct Consent(BTreeMap<OperatorId, String>);

impl Consent {
    /// As its people say now.
    pub(crate) fn of(local: &Problem, pseudonyms: &Pseudonyms) -> Self {
        let people = local.operators.iter();
        let named =
            people.filter_map(|of| Some((pseudonyms.operator(&of.id), of.shown_as.clone()?)));
        Self(named.collect())
    }

    /// The name that a pseudonym is shown by.
    pub(crate) fn name(&self, pseudonym: &OperatorId) -> Option<String> {
        self.0.get(pseudonym).cloned()
    }

    /// Where a group said other names of its people than they consent to now, and what it says there instead; also in
    /// parts that went to others since.
    pub(crate) fn corrections(&self, state: &SharedState, group: &GroupId) -> Vec<(Part, Content)> {
        let said = state.rosters.iter();
        let own = said.filter(|of| {
            let history = state.custody.get(&of.part).map(|of| &of.history);
            history.is_some_and(|history| history.contains(&(of.epoch, *group)))
        });
        own.flat_map(|roster| self.corrected(roster)).collect()
    }

    fn corrected(&self, said: &Roster) -> Vec<(Part, Content)> {
        let mut anew = Vec::new();
        if let Some(before) = &said.roster {
            let mut roster = before.clone();
            for of in &mut roster.people {
                of.name = self.name(&of.person);
            }
            if roster != *before {
                anew.push(Content::RosterPublish(roster));
            }
        }
        for before in said.overrides.values() {
            let mut change = before.clone();
            change.name = change.instead.as_ref().and_then(|who| self.name(who));
            if change != *before {
                anew.push(Content::RosterOverride(change));
            }
        }
        let part = |content| (said.part.clone(), content);
        anew.into_iter().map(part).collect()
    }
}
