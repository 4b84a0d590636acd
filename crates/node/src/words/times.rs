//! Times in words, in the reader's zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use meridian_model::{Span, ZoneName, ZoneSet};

use crate::ending::Failure;

/// Tells instants in one zone.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    zone: TimeZone,
    name: String,
}

impl Clock {
    /// The clock of a zone.
    ///
    /// # Errors
    /// That the zone set does not hold it.
    pub(crate) fn of(zones: &ZoneSet, name: &ZoneName) -> Result<Self, Failure> {
        let zone = zones.zone(name.as_str())?;
        let name = name.as_str().to_owned();
        Ok(Self { zone, name })
    }

    /// The zone's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `Sat 24 Aug 12:00–13:30`; the second day is named when it is another.
    pub(crate) fn span(&self, span: Span) -> String {
        let start = span.start().to_zoned(self.zone.clone());
        let end = span.end().to_zoned(self.zone.clone());
        let last = if start.date() == end.date() {
            end.strftime("%H:%M").to_string()
        } else {
            end.strftime("%a %-d %b %H:%M").to_string()
        };
        // The clocks may show the same time twice; then the offsets tell which is meant.
        let (from, to) = if start.offset() == end.offset() {
            (String::new(), String::new())
        } else {
            (
                format!(" ({})", offset(start.offset().seconds())),
                format!(" ({})", offset(end.offset().seconds())),
            )
        };
        format!("{}{from}–{last}{to}", start.strftime("%a %-d %b %H:%M"))
    }

    /// `2024-08-24T12:00+09:00`.
    pub(crate) fn written(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone.clone());
        at.strftime("%Y-%m-%dT%H:%M%:z").to_string()
    }

    /// `Sat 24 Aug 12:00`: when a span starts.
    pub(crate) fn start(&self, span: Span) -> String {
        self.short(span.start())
    }

    /// `Sat 24 Aug 13:30`: when a span ends.
    pub(crate) fn end(&self, span: Span) -> String {
        self.short(span.end())
    }

    fn short(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone.clone());
        at.strftime("%a %-d %b %H:%M").to_string()
    }

    /// `Sat 24 Aug 2024 12:00`.
    pub(crate) fn instant(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone.clone());
        at.strftime("%a %-d %b %Y %H:%M").to_string()
    }
}

/// `2026-11-01 05:00 to 18:00 UTC`.
pub(crate) fn utc_span(span: Span) -> String {
    let start = span.start().to_zoned(TimeZone::UTC);
    let end = span.end().to_zoned(TimeZone::UTC);
    let last = if start.date() == end.date() {
        end.strftime("%H:%M")
    } else {
        end.strftime("%Y-%m-%d %H:%M")
    };
    format!("{} to {last} UTC", start.strftime("%Y-%m-%d %H:%M"))
}

/// `UTC+05:45`.
pub(crate) fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: &str, to: &str) -> Span {
        Span::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    fn clock(zone: &str) -> Clock {
        Clock::of(&ZoneSet::embedded(), &ZoneName::new(zone)).unwrap()
    }

    #[test]
    fn a_span_over_midnight_names_both_days() {
        let tokyo = clock("Asia/Tokyo");
        let evening = span("2024-08-24T13:00:00Z", "2024-08-24T16:30:00Z");
        assert_eq!(tokyo.span(evening), "Sat 24 Aug 22:00–Sun 25 Aug 01:30");
        let noon = span("2024-08-24T03:00:00Z", "2024-08-24T04:30:00Z");
        assert_eq!(tokyo.span(noon), "Sat 24 Aug 12:00–13:30");
    }

    #[test]
    fn a_span_over_a_clock_change_shows_both_offsets() {
        let berlin = clock("Europe/Berlin");
        let night = span("2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z");
        assert_eq!(
            berlin.span(night),
            "Sun 25 Oct 02:00 (UTC+02:00)–03:00 (UTC+01:00)"
        );
    }

    #[test]
    fn offsets_are_written_with_their_minutes() {
        assert_eq!(offset(20700), "UTC+05:45");
        assert_eq!(offset(-12600), "UTC-03:30");
    }
}
