//! Dates compared, in words and as a document: what each would do to whom.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use meridian_formats::event_folder::{Assumed, Dated, Unknown};
use meridian_formats::export::plain;
use meridian_model::check::check;
use meridian_model::{RegionalKind, RuleCode, Score, Timestamp, ZoneName, ZoneSet};
use meridian_solver::{
    Clash, ClockChange, DateFacts, DateRanking, DateReasons, DateStatus, HourOfPeople, date_facts,
    date_reasons,
};
use serde::Serialize;

use super::lost_dates::{groups_lost, lost_in_words};
use super::{Clock, count, offset, score_in_short};
use crate::ending::Failure;

/// Dates compared, the best first.
#[derive(Serialize)]
pub(crate) struct DateReport {
    /// Name and version of this document's form.
    format: &'static str,
    /// The event.
    event: String,
    title: String,
    /// The zone its organisers speak in.
    zone: ZoneName,
    dates: Vec<OneDate>,
}

/// One date.
#[derive(Serialize)]
struct OneDate {
    /// 1 for the best.
    rank: usize,
    start: Timestamp,
    end: Timestamp,
    /// The start as the organisers' clocks show it.
    civil_start: String,
    status: &'static str,
    /// Why no better plan was looked for, in words.
    why: String,
    score: Option<Score>,
    /// The score in words.
    says: String,
    /// No plan of this date scores less.
    bound: Option<Score>,
    /// Minutes that people are on duty in their own nights.
    night_minutes: Option<i64>,
    /// Whose hours are only assumed.
    assumed: AssumedHours,
    /// What the folder knows too little of to judge this date.
    not_known: Vec<NotKnown>,
    facts: DateFacts,
    /// Why it is not the best, and what stands in the way of what it is missing; none when it was not looked at.
    reasons: Option<DateReasons>,
    #[serde(skip)]
    lost: Vec<(&'static str, String)>,
    #[serde(skip)]
    heading: String,
    #[serde(skip)]
    until: String,
}

#[derive(Serialize)]
struct AssumedHours {
    operators: Vec<String>,
    speakers: Vec<String>,
    groups: Vec<String>,
}

#[derive(Serialize)]
struct NotKnown {
    kind: RegionalKind,
    /// First and last day that the folder knows of.
    known: Option<[String; 2]>,
}

impl AssumedHours {
    fn of(assumed: &Assumed) -> Self {
        Self {
            operators: assumed.operators.iter().map(ToString::to_string).collect(),
            speakers: assumed.speakers.iter().map(ToString::to_string).collect(),
            groups: assumed.groups.iter().map(ToString::to_string).collect(),
        }
    }
}

impl NotKnown {
    fn of(unknown: &Unknown) -> Self {
        Self {
            kind: unknown.kind,
            known: unknown
                .known
                .map(|(from, to)| [from.to_string(), to.to_string()]),
        }
    }
}

impl DateReport {
    /// What is told of ranked dates.
    ///
    /// # Errors
    /// When a zone is unknown.
    pub(crate) fn of<'a>(
        dated: &'a [Dated],
        ranked: &'a [DateRanking],
        zones: &ZoneSet,
    ) -> Result<Self, Failure> {
        let mut dates = Vec::with_capacity(ranked.len());
        let planned = |ranking: &'a DateRanking| {
            let date = dated.get(ranking.candidate)?;
            Some((&date.problem, ranking.plan.as_ref()?))
        };
        let best = ranked.first().and_then(planned);
        for (n, ranking) in ranked.iter().enumerate() {
            if let Some(date) = dated.get(ranking.candidate) {
                let reasons = planned(ranking).zip(best);
                let reasons = reasons.map(|(here, best)| date_reasons(here, best));
                dates.push(one(n + 1, date, ranking, reasons, zones)?);
            }
        }
        let event = dated.first().map(|date| &date.problem.event);
        Ok(Self {
            format: "meridian-dates/1",
            event: event.map(|event| event.id.clone()).unwrap_or_default(),
            title: event.map(|event| event.title.clone()).unwrap_or_default(),
            zone: event.map_or_else(|| ZoneName::new("UTC"), |event| event.zone.clone()),
            dates,
        })
    }
}

