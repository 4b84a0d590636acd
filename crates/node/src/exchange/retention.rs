//! What not everybody may read is kept for as many days after an event as its charter says, then erased.

use jiff::{SignedDuration, Timestamp};
use meridian_federation::header::Audience;
use meridian_federation::{Effects, Node, Problem, RecordId, SpaceId};

use super::shell::{Exchange, ExchangeError};

const HOURS_OF_A_DAY: i64 = 24;

impl Exchange {
    /// Erases at this node what is due by now; how many bodies.
    ///
    /// # Errors
    /// [`ExchangeError`]; then none is erased.
    pub(crate) async fn erase_due(&self, now: Timestamp) -> Result<usize, ExchangeError> {
        if self.look(move |node| due(node, now).is_empty()).await? {
            return Ok(0);
        }
        let erased = self.change(move |node| {
            let mut effects = Effects::default();
            for (space, record) in due(node, now) {
                effects.store.extend(node.erase(space, record)?.store);
            }
            Ok((effects.store.len(), effects))
        });
        Ok(erased.await?.0)
    }
}

/// The bodies that were kept long enough: since the event, and since they were written where that was later.
fn due(node: &Node, now: Timestamp) -> Vec<(SpaceId, RecordId)> {
    let spaces = node.spaces().map(|(space, _)| space);
    let found = spaces.flat_map(|space| {
        let since = kept_since(node, &space, now).ok().flatten();
        since.map_or_else(Vec::new, |since| restricted(node, space, since))
    });
    found.collect()
}

/// From when on a space's restricted bodies are kept still; `None` while all are, as before there is a date.
fn kept_since(node: &Node, space: &SpaceId, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let state = node.state(space)?;
    let horizon = state.brief.as_ref().and_then(|brief| brief.what.horizon);
    let (Some(charter), Some(horizon)) = (&state.charter, horizon) else {
        return Ok(None);
    };
    let days = i64::from(charter.what.retention_days);
    let kept = SignedDuration::from_hours(days * HOURS_OF_A_DAY);
    let since = now.checked_sub(kept).unwrap_or(Timestamp::MIN);
    Ok((horizon.end() <= since).then_some(since))
}

fn restricted(node: &Node, space: SpaceId, since: Timestamp) -> Vec<(SpaceId, RecordId)> {
    let logs = node.logs(&space).into_iter().flat_map(|logs| logs.values());
    let records = logs.flat_map(|log| log.records());
    let old = records.filter(|record| {
        let header = record.header();
        let is_restricted = header.audience != Audience::All;
        is_restricted && header.time <= since && node.body(&space, &record.id()).is_some()
    });
    old.map(|record| (space, record.id())).collect()
}
