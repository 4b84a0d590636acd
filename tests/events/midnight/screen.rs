//! The terminal: the programme under its days, the roster by duty and by person.

use jiff::civil::{Date, Time};
use meridian_formats::export::{Audience, terminal};
use meridian_model::{Timestamp, ZoneName};

use super::wall::{read_date, read_range};
use super::{NIGHTS, Night, ZONES, sorted, zone};

/// So wide that nothing is cut.
const WIDTH: usize = 200;

/// The lines of one section.
fn section(night: &Night, zone: &ZoneName, heading: &str) -> Vec<String> {
    let (problem, plan, report) = (&night.problem, &night.plan, &night.report);
    let crew = Audience::Crew;
    let text = terminal::timeline(problem, plan, report, &ZONES, zone, WIDTH, crew).unwrap();
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with(&format!("{heading} ─")));
    let lines = lines.skip(1).take_while(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// What begins when: the rows of the programme, read by the day above them and the clock beside them.
fn beginnings(lines: &[String], zone_name: &ZoneName) -> Vec<(Timestamp, String)> {
    let zone = zone(zone_name.as_str());
    let (mut day, mut now, mut changed) = (None::<Date>, None, false);
    let mut found = Vec::new();
    for line in lines {
        if let Some(heading) = line.strip_prefix("── ") {
            day = Some(read_date(heading.trim_end_matches(['─', ' '])));
            continue;
        }
        if line.starts_with("~~ clocks ") {
            changed = true;
            continue;
        }
        let Some((clock, what)) = line.split_at_checked(6) else {
            continue;
        };
        if !clock.trim().is_empty() {
            let time = Time::strptime("%H:%M", clock.trim()).unwrap();
            let Some(day) = day else {
                panic!("{line} is under no day");
            };
            let wall = zone.to_ambiguous_timestamp(day.to_datetime(time));
            let at = if changed {
                wall.later()
            } else {
                wall.earlier()
            };
            now = Some(at.unwrap());
        }
        if what.starts_with('┏') || what.starts_with("┃ ") {
            found.push((now.unwrap(), what.to_owned()));
        } else {
            assert!(["┃", "end", "Track A"].contains(&what), "{line}");
        }
    }
    found.sort();
    found
}

#[test]
fn the_programme_shows_every_item_once_under_its_own_day() {
    for night in &*NIGHTS {
        let mut wanted = Vec::new();
        for block in &night.plan.blocks {
            let host = night.group(&block.group);
            wanted.push((block.span.start(), format!("┏ {host} [{}]", block.language)));
        }
        for placed in &night.plan.sessions {
            let session = night.session(placed);
            let mut line = format!("┃ {} ({} min)", session.title, placed.span.minutes());
            if session.language != night.block_of(placed).language {
                line += &format!(" [{}]", session.language);
            }
            wanted.push((placed.span.start(), line));
        }
        wanted.sort();
        for zone_name in night.zones() {
            let lines = section(night, &zone_name, "PROGRAMME");
            assert_eq!(beginnings(&lines, &zone_name), wanted, "in {zone_name}");
            let changes = lines
                .iter()
                .filter(|line| line.starts_with("~~ clocks back 1 h"));
            let changes = changes.count();
            assert_eq!(changes, usize::from(zone_name.as_str() == night.zone));
        }
    }
}

#[test]
fn the_roster_shows_every_shift_once_by_duty_and_once_by_person() {
    for night in &*NIGHTS {
        let shifts = night.plan.shifts.iter();
        let shifts = shifts.map(|s| (format!("{}: {}", night.duty(s), s.operator), s.span));
        let wanted = sorted(shifts.collect());
        for zone_name in night.zones() {
            let zone_read = zone(zone_name.as_str());
            let (mut duty, mut found) = (String::new(), Vec::new());
            for line in section(night, &zone_name, "ON DUTY") {
                if let Some(entry) = line.strip_prefix("  ") {
                    let (range, who) = entry.split_once("  ").unwrap();
                    let (who, _group) = who.trim().split_once(", ").unwrap();
                    found.push((format!("{duty}: {who}"), read_range(range, &zone_read)));
                } else {
                    duty = line;
                }
            }
            assert_eq!(sorted(found), wanted, "in {zone_name}");

            let (mut person, mut found) = (String::new(), Vec::new());
            for line in section(night, &zone_name, "PEOPLE") {
                match line.len() - line.trim_start().len() {
                    2 => person = line.split_whitespace().next().unwrap().to_owned(),
                    4 => {
                        let (range, told) = line.trim().split_once(", ").unwrap();
                        let (own_zone, duty) = told.split_once(": ").unwrap();
                        let span = read_range(range, &zone(own_zone));
                        found.push((format!("{duty}: {person}"), span));
                    }
                    _ => {}
                }
            }
            assert_eq!(sorted(found), wanted, "in {zone_name}");
        }
    }
}
