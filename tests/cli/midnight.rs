//! Two nights on which clocks change: no item is lost, split, or shown on a wrong day, wherever it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::Timestamp;
use meridian_model::{Plan, Problem, Span, ZoneSet};

use crate::shell::{Desk, meridian};

/// Instants of an item as they are written: start and end.
type Times = (String, String);

/// One of the two events, planned, with everything made of it.
struct Night {
    desk: Desk,
    problem: Problem,
    plan: Plan,
    zones: BTreeSet<String>,
}

fn nights() -> [Night; 2] {
    ["midnight-dst-eu", "midnight-dst-us"].map(|event| {
        let desk = Desk::with(event);
        let problem = desk.path("problem.json");
        desk.plan(&["--problem-out", &problem]).ending(0);
        let problem: Problem =
            serde_json::from_value(desk.json("problem.json")).expect("a problem");
        let plan: Plan = serde_json::from_value(desk.json("plan.json")).expect("a plan");
        let groups = problem
            .groups
            .iter()
            .map(|group| group.zone.as_str().to_owned());
        let zones: BTreeSet<String> = groups.collect();
        assert!(zones.len() >= 9, "{zones:?}");
        Night {
            desk,
            problem,
            plan,
            zones,
        }
    })
}

impl Night {
    /// What must be found everywhere, by kind and id.
    fn items(&self) -> BTreeMap<(String, String), BTreeSet<Times>> {
        let blocks = self
            .plan
            .blocks
            .iter()
            .map(|block| ("block", block.id.as_str(), block.span));
        let sessions = self
            .plan
            .sessions
            .iter()
            .map(|one| ("session", one.session.as_str(), one.span));
        let shifts = self
            .plan
            .shifts
            .iter()
            .map(|shift| ("shift", shift.id.as_str(), shift.span));
        let items = blocks.chain(sessions).chain(shifts);
        let times = |span: Span| (span.start().to_string(), span.end().to_string());
        items
            .map(|(kind, id, span)| {
                (
                    (kind.to_owned(), id.to_owned()),
                    BTreeSet::from([times(span)]),
                )
            })
            .collect()
    }

    /// The same with what calendars tell: that a shift begins with its handover.
    fn items_on_duty(&self) -> BTreeMap<(String, String), BTreeSet<Times>> {
        let mut items = self.items();
        for shift in &self.plan.shifts {
            let handover = jiff::SignedDuration::from_mins(i64::from(shift.handover_min));
            let start = (shift.span.start() - handover).to_string();
            let times = BTreeSet::from([(start, shift.span.end().to_string())]);
            items.insert(("shift".to_owned(), shift.id.to_string()), times);
        }
        items
    }

    fn title(&self, session: &str) -> &str {
        let found = self
            .problem
            .sessions
            .iter()
            .find(|one| one.id.as_str() == session);
        &found.expect("the session is known").title
    }
}

static ZONES: LazyLock<ZoneSet> = LazyLock::new(ZoneSet::embedded);

/// `Sun 25 Oct 02:30` where `zone` is.
fn local(zone: &str, at: Timestamp) -> String {
    let zone = ZONES.zone(zone).expect("the zone is in the set");
    at.to_zoned(zone).strftime("%a %-d %b %H:%M").to_string()
}

#[test]
fn every_session_is_in_the_document_once_and_whole() {
    for night in nights() {
        let placed: BTreeMap<_, _> = night
            .plan
            .sessions
            .iter()
            .map(|one| (&one.session, one.span))
            .collect();
        assert_eq!(placed.len(), night.plan.sessions.len());
        for session in &night.problem.sessions {
            if session.priority == meridian_model::Priority::Filler {
                continue;
            }
            let minutes = placed.get(&session.id).map(Span::minutes);
            assert_eq!(
                minutes,
                Some(i64::from(session.length_min)),
                "{}",
                session.id
            );
        }
    }
}

#[test]
fn every_item_is_in_the_calendars_with_its_own_instants() {
    for night in nights() {
        let folder = night.desk.path("calendars");
        night
            .desk
            .on_plan("export", &["--all-ics", &folder])
            .ending(0);
        let mut found: BTreeMap<(String, String), BTreeSet<Times>> = BTreeMap::new();
        for entry in std::fs::read_dir(&folder)
            .expect("there are calendars")
            .flatten()
        {
            let text = std::fs::read_to_string(entry.path()).expect("calendars are UTF-8");
            let text = text.replace("\r\n ", "");
            let mut seen = BTreeSet::new();
            for event in text.split("BEGIN:VEVENT").skip(1) {
                let value = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.unwrap_or_else(|| panic!("no {name} in {event}"))
                        .to_owned()
                };
                let uid = value("UID:");
                assert!(
                    seen.insert(uid.clone()),
                    "{uid} is twice in {:?}",
                    entry.path()
                );
                let (kind, id) = uid.split_once('.').expect("a UID tells kind and id");
                let id = id.rsplit_once('@').expect("a UID ends with the event").0;
                let times = (instant(&value("DTSTART:")), instant(&value("DTEND:")));
                found
                    .entry((kind.to_owned(), id.to_owned()))
                    .or_default()
                    .insert(times);
            }
        }
        assert_eq!(found, night.items_on_duty());
    }
}

