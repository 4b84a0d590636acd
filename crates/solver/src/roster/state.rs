//! A roster under construction: coverage counts kept in step with the shifts, and what it all costs.

use super::eligibility::{Eligibility, PersonDuty};
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
    min_people: i64,
}

impl<'a, 'p> State<'a, 'p> {
    /// Nobody on duty.
    pub(crate) fn empty(instance: &'a Instance<'p>, eligibility: &'a Eligibility) -> Self {
        let grid = |rows: usize| vec![vec![0; instance.n_cells]; rows];
        Self {
            instance,
            eligibility,
            shifts: vec![Vec::new(); instance.operators.len()],
            cover: grid(instance.duties.len()),
            on_alert: grid(instance.n_units),
            trained: grid(instance.n_tracks),
            novices: grid(instance.n_tracks),
            group_min: vec![0; instance.groups.len()],
            min_people: i64::from(instance.problem.event.policy.alert.min_people),
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
    }

    /// Takes an operator off all her shifts but the pinned ones.
    pub(crate) fn clear(&mut self, operator: usize, pinned: &[CellShift]) {
        let (keep, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut self.shifts[operator])
            .into_iter()
            .partition(|shift| pinned.contains(shift));
        for shift in gone {
            self.count(operator, shift, -1);
        }
        self.shifts[operator] = keep;
    }

    /// Replaces what an operator does.
    pub(crate) fn set(&mut self, operator: usize, shifts: Vec<CellShift>) {
        self.clear(operator, &[]);
        for shift in shifts {
            self.add(operator, shift);
        }
    }

    fn count(&mut self, operator: usize, shift: CellShift, sign: i64) {
        let table = &self.instance.duties[shift.duty];
        for c in shift.start..shift.end {
            self.cover[shift.duty][c] += sign;
            for &unit in &table.units {
                self.on_alert[unit][c] += sign;
            }
        }
        let person = &self.eligibility.people[operator];
        let first_time = person.duties.iter().find(|d| d.duty == shift.duty);
        for &track in &table.tracks {
            for c in shift.start..shift.end {
                let novice = first_time.is_some_and(|d| d.first_time[c]);
                let row = if novice {
                    &mut self.novices
                } else {
                    &mut self.trained
                };
                row[track][c] += sign;
            }
        }
        let minutes = number(shift.on_duty()) * self.instance.cell_min;
        self.group_min[self.instance.operators[operator].group] += sign * minutes;
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
        let before = &self.eligibility.people[operator].cost_before;
        let weights = self.instance.weights;
        let wanted = if duty.opens[shift.start] {
            0
        } else {
            self.instance.duties[shift.duty].handover
        };
        let missing = number(wanted.saturating_sub(shift.handover)) * self.instance.cell_min;
        before[shift.end] - before[shift.from()]
            + weights.fragmentation
            + weights.handover * missing
    }

    /// What it all costs.
    pub(crate) fn cost(&self) -> RosterCost {
        let instance = self.instance;
        let gaps = (0..instance.duties.len())
            .map(|d| {
                let row = self.eligibility.demand[d].iter().zip(&self.cover[d]);
                row.map(|(demand, cover)| (demand - cover).max(0))
                    .sum::<i64>()
            })
            .sum();
        let alert_short = self
            .on_alert
            .iter()
            .flatten()
            .map(|people| (self.min_people - people).max(0))
            .sum();
        let mut soft = 0;
        for (operator, shifts) in self.shifts.iter().enumerate() {
            let table = &instance.operators[operator];
            let mut minutes = 0;
            for &shift in shifts {
                minutes += number(shift.on_duty()) * instance.cell_min;
                let duties = &self.eligibility.people[operator].duties;
                if let Some(duty) = duties.iter().find(|d| d.duty == shift.duty) {
                    soft += self.shift_cost(operator, duty, shift);
                    soft += self.alone_cost(duty, shift);
                }
            }
            let load = table.carry_over_min + minutes;
            soft += instance.weights.fair_people * (load * load / 360);
        }
        for (group, minutes) in instance.groups.iter().zip(&self.group_min) {
            let n_operators = group.n_operators.max(1);
            soft += instance.weights.fair_groups * (minutes * minutes / (360 * n_operators));
        }
        RosterCost {
            gaps,
            alert_short,
            soft,
        }
    }

    fn alone_cost(&self, duty: &PersonDuty, shift: CellShift) -> i64 {
        let alone = (shift.start..shift.end)
            .filter(|&c| duty.first_time[c] && self.alone(shift.duty, c))
            .count();
        self.instance.weights.first_timer_alone * number(alone) * self.instance.cell_min
    }
}
