//! What a repair asks of people, so that the cheapest comes first.

use meridian_model::{Cause, Problem, Skill, Span};

use super::{HostSetting, PolicySetting, Repair};

/// What it asks to learn a skill from nothing, to find a person, to change how a group or a session takes part:
/// in minutes of one person's goodwill, like all that is asked.
const NEW_SKILL: i64 = 480;
/// A skill beside one that is near it.
const NEAR_SKILL: i64 = 240;
const NEW_PERSON: i64 = 720;
const NEW_HOST: i64 = 480;
const OTHER_TAKING_PART: i64 = 180;
const OTHER_LANGUAGE: i64 = 120;
const ONE_MORE: i64 = 240;
/// Each further change that must come together with others.
const TOGETHER: i64 = 120;

impl Repair {
    /// How much is asked, and of how many: in minutes of one person's goodwill, less is cheaper.
    ///
    /// A minute that someone did not offer counts 1, one that she marked or ruled out 2, one of her calendar 3, one
    /// of her night 4. What the policy asks of everyone counts three times.
    #[must_use]
    pub fn asks(&self, problem: &Problem) -> i64 {
        match self {
            Self::OpenTime { spans, cause, .. } => {
                let minutes: i64 = spans.iter().map(Span::minutes).sum();
                minutes * weight(*cause)
            }
            Self::AddSkill { operator, skill } => {
                let near = |has: &Skill| {
                    has.role == skill.role
                        || (has.language.is_some() && has.language == skill.language)
                };
                let mut people = problem.operators.iter();
                let her = people.find(|one| one.id == *operator);
                if her.is_some_and(|her| her.skills.iter().any(near)) {
                    NEAR_SKILL
                } else {
                    NEW_SKILL
                }
            }
            Self::FindPeople { count, .. } => NEW_PERSON * i64::from(*count),
            Self::DutyLimit {
                from_min, to_min, ..
            } => 2 * between(*from_min, *to_min),
            Self::Policy {
                setting: PolicySetting::MaxShifts,
                from,
                to,
            } => ONE_MORE * 2 * between(*from, *to),
            Self::Policy { from, to, .. } => 3 * between(*from, *to),
            Self::TakePart { .. } | Self::Record { .. } | Self::AllowTrack { .. } => {
                OTHER_TAKING_PART
            }
            Self::HostAlsoIn { .. } => 2 * OTHER_LANGUAGE,
            Self::HoldIn { .. } => OTHER_LANGUAGE,
            Self::HostLimit {
                setting: HostSetting::MaxBlocks,
                from,
                to,
                ..
            } => ONE_MORE * between(*from, *to),
            Self::HostLimit { from, to, .. } => 2 * between(*from, *to),
            Self::AskToHost { .. } => NEW_HOST,
            Self::Window { session, window } => {
                let mut sessions = problem.sessions.iter();
                let now = sessions.find(|s| s.id == *session).and_then(|s| s.window);
                now.map_or(0, |now| window.minutes() - now.minutes())
            }
            Self::Shorten {
                from_min, to_min, ..
            } => 4 * between(*from_min, *to_min),
            Self::Several { repairs } => {
                let more = i64::try_from(repairs.len()).unwrap_or(i64::MAX) - 1;
                repairs.iter().map(|one| one.asks(problem)).sum::<i64>() + TOGETHER * more
            }
        }
    }
}

fn between(from: u32, to: u32) -> i64 {
    (i64::from(to) - i64::from(from)).abs()
}

fn weight(cause: Cause) -> i64 {
    match cause {
        Cause::NotOffered => 1,
        Cause::Marked | Cause::Rule | Cause::Holiday => 2,
        Cause::Busy => 3,
        Cause::Night | Cause::Default => 4,
    }
}
