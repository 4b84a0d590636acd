//! Candidate dates of an event: a rule or a list, from the table `dates` of `event.toml` or as it was typed.
//!
//! [`read`] and [`Asked`] give the same row; what was typed goes before what is written. [`candidates`] is the entry.

mod sentence;

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use meridian_model::{Timestamp, ZoneName, ZoneSet};

use super::event_toml::EventRow;
use super::tree::Table;
use crate::civil::{self, Edge, Moment, boundary, day_exists};
use crate::fault::{FaultCode, Faults, Place};
use crate::rules::Days;
use crate::words;

/// No scan is asked for more dates: that is every day of a year, and some.
const MOST: usize = 400;

/// What was typed about candidate dates; it goes before what `event.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// A whole rule, such as `weekends from June to September, 12:00 Asia/Tokyo`.
    pub rule: Option<String>,
    /// The first day, such as `2024-07-01`.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// Days of the week on which the event may start, such as `sat` or `fri,sat`.
    pub weekdays: Option<String>,
    /// The time of day at which it starts, such as `12:00`.
    pub start: Option<String>,
    /// The zone that days and times are in.
    pub zone: Option<String>,
    /// Single starts, such as `2024-08-24T12:00`.
    pub dates: Vec<String>,
}

/// What is said about candidate dates; `None` where nothing is said.
#[derive(Clone, Debug, Default)]
pub(crate) struct DatesRow {
    weekdays: Option<Days>,
    from: Option<Date>,
    to: Option<Date>,
    start: Option<Time>,
    zone: Option<ZoneName>,
    list: Vec<(Moment, Place<'static>)>,
    /// First and last day of which the regional files know all.
    pub(crate) known: (Option<Date>, Option<Date>),
}

/// The starts that are asked for, in order of time.
///
/// # Errors
/// [`Faults`]: what is wrong with `event.toml` or with what was typed.
pub fn candidates(
    files: &BTreeMap<String, Vec<u8>>,
    asked: &Asked,
    zones: &ZoneSet,
) -> Result<Vec<Timestamp>, Faults> {
    let mut faults = Faults::default();
    if !super::is_event(files, &mut faults) {
        return faults.or(None);
    }
    let event = files
        .get("event.toml")
        .and_then(|bytes| super::event_toml::read(bytes, "event.toml", zones, &mut faults));
    let own = event.as_ref().and_then(|event| Own::of(event, zones));
    let (Some(event), Some(own)) = (event, own) else {
        return faults.or(None);
    };
    let typed = typed(asked, own.date.year(), zones, &mut faults);
    let row = over(typed, event.dates.clone());
    if !faults.is_empty() {
        return faults.or(None);
    }
    let starts = if row.list.is_empty() {
        by_rule(&row, &own, zones, &mut faults)
    } else {
        listed(&row, &own, zones, &mut faults)
    };
    faults.or(Some(starts))
}

/// The event's own start, which fills what a rule leaves open.
struct Own {
    zone: ZoneName,
    instant: Timestamp,
    date: Date,
}

impl Own {
    fn of(event: &EventRow, zones: &ZoneSet) -> Option<Self> {
        let zone = event.zone.clone()?;
        let instant = event.horizon?.start();
        let date = zones.zone(zone.as_str()).ok()?.to_datetime(instant).date();
        Some(Self {
            zone,
            instant,
            date,
        })
    }
}

/// Reads the table `dates`.
pub(crate) fn read(
    root: &Table<'_, '_, '_>,
    own_year: Option<i16>,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> DatesRow {
    let mut row = DatesRow::default();
    root.table("dates", faults, |table, faults| {
        let said = |key: &'static str, faults: &mut Faults| {
            let at = table.text(key, faults)?;
            Some((at.value, here(at.line, key)))
        };
        let weekdays = table.texts("weekdays", faults).and_then(|names| {
            let line = names.first()?.line;
            let names: Vec<String> = names.into_iter().map(|at| at.value).collect();
            Some((names.join(","), here(line, "weekdays")))
        });
        let texts = Texts {
            rule: said("rule", faults),
            from: said("from", faults),
            to: said("to", faults),
            weekdays,
            start: said("start", faults),
            zone: said("zone", faults),
            list: table
                .texts("list", faults)
                .into_iter()
                .flatten()
                .map(|at| (at.value, here(at.line, "list")))
                .collect(),
        };
        row = texts.read(own_year, zones, faults);
        let known = ["regional_from", "regional_to"].map(|key| {
            let (text, place) = said(key, faults)?;
            date(&text, &place, faults)
        });
        row.known = (known[0], known[1]);
    });
    row
}

fn here(line: u64, key: &str) -> Place<'static> {
    Place::line("event.toml", line).field(key)
}

