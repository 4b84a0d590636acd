//! What the files say about each other: everything named is defined, and defined once.

use std::collections::{BTreeMap, BTreeSet};

use super::availability_csv::Who;
use super::files::Rows;
use super::pins_csv::PinKind;
use crate::fault::{FaultCode, Faults, Place};
use crate::text::nearest;

/// How many names are looked through for the one that was meant.
const MAX_COMPARED: usize = 500;

/// The identifiers of one kind and the lines they are defined on.
struct Names<'r> {
    kind: &'static str,
    file: &'static str,
    code: FaultCode,
    lines: BTreeMap<&'r str, u64>,
    rest: Rest<'r>,
}

/// What a file may define beyond what could be read of it.
enum Rest<'r> {
    Nothing,
    /// Any of the words in it.
    Words(BTreeSet<&'r [u8]>),
    /// The file is missing: that has been said.
    Anything,
}

impl<'r> Rest<'r> {
    fn of(complete: bool, bytes: Option<&'r Vec<u8>>) -> Self {
        let no_word =
            |byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        match (complete, bytes) {
            (true, _) => Self::Nothing,
            (false, Some(bytes)) => Self::Words(bytes.split(no_word).collect()),
            (false, None) => Self::Anything,
        }
    }

    fn may_define(&self, id: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Words(words) => words.contains(id.as_bytes()),
            Self::Anything => true,
        }
    }
}

impl<'r> Names<'r> {
    /// Collects the identifiers and says which are there twice.
    fn new(
        (kind, file, code): (&'static str, &'static str, FaultCode),
        rest: Rest<'r>,
        ids: impl Iterator<Item = (&'r Option<String>, u64)>,
        faults: &mut Faults,
    ) -> Self {
        let mut lines = BTreeMap::new();
        for (id, line) in ids {
            let Some(id) = id.as_deref() else { continue };
            if let Some(first) = lines.get(id) {
                faults.add(
                    &Place::line(file, line).field("id"),
                    FaultCode::F025,
                    format!("the {kind} {id} is already on line {first}"),
                    "give each its own identifier, or leave one out",
                );
            } else {
                lines.insert(id, line);
            }
        }
        Self {
            kind,
            file,
            code,
            lines,
            rest,
        }
    }

    /// Whether `id` is defined, or may be in what could not be read.
    fn has(&self, id: &str) -> bool {
        self.lines.contains_key(id) || self.rest.may_define(id)
    }

    /// Says so when `id` is not defined.
    fn refer(&self, id: &str, place: &Place<'_>, faults: &mut Faults) {
        if self.has(id) {
            return;
        }
        let remedy = match nearest(id, self.lines.keys().copied().take(MAX_COMPARED)) {
            Some(meant) => format!(
                "perhaps {meant} is meant; otherwise add {id} to {}",
                self.file
            ),
            None => format!("add it to {}, or correct the name", self.file),
        };
        faults.add(
            place,
            self.code,
            format!("the {} {id:?} is not defined", self.kind),
            remedy,
        );
    }
}

struct Index<'r> {
    tracks: Names<'r>,
    roles: Names<'r>,
    duties: Names<'r>,
    groups: Names<'r>,
    operators: Names<'r>,
    speakers: Names<'r>,
    sessions: Names<'r>,
}

impl<'r> Index<'r> {
    fn new(rows: &'r Rows<'_>, files: &'r BTreeMap<String, Vec<u8>>, faults: &mut Faults) -> Self {
        let event = rows.event.iter();
        let tracks = event
            .clone()
            .flat_map(|event| &event.tracks)
            .map(|row| (&row.id, row.line));
        let roles = event
            .clone()
            .flat_map(|event| &event.roles)
            .map(|row| (&row.id, row.line));
        let duties = event
            .clone()
            .flat_map(|event| &event.duties)
            .map(|row| (&row.id, row.line));
        let groups = rows.groups.iter().map(|row| (&row.id, row.line));
        let operators = rows.operators.iter().map(|row| (&row.id, row.line));
        let speakers = rows.speakers.iter().map(|row| (&row.id, row.line));
        let sessions = rows.sessions.iter().map(|row| (&row.id, row.line));
        let whole = rows.event.as_ref().is_some_and(|event| event.complete);
        let rest = |complete, file: &str| Rest::of(complete, files.get(file));
        let [event, group] = ["event.toml", "groups.toml"];
        let [operator, speaker, session] = ["operators.csv", "speakers.csv", "sessions.csv"];
        let of_groups = rest(rows.groups.complete, group);
        let of_operators = rest(rows.operators.complete, operator);
        let of_speakers = rest(rows.speakers.complete, speaker);
        let of_sessions = rest(rows.sessions.complete, session);
        Self {
            tracks: Names::new(
                ("track", event, FaultCode::F021),
                rest(whole, event),
                tracks,
                faults,
            ),
            roles: Names::new(
                ("role", event, FaultCode::F022),
                rest(whole, event),
                roles,
                faults,
            ),
            duties: Names::new(
                ("duty", event, FaultCode::F023),
                rest(whole, event),
                duties,
                faults,
            ),
            groups: Names::new(("group", group, FaultCode::F018), of_groups, groups, faults),
            operators: Names::new(
                ("operator", operator, FaultCode::F020),
                of_operators,
                operators,
                faults,
            ),
            speakers: Names::new(
                ("speaker", speaker, FaultCode::F019),
                of_speakers,
                speakers,
                faults,
            ),
            sessions: Names::new(
                ("session", session, FaultCode::F024),
                of_sessions,
                sessions,
                faults,
            ),
        }
    }

