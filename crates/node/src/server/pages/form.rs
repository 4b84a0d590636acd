//! The form of *my availability*: what arrives of it, and what it does to the draft.

use axum::extract::Multipart;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use meridian_formats::busy;
use meridian_model::Span;

use super::availability::Person;
use super::draft::{Draft, grade};
use crate::server::kinds::{Availability, Busy};
use crate::server::problem::Problem;
use crate::server::proof::prove_calendar;
use crate::server::state::Shared;
use crate::server::times;

/// What the form says beside the draft.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) act: String,
    pub(super) brush: String,
    pub(super) ticked: Vec<Timestamp>,
    pub(super) file: Option<Vec<u8>>,
    pub(super) version: i64,
}

/// Reads the form into the draft and what is asked beside it.
pub(super) async fn filled(mut form: Multipart, draft: &mut Draft) -> Result<Asked, Problem> {
    let broken = |_cut_short| Problem::malformed("the form did not arrive whole");
    let mut asked = Asked::default();
    *draft = Draft::default();
    while let Some(field) = form.next_field().await.map_err(|error| {
        if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            Problem::too_large("choose a smaller file")
        } else {
            Problem::malformed("the form did not arrive whole")
        }
    })? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let bytes = field.bytes().await.map_err(broken)?;
            asked.file = Some(bytes.to_vec()).filter(|bytes| !bytes.is_empty());
            continue;
        }
        let text = field.text().await.map_err(broken)?;
        match name.as_str() {
            "zone" => draft.zone = text.trim().to_owned(),
            "rules" => draft.rules = text.replace("\r\n", "\n"),
            "hours" => draft.carry(&text),
            "others" => draft.others = serde_json::from_str(&text).unwrap_or_default(),
            "busy" => draft.busy = serde_json::from_str(&text).unwrap_or_default(),
            "calendar" => draft.calendar = Some(text).filter(|text| !text.trim().is_empty()),
            "version" => asked.version = text.parse().unwrap_or_default(),
            "brush" => asked.brush = text,
            "act" => asked.act = text,
            "hour" => asked.ticked.extend(text.parse::<Timestamp>()),
            _ => {}
        }
    }
    Ok(asked)
}

/// Does to the draft what the form asks for; ticked hours are set by saving too.
pub(super) async fn apply(
    state: &Shared,
    person: &mut Person,
    asked: &mut Asked,
) -> Result<(), Problem> {
    state.zones.zone(&person.draft.zone).map_err(|_unknown| {
        let zone = person.draft.zone.clone();
        person.draft.zone.clone_from(&person.zone);
        Problem::of_field(
            "time zone",
            &format!("{zone:?} is none that is known"),
            "choose one of the list, such as Asia/Tokyo",
        )
    })?;
    if let Some(file) = asked.file.take() {
        take_file(state, person, &file).await?;
    }
    let between = match asked.act.as_str() {
        "between" => true,
        "set" | "save" => false,
        _ => return Ok(()),
    };
    asked.ticked.sort_unstable();
    let (Some(first), Some(last)) = (asked.ticked.first(), asked.ticked.last()) else {
        return Ok(());
    };
    let hour = |start: Timestamp| {
        let end = start
            .checked_add(jiff::SignedDuration::from_hours(1))
            .ok()?;
        Span::new(start, end).ok()
    };
    let times: Vec<Span> = if between {
        let whole = hour(*last).and_then(|last| Span::new(*first, last.end()).ok());
        whole.into_iter().collect()
    } else {
        asked.ticked.iter().copied().filter_map(hour).collect()
    };
    person.draft.paint(&times, grade(&asked.brush));
    asked.ticked.clear();
    Ok(())
}

/// A calendar counts as busy; a table replaces what was said.
async fn take_file(state: &Shared, person: &mut Person, bytes: &[u8]) -> Result<(), Problem> {
    let id = person.times();
    let text = std::str::from_utf8(bytes)
        .map_err(|_invalid| Problem::malformed("the file is not text in UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    if text
        .trim_start()
        .get(..15)
        .is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCALENDAR"))
    {
        prove_calendar(state, &person.event, (&id, Some(&person.group)), text).await?;
        person.draft.calendar = Some(busy::stripped(bytes));
        return Ok(());
    }
    let head = text.lines().next().unwrap_or_default();
    if head.contains("rule") || head.contains("grade") {
        let own = state
            .zones
            .zone(&person.draft.zone)
            .unwrap_or(TimeZone::UTC);
        let said: Availability = times::of_one(&id, bytes)?;
        person.draft.take(said.rows, &own);
    } else {
        let said: Busy = times::of_one(&id, bytes)?;
        person.draft.busy = said.rows;
    }
    Ok(())
}
