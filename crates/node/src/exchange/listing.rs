//! Whom this node signs for and exchanges with, as lists show it.

use serde::Serialize;
use utoipa::ToSchema;

use super::shell::{Exchange, ExchangeError};
use crate::store::{IdentityRow, PeerRow, SyncRow};

/// A group that a node signs for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SigningGroup {
    /// What this node's events call it.
    pub(crate) handle: String,
    /// Its id.
    pub(crate) group: String,
    /// Whether it is the group whose node this is; others are its guests.
    pub(crate) own: bool,
}

/// Another group's node.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnownPeer {
    /// Its group's id.
    pub(crate) peer: String,
    /// Its group's name.
    pub(crate) name: String,
    /// Its address.
    pub(crate) url: String,
    /// `waiting`, `allowed` or `forbidden`.
    pub(crate) state: String,
    /// The six words that both leaders must have; none while this node signs for no group.
    pub(crate) words: Option<String>,
    /// Until when it is left alone, because of what it sent.
    pub(crate) suspended_until: Option<String>,
    /// Why.
    pub(crate) why: Option<String>,
    /// How syncing with it goes, by space.
    pub(crate) syncs: Vec<PeerSync>,
}

/// How far this node is with a peer in a space.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeerSync {
    /// The space's id.
    pub(crate) space: String,
    /// What both had, in one number.
    pub(crate) agreed: String,
    /// When they last had the same.
    pub(crate) agreed_at: Option<String>,
    /// How often it failed since.
    pub(crate) fails: i64,
    /// When it is tried again.
    pub(crate) next_try: String,
    /// Why it failed.
    pub(crate) trouble: Option<String>,
}

impl From<IdentityRow> for SigningGroup {
    fn from(row: IdentityRow) -> Self {
        Self {
            own: row.home == 1,
            handle: row.handle,
            group: row.group_id,
        }
    }
}

impl From<&SyncRow> for PeerSync {
    fn from(row: &SyncRow) -> Self {
        Self {
            space: row.space.clone(),
            agreed: row.agreed.clone(),
            agreed_at: row.agreed_at.clone(),
            fails: row.fails,
            next_try: row.next_try.clone(),
            trouble: row.trouble.clone(),
        }
    }
}

impl KnownPeer {
    /// What it is now: a suspension goes before what people said.
    pub(crate) fn state_now(&self) -> &str {
        let suspended = self.suspended_until.as_ref();
        if suspended.is_some_and(|until| *until > crate::store::now()) {
            "suspended"
        } else {
            &self.state
        }
    }
}

impl Exchange {
    /// The groups that this node signs for, its own first.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn groups(&self) -> Result<Vec<SigningGroup>, ExchangeError> {
        let rows = self.store().identities().await?;
        Ok(rows.into_iter().map(SigningGroup::from).collect())
    }

    /// The nodes that are known, by name.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn known_peers(&self) -> Result<Vec<KnownPeer>, ExchangeError> {
        let rows = self.store().peers().await?;
        let syncs = self.store().syncs().await?;
        let mut peers = Vec::with_capacity(rows.len());
        for row in rows {
            let its = syncs.iter().filter(|sync| sync.peer == row.group_id);
            let its = its.map(PeerSync::from).collect();
            peers.push(self.known_peer(row, its).await?);
        }
        Ok(peers)
    }

    /// How syncing with a peer goes, by space.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn syncs_with(&self, peer: &str) -> Result<Vec<PeerSync>, ExchangeError> {
        let syncs = self.store().syncs().await?;
        let its = syncs.iter().filter(|sync| sync.peer == peer);
        Ok(its.map(PeerSync::from).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn known_peer(
        &self,
        row: PeerRow,
        syncs: Vec<PeerSync>,
    ) -> Result<KnownPeer, ExchangeError> {
        let words = match self.phrase_with(&row).await {
            Ok(words) => Some(words),
            Err(ExchangeError::Off) => None,
            Err(error) => return Err(error),
        };
        Ok(KnownPeer {
            words,
            syncs,
            peer: row.group_id,
            name: row.name,
            url: row.url,
            state: row.state,
            suspended_until: row.suspended_until,
            why: row.why,
        })
    }
}
