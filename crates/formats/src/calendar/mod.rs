//! iCalendar, read: which stretches of time a calendar takes. Nothing in it is passed over or guessed.
//!
//! [`lines`] (bytes → components with line numbers) → [`events`] (properties, [`values`], [`zone`]s) →
//! here (recurrence, exceptions, stand-ins → occurrences near the event). Source: RFC 5545.

mod events;
mod lines;
mod recur;
mod values;
mod zone;

pub(crate) use lines::of_times;

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use meridian_model::{Span, Timestamp, ZoneSet};

use crate::fault::{FaultCode, Faults, Place};
pub(crate) use events::Purpose;
use events::{Event, EventReader, Length};
use recur::{Reach, Refused, Work};
use values::{Basis, Stamp};
use zone::Zones;

/// One occurrence of something in a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) uid: String,
    /// Its own calendar's words; they go out only where the calendar is public.
    pub(crate) summary: Option<String>,
    pub(crate) holiday: bool,
    pub(crate) line: u64,
    pub(crate) when: When,
}

/// When an occurrence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// First and last day.
    Days(Date, Date),
    /// Instants; `None` when it takes no time.
    Time(Option<Span>),
}

/// What a reading of a calendar is about.
#[derive(Clone, Copy)]
pub(crate) struct Question<'q> {
    pub(crate) file: &'q str,
    pub(crate) zones: &'q ZoneSet,
    /// The owner's zone: floating times and whole days are in it.
    pub(crate) owner: &'q TimeZone,
    pub(crate) within: Span,
    pub(crate) purpose: Purpose,
}

/// The occurrences of a calendar file near `within` (some may lie just outside).
pub(crate) fn read(bytes: &[u8], question: &Question<'_>, faults: &mut Faults) -> Vec<Occurrence> {
    let file = question.file;
    let calendars = lines::read(bytes, file, faults);
    let zones = Zones::new(question.zones, &calendars);
    let reader = EventReader {
        file,
        zones: &zones,
        owner: question.owner,
        purpose: question.purpose,
    };
    let work = Work::default();
    let mut occurrences = Vec::new();
    for calendar in &calendars {
        // METHOD:CANCEL withdraws everything in it.
        if calendar
            .get("METHOD")
            .is_some_and(|line| line.value.trim().eq_ignore_ascii_case("CANCEL"))
        {
            continue;
        }
        let newest = newest(&calendar.parts);
        let superseded = |part| {
            revision(part)
                .is_some_and(|(key, n)| newest.get(&key).is_some_and(|&newest| n < newest))
        };
        let mut events = Vec::new();
        for part in calendar.parts.iter().filter(|part| !superseded(part)) {
            match part.name.as_str() {
                "VEVENT" => events.extend(reader.read(part, faults)),
                "VFREEBUSY" => occurrences.extend(free_busy(part, &reader, faults)),
                // Tasks and notes take no time; zones are looked up by name.
                "VTODO" | "VJOURNAL" | "VTIMEZONE" | "VALARM" => {}
                name if name.starts_with("X-") => {}
                name => faults.add(
                    &Place::line(file, part.line),
                    FaultCode::F039,
                    format!("a component {} is not read here", lines::shown(name)),
                    "remove it, and say the same in availability.csv or busy.csv",
                ),
            }
        }
        occurrences.extend(expand_all(&events, &reader, question, &work, faults));
    }
    zones.report(file, faults);
    occurrences
}

/// What an event is a revision of: its UID and, as it is written, the occurrence it stands in for.
type Revised<'c> = (&'c str, Option<&'c str>);

/// The newest SEQUENCE of everything that has several.
fn newest(parts: &[lines::Component]) -> BTreeMap<Revised<'_>, u32> {
    let mut newest = BTreeMap::new();
    for (key, sequence) in parts.iter().filter_map(revision) {
        let known = newest.entry(key).or_insert(sequence);
        *known = sequence.max(*known);
    }
    newest
}

fn revision(part: &lines::Component) -> Option<(Revised<'_>, u32)> {
    let value = |name: &str| part.get(name).map(|line| line.value.trim());
    let uid = value("UID").filter(|uid| part.name == "VEVENT" && !uid.is_empty())?;
    let sequence = value("SEQUENCE").and_then(|number| number.parse().ok());
    Some(((uid, value("RECURRENCE-ID")), sequence.unwrap_or(0)))
}

/// The occurrences of all events of a calendar, stand-ins in their places.
fn expand_all(
    events: &[Event],
    reader: &EventReader<'_>,
    question: &Question<'_>,
    work: &Work,
    faults: &mut Faults,
) -> Vec<Occurrence> {
    let mut replaced: BTreeMap<&str, Gone> = BTreeMap::new();
    for event in events {
        let of_series = replaced.entry(&event.uid).or_default();
        if let Some(stamp) = &event.replaces {
            of_series.add(stamp, question.owner);
        }
    }
    let mut occurrences = Vec::new();
    for event in events.iter().filter(|event| event.counts) {
        let mut starts = vec![(event.start.clone(), None)];
        if event.replaces.is_none() {
            starts.extend(event.extra.iter().cloned());
            let mut recur = |rules| recurring(event, rules, reader, question, work, faults);
            starts.extend(recur(&event.rules));
            let mut except = Gone::default();
            for (stamp, _) in recur(&event.except_rules) {
                except.add(&stamp, question.owner);
            }
            for stamp in &event.except {
                except.add(stamp, question.owner);
            }
            let stood_in = replaced.get(event.uid.as_str());
            starts.retain(|(start, _)| {
                !except.has(start, question.owner)
                    && !stood_in.is_some_and(|gone| gone.has(start, question.owner))
            });
        }
        for (start, length) in starts {
            let length = length.unwrap_or(event.lasting);
            occurrences.extend(occurrence(event, &start, length, question.owner));
        }
    }
    occurrences
}

