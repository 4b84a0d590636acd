//! Regional events: H04 host-clash, H11 session-clash, H17 shift-clash, S01 clash.

use std::collections::BTreeSet;

use super::Note;
use super::scene::{Scene, is_live};
use super::times::total_min;
use crate::{GroupId, Impact, Match, RegionalEvent, RuleCode, Session, Span, Subject};

/// H04: a block lies in a regional event that blocks its host.
pub(super) fn host_clash(scene: &Scene<'_>) -> Vec<Match> {
    of_blocks(scene, Impact::Block)
        .into_iter()
        .map(|clash| clash.breaks(RuleCode::H04))
        .collect()
}

/// H11: a session lies in a regional event that blocks its group or a live speaker's.
pub(super) fn session_clash(scene: &Scene<'_>) -> Vec<Match> {
    of_sessions(scene, Impact::Block)
        .into_iter()
        .map(|clash| clash.breaks(RuleCode::H11))
        .collect()
}

/// H17: a shift, handover counted, lies in a regional event that blocks the operator's group.
pub(super) fn shift_clash(scene: &Scene<'_>) -> Vec<Match> {
    of_shifts(scene, Impact::Block)
        .into_iter()
        .map(|clash| clash.breaks(RuleCode::H17))
        .collect()
}

/// S01: minutes of blocks, sessions and shifts in regional events that weigh.
pub(super) fn clash(scene: &Scene<'_>) -> Vec<Match> {
    let mut clashes = of_blocks(scene, Impact::Weigh);
    clashes.extend(of_sessions(scene, Impact::Weigh));
    clashes.extend(of_shifts(scene, Impact::Weigh));
    clashes
        .into_iter()
        .map(|clash| {
            let amount = total_min(&clash.spans);
            clash.costs(RuleCode::S01, amount)
        })
        .filter(|found| found.amount > 0)
        .collect()
}

impl Scene<'_> {
    /// Whether a regional event keeps `group` from doing anything at some time of `span`.
    pub(super) fn is_blocked(&self, group: &GroupId, span: Span) -> bool {
        !self
            .concerned(&BTreeSet::from([group]), span, Impact::Block)
            .is_empty()
    }

    /// The regional events of this impact that touch `span` for one of `groups`, each with what it touches.
    fn concerned<'s>(
        &'s self,
        groups: &BTreeSet<&'s GroupId>,
        span: Span,
        impact: Impact,
    ) -> Vec<(&'s RegionalEvent, &'s GroupId, Vec<Span>)> {
        let mut found = Vec::new();
        for event in self
            .problem
            .regional_events
            .iter()
            .filter(|event| event.impact == impact)
        {
            for &group in groups {
                let touched: Vec<Span> = event
                    .concerns
                    .iter()
                    .filter(|concern| concern.group == *group)
                    .filter_map(|concern| concern.span.intersection(&span))
                    .collect();
                if !touched.is_empty() {
                    found.push((event, group, touched));
                }
            }
        }
        found
    }

    /// One note per regional event and group that touches an item.
    fn notes(
        &self,
        item: &str,
        subjects: &[Subject],
        groups: &BTreeSet<&GroupId>,
        span: Span,
        impact: Impact,
    ) -> Vec<Note> {
        self.concerned(groups, span, impact)
            .into_iter()
            .map(|(event, group, spans)| {
                let title = &event.title;
                let name = self
                    .group(group)
                    .map_or(group.as_str(), |group| &group.name);
                let mut subjects = subjects.to_vec();
                subjects.push(Subject::RegionalEvent(event.id.clone()));
                let concerned = Subject::Group(group.clone());
                if !subjects.contains(&concerned) {
                    subjects.push(concerned);
                }
                Note {
                    subjects,
                    spans,
                    says: format!("{item} lies in \"{title}\" of {name}"),
                    remedy: format!("move {item} out of \"{title}\", or give it to someone else"),
                }
            })
            .collect()
    }
}

fn of_blocks(scene: &Scene<'_>, impact: Impact) -> Vec<Note> {
    scene
        .blocks
        .iter()
        .flat_map(|host| {
            let groups = BTreeSet::from([&host.group.id]);
            scene.notes(
                &host.words(),
                &host.subjects(),
                &groups,
                host.span(),
                impact,
            )
        })
        .collect()
}

fn of_sessions(scene: &Scene<'_>, impact: Impact) -> Vec<Note> {
    scene
        .sessions
        .iter()
        .flat_map(|placed| {
            let groups = groups_of(scene, placed.session);
            scene.notes(
                &placed.words(),
                &placed.subjects(),
                &groups,
                placed.span,
                impact,
            )
        })
        .collect()
}

fn of_shifts(scene: &Scene<'_>, impact: Impact) -> Vec<Note> {
    scene
        .shifts
        .iter()
        .flat_map(|service| {
            let groups = BTreeSet::from([&service.operator.group]);
            let words = service.words();
            scene.notes(
                &words,
                &service.subjects(),
                &groups,
                service.on_duty,
                impact,
            )
        })
        .collect()
}

/// The groups that a session concerns, each once: its own and, when it is live, its speakers'.
fn groups_of<'a>(scene: &Scene<'a>, session: &'a Session) -> BTreeSet<&'a GroupId> {
    let speakers = session
        .speakers
        .iter()
        .filter(|_| is_live(session))
        .filter_map(|speaker| scene.speaker(speaker)?.group.as_ref());
    session.group.iter().chain(speakers).collect()
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::super::fixture::{cells, regional, small};
    use crate::{Concern, Delivery, Impact, Plan, Problem, RuleCode, Subject};

    /// Minutes by the item that clashes, in order.
    fn minutes(problem: &Problem, plan: &Plan) -> Vec<(Subject, i64)> {
        let matches = check(problem, plan).matches;
        let of_rule = matches
            .into_iter()
            .filter(|found| found.rule == RuleCode::S01);
        of_rule
            .map(|found| (found.subjects[0].clone(), found.amount))
            .collect()
    }

    #[test]
    fn blocks_sessions_and_shifts_with_their_handover_weigh_by_the_minute() {
        let (mut problem, plan) = small();
        problem.regional_events = vec![regional("lima", cells(0, 7), Impact::Weigh)];
        let weighed = [
            (Subject::Group("lima".into()), 30),
            (Subject::Session("talk".into()), 30),
            (Subject::Operator("bea".into()), 30),
            (Subject::Operator("dina".into()), 60),
        ];
        assert_eq!(minutes(&problem, &plan), weighed);
        problem.regional_events[0].impact = Impact::Ignore;
        assert_eq!(minutes(&problem, &plan), []);
    }

    #[test]
    fn a_session_clashes_once_for_each_group_it_concerns() {
        let (mut problem, plan) = small();
        problem.regional_events = vec![regional("oslo", cells(0, 1), Impact::Weigh)];
        let concern = |group: &str| Concern {
            group: group.into(),
            span: cells(0, 1),
        };
        problem.speakers[0].group = Some("oslo".into());
        problem.sessions[0].speakers.push("sue".into());
        problem.speakers[1].group = Some("oslo".into());
        let session = (Subject::Session("opening".into()), 30);
        assert_eq!(minutes(&problem, &plan), std::slice::from_ref(&session));
        problem.regional_events[0].concerns.push(concern("kyoto"));
        let found = minutes(&problem, &plan);
        assert_eq!(found.iter().filter(|hit| **hit == session).count(), 2);
        problem.sessions[0].delivery = Delivery::Recorded;
        let found = minutes(&problem, &plan);
        assert_eq!(found.iter().filter(|hit| **hit == session).count(), 1);
    }
}
