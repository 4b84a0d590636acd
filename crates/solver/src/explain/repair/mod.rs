//! Repairs: small changes of a problem, each of which could close something that is missing.
//!
//! A repair is an edit and nothing more: [`Repair::apply`] gives the changed problem, and whoever wants to know
//! what it is worth plans that. How much is asked of whom is [`Repair::asks`].

mod asks;
mod edit;
mod times;

use meridian_model::{
    Cause, GroupId, HostBlock, Hosting, Impact, Language, OperatorId, Problem, RegionalEventId,
    RuleCode, SessionId, Skill, Span, Subject, TrackId,
};
use serde::Serialize;

pub(super) use times::opened;

/// One change of a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Repair {
    /// An operator, a speaker or a group opens times, as if-need-be.
    OpenTime {
        /// Who.
        who: Subject,
        /// When; sorted and disjoint.
        spans: Vec<Span>,
        /// Why most of it was closed.
        cause: Cause,
    },
    /// An operator serves with a skill she has not given.
    AddSkill {
        /// Who.
        operator: OperatorId,
        /// What.
        skill: Skill,
    },
    /// More people are found.
    FindPeople {
        /// How many.
        count: u32,
        /// What each of them can do.
        skills: Vec<Skill>,
        /// When each of them can.
        span: Span,
        /// Groups in which it is day all that time, those that speak the language first.
        groups: Vec<GroupId>,
    },
    /// An operator may be on duty for longer in 24 hours.
    DutyLimit {
        /// Who.
        operator: OperatorId,
        /// Her limit now, in minutes.
        from_min: u32,
        /// The limit that would do, in minutes.
        to_min: u32,
    },
    /// The event asks less of, or allows more to, everyone.
    Policy {
        /// What is changed.
        setting: PolicySetting,
        /// What it is now.
        from: u32,
        /// What would do.
        to: u32,
    },
    /// A group takes part although a regional event of its own blocks it.
    TakePart {
        /// The group.
        group: GroupId,
        /// The event.
        event: RegionalEventId,
    },
    /// A live session is recorded instead, which frees its speakers.
    Record {
        /// The session.
        session: SessionId,
    },
    /// A host holds its blocks in one more language.
    HostAlsoIn {
        /// The host.
        group: GroupId,
        /// The language.
        language: Language,
    },
    /// A block is held in another of its host's languages; it is pinned so.
    HoldIn {
        /// The block as it would be.
        block: HostBlock,
    },
    /// A host allows more, longer or shorter blocks.
    HostLimit {
        /// The host.
        group: GroupId,
        /// What is changed.
        setting: HostSetting,
        /// What it is now.
        from: u32,
        /// What would do.
        to: u32,
    },
    /// A group that does not host is asked to.
    AskToHost {
        /// The group.
        group: GroupId,
        /// When.
        span: Span,
    },
    /// A session may lie in a wider window.
    Window {
        /// The session.
        session: SessionId,
        /// The window that would do.
        window: Span,
    },
    /// A session may be on a further track.
    AllowTrack {
        /// The session.
        session: SessionId,
        /// The track.
        track: TrackId,
    },
    /// A session is made shorter, its change-over counted.
    Shorten {
        /// The session.
        session: SessionId,
        /// Its length now, in minutes.
        from_min: u32,
        /// The length that would do, in minutes.
        to_min: u32,
    },
    /// Several changes that only help together.
    Several {
        /// The changes.
        repairs: Vec<Repair>,
    },
}

/// A setting of the policy that a repair changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicySetting {
    /// The shortest shift, in minutes.
    ShiftShortestMin,
    /// The longest shift, in minutes.
    ShiftLongestMin,
    /// The longest span from first to last duty, in minutes.
    MaxAwakeMin,
    /// The least rest between two shifts, in minutes.
    RestMin,
    /// The most shifts of one person.
    MaxShifts,
}

/// A limit of a host that a repair changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HostSetting {
    /// The shortest block, in minutes.
    ShortestMin,
    /// The longest block, in minutes.
    LongestMin,
    /// The most blocks.
    MaxBlocks,
}

impl Repair {
    /// These changes as one; `None` of none.
    pub(super) fn all(mut repairs: Vec<Self>) -> Option<Self> {
        match repairs.len() {
            0 | 1 => repairs.pop(),
            _ => Some(Self::Several { repairs }),
        }
    }

    /// The kind of change, so that different ones can be offered: those of one kind differ in whom they ask.
    pub(super) fn sort(&self) -> (u8, Option<RuleCode>) {
        match self {
            Self::OpenTime { .. } => (0, None),
            Self::AddSkill { .. } => (1, None),
            Self::FindPeople { .. } => (2, None),
            Self::DutyLimit { .. } => (3, None),
            Self::Policy { setting, .. } => (4, Some(setting.rule())),
            Self::TakePart { .. } => (5, None),
            Self::Record { .. } => (6, None),
            Self::HostAlsoIn { .. } => (7, None),
            Self::HoldIn { .. } => (8, None),
            Self::HostLimit { .. } => (9, None),
            Self::AskToHost { .. } => (10, None),
            Self::Window { .. } => (11, None),
            Self::AllowTrack { .. } => (12, None),
            Self::Shorten { .. } => (13, None),
            Self::Several { .. } => (14, None),
        }
    }
}

impl PolicySetting {
    /// The rule that it belongs to.
    pub(super) fn rule(self) -> RuleCode {
        match self {
            Self::ShiftShortestMin | Self::ShiftLongestMin => RuleCode::H18,
            Self::MaxAwakeMin => RuleCode::H20,
            Self::RestMin => RuleCode::H21,
            Self::MaxShifts => RuleCode::H22,
        }
    }

    /// Where it stands.
    pub(super) fn of(self, problem: &mut Problem) -> &mut u32 {
        let policy = &mut problem.event.policy;
        match self {
            Self::ShiftShortestMin => &mut policy.shift_shortest_min,
            Self::ShiftLongestMin => &mut policy.shift_longest_min,
            Self::MaxAwakeMin => &mut policy.max_awake_min,
            Self::RestMin => &mut policy.rest_min,
            Self::MaxShifts => &mut policy.max_shifts,
        }
    }
}

impl HostSetting {
    fn of(self, hosting: &mut Hosting) -> &mut u32 {
        match self {
            Self::ShortestMin => &mut hosting.shortest_min,
            Self::LongestMin => &mut hosting.longest_min,
            Self::MaxBlocks => &mut hosting.max_blocks,
        }
    }
}

/// Whether a regional event that blocks concerns `group` at some time of `span`.
pub(super) fn blocking_events(
    problem: &Problem,
    group: &GroupId,
    spans: &[Span],
) -> Vec<RegionalEventId> {
    let meets = |concern: &meridian_model::Concern| {
        concern.group == *group && spans.iter().any(|span| span.overlaps(&concern.span))
    };
    problem
        .regional_events
        .iter()
        .filter(|event| event.impact == Impact::Block && event.concerns.iter().any(meets))
        .map(|event| event.id.clone())
        .collect()
}
