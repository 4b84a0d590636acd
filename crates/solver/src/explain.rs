//! Why something is missing: for each gap and unplaced session, who is eligible at all, and the first
//! rule that excludes each.

use meridian_model::{
    DutyId, OperatorId, Plan, Priority, Problem, RuleCode, SessionId, Span, Subject,
};
use serde::Serialize;

/// Reasons for everything a plan is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Duties not covered.
    pub gaps: Vec<GapReason>,
    /// Sessions not placed.
    pub unplaced: Vec<UnplacedReason>,
}

/// Why a gap stands open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GapReason {
    /// The duty.
    pub duty: DutyId,
    /// When.
    pub span: Span,
    /// How many people are missing at once.
    pub missing: u32,
    /// Those who have the skill and, taken alone, break no rule: nothing but their other shifts keeps them.
    pub eligible: Vec<OperatorId>,
    /// For everyone with the role's skill: the first rule that excludes her.
    pub exclusions: Vec<Exclusion>,
}

/// Why a session has no place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnplacedReason {
    /// The session.
    pub session: SessionId,
    /// How much it matters.
    pub priority: Priority,
    /// For each block that could hold it at all, and for the session itself: the first rule in the way.
    pub exclusions: Vec<Exclusion>,
}

/// The first rule that excludes someone or something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exclusion {
    /// Whom or what it excludes.
    pub subject: Subject,
    /// The rule.
    pub rule: RuleCode,
    /// In words.
    pub says: String,
}

/// Explains what `plan` is missing.
#[must_use]
pub fn explain(problem: &Problem, plan: &Plan) -> Explanation {
    let _ = (problem, plan);
    Explanation {
        gaps: Vec::new(),
        unplaced: Vec::new(),
    }
}
