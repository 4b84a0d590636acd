//! People needed and people pledged, window by window: whether an event can be staffed, before it is planned.

use serde::Serialize;

use crate::ids::{GroupId, Language, RoleId};
use crate::time::Span;

/// How the people that an event needs compare with those who pledged to help.
///
/// Units: minutes are person-minutes. What is *certain* holds for every plan that keeps the hard rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Staffing {
    /// The event's id.
    pub event: String,
    /// Where the languages of the blocks come from.
    pub basis: Basis,
    /// Stretches of three hours from midnight in UTC, cut off where the horizon begins and ends.
    pub windows: Vec<Window>,
    /// What is needed, by role and language.
    pub needs: Vec<Need>,
    /// What each group's people pledged.
    pub groups: Vec<GroupPledge>,
    /// Minutes that are likely to be needed: the certain ones, and those that the hosts' languages bring.
    pub likely_min: i64,
    /// Minutes that are certainly needed.
    pub needed_min: i64,
    /// Minutes of those that certainly stay uncovered, limits on everyone's hours counted.
    pub uncovered_min: i64,
}

/// Where the languages of the blocks come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// From what the groups that could host speak.
    Hosts,
    /// From the blocks of a plan.
    Plan,
}

/// A stretch of time that people are counted over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// When.
    pub span: Span,
    /// The fewest groups that could host at any moment of it.
    pub fewest_hosts: u32,
}

/// People needed in one role and, where it matters, language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Need {
    /// The role.
    pub role: RoleId,
    /// The languages that one person needs; empty where the role needs none, or any that a host could speak.
    pub languages: Vec<Language>,
    /// Whether it is needed whatever the programme will be.
    pub certainty: Certainty,
    /// One entry for each window.
    pub windows: Vec<Staffed>,
}

/// How sure a need is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Every plan needs it.
    Certain,
    /// It depends on who will host, and in which language.
    Estimated,
}

/// People needed against people pledged in one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Staffed {
    /// People needed at once, at the busiest moment.
    pub needed: u32,
    /// People who could be on duty at some moment of the window.
    pub people: u32,
    /// The fewest who could at any moment at which someone is needed.
    pub fewest: u32,
    /// People missing at once, at the worst moment.
    pub missing: u32,
    /// Minutes needed.
    pub needed_min: i64,
    /// Minutes for which too few people could be on duty, whoever else they have to serve.
    pub missing_min: i64,
    /// Minutes covered when everybody's hours are shared out evenly over all that is needed; an estimate.
    pub covered_min: i64,
}

impl Staffed {
    /// How it stands.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.missing > 0 {
            Verdict::Missing
        } else if self.covered_min < self.needed_min {
            Verdict::Tired
        } else if self.needed > 0 && self.fewest <= self.needed {
            Verdict::Thin
        } else {
            Verdict::Enough
        }
    }
}

/// How a need stands in a window, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// At some moment too few people could be on duty.
    Missing,
    /// There are people at every moment, but not enough hours of theirs.
    Tired,
    /// At some moment nobody may drop out.
    Thin,
    /// There are people to spare.
    Enough,
}

/// What the people of a group pledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupPledge {
    /// The group.
    pub group: GroupId,
    /// Those of its people who could be on duty at all.
    pub people: u32,
    /// The most minutes that they could be on duty for, limits counted.
    pub pledged_min: i64,
    /// Minutes of those that the even sharing uses.
    pub used_min: i64,
}

impl Staffing {
    /// The most that everyone together could be on duty for, in minutes.
    #[must_use]
    pub fn pledged_min(&self) -> i64 {
        self.groups.iter().map(|group| group.pledged_min).sum()
    }

    /// Whether hours are scarce: more than four fifths of all pledged hours are likely to be needed.
    ///
    /// A count does not see that shifts come whole and rests between them; the less there is to spare, the less
    /// likely it is that they fit.
    #[must_use]
    pub fn scarce(&self) -> bool {
        self.likely_min * 5 > self.pledged_min() * 4
    }

    /// Whether there are people and hosts for all that is needed, as far as can be told.
    #[must_use]
    pub fn enough(&self) -> bool {
        self.uncovered_min == 0
            && self.windows.iter().all(|window| window.fewest_hosts > 0)
            && self
                .needs
                .iter()
                .flat_map(|need| &need.windows)
                .all(|window| window.verdict() > Verdict::Tired)
    }
}
