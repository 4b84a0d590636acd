//! The files of an event folder: which is which, and each one's rows.

use std::collections::BTreeMap;

use meridian_model::{Span, Timestamp, ZoneSet};

use super::availability_csv::{self, Person, TimeRow, Who};
use super::event_toml::{self, EventRow};
use super::groups_toml::{self, GroupRow};
use super::people_csv::{self, OperatorRow, SpeakerRow};
use super::pins_csv::{self, PinRow};
use super::policy;
use super::regional::{self, RegionalRow};
use super::regional_ics;
use super::resolve::{padded, starting, wide};
use super::sessions_csv::{self, SessionRow};
use super::table::Listed;
use crate::fault::{FaultCode, Faults, Place};

/// Everything that the files say, file by file.
#[derive(Debug)]
pub(crate) struct Rows<'f> {
    pub(crate) event: Option<EventRow>,
    pub(crate) groups: Listed<GroupRow>,
    pub(crate) operators: Listed<OperatorRow>,
    pub(crate) speakers: Listed<SpeakerRow>,
    pub(crate) sessions: Listed<SessionRow>,
    /// `availability.csv` and `busy.csv`.
    pub(crate) times: Vec<TimeRow>,
    pub(crate) calendars: Vec<CalendarFile<'f>>,
    pub(crate) regional: Vec<RegionalRow>,
    pub(crate) pins: Vec<PinRow>,
    /// What people's calendars are read for: the time around the event, at the date it is planned for.
    pub(crate) within: Option<Span>,
    /// The same for regional calendars; wider when dates are compared, to see which time they know of.
    pub(crate) regional_within: Option<Span>,
}

/// A file of `calendars/`.
#[derive(Debug)]
pub(crate) struct CalendarFile<'f> {
    pub(crate) file: &'f str,
    pub(crate) who: Option<Person>,
    pub(crate) bytes: &'f [u8],
}

const FILES: &str = "event.toml, groups.toml, operators.csv, speakers.csv, sessions.csv, availability.csv, busy.csv, \
pins.csv, calendars/*.ics, regional/*.csv|json|ics, README.md, SOURCE.md, LICENSE*";

/// Reads every file; `at` is where the event is planned to start instead of its own date.
pub(crate) fn read<'f>(
    files: &'f BTreeMap<String, Vec<u8>>,
    zones: &ZoneSet,
    at: Option<Timestamp>,
    faults: &mut Faults,
) -> Rows<'f> {
    let get = |name: &'static str| files.get(name).map(|bytes| (bytes.as_slice(), name));
    let event =
        get("event.toml").and_then(|(bytes, name)| event_toml::read(bytes, name, zones, faults));
    let cell = event.as_ref().and_then(|event| event.cell_min);
    for name in ["groups.toml", "operators.csv"] {
        if !files.contains_key(name) {
            faults.add(
                &Place::file(name),
                FaultCode::F011,
                "the file is missing",
                "add it: an event needs it",
            );
        }
    }
    let groups = match (get("groups.toml"), &event) {
        (Some((bytes, name)), Some(event)) => {
            groups_toml::read(bytes, name, &event.policy, zones, faults)
        }
        (Some((bytes, name)), None) => {
            groups_toml::read(bytes, name, &policy::defaults(5), zones, faults)
        }
        (None, _) => Listed::nothing(false),
    };
    let own = event.as_ref().and_then(|event| event.horizon);
    let within = own.map(|own| padded(at.and_then(|start| starting(own, start)).unwrap_or(own)));
    let mut rows = Rows {
        groups,
        operators: get("operators.csv").map_or(Listed::nothing(false), |(bytes, name)| {
            people_csv::operators(bytes, name, zones, faults)
        }),
        speakers: get("speakers.csv").map_or(Listed::nothing(true), |(bytes, name)| {
            people_csv::speakers(bytes, name, zones, faults)
        }),
        sessions: get("sessions.csv").map_or(Listed::nothing(true), |(bytes, name)| {
            sessions_csv::read(bytes, name, cell, zones, faults)
        }),
        times: Vec::new(),
        calendars: Vec::new(),
        regional: Vec::new(),
        pins: get("pins.csv").map_or_else(Vec::new, |(bytes, name)| {
            pins_csv::read(bytes, name, cell, zones, faults)
        }),
        within,
        regional_within: within.map(|span| if at.is_some() { wide(span) } else { span }),
        event,
    };
    if let Some((bytes, name)) = get("availability.csv") {
        rows.times
            .extend(availability_csv::availability(bytes, name, zones, faults));
    }
    if let Some((bytes, name)) = get("busy.csv") {
        rows.times
            .extend(availability_csv::busy(bytes, name, zones, faults));
    }
    for (path, bytes) in files {
        other(path, bytes, zones, &mut rows, faults);
    }
    absent_folders(files, &rows, faults);
    rows
}

