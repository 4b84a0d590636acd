//! An event asked for at other dates: what is expanded anew, what moves with the event, what is only assumed.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by them")]

#[path = "support/small.rs"]
mod small_folder;

use std::sync::LazyLock;

use meridian_formats::event_folder::{self, Asked, Dated};
use meridian_formats::{FaultCode, Faults};
use meridian_model::{Availability, Cause, Grade, Pins, Problem, RegionalKind, Timestamp, ZoneSet};
use small_folder::Files;

static ZONES: LazyLock<ZoneSet> = LazyLock::new(ZoneSet::embedded);

/// Saturday noon in Berlin a week before, on, and a week after the weekend on which Europe's clocks go forward.
const BEFORE: &str = "2026-03-21T11:00Z";
const OWN: &str = "2026-03-28T11:00Z";
const AFTER: &str = "2026-04-04T10:00Z";
/// Saturday noon in Berlin before the night on which they go back.
const AUTUMN: &str = "2026-10-24T10:00Z";

/// The small folder with a duty, and the hours of one group, on days of its own date alone, and with nobody to speak.
fn small() -> Files {
    let changes = [
        (
            "event.toml",
            r#"tracks = ["a"] }]"#,
            r#"tracks = ["a"], spans = ["2026-03-28T13:00/2026-03-29T11:00"] }]"#,
        ),
        ("groups.toml", "daily 14:00-20:00", "sat 14:00-20:00"),
        (
            "groups.toml",
            "size = 30\n",
            "size = 30\nhosting = [\"2026-03-28T18:00/2026-03-28T22:00\"]\n",
        ),
        ("operators.csv", "engineer?", "engineer"),
    ];
    let mut files = small_folder::small();
    files.remove("speakers.csv");
    for (name, from, to) in changes {
        let text = String::from_utf8(files[name].clone()).unwrap();
        assert!(text.contains(from), "{name} has no {from:?}");
        files.insert(name.to_owned(), text.replace(from, to).into_bytes());
    }
    files
}

fn with(name: &str, text: &str) -> Files {
    let mut files = small();
    files.insert(name.to_owned(), text.as_bytes().to_vec());
    files
}

fn at(files: &Files, start: &str) -> Dated {
    event_folder::read_at(files, &ZONES, start.parse().unwrap())
        .unwrap_or_else(|faults| panic!("{faults}"))
}

fn grade(availability: &Availability, instant: &str) -> (Grade, Cause) {
    let instant: Timestamp = instant.parse().unwrap();
    let mut pieces = availability.0.iter();
    let piece = pieces
        .find(|p| p.span.start() <= instant && instant < p.span.end())
        .unwrap();
    (piece.grade, piece.cause)
}

fn otter(problem: &Problem, instant: &str) -> (Grade, Cause) {
    let otter = problem
        .operators
        .iter()
        .find(|o| o.id.as_str() == "otter")
        .unwrap();
    grade(&otter.availability, instant)
}

fn hosts(problem: &Problem, group: &str, instant: &str) -> bool {
    let group = problem
        .groups
        .iter()
        .find(|known| known.id.as_str() == group)
        .unwrap();
    grade(&group.hosting.as_ref().unwrap().availability, instant).0 > Grade::Impossible
}

#[test]
fn at_its_own_date_the_event_is_what_it_always_is_but_for_its_pins() {
    let files = with(
        "pins.csv",
        "kind,who,what,start,end\nblock,berlin,a:en,2026-03-28T14:00,2026-03-28T16:00\n",
    );
    let own = event_folder::read(&files, &ZONES).unwrap();
    assert_eq!(own.pins.blocks.len(), 1);
    let dated = at(&files, OWN);
    let unpinned = Problem {
        pins: Pins::default(),
        ..own
    };
    assert_eq!(dated.problem, unpinned);
    assert_eq!(dated.assumed, event_folder::Assumed::default());
}

