//! The time of one duty divided among people, while all other shifts stay: exactly, by a shortest path over cells.
//!
//! One person's best plan leaves the ends of her neighbours' shifts where they are. Here all shifts of some time are
//! chosen together: from each cell to each other leads the shift of whoever is best for it, or one cell leaves it open.
//! Each person is reckoned as if she had one of the shifts only; who is chosen twice is for the caller to see.

use crate::instance::number;
use crate::roster::CellShift;
use crate::roster::best_plan::cell_gain;
use crate::roster::best_set::shift_alone;
use crate::roster::eligibility::PersonDuty;
use crate::roster::hours::Hours;
use crate::roster::state::State;

/// A shift in someone's hands.
type Given = (usize, CellShift);

/// Time of one duty and whose hands each part of it is best in.
pub(super) struct Division<'s, 'a, 'p> {
    state: &'s State<'a, 'p>,
    duty: usize,
    from: usize,
    to: usize,
    /// What the best shift is worth, and whose it is: first cells × lengths from the shortest on.
    best: Vec<Option<(i64, Given)>>,
    n_lengths: usize,
}

/// One person's tables, kept from person to person.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Fairness cost of so many more cells on duty.
    lengths: Vec<i64>,
    /// Gain less cost before each cell of a run and after its last.
    worth_before: Vec<i64>,
}

impl<'s, 'a, 'p> Division<'s, 'a, 'p> {
    /// The cells `from..to`, as nobody's.
    pub(super) fn new(state: &'s State<'a, 'p>, duty: usize, (from, to): (usize, usize)) -> Self {
        let limits = state.instance.limits;
        let n_lengths = (limits.longest + 1).saturating_sub(limits.shortest);
        Self {
            state,
            duty,
            from,
            to,
            best: vec![None; (to - from) * n_lengths],
            n_lengths,
        }
    }

    /// Gives a person each shift that is best in her hands, beside her other shifts.
    pub(super) fn offer(&mut self, operator: usize, tables: &mut Tables) {
        let state = self.state;
        let Some(duty) = state.eligibility.people[operator].duty(self.duty) else {
            return;
        };
        let shortest = state.instance.limits.shortest;
        let (first, last) = (self.from, self.to);
        let clipped = duty
            .runs
            .iter()
            .map(|run| (run.0.max(first), run.1.min(last)));
        let mut runs = clipped.filter(|run| run.0 + shortest <= run.1).peekable();
        if runs.peek().is_none() {
            return;
        }
        let hours = Hours::of(state.instance, operator, &state.shifts[operator]);
        tables.fill_lengths(state, operator, hours.longest.min(hours.most));
        for run in runs {
            tables.fill_run(state, operator, duty, run);
            self.offer_run(operator, (duty, &hours), run, tables);
        }
    }

    fn offer_run(
        &mut self,
        operator: usize,
        (duty, hours): (&PersonDuty, &Hours<'_>),
        (from, to): (usize, usize),
        tables: &Tables,
    ) {
        let instance = self.state.instance;
        let limits = instance.limits;
        let before = &self.state.eligibility.people[operator].cost_before;
        let idle = hours.pinned.is_empty();
        let most = tables.lengths.len().saturating_sub(1);
        for start in from..=to - limits.shortest {
            let row = (start - self.from) * self.n_lengths;
            for handover in 0..=duty.handover[start] {
                // Up to the start only the handover's cells cost her something, and nothing there is gained.
                let so_far = tables.worth_before[start - from]
                    + (before[start] - before[start - handover])
                    + shift_alone(instance, duty, start, handover);
                let longest = limits.longest.min(to - start);
                for length in limits.shortest..=longest.min(most.saturating_sub(handover)) {
                    let end = start + length;
                    let value = tables.worth_before[end - from]
                        - so_far
                        - tables.lengths[length + handover];
                    let known = &mut self.best[row + length - limits.shortest];
                    if known.is_some_and(|(best, _)| best >= value) {
                        continue;
                    }
                    let shift = CellShift {
                        duty: self.duty,
                        start,
                        end,
                        handover,
                    };
                    if idle || hours.allow(&[shift]) {
                        *known = Some((value, (operator, shift)));
                    }
                }
            }
        }
    }

    /// The shifts that are worth most together, in time order.
    pub(super) fn best(&self) -> Vec<Given> {
        let shortest = self.state.instance.limits.shortest;
        let n_cells = self.to - self.from;
        let mut until: Vec<(i64, Option<Given>)> = vec![(i64::MIN, None); n_cells + 1];
        until[0].0 = 0;
        for at in 0..n_cells {
            let value = until[at].0;
            if value > until[at + 1].0 {
                until[at + 1] = (value, None);
            }
            let shifts = self.best[at * self.n_lengths..].iter().take(self.n_lengths);
            for (more, shift) in shifts.enumerate() {
                if let Some((gain, given)) = shift
                    && let Some(end) = until.get_mut(at + shortest + more)
                    && value + gain > end.0
                {
                    *end = (value + gain, Some(*given));
                }
            }
        }
        let mut shifts = Vec::new();
        let mut at = n_cells;
        while at > 0 {
            if let Some(given) = until[at].1 {
                at = given.1.start - self.from;
                shifts.push(given);
            } else {
                at -= 1;
            }
        }
        shifts.reverse();
        shifts
    }
}

impl Tables {
    fn fill_lengths(&mut self, state: &State<'_, '_>, operator: usize, most: usize) {
        let had: usize = state.shifts[operator].iter().map(CellShift::on_duty).sum();
        let group = state.instance.operators[operator].group;
        let others_min = state.group_min[group] - number(had) * state.instance.cell_min;
        let fairness = |cells| state.fairness(operator, cells, others_min);
        let without = fairness(had);
        self.lengths.clear();
        let more = 0..=most;
        self.lengths
            .extend(more.map(|more| fairness(had + more) - without));
    }

