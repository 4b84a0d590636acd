//! The least that fairness can cost when so many minutes of duty have to be shared out at all.
//!
//! Squares are least where loads are level, so water is poured to a level: over people up to what each may do, and
//! over groups up to what their people may. A whole level below the true one gives a slightly lower, still valid
//! bound; each rounding down of a person or group loses less than 1.

use super::bound::most_minutes;
use crate::instance::{Instance, number};

/// What fairness divides squares by.
const SCALE: i64 = 360;

/// S04 and S05 of at least `minutes` of duty.
pub(super) fn fairness(instance: &Instance<'_>, minutes: i64) -> i64 {
    let people: Vec<Vessel> = instance
        .operators
        .iter()
        .enumerate()
        .map(|(operator, table)| Vessel {
            width: 1,
            ground: table.carry_over_min,
            room: most_minutes(instance, operator),
        })
        .collect();
    let mut groups: Vec<Vessel> = instance
        .groups
        .iter()
        .map(|group| Vessel {
            width: group.n_operators.max(1),
            ground: 0,
            room: 0,
        })
        .collect();
    for (table, person) in instance.operators.iter().zip(&people) {
        groups[table.group].room += person.room;
    }
    instance.weights.fair_people * least(&people, minutes)
        + instance.weights.fair_groups * least(&groups, minutes)
}

/// Someone, or a group of some, to be given duty.
struct Vessel {
    /// Over how many people it spreads.
    width: i64,
    /// What is there before.
    ground: i64,
    /// The most that can be added.
    room: i64,
}

impl Vessel {
    /// What it takes up to a level of load per person.
    fn takes(&self, level: i64) -> i64 {
        (level * self.width - self.ground).clamp(0, self.room)
    }

    fn square(&self, added: i64) -> i64 {
        let load = self.ground + added;
        load * load / (SCALE * self.width)
    }
}

/// The least sum of squares over the scale, each rounded down, when `minutes` or all there is room for is poured in.
fn least(vessels: &[Vessel], minutes: i64) -> i64 {
    let poured = |level: i64| {
        vessels
            .iter()
            .map(|vessel| vessel.takes(level))
            .sum::<i64>()
    };
    let minutes = minutes.min(vessels.iter().map(|vessel| vessel.room).sum());
    let highest = vessels
        .iter()
        .map(|v| (v.ground + v.room) / v.width + 1)
        .max()
        .unwrap_or(0);
    let (mut low, mut high) = (0, highest);
    while high - low > 1 {
        let level = low + (high - low) / 2;
        if poured(level) <= minutes {
            low = level;
        } else {
            high = level;
        }
    }
    let squares: i64 = vessels
        .iter()
        .map(|vessel| vessel.square(vessel.takes(low)))
        .sum();
    // What is left lies above the level, where each minute adds at least twice the level to the squares.
    let rest = 2 * low * (minutes - poured(low)) / SCALE;
    // Only who is given something is rounded down anew; who is not is exact above.
    let rounded = number(vessels.iter().filter(|vessel| vessel.room > 0).count());
    (squares + rest - rounded).max(vessels.iter().map(|vessel| vessel.square(0)).sum())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{SCALE, Vessel, least};

    proptest! {
        #[test]
        fn no_way_to_share_duty_out_costs_less(
            given in proptest::collection::vec((1..4_i64, 0..400_i64, 0..500_i64, any::<u16>()), 1..6),
        ) {
            let vessels: Vec<Vessel> = given
                .iter()
                .map(|&(width, ground, room, _)| Vessel { width, ground, room })
                .collect();
            let added: Vec<i64> = given
                .iter()
                .map(|&(_, _, room, share)| room * i64::from(share) / i64::from(u16::MAX))
                .collect();
            let cost: i64 = vessels
                .iter()
                .zip(&added)
                .map(|(v, &add)| (v.ground + add) * (v.ground + add) / (SCALE * v.width))
                .sum();
            assert!(least(&vessels, added.iter().sum()) <= cost);
        }
    }

    #[test]
    fn a_level_load_is_met_to_within_its_rounding() {
        let people: Vec<Vessel> = (0..10)
            .map(|_| Vessel {
                width: 1,
                ground: 0,
                room: 360,
            })
            .collect();
        let level = 10 * (180 * 180 / SCALE);
        assert!((level - 10..=level).contains(&least(&people, 1800)));
    }
}
