//! Instants in someone's zone, in words.

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use meridian_model::Span;

/// `Sat 24 Aug`.
pub(super) fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %b").to_string()
}

/// `19:30`.
pub(super) fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// `Sat 24 Aug, 19:30 to 21:00`; the second day too when it is another.
pub(super) fn stretch(span: Span, zone: &TimeZone) -> String {
    let (start, end) = (day(span.start(), zone), day(span.end(), zone));
    let other = if start == end {
        String::new()
    } else {
        format!("{end}, ")
    };
    let (from, to) = (time(span.start(), zone), time(span.end(), zone));
    format!("{start}, {from} to {other}{to}")
}

/// `UTC+09:00 during the event; it is 23:40 there now`; both offsets when the clocks change meanwhile.
pub(super) fn words(zone: &TimeZone, during: Span, now: Timestamp) -> String {
    let offset = |at: Timestamp| told(zone.to_offset(at));
    let (first, last) = (offset(during.start()), offset(during.end()));
    let offsets = if first == last {
        format!("{first} during the event")
    } else {
        format!("{first} when the event begins, {last} when it ends: the clocks change in it")
    };
    let there: Zoned = now.to_zoned(zone.clone());
    format!("{offsets}; it is {} there now", there.strftime("%H:%M"))
}

fn told(offset: Offset) -> String {
    let seconds = offset.seconds();
    let minutes = seconds.abs() / 60;
    let sign = if seconds < 0 { '-' } else { '+' };
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use meridian_model::ZoneSet;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_zone_is_told_in_words_also_when_its_clocks_change() {
        let zones = ZoneSet::embedded();
        let words = |name: &str, start: &str, end: &str| {
            let during = Span::new(at(start), at(end)).expect("a span");
            let zone = zones.zone(name).expect("a zone");
            words(&zone, during, at("2024-01-01T00:00:00Z"))
        };
        let august = ("2024-08-24T03:00:00Z", "2024-08-25T03:00:00Z");
        assert_eq!(
            words("Asia/Kolkata", august.0, august.1),
            "UTC+05:30 during the event; it is 05:30 there now"
        );
        let october = ("2024-10-26T12:00:00Z", "2024-10-27T12:00:00Z");
        assert_eq!(
            words("Europe/Berlin", october.0, october.1),
            "UTC+02:00 when the event begins, UTC+01:00 when it ends: the clocks change in it; it is 01:00 there now"
        );
    }

    #[test]
    fn a_stretch_past_midnight_names_both_days() {
        let zone = ZoneSet::embedded().zone("Asia/Tokyo").expect("a zone");
        let span = Span::new(at("2024-08-24T13:00:00Z"), at("2024-08-24T16:30:00Z"));
        assert_eq!(
            stretch(span.expect("a span"), &zone),
            "Sat 24 Aug, 22:00 to Sun 25 Aug, 01:30"
        );
    }
}
