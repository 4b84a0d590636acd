//! What calendars take, shown on the smallest calendars that say it.

use std::sync::LazyLock;

use meridian_model::{Span, Timestamp, ZoneName, ZoneSet};

use proptest::prelude::*;

use crate::busy::{import, to_csv};
use crate::{FaultCode, Faults};

static ZONES: LazyLock<ZoneSet> = LazyLock::new(ZoneSet::embedded);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn read_in(zone: &str, from: &str, to: &str, body: &str) -> Result<Vec<String>, Faults> {
    let ics = format!(
        "BEGIN:VCALENDAR\r\n{}\r\nEND:VCALENDAR\r\n",
        body.trim().replace('\n', "\r\n")
    );
    let within = Span::new(at(from), at(to)).unwrap();
    let spans = import(
        ics.as_bytes(),
        "her.ics",
        &ZONES,
        &ZoneName::new(zone),
        within,
    )?;
    Ok(spans
        .iter()
        .map(|span| format!("{}/{}", span.start(), span.end()))
        .collect())
}

fn event(lines: &str) -> String {
    format!(
        "BEGIN:VEVENT\nUID:one\nSUMMARY:A secret dinner\n{}\nEND:VEVENT",
        lines.trim()
    )
}

/// Over the last days of October 2026, when European and Levantine clocks change.
fn busy(zone: &str, lines: &str) -> Vec<String> {
    read_in(
        zone,
        "2026-10-20T00:00Z",
        "2026-11-05T00:00Z",
        &event(lines),
    )
    .unwrap()
}

fn refused(body: &str) -> Vec<(FaultCode, u64)> {
    let faults = read_in(
        "Europe/Berlin",
        "2026-10-20T00:00Z",
        "2026-11-05T00:00Z",
        body,
    )
    .unwrap_err();
    assert!(
        !faults.to_string().contains("secret"),
        "a title got out: {faults}"
    );
    faults
        .0
        .iter()
        .map(|fault| (fault.code, fault.line.unwrap_or(0)))
        .collect()
}

#[test]
fn a_weekly_meeting_stays_at_its_local_hour_over_the_clock_change() {
    let lines = "DTSTART;TZID=Europe/Berlin:20261022T180000\nDTEND;TZID=Europe/Berlin:20261022T190000\nRRULE:FREQ=WEEKLY";
    assert_eq!(
        busy("Asia/Tokyo", lines),
        [
            "2026-10-22T16:00:00Z/2026-10-22T17:00:00Z",
            "2026-10-29T17:00:00Z/2026-10-29T18:00:00Z"
        ]
    );
}

#[test]
fn a_whole_day_is_the_owners_day_and_has_25_hours_when_the_clocks_go_back() {
    let lines = "DTSTART;VALUE=DATE:20261025\nDTEND;VALUE=DATE:20261026";
    assert_eq!(
        busy("Europe/Berlin", lines),
        ["2026-10-24T22:00:00Z/2026-10-25T23:00:00Z"]
    );
    assert_eq!(
        busy("Pacific/Kiritimati", lines),
        ["2026-10-24T10:00:00Z/2026-10-25T10:00:00Z"]
    );
    assert_eq!(
        busy("Pacific/Chatham", lines),
        ["2026-10-24T10:15:00Z/2026-10-25T10:15:00Z"]
    );
}

#[test]
fn excluded_and_moved_occurrences_are_where_they_were_moved_to() {
    let series = event(
        "DTSTART;TZID=America/Havana:20261026T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\n\
         EXDATE;TZID=America/Havana:20261027T090000",
    );
    let moved = event(
        "RECURRENCE-ID;TZID=America/Havana:20261028T090000\nDTSTART;TZID=America/Havana:20261028T150000\nDURATION:PT30M",
    );
    let cancelled = event("RECURRENCE-ID;TZID=America/Havana:20261029T090000\nSTATUS:CANCELLED");
    let spans = read_in(
        "UTC",
        "2026-10-20T00:00Z",
        "2026-11-05T00:00Z",
        &format!("{series}\n{moved}\n{cancelled}"),
    )
    .unwrap();
    assert_eq!(
        spans,
        [
            "2026-10-26T13:00:00Z/2026-10-26T14:00:00Z",
            "2026-10-28T19:00:00Z/2026-10-28T19:30:00Z"
        ]
    );
}

