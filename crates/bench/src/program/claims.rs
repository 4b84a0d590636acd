//! What someone says that she reached, and what the checker says of it.

use meridian_model::check::check;
use meridian_model::{Plan, Problem, Score};
use serde::{Deserialize, Serialize};

/// The three levels of a roster, the most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Levels {
    /// M04.
    pub(crate) gaps: i64,
    /// M05.
    pub(crate) alerts: i64,
    /// The soft level, programme counted.
    pub(crate) soft: i64,
}

impl Levels {
    pub(crate) fn of(score: &Score) -> Self {
        Self {
            gaps: score.medium.gaps,
            alerts: score.medium.alert_short,
            soft: score.soft,
        }
    }
}

/// What the checker says of a plan, unless it breaks a rule or costs something else than was claimed.
pub(crate) fn confirm(problem: &Problem, plan: &Plan, claimed: Levels) -> Result<Levels, String> {
    let score = check(problem, plan).score;
    let found = Levels::of(&score);
    if score.hard > 0 {
        Err(format!("the checker finds {} broken rules", score.hard))
    } else if found != claimed {
        Err(format!("it claims {claimed:?}, the checker says {found:?}"))
    } else {
        Ok(found)
    }
}
