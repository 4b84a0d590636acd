//! Greedy start and large-neighbourhood search: some people choose anew, or some time is divided anew.

mod division;
mod redivide;

use rand::seq::{IndexedRandom, IteratorRandom, SliceRandom};
use rand::{Rng, RngExt};

use super::best_plan::best_plan;
use super::eligibility::Eligibility;
use super::sparse_set::SparseSet;
use super::state::{RosterCost, State};
use super::{CellShift, Roster};
use crate::instance::Instance;
use crate::{Phase, Progress, Stop};

/// Soft cost by which a step may be worse at the start of the search; it falls to nothing.
const FIRST_TEMPERATURE: i64 = 150;

/// The same while gaps may be closed: wandering on a plateau of equal gaps is how the way down is found.
const WANDERING: i64 = 10000;
/// Person cells by which gaps may be above the fewest found while these can be closed; it falls to nothing.
const GAPS_WIDER: i64 = 24;

/// Steps between tellings: to write and score a whole plan costs as much as many steps.
const TELLS: u64 = 64;

/// Of up to so many people who can serve a duty all are looked at, of more some are drawn.
const FEW: usize = 200;
/// Draws for each person looked for.
const DRAWS: usize = 8;

/// What people did before a move.
type Before = Vec<(usize, Vec<CellShift>)>;