    fn fill_run(
        &mut self,
        state: &State<'_, '_>,
        operator: usize,
        duty: &PersonDuty,
        (from, to): (usize, usize),
    ) {
        let before = &state.eligibility.people[operator].cost_before;
        self.worth_before.clear();
        self.worth_before.push(0);
        let mut gained = 0;
        for c in from..to {
            gained += cell_gain(state, duty, c);
            self.worth_before
                .push(gained - (before[c + 1] - before[from]));
        }
    }
}

#[cfg(test)]
mod tests {
    use meridian_model::{Availability, Cause, Grade, GradeSpan, Problem, RuleCode};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::{Division, Given, Tables};
    use crate::instance::Instance;
    use crate::programme::{Block, Programme};
    use crate::roster::CellShift;
    use crate::roster::best_plan::best_plan;
    use crate::roster::eligibility::Eligibility;
    use crate::roster::state::{RosterCost, State};
    use crate::support::{Size, problem};

    const SIZE: Size = Size {
        groups: 3,
        tracks: 1,
        operators: 7,
        sessions: 3,
        hours: 12,
        cell_min: 30,
    };
    const LONG: usize = 7;

    fn hosted(problem: &Problem) -> (Instance<'_>, Programme) {
        let instance = Instance::lower(problem).unwrap();
        let block = Block {
            track: 0,
            group: 1,
            language: instance.groups[1].languages[0],
            start: 0,
            end: instance.n_cells,
        };
        let programme = Programme {
            blocks: vec![block],
            placed: Vec::new(),
        };
        (instance, programme)
    }

    /// Every way to divide the time among idle people of different groups, each once at most.
    fn all_ways(
        state: &State<'_, '_>,
        duty: usize,
        (from, to): (usize, usize),
        taken: &mut Vec<Given>,
        see: &mut dyn FnMut(&[Given]),
    ) {
        see(taken);
        let limits = state.instance.limits;
        for start in from..to {
            for end in start + limits.shortest..=to.min(start + limits.longest) {
                for (operator, person) in state.eligibility.people.iter().enumerate() {
                    let Some(can) = person.duty(duty) else {
                        continue;
                    };
                    let free = taken.iter().all(|(other, _)| *other != operator);
                    if !free || !(start..end).all(|c| can.serves(c)) {
                        continue;
                    }
                    for handover in 0..=can.handover[start] {
                        let shift = CellShift {
                            duty,
                            start,
                            end,
                            handover,
                        };
                        let hours =
                            super::Hours::of(state.instance, operator, &state.shifts[operator]);
                        if hours.allow(&[shift]) && shift.on_duty() <= hours.most {
                            taken.push((operator, shift));
                            all_ways(state, duty, (end, to), taken, see);
                            taken.pop();
                        }
                    }
                }
            }
        }
    }

    fn with(state: &State<'_, '_>, shifts: &[Given]) -> RosterCost {
        let mut with = state.clone();
        for &(operator, shift) in shifts {
            with.add(operator, shift);
        }
        with.cost()
    }

    #[test]
    fn time_is_divided_as_well_as_by_any_way_that_could_be_tried() {
        let mut divided = 0;
        for seed in 0..40 {
            let mut problem = problem(seed, SIZE);
            // What a group's people cost together, or people on other duties, is not a sum over them.
            for rule in [RuleCode::S05, RuleCode::S11] {
                problem.event.policy.weights.insert(rule, 0);
            }
            problem.event.policy.shift_shortest_min = 60;
            problem.event.policy.shift_longest_min = 120;
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let horizon = problem.event.horizon;
            let everyone = problem.operators.iter();
            let skills: Vec<_> = everyone.flat_map(|o| o.skills.clone()).collect();
            for operator in &mut problem.operators {
                operator.skills.clone_from(&skills);
                operator.nights.clear();
                // Nobody has all the time, so that it takes several.
                let from = rng.random_range(0..19);
                let span = horizon.cells(from, from + 5);
                let (grade, cause) = (Grade::Possible, Cause::Marked);
                operator.availability = Availability(vec![GradeSpan { span, grade, cause }]);
            }
            let (instance, programme) = hosted(&problem);
            let eligibility = Eligibility::of(&instance, &programme);
            let mut state = State::empty(&instance, &eligibility);
            for operator in 0..3 {
                for shift in best_plan(&state, operator, &[]) {
                    state.add(operator, shift);
                }
            }
            let duty = rng.random_range(0..instance.duties.len());
            let from = rng.random_range(0..instance.n_cells - LONG);
            let time = (from, from + LONG);
            let mut division = Division::new(&state, duty, time);
            for operator in 0..instance.operators.len() {
                division.offer(operator, &mut Tables::default());
            }
            let best = division.best();
            let people: std::collections::BTreeSet<usize> = best.iter().map(|(o, _)| *o).collect();
            if people.len() < best.len() {
                continue;
            }
            divided += usize::from(best.len() > 1);
            let mut least = state.cost();
            all_ways(&state, duty, time, &mut Vec::new(), &mut |way| {
                least = least.min(with(&state, way));
            });
            assert_eq!(with(&state, &best), least, "seed {seed}");
        }
        assert!(
            divided > 5,
            "only {divided} times are divided among several people"
        );
    }
}
