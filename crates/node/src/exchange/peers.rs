//! Other groups' nodes: met by their address, made sure of by people who read each other six words, then allowed.

use meridian_federation::card::SignedCard;
use meridian_federation::envelope::Envelope;
use meridian_federation::keys::Strict;
use meridian_federation::phrase::phrase;
use meridian_federation::{GroupId, Node, PublicKey};
use serde::{Deserialize, Serialize};

use super::identity::only;
use super::shell::{Exchange, ExchangeError};
use crate::store::{PeerRow, StoreError};

/// Name and version of what a node says of itself.
pub(crate) const FORMAT: &str = "meridian-node/1";
/// Most strangers that wait for people at once; the next is asked to come later.
pub(crate) const WAITING: i64 = 64;
/// Most groups of one node.
const GROUPS: usize = 256;
/// Longest handle, name and address that are kept of a stranger.
const LONGEST: usize = 300;

/// What a node says of itself to whoever asks. All of it is public: cards hold keys, names and addresses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NodeDocument {
    /// [`FORMAT`].
    pub(crate) format: String,
    /// The card of the group whose node it is.
    pub(crate) card: Envelope,
    /// All groups that it signs for, that one among them.
    pub(crate) groups: Vec<ShownGroup>,
}

/// A group of a node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ShownGroup {
    /// What its own node calls it.
    pub(crate) handle: String,
    /// Its newest card.
    pub(crate) card: Envelope,
}

/// A peer as it showed itself: every card's signature was checked.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) card: SignedCard,
    pub(crate) groups: Vec<(String, SignedCard)>,
}

impl NodeDocument {
    /// Checks it.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub(crate) fn verify(&self) -> Result<Shown, ExchangeError> {
        let unfit =
            |why: &str| ExchangeError::Unfit(format!("what the node says of itself: {why}"));
        if self.format != FORMAT {
            return Err(unfit("it is no node that speaks this version"));
        }
        let card = SignedCard::verify(&self.card, &Strict)?;
        let long = |text: &str| text.len() > LONGEST;
        if self.groups.len() > GROUPS
            || long(&card.card().name)
            || long(&card.card().url)
            || self.groups.iter().any(|group| long(&group.handle))
        {
            return Err(unfit("it says too much"));
        }
        let mut groups = Vec::new();
        for shown in &self.groups {
            let signed = SignedCard::verify(&shown.card, &Strict)?;
            let guest = signed.card().node == Some(card.card().group);
            if !guest && signed.card().group != card.card().group {
                return Err(unfit("it shows a group that is no guest of its"));
            }
            groups.push((shown.handle.clone(), signed));
        }
        Ok(Shown { card, groups })
    }
}

