//! Groups that signed two cards of one version: people ask them which is theirs, and choose it here.

use meridian_federation::card::{Dispute, SignedCard};
use meridian_federation::{CardId, GroupId, Node};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Desk, Sight, unfit};
use crate::exchange::shell::ExchangeError;

/// A member that signed two cards of one version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Doubt {
    /// What plans call it.
    pub(crate) group: String,
    /// The version.
    pub(crate) version: u64,
    /// Both cards.
    pub(crate) cards: Vec<DoubtfulCard>,
}

/// One of two cards.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DoubtfulCard {
    /// Its id: choose the card by it.
    pub(crate) card: String,
    /// The group's name in it.
    pub(crate) name: String,
    /// The address of its node in it.
    pub(crate) url: String,
    /// The ids of the keys that it lets sign.
    pub(crate) keys: Vec<String>,
}

impl From<&SignedCard> for DoubtfulCard {
    fn from(signed: &SignedCard) -> Self {
        let card = signed.card();
        let keys = card.keys.iter().filter(|grant| !grant.spans.is_empty());
        Self {
            card: signed.id().to_string(),
            name: card.name.clone(),
            url: card.url.clone(),
            keys: keys.map(|grant| grant.key.id().to_string()).collect(),
        }
    }
}

impl Desk<'_> {
    /// The members of a space that signed two cards of one version, and both cards of each.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn doubts_of(&self, sight: &Sight) -> Result<Vec<Doubt>, ExchangeError> {
        let members = sight.state.members.iter();
        let members: Vec<(GroupId, String)> = members
            .map(|(group, member)| (*group, member.handle.to_string()))
            .collect();
        let doubt = |node: &Node, group: &GroupId, handle: String| {
            let Dispute { version, cards } = node.trust().disputed(group)?;
            Some(Doubt {
                group: handle,
                version: *version,
                cards: cards.iter().map(|card| card.as_ref().into()).collect(),
            })
        };
        let look = move |node: &Node| {
            let members = members.into_iter();
            members
                .filter_map(|(group, handle)| doubt(node, &group, handle))
                .collect()
        };
        self.exchange.look(look).await
    }

    /// Chooses one of two cards of a member: it counts at this node from now on, in every space.
    ///
    /// # Errors
    /// [`ExchangeError`]; when that is neither of the two.
    pub(crate) async fn choose(
        &self,
        sight: &Sight,
        handle: &str,
        card: &str,
    ) -> Result<(), ExchangeError> {
        let group = sight.member(handle)?;
        let doubts = self.doubts_of(sight).await?;
        let doubt = doubts.into_iter().find(|doubt| doubt.group == handle);
        let doubt =
            doubt.ok_or_else(|| unfit(format!("{handle} is not in doubt: there is no choice")))?;
        if !doubt.cards.iter().any(|of| of.card == card) {
            return Err(unfit(format!(
                "{card} is neither of the two cards of {handle}"
            )));
        }
        let chosen: CardId = card.parse()?;
        let pin = move |node: &mut Node| Ok(((), node.pin(group, chosen)));
        self.exchange.change(pin).await?;
        Ok(())
    }
}
