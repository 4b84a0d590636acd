//! `meridian doctor`: what this binary computes with, and where its zone rules and a second opinion differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span as Civil, Zoned};
use meridian_formats::FaultCode;
use meridian_formats::export::plain;
use meridian_model::{Problem, Span, ZoneName, ZoneSet};
use serde::Serialize;

use crate::ending::{Ending, Failure, refusal};
use crate::folder::EventSource;
use crate::second_opinion::{self, Disagreement, Opinion, compare};
use crate::zoneset::ZoneSource;
use crate::{out, words};

/// Say which time zone rules are in use, and where they differ from older ones
///
/// Countries change their clocks on short notice, and much software carries last year's rules. Meridian
/// computes with its own, newer set; the doctor compares it with an older one (chrono-tz, the second
/// opinion) and names every zone and span where someone's phone may show another time than the plan.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian doctor                                  # every zone, over the next two years
  meridian doctor --from 2026-10-01
  meridian doctor data/events/midnight-dst-us      # over that event; marks the zones of its people

Exit codes: 0 done, whatever was found · 2 bad input")]
pub(crate) struct DoctorArgs {
    /// An event folder or problem.json: looks at the time of that event
    #[arg(value_name = "FOLDER")]
    event: Option<std::path::PathBuf>,

    /// Without a folder: look at the two years from DATE (default: today)
    #[arg(long, value_name = "DATE", conflicts_with = "event")]
    from: Option<Date>,

    /// Print the findings as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Serialize)]
struct Findings {
    meridian: &'static str,
    engines: Vec<&'static str>,
    zone_set: String,
    zone_set_from: String,
    zones: usize,
    second_opinion: String,
    span: Span,
    event: Option<String>,
    disagreements: Vec<Disagreement>,
    unknown_to_second_opinion: Vec<String>,
    used_by_event: BTreeMap<String, Vec<String>>,
    event_rules: Option<EventRules>,
}

/// How the rules that an event was compiled with and those in use go together.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum EventRules {
    /// They give the same offsets over the event.
    Same,
    /// They do not; the event was compiled with this version.
    Differ(String),
    /// The event uses a zone that the zone set does not hold.
    Unknown(String),
}

impl EventRules {
    fn of(problem: &Problem, zones: &ZoneSet, used: &BTreeMap<String, Vec<String>>) -> Self {
        let names: Vec<ZoneName> = used.keys().map(ZoneName::new).collect();
        match zones.stamp(&names, problem.event.horizon.span()) {
            Err(unknown) => Self::Unknown(unknown.name),
            Ok(stamp) if stamp.offsets_sha256 == problem.tzdb.offsets_sha256 => Self::Same,
            Ok(_) => Self::Differ(problem.tzdb.version.clone()),
        }
    }

    fn in_words(&self, n_zones: usize, ours: &str) -> String {
        match self {
            Self::Same => format!(
                "The event uses {n_zones} zones; their rules here are the ones it was compiled with."
            ),
            Self::Differ(theirs) => format!(
                "The event was compiled with the zone rules {theirs}, which differ from {ours} over it: compile it anew."
            ),
            Self::Unknown(zone) => {
                format!(
                    "The event uses the zone {zone:?}, which the zone set {ours} does not hold."
                )
            }
        }
    }
}

/// Looks.
///
/// # Errors
/// Bad input.
pub(crate) fn run(
    args: &DoctorArgs,
    zones: &ZoneSet,
    from: &ZoneSource,
) -> Result<Ending, Failure> {
    let problem = match &args.event {
        Some(path) => Some(EventSource::of(path).load(zones)?),
        None => None,
    };
    let span = match &problem {
        Some(problem) => problem.event.horizon.span(),
        None => two_years(args.from)?,
    };
    let findings = look(zones, from, problem.as_ref(), span);
    if args.json {
        out::json(&findings)?;
    } else {
        out::answer(&in_words(&findings))?;
    }
    Ok(Ending::Clean)
}