impl Exchange {
    /// What this node says of itself.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn document(&self) -> Result<NodeDocument, ExchangeError> {
        let identities = self.store().identities().await?;
        let mut handles = Vec::new();
        for row in identities {
            handles.push((row.group_id.parse::<GroupId>()?, row.handle));
        }
        let card_of = |node: &Node, group: &GroupId| {
            let card = node.trust().card(group);
            card.map(|card| card.envelope().clone())
        };
        let found = self
            .look(move |node| {
                let groups = handles.into_iter().filter_map(|(group, handle)| {
                    let card = card_of(node, &group)?;
                    Some(ShownGroup { handle, card })
                });
                Some((card_of(node, &node.me())?, groups.collect::<Vec<_>>()))
            })
            .await?;
        let (card, groups) = found.ok_or(ExchangeError::Off)?;
        Ok(NodeDocument {
            format: FORMAT.to_owned(),
            card,
            groups,
        })
    }

    /// Notes a node that showed itself, for people to make sure of; whether it is known already.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when too many wait; when what it shows is not in order.
    pub(crate) async fn meet(
        &self,
        document: &NodeDocument,
        url: &str,
    ) -> Result<GroupId, ExchangeError> {
        let shown = document.verify()?;
        let group = shown.card.card().group;
        if url.len() > LONGEST {
            return Err(ExchangeError::Unfit("the address is too long".to_owned()));
        }
        let kept = serde_json::to_string(document).map_err(anyhow::Error::from)?;
        let known = match self.store().peer(&group.to_string()).await {
            Ok(row) => Some(row),
            Err(StoreError::Missing) => None,
            Err(error) => return Err(error.into()),
        };
        let mut write = self.store().write().await?;
        if known.is_none() && write.waiting_peers().await? >= WAITING {
            return Err(StoreError::Busy.into());
        }
        // Whoever is allowed changes its address by its card, not by showing up under another.
        let allowed = known.filter(|row| row.state == "allowed");
        let url = allowed.map_or_else(|| url.to_owned(), |row| row.url);
        let name = &shown.card.card().name;
        write
            .meet_peer(&group.to_string(), (name, &url), &kept)
            .await?;
        write.commit().await?;
        Ok(group)
    }

    /// The words that this node's leader and a peer's read each other.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn phrase_with(&self, peer: &PeerRow) -> Result<String, ExchangeError> {
        let theirs = shown(peer)?.card.card().root;
        Ok(phrase(&self.root().await?, &theirs))
    }

    async fn root(&self) -> Result<PublicKey, ExchangeError> {
        let root = self
            .look(|node| node.trust().card(&node.me()).map(|card| card.card().root))
            .await?;
        root.ok_or(ExchangeError::Off)
    }

    /// Exchanges with a peer from now on: people have compared the words.
    ///
    /// # Errors
    /// When the words are others.
    pub(crate) async fn allow(&self, peer: &PeerRow, words: &str) -> Result<(), ExchangeError> {
        let said = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if said.to_lowercase() != self.phrase_with(peer).await? {
            let why = "these are not the words that this node has for that peer: do not go on, somebody may stand in between";
            return Err(ExchangeError::Unfit(why.to_owned()));
        }
        let card = shown(peer)?.card.envelope().clone();
        let mut write = self.store().write().await?;
        write.set_peer(&peer.group_id, "allowed").await?;
        write.commit().await?;
        let taken = move |node: &mut Node| Ok(only(node.take_card(&card)));
        let ((), effects) = self.change(taken).await?;
        match effects.refused.into_iter().next() {
            // A newer card of it came another way.
            Some(refusal) if self.knows(&peer.group_id).await? => {
                tracing::info!(problem = %refusal.problem, "a peer's card was known");
                Ok(())
            }
            Some(refusal) => Err(refusal.problem.into()),
            None => Ok(()),
        }
    }

    async fn knows(&self, group: &str) -> Result<bool, ExchangeError> {
        let group: GroupId = group.parse()?;
        self.look(move |node| node.trust().card(&group).is_some())
            .await
    }

    /// Exchanges with a peer no longer.
    ///
    /// # Errors
    /// When it is not known.
    pub(crate) async fn forbid(&self, peer: &str) -> Result<(), ExchangeError> {
        let mut write = self.store().write().await?;
        write.set_peer(peer, "forbidden").await?;
        Ok(write.commit().await?)
    }

    /// The peer of that name or id.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub(crate) async fn peer_named(&self, name: &str) -> Result<PeerRow, ExchangeError> {
        let peers = self.store().peers().await?;
        let mut fitting = peers
            .into_iter()
            .filter(|row| row.name == name || row.group_id.starts_with(name));
        match (fitting.next(), fitting.next()) {
            (Some(row), None) => Ok(row),
            (None, _) => Err(ExchangeError::Unknown(format!(
                "there is no peer {name}: see the list of peers"
            ))),
            (Some(_), Some(_)) => Err(ExchangeError::Unfit(format!(
                "more than one peer is called {name}: give its id"
            ))),
        }
    }
}

/// What a peer showed of itself.
///
/// # Errors
/// When what is kept of it is not in order.
pub(crate) fn shown(peer: &PeerRow) -> Result<Shown, ExchangeError> {
    let document: NodeDocument = serde_json::from_str(&peer.shown).map_err(anyhow::Error::from)?;
    document.verify()
}
