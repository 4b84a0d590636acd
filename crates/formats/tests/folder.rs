//! What an event folder says reaches the problem, and nothing else does.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by them")]

#[path = "support/small.rs"]
mod small;
mod support;

use std::sync::LazyLock;

use meridian_formats::{FaultCode, event_folder, plan, problem};
use meridian_model::{Availability, Cause, Grade, Impact, Problem, Timestamp, ZoneSet};
use small::{Files, small};

static ZONES: LazyLock<ZoneSet> = LazyLock::new(ZoneSet::embedded);

fn read(files: &Files) -> Problem {
    match event_folder::read(files, &ZONES) {
        Ok(problem) => problem,
        Err(faults) => panic!("{faults}"),
    }
}

fn with(name: &str, text: &str) -> Problem {
    let mut files = small();
    files.insert(name.to_owned(), text.as_bytes().to_vec());
    read(&files)
}

fn at(availability: &Availability, instant: &str) -> (Grade, Cause) {
    let instant: Timestamp = instant.parse().unwrap();
    let holds = |span: meridian_model::Span| span.start() <= instant && instant < span.end();
    let piece = availability
        .0
        .iter()
        .find(|piece| holds(piece.span))
        .unwrap();
    (piece.grade, piece.cause)
}

fn otter(problem: &Problem, instant: &str) -> (Grade, Cause) {
    let operator = problem
        .operators
        .iter()
        .find(|operator| operator.id.as_str() == "otter")
        .unwrap();
    at(&operator.availability, instant)
}

fn speaker(problem: &Problem, instant: &str) -> (Grade, Cause) {
    at(&problem.speakers.first().unwrap().availability, instant)
}

fn host(problem: &Problem, group: &str, instant: &str) -> (Grade, Cause) {
    let group = problem
        .groups
        .iter()
        .find(|known| known.id.as_str() == group)
        .unwrap();
    at(&group.hosting.as_ref().unwrap().availability, instant)
}

#[test]
fn a_dated_row_gives_its_grade_in_the_persons_own_zone() {
    let problem = with(
        "availability.csv",
        "kind,who,grade,start,end\noperator,otter,if-need-be,2026-03-29T01:00,2026-03-29T04:00\n",
    );
    assert_eq!(
        otter(&problem, "2026-03-29T00:00Z"),
        (Grade::IfNeedBe, Cause::Marked)
    );
    assert_eq!(
        otter(&problem, "2026-03-29T01:59Z"),
        (Grade::IfNeedBe, Cause::Marked)
    );
    assert_eq!(
        otter(&problem, "2026-03-29T02:00Z"),
        (Grade::Impossible, Cause::Night)
    );
    assert_eq!(
        otter(&problem, "2026-03-28T12:00Z"),
        (Grade::Impossible, Cause::NotOffered)
    );
}

#[test]
fn a_rule_gives_its_grade_on_the_days_it_names() {
    let rows = "kind,who,grade,rule\noperator,otter,prefer,weekends 18:00-20:00\n\
                operator,otter,,never 19:00-19:30\nspeaker,speaker-01,possible,sun 09:00-10:00\n";
    let problem = with("availability.csv", rows);
    assert_eq!(
        otter(&problem, "2026-03-28T17:00Z"),
        (Grade::Prefer, Cause::Rule)
    );
    assert_eq!(
        otter(&problem, "2026-03-28T18:10Z"),
        (Grade::Impossible, Cause::Rule)
    );
    assert_eq!(
        otter(&problem, "2026-03-28T18:30Z"),
        (Grade::Prefer, Cause::Rule)
    );
    assert_eq!(
        speaker(&problem, "2026-03-29T03:15Z"),
        (Grade::Possible, Cause::Rule)
    );
    assert_eq!(
        speaker(&problem, "2026-03-29T04:15Z"),
        (Grade::Impossible, Cause::NotOffered)
    );
}