fn two_years(from: Option<Date>) -> Result<Span, Failure> {
    let start = from.unwrap_or_else(|| Zoned::now().date());
    let at = |date: Date| date.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    let span = start
        .checked_add(Civil::new().years(2))
        .and_then(|end| Ok((at(start)?, at(end)?)));
    span.ok()
        .and_then(|(start, end)| Span::new(start, end).ok())
        .ok_or_else(|| {
            refusal(
                FaultCode::F030,
                "--from",
                &format!("two years from {start} are outside the range of dates"),
                "give a date such as 2026-10-01",
            )
        })
}

fn look(zones: &ZoneSet, from: &ZoneSource, problem: Option<&Problem>, span: Span) -> Findings {
    let mut disagreements = Vec::new();
    let mut unknown = Vec::new();
    for name in zones.names() {
        match compare(zones, name, span) {
            Opinion::Differs(found) => disagreements.extend(found),
            Opinion::Unknown => unknown.push(name.to_owned()),
        }
    }
    let engines = if cfg!(feature = "highs") {
        vec!["highs", "pure"]
    } else {
        vec!["pure"]
    };
    let used_by_event = problem.map(used).unwrap_or_default();
    Findings {
        meridian: env!("CARGO_PKG_VERSION"),
        engines,
        zone_set: zones.version().to_owned(),
        zone_set_from: from.describe(),
        zones: zones.names().count(),
        second_opinion: second_opinion::VERSION.to_owned(),
        span,
        event: problem.map(|problem| problem.event.title.clone()),
        disagreements,
        unknown_to_second_opinion: unknown,
        event_rules: problem.map(|problem| EventRules::of(problem, zones, &used_by_event)),
        used_by_event,
    }
}

/// Who lives in each zone of the event.
fn used(problem: &Problem) -> BTreeMap<String, Vec<String>> {
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut note = |zone: &ZoneName, who: String| {
        used.entry(zone.as_str().to_owned())
            .or_default()
            .insert(who);
    };
    note(&problem.event.zone, "the event".to_owned());
    for group in &problem.groups {
        note(&group.zone, format!("group {}", group.id));
    }
    for operator in &problem.operators {
        note(&operator.zone, format!("operator {}", operator.id));
    }
    for speaker in &problem.speakers {
        note(&speaker.zone, format!("speaker {}", speaker.id));
    }
    used.into_iter()
        .map(|(zone, who)| (zone, who.into_iter().collect()))
        .collect()
}

fn in_words(findings: &Findings) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = in_words_to(&mut text, findings);
    text
}

fn in_words_to(text: &mut String, findings: &Findings) -> std::fmt::Result {
    let Findings {
        meridian,
        zone_set,
        zone_set_from,
        zones,
        second_opinion,
        ..
    } = findings;
    writeln!(text, "meridian {meridian}")?;
    writeln!(
        text,
        "zone rules: {zone_set} ({zone_set_from}, {zones} zones)"
    )?;
    writeln!(text, "second opinion: {second_opinion} (chrono-tz)")?;
    let over = findings
        .event
        .as_ref()
        .map_or_else(String::new, |title| format!("{}, ", plain(title)));
    writeln!(
        text,
        "looked at: {over}{}\n",
        words::utc_span(findings.span)
    )?;
    if findings.disagreements.is_empty() {
        writeln!(text, "The two agree on every zone they both know.")?;
    } else {
        writeln!(
            text,
            "They differ here; older phones and calendars may show the second time:"
        )?;
    }
    for found in &findings.disagreements {
        writeln!(
            text,
            "  {:<24} {}  {} (second opinion {})",
            found.zone,
            words::utc_span(found.span),
            words::offset(found.ours_s),
            words::offset(found.theirs_s),
        )?;
        if let Some(who) = findings.used_by_event.get(&found.zone) {
            writeln!(text, "      here: {}", words::some_of(who))?;
        }
    }
    if !findings.unknown_to_second_opinion.is_empty() {
        let names = findings.unknown_to_second_opinion.join(", ");
        writeln!(text, "Unknown to the second opinion: {names}")?;
    }
    if let Some(rules) = &findings.event_rules {
        writeln!(
            text,
            "{}",
            rules.in_words(findings.used_by_event.len(), zone_set)
        )?;
    }
    writeln!(text, "engines: {}", findings.engines.join(", "))?;
    Ok(())
}
