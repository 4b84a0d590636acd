//! Column generation: better rosters for a programme, and a proof of how good they are.
//!
//! A column is the whole set of shifts of one person. A linear program over some columns prices coverage; pricing finds
//! the best column of everybody at these prices, exactly; and from any prices follows a bound that no roster can beat,
//! reckoned in whole numbers. Levels are taken one after the other: gaps alone, then alerts with no more gaps, then
//! the soft rules with no more of either. The main entry is [`improve`].
//!
//! Formulas: docs/formulation.md, "Column generation". Source: Dantzig and Wolfe (1960).

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
use ground::{Column, Ground};
use level::{Patience, Pool, Relaxed, relax};
use prices::{Level, SCALE};

/// Columns beyond which choosing in whole numbers takes too long.
const MOST_COLUMNS: usize = 2_000;

/// How much to spend, counted in steps and never in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Seed of the random choices.
    pub(crate) seed: u64,
    /// 1..=9.
    pub(crate) effort: u8,
}

/// What column generation gives back.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The best roster known, and its cost.
    pub(crate) best: (RosterCost, Roster),
    pub(crate) proof: Proof,
    /// Rounds of pricing.
    pub(crate) rounds: u64,
}

/// Improves a roster and proves how good it is; `better` hears of every better one.
pub(crate) fn improve(
    instance: &Instance<'_>,
    eligibility: &Eligibility,
    pinned: &Roster,
    incumbent: &(RosterCost, Roster),
    budget: Budget,
    stop: &dyn Stop,
    better: &mut dyn FnMut(RosterCost, &Roster),
) -> Found {
    let mut run = Run {
        ground: Ground::of(instance, eligibility, pinned),
        best: incumbent.clone(),
        pool: Pool::default(),
        proof: Proof::default(),
        rounds: 0,
        budget,
        stop,
        better,
    };
    run.solve();
    Found {
        best: run.best,
        proof: run.proof,
        rounds: run.rounds,
    }
}

struct Run<'a> {
    ground: Ground<'a>,
    best: (RosterCost, Roster),
    pool: Pool,
    proof: Proof,
    rounds: u64,
    budget: Budget,
    stop: &'a dyn Stop,
    better: &'a mut dyn FnMut(RosterCost, &Roster),
}

impl Run<'_> {
    fn solve(&mut self) {
        self.know_best();
        if self.best.0.gaps > 0 {
            let relaxed = self.relax(Level::Gaps, self.best.0.gaps);
            self.proof.gaps = relaxed.bound;
            if relaxed.bound < self.best.0.gaps {
                self.choose(Level::Gaps, &relaxed);
            }
        }
        if self.best.0.alert_short > 0 {
            let gaps = self.best.0.gaps;
            let relaxed = self.relax(Level::AlertShort { gaps }, self.best.0.alert_short);
            self.proof.alert_short = relaxed.bound;
            if relaxed.bound < self.best.0.alert_short {
                self.choose(Level::AlertShort { gaps }, &relaxed);
            }
        }
        let level = Level::Soft {
            gaps: self.best.0.gaps,
            alert_short: self.best.0.alert_short,
        };
        let relaxed = self.relax(level, self.best.0.soft);
        self.proof.soft = relaxed.bound;
        if relaxed.bound < self.best.0.soft {
            self.choose(level, &relaxed);
        }
    }

    fn relax(&mut self, level: Level, enough: i64) -> Relaxed {
        let patience = Patience {
            rounds: 400,
            columns: 400,
            enough,
        };
        let relaxed = relax(&self.ground, level, &mut self.pool, patience, self.stop);
        self.rounds += relaxed.rounds;
        relaxed
    }

    /// Takes the columns of the best roster into the pool.
    fn know_best(&mut self) {
        for (operator, shifts) in self.best.1.iter().enumerate() {
            let pinned = &self.ground.pinned[operator];
            let free: Vec<_> = shifts
                .iter()
                .filter(|shift| !pinned.contains(shift))
                .copied()
                .collect();
            if !free.is_empty() {
                let column = Column::new(&self.ground, operator, free);
                self.pool.add(column);
            }
        }
    }

    /// Chooses columns in whole numbers, among those that could be part of a better roster.
    fn choose(&mut self, level: Level, relaxed: &Relaxed) {
        let Some((bound, prices, of_person)) = &relaxed.proof else {
            return;
        };
        let cost = match level {
            Level::Gaps => self.best.0.gaps,
            Level::AlertShort { .. } => self.best.0.alert_short,
            Level::Soft { .. } => self.best.0.soft,
        };
        let slack = i128::from(SCALE) * i128::from(cost - 1) - bound;
        let gained = prices.gained(&self.ground);
        let columns: Vec<&Column> = self
            .pool
            .columns
            .iter()
            .filter(|column| {
                let worth = prices.worth(&self.ground, level, &gained, column);
                i128::from(of_person[column.operator] - worth) <= slack
            })
            .collect();
        if columns.len() > MOST_COLUMNS {
            return;
        }
        let nodes = 100 * i32::from(self.budget.effort);
        let found = whole::choose(
            &self.ground,
            level,
            (&columns, &[]),
            (10_000, nodes),
            self.stop,
        );
        if let Some(choice) = found {
            let mut roster = self.ground.pinned.clone();
            for at in choice {
                roster[columns[at].operator].extend_from_slice(&columns[at].shifts);
            }
            self.offer(roster);
        }
    }

    /// Polishes a roster, and keeps it when it is better than the best.
    fn offer(&mut self, mut roster: Roster) {
        for shifts in &mut roster {
            shifts.sort_unstable_by_key(|shift| shift.start);
        }
        let mut rng = ChaCha8Rng::seed_from_u64(self.budget.seed);
        let mut search = Search::start(
            self.ground.instance,
            self.ground.eligibility,
            self.ground.pinned,
            &mut rng,
        );
        search.resume(&roster);
        search.settle(self.stop);
        let found = search.best().clone();
        if found.0 < self.best.0 {
            self.best = found;
            (self.better)(self.best.0, &self.best.1);
            self.know_best();
        }
    }
}

#[cfg(test)]
mod tests;
