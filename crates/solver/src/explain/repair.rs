//! Repairs: small changes of a problem, each of which could close something that is missing.
//!
//! A repair is an edit and nothing more: [`Repair::apply`] gives the changed problem, and whoever wants to know
//! what it is worth plans that. How much is asked of whom is [`Repair::asks`].

use meridian_model::{
    Availability, Cause, Delivery, Grade, GradeSpan, Group, GroupId, HostBlock, Hosting, Impact,
    Language, Operator, OperatorId, Problem, RegionalEventId, RuleCode, SessionId, Skill, Span,
    Subject, TrackId,
};
use serde::Serialize;

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
    /// The problem with this change made. What the problem does not know is passed over.
    #[must_use]
    pub fn apply(&self, problem: &Problem) -> Problem {
        let mut changed = problem.clone();
        self.edit(&mut changed);
        changed
    }

    fn edit(&self, problem: &mut Problem) {
        match self {
            Self::OpenTime { who, spans, .. } => {
                if let Some(availability) = availability_of(problem, who) {
                    *availability = opened(availability, spans);
                }
            }
            Self::AddSkill { operator, skill } => {
                if let Some(one) = problem.operators.iter_mut().find(|o| o.id == *operator) {
                    one.skills.push(skill.clone());
                    one.skills.sort();
                }
            }
            Self::FindPeople {
                count,
                skills,
                span,
                groups,
            } => {
                for n in 1..=*count {
                    add_person(problem, n, skills, *span, groups.first());
                }
                problem.operators.sort_by(|a, b| a.id.cmp(&b.id));
            }
            Self::DutyLimit {
                operator, to_min, ..
            } => {
                if let Some(one) = problem.operators.iter_mut().find(|o| o.id == *operator) {
                    one.max_duty_min = *to_min;
                }
            }
            Self::Policy { setting, to, .. } => *setting.of(problem) = *to,
            Self::Several { repairs } => repairs.iter().for_each(|one| one.edit(problem)),
            Self::TakePart { .. }
            | Self::HostAlsoIn { .. }
            | Self::HoldIn { .. }
            | Self::HostLimit { .. }
            | Self::AskToHost { .. } => self.edit_hosts(problem),
            Self::Record { .. }
            | Self::Window { .. }
            | Self::AllowTrack { .. }
            | Self::Shorten { .. } => self.edit_sessions(problem),
        }
    }

    fn edit_hosts(&self, problem: &mut Problem) {
        match self {
            Self::TakePart { group, event } => {
                for one in problem
                    .regional_events
                    .iter_mut()
                    .filter(|e| e.id == *event)
                {
                    one.concerns.retain(|concern| concern.group != *group);
                }
            }
            Self::HoldIn { block } => {
                let same = |pin: &HostBlock| pin.track == block.track && pin.span == block.span;
                problem.pins.blocks.retain(|pin| !same(pin));
                problem.pins.blocks.push(block.clone());
            }
            Self::HostAlsoIn { group, language } => {
                if let Some(one) = group_of(problem, group)
                    && !one.languages.contains(language)
                {
                    one.languages.push(language.clone());
                }
            }
            Self::HostLimit {
                group, setting, to, ..
            } => {
                if let Some(hosting) = group_of(problem, group).and_then(|g| g.hosting.as_mut()) {
                    *setting.of(hosting) = *to;
                }
            }
            Self::AskToHost { group, span } => {
                let minutes = u32::try_from(span.minutes()).unwrap_or(u32::MAX);
                if let Some(one) = group_of(problem, group) {
                    one.hosting = Some(Hosting {
                        availability: opened(&Availability::default(), &[*span]),
                        prime: Vec::new(),
                        shortest_min: minutes,
                        longest_min: minutes,
                        max_blocks: 1,
                    });
                }
            }
            _ => {}
        }
    }

    fn edit_sessions(&self, problem: &mut Problem) {
        let (Self::Record { session }
        | Self::Window { session, .. }
        | Self::AllowTrack { session, .. }
        | Self::Shorten { session, .. }) = self
        else {
            return;
        };
        let Some(one) = problem.sessions.iter_mut().find(|s| s.id == *session) else {
            return;
        };
        match self {
            Self::Record { .. } => one.delivery = Delivery::Recorded,
            Self::Window { window, .. } => one.window = Some(*window),
            Self::AllowTrack { track, .. } => one.tracks.push(track.clone()),
            Self::Shorten { to_min, .. } => one.length_min = *to_min,
            _ => {}
        }
    }

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

