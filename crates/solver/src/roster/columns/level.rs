//! Column generation for one level: the linear program and its prices in turn, until the bound meets it.
//!
//! Source: the smoothing of prices is Wentges' (1997): people are priced between the prices of the best bound so far
//! and those of the linear program, which keeps prices from swinging.

use std::collections::BTreeSet;

use super::ascent::ascend;
use super::ground::{Column, Ground};
use super::master::Master;
use super::prices::{Level, Prices, SCALE, whole};
use super::pricing::price;
use crate::Stop;
use crate::roster::CellShift;

/// Hundredths by which prices stay where the best bound was.
const STAY: i64 = 80;
/// A column is worth adding from this many units of `1 / SCALE`: about the tolerance of HiGHS.
const WORTH_ADDING: i64 = 4;
/// Times that the price of going beyond a limit is raised.
const DEARER: usize = 3;

/// All columns that were ever made.
#[derive(Debug, Default)]
pub(super) struct Pool {
    pub(super) columns: Vec<Column>,
    known: BTreeSet<(usize, Vec<CellShift>)>,
}

impl Pool {
    /// Takes a column in, unless it is there already.
    pub(super) fn add(&mut self, column: Column) -> bool {
        let new = self.known.insert((column.operator, column.shifts.clone()));
        if new {
            self.columns.push(column);
        }
        new
    }
}

/// What is known of a level.
#[derive(Default)]
pub(super) struct Relaxed {
    /// No roster that keeps the limits costs less.
    pub(super) bound: i64,
    /// The same before rounding, in units of `1 / SCALE`, with its prices and what each person's best plan is worth.
    pub(super) proof: Option<(i128, Prices, Vec<i64>)>,
    /// What going beyond a limit of the level cost in the end.
    pub(super) dear: i64,
    /// Places in the pool of what the last linear program chose.
    pub(super) chosen: Vec<usize>,
    pub(super) rounds: u64,
    /// The last linear program, over the pool's columns in their order.
    pub(super) master: Option<Master>,
}

/// How long to go on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Linear programs.
    pub(super) rounds: u64,
    /// Steps uphill before the first.
    pub(super) steps: u64,
    /// Columns added in one round.
    pub(super) columns: usize,
    /// A bound this high is enough.
    pub(super) enough: i64,
}

impl Relaxed {
    /// Keeps a bound if it is the best; whether it is.
    pub(super) fn learn(&mut self, prices: &Prices, bound: i128, of_person: Vec<i64>) -> bool {
        let better = self.proof.as_ref().is_none_or(|known| bound > known.0);
        if better {
            self.bound = self.bound.max(whole(bound));
            self.proof = Some((bound, prices.clone(), of_person));
        }
        better
    }
}

/// Solves the relaxation of a level over all plans of all people; `known` is a roster's cost and its columns.
pub(super) fn relax(
    ground: &Ground<'_>,
    level: Level,
    pool: &mut Pool,
    known: Option<(i64, &[Column])>,
    patience: Patience,
    stop: &dyn Stop,
) -> Relaxed {
    let mut relaxed = Relaxed::default();
    let mut dear = dearest(ground);
    if let Some((cost, columns)) = known {
        let start = Prices::guess(ground, level, columns, dear);
        ascend(
            ground,
            level,
            (start, cost),
            patience.steps,
            pool,
            &mut relaxed,
            stop,
        );
    }
    if level.own() > 0 && ground.is_large() {
        return relaxed;
    }
    for _ in 0..=DEARER {
        relaxed.dear = dear;
        let done = generate(ground, level, pool, patience, dear, &mut relaxed, stop);
        if done {
            break;
        }
        dear *= 8;
    }
    relaxed
}

/// One run of column generation; false when it ended beyond a limit that can perhaps be kept.
fn generate(
    ground: &Ground<'_>,
    level: Level,
    pool: &mut Pool,
    patience: Patience,
    dear: i64,
    relaxed: &mut Relaxed,
    stop: &dyn Stop,
) -> bool {
    let Some(mut master) = Master::new(ground, level, dear) else {
        return true;
    };
    for column in &pool.columns {
        if master.add(ground, column).is_none() {
            return true;
        }
    }
    let done = rounds(ground, level, pool, patience, &mut master, relaxed, stop);
    relaxed.master = Some(master);
    done
}

fn rounds(
    ground: &Ground<'_>,
    level: Level,
    pool: &mut Pool,
    patience: Patience,
    master: &mut Master,
    relaxed: &mut Relaxed,
    stop: &dyn Stop,
) -> bool {
    for _ in 0..patience.rounds {
        relaxed.rounds += 1;
        let Some(solved) = master.solve(ground, stop) else {
            return true;
        };
        let over_limit = solved.over_limit;
        let prices = solved.prices.clone();
        let person = solved.person.clone();
        let some = solved.chosen.iter().enumerate();
        relaxed.chosen = some
            .filter(|(_, much)| **much > 0)
            .map(|(at, _)| at)
            .collect();
        let value = whole(solved.value - i128::from(SCALE / 1000));
        if relaxed.bound >= value.min(patience.enough) && !over_limit {
            return true;
        }
        let center = relaxed.proof.as_ref().map(|(_, best, _)| best.clone());
        let mut added = 0;
        for stay in [STAY, 0] {
            let asked = match &center {
                Some(center) => center.blend(&prices, stay),
                None => prices.clone(),
            };
            let Some(priced) = price(ground, level, &asked, stop) else {
                return true;
            };
            let bound = asked.bound(ground, level, priced.best);
            relaxed.learn(&asked, bound, priced.of_person);
            let columns = worthwhile(ground, level, &prices, &person, priced.columns);
            for column in columns.into_iter().take(patience.columns) {
                if pool.add(column.clone()) {
                    added += 1;
                    if master.add(ground, &column).is_none() {
                        return true;
                    }
                }
            }
            if added > 0 {
                break;
            }
        }
        if relaxed.bound >= patience.enough {
            return true;
        }
        if added == 0 {
            return !over_limit;
        }
    }
    true
}

/// The columns that the linear program would take in, the most valuable first.
pub(super) fn worthwhile(
    ground: &Ground<'_>,
    level: Level,
    prices: &Prices,
    person: &[i64],
    columns: Vec<Column>,
) -> Vec<Column> {
    let gained = prices.gained(ground);
    let mut valued: Vec<(i64, Column)> = columns
        .into_iter()
        .map(|column| {
            let worth = prices.worth(ground, level, &gained, &column);
            (worth - person[column.operator], column)
        })
        .filter(|(worth, _)| *worth > WORTH_ADDING)
        .collect();
    valued.sort_by_key(|(worth, column)| (std::cmp::Reverse(*worth), column.operator));
    valued.into_iter().map(|(_, column)| column).collect()
}

/// A price that one missing person cell will hardly reach.
fn dearest(ground: &Ground<'_>) -> i64 {
    let instance = ground.instance;
    let costs = instance.operators.iter().flat_map(|o| &o.cell_cost);
    let cell = costs.copied().max().unwrap_or(0);
    let weights = instance.weights;
    let shift = weights.fragmentation + 60 * weights.handover;
    let load = instance.cell_min * 8 * (weights.fair_people + weights.fair_groups);
    (16 * (cell + load) + 4 * shift + 100).clamp(100, 1_000_000)
}