#[test]
fn rules_speak_of_the_days_and_clocks_of_the_date() {
    let rows = "kind,who,grade,rule\noperator,otter,prefer,weekends 18:00-20:00\n";
    let files = with("availability.csv", rows);
    for (start, before, open, over) in [
        (
            BEFORE,
            "2026-03-21T16:55Z",
            "2026-03-21T17:00Z",
            "2026-03-21T19:00Z",
        ),
        (
            AFTER,
            "2026-04-04T15:55Z",
            "2026-04-04T16:00Z",
            "2026-04-04T18:00Z",
        ),
    ] {
        let problem = at(&files, start).problem;
        assert_eq!(problem.event.horizon.start(), start.parse().unwrap());
        assert_eq!(otter(&problem, before).0, Grade::Impossible);
        assert_eq!(otter(&problem, open), (Grade::Prefer, Cause::Rule));
        assert_eq!(otter(&problem, over).0, Grade::Impossible);
        assert!(hosts(&problem, "berlin", before));
    }
    // Sunday noon to Monday noon has no Saturday afternoon.
    let sunday = at(&files, "2026-04-05T10:00Z").problem;
    assert!(!hosts(&sunday, "berlin", "2026-04-05T12:30Z"));
}

#[test]
fn the_zone_stamp_is_that_of_the_date() {
    let files = small();
    let [before, own, after] = [BEFORE, OWN, AFTER].map(|start| at(&files, start).problem.tzdb);
    assert_ne!(before.offsets_sha256, own.offsets_sha256);
    assert_ne!(own.offsets_sha256, after.offsets_sha256);
}

#[test]
fn holidays_are_those_of_the_date() {
    let mut files = with(
        "regional/days.csv",
        "id,title,kind,start,end,countries\nsat,Easter Saturday,holiday,2026-04-04,2026-04-04,DE\n\
         conf,Some Conf,conference,2026-03-20,2026-03-21,DE\n",
    );
    let rows = "kind,who,rule\noperator,otter,not on public holidays\n";
    files.insert("availability.csv".to_owned(), rows.into());
    let titles = |start| -> Vec<String> {
        let events = at(&files, start).problem.regional_events;
        events.into_iter().map(|event| event.title).collect()
    };
    assert_eq!(titles(BEFORE), ["Some Conf"]);
    assert_eq!(titles(OWN), [""; 0]);
    assert_eq!(titles(AFTER), ["Easter Saturday"]);
    let easter = at(&files, AFTER).problem;
    assert_eq!(
        otter(&easter, "2026-04-04T14:00Z"),
        (Grade::Impossible, Cause::Holiday)
    );
    assert_eq!(otter(&easter, "2026-04-05T08:00Z").0, Grade::Possible);
}

#[test]
fn a_calendar_that_recurs_is_busy_on_the_day_of_the_date() {
    let ics = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\n\
               DTSTART;TZID=Europe/Berlin:20260110T150000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let files = with("calendars/operator-otter.ics", ics);
    let winter = at(&files, BEFORE);
    assert_eq!(otter(&winter.problem, "2026-03-21T14:00Z").1, Cause::Busy);
    assert_eq!(
        otter(&winter.problem, "2026-03-21T13:30Z").0,
        Grade::Possible
    );
    let summer = at(&files, AFTER);
    assert_eq!(otter(&summer.problem, "2026-04-04T13:00Z").1, Cause::Busy);
    assert!(summer.assumed.operators.is_empty());
}

