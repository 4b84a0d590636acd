//! Good prices before the first linear program: a walk uphill along subgradients of the bound.
//!
//! Pricing everyone costs far less than a linear program, so some hundred steps of it bring prices, bound and columns
//! near the end at once. Cells that the same people can serve keep one price on it. Source: Polyak's step (1969) towards a level above the best bound, deflected by the last direction.

use std::collections::VecDeque;

use super::alike::Alike;
use super::ground::{Column, Ground};
use super::level::{Pool, Relaxed};
use super::prices::{Level, Prices, SCALE, Shortage};
use super::pricing::price;
use crate::Stop;
use crate::instance::number;

/// Steps without a better bound after which the walk goes on from the best prices, half as far.
const STALLED: u64 = 5;
/// Hundredths of the last direction that stay in the next.
const INERTIA: i64 = 60;
/// An aim above the best bound by less than one part in so many of it is no longer worth the walk.
const NEAR: i128 = 2_000;
/// A bound that grows by one part in so many of the aim shows that the aim can be set farther.
const MUCH: i128 = 8;
/// What a direction counts in the price of a group's cells and of a limit, one part in so many: far more people weigh on
/// them than on a single cell, and would drown it.
const GROUP_CELLS: i64 = 20;
const LIMIT_CELLS: i64 = 30;
/// Of so many last steps the columns are remembered.
const MET: usize = 180;
/// Columns kept for each person cell that is missing.
const KEPT_PER_CELL: usize = 1;
/// Fineness of directions.
const FINE: i64 = 1024;

/// A direction in prices.
#[derive(Clone)]
struct Direction {
    cover: Vec<Vec<i64>>,
    alert: Vec<Vec<i64>>,
    group: Vec<i64>,
    gap: i64,
    short: i64,
}

impl Direction {
    /// Everything that could be changed.
    fn parts(&mut self) -> impl Iterator<Item = &mut i64> {
        let grids = self.cover.iter_mut().chain(&mut self.alert).flatten();
        let rest = [&mut self.gap, &mut self.short];
        grids.chain(&mut self.group).chain(rest)
    }

    fn blend(&mut self, last: &mut Self) {
        for (new, old) in self.parts().zip(last.parts()) {
            *new += *old * INERTIA / 100;
        }
    }

    fn squared(&mut self) -> i128 {
        self.parts()
            .map(|&mut part| i128::from(part) * i128::from(part))
            .sum()
    }
}

/// Walks uphill; the best prices are in `relaxed`, the columns met near them in `pool`.
pub(super) fn ascend(
    ground: &Ground<'_>,
    level: Level,
    (mut prices, cost): (Prices, i64),
    steps: u64,
    pool: &mut Pool,
    relaxed: &mut Relaxed,
    stop: &dyn Stop,
) {
    let goal = i128::from(SCALE) * i128::from(cost);
    let alike = Alike::of(ground);
    alike.cover.level(&mut prices.cover);
    alike.alert.level(&mut prices.alert);
    let mut ahead = None;
    let mut last: Option<Direction> = None;
    let mut stalled = 0;
    let mut met: VecDeque<Vec<Column>> = VecDeque::new();
    for _ in 0..steps {
        let Some(priced) = price(ground, level, &prices, stop) else {
            break;
        };
        relaxed.rounds += 1;
        let bound = prices.bound(ground, level, priced.best);
        let columns = priced.columns.clone();
        let before = relaxed.proof.as_ref().map(|(best, ..)| *best);
        let better = relaxed.learn(&prices, bound, priced.of_person);
        met.push_back(columns.clone());
        if met.len() > MET {
            met.pop_front();
        }
        let Some((best, best_prices, _)) = &relaxed.proof else {
            break;
        };
        let far = ahead.get_or_insert(((goal - best) / 2).max(i128::from(SCALE)));
        if better {
            stalled = 0;
            if before.is_some_and(|before| (bound - before) * MUCH > *far) {
                *far += *far * 25 / 100;
            }
        } else {
            stalled += 1;
        }
        if stalled == STALLED {
            stalled = 0;
            *far /= 2;
            if *far * NEAR < *best {
                break;
            }
            prices = best_prices.clone();
            last = None;
            continue;
        }
        let mut direction = uphill(ground, level, &prices, &columns);
        alike.cover.level(&mut direction.cover);
        alike.alert.level(&mut direction.alert);
        if let Some(last) = &mut last {
            direction.blend(last);
        }
        let squared = direction.squared();
        if squared == 0 || best + i128::from(SCALE / 4) > goal {
            break;
        }
        let length = *far + best - bound;
        step_along(&mut prices, &mut direction, length, squared);
        last = Some(direction);
    }
    keep_near(ground, level, met, pool, relaxed);
}

