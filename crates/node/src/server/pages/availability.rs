//! *My availability*: her zone, the hours of the event as she lives them, her rules, her calendar.
//!
//! The whole draft travels in the form: nothing is kept before she saves, and a page without script previews too.

use askama::Template;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Query, State as FromState};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use meridian_model::{Cause, Grade};
use serde::Deserialize;

use super::draft::{Draft, word};
use super::form::{Asked, apply, filled};
use super::preview::{Hour, Preview, Whose, preview};
use super::{Refusal, address, clock, show};
use crate::server::caller::{Caller, Role};
use crate::server::extract::Path;
use crate::server::kinds::{Availability, Busy, Group, Operator};
use crate::server::planning::latest;
use crate::server::problem::Problem;
use crate::server::proof::prove;
use crate::server::state::Shared;
use crate::store::{Act, Expected, Record, StoreError};

#[derive(Template)]
#[template(path = "availability.html")]
struct Page<'a> {
    title: String,
    when: String,
    operator: &'a str,
    plan: Option<String>,
    action: String,
    saved: bool,
    note: Option<&'a str>,
    troubles: Vec<String>,
    version: i64,
    carried: String,
    others: String,
    busy: String,
    calendar: &'a str,
    has_calendar: bool,
    zone: &'a str,
    zone_words: String,
    zones: Vec<&'a str>,
    unsaid: bool,
    days: Vec<Day>,
    brushes: [Choice; 5],
    brush: &'a str,
    rules: &'a str,
}

struct Day {
    name: String,
    hours: Vec<Shown>,
}

struct Shown {
    start: String,
    time: String,
    label: String,
    says: &'static str,
    class: &'static str,
    ticked: bool,
}

struct Choice {
    value: &'static str,
    words: &'static str,
}

const BRUSHES: [Choice; 5] = [
    Choice {
        value: "possible",
        words: "are a yes",
    },
    Choice {
        value: "prefer",
        words: "suit me best",
    },
    Choice {
        value: "if-need-be",
        words: "only if nobody else can",
    },
    Choice {
        value: "impossible",
        words: "are a no",
    },
    Choice {
        value: "unsaid",
        words: "I say nothing of",
    },
];

/// What stands behind the address.
#[derive(Debug, Default, Deserialize)]
pub(super) struct After {
    /// That it was saved just now.
    #[serde(default)]
    saved: Option<String>,
}

/// Whose page it is, and what is kept of her.
pub(super) struct Person {
    pub(super) event: String,
    pub(super) id: String,
    pub(super) group: String,
    pub(super) kept: Operator,
    pub(super) kept_version: i64,
    pub(super) zone: String,
    pub(super) has_calendar: bool,
    pub(super) version: i64,
    pub(super) draft: Draft,
}

impl Person {
    /// The id of her times.
    pub(super) fn times(&self) -> String {
        format!("operator.{}", self.id)
    }

    fn action(&self) -> String {
        address(&["events", &self.event, "operators", &self.id, "availability"])
    }
}

/// Who asks for the page of whom: herself, or who leads her group.
async fn person(
    state: &Shared,
    caller: &Caller,
    (event, id): (String, String),
) -> Result<Person, Problem> {
    caller.enter(&event)?;
    let record = state.store.record(&event, "operator", &id).await?;
    let group = record.group_id.clone().unwrap_or_default();
    let hers = caller.is_operator(&event, Some(&group), &id);
    if !hers && !caller.is(Role::Leader, &event, Some(&group)) {
        return Err(Problem::missing("check the address"));
    }
    let kept: Operator = parse(&record.body)?;
    let home = state.store.record(&event, "group", &group).await?;
    let home: Group = parse(&home.body)?;
    let zone = kept.zone.clone().unwrap_or(home.zone);
    let own = state.zones.zone(&zone).unwrap_or(TimeZone::UTC);
    let times = format!("operator.{id}");
    let said = there(state.store.record(&event, "availability", &times).await)?;
    let busy = there(state.store.record(&event, "busy", &times).await)?;
    let has_calendar = there(state.store.calendar(&event, &times).await)?.is_some();
    let rows: Option<Availability> = said.as_ref().map(|said| parse(&said.body)).transpose()?;
    let busy: Option<Busy> = busy.map(|busy| parse(&busy.body)).transpose()?;
    let rows = rows.map(|said| said.rows).unwrap_or_default();
    let busy = busy.map(|busy| busy.rows).unwrap_or_default();
    Ok(Person {
        draft: Draft::of(&zone, &own, rows, busy),
        event,
        id,
        group,
        kept,
        kept_version: record.version,
        zone,
        has_calendar,
        version: said.map_or(0, |said: Record| said.version),
    })
}

