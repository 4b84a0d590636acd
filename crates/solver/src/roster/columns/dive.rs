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
/// Solutions of the program, at most.
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
    /// When the value grows by more than one part in so many, what was fixed last is freed again but for the surest.
    pub(super) steady: i128,
}

/// Columns fixed together, and the most that the linear program may then cost.
#[derive(Debug)]
struct Batch {
    /// Their places, the surest left out.
    doubtful: Vec<usize>,
    most: i128,
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
    let mut last: Option<Batch> = None;
    for _ in 0..STEPS {
        let mut solved = master.solve(ground, stop)?;
        if last.is_some() || solved.over_limit {
            solved = priced_again(ground, level, (master, pool), solved, &fixed, stop)?;
        }
        // Too much at once: all but the surest are left open again.
        if let Some(batch) = last.take_if(|batch| solved.value > batch.most)
            && !batch.doubtful.is_empty()
        {
            for at in batch.doubtful {
                fixed[pool.columns[at].operator] = false;
                master.free(at)?;
            }
            last = Some(Batch {
                doubtful: Vec::new(),
                most: i128::MAX,
            });
            continue;
        }
        let open = open(&solved, pool, &fixed);
        if open.is_empty() {
            master.release()?;
            let chosen = solved.chosen.iter().zip(&pool.columns);
            let taken = chosen.filter(|(much, _)| **much > SCALE / 2);
            return Some(taken.map(|(_, column)| column.clone()).collect());
        }
        let mut batch = bold.batch(&open);
        batch.retain(|&at| !std::mem::replace(&mut fixed[pool.columns[at].operator], true));
        for &at in &batch {
            master.fix(at)?;
        }
        last = Some(Batch {
            doubtful: batch.split_off(1.min(batch.len())),
            most: solved.value + solved.value / bold.steady,
        });
    }
    None
}

impl Boldness {
    /// What to fix of the open columns, the most chosen first.
    fn batch(self, open: &[(i64, usize)]) -> Vec<usize> {
        let most = open.first().map_or(0, |(most, _)| most * 100);
        let (least, many) = if most >= self.sure * SCALE {
            (self.sure, open.len())
        } else {
            (self.likely.min(most / SCALE), 1 + open.len() / self.one_in)
        };
        let first = open.iter().take(many);
        let enough = first.filter(|(much, _)| much * 100 >= least * SCALE);
        enough.map(|&(_, at)| at).collect()
    }
}

/// Takes in what people who are not fixed would rather do at the prices of the program, and solves it again.
fn priced_again(
    ground: &Ground<'_>,
    level: Level,
    (master, pool): (&mut Master, &mut Pool),
    solved: Solved,
    fixed: &[bool],
    stop: &dyn Stop,
) -> Option<Solved> {
    let priced = price(ground, level, &solved.prices, stop)?;
    let mut columns = priced.columns;
    columns.retain(|column| !fixed[column.operator]);
    let columns = worthwhile(ground, level, &solved.prices, &solved.person, columns);
    let mut added = false;
    for column in columns.into_iter().take(COLUMNS) {
        if pool.add(column.clone()) {
            master.add(ground, &column)?;
            added = true;
        }
    }
    if added {
        master.solve(ground, stop)
    } else {
        Some(solved)
    }
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
