//! Each group looks at its slice with its own people and the real engine, and answers.

use std::collections::BTreeMap;

use meridian_federation::content::{
    Answer, Content, EventBrief, PlanResponse, PlanRevision, Reason, ReasonCode, ShiftOffer,
};
use meridian_federation::fold::{InForce, Proposal, SliceAnswer};
use meridian_federation::{GroupId, RecordId};
use meridian_model::{GroupId as Handle, Plan, Problem, ZoneName};
use serde::{Deserialize, Serialize};

use super::offers::{SaidSoFar, ask};
use super::told::replied;
use super::{Desk, Sight};
use crate::exchange::shell::ExchangeError;
use crate::negotiation::{
    CapacityAsk, Hold, OpenAsk, Shortfall, answer_of, capacity_of, open_duty, roster_problem,
    shifts_of, zone_differences,
};

/// What a leader says instead of what the engine finds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Word {
    /// Yes, whatever the engine finds.
    Accept,
    /// No, because.
    Reject(String),
}

/// What a group of this node answers.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) handle: Handle,
    /// `None` where nothing of the plan is this group's, or clocks or charters differ.
    pub(crate) answer: Option<Answer>,
    /// Where people are missing.
    pub(crate) short: Vec<Shortfall>,
    /// Shifts of open duty that the group offers.
    pub(crate) shifts: usize,
    /// Why nothing is accepted: clocks or charters that differ, in words.
    pub(crate) doubts: Vec<String>,
    /// Whether that is what it had said already.
    pub(crate) known: bool,
}

/// One group's case.
struct Case {
    handle: Handle,
    group: GroupId,
    /// What it would say, and whether that is new.
    contents: Vec<Content>,
    reply: Reply,
}