#[test]
fn of_several_revisions_only_the_newest_counts() {
    let revision = |sequence: u32, lines: &str| event(&format!("SEQUENCE:{sequence}\n{lines}"));
    let old = revision(0, "DTSTART;TZID=Nowhere:20261026T090000\nDURATION:PT1H");
    let moved = revision(1, "DTSTART:20261027T090000Z\nDURATION:PT1H");
    let cancelled = revision(
        2,
        "STATUS:CANCELLED\nDTSTART:20261027T090000Z\nDURATION:PT1H",
    );
    let read = |body: &str| read_in("UTC", "2026-10-20T00:00Z", "2026-11-05T00:00Z", body).unwrap();
    assert_eq!(
        read(&format!("{moved}\n{old}")),
        ["2026-10-27T09:00:00Z/2026-10-27T10:00:00Z"]
    );
    assert!(read(&format!("{cancelled}\n{moved}\n{old}")).is_empty());
}

#[test]
fn an_end_keeps_its_exact_length_and_a_duration_in_days_its_local_hour() {
    // Chile's clocks went forward at midnight on 8 September 2024.
    let lines = event(
        "DTSTART;TZID=America/Santiago:20240831T120000\nDTEND;TZID=America/Santiago:20240901T120000\nRRULE:FREQ=WEEKLY;COUNT=2",
    );
    let spans = read_in("UTC", "2024-09-05T00:00Z", "2024-09-12T00:00Z", &lines).unwrap();
    assert_eq!(spans, ["2024-09-07T16:00:00Z/2024-09-08T16:00:00Z"]);
    let lines = lines.replace(
        "DTEND;TZID=America/Santiago:20240901T120000",
        "DURATION:P1D",
    );
    let spans = read_in("UTC", "2024-09-05T00:00Z", "2024-09-12T00:00Z", &lines).unwrap();
    assert_eq!(spans, ["2024-09-07T16:00:00Z/2024-09-08T15:00:00Z"]);
}

#[test]
fn extra_dates_and_periods_are_busy_too() {
    let lines = "DTSTART:20261026T090000Z\nDTEND:20261026T100000Z\nRDATE:20261027T090000Z\n\
                 RDATE;VALUE=PERIOD:20261028T090000Z/PT15M,20261028T120000Z/20261028T130000Z";
    assert_eq!(
        busy("UTC", lines),
        [
            "2026-10-26T09:00:00Z/2026-10-26T10:00:00Z",
            "2026-10-27T09:00:00Z/2026-10-27T10:00:00Z",
            "2026-10-28T09:00:00Z/2026-10-28T09:15:00Z",
            "2026-10-28T12:00:00Z/2026-10-28T13:00:00Z"
        ]
    );
}

#[test]
fn the_last_occurrence_is_the_one_until_names_in_its_own_zone() {
    // 16:00Z is 18:00 in Berlin before the clocks go back on the 25th, 17:00Z after.
    let lines = "DTSTART;TZID=Europe/Berlin:20261023T180000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20261026T170000Z";
    assert_eq!(busy("UTC", lines).len(), 4);
    let lines = "DTSTART;TZID=Europe/Berlin:20261023T180000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20261026T165959Z";
    assert_eq!(busy("UTC", lines).len(), 3);
}

#[test]
fn the_last_whole_day_of_a_series_is_not_lost_however_until_is_written() {
    for until in [
        "20261027",
        "20261027T000000Z",
        "20261026T230000Z",
        "20261027T000000",
    ] {
        let lines = format!("DTSTART;VALUE=DATE:20261026\nRRULE:FREQ=DAILY;UNTIL={until}");
        assert_eq!(
            busy("Europe/Berlin", &lines),
            ["2026-10-25T23:00:00Z/2026-10-27T23:00:00Z"],
            "{until}"
        );
    }
}

