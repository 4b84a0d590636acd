//! The kinds of things that people edit of an event, and who may see and change them.
//!
//! Their fields are those of the event folder's files, so that the assembler can hand them to the one reader there is.

mod people;
mod programme;
pub(crate) mod settings;

pub(crate) use people::{Availability, AvailabilityRow, Busy, BusyRow, Group, Operator};
pub(crate) use programme::{Pin, RegionalCalendar, RegionalEvent, Session, Speaker};
pub(crate) use settings::Settings;

use axum::http::HeaderMap;

use super::body::{json, media};
use super::problem::Problem;
use super::things::{Thing, Who};
use super::times::{Tabled, of_one};

/// A kind by its name, who sees and changes it, whose it is, and what its id says.
macro_rules! kind {
    ($thing:ty, $name:literal, $seen:ident, $changed:ident, $group:expr, $check:expr, $owner:expr $(, $read:item)?) => {
        impl Thing for $thing {
            const KIND: &'static str = $name;
            const SEEN_BY: Who = Who::$seen;
            const CHANGED_BY: Who = Who::$changed;

            fn group(&self) -> Option<&str> {
                let whose: fn(&Self) -> Option<&str> = $group;
                whose(self)
            }

            fn check(&self, id: &str) -> Result<(), Problem> {
                $check(id)
            }

            fn owner(id: &str) -> Option<(&str, &str)> {
                let whose: fn(&str) -> Option<(&str, &str)> = $owner;
                whose(id)
            }

            $($read)?
        }
    };
}

kind!(
    Settings,
    "settings",
    Everyone,
    Schedulers,
    |_| None,
    only_event,
    |_| None
);
kind!(
    Group,
    "group",
    Everyone,
    Schedulers,
    |_| None,
    identifier,
    |_| None
);
kind!(
    RegionalEvent,
    "regional-event",
    Everyone,
    Schedulers,
    |_| None,
    identifier,
    |_| None
);
kind!(
    RegionalCalendar,
    "regional-calendar",
    Everyone,
    Schedulers,
    |_| None,
    identifier,
    |_| None
);
kind!(
    Pin,
    "pin",
    Schedulers,
    Schedulers,
    |_| None,
    identifier,
    |_| None
);
kind!(
    Session,
    "session",
    Leaders,
    Leaders,
    |s| s.group.as_deref(),
    identifier,
    |_| None
);
kind!(
    Speaker,
    "speaker",
    Leaders,
    Leaders,
    |s| s.group.as_deref(),
    identifier,
    |_| None
);
kind!(
    Operator,
    "operator",
    Person,
    Leaders,
    |o| Some(&o.group),
    identifier,
    |id| Some(("operator", id))
);
kind!(
    Availability,
    "availability",
    Person,
    Person,
    |_| None,
    whose,
    owner,
    fn of_body(headers: &HeaderMap, bytes: &[u8], id: &str) -> Result<Self, Problem> {
        json_or_table(headers, bytes, id)
    }
);
kind!(
    Busy,
    "busy",
    Person,
    Person,
    |_| None,
    whose,
    owner,
    fn of_body(headers: &HeaderMap, bytes: &[u8], id: &str) -> Result<Self, Problem> {
        json_or_table(headers, bytes, id)
    }
);

/// What can come as JSON, or as one person's table.
fn json_or_table<T: Tabled>(headers: &HeaderMap, bytes: &[u8], id: &str) -> Result<T, Problem> {
    match media(headers) {
        "application/json" => json(bytes),
        "text/csv" => of_one(id, bytes),
        _ => Err(Problem::wrong_type(
            "send it with `Content-Type: application/json` or `text/csv`",
        )),
    }
}

/// The one id of the event's own settings.
fn only_event(id: &str) -> Result<(), Problem> {
    if id == "event" {
        Ok(())
    } else {
        Err(Problem::of_field(
            "id",
            "the settings of an event have one id",
            "use event",
        ))
    }
}

/// `operator.ID`, `speaker.ID` or `group.ID`.
pub(crate) fn whose(id: &str) -> Result<(), Problem> {
    match id.split_once('.') {
        Some(("operator" | "speaker" | "group", who)) => identifier(who),
        _ => Err(Problem::of_field(
            "id",
            "it does not say whose this is",
            "use operator.ID, speaker.ID or group.ID",
        )),
    }
}

/// `operator.aiko` is the operator aiko's.
pub(crate) fn owner(id: &str) -> Option<(&str, &str)> {
    id.split_once('.')
}

/// What an event folder takes for an identifier.
pub(crate) fn identifier(id: &str) -> Result<(), Problem> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let first = id.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    if first && id.len() <= 64 && id.bytes().all(known) {
        return Ok(());
    }
    Err(Problem::of_field(
        "id",
        "it is no identifier",
        "use 1 to 64 letters a-z, digits, dots, underscores and hyphens, beginning with a letter or digit",
    ))
}