#[test]
fn who_says_nothing_has_her_night_and_her_day() {
    let problem = read(&small());
    assert_eq!(
        otter(&problem, "2026-03-28T21:59Z"),
        (Grade::Possible, Cause::Default)
    );
    assert_eq!(
        otter(&problem, "2026-03-28T22:00Z"),
        (Grade::Impossible, Cause::Night)
    );
    assert_eq!(
        otter(&problem, "2026-03-29T04:59Z"),
        (Grade::Impossible, Cause::Night)
    );
    assert_eq!(
        otter(&problem, "2026-03-29T05:00Z"),
        (Grade::Possible, Cause::Default),
        "07:00 comes an hour early"
    );
    assert_eq!(
        speaker(&problem, "2026-03-28T17:15Z"),
        (Grade::Impossible, Cause::Night)
    );
}

#[test]
fn busy_times_come_from_rows_and_from_calendars() {
    let rows = "kind,who,start,end\noperator,otter,2026-03-28T14:00,2026-03-28T15:00\n";
    let problem = with("busy.csv", rows);
    assert_eq!(
        otter(&problem, "2026-03-28T13:30Z"),
        (Grade::Impossible, Cause::Busy)
    );
    let calendar = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=Europe/Berlin:20260307T160000\nDURATION:PT1H\n\
                    RRULE:FREQ=WEEKLY\nSUMMARY:A secret dinner\nEND:VEVENT\nEND:VCALENDAR\n";
    let problem = with("calendars/operator-otter.ics", calendar);
    assert_eq!(
        otter(&problem, "2026-03-28T15:30Z"),
        (Grade::Impossible, Cause::Busy)
    );
    assert!(
        !serde_json::to_string(&problem).unwrap().contains("secret"),
        "titles stay where they are"
    );
}

#[test]
fn hosting_windows_are_as_offered_or_the_prime_time() {
    let problem = read(&small());
    assert_eq!(
        host(&problem, "berlin", "2026-03-28T13:00Z"),
        (Grade::Possible, Cause::Rule)
    );
    assert_eq!(
        host(&problem, "berlin", "2026-03-28T12:59Z"),
        (Grade::Impossible, Cause::NotOffered)
    );
    assert_eq!(
        host(&problem, "kathmandu", "2026-03-29T02:15Z"),
        (Grade::Possible, Cause::Default)
    );
    let rows = "kind,who,grade,rule\ngroup,berlin,if-need-be,daily 19:00-21:00\n";
    let problem = with("availability.csv", rows);
    assert_eq!(
        host(&problem, "berlin", "2026-03-28T18:30Z"),
        (Grade::IfNeedBe, Cause::Rule)
    );
    assert_eq!(
        host(&problem, "berlin", "2026-03-28T19:30Z"),
        (Grade::IfNeedBe, Cause::Rule)
    );
}

#[test]
fn a_holiday_is_the_groups_own_day_and_binds_only_who_asked_for_it() {
    let mut files = small();
    let holidays = "id,title,kind,start,end,countries\nspring,A day in spring,holiday,2026-03-29,2026-03-29,NP DE FR\n\
                    far,Far away,holiday,2026-07-01,2026-07-01,DE\nelsewhere,Elsewhere,holiday,2026-03-29,2026-03-29,FR\n";
    files.insert("regional/days.csv".to_owned(), holidays.into());
    files.insert(
        "availability.csv".to_owned(),
        "kind,who,rule\noperator,otter,not on public holidays\n".into(),
    );
    let problem = read(&files);
    let [spring] = problem.regional_events.as_slice() else {
        panic!(
            "only what touches the event and a group of it is kept: {:?}",
            problem.regional_events
        );
    };
    let days: Vec<String> = spring
        .concerns
        .iter()
        .map(|concern| {
            format!(
                "{} {}/{}",
                concern.group,
                concern.span.start(),
                concern.span.end()
            )
        })
        .collect();
    assert_eq!(
        days,
        [
            "berlin 2026-03-28T23:00:00Z/2026-03-29T22:00:00Z",
            "kathmandu 2026-03-28T18:15:00Z/2026-03-29T18:15:00Z"
        ]
    );
    assert_eq!(spring.impact, Impact::Weigh);
    assert_eq!(
        otter(&problem, "2026-03-29T10:00Z"),
        (Grade::Impossible, Cause::Holiday)
    );
    let yak = problem
        .operators
        .iter()
        .find(|operator| operator.id.as_str() == "yak")
        .unwrap();
    assert_eq!(
        at(&yak.availability, "2026-03-29T10:00Z"),
        (Grade::Possible, Cause::Default)
    );
}

