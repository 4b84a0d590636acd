//! What suits people: S02 night, S03 if-need-be, S14 preference.

use super::Note;
use super::scene::Scene;
use super::times::{graded, inside, outside, total_min};
use crate::{Availability, Grade, Match, RuleCode, Span, Subject};

/// S02: minutes on duty, handover counted, in the operator's own night.
pub(super) fn night(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for service in &scene.shifts {
        let dark = inside(service.on_duty, &service.operator.nights);
        let amount = total_min(&dark);
        if amount > 0 {
            let note = Note {
                subjects: service.subjects(),
                spans: dark,
                says: format!("{} has {amount} min in her night", service.words()),
                remedy: format!("give {} to someone for whom it is day", service.words()),
            };
            found.push(note.costs(RuleCode::S02, amount));
        }
    }
    found
}

/// S03: minutes on duty, of hosting and of live speaking at times marked if-need-be.
pub(super) fn if_need_be(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    let mut add = |who: &str, what: &str, subjects: Vec<Subject>, span, availability| {
        let spans = reluctant(span, availability);
        let amount = total_min(&spans);
        if amount > 0 {
            let note = Note {
                subjects,
                spans,
                says: format!("{what} uses {amount} min that {who} gave only if need be"),
                remedy: format!("move {what} to a better time for {who}"),
            };
            found.push(note.costs(RuleCode::S03, amount));
        }
    };
    for service in &scene.shifts {
        let (operator, words) = (service.operator, service.words());
        let who = operator.id.as_str();
        add(
            who,
            &words,
            service.subjects(),
            service.on_duty,
            &operator.availability,
        );
    }
    for host in &scene.blocks {
        if let Some(hosting) = &host.group.hosting {
            let words = host.words();
            add(
                &host.group.name,
                &words,
                host.subjects(),
                host.span(),
                &hosting.availability,
            );
        }
    }
    for placed in scene.live() {
        let speakers = placed.session.speakers.iter();
        for speaker in speakers.filter_map(|id| scene.speaker(id)) {
            let mut subjects = vec![Subject::Speaker(speaker.id.clone())];
            subjects.extend(placed.subjects());
            let (who, words) = (speaker.id.as_str(), placed.words());
            add(who, &words, subjects, placed.span, &speaker.availability);
        }
    }
    found
}

fn reluctant(span: Span, availability: &Availability) -> Vec<Span> {
    inside(
        span,
        &graded(availability, |grade| grade == Grade::IfNeedBe),
    )
}

/// S14: minutes on duty, handover counted, at other times than she prefers; only of those who prefer some.
pub(super) fn preference(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for service in &scene.shifts {
        let preferred = graded(&service.operator.availability, |grade| {
            grade == Grade::Prefer
        });
        if preferred.is_empty() {
            continue;
        }
        let other = outside(service.on_duty, &preferred);
        let amount = total_min(&other);
        if amount > 0 {
            let (words, id) = (service.words(), &service.operator.id);
            let note = Note {
                subjects: service.subjects(),
                spans: other,
                says: format!("{words} has {amount} min outside the times she prefers"),
                remedy: format!("give {id} a shift at a time she prefers instead"),
            };
            found.push(note.costs(RuleCode::S14, amount));
        }
    }
    found
}
