//! From rows to a problem: the only door between the store and the solver.
//!
//! The rows are written as the files of an event folder, in memory, and read by the one reader there is. So a
//! node plans exactly what the command line would plan from the folder it exports.

use std::collections::BTreeMap;

use meridian_formats::{Faults, event_folder};
use meridian_model::{Problem, ZoneSet};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::server::kinds::{
    Availability, Busy, Group, Operator, Pin, RegionalCalendar, RegionalEvent, Session, Settings,
    Speaker,
};
use crate::store::{Everything, Store, StoreError};

/// The files of an event folder, by name.
pub(crate) type Folder = BTreeMap<String, Vec<u8>>;

/// Why there is no problem.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AssembleError {
    /// The rows do not make an event.
    #[error("the event is not whole")]
    Faults(Faults),
    /// The store failed, or there is no such event.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A row is not what it should be.
    #[error("a stored row cannot be read")]
    Row(#[source] anyhow::Error),
}

/// The problem that an event's rows make, and the generation they are of.
///
/// # Errors
/// [`AssembleError`]: all that is wrong with the rows at once.
pub(crate) async fn assemble(
    store: &Store,
    event: &str,
    zones: &ZoneSet,
) -> Result<(Problem, i64), AssembleError> {
    let everything = store.everything(event).await?;
    let (event, zones) = (event.to_owned(), zones.clone());
    // A large event takes a good part of a second: not on the threads that answer requests.
    let read = move || {
        let folder = folder(&event, &everything).map_err(AssembleError::Row)?;
        let problem = event_folder::read(&folder, &zones).map_err(AssembleError::Faults)?;
        Ok((problem, everything.generation))
    };
    let read = tokio::task::spawn_blocking(read).await;
    read.map_err(|error| AssembleError::Row(error.into()))?
}

/// The event folder of these rows.
///
/// # Errors
/// When a row is not what it should be.
pub(crate) fn folder(event: &str, everything: &Everything) -> anyhow::Result<Folder> {
    let rows = Rows(everything);
    let mut folder = Folder::new();
    let mut add = |name: &str, bytes: Vec<u8>| {
        folder.insert(name.to_owned(), bytes);
    };
    if let Some((_, settings)) = rows.all::<Settings>("settings")?.into_iter().next() {
        add("event.toml", event_toml(event, &settings)?);
    }
    add("groups.toml", groups_toml(rows.all("group")?)?);
    add(
        "operators.csv",
        table(rows.all::<Operator>("operator")?, |id, o| {
            vec![json!({
                "id": id, "group": o.group, "zone": o.zone, "skills": o.skills.join(" "), "night": o.night,
                "max_duty_min": o.max_duty_min, "carry_over_min": o.carry_over_min, "speaker": o.speaker,
                "shown_as": o.shown_as,
            })]
        })?,
    );
    add(
        "speakers.csv",
        table(rows.all::<Speaker>("speaker")?, |id, s| {
            vec![json!({
                "id": id, "group": s.group, "zone": s.zone,
            })]
        })?,
    );
    add(
        "sessions.csv",
        table(rows.all("session")?, |id, s| session(id, &s))?,
    );
    add("availability.csv", availability(&rows)?);
    add("busy.csv", busy(&rows)?);
    add(
        "pins.csv",
        table(rows.all::<Pin>("pin")?, |_, p| {
            vec![json!({
                "kind": p.kind, "who": p.who, "what": p.what, "start": p.start, "end": p.end, "zone": p.zone,
                "handover_min": p.handover_min,
            })]
        })?,
    );
    add(
        "regional/events.json",
        regional(rows.all("regional-event")?)?,
    );
    for (id, calendar) in rows.all::<RegionalCalendar>("regional-calendar")? {
        add(&format!("regional/{id}.ics"), calendar.ics.into_bytes());
    }
    for calendar in &everything.calendars {
        let (kind, who) = whose(&calendar.id);
        add(
            &format!("calendars/{kind}-{who}.ics"),
            calendar.good_copy.clone().into_bytes(),
        );
    }
    folder.retain(|name, bytes| {
        !bytes.is_empty() || name == "groups.toml" || name == "operators.csv"
    });
    Ok(folder)
}