#[test]
fn who_spoke_of_the_own_date_alone_is_assumed_to_say_the_same_of_the_same_hours_of_her_clock() {
    let mut files = with(
        "availability.csv",
        "kind,who,grade,start,end\noperator,otter,possible,2026-03-28T15:00,2026-03-28T18:00\n",
    );
    files.insert(
        "busy.csv".to_owned(),
        "kind,who,start,end\noperator,yak,2026-03-28T20:00,2026-03-28T21:00\n".into(),
    );
    let own = at(&files, OWN);
    assert!(own.assumed.operators.is_empty() && own.assumed.groups.is_empty());
    let later = at(&files, AFTER);
    // Three in the afternoon is an hour earlier for the sun, and what counts is the clock.
    assert_eq!(
        otter(&later.problem, "2026-04-04T13:00Z"),
        (Grade::Possible, Cause::Marked)
    );
    assert_eq!(
        otter(&later.problem, "2026-04-04T12:55Z"),
        (Grade::Impossible, Cause::NotOffered)
    );
    let yak = &later.problem.operators[1];
    assert_eq!(grade(&yak.availability, "2026-04-04T14:15Z").1, Cause::Busy);
    assert!(hosts(&later.problem, "kathmandu", "2026-04-04T12:15Z"));
    assert!(!hosts(&later.problem, "kathmandu", "2026-04-04T12:10Z"));
    let named: Vec<&str> = later
        .assumed
        .operators
        .iter()
        .map(|id| id.as_str())
        .collect();
    assert_eq!(named, ["otter", "yak"]);
    assert_eq!(later.assumed.groups.len(), 1);
}

#[test]
fn who_spoke_of_several_dates_or_by_rule_said_it_all() {
    let several = with(
        "availability.csv",
        "kind,who,grade,start,end\noperator,otter,possible,2026-03-28T15:00,2026-03-28T18:00\n\
         operator,otter,possible,2026-04-04T09:00,2026-04-04T14:00\n",
    );
    let dated = at(&several, AFTER);
    assert!(dated.assumed.operators.is_empty());
    assert_eq!(
        otter(&dated.problem, "2026-04-04T10:00Z").0,
        Grade::Possible
    );
    assert_eq!(
        otter(&dated.problem, "2026-04-04T13:00Z").0,
        Grade::Impossible
    );
    // Two dates were offered, and this is neither.
    assert_eq!(
        otter(&at(&several, BEFORE).problem, "2026-03-21T15:00Z").0,
        Grade::Impossible
    );

    let by_rule = with(
        "availability.csv",
        "kind,who,grade,start,end,rule\noperator,otter,possible,2026-03-28T15:00,2026-03-28T18:00,\n\
         operator,otter,possible,,,sat 12:00-13:00\n",
    );
    let dated = at(&by_rule, AFTER);
    assert!(dated.assumed.operators.is_empty());
    assert_eq!(otter(&dated.problem, "2026-04-04T10:00Z").1, Cause::Rule);
    assert_eq!(
        otter(&dated.problem, "2026-04-04T13:00Z").0,
        Grade::Impossible
    );
}

#[test]
fn a_rule_that_only_opens_the_night_does_not_say_when_she_can() {
    let files = with(
        "availability.csv",
        "kind,who,grade,start,end,rule\noperator,otter,possible,2026-03-28T15:00,2026-03-28T18:00,\n\
         operator,otter,if-need-be,,,daily 23:00-00:30\n",
    );
    let dated = at(&files, AFTER);
    assert_eq!(dated.assumed.operators.len(), 1);
    assert_eq!(
        otter(&dated.problem, "2026-04-04T13:00Z").0,
        Grade::Possible
    );
    assert_eq!(
        otter(&dated.problem, "2026-04-04T21:00Z").0,
        Grade::IfNeedBe
    );
}

