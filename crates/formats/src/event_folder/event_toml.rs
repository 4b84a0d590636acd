//! `event.toml`: the event's own rows and its policy.

use jiff::tz::TimeZone;
use meridian_model::{Horizon, RoleNeed, Span, ZoneName, ZoneSet};

use super::dates::{self, DatesRow};
use super::policy::{self, PolicyRow};
use super::tree::{self, At, Table};
use crate::civil::{self, Moment, local};
use crate::fault::{FaultCode, Faults, Place};
use crate::rules::overlapping;
use crate::words;

/// Name and version of the folder's format.
const FORMAT: &str = "meridian-event/1";

/// Roles that answer alerts unless they say otherwise.
const ALERTED: [&str; 3] = ["stream-operator", "moderator", "engineer"];

/// What `event.toml` says; what could not be read is `None` or left out.
#[derive(Debug)]
pub(crate) struct EventRow {
    pub(crate) id: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) zone: Option<ZoneName>,
    pub(crate) horizon: Option<Horizon>,
    pub(crate) cell_min: Option<u32>,
    pub(crate) language: Option<String>,
    pub(crate) regional: Vec<At<String>>,
    pub(crate) tracks: Vec<TrackRow>,
    pub(crate) roles: Vec<RoleRow>,
    pub(crate) duties: Vec<DutyRow>,
    pub(crate) policy: PolicyRow,
    pub(crate) dates: DatesRow,
    /// False when some of it could not be read, so that nothing can be called undefined.
    pub(crate) complete: bool,
}

/// A track.
#[derive(Debug)]
pub(crate) struct TrackRow {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) line: u64,
}

/// A role.
#[derive(Debug)]
pub(crate) struct RoleRow {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) alerted: bool,
    pub(crate) needs: RoleNeed,
    pub(crate) handover_min: u32,
    pub(crate) line: u64,
}

/// A duty.
#[derive(Debug)]
pub(crate) struct DutyRow {
    pub(crate) id: Option<String>,
    pub(crate) role: Option<At<String>>,
    pub(crate) tracks: Vec<At<String>>,
    pub(crate) count: u32,
    /// `None`: the whole event.
    pub(crate) spans: Option<Vec<At<Span>>>,
    pub(crate) line: u64,
}

