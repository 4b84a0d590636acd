//! From civil times to instants, for every row that names one, and whether windows go together.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use meridian_model::{Grade, Horizon, Span, Timestamp, ZoneName, ZoneSet};

use super::availability_csv::{Person, Says, Who};
use super::event_toml::on_cells;
use super::files::Rows;
use super::regional::When;
use crate::fault::{FaultCode, Faults, Place};
use crate::rules::overlapping;

/// Where people and groups are, and their calendars' busy times.
#[derive(Debug, Default)]
pub(crate) struct Times {
    /// The zones of everybody whose zone is known.
    pub(crate) zones: BTreeMap<Person, ZoneName>,
    /// Busy times from calendars.
    pub(crate) busy: BTreeMap<Person, Vec<Span>>,
}

impl Times {
    pub(crate) fn zone(&self, who: Who, id: &str) -> Option<&ZoneName> {
        self.zones.get(&(who, id.to_owned()))
    }

    pub(crate) fn tz(&self, who: Who, id: &str, zones: &ZoneSet) -> Option<TimeZone> {
        zones.zone(self.zone(who, id)?.as_str()).ok()
    }
}

/// The horizon and a day on each side: nights, rests and handovers reach out of it.
pub(crate) fn padded(horizon: Horizon) -> Span {
    const DAY: i64 = 24 * 60 * 60;
    let at = |instant: Timestamp, by: i64| {
        Timestamp::from_second(instant.as_second() + by).unwrap_or(instant)
    };
    Span::new(at(horizon.start(), -DAY), at(horizon.end(), DAY)).unwrap_or(horizon.span())
}

/// A year more on each side: what recurs every year is seen to.
pub(crate) fn wide(span: Span) -> Span {
    const YEAR: i64 = 370 * 24 * 60 * 60;
    let at = |instant: Timestamp, by: i64| {
        Timestamp::from_second(instant.as_second() + by).unwrap_or(instant)
    };
    Span::new(at(span.start(), -YEAR), at(span.end(), YEAR)).unwrap_or(span)
}

/// The same horizon from another start.
pub(crate) fn starting(own: Horizon, start: Timestamp) -> Option<Horizon> {
    Horizon::new(start, own.cell_min(), own.n_cells()).ok()
}

/// Finds the instants of every civil time.
pub(crate) fn resolve(rows: &mut Rows<'_>, zones: &ZoneSet, faults: &mut Faults) -> Times {
    let mut times = Times {
        zones: homes(rows),
        busy: BTreeMap::new(),
    };
    for row in &mut rows.times {
        let (Some((who, id)), Some(says)) = (&row.who, &mut row.says) else {
            continue;
        };
        let (Says::Dated(_, window) | Says::Busy(window)) = says else {
            continue;
        };
        let place = Place::line(&row.file, row.line);
        window.resolve(
            times.zone(*who, id),
            zones,
            (&place.field("start"), &place.field("end")),
            faults,
        );
    }
    let event_zone = rows.event.as_ref().and_then(|event| event.zone.clone());
    for row in &mut rows.sessions.items {
        let place = Place::line("sessions.csv", row.line);
        if let Some(window) = &mut row.window {
            let places = (&place.field("window_start"), &place.field("window_end"));
            window.resolve(event_zone.as_ref(), zones, places, faults);
        }
    }
    let horizon = rows.event.as_ref().and_then(|event| event.horizon);
    let event_tz = event_zone
        .as_ref()
        .and_then(|zone| zones.zone(zone.as_str()).ok());
    for row in &mut rows.pins {
        let place = Place::line("pins.csv", row.line);
        if let Some(window) = &mut row.window {
            window.resolve(
                event_zone.as_ref(),
                zones,
                (&place.field("start"), &place.field("end")),
                faults,
            );
            if let (Some(span), Some(horizon), Some(tz)) = (window.span, horizon, &event_tz) {
                window.span = on_cells(span, horizon, tz, &place.field("start"), faults);
            }
        }
    }
    for row in &mut rows.regional {
        let place = Place {
            file: &row.place.0,
            line: row.place.1,
            field: None,
        };
        if let Some(When::Times(window)) = &mut row.when {
            window.resolve(
                None,
                zones,
                (&place.field("start"), &place.field("end")),
                faults,
            );
        }
    }
    overlaps(rows, faults);
    times.busy = calendars(rows, &times, zones, faults);
    times
}

/// The busy times of every calendar whose owner is known.
fn calendars(
    rows: &Rows<'_>,
    times: &Times,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> BTreeMap<Person, Vec<Span>> {
    let mut busy: BTreeMap<Person, Vec<Span>> = BTreeMap::new();
    let Some(within) = rows.within else {
        return busy;
    };
    for calendar in &rows.calendars {
        let Some(person) = &calendar.who else {
            continue;
        };
        let Some(zone) = times.zones.get(person) else {
            continue;
        };
        match crate::busy::import(calendar.bytes, calendar.file, zones, zone, within) {
            Ok(spans) => busy.entry(person.clone()).or_default().extend(spans),
            Err(of_calendar) => faults.0.extend(of_calendar.0),
        }
    }
    busy
}

/// Everybody's zone: her own, or her group's where she gave none.
fn homes(rows: &Rows<'_>) -> BTreeMap<Person, ZoneName> {
    let mut homes = BTreeMap::new();
    for row in rows.groups.iter() {
        if let (Some(id), Some(zone)) = (&row.id, &row.zone) {
            homes.insert((Who::Group, id.clone()), zone.clone());
        }
    }
    let mut people = Vec::new();
    for row in rows.operators.iter() {
        let home = home(&homes, (&row.zone, row.zone_given), row.group.as_deref());
        people.extend(
            row.id
                .clone()
                .zip(home)
                .map(|(id, home)| ((Who::Operator, id), home)),
        );
    }
    for row in rows.speakers.iter() {
        let home = home(&homes, (&row.zone, row.zone_given), row.group.as_deref());
        people.extend(
            row.id
                .clone()
                .zip(home)
                .map(|(id, home)| ((Who::Speaker, id), home)),
        );
    }
    homes.extend(people);
    homes
}

fn home(
    homes: &BTreeMap<Person, ZoneName>,
    (own, given): (&Option<ZoneName>, bool),
    group: Option<&str>,
) -> Option<ZoneName> {
    if given {
        return own.clone();
    }
    homes.get(&(Who::Group, group?.to_owned())).cloned()
}

/// A stretch of time that a row offers, and the row's line and file.
type Offered<'r> = (Span, (u64, &'r str));

/// Two dated rows of one person that both offer a grade for the same time.
fn overlaps(rows: &Rows<'_>, faults: &mut Faults) {
    let mut offered: BTreeMap<&Person, Vec<Offered<'_>>> = BTreeMap::new();
    for row in &rows.times {
        if let (Some(who), Some(Says::Dated(grade, window))) = (&row.who, &row.says)
            && *grade > Grade::Impossible
            && let Some(span) = window.span
        {
            let spans = offered.entry(who).or_default();
            spans.push((span, (row.line, &row.file)));
        }
    }
    for pair in offered.into_values().flat_map(overlapping) {
        let [(_, (line, file)), (_, (other, _))] = pair;
        faults.add(
            &Place::line(file, line.max(other)).field("start"),
            FaultCode::F017,
            format!("the window overlaps the one on line {}", line.min(other)),
            "say one grade for each time: end one where the other begins",
        );
    }
}
