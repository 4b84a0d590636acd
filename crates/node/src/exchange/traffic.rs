//! What goes on between this node and its peers right now; none of it outlives the process.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use meridian_federation::{GroupId, SpaceId, StateDigest};
use tokio::sync::{Mutex as Turns, OwnedMutexGuard};

use super::budget::Budgets;
use super::signed_http::Nonces;

/// Nonces that are remembered of each peer: all that one may send in the life of a signature, and more.
const NONCES: NonZeroUsize = NonZeroUsize::new(20_000).expect("more than none");
/// How long a body may take.
const BODY: Duration = Duration::from_secs(20);

/// What goes on.
pub(crate) struct Traffic {
    pub(crate) budgets: Budgets,
    /// How long a peer's body may take.
    pub(crate) patience: Duration,
    nonces: Mutex<Nonces>,
    turns: Mutex<BTreeMap<GroupId, Arc<Turns<()>>>>,
    hinted: Mutex<BTreeMap<(GroupId, SpaceId), StateDigest>>,
}

/// A peer's turn: while it is held, no other message of that peer is read.
pub(crate) type Turn = OwnedMutexGuard<()>;

impl Traffic {
    /// Nothing yet.
    pub(crate) fn begin() -> Self {
        Self {
            budgets: Budgets::default(),
            patience: BODY,
            nonces: Mutex::new(Nonces::new(Timestamp::now().as_second(), NONCES)),
            turns: Mutex::default(),
            hinted: Mutex::default(),
        }
    }

    /// A peer tells what it has of a space.
    pub(crate) fn hear(&self, peer: GroupId, space: SpaceId, digest: StateDigest) {
        let mut hinted = self.hinted.lock().unwrap_or_else(PoisonError::into_inner);
        hinted.insert((peer, space), digest);
    }

    /// Whether a peer has told that it has just this: then it need not be told that this node has it.
    pub(crate) fn has_told(&self, peer: GroupId, space: SpaceId, digest: &str) -> bool {
        let hinted = self.hinted.lock().unwrap_or_else(PoisonError::into_inner);
        let told = hinted.get(&(peer, space));
        told.is_some_and(|told| told.to_string() == digest)
    }

    /// The nonces of requests that are still good. Never held across an await.
    pub(crate) fn nonces(&self) -> MutexGuard<'_, Nonces> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a peer's turn. Its messages are read one after the other: however many it sends at once, another peer
    /// waits for one of them at most, and one is all that is in memory.
    pub(crate) async fn turn(&self, peer: &GroupId) -> Turn {
        let turns = self.turns.lock();
        let turn = Arc::clone(
            turns
                .unwrap_or_else(PoisonError::into_inner)
                .entry(*peer)
                .or_default(),
        );
        turn.lock_owned().await
    }
}
