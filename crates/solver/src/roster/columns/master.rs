//! The adapter to HiGHS: the master problem over a pool of columns as a linear program.
//!
//! Floating point lives in this adapter ([`super::frame`], [`super::whole`]) and nowhere else. What comes out is only ever
//! advice: prices that are rounded before a bound is reckoned from them, and choices of columns whose cost is counted
//! anew.

use highs::{Col, HighsModelStatus, Model, Sense};

use super::frame::{Frame, Place, float};
use super::ground::{Column, Ground};
use super::prices::{Level, Prices, SCALE, Shortage};
use crate::Stop;

/// Simplex steps between two looks at [`Stop`].
const STEPS_AT_ONCE: i32 = 4_000;
/// Most such stretches for one linear program; one that takes more cycles.
const STRETCHES: usize = 100;
/// Primal simplex: after columns are added the old basis stays feasible.
const PRIMAL_SIMPLEX: i32 = 4;
/// Dual simplex: after bounds are changed the old basis stays optimal in its prices.
const DUAL_SIMPLEX: i32 = 1;
/// No price is above this many units of cost.
const DEAREST: f64 = 1e9;
/// Below this a limit counts as kept; HiGHS keeps rows within 1e-7.
const KEPT: f64 = 1e-5;

/// The optimum of the linear program.
pub(super) struct Solved {
    /// Its value in units of `1 / SCALE`, with all that does not depend on the columns.
    pub(super) value: i128,
    pub(super) prices: Prices,
    /// What one more plan of each person would be worth, in units of `1 / SCALE`.
    pub(super) person: Vec<i64>,
    /// How much of each column is chosen, in units of `1 / SCALE`, in the order of adding.
    pub(super) chosen: Vec<i64>,
    /// Whether these columns cannot keep the limits of the level.
    pub(super) over_limit: bool,
}

/// A linear program that grows by columns.
pub(super) struct Master {
    model: Option<Model>,
    frame: Frame,
    columns: Vec<Col>,
    level: Level,
    dear: i64,
    /// Columns that are chosen whatever they cost.
    fixed: Vec<Col>,
    bounds_changed: bool,
}

impl Master {
    /// The program without any person's column; `None` where HiGHS refuses it.
    pub(super) fn new(ground: &Ground<'_>, level: Level, dear: i64) -> Option<Self> {
        let mut frame = Frame::new(ground, level, dear);
        let problem = std::mem::take(&mut frame.problem);
        let mut model = problem.try_optimise(Sense::Minimise).ok()?;
        // Two threads spin on a loaded machine and overrun limits; one is as fast here.
        model.try_set_option("threads", 1).ok()?;
        model.try_set_option("parallel", "off").ok()?;
        model.try_set_option("solver", "simplex").ok()?;
        model.try_set_option("presolve", "off").ok()?;
        model
            .try_set_option("simplex_iteration_limit", STEPS_AT_ONCE)
            .ok()?;
        Some(Self {
            model: Some(model),
            frame,
            columns: Vec::new(),
            level,
            dear,
            fixed: Vec::new(),
            bounds_changed: false,
        })
    }

    fn strategy(&mut self, strategy: i32) -> Option<()> {
        let model = self.model.as_mut()?;
        model.try_set_option("simplex_strategy", strategy).ok()
    }

    /// Adds a person's column.
    pub(super) fn add(&mut self, ground: &Ground<'_>, column: &Column) -> Option<()> {
        let factors = self.frame.rows.factors(ground, column);
        let cost = float(self.level.own() * column.cost);
        let model = self.model.as_mut()?;
        let added = model.try_add_column(cost, 0.0.., factors).ok()?;
        self.columns.push(added);
        Some(())
    }

    /// Chooses a column until all are released, by its place in the order of adding.
    pub(super) fn fix(&mut self, column: usize) -> Option<()> {
        let &col = self.columns.get(column)?;
        let model = self.model.as_mut()?;
        model.change_column_bounds(col, 1.0..=1.0);
        self.bounds_changed = true;
        self.fixed.push(col);
        Some(())
    }

