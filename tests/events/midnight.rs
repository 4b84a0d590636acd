//! Two nights of clock changes, read back from everything that is written of them, wherever it is read: each
//! text a reader sees is turned into an instant again and put beside the plan's.

mod documents;
mod page;
mod screen;
mod wall;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use meridian_model::check::check;
use meridian_model::{
    GroupId, HostBlock, Medium, Operator, PlacedSession, Plan, Priority, Problem, Report, Session,
    Shift, Span, Timestamp, ZoneName, ZoneSet,
};

use crate::folder::{Folder, plan};

/// Zones with quarter and half hours, on both sides of the date line, and with rules that changed lately.
const HARD: [&str; 9] = [
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/Vancouver",
    "America/Edmonton",
    "America/Havana",
    "Africa/Casablanca",
];

const SECOND: SignedDuration = SignedDuration::from_secs(1);

static ZONES: LazyLock<ZoneSet> = LazyLock::new(ZoneSet::embedded);

static NIGHTS: LazyLock<[Night; 2]> = LazyLock::new(|| {
    [
        Night::of(
            "midnight-dst-eu",
            ("Europe/Berlin", "2026-10-25T01:00:00Z"),
            "2026-10-24",
        ),
        Night::of(
            "midnight-dst-us",
            ("America/New_York", "2026-11-01T06:00:00Z"),
            "2026-10-31",
        ),
    ]
});

/// Shifts that the organisers insist on, from the evening of the first day (UTC) on: with the first shifts,
/// which begin a quarter before midnight in Kathmandu, one is on at midnight in each zone and another or the
/// same when the clocks change.
const PINNED: [(&str, &str, &str); 4] = [
    ("chatham-owl", "21:30", "+00:15"),
    ("lord-howe-owl", "+00:15", "+03:45"),
    ("kathmandu-owl", "+03:45", "+07:30"),
    ("casablanca-crab", "+09:30", "+13:15"),
];

/// One of the two events with its plan.
struct Night {
    problem: Problem,
    plan: Plan,
    report: Report,
    /// The zone that changes its clocks in it.
    zone: &'static str,
    /// When it does.
    change: Timestamp,
}

/// What a reader is told of an item, and when it is: sorted, these are compared with the plan.
type Told = (String, Span);

fn zone(name: &str) -> TimeZone {
    ZONES.zone(name).unwrap()
}

/// The whole time that a shift keeps someone.
fn on_duty(shift: &Shift) -> Span {
    let handover = SignedDuration::from_mins(i64::from(shift.handover_min));
    Span::new(shift.span.start() - handover, shift.span.end()).unwrap()
}

fn sorted(mut told: Vec<Told>) -> Vec<Told> {
    told.sort();
    told
}

