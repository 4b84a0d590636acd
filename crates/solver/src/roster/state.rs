//! A roster under construction: coverage counts and what it all costs, kept in step with the shifts.
//!
//! A change costs time in proportion to the cells it changes, whatever the size of the event.

use super::best_set::shift_cost;
use super::eligibility::{Eligibility, PersonDuty};
use super::sparse_set::SparseSet;
use super::{CellShift, Roster};
use crate::instance::{Instance, number};

/// What a roster costs, level by level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RosterCost {
    /// Uncovered person cells.
    pub(crate) gaps: i64,
    /// People missing on alerts, summed over cells.
    pub(crate) alert_short: i64,
    /// Soft cost.
    pub(crate) soft: i64,
}

/// A roster and its coverage.
#[derive(Clone, Debug)]
pub(crate) struct State<'a, 'p> {
    pub(crate) instance: &'a Instance<'p>,
    pub(crate) eligibility: &'a Eligibility,
    pub(crate) shifts: Roster,
    /// People covering: duties × cells.
    pub(crate) cover: Vec<Vec<i64>>,
    /// Distinct people on the alert: units × cells. Nobody is in two places, so shifts count people.
    pub(crate) on_alert: Vec<Vec<i64>>,
    /// Trained people: tracks × cells.
    pub(crate) trained: Vec<Vec<i64>>,
    /// First-timers: tracks × cells.
    pub(crate) novices: Vec<Vec<i64>>,
    /// Minutes on duty per group.
    pub(crate) group_min: Vec<i64>,
    /// First-timers: duties × cells.
    first_timers: Vec<Vec<i64>>,
    /// Minutes on duty per person.
    person_min: Vec<i64>,
    /// Duties that serve each track.
    duties_on: Vec<Vec<usize>>,
    /// People on duty at some time.
    on_duty: SparseSet,
    /// Cells at which someone is missing on a duty: duties × cells, numbered through.
    open: SparseSet,
    min_people: i64,
    cost: RosterCost,
}

impl<'a, 'p> State<'a, 'p> {
    /// Nobody on duty.
    pub(crate) fn empty(instance: &'a Instance<'p>, eligibility: &'a Eligibility) -> Self {
        let grid = |rows: usize| vec![vec![0; instance.n_cells]; rows];
        let min_people = i64::from(instance.problem.event.policy.alert.min_people);
        let mut duties_on = vec![Vec::new(); instance.n_tracks];
        for (duty, table) in instance.duties.iter().enumerate() {
            for &track in &table.tracks {
                duties_on[track].push(duty);
            }
        }
        let carried_over = instance.operators.iter().map(|o| o.carry_over_min);
        let squares: i64 = carried_over.map(|load| load * load / 360).sum();
        let mut open = SparseSet::below(instance.duties.len() * instance.n_cells);
        for (n, &demand) in eligibility.demand.iter().flatten().enumerate() {
            open.put(n, demand > 0);
        }
        Self {
            instance,
            eligibility,
            shifts: vec![Vec::new(); instance.operators.len()],
            cover: grid(instance.duties.len()),
            on_alert: grid(instance.n_units),
            trained: grid(instance.n_tracks),
            novices: grid(instance.n_tracks),
            group_min: vec![0; instance.groups.len()],
            first_timers: grid(instance.duties.len()),
            person_min: vec![0; instance.operators.len()],
            duties_on,
            on_duty: SparseSet::below(instance.operators.len()),
            open,
            min_people,
            cost: RosterCost {
                gaps: eligibility.demand.iter().flatten().sum(),
                alert_short: min_people * number(instance.n_units * instance.n_cells),
                soft: instance.weights.fair_people * squares,
            },
        }
    }

    /// Everybody on duty as in `roster`.
    pub(crate) fn of(
        instance: &'a Instance<'p>,
        eligibility: &'a Eligibility,
        roster: &Roster,
    ) -> Self {
        let mut state = Self::empty(instance, eligibility);
        for (operator, shifts) in roster.iter().enumerate() {
            state.set(operator, shifts.clone());
        }
        state
    }

    /// Puts an operator on a shift.
    pub(crate) fn add(&mut self, operator: usize, shift: CellShift) {
        self.count(operator, shift, 1);
        let at = self.shifts[operator].partition_point(|other| other.start < shift.start);
        self.shifts[operator].insert(at, shift);
        self.on_duty.put(operator, true);
    }

