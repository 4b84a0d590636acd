//! Saying something for a group of this node: with the shell's clock and entropy.

use jiff::Timestamp;
use meridian_federation::content::Content;
use meridian_federation::ids::Salt;
use meridian_federation::{Draft, Effects, GroupId, Node, Problem, RecordId, SpaceId};

use super::shell::{Exchange, ExchangeError, Last};

/// Writes down what a group says; part of a change of the core.
///
/// # Errors
/// Those of [`Node::commit_local`].
pub(crate) fn say(
    node: &mut Node,
    (space, group): (SpaceId, GroupId),
    content: &Content,
    into: &mut Effects,
) -> Result<RecordId, Problem> {
    let salt = Salt::from_bytes(rand::random());
    let draft = Draft::new(content, Timestamp::now(), salt)?;
    let (record, effects) = node.commit_local(space, group, draft)?;
    into.store.extend(effects.store);
    into.changed = true;
    Ok(record)
}

impl Exchange {
    /// Says things for groups of this node, all or none.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn say_all(
        &self,
        space: SpaceId,
        sayings: Vec<(GroupId, Content)>,
    ) -> Result<Vec<RecordId>, ExchangeError> {
        self.say_at_last(space, sayings, None).await
    }

    /// Says things for groups of this node, all or none, and with them ends a job, if there is one.
    ///
    /// # Errors
    /// Those of [`Self::change_at_last`].
    pub(crate) async fn say_at_last(
        &self,
        space: SpaceId,
        sayings: Vec<(GroupId, Content)>,
        last: Option<Last<'_, Vec<RecordId>>>,
    ) -> Result<Vec<RecordId>, ExchangeError> {
        let work = move |node: &mut Node| {
            let mut effects = Effects::default();
            let mut records = Vec::with_capacity(sayings.len());
            for (group, content) in &sayings {
                records.push(say(node, (space, *group), content, &mut effects)?);
            }
            Ok((records, effects))
        };
        Ok(self.change_at_last(work, last).await?.0)
    }
}