#[test]
fn regional_events_read_the_same_from_csv_json_and_calendar() {
    let csv = "id,title,kind,start,end,zone,countries\nNP-2026-03-29-1,A day,holiday,2026-03-29,2026-03-29,,NP\n";
    let json = r#"[{"id": "NP-2026-03-29-1", "title": "A day", "kind": "holiday", "start": "2026-03-29", "end": "2026-03-29",
        "countries": ["NP"], "zone": null}]"#;
    let ics = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260329\nSUMMARY:A day\nCATEGORIES:Holiday\n\
               TRANSP:TRANSPARENT\nEND:VEVENT\nEND:VCALENDAR\n";
    let one = with("regional/days.csv", csv);
    assert_eq!(one.regional_events.len(), 1);
    assert_eq!(one, with("regional/days.json", json));
    assert_eq!(one, with("regional/NP.ics", ics));
}

#[test]
fn a_further_folder_may_speak_of_groups_that_are_not_in_this_event() {
    let mut files = small();
    let event = String::from_utf8(files.remove("event.toml").unwrap()).unwrap();
    let event = event.replace("hours = 24", "hours = 24\nregional = [\"../shared/\"]");
    assert_eq!(
        event_folder::regional_folders(event.as_bytes()),
        ["../shared"]
    );
    files.insert("event.toml".to_owned(), event.into_bytes());
    let row = "id,title,kind,start,end,groups\nx,X,conference,2026-03-28,2026-03-29,berlin lima\n";
    files.insert("../shared/x.csv".to_owned(), row.into());
    assert_eq!(read(&files).regional_events.len(), 1);
    files.insert(
        "regional/y.csv".to_owned(),
        row.replace("x,X", "y,Y").into(),
    );
    let faults = event_folder::read(&files, &ZONES).unwrap_err();
    assert_eq!(
        faults.0.iter().map(|fault| fault.code).collect::<Vec<_>>(),
        [FaultCode::F018]
    );
}

#[test]
fn further_folders_are_relative_and_an_unreadable_event_names_none() {
    let named =
        |list: &str| event_folder::regional_folders(format!("regional = {list}").as_bytes());
    assert_eq!(
        named("[\"/etc\", \"C:\\\\x\", \"./more/\", \"../regional-2024\"]"),
        ["more", "../regional-2024"]
    );
    assert!(event_folder::regional_folders(b"\xff").is_empty());
    assert!(named("3").is_empty());
}

#[test]
fn the_order_of_rows_and_columns_and_the_separator_do_not_matter() {
    let folder = support::data().join("events/first-relay");
    let files = support::load(&folder);
    let mut turned = files.clone();
    for (name, bytes) in &mut turned {
        if !name.ends_with(".csv") {
            continue;
        }
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let mut rows: Vec<Vec<String>> = reader
            .records()
            .map(|row| row.unwrap().iter().map(str::to_owned).collect())
            .collect();
        rows.reverse();
        rows.insert(
            0,
            reader
                .headers()
                .unwrap()
                .iter()
                .map(str::to_owned)
                .collect(),
        );
        let mut writer = csv::WriterBuilder::new()
            .delimiter(b'\t')
            .from_writer(b"\xef\xbb\xbf".to_vec());
        for mut row in rows {
            row.reverse();
            writer.write_record(row).unwrap();
        }
        *bytes = writer.into_inner().unwrap();
    }
    assert_eq!(read(&files), read(&turned));
}

#[test]
fn a_problem_document_is_read_back_as_it_was_written() {
    let problem = read(&support::load(&support::data().join("events/first-relay")));
    let bytes = serde_json::to_vec(&problem).unwrap();
    assert_eq!(problem::read(&bytes, "problem.json").unwrap(), problem);
}