/// Reads `event.toml`; `None` when it is no text at all.
pub(crate) fn read(
    bytes: &[u8],
    file: &str,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Option<EventRow> {
    let read = tree::read(bytes, file, faults, |root, faults| {
        event(root, zones, faults)
    });
    read.map(|(row, complete)| EventRow { complete, ..row })
}

/// The `regional` list of an `event.toml`, tidied; empty when it cannot be read.
pub(crate) fn regional(bytes: &[u8]) -> Vec<String> {
    let mut ignored = Faults::default();
    let listed = tree::read(bytes, "event.toml", &mut ignored, |root, faults| {
        root.texts("regional", faults)
    });
    let listed = listed.and_then(|(listed, _)| listed).unwrap_or_default();
    listed
        .into_iter()
        .filter_map(|at| tidy(&at.value))
        .collect()
}

/// A relative folder without its closing slash; `None` when it is not relative.
pub(crate) fn tidy(folder: &str) -> Option<String> {
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    let relative =
        !folder.is_empty() && !folder.starts_with('/') && !folder.contains(['\\', ':', '\0']);
    relative.then(|| folder.to_owned())
}

fn event(root: &Table<'_, '_, '_>, zones: &ZoneSet, faults: &mut Faults) -> EventRow {
    if let Some(format) = root.need_text("format", faults)
        && format.value != FORMAT
    {
        faults.add(
            &root.place("format"),
            FaultCode::F038,
            format!("the format {:?} is not known here", format.value),
            format!("write format = \"{FORMAT}\""),
        );
    }
    let zone = root
        .need_text("zone", faults)
        .and_then(|at| words::zone(&at.value, zones, &root.place("zone"), faults));
    let cell_min = cell_min(root, faults);
    let horizon = horizon(root, zone.as_ref(), cell_min, zones, faults);
    let named = |at: Option<At<String>>, faults: &mut Faults| {
        at.and_then(|at| words::id(&at.value, &root.place("id"), faults))
    };
    let id = root.need_text("id", faults);
    let row = EventRow {
        id: event_id(named(id, faults), &root.place("id"), faults),
        title: root.need_text("title", faults).map(|at| at.value),
        cell_min,
        horizon,
        language: root
            .need_text("language", faults)
            .and_then(|at| words::language(&at.value, &root.place("language"), faults)),
        regional: folders(root, faults),
        tracks: root.tables("tracks", faults, track),
        roles: root.tables("roles", faults, |table, faults| {
            role(table, cell_min, faults)
        }),
        duties: root.tables("duties", faults, |table, faults| {
            duty(table, zone.as_ref(), horizon, zones, faults)
        }),
        policy: policy::read(root, cell_min.unwrap_or(5), faults),
        dates: dates::read(root, own_year(horizon), zones, faults),
        zone,
        complete: true,
    };
    for (key, n) in [
        ("tracks", row.tracks.len()),
        ("roles", row.roles.len()),
        ("duties", row.duties.len()),
    ] {
        root.need(key, (n > 0).then_some(()), faults);
    }
    row
}

/// The year that a rule for dates means when it names none.
fn own_year(horizon: Option<Horizon>) -> Option<i16> {
    let start = horizon?.start();
    Some(TimeZone::UTC.to_datetime(start).year())
}

fn event_id(id: Option<String>, place: &Place<'_>, faults: &mut Faults) -> Option<String> {
    let id = id?;
    if id
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    {
        return Some(id);
    }
    faults.add(
        place,
        FaultCode::F026,
        format!("{id:?} is no identifier of an event"),
        "use lower-case letters, digits and hyphens: it becomes part of calendar addresses",
    );
    None
}

fn cell_min(root: &Table<'_, '_, '_>, faults: &mut Faults) -> Option<u32> {
    let given = root.number("cell_min", 5..=60, faults);
    let cell = root.need("cell_min", given, faults)?;
    if [5, 10, 15, 20, 30, 60].contains(&cell) {
        return Some(cell);
    }
    faults.add(
        &root.place("cell_min"),
        FaultCode::F030,
        format!("a cell of {cell} minutes is not possible"),
        "write 5, 10, 15, 20, 30 or 60",
    );
    None
}

fn horizon(
    root: &Table<'_, '_, '_>,
    zone: Option<&ZoneName>,
    cell_min: Option<u32>,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Option<Horizon> {
    let place = root.place("start");
    let start = root
        .need_text("start", faults)
        .and_then(|at| civil::moment(&at.value, &place, faults));
    let hours = root.number("hours", 1..=168, faults);
    let hours = root.need("hours", hours, faults);
    let start = start.and_then(|moment| in_zone(moment, zone, zones, &place, faults))?;
    let n_cells = hours? * 60 / cell_min?;
    if start.as_second() % 60 != 0 {
        faults.add(
            &place,
            FaultCode::F034,
            "the start is not on a whole minute",
            "leave the seconds out",
        );
        return None;
    }
    Horizon::new(start, cell_min?, n_cells).ok()
}

fn in_zone(
    moment: Moment,
    zone: Option<&ZoneName>,
    zones: &ZoneSet,
    place: &Place<'_>,
    faults: &mut Faults,
) -> Option<meridian_model::Timestamp> {
    if let Moment::Instant(instant) = moment {
        return Some(instant);
    }
    let zone = zone?;
    civil::instant(
        moment,
        zone,
        &zones.zone(zone.as_str()).ok()?,
        place,
        faults,
    )
}

fn folders(root: &Table<'_, '_, '_>, faults: &mut Faults) -> Vec<At<String>> {
    let mut folders = Vec::new();
    for At { value, line } in root.texts("regional", faults).unwrap_or_default() {
        match tidy(&value) {
            Some(value) => folders.push(At { value, line }),
            None => faults.add(
                &Place {
                    line: Some(line),
                    ..root.place("regional")
                },
                FaultCode::F031,
                format!("{value:?} is not a folder relative to this one"),
                "write it like \"../regional-2024\", with forward slashes",
            ),
        }
    }
    folders
}

fn track(table: &Table<'_, '_, '_>, faults: &mut Faults) -> TrackRow {
    let (id, name) = id_and_name(table, faults);
    TrackRow {
        id,
        name,
        line: table.line(),
    }
}

/// The identifier, and the name, which defaults to it.
pub(crate) fn id_and_name(
    table: &Table<'_, '_, '_>,
    faults: &mut Faults,
) -> (Option<String>, String) {
    let id = table
        .need_text("id", faults)
        .and_then(|at| words::id(&at.value, &table.place("id"), faults));
    let name = table
        .text("name", faults)
        .map(|at| at.value)
        .or_else(|| id.clone());
    (id, name.unwrap_or_default())
}

fn role(table: &Table<'_, '_, '_>, cell_min: Option<u32>, faults: &mut Faults) -> RoleRow {
    let (id, name) = id_and_name(table, faults);
    let needs = [
        ("nothing", RoleNeed::Nothing),
        ("block-language", RoleNeed::BlockLanguage),
        ("interpretation", RoleNeed::Interpretation),
    ];
    let handover = table.number("handover_min", 0..=60, faults).unwrap_or(0);
    let place = table.place("handover_min");
    RoleRow {
        alerted: table
            .flag("alerted", faults)
            .unwrap_or_else(|| id.as_deref().is_some_and(|id| ALERTED.contains(&id))),
        needs: table
            .text("needs", faults)
            .and_then(|at| words::choice(&at.value, &needs, &table.place("needs"), faults))
            .unwrap_or(RoleNeed::Nothing),
        handover_min: words::on_grid(handover, 0, cell_min.unwrap_or(0), "cell", &place, faults)
            .unwrap_or(0),
        id,
        name,
        line: table.line(),
    }
}

fn duty(
    table: &Table<'_, '_, '_>,
    zone: Option<&ZoneName>,
    horizon: Option<Horizon>,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> DutyRow {
    let id = table
        .need_text("id", faults)
        .and_then(|at| words::id(&at.value, &table.place("id"), faults));
    let tracks = table.texts("tracks", faults);
    let tracks = table.need("tracks", tracks, faults);
    if tracks.as_ref().is_some_and(Vec::is_empty) {
        faults.add(
            &table.place("tracks"),
            FaultCode::F011,
            "the duty serves no track",
            "name at least one track",
        );
    }
    let tz = zone.and_then(|zone| zones.zone(zone.as_str()).ok());
    let spans: Option<Vec<At<Span>>> = table.texts("spans", faults).map(|texts| {
        texts
            .iter()
            .filter_map(|at| {
                let place = Place {
                    line: Some(at.line),
                    ..table.place("spans")
                };
                let span = interval(&at.value, zone, zones, &place, faults)?;
                let span = on_cells(span, horizon?, tz.as_ref()?, &place, faults)?;
                Some(At {
                    value: span,
                    line: at.line,
                })
            })
            .collect()
    });
    if let (Some(spans), Some(tz)) = (&spans, &tz) {
        let spans = spans.iter().map(|at| (at.value, at.line)).collect();
        disjoint(spans, tz, &table.place("spans"), faults);
    }
    DutyRow {
        id,
        role: table.need_text("role", faults),
        tracks: tracks.unwrap_or_default(),
        count: table.number("count", 1..=20, faults).unwrap_or(1),
        spans,
        line: table.line(),
    }
}

/// Reads `start/end`, civil in `zone` or instants.
pub(crate) fn interval(
    text: &str,
    zone: Option<&ZoneName>,
    zones: &ZoneSet,
    place: &Place<'_>,
    faults: &mut Faults,
) -> Option<Span> {
    let Some((start, end)) = text.split_once('/') else {
        faults.add(
            place,
            FaultCode::F015,
            format!("{text:?} is no span of time"),
            "write start and end like 2024-08-24T12:00/2024-08-24T18:00",
        );
        return None;
    };
    let start = civil::moment(start.trim(), place, faults);
    let end = civil::moment(end.trim(), place, faults);
    let zone = zone?;
    let tz = zones.zone(zone.as_str()).ok()?;
    civil::span((start?, end?), zone, &tz, (place, place), faults)
}

/// The span when it lies on cells of the horizon.
pub(crate) fn on_cells(
    span: Span,
    horizon: Horizon,
    tz: &TimeZone,
    place: &Place<'_>,
    faults: &mut Faults,
) -> Option<Span> {
    let said = |span: Span| format!("{} to {}", local(span.start(), tz), local(span.end(), tz));
    if !horizon.span().contains(&span) {
        faults.add(
            place,
            FaultCode::F030,
            format!("{} is not inside the event", said(span)),
            format!("keep it inside {}", said(horizon.span())),
        );
        return None;
    }
    if horizon.boundary(span.start()).is_none() || horizon.boundary(span.end()).is_none() {
        faults.add(
            place,
            FaultCode::F034,
            format!("{} does not lie on cells", said(span)),
            format!(
                "use multiples of {} minutes from the start of the event",
                horizon.cell_min()
            ),
        );
        return None;
    }
    Some(span)
}

/// Says which of some windows overlap: only one of two can be meant.
pub(crate) fn disjoint(
    spans: Vec<(Span, u64)>,
    tz: &TimeZone,
    place: &Place<'_>,
    faults: &mut Faults,
) {
    for [(first, _), (second, line)] in overlapping(spans) {
        faults.add(
            &Place {
                line: Some(line),
                ..place.clone()
            },
            FaultCode::F017,
            format!(
                "the window from {} overlaps the one from {}",
                local(second.start(), tz),
                local(first.start(), tz)
            ),
            "join the two or move one",
        );
    }
}