/// Occurrences that do not take place, as EXDATE, EXRULE and RECURRENCE-ID name them.
#[derive(Debug, Default)]
struct Gone {
    /// Named as a whole day.
    days: BTreeSet<Date>,
    /// The days of all that are named.
    dates: BTreeSet<Date>,
    /// Named without a zone: the event's own clock is meant.
    civil: BTreeSet<DateTime>,
    instants: BTreeSet<Timestamp>,
}

impl Gone {
    fn add(&mut self, stamp: &Stamp, owner: &TimeZone) {
        self.dates.insert(stamp.civil.date());
        match stamp.basis {
            Basis::Day => {
                self.days.insert(stamp.civil.date());
            }
            Basis::Floating => {
                self.civil.insert(stamp.civil);
            }
            Basis::Zone(_) | Basis::Utc => self.instants.extend(stamp.instant(owner)),
        }
    }

    fn has(&self, start: &Stamp, owner: &TimeZone) -> bool {
        let date = start.civil.date();
        if start.is_day() {
            return self.dates.contains(&date);
        }
        self.days.contains(&date)
            || self.civil.contains(&start.civil)
            || start
                .instant(owner)
                .is_some_and(|instant| self.instants.contains(&instant))
    }
}

/// The starts that rules give near the time asked about.
fn recurring(
    event: &Event,
    rules: &[(u64, String)],
    reader: &EventReader<'_>,
    question: &Question<'_>,
    work: &Work,
    faults: &mut Faults,
) -> Vec<(Stamp, Option<Length>)> {
    let mut starts = Vec::new();
    for (line, rule) in rules {
        let Some(reach) = reach(event, question) else {
            continue;
        };
        match recur::expand(
            rule,
            event.start.civil,
            reach,
            |text| reader.last(&event.start, text),
            work,
        ) {
            Ok(civils) => starts.extend(civils.into_iter().map(|civil| {
                (
                    Stamp {
                        civil,
                        basis: event.start.basis.clone(),
                    },
                    None,
                )
            })),
            Err(refused) => {
                let place = Place::line(question.file, *line).field("RRULE");
                let remedy = "simplify the rule in the calendar, or write the dates into busy.csv";
                match refused {
                    Refused::Malformed(what) => faults.add(
                        &place,
                        FaultCode::F008,
                        format!("malformed rule: {what}"),
                        remedy,
                    ),
                    Refused::Unsupported(what) => faults.add(&place, FaultCode::F039, what, remedy),
                }
            }
        }
    }
    starts
}

/// The local times at which an occurrence may start and still touch the time asked about.
fn reach(event: &Event, question: &Question<'_>) -> Option<Reach> {
    let days = match event.lasting {
        Length::Days(days) => days,
        Length::Exact(seconds) => seconds / 86_400,
        Length::Nominal(lasting) => lasting.days + lasting.seconds / 86_400,
    };
    let from = event
        .start
        .civil_at(question.within.start(), question.owner);
    let to = event.start.civil_at(question.within.end(), question.owner);
    Some(Reach {
        from: from.checked_sub((days + 2).days()).ok()?,
        to: to.checked_add(2.days()).ok()?,
    })
}

fn occurrence(
    event: &Event,
    start: &Stamp,
    length: Length,
    owner: &TimeZone,
) -> Option<Occurrence> {
    let when = match length {
        Length::Days(days) => {
            let first = start.civil.date();
            When::Days(first, first.checked_add((days - 1).days()).ok()?)
        }
        Length::Exact(seconds) => When::Time(lasting(start.instant(owner)?, seconds)),
        Length::Nominal(of) => {
            let end_day: DateTime = start.civil.checked_add(of.days.days()).ok()?;
            let end =
                Timestamp::from_second(start.at(end_day, owner)?.as_second() + of.seconds).ok()?;
            When::Time(Span::new(start.instant(owner)?, end).ok())
        }
    };
    Some(Occurrence {
        uid: event.uid.clone(),
        summary: event.summary.clone(),
        holiday: event.holiday,
        line: event.line,
        when,
    })
}

fn lasting(start: Timestamp, seconds: i64) -> Option<Span> {
    Span::new(
        start,
        Timestamp::from_second(start.as_second() + seconds).ok()?,
    )
    .ok()
}

/// The busy periods of a VFREEBUSY.
fn free_busy(
    part: &lines::Component,
    reader: &EventReader<'_>,
    faults: &mut Faults,
) -> Vec<Occurrence> {
    let mut occurrences = Vec::new();
    for line in part.all("FREEBUSY") {
        if line
            .param("FBTYPE")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("FREE"))
        {
            continue;
        }
        for value in line.value.split(',') {
            let Some((from, to)) = value.split_once('/') else {
                reader.malformed(
                    line,
                    "a free/busy time is no period like 20240824T120000Z/PT1H",
                    faults,
                );
                continue;
            };
            let Some((start, length)) = reader.period(line, from, to, faults) else {
                continue;
            };
            if start.basis != Basis::Utc {
                reader.malformed(line, "a free/busy time is not in UTC", faults);
                continue;
            }
            let seconds = match length {
                Length::Days(days) => days * 86_400,
                Length::Exact(seconds) => seconds,
                Length::Nominal(lasting) => lasting.days * 86_400 + lasting.seconds,
            };
            let Some(instant) = start.instant(reader.owner) else {
                continue;
            };
            occurrences.push(Occurrence {
                uid: String::new(),
                summary: None,
                holiday: false,
                line: line.line,
                when: When::Time(lasting(instant, seconds)),
            });
        }
    }
    occurrences
}

#[cfg(test)]
mod tests;
