//! What one peer may ask of this node: so that one that floods it is slowed down, then left alone for a while, and the
//! others hardly notice.
//!
//! Only what a peer's key has signed counts against it: nobody else can have it suspended.

use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota};
use jiff::{SignedDuration, Timestamp};
use meridian_federation::GroupId;

use super::shell::{Exchange, ExchangeError};
use crate::store::stamp;

/// Messages in a minute; a cold sync of 100,000 records needs some hundred.
const MESSAGES: u32 = 1_200;
/// KiB in a minute, both ways together counted once.
const KIB: u32 = 256 * 1024;
/// Items in a minute that it brings unasked: what it answers when this node asks is not counted.
const ITEMS: u32 = 30_000;
/// Items in a minute that were refused, such as records with a wrong signature.
const REFUSED: u32 = 2_000;
/// Times in an hour that it was over one of these before it is left alone.
const STRIKES: u32 = 20;
/// How long it is left alone the first time; each time after, twice as long.
const FIRST: SignedDuration = SignedDuration::from_mins(2);
/// The longest.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// What is left of every peer's budget.
pub(crate) struct Budgets {
    messages: DefaultKeyedRateLimiter<[u8; 32]>,
    kib: DefaultKeyedRateLimiter<[u8; 32]>,
    items: DefaultKeyedRateLimiter<[u8; 32]>,
    refused: DefaultKeyedRateLimiter<[u8; 32]>,
    strikes: DefaultKeyedRateLimiter<[u8; 32]>,
}

/// What a peer is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// It has to wait a moment.
    Wait,
    /// It was over too often.
    Suspend(&'static str),
}

fn a_minute(most: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN))
}

impl Default for Budgets {
    fn default() -> Self {
        let an_hour = NonZeroU32::new(STRIKES).unwrap_or(NonZeroU32::MIN);
        Self {
            messages: DefaultKeyedRateLimiter::keyed(a_minute(MESSAGES)),
            kib: DefaultKeyedRateLimiter::keyed(a_minute(KIB)),
            items: DefaultKeyedRateLimiter::keyed(a_minute(ITEMS)),
            refused: DefaultKeyedRateLimiter::keyed(a_minute(REFUSED)),
            strikes: DefaultKeyedRateLimiter::keyed(Quota::per_hour(an_hour)),
        }
    }
}

impl Budgets {
    /// Counts a message of so many bytes.
    ///
    /// # Errors
    /// What the peer is over.
    pub(crate) fn message(&self, peer: &GroupId, bytes: usize) -> Result<(), Over> {
        let kib = (bytes / 1024).max(1);
        if has_room(&self.messages, peer, 1) && has_room(&self.kib, peer, kib) {
            return Ok(());
        }
        Err(self.strike(peer, "it sent more than a node answers"))
    }

    /// Counts what a message brings.
    ///
    /// # Errors
    /// What the peer is over.
    pub(crate) fn brought(&self, peer: &GroupId, items: usize) -> Result<(), Over> {
        if has_room(&self.items, peer, items) {
            return Ok(());
        }
        Err(self.strike(peer, "it sent more records than a node takes"))
    }

    /// Counts what was refused of a message.
    ///
    /// # Errors
    /// What the peer is over.
    pub(crate) fn refused(&self, peer: &GroupId, items: usize) -> Result<(), Over> {
        if has_room(&self.refused, peer, items) {
            return Ok(());
        }
        Err(self.strike(peer, "it sent what had to be refused, again and again"))
    }

    /// Counts a body that was too large, too slow, or not the one that was signed.
    pub(crate) fn spoiled(&self, peer: &GroupId) -> Over {
        self.strike(
            peer,
            "it sent bodies that were too large, too slow or not whole",
        )
    }

    fn strike(&self, peer: &GroupId, why: &'static str) -> Over {
        match self.strikes.check_key(peer.as_bytes()) {
            Ok(()) => Over::Wait,
            Err(_) => Over::Suspend(why),
        }
    }
}

fn has_room(budget: &DefaultKeyedRateLimiter<[u8; 32]>, peer: &GroupId, n: usize) -> bool {
    let n = u32::try_from(n).unwrap_or(u32::MAX);
    NonZeroU32::new(n).is_none_or(|n| matches!(budget.check_key_n(peer.as_bytes(), n), Ok(Ok(()))))
}

impl Exchange {
    /// Leaves a peer alone for a while.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn suspend(&self, peer: &GroupId, why: &str) -> Result<(), ExchangeError> {
        let row = self.store().peer(&peer.to_string()).await?;
        let doublings = u32::try_from(row.suspensions).unwrap_or(u32::MAX).min(16);
        let span = FIRST.checked_mul(1_i32 << doublings).unwrap_or(LONGEST);
        let span = span.min(LONGEST);
        let until = Timestamp::now().checked_add(span).unwrap_or(Timestamp::MAX);
        let mut write = self.store().write().await?;
        write
            .suspend_peer(&row.group_id, &stamp(until), why)
            .await?;
        write.commit().await?;
        metrics::counter!("meridian_peers_suspended_total").increment(1);
        tracing::warn!(peer = row.group_id, why, %until, "a peer is suspended");
        Ok(())
    }
}