fn there<T>(found: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::Missing) => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse<T: serde::de::DeserializeOwned>(body: &str) -> Result<T, Problem> {
    Ok(serde_json::from_str(body).map_err(anyhow::Error::from)?)
}

/// Shows what is kept.
pub(super) async fn read(
    FromState(state): FromState<Shared>,
    caller: Result<Caller, Problem>,
    Path(whose): Path<(String, String)>,
    Query(after): Query<After>,
) -> Result<Response, Refusal> {
    let caller = caller?;
    let person = person(&state, &caller, whose).await?;
    let told = Told {
        saved: after.saved.is_some(),
        ..Told::default()
    };
    Ok(page(&state, &caller, &person, (&Asked::default(), told)).await?)
}

/// What is said above the form.
#[derive(Default)]
struct Told {
    saved: bool,
    note: Option<&'static str>,
    troubles: Vec<String>,
}

/// Previews, sets hours, or saves.
pub(super) async fn change(
    FromState(state): FromState<Shared>,
    caller: Result<Caller, Problem>,
    Path(whose): Path<(String, String)>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Refusal> {
    let caller = caller?;
    caller.scope("write")?;
    let mut person = person(&state, &caller, whose).await?;
    let form = form.map_err(|_other| Problem::malformed("send the form of the page"))?;
    let mut asked = filled(form, &mut person.draft).await?;
    let mut told = Told::default();
    if let Err(problem) = apply(&state, &mut person, &mut asked).await {
        told.troubles = problem.lines();
    } else if asked.act == "save" {
        match save(&state, &caller, &person, &asked).await {
            Ok(()) => {
                let saved = format!("{}?saved=1", person.action());
                return Ok(Redirect::to(&saved).into_response());
            }
            Err(problem) => told.troubles = problem.lines(),
        }
    }
    if told.troubles.is_empty() {
        told.note = Some("This is how it would be. Nothing is saved yet.");
    }
    Ok(page(&state, &caller, &person, (&asked, told)).await?)
}

/// Keeps the draft: all of it or nothing.
async fn save(
    state: &Shared,
    caller: &Caller,
    person: &Person,
    asked: &Asked,
) -> Result<(), Problem> {
    let (event, group, times) = (&person.event, Some(person.group.as_str()), person.times());
    let said = person.draft.availability();
    let busy = Busy {
        rows: person.draft.busy.clone(),
    };
    let moved = (person.draft.zone != person.zone).then(|| Operator {
        zone: Some(person.draft.zone.clone()),
        ..person.kept.clone()
    });
    if let Some(moved) = &moved {
        prove(state, event, &person.id, (moved, group)).await?;
    }
    if !said.rows.is_empty() {
        prove(state, event, &times, (&said, group)).await?;
    }
    if !busy.rows.is_empty() {
        prove(state, event, &times, (&busy, group)).await?;
    }
    let act = |kind: &'static str| Act {
        account: Some(&caller.account.id),
        action: "change",
        event: Some(event),
        kind,
        id: if kind == "operator" {
            &person.id
        } else {
            &times
        },
        group,
    };
    let json = |thing: serde_json::Result<String>| thing.map_err(anyhow::Error::from);
    let mut write = state.store.write().await?;
    if let Some(moved) = &moved {
        let expected = Expected::Version(person.kept_version);
        let body = json(serde_json::to_string(moved))?;
        write.put_record(&act("operator"), expected, &body).await?;
    }
    let expected = match asked.version {
        0 => Expected::Nothing,
        version => Expected::Version(version),
    };
    match (said.rows.is_empty(), expected) {
        (true, Expected::Nothing) => {}
        (true, Expected::Version(version)) => {
            write.delete_record(&act("availability"), version).await?;
        }
        (false, _) => {
            let body = json(serde_json::to_string(&said))?;
            write
                .put_record(&act("availability"), expected, &body)
                .await?;
        }
    }
    if !busy.rows.is_empty() {
        let body = json(serde_json::to_string(&busy))?;
        write.replace_record(&act("busy"), &body).await?;
    }
    if let Some(calendar) = &person.draft.calendar {
        let kept = there(state.store.calendar(event, &times).await)?;
        let expected = kept.map_or(Expected::Nothing, |row| Expected::Version(row.version));
        write
            .put_calendar(&act("calendar"), expected, "", Some(calendar))
            .await?;
    }
    write.commit().await?;
    Ok(())
}

