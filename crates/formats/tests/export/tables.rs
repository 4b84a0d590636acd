//! Terminal, calendars, CSV and Markdown.

use std::collections::BTreeSet;

use meridian_formats::export::ics::{CalendarError, Scope};
use meridian_formats::export::{Audience, csv, ics, markdown, terminal};
use meridian_model::ZoneName;

use crate::dense::dense;
use crate::fixture::{ZONES, small};

fn berlin() -> ZoneName {
    ZoneName::new("Europe/Berlin")
}

#[test]
fn a_scheduler_reads_the_plan_at_80_columns() {
    let (problem, plan, report) = small();
    let text = terminal::timeline(
        &problem,
        &plan,
        &report,
        &ZONES,
        &berlin(),
        80,
        Audience::Crew,
    )
    .unwrap();
    insta::assert_snapshot!("terminal_crew", text);
}

#[test]
fn the_public_terminal_is_programme_only() {
    let (problem, plan, report) = small();
    let zone = ZoneName::new("Asia/Kathmandu");
    let text = terminal::timeline(
        &problem,
        &plan,
        &report,
        &ZONES,
        &zone,
        80,
        Audience::Public,
    )
    .unwrap();
    insta::assert_snapshot!("terminal_public", text);
    assert!(!text.contains("op-"));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for (problem, plan, report) in [small(), dense()] {
        for width in [60, 80, 132, 200] {
            let zone = ZoneName::new("America/St_Johns");
            let text = terminal::timeline(
                &problem,
                &plan,
                &report,
                &ZONES,
                &zone,
                width,
                Audience::Crew,
            )
            .unwrap();
            for line in text.lines() {
                assert!(
                    unicode_width::UnicodeWidthStr::width(line) <= width,
                    "{width}: {line}"
                );
                assert!(!line.contains('\u{1b}'));
            }
        }
    }
}

#[test]
fn calendars_of_every_scope_read_well() {
    let (problem, plan, _) = small();
    let person = Scope::Person("op-mo2".into());
    insta::assert_snapshot!(
        "calendar_person",
        ics::calendar(&problem, &plan, &ZONES, &person)
            .unwrap()
            .replace("\r\n", "\n")
    );
    insta::assert_snapshot!(
        "calendar_track",
        ics::calendar(&problem, &plan, &ZONES, &Scope::Track("a".into()))
            .unwrap()
            .replace("\r\n", "\n")
    );
    let group = ics::calendar(&problem, &plan, &ZONES, &Scope::Group("berlin".into())).unwrap();
    for uid in [
        "block.blk-2",
        "block.blk-4",
        "session.s1",
        "shift.sh-2",
        "shift.sh-5",
    ] {
        assert!(
            group.contains(&format!("UID:{uid}@small.meridian\r\n")),
            "{uid}"
        );
    }
    assert_eq!(group.matches("BEGIN:VEVENT").count(), 7);
    assert!(!group.contains("op-mo") && !group.contains("op-ka"));
}

#[test]
fn public_calendars_name_no_operator() {
    let (problem, plan, _) = dense();
    let text = ics::calendar(&problem, &plan, &ZONES, &Scope::Event).unwrap();
    for operator in &problem.operators {
        assert!(!text.contains(operator.id.as_str()), "{}", operator.id);
    }
    let entries = plan.blocks.len() + plan.sessions.len();
    assert_eq!(text.matches("BEGIN:VEVENT").count(), entries);
    let uids: BTreeSet<&str> = text
        .lines()
        .filter(|line| line.starts_with("UID:"))
        .collect();
    assert_eq!(uids.len(), entries);
}

#[test]
fn a_person_calendar_holds_no_titles_of_others() {
    let (problem, plan, _) = dense();
    let me = plan.shifts[0].operator.clone();
    let text = ics::calendar(&problem, &plan, &ZONES, &Scope::Person(me.clone())).unwrap();
    let text = text.replace("\r\n ", "");
    for session in &problem.sessions {
        assert!(!text.contains(&session.title));
    }
    for operator in problem
        .operators
        .iter()
        .filter(|operator| operator.id != me)
    {
        assert!(!text.contains(operator.id.as_str()));
    }
}

#[test]
fn calendars_keep_uids_when_things_move_and_count_up_the_sequence() {
    let (problem, mut plan, _) = small();
    let person = Scope::Person("op-mo2".into());
    let before = ics::calendar(&problem, &plan, &ZONES, &person).unwrap();
    assert_eq!(
        before,
        ics::calendar(&problem, &plan, &ZONES, &person).unwrap()
    );
    plan.revision += 1;
    plan.shifts[5].span = crate::fixture::minutes(1200, 1320);
    let after = ics::calendar(&problem, &plan, &ZONES, &person).unwrap();
    let uids = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|l| l.starts_with("UID:"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(uids(&before), uids(&after));
    assert!(after.contains("SEQUENCE:4\r\n") && !after.contains("SEQUENCE:3"));
}

#[test]
fn a_calendar_for_nobody_is_refused_by_name() {
    let (problem, plan, _) = small();
    let refused = ics::calendar(&problem, &plan, &ZONES, &Scope::Person("op-xx".into()));
    let error = refused.unwrap_err();
    assert!(matches!(
        error,
        CalendarError::NotFound { kind: "person", .. }
    ));
    assert_eq!(error.to_string(), "the event has no person \"op-xx\"");
}

#[test]
fn tables_for_spreadsheets_and_wikis_read_well() {
    let (problem, plan, report) = small();
    insta::assert_snapshot!(
        "csv_shifts",
        csv::shifts(&problem, &plan, &ZONES, &berlin()).unwrap()
    );
    insta::assert_snapshot!(
        "csv_sessions",
        csv::sessions(&problem, &plan, &ZONES, &berlin()).unwrap()
    );
    insta::assert_snapshot!(
        "csv_blocks",
        csv::blocks(&problem, &plan, &ZONES, &berlin()).unwrap()
    );
    insta::assert_snapshot!(
        "markdown_crew",
        markdown::plan(&problem, &plan, &report, &ZONES, &berlin(), Audience::Crew).unwrap()
    );
    let public = markdown::plan(
        &problem,
        &plan,
        &report,
        &ZONES,
        &berlin(),
        Audience::Public,
    );
    assert!(!public.unwrap().contains("op-"));
}

#[test]
fn an_unknown_zone_is_never_guessed() {
    let (problem, plan, report) = small();
    let nowhere = ZoneName::new("Mars/Base");
    let refused = terminal::timeline(
        &problem,
        &plan,
        &report,
        &ZONES,
        &nowhere,
        80,
        Audience::Crew,
    );
    assert_eq!(refused.unwrap_err().name, "Mars/Base");
    assert!(csv::blocks(&problem, &plan, &ZONES, &nowhere).is_err());
}
