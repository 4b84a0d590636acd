//! Which repairs are offered: the cheapest of each kind first, and only those that were proved.

use std::collections::BTreeMap;

use meridian_model::{HostBlock, OperatorId, PlacedSession, Plan};

use super::Offer;
use super::mend::Proof;
use super::repair::Repair;

/// Repairs offered for one thing that is missing.
const MOST_OFFERS: usize = 6;
/// Repairs of one kind among them, while there are others.
const MOST_OF_A_KIND: usize = 2;
/// Repairs tried for it: each is a plan that the checker reads.
const MOST_TRIED: usize = 20;
/// Repairs of one kind tried, until every kind has had its turn.
const TRIED_OF_A_KIND: usize = 4;

/// A repair that looks as if it would help.
pub(super) struct Candidate {
    pub(super) repair: Repair,
    /// How many cells it may close.
    pub(super) closes: u32,
    /// [`Repair::asks`].
    pub(super) asks: i64,
    /// What the plan would become with it.
    pub(super) change: Change,
}

/// What becomes of a plan with a repair.
pub(super) enum Change {
    /// These people come in.
    People(Vec<OperatorId>),
    /// A block is there, in place of that with its id if there is one.
    Block(HostBlock),
    /// Sessions are there, each in place of itself elsewhere.
    Sessions(Vec<PlacedSession>),
}

/// Tries the candidates, those that close all first and the cheaper before the dearer, and offers what `proved`
/// gives a plan for: how many cells it closes, and the plan.
pub(super) fn cheapest(
    plan: &Plan,
    mut candidates: Vec<Candidate>,
    of: u32,
    mut proved: impl FnMut(&Candidate) -> Option<(u32, Proof)>,
) -> Vec<Offer> {
    candidates.sort_by(|one, other| {
        rank(one.closes, of, one.asks).cmp(&rank(other.closes, of, other.asks))
    });
    let mut left = MOST_TRIED;
    let mut offers: Vec<Offer> = Vec::new();
    // Of each kind: how many were offered, and how many tried.
    let mut kinds: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    let mut tried = vec![false; candidates.len()];
    // At first a few of each kind, then more of any.
    for (most, tries) in [(MOST_OF_A_KIND, TRIED_OF_A_KIND), (MOST_OFFERS, MOST_TRIED)] {
        for (candidate, is_tried) in candidates.iter().zip(&mut tried) {
            let (offered, n_tried) = kinds.entry(candidate.repair.sort()).or_default();
            let needless =
                |offer: &Offer| offer.repair == candidate.repair || enough(offer, candidate);
            if *is_tried || *offered >= most || *n_tried >= tries || offers.iter().any(needless) {
                continue;
            }
            if left == 0 || offers.len() == MOST_OFFERS {
                break;
            }
            (*is_tried, *n_tried, left) = (true, *n_tried + 1, left - 1);
            if let Some((closes, proof)) = proved(candidate).filter(|(closes, _)| *closes > 0) {
                *offered += 1;
                let (repair, asks) = (candidate.repair.clone(), candidate.asks);
                offers.push(Offer::new(plan, repair, asks, (closes, of), proof));
            }
        }
    }
    offers.sort_by(|one, other| {
        rank(one.closes, of, one.asks).cmp(&rank(other.closes, of, other.asks))
    });
    offers
}

/// Whether fewer people already close everything that more of them would.
fn enough(offer: &Offer, candidate: &Candidate) -> bool {
    let people = |repair: &Repair| matches!(repair, Repair::FindPeople { .. });
    people(&offer.repair) && people(&candidate.repair) && offer.closes == offer.of
}

/// Those that close everything come first, then those that ask least for what they close.
fn rank(closes: u32, of: u32, asks: i64) -> (bool, i64) {
    let share = asks.saturating_mul(i64::from(of)) / i64::from(closes.max(1));
    (closes < of, share)
}
