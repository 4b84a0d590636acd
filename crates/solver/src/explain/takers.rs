//! Who could take a shift, or a gap: everyone ranked, every rule checked by the checker itself.
//!
//! She takes it as it is, with as much of the handover as the rules let her. Whoever is kept by her other shifts alone may
//! give one of them to someone else, who then takes that as it is.

use meridian_model::check::check;
use meridian_model::{
    DutyId, Level, Match, Operator, OperatorId, Plan, Problem, Report, RuleCode, Shift, ShiftId,
    Span,
};
use serde::Serialize;

use super::skills::knows;
use super::view::View;

/// People asked to take over a shift of someone who would swap, the first who fit; and swaps tried for one person.
const MOST_ASKED: usize = 12;

/// What is to be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// The duty.
    pub duty: DutyId,
    /// The time to cover.
    pub span: Span,
    /// The handover before it, in minutes.
    pub handover_min: u32,
    /// The shift that someone else would take; none when it is a gap.
    pub shift: Option<ShiftId>,
}

/// One person, and how she stands to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Taker {
    /// Who.
    pub operator: OperatorId,
    /// Her minutes on duty as the plan stands, handover counted.
    pub load_min: i64,
    /// Whether she could.
    pub stands: Standing,
}

/// Whether someone could take a shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "can", rename_all = "kebab-case")]
pub enum Standing {
    /// She could, and nothing else need change.
    Now {
        /// Soft cost beside that of the plan at hand.
        costs: i64,
        /// Her minutes on duty with it.
        load_min: i64,
    },
    /// She could if someone took one of her shifts.
    Swap {
        /// The shift that she would give away.
        gives: ShiftId,
        /// Who would take that.
        to: OperatorId,
        /// Soft cost beside that of the plan at hand.
        costs: i64,
    },
    /// She could not.
    Barred {
        /// What would be broken, as the checker says.
        by: Vec<Match>,
    },
}

/// Everyone who knows the role, those who could take it at once first, then those who could by a swap, then the others by the
/// number of rules in their way; within each, those whom it costs least.
///
/// Nobody for a duty or a shift that is not known.
#[must_use]
pub fn takers(problem: &Problem, plan: &Plan, wanted: &Wanted) -> Vec<Taker> {
    let mut rest = plan.clone();
    let holder = plan
        .shifts
        .iter()
        .find(|shift| Some(&shift.id) == wanted.shift.as_ref());
    let holder = holder.map(|shift| shift.operator.clone());
    rest.shifts
        .retain(|shift| Some(&shift.id) != wanted.shift.as_ref());
    let view = View::new(problem, plan);
    let mut duties = problem.event.duties.iter();
    let duty = duties.find(|duty| duty.id == wanted.duty);
    let Some(role) = duty.and_then(|duty| view.role(duty)) else {
        return Vec::new();
    };
    let asker = Asker {
        problem,
        before: check(problem, plan).score.soft,
        broken: check(problem, &rest),
        rest,
        holder,
    };
    let people = problem.operators.iter();
    let people = people.filter(|one| knows(one, role) && Some(&one.id) != asker.holder.as_ref());
    let mut found: Vec<Taker> = people
        .map(|her| Taker {
            operator: her.id.clone(),
            load_min: load(&asker.rest, &her.id),
            stands: asker.stands(her, wanted),
        })
        .collect();
    found.sort_by_key(|one| (rank(&one.stands), one.load_min, one.operator.clone()));
    found
}

fn rank(stands: &Standing) -> (u8, i64) {
    match stands {
        Standing::Now { costs, .. } => (0, *costs),
        Standing::Swap { costs, .. } => (1, *costs),
        Standing::Barred { by } => (2, i64::try_from(by.len()).unwrap_or(i64::MAX)),
    }
}

/// The plan without the shift, and what it was like before.
struct Asker<'a> {
    problem: &'a Problem,
    rest: Plan,
    broken: Report,
    before: i64,
    holder: Option<OperatorId>,
}