fn one(
    rank: usize,
    date: &Dated,
    ranking: &DateRanking,
    reasons: Option<DateReasons>,
    zones: &ZoneSet,
) -> Result<OneDate, Failure> {
    let problem = &date.problem;
    let horizon = problem.event.horizon;
    let clock = Clock::of(zones, &problem.event.zone)?;
    let facts = date_facts(problem, zones).map_err(anyhow::Error::new)?;
    let score = ranking.plan.as_ref().map(|plan| plan.score);
    let night_minutes = ranking.plan.as_ref().map(|plan| {
        let found = check(problem, plan).matches;
        found
            .iter()
            .filter(|found| found.rule == RuleCode::S02)
            .map(|found| found.amount)
            .sum()
    });
    Ok(OneDate {
        rank,
        start: horizon.start(),
        end: horizon.end(),
        civil_start: clock.written(horizon.start()),
        status: ranking.status.as_str(),
        why: why(ranking, horizon.cell_min()),
        score,
        says: score.map_or_else(
            || "not looked at".to_owned(),
            |score| score_in_short(&score, horizon.cell_min()),
        ),
        bound: ranking.bound,
        night_minutes,
        assumed: AssumedHours::of(&date.assumed),
        not_known: date.unknown.iter().map(NotKnown::of).collect(),
        facts,
        lost: reasons
            .as_ref()
            .map_or_else(Vec::new, |reasons| lost_in_words(problem, reasons, &clock)),
        reasons,
        heading: clock.instant(horizon.start()),
        until: clock.instant(horizon.end()),
    })
}

fn why(ranking: &DateRanking, cell_min: u32) -> String {
    match ranking.status {
        DateStatus::Planned => "planned in full".to_owned(),
        DateStatus::Quick => "planned quickly, not among the best few".to_owned(),
        DateStatus::NotReached => "the search was stopped before".to_owned(),
        DateStatus::Discarded => match &ranking.bound {
            Some(bound) => format!(
                "discarded: no plan of it is better than \"{}\"",
                score_in_short(bound, cell_min)
            ),
            None => "discarded".to_owned(),
        },
    }
}

/// The ranking to read: a table, then each date.
pub(crate) fn dates(report: &DateReport, brief: bool) -> String {
    let mut text = format!(
        "{}: {} compared, the best first\n",
        plain(&report.title),
        count(number(report.dates.len()), "date", "dates")
    );
    let widest = |text: fn(&OneDate) -> &str| {
        let widths = report.dates.iter().map(|date| text(date).chars().count());
        widths.max().unwrap_or(0)
    };
    let (dates, says) = (widest(|date| &date.heading), widest(|date| &date.says));
    for date in &report.dates {
        let clashes = number(date.facts.clashes.len());
        let _ = writeln!(
            text,
            "{:>3}  {:<dates$}  {:<says$}  {:>10}  {}",
            date.rank,
            date.heading,
            date.says,
            count(clashes, "clash", "clashes"),
            date.status,
        );
    }
    if !brief {
        for date in &report.dates {
            text.push('\n');
            text.push_str(&details(date, &report.zone));
        }
    }
    let _ = writeln!(text, "\nTimes are in {}.", report.zone);
    text
}

fn details(date: &OneDate, zone: &ZoneName) -> String {
    let facts = &date.facts;
    let mut text = format!(
        "{}. {} to {} {zone}: {}\n",
        date.rank, date.heading, date.until, date.says
    );
    let mut line = |name: &str, says: &str| {
        if !says.is_empty() {
            let _ = writeln!(text, "     {name:<12} {says}");
        }
    };
    line("groups lost", &groups_lost(facts));
    for (name, kind) in [
        ("holidays", RegionalKind::Holiday),
        ("conferences", RegionalKind::Conference),
        ("other", RegionalKind::Other),
    ] {
        let none = if kind == RegionalKind::Other {
            ""
        } else {
            "none"
        };
        line(name, &named(&facts.clashes, kind, none));
    }
    line("brushed by", &brushed(&facts.brushes));
    for change in &facts.clock_changes {
        line("clocks", &clock_change(change));
    }
    if facts.clock_changes.is_empty() {
        line("clocks", "none change during the event");
    }
    if let Some(minutes) = date.night_minutes {
        line("nights", &nights(minutes));
    }
    line("people", &people(&facts.people));
    line("assumed", &assumed(&date.assumed));
    for unknown in &date.not_known {
        line("not known", &not_known(unknown));
    }
    for (name, says) in &date.lost {
        line(name, says);
    }
    line("looked into", &date.why);
    text
}

