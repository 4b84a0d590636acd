//! A clock on the wall of one zone: instants as a reader there would say them.

use jiff::tz::TimeZone;
use meridian_model::time::{UnknownZone, offsets};
use meridian_model::{Span, Timestamp, ZoneName, ZoneSet};

/// Tells instants around a span in one zone.
///
/// Invariant (kept by [`Clock::new`]): the zone is in the zone set.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    name: ZoneName,
    zone: TimeZone,
    span: Span,
    changes: Vec<Change>,
}

/// The clocks are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// First instant with the new offset.
    pub(crate) at: Timestamp,
    /// Offset before, in seconds east of UTC.
    pub(crate) from: i32,
    /// Offset from then on.
    pub(crate) to: i32,
}

impl Change {
    /// In words, such as `clocks back 1 h to UTC+1`.
    pub(crate) fn says(&self) -> String {
        let way = if self.to > self.from {
            "forward"
        } else {
            "back"
        };
        format!("clocks {way} {} to {}", self.amount(), offset_name(self.to))
    }

    /// In short, such as `−1 h`.
    pub(crate) fn short(&self) -> String {
        let sign = if self.to > self.from { '+' } else { '−' };
        format!("{sign}{}", self.amount())
    }

    fn amount(&self) -> String {
        let minutes = (self.to - self.from).abs() / 60;
        if minutes % 60 == 0 {
            format!("{} h", minutes / 60)
        } else {
            format!("{minutes} min")
        }
    }
}

impl Clock {
    /// The clock of `name` for what happens around `span`.
    pub(crate) fn new(zones: &ZoneSet, name: &ZoneName, span: Span) -> Result<Self, UnknownZone> {
        let zone = zones.zone(name.as_str())?;
        let table = offsets(&zone, span);
        let changes = table
            .windows(2)
            .map(|pair| Change {
                at: pair[1].0,
                from: pair[0].1,
                to: pair[1].1,
            })
            .collect();
        Ok(Self {
            name: name.clone(),
            zone,
            span,
            changes,
        })
    }

    /// The clock of UTC, which needs no zone set.
    pub(crate) fn utc(span: Span) -> Self {
        Self {
            name: ZoneName::new("UTC"),
            zone: TimeZone::UTC,
            span,
            changes: Vec::new(),
        }
    }

    /// The zone's name.
    pub(crate) fn zone(&self) -> &ZoneName {
        &self.name
    }

    /// Clock changes inside the span.
    pub(crate) fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Offset from UTC in seconds.
    pub(crate) fn offset(&self, at: Timestamp) -> i32 {
        self.zone.to_offset(at).seconds()
    }

    /// Offset for people, such as `UTC+5:45`.
    pub(crate) fn offset_name(&self, at: Timestamp) -> String {
        offset_name(self.offset(at))
    }

    /// Hours and minutes, such as `07:05`.
    pub(crate) fn time(&self, at: Timestamp) -> String {
        self.format(at, "%H:%M")
    }

    /// Weekday and date, such as `Sat 24 Aug`.
    pub(crate) fn date(&self, at: Timestamp) -> String {
        self.format(at, "%a %-d %b")
    }

    /// Weekday, date and year, such as `Sat 24 Aug 2024`.
    pub(crate) fn full_date(&self, at: Timestamp) -> String {
        self.format(at, "%a %-d %b %Y")
    }

    /// Weekday and date as a civil date that two instants can be compared by.
    fn civil(&self, at: Timestamp) -> jiff::civil::Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// Whether both lie on one civil day.
    pub(crate) fn same_day(&self, a: Timestamp, b: Timestamp) -> bool {
        self.civil(a) == self.civil(b)
    }

    /// ISO 8601 with offset, such as `2024-08-24T12:00:00+09:00`.
    pub(crate) fn iso(&self, at: Timestamp) -> String {
        self.format(at, "%Y-%m-%dT%H:%M:%S%:z")
    }

    /// Civil time to the minute, such as `2024-08-24T12:00`.
    pub(crate) fn civil_iso(&self, at: Timestamp) -> String {
        self.format(at, "%Y-%m-%dT%H:%M")
    }

    /// A span for people, such as `Sat 24 Aug 12:00–12:30`. Where the clocks change around the span of this
    /// clock, the offset is told too, since a time may be shown twice.
    pub(crate) fn range(&self, span: Span) -> String {
        format!("{} {}", self.date(span.start()), self.times(span))
    }

