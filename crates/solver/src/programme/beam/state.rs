//! What a beam search keeps of what it has tried: states, and drafts of the states that follow.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::candidates::Candidate;

/// One chosen interval, linked to those before it.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) pick: Option<Candidate>,
    pub(super) track: usize,
    pub(super) before: Option<Rc<Link>>,
}

#[derive(Debug)]
pub(super) struct State {
    /// Cells without a host so far, then soft cost so far.
    pub(super) cost: (i64, i64),
    /// Both in one number, with the prices of the hosts spent: what states are compared by on the way.
    pub(super) priced: i64,
    pub(super) frontier: Vec<usize>,
    pub(super) blocks_of: Vec<u8>,
    /// Of `blocks_of`: equal when each group has as many blocks.
    pub(super) fingerprint: u64,
    pub(super) chain: Option<Rc<Link>>,
}

/// A state that is not yet written out: what it adds to the one before it.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) before: Rc<State>,
    pub(super) track: usize,
    pub(super) end: usize,
    pub(super) pick: Option<Candidate>,
}

/// Priced cost and fingerprint: where both are the same on one set of frontiers, so is all that can follow.
pub(super) type Key = (i64, u64);

/// The best drafts of one set of frontiers.
pub(super) type Bucket = BTreeMap<Key, Draft>;

/// Drafts with equally many cells done, by their frontiers in order.
pub(super) type Layer = BTreeMap<Vec<usize>, Bucket>;

/// A number spread over 64 bits (the finaliser of SplitMix64), so that sums of few of them are hardly ever the same.
pub(super) fn scatter(n: usize) -> u64 {
    let mut bits = u64::try_from(n).unwrap_or(u64::MAX).wrapping_add(1);
    bits = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

pub(super) fn unroll(state: &State) -> Vec<(usize, Candidate)> {
    let mut picked = Vec::new();
    let mut link = state.chain.clone();
    while let Some(here) = link {
        picked.extend(here.pick.map(|pick| (here.track, pick)));
        link = here.before.clone();
    }
    picked.reverse();
    picked
}
