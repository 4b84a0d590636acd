//! The reasons for what is missing, in words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use meridian_model::{Problem, Subject, ZoneSet};
use meridian_solver::{Exclusion, Explanation, GapReason, UnplacedReason};

use super::{Clock, count, some_of};
use crate::ending::Failure;

/// Every gap and every session without a place, with who could and what excludes the others.
///
/// # Errors
/// When the event's zone is unknown.
pub(crate) fn explanation(
    problem: &Problem,
    reasons: &Explanation,
    zones: &ZoneSet,
) -> Result<String, Failure> {
    let clock = Clock::of(zones, &problem.event.zone)?;
    if reasons.gaps.is_empty() && reasons.unplaced.is_empty() {
        return Ok(
            "Nothing is missing: every duty is covered, every session has a place.\n".to_owned(),
        );
    }
    let mut text = String::new();
    for gap in &reasons.gaps {
        gap_in_words(&mut text, gap, &clock);
    }
    for session in &reasons.unplaced {
        unplaced_in_words(&mut text, problem, session);
    }
    // Writing to a string cannot fail.
    let _ = writeln!(text, "Times are in {}.", clock.name());
    Ok(text)
}

fn gap_in_words(text: &mut String, gap: &GapReason, clock: &Clock) {
    let people = count(i64::from(gap.missing), "person", "people");
    let _ = writeln!(
        text,
        "{} lacks {people}, {}",
        gap.duty,
        clock.span(gap.span)
    );
    if gap.eligible.is_empty() {
        let _ = writeln!(text, "  nobody with the skill could come in");
    } else {
        let names: Vec<String> = gap.eligible.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            text,
            "  could, were it not for their other shifts: {}",
            some_of(&names)
        );
    }
    exclusions_in_words(text, &gap.exclusions);
    text.push('\n');
}

fn unplaced_in_words(text: &mut String, problem: &Problem, missing: &UnplacedReason) {
    let title = problem
        .sessions
        .iter()
        .find(|session| session.id == missing.session)
        .map_or("", |session| session.title.as_str());
    let priority = format!("{:?}", missing.priority).to_lowercase();
    let _ = writeln!(
        text,
        "{} \"{title}\" has no place ({priority})",
        missing.session
    );
    exclusions_in_words(text, &missing.exclusions);
    text.push('\n');
}

/// People with the same reason stand on one line.
fn exclusions_in_words(text: &mut String, exclusions: &[Exclusion]) {
    let mut same: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for exclusion in exclusions {
        same.entry((exclusion.rule, exclusion.says.as_str()))
            .or_default()
            .push(subject(&exclusion.subject));
    }
    for ((rule, says), whom) in same {
        let _ = writeln!(
            text,
            "  {}: {says} ({rule} {})",
            some_of(&whom),
            rule.name()
        );
    }
}

/// A subject by its id, with its kind where the id alone would puzzle.
fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Operator(id) => id.to_string(),
        Subject::Speaker(id) => format!("speaker {id}"),
        Subject::Group(id) => format!("group {id}"),
        Subject::Session(id) => format!("session {id}"),
        Subject::Track(id) => format!("track {id}"),
        Subject::Duty(id) => format!("duty {id}"),
        Subject::Block(id) => format!("block {id}"),
        Subject::Shift(id) => format!("shift {id}"),
        Subject::RegionalEvent(id) => id.to_string(),
    }
}