#[test]
fn windows_names_floating_times_and_utc_are_each_read_in_their_zone() {
    let lines = "DTSTART;TZID=\"W. Europe Standard Time\":20261026T090000\nDURATION:PT1H";
    assert_eq!(
        busy("Asia/Tokyo", lines),
        ["2026-10-26T08:00:00Z/2026-10-26T09:00:00Z"]
    );
    let lines = "DTSTART:20261026T090000\nDURATION:PT1H";
    assert_eq!(
        busy("Asia/Tokyo", lines),
        ["2026-10-26T00:00:00Z/2026-10-26T01:00:00Z"]
    );
    let lines = "DTSTART;TZID=Asia/Tokyo:20261026T090000Z\nDURATION:PT1H";
    assert_eq!(
        busy("Asia/Tokyo", lines),
        ["2026-10-26T09:00:00Z/2026-10-26T10:00:00Z"],
        "Z wins over a TZID"
    );
}

#[test]
fn free_and_cancelled_events_take_no_time_even_in_a_zone_nobody_knows() {
    let when = "DTSTART;TZID=Customized Time Zone:20261026T090000\nDURATION:PT1H";
    assert!(busy("UTC", &format!("TRANSP:TRANSPARENT\n{when}")).is_empty());
    assert!(busy("UTC", &format!("STATUS:CANCELLED\n{when}")).is_empty());
}

#[test]
fn free_busy_periods_count_unless_they_are_free() {
    let body = "BEGIN:VFREEBUSY\nFREEBUSY;FBTYPE=BUSY:20261026T090000Z/PT1H\n\
                FREEBUSY;FBTYPE=FREE:20261026T100000Z/PT1H\nFREEBUSY:20261026T120000Z/20261026T130000Z\nEND:VFREEBUSY";
    let spans = read_in("UTC", "2026-10-20T00:00Z", "2026-11-05T00:00Z", body).unwrap();
    assert_eq!(
        spans,
        [
            "2026-10-26T09:00:00Z/2026-10-26T10:00:00Z",
            "2026-10-26T12:00:00Z/2026-10-26T13:00:00Z"
        ]
    );
}

#[test]
fn what_cannot_be_read_for_certain_is_refused_by_line() {
    let one = |lines: &str| refused(&event(lines));
    let start = "DTSTART:20261026T090000Z\nDURATION:PT1H";
    assert_eq!(
        one("DTSTART;TZID=Customized Time Zone:20261026T090000"),
        [(FaultCode::F012, 5)]
    );
    assert_eq!(one("DTSTART:20260230T090000Z"), [(FaultCode::F008, 5)]);
    assert_eq!(one("DTSTART:20261026T250000Z"), [(FaultCode::F008, 5)]);
    assert_eq!(one("DURATION:PT1H"), [(FaultCode::F008, 2)]);
    assert_eq!(
        one("DTSTART:20261026T090000Z\nDURATION:-PT1H"),
        [(FaultCode::F008, 6)]
    );
    assert_eq!(
        one("DTSTART:20261026T090000Z\nDTEND:20261026T080000Z"),
        [(FaultCode::F016, 6)]
    );
    assert_eq!(
        one("DTSTART;VALUE=DATE:20261026\nDTEND:20261026T080000Z"),
        [(FaultCode::F008, 6)]
    );
    assert_eq!(
        one(&format!("{start}\nA secret line without a colon")),
        [(FaultCode::F008, 7)]
    );
    assert_eq!(
        one(&format!("{start}\nRRULE:FREQ=SECONDLY")),
        [(FaultCode::F039, 7)]
    );
    assert_eq!(
        one(&format!("{start}\nRRULE:FREQ=MINUTELY")),
        [(FaultCode::F039, 7)]
    );
    assert_eq!(
        one(&format!("{start}\nRRULE:FREQ=DAILY;INTERVAL=0")),
        [(FaultCode::F008, 7)]
    );
    assert_eq!(
        one(&format!("{start}\nRRULE:FREQ=SOMETIMES")),
        [(FaultCode::F008, 7)]
    );
    assert_eq!(
        one(&format!("{start}\nRRULE:RSCALE=GREGORIAN;FREQ=YEARLY")),
        [(FaultCode::F039, 7)]
    );
    assert_eq!(
        one(&format!("{start}\nRRULE:FREQ=DAILY;COUNT=2;UNTIL=20261027")),
        [(FaultCode::F008, 7)]
    );
    assert_eq!(
        one(&format!(
            "{start}\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261026T090000Z"
        )),
        [(FaultCode::F039, 7)]
    );
    assert_eq!(
        refused("BEGIN:VAVAILABILITY\nEND:VAVAILABILITY"),
        [(FaultCode::F039, 2)]
    );
    assert_eq!(
        refused("BEGIN:VEVENT\nDTSTART:20261026T090000Z"),
        [(FaultCode::F008, 2)]
    );
}

