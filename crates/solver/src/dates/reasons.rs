//! Why a date loses: what is missing on it and what stands in the way, or what makes it dearer than the best.
//!
//! It tells of plans that were found, not of all there could be: entry [`date_reasons`].

use std::cmp::Reverse;
use std::collections::BTreeMap;

use meridian_model::check::check;
use meridian_model::{
    Level, Match, Medium, Plan, Priority, Problem, RuleCode, Score, Span, Subject,
};
use serde::Serialize;

use crate::explain::{Exclusion, conflicts};

/// Things missing on one date that are told with what stands in the way, of each kind.
const MOST_TOLD: usize = 6;

/// Why a date loses against the best.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DateReasons {
    /// The first level at which its plan is worse than that of the best; `None` where it is as good.
    pub behind: Option<Behind>,
    /// What its plan is missing, the first six things of each kind.
    pub missing: Vec<Missing>,
    /// How many more things it is missing.
    pub further_missing: usize,
    /// Where nothing but cost is between them: the fewest things that, were they no dearer than on the best date, would make
    /// it as good, the dearest first.
    pub dearer: Vec<Dearer>,
}

/// How far a date is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Behind {
    /// The rule of which more is missing; `None` when it only costs more.
    pub rule: Option<RuleCode>,
    /// How much more.
    pub more: i64,
}

/// One thing that is missing on a date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The rule.
    pub rule: RuleCode,
    /// The duty with a gap, the session without a place, the track without a host.
    pub subject: Subject,
    /// When; `None` for a session.
    pub span: Option<Span>,
    /// A smallest set of rules and of people, groups and events that alone leave it missing, all else as in the plan; empty
    /// when it could be had, `None` when too many people would have to be asked.
    pub conflict: Option<Vec<Exclusion>>,
}

/// Something that costs more on a date than on the best.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dearer {
    /// The rule.
    pub rule: RuleCode,
    /// The regional event or the group it costs for; `None` for all that a rule costs.
    pub subject: Option<Subject>,
    /// How much more it costs.
    pub more: i64,
}

/// Why the plan of one date is worse than the plan of the best date; what it is missing is told in any case.
///
/// Both plans should be of the problems beside them, with the score that the checker gives.
#[must_use]
pub fn date_reasons(date: (&Problem, &Plan), best: (&Problem, &Plan)) -> DateReasons {
    let (missing, further_missing) = missing(date.0, date.1);
    let behind = behind(&date.1.score, &best.1.score);
    let dearer = match behind {
        Some(Behind { rule: None, more }) => dearer(&costs(date), &costs(best), more),
        _ => Vec::new(),
    };
    DateReasons {
        behind,
        missing,
        further_missing,
        dearer,
    }
}

fn behind(score: &Score, best: &Score) -> Option<Behind> {
    let by_level = levels(&score.medium).into_iter().zip(levels(&best.medium));
    for ((rule, here), (_, there)) in by_level {
        if here != there {
            let rule = Some(rule);
            return (here > there).then_some(Behind {
                rule,
                more: here - there,
            });
        }
    }
    let more = score.soft - best.soft;
    (more > 0).then_some(Behind { rule: None, more })
}

/// The medium levels, from the top.
fn levels(medium: &Medium) -> [(RuleCode, i64); 5] {
    let Medium {
        unhosted,
        unplaced_must,
        unplaced_should,
        gaps,
        alert_short,
    } = *medium;
    [
        (RuleCode::M01, unhosted),
        (RuleCode::M02, unplaced_must),
        (RuleCode::M03, unplaced_should),
        (RuleCode::M04, gaps),
        (RuleCode::M05, alert_short),
    ]
}

/// What a plan is missing, and how much more of it than is told.
fn missing(problem: &Problem, plan: &Plan) -> (Vec<Missing>, usize) {
    let all = conflicts(problem, plan, MOST_TOLD);
    let n_all = all.unhosted.len() + all.unplaced.len() + all.gaps.len();
    let hours = all.unhosted.into_iter().take(MOST_TOLD).map(|one| Missing {
        rule: RuleCode::M01,
        subject: Subject::Track(one.track),
        span: Some(one.span),
        conflict: one.conflict,
    });
    let sessions = all.unplaced.into_iter().take(MOST_TOLD).map(|one| Missing {
        rule: match one.priority {
            Priority::Must => RuleCode::M02,
            Priority::Should | Priority::Filler => RuleCode::M03,
        },
        subject: Subject::Session(one.session),
        span: None,
        conflict: one.conflict,
    });
    let gaps = all.gaps.into_iter().take(MOST_TOLD).map(|one| Missing {
        rule: RuleCode::M04,
        subject: Subject::Duty(one.duty),
        span: Some(one.span),
        conflict: one.conflict,
    });
    let told: Vec<Missing> = hours.chain(sessions).chain(gaps).collect();
    let further = n_all - told.len();
    (told, further)
}

/// What each rule costs, and of clashes each regional event, of hosts left out each group.
fn costs((problem, plan): (&Problem, &Plan)) -> BTreeMap<(RuleCode, Option<Subject>), i64> {
    let mut costs = BTreeMap::new();
    let found = check(problem, plan).matches;
    for one in found.iter().filter(|one| one.rule.level() == Level::Soft) {
        let cost = problem.event.policy.weight(one.rule) * one.amount;
        *costs.entry((one.rule, borne_by(one))).or_default() += cost;
    }
    costs
}

fn borne_by(found: &Match) -> Option<Subject> {
    let mut subjects = found.subjects.iter();
    let bearer = match found.rule {
        RuleCode::S01 => subjects.find(|one| matches!(one, Subject::RegionalEvent(_))),
        RuleCode::S13 => subjects.find(|one| matches!(one, Subject::Group(_))),
        _ => None,
    };
    bearer.cloned()
}

/// As few things as make up for `more`, the dearest first.
fn dearer(
    here: &BTreeMap<(RuleCode, Option<Subject>), i64>,
    there: &BTreeMap<(RuleCode, Option<Subject>), i64>,
    more: i64,
) -> Vec<Dearer> {
    let mut all: Vec<Dearer> = here
        .iter()
        .map(|(key, cost)| Dearer {
            rule: key.0,
            subject: key.1.clone(),
            more: cost - there.get(key).copied().unwrap_or(0),
        })
        .filter(|one| one.more > 0)
        .collect();
    all.sort_by_key(|one| Reverse(one.more));
    let mut left = more;
    let needed = all.into_iter().take_while(|one| {
        let is_needed = left > 0;
        left -= one.more;
        is_needed
    });
    needed.collect()
}