    /// Takes an operator off all her shifts but the pinned ones.
    pub(crate) fn clear(&mut self, operator: usize, pinned: &[CellShift]) {
        if self.shifts[operator].is_empty() {
            return;
        }
        let (keep, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut self.shifts[operator])
            .into_iter()
            .partition(|shift| pinned.contains(shift));
        for shift in gone {
            self.count(operator, shift, -1);
        }
        self.on_duty.put(operator, !keep.is_empty());
        self.shifts[operator] = keep;
    }

    /// Replaces what an operator does.
    pub(crate) fn set(&mut self, operator: usize, shifts: Vec<CellShift>) {
        if self.shifts[operator] == shifts {
            return;
        }
        self.clear(operator, &[]);
        for shift in shifts {
            self.add(operator, shift);
        }
    }

    /// Counts a shift in (`sign` 1) or out (−1).
    fn count(&mut self, operator: usize, shift: CellShift, sign: i64) {
        let table = &self.instance.duties[shift.duty];
        for c in shift.start..shift.end {
            let demand = self.eligibility.demand[shift.duty][c];
            let cover = &mut self.cover[shift.duty][c];
            self.cost.gaps -= (demand - *cover).max(0);
            *cover += sign;
            self.cost.gaps += (demand - *cover).max(0);
            let cell = shift.duty * self.instance.n_cells + c;
            self.open.put(cell, *cover < demand);
            for &unit in &table.units {
                let people = &mut self.on_alert[unit][c];
                self.cost.alert_short -= (self.min_people - *people).max(0);
                *people += sign;
                self.cost.alert_short += (self.min_people - *people).max(0);
            }
        }
        let duty = self.eligibility.people[operator].duty(shift.duty);
        if let Some(duty) = duty {
            self.cost.soft += sign * self.shift_cost(operator, duty, shift);
        }
        for c in shift.start..shift.end {
            if duty.is_some_and(|duty| duty.first_time[c]) {
                self.count_novice(shift.duty, c, sign);
            } else {
                self.count_trained(shift.duty, c, sign);
            }
        }
        self.count_minutes(
            operator,
            sign * number(shift.on_duty()) * self.instance.cell_min,
        );
    }

    fn count_novice(&mut self, duty: usize, cell: usize, sign: i64) {
        self.first_timers[duty][cell] += sign;
        for &track in &self.instance.duties[duty].tracks {
            self.novices[track][cell] += sign;
        }
        if self.alone(duty, cell) {
            self.cost.soft += sign * self.alone_cost();
        }
    }

    fn count_trained(&mut self, duty: usize, cell: usize, sign: i64) {
        let instance = self.instance;
        for &track in &instance.duties[duty].tracks {
            let before = self.trained[track][cell];
            // The first one in and the last one out decide whether first-timers there are alone.
            let decisive = before.min(before + sign) == 0;
            if decisive && self.novices[track][cell] > 0 {
                self.trained[track][cell] = 0;
                let alone: i64 = self.duties_on[track]
                    .iter()
                    .filter(|&&other| self.alone(other, cell))
                    .map(|&other| self.first_timers[other][cell])
                    .sum();
                self.cost.soft -= sign * alone * self.alone_cost();
            }
            self.trained[track][cell] = before + sign;
        }
    }

    fn count_minutes(&mut self, operator: usize, minutes: i64) {
        let group = self.instance.operators[operator].group;
        self.cost.soft -= self.fair_person(operator) + self.fair_group(group);
        self.person_min[operator] += minutes;
        self.group_min[group] += minutes;
        self.cost.soft += self.fair_person(operator) + self.fair_group(group);
    }

    /// S04 of one person.
    fn fair_person(&self, operator: usize) -> i64 {
        let load = self.instance.operators[operator].carry_over_min + self.person_min[operator];
        self.instance.weights.fair_people * (load * load / 360)
    }

    /// S05 of one group.
    fn fair_group(&self, group: usize) -> i64 {
        let minutes = self.group_min[group];
        let n_operators = self.instance.groups[group].n_operators.max(1);
        self.instance.weights.fair_groups * (minutes * minutes / (360 * n_operators))
    }