/// Each title once, with the countries that have it.
fn named(clashes: &[Clash], kind: RegionalKind, none: &str) -> String {
    let mut titles: Vec<(String, BTreeSet<&str>)> = Vec::new();
    for clash in clashes.iter().filter(|clash| clash.kind == kind) {
        let title = plain(&clash.title);
        let countries = clash.countries.iter().map(String::as_str);
        match titles.iter_mut().find(|(known, _)| *known == title) {
            Some((_, known)) => known.extend(countries),
            None => titles.push((title, countries.collect())),
        }
    }
    if titles.is_empty() {
        return none.to_owned();
    }
    let named = titles.into_iter().map(|(title, countries)| {
        let countries: Vec<&str> = countries.into_iter().collect();
        format!("{title} ({})", countries.join(", "))
    });
    named.collect::<Vec<_>>().join(", ")
}

fn brushed(brushes: &[Clash]) -> String {
    match brushes.len() {
        0 => String::new(),
        1 => "1 more, for less than a quarter of the event (--json names it)".to_owned(),
        n => format!("{n} more, each for less than a quarter of the event (--json names them)"),
    }
}

fn clock_change(change: &ClockChange) -> String {
    format!(
        "{} from {} to {} at {} ({}, {})",
        change.zone,
        offset(change.from_offset_s),
        offset(change.to_offset_s),
        change.at.strftime("%Y-%m-%d %H:%M UTC"),
        count(number(change.groups.len()), "group", "groups"),
        count(number(change.people), "person", "people"),
    )
}

fn nights(minutes: i64) -> String {
    if minutes == 0 {
        return "nobody is on duty in her night".to_owned();
    }
    count(minutes, "minute of duty", "minutes of duty") + " in somebody's night"
}

/// One bar an hour, as high as there are people.
fn people(hours: &[HourOfPeople]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let (Some(first), Some(last)) = (hours.first(), hours.last()) else {
        return String::new();
    };
    let most = hours.iter().map(|hour| hour.people).max().unwrap_or(0);
    let least = hours.iter().map(|hour| hour.people).min().unwrap_or(0);
    let bar = |people: usize| {
        let height = (people * BARS.len())
            .div_ceil(most.max(1))
            .saturating_sub(1);
        BARS.get(height).copied().unwrap_or('█')
    };
    let bars: String = hours.iter().map(|hour| bar(hour.people)).collect();
    format!(
        "{bars}  {least} to {most} available an hour, {} to {} UTC",
        first.span.start().strftime("%H:%M"),
        last.span.end().strftime("%H:%M"),
    )
}

fn assumed(assumed: &AssumedHours) -> String {
    let people = assumed.operators.len() + assumed.speakers.len();
    let mut who = Vec::new();
    if people > 0 {
        who.push(count(number(people), "person", "people"));
    }
    if !assumed.groups.is_empty() {
        who.push(count(number(assumed.groups.len()), "group", "groups"));
    }
    if who.is_empty() {
        return String::new();
    }
    format!(
        "{} spoke of the event's own date alone; the same hours are assumed here",
        who.join(" and ")
    )
}

fn not_known(unknown: &NotKnown) -> String {
    let what = match unknown.kind {
        RegionalKind::Holiday => "holidays",
        RegionalKind::Conference => "conferences",
        RegionalKind::Other => "other events",
    };
    match &unknown.known {
        None => format!("no {what} are known: the date may be less free than it looks"),
        Some([from, to]) => format!(
            "{what} are known from {from} to {to} only: the date may be less free than it looks"
        ),
    }
}

pub(super) fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
