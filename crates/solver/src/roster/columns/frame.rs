//! The rows of a master problem, and its columns but those of people.
//!
//! Floating point begins here, on the way to HiGHS; see [`super::master`].

use highs::{ColProblem, Row};

use super::ground::{Column, Ground};
use super::prices::{Level, Shortage};
use crate::instance::number;

/// Cells on duty of a group up to which each has its own slope in the program; beyond, ever more share one.
const FINE_CELLS: usize = 128;

/// A column that belongs to nobody.
#[derive(Clone, Copy, Debug)]
enum Own {
    /// Gaps beyond the level's limit.
    MoreGaps,
    /// Missing on alerts beyond the level's limit.
    MoreShort,
    Gap {
        duty: usize,
        cell: usize,
    },
    Short {
        unit: usize,
        cell: usize,
    },
    /// Cells on duty of a group at one slope.
    Duty {
        group: usize,
        most: i64,
    },
}

/// The frame into which people's columns are put.
pub(super) struct Frame {
    pub(super) problem: ColProblem,
    pub(super) rows: Rows,
    own: Vec<Own>,
    level: Level,
}

/// A row and its place among the rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    row: Row,
    pub(super) at: usize,
}

/// The rows, by what they are about.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) cover: Vec<Vec<Option<Place>>>,
    pub(super) alert: Vec<Vec<Option<Place>>>,
    pub(super) person: Vec<Place>,
    pub(super) group: Vec<Option<Place>>,
    pub(super) gaps: Option<Place>,
    pub(super) alert_short: Option<Place>,
}

/// A number on its way to HiGHS.
pub(super) fn float(value: i64) -> f64 {
    // CAST: counts and costs here are far below 2^53.
    #[expect(
        clippy::as_conversions,
        reason = "there is no other way from i64 to f64"
    )]
    {
        value as f64
    }
}

impl Frame {
    /// `dear` is what one unit beyond a limit costs.
    pub(super) fn new(ground: &Ground<'_>, level: Level, dear: i64) -> Self {
        let mut frame = Self {
            problem: ColProblem::new(),
            rows: Rows {
                cover: Vec::new(),
                alert: Vec::new(),
                person: Vec::new(),
                group: Vec::new(),
                gaps: None,
                alert_short: None,
            },
            own: Vec::new(),
            level,
        };
        let (gap, gaps) = frame.limit(level.gaps(), dear, Own::MoreGaps);
        let (short, alert_short) = frame.limit(level.alert_short(), dear, Own::MoreShort);
        for (duty, missing) in ground.missing.iter().enumerate() {
            let slack = |cell| Own::Gap { duty, cell };
            let row = frame.shortages(missing, (gap, gaps), &slack, &|_| true);
            frame.rows.cover.push(row);
        }
        let ignored = level.alert_short() == Shortage::Ignored;
        let full = level.gaps() == Shortage::Within(0);
        for (unit, missing) in ground.alert_missing.iter().enumerate() {
            let slack = |cell| Own::Short { unit, cell };
            let wanted = |cell| !(ignored || full && implied(ground, unit, cell));
            let row = frame.shortages(missing, (short, alert_short), &slack, &wanted);
            frame.rows.alert.push(row);
        }
        for _ in &ground.hours {
            let row = frame.row(..=1.0);
            frame.rows.person.push(row);
        }
        for group in 0..ground.group_most.len() {
            let row = (level.own() > 0 && ground.group_most[group] > 0)
                .then(|| frame.group(ground, group));
            frame.rows.group.push(row);
        }
        frame.rows.gaps = gaps;
        frame.rows.alert_short = alert_short;
        frame
    }

    fn row(&mut self, bounds: impl std::ops::RangeBounds<f64>) -> Place {
        let at = self.problem.num_rows();
        let row = self.problem.add_row(bounds);
        Place { row, at }
    }

    /// What one unit of a shortage costs, and the row that limits it.
    fn limit(&mut self, shortage: Shortage, dear: i64, more: Own) -> (i64, Option<Place>) {
        match shortage {
            Shortage::Ignored => (0, None),
            Shortage::Counted => (1, None),
            Shortage::Within(0) => (dear, None),
            Shortage::Within(most) => {
                let row = self.row(..=float(most));
                self.problem
                    .add_column(float(dear), 0.0.., [(row.row, -1.0)]);
                self.own.push(more);
                (0, Some(row))
            }
        }
    }

    /// One row for each cell at which someone is missing, with its shortage.
    fn shortages(
        &mut self,
        missing: &[i64],
        (cost, limit): (i64, Option<Place>),
        slack: &dyn Fn(usize) -> Own,
        wanted: &dyn Fn(usize) -> bool,
    ) -> Vec<Option<Place>> {
        let mut rows = vec![None; missing.len()];
        for (cell, &missing) in missing.iter().enumerate() {
            if missing > 0 && wanted(cell) {
                let row = self.row(float(missing)..);
                let places = std::iter::once(row).chain(limit);
                let factors = places.map(|place| (place.row, 1.0));
                let bounds = 0.0..=float(missing);
                self.problem.add_column(float(cost), bounds, factors);
                self.own.push(slack(cell));
                rows[cell] = Some(row);
            }
        }
        rows
    }