#[test]
fn assumed_hours_that_the_clocks_skip_or_show_twice_end_where_rules_would() {
    let night =
        "id,group,skills,night\notter,berlin,engineer,12:00-13:00\nyak,kathmandu,engineer,\n";
    let mut files = with("operators.csv", night);
    let event = String::from_utf8(files["event.toml"].clone()).unwrap();
    let event = event
        .replace(
            "start = \"2026-03-28T12:00\"",
            "start = \"2026-03-21T12:00\"",
        )
        .replace(
            "2026-03-28T13:00/2026-03-29T11:00",
            "2026-03-21T13:00/2026-03-22T11:00",
        );
    files.insert("event.toml".to_owned(), event.into());
    files.insert(
        "availability.csv".to_owned(),
        "kind,who,grade,start,end\noperator,otter,possible,2026-03-22T02:30,2026-03-22T04:00\n"
            .into(),
    );
    let spring = at(&files, OWN).problem;
    assert_eq!(otter(&spring, "2026-03-29T00:55Z").0, Grade::Impossible);
    assert_eq!(otter(&spring, "2026-03-29T01:00Z").0, Grade::Possible);
    assert_eq!(otter(&spring, "2026-03-29T02:00Z").0, Grade::Impossible);
    let autumn = at(&files, AUTUMN).problem;
    assert_eq!(otter(&autumn, "2026-10-25T00:25Z").0, Grade::Impossible);
    assert_eq!(otter(&autumn, "2026-10-25T00:30Z").0, Grade::Possible);
    assert_eq!(otter(&autumn, "2026-10-25T02:55Z").0, Grade::Possible);
    assert_eq!(otter(&autumn, "2026-10-25T03:00Z").0, Grade::Impossible);
}

#[test]
fn what_belongs_to_the_event_keeps_its_distance_from_the_start() {
    let files = with(
        "sessions.csv",
        "id,title,kind,length_min,language,window_start,window_end\n\
         opening,Opening,opening,30,en,2026-03-28T12:00,2026-03-28T13:00\n\
         closing,Closing,closing,30,en,2026-03-29T12:00,2026-03-29T13:00\n",
    );
    let problem = at(&files, AFTER).problem;
    let closing = problem.sessions[0].window.unwrap();
    // 23 hours after noon it is noon again on the own date, and eleven on the other.
    assert_eq!(closing.start(), "2026-04-05T09:00Z".parse().unwrap());
    assert_eq!(
        problem.sessions[1].window.unwrap().start(),
        AFTER.parse().unwrap()
    );
    let duty = problem.event.duties[0].spans[0];
    assert_eq!(duty.start(), "2026-04-04T11:00Z".parse().unwrap());
}

#[test]
fn a_date_beyond_what_is_known_of_holidays_and_conferences_says_so() {
    let files = with(
        "regional/days.csv",
        "id,title,kind,start,end,countries\na,A,holiday,2026-03-01,2026-03-01,FR\nb,B,holiday,2026-04-01,2026-04-01,FR\n",
    );
    let kinds = |files: &Files, start| -> Vec<RegionalKind> {
        at(files, start)
            .unknown
            .iter()
            .map(|unknown| unknown.kind)
            .collect()
    };
    let (holiday, conference) = (RegionalKind::Holiday, RegionalKind::Conference);
    assert_eq!(kinds(&files, OWN), [conference]);
    assert_eq!(kinds(&files, AFTER), [holiday, conference]);
    let mut told = files.clone();
    told.get_mut("event.toml").unwrap().extend_from_slice(
        b"[dates]\nregional_from = \"2026-01-01\"\nregional_to = \"2026-12-31\"\n",
    );
    assert_eq!(kinds(&told, AFTER), []);
}

fn starts(dates: &str, asked: &Asked) -> Result<Vec<String>, Faults> {
    let mut files = small();
    let table = format!("[dates]\n{dates}\n");
    files
        .get_mut("event.toml")
        .unwrap()
        .extend_from_slice(table.as_bytes());
    let starts = event_folder::candidates(&files, asked, &ZONES)?;
    Ok(starts.iter().map(ToString::to_string).collect())
}

fn typed(from: &str, to: &str) -> Asked {
    Asked {
        from: Some(from.to_owned()),
        to: Some(to.to_owned()),
        ..Asked::default()
    }
}

