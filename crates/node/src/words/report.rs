//! The checker's report and the score in words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use meridian_model::{Level, Match, Medium, Plan, Problem, Report, RuleCode, Score, ZoneSet};

use super::{Clock, count, hours_of};
use crate::ending::{Ending, Failure};
use meridian_formats::export::plain;

/// How a command about a plan with this score ends.
pub(crate) fn ending(score: &Score) -> Ending {
    if score.hard == 0 && score.medium == Medium::default() {
        Ending::Clean
    } else {
        Ending::Lacking
    }
}

/// The score in one line, for a progress bar.
pub(crate) fn score_in_short(score: &Score, cell_min: u32) -> String {
    let Medium {
        unhosted,
        unplaced_must,
        unplaced_should,
        gaps,
        alert_short,
    } = score.medium;
    let mut parts = Vec::new();
    let mut say = |n: i64, one: &str, many: &str| {
        if n > 0 {
            parts.push(count(n, one, many));
        }
    };
    say(score.hard, "broken rule", "broken rules");
    say(
        unplaced_must + unplaced_should,
        "session without a place",
        "sessions without a place",
    );
    let mut lack = |cells: i64, whose: &str, what: &str| {
        if cells > 0 {
            parts.push(format!("{} {what}", hours_of(whose, cells, cell_min)));
        }
    };
    lack(unhosted, "track", "without a host");
    lack(gaps, "person", "of duty uncovered");
    lack(alert_short, "person", "short for alerts");
    if parts.is_empty() {
        parts.push("nothing missing".to_owned());
    }
    format!("{}, cost {}", parts.join(", "), score.soft)
}

/// The report, down to the matches of `least` level.
///
/// # Errors
/// When the event's zone is unknown.
pub(crate) fn report(
    problem: &Problem,
    plan: &Plan,
    report: &Report,
    zones: &ZoneSet,
    least: Level,
) -> Result<String, Failure> {
    let clock = Clock::of(zones, &problem.event.zone)?;
    let mut text = format!(
        "{}, revision {}: {}.\n",
        plain(&problem.event.title),
        plan.revision,
        score_in_short(&report.score, problem.event.horizon.cell_min())
    );
    let mut by_rule: BTreeMap<RuleCode, Vec<&Match>> = BTreeMap::new();
    for found in report
        .matches
        .iter()
        .filter(|found| found.rule.level() <= least)
    {
        by_rule.entry(found.rule).or_default().push(found);
    }
    for (rule, matches) in by_rule {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{rule} {}: {}\n", rule.name(), rule.says());
        for found in matches {
            text.push_str(&one(found, &clock));
        }
    }
    if report.score.soft > 0 && least < Level::Soft {
        text.push_str("\nWhat could be nicer: add --costs.\n");
    }
    let _ = writeln!(text, "Times are in {}.", clock.name());
    Ok(text)
}

fn one(found: &Match, clock: &Clock) -> String {
    let mut times: Vec<String> = found.spans.iter().map(|&span| clock.span(span)).collect();
    if times.len() > 4 {
        let more = times.len() - 4;
        times.truncate(4);
        times.push(format!("and {more} more"));
    }
    let when = if times.is_empty() {
        String::new()
    } else {
        format!("{}: ", times.join(", "))
    };
    let much = if found.rule.level() == Level::Hard || found.amount == 1 {
        String::new()
    } else {
        format!(" [{}]", found.amount)
    };
    let says = plain(&found.says);
    let remedy = if found.remedy.is_empty() {
        String::new()
    } else {
        format!("      → {}\n", plain(&found.remedy))
    };
    format!("  - {when}{says}{much}\n{remedy}")
}