impl Desk<'_> {
    /// Answers the newest proposal for this node's groups, or for one of them, and offers what they could do besides.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn respond(
        &self,
        sight: &Sight,
        only: Option<&str>,
        word: Option<&Word>,
    ) -> Result<Vec<Reply>, ExchangeError> {
        let proposal = sight.proposal()?.clone();
        let local = self.local(sight).await?;
        let doubts = self.doubts(sight, &proposal, &local).await?;
        let said = self.said_so_far(sight).await?;
        let groups: Vec<(Handle, GroupId)> = match only {
            Some(handle) => vec![sight.own_group(handle)?],
            None => sight.own.iter().map(|(h, g)| (h.clone(), *g)).collect(),
        };
        let cases: Vec<Case> = groups
            .into_iter()
            .map(|(handle, group)| Case::of(&handle, group, &doubts))
            .collect();
        // Each search takes one processor; two at once leave no machine idle.
        let (cases, others) = in_halves(cases);
        let judge = |cases| self.judge_all(sight, (&proposal, &local), &said, cases, word);
        let (cases_done, others_done) = tokio::join!(judge(cases), judge(others));
        let mut cases = cases_done?;
        cases.extend(others_done?);
        cases.sort_by(|a, b| a.handle.cmp(&b.handle));
        let (mut sayings, mut replies) = (Vec::new(), Vec::new());
        for case in cases {
            let contents = case.contents.into_iter();
            sayings.extend(contents.map(|content| (case.group, content)));
            replies.push(case.reply);
        }
        if !sayings.is_empty() {
            let told = |_: &Vec<RecordId>| replied(&replies);
            self.say(sight, sayings, told).await?;
        }
        Ok(replies)
    }

    async fn judge_all(
        &self,
        sight: &Sight,
        (proposal, local): (&Proposal, &Problem),
        said: &BTreeMap<GroupId, SaidSoFar>,
        mut cases: Vec<Case>,
        word: Option<&Word>,
    ) -> Result<Vec<Case>, ExchangeError> {
        for case in &mut cases {
            self.judge(sight, proposal, local, case, word).await?;
            if let Some(Content::CapacityOffer(offer)) = case.contents.last() {
                let before = said
                    .get(&case.group)
                    .and_then(|said| said.capacity.as_ref());
                if before == Some(offer) {
                    case.contents.pop();
                }
            }
        }
        Ok(cases)
    }

    /// Why nothing may be accepted yet, by group: clocks that differ, or charters.
    async fn doubts(
        &self,
        sight: &Sight,
        proposal: &Proposal,
        local: &Problem,
    ) -> Result<BTreeMap<Handle, Vec<String>>, ExchangeError> {
        let charters = self.charter_doubts(sight).await?;
        let span = local.event.horizon.span();
        let doubts = sight.own.keys().map(|handle| {
            let people = local.operators.iter().filter(|of| of.group == *handle);
            let groups = local.groups.iter().filter(|of| of.id == *handle);
            let zones: Vec<&ZoneName> = people
                .map(|of| &of.zone)
                .chain(groups.map(|of| &of.zone))
                .collect();
            let differing = zone_differences(&proposal.plan, self.zones, zones, span);
            let mut doubts: Vec<String> = differing.iter().map(ToString::to_string).collect();
            doubts.extend(charters.iter().cloned());
            (handle.clone(), doubts)
        });
        Ok(doubts.collect())
    }

    async fn judge(
        &self,
        sight: &Sight,
        proposal: &Proposal,
        local: &Problem,
        case: &mut Case,
        word: Option<&Word>,
    ) -> Result<(), ExchangeError> {
        let brief = sight.brief()?;
        let (plan, handle) = (&proposal.plan, &case.handle);
        let problem = roster_problem(&brief.what, plan, handle, local);
        let (problem, rostered) = self.solver.roster(problem).await?;
        if let Some(slice) = proposal.slices.get(&case.group) {
            let (found, short) = answer_of(&problem, &rostered, plan, handle);
            let answer = match word {
                Some(Word::Accept) => Answer::Accept,
                Some(Word::Reject(why)) => Answer::Reject(vec![Reason {
                    code: ReasonCode::Other,
                    part: None,
                    session: None,
                    text: why.clone(),
                }]),
                None => found,
            };
            case.reply.short = short;
            case.answer(proposal, slice, answer);
        }
        let shifts = self.open_shifts(brief, plan, (local, &case.handle), &rostered);
        let shifts = shifts.await?;
        case.reply.shifts = shifts.len();
        let shifts = Some((plan.number, shifts));
        let ask: CapacityAsk = ask(brief.record, sight.row.rounding(), shifts);
        let capacity = capacity_of(local, &case.handle, &ask);
        case.contents.push(Content::CapacityOffer(capacity));
        Ok(())
    }

    /// The shifts of open duty that a group can serve besides its seats.
    async fn open_shifts(
        &self,
        brief: &InForce<EventBrief>,
        plan: &PlanRevision,
        (local, handle): (&Problem, &Handle),
        rostered: &Plan,
    ) -> Result<Vec<ShiftOffer>, ExchangeError> {
        for hold in [Hold::Loosely, Hold::Firmly] {
            let ask = OpenAsk {
                rostered,
                hold,
                if_need_be: false,
            };
            let Some(open) = open_duty(&brief.what, plan, local, handle, ask) else {
                break;
            };
            let (open, served) = self.solver.roster(open).await?;
            if let Some(shifts) = shifts_of(&open, &served, rostered, (plan, handle)) {
                return Ok(shifts);
            }
        }
        Ok(Vec::new())
    }
}

impl Case {
    /// Answers, unless it would accept what it doubts, or said that already.
    fn answer(&mut self, proposal: &Proposal, slice: &SliceAnswer, answer: Answer) {
        if answer == Answer::Accept && !self.reply.doubts.is_empty() {
            return;
        }
        let before = slice.answer.as_ref().map(|said| &said.what);
        self.reply.known = before == Some(&answer);
        if !self.reply.known {
            self.contents.push(Content::PlanResponse(PlanResponse {
                revision: proposal.record,
                slice: slice.slice,
                answer: answer.clone(),
            }));
        }
        self.reply.answer = Some(answer);
    }

    fn of(handle: &Handle, group: GroupId, doubts: &BTreeMap<Handle, Vec<String>>) -> Self {
        Self {
            handle: handle.clone(),
            group,
            contents: Vec::new(),
            reply: Reply {
                handle: handle.clone(),
                answer: None,
                short: Vec::new(),
                shifts: 0,
                doubts: doubts.get(handle).cloned().unwrap_or_default(),
                known: false,
            },
        }
    }
}

fn in_halves<T>(mut all: Vec<T>) -> (Vec<T>, Vec<T>) {
    let others = all.split_off(all.len() / 2);
    (all, others)
}

/// The record of a group's newest answer to its slice of a plan.
pub(super) fn answered(proposal: &Proposal, group: &GroupId) -> Option<RecordId> {
    Some(proposal.slices.get(group)?.answer.as_ref()?.record)
}
