//! Showing, exporting and importing: what readers get to see, and what they do not.

use crate::shell::{Desk, meridian};

/// A desk with a plan of First Relay on it.
fn planned() -> Desk {
    let desk = Desk::with("first-relay");
    desk.plan(&[]).ending(0);
    desk
}

/// The handles of everyone who runs the event.
fn handles(desk: &Desk) -> Vec<String> {
    let operators = String::from_utf8(desk.bytes("event/operators.csv")).expect("UTF-8");
    let rows = operators.lines().skip(1);
    rows.filter_map(|row| row.split(',').next())
        .map(str::to_owned)
        .collect()
}

fn assert_names_nobody(text: &str, desk: &Desk) {
    for handle in handles(desk) {
        assert!(
            !text.contains(&handle),
            "{handle} is in what the public sees"
        );
    }
}

#[test]
fn the_timeline_tells_times_in_the_zone_asked_for() {
    let desk = planned();
    let tokyo = desk.on_plan("show", &[]).ending(0).out;
    assert!(
        tokyo.contains("Asia/Tokyo") && tokyo.contains("Sat 24 Aug 2024 12:00"),
        "{tokyo}"
    );
    let montevideo = desk
        .on_plan("show", &["--zone", "America/Montevideo"])
        .ending(0)
        .out;
    assert!(montevideo.contains("Sat 24 Aug 2024 00:00"), "{montevideo}");
    let nowhere = desk.on_plan("show", &["--zone", "Mars/Olympus"]).ending(2);
    assert!(
        nowhere.err.contains("Mars/Olympus") && nowhere.out.is_empty(),
        "{}",
        nowhere.err
    );
}

#[test]
fn the_timeline_keeps_to_the_width_asked_for() {
    let desk = planned();
    let shown = desk.on_plan("show", &["--width", "60"]).ending(0).out;
    for line in shown.lines() {
        assert!(line.chars().count() <= 60, "{line}");
    }
}

#[test]
fn what_the_public_sees_names_no_operator() {
    let desk = planned();
    let page = desk.path("public.html");
    desk.on_plan("show", &["--html", &page, "--for", "public"])
        .ending(0);
    let tables = desk.path("tables");
    desk.on_plan(
        "export",
        &["--format", "csv", "--for", "public", "--out", &tables],
    )
    .ending(0);
    let said = [
        desk.on_plan("show", &["--for", "public"]).ending(0).out,
        desk.on_plan("export", &["--format", "markdown", "--for", "public"])
            .ending(0)
            .out,
        desk.on_plan("export", &["--format", "html", "--for", "public"])
            .ending(0)
            .out,
        desk.on_plan("export", &["--format", "ics"]).ending(0).out,
        desk.on_plan("export", &["--format", "ics", "--for", "track:a"])
            .ending(0)
            .out,
    ];
    for text in said {
        assert!(text.contains("Group showcase: Kampala"), "{text}");
        assert_names_nobody(&text, &desk);
    }
    for file in ["public.html", "tables/blocks.csv", "tables/sessions.csv"] {
        let text = String::from_utf8(desk.bytes(file)).expect("exports are UTF-8");
        assert_names_nobody(&text, &desk);
    }
    assert_eq!(desk.written(), ["plan.json", "public.html", "tables"]);
    assert_eq!(
        std::fs::read_dir(&tables)
            .expect("there are tables")
            .count(),
        2
    );
}

#[test]
fn the_page_for_the_crew_names_everyone_on_duty() {
    let desk = planned();
    let page = desk.path("crew.html");
    desk.on_plan("show", &["--html", &page]).ending(0);
    let html = String::from_utf8(desk.bytes("crew.html")).expect("the page is UTF-8");
    let plan = desk.json("plan.json");
    for shift in plan["shifts"].as_array().expect("there are shifts") {
        let operator = shift["operator"].as_str().expect("a shift has an operator");
        assert!(html.contains(operator), "{operator} is not on the page");
    }
}

