//! Column generation: better rosters for a programme, and a proof of how good they are.
//!
//! A column is the whole set of shifts of one person. A linear program over some columns prices coverage; pricing finds
//! the best column of everybody at these prices, exactly; and from any prices follows a bound that no roster can beat,
//! reckoned in whole numbers. Levels are taken one after the other: gaps alone, then alerts with no more gaps, then
//! the soft rules with no more of either. The main entry is [`Columns::improve`].
//!
//! Formulas: docs/formulation.md, "Column generation". Source: Dantzig and Wolfe (1960).

mod alike;
mod ascent;
mod dive;
mod frame;
mod ground;
mod level;
mod master;
mod prices;
mod pricing;
mod whole;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::eligibility::Eligibility;
use super::search::Search;
use super::state::RosterCost;
use super::{Proof, Roster};
use crate::Stop;
use crate::instance::Instance;
use dive::{Boldness, dive};
use ground::{Column, Ground};
use level::{Patience, Pool, Relaxed, relax};
use prices::{Level, SCALE};

/// Columns among which to choose in whole numbers; with more it takes too long.
const MOST_COLUMNS: usize = 600;

/// Dives, one after the other while the best roster is not near its bound.
const DIVES: [Boldness; 2] = [
    Boldness {
        sure: 90,
        likely: 60,
        one_in: 10,
        steady: 500,
    },
    Boldness {
        sure: 97,
        likely: 80,
        one_in: 30,
        steady: 2_000,
    },
];
/// What counts as near, in thousandths of the bound.
const NEAR: i64 = 1;

/// How much to spend, counted in steps and never in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Seed of the random choices.
    pub(crate) seed: u64,
    /// 1..=9.
    pub(crate) effort: u8,
    /// How near to its bound the soft level has to be, in millionths of the bound.
    pub(crate) gap_ppm: u32,
}

/// What column generation gives back.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The best roster known, and its cost.
    pub(crate) best: (RosterCost, Roster),
    /// What is proven by now.
    pub(crate) proof: Proof,
    /// Rounds of pricing.
    pub(crate) rounds: u64,
}

/// Which levels are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Levels {
    /// Gaps, then alerts.
    Shortages,
    /// The soft rules, with no more missing than in the roster to begin with.
    Soft,
}

/// Column generation, with the columns that it has made so far.
pub(crate) struct Columns<'a> {
    ground: Ground<'a>,
    pool: Pool,
    proof: Proof,
    budget: Budget,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(
        instance: &'a Instance<'a>,
        eligibility: &'a Eligibility,
        pinned: &'a Roster,
        budget: Budget,
    ) -> Self {
        Self {
            ground: Ground::of(instance, eligibility, pinned),
            pool: Pool::default(),
            proof: Proof::default(),
            budget,
        }
    }

    /// Improves a roster and proves how good it is; `better` hears of every better one.
    pub(crate) fn improve(
        &mut self,
        levels: Levels,
        incumbent: &(RosterCost, Roster),
        stop: &dyn Stop,
        better: &mut dyn FnMut(RosterCost, &Roster),
    ) -> Found {
        let mut run = Run {
            ground: &self.ground,
            pool: &mut self.pool,
            best: incumbent.clone(),
            rounds: 0,
            budget: self.budget,
            stop,
            better,
        };
        match levels {
            Levels::Shortages => {
                if run.best.0.gaps > 0 {
                    self.proof.gaps = run.level(Level::Gaps);
                }
                if run.best.0.alert_short > 0 {
                    let gaps = run.best.0.gaps;
                    self.proof.alert_short = run.level(Level::AlertShort { gaps });
                }
            }
            Levels::Soft => {
                let (gaps, alert_short) = (run.best.0.gaps, run.best.0.alert_short);
                self.proof.soft = run.level(Level::Soft { gaps, alert_short });
            }
        }
        Found {
            best: run.best,
            rounds: run.rounds,
            proof: self.proof,
        }
    }
}

/// One call of [`Columns::improve`].
struct Run<'r, 'a> {
    ground: &'r Ground<'a>,
    pool: &'r mut Pool,
    best: (RosterCost, Roster),
    rounds: u64,
    budget: Budget,
    stop: &'r dyn Stop,
    better: &'r mut dyn FnMut(RosterCost, &Roster),
}

