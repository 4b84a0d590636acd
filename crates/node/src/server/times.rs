//! When people can and cannot, as they hand it in: tables of one person, or of many in a group.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State as FromState;
use meridian_formats::event_folder::{self, TableRow};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::{Caller, Role};
use super::extract::{Path, Raw};
use super::kinds::{Availability, Busy, identifier};
use super::problem::Problem;
use super::proof::prove;
use super::state::Shared;
use super::things::{Thing, enter, group_of_owner};
use crate::store::Act;

/// The columns of availability.csv and busy.csv.
const AVAILABILITY: [&str; 7] = ["kind", "who", "grade", "start", "end", "zone", "rule"];
const BUSY: [&str; 5] = ["kind", "who", "start", "end", "zone"];

/// Things of which a table is handed in, with some rows for each person.
pub(crate) trait Tabled: Thing {
    const COLUMNS: &'static [&'static str];
    type Row: DeserializeOwned;

    fn of(rows: Vec<Self::Row>) -> Self;
}

impl Tabled for Availability {
    const COLUMNS: &'static [&'static str] = &AVAILABILITY;
    type Row = super::kinds::AvailabilityRow;

    fn of(rows: Vec<Self::Row>) -> Self {
        Self { rows }
    }
}

impl Tabled for Busy {
    const COLUMNS: &'static [&'static str] = &BUSY;
    type Row = super::kinds::BusyRow;

    fn of(rows: Vec<Self::Row>) -> Self {
        Self { rows }
    }
}

/// One person's table; it need not say whose it is.
pub(crate) fn of_one<T: Tabled>(id: &str, bytes: &[u8]) -> Result<T, Problem> {
    let rows = event_folder::table(bytes, "table", T::COLUMNS, &[])
        .map_err(|faults| Problem::of_faults(&faults))?;
    let (kind, who) = super::kinds::owner(id).unwrap_or_default();
    for row in &rows {
        let other =
            |column: &str, own: &str| row.fields.get(column).is_some_and(|said| said != own);
        if other("kind", kind) || other("who", who) {
            return Err(Problem::of_field(
                &format!("line {}, who", row.line.unwrap_or_default()),
                &format!("the row is not of {kind} {who}"),
                "send only her rows here, or the whole table to her group's address",
            ));
        }
    }
    let rows = rows.into_iter().map(typed::<T>);
    Ok(T::of(rows.collect::<Result<_, _>>()?))
}

fn typed<T: Tabled>(row: TableRow) -> Result<T::Row, Problem> {
    let fields = row.fields.into_iter();
    let own = fields.filter(|(column, _)| column != "kind" && column != "who");
    let object = own.map(|(column, text)| (column, Value::String(text)));
    serde_json::from_value(Value::Object(object.collect())).map_err(|error| {
        Problem::of_field(
            &format!("line {}", row.line.unwrap_or_default()),
            &error.to_string(),
            "fill in what is missing",
        )
    })
}

/// What was handed in for one person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandedIn {
    /// Whose: `operator.ID`, `speaker.ID` or `group.ID`.
    id: String,
    /// Its version now; the ETag.
    version: i64,
    /// How many rows.
    rows: usize,
}

/// A group's table: for everyone who is named in it, what was there before is replaced.
async fn hand_in<T: Tabled>(
    state: &Shared,
    caller: &Caller,
    (event, group): (&str, &str),
    bytes: &[u8],
) -> Result<Vec<HandedIn>, Problem> {
    enter(state, caller, event).await?;
    identifier(group)?;
    if !caller.is(Role::Leader, event, Some(group)) {
        return Err(Problem::missing("check the address"));
    }
    let rows = event_folder::table(bytes, "table", T::COLUMNS, &["kind", "who"])
        .map_err(|faults| Problem::of_faults(&faults))?;
    let mut people: BTreeMap<String, Vec<TableRow>> = BTreeMap::new();
    for row in rows {
        let said = |column: &str| row.fields.get(column).cloned().unwrap_or_default();
        let id = format!("{}.{}", said("kind"), said("who"));
        people.entry(id).or_default().push(row);
    }
    let mut whole = Vec::new();
    for (id, rows) in people {
        let line = rows.first().and_then(|row| row.line).unwrap_or_default();
        of_group(state, event, group, &id, line).await?;
        let n = rows.len();
        let rows = rows.into_iter().map(typed::<T>);
        let thing = T::of(rows.collect::<Result<_, _>>()?);
        prove(state, event, &id, (&thing, Some(group))).await?;
        let body = serde_json::to_string(&thing).map_err(anyhow::Error::from)?;
        whole.push((id, body, n));
    }
    let mut write = state.store.write().await?;
    let mut done = Vec::new();
    for (id, body, rows) in whole {
        let act = Act {
            account: Some(&caller.account.id),
            action: "change",
            event: Some(event),
            kind: T::KIND,
            id: &id,
            group: Some(group),
        };
        let version = write.replace_record(&act, &body).await?;
        done.push(HandedIn { id, version, rows });
    }
    write.commit().await?;
    Ok(done)
}

/// Refuses who is not of the group.
async fn of_group(
    state: &Shared,
    event: &str,
    group: &str,
    id: &str,
    line: u64,
) -> Result<(), Problem> {
    let (kind, who) = super::kinds::owner(id).unwrap_or_default();
    if matches!(kind, "operator" | "speaker" | "group") && identifier(who).is_ok() {
        match group_of_owner(state, event, kind, who).await {
            Ok(Some(of)) if of == group => return Ok(()),
            Ok(_) => {}
            Err(problem) if problem.is_missing() => {}
            Err(problem) => return Err(problem),
        }
    }
    Err(Problem::of_field(
        &format!("line {line}, who"),
        "there is nobody of that kind and id in the group",
        "correct the id, or add the person to the group first",
    ))
}

/// Hand in a group's availability
///
/// A table with the columns of `availability.csv`. For each person named in it, what was there before is replaced.
#[utoipa::path(post, path = "/events/{event}/groups/{group}/availability", tag = "availability",
    params(("event" = String, Path), ("group" = String, Path)), request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Vec<HandedIn>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn availability(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, group)): Path<(String, String)>,
    headers: axum::http::HeaderMap,
    Raw(bytes): Raw,
) -> Result<Json<Vec<HandedIn>>, Problem> {
    super::body::of_media(&headers, "text/csv")?;
    let done = hand_in::<Availability>(&state, &caller, (&event, &group), &bytes).await?;
    Ok(Json(done))
}

/// Hand in a group's busy times
///
/// A table with the columns of `busy.csv`, such as `meridian import busy` prints. For each person named in it, what was
/// there before is replaced.
#[utoipa::path(post, path = "/events/{event}/groups/{group}/busy", tag = "availability",
    params(("event" = String, Path), ("group" = String, Path)), request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Vec<HandedIn>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn busy(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, group)): Path<(String, String)>,
    headers: axum::http::HeaderMap,
    Raw(bytes): Raw,
) -> Result<Json<Vec<HandedIn>>, Problem> {
    super::body::of_media(&headers, "text/csv")?;
    let done = hand_in::<Busy>(&state, &caller, (&event, &group), &bytes).await?;
    Ok(Json(done))
}

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(availability))
        .routes(routes!(busy))
}