impl Asker<'_> {
    fn stands(&self, her: &Operator, wanted: &Wanted) -> Standing {
        let shift = Shift {
            id: wanted
                .shift
                .clone()
                .unwrap_or_else(|| ShiftId::new(format!("shift-{}-taken", her.id))),
            operator: her.id.clone(),
            duty: wanted.duty.clone(),
            span: wanted.span,
            handover_min: wanted.handover_min,
        };
        let by = match self.added(&self.rest, shift.clone()) {
            Ok((plan, costs)) => {
                return Standing::Now {
                    costs,
                    load_min: load(&plan, &her.id),
                };
            }
            Err(by) => by,
        };
        if by.iter().all(|found| is_of_other_shifts(found.rule))
            && let Some(swap) = self.swap(her, &shift)
        {
            return swap;
        }
        Standing::Barred { by }
    }

    /// The plan with a shift more and what it costs, or what that newly breaks; without handover where it must be.
    fn added(&self, plan: &Plan, shift: Shift) -> Result<(Plan, i64), Vec<Match>> {
        let mut by = Vec::new();
        let bare = Shift {
            handover_min: 0,
            ..shift.clone()
        };
        for way in [shift, bare] {
            let mut more = plan.clone();
            more.shifts.push(way);
            let report = check(self.problem, &more);
            if report.score.hard <= self.broken.score.hard {
                return Ok((more, report.score.soft - self.before));
            }
            by = report.matches;
        }
        by.retain(|found| found.rule.level() == Level::Hard);
        by.retain(|found| !self.broken.matches.contains(found));
        Err(by)
    }

    /// The cheapest way in which someone takes one of her shifts, so that she can take this one.
    fn swap(&self, her: &Operator, shift: &Shift) -> Option<Standing> {
        let mut best: Option<(i64, ShiftId, OperatorId)> = None;
        for gives in self.rest.shifts.iter().filter(|one| one.operator == her.id) {
            let mut without = self.rest.clone();
            without.shifts.retain(|one| one.id != gives.id);
            let Ok((taken, _)) = self.added(&without, shift.clone()) else {
                continue;
            };
            let mut asked = 0;
            for other in &self.problem.operators {
                let is_out = other.id == her.id || Some(&other.id) == self.holder.as_ref();
                if is_out || asked == MOST_ASKED || !self.might(other, gives) {
                    continue;
                }
                asked += 1;
                let handed = Shift {
                    operator: other.id.clone(),
                    ..gives.clone()
                };
                if let Ok((_, costs)) = self.added(&taken, handed)
                    && best.as_ref().is_none_or(|(known, ..)| costs < *known)
                {
                    best = Some((costs, gives.id.clone(), other.id.clone()));
                }
            }
        }
        let (costs, gives, to) = best?;
        Some(Standing::Swap { gives, to, costs })
    }

    /// Whether it is worth asking someone: she knows the role, has the time and is not on duty then.
    fn might(&self, other: &Operator, shift: &Shift) -> bool {
        let mut duties = self.problem.event.duties.iter();
        let duty = duties.find(|duty| duty.id == shift.duty);
        let knows = duty.is_some_and(|duty| other.skills.iter().any(|one| one.role == duty.role));
        let mut shifts = self.rest.shifts.iter();
        knows
            && super::bars::is_open(&other.availability, shift.span)
            && !shifts.any(|one| one.operator == other.id && one.span.overlaps(&shift.span))
    }
}

/// Rules that someone's other shifts can make her break, and that giving one of them away can mend.
fn is_of_other_shifts(rule: RuleCode) -> bool {
    matches!(
        rule,
        RuleCode::H13
            | RuleCode::H14
            | RuleCode::H19
            | RuleCode::H20
            | RuleCode::H21
            | RuleCode::H22
    )
}

fn load(plan: &Plan, who: &OperatorId) -> i64 {
    let hers = plan.shifts.iter().filter(|shift| shift.operator == *who);
    hers.map(|shift| shift.span.minutes() + i64::from(shift.handover_min))
        .sum()
}

impl Standing {
    /// The rules in her way; none when she could.
    #[must_use]
    pub fn rules(&self) -> Vec<RuleCode> {
        match self {
            Self::Now { .. } | Self::Swap { .. } => Vec::new(),
            Self::Barred { by } => {
                let mut rules: Vec<RuleCode> = by.iter().map(|found| found.rule).collect();
                rules.dedup();
                rules
            }
        }
    }
}

impl Wanted {
    /// A shift of a plan.
    #[must_use]
    pub fn shift(plan: &Plan, id: &ShiftId) -> Option<Self> {
        let shift = plan.shifts.iter().find(|shift| shift.id == *id)?;
        Some(Self {
            duty: shift.duty.clone(),
            span: shift.span,
            handover_min: shift.handover_min,
            shift: Some(shift.id.clone()),
        })
    }

    /// The gap that comes `n`-th in the explanation of a plan, counted from 0.
    #[must_use]
    pub fn gap(problem: &Problem, plan: &Plan, n: usize) -> Option<Self> {
        let view = View::new(problem, plan);
        let gap = super::gaps::reasons(&view).into_iter().nth(n)?;
        Some(Self {
            duty: gap.duty,
            span: gap.span,
            handover_min: 0,
            shift: None,
        })
    }
}
