//! What rules say in zones that are hard to be right in.

use std::sync::LazyLock;

use jiff::tz::TimeZone;
use meridian_model::{Span, Timestamp, ZoneSet};
use proptest::prelude::*;

use super::{Days, EVERY, Rule, expand, expand_daily, union};
use crate::civil::DayRange;

static ZONES: LazyLock<ZoneSet> = LazyLock::new(ZoneSet::embedded);

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn span(start: &str, end: &str) -> Span {
    Span::new(at(start), at(end)).unwrap()
}

fn said(rule: &str, zone: &str, within: Span) -> Vec<String> {
    let (days, range) = match Rule::parse(rule).unwrap() {
        Rule::On(days, range) => (days, range),
        Rule::Never(range) => (EVERY, range),
        Rule::NotOnHolidays => unreachable!("holidays are not expanded here"),
    };
    let spans = expand(days, range, &ZONES.zone(zone).unwrap(), within);
    spans
        .iter()
        .map(|span| format!("{}/{}", span.start(), span.end()))
        .collect()
}

#[test]
fn rules_are_read_as_they_are_written_and_nothing_else_is() {
    for rule in [
        "never 23:00-07:00",
        "daily 00:00-24:00",
        "weekdays 19:00-22:00",
        "weekends  09:00-12:00",
        "mon,wed,sun 19:00-22:00",
        "not on public holidays",
    ] {
        assert!(Rule::parse(rule).is_some(), "{rule}");
    }
    for rule in [
        "",
        "never",
        "daily 9-12",
        "daily 24:00-07:00",
        "daily 09:60-12:00",
        "daily 09:00-24:01",
        "mon,mon 09:00-12:00",
        "monday 09:00-12:00",
        "not on holidays",
        "daily 09:00-12:00 maybe",
        "daily +9:00-12:00",
    ] {
        assert!(Rule::parse(rule).is_none(), "{rule}");
    }
}

#[test]
fn quarter_hour_zones_are_expanded_to_the_quarter() {
    let day = span("2026-10-24T00:00Z", "2026-10-25T00:00Z");
    assert_eq!(
        said("daily 09:00-10:00", "Asia/Kathmandu", day),
        ["2026-10-24T03:15:00Z/2026-10-24T04:15:00Z"]
    );
    assert_eq!(
        said("daily 09:00-10:00", "Pacific/Chatham", day),
        ["2026-10-24T19:15:00Z/2026-10-24T20:15:00Z"]
    );
    assert_eq!(
        said("daily 09:00-10:00", "Pacific/Kiritimati", day),
        ["2026-10-24T19:00:00Z/2026-10-24T20:00:00Z"]
    );
}

#[test]
fn a_night_is_an_hour_longer_or_shorter_when_the_clocks_change_and_half_an_hour_at_lord_howe() {
    let minutes = |zone: &str, within: Span| -> i64 {
        let tz = ZONES.zone(zone).unwrap();
        expand_daily(DayRange::hours(23, 7), &tz, within)
            .iter()
            .map(Span::minutes)
            .sum()
    };
    // One whole night each, from 18:00 to 18:00 local.
    assert_eq!(
        minutes(
            "Europe/Berlin",
            span("2026-10-24T16:00Z", "2026-10-25T17:00Z")
        ),
        9 * 60
    );
    assert_eq!(
        minutes(
            "Europe/Berlin",
            span("2026-03-28T17:00Z", "2026-03-29T16:00Z")
        ),
        7 * 60
    );
    assert_eq!(
        minutes(
            "Australia/Lord_Howe",
            span("2026-10-03T07:30Z", "2026-10-04T07:00Z")
        ),
        7 * 60 + 30
    );
    assert_eq!(
        minutes(
            "Australia/Lord_Howe",
            span("2026-04-04T07:00Z", "2026-04-05T07:30Z")
        ),
        8 * 60 + 30
    );
}

#[test]
fn a_boundary_in_a_gap_moves_to_the_first_instant_after_it() {
    let night = span("2026-03-28T20:00Z", "2026-03-29T10:00Z");
    assert_eq!(
        said("daily 02:30-04:00", "Europe/Berlin", night),
        ["2026-03-29T01:00:00Z/2026-03-29T02:00:00Z"]
    );
    assert_eq!(
        said("daily 01:00-02:30", "Europe/Berlin", night),
        ["2026-03-29T00:00:00Z/2026-03-29T01:00:00Z"]
    );
    assert!(
        said("daily 02:10-02:50", "Europe/Berlin", night).is_empty(),
        "nothing of it exists"
    );
}

#[test]
fn in_a_fold_a_start_takes_the_first_and_an_end_the_second_occurrence() {
    let night = span("2026-10-24T20:00Z", "2026-10-25T10:00Z");
    assert_eq!(
        said("daily 02:30-04:00", "Europe/Berlin", night),
        ["2026-10-25T00:30:00Z/2026-10-25T03:00:00Z"]
    );
    assert_eq!(
        said("daily 01:00-02:30", "Europe/Berlin", night),
        ["2026-10-24T23:00:00Z/2026-10-25T01:30:00Z"]
    );
}