    fn of(&self, who: Who) -> &Names<'r> {
        match who {
            Who::Operator => &self.operators,
            Who::Speaker => &self.speakers,
            Who::Group => &self.groups,
        }
    }
}

/// Checks every reference.
pub(crate) fn check(rows: &Rows<'_>, files: &BTreeMap<String, Vec<u8>>, faults: &mut Faults) {
    let index = Index::new(rows, files, faults);
    duties(rows, &index, faults);
    people(rows, &index, faults);
    sessions(rows, &index, faults);
    for row in &rows.times {
        if let Some((who, id)) = &row.who {
            index
                .of(*who)
                .refer(id, &Place::line(&row.file, row.line).field("who"), faults);
        }
    }
    for calendar in &rows.calendars {
        let Some((who, id)) = &calendar.who else {
            continue;
        };
        let names = index.of(*who);
        if !names.has(id) {
            faults.add(
                &Place::file(calendar.file),
                FaultCode::F037,
                format!(
                    "the calendar is of the {} {id:?}, who is not in the event",
                    names.kind
                ),
                format!(
                    "rename it after somebody in {}, or leave it out",
                    names.file
                ),
            );
        }
    }
    regional(rows, &index, faults);
    pins(rows, &index, faults);
}

fn duties(rows: &Rows<'_>, index: &Index<'_>, faults: &mut Faults) {
    for duty in rows.event.iter().flat_map(|event| &event.duties) {
        if let Some(role) = &duty.role {
            index.roles.refer(
                &role.value,
                &Place::line("event.toml", role.line).field("role"),
                faults,
            );
        }
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for track in &duty.tracks {
            let place = Place::line("event.toml", track.line).field("tracks");
            index.tracks.refer(&track.value, &place, faults);
            if !seen.insert(&track.value) {
                let what = format!("{} is there twice", track.value);
                faults.add(&place, FaultCode::F025, what, "name each track once");
            }
        }
    }
}

fn people(rows: &Rows<'_>, index: &Index<'_>, faults: &mut Faults) {
    let mut speaking: BTreeMap<&str, u64> = BTreeMap::new();
    for row in rows.operators.iter() {
        let place = Place::line("operators.csv", row.line);
        if let Some(group) = &row.group {
            index.groups.refer(group, &place.field("group"), faults);
        }
        for skill in &row.skills {
            index
                .roles
                .refer(&skill.role, &place.field("skills"), faults);
        }
        let Some(speaker) = &row.speaker else {
            continue;
        };
        index
            .speakers
            .refer(speaker, &place.field("speaker"), faults);
        if let Some(first) = speaking.insert(speaker, row.line) {
            faults.add(
                &place.field("speaker"),
                FaultCode::F025,
                format!("{speaker} is already the operator on line {first}"),
                "one speaker is one person: correct one of the two rows",
            );
        }
    }
    for row in rows.speakers.iter() {
        if let Some(group) = &row.group {
            index.groups.refer(
                group,
                &Place::line("speakers.csv", row.line).field("group"),
                faults,
            );
        }
    }
}

fn sessions(rows: &Rows<'_>, index: &Index<'_>, faults: &mut Faults) {
    for row in rows.sessions.iter() {
        let place = Place::line("sessions.csv", row.line);
        for speaker in &row.speakers {
            index
                .speakers
                .refer(speaker, &place.field("speakers"), faults);
        }
        for track in &row.tracks {
            index.tracks.refer(track, &place.field("tracks"), faults);
        }
        if let Some(group) = &row.group {
            index.groups.refer(group, &place.field("group"), faults);
        }
    }
}

/// Further folders are shared between events: the groups they name need not all be in this one.
fn regional(rows: &Rows<'_>, index: &Index<'_>, faults: &mut Faults) {
    let mut seen: BTreeMap<&str, &(String, Option<u64>)> = BTreeMap::new();
    for row in &rows.regional {
        let place = Place {
            file: &row.place.0,
            line: row.place.1,
            field: None,
        };
        if row.place.0.starts_with("regional/") {
            for group in &row.scope.groups {
                index.groups.refer(group, &place.field("groups"), faults);
            }
        }
        let Some(id) = row.id.as_deref() else {
            continue;
        };
        if let Some((file, line)) = seen.insert(id, &row.place) {
            let line = line.map(|line| format!(":{line}")).unwrap_or_default();
            faults.add(
                &place.field("id"),
                FaultCode::F025,
                format!("the regional event {id} is already in {file}{line}"),
                "give each its own identifier, or leave one out",
            );
        }
    }
}

fn pins(rows: &Rows<'_>, index: &Index<'_>, faults: &mut Faults) {
    for row in &rows.pins {
        let place = Place::line("pins.csv", row.line);
        let (who, what) = match row.kind {
            Some(PinKind::Block) => (&index.groups, &index.tracks),
            Some(PinKind::Session) => (&index.sessions, &index.tracks),
            Some(PinKind::Shift) => (&index.operators, &index.duties),
            None => continue,
        };
        if let Some(id) = &row.who {
            who.refer(id, &place.field("who"), faults);
        }
        if let Some(id) = &row.what {
            what.refer(id, &place.field("what"), faults);
        }
    }
}
