//! `sessions.csv`: the talks.

use std::collections::BTreeSet;

use meridian_model::{Delivery, Priority, Span, ZoneName, ZoneSet};

use super::people_csv::{id, number};
use super::table::{self, Listed, Row};
use crate::civil::{self, Moment};
use crate::fault::{FaultCode, Faults, Place};
use crate::words;

/// A row of `sessions.csv`.
#[derive(Debug)]
pub(crate) struct SessionRow {
    pub(crate) id: Option<String>,
    pub(crate) title: String,
    pub(crate) kind: String,
    pub(crate) length_min: Option<u32>,
    pub(crate) changeover_min: u32,
    pub(crate) language: Option<String>,
    pub(crate) speakers: Vec<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) priority: Priority,
    pub(crate) delivery: Delivery,
    pub(crate) group: Option<String>,
    pub(crate) tracks: Vec<String>,
    pub(crate) window: Option<Window>,
    pub(crate) line: u64,
}

/// Two civil times or instants, and the zone the civil ones are in; the instants once they are resolved.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(crate) start: Moment,
    pub(crate) end: Moment,
    /// `None`: somebody's own zone, or a zone that is not known.
    pub(crate) zone: Option<ZoneName>,
    /// Whether a zone was written, be it a known one or not.
    pub(crate) zone_given: bool,
    pub(crate) span: Option<Span>,
}

impl Window {
    /// Finds the instants; `own` is the zone where none is written.
    pub(crate) fn resolve(
        &mut self,
        own: Option<&ZoneName>,
        zones: &ZoneSet,
        places: (&Place<'_>, &Place<'_>),
        faults: &mut Faults,
    ) {
        let instants = matches!(
            (self.start, self.end),
            (Moment::Instant(_), Moment::Instant(_))
        );
        let utc = ZoneName::new("UTC");
        let zone = match (&self.zone, self.zone_given) {
            (Some(zone), _) => Some(zone),
            (None, false) => own,
            (None, true) => None,
        };
        let Some(zone) = zone.or(instants.then_some(&utc)) else {
            return;
        };
        let Ok(tz) = zones.zone(zone.as_str()) else {
            return;
        };
        self.span = civil::span((self.start, self.end), zone, &tz, places, faults);
    }
}

const COLUMNS: [&str; 15] = [
    "id",
    "title",
    "kind",
    "length_min",
    "changeover_min",
    "language",
    "speakers",
    "tags",
    "priority",
    "delivery",
    "group",
    "tracks",
    "window_start",
    "window_end",
    "window_zone",
];

/// Reads `sessions.csv`.
pub(crate) fn read(
    bytes: &[u8],
    file: &str,
    cell: Option<u32>,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Listed<SessionRow> {
    let needed = ["id", "title", "kind", "length_min", "language"];
    let rows = table::rows(bytes, file, &COLUMNS, &needed, faults);
    rows.map(|row| session(&row, cell.unwrap_or(0), zones, faults))
}

fn session(row: &Row<'_>, cell: u32, zones: &ZoneSet, faults: &mut Faults) -> SessionRow {
    let priorities = [
        ("must", Priority::Must),
        ("should", Priority::Should),
        ("filler", Priority::Filler),
    ];
    let deliveries = [("live", Delivery::Live), ("recorded", Delivery::Recorded)];
    row.need("length_min", faults);
    SessionRow {
        id: id(row, faults),
        title: row.need("title", faults).unwrap_or_default().to_owned(),
        kind: row.need("kind", faults).unwrap_or_default().to_owned(),
        length_min: minutes(row, "length_min", 1..=1440, cell, faults),
        changeover_min: minutes(row, "changeover_min", 0..=240, cell, faults).unwrap_or(0),
        language: row
            .need("language", faults)
            .and_then(|text| words::language(text, &row.place("language"), faults)),
        speakers: listed(row, "speakers", faults),
        tags: listed(row, "tags", faults),
        priority: row
            .get("priority")
            .and_then(|text| words::choice(text, &priorities, &row.place("priority"), faults))
            .unwrap_or(Priority::Should),
        delivery: row
            .get("delivery")
            .and_then(|text| words::choice(text, &deliveries, &row.place("delivery"), faults))
            .unwrap_or(Delivery::Live),
        group: row.get("group").map(str::to_owned),
        tracks: listed(row, "tracks", faults),
        window: window(
            row,
            ["window_start", "window_end", "window_zone"],
            zones,
            faults,
        ),
        line: row.line.unwrap_or(1),
    }
}

fn minutes(
    row: &Row<'_>,
    column: &str,
    range: std::ops::RangeInclusive<u32>,
    cell: u32,
    faults: &mut Faults,
) -> Option<u32> {
    let least = *range.start();
    let minutes = number(row, column, range, faults)?;
    words::on_grid(minutes, least, cell, "cell", &row.place(column), faults)
}

/// The members of a list, each once.
fn listed(row: &Row<'_>, column: &str, faults: &mut Faults) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut members: Vec<String> = Vec::new();
    for member in words::list(row.get(column).unwrap_or_default()) {
        if seen.insert(member) {
            members.push(member.to_owned());
        } else {
            let what = format!("{member} is there twice");
            faults.add(&row.place(column), FaultCode::F025, what, "name each once");
        }
    }
    members
}

/// The window of a row: both ends or neither.
pub(crate) fn window(
    row: &Row<'_>,
    columns: [&str; 3],
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Option<Window> {
    let [start, end, zone] = columns;
    let zone_given = row.get(zone).is_some();
    let zone_name = row
        .get(zone)
        .and_then(|text| words::zone(text, zones, &row.place(zone), faults));
    let one_missing = match (row.get(start), row.get(end)) {
        (Some(_), None) => Some(end),
        (None, Some(_)) => Some(start),
        _ => None,
    };
    if let Some(missing) = one_missing {
        faults.add(
            &row.place(missing),
            FaultCode::F011,
            format!("{missing} is blank, but the other end of the window is not"),
            "fill in both ends or neither",
        );
    }
    let start = row
        .get(start)
        .and_then(|text| civil::moment(text, &row.place(start), faults));
    let end = row
        .get(end)
        .and_then(|text| civil::moment(text, &row.place(end), faults));
    Some(Window {
        start: start?,
        end: end?,
        zone: zone_name,
        zone_given,
        span: None,
    })
}
