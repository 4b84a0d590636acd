//! What changes cost: a price for each person who hears of one and for each item that is not as it was published.

use crate::instance::number;
use crate::roster::{CellShift, Roster};

/// The published shifts of everyone, and the price of departing from them.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Operators × shifts in time order.
    pub(super) published: Roster,
    /// Whose shifts cannot all stay, so that she hears of a change whatever is done.
    pub(super) released: Vec<bool>,
    /// Price of a disturbed person and of a changed item, in soft cost.
    pub(super) price: i64,
}

impl Ledger {
    /// Whether she is disturbed by having `shifts`: they differ although all of hers could stay.
    pub(super) fn disturbs(&self, operator: usize, shifts: &[CellShift]) -> bool {
        !self.released[operator] && self.published[operator] != shifts
    }

    /// What it costs in changes that she has `shifts`.
    pub(super) fn cost(&self, operator: usize, shifts: &[CellShift]) -> i64 {
        if self.published[operator] == shifts {
            return 0;
        }
        let person = i64::from(self.disturbs(operator, shifts));
        let items = number(changed_items(&self.published[operator], shifts));
        self.price.saturating_mul(person + items)
    }
}

/// How many items differ; a shift that stays on its duty and moves is one item, not two.
fn changed_items(before: &[CellShift], after: &[CellShift]) -> usize {
    let gone: Vec<&CellShift> = before.iter().filter(|s| !after.contains(s)).collect();
    let mut come: Vec<&CellShift> = after.iter().filter(|s| !before.contains(s)).collect();
    let mut alone = 0;
    for shift in &gone {
        match come.iter().position(|other| other.duty == shift.duty) {
            Some(at) => {
                come.remove(at);
            }
            None => alone += 1,
        }
    }
    let moved = gone.len() - alone;
    moved + alone + come.len()
}

#[cfg(test)]
mod tests {
    use super::{Ledger, changed_items};
    use crate::roster::CellShift;

    fn shift(duty: usize, start: usize, end: usize) -> CellShift {
        CellShift {
            duty,
            start,
            end,
            handover: 0,
        }
    }

    #[test]
    fn a_moved_shift_is_one_change_and_a_swap_of_duties_is_two() {
        let before = [shift(0, 0, 8), shift(1, 20, 28)];
        assert_eq!(changed_items(&before, &before), 0);
        assert_eq!(
            changed_items(&before, &[shift(0, 1, 8), shift(1, 20, 28)]),
            1
        );
        assert_eq!(
            changed_items(&before, &[shift(2, 0, 8), shift(1, 20, 28)]),
            2
        );
        assert_eq!(changed_items(&before, &before[..1]), 1);
        assert_eq!(changed_items(&before[..1], &before), 1);
    }

    #[test]
    fn a_person_who_hears_of_a_change_anyway_costs_only_her_items() {
        let ledger = Ledger {
            published: vec![vec![shift(0, 0, 8)], vec![shift(0, 0, 8)], Vec::new()],
            released: vec![false, true, false],
            price: 100,
        };
        assert_eq!(ledger.cost(0, &[shift(0, 0, 8)]), 0);
        assert_eq!(ledger.cost(0, &[shift(0, 0, 9)]), 200);
        assert_eq!(ledger.cost(1, &[shift(0, 0, 9)]), 100);
        assert_eq!(ledger.cost(2, &[shift(0, 0, 9)]), 200);
        assert!(!ledger.disturbs(1, &[]) && ledger.disturbs(0, &[]) && !ledger.disturbs(2, &[]));
    }
}