/// A search for a roster.
pub(crate) struct Search<'a, 'p, R> {
    state: State<'a, 'p>,
    pinned: &'a Roster,
    rng: &'a mut R,
    best: (RosterCost, Roster),
    /// People whose shifts may have changed since the best roster was kept.
    touched: SparseSet,
    /// Who can serve each duty at some cell.
    able: Vec<Vec<usize>>,
    /// No roster has fewer gaps.
    least_gaps: i64,
    /// Whether time is divided anew too.
    divides: bool,
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
        let mut search = Self::on(state, pinned, rng);
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
        Self::on(State::of(instance, eligibility, roster), pinned, rng)
    }

    /// Makes known that no roster has fewer gaps, so that none is looked for.
    pub(crate) fn with_least_gaps(mut self, gaps: i64) -> Self {
        self.least_gaps = gaps;
        self
    }

    /// Lets people choose anew only: of few steps that gets more than dividing time does.
    pub(crate) fn without_dividing(mut self) -> Self {
        self.divides = false;
        self
    }

    fn on(state: State<'a, 'p>, pinned: &'a Roster, rng: &'a mut R) -> Self {
        let mut able = vec![Vec::new(); state.instance.duties.len()];
        for (operator, person) in state.eligibility.people.iter().enumerate() {
            for duty in &person.duties {
                able[duty.duty].push(operator);
            }
        }
        Self {
            best: (state.cost(), state.shifts.clone()),
            touched: SparseSet::below(state.shifts.len()),
            state,
            pinned,
            rng,
            able,
            least_gaps: 0,
            divides: true,
        }
    }

    /// The best roster so far.
    pub(crate) fn best(&self) -> &(RosterCost, Roster) {
        &self.best
    }

    /// Takes up to `steps` steps; tells of progress, and calls `better` with the best roster, from time to time.
    pub(crate) fn improve(
        &mut self,
        steps: u64,
        stop: &dyn Stop,
        better: &mut dyn FnMut(RosterCost, &Roster),
        progress: &mut dyn FnMut(Progress),
    ) {
        if self.state.cover.is_empty() {
            // Nobody is asked for anything.
            return;
        }
        let mut current = self.state.cost();
        let mut unheard = false;
        for step in 0..steps {
            if stop.stopped() {
                break;
            }
            if step % TELLS == 0 {
                if std::mem::take(&mut unheard) {
                    better(self.best.0, &self.best.1);
                }
                progress(Progress {
                    phase: Phase::Roster,
                    step,
                    steps,
                    best: None,
                });
            }
            let before = if self.divides && self.rng.random_bool(0.5) {
                self.redivide()
            } else {
                self.choose_anew()
            };
            let cost = self.state.cost();
            let left = i64::try_from((steps - step) * 1000 / steps).unwrap_or(0);
            if self.accepts(current, cost, left) {
                current = cost;
                if cost < self.best.0 {
                    self.keep();
                    unheard = true;
                }
            } else {
                for (operator, shifts) in before {
                    self.state.set(operator, shifts);
                }
            }
        }
        if unheard {
            better(self.best.0, &self.best.1);
        }
        for operator in self.touched.drain() {
            let best = self.best.1[operator].clone();
            self.state.set(operator, best);
        }
    }

    /// Lets people who could trade places choose anew, one after the other; what they did before.
    fn choose_anew(&mut self) -> Before {
        let people = self.neighbourhood();
        let shifts = |&operator: &usize| (operator, self.state.shifts[operator].clone());
        let before = people.iter().map(shifts).collect();
        for &operator in &people {
            self.state.clear(operator, &self.pinned[operator]);
        }
        for &operator in &people {
            self.assign(operator);
        }
        before
    }

    /// Whether to go on from `cost` after `current`, with `left` of the search in thousandths to go.
    ///
    /// Soft cost may rise a little at first. So may gaps while they can be closed: to close a hole, another often
    /// has to open for a while.
    fn accepts(&mut self, current: RosterCost, cost: RosterCost, left: i64) -> bool {
        let missing = |cost: RosterCost| (cost.gaps, cost.alert_short);
        let can_close = self.best.0.gaps > self.least_gaps;
        if missing(cost) < missing(current) {
            return true;
        }
        if missing(cost) == missing(current) {
            let first = if can_close {
                WANDERING
            } else {
                FIRST_TEMPERATURE
            };
            return cost.soft <= current.soft + first * left * left / 1_000_000;
        }
        let wider = self.best.0.gaps + GAPS_WIDER * left / 1000;
        let risk = self.rng.random_range(0..1000) < left / 20;
        can_close && risk && cost.gaps <= wider
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
                self.touched.put(operator, true);
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

    /// Makes the roster as it is the best one.
    fn keep(&mut self) {
        self.best.0 = self.state.cost();
        for operator in self.touched.drain() {
            self.best.1[operator].clone_from(&self.state.shifts[operator]);
        }
    }

    fn reassign(&mut self, operator: usize) {
        self.state.clear(operator, &self.pinned[operator]);
        self.assign(operator);
    }

    fn assign(&mut self, operator: usize) {
        self.touched.put(operator, true);
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
        let is_near = |shifts: &[CellShift]| {
            let mut shifts = shifts.iter();
            shifts.any(|s| s.start < near.end && near.start < s.end)
        };
        let from_able = self.rng.random_range(0..=size);
        let mut people = self.idle(duty, cell, from_able, &is_near);
        let mut serving: Vec<usize> = self.state.people_on_duty().to_vec();
        serving.retain(|&operator| is_near(&self.state.shifts[operator]));
        let more = size - people.len();
        people.extend(serving.sample(self.rng, more).copied());
        if people.is_empty() && n_people > 0 {
            people.push(self.rng.random_range(0..n_people));
        }
        people.shuffle(self.rng);
        people
    }

    /// Up to `most` people who could serve `duty` at `cell` and have no shift near it.
    fn idle(
        &mut self,
        duty: usize,
        cell: usize,
        most: usize,
        is_near: &dyn Fn(&[CellShift]) -> bool,
    ) -> Vec<usize> {
        let mut people: Vec<usize> = Vec::with_capacity(most);
        let Some(able) = self.able.get(duty) else {
            return people;
        };
        if able.len() <= FEW {
            let person = |operator: usize| self.state.eligibility.people[operator].duty(duty);
            let free = able.iter().copied().filter(|&operator| {
                person(operator).is_some_and(|duty| duty.serves(cell))
                    && !is_near(&self.state.shifts[operator])
            });
            return free.sample(self.rng, most);
        }
        let mut draws = DRAWS * most;
        while people.len() < most && draws > 0 {
            draws -= 1;
            let Some(&operator) = able.choose(self.rng) else {
                break;
            };
            let here = self.state.eligibility.people[operator].duty(duty);
            if here.is_some_and(|duty| duty.serves(cell))
                && !is_near(&self.state.shifts[operator])
                && !people.contains(&operator)
            {
                people.push(operator);
            }
        }
        people
    }

    fn anchor(&mut self) -> (usize, usize) {
        if self.rng.random_bool(0.7)
            && let Some(gap) = self.state.some_gap(|n| self.rng.random_range(0..n))
        {
            return gap;
        }
        let duty = self.rng.random_range(0..self.state.cover.len().max(1));
        (duty, self.rng.random_range(0..self.state.instance.n_cells))
    }
}