impl Night {
    /// Plans an event that starts on `day`, with the zone that changes its clocks and when.
    fn of(event: &str, (zone, change): (&'static str, &str), day: &str) -> Self {
        let mut folder = Folder::open(event);
        let first: Date = day.parse().unwrap();
        let header = "kind,who,what,start,end,zone,handover_min";
        let at = |time: &str| match time.strip_prefix('+') {
            Some(time) => format!("{}T{time}", first.tomorrow().unwrap()),
            None => format!("{first}T{time}"),
        };
        for (who, start, end) in PINNED {
            let (start, end) = (at(start), at(end));
            let row = format!("shift,{who},moderator,{start},{end},UTC,15");
            folder = folder.append("pins.csv", header, &row);
        }
        let problem = folder.problem();
        let plan = plan(&problem, 1);
        let report = check(&problem, &plan);
        Self {
            problem,
            plan,
            report,
            zone,
            change: change.parse().unwrap(),
        }
    }

    /// The zones that it is read in.
    fn zones(&self) -> impl Iterator<Item = ZoneName> {
        HARD.into_iter().chain([self.zone]).map(ZoneName::new)
    }

    /// Everything in the plan, by kind and id.
    fn items(&self) -> Vec<(&'static str, &str, Span)> {
        let plan = &self.plan;
        let blocks = plan.blocks.iter().map(|b| ("block", b.id.as_str(), b.span));
        let sessions = plan.sessions.iter();
        let sessions = sessions.map(|s| ("session", s.session.as_str(), s.span));
        let shifts = plan.shifts.iter().map(|s| ("shift", s.id.as_str(), s.span));
        blocks.chain(sessions).chain(shifts).collect()
    }

    fn session(&self, placed: &PlacedSession) -> &Session {
        let mut sessions = self.problem.sessions.iter();
        sessions.find(|s| s.id == placed.session).unwrap()
    }

    fn operator(&self, shift: &Shift) -> &Operator {
        let mut operators = self.problem.operators.iter();
        operators.find(|o| o.id == shift.operator).unwrap()
    }

    fn group(&self, id: &GroupId) -> &str {
        let mut groups = self.problem.groups.iter();
        &groups.find(|g| &g.id == id).unwrap().name
    }

    fn block_of(&self, placed: &PlacedSession) -> &HostBlock {
        let mut blocks = self.plan.blocks.iter();
        let block = blocks.find(|b| b.track == placed.track && b.span.contains(&placed.span));
        block.unwrap()
    }

    /// The duty's name: its role's, since both events have one track.
    fn duty(&self, shift: &Shift) -> &str {
        let event = &self.problem.event;
        assert_eq!(event.tracks.len(), 1);
        let duty = event.duties.iter().find(|d| d.id == shift.duty).unwrap();
        &event.roles.iter().find(|r| r.id == duty.role).unwrap().name
    }
}

#[test]
fn every_hard_midnight_and_both_clock_changes_lie_inside_items() {
    for night in &*NIGHTS {
        assert_eq!(night.report.score.medium, Medium::default());
        for zone_name in night.zones() {
            let group = |z: &ZoneName| night.problem.groups.iter().any(|g| &g.zone == z);
            assert!(group(&zone_name), "no group lives in {zone_name}");
            let zone = zone(zone_name.as_str());
            let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
            let over_midnight = |span: &Span| day(span.start()) != day(span.end() - SECOND);
            let items = night.items().into_iter();
            let kinds: BTreeSet<&str> = items
                .filter(|(.., span)| over_midnight(span))
                .map(|item| item.0)
                .collect();
            assert!(kinds.contains("shift"), "nobody in {zone_name}");
            // Its talk has a window of an hour around midnight.
            assert!(kinds.len() == 3 || zone_name.as_str() != "Pacific/Kiritimati");
        }
        for kind in ["block", "session", "shift"] {
            let mut items = night.items().into_iter().filter(|item| item.0 == kind);
            let over = items.find(|(.., s)| s.start() < night.change && night.change < s.end());
            assert!(over.is_some(), "no {kind} is on while the clocks change");
        }
        let (before, after) = (night.change - SECOND, night.change);
        let offset = |at| zone(night.zone).to_offset(at).seconds();
        assert_eq!(offset(before) - offset(after), 3600);
    }
}

#[test]
fn nothing_is_cut_in_two_at_midnight_or_at_the_clock_change() {
    for night in &*NIGHTS {
        let (problem, plan) = (&night.problem, &night.plan);
        for session in &problem.sessions {
            let placed = plan.sessions.iter().filter(|s| s.session == session.id);
            let minutes: Vec<i64> = placed.map(|s| s.span.minutes()).collect();
            if session.priority != Priority::Filler || !minutes.is_empty() {
                assert_eq!(minutes, [i64::from(session.length_min)], "{}", session.id);
            }
        }
        let touch = |a: Span, b: Span| a.end() == b.start();
        for a in &plan.blocks {
            let mut groups = problem.groups.iter();
            let home = &groups.find(|g| g.id == a.group).unwrap().zone;
            let end = a.span.end();
            let home_end = end.to_zoned(zone(home.as_str()));
            let touchy = home_end.time() == Time::midnight() || end == night.change;
            let cut = |b: &HostBlock| {
                touchy && (&b.group, &b.track) == (&a.group, &a.track) && touch(a.span, b.span)
            };
            assert!(!plan.blocks.iter().any(cut), "{} goes on", a.id);
        }
        for a in &plan.shifts {
            let cut = |b: &Shift| {
                (&b.operator, &b.duty) == (&a.operator, &a.duty) && touch(a.span, b.span)
            };
            assert!(!plan.shifts.iter().any(cut), "{} goes on", a.id);
        }
    }
}
