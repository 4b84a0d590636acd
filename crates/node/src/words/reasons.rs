//! The reasons for what is missing, in words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use meridian_model::{Problem, RuleCode, Subject, ZoneSet};
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

/// By rule; those with the same reason stand on one line.
fn exclusions_in_words(text: &mut String, exclusions: &[Exclusion]) {
    let mut by_rule: BTreeMap<RuleCode, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for Exclusion {
        subject: of,
        rule,
        says,
    } in exclusions
    {
        let whom = id(of);
        // Only a reason that begins with whom it is about can be shared; any other stands for itself.
        let (reason, whom) = match says.strip_prefix(whom) {
            Some(reason) => (reason.trim_start(), Some(whom)),
            None => (says.as_str(), None),
        };
        let reasons = by_rule.entry(*rule).or_default();
        reasons.entry(reason).or_default().extend(whom);
    }
    for (rule, reasons) in by_rule {
        let _ = writeln!(text, "  {rule} {}", rule.name());
        for (reason, whom) in reasons {
            let _ = match whom.as_slice() {
                [] => writeln!(text, "    {reason}"),
                [one] => writeln!(text, "    {one} {reason}"),
                several => writeln!(text, "    {reason}: {}", several.join(", ")),
            };
        }
    }
}

fn id(subject: &Subject) -> &str {
    match subject {
        Subject::Operator(id) => id.as_str(),
        Subject::Speaker(id) => id.as_str(),
        Subject::Group(id) => id.as_str(),
        Subject::Session(id) => id.as_str(),
        Subject::Track(id) => id.as_str(),
        Subject::Duty(id) => id.as_str(),
        Subject::Block(id) => id.as_str(),
        Subject::Shift(id) => id.as_str(),
        Subject::RegionalEvent(id) => id.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exclusion(operator: &str, rule: RuleCode, says: &str) -> Exclusion {
        let subject = Subject::Operator(operator.into());
        let says = says.to_owned();
        Exclusion {
            subject,
            rule,
            says,
        }
    }

    #[test]
    fn people_with_one_reason_stand_on_one_line() {
        let mut text = String::new();
        let exclusions = [
            exclusion("ama", RuleCode::H12, "ama is busy"),
            exclusion("ken", RuleCode::H16, "ken lacks the skill"),
            exclusion("mika", RuleCode::H12, "mika is busy"),
            exclusion("noa", RuleCode::H12, "the night of noa"),
        ];
        exclusions_in_words(&mut text, &exclusions);
        assert_eq!(
            text,
            "  H12 operator-available\n    is busy: ama, mika\n    the night of noa\n  \
             H16 skill\n    ken lacks the skill\n"
        );
    }
}
