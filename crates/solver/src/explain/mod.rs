//! Why something is missing: for each gap, unplaced session and track without a host, who or what is eligible at all, and the rule
//! that excludes each other.
//!
//! Someone is excluded by several rules when each bars a part of what she could do. Then the rule that bars most
//! of it is named, of equals the first by code, and the words tell of the others too. Words carry no clock
//! times: those belong to the reader's zone.

mod alone;
mod bars;
mod gaps;
mod hosts;
mod sessions;
mod skills;
mod together;
mod view;

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod scenario;
#[cfg(test)]
mod tests;

use meridian_model::{
    BlockId, DutyId, GroupId, OperatorId, Plan, Priority, Problem, RuleCode, SessionId, Span,
    Subject, TrackId,
};
use serde::Serialize;

use view::View;

/// Reasons for everything a plan is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Duties not covered.
    pub gaps: Vec<GapReason>,
    /// Sessions not placed.
    pub unplaced: Vec<UnplacedReason>,
    /// Tracks without a host.
    pub unhosted: Vec<UnhostedReason>,
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
    /// Those who have the skill and, taken alone, could serve a legal shift on some of the gap: nothing but
    /// their other shifts keeps them.
    pub eligible: Vec<OperatorId>,
    /// For everyone with any skill in the role: the first rule that excludes her. Who is eligible and has no
    /// exclusion could serve some of the gap as the plan stands.
    pub exclusions: Vec<Exclusion>,
}

/// Why a session has no place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnplacedReason {
    /// The session.
    pub session: SessionId,
    /// How much it matters.
    pub priority: Priority,
    /// Blocks with a free place for it as the plan stands.
    pub eligible: Vec<BlockId>,
    /// For each other block that is long enough, on an allowed track and in the window: the first rule in the way.
    /// When there is no such block: why, for the session itself.
    pub exclusions: Vec<Exclusion>,
}

/// Why a track stands without a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnhostedReason {
    /// The track.
    pub track: TrackId,
    /// When.
    pub span: Span,
    /// Groups that, had they no other block, could host some of the time.
    pub eligible: Vec<GroupId>,
    /// For everyone else who wants to host, and for those of the eligible who have all the blocks they offered:
    /// the first rule that excludes it. A group without exclusion could host some of the time as the plan stands.
    pub exclusions: Vec<Exclusion>,
}

/// The first rule that excludes someone or something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exclusion {
    /// Whom or what it excludes.
    pub subject: Subject,
    /// The rule.
    pub rule: RuleCode,
    /// In words that read after the subject's name and a colon, and are the same for all who share a reason.
    pub says: String,
}

/// Explains what `plan` is missing.
///
/// It takes any plan: what the problem does not know or what lies off the cells is passed over.
#[must_use]
pub fn explain(problem: &Problem, plan: &Plan) -> Explanation {
    let view = View::new(problem, plan);
    Explanation {
        gaps: gaps::reasons(&view),
        unplaced: sessions::reasons(&view),
        unhosted: hosts::reasons(&view),
    }
}
