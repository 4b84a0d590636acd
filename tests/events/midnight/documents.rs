//! Files for machines: the plan document, calendars, CSV, Markdown.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use meridian_formats::export::ics::{self, Scope};
use meridian_formats::export::{Audience, csv as tables, markdown};
use meridian_model::{Span, Timestamp, ZoneName};

use super::wall::{read_offset, read_range};
use super::{NIGHTS, Night, Told, ZONES, on_duty, sorted, zone};

#[test]
fn the_document_holds_every_item_once_with_its_instants() {
    for night in &*NIGHTS {
        let text = serde_json::to_string(&night.plan).unwrap();
        let back = meridian_formats::plan::read(text.as_bytes(), "plan.json").unwrap();
        assert_eq!(back, night.plan);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut found = Vec::new();
        let lists = [
            ("block", "blocks", "id"),
            ("session", "sessions", "session"),
            ("shift", "shifts", "id"),
        ];
        for (kind, list, id) in lists {
            for item in json[list].as_array().unwrap() {
                let at = |key: &str| item["span"][key].as_str().unwrap().parse().unwrap();
                let span = Span::new(at("start"), at("end")).unwrap();
                found.push((kind, item[id].as_str().unwrap(), span));
            }
        }
        let mut items = night.items();
        assert_eq!(found, items);
        items.dedup_by_key(|item| (item.0, item.1));
        items.sort_unstable();
        items.dedup_by_key(|item| (item.0, item.1));
        assert_eq!(items.len(), found.len(), "two items with one id");
    }
}

/// Whose calendars there are, and in which zone each is told.
fn scopes(night: &Night) -> Vec<(Scope, &ZoneName)> {
    let problem = &night.problem;
    let mut scopes = vec![(Scope::Event, &problem.event.zone)];
    let tracks = problem.event.tracks.iter();
    scopes.extend(tracks.map(|t| (Scope::Track(t.id.clone()), &problem.event.zone)));
    let groups = problem.groups.iter();
    scopes.extend(groups.map(|g| (Scope::Group(g.id.clone()), &g.zone)));
    let operators = problem.operators.iter();
    scopes.extend(operators.map(|o| (Scope::Person(o.id.clone()), &o.zone)));
    let speakers = problem.speakers.iter();
    scopes.extend(speakers.map(|s| (Scope::Speaker(s.id.clone()), &s.zone)));
    scopes
}

/// What a calendar must hold, as UIDs and the times that keep someone.
fn entries(night: &Night, scope: &Scope) -> Vec<Told> {
    let plan = &night.plan;
    let event = &night.problem.event.id;
    let uid = |kind: &str, id: &str| format!("{kind}.{id}@{event}.meridian");
    let mut wanted = Vec::new();
    for block in &plan.blocks {
        let holds = match scope {
            Scope::Event => true,
            Scope::Track(id) => &block.track == id,
            Scope::Group(id) => &block.group == id,
            Scope::Person(_) | Scope::Speaker(_) => false,
        };
        wanted.extend(holds.then(|| (uid("block", block.id.as_str()), block.span)));
    }
    for placed in &plan.sessions {
        let speaks = |id| {
            let operator = night.problem.operators.iter().find(|o| &o.id == id);
            let speaker = operator.and_then(|o| o.speaker.as_ref());
            speaker.is_some_and(|id| night.session(placed).speakers.contains(id))
        };
        let holds = match scope {
            Scope::Event => true,
            Scope::Track(id) => &placed.track == id,
            Scope::Group(id) => &night.block_of(placed).group == id,
            Scope::Person(id) => speaks(id),
            Scope::Speaker(id) => night.session(placed).speakers.contains(id),
        };
        wanted.extend(holds.then(|| (uid("session", placed.session.as_str()), placed.span)));
    }
    for shift in &plan.shifts {
        let holds = match scope {
            Scope::Event | Scope::Track(_) | Scope::Speaker(_) => false,
            Scope::Group(id) => &night.operator(shift).group == id,
            Scope::Person(id) => &shift.operator == id,
        };
        wanted.extend(holds.then(|| (uid("shift", shift.id.as_str()), on_duty(shift))));
    }
    sorted(wanted)
}

