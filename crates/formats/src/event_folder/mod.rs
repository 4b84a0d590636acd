//! The event folder: from the bytes of its files to a problem, or to everything that is wrong with them.
//!
//! The stages: `files` (bytes → rows, still civil) → `resolve` (civil → instants) → `refer` and
//! `demand` (what the files say about each other) → `assemble` (rows → problem). Every stage takes what
//! the earlier ones could read and adds its faults, so that all are told at once. The format is described
//! in `docs/event-folder.md`.

mod assemble;
mod availability_csv;
mod demand;
mod event_toml;
mod files;
mod groups_toml;
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

use meridian_model::{Problem, ZoneSet};

use crate::fault::{FaultCode, Faults, Place};

/// The further folders that an `event.toml` names, relative to its own; empty when it cannot be read.
///
/// The caller loads their files too and hands them over under the path it is given here, such as
/// `../regional-2024/holidays.csv`.
#[must_use]
pub fn regional_folders(event_toml: &[u8]) -> Vec<String> {
    event_toml::regional(event_toml)
}

/// Reads an event folder: its files by their paths relative to it, with forward slashes.
///
/// # Errors
/// [`Faults`]: all that is wrong in all files.
pub fn read(files: &BTreeMap<String, Vec<u8>>, zones: &ZoneSet) -> Result<Problem, Faults> {
    let mut faults = Faults::default();
    if !files.contains_key("event.toml") {
        faults.add(
            &Place::file("event.toml"),
            FaultCode::F001,
            "this is not an event folder: it has no event.toml",
            "name the folder that holds event.toml, groups.toml and operators.csv",
        );
        return faults.or(None);
    }
    let mut rows = files::read(files, zones, &mut faults);
    let times = resolve::resolve(&mut rows, zones, &mut faults);
    refer::check(&rows, files, &mut faults);
    demand::check(&rows, &mut faults);
    if !faults.is_empty() {
        return faults.or(None);
    }
    let problem = assemble::assemble(&rows, &times, zones);
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
