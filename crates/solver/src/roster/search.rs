//! Greedy start and large-neighbourhood search over whole people.

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, RngExt};

use super::best_plan::best_plan;
use super::eligibility::Eligibility;
use super::state::{RosterCost, State};
use super::{CellShift, Roster};
use crate::instance::Instance;
use crate::{Phase, Progress, Stop};

/// Soft cost by which a step may be worse at the start of the search; it falls to nothing.
const FIRST_TEMPERATURE: i64 = 150;

/// The same while there are gaps: wandering on a plateau of equal gaps is how the way down is found.
const WANDERING: i64 = 10000;
/// Person cells by which gaps may be above the fewest found while there are any; it falls to nothing.
const GAPS_WIDER: i64 = 24;

/// A search for a roster.
pub(crate) struct Search<'a, 'p, R> {
    state: State<'a, 'p>,
    pinned: &'a Roster,
    rng: &'a mut R,
    best: (RosterCost, Roster),
}

impl<'a, 'p, R: Rng> Search<'a, 'p, R> {
    /// Starts from nothing but the pinned shifts, and puts people on greedily.
    pub(crate) fn start(
        instance: &'a Instance<'p>,
        eligibility: &'a Eligibility,
        pinned: &'a Roster,
        rng: &'a mut R,
    ) -> Self {
        let mut state = State::empty(instance, eligibility);
        for (operator, shifts) in pinned.iter().enumerate() {
            state.set(operator, shifts.clone());
        }
        let best = (state.cost(), state.shifts.clone());
        let mut search = Self {
            state,
            pinned,
            rng,
            best,
        };
        let mut order: Vec<usize> = (0..instance.operators.len()).collect();
        // Those who can do the least choose first.
        order.sort_by_key(|&o| {
            let runs = eligibility.people[o].duties.iter().flat_map(|d| &d.runs);
            (runs.map(|(from, to)| to - from).sum::<usize>(), o)
        });
        for operator in order {
            search.reassign(operator);
        }
        search.keep();
        search
    }

    /// Starts from a roster that holds, the pinned shifts in it.
    pub(crate) fn resumed(
        instance: &'a Instance<'p>,
        eligibility: &'a Eligibility,
        pinned: &'a Roster,
        roster: &Roster,
        rng: &'a mut R,
    ) -> Self {
        let state = State::of(instance, eligibility, roster);
        let best = (state.cost(), roster.clone());
        Self {
            state,
            pinned,
            rng,
            best,
        }
    }

    /// Goes on from another roster.
    pub(crate) fn resume(&mut self, roster: &Roster) {
        for (operator, shifts) in roster.iter().enumerate() {
            self.state.set(operator, shifts.clone());
        }
        self.best = (self.state.cost(), roster.clone());
    }

    /// The best roster so far.
    pub(crate) fn best(&self) -> &(RosterCost, Roster) {
        &self.best
    }

    /// Takes up to `steps` steps; calls `better` on each improvement and tells of progress.
    pub(crate) fn improve(
        &mut self,
        steps: u64,
        stop: &dyn Stop,
        better: &mut dyn FnMut(RosterCost, &Roster),
        progress: &mut dyn FnMut(Progress),
    ) {
        let mut current = self.state.cost();
        for step in 0..steps {
            if stop.stopped() {
                break;
            }
            if step % 64 == 0 {
                progress(Progress {
                    phase: Phase::Roster,
                    step,
                    steps,
                    best: None,
                });
            }
            let people = self.neighbourhood();
            let before: Vec<(usize, Vec<CellShift>)> = people
                .iter()
                .map(|&o| (o, self.state.shifts[o].clone()))
                .collect();
            for &operator in &people {
                self.state.clear(operator, &self.pinned[operator]);
            }
            for &operator in &people {
                self.assign(operator);
            }
            let cost = self.state.cost();
            let left = i64::try_from((steps - step) * 1000 / steps).unwrap_or(0);
            if self.accepts(current, cost, left) {
                current = cost;
                if cost < self.best.0 {
                    self.keep();
                    better(cost, &self.best.1);
                }
            } else {
                for (operator, shifts) in before {
                    self.state.set(operator, shifts);
                }
            }
        }
        let best = self.best.1.clone();
        self.resume(&best);
    }

