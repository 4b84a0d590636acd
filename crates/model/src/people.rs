//! People: operators and speakers, what they can do and when.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, Language, OperatorId, RoleId, SpeakerId};
use crate::time::{Span, ZoneName};

/// Someone who runs the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Handle.
    pub id: OperatorId,
    /// Her group; its regional events are hers.
    pub group: GroupId,
    /// Where she is.
    pub zone: ZoneName,
    /// What she can do.
    pub skills: Vec<Skill>,
    /// When she can.
    pub availability: Availability,
    /// Her nights over the horizon; whoever answers an alert is awake, that is outside them.
    pub nights: Vec<Span>,
    /// Most time on duty in any 24 hours, in minutes.
    pub max_duty_min: u32,
    /// Duty carried over from earlier events, in minutes, for fairness.
    pub carry_over_min: u32,
    /// The speaker she also is, if she gives a session herself.
    pub speaker: Option<SpeakerId>,
    /// The name that she consented to be shown by, to other groups too; without it she is a handle, elsewhere a pseudonym.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_as: Option<String>,
}

/// What a person can do: a role, in a language or from one language into another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Skill {
    /// The role.
    pub role: RoleId,
    /// The language, where the role asks for one.
    pub language: Option<Language>,
    /// The language interpreted into, where the role asks for a pair.
    pub into: Option<Language>,
    /// Trained or for the first time.
    pub level: SkillLevel,
}

/// How experienced someone is in a role.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SkillLevel {
    /// Has done it before.
    Trained,
    /// Does it for the first time.
    FirstTimer,
}

/// Someone who gives sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Speaker {
    /// Pseudonym.
    pub id: SpeakerId,
    /// Her group, if any; its regional events are hers.
    pub group: Option<GroupId>,
    /// Where she is.
    pub zone: ZoneName,
    /// When she can speak live.
    pub availability: Availability,
}

/// How well a time suits someone.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Not at all.
    Impossible,
    /// Only if nobody else can.
    IfNeedBe,
    /// Yes.
    Possible,
    /// Gladly.
    Prefer,
}

/// Where a grade comes from, so that a refusal can say why.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Nothing was said: awake hours are possible, nights are not.
    Default,
    /// A dated row.
    Marked,
    /// A rule such as `never 23:00-07:00`.
    Rule,
    /// A busy time of her calendar.
    Busy,
    /// Her night, not opened by her.
    Night,
    /// A public holiday that she asked to keep free.
    Holiday,
    /// Outside everything she offered.
    NotOffered,
}

/// A stretch of time with one grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GradeSpan {
    /// When.
    pub span: Span,
    /// How well it suits.
    pub grade: Grade,
    /// Why.
    pub cause: Cause,
}

/// Availability over the horizon: sorted, disjoint spans. What no span covers is impossible.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Availability(pub Vec<GradeSpan>);