/// The value of a property, with what RFC 5545 escapes read back.
fn value(entry: &str, name: &str) -> String {
    let mut values = entry.lines().filter_map(|line| line.strip_prefix(name));
    let value = values
        .next()
        .unwrap_or_else(|| panic!("no {name} in {entry}"));
    assert!(values.next().is_none(), "{name} is twice in {entry}");
    value
        .replace("\\n", "\n")
        .replace("\\,", ",")
        .replace("\\;", ";")
}

/// `20261031T180000Z`.
fn utc(text: &str) -> Timestamp {
    let wall = DateTime::strptime("%Y%m%dT%H%M%SZ", text).unwrap();
    wall.to_zoned(TimeZone::UTC).unwrap().timestamp()
}

#[test]
fn each_calendar_holds_what_it_must_once_in_utc_and_tells_its_readers_weekday() {
    for night in &*NIGHTS {
        let mut reached: BTreeMap<String, usize> = BTreeMap::new();
        for (scope, zone_name) in scopes(night) {
            let text = ics::calendar(&night.problem, &night.plan, &ZONES, &scope).unwrap();
            let text = text.replace("\r\n ", "").replace("\r\n", "\n");
            let mut found = Vec::new();
            for entry in text.split("BEGIN:VEVENT\n").skip(1) {
                let span = Span::new(utc(&value(entry, "DTSTART:")), utc(&value(entry, "DTEND:")));
                let (uid, span) = (value(entry, "UID:"), span.unwrap());
                described(night, &value(entry, "DESCRIPTION:"), &uid, span, zone_name);
                *reached.entry(uid.clone()).or_default() += 1;
                found.push((uid, span));
            }
            assert_eq!(sorted(found), entries(night, &scope), "{scope:?}");
        }
        assert_eq!(
            reached.len(),
            night.items().len(),
            "some item is in no calendar"
        );
        for (uid, times) in reached {
            // The event's, the track's and the group's; a shift is in the group's and the person's only.
            let shift = uid.starts_with("shift.");
            let speakers = night.plan.sessions.iter().find_map(|placed| {
                let own = uid.starts_with(&format!("session.{}@", placed.session));
                own.then(|| night.session(placed).speakers.len())
            });
            let wanted = if shift { 2 } else { 3 + speakers.unwrap_or(0) };
            assert_eq!(times, wanted, "{uid}");
        }
    }
}

/// The reader's time, the same in UTC, and when a shift's handover is over.
fn described(night: &Night, text: &str, uid: &str, span: Span, zone_name: &ZoneName) {
    let zone = zone(zone_name.as_str());
    let lines: Vec<&str> = text.lines().collect();
    let (range, offset) = lines[0].split_once(&format!(" {zone_name}")).unwrap();
    assert_eq!(read_range(range, &zone), span, "{uid}: {text}");
    if let Some(offset) = offset.strip_prefix(" (") {
        let offset = read_offset(offset.strip_suffix(')').unwrap());
        assert_eq!(zone.to_offset(span.start()), offset, "{uid}: {text}");
    } else {
        assert!(range.ends_with(')'), "no offset: {text}");
    }
    let in_utc = lines[1].strip_suffix(" UTC").unwrap();
    assert_eq!(read_range(in_utc, &TimeZone::UTC), span, "{uid}: {text}");
    if let Some(alone) = text.split_once("then alone from ").map(|(_, rest)| rest) {
        let mut shifts = night.plan.shifts.iter();
        let shift = shifts.find(|s| uid.starts_with(&format!("shift.{}@", s.id)));
        let start = shift.unwrap().span.start().to_zoned(zone);
        assert_eq!(alone, start.strftime("%H:%M").to_string(), "{uid}: {text}");
    }
}

/// Items by id, with their spans as the plan has them.
fn by_id(night: &Night, kind: &str) -> Vec<Told> {
    let items = night.items().into_iter().filter(|item| item.0 == kind);
    sorted(items.map(|(_, id, span)| (id.to_owned(), span)).collect())
}