/// How the bound grows with each price: people wanted less people there.
fn uphill(ground: &Ground<'_>, level: Level, prices: &Prices, columns: &[Column]) -> Direction {
    let instance = ground.instance;
    let mut direction = Direction {
        cover: scaled(&ground.missing),
        alert: scaled(&ground.alert_missing),
        group: vec![0; ground.group_most.len()],
        gap: 0,
        short: 0,
    };
    for column in columns {
        direction.group[instance.operators[column.operator].group] += FINE * number(column.cells);
        for (duty, cell) in column.covers() {
            direction.cover[duty][cell] -= FINE;
            for &unit in &instance.duties[duty].units {
                direction.alert[unit][cell] -= FINE;
            }
        }
    }
    if level.own() > 0 {
        for (group, cells) in direction.group.iter_mut().enumerate() {
            let cheapest = prices.cheapest(ground, group).map_or(0, |(_, cells)| cells);
            *cells -= FINE * number(cheapest);
        }
    } else {
        direction.group.fill(0);
    }
    if level.alert_short() == Shortage::Ignored {
        direction
            .alert
            .iter_mut()
            .flatten()
            .for_each(|part| *part = 0);
    }
    let beyond = |parts: &[Vec<i64>], prices: &[Vec<i64>], dearest: i64, limit: i64| -> i64 {
        let cells = parts.iter().flatten().zip(prices.iter().flatten());
        let left = cells.filter(|(_, price)| **price >= dearest);
        left.map(|(part, _)| (*part).max(0)).sum::<i64>() - FINE * limit
    };
    if let Shortage::Within(limit @ 1..) = level.gaps() {
        direction.gap = beyond(&direction.cover, &prices.cover, prices.gap, limit);
    }
    if let Shortage::Within(limit @ 1..) = level.alert_short() {
        direction.short = beyond(&direction.alert, &prices.alert, prices.short, limit);
    }
    direction
        .group
        .iter_mut()
        .for_each(|part| *part /= GROUP_CELLS);
    direction.gap /= LIMIT_CELLS;
    direction.short /= LIMIT_CELLS;
    direction
}

fn scaled(grid: &[Vec<i64>]) -> Vec<Vec<i64>> {
    let row = |row: &Vec<i64>| row.iter().map(|&cell| cell * FINE).collect();
    grid.iter().map(row).collect()
}

/// Goes so far along a direction that the bound would grow by `length` if it were straight.
fn step_along(prices: &mut Prices, direction: &mut Direction, length: i128, squared: i128) {
    let fine = i128::from(FINE);
    let step = |part: i64| -> i64 {
        i64::try_from(length * i128::from(part) * fine / squared.max(1)).unwrap_or(0)
    };
    prices.gap = (prices.gap + step(direction.gap) / LIMIT_CELLS).max(0);
    prices.short = (prices.short + step(direction.short) / LIMIT_CELLS).max(0);
    let (gap, short) = (prices.gap, prices.short);
    let along = |prices: &mut [Vec<i64>], parts: &[Vec<i64>], dearest: i64| {
        let cells = prices.iter_mut().flatten().zip(parts.iter().flatten());
        for (price, &part) in cells {
            *price = (*price + step(part)).clamp(0, dearest);
        }
    };
    along(&mut prices.cover, &direction.cover, gap);
    along(&mut prices.alert, &direction.alert, short);
    for (price, &part) in prices.group.iter_mut().zip(&direction.group) {
        *price = (*price + step(part) / GROUP_CELLS).max(0);
    }
}

/// Takes those columns into the pool that are worth most at the best prices.
fn keep_near(
    ground: &Ground<'_>,
    level: Level,
    met: VecDeque<Vec<Column>>,
    pool: &mut Pool,
    relaxed: &Relaxed,
) {
    let Some((_, prices, of_person)) = &relaxed.proof else {
        return;
    };
    let gained = prices.gained(ground);
    let lost =
        |column: &Column| of_person[column.operator] - prices.worth(ground, level, &gained, column);
    let mut met: Vec<Column> = met.into_iter().flatten().collect();
    met.sort_by_cached_key(|column| (lost(column), column.operator));
    let wanted: i64 = ground.missing.iter().flatten().sum();
    let most = KEPT_PER_CELL * usize::try_from(wanted).unwrap_or(0) + 200;
    for column in met {
        if pool.columns.len() > most {
            break;
        }
        pool.add(column);
    }
}