/// The page of a draft.
async fn page(
    state: &Shared,
    caller: &Caller,
    person: &Person,
    (asked, mut told): (&Asked, Told),
) -> Result<Response, Problem> {
    let draft = &person.draft;
    let plans = latest(state, caller, &person.event).await?;
    let plan = address(&["events", &person.event, "groups", &person.group, "plan"]);
    let plan = Some(plan).filter(|_| !plans.is_empty());
    let whose = Whose {
        event: &person.event,
        operator: &person.id,
        person: &person.kept,
    };
    let now = Timestamp::now();
    let zone = state.zones.zone(&draft.zone).unwrap_or(TimeZone::UTC);
    let preview = match preview(state, whose, draft).await? {
        Ok(preview) => Some(preview),
        Err(faults) => {
            if told.troubles.is_empty() {
                told.troubles = Problem::of_faults(&faults).lines();
            }
            told.note = None;
            None
        }
    };
    let spoken = preview
        .as_ref()
        .map(|seen| clock::words(&zone, seen.event, now));
    let when = preview
        .as_ref()
        .map(|seen| clock::stretch(seen.event, &zone));
    let json = |text: serde_json::Result<String>| text.map_err(anyhow::Error::from);
    Ok(show(&Page {
        title: preview
            .as_ref()
            .map_or_else(|| person.event.clone(), |seen| seen.title.clone()),
        when: when.unwrap_or_default(),
        operator: &person.id,
        plan,
        action: person.action(),
        saved: told.saved,
        note: told.note,
        troubles: told.troubles,
        version: if asked.act.is_empty() {
            person.version
        } else {
            asked.version
        },
        carried: draft.carried(),
        others: json(serde_json::to_string(&draft.others))?,
        busy: json(serde_json::to_string(&draft.busy))?,
        calendar: draft.calendar.as_deref().unwrap_or_default(),
        has_calendar: person.has_calendar || draft.calendar.is_some(),
        zone: &draft.zone,
        zone_words: spoken.unwrap_or_default(),
        zones: state.zones.names().collect(),
        unsaid: draft.availability().rows.is_empty(),
        days: preview
            .map(|seen| days(&seen, &zone, &asked.ticked))
            .unwrap_or_default(),
        brushes: BRUSHES,
        brush: &asked.brush,
        rules: &draft.rules,
    }))
}

/// The hours by the days of her calendar.
fn days(preview: &Preview, zone: &TimeZone, ticked: &[Timestamp]) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for hour in &preview.hours {
        let start = hour.span.start();
        let (name, time) = (clock::day(start, zone), clock::time(start, zone));
        let says = says(hour);
        let shown = Shown {
            start: start.to_string(),
            label: format!("{time}, {says}"),
            time,
            says,
            class: word(hour.grade),
            ticked: ticked.contains(&start),
        };
        match days.last_mut() {
            Some(day) if day.name == name => day.hours.push(shown),
            _ => days.push(Day {
                name,
                hours: vec![shown],
            }),
        }
    }
    days
}

fn says(hour: &Hour) -> &'static str {
    if hour.mixed {
        return "partly";
    }
    match (hour.grade, hour.cause) {
        (Grade::Prefer, _) => "best",
        (Grade::Possible, _) => "yes",
        (Grade::IfNeedBe, _) => "if needed",
        (Grade::Impossible, Cause::Busy) => "busy",
        (Grade::Impossible, Cause::Night) => "night",
        (Grade::Impossible, Cause::Holiday) => "holiday",
        (Grade::Impossible, Cause::NotOffered) => "not said",
        (Grade::Impossible, _) => "no",
    }
}