#[test]
fn every_reader_gets_a_calendar_and_a_persons_holds_nobody_else() {
    let desk = planned();
    let folder = desk.path("calendars");
    let told = desk
        .on_plan("export", &["--all-ics", &folder, "--json"])
        .ending(0);
    // The event, one track, six groups, thirty people, eleven speakers who have no other duty.
    assert_eq!(told.json()["written"].as_array().map(Vec::len), Some(49));
    let all = handles(&desk);
    for handle in &all {
        let name = format!("calendars/person-{handle}.ics");
        let calendar = String::from_utf8(desk.bytes(&name)).expect("calendars are UTF-8");
        let calendar = calendar.replace("\r\n ", "");
        assert!(calendar.starts_with("BEGIN:VCALENDAR"), "{calendar}");
        for other in all.iter().filter(|other| *other != handle) {
            assert!(!calendar.contains(other.as_str()), "{other} is in {name}");
        }
    }
}

#[test]
fn a_speaker_who_is_no_operator_gets_her_own_sessions_only() {
    let desk = planned();
    let folder = desk.path("calendars");
    desk.on_plan("export", &["--all-ics", &folder]).ending(0);
    let problem = desk.path("problem.json");
    let again = desk.path("again.json");
    desk.plan(&["--problem-out", &problem, "--out", &again]);
    let asked = desk
        .on_plan(
            "export",
            &["--format", "ics", "--for", "speaker:speaker-01"],
        )
        .ending(0)
        .out;
    let written = String::from_utf8(desk.bytes("calendars/speaker-speaker-01.ics"));
    assert_eq!(written.expect("calendars are UTF-8"), asked);
    assert!(asked.contains("UID:session."), "{asked}");
    assert!(
        !asked.contains("UID:shift.") && !asked.contains("UID:block."),
        "{asked}"
    );
    assert_names_nobody(&asked, &desk);
    let nobody = desk.on_plan("export", &["--format", "ics", "--for", "speaker:nobody"]);
    assert!(nobody.ending(2).err.contains("no speaker \"nobody\""));
}

#[test]
fn a_calendar_without_entries_is_a_calendar_all_the_same() {
    let desk = planned();
    let mut plan = desk.json("plan.json");
    plan["shifts"] = serde_json::json!([]);
    desk.put("plan.json", &plan.to_string());
    let told = desk
        .on_plan("export", &["--format", "ics", "--for", "person:kyoto-fox"])
        .ending(0);
    assert!(told.err.contains("holds nothing"), "{}", told.err);
    assert!(told.out.contains("BEGIN:VTIMEZONE"), "{}", told.out);
    assert!(
        told.out.ends_with("END:VTIMEZONE\r\nEND:VCALENDAR\r\n"),
        "{}",
        told.out
    );
    desk.put("empty.ics", &told.out);
    let read = meridian([
        "import",
        "busy",
        &desk.path("empty.ics"),
        "--from",
        "2024-08-20",
    ]);
    assert_eq!(read.ending(0).out, "kind,who,start,end,zone\n");
}

#[test]
fn json_of_an_export_without_a_file_is_refused_as_json() {
    let desk = planned();
    let told = desk
        .on_plan("export", &["--format", "ics", "--json"])
        .ending(2);
    let faults = told.json();
    assert_eq!(faults["faults"][0]["file"], "--json", "{faults}");
}