#[test]
fn components_nested_without_end_are_refused() {
    let faults = refused(&"BEGIN:VEVENT\n".repeat(1000));
    assert!(faults.iter().all(|&(code, _)| code == FaultCode::F008));
}

#[test]
fn a_rule_that_would_take_for_ever_is_refused_at_once() {
    let ever = "DTSTART:19700101T000000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY;BYMINUTE=0,15,30,45";
    assert_eq!(refused(&event(ever)), [(FaultCode::F039, 7)]);
    let never =
        "DTSTART:20200101T000000Z\nDURATION:PT1M\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30";
    assert!(busy("UTC", never).is_empty());
}

#[test]
fn a_name_that_a_calendar_gives_its_own_zone_is_followed_where_the_calendar_says_so() {
    let body = format!(
        "BEGIN:VTIMEZONE\nTZID:Our office\nX-LIC-LOCATION:Asia/Kathmandu\nEND:VTIMEZONE\n{}",
        event("DTSTART;TZID=Our office:20261026T090000\nDURATION:PT1H")
    );
    let spans = read_in("UTC", "2026-10-20T00:00Z", "2026-11-05T00:00Z", &body).unwrap();
    assert_eq!(spans, ["2026-10-26T03:15:00Z/2026-10-26T04:15:00Z"]);
}

#[test]
fn a_skipped_start_moves_past_the_gap_and_a_doubled_one_is_the_first() {
    // Berlin: 02:30 comes twice on 25 October 2026; New York skips 02:30 on 14 March 2027.
    let lines = "DTSTART;TZID=Europe/Berlin:20261025T023000\nDURATION:PT1H";
    assert_eq!(
        busy("UTC", lines),
        ["2026-10-25T00:30:00Z/2026-10-25T01:30:00Z"]
    );
    let lines = event("DTSTART;TZID=America/New_York:20270314T023000\nDURATION:PT1H");
    let spans = read_in("UTC", "2027-03-10T00:00Z", "2027-03-20T00:00Z", &lines).unwrap();
    assert_eq!(spans, ["2027-03-14T07:30:00Z/2027-03-14T08:30:00Z"]);
}

#[test]
fn a_long_event_that_began_before_the_time_asked_about_still_counts() {
    let lines = event("DTSTART;VALUE=DATE:20261001\nDTEND;VALUE=DATE:20261023\nRRULE:FREQ=YEARLY");
    let spans = read_in("UTC", "2027-10-20T00:00Z", "2027-11-05T00:00Z", &lines).unwrap();
    assert_eq!(spans, ["2027-10-20T00:00:00Z/2027-10-23T00:00:00Z"]);
}

#[test]
fn folded_lines_a_byte_order_mark_and_bare_line_ends_are_read() {
    let ics = "\u{feff}BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;TZID=Asia/\n Tokyo:20261026T0900\n\t00\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR\n";
    let within = Span::new(at("2026-10-20T00:00Z"), at("2026-11-05T00:00Z")).unwrap();
    let spans = import(
        ics.as_bytes(),
        "x.ics",
        &ZONES,
        &ZoneName::new("UTC"),
        within,
    )
    .unwrap();
    assert_eq!(
        to_csv("operator", "kite", &spans),
        "kind,who,start,end,zone\noperator,kite,2026-10-26T00:00:00Z,2026-10-26T01:00:00Z,\n"
    );
}