impl Run<'_, '_> {
    /// Bounds one level, and betters the best roster on it; the bound.
    fn level(&mut self, level: Level) -> i64 {
        let known = self.columns_of_best();
        for column in &known {
            self.pool.add(column.clone());
        }
        let effort = u64::from(self.budget.effort);
        let patience = Patience {
            rounds: 100 * effort,
            steps: effort * if self.ground.is_large() { 120 } else { 30 },
            columns: 400,
            enough: self.enough(level),
        };
        let known = (level.own() > 0).then_some((level.cost(self.best.0), known.as_slice()));
        let stop = self.stop;
        let mut relaxed = relax(self.ground, level, self.pool, known, patience, stop);
        self.rounds += relaxed.rounds;
        // Without a linear program there is nothing to dive from.
        if relaxed.bound >= self.enough(level) || relaxed.chosen.is_empty() {
            return relaxed.bound;
        }
        self.dive(level, &mut relaxed);
        self.choose(level, &relaxed);
        relaxed.bound
    }

    /// A bound this high is near enough to the best roster.
    fn enough(&self, level: Level) -> i64 {
        let cost = level.cost(self.best.0);
        if level.own() == 0 {
            return cost;
        }
        let whole = 1_000_000 + i128::from(self.budget.gap_ppm);
        let least = i128::from(cost) * 1_000_000;
        i64::try_from((least + whole - 1) / whole).unwrap_or(cost)
    }

    /// Dives while the best roster is not near its bound.
    fn dive(&mut self, level: Level, relaxed: &mut Relaxed) {
        let Some(mut master) = relaxed.master.take() else {
            return;
        };
        let near = relaxed.bound.saturating_mul(NEAR) / 1000;
        for bold in DIVES {
            let enough = self.enough(level).min(level.cost(self.best.0) - near);
            if relaxed.bound >= enough || self.stop.stopped() {
                break;
            }
            let parts = (&mut master, &mut *self.pool);
            let Some(columns) = dive(self.ground, level, parts, bold, self.stop) else {
                break;
            };
            self.offer(&columns);
        }
    }

    /// All columns but those that lose too much at the prices of the bound to be part of a better roster, those that lose
    /// least first.
    fn near(&self, level: Level, relaxed: &Relaxed) -> Vec<&Column> {
        let Some((bound, prices, of_person)) = &relaxed.proof else {
            return Vec::new();
        };
        let cost = i128::from(level.cost(self.best.0) - 1);
        let slack = i128::from(SCALE) * cost - bound;
        let gained = prices.gained(self.ground);
        let lost = |column: &Column| {
            of_person[column.operator] - prices.worth(self.ground, level, &gained, column)
        };
        let mut near: Vec<(i64, &Column)> = self
            .pool
            .columns
            .iter()
            .map(|column| (lost(column), column))
            .filter(|(lost, _)| i128::from(*lost) <= slack)
            .collect();
        near.sort_by_key(|(lost, column)| (*lost, column.operator));
        near.into_iter().map(|(_, column)| column).collect()
    }

    /// The columns of the best roster.
    fn columns_of_best(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        for (operator, shifts) in self.best.1.iter().enumerate() {
            let pinned = &self.ground.pinned[operator];
            let mut free = shifts.clone();
            free.retain(|shift| !pinned.contains(shift));
            if !free.is_empty() {
                columns.push(Column::new(self.ground, operator, free));
            }
        }
        columns
    }

    /// Chooses columns in whole numbers, among those that lose least.
    fn choose(&mut self, level: Level, relaxed: &Relaxed) {
        if relaxed.bound >= self.enough(level) || self.stop.stopped() {
            return;
        }
        let known = self.columns_of_best();
        let start: Vec<usize> = (0..known.len()).collect();
        let mut columns: Vec<&Column> = known.iter().collect();
        let near = self.near(level, relaxed);
        let others = near.into_iter().filter(|column| !known.contains(column));
        columns.extend(others.take(MOST_COLUMNS.saturating_sub(start.len())));
        let nodes = 10 * i32::from(self.budget.effort);
        let limits = (relaxed.dear, nodes);
        let chosen = whole::choose(self.ground, level, (&columns, &start), limits, self.stop);
        if let Some(chosen) = chosen {
            let chosen: Vec<Column> = chosen.iter().map(|&at| columns[at].clone()).collect();
            self.offer(&chosen);
        }
    }

    /// Polishes a roster, and keeps it when it is better than the best.
    fn offer(&mut self, columns: &[Column]) {
        let mut roster = self.ground.pinned.clone();
        for column in columns {
            roster[column.operator].extend_from_slice(&column.shifts);
        }
        for shifts in &mut roster {
            shifts.sort_unstable_by_key(|shift| shift.start);
        }
        let mut rng = ChaCha8Rng::seed_from_u64(self.budget.seed);
        let mut search = Search::resumed(
            self.ground.instance,
            self.ground.eligibility,
            self.ground.pinned,
            &roster,
            &mut rng,
        );
        search.settle(self.stop);
        let found = search.best().clone();
        if found.0 < self.best.0 {
            self.best = found;
            (self.better)(self.best.0, &self.best.1);
        }
    }
}

#[cfg(test)]
mod tests;
