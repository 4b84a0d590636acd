//! Chains of people who step in for one another: a beam over who moves next, one person a step.

use super::mender::{Mender, Move, Worth};
use crate::Stop;

/// Chains that are followed at each length.
const WIDTH: usize = 8;
/// Of these, chains that only pass the hole on.
const PASSED_ON: usize = 4;
/// Most people tried for a hole, those who cover most of it first.
const HELPERS: usize = 64;

/// People who move, each with what she does in the end, by operator.
#[derive(Clone, Debug)]
struct Chain {
    worth: Worth,
    moves: Vec<Move>,
}

/// Mends what is missing with at most `cap` people disturbed; ends early once the levels are `enough`.
pub(super) fn mend(mender: &mut Mender<'_, '_>, cap: usize, enough: (i64, i64), stop: &dyn Stop) {
    let released = mender.ledger.released.iter().filter(|&&is| is).count();
    let mut best = Chain {
        worth: mender.worth(),
        moves: Vec::new(),
    };
    let mut followed = vec![best.clone()];
    for _ in 0..cap + released.min(cap + 1) {
        if best.worth.levels() <= enough || stop.stopped() {
            break;
        }
        let mut longer = Vec::new();
        for chain in &followed {
            let undo = mender.make(&chain.moves);
            lengthen(mender, chain, cap, &mut longer);
            mender.make(&undo);
        }
        followed = most_promising(longer, best.worth);
        let Some(first) = followed.first() else {
            break;
        };
        if first.worth < best.worth {
            best = first.clone();
        }
    }
    mender.make(&best.moves);
}

/// All ways in which one more person steps in.
fn lengthen(mender: &mut Mender<'_, '_>, chain: &Chain, cap: usize, longer: &mut Vec<Chain>) {
    let mut helpers = mender.helpers(&mender.holes());
    helpers.sort_by_key(|&(operator, cells)| (std::cmp::Reverse(cells), operator));
    helpers.truncate(HELPERS);
    for (operator, _) in helpers {
        let mut choices = mender.choices(operator);
        if mender.disturbed() < cap && !mender.state.shifts[operator].is_empty() {
            choices.extend(mender.stepping_over(operator));
        }
        for choice in choices {
            let before = mender.set(operator, choice.clone());
            if mender.disturbed() <= cap {
                let mut moves = chain.moves.clone();
                moves.retain(|(moved, _)| *moved != operator);
                let at = moves.partition_point(|(moved, _)| *moved < operator);
                moves.insert(at, (operator, choice));
                longer.push(Chain {
                    worth: mender.worth(),
                    moves,
                });
            }
            mender.set(operator, before);
        }
    }
}

/// The best chains, with some among them that so far only pass the hole on.
fn most_promising(mut chains: Vec<Chain>, best: Worth) -> Vec<Chain> {
    chains.sort_by(|one, other| (one.worth, &one.moves).cmp(&(other.worth, &other.moves)));
    chains.dedup_by(|one, other| one.worth == other.worth && one.moves == other.moves);
    let (mut closing, mut passing): (Vec<Chain>, Vec<Chain>) = chains
        .into_iter()
        .partition(|chain| chain.worth.levels() < best.levels());
    closing.truncate(WIDTH);
    passing.truncate(PASSED_ON.max(WIDTH - closing.len()));
    closing.extend(passing);
    closing
}

/// Lets everyone who hears of a change anyway choose anew while that is better.
pub(super) fn settle(mender: &mut Mender<'_, '_>, stop: &dyn Stop) {
    for _ in 0..4 {
        let before = mender.worth();
        for operator in 0..mender.state.shifts.len() {
            if stop.stopped() {
                return;
            }
            if mender.ledger.released[operator] || mender.is_disturbed(operator) {
                choose_anew(mender, operator);
            }
        }
        if mender.worth() >= before {
            break;
        }
    }
}

fn choose_anew(mender: &mut Mender<'_, '_>, operator: usize) {
    let mut best = mender.worth();
    for choice in mender.choices(operator) {
        let before = mender.set(operator, choice);
        let worth = mender.worth();
        if worth < best {
            best = worth;
        } else {
            mender.set(operator, before);
        }
    }
}
