//! The roster: who is on duty when, given the programme.

pub(crate) mod best_plan;
pub(crate) mod best_set;
#[cfg(feature = "highs")]
pub(crate) mod columns;
pub(crate) mod eligibility;
pub(crate) mod hours;
pub(crate) mod search;
mod sparse_set;
pub(crate) mod state;

/// A shift on cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CellShift {
    pub(crate) duty: usize,
    /// First covered cell.
    pub(crate) start: usize,
    /// First cell after.
    pub(crate) end: usize,
    /// Cells on duty before `start`, to take over.
    pub(crate) handover: usize,
}

impl CellShift {
    /// First cell on duty.
    pub(crate) fn from(&self) -> usize {
        self.start - self.handover
    }

    /// Cells on duty, handover counted.
    pub(crate) fn on_duty(&self) -> usize {
        self.end - self.from()
    }
}

/// Shifts of each operator, in time order.
pub(crate) type Roster = Vec<Vec<CellShift>>;

/// Lower bounds of the roster's levels, each given that the levels above are no worse than the best roster's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) gaps: i64,
    pub(crate) alert_short: i64,
    pub(crate) soft: i64,
}

impl Proof {
    /// Whether no roster misses less, and none costs less by more than `gap_ppm` millionths.
    pub(crate) fn is_met_by(self, cost: state::RosterCost, gap_ppm: u32) -> bool {
        let allowed = i128::from(self.soft) * i128::from(gap_ppm) / 1_000_000;
        (cost.gaps, cost.alert_short) == (self.gaps, self.alert_short)
            && i128::from(cost.soft) <= i128::from(self.soft) + allowed
    }
}
