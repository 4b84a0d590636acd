//! What is left of one person's hours beside the shifts she has.

use crate::instance::{Instance, number};
use crate::roster::CellShift;

/// When one person can, and when she still could, by period of the block grid.
pub(super) struct Hours {
    /// Whether she may be on duty: in a role that is not alerted, in one that is.
    able: [Vec<bool>; 2],
    /// Whether she could be on duty beside her shifts, likewise.
    idle: [Vec<bool>; 2],
    /// Soft cost of a cell on duty, with what it adds to her own load.
    pub(super) cell_cost: Vec<i64>,
}

impl Hours {
    pub(super) fn of(
        instance: &Instance<'_>,
        operator: usize,
        shifts: &[CellShift],
        n_periods: usize,
    ) -> Self {
        let table = &instance.operators[operator];
        let period = instance.block_grid;
        let span = |p: usize| (p * period, ((p + 1) * period).min(instance.n_cells));
        let used: usize = shifts.iter().map(CellShift::on_duty).sum();
        let whole = |cells: &[bool]| -> Vec<bool> {
            let inside = |p| cells[span(p).0..span(p).1].iter().all(|&can| can);
            (0..n_periods).map(inside).collect()
        };
        let idle = |cells: &[bool]| -> Vec<bool> {
            let could = |p| could_also(instance, operator, shifts, cells, span(p));
            (0..n_periods).map(could).collect()
        };
        let load = table.carry_over_min + number(used) * instance.cell_min;
        let more = 2 * load * instance.cell_min / 360 * instance.weights.fair_people;
        let cell_cost = (0..n_periods)
            .map(|p| {
                let (from, to) = span(p);
                let own: i64 = table.cell_cost[from..to].iter().sum();
                more + own / number(to - from).max(1)
            })
            .collect();
        Self {
            able: [whole(&table.open), whole(&table.awake)],
            idle: [idle(&table.open), idle(&table.awake)],
            cell_cost,
        }
    }

    pub(super) fn able(&self, alerted: bool, period: usize) -> bool {
        self.able[usize::from(alerted)][period]
    }

    pub(super) fn idle(&self, alerted: bool, period: usize) -> bool {
        self.idle[usize::from(alerted)][period]
    }
}

/// Whether some further shift, or a longer one of hers, could cover the cells `from..to`.
fn could_also(
    instance: &Instance<'_>,
    operator: usize,
    shifts: &[CellShift],
    can: &[bool],
    (from, to): (usize, usize),
) -> bool {
    let limits = instance.limits;
    let used: usize = shifts.iter().map(CellShift::on_duty).sum();
    let spare = instance.operators[operator].max_duty.saturating_sub(used);
    let open = |a: usize, b: usize| can[a..b].iter().all(|&can| can);
    if spare < to - from || !open(from, to) {
        return false;
    }
    let longer = |s: &CellShift| {
        (s.end == from || s.from() == to) && s.end - s.start + to - from <= limits.longest
    };
    if shifts.iter().any(longer) {
        return true;
    }
    let length = limits.shortest.max(to - from);
    if shifts.len() >= limits.max_shifts || spare < length {
        return false;
    }
    let rested = |a: usize, b: usize| {
        shifts
            .iter()
            .all(|s| s.end + limits.rest <= a || b + limits.rest <= s.from())
    };
    let last = from.min(instance.n_cells.saturating_sub(length));
    (to.saturating_sub(length)..=last).any(|a| open(a, a + length) && rested(a, a + length))
}
