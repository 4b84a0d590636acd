//! `event.toml`: the event's own rows and its policy.

use std::collections::BTreeMap;

use meridian_model::{
    Alert, AlertScope, Horizon, Impact, Level, Policy, RoleNeed, RuleCode, Span, ZoneName, ZoneSet,
};

use super::tree::{self, At, Table};
use crate::civil::{self, DayRange, Moment};
use crate::fault::{FaultCode, Faults, Place};
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

/// The policy and the defaults of people and groups.
#[derive(Debug)]
pub(crate) struct PolicyRow {
    pub(crate) policy: Policy,
    pub(crate) night: DayRange,
    pub(crate) prime: DayRange,
    pub(crate) block_min: (u32, u32),
    pub(crate) max_blocks: u32,
}

/// Reads `event.toml`; `None` when it is no text at all.
pub(crate) fn read(bytes: &[u8], file: &str, zones: &ZoneSet, faults: &mut Faults) -> Option<EventRow> {
    let read = tree::read(bytes, file, faults, |root, faults| event(root, zones, faults));
    read.map(|(row, complete)| EventRow { complete, ..row })
}

/// The `regional` list of an `event.toml`, tidied; empty when it cannot be read.
pub(crate) fn regional(bytes: &[u8]) -> Vec<String> {
    let mut ignored = Faults::default();
    let listed = tree::read(bytes, "event.toml", &mut ignored, |root, faults| root.texts("regional", faults));
    let listed = listed.and_then(|(listed, _)| listed).unwrap_or_default();
    listed.into_iter().filter_map(|at| tidy(&at.value)).collect()
}

/// A relative folder without its closing slash; `None` when it is not relative.
pub(crate) fn tidy(folder: &str) -> Option<String> {
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    let relative = !folder.is_empty() && !folder.starts_with('/') && !folder.contains(['\\', ':', '\0']);
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
    let zone = root.need_text("zone", faults).and_then(|at| words::zone(&at.value, zones, &root.place("zone"), faults));
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
        roles: root.tables("roles", faults, |table, faults| role(table, cell_min, faults)),
        duties: root.tables("duties", faults, |table, faults| {
            duty(table, zone.as_ref(), horizon, zones, faults)
        }),
        policy: policy(root, cell_min.unwrap_or(5), faults),
        zone,
        complete: true,
    };
    for (key, n) in [("tracks", row.tracks.len()), ("roles", row.roles.len()), ("duties", row.duties.len())] {
        root.need(key, (n > 0).then_some(()), faults);
    }
    row
}