    /// S11 of one first-timer alone for one cell.
    fn alone_cost(&self) -> i64 {
        self.instance.weights.first_timer_alone * self.instance.cell_min
    }

    /// People on duty at some time, in no order.
    pub(crate) fn people_on_duty(&self) -> &[usize] {
        self.on_duty.members()
    }

    /// One of the duties and cells that miss someone, drawn by `draw` from as many as there are.
    pub(crate) fn some_gap(&self, draw: impl FnOnce(usize) -> usize) -> Option<(usize, usize)> {
        let open = self.open.members();
        let (&cell, n_cells) = match open.len() {
            0 => return None,
            n => (open.get(draw(n))?, self.instance.n_cells),
        };
        Some((cell / n_cells, cell % n_cells))
    }

    /// People still missing on a duty at a cell.
    pub(crate) fn missing(&self, duty: usize, cell: usize) -> i64 {
        (self.eligibility.demand[duty][cell] - self.cover[duty][cell]).max(0)
    }

    /// People missing on an alert at a cell.
    pub(crate) fn alert_missing(&self, unit: usize, cell: usize) -> i64 {
        (self.min_people - self.on_alert[unit][cell]).max(0)
    }

    /// Whether a first-timer on `duty` at `cell` has nobody trained beside her.
    pub(crate) fn alone(&self, duty: usize, cell: usize) -> bool {
        self.instance.duties[duty]
            .tracks
            .iter()
            .all(|&track| self.trained[track][cell] == 0)
    }

    /// Fairness cost of `operator` when she is on duty for `cells` cells and her group's others for `others_min` minutes.
    pub(crate) fn fairness(&self, operator: usize, cells: usize, others_min: i64) -> i64 {
        let table = &self.instance.operators[operator];
        let minutes = number(cells) * self.instance.cell_min;
        let load = table.carry_over_min + minutes;
        let group = others_min + minutes;
        let n_operators = self.instance.groups[table.group].n_operators.max(1);
        self.instance.weights.fair_people * (load * load / 360)
            + self.instance.weights.fair_groups * (group * group / (360 * n_operators))
    }

    /// Soft cost of one shift by itself.
    pub(crate) fn shift_cost(&self, operator: usize, duty: &PersonDuty, shift: CellShift) -> i64 {
        shift_cost(self.instance, self.eligibility, operator, duty, shift)
    }

