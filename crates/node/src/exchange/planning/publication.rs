//! A plan that every group in it has accepted is published, with their accepts as its certificate.

use meridian_federation::content::{Answer, Carried, Content, PlanCancel, PlanPublish, Subject};
use meridian_federation::{Node, RecordId, SpaceId};

use super::answers::answered;
use super::{Desk, Sight, unfit};
use crate::exchange::shell::ExchangeError;

impl Desk<'_> {
    /// Publishes the newest proposal; the publication's record.
    ///
    /// # Errors
    /// [`ExchangeError`]; when a group has not accepted yet, by name.
    pub(crate) async fn publish(&self, sight: &Sight) -> Result<RecordId, ExchangeError> {
        let coordinator = sight.coordinator()?;
        let proposal = sight.proposal()?.clone();
        let waiting: Vec<String> = proposal
            .slices
            .iter()
            .filter(|(_, slice)| {
                let answer = slice.answer.as_ref();
                answer.is_none_or(|answer| answer.what != Answer::Accept)
            })
            .filter_map(|(group, _)| Some(sight.state.members.get(group)?.handle.to_string()))
            .collect();
        if !waiting.is_empty() {
            return Err(unfit(format!(
                "not accepted by {}: wait for them, or propose again with what they ask for",
                crate::words::some_of(&waiting)
            )));
        }
        let in_force = sight.state.published.clone();
        if in_force
            .as_ref()
            .is_some_and(|of| of.revision == proposal.record)
        {
            return Err(unfit("the newest proposal is published already"));
        }
        let (space, subject) = (sight.id, Subject::Brief(proposal.plan.brief));
        let revision = proposal.record;
        let publish = self.exchange.look(move |node| {
            let answers = proposal.slices.keys();
            let answers = answers.filter_map(|group| answered(&proposal, group));
            let accepts = answers.filter_map(|record| carried(node, &space, &record));
            let accepts: Vec<Carried> = accepts.collect();
            let said = node.views(&space)?.values();
            let said = said.flat_map(|view| view.endorsements.values());
            let endorsed = said
                .filter(|said| said.what.subject == subject)
                .filter_map(|said| carried(node, &space, &said.record));
            Ok::<_, meridian_federation::Problem>(PlanPublish {
                revision,
                replaces: in_force.map(|of| of.record),
                accepts,
                endorsements: endorsed.collect(),
            })
        });
        let said = Content::PlanPublish(publish.await??);
        let records = self.exchange.say_all(sight.id, vec![(coordinator, said)]);
        let record = records.await?.first().copied();
        let record = record.ok_or_else(|| anyhow::anyhow!("a publication without a record"))?;
        self.in_force(sight.id, record).await?;
        Ok(record)
    }

    /// Makes sure that what was said took effect, or says why it did not.
    async fn in_force(&self, space: SpaceId, record: RecordId) -> Result<(), ExchangeError> {
        let looked = self.exchange.look(move |node| {
            let published = node.state(&space)?.published.as_ref();
            let took = published.is_some_and(|of| of.record == record);
            let why = node.verdicts(&space)?.get(&record).cloned();
            Ok::<_, meridian_federation::Problem>((took, why))
        });
        match looked.await?? {
            (true, _) => Ok(()),
            (false, Some(problem)) => Err(problem.into()),
            (false, None) => Err(unfit("the publication has no effect")),
        }
    }

    /// The plan is in force no longer.
    ///
    /// # Errors
    /// When none is.
    pub(crate) async fn cancel(&self, sight: &Sight, reason: &str) -> Result<(), ExchangeError> {
        let coordinator = sight.coordinator()?;
        let publish = sight.published()?.record;
        let reason = reason.to_owned();
        let said = Content::PlanCancel(PlanCancel { publish, reason });
        self.exchange
            .say_all(sight.id, vec![(coordinator, said)])
            .await?;
        Ok(())
    }
}

/// A record as others carry it.
pub(super) fn carried(node: &Node, space: &SpaceId, record: &RecordId) -> Option<Carried> {
    let envelope = node.record(space, record)?.envelope().clone();
    let body = node.body(space, record)?.as_ref().clone();
    Some(Carried { envelope, body })
}