#[test]
fn each_table_has_every_item_once_at_its_instants_and_local_times() {
    for night in &*NIGHTS {
        let (problem, plan) = (&night.problem, &night.plan);
        for zone_name in night.zones() {
            let texts = [
                ("block", tables::blocks(problem, plan, &ZONES, &zone_name)),
                (
                    "session",
                    tables::sessions(problem, plan, &ZONES, &zone_name),
                ),
                ("shift", tables::shifts(problem, plan, &ZONES, &zone_name)),
            ];
            for (kind, text) in texts {
                let text = text.unwrap();
                let text = text.strip_prefix('\u{feff}').unwrap();
                let mut rows = csv::Reader::from_reader(text.as_bytes());
                let mut found = Vec::new();
                for row in rows.deserialize() {
                    let row: BTreeMap<String, String> = row.unwrap();
                    let at = |key: &str| row[key].parse::<Timestamp>().unwrap();
                    let span = Span::new(at("start"), at("end")).unwrap();
                    civil(&row, ["start_local", "end_local", "zone"], span);
                    assert_eq!(row["zone"], zone_name.as_str());
                    if kind == "shift" {
                        let own = [
                            "operator_start_local",
                            "operator_end_local",
                            "operator_zone",
                        ];
                        civil(&row, own, span);
                        let mut shifts = plan.shifts.iter();
                        let shift = shifts.find(|s| s.id.as_str() == row["id"]).unwrap();
                        assert_eq!(row["operator_zone"], night.operator(shift).zone.as_str());
                    }
                    found.push((row["id"].clone(), span));
                }
                assert_eq!(sorted(found), by_id(night, kind), "{kind} in {zone_name}");
            }
        }
    }
}

/// Civil times of a row are what the clocks of its zone show.
fn civil(row: &BTreeMap<String, String>, [start, end, zone_of]: [&str; 3], span: Span) {
    let zone = zone(&row[zone_of]);
    for (column, at) in [(start, span.start()), (end, span.end())] {
        let wall: DateTime = row[column].parse().unwrap();
        assert_eq!(wall, at.to_zoned(zone.clone()).datetime(), "{row:?}");
    }
}

#[test]
fn the_markdown_tables_tell_every_item_once_on_its_weekday() {
    for night in &*NIGHTS {
        let (problem, plan, report) = (&night.problem, &night.plan, &night.report);
        for zone_name in night.zones() {
            let zone_read = zone(zone_name.as_str());
            let text = markdown::plan(problem, plan, report, &ZONES, &zone_name, Audience::Crew);
            let text = text.unwrap().replace('\\', "").replace("&amp;", "&");
            let rows = |heading: &str| -> Vec<Vec<String>> {
                let part = text.split(&format!("\n## {heading}\n")).nth(1).unwrap();
                let part = part.split("\n## ").next().unwrap();
                let lines = part.lines().filter(|line| line.starts_with("| "));
                let cells = |line: &str| -> Vec<String> {
                    let cells = line.trim_matches('|').split(" | ");
                    cells.map(|cell| cell.trim().to_owned()).collect()
                };
                lines.skip(2).map(cells).collect()
            };
            let told = |rows: Vec<Vec<String>>, what: usize, when: usize| {
                let rows = rows.into_iter();
                let told = rows.map(|r| (r[what].clone(), read_range(&r[when], &zone_read)));
                sorted(told.collect())
            };
            let hosts = plan.blocks.iter();
            let hosts = hosts.map(|b| (night.group(&b.group).to_owned(), b.span));
            assert_eq!(told(rows("Hosts"), 2, 0), sorted(hosts.collect()));
            let sessions = plan.sessions.iter();
            let sessions = sessions.map(|s| (night.session(s).title.clone(), s.span));
            assert_eq!(told(rows("Programme"), 3, 0), sorted(sessions.collect()));
            let people = rows("Who is on duty");
            for row in &people {
                let (own, own_zone) = row[4].rsplit_once(' ').unwrap();
                let hers = read_range(own, &zone(own_zone));
                assert_eq!(hers, read_range(&row[3], &zone_read), "{row:?}");
            }
            let shifts = plan.shifts.iter();
            let shifts = shifts.map(|s| (s.operator.to_string(), s.span));
            assert_eq!(told(people, 1, 3), sorted(shifts.collect()));
        }
    }
}
