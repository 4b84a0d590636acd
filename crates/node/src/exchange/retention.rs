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

/// The bodies that were kept long enough.
fn due(node: &Node, now: Timestamp) -> Vec<(SpaceId, RecordId)> {
    let spaces = node.spaces().map(|(space, _)| space);
    let over = spaces.filter(|space| {
        let end = kept_until(node, space);
        end.ok().flatten().is_some_and(|end| end <= now)
    });
    over.flat_map(|space| restricted(node, space)).collect()
}

/// Until when a space's restricted bodies are kept; not known before it has a charter and a date.
fn kept_until(node: &Node, space: &SpaceId) -> Result<Option<Timestamp>, Problem> {
    let state = node.state(space)?;
    let horizon = state.brief.as_ref().and_then(|brief| brief.what.horizon);
    let (Some(charter), Some(horizon)) = (&state.charter, horizon) else {
        return Ok(None);
    };
    let days = i64::from(charter.what.retention_days);
    let kept = SignedDuration::from_hours(days * HOURS_OF_A_DAY);
    // A time that never comes is never over.
    Ok(horizon.end().checked_add(kept).ok())
}

fn restricted(node: &Node, space: SpaceId) -> Vec<(SpaceId, RecordId)> {
    let logs = node.logs(&space).into_iter().flat_map(|logs| logs.values());
    let records = logs.flat_map(|log| log.records());
    let kept = records.filter(|record| {
        record.header().audience != Audience::All && node.body(&space, &record.id()).is_some()
    });
    kept.map(|record| (space, record.id())).collect()
}
