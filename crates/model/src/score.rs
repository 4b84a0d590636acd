//! Scores and what they are made of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{
    BlockId, DutyId, GroupId, OperatorId, RegionalEventId, SessionId, ShiftId, SpeakerId, TrackId,
};
use crate::rule::RuleCode;
use crate::time::Span;

/// A plan's score: less is better, compared level by level from the top.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Number of broken hard rules' matches.
    pub hard: i64,
    /// What is missing.
    pub medium: Medium,
    /// Sum of weight × amount over the soft rules.
    pub soft: i64,
}

/// What a plan is missing, the most important first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Medium {
    /// M01, in track cells.
    pub unhosted: i64,
    /// M02, in sessions.
    pub unplaced_must: i64,
    /// M03, in sessions.
    pub unplaced_should: i64,
    /// M04, in person cells.
    pub gaps: i64,
    /// M05, in missing persons.
    pub alert_short: i64,
}

/// What the checker says of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The score.
    pub score: Score,
    /// Every match of every rule, by rule.
    pub matches: Vec<Match>,
}

/// One place where a rule is broken or costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The rule.
    pub rule: RuleCode,
    /// How much, in the rule's unit; 1 for a hard rule.
    pub amount: i64,
    /// Who and what is concerned.
    pub subjects: Vec<Subject>,
    /// When.
    pub spans: Vec<Span>,
    /// What is wrong, in words without times (those are in `spans`, for the reader's zone).
    pub says: String,
    /// The smallest change that would mend it, in words.
    pub remedy: String,
}

/// Someone or something that a match is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// An operator.
    Operator(OperatorId),
    /// A speaker.
    Speaker(SpeakerId),
    /// A group.
    Group(GroupId),
    /// A session.
    Session(SessionId),
    /// A track.
    Track(TrackId),
    /// A duty.
    Duty(DutyId),
    /// A block of the plan.
    Block(BlockId),
    /// A shift of the plan.
    Shift(ShiftId),
    /// A regional event.
    RegionalEvent(RegionalEventId),
}