    /// The row that adds up a group's cells on duty, with columns of rising cost.
    fn group(&mut self, ground: &Ground<'_>, group: usize) -> Place {
        let row = self.row(..=0.0);
        for pair in hull(ground, group).windows(2) {
            let (cells, cost) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
            let slope = float(cost) / float(cells);
            self.problem
                .add_column(slope, 0.0..=float(cells), [(row.row, -1.0)]);
            self.own.push(Own::Duty { group, most: cells });
        }
        row
    }

    /// Columns that belong to nobody.
    pub(super) fn n_own(&self) -> usize {
        self.own.len()
    }

    /// Values of the columns that belong to nobody when these are chosen.
    pub(super) fn complete(&self, ground: &Ground<'_>, chosen: &[&Column]) -> Vec<f64> {
        let instance = ground.instance;
        let mut missing = ground.missing.clone();
        let mut short = ground.alert_missing.clone();
        let mut duty_left = vec![0; ground.group_most.len()];
        for column in chosen {
            duty_left[instance.operators[column.operator].group] += number(column.cells);
            for (duty, cell) in column.covers() {
                missing[duty][cell] -= 1;
                for &unit in &instance.duties[duty].units {
                    short[unit][cell] -= 1;
                }
            }
        }
        let beyond = |missing: &[Vec<i64>], shortage| {
            let all: i64 = missing.iter().flatten().map(|&m| m.max(0)).sum();
            match shortage {
                Shortage::Within(limit) => (all - limit).max(0),
                Shortage::Ignored | Shortage::Counted => 0,
            }
        };
        let value = |own: &Own| match *own {
            Own::MoreGaps => beyond(&missing, self.level.gaps()),
            Own::MoreShort => beyond(&short, self.level.alert_short()),
            Own::Gap { duty, cell } => missing[duty][cell].max(0),
            Own::Short { unit, cell } => short[unit][cell].max(0),
            Own::Duty { group, most } => {
                let here = duty_left[group].min(most);
                duty_left[group] -= here;
                here
            }
        };
        self.own.iter().map(value).map(float).collect()
    }

    /// Whether the values of a solution go beyond a limit of the level.
    pub(super) fn goes_beyond(&self, values: &[f64], tolerance: f64) -> bool {
        let exceeded = |(own, value): (&Own, &f64)| {
            let limited = match own {
                Own::MoreGaps | Own::MoreShort => true,
                Own::Gap { .. } => self.level.gaps() == Shortage::Within(0),
                Own::Short { .. } => self.level.alert_short() == Shortage::Within(0),
                Own::Duty { .. } => false,
            };
            limited && *value > tolerance
        };
        self.own.iter().zip(values).any(exceeded)
    }
}

impl Rows {
    /// What a person's column has in which row.
    pub(super) fn factors(&self, ground: &Ground<'_>, column: &Column) -> Vec<(Row, f64)> {
        let instance = ground.instance;
        let mut factors = vec![(self.person[column.operator].row, 1.0)];
        for (duty, cell) in column.covers() {
            let units = instance.duties[duty].units.iter();
            let alerts = units.filter_map(|&unit| self.alert[unit][cell]);
            let places = self.cover[duty][cell].into_iter().chain(alerts);
            factors.extend(places.map(|place| (place.row, 1.0)));
        }
        let group = self.group[instance.operators[column.operator].group];
        factors.extend(group.map(|place| (place.row, float(number(column.cells)))));
        factors
    }
}

/// Whether an alert is full once no duty has a gap at the cell.
fn implied(ground: &Ground<'_>, unit: usize, cell: usize) -> bool {
    let duties = ground.instance.duties.iter().zip(&ground.missing);
    let people: i64 = duties
        .filter(|(table, _)| table.units.contains(&unit))
        .map(|(_, missing)| missing[cell])
        .sum();
    people >= ground.alert_missing[unit][cell]
}

/// The lower convex hull of a group's cost over its cells on duty.
fn hull(ground: &Ground<'_>, group: usize) -> Vec<(i64, i64)> {
    let most = ground.group_most[group];
    let mut hull: Vec<(i64, i64)> = Vec::new();
    let mut cells = 0;
    loop {
        let new = (number(cells), ground.group_cost(group, cells));
        while let [.., before, last] = hull.as_slice() {
            let (dx, dy) = (last.0 - before.0, last.1 - before.1);
            if dy * (new.0 - last.0) < (new.1 - last.1) * dx {
                break;
            }
            hull.pop();
        }
        hull.push(new);
        if cells >= most {
            return hull;
        }
        let step = if cells < FINE_CELLS { 1 } else { cells / 8 };
        cells = most.min(cells + step);
    }
}