    /// Lets a column be chosen again or not.
    pub(super) fn free(&mut self, column: usize) -> Option<()> {
        let &col = self.columns.get(column)?;
        let model = self.model.as_mut()?;
        model.change_column_bounds(col, 0.0..);
        self.bounds_changed = true;
        self.fixed.retain(|known| *known != col);
        Some(())
    }

    /// Lets every column be chosen again or not.
    pub(super) fn release(&mut self) -> Option<()> {
        let model = self.model.as_mut()?;
        for col in self.fixed.drain(..) {
            model.change_column_bounds(col, 0.0..);
        }
        self.bounds_changed = true;
        Some(())
    }

    /// Columns added so far.
    pub(super) fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// Solves it; `None` when stopped or when HiGHS fails, after which the master is of no more use.
    pub(super) fn solve(&mut self, ground: &Ground<'_>, stop: &dyn Stop) -> Option<Solved> {
        let strategy = if std::mem::take(&mut self.bounds_changed) {
            DUAL_SIMPLEX
        } else {
            PRIMAL_SIMPLEX
        };
        self.strategy(strategy)?;
        for _ in 0..STRETCHES {
            if stop.stopped() {
                return None;
            }
            let solved = self.model.take()?.try_solve().ok()?;
            let status = solved.status();
            if status == HighsModelStatus::Optimal {
                let solution = solved.get_solution();
                let value = fixed(solved.objective_value());
                self.model = Some(Model::from(solved));
                return Some(self.read(ground, value, &solution));
            }
            if status != HighsModelStatus::ReachedIterationLimit {
                return None;
            }
            self.model = Some(Model::from(solved));
        }
        None
    }

    fn read(&self, ground: &Ground<'_>, value: i64, solution: &highs::Solution) -> Solved {
        let rows = &self.frame.rows;
        let duals = solution.dual_rows();
        // The price of a row that asks for more is its dual; of one that limits, the dual's opposite.
        let asks = |row: &Option<Place>| row.map_or(0, |row| dual(duals, row.at).max(0));
        let limits = |row: Place| (-dual(duals, row.at)).max(0);
        let grid = |rows: &[Vec<Option<Place>>]| -> Vec<Vec<i64>> {
            rows.iter()
                .map(|row| row.iter().map(asks).collect())
                .collect()
        };
        let shortage = |shortage: Shortage, row: Option<Place>| match (shortage, row) {
            (_, Some(row)) => limits(row),
            (Shortage::Ignored, None) => 0,
            (Shortage::Counted, None) => SCALE,
            (Shortage::Within(_), None) => self.dear.saturating_mul(SCALE),
        };
        let columns = solution.columns();
        let own = self.level.own();
        let apart: i64 = ground.idle_cost.iter().sum::<i64>()
            + (0..ground.group_most.len())
                .map(|group| ground.group_cost(group, 0))
                .sum::<i64>();
        Solved {
            value: i128::from(value) + i128::from(SCALE) * i128::from(own * apart),
            prices: Prices {
                cover: grid(&rows.cover),
                alert: grid(&rows.alert),
                group: rows.group.iter().map(|row| row.map_or(0, limits)).collect(),
                gap: shortage(self.level.gaps(), rows.gaps),
                short: shortage(self.level.alert_short(), rows.alert_short),
            },
            person: rows.person.iter().map(|&row| limits(row)).collect(),
            chosen: columns
                .iter()
                .skip(self.frame.n_own())
                .map(|&value| fixed(value))
                .collect(),
            over_limit: self.frame.goes_beyond(columns, KEPT),
        }
    }
}

fn dual(duals: &[f64], place: usize) -> i64 {
    fixed(duals.get(place).copied().unwrap_or(0.0))
}

/// A number from HiGHS in units of `1 / SCALE`.
fn fixed(value: f64) -> i64 {
    if !value.is_finite() {
        return 0;
    }
    // CAST: clamped to 2^50 units, which both types hold exactly.
    #[expect(
        clippy::as_conversions,
        reason = "there is no other way from f64 to i64"
    )]
    {
        (value.clamp(-DEAREST, DEAREST) * float(SCALE)).round() as i64
    }
}
