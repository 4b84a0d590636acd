//! From the files of an event folder to rows: the assembler's other direction.
//!
//! A folder is first read by the one reader there is, so that everything wrong with it is told by file and line; the rows
//! must then assemble to the very problem that the folder is.

use std::collections::BTreeMap;

use meridian_formats::{Fault, FaultCode, Faults, busy, event_folder};
use meridian_model::ZoneSet;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::assembler::{self, AssembleError, Folder};
use crate::server::kinds::{
    Availability, Busy, Group, Operator, Pin, RegionalCalendar, RegionalEvent, Session, Settings,
    Speaker, owner,
};
use crate::server::things::Thing;
use crate::store::{CalendarCopy, Everything, KindRecord};

/// All columns of all tables: which are whose was asked when the folder was read.
const COLUMNS: [&str; 34] = [
    "id",
    "group",
    "zone",
    "skills",
    "night",
    "max_duty_min",
    "carry_over_min",
    "speaker",
    "shown_as",
    "title",
    "kind",
    "length_min",
    "changeover_min",
    "language",
    "speakers",
    "tags",
    "priority",
    "delivery",
    "tracks",
    "window_start",
    "window_end",
    "window_zone",
    "who",
    "grade",
    "start",
    "end",
    "rule",
    "what",
    "handover_min",
    "countries",
    "subdivisions",
    "groups",
    "global",
    "impact",
];
/// Columns that hold lists.
const LISTS: [&str; 7] = [
    "skills",
    "speakers",
    "tags",
    "tracks",
    "countries",
    "subdivisions",
    "groups",
];
/// Columns that hold numbers.
const NUMBERS: [&str; 5] = [
    "max_duty_min",
    "carry_over_min",
    "length_min",
    "changeover_min",
    "handover_min",
];

/// The rows of a folder; `calendars` are in it too.
///
/// # Errors
/// [`AssembleError`]: all that is wrong with the folder at once.
pub(crate) fn load(
    event: &str,
    files: &Folder,
    zones: &ZoneSet,
) -> Result<Everything, AssembleError> {
    let problem = event_folder::read(files, zones).map_err(AssembleError::Faults)?;
    if problem.event.id.as_str() != event {
        return Err(AssembleError::Faults(other_event(
            problem.event.id.as_str(),
            event,
        )));
    }
    let rows = rows(files).map_err(AssembleError::Row)?;
    let again = assembler::folder(event, &rows).map_err(AssembleError::Row)?;
    let again = event_folder::read(&again, zones).map_err(AssembleError::Faults)?;
    if again != problem {
        return Err(AssembleError::Row(anyhow::anyhow!(
            "the rows of a folder make another problem than the folder"
        )));
    }
    Ok(rows)
}

fn other_event(there: &str, here: &str) -> Faults {
    Faults(vec![Fault {
        code: FaultCode::F040,
        file: "event.toml".to_owned(),
        line: None,
        field: Some("id".to_owned()),
        what: format!("the folder is of the event {there:?}, not of {here:?}"),
        remedy: "write to the address of that event, or give the folder the id of this one"
            .to_owned(),
    }])
}

/// The rows of a folder that has no fault.
fn rows(files: &Folder) -> anyhow::Result<Everything> {
    let mut into = Into::default();
    if let Some(bytes) = files.get("event.toml") {
        let mut root: toml::Table = toml::from_str(std::str::from_utf8(bytes)?)?;
        for key in ["format", "id", "regional"] {
            root.remove(key);
        }
        into.add("event", &root.try_into::<Settings>()?)?;
    }
    if let Some(bytes) = files.get("groups.toml") {
        into.groups(std::str::from_utf8(bytes)?)?;
    }
    into.things::<Operator>(files, "operators.csv")?;
    into.things::<Speaker>(files, "speakers.csv")?;
    into.things::<Session>(files, "sessions.csv")?;
    for (n, row) in lines(files, "pins.csv")?.into_iter().enumerate() {
        let pin: Pin = serde_json::from_value(Value::Object(row))?;
        into.add(&format!("pin-{:05}", n + 1), &pin)?;
    }
    into.times(files)?;
    into.regional(files)?;
    into.calendars(files)?;
    into.settle();
    Ok(into.0)
}

struct Into(Everything);

impl Default for Into {
    fn default() -> Self {
        Self(Everything {
            generation: 0,
            records: Vec::new(),
            calendars: Vec::new(),
        })
    }
}

impl Into {
    fn add<T: Thing>(&mut self, id: &str, thing: &T) -> anyhow::Result<()> {
        self.0.records.push(KindRecord {
            kind: T::KIND.to_owned(),
            id: id.to_owned(),
            group_id: thing.group().map(str::to_owned),
            body: serde_json::to_string(thing)?,
        });
        Ok(())
    }

    fn groups(&mut self, text: &str) -> anyhow::Result<()> {
        let mut root: toml::Table = toml::from_str(text)?;
        let Some(toml::Value::Array(groups)) = root.remove("groups") else {
            return Ok(());
        };
        for group in groups {
            let mut group: toml::Table = group.try_into()?;
            let id = match group.remove("id") {
                Some(toml::Value::String(id)) => id,
                _ => anyhow::bail!("a group has no id"),
            };
            self.add(&id, &group.try_into::<Group>()?)?;
        }
        Ok(())
    }

