//! What every round of column generation shares: what is missing beside the pinned shifts, and what a plan costs.

use crate::instance::{Instance, number};
use crate::roster::best_set::shift_cost;
use crate::roster::eligibility::Eligibility;
use crate::roster::hours::Hours;
use crate::roster::state::State;
use crate::roster::{CellShift, Roster};

/// People, and cells at which someone is missing, up to which linear programs of the soft level are solved, over one
/// day; with more, or over more days, they take longer than they gain over a longer walk through prices.
const MOST_ROWS: usize = 5_000;

/// The fixed part of a roster problem.
pub(super) struct Ground<'a> {
    pub(super) instance: &'a Instance<'a>,
    pub(super) eligibility: &'a Eligibility,
    pub(super) pinned: &'a Roster,
    pub(super) hours: Vec<Hours<'a>>,
    /// People missing with the pinned shifts alone: duties × cells.
    pub(super) missing: Vec<Vec<i64>>,
    /// People missing on alerts with the pinned shifts alone: units × cells.
    pub(super) alert_missing: Vec<Vec<i64>>,
    /// Minutes of pinned duty by group.
    pub(super) group_min: Vec<i64>,
    /// Cells that the members of a group can be on duty beside the pinned ones.
    pub(super) group_most: Vec<usize>,
    /// What each person costs with her pinned shifts alone.
    pub(super) idle_cost: Vec<i64>,
}

impl<'a> Ground<'a> {
    pub(super) fn of(
        instance: &'a Instance<'a>,
        eligibility: &'a Eligibility,
        pinned: &'a Roster,
    ) -> Self {
        let mut state = State::empty(instance, eligibility);
        for (operator, shifts) in pinned.iter().enumerate() {
            state.set(operator, shifts.clone());
        }
        let people = 0..instance.operators.len();
        let hours: Vec<Hours<'_>> = people
            .clone()
            .map(|o| Hours::of(instance, o, &pinned[o]))
            .collect();
        let mut group_most = vec![0; instance.groups.len()];
        for (table, hours) in instance.operators.iter().zip(&hours) {
            group_most[table.group] += hours.most;
        }
        let grid = |rows: usize, missing: &dyn Fn(usize, usize) -> i64| -> Vec<Vec<i64>> {
            (0..rows)
                .map(|row| (0..instance.n_cells).map(|c| missing(row, c)).collect())
                .collect()
        };
        let mut ground = Self {
            instance,
            eligibility,
            pinned,
            hours,
            missing: grid(instance.duties.len(), &|d, c| state.missing(d, c)),
            alert_missing: grid(instance.n_units, &|u, c| state.alert_missing(u, c)),
            group_min: state.group_min.clone(),
            group_most,
            idle_cost: Vec::new(),
        };
        ground.idle_cost = people.map(|o| ground.own_cost(o, &pinned[o])).collect();
        ground
    }

    /// Whether linear programs of the soft level take longer than they gain.
    pub(super) fn is_large(&self) -> bool {
        let cells = self.missing.iter().chain(&self.alert_missing).flatten();
        let rows = self.hours.len() + cells.filter(|missing| **missing > 0).count();
        rows * self.instance.days().pow(2) > MOST_ROWS
    }

    /// S01, S02, S03, S04, S06, S14 and S15 of one person's whole day.
    fn own_cost(&self, operator: usize, shifts: &[CellShift]) -> i64 {
        let duties = &self.eligibility.people[operator].duties;
        let of_shift = |shift: &CellShift| {
            let duty = duties.iter().find(|d| d.duty == shift.duty);
            duty.map_or(0, |duty| {
                shift_cost(self.instance, self.eligibility, operator, duty, *shift)
            })
        };
        let cells = shifts.iter().map(CellShift::on_duty).sum();
        shifts.iter().map(of_shift).sum::<i64>() + self.load_cost(operator, cells)
    }

    /// S04 of so many cells on duty in all.
    fn load_cost(&self, operator: usize, cells: usize) -> i64 {
        let table = &self.instance.operators[operator];
        let load = table.carry_over_min + number(cells) * self.instance.cell_min;
        self.instance.weights.fair_people * (load * load / 360)
    }

    /// S04 that so many cells on duty add to the pinned ones.
    pub(super) fn load_added(&self, operator: usize, cells: usize) -> i64 {
        let pinned: usize = self.pinned[operator].iter().map(CellShift::on_duty).sum();
        self.load_cost(operator, pinned + cells) - self.load_cost(operator, pinned)
    }

    /// What `shifts` add to the cost of a person's pinned ones, her group's share apart.
    pub(super) fn added_cost(&self, operator: usize, shifts: &[CellShift]) -> i64 {
        let mut all = self.pinned[operator].clone();
        all.extend_from_slice(shifts);
        self.own_cost(operator, &all) - self.idle_cost[operator]
    }

    /// S05 of a group whose members are on duty for so many cells beside the pinned ones.
    pub(super) fn group_cost(&self, group: usize, cells: usize) -> i64 {
        let n_operators = self.instance.groups[group].n_operators.max(1);
        let minutes = self.group_min[group] + number(cells) * self.instance.cell_min;
        self.instance.weights.fair_groups * (minutes * minutes / (360 * n_operators))
    }
}

/// The further shifts of one person, as one choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) operator: usize,
    /// In time order, pinned ones left out.
    pub(super) shifts: Vec<CellShift>,
    /// What they add to her own cost.
    pub(super) cost: i64,
    /// Cells on duty.
    pub(super) cells: usize,
}

impl Column {
    pub(super) fn new(ground: &Ground<'_>, operator: usize, shifts: Vec<CellShift>) -> Self {
        Self {
            operator,
            cost: ground.added_cost(operator, &shifts),
            cells: shifts.iter().map(CellShift::on_duty).sum(),
            shifts,
        }
    }

    /// Duties and cells that it covers.
    pub(super) fn covers(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let cells = |shift: &CellShift| {
            let duty = shift.duty;
            (shift.start..shift.end).map(move |c| (duty, c))
        };
        self.shifts.iter().flat_map(cells)
    }
}
