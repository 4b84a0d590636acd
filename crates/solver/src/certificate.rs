//! How good a plan is proven to be.

use meridian_model::{Medium, Score};

/// What a search proved about its plan.
///
/// A bound holds level by level: no plan whose levels above are as they are here has less on this one.
/// `unhosted`, `unplaced_must` and `unplaced_should` are bounds over every plan of the problem; the levels below
/// them over every plan with these blocks and sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// How the search ended.
    pub status: Status,
    /// Lower bounds of the medium levels.
    pub medium: Medium,
    /// Lower bound of the soft level.
    pub soft: i64,
    /// The part of the soft level that blocks and sessions cost; the rest is the roster's.
    pub programme_soft: i64,
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Every level equals its bound: no better plan exists within what the bounds are over.
    Proved,
    /// The levels above soft equal their bounds, and soft lies within [`Options::gap_ppm`](crate::Options) of its own.
    WithinGap,
    /// The effort was spent before that.
    EffortSpent,
    /// The caller stopped the search.
    Stopped,
}

impl Status {
    /// The status in a document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::WithinGap => "within-gap",
            Self::EffortSpent => "effort-spent",
            Self::Stopped => "stopped",
        }
    }
}

impl Certificate {
    /// What holds of any plan without a proof: nothing costs less than nothing.
    #[must_use]
    pub fn trivial() -> Self {
        Self {
            status: Status::Stopped,
            medium: Medium::default(),
            soft: 0,
            programme_soft: 0,
        }
    }

    /// How far the roster's soft cost may be above the least possible, in millionths of that cost; `None` while a level
    /// above is not at its bound, or while there is no bound above nothing.
    #[must_use]
    pub fn gap_ppm(&self, score: &Score) -> Option<i64> {
        let least = self.soft - self.programme_soft;
        let excess = score.soft - self.soft;
        if score.medium != self.medium {
            None
        } else if excess == 0 {
            Some(0)
        } else {
            (least > 0).then(|| (excess * 1_000_000 + least - 1) / least)
        }
    }

    /// The status of a search that was not stopped.
    pub(crate) fn judge(&self, score: &Score, gap_ppm: u32) -> Status {
        match self.gap_ppm(score) {
            Some(0) => Status::Proved,
            Some(gap) if gap <= i64::from(gap_ppm) => Status::WithinGap,
            _ => Status::EffortSpent,
        }
    }
}
