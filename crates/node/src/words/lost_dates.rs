//! Why a date is not the best, in words: whom it loses, what stands in the way of what is missing, what makes it dearer.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use meridian_formats::export::plain;
use meridian_model::{Problem, RuleCode, Subject};
use meridian_solver::{Behind, DateFacts, DateReasons, Dearer, Exclusion, Missing};

use super::dates::number;
use super::reasons::{id, in_the_way};
use super::{Clock, count, some_of};

/// Groups that want to host and cannot, by what keeps them.
pub(super) fn groups_lost(facts: &DateFacts) -> String {
    let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for lost in &facts.groups_lost {
        let group = lost.group.to_string();
        let why: Vec<String> = lost.conflict.iter().map(why).collect();
        by_reason.entry(why.join(" and ")).or_default().push(group);
    }
    if by_reason.is_empty() {
        return "none".to_owned();
    }
    let parts = by_reason.into_iter().map(|(why, groups)| {
        let groups = some_of(&groups);
        if why.is_empty() {
            groups
        } else {
            format!("{groups} ({why})")
        }
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// One reason why a group is lost; its name stands beside it.
fn why(one: &Exclusion) -> String {
    let says = match one.rule {
        RuleCode::H04 => one.says.split(" keeps ").next().unwrap_or_default(),
        _ => &one.says,
    };
    format!("{} {}", one.rule, plain(says))
}

/// Lines for the details of a date, each with its name.
pub(super) fn lost_in_words(
    problem: &Problem,
    reasons: &DateReasons,
    clock: &Clock,
) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(behind) = &reasons.behind {
        lines.push(("loses by", loses_by(problem, behind, &reasons.dearer)));
    }
    let missing = reasons.missing.iter();
    lines.extend(missing.map(|one| ("in the way", missing_in_words(problem, one, clock))));
    if reasons.further_missing > 0 {
        let further = count(number(reasons.further_missing), "thing is", "things are");
        lines.push(("", format!("{further} missing beside these")));
    }
    lines
}

fn loses_by(problem: &Problem, behind: &Behind, dearer: &[Dearer]) -> String {
    let more = behind.more;
    if let Some(rule) = behind.rule {
        return format!("{rule} {}: {more} more than on the best date", rule.name());
    }
    let mut by_rule: BTreeMap<RuleCode, (i64, Vec<String>)> = BTreeMap::new();
    for one in dearer {
        let (sum, whom) = by_rule.entry(one.rule).or_default();
        *sum += one.more;
        whom.extend(one.subject.as_ref().map(|subject| named(problem, subject)));
    }
    let mut by_rule: Vec<_> = by_rule.into_iter().collect();
    by_rule.sort_by_key(|(_, (sum, _))| Reverse(*sum));
    let parts = by_rule.into_iter().map(|(rule, (sum, whom))| {
        let whom = if whom.is_empty() {
            String::new()
        } else {
            format!(" ({})", some_of(&whom))
        };
        format!("{rule} {} {sum}{whom}", rule.name())
    });
    let parts: Vec<String> = parts.collect();
    format!(
        "cost {more} more than the best date; it would be as good were these no dearer: {}",
        parts.join(", ")
    )
}

/// A regional event's title, or a group's id.
fn named(problem: &Problem, subject: &Subject) -> String {
    let Subject::RegionalEvent(event) = subject else {
        return id(subject).to_owned();
    };
    let mut events = problem.regional_events.iter();
    let title = events.find(|one| one.id == *event);
    title.map_or_else(
        || event.to_string(),
        |one| format!("\"{}\"", plain(&one.title)),
    )
}

fn missing_in_words(problem: &Problem, missing: &Missing, clock: &Clock) -> String {
    let what = match &missing.subject {
        Subject::Track(track) => format!("track {track} has no host"),
        Subject::Session(session) => {
            let mut sessions = problem.sessions.iter();
            let title = sessions.find(|one| one.id == *session);
            let title = title.map_or("", |one| one.title.as_str());
            format!("{session} \"{}\" has no place", plain(title))
        }
        subject => format!("{} lacks people", id(subject)),
    };
    let when = missing
        .span
        .map_or_else(String::new, |span| format!(", {}", clock.span(span)));
    let why = match &missing.conflict {
        None => String::new(),
        Some(set) if set.is_empty() => ": a longer search may close it".to_owned(),
        Some(set) => {
            let by_rule = in_the_way(set).into_iter();
            let rules =
                by_rule.map(|(rule, whom)| format!("{rule} {} ({})", rule.name(), some_of(&whom)));
            format!(": {}", rules.collect::<Vec<_>>().join(", "))
        }
    };
    format!("{what}{when}{why}")
}