struct Rows<'a>(&'a Everything);

impl Rows<'_> {
    /// All things of a kind, by id.
    fn all<T: DeserializeOwned>(&self, kind: &str) -> anyhow::Result<Vec<(String, T)>> {
        let rows = self.0.records.iter().filter(|row| row.kind == kind);
        rows.map(|row| Ok((row.id.clone(), serde_json::from_str(&row.body)?)))
            .collect()
    }
}

fn availability(rows: &Rows<'_>) -> anyhow::Result<Vec<u8>> {
    table(rows.all::<Availability>("availability")?, |id, a| {
        let (kind, who) = whose(id);
        let row = |r: crate::server::kinds::AvailabilityRow| {
            json!({
                "kind": kind, "who": who, "grade": r.grade, "start": r.start, "end": r.end, "zone": r.zone, "rule": r.rule,
            })
        };
        a.rows.into_iter().map(row).collect()
    })
}

fn busy(rows: &Rows<'_>) -> anyhow::Result<Vec<u8>> {
    table(rows.all::<Busy>("busy")?, |id, b| {
        let (kind, who) = whose(id);
        let row = |r: crate::server::kinds::BusyRow| {
            json!({
                "kind": kind, "who": who, "start": r.start, "end": r.end, "zone": r.zone,
            })
        };
        b.rows.into_iter().map(row).collect()
    })
}

/// `operator.aiko` is the operator aiko's.
fn whose(id: &str) -> (&str, &str) {
    id.split_once('.').unwrap_or(("operator", id))
}

fn event_toml(event: &str, settings: &Settings) -> anyhow::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct EventToml<'a> {
        format: &'a str,
        id: &'a str,
        #[serde(flatten)]
        settings: &'a Settings,
    }
    let whole = EventToml {
        format: "meridian-event/1",
        id: event,
        settings,
    };
    Ok(toml::to_string(&whole)?.into_bytes())
}

fn groups_toml(groups: Vec<(String, Group)>) -> anyhow::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct GroupsToml {
        groups: Vec<GroupToml>,
    }
    #[derive(Serialize)]
    struct GroupToml {
        id: String,
        #[serde(flatten)]
        group: Group,
    }
    let groups = groups
        .into_iter()
        .map(|(id, group)| GroupToml { id, group });
    let whole = GroupsToml {
        groups: groups.collect(),
    };
    Ok(toml::to_string(&whole)?.into_bytes())
}

fn session(id: &str, s: &Session) -> Vec<Value> {
    vec![json!({
        "id": id, "title": s.title, "kind": s.kind, "length_min": s.length_min, "changeover_min": s.changeover_min,
        "language": s.language, "speakers": s.speakers.join(" "), "tags": s.tags.join(" "), "priority": s.priority,
        "delivery": s.delivery, "group": s.group, "tracks": s.tracks.join(" "), "window_start": s.window_start,
        "window_end": s.window_end, "window_zone": s.window_zone,
    })]
}

fn regional(events: Vec<(String, RegionalEvent)>) -> anyhow::Result<Vec<u8>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = Vec::with_capacity(events.len());
    for (id, event) in events {
        let mut row = serde_json::to_value(event)?;
        if let Value::Object(fields) = &mut row {
            fields.insert("id".to_owned(), Value::String(id));
        }
        rows.push(row);
    }
    Ok(serde_json::to_vec(&rows)?)
}

/// A CSV file with a line for each object of each thing; its columns are the objects' keys.
fn table<T>(
    things: Vec<(String, T)>,
    rows: impl Fn(&str, T) -> Vec<Value>,
) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut headed = false;
    for (id, thing) in things {
        for row in rows(&id, thing) {
            let Value::Object(fields) = row else { continue };
            if !headed {
                writer.write_record(fields.keys())?;
                headed = true;
            }
            writer.write_record(fields.values().map(|value| match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            }))?;
        }
    }
    Ok(writer.into_inner()?)
}
