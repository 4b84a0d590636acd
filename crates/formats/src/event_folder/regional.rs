//! `regional/`: conferences and holidays, as CSV or JSON. Calendars become the same rows.

use std::collections::BTreeMap;

use jiff::civil::Date;
use meridian_model::{Impact, RegionalKind, ZoneSet};

use super::people_csv::id;
use super::policy::IMPACTS;
use super::sessions_csv::{Window, window};
use super::table::{self, Row};
use crate::civil;
use crate::fault::{FaultCode, Faults, Place};
use crate::text::{MAX_ROWS, decode, nearest};
use crate::words;

/// A regional event before it is known whom it concerns.
#[derive(Debug)]
pub(crate) struct RegionalRow {
    pub(crate) id: Option<String>,
    pub(crate) title: String,
    pub(crate) kind: RegionalKind,
    pub(crate) impact: Option<Impact>,
    pub(crate) when: Option<When>,
    pub(crate) scope: Scope,
    pub(crate) place: (String, Option<u64>),
}

/// When a regional event is.
#[derive(Debug)]
pub(crate) enum When {
    /// First and last day, in each concerned group's own zone.
    Days(Date, Date),
    Times(Window),
}

/// Whom a regional event concerns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) countries: Vec<String>,
    pub(crate) subdivisions: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) global: bool,
}

const COLUMNS: [&str; 11] = [
    "id",
    "title",
    "kind",
    "start",
    "end",
    "zone",
    "countries",
    "subdivisions",
    "groups",
    "global",
    "impact",
];