/// `20261031T180000Z` as `2026-10-31T18:00:00Z`.
fn instant(ics: &str) -> String {
    let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", ics).expect("a UTC time");
    let at = at.to_zoned(jiff::tz::TimeZone::UTC).expect("in range");
    at.timestamp().to_string()
}

#[test]
fn every_item_is_on_the_page_with_its_own_instants_and_days() {
    for night in nights() {
        for zone in &night.zones {
            let page = night
                .desk
                .on_plan("export", &["--format", "html", "--zone", zone])
                .ending(0)
                .out;
            let mut found: BTreeMap<(String, String), BTreeSet<Times>> = BTreeMap::new();
            for kind in ["block", "session", "shift"] {
                for drawn in page.split(&format!("data-kind=\"{kind}\" ")).skip(1) {
                    let value = |name: &str| {
                        let rest = drawn.split(&format!("{name}=\"")).nth(1);
                        let value = rest.and_then(|rest| rest.split('"').next());
                        value
                            .unwrap_or_else(|| panic!("no {name} in the page"))
                            .to_owned()
                    };
                    let times = (value("data-start"), value("data-end"));
                    found
                        .entry((kind.to_owned(), value("data-id")))
                        .or_default()
                        .insert(times);
                }
            }
            assert_eq!(found, night.items(), "in {zone}");

            let mut told = 0;
            for time in page.split("<time datetime=\"").skip(1) {
                let (at, rest) = time.split_once('"').expect("a time has an instant");
                let text = rest
                    .split_once('>')
                    .and_then(|(_, rest)| rest.split_once('<'));
                let text = text.expect("a time has a text").0;
                let wanted = local(zone, at.parse().expect("an instant"));
                assert!(
                    text.starts_with(&wanted),
                    "{at} in {zone}: {text} instead of {wanted}"
                );
                told += 1;
            }
            assert!(told > night.plan.sessions.len(), "{told} times");
        }
    }
}

#[test]
fn every_item_is_in_the_timeline_once_on_its_own_day() {
    for night in nights() {
        for zone in &night.zones {
            let shown = night
                .desk
                .on_plan("show", &["--zone", zone, "--width", "200"])
                .ending(0)
                .out;
            let (mut day, mut clock) = (String::new(), String::new());
            let mut programme = Vec::new();
            let mut roster = Vec::new();
            for line in shown.lines() {
                if let Some(heading) = line.strip_prefix("── ") {
                    heading.trim_end_matches(['─', ' ']).clone_into(&mut day);
                } else if let Some((time, text)) =
                    line.split_once(" ┃ ").or_else(|| line.split_once(" ┏ "))
                {
                    if !time.trim().is_empty() {
                        time.trim().clone_into(&mut clock);
                    }
                    programme.push((format!("{day} {clock}"), text.to_owned()));
                } else if line.starts_with("  ") && line.contains(", ") {
                    roster.push(line.trim().to_owned());
                }
            }
            for placed in &night.plan.sessions {
                let title = night.title(placed.session.as_str());
                let length = format!("{title} ({} min)", placed.span.minutes());
                let at: Vec<&String> = programme
                    .iter()
                    .filter(|(_, text)| text.starts_with(&length))
                    .map(|(at, _)| at)
                    .collect();
                assert_eq!(at, [&local(zone, placed.span.start())], "{title} in {zone}");
            }
            for shift in &night.plan.shifts {
                let start = local(zone, shift.span.start());
                let hers = format!(" {}, ", shift.operator);
                let lines = roster
                    .iter()
                    .filter(|line| line.starts_with(&start) && line.contains(&hers));
                assert_eq!(lines.count(), 1, "{start} {hers} in {zone}");
            }
            assert_eq!(
                programme.len(),
                night.plan.sessions.len() + night.plan.blocks.len(),
                "in {zone}"
            );
        }
    }
}

#[test]
fn a_zone_that_the_night_does_not_touch_is_shown_as_plainly() {
    let night = &nights()[0];
    let plan = night.desk.path("plan.json");
    let shown = meridian([
        "show",
        &night.desk.event(),
        &plan,
        "--zone",
        "Asia/Kathmandu",
    ])
    .ending(0)
    .out;
    assert!(shown.contains("UTC+5:45"), "{shown}");
    assert!(!shown.contains("clocks back"), "{shown}");
}