    /// The same without the date of the start, such as `12:00–12:30` or `23:00 – Sun 25 Aug 01:00`.
    pub(crate) fn times(&self, span: Span) -> String {
        let (start, end) = (span.start(), span.end());
        let one_day = self.same_day(start, end);
        let one_offset = self.offset(start) == self.offset(end);
        let told = |at| format!("({})", self.offset_name(at));
        let mut text = self.time(start);
        if !one_offset {
            text = format!("{text} {}", told(start));
        }
        if one_day && one_offset {
            text = format!("{text}–{}", self.time(end));
        } else if one_day {
            text = format!("{text} – {}", self.time(end));
        } else {
            text = format!("{text} – {} {}", self.date(end), self.time(end));
        }
        if !self.changes.is_empty() {
            text = format!("{text} {}", told(end));
        }
        text
    }

    /// Instants inside the span at which the clock shows a whole hour divisible by `step`.
    pub(crate) fn hours(&self, step: i64) -> Vec<Timestamp> {
        self.quarters()
            .filter(|&at| {
                let local = at.as_second() + i64::from(self.offset(at));
                local % 3600 == 0 && (local / 3600) % step == 0
            })
            .collect()
    }

    /// Instants after the span's start, up to its end, at which another civil day begins.
    pub(crate) fn midnights(&self) -> Vec<Timestamp> {
        let mut starts: Vec<Timestamp> = self
            .quarters()
            .chain(self.changes.iter().map(|change| change.at))
            .filter(|&at| at > self.span.start())
            .filter(|&at| {
                Timestamp::from_second(at.as_second() - 1)
                    .is_ok_and(|before| !self.same_day(before, at))
            })
            .collect();
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    fn quarters(&self) -> impl Iterator<Item = Timestamp> + use<> {
        const QUARTER: i64 = 900;
        let first = (self.span.start().as_second() + QUARTER - 1).div_euclid(QUARTER);
        let last = self.span.end().as_second().div_euclid(QUARTER);
        (first..=last).filter_map(|quarter| Timestamp::from_second(quarter * QUARTER).ok())
    }

    fn format(&self, at: Timestamp, format: &str) -> String {
        at.to_zoned(self.zone.clone()).strftime(format).to_string()
    }
}

/// An offset for people, such as `UTC`, `UTC+9` or `UTC-3:30`.
pub(crate) fn offset_name(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, rest) => format!("UTC{sign}{hours}:{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(zone: &str, start: &str, end: &str) -> Clock {
        let span = Span::new(start.parse().unwrap(), end.parse().unwrap()).unwrap();
        Clock::new(&ZoneSet::embedded(), &ZoneName::new(zone), span).unwrap()
    }

    fn told(clock: &Clock, start: &str, end: &str) -> String {
        clock.range(Span::new(start.parse().unwrap(), end.parse().unwrap()).unwrap())
    }

    #[test]
    fn a_span_over_midnight_names_both_days() {
        let tokyo = clock("Asia/Tokyo", "2024-08-24T03:00:00Z", "2024-08-25T03:00:00Z");
        assert_eq!(
            told(&tokyo, "2024-08-24T03:00:00Z", "2024-08-24T04:30:00Z"),
            "Sat 24 Aug 12:00–13:30"
        );
        assert_eq!(
            told(&tokyo, "2024-08-24T14:30:00Z", "2024-08-24T15:30:00Z"),
            "Sat 24 Aug 23:30 – Sun 25 Aug 00:30"
        );
    }

    #[test]
    fn times_that_a_clock_shows_twice_carry_their_offset() {
        let berlin = clock(
            "Europe/Berlin",
            "2026-10-24T18:00:00Z",
            "2026-10-25T18:00:00Z",
        );
        assert_eq!(berlin.changes()[0].says(), "clocks back 1 h to UTC+1");
        assert_eq!(
            told(&berlin, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
            "Sun 25 Oct 02:30 (UTC+2) – 02:30 (UTC+1)"
        );
        assert_eq!(
            told(&berlin, "2026-10-25T01:30:00Z", "2026-10-25T02:00:00Z"),
            "Sun 25 Oct 02:30–03:00 (UTC+1)"
        );
    }

    #[test]
    fn whole_hours_are_those_of_the_wall() {
        let nepal = clock(
            "Asia/Kathmandu",
            "2024-08-24T03:00:00Z",
            "2024-08-24T06:00:00Z",
        );
        let shown: Vec<String> = nepal.hours(1).iter().map(|&at| nepal.time(at)).collect();
        assert_eq!(shown, ["09:00", "10:00", "11:00"]);
        assert_eq!(nepal.offset_name(nepal.span.start()), "UTC+5:45");
    }

    #[test]
    fn a_day_may_begin_at_one_oclock() {
        // Havana skips midnight when its clocks go forward.
        let havana = clock(
            "America/Havana",
            "2024-03-09T12:00:00Z",
            "2024-03-10T12:00:00Z",
        );
        let days: Vec<String> = havana
            .midnights()
            .iter()
            .map(|&at| format!("{} {}", havana.date(at), havana.time(at)))
            .collect();
        assert_eq!(days, ["Sun 10 Mar 01:00"]);
    }
}