fn typed(asked: &Asked, own_year: i16, zones: &ZoneSet, faults: &mut Faults) -> DatesRow {
    let option = |text: &Option<String>, name: &'static str| {
        let text = text.as_ref()?.trim().to_owned();
        Some((text, Place::file(name)))
    };
    let texts = Texts {
        rule: option(&asked.rule, "--rule"),
        from: option(&asked.from, "--from"),
        to: option(&asked.to, "--to"),
        weekdays: option(&asked.weekdays, "--weekdays"),
        start: option(&asked.start, "--start"),
        zone: option(&asked.zone, "--zone"),
        list: asked
            .dates
            .iter()
            .map(|text| (text.trim().to_owned(), Place::file("--date")))
            .collect(),
    };
    texts.read(Some(own_year), zones, faults)
}

type Text = (String, Place<'static>);

/// The texts of one source, before they are read.
struct Texts {
    rule: Option<Text>,
    from: Option<Text>,
    to: Option<Text>,
    weekdays: Option<Text>,
    start: Option<Text>,
    zone: Option<Text>,
    list: Vec<Text>,
}

impl Texts {
    fn read(self, own_year: Option<i16>, zones: &ZoneSet, faults: &mut Faults) -> DatesRow {
        self.contradictions(faults);
        let mut row = DatesRow::default();
        if let Some((text, place)) = &self.rule {
            row = sentence::read(text, own_year, zones, place, faults).unwrap_or_default();
        }
        let mut day = |said: &Option<Text>| {
            let (text, place) = said.as_ref()?;
            date(text, place, faults)
        };
        row.from = day(&self.from).or(row.from);
        row.to = day(&self.to).or(row.to);
        if let Some((text, place)) = &self.weekdays {
            row.weekdays = sentence::days(text);
            if row.weekdays.is_none() {
                faults.add(
                    place,
                    FaultCode::F035,
                    format!("{text:?} names no days of the week"),
                    "write mon, tue, wed, thu, fri, sat, sun, weekdays, weekends or daily",
                );
            }
        }
        if let Some((text, place)) = &self.start {
            row.start = civil::read_clock(text);
            if row.start.is_none() {
                let what = format!("{text:?} is no time of day");
                faults.add(place, FaultCode::F015, what, "write a time like 12:00");
            }
        }
        if let Some((text, place)) = &self.zone {
            row.zone = words::zone(text, zones, place, faults);
        }
        for (text, place) in self.list {
            let moment = civil::moment(&text, &place, faults);
            row.list.extend(moment.map(|moment| (moment, place)));
        }
        row
    }

    /// A rule says it all, and a list names every date.
    fn contradictions(&self, faults: &mut Faults) {
        let parts = [&self.from, &self.to, &self.weekdays, &self.start];
        let mut parts = parts.into_iter().flatten();
        let further = parts.next();
        if let (Some((_, place)), Some((_, other))) = (&self.rule, further.or(self.zone.as_ref())) {
            faults.add(
                place,
                FaultCode::F040,
                format!("a whole rule stands beside {}", named(other)),
                "write the one or the other",
            );
        }
        if let (Some((_, place)), Some((_, other))) =
            (self.list.first(), further.or(self.rule.as_ref()))
        {
            faults.add(
                place,
                FaultCode::F040,
                format!("a list of dates stands beside {}", named(other)),
                "give a list or a rule",
            );
        }
    }
}

/// The key or option that a place is.
fn named(place: &Place<'_>) -> String {
    place.field.clone().unwrap_or_else(|| place.file.to_owned())
}

fn date(text: &str, place: &Place<'_>, faults: &mut Faults) -> Option<Date> {
    let date = civil::read_date(text);
    if let Err(what) = &date {
        faults.add(
            place,
            FaultCode::F015,
            what.clone(),
            "write a date like 2024-08-24",
        );
    }
    date.ok()
}

/// What was typed, and the rest as it is written.
fn over(typed: DatesRow, written: DatesRow) -> DatesRow {
    let zone = typed.zone.or(written.zone);
    if !typed.list.is_empty() {
        return DatesRow { zone, ..typed };
    }
    let rule = typed.weekdays.is_some() || typed.from.is_some() || typed.to.is_some();
    DatesRow {
        weekdays: typed.weekdays.or(written.weekdays),
        from: typed.from.or(written.from),
        to: typed.to.or(written.to),
        start: typed.start.or(written.start),
        zone,
        list: if rule || typed.start.is_some() {
            Vec::new()
        } else {
            written.list
        },
        known: written.known,
    }
}

fn listed(row: &DatesRow, own: &Own, zones: &ZoneSet, faults: &mut Faults) -> Vec<Timestamp> {
    let zone = row.zone.as_ref().unwrap_or(&own.zone);
    let Ok(tz) = zones.zone(zone.as_str()) else {
        return Vec::new();
    };
    let mut starts: Vec<Timestamp> = Vec::new();
    for (moment, place) in &row.list {
        let Some(start) = civil::instant(*moment, zone, &tz, place, faults) else {
            continue;
        };
        if start.as_second() % 60 != 0 {
            faults.add(
                place,
                FaultCode::F034,
                "the start is not on a whole minute",
                "leave the seconds out",
            );
        }
        if starts.contains(&start) {
            let what = format!("{} is there twice", civil::local(start, &tz));
            faults.add(place, FaultCode::F025, what, "name each date once");
        }
        starts.push(start);
    }
    if let Some((_, place)) = row.list.get(MOST) {
        too_many(row.list.len(), place, faults);
    }
    starts.sort();
    starts
}

fn by_rule(row: &DatesRow, own: &Own, zones: &ZoneSet, faults: &mut Faults) -> Vec<Timestamp> {
    let zone = row.zone.as_ref().unwrap_or(&own.zone);
    let Ok(tz) = zones.zone(zone.as_str()) else {
        return Vec::new();
    };
    let place = Place::file("event.toml").field("dates");
    let (Some(from), Some(to)) = (row.from, row.to) else {
        faults.add(
            &place,
            FaultCode::F011,
            "it is not said which dates to compare",
            "add a table [dates] with from and to, or type --from and --to, --rule or --date",
        );
        return Vec::new();
    };
    if to < from {
        faults.add(
            &place,
            FaultCode::F016,
            format!("the last day {to} is before the first day {from}"),
            "write the first and the last day, both belong to it",
        );
        return Vec::new();
    }
    let time = row
        .start
        .unwrap_or_else(|| tz.to_datetime(own.instant).time());
    let mut starts = Vec::new();
    let mut day = from;
    while day <= to {
        let wanted = match row.weekdays {
            Some(days) => days.has(day.weekday()),
            None => day.weekday() == own.date.weekday(),
        };
        if wanted && day_exists(day, &tz) {
            starts.extend(boundary(day.to_datetime(time), &tz, Edge::Start));
        }
        match day.tomorrow() {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    if starts.is_empty() {
        faults.add(
            &place,
            FaultCode::F016,
            format!("no such day of the week lies between {from} and {to}"),
            "widen the span of days, or name other days of the week",
        );
    }
    if starts.len() > MOST {
        too_many(starts.len(), &place, faults);
    }
    starts
}

fn too_many(n: usize, place: &Place<'_>, faults: &mut Faults) {
    faults.add(
        place,
        FaultCode::F030,
        format!("there are {n} candidate dates, more than {MOST}"),
        "compare fewer at once: first one day of each week, then the days around the best",
    );
}
