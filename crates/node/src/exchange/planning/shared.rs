//! What everybody sees of the plan in force: who is on duty, said by each custodian, and judged by the checker at every
//! node alike.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::content::{Content, OnDuty, Part, RosterPublish};
use meridian_federation::{GroupId, StateDigest};
use meridian_model::check::check;
use meridian_model::{GroupId as Handle, OperatorId, Plan, Problem, Report};

use super::told::staffed;
use super::{Desk, Sight, unfit};
use crate::exchange::shell::ExchangeError;
use crate::negotiation::{
    Consent, beside_said, held, own_plan, roster_problem, rosters_of, shared_plan,
};

/// What a node makes of the shared plan.
#[derive(Debug)]
pub(crate) struct Checked {
    /// Equal at all nodes that have the same records.
    pub(crate) digest: StateDigest,
    pub(crate) release: u64,
    pub(crate) report: Report,
    pub(crate) problem: Problem,
    pub(crate) plan: Plan,
    /// Groups of this node whose published roster its own people could not serve, and why.
    pub(crate) amiss: Vec<String>,
}

impl Desk<'_> {
    /// Says who is on duty in the parts that this node's groups hold, and mends what they said where other names are
    /// consented to now; in how many parts something was said.
    ///
    /// # Errors
    /// [`ExchangeError`]; when no plan is in force.
    pub(crate) async fn staff(&self, sight: &Sight) -> Result<usize, ExchangeError> {
        let plan = held(&sight.state).ok_or_else(|| unfit("no plan is in force"))?;
        let local = self.local(sight).await?;
        let pseudonyms = sight.pseudonyms()?;
        let consent = Consent::of(&local, &pseudonyms);
        let mut sayings = Vec::new();
        for (handle, group) in &sight.own {
            let corrections = consent.corrections(&sight.state, group);
            sayings.extend(corrections.into_iter().map(|said| (*group, said)));
            let unsaid = |part: &Part| {
                let custody = sight.state.custody.get(part)?;
                let mut rosters = sight.state.rosters.iter();
                let said = rosters
                    .any(|of| of.part == *part && of.epoch == custody.epoch && of.roster.is_some());
                (custody.custodian == *group && !said).then_some(custody)
            };
            let mut parts = sight.state.custody.keys();
            if !parts.any(|part| unsaid(part).is_some()) {
                continue;
            }
            let said = on_duty(sight, group);
            let (problem, said) = self.own_roster(sight, (handle, &said), &local)?;
            let (_, roster) = self.solver.roster(beside_said(problem, &said)).await?;
            for (part, people) in rosters_of(&roster, &plan, handle, &pseudonyms, &consent) {
                if let Some(custody) = unsaid(&part) {
                    let said = RosterPublish {
                        part: part.clone(),
                        stands: custody.stands,
                        epoch: custody.epoch,
                        people,
                    };
                    sayings.push((*group, (part, Content::RosterPublish(said))));
                }
            }
        }
        let parts: BTreeSet<&Part> = sayings.iter().map(|(_, (part, _))| part).collect();
        let parts = parts.len();
        if parts > 0 {
            let sayings = sayings.into_iter();
            let sayings = sayings.map(|(group, (_, said))| (group, said)).collect();
            self.say(sight, sayings, |_| staffed(parts)).await?;
        }
        Ok(parts)
    }

    /// Judges the plan in force as everybody sees it, and this node's own people in it as only this node can.
    ///
    /// # Errors
    /// [`ExchangeError`]; when no plan is in force.
    pub(crate) async fn check(&self, sight: &Sight) -> Result<Checked, ExchangeError> {
        let release = sight.published()?.release;
        let (problem, plan) = sight.shared_plan()?;
        let report = check(&problem, &plan);
        let space = sight.id;
        let refolded = self.exchange.look(move |node| {
            let folded = node.full_fold(&space)?.digest();
            Ok::<_, meridian_federation::Problem>((node.state(&space)?.digest(), folded))
        });
        let (digest, again) = refolded.await??;
        let mut amiss = self.own_rosters(sight).await?;
        if digest != again {
            amiss.push("what this node keeps is not what its records come to".to_owned());
        }
        Ok(Checked {
            digest,
            release,
            report,
            problem,
            plan,
            amiss,
        })
    }

    /// Holds what this node's groups said about duty against their own people: hers, awake, skilled, free.
    async fn own_rosters(&self, sight: &Sight) -> Result<Vec<String>, ExchangeError> {
        let local = self.local(sight).await?;
        let consent = Consent::of(&local, &sight.pseudonyms()?);
        let mut amiss = Vec::new();
        for (handle, group) in &sight.own {
            if !consent.corrections(&sight.state, group).is_empty() {
                amiss.push(format!(
                    "{handle}: people are shown otherwise than they consent to now: say again who is on duty"
                ));
            }
            let said = on_duty(sight, group);
            let (problem, plan) = self.own_roster(sight, (handle, &said), &local)?;
            let report = check(&problem, &plan);
            let broken = report.matches.iter();
            let broken = broken.filter(|found| found.rule.level() == meridian_model::Level::Hard);
            amiss.extend(broken.map(|found| format!("{handle}: {} {}", found.rule, found.says)));
        }
        Ok(amiss)
    }

    /// What was said about who of a group is on duty, with its real people: a problem of theirs and a plan of it.
    pub(super) fn own_roster(
        &self,
        sight: &Sight,
        (handle, said): (&Handle, &BTreeMap<Part, Vec<OnDuty>>),
        local: &Problem,
    ) -> Result<(Problem, Plan), ExchangeError> {
        let revision = held(&sight.state).ok_or_else(|| unfit("no plan is in force"))?;
        let problem = roster_problem(&sight.brief()?.what, &revision, handle, local);
        let pseudonyms = sight.pseudonyms()?;
        let people: BTreeMap<OperatorId, OperatorId> = local
            .operators
            .iter()
            .map(|of| (pseudonyms.operator(&of.id), of.id.clone()))
            .collect();
        let plan = own_plan(&problem, &revision, said, &people);
        Ok((problem, plan))
    }
}

impl Sight {
    /// The plan in force as everybody sees it, with the problem that it answers.
    ///
    /// # Errors
    /// When no plan is in force, or it cannot be put together.
    pub(crate) fn shared_plan(&self) -> Result<(Problem, Plan), ExchangeError> {
        self.published()?;
        shared_plan(&self.state).ok_or_else(|| unfit("the plan in force cannot be put together"))
    }
}

/// Who is on duty now in the parts that a group holds: its rosters, with what changed since.
pub(super) fn on_duty(sight: &Sight, group: &GroupId) -> BTreeMap<Part, Vec<OnDuty>> {
    let mut found = BTreeMap::new();
    for (part, custody) in &sight.state.custody {
        if custody.custodian != *group {
            continue;
        }
        let mut rosters = sight.state.rosters.iter();
        let Some(said) = rosters.find(|of| of.part == *part && of.epoch == custody.epoch) else {
            continue;
        };
        let mut people = said
            .roster
            .as_ref()
            .map_or_else(Vec::new, |of| of.people.clone());
        people.retain_mut(|of| match said.overrides.get(&of.shift) {
            None => true,
            Some(change) => match &change.instead {
                None => false,
                Some(instead) => {
                    of.person.clone_from(instead);
                    of.name.clone_from(&change.name);
                    true
                }
            },
        });
        found.insert(part.clone(), people);
    }
    found
}
