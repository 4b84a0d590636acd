//! The reasons for what is missing, in words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use meridian_model::{Plan, Problem, Report, RuleCode, Subject, ZoneSet};
use meridian_solver::{
    Exclusion, Explanation, GapReason, Near, Offer, UnhostedReason, UnplacedReason,
};

use super::repairs::Teller;
use super::{Clock, count, some_of};
use crate::ending::{Ending, Failure};
use meridian_formats::export::plain;

/// Everything that is missing, with what would close it, who could and what excludes the others; what is merely broken
/// is counted.
///
/// # Errors
/// When the event's zone, or that of someone who is asked, is unknown.
pub(crate) fn explanation(
    problem: &Problem,
    plan: &Plan,
    reasons: &Explanation,
    report: &Report,
    zones: &ZoneSet,
) -> Result<String, Failure> {
    let clock = Clock::of(zones, &problem.event.zone)?;
    let explained = reasons.gaps.len() + reasons.unplaced.len() + reasons.unhosted.len();
    if explained == 0 && super::ending(&report.score) == Ending::Clean {
        return Ok(
            "Nothing is missing: every duty is covered, every session has a place.\n".to_owned(),
        );
    }
    let mut text = String::new();
    let teller = Teller {
        problem,
        plan,
        zones,
        clock: &clock,
    };
    for (n, gap) in reasons.gaps.iter().enumerate() {
        gap_in_words(&mut text, n + 1, gap, &teller)?;
    }
    for session in &reasons.unplaced {
        unplaced_in_words(&mut text, session, &teller)?;
    }
    for track in &reasons.unhosted {
        unhosted_in_words(&mut text, track, &teller)?;
    }
    alerts_in_words(&mut text, report, &clock);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "Times are in {}.", clock.name());
    if report.score.hard > 0 {
        let broken = count(report.score.hard, "place", "places");
        let _ = writeln!(
            text,
            "The plan breaks rules in {broken}: run `meridian check`."
        );
    }
    Ok(text)
}

/// Alerts have no one duty to explain: what the checker says of them, and its remedy.
fn alerts_in_words(text: &mut String, report: &Report, clock: &Clock) {
    let short = report.matches.iter().filter(|m| m.rule == RuleCode::M05);
    for found in short {
        let when: Vec<String> = found.spans.iter().map(|&span| clock.span(span)).collect();
        let _ = writeln!(text, "{}, {}", plain(&found.says), when.join(", "));
        let _ = writeln!(text, "  {}\n", plain(&found.remedy));
    }
}

fn gap_in_words(
    text: &mut String,
    n: usize,
    gap: &GapReason,
    teller: &Teller<'_>,
) -> Result<(), Failure> {
    let people = count(i64::from(gap.missing), "person", "people");
    let (duty, when) = (&gap.duty, teller.clock.span(gap.span));
    let _ = writeln!(text, "{duty} lacks {people}, {when} (gap-{n})");
    if gap.eligible.is_empty() {
        let _ = writeln!(text, "  nobody with the skill could come in");
    }
    let people = gap.eligible.iter();
    let people = people.map(|one| (one.to_string(), Subject::Operator(one.clone())));
    eligible_in_words(
        text,
        people.collect(),
        &gap.exclusions,
        "their other shifts",
    );
    nearest_in_words(text, &gap.nearest);
    offers_in_words(text, &gap.repairs, "close it", teller)?;
    conflict_in_words(text, gap.conflict.as_deref(), "it open");
    exclusions_in_words(text, &gap.exclusions);
    text.push('\n');
    Ok(())
}

/// Who comes nearest, each with the rules that keep her.
fn nearest_in_words(text: &mut String, nearest: &[Near]) {
    let kept = |one: &&Near| !one.needs.is_empty() && one.asks.is_some();
    let names: Vec<String> = nearest
        .iter()
        .filter(kept)
        .map(|one| {
            let rules: Vec<&str> = one.needs.iter().map(|rule| rule.as_str()).collect();
            format!("{} ({})", one.operator, rules.join(" "))
        })
        .collect();
    if !names.is_empty() {
        let _ = writeln!(text, "  nearest: {}", some_of(&names));
    }
}

fn offers_in_words(
    text: &mut String,
    offers: &[Offer],
    helps: &str,
    teller: &Teller<'_>,
) -> Result<(), Failure> {
    if !offers.is_empty() {
        let _ = writeln!(text, "  what would {helps}, least asked first:");
    }
    for offer in offers {
        let _ = writeln!(text, "  → {}", teller.offer(offer)?);
    }
    Ok(())
}

/// The conflict set: by rule, with those whom it keeps.
fn conflict_in_words(text: &mut String, conflict: Option<&[Exclusion]>, what: &str) {
    let Some(conflict) = conflict.filter(|set| !set.is_empty()) else {
        return;
    };
    let _ = writeln!(text, "  these alone leave {what}, and nothing less does:");
    for (rule, whom) in in_the_way(conflict) {
        let _ = writeln!(text, "    {rule} {}: {}", rule.name(), whom.join(", "));
    }
}

