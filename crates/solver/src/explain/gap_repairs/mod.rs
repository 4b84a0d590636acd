//! What would close a gap: who is how far from it, and the cheapest repairs, each proved.

mod edits;
mod found;
mod languages;

use std::collections::BTreeSet;

use meridian_model::{OperatorId, Plan, RuleCode};

use super::mend::{Before, let_take, with_block, with_sessions};
use super::offers::{Candidate, Change, cheapest};
use super::one_person::{PERSONAL, Taking, open_cells};
use super::reach::Reach;
use super::repair::Repair;
use super::skills::knows;
use super::view::View;
use super::{Near, Offer};

/// What one person could do if some rules did not bind her, and what that asks.
struct Way {
    rules: BTreeSet<RuleCode>,
    taking: Taking,
    /// `None` where it would ask what nobody is asked: to answer alerts at night.
    repair: Option<Repair>,
}

/// Who is how far from a hole, nearest first.
pub(super) fn nearest(reach: &mut Reach<'_, '_>) -> (Vec<Near>, Vec<Candidate>) {
    let mut near = Vec::new();
    let mut candidates = Vec::new();
    for operator in 0..reach.walls.len() {
        let ways = ways(reach, operator);
        let Some(her) = reach.view.problem.operators.get(operator) else {
            continue;
        };
        let asked = |way: &Way| {
            let repair = way.repair.as_ref();
            repair.map_or(i64::MAX, |repair| repair.asks(reach.view.problem))
        };
        let best = ways
            .iter()
            .min_by_key(|way| (way.rules.len(), asked(way), &way.rules));
        // A stranger to role and language is no nearer than anybody.
        let near_enough = |way: &&Way| way.repair.is_some() || !way.rules.contains(&RuleCode::H16);
        if let Some(best) = best.filter(near_enough) {
            near.push(Near {
                operator: her.id.clone(),
                needs: best.rules.iter().copied().collect(),
                asks: best
                    .repair
                    .as_ref()
                    .map(|repair| repair.asks(reach.view.problem)),
                closes: best.taking.closes,
            });
        }
        candidates.extend(ways.into_iter().filter_map(|way| {
            Some(Candidate {
                closes: way.taking.closes,
                asks: asked(&way),
                repair: way.repair?,
                change: Change::People(vec![her.id.clone()]),
            })
        }));
    }
    near.sort_by_key(|one| {
        (
            one.asks.is_none(),
            one.asks,
            one.needs.len(),
            one.operator.clone(),
        )
    });
    (near, candidates)
}

/// The ways in which one person could take some of the hole with as few rules out of her way as possible.
fn ways(reach: &mut Reach<'_, '_>, operator: usize) -> Vec<Way> {
    let Some(walls) = reach.walls.get(operator).cloned() else {
        return Vec::new();
    };
    let Some(her) = reach.view.problem.operators.get(operator) else {
        return Vec::new();
    };
    let stranger = !knows(her, reach.role);
    // Who would have to learn the role and something else too is not near.
    if stranger && walls.len() > 1 {
        return Vec::new();
    }
    let mut ways = Vec::new();
    let mut least = 0;
    let with_walls = reach.taking(operator, &walls);
    if let Some(taking) = with_walls {
        least = taking.closes;
        ways.push(way(reach, operator, walls.clone(), taking));
    }
    let whole = open_cells(reach.view, &reach.hole);
    if least < whole && !stranger {
        for rule in PERSONAL {
            let mut relaxed = walls.clone();
            if relaxed.insert(rule)
                && let Some(taking) = reach.taking(operator, &relaxed)
                && taking.closes > least
            {
                ways.push(way(reach, operator, relaxed, taking));
            }
        }
    }
    if ways.is_empty() && !stranger {
        ways.extend(fewest(reach, operator));
    }
    ways
}

/// As few rules as possible out of her way, where no single one would do.
fn fewest(reach: &mut Reach<'_, '_>, operator: usize) -> Option<Way> {
    let mut relaxed: BTreeSet<RuleCode> = PERSONAL.into_iter().collect();
    let mut taking = reach.taking(operator, &relaxed)?;
    // What is never asked of anyone, or asks everyone, is spared first.
    let order = [
        RuleCode::H15,
        RuleCode::H16,
        RuleCode::H17,
        RuleCode::H13,
        RuleCode::H20,
        RuleCode::H18,
        RuleCode::H22,
        RuleCode::H21,
        RuleCode::H19,
        RuleCode::H12,
    ];
    for rule in order {
        relaxed.remove(&rule);
        match reach.taking(operator, &relaxed) {
            Some(less) => taking = less,
            None => {
                relaxed.insert(rule);
            }
        }
    }
    Some(way(reach, operator, relaxed, taking))
}

fn way(
    reach: &mut Reach<'_, '_>,
    operator: usize,
    rules: BTreeSet<RuleCode>,
    taking: Taking,
) -> Way {
    let repair = edits::repair(reach, operator, &rules, &taking);
    Way {
        rules,
        taking,
        repair,
    }
}

/// The best repairs of a hole, proved, cheapest first.
pub(super) fn offers(
    reach: &Reach<'_, '_>,
    plan: &Plan,
    before: &Before,
    mut candidates: Vec<Candidate>,
) -> Vec<Offer> {
    candidates.extend(found::people(reach));
    candidates.extend(languages::others(reach));
    let (problem, hole) = (reach.view.problem, &reach.hole);
    let of = open_cells(reach.view, hole);
    cheapest(plan, candidates, of, |candidate| {
        let changed = candidate.repair.apply(problem);
        let mended = match &candidate.change {
            Change::People(people) => {
                let known = |id: &OperatorId| problem.operators.iter().any(|one| one.id == *id);
                let new = changed.operators.iter().map(|one| &one.id);
                let people = people.iter().chain(new.filter(|id| !known(id)));
                let people: Vec<OperatorId> = people.cloned().collect();
                let_take(&changed, plan.clone(), &people, hole)
            }
            Change::Block(block) => with_block(&changed, plan, block),
            Change::Sessions(placed) => with_sessions(plan, placed),
        };
        let proof = before.proof(&changed, mended)?;
        let left = open_cells(&View::new(&changed, &proof.plan), hole);
        let closes = of.saturating_sub(left);
        let fewer = before.score.medium.gaps - proof.score.medium.gaps;
        (fewer >= i64::from(closes)).then_some((closes, proof))
    })
}