/// What a calendar consists of, in order: components by name, and the texts of their summaries.
fn outline(component: &super::lines::Component, found: &mut Vec<String>) {
    found.push(component.name.clone());
    let summaries = component.all("SUMMARY");
    found.extend(summaries.map(|line| super::values::text(&line.value)));
    for part in &component.parts {
        outline(part, found);
    }
}

fn second_outline(calendar: &calcard::icalendar::ICalendar, at: usize, found: &mut Vec<String>) {
    use calcard::icalendar::{ICalendarProperty, ICalendarValue};
    let component = &calendar.components[at];
    found.push(component.component_type.as_str().to_owned());
    for entry in component
        .entries
        .iter()
        .filter(|entry| entry.name == ICalendarProperty::Summary)
    {
        for value in &entry.values {
            if let ICalendarValue::Text(text) = value {
                found.push(text.trim().to_owned());
            }
        }
    }
    for &part in &component.component_ids {
        second_outline(calendar, usize::try_from(part).unwrap(), found);
    }
}

/// Writes a content line as RFC 5545 asks: escaped, folded after `width` characters.
fn content_line(summary: &str, width: usize) -> String {
    let escaped = summary
        .replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,");
    let line: Vec<char> = format!("SUMMARY;LANGUAGE=en;X-NOTE=\"a;b:c\":{escaped}")
        .chars()
        .collect();
    let pieces: Vec<String> = line
        .chunks(width)
        .map(|piece| piece.iter().collect())
        .collect();
    pieces.join("\r\n ")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_second_reader_sees_the_same_components_and_texts(
        summaries in prop::collection::vec("[a-zA-Zà-üあ-ん0-9;:,\\\\]{1,60}", 1..5),
        width in 30_usize..74,
    ) {
        let events: Vec<String> = summaries
            .iter()
            .map(|summary| format!("BEGIN:VEVENT\r\nUID:1\r\n{}\r\nBEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT", content_line(summary, width)))
            .collect();
        let text = format!("BEGIN:VCALENDAR\r\n{}\r\nEND:VCALENDAR\r\n", events.join("\r\n"));
        let mut faults = Faults::default();
        let mut ours = Vec::new();
        for calendar in super::lines::read(text.as_bytes(), "x.ics", &mut faults) {
            outline(&calendar, &mut ours);
        }
        prop_assert!(faults.is_empty(), "{}", faults);
        let mut theirs = Vec::new();
        second_outline(&calcard::icalendar::ICalendar::parse(&text).unwrap(), 0, &mut theirs);
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn no_bytes_make_the_reader_stumble(
        lines in prop::collection::vec(
            prop_oneof![
                "[A-Z]{3,9}[;:=\"a-z]{0,6}:[0-9TZPD/,:;]{0,20}",
                Just("BEGIN:VEVENT".to_owned()),
                Just("END:VEVENT".to_owned()),
                "DTSTART:20[0-9]{6}T[0-9]{6}Z?",
                "DTEND(;VALUE=DATE)?:20[0-9]{6}",
                "DURATION:P(T[0-9]{1,19}[HMS]|[0-9]{1,19}[WD])",
                "RRULE:FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY|HOURLY);(INTERVAL|COUNT|BYMONTHDAY|BYSETPOS|BYWEEKNO|BYHOUR)=-?[0-9]{1,5}",
                "RDATE;VALUE=PERIOD:20[0-9]{6}T[0-9]{6}Z/PT[0-9]{1,9}H",
            ],
            0..12,
        ),
    ) {
        let body = format!("BEGIN:VEVENT\nUID:1\n{}\nEND:VEVENT", lines.join("\n"));
        if let Ok(spans) = read_in("America/Havana", "2026-10-20T00:00Z", "2026-11-05T00:00Z", &body) {
            prop_assert!(spans.len() < 10_000);
        }
    }
}