/// Reads a file of a sub-folder or of a further folder; says so when it is none that is known.
fn other<'f>(
    path: &'f str,
    bytes: &'f [u8],
    zones: &ZoneSet,
    rows: &mut Rows<'f>,
    faults: &mut Faults,
) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let hidden = path
        .split('/')
        .any(|part| part.starts_with('.') && part != "." && part != "..");
    let for_people =
        matches!(name, "README.md" | "SOURCE.md" | "expected.txt") || name.starts_with("LICENSE");
    if hidden || for_people || (folder.is_empty() && ROOT.contains(&name)) {
        return;
    }
    let further = rows
        .event
        .as_ref()
        .is_some_and(|event| event.regional.iter().any(|at| at.value == folder));
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    match (folder, extension) {
        ("calendars", Some("ics")) => rows.calendars.push(calendar(path, name, bytes, faults)),
        (_, Some("csv")) if further || folder == "regional" => {
            rows.regional
                .extend(regional::csv(bytes, path, zones, faults));
        }
        (_, Some("json")) if further || folder == "regional" => {
            rows.regional
                .extend(regional::json(bytes, path, zones, faults));
        }
        (_, Some("ics")) if further || folder == "regional" => {
            rows.regional.extend(regional_ics::read(
                bytes,
                path,
                rows.regional_within,
                zones,
                faults,
            ));
        }
        _ => faults.add(
            &Place::file(path),
            FaultCode::F004,
            "no part of an event folder is called this",
            format!("move it elsewhere, or rename it; the files are: {FILES}"),
        ),
    }
}

const ROOT: [&str; 8] = [
    "event.toml",
    "groups.toml",
    "operators.csv",
    "speakers.csv",
    "sessions.csv",
    "availability.csv",
    "busy.csv",
    "pins.csv",
];

fn calendar<'f>(
    path: &'f str,
    name: &str,
    bytes: &'f [u8],
    faults: &mut Faults,
) -> CalendarFile<'f> {
    let stem = name.strip_suffix(".ics").unwrap_or(name);
    let who = match stem.split_once('-') {
        Some(("operator", id)) => Some((Who::Operator, id.to_owned())),
        Some(("speaker", id)) => Some((Who::Speaker, id.to_owned())),
        _ => None,
    };
    if who.is_none() {
        faults.add(
            &Place::file(path),
            FaultCode::F037,
            "the calendar is named after nobody",
            "call it operator-ID.ics or speaker-ID.ics, with the person's identifier",
        );
    }
    CalendarFile {
        file: path,
        who,
        bytes,
    }
}

/// A folder that `event.toml` names and that is not there.
fn absent_folders(files: &BTreeMap<String, Vec<u8>>, rows: &Rows<'_>, faults: &mut Faults) {
    for at in rows.event.iter().flat_map(|event| &event.regional) {
        let there = files.keys().any(|path| {
            path.rsplit_once('/')
                .is_some_and(|(folder, _)| folder == at.value)
        });
        if !there {
            faults.add(
                &Place::line("event.toml", at.line).field("regional"),
                FaultCode::F011,
                format!("the folder {:?} is missing or empty", at.value),
                "correct the path, which is relative to this folder, or leave it out",
            );
        }
    }
}