/// For each rule of a conflict set: whom it keeps, or what it says where it keeps everybody.
pub(super) fn in_the_way(conflict: &[Exclusion]) -> BTreeMap<RuleCode, Vec<String>> {
    let mut by_rule: BTreeMap<RuleCode, Vec<String>> = BTreeMap::new();
    for one in conflict {
        let is_someone = matches!(
            one.subject,
            Subject::Operator(_) | Subject::Speaker(_) | Subject::Group(_)
        );
        // Another session that has the time is named; the session itself says why.
        let is_named = is_someone || one.rule == RuleCode::H08;
        let whom = plain(if is_named {
            id(&one.subject)
        } else {
            &one.says
        });
        let those = by_rule.entry(one.rule).or_default();
        if !those.contains(&whom) {
            those.push(whom);
        }
    }
    by_rule
}

fn unplaced_in_words(
    text: &mut String,
    missing: &UnplacedReason,
    teller: &Teller<'_>,
) -> Result<(), Failure> {
    let mut sessions = teller.problem.sessions.iter();
    let title = sessions
        .find(|session| session.id == missing.session)
        .map_or_else(String::new, |session| plain(&session.title));
    let priority = format!("{:?}", missing.priority).to_lowercase();
    let _ = writeln!(
        text,
        "{} \"{title}\" has no place ({priority})",
        missing.session
    );
    let blocks = missing.eligible.iter();
    let blocks = blocks.map(|block| (block.to_string(), Subject::Block(block.clone())));
    eligible_in_words(
        text,
        blocks.collect(),
        &missing.exclusions,
        "other sessions",
    );
    offers_in_words(text, &missing.repairs, "give it a place", teller)?;
    conflict_in_words(text, missing.conflict.as_deref(), "it out");
    exclusions_in_words(text, &missing.exclusions);
    text.push('\n');
    Ok(())
}

fn unhosted_in_words(
    text: &mut String,
    missing: &UnhostedReason,
    teller: &Teller<'_>,
) -> Result<(), Failure> {
    let when = teller.clock.span(missing.span);
    let _ = writeln!(text, "track {} has no host, {when}", missing.track);
    let groups = missing.eligible.iter();
    let groups = groups.map(|group| (group.to_string(), Subject::Group(group.clone())));
    eligible_in_words(
        text,
        groups.collect(),
        &missing.exclusions,
        "their other blocks",
    );
    offers_in_words(text, &missing.repairs, "give it a host", teller)?;
    conflict_in_words(text, missing.conflict.as_deref(), "it open");
    exclusions_in_words(text, &missing.exclusions);
    text.push('\n');
    Ok(())
}

/// Those who could as the plan stands, and those who could but for something else of theirs.
fn eligible_in_words(
    text: &mut String,
    eligible: Vec<(String, Subject)>,
    exclusions: &[Exclusion],
    something: &str,
) {
    let is_kept = |subject: &Subject| exclusions.iter().any(|one| one.subject == *subject);
    let (kept, free): (Vec<_>, Vec<_>) = eligible
        .into_iter()
        .partition(|(_, subject)| is_kept(subject));
    let but_for = format!("could, were it not for {something}");
    for (lead, whom) in [("could as the plan stands", free), (&but_for, kept)] {
        let names: Vec<String> = whom.into_iter().map(|(name, _)| name).collect();
        if !names.is_empty() {
            let _ = writeln!(text, "  {lead}: {}", some_of(&names));
        }
    }
}

/// By rule; those with the same reason stand on one line.
fn exclusions_in_words(text: &mut String, exclusions: &[Exclusion]) {
    let mut by_rule: BTreeMap<RuleCode, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for Exclusion {
        subject,
        rule,
        says,
    } in exclusions
    {
        let reasons = by_rule.entry(*rule).or_default();
        reasons.entry(says).or_default().push(id(subject));
    }
    for (rule, reasons) in by_rule {
        let _ = writeln!(text, "  {rule} {}", rule.name());
        for (reason, whom) in reasons {
            let _ = match whom.as_slice() {
                [one] => writeln!(text, "    {one}: {reason}"),
                several => writeln!(text, "    {reason}: {}", several.join(", ")),
            };
        }
    }
}

pub(super) fn id(subject: &Subject) -> &str {
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
            exclusion("ama", RuleCode::H12, "busy by the calendar"),
            exclusion("ken", RuleCode::H16, "lacks the skill MC"),
            exclusion("mika", RuleCode::H12, "busy by the calendar"),
            exclusion("noa", RuleCode::H12, "did not offer the time"),
        ];
        exclusions_in_words(&mut text, &exclusions);
        assert_eq!(
            text,
            "  H12 operator-available\n    busy by the calendar: ama, mika\n    \
             noa: did not offer the time\n  H16 skill\n    ken: lacks the skill MC\n"
        );
    }
}
