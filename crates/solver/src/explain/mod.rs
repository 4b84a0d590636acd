//! Why something is missing: for each gap, unplaced session and track without a host, who or what is eligible at all, and the rule
//! that excludes each other.
//!
//! Someone is excluded by several rules when each bars a part of what she could do. Then the rule that bars most
//! of it is named, of equals the first by code, and the words tell of the others too. Words carry no clock
//! times: those belong to the reader's zone.

mod alone;
mod bars;
mod conflict;
mod gap_repairs;
mod gaps;
mod hosts;
mod mend;
mod offers;
mod one_person;
mod reach;
mod repair;
mod sessions;
mod skills;
mod takers;
mod together;
mod view;

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod hitting;
#[cfg(test)]
mod minimal;
#[cfg(test)]
mod scenario;
#[cfg(test)]
mod tests;

use meridian_model::{
    BlockId, DutyId, GroupId, HostBlock, OperatorId, PlacedSession, Plan, Priority, Problem,
    RuleCode, Score, SessionId, Shift, Span, Subject, TrackId,
};
use serde::Serialize;

pub use repair::{HostSetting, PolicySetting, Repair};
pub use takers::{Standing, Taker, Wanted, takers};

use mend::{Before, Proof};
use view::View;

/// Things missing for which repairs are sought, of each kind, in the order of the explanation; a plan that misses more needs more than
/// repairs.
const MOST_REPAIRED: usize = 40;

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
    /// A conflict set; empty when someone could take some of the gap as the plan stands, `None` when it was not
    /// sought.
    pub conflict: Option<Vec<Exclusion>>,
    /// Those who come nearest to it, nearest first.
    pub nearest: Vec<Near>,
    /// What would close it, cheapest first.
    pub repairs: Vec<Offer>,
}

/// How far someone is from a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Near {
    /// Who.
    pub operator: OperatorId,
    /// The rules that keep her, as few as there must be: were they not, she could take some of the gap. None when
    /// she could as the plan stands.
    pub needs: Vec<RuleCode>,
    /// What it asks to get them out of her way, as [`Repair::asks`]; `None` when it should not be asked.
    pub asks: Option<i64>,
    /// Person cells of the gap that she would close, less those that she would open.
    pub closes: u32,
}

/// A repair that was proved by planning it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// The repair.
    pub repair: Repair,
    /// How much is asked of people; see [`Repair::asks`].
    pub asks: i64,
    /// Person cells of the gap, track cells without a host, or sessions, that it closes.
    pub closes: u32,
    /// How many of them are missing.
    pub of: u32,
    /// The score of the plan that proves it.
    pub score: Score,
    /// The blocks that are new or other in it.
    pub blocks: Vec<HostBlock>,
    /// The sessions that are new or elsewhere in it.
    pub sessions: Vec<PlacedSession>,
    /// The shifts that are new or other in it.
    pub shifts: Vec<Shift>,
    /// The plan that proves it: of the changed problem, near the plan at hand, and nowhere worse.
    #[serde(skip)]
    pub plan: Plan,
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
    /// A conflict set; empty when there is a free place as the plan stands, `None` when it was not sought.
    pub conflict: Option<Vec<Exclusion>>,
    /// What would give it a place, cheapest first; none where there is a free place as the plan stands.
    pub repairs: Vec<Offer>,
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
    /// A conflict set; empty when some group could host some of the time as the plan stands, `None` when it was not
    /// sought.
    pub conflict: Option<Vec<Exclusion>>,
    /// What would give some of the time a host, cheapest first.
    pub repairs: Vec<Offer>,
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

impl Offer {
    /// Compares the plan that proves it with the plan at hand.
    fn new(plan: &Plan, repair: Repair, asks: i64, (closes, of): (u32, u32), proof: Proof) -> Self {
        Self {
            repair,
            asks,
            closes,
            of,
            score: proof.score,
            blocks: new_in(&proof.plan.blocks, &plan.blocks),
            sessions: new_in(&proof.plan.sessions, &plan.sessions),
            shifts: new_in(&proof.plan.shifts, &plan.shifts),
            plan: proof.plan,
        }
    }
}

/// What of `now` is not in `before`.
fn new_in<T: Clone + PartialEq>(now: &[T], before: &[T]) -> Vec<T> {
    let new = now.iter().filter(|one| !before.contains(one));
    new.cloned().collect()
}

/// Explains what `plan` is missing.
///
/// It takes any plan: what the problem does not know or what lies off the cells is passed over. Repairs are sought for
/// the first 40 things that are missing of each kind.
#[must_use]
pub fn explain(problem: &Problem, plan: &Plan) -> Explanation {
    let view = View::new(problem, plan);
    let before = Before::of(problem, plan);
    let mut explanation = Explanation::without_repairs(&view);
    for gap in explanation.gaps.iter_mut().take(MOST_REPAIRED) {
        gaps::repair(&view, plan, &before, gap);
    }
    for track in explanation.unhosted.iter_mut().take(MOST_REPAIRED) {
        hosts::find_conflict(&view, track);
        hosts::repair(&view, plan, &before, track);
    }
    let hosted = explanation.unhosted.iter();
    let hosted: Vec<&Offer> = hosted.flat_map(|track| &track.repairs).collect();
    for session in explanation.unplaced.iter_mut().take(MOST_REPAIRED) {
        sessions::find_conflict(&view, session);
        sessions::repair(&view, plan, &before, &hosted, session);
    }
    explanation
}

/// What `plan` is missing with a conflict set each, for the first few things of each kind, and without repairs.
pub(crate) fn conflicts(problem: &Problem, plan: &Plan, most: usize) -> Explanation {
    let view = View::new(problem, plan);
    let mut explanation = Explanation::without_repairs(&view);
    let Explanation {
        gaps,
        unplaced,
        unhosted,
    } = &mut explanation;
    for gap in gaps.iter_mut().take(most) {
        gaps::find_conflict(&view, gap);
    }
    for session in unplaced.iter_mut().take(most) {
        sessions::find_conflict(&view, session);
    }
    for track in unhosted.iter_mut().take(most) {
        hosts::find_conflict(&view, track);
    }
    explanation
}

/// What alone keeps a group from hosting at all, were it the first to be asked; empty when it could host.
pub(crate) fn kept_from_hosting(problem: &Problem, group: &GroupId) -> Vec<Exclusion> {
    hosts::kept(&View::bare(problem), group)
}

impl Explanation {
    fn without_repairs(view: &View<'_>) -> Self {
        Self {
            gaps: gaps::reasons(view),
            unplaced: sessions::reasons(view),
            unhosted: hosts::reasons(view),
        }
    }
}
