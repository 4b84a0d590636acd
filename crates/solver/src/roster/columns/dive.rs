//! Whole numbers by a dive: what the linear program is sure of is fixed, and priced and solved again, until nothing
//! is left open.

use super::ground::{Column, Ground};
use super::level::{Pool, worthwhile};
use super::master::{Master, Solved};
use super::prices::{Level, SCALE};
use super::pricing::price;
use crate::Stop;

/// Below so much, in thousandths, a column is not chosen.
const IDLE: i64 = 1;
/// Columns added at once.
const COLUMNS: usize = 100;
/// Fixings from one pricing to the next.
const PRICED_EVERY: usize = 2;
/// Fixings, at most.
const STEPS: usize = 400;

/// How bold a dive is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boldness {
    /// A column chosen at least so much, in hundredths, is fixed.
    pub(super) sure: i64,
    /// The same for columns that are fixed with the one chosen most, when none is sure.
    pub(super) likely: i64,
    /// Of the open ones, one in so many is fixed at once at most.
    pub(super) one_in: usize,
}

/// Dives from the optimum of the linear program over a pool; the columns chosen in the end.
pub(super) fn dive(
    ground: &Ground<'_>,
    level: Level,
    (master, pool): (&mut Master, &mut Pool),
    bold: Boldness,
    stop: &dyn Stop,
) -> Option<Vec<Column>> {
    for column in &pool.columns[master.n_columns()..] {
        master.add(ground, column)?;
    }
    let mut fixed = vec![false; ground.hours.len()];
    for step in 1..=STEPS {
        let solved = master.solve(ground, stop)?;
        let open = open(&solved, pool, &fixed);
        let Some(&(most, _)) = open.first() else {
            master.release()?;
            let chosen = solved.chosen.iter().zip(&pool.columns);
            let taken = chosen.filter(|(much, _)| **much > SCALE / 2);
            return Some(taken.map(|(_, column)| column.clone()).collect());
        };
        let (least, many) = if most * 100 >= bold.sure * SCALE {
            (bold.sure, open.len())
        } else {
            (
                bold.likely.min(most * 100 / SCALE),
                1 + open.len() / bold.one_in,
            )
        };
        for &(much, at) in open.iter().take(many) {
            let operator = pool.columns[at].operator;
            if much * 100 >= least * SCALE && !fixed[operator] {
                fixed[operator] = true;
                master.fix(at)?;
            }
        }
        if step % PRICED_EVERY == 0 || solved.over_limit {
            let solved = master.solve(ground, stop)?;
            let priced = price(ground, level, &solved.prices, stop)?;
            let mut columns = priced.columns;
            columns.retain(|column| !fixed[column.operator]);
            let columns = worthwhile(ground, level, &solved.prices, &solved.person, columns);
            for column in columns.into_iter().take(COLUMNS) {
                if pool.add(column.clone()) {
                    master.add(ground, &column)?;
                }
            }
        }
    }
    None
}

/// How much of which columns is chosen among people who are not fixed yet, the most chosen first.
fn open(solved: &Solved, pool: &Pool, fixed: &[bool]) -> Vec<(i64, usize)> {
    let chosen = solved.chosen.iter().copied().enumerate();
    let mut open: Vec<(i64, usize)> = chosen
        .filter(|&(at, much)| much > IDLE * SCALE / 1000 && !fixed[pool.columns[at].operator])
        .map(|(at, much)| (much, at))
        .collect();
    open.sort_unstable_by_key(|&(much, at)| (std::cmp::Reverse(much), at));
    open
}