/// Reads a CSV file of `regional/`.
pub(crate) fn csv(
    bytes: &[u8],
    file: &str,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Vec<RegionalRow> {
    let rows = table::rows(
        bytes,
        file,
        &COLUMNS,
        &["id", "title", "kind", "start", "end"],
        faults,
    );
    rows.map(|row| event(&row, zones, faults)).items
}

/// Reads a JSON file of `regional/`.
pub(crate) fn json(
    bytes: &[u8],
    file: &str,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Vec<RegionalRow> {
    let Some(text) = decode(bytes, file, faults) else {
        return Vec::new();
    };
    let items: Vec<BTreeMap<String, serde_json::Value>> = match serde_json::from_str(text) {
        Ok(items) => items,
        Err(error) => {
            crate::document::fault(
                &error,
                file,
                "write an array of objects, as docs/event-folder.md shows",
                faults,
            );
            return Vec::new();
        }
    };
    if items.len() > MAX_ROWS {
        faults.add(
            &Place::file(file),
            FaultCode::F003,
            format!("the file has more than {MAX_ROWS} items"),
            "keep only the items that matter for this event",
        );
        return Vec::new();
    }
    let starts = crate::document::item_lines(text);
    let mut events = Vec::new();
    for (n, item) in items.into_iter().enumerate() {
        let prefix = format!("item {}, ", n + 1);
        let line = starts.get(n).copied();
        let mut row = Row {
            file,
            line,
            prefix,
            fields: BTreeMap::new(),
            whole: true,
        };
        for (key, value) in item {
            field(&mut row, key, &value, faults);
        }
        events.push(event(&row, zones, faults));
    }
    events
}

/// Puts a JSON value into a row as the text that CSV would have.
fn field(row: &mut Row<'_>, key: String, value: &serde_json::Value, faults: &mut Faults) {
    use serde_json::Value;
    if !COLUMNS.contains(&key.as_str()) {
        let remedy = match nearest(&key, COLUMNS) {
            Some(meant) => format!(
                "perhaps {meant} is meant; the keys are: {}",
                COLUMNS.join(", ")
            ),
            None => format!("leave it out; the keys are: {}", COLUMNS.join(", ")),
        };
        faults.add(
            &row.place(&key),
            FaultCode::F009,
            format!("the key {key:?} is unknown"),
            remedy,
        );
        return;
    }
    let text = match value {
        Value::Null => return,
        Value::String(text) => text.trim().to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(members) if members.iter().all(Value::is_string) => {
            let members: Vec<&str> = members.iter().filter_map(Value::as_str).collect();
            members.join(" ")
        }
        Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            faults.add(
                &row.place(&key),
                FaultCode::F031,
                format!("{key} is neither a text, a list of texts, true nor false"),
                "write a text in double quotes, or a list of texts",
            );
            row.whole = false;
            return;
        }
    };
    if !text.is_empty() {
        row.fields.insert(key, text);
    }
}

fn event(row: &Row<'_>, zones: &ZoneSet, faults: &mut Faults) -> RegionalRow {
    let kinds = [
        ("holiday", RegionalKind::Holiday),
        ("conference", RegionalKind::Conference),
        ("other", RegionalKind::Other),
    ];
    RegionalRow {
        id: id(row, faults),
        title: row.need("title", faults).unwrap_or_default().to_owned(),
        kind: row
            .need("kind", faults)
            .and_then(|text| words::choice(text, &kinds, &row.place("kind"), faults))
            .unwrap_or(RegionalKind::Other),
        impact: row
            .get("impact")
            .and_then(|text| words::choice(text, &IMPACTS, &row.place("impact"), faults)),
        when: when(row, zones, faults),
        scope: scope(row, faults),
        place: (row.file.to_owned(), row.line),
    }
}

/// Two dates, or two times with a zone.
fn when(row: &Row<'_>, zones: &ZoneSet, faults: &mut Faults) -> Option<When> {
    let (start, end) = (row.need("start", faults), row.need("end", faults));
    let (start, end) = (start?, end?);
    if start.len() != 10 || end.len() != 10 {
        let window = window(row, ["start", "end", "zone"], zones, faults)?;
        let civil = |moment| matches!(moment, civil::Moment::Civil(_));
        if (civil(window.start) || civil(window.end)) && !window.zone_given {
            faults.add(
                &row.place("zone"),
                FaultCode::F011,
                "the times have no zone",
                "fill in the zone of the place where it happens, or write dates for whole days",
            );
            return None;
        }
        return Some(When::Times(window));
    }
    if row.get("zone").is_some() {
        faults.add(
            &row.place("zone"),
            FaultCode::F040,
            "whole days have a zone",
            "leave the zone blank: whole days are those of each group's own zone",
        );
    }
    let mut date = |text: &str, column: &str| {
        let date = civil::read_date(text);
        if let Err(what) = &date {
            faults.add(
                &row.place(column),
                FaultCode::F015,
                what.clone(),
                "write a date like 2024-08-24",
            );
        }
        date.ok()
    };
    let (first, last) = (date(start, "start"), date(end, "end"));
    let (first, last) = (first?, last?);
    if last < first {
        faults.add(
            &row.place("end"),
            FaultCode::F016,
            format!("the last day {last} is before the first day {first}"),
            "write the first and the last day, both belong to it",
        );
        return None;
    }
    Some(When::Days(first, last))
}

fn scope(row: &Row<'_>, faults: &mut Faults) -> Scope {
    let global = row.get("global").and_then(|text| {
        words::choice(
            text,
            &[("true", true), ("false", false)],
            &row.place("global"),
            faults,
        )
    });
    let countries = words::list(row.get("countries").unwrap_or_default());
    let subdivisions = words::list(row.get("subdivisions").unwrap_or_default());
    let scope = Scope {
        countries: countries
            .filter_map(|text| words::country(text, &row.place("countries"), faults))
            .collect(),
        subdivisions: subdivisions
            .filter_map(|text| words::subdivision(text, None, &row.place("subdivisions"), faults))
            .collect(),
        groups: words::list(row.get("groups").unwrap_or_default())
            .map(str::to_owned)
            .collect(),
        global: global.unwrap_or(false),
    };
    let said = ["countries", "subdivisions", "groups"]
        .iter()
        .any(|column| row.get(column).is_some());
    if !said && global != Some(true) && row.whole {
        faults.add(
            &row.place("countries"),
            FaultCode::F011,
            "it concerns nobody",
            "name countries, subdivisions or groups, or write true under global",
        );
    }
    scope
}