#[test]
fn an_export_that_makes_no_sense_is_refused_and_writes_nothing() {
    let desk = planned();
    let out = desk.path("out");
    for (more, said) in [
        (
            vec!["--format", "ics", "--for", "person:nobody", "--out", &out],
            "nobody",
        ),
        (
            vec!["--format", "ics", "--for", "crew", "--out", &out],
            "--all-ics",
        ),
        (
            vec!["--format", "html", "--for", "group:kyoto", "--out", &out],
            "--format ics",
        ),
        (vec!["--format", "csv"], "--out"),
        (vec!["--format", "ics", "--for", "room:1"], "track:ID"),
    ] {
        let told = desk.on_plan("export", &more).ending(2);
        assert!(told.err.contains(said), "{said} is not in {}", told.err);
    }
    assert_eq!(desk.written(), ["plan.json"]);
}

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n\
BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20240801T000000Z\r\nDTSTART;TZID=Asia/Tokyo:20240824T100000\r\n\
DTEND;TZID=Asia/Tokyo:20240824T113000\r\nSUMMARY:Dentist with a secret\r\nLOCATION:Somewhere private\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:2\r\nDTSTAMP:20240801T000000Z\r\nDTSTART;VALUE=DATE:20240826\r\n\
DTEND;VALUE=DATE:20240827\r\nSUMMARY:Birthday\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn busy_times_are_imported_without_titles_or_places() {
    let desk = Desk::with("first-relay");
    desk.put("operator-kyoto-fox.ics", CALENDAR);
    let calendar = desk.path("operator-kyoto-fox.ics");
    let days = [
        "--from",
        "2024-08-20",
        "--to",
        "2024-08-31",
        "--zone",
        "Asia/Tokyo",
    ];
    let told = meridian(["import", "busy", &calendar].into_iter().chain(days)).ending(0);
    for private in ["secret", "Birthday", "Somewhere"] {
        assert!(!told.out.contains(private), "{}", told.out);
    }
    let rows: Vec<&str> = told.out.lines().collect();
    assert_eq!(
        rows.first(),
        Some(&"kind,who,start,end,zone"),
        "{}",
        told.out
    );
    assert_eq!(rows.len(), 3, "{}", told.out);
    assert!(rows[1].starts_with("operator,kyoto-fox,"), "{}", told.out);

    let json = meridian(
        ["import", "busy", &calendar, "--json"]
            .into_iter()
            .chain(days),
    )
    .ending(0)
    .json();
    assert_eq!(json[0]["start"], "2024-08-24T01:00:00Z");
    assert_eq!(json[1]["start"], "2024-08-25T15:00:00Z");
    assert_eq!(json[1]["end"], "2024-08-26T15:00:00Z");
}

#[test]
fn busy_times_are_imported_only_for_an_id_that_a_folder_takes() {
    let desk = Desk::with("first-relay");
    desk.put("my calendar.ics", CALENDAR);
    let calendar = desk.path("my calendar.ics");
    for more in [vec![], vec!["--who", "a,b \"x"], vec!["--who", "=cmd()"]] {
        let told = meridian([vec!["import", "busy", &calendar], more].concat()).ending(2);
        assert!(
            told.err.contains("F026") && told.err.contains("--who"),
            "{}",
            told.err
        );
        assert!(told.out.is_empty(), "{}", told.out);
    }
    meridian(["import", "busy", &calendar, "--who", "mika"]).ending(0);
}

#[test]
fn imported_rows_are_what_an_event_folder_reads() {
    let desk = Desk::with("first-relay");
    desk.put("kyoto-fox.ics", CALENDAR);
    let calendar = desk.path("kyoto-fox.ics");
    let told = meridian([
        "import",
        "busy",
        &calendar,
        "--from",
        "2024-08-20",
        "--to",
        "2024-08-31",
    ]);
    desk.put("event/busy.csv", &told.ending(0).out);
    let problem = desk.path("problem.json");
    desk.plan(&["--problem-out", &problem]).ending(0);
    let problem = desk.json("problem.json");
    let operators = problem["operators"]
        .as_array()
        .expect("there are operators");
    let fox = operators
        .iter()
        .find(|one| one["id"] == "kyoto-fox")
        .expect("she is one");
    let spans = fox["availability"]
        .as_array()
        .expect("availability is a list");
    let busy = spans
        .iter()
        .find(|span| span["cause"] == "busy")
        .expect("she is busy");
    assert_eq!(busy["span"]["start"], "2024-08-24T01:00:00Z");
    assert_eq!(busy["span"]["end"], "2024-08-24T02:30:00Z");
}

#[test]
fn a_calendar_that_cannot_be_read_gives_no_rows() {
    let desk = Desk::with("first-relay");
    desk.put(
        "me.ics",
        &CALENDAR.replace("TZID=Asia/Tokyo", "TZID=Mars/Olympus"),
    );
    let told = meridian(["import", "busy", &desk.path("me.ics")]).ending(2);
    assert!(
        told.err.contains("Mars/Olympus") && told.out.is_empty(),
        "{}",
        told.err
    );
    let told = meridian(["import", "busy", &desk.path("me.ics"), "--zone", "Tokyo"]).ending(2);
    assert!(told.err.contains("Tokyo"), "{}", told.err);
}
