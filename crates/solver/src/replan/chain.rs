//! Chains of people who step in for one another: a beam over who moves next, one person a step.

use super::mender::{Mender, Move, Worth};
use crate::Stop;

/// How much is tried at each length of the chains.
#[derive(Clone, Copy)]
struct Beam {
    /// Chains that are followed.
    width: usize,
    /// Of these, chains that only pass the hole on.
    passed_on: usize,
    /// Most people tried for a hole, those who cover most of it first.
    helpers: usize,
}

/// Nearly always the first is enough, and takes little time.
const BEAMS: [Beam; 2] = [
    Beam {
        width: 8,
        passed_on: 4,
        helpers: 64,
    },
    Beam {
        width: 24,
        passed_on: 12,
        helpers: 200,
    },
];

/// People who move, each with what she does in the end, by operator.
#[derive(Clone, Debug)]
struct Chain {
    worth: Worth,
    moves: Vec<Move>,
}

/// Mends what is missing with at most `cap` people disturbed; ends early once the levels are `enough`.
pub(super) fn mend(mender: &mut Mender<'_, '_>, cap: usize, enough: (i64, i64), stop: &dyn Stop) {
    let mut best = Chain {
        worth: mender.worth(),
        moves: Vec::new(),
    };
    for beam in BEAMS {
        if best.worth.levels() <= enough {
            break;
        }
        best = followed(mender, best, (cap, enough), beam, stop);
    }
    mender.make(&best.moves);
}

/// The best chain of all that a beam follows, or the one that is known.
fn followed(
    mender: &mut Mender<'_, '_>,
    mut best: Chain,
    (cap, enough): (usize, (i64, i64)),
    beam: Beam,
    stop: &dyn Stop,
) -> Chain {
    let released = mender.ledger.released.iter().filter(|&&is| is).count();
    let mut followed = vec![Chain {
        worth: mender.worth(),
        moves: Vec::new(),
    }];
    for _ in 0..cap + released.min(cap + 1) {
        if best.worth.levels() <= enough || stop.stopped() {
            break;
        }
        let mut longer = Vec::new();
        for chain in &followed {
            let undo = mender.make(&chain.moves);
            lengthen(mender, chain, (cap, beam.helpers), &mut longer);
            mender.make(&undo);
        }
        followed = beam.most_promising(longer, best.worth);
        let Some(first) = followed.first() else {
            break;
        };
        if first.worth < best.worth {
            best = first.clone();
        }
    }
    best
}

/// All ways in which one more person steps in.
fn lengthen(
    mender: &mut Mender<'_, '_>,
    chain: &Chain,
    (cap, most_helpers): (usize, usize),
    longer: &mut Vec<Chain>,
) {
    let mut helpers = mender.helpers(&mender.holes());
    helpers.sort_by_key(|&(operator, cells)| (std::cmp::Reverse(cells), operator));
    helpers.truncate(most_helpers);
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

impl Beam {
    /// The best chains, with some among them that so far only pass the hole on.
    fn most_promising(self, mut chains: Vec<Chain>, best: Worth) -> Vec<Chain> {
        chains.sort_by(|one, other| (one.worth, &one.moves).cmp(&(other.worth, &other.moves)));
        chains.dedup_by(|one, other| one.worth == other.worth && one.moves == other.moves);
        let (mut closing, mut passing): (Vec<Chain>, Vec<Chain>) = chains
            .into_iter()
            .partition(|chain| chain.worth.levels() < best.levels());
        closing.truncate(self.width);
        passing.truncate(self.passed_on.max(self.width - closing.len()));
        closing.extend(passing);
        closing
    }
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