    /// What it all costs.
    pub(crate) fn cost(&self) -> RosterCost {
        self.cost
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{RosterCost, SparseSet, State};
    use crate::instance::{Instance, number};
    use crate::programme::{Block, Programme};
    use crate::roster::CellShift;
    use crate::roster::eligibility::Eligibility;
    use crate::support::{Size, problem};

    const SIZE: Size = Size {
        groups: 3,
        tracks: 2,
        operators: 9,
        sessions: 4,
        hours: 12,
        cell_min: 30,
    };

    /// What it costs, term by term from the shifts alone.
    fn recounted(state: &State<'_, '_>) -> RosterCost {
        let instance = state.instance;
        let on = |operator: usize| state.shifts[operator].iter();
        let people = 0..instance.operators.len();
        let everyone: Vec<(usize, &CellShift)> = people
            .clone()
            .flat_map(|o| on(o).map(move |shift| (o, shift)))
            .collect();
        let covering = |c: usize| {
            let here = move |(_, s): &&(usize, &CellShift)| s.start <= c && c < s.end;
            everyone.iter().filter(here)
        };
        let novice = |operator: usize, shift: &CellShift, c: usize| {
            let duty = state.eligibility.people[operator].duty(shift.duty);
            duty.is_some_and(|duty| duty.first_time[c])
        };
        let weights = instance.weights;
        let (mut gaps, mut alert_short, mut soft) = (0, 0, 0);
        for c in 0..instance.n_cells {
            for (duty, demand) in state.eligibility.demand.iter().enumerate() {
                let there = covering(c).filter(|(_, s)| s.duty == duty).count();
                gaps += (demand[c] - number(there)).max(0);
            }
            for unit in 0..instance.n_units {
                let counts = |s: &CellShift| instance.duties[s.duty].units.contains(&unit);
                let there = covering(c).filter(|(_, s)| counts(s)).count();
                let min_people = instance.problem.event.policy.alert.min_people;
                alert_short += (i64::from(min_people) - number(there)).max(0);
            }
            for (_, shift) in covering(c).filter(|(o, s)| novice(*o, s, c)) {
                let tracks = &instance.duties[shift.duty].tracks;
                let beside = covering(c).any(|(o, s)| {
                    let mut theirs = instance.duties[s.duty].tracks.iter();
                    !novice(*o, s, c) && theirs.any(|track| tracks.contains(track))
                });
                soft += i64::from(!beside) * weights.first_timer_alone * instance.cell_min;
            }
        }
        let minutes = |operator: usize| {
            number(on(operator).map(CellShift::on_duty).sum()) * instance.cell_min
        };
        for (operator, table) in instance.operators.iter().enumerate() {
            let load = table.carry_over_min + minutes(operator);
            soft += weights.fair_people * (load * load / 360);
            for shift in on(operator) {
                if let Some(duty) = state.eligibility.people[operator].duty(shift.duty) {
                    soft += state.shift_cost(operator, duty, *shift);
                }
            }
        }
        for (group, table) in instance.groups.iter().enumerate() {
            let members = people
                .clone()
                .filter(|&o| instance.operators[o].group == group);
            let total: i64 = members.map(minutes).sum();
            soft += weights.fair_groups * (total * total / (360 * table.n_operators.max(1)));
        }
        RosterCost {
            gaps,
            alert_short,
            soft,
        }
    }

    fn sorted(set: &SparseSet) -> Vec<usize> {
        let mut members = set.members().to_vec();
        members.sort_unstable();
        members
    }

    fn open_cells(state: &State<'_, '_>) -> Vec<usize> {
        let n_cells = state.instance.n_cells;
        let all = 0..state.instance.duties.len() * n_cells;
        all.filter(|n| state.missing(n / n_cells, n % n_cells) > 0)
            .collect()
    }

    fn programme(instance: &Instance<'_>) -> Programme {
        let block = |track: usize| Block {
            track,
            group: track,
            language: instance.groups[1].languages[0],
            start: 0,
            end: instance.n_cells,
        };
        Programme {
            blocks: (0..instance.n_tracks).map(block).collect(),
            placed: Vec::new(),
        }
    }

    /// Who, whether all her shifts go first, the duty, where it starts and how long it covers.
    type Move = (usize, bool, usize, usize, usize);

    fn a_move() -> impl Strategy<Value = Move> {
        (
            0..9_usize,
            any::<bool>(),
            0..16_usize,
            0..20_usize,
            1..5_usize,
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn after_any_moves_the_cost_is_what_a_recount_says(
            seed in 0..40_u64,
            moves in prop::collection::vec(a_move(), 1..60),
        ) {
            let mut problem = problem(seed, SIZE);
            for skill in problem.operators.iter_mut().flat_map(|o| &mut o.skills) {
                if skill.role.as_str() != "mc" {
                    skill.level = meridian_model::SkillLevel::FirstTimer;
                }
            }
            let instance = Instance::lower(&problem).unwrap();
            let programme = programme(&instance);
            let eligibility = Eligibility::of(&instance, &programme);
            let mut state = State::empty(&instance, &eligibility);
            prop_assert_eq!(state.cost(), recounted(&state));
            for (operator, off, duty, start, length) in moves {
                if off {
                    let first = state.shifts[operator].first().copied();
                    state.clear(operator, first.as_slice());
                }
                let shift = CellShift {
                    duty: duty % instance.duties.len(),
                    start,
                    end: start + length,
                    handover: start.min(duty % 2),
                };
                state.add(operator, shift);
                prop_assert_eq!(state.cost(), recounted(&state));
                prop_assert_eq!(sorted(&state.open), open_cells(&state));
                let people = 0..instance.operators.len();
                let busy: Vec<usize> = people.filter(|&o| !state.shifts[o].is_empty()).collect();
                prop_assert_eq!(sorted(&state.on_duty), busy);
            }
            for operator in 0..instance.operators.len() {
                state.set(operator, Vec::new());
            }
            prop_assert_eq!(state.cost(), State::empty(&instance, &eligibility).cost());
        }
    }
}
