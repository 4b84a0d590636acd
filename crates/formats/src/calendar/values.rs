//! iCalendar's values: dates, times, durations, periods. Strict: 30 February is a fault.
//!
//! Source: RFC 5545, section 3.3.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use meridian_model::Timestamp;

use crate::civil::day_start;

/// A point in time as a calendar writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) civil: DateTime,
    pub(crate) basis: Basis,
}

/// What the civil time of a [`Stamp`] is meant in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Basis {
    /// A whole day, in the owner's zone.
    Day,
    /// No zone: the owner's.
    Floating,
    /// The zone of its TZID.
    Zone(TimeZone),
    /// UTC.
    Utc,
}

impl Stamp {
    /// Its instant; `owner` is the zone of whole days and floating times.
    ///
    /// A skipped time is read with the offset before the gap, one that comes twice is the first (RFC 5545, 3.3.5).
    pub(crate) fn instant(&self, owner: &TimeZone) -> Option<Timestamp> {
        self.at(self.civil, owner)
    }

    /// The instant of another civil time on the same basis.
    pub(crate) fn at(&self, civil: DateTime, owner: &TimeZone) -> Option<Timestamp> {
        match &self.basis {
            Basis::Day => day_start(civil.date(), owner),
            Basis::Floating => owner.to_ambiguous_timestamp(civil).compatible().ok(),
            Basis::Zone(zone) => zone.to_ambiguous_timestamp(civil).compatible().ok(),
            Basis::Utc => Offset::UTC.to_timestamp(civil).ok(),
        }
    }

    /// The civil time that an instant has on the same basis.
    pub(crate) fn civil_at(&self, instant: Timestamp, owner: &TimeZone) -> DateTime {
        match &self.basis {
            Basis::Day | Basis::Floating => owner.to_datetime(instant),
            Basis::Zone(zone) => zone.to_datetime(instant),
            Basis::Utc => Offset::UTC.to_datetime(instant),
        }
    }

    pub(crate) fn is_day(&self) -> bool {
        self.basis == Basis::Day
    }
}

/// How long something takes: days follow the calendar, seconds are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lasting {
    pub(crate) days: i64,
    pub(crate) seconds: i64,
}

/// Reads `20240824`.
pub(crate) fn date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year: i16 = text.get(..4)?.parse().ok()?;
    let date = Date::new(
        year,
        text.get(4..6)?.parse().ok()?,
        text.get(6..)?.parse().ok()?,
    )
    .ok()?;
    (1600..=2199).contains(&year).then_some(date)
}

/// Reads `20240824T120000`; the flag says whether a `Z` follows. A leap second is the second before it.
pub(crate) fn date_time(text: &str) -> Option<(DateTime, bool)> {
    let (text, utc) = match text.strip_suffix('Z') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (day, clock) = text.split_once('T')?;
    if clock.len() != 6 || !clock.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| clock.get(range)?.parse::<i8>().ok();
    let second = part(4..6)?;
    let second = if second == 60 { 59 } else { second };
    let time = Time::new(part(0..2)?, part(2..4)?, second, 0).ok()?;
    Some((date(day)?.to_datetime(time), utc))
}

/// Reads `P1DT2H30M`, `P2W`, `PT45M`; not negative.
pub(crate) fn duration(text: &str) -> Option<Lasting> {
    let text = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
    let (days, clock) = match text.split_once('T') {
        Some((days, clock)) => (days, Some(clock)),
        None => (text, None),
    };
    let mut lasting = Lasting::default();
    let mut any = false;
    for (number, unit) in units(days)? {
        any = true;
        let days = match unit {
            'W' => number.checked_mul(7)?,
            'D' => number,
            _ => return None,
        };
        lasting.days = lasting.days.checked_add(days)?;
    }
    if let Some(clock) = clock {
        let parts = units(clock)?;
        if parts.is_empty() {
            return None;
        }
        for (number, unit) in parts {
            any = true;
            let size = match unit {
                'H' => 3600,
                'M' => 60,
                'S' => 1,
                _ => return None,
            };
            lasting.seconds = lasting.seconds.checked_add(number.checked_mul(size)?)?;
        }
    }
    // Nothing anybody is busy with lasts longer than ten years.
    (any && lasting.days <= 3660 && lasting.seconds <= 3660 * 86_400).then_some(lasting)
}

/// Numbers each followed by a letter.
fn units(text: &str) -> Option<Vec<(i64, char)>> {
    let mut units = Vec::new();
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else {
            units.push((std::mem::take(&mut digits).parse().ok()?, c));
        }
    }
    digits.is_empty().then_some(units)
}

/// A text value without its escapes.
pub(crate) fn text(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => plain.push(' '),
                Some(escaped) => plain.push(escaped),
                None => {}
            },
            _ => plain.push(c),
        }
    }
    plain.trim().to_owned()
}
