//! How the checker names things to people.

use super::scene::{Block, Placed, Scene, Service};
use super::times::{open, outside};
use crate::{Cause, Duty, Grade, Operator, Session, Span, Subject, TrackId};

impl Block<'_> {
    pub(super) fn words(&self) -> String {
        format!("{}'s block {}", self.group.name, self.block.id)
    }

    pub(super) fn subjects(&self) -> Vec<Subject> {
        vec![
            Subject::Group(self.group.id.clone()),
            Subject::Block(self.block.id.clone()),
            Subject::Track(self.block.track.clone()),
        ]
    }
}

impl Placed<'_> {
    pub(super) fn words(&self) -> String {
        title(self.session)
    }

    pub(super) fn subjects(&self) -> Vec<Subject> {
        vec![
            Subject::Session(self.session.id.clone()),
            Subject::Track(self.track.clone()),
        ]
    }
}

impl Service<'_> {
    /// Such as `ana's shift as MC (mc-a)`.
    pub(super) fn words(&self) -> String {
        format!("{}'s shift as {}", self.operator.id, self.work())
    }

    /// Such as `MC (mc-a)`.
    pub(super) fn work(&self) -> String {
        format!("{} ({})", self.role.name, self.duty.id)
    }

    pub(super) fn subjects(&self) -> Vec<Subject> {
        vec![
            Subject::Operator(self.operator.id.clone()),
            Subject::Shift(self.shift.id.clone()),
            Subject::Duty(self.duty.id.clone()),
        ]
    }
}

/// Such as `"Opening" (s01)`.
pub(super) fn title(session: &Session) -> String {
    format!("\"{}\" ({})", session.title, session.id)
}

impl Scene<'_> {
    /// A track's name.
    pub(super) fn track_name<'s>(&'s self, id: &'s TrackId) -> &'s str {
        self.track(id).map_or(id.as_str(), |track| &track.name)
    }

    /// A duty as work, such as `MC (mc-a)`.
    pub(super) fn work(&self, duty: &Duty) -> String {
        let role = self
            .role(duty)
            .map_or(duty.role.as_str(), |role| &role.name);
        format!("{role} ({})", duty.id)
    }

    /// Whom to ask to serve `duty` during `cells` instead: those who have the skill and are free then.
    pub(super) fn whom_to_ask(&self, duty: &Duty, span: Span) -> String {
        let free: Vec<&str> = self
            .problem
            .operators
            .iter()
            .filter(|operator| self.could_take(operator, duty, span))
            .map(|operator| operator.id.as_str())
            .take(3)
            .collect();
        if free.is_empty() {
            let work = self.work(duty);
            format!("find someone more for {work}: nobody with the skill is free then")
        } else {
            format!("ask {}, with the skill and free then", any_of(&free))
        }
    }

    /// Whether she has the skill, is free and could be on duty then; what her other shifts allow is not asked.
    fn could_take(&self, operator: &Operator, duty: &Duty, span: Span) -> bool {
        let Some(role) = self.role(duty) else {
            return false;
        };
        let busy = self
            .shifts_of(operator)
            .iter()
            .any(|service| service.on_duty.overlaps(&span));
        let asleep = role.alerted && operator.nights.iter().any(|night| night.overlaps(&span));
        let away = self.is_blocked(&operator.group, span);
        !busy
            && !asleep
            && !away
            && outside(span, &open(&operator.availability)).is_empty()
            && self.lacks(operator, duty, span).is_empty()
    }
}

/// Such as `ana, bea or cleo`.
pub(super) fn any_of(names: &[&str]) -> String {
    listed(names, "or")
}

/// Such as `ana, bea and cleo`.
pub(super) fn all_of(names: &[&str]) -> String {
    listed(names, "and")
}

fn listed(names: &[&str], last: &str) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// Such as `1 cell`, `2 cells`.
pub(super) fn counted(n: i64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Why `closed`, a stretch that is impossible for someone, is.
pub(super) fn reason(availability: &crate::Availability, closed: &[Span]) -> &'static str {
    let crate::Availability(spans) = availability;
    let cause = spans
        .iter()
        .filter(|graded| graded.grade == Grade::Impossible)
        .find(|graded| closed.iter().any(|span| span.overlaps(&graded.span)))
        .map_or(Cause::NotOffered, |graded| graded.cause);
    match cause {
        Cause::Default | Cause::Night => "is in her night",
        Cause::Marked => "has marked the time impossible",
        Cause::Rule => "has a rule against the time",
        Cause::Busy => "is busy by her calendar",
        Cause::Holiday => "keeps a public holiday free",
        Cause::NotOffered => "has not offered the time",
    }
}