    /// A table with one thing on each line.
    fn things<T: Thing>(&mut self, files: &Folder, file: &str) -> anyhow::Result<()> {
        for row in lines(files, file)? {
            let (id, thing) = identified::<T>(row)?;
            self.add(&id, &thing)?;
        }
        Ok(())
    }

    /// Tables with several lines for each person or group.
    fn times(&mut self, files: &Folder) -> anyhow::Result<()> {
        for (id, rows) in by_person(lines(files, "availability.csv")?) {
            let rows = rows.into_iter().map(serde_json::from_value);
            let rows = rows.collect::<Result<_, _>>()?;
            self.add(&id, &Availability { rows })?;
        }
        for (id, rows) in by_person(lines(files, "busy.csv")?) {
            let rows = rows.into_iter().map(serde_json::from_value);
            let rows = rows.collect::<Result<_, _>>()?;
            self.add(&id, &Busy { rows })?;
        }
        Ok(())
    }

    /// Regional events of this folder and of those beside it.
    fn regional(&mut self, files: &Folder) -> anyhow::Result<()> {
        let mut folders = vec!["regional".to_owned()];
        let opening = files.get("event.toml").map_or(&[][..], Vec::as_slice);
        folders.extend(event_folder::regional_folders(opening));
        for (name, bytes) in files {
            let Some((folder, file)) = name.rsplit_once('/') else {
                continue;
            };
            if !folders.iter().any(|known| known == folder) {
                continue;
            }
            match file.rsplit_once('.') {
                Some((_, "csv")) => {
                    self.things::<RegionalEvent>(files, name)?;
                }
                Some((_, "json")) => {
                    let items: Vec<Map<String, Value>> = serde_json::from_slice(bytes)?;
                    for item in items {
                        let (id, event) =
                            identified::<RegionalEvent>(item.into_iter().map(typed).collect())?;
                        self.add(&id, &event)?;
                    }
                }
                Some((place, "ics")) => {
                    let ics = std::str::from_utf8(bytes)?.to_owned();
                    self.add(place, &RegionalCalendar { ics })?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives what is about a person or a group to the group of whom it is about.
    fn settle(&mut self) {
        let groups: BTreeMap<(String, String), Option<String>> = self
            .0
            .records
            .iter()
            .map(|row| match row.kind.as_str() {
                "group" => ((row.kind.clone(), row.id.clone()), Some(row.id.clone())),
                _ => ((row.kind.clone(), row.id.clone()), row.group_id.clone()),
            })
            .collect();
        let whose = |id: &str| {
            let (kind, who) = owner(id)?;
            groups.get(&(kind.to_owned(), who.to_owned())).cloned()?
        };
        for row in &mut self.0.records {
            if matches!(row.kind.as_str(), "availability" | "busy") {
                row.group_id = whose(&row.id);
            }
        }
        for calendar in &mut self.0.calendars {
            calendar.group_id = whose(&calendar.id);
        }
    }

    fn calendars(&mut self, files: &Folder) -> anyhow::Result<()> {
        for (name, bytes) in files {
            let whose = name
                .strip_prefix("calendars/")
                .and_then(|file| file.strip_suffix(".ics"))
                .and_then(|whose| whose.split_once('-'));
            if let Some((kind, who)) = whose {
                let text = busy::stripped(bytes);
                self.0.calendars.push(CalendarCopy {
                    id: format!("{kind}.{who}"),
                    group_id: None,
                    good_copy: text,
                });
            }
        }
        Ok(())
    }
}

fn identified<T: DeserializeOwned>(mut row: Map<String, Value>) -> anyhow::Result<(String, T)> {
    let id = match row.remove("id") {
        Some(Value::String(id)) => id,
        _ => anyhow::bail!("a row has no id"),
    };
    Ok((id, serde_json::from_value(Value::Object(row))?))
}

/// The lines of a table of the folder, every field of its type.
fn lines(files: &Folder, file: &str) -> anyhow::Result<Vec<Map<String, Value>>> {
    let Some(bytes) = files.get(file) else {
        return Ok(Vec::new());
    };
    let rows = event_folder::table(bytes, file, &COLUMNS, &[])
        .map_err(|_why| anyhow::anyhow!("a table that was read cannot be read again"))?;
    let typed = rows.into_iter().map(|row| {
        let fields = row.fields.into_iter();
        fields
            .map(|(column, text)| typed((column, Value::String(text))))
            .collect()
    });
    Ok(typed.collect())
}

/// A field as its column wants it.
fn typed((column, value): (String, Value)) -> (String, Value) {
    let value = match value {
        Value::String(text) if LISTS.contains(&column.as_str()) => text
            .split(|c: char| c.is_whitespace() || c == ';')
            .filter(|word| !word.is_empty())
            .collect(),
        Value::String(text) if NUMBERS.contains(&column.as_str()) => {
            text.parse::<u32>().map_or(Value::String(text), Value::from)
        }
        Value::String(text) if column == "global" => Value::Bool(text == "true"),
        other => other,
    };
    (column, value)
}

/// Rows by whose they are, such as `operator.aiko`.
fn by_person(rows: Vec<Map<String, Value>>) -> BTreeMap<String, Vec<Value>> {
    let mut people: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for mut row in rows {
        let mut text = |key| match row.remove(key) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        let id = format!("{}.{}", text("kind"), text("who"));
        people.entry(id).or_default().push(Value::Object(row));
    }
    people
}
