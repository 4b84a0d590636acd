//! The nonces of requests that are still good, so that none is taken twice.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use meridian_federation::KeyId;

use super::profile::Stamp;
use super::refusal::Refusal;

/// What was taken, key by key, until it expires. Bounded: so many for each key, and only keys of peers come here; a
/// peer that fills its own share takes nothing from the others. Full means refused: a nonce that is still good is
/// never forgotten.
#[derive(Debug)]
pub(crate) struct Nonces {
    /// Requests made before this may have been taken by the process before this one.
    began: i64,
    /// The latest expiry that was forgotten. What expires no later cannot be told from a replay, whatever the clock
    /// says by then: it may have been set back, or the body may have come very slowly.
    forgotten_until: i64,
    /// Most nonces of one key.
    limit: NonZeroUsize,
    seen: BTreeMap<KeyId, Share>,
}

/// The nonces of one key, to be found by themselves and by when they expire.
#[derive(Debug, Default)]
struct Share {
    nonces: BTreeSet<[u8; 16]>,
    by_expiry: BTreeSet<(i64, [u8; 16])>,
}

impl Nonces {
    /// None seen yet by a process that began at a time; at most `limit` are kept for each key.
    ///
    /// A request made by a clock that runs ahead can be replayed once across a restart within the seconds by which it
    /// does; what it carries are records, which mean the same when they come twice.
    pub(crate) const fn new(began: i64, limit: NonZeroUsize) -> Self {
        Self {
            began,
            forgotten_until: i64::MIN,
            limit,
            seen: BTreeMap::new(),
        }
    }

    /// Refuses what was taken before, what may have been, and what there is no room to remember.
    pub(super) fn check(&self, key: &KeyId, stamp: &Stamp, now: i64) -> Result<(), Refusal> {
        if stamp.created < self.began || stamp.expires <= self.forgotten_until {
            return Err(Refusal::NonceReplayed);
        }
        let Some(share) = self.seen.get(key) else {
            return Ok(());
        };
        if share.nonces.contains(&stamp.nonce) {
            return Err(Refusal::NonceReplayed);
        }
        // What has expired is forgotten when the next one is taken; it is no reason to refuse that one.
        let expired = share
            .by_expiry
            .first()
            .is_some_and(|&(expires, _)| expires <= now);
        if share.nonces.len() >= self.limit.get() && !expired {
            return Err(Refusal::NoncesFull);
        }
        Ok(())
    }

    /// Takes a nonce for good, or refuses it as [`Self::check`] does: another request may have come in between.
    pub(super) fn take(&mut self, key: KeyId, stamp: &Stamp, now: i64) -> Result<(), Refusal> {
        self.forget(now);
        self.check(&key, stamp, now)?;
        let share = self.seen.entry(key).or_default();
        share.nonces.insert(stamp.nonce);
        share.by_expiry.insert((stamp.expires, stamp.nonce));
        Ok(())
    }

    /// Forgets what has expired. Called by whatever is taken; by itself it frees the memory of a quiet node.
    pub(crate) fn forget(&mut self, now: i64) {
        let latest = &mut self.forgotten_until;
        self.seen.retain(|_, share| {
            while let Some(&(expires, nonce)) = share.by_expiry.first()
                && expires <= now
            {
                share.by_expiry.pop_first();
                share.nonces.remove(&nonce);
                *latest = expires.max(*latest);
            }
            !share.nonces.is_empty()
        });
    }

    /// How many are remembered.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.seen.values().map(|share| share.nonces.len()).sum()
    }
}
