//! What someone says that she reached, and what the checker says of it.

use meridian_model::check::check;
use meridian_model::{Medium, Plan, Problem, Score};
use serde::{Deserialize, Serialize};

/// The levels of a plan, the most important first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Levels {
    /// M01.
    pub(crate) unhosted: i64,
    /// M02.
    pub(crate) must: i64,
    /// M03.
    pub(crate) should: i64,
    /// M04.
    pub(crate) gaps: i64,
    /// M05.
    pub(crate) alerts: i64,
    /// The soft level, programme counted.
    pub(crate) soft: i64,
}

impl Levels {
    pub(crate) fn of(score: &Score) -> Self {
        Self::new(&score.medium, score.soft)
    }

    pub(crate) fn new(medium: &Medium, soft: i64) -> Self {
        Self {
            unhosted: medium.unhosted,
            must: medium.unplaced_must,
            should: medium.unplaced_should,
            gaps: medium.gaps,
            alerts: medium.alert_short,
            soft,
        }
    }

    /// Whether every level above the soft one is the same.
    pub(crate) fn same_medium(&self, other: &Self) -> bool {
        Self { soft: 0, ..*self } == Self { soft: 0, ..*other }
    }
}

impl std::fmt::Display for Levels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            unhosted,
            must,
            should,
            gaps,
            alerts,
            soft,
        } = self;
        if (*unhosted, *must, *should) != (0, 0, 0) {
            write!(f, "{unhosted} unhosted, {must} and {should} unplaced, ")?;
        }
        write!(f, "{gaps} gaps, {alerts} on alerts, {soft} soft")
    }
}

/// What the checker says of a plan, unless it breaks a rule or costs something else than was claimed.
pub(crate) fn confirm(problem: &Problem, plan: &Plan, claimed: Levels) -> Result<Levels, String> {
    let score = check(problem, plan).score;
    let found = Levels::of(&score);
    if score.hard > 0 {
        Err(format!("the checker finds {} broken rules", score.hard))
    } else if found != claimed {
        Err(format!("it claims {claimed}, the checker says {found}"))
    } else {
        Ok(found)
    }
}