#[test]
fn documents_of_another_kind_or_shape_are_refused_with_their_line() {
    let code = |bytes: &[u8]| {
        let faults = plan::read(bytes, "plan.json").unwrap_err();
        faults
            .0
            .iter()
            .map(|fault| (fault.code, fault.line))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        code(b"{\n \"format\": \"meridian-problem/1\"}"),
        [(FaultCode::F038, None)]
    );
    assert_eq!(code(b"{}"), [(FaultCode::F038, None)]);
    assert_eq!(
        code(b"{\n\"format\": \"meridian-plan/1\",\n\"plan\": 1}"),
        [(FaultCode::F007, Some(3))]
    );
    assert_eq!(code(b"{\n\"format\": "), [(FaultCode::F007, Some(2))]);
    assert_eq!(code(b"\xff\xfe"), [(FaultCode::F002, Some(1))]);
}

#[test]
fn pins_are_in_the_problem_as_they_are_written() {
    let pins = "kind,who,what,start,end,handover_min\nblock,kathmandu,a:ne,2026-03-28T14:00,2026-03-28T16:00,\n\
                shift,yak,engineer-a,2026-03-28T14:00,2026-03-28T15:00,10\n";
    let problem = with("pins.csv", pins);
    assert_eq!(
        problem
            .pins
            .blocks
            .first()
            .map(|block| block.language.as_str().to_owned()),
        Some("ne".to_owned())
    );
    assert_eq!(
        problem.pins.shifts.first().map(|shift| shift.handover_min),
        Some(10)
    );
    assert_eq!(
        problem.pins.shifts.first().map(|shift| shift.span.start()),
        Some("2026-03-28T13:00Z".parse().unwrap())
    );
}

#[test]
fn brackets_without_end_are_a_fault_and_no_crash() {
    for (name, text) in [
        ("event.toml", format!("regional = {}", "[".repeat(100_000))),
        ("event.toml", format!("x = {}", "{a=".repeat(100_000))),
        ("event.toml", format!("{} = 1", "a.".repeat(100_000))),
        ("regional/x.json", "[".repeat(100_000)),
        ("regional/x.json", "[{\"id\":".repeat(100_000)),
    ] {
        let mut files = small();
        files.insert(name.to_owned(), text.into_bytes());
        assert!(event_folder::read(&files, &ZONES).is_err(), "{name}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 96, ..Default::default() })]

    /// A slip of the hand anywhere gives a problem or faults, never a crash, and faults are never empty.
    #[test]
    fn a_slip_anywhere_in_the_folder_is_read_or_told(
        file in 0_usize..1000,
        at in 0_usize..100_000,
        cut in 0_usize..40,
        slip in proptest::prelude::any::<Vec<u8>>(),
    ) {
        let mut files = small();
        files.insert("sessions.csv".to_owned(), b"id,title,kind,length_min,language,speakers\nopening,\"Opening\",opening,30,en,speaker-01\n".to_vec());
        files.insert("availability.csv".to_owned(), b"kind,who,grade,start,end,rule\noperator,otter,prefer,,,daily 09:00-12:00\n".to_vec());
        files.insert("regional/x.json".to_owned(), b"[{\"id\": \"x\", \"title\": \"X\", \"kind\": \"other\", \"start\": \"2026-03-28\", \"end\": \"2026-03-28\", \"global\": true}]".to_vec());
        files.insert("calendars/operator-otter.ics".to_owned(), b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260328T160000Z\nRRULE:FREQ=DAILY;COUNT=3\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR\n".to_vec());
        let n = file % files.len();
        let bytes = files.values_mut().nth(n).unwrap();
        let from = at % bytes.len();
        let to = (from + cut).min(bytes.len());
        bytes.splice(from..to, slip.into_iter().take(12));
        if let Err(faults) = event_folder::read(&files, &ZONES) {
            proptest::prop_assert!(!faults.is_empty());
        }
    }
}