    /// Whether to go on from `cost` after `current`, with `left` of the search in thousandths to go.
    ///
    /// Soft cost may rise a little at first. So may gaps while there are any: to close a hole, another often
    /// has to open for a while.
    fn accepts(&mut self, current: RosterCost, cost: RosterCost, left: i64) -> bool {
        let missing = |cost: RosterCost| (cost.gaps, cost.alert_short);
        if missing(cost) < missing(current) {
            return true;
        }
        if missing(cost) == missing(current) {
            let first = if self.best.0.gaps > 0 {
                WANDERING
            } else {
                FIRST_TEMPERATURE
            };
            return cost.soft <= current.soft + first * left * left / 1_000_000;
        }
        let wider = self.best.0.gaps + GAPS_WIDER * left / 1000;
        let risk = self.rng.random_range(0..1000) < left / 20;
        self.best.0.gaps > 0 && risk && cost.gaps <= wider
    }

    /// Lets everyone choose anew in turn until nobody gains, then drops shifts that cover nothing alone.
    pub(crate) fn settle(&mut self, stop: &dyn Stop) {
        for _ in 0..8 {
            let before = self.state.cost();
            for operator in 0..self.state.shifts.len() {
                if stop.stopped() {
                    break;
                }
                let shifts = self.state.shifts[operator].clone();
                let cost = self.state.cost();
                self.reassign(operator);
                if self.state.cost() > cost {
                    self.state.set(operator, shifts);
                }
            }
            if self.state.cost() >= before {
                break;
            }
        }
        self.drop_idle();
        self.keep();
    }

    /// Drops every shift, pinned ones apart, without which nothing is missing.
    fn drop_idle(&mut self) {
        for operator in 0..self.state.shifts.len() {
            for shift in self.state.shifts[operator].clone() {
                if self.pinned[operator].contains(&shift) {
                    continue;
                }
                let with = self.state.cost();
                let all = self.state.shifts[operator].clone();
                let rest = all.iter().copied().filter(|s| *s != shift).collect();
                self.state.set(operator, rest);
                let without = self.state.cost();
                if (without.gaps, without.alert_short) > (with.gaps, with.alert_short) {
                    self.state.set(operator, all);
                }
            }
        }
    }

    fn keep(&mut self) {
        self.best = (self.state.cost(), self.state.shifts.clone());
    }

    fn reassign(&mut self, operator: usize) {
        self.state.clear(operator, &self.pinned[operator]);
        self.assign(operator);
    }

    fn assign(&mut self, operator: usize) {
        for shift in best_plan(&self.state, operator, &self.pinned[operator]) {
            self.state.add(operator, shift);
        }
    }

    /// People who could trade places: around one moment, with a gap there if there is any.
    fn neighbourhood(&mut self) -> Vec<usize> {
        let n_people = self.state.shifts.len();
        let size = self.rng.random_range(2..=14usize).min(n_people);
        let (duty, cell) = self.anchor();
        let reach = self.rng.random_range(12..=60usize);
        let near = cell.saturating_sub(reach)..(cell + reach);
        let mut serving = Vec::new();
        let mut able = Vec::new();
        for operator in 0..n_people {
            let on_duty = self.state.shifts[operator]
                .iter()
                .any(|s| s.start < near.end && near.start < s.end);
            let duties = &self.state.eligibility.people[operator].duties;
            let can = duties.iter().any(|d| d.duty == duty && d.serves(cell));
            if on_duty {
                serving.push(operator);
            } else if can {
                able.push(operator);
            }
        }
        let from_able = self.rng.random_range(0..=size);
        let mut people: Vec<usize> = able.sample(self.rng, from_able).copied().collect();
        let more = size - people.len();
        people.extend(serving.sample(self.rng, more).copied());
        if people.is_empty() && n_people > 0 {
            people.push(self.rng.random_range(0..n_people));
        }
        people.sort_unstable();
        people.shuffle(self.rng);
        people
    }

    fn anchor(&mut self) -> (usize, usize) {
        let n_cells = self.state.instance.n_cells;
        if self.rng.random_bool(0.7) {
            let gaps: Vec<(usize, usize)> = (0..self.state.cover.len())
                .flat_map(|d| (0..n_cells).map(move |c| (d, c)))
                .filter(|&(d, c)| self.state.missing(d, c) > 0)
                .collect();
            if let Some(&gap) = gaps.choose(self.rng) {
                return gap;
            }
        }
        let duty = self.rng.random_range(0..self.state.cover.len().max(1));
        (duty, self.rng.random_range(0..n_cells))
    }
}
