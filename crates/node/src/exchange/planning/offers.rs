//! What this node's groups offer: how dates suit them, talks, hosting hours, head-counts.

use std::collections::BTreeMap;

use meridian_federation::content::{CapacityOffer, Content, TalkOffer, TalkWithdraw};
use meridian_federation::{GroupId, RecordId};
use meridian_formats::event_folder;
use meridian_model::{GroupId as Handle, Problem, SessionId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Desk, Sight, not_whole, unfit};
use crate::assembler::{self, AssembleError};
use crate::exchange::shell::ExchangeError;
use crate::negotiation::{CapacityAsk, capacity_of, date_response, settings_of, talks_of};

/// What a group said so far to a brief.
#[derive(Clone, Debug, Default)]
pub(super) struct SaidSoFar {
    pub(super) capacity: Option<CapacityOffer>,
    talks: BTreeMap<SessionId, TalkOffer>,
    dates: Option<meridian_federation::content::DateResponse>,
}

/// What a group offered anew.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Said {
    /// The group.
    #[schema(value_type = String)]
    pub(crate) group: Handle,
    /// `dates`, `talk` for each talk, `withdrawn talk`, `capacity`.
    #[schema(value_type = Vec<String>)]
    pub(crate) said: Vec<&'static str>,
}

impl Desk<'_> {
    /// Says what this node's groups offer, where it is new; what was said, by group.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn offer(&self, sight: &Sight) -> Result<Vec<Said>, ExchangeError> {
        let brief = sight.brief()?;
        let local = self.local(sight).await?;
        let dates = self.at_candidates(sight, &brief.what.candidates).await?;
        let pseudonyms = sight.pseudonyms()?;
        let said = self.said_so_far(sight).await?;
        let (mut sayings, mut told) = (Vec::new(), Vec::new());
        for (handle, group) in &sight.own {
            let before = said.get(group).cloned().unwrap_or_default();
            let mut new = Vec::new();
            if !dates.is_empty() {
                let response =
                    date_response(brief.record, &dates.iter().collect::<Vec<_>>(), handle);
                if before.dates.as_ref() != Some(&response) {
                    new.push(("dates", Content::DateResponse(response)));
                }
            }
            let talks = talks_of(&local, handle, &pseudonyms);
            let gone = before.talks.keys();
            let gone = gone.filter(|id| !talks.iter().any(|talk| talk.session == **id));
            for session in gone.cloned() {
                new.push((
                    "withdrawn talk",
                    Content::TalkWithdraw(TalkWithdraw { session }),
                ));
            }
            for talk in talks {
                if before.talks.get(&talk.session) != Some(&talk) {
                    new.push(("talk", Content::TalkOffer(talk)));
                }
            }
            // Shifts that were offered to a plan stay offered.
            let shifts = before.capacity.as_ref();
            let shifts = shifts.and_then(|of| Some((of.revision?, of.shifts.clone())));
            let capacity = capacity_of(
                &local,
                handle,
                &ask(brief.record, sight.row.rounding(), shifts),
            );
            if before.capacity.as_ref() != Some(&capacity) {
                new.push(("capacity", Content::CapacityOffer(capacity)));
            }
            told.push(Said {
                group: handle.clone(),
                said: new.iter().map(|(what, _)| *what).collect(),
            });
            sayings.extend(new.into_iter().map(|(_, content)| (*group, content)));
        }
        if !sayings.is_empty() {
            self.exchange.say_all(sight.id, sayings).await?;
        }
        Ok(told)
    }

    /// The local event at each start that is asked about.
    async fn at_candidates(
        &self,
        sight: &Sight,
        candidates: &[Timestamp],
    ) -> Result<Vec<Problem>, ExchangeError> {
        let (event, brief) = (&sight.row.event, &sight.brief()?.what);
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let everything = self.exchange.store().everything(event).await?;
        let mut problems = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let settings = settings_of(brief, Some(*candidate));
            let settings = settings.map_err(|error| unfit(error.to_string()))?;
            let mut then = everything.clone();
            for row in &mut then.records {
                if row.kind == "settings" {
                    row.body = serde_json::to_string(&settings).map_err(anyhow::Error::from)?;
                }
            }
            let (name, zones) = (event.clone(), self.zones.clone());
            let read = tokio::task::spawn_blocking(move || {
                let folder = assembler::folder(&name, &then).map_err(AssembleError::Row)?;
                event_folder::read(&folder, &zones).map_err(AssembleError::Faults)
            });
            problems.push(read.await?.map_err(not_whole(event))?);
        }
        Ok(problems)
    }

    /// What this node's members said to the brief in force so far.
    pub(super) async fn said_so_far(
        &self,
        sight: &Sight,
    ) -> Result<BTreeMap<GroupId, SaidSoFar>, ExchangeError> {
        let (space, brief) = (sight.id, sight.brief()?.record);
        let own: Vec<GroupId> = sight.own.values().copied().collect();
        let said = self.exchange.look(move |node| {
            let views = node.views(&space)?;
            let of = |group: &GroupId| {
                let view = views.get(group)?;
                let talks = view.talks.values();
                let talks = talks.filter_map(|said| said.what.as_ref().clone());
                Some(SaidSoFar {
                    capacity: view
                        .capacity
                        .get(&brief)
                        .map(|said| CapacityOffer::clone(&said.what)),
                    talks: talks.map(|talk| (talk.session.clone(), talk)).collect(),
                    dates: view
                        .dates
                        .get(&brief)
                        .map(|said| said.what.as_ref().clone()),
                })
            };
            Ok::<_, meridian_federation::Problem>(
                own.iter()
                    .filter_map(|group| Some((*group, of(group)?)))
                    .collect(),
            )
        });
        Ok(said.await??)
    }
}

/// How head-counts are told.
pub(super) fn ask(
    brief: RecordId,
    rounding: u32,
    shifts: Option<(u64, Vec<meridian_federation::content::ShiftOffer>)>,
) -> CapacityAsk {
    CapacityAsk {
        brief,
        rounding: rounding.max(1),
        if_need_be: false,
        shifts,
    }
}
