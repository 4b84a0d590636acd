//! Reads what a clock on a wall said back into instants.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use meridian_model::{Span, Timestamp};

/// `Sat 24 Oct 23:45 – Sun 25 Oct 00:15` and its shorter forms, with offsets where the clocks change, as the
/// instants that a reader in `zone` takes it for. Panics when a weekday is wrong, an offset is not the zone's,
/// or a time could be two instants.
pub(super) fn read_range(text: &str, zone: &TimeZone) -> Span {
    let (from, to) = text
        .split_once('–')
        .unwrap_or_else(|| panic!("no range: {text:?}"));
    let (from, from_offset) = without_offset(from.trim());
    let (to, to_offset) = without_offset(to.trim());
    let start = read_wall(from, None);
    let end = read_wall(to, Some(start.date()));
    let span = Span::new(
        instant(start, from_offset.or(to_offset), zone),
        instant(end, to_offset, zone),
    );
    span.unwrap_or_else(|empty| panic!("{text:?}: {empty}"))
}

/// The only instant at which the clocks of `zone`, with this offset if it is told, show `wall`.
pub(super) fn instant(wall: DateTime, offset: Option<Offset>, zone: &TimeZone) -> Timestamp {
    if let Some(offset) = offset {
        let at = offset.to_timestamp(wall).unwrap();
        assert_eq!(zone.to_offset(at), offset, "{wall}");
        return at;
    }
    let at = zone.to_ambiguous_timestamp(wall);
    assert!(!at.is_ambiguous(), "{wall} could be two instants");
    at.compatible().unwrap()
}

/// `Sun 25 Oct` of the year of both events; the weekday must be the date's.
pub(super) fn read_date(text: &str) -> Date {
    let (_weekday, date) = text.split_once(' ').unwrap();
    let date = Date::strptime("%d %b %Y", format!("{date} 2026")).unwrap();
    assert_eq!(date.strftime("%a %-d %b").to_string(), text);
    date
}

/// `Sun 25 Oct 02:30`, or `02:30` of a day that is known.
fn read_wall(text: &str, day: Option<Date>) -> DateTime {
    let (date, time) = match text.rsplit_once(' ') {
        Some((date, time)) => (read_date(date), time),
        None => (day.unwrap_or_else(|| panic!("no day: {text:?}")), text),
    };
    let time = Time::strptime("%H:%M", time).unwrap_or_else(|e| panic!("{text:?}: {e}"));
    date.to_datetime(time)
}

/// Takes `(UTC+5:45)` off the end, if it is there.
fn without_offset(text: &str) -> (&str, Option<Offset>) {
    match text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once(" ("))
    {
        Some((wall, offset)) => (wall, Some(read_offset(offset))),
        None => (text, None),
    }
}

/// `UTC`, `UTC+9` or `UTC-3:30`.
pub(super) fn read_offset(text: &str) -> Offset {
    let told = text.strip_prefix("UTC").unwrap();
    if told.is_empty() {
        return Offset::UTC;
    }
    let (sign, size) = told.split_at(1);
    let (hours, minutes) = size.split_once(':').unwrap_or((size, "0"));
    let seconds = hours.parse::<i32>().unwrap() * 3600 + minutes.parse::<i32>().unwrap() * 60;
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).unwrap()
}

#[test]
fn a_reader_takes_a_range_for_its_instants_and_notices_a_wrong_day() {
    let zone = super::zone("Europe/Berlin");
    let told = "Sun 25 Oct 02:30 (UTC+2) – 02:15 (UTC+1)";
    let span = read_range(told, &zone);
    assert_eq!(span.start().to_string(), "2026-10-25T00:30:00Z");
    assert_eq!(span.minutes(), 45);
    for wrong in [
        told.replace("Sun", "Sat"),
        told.replace("UTC+1", "UTC+2"),
        told.replace(" (UTC+1)", ""),
    ] {
        assert!(std::panic::catch_unwind(|| read_range(&wrong, &zone)).is_err());
    }
}