#[test]
fn a_rule_means_the_clock_of_its_zone_on_every_day() {
    let weekends = [
        "2026-03-21T11:00:00Z",
        "2026-03-28T11:00:00Z",
        "2026-04-04T10:00:00Z",
    ];
    let said = [
        "from = \"2026-03-20\"\nto = \"2026-04-05\"",
        "from = \"2026-03-20\"\nto = \"2026-04-05\"\nweekdays = [\"sat\"]\nstart = \"12:00\"\nzone = \"Europe/Berlin\"",
        "rule = \"weekends from 2026-03-20 to 2026-04-05, 12:00 Europe/Berlin\"",
        "rule = \"Saturdays from 2026-03-20 to 2026-04-05\"",
        "list = [\"2026-04-04T12:00\", \"2026-03-21T12:00\", \"2026-03-28T12:00+01:00\"]",
    ];
    for dates in said {
        assert_eq!(
            starts(dates, &Asked::default()).unwrap(),
            weekends,
            "{dates}"
        );
    }
    let months = "rule = \"fri, sat from February to March, 09:30 Asia/Tokyo\"";
    let found = starts(months, &Asked::default()).unwrap();
    assert_eq!(found.len(), 16);
    assert_eq!(found[0], "2026-02-06T00:30:00Z");
}

#[test]
fn what_is_typed_goes_before_what_is_written() {
    let written = "from = \"2026-03-20\"\nto = \"2026-04-05\"\nstart = \"09:00\"";
    let found = starts(written, &typed("2026-03-28", "2026-03-29")).unwrap();
    assert_eq!(found, ["2026-03-28T08:00:00Z"]);
    let one = Asked {
        dates: vec!["2026-05-01T12:00".to_owned()],
        ..Asked::default()
    };
    assert_eq!(starts(written, &one).unwrap(), ["2026-05-01T10:00:00Z"]);
    let list = "list = [\"2026-04-04T12:00\"]";
    assert_eq!(
        starts(list, &typed("2026-03-28", "2026-03-29")).unwrap(),
        ["2026-03-28T11:00:00Z"]
    );
}

#[test]
fn dates_that_cannot_be_meant_are_refused() {
    let codes = |dates: &str, asked: &Asked| -> Vec<FaultCode> {
        let faults = starts(dates, asked).err().unwrap_or_default();
        faults.0.iter().map(|fault| fault.code).collect()
    };
    let nothing = Asked::default();
    assert_eq!(codes("", &nothing), [FaultCode::F011]);
    assert_eq!(codes("from = \"2026-03-20\"", &nothing), [FaultCode::F011]);
    assert_eq!(
        codes("", &typed("2026-04-05", "2026-03-20")),
        [FaultCode::F016]
    );
    assert_eq!(
        codes("", &typed("2026-04-05", "2026-04-06")),
        [FaultCode::F016]
    );
    assert_eq!(codes("", &typed("2026-04-05", "soon")), [FaultCode::F015]);
    assert_eq!(
        codes("weekdays = [\"daily\"]", &typed("2026-01-01", "2027-12-31")),
        [FaultCode::F030]
    );
    assert_eq!(
        codes("list = [\"2026-03-29T02:30\"]", &nothing),
        [FaultCode::F013]
    );
    assert_eq!(
        codes("list = [\"2026-10-25T02:30\"]", &nothing),
        [FaultCode::F014]
    );
    let twice = "list = [\"2026-03-21T12:00\", \"2026-03-21T11:00Z\"]";
    assert_eq!(codes(twice, &nothing), [FaultCode::F025]);
    let both = "list = [\"2026-03-21T12:00\"]\nfrom = \"2026-03-21\"";
    assert_eq!(codes(both, &nothing), [FaultCode::F040]);
    let rule = Asked {
        rule: Some("the nicest weekend".to_owned()),
        ..Asked::default()
    };
    assert_eq!(codes("", &rule), [FaultCode::F036]);
}
