//! The coordinator plans host blocks, talks and seats from what groups offer, and proposes that.

use std::collections::BTreeMap;

use meridian_federation::content::{CapacityOffer, Content, PlanRevision, TalkOffer};
use meridian_federation::{GroupId, RecordId};
use meridian_model::{GroupId as Handle, Score};

use super::{Desk, Sight, unfit};
use crate::exchange::shell::ExchangeError;
use crate::negotiation::{
    MemberOffers, Offers, Uncovered, allocate, answers_of, revision_of, stamp, uncovered,
};

/// A plan that was proposed.
#[derive(Debug)]
pub(crate) struct Proposed {
    /// What it was said as.
    pub(crate) record: Option<RecordId>,
    pub(crate) revision: PlanRevision,
    /// By the coordinator's problem, in which people are stand-ins for what groups offer.
    pub(crate) score: Score,
    pub(crate) cell_min: u32,
    /// What of it nobody serves yet: groups are asked for that.
    pub(crate) open: Vec<Uncovered>,
}

type Heard = BTreeMap<GroupId, (Option<CapacityOffer>, Vec<TalkOffer>)>;

impl Desk<'_> {
    /// Plans from what was offered, with what groups said to the plan before, and proposes it.
    ///
    /// # Errors
    /// [`ExchangeError`]; when nobody has offered anything yet.
    pub(crate) async fn propose(&self, sight: &Sight) -> Result<Proposed, ExchangeError> {
        let coordinator = sight.coordinator()?;
        let brief = sight.brief()?.clone();
        if brief.what.horizon.is_none() {
            return Err(unfit("the brief has no date yet: decide it first"));
        }
        let own = self.local(sight).await?;
        let heard = self.heard(sight, brief.record).await?;
        let previous = sight.state.proposals.last().map(|of| of.plan.clone());
        let (state, zones) = (sight.state.clone(), self.zones.clone());
        let (asked, before) = (brief.clone(), previous.clone());
        let allocated = tokio::task::spawn_blocking(move || {
            let offers = offers(&state, &heard);
            if offers.values().all(|of| of.capacity.is_none()) {
                return None;
            }
            Some(allocate(&asked.what, &offers, &own, before.as_ref()))
        });
        let problem = allocated.await?;
        let problem = problem.ok_or_else(|| unfit("no group has offered anything yet"))?;
        let (problem, plan) = self.solver.solve(problem).await?;
        let heard = self.heard(sight, brief.record).await?;
        let offers = offers(&sight.state, &heard);
        let number = previous.as_ref().map_or(1, |before| before.number + 1);
        let mut revision = revision_of(&problem, &plan, number, brief.record, previous.as_ref());
        stamp(&mut revision, &problem, &offers, &zones)
            .map_err(|error| unfit(format!("a zone that a group reckons with: {error}")))?;
        let open = uncovered(&problem.event, &revision);
        let said = Content::PlanRevision(revision.clone());
        let proposed = |records: &Vec<RecordId>| Proposed {
            record: records.first().copied(),
            revision: revision.clone(),
            score: plan.score,
            cell_min: problem.event.horizon.cell_min(),
            open: open.clone(),
        };
        let told = |records: &Vec<RecordId>| proposed(records).told();
        let records = self.say(sight, vec![(coordinator, said)], told).await?;
        Ok(proposed(&records))
    }

    /// What every member offered to the brief in force.
    async fn heard(&self, sight: &Sight, brief: RecordId) -> Result<Heard, ExchangeError> {
        let space = sight.id;
        let heard = self.exchange.look(move |node| {
            let views = node.views(&space)?.iter();
            let heard = views.map(|(group, view)| {
                let capacity = view.capacity.get(&brief);
                let capacity = capacity.map(|said| CapacityOffer::clone(&said.what));
                let talks = view.talks.values();
                let talks = talks.filter_map(|said| said.what.as_ref().clone());
                (*group, (capacity, talks.collect()))
            });
            Ok::<_, meridian_federation::Problem>(heard.collect())
        });
        Ok(heard.await??)
    }
}

/// What each member said, by what plans call it.
fn offers<'a>(state: &'a meridian_federation::SharedState, heard: &Heard) -> Offers<'a> {
    let mut answers = answers_of(state);
    let members = state.members.iter().map(|(group, member)| {
        let (capacity, talks) = heard.get(group).cloned().unwrap_or_default();
        let handle: Handle = member.handle.clone();
        let offered = MemberOffers {
            capacity,
            talks,
            answers: answers.remove(&handle).unwrap_or_default(),
        };
        (handle, offered)
    });
    members.collect()
}