fn event_id(id: Option<String>, place: &Place<'_>, faults: &mut Faults) -> Option<String> {
    let id = id?;
    if id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
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
    let start = root.need_text("start", faults).and_then(|at| civil::moment(&at.value, &place, faults));
    let hours = root.number("hours", 1..=168, faults);
    let hours = root.need("hours", hours, faults);
    let start = start.and_then(|moment| in_zone(moment, zone, zones, &place, faults))?;
    let n_cells = hours? * 60 / cell_min?;
    if start.as_second() % 60 != 0 {
        faults.add(&place, FaultCode::F034, "the start is not on a whole minute", "leave the seconds out");
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
    civil::instant(moment, zone, &zones.zone(zone.as_str()).ok()?, place, faults)
}

fn folders(root: &Table<'_, '_, '_>, faults: &mut Faults) -> Vec<At<String>> {
    let mut folders = Vec::new();
    for At { value, line } in root.texts("regional", faults).unwrap_or_default() {
        match tidy(&value) {
            Some(value) => folders.push(At { value, line }),
            None => faults.add(
                &Place { line: Some(line), ..root.place("regional") },
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
    TrackRow { id, name, line: table.line() }
}

/// The identifier, and the name, which defaults to it.
pub(crate) fn id_and_name(table: &Table<'_, '_, '_>, faults: &mut Faults) -> (Option<String>, String) {
    let id = table.need_text("id", faults).and_then(|at| words::id(&at.value, &table.place("id"), faults));
    let name = table.text("name", faults).map(|at| at.value).or_else(|| id.clone());
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
        handover_min: words::on_grid(handover, cell_min.unwrap_or(0), "cell", &place, faults).unwrap_or(0),
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
    let id = table.need_text("id", faults).and_then(|at| words::id(&at.value, &table.place("id"), faults));
    let tracks = table.texts("tracks", faults);
    let tracks = table.need("tracks", tracks, faults);
    if tracks.as_ref().is_some_and(Vec::is_empty) {
        faults.add(&table.place("tracks"), FaultCode::F011, "the duty serves no track", "name at least one track");
    }
    let spans = table.texts("spans", faults).map(|texts| {
        texts.iter().filter_map(|at| {
            let place = Place { line: Some(at.line), ..table.place("spans") };
            let span = interval(&at.value, zone, zones, &place, faults)?;
            let span = on_cells(span, horizon?, &place, faults)?;
            Some(At { value: span, line: at.line })
        }).collect()
    });
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
pub(crate) fn on_cells(span: Span, horizon: Horizon, place: &Place<'_>, faults: &mut Faults) -> Option<Span> {
    if !horizon.span().contains(&span) {
        faults.add(
            place,
            FaultCode::F030,
            format!("{} to {} is not inside the event", span.start(), span.end()),
            format!("keep it between {} and {}", horizon.start(), horizon.end()),
        );
        return None;
    }
    if horizon.boundary(span.start()).is_none() || horizon.boundary(span.end()).is_none() {
        faults.add(
            place,
            FaultCode::F034,
            format!("{} to {} does not lie on cells", span.start(), span.end()),
            format!("use multiples of {} minutes from the start of the event", horizon.cell_min()),
        );
        return None;
    }
    Some(span)
}

fn policy(root: &Table<'_, '_, '_>, cell: u32, faults: &mut Faults) -> PolicyRow {
    let mut row = defaults(cell);
    root.table("policy", faults, |table, faults| given(table, cell, &mut row, faults));
    let (grid, (shortest, longest)) = (row.policy.block_grid_min, row.block_min);
    if grid > 0 && !(shortest.is_multiple_of(grid) && longest.is_multiple_of(grid)) {
        faults.add(
            &root.place("policy").field("block_min"),
            FaultCode::F034,
            format!("block_min [{shortest}, {longest}] is not in multiples of block_grid_min {grid}"),
            "write a block_min that fits the grid",
        );
    }
    row
}

/// The policy of an event that says nothing.
pub(crate) fn defaults(cell: u32) -> PolicyRow {
    // Half an hour, or the least whole number of cells that makes whole half hours.
    let block_grid_min = if matches!(cell, 20 | 60) { 60 } else { 30 };
    PolicyRow {
        policy: Policy {
            alert: Alert { scope: AlertScope::Track, min_people: 2 },
            clashes: Impact::Weigh,
            shift_shortest_min: 60,
            shift_longest_min: 240,
            max_shifts: 2,
            rest_min: 180,
            max_duty_min: 360,
            max_awake_min: 960,
            sleep_min: 420,
            speaker_preparation_min: 30,
            block_grid_min,
            weights: BTreeMap::new(),
        },
        night: DayRange::hours(23, 7),
        prime: DayRange::hours(8, 23),
        block_min: (60, 180),
        max_blocks: 1,
    }
}

fn given(table: &Table<'_, '_, '_>, cell: u32, row: &mut PolicyRow, faults: &mut Faults) {
    let policy = &mut row.policy;
    let impact = table.text("clashes", faults).and_then(|at| words::choice(&at.value, &IMPACTS, &table.place("clashes"), faults));
    set(&mut policy.clashes, impact);
    let scopes = [("track", AlertScope::Track), ("event", AlertScope::Event)];
    let scope = table
        .text("alert_scope", faults)
        .and_then(|at| words::choice(&at.value, &scopes, &table.place("alert_scope"), faults));
    set(&mut policy.alert.scope, scope);
    set(&mut policy.alert.min_people, table.number("alert_people", 0..=20, faults));
    if let Some((shortest, longest)) = table.bounds("shift_min", 5..=1440, faults) {
        let place = table.place("shift_min");
        set(&mut policy.shift_shortest_min, words::on_grid(shortest, cell, "cell", &place, faults));
        set(&mut policy.shift_longest_min, words::on_grid(longest, cell, "cell", &place, faults));
    }
    set(&mut policy.max_shifts, table.number("max_shifts", 1..=50, faults));
    set(&mut policy.rest_min, table.number("rest_min", 0..=1440, faults));
    set(&mut policy.max_duty_min, table.number("max_duty_min", 1..=1440, faults));
    set(&mut policy.max_awake_min, table.number("max_awake_min", 60..=2880, faults));
    set(&mut policy.sleep_min, table.number("sleep_min", 0..=1440, faults));
    set(&mut policy.speaker_preparation_min, table.number("speaker_preparation_min", 0..=240, faults));
    if let Some(grid) = table.number("block_grid_min", 5..=1440, faults) {
        let place = table.place("block_grid_min");
        set(&mut policy.block_grid_min, words::on_grid(grid, cell, "cell", &place, faults));
    }
    set(&mut row.block_min, table.bounds("block_min", 5..=1440, faults));
    set(&mut row.max_blocks, table.number("max_blocks", 1..=100, faults));
    set(&mut row.night, range(table, "night", faults));
    set(&mut row.prime, range(table, "prime", faults));
    table.table("weights", faults, |weights, faults| weigh(weights, &mut row.policy, faults));
}

fn set<T>(target: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *target = given;
    }
}

/// What a regional event may do.
pub(crate) const IMPACTS: [(&str, Impact); 3] =
    [("block", Impact::Block), ("weigh", Impact::Weigh), ("ignore", Impact::Ignore)];

fn range(table: &Table<'_, '_, '_>, key: &'static str, faults: &mut Faults) -> Option<DayRange> {
    let text = table.text(key, faults)?;
    day_range(&text.value, &table.place(key), faults)
}

/// A daily range that is shorter than a day.
pub(crate) fn day_range(text: &str, place: &Place<'_>, faults: &mut Faults) -> Option<DayRange> {
    let remedy = "write two times of day like 23:00-07:00";
    match DayRange::parse(text) {
        Some(range) if range.is_whole_day() => {
            faults.add(place, FaultCode::F016, format!("{text:?} begins where it ends"), remedy);
            None
        }
        Some(range) => Some(range),
        None => {
            faults.add(place, FaultCode::F015, format!("{text:?} is no range of times of day"), remedy);
            None
        }
    }
}

fn weigh(table: &Table<'_, '_, '_>, policy: &mut Policy, faults: &mut Faults) {
    for (key, weight) in table.numbers() {
        let place = table.place(&key);
        let soft = RuleCode::ALL.iter().find(|rule| rule.as_str() == key && rule.level() == Level::Soft);
        let Some(&rule) = soft else {
            faults.add(
                &place,
                FaultCode::F009,
                format!("{key:?} is no soft rule"),
                "only soft rules are weighed; their codes are S01 to S15",
            );
            continue;
        };
        let Some(weight) = weight else {
            faults.add(&place, FaultCode::F031, format!("the weight of {key} is not a whole number"), "write 0 or more");
            continue;
        };
        if let Some(weight) = words::in_range(weight, 0..=1_000_000, &place, faults) {
            policy.weights.insert(rule, i64::from(weight));
        }
    }
}
