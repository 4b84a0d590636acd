//! The coordinator writes the next brief: the event as it is here now, with a date or another phase.

use meridian_federation::content::{Content, Deadlines, EventBrief, Phase};
use meridian_model::Timestamp;

use super::{Desk, Sight, unfit};
use crate::exchange::shell::ExchangeError;
use crate::negotiation::{BriefAsk, brief_of, horizon_of};

/// What the next brief decides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NextBrief {
    /// When the event begins; as before, if left out.
    pub(crate) start: Option<Timestamp>,
    pub(crate) phase: Phase,
}

impl Desk<'_> {
    /// Writes the next brief; its version.
    ///
    /// # Errors
    /// [`ExchangeError`]; when the event is not whole here, or cannot begin then.
    pub(crate) async fn brief(&self, sight: &Sight, ask: NextBrief) -> Result<u64, ExchangeError> {
        let coordinator = sight.coordinator()?;
        let before = &sight.brief()?.what;
        let problem = self.local(sight).await?;
        let mut next = brief_of(
            &problem,
            &BriefAsk {
                version: before.version + 1,
                phase: ask.phase,
                candidates: before.candidates.clone(),
                decided: true,
                deadlines: Deadlines::default(),
            },
        );
        next.horizon = match ask.start {
            None => before.horizon.or(next.horizon),
            start => {
                let undecided = EventBrief {
                    horizon: None,
                    length: next.length.or(before.length),
                    ..next.clone()
                };
                let horizon = horizon_of(&undecided, start);
                Some(horizon.map_err(|why| unfit(why.to_string()))?)
            }
        };
        let version = next.version;
        let said = vec![(coordinator, Content::EventBrief(next))];
        self.exchange.say_all(sight.id, said).await?;
        Ok(version)
    }
}
