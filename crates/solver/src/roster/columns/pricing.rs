//! Pricing: the most valuable plan of every person at given prices, exactly.

use super::ground::{Column, Ground};
use super::prices::{Level, Prices, SCALE};
use crate::Stop;
use crate::instance::number;
use crate::roster::best_set::{Tables, Worth};

/// People priced between two looks at [`Stop`].
const PEOPLE_AT_ONCE: usize = 64;

/// The best plan of everyone.
pub(super) struct Priced {
    /// What they are worth together, no less than the true best.
    pub(super) best: i128,
    /// What the best plan of each person is worth, no less than the true best.
    pub(super) of_person: Vec<i64>,
    /// The plans, for those who have one that is worth more than none.
    pub(super) columns: Vec<Column>,
}

/// Prices everyone; `None` when stopped.
pub(super) fn price(
    ground: &Ground<'_>,
    level: Level,
    prices: &Prices,
    stop: &dyn Stop,
) -> Option<Priced> {
    let gained = prices.gained(ground);
    let mut tables = Tables::default();
    let mut lengths = Vec::new();
    let mut priced = Priced {
        best: 0,
        of_person: Vec::with_capacity(ground.hours.len()),
        columns: Vec::new(),
    };
    for operator in 0..ground.hours.len() {
        if operator % PEOPLE_AT_ONCE == 0 && stop.stopped() {
            return None;
        }
        lengths_of(ground, level, prices, operator, &mut lengths);
        let found = tables.best(&worth(ground, level, &gained, &lengths, operator));
        priced.best += i128::from(found.bound);
        priced.of_person.push(found.bound);
        if found.value > 0 {
            let column = Column::new(ground, operator, found.shifts);
            priced.columns.push(column);
        }
    }
    Some(priced)
}

/// What one person's shifts are worth at these prices.
pub(super) fn worth<'a>(
    ground: &'a Ground<'a>,
    level: Level,
    gained: &'a [Vec<i64>],
    lengths: &'a [i64],
    operator: usize,
) -> Worth<'a, impl Fn(usize) -> &'a [i64]> {
    let duties = &ground.eligibility.people[operator].duties;
    Worth {
        instance: ground.instance,
        eligibility: ground.eligibility,
        operator,
        hours: ground.hours[operator].clone(),
        scale: SCALE * level.own(),
        lengths,
        gained: |place: usize| gained[duties[place].duty].as_slice(),
    }
}

/// What being on duty for so many cells in all costs one person and her group at these prices.
pub(super) fn lengths_of(
    ground: &Ground<'_>,
    level: Level,
    prices: &Prices,
    operator: usize,
    lengths: &mut Vec<i64>,
) {
    let price = prices.group[ground.instance.operators[operator].group];
    let cost =
        |cells| SCALE * level.own() * ground.load_added(operator, cells) + price * number(cells);
    lengths.clear();
    lengths.extend((0..=ground.hours[operator].most).map(cost));
}
