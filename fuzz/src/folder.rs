//! Event folders: one good event of which one file is the fuzzer's.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use meridian_formats::event_folder::{self, Asked};
use meridian_formats::{Faults, problem};
use meridian_model::{Problem, ZoneSet};

pub(crate) static ZONES: LazyLock<ZoneSet> = LazyLock::new(ZoneSet::embedded);

type Files = BTreeMap<String, Vec<u8>>;

const EVENT: &str = r#"
format = "meridian-event/1"
id = "small"
title = "Small"
zone = "Europe/Berlin"
start = "2026-03-28T12:00"
hours = 24
cell_min = 5
language = "en"
tracks = [{ id = "a" }]
roles = [{ id = "engineer" }]
duties = [{ id = "engineer-a", role = "engineer", tracks = ["a"] }]
"#;

const GROUPS: &str = r#"
[[groups]]
id = "berlin"
zone = "Europe/Berlin"
country = "DE"
languages = ["en"]
size = 40
hosting = ["daily 14:00-20:00"]

[[groups]]
id = "kathmandu"
zone = "Asia/Kathmandu"
country = "NP"
languages = ["ne", "en"]
size = 30
"#;

pub(crate) fn small() -> Files {
    let files = [
        ("event.toml", EVENT),
        ("groups.toml", GROUPS),
        (
            "operators.csv",
            "id,group,skills\notter,berlin,engineer\nyak,kathmandu,engineer?\n",
        ),
        ("speakers.csv", "id,group\nspeaker-01,kathmandu\n"),
    ];
    files
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
        .into()
}

/// The first line names the file, the rest is what stands in it.
fn with_one(bytes: &[u8], names: &[&str]) -> Option<Files> {
    let at = bytes.iter().position(|&byte| byte == b'\n')?;
    let name = std::str::from_utf8(&bytes[..at]).ok()?;
    let mut files = small();
    files.insert(
        (*names.iter().find(|&&known| known == name)?).to_owned(),
        bytes[at + 1..].to_vec(),
    );
    Some(files)
}

/// Whether everything that is told can be acted on: where, what, what to do; in order, each once.
pub(crate) fn told(faults: &Faults) {
    assert!(!faults.is_empty(), "refused without a reason");
    for fault in &faults.0 {
        assert!(!fault.file.is_empty() && !fault.what.is_empty() && !fault.remedy.is_empty());
        assert!(fault.line != Some(0), "lines are counted from 1");
    }
    let place = |fault: &meridian_formats::Fault| (fault.file.clone(), fault.line, fault.code);
    assert!(
        faults
            .0
            .windows(2)
            .all(|pair| place(&pair[0]) <= place(&pair[1]))
    );
}

/// A problem is written and read again as the same, under the same digest.
pub(crate) fn same(asked: &Problem) {
    let json = serde_json::to_vec(asked).expect("a problem can be written");
    let again = problem::read(&json, "problem.json").expect("what was written can be read");
    assert_eq!(*asked, again);
}

fn read(files: &Files) {
    match event_folder::read(files, &ZONES) {
        Ok(asked) => {
            same(&asked);
            // What is well formed can be asked about another date, too.
            let start = asked.event.horizon.start();
            match event_folder::read_at(files, &ZONES, start) {
                Ok(dated) => same(&dated.problem),
                Err(faults) => told(&faults),
            }
        }
        Err(faults) => told(&faults),
    }
}

/// `event.toml` or `groups.toml`.
pub fn event_settings(bytes: &[u8]) {
    if let Some(files) = with_one(bytes, &["event.toml", "groups.toml"]) {
        let _ = event_folder::regional_folders(&files["event.toml"]);
        read(&files);
    }
}

/// A table: people, sessions, times, pins.
pub fn event_tables(bytes: &[u8]) {
    let names = [
        "operators.csv",
        "speakers.csv",
        "sessions.csv",
        "availability.csv",
        "busy.csv",
        "pins.csv",
    ];
    if let Some(files) = with_one(bytes, &names) {
        read(&files);
    }
}

/// What happens elsewhere, in each of its three formats.
pub fn regional(bytes: &[u8]) {
    let names = ["regional/x.csv", "regional/x.json", "regional/x.ics"];
    if let Some(files) = with_one(bytes, &names) {
        read(&files);
    }
}

/// Candidate dates: seven lines of what is typed, then an `event.toml` or nothing.
pub fn dates(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut lines = text.splitn(8, '\n');
    let mut next = || {
        lines
            .next()
            .filter(|line| !line.is_empty())
            .map(ToOwned::to_owned)
    };
    let asked = Asked {
        rule: next(),
        from: next(),
        to: next(),
        weekdays: next(),
        start: next(),
        zone: next(),
        dates: next().map_or_else(Vec::new, |all| {
            all.split(' ').map(ToOwned::to_owned).collect()
        }),
    };
    let mut files = small();
    if let Some(event) = next() {
        files.insert("event.toml".to_owned(), event.into_bytes());
    }
    match event_folder::candidates(&files, &asked, &ZONES) {
        Ok(starts) => {
            assert!(
                starts.windows(2).all(|pair| pair[0] < pair[1]),
                "in order, each once"
            );
            assert!(starts.len() <= 400);
        }
        Err(faults) => told(&faults),
    }
}