fn group_of<'p>(problem: &'p mut Problem, id: &GroupId) -> Option<&'p mut Group> {
    problem.groups.iter_mut().find(|group| group.id == *id)
}

fn availability_of<'p>(problem: &'p mut Problem, who: &Subject) -> Option<&'p mut Availability> {
    match who {
        Subject::Operator(id) => {
            let mut all = problem.operators.iter_mut();
            all.find(|one| one.id == *id)
                .map(|one| &mut one.availability)
        }
        Subject::Speaker(id) => {
            let mut all = problem.speakers.iter_mut();
            all.find(|one| one.id == *id)
                .map(|one| &mut one.availability)
        }
        Subject::Group(id) => {
            let hosting = group_of(problem, id)?.hosting.as_mut()?;
            Some(&mut hosting.availability)
        }
        _ => None,
    }
}

/// Availability with `spans` opened as if-need-be, where it was closed; still sorted and disjoint.
pub(super) fn opened(availability: &Availability, spans: &[Span]) -> Availability {
    let Availability(graded) = availability;
    let mut now: Vec<GradeSpan> = Vec::new();
    for one in graded {
        if one.grade == Grade::Impossible {
            let pieces = without(one.span, spans);
            now.extend(pieces.into_iter().map(|span| GradeSpan { span, ..*one }));
        } else {
            now.push(*one);
        }
    }
    let open: Vec<Span> = now
        .iter()
        .filter(|one| one.grade > Grade::Impossible)
        .map(|one| one.span)
        .collect();
    for &span in spans {
        let new = without(span, &open).into_iter().map(|span| GradeSpan {
            span,
            grade: Grade::IfNeedBe,
            cause: Cause::Marked,
        });
        now.extend(new);
    }
    now.sort_by_key(|one| one.span);
    Availability(now)
}

/// The parts of `span` outside all of `others`, which may come in any order.
pub(super) fn without(span: Span, others: &[Span]) -> Vec<Span> {
    let mut left = vec![span];
    for other in others {
        left = left
            .into_iter()
            .flat_map(|piece| {
                if !piece.overlaps(other) {
                    return vec![piece];
                }
                let before = Span::new(piece.start(), other.start());
                let after = Span::new(other.end(), piece.end());
                before.into_iter().chain(after).collect()
            })
            .collect();
    }
    left
}

/// Someone new, of the first of the groups that are awake, or of any.
fn add_person(
    problem: &mut Problem,
    n: u32,
    skills: &[Skill],
    span: Span,
    group: Option<&GroupId>,
) {
    let mut groups = problem.groups.iter();
    let home = group
        .and_then(|id| problem.groups.iter().find(|one| one.id == *id))
        .or_else(|| groups.next());
    let Some(home) = home else {
        return;
    };
    let taken = |id: &OperatorId| problem.operators.iter().any(|one| one.id == *id);
    let mut id = OperatorId::new(format!("new-person-{n}"));
    while taken(&id) {
        id = OperatorId::new(format!("{id}-more"));
    }
    let person = Operator {
        id,
        group: home.id.clone(),
        zone: home.zone.clone(),
        skills: skills.to_vec(),
        availability: Availability(vec![GradeSpan {
            span,
            grade: Grade::Possible,
            cause: Cause::Marked,
        }]),
        nights: Vec::new(),
        max_duty_min: problem.event.policy.max_duty_min,
        carry_over_min: 0,
        speaker: None,
    };
    problem.operators.push(person);
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
