//! What a repair changes in a problem.

use meridian_model::{
    Availability, Cause, Delivery, Grade, GradeSpan, Group, GroupId, HostBlock, Hosting, Operator,
    OperatorId, Problem, Skill, Span, Subject,
};

use super::{Repair, opened};

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
        shown_as: None,
    };
    problem.operators.push(person);
}