#[test]
fn a_day_that_a_zone_skipped_has_no_windows_and_nights_run_over_it() {
    // Samoa had no Friday 30 December 2011: Thursday was followed by Saturday.
    let days = span("2011-12-29T20:00Z", "2012-01-01T20:00Z");
    assert!(said("fri 09:00-10:00", "Pacific/Apia", days).is_empty());
    assert_eq!(
        said("sat 09:00-10:00", "Pacific/Apia", days),
        ["2011-12-30T19:00:00Z/2011-12-30T20:00:00Z"]
    );
    assert_eq!(
        said("thu 22:00-02:00", "Pacific/Apia", days),
        ["2011-12-30T08:00:00Z/2011-12-30T12:00:00Z"]
    );
    assert_eq!(
        said(
            "never 23:00-07:00",
            "Pacific/Apia",
            span("2011-12-30T00:00Z", "2011-12-30T20:00Z")
        ),
        ["2011-12-30T09:00:00Z/2011-12-30T17:00:00Z"]
    );
}

#[test]
fn midnight_that_does_not_exist_or_comes_twice_bounds_the_day_all_the_same() {
    // Cuba's clocks went from 01:00 to 00:00 on 3 November 2024, and from 00:00 to 01:00 on 10 March.
    let autumn = span("2024-11-02T04:00Z", "2024-11-04T05:00Z");
    assert_eq!(
        said("sun 00:00-24:00", "America/Havana", autumn),
        ["2024-11-03T04:00:00Z/2024-11-04T05:00:00Z"]
    );
    assert_eq!(
        said("sat 00:00-24:00", "America/Havana", autumn),
        ["2024-11-02T04:00:00Z/2024-11-03T04:00:00Z"]
    );
    let spring = span("2024-03-09T05:00Z", "2024-03-11T04:00Z");
    assert_eq!(
        said("sun 00:00-24:00", "America/Havana", spring),
        ["2024-03-10T05:00:00Z/2024-03-11T04:00:00Z"]
    );
}

#[test]
fn a_week_is_the_week_of_the_zone_on_either_side_of_the_date_line() {
    let noon = span("2026-10-24T00:00Z", "2026-10-25T12:00Z");
    assert_eq!(
        said("sun 09:00-10:00", "Pacific/Kiritimati", noon),
        ["2026-10-24T19:00:00Z/2026-10-24T20:00:00Z"]
    );
    assert_eq!(
        said("sat 09:00-10:00", "Pacific/Pago_Pago", noon),
        ["2026-10-24T20:00:00Z/2026-10-24T21:00:00Z"]
    );
}

/// Says the same as [`expand`] minute by minute, from local clocks alone: correct where no boundary is skipped
/// or shown twice.
fn holds(days: Days, start: i64, end: i64, tz: &TimeZone, instant: Timestamp) -> bool {
    let local = tz.to_datetime(instant);
    let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
    let today = days.has(local.weekday());
    let yesterday = days.has(local.weekday().previous());
    if start < end {
        today && (start..end).contains(&minute)
    } else {
        (today && minute >= start) || (yesterday && minute < end)
    }
}

const HARD: [&str; 10] = [
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "America/Havana",
    "Europe/Dublin",
    "Africa/Casablanca",
    "America/St_Johns",
    "Antarctica/Troll",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Clock changes of these zones lie between midnight and 05:00; boundaries outside of it are never moved.
    #[test]
    fn rules_say_what_the_clock_on_the_wall_says(
        zone in 0..HARD.len(),
        day in 0_i64..365 * 2,
        start in (300_i64..1440).prop_map(|minute| minute / 5 * 5),
        end in (300_i64..1440).prop_map(|minute| minute / 5 * 5),
        days in prop::array::uniform7(any::<bool>()),
    ) {
        let tz = ZONES.zone(HARD[zone]).unwrap();
        let text = format!("{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60);
        let range = DayRange::parse(&text).unwrap();
        let from = at("2026-01-01T00:00Z").as_second() + day * 86_400;
        let within = Span::new(Timestamp::from_second(from).unwrap(), Timestamp::from_second(from + 3 * 86_400).unwrap()).unwrap();
        let spans = expand(Days(days), range, &tz, within);
        prop_assert!(spans.windows(2).all(|pair| pair[0].end() < pair[1].start()), "sorted and disjoint");
        for minute in (0..3 * 1440).step_by(5) {
            let instant = Timestamp::from_second(from + minute * 60).unwrap();
            let inside = spans.iter().any(|span| span.start() <= instant && instant < span.end());
            // An offset that is no multiple of five minutes would put instants between boundaries: none has one.
            prop_assert_eq!(inside, holds(Days(days), start, end, &tz, instant), "{} {} {}", HARD[zone], text, instant);
        }
    }

    #[test]
    fn a_union_keeps_every_instant_and_adds_none(
        ends in prop::collection::vec((0_i64..200, 1_i64..30), 0..12),
    ) {
        let spans: Vec<Span> = ends
            .iter()
            .map(|&(start, length)| Span::new(Timestamp::from_second(start).unwrap(), Timestamp::from_second(start + length).unwrap()).unwrap())
            .collect();
        let joined = union(spans.clone());
        prop_assert!(joined.windows(2).all(|pair| pair[0].end() < pair[1].start()));
        for second in 0..240 {
            let instant = Timestamp::from_second(second).unwrap();
            let has = |spans: &[Span]| spans.iter().any(|span| span.start() <= instant && instant < span.end());
            prop_assert_eq!(has(&spans), has(&joined));
        }
    }
}
