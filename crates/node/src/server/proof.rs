//! Before a thing is kept, it is read as it will be: by the reader of event folders, in a folder that holds just enough
//! around it. What it says of things that may still come is left to the check of the whole event.

use meridian_formats::{Fault, FaultCode, Faults, event_folder};

use super::events::apart;
use super::problem::Problem;
use super::state::Shared;
use super::things::Thing;
use crate::assembler;
use crate::store::{CalendarCopy, Everything, KindRecord, StoreError};

/// What is said of things that may still come.
const LATER: [FaultCode; 10] = [
    FaultCode::F018,
    FaultCode::F019,
    FaultCode::F020,
    FaultCode::F021,
    FaultCode::F022,
    FaultCode::F023,
    FaultCode::F024,
    FaultCode::F027,
    FaultCode::F029,
    FaultCode::F037,
];

/// Refuses a thing that the reader cannot take, with everything that is wrong with it.
pub(crate) async fn prove<T: Thing>(
    state: &Shared,
    event: &str,
    id: &str,
    (thing, group): (&T, Option<&str>),
) -> Result<(), Problem> {
    let mut around = Around::new(state, event).await?;
    if let Some((kind, who)) = T::owner(id) {
        around.with(kind, who).await?;
    }
    if let Some(group) = group {
        around.with("group", group).await?;
    }
    around.add(
        T::KIND,
        id,
        &serde_json::to_string(thing).map_err(anyhow::Error::from)?,
    );
    let (list, kind) = (matches!(T::KIND, "availability" | "busy"), T::KIND);
    let file = file_of(T::KIND, id);
    let faults = around.faults(&file).await?;
    let place = |fault: &Fault| {
        let field = fault.field.clone().unwrap_or_else(|| kind.to_owned());
        match fault.line {
            // The first line of a table names its columns.
            Some(line) if list => format!("rows[{}].{field}", line.saturating_sub(2)),
            Some(line) if file.ends_with(".ics") => format!("line {line}, {field}"),
            _ => field,
        }
    };
    refuse(&faults, place)
}

/// Refuses a calendar that cannot be read for certain, by the lines that it has.
pub(crate) async fn prove_calendar(
    state: &Shared,
    event: &str,
    (id, group): (&str, Option<&str>),
    ics: &str,
) -> Result<(), Problem> {
    let mut around = Around::new(state, event).await?;
    let (kind, who) = super::kinds::owner(id).unwrap_or_default();
    around.with(kind, who).await?;
    if let Some(group) = group {
        around.with("group", group).await?;
    }
    around.everything.calendars.push(CalendarCopy {
        id: id.to_owned(),
        group_id: group.map(str::to_owned),
        good_copy: ics.to_owned(),
    });
    let file = format!("calendars/{kind}-{who}.ics");
    let faults = around.faults(&file).await?;
    refuse(&faults, |fault| {
        let field = fault.field.as_deref().unwrap_or("calendar");
        match fault.line {
            Some(line) => format!("line {line}, {field}"),
            None => field.to_owned(),
        }
    })
}

fn refuse(faults: &Faults, place: impl Fn(&Fault) -> String) -> Result<(), Problem> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Problem::of_faults_at(faults, place))
    }
}

fn file_of(kind: &str, id: &str) -> String {
    match kind {
        "settings" => "event.toml".to_owned(),
        "group" => "groups.toml".to_owned(),
        "operator" => "operators.csv".to_owned(),
        "speaker" => "speakers.csv".to_owned(),
        "session" => "sessions.csv".to_owned(),
        "pin" => "pins.csv".to_owned(),
        "regional-event" => "regional/events.json".to_owned(),
        "regional-calendar" => format!("regional/{id}.ics"),
        times => format!("{times}.csv"),
    }
}

/// Just enough of an event around one thing.
struct Around<'a> {
    state: &'a Shared,
    event: &'a str,
    everything: Everything,
}

impl<'a> Around<'a> {
    async fn new(state: &'a Shared, event: &'a str) -> Result<Self, Problem> {
        let everything = Everything {
            generation: 0,
            records: Vec::new(),
            calendars: Vec::new(),
        };
        let mut around = Self {
            state,
            event,
            everything,
        };
        around.with("settings", "event").await?;
        Ok(around)
    }

    /// Adds what is kept already, if it is.
    async fn with(&mut self, kind: &str, id: &str) -> Result<(), Problem> {
        match self.state.store.record(self.event, kind, id).await {
            Ok(record) => self.add(kind, id, &record.body),
            Err(StoreError::Missing) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Adds a thing in the place of what is there.
    fn add(&mut self, kind: &str, id: &str, body: &str) {
        let same = |row: &KindRecord| row.kind == kind && row.id == id;
        self.everything.records.retain(|row| !same(row));
        self.everything.records.push(KindRecord {
            kind: kind.to_owned(),
            id: id.to_owned(),
            group_id: None,
            body: body.to_owned(),
        });
    }

    /// What is wrong with that file, apart from what may still come.
    async fn faults(self, file: &str) -> Result<Faults, Problem> {
        let (event, everything) = (self.event.to_owned(), self.everything);
        let (zones, file) = (self.state.zones.clone(), file.to_owned());
        apart(move || {
            let mut folder = assembler::folder(&event, &everything)?;
            folder.entry("event.toml".to_owned()).or_default();
            let mut faults = match event_folder::read(&folder, &zones) {
                Ok(_) => Faults::default(),
                Err(faults) => faults,
            };
            let own = |code| file == "event.toml" && code != FaultCode::F027;
            faults.0.retain(|fault| {
                fault.file == file && (own(fault.code) || !LATER.contains(&fault.code))
            });
            Ok(faults)
        })
        .await
    }
}
