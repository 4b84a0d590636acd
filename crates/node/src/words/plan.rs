//! The summary that a finished plan gets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use meridian_model::{Level, Match, Plan, Priority, Problem, Report, RuleCode, Timestamp, ZoneSet};

use super::{Clock, count, hours_of, proven};
use crate::ending::Failure;
use meridian_formats::export::plain;
use meridian_solver::Certificate;

/// What a scheduler wants to know of a new plan.
///
/// # Errors
/// When the event's zone is unknown.
pub(crate) fn summary(
    problem: &Problem,
    plan: &Plan,
    (report, certificate): (&Report, &Certificate),
    zones: &ZoneSet,
) -> Result<String, Failure> {
    let clock = Clock::of(zones, &problem.event.zone)?;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = head(&mut text, problem, plan, report, &clock);
    let _ = lines(&mut text, problem, plan, report);
    text.push_str(&proven(
        certificate,
        &report.score,
        problem.event.horizon.cell_min(),
    ));
    let _ = missing(&mut text, report, &clock);
    Ok(text)
}

fn head(
    text: &mut String,
    problem: &Problem,
    plan: &Plan,
    report: &Report,
    clock: &Clock,
) -> std::fmt::Result {
    let horizon = &problem.event.horizon;
    let score = &report.score;
    let verdict = match (
        score.hard,
        score.medium == meridian_model::Medium::default(),
    ) {
        (0, true) => "a whole plan, nothing is missing",
        (0, false) => "a plan with something missing",
        _ => "a plan that breaks rules",
    };
    writeln!(text, "{}: {verdict}", plain(&problem.event.title))?;
    writeln!(
        text,
        "  {} to {} {}, revision {}{}",
        clock.instant(horizon.start()),
        clock.instant(horizon.end()),
        clock.name(),
        plan.revision,
        if plan.made_by.stopped {
            ", cut short"
        } else {
            ""
        },
    )
}

fn lines(text: &mut String, problem: &Problem, plan: &Plan, report: &Report) -> std::fmt::Result {
    let score = &report.score;
    let medium = &score.medium;
    let none_or = |n: i64, good: String, bad: String| if n == 0 { good } else { bad };
    let cell_min = problem.event.horizon.cell_min();
    let person_hours = |cells: i64| hours_of("person", cells, cell_min);

    let broken = count(
        score.hard,
        "place where one is broken",
        "places where one is broken",
    );
    writeln!(
        text,
        "  rules     {}",
        none_or(score.hard, "all kept".to_owned(), broken)
    )?;

    let hosts: BTreeSet<_> = plan.blocks.iter().map(|block| &block.group).collect();
    let held = format!(
        "{} by {}",
        count(len(plan.blocks.len()), "block", "blocks"),
        count(len(hosts.len()), "group", "groups"),
    );
    let whole = match problem.event.tracks.len() {
        1 => format!("every hour hosted: {held}"),
        n => format!("every hour of {n} tracks hosted: {held}"),
    };
    let parts = format!(
        "{held}; {} without a host",
        hours_of("track", medium.unhosted, cell_min)
    );
    writeln!(
        text,
        "  hosts     {}",
        none_or(medium.unhosted, whole, parts)
    )?;

    let wanted = problem
        .sessions
        .iter()
        .filter(|s| s.priority != Priority::Filler)
        .count();
    let fillers = problem.sessions.len() - wanted;
    let unplaced = medium.unplaced_must + medium.unplaced_should;
    let reserve = if fillers == 0 {
        String::new()
    } else {
        format!(", {} in reserve", count(len(fillers), "filler", "fillers"))
    };
    writeln!(
        text,
        "  sessions  {} of {wanted} placed{reserve}",
        len(wanted) - unplaced
    )?;

    let people: BTreeSet<_> = plan.shifts.iter().map(|shift| &shift.operator).collect();
    let served = format!(
        "{} by {} of {} people",
        count(len(plan.shifts.len()), "shift", "shifts"),
        people.len(),
        problem.operators.len(),
    );
    let covered = format!("all covered: {served}");
    let open = format!("{served}; {} of duty uncovered", person_hours(medium.gaps));
    writeln!(text, "  duties    {}", none_or(medium.gaps, covered, open))?;

    let asked = problem.event.policy.alert.min_people;
    let enough = match asked {
        0 => "nobody is asked to answer them".to_owned(),
        1 => "1 awake person behind every moment".to_owned(),
        _ => format!("{asked} awake people behind every moment"),
    };
    let short = format!(
        "{} short of {asked} awake people behind every moment",
        person_hours(medium.alert_short)
    );
    writeln!(
        text,
        "  alerts    {}",
        none_or(medium.alert_short, enough, short)
    )?;
    writeln!(text, "  cost      {}", cost(problem, report))
}

/// The soft level, with the rules that cost most.
fn cost(problem: &Problem, report: &Report) -> String {
    let mut by_rule: BTreeMap<RuleCode, i64> = BTreeMap::new();
    for found in report
        .matches
        .iter()
        .filter(|m| m.rule.level() == Level::Soft)
    {
        *by_rule.entry(found.rule).or_default() += found.amount;
    }
    let mut costs: Vec<(i64, RuleCode)> = by_rule
        .into_iter()
        .map(|(rule, amount)| (amount * problem.event.policy.weight(rule), rule))
        .filter(|&(cost, _)| cost > 0)
        .collect();
    costs.sort_by_key(|&(cost, rule)| (std::cmp::Reverse(cost), rule));
    let most: Vec<String> = costs
        .iter()
        .take(4)
        .map(|(cost, rule)| format!("{} {cost}", rule.name()))
        .collect();
    if most.is_empty() {
        format!("{}", report.score.soft)
    } else {
        format!("{} (most: {})", report.score.soft, most.join(", "))
    }
}

/// The broken rules and what is missing, the most important first, as far as a screen holds them.
fn missing(text: &mut String, report: &Report, clock: &Clock) -> std::fmt::Result {
    const SHOWN: usize = 20;
    let mut found: Vec<&Match> = report
        .matches
        .iter()
        .filter(|found| found.rule.level() < Level::Soft)
        .collect();
    let first =
        |found: &Match| -> Option<Timestamp> { found.spans.first().map(|span| span.start()) };
    found.sort_by_key(|found| (found.rule, first(found)));
    for one in found.iter().take(SHOWN) {
        let when = one
            .spans
            .first()
            .map_or_else(String::new, |&span| clock.span(span) + ": ");
        writeln!(text, "  ! {when}{} ({})", plain(&one.says), one.rule)?;
    }
    if found.len() > SHOWN {
        writeln!(
            text,
            "  ! and {} more: see `meridian check`",
            found.len() - SHOWN
        )?;
    }
    Ok(())
}

/// Says so when the plan answers another input than this one.
///
/// # Errors
/// When the problem cannot be written as JSON, which no well-typed one causes.
pub(crate) fn other_input(problem: &Problem, plan: &Plan) -> Result<Option<String>, Failure> {
    if plan.tzdb != problem.tzdb {
        return Ok(Some(format!(
            "note: the plan was made with the zone rules {}, this is {}; see `meridian doctor`",
            plan.tzdb.version, problem.tzdb.version
        )));
    }
    let same = problem.digest()? == plan.problem_sha256;
    let note = "note: the input has changed since this plan was made";
    Ok((!same).then(|| note.to_owned()))
}

fn len(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
