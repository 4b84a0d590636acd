//! The event folder: from the bytes of its files to a problem, or to everything that is wrong with them.
//!
//! The stages: `files` (bytes → rows, still civil) → `resolve` (civil → instants) → `refer` and
//! `demand` (what the files say about each other) → `assemble` (rows → problem). Every stage takes what
//! the earlier ones could read and adds its faults, so that all are told at once. The format is described
//! in `docs/event-folder.md`.

mod assemble;
mod availability_csv;
mod dates;
mod demand;
mod event_toml;
mod files;
mod groups_toml;
mod known;
mod moved;
mod people_csv;
mod pins_csv;
mod policy;
mod refer;
mod regional;
mod regional_ics;
mod resolve;
mod sessions_csv;
mod table;
mod tree;

use std::collections::BTreeMap;

use meridian_model::{Problem, Timestamp, ZoneSet};

use crate::fault::{FaultCode, Faults, Place};
pub use dates::{Asked, candidates};
pub use known::Unknown;
pub use moved::Assumed;

/// The further folders that an `event.toml` names, relative to its own; empty when it cannot be read.
///
/// The caller loads their files too and hands them over under the path it is given here, such as
/// `../regional-2024/holidays.csv`.
#[must_use]
pub fn regional_folders(event_toml: &[u8]) -> Vec<String> {
    event_toml::regional(event_toml)
}

/// A row of a table as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// The line it begins on, counted from 1.
    pub line: Option<u64>,
    /// Its fields that are not blank, by column.
    pub fields: BTreeMap<String, String>,
}

/// The rows of a CSV file as all tables of an event folder are read, whatever their values mean; its columns are among
/// `columns`, and all of `needed` must be there.
///
/// # Errors
/// [`Faults`]: everything that keeps rows from being told apart.
pub fn table(
    bytes: &[u8],
    file: &str,
    columns: &[&str],
    needed: &[&str],
) -> Result<Vec<TableRow>, Faults> {
    let mut faults = Faults::default();
    let rows = table::rows(bytes, file, columns, needed, &mut faults);
    let rows = rows.map(|row| TableRow {
        line: row.line,
        fields: row.fields,
    });
    faults.or(Some(rows.items))
}

/// Reads an event folder: its files by their paths relative to it, with forward slashes.
///
/// # Errors
/// [`Faults`]: all that is wrong in all files.
pub fn read(files: &BTreeMap<String, Vec<u8>>, zones: &ZoneSet) -> Result<Problem, Faults> {
    let mut faults = Faults::default();
    let Some((rows, times)) = checked(files, zones, None, &mut faults) else {
        return faults.or(None);
    };
    let problem = assemble::assemble(&rows, &times, zones);
    whole(problem, faults)
}

/// The event as it would be at one candidate date.
#[derive(Clone, Debug)]
pub struct Dated {
    /// What would be asked of a planner: everything expanded anew for that date, no pins.
    pub problem: Problem,
    /// Whose hours are only assumed, because they spoke of the event's own date alone.
    pub assumed: Assumed,
    /// The kinds of regional events of which the folder knows too little to judge this date.
    pub unknown: Vec<Unknown>,
}

/// Reads an event folder as if the event started at `start`.
///
/// Rules, holidays, conferences, busy times, nights and clock changes are those of that date. What belongs to the
/// event (session windows, spans of duties) keeps its distance from the start; pins are left out. Whoever spoke by date
/// of the event's own date alone is assumed to say the same of the same hours of her clock.
///
/// # Errors
/// [`Faults`]: all that is wrong in all files.
pub fn read_at(
    files: &BTreeMap<String, Vec<u8>>,
    zones: &ZoneSet,
    start: Timestamp,
) -> Result<Dated, Faults> {
    let mut faults = Faults::default();
    let Some((mut rows, times)) = checked(files, zones, Some(start), &mut faults) else {
        return faults.or(None);
    };
    let assumed = moved::to(&mut rows, &times, zones, start).unwrap_or_default();
    let unknown = known::lacking(&rows, zones);
    let problem = assemble::assemble(&rows, &times, zones);
    whole(problem, faults).map(|problem| Dated {
        problem,
        assumed,
        unknown,
    })
}

/// The rows of a folder without fault, and where and when everybody is.
fn checked<'f>(
    files: &'f BTreeMap<String, Vec<u8>>,
    zones: &ZoneSet,
    at: Option<Timestamp>,
    faults: &mut Faults,
) -> Option<(files::Rows<'f>, resolve::Times)> {
    if !is_event(files, faults) {
        return None;
    }
    let mut rows = files::read(files, zones, at, faults);
    let times = resolve::resolve(&mut rows, zones, faults);
    refer::check(&rows, files, faults);
    demand::check(&rows, faults);
    faults.is_empty().then_some((rows, times))
}

fn is_event(files: &BTreeMap<String, Vec<u8>>, faults: &mut Faults) -> bool {
    let is = files.contains_key("event.toml");
    if !is {
        faults.add(
            &Place::file("event.toml"),
            FaultCode::F001,
            "this is not an event folder: it has no event.toml",
            "name the folder that holds event.toml, groups.toml and operators.csv",
        );
    }
    is
}

fn whole(problem: Option<Problem>, mut faults: Faults) -> Result<Problem, Faults> {
    if problem.is_none() {
        faults.add(
            &Place::file("event.toml"),
            FaultCode::F011,
            "the folder is incomplete in a way that no file tells",
            "compare it with docs/event-folder.md",
        );
    }
    faults.or(problem)
}
