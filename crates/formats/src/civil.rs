//! Civil time: what people write, and the instants it stands for. Gaps and folds are never passed over.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use meridian_model::{Span, Timestamp, ZoneName};

use crate::fault::{FaultCode, Faults, Place};

const TIME_FORM: &str =
    "write it like 2024-08-24T12:00, or with an offset like 2024-08-24T12:00+09:00";

/// A time as it is written: civil in the zone named beside it, or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Civil(DateTime),
    Instant(Timestamp),
}

/// What a civil time stands for in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Local {
    One(Timestamp),
    /// The clocks jump over it from `from` to `to`, at the instant `at`.
    Gap {
        at: Timestamp,
        from: DateTime,
        to: DateTime,
    },
    /// The clocks show it twice.
    Fold {
        first: Timestamp,
        second: Timestamp,
        offsets: (Offset, Offset),
    },
}

/// Which end of a stretch of time a boundary is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    Start,
    End,
}

/// A daily range of civil time; an end that is not after the start lies on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DayRange {
    /// Minutes after midnight, 0..=1439.
    start: u16,
    /// Minutes after midnight, 0..=1440.
    end: u16,
}

impl DayRange {
    /// From one full hour to another, both 0..=23.
    pub(crate) const fn hours(start: u16, end: u16) -> Self {
        Self {
            start: start * 60,
            end: end * 60,
        }
    }

    /// Reads `23:00-07:00`; the end may be `24:00`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (start, end) = text.split_once('-')?;
        let range = Self {
            start: clock(start.trim())?,
            end: clock(end.trim())?,
        };
        (range.start < 24 * 60).then_some(range)
    }

    /// Whether it ends where it starts, which means a whole day.
    pub(crate) fn is_whole_day(self) -> bool {
        self.start == self.end
    }

    /// The stretch that begins on `day`, if that day and time exist in `tz`.
    pub(crate) fn on(self, day: Date, tz: &TimeZone) -> Option<Span> {
        let start = at_minute(day, self.start, tz, Edge::Start)?;
        let end = if self.end > self.start && self.end < 24 * 60 {
            at_minute(day, self.end, tz, Edge::End)?
        } else {
            let next = next_day(day, tz)?;
            if self.end == 24 * 60 {
                day_start(next, tz)?
            } else {
                at_minute(next, self.end, tz, Edge::End)?
            }
        };
        Span::new(start, end).ok()
    }
}

fn clock(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits = |part: &str| -> Option<u16> {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse().ok())?
    };
    let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
    (minutes < 60 && hours * 60 + minutes <= 24 * 60).then_some(hours * 60 + minutes)
}

/// Reads a time of day such as `12:00`.
pub(crate) fn read_clock(text: &str) -> Option<Time> {
    let minutes = clock(text).filter(|&minutes| minutes < 24 * 60)?;
    let hour = i8::try_from(minutes / 60).ok()?;
    Time::new(hour, i8::try_from(minutes % 60).ok()?, 0, 0).ok()
}

fn at_minute(day: Date, minute: u16, tz: &TimeZone, edge: Edge) -> Option<Timestamp> {
    let hour = i8::try_from(minute / 60).ok()?;
    let minute = i8::try_from(minute % 60).ok()?;
    let time = Time::new(hour, minute, 0, 0).ok()?;
    boundary(day.to_datetime(time), tz, edge)
}

/// The instant of a boundary of a rule: after a gap; in a fold a start takes the first, an end the second.
pub(crate) fn boundary(civil: DateTime, tz: &TimeZone, edge: Edge) -> Option<Timestamp> {
    Some(match (locate(civil, tz)?, edge) {
        (Local::One(instant), _) => instant,
        (Local::Gap { at, .. }, _) => at,
        (Local::Fold { first, .. }, Edge::Start) => first,
        (Local::Fold { second, .. }, Edge::End) => second,
    })
}

/// The instant at which the clocks of `tz` show the same time `days` days later.
pub(crate) fn days_later(
    instant: Timestamp,
    days: i32,
    tz: &TimeZone,
    edge: Edge,
) -> Option<Timestamp> {
    let shown = tz.to_datetime(instant);
    boundary(shown.checked_add(days.days()).ok()?, tz, edge)
}

/// The first instant of a civil day, or of the first day after it when it does not exist.
pub(crate) fn day_start(day: Date, tz: &TimeZone) -> Option<Timestamp> {
    boundary(day.to_datetime(Time::midnight()), tz, Edge::Start)
}

/// Whether any instant bears this date: Apia had no 30 December 2011.
pub(crate) fn day_exists(day: Date, tz: &TimeZone) -> bool {
    day_start(day, tz).is_some_and(|start| tz.to_datetime(start).date() == day)
}

/// The next day that exists.
pub(crate) fn next_day(day: Date, tz: &TimeZone) -> Option<Date> {
    let mut next = day.tomorrow().ok()?;
    while !day_exists(next, tz) {
        next = next.tomorrow().ok()?;
    }
    Some(next)
}

/// What `civil` stands for in `tz`; `None` outside the range of instants.
pub(crate) fn locate(civil: DateTime, tz: &TimeZone) -> Option<Local> {
    match tz.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(civil).ok().map(Local::One),
        AmbiguousOffset::Gap { before, after } => {
            // Read with the offset before the gap, a skipped time lies at or after the jump.
            let late = before.to_timestamp(civil).ok()?;
            let after_it = Timestamp::from_second(late.as_second() + 1).ok()?;
            let at = tz.preceding(after_it).next()?.timestamp();
            Some(Local::Gap {
                at,
                from: before.to_datetime(at),
                to: after.to_datetime(at),
            })
        }
        AmbiguousOffset::Fold { before, after } => Some(Local::Fold {
            first: before.to_timestamp(civil).ok()?,
            second: after.to_timestamp(civil).ok()?,
            offsets: (before, after),
        }),
    }
}

/// Reads a time as it is written.
pub(crate) fn moment(text: &str, place: &Place<'_>, faults: &mut Faults) -> Option<Moment> {
    let read = read_moment(text);
    if let Err(what) = &read {
        faults.add(place, FaultCode::F015, what.clone(), TIME_FORM);
    }
    read.ok()
}

fn read_moment(text: &str) -> Result<Moment, String> {
    let unreadable = || format!("{text:?} is no time");
    let day = text.get(..10).ok_or_else(unreadable)?;
    let shape = |(at, byte): (usize, u8)| {
        if matches!(at, 4 | 7) {
            byte == b'-'
        } else {
            byte.is_ascii_digit()
        }
    };
    if !day.bytes().enumerate().all(shape) {
        return Err(unreadable());
    }
    let date = read_date(day)?;
    let rest = text
        .get(10..)
        .and_then(|rest| rest.strip_prefix(['T', ' ']))
        .ok_or_else(unreadable)?;
    let zoned = rest.find(['Z', '+', '-']);
    let (clock_text, offset) = rest.split_at(zoned.unwrap_or(rest.len()));
    let (clock_text, seconds) = match clock_text.len() {
        5 => (clock_text, 0),
        8 => (
            clock_text.get(..5).ok_or_else(unreadable)?,
            clock_text
                .get(5..)
                .and_then(|tail| tail.strip_prefix(':'))
                .and_then(|tail| tail.parse().ok())
                .ok_or_else(unreadable)?,
        ),
        _ => return Err(unreadable()),
    };
    let minutes = clock(clock_text)
        .filter(|&minutes| minutes < 24 * 60)
        .ok_or_else(unreadable)?;
    let part = |value: u16| i8::try_from(value).unwrap_or(-1);
    let time = Time::new(part(minutes / 60), part(minutes % 60), seconds, 0)
        .map_err(|_range| unreadable())?;
    let civil = date.to_datetime(time);
    if offset.is_empty() {
        return Ok(Moment::Civil(civil));
    }
    let offset = read_offset(offset).ok_or_else(unreadable)?;
    offset
        .to_timestamp(civil)
        .map(Moment::Instant)
        .map_err(|_range| unreadable())
}

fn read_offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let (sign, size) = match text.split_at_checked(1)? {
        ("+", size) => (1, size),
        ("-", size) => (-1, size),
        _ => return None,
    };
    Offset::from_seconds(sign * i32::from(clock(size)?) * 60).ok()
}

/// Reads a date such as `2024-08-24`, in the years 1970 to 2199.
pub(crate) fn read_date(text: &str) -> Result<Date, String> {
    let unreadable = || format!("{text:?} is no date");
    let mut parts = text.split('-');
    let mut next = |length: usize| -> Option<i16> {
        let part = parts.next()?;
        (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (next(4), next(2), next(2)) else {
        return Err(unreadable());
    };
    if parts.next().is_some() {
        return Err(unreadable());
    }
    calendar_day(year, month, day)
        .ok_or_else(|| format!("there is no day {text}, or it is out of range"))
}

/// A day of the calendar in the years 1970 to 2199.
pub(crate) fn calendar_day(year: i16, month: i16, day: i16) -> Option<Date> {
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    (1970..=2199).contains(&year).then_some(date)
}

/// The instant of a moment; a civil one is read in `zone`, and refused when it is skipped or shown twice.
pub(crate) fn instant(
    moment: Moment,
    zone: &ZoneName,
    tz: &TimeZone,
    place: &Place<'_>,
    faults: &mut Faults,
) -> Option<Timestamp> {
    let civil = match moment {
        Moment::Instant(instant) => return Some(instant),
        Moment::Civil(civil) => civil,
    };
    match locate(civil, tz) {
        Some(Local::One(instant)) => return Some(instant),
        Some(Local::Gap { from, to, .. }) => faults.add(
            place,
            FaultCode::F013,
            format!(
                "{} does not exist in {zone}: the clocks jump from {} to {}",
                short(civil),
                short(from),
                short(to)
            ),
            format!(
                "write a time before {}, or {} or later",
                short(from),
                short(to)
            ),
        ),
        Some(Local::Fold {
            offsets: (first, second),
            ..
        }) => faults.add(
            place,
            FaultCode::F014,
            format!(
                "{} comes twice in {zone}: the clocks are turned back over it",
                short(civil)
            ),
            format!(
                "write {0}{1} for the first, or {0}{2} for the second",
                short(civil),
                signed(first),
                signed(second)
            ),
        ),
        None => faults.add(
            place,
            FaultCode::F015,
            format!("{civil} is out of range"),
            TIME_FORM,
        ),
    }
    None
}

/// The span between two moments; an empty one is a fault at `place`.
pub(crate) fn span(
    ends: (Moment, Moment),
    zone: &ZoneName,
    tz: &TimeZone,
    places: (&Place<'_>, &Place<'_>),
    faults: &mut Faults,
) -> Option<Span> {
    let start = instant(ends.0, zone, tz, places.0, faults);
    let end = instant(ends.1, zone, tz, places.1, faults);
    let (start, end) = (start?, end?);
    let span = Span::new(start, end).ok();
    if span.is_none() {
        faults.add(
            places.1,
            FaultCode::F016,
            format!(
                "the end {} is not after the start {}",
                written(ends.1),
                written(ends.0)
            ),
            "write an end after the start; for a window past midnight, the end has the next day's date",
        );
    }
    span
}

/// `2024-08-24T12:00`, with seconds only where there are any.
pub(crate) fn short(civil: DateTime) -> String {
    let seconds = if civil.second() == 0 {
        String::new()
    } else {
        format!(":{:02}", civil.second())
    };
    format!(
        "{}T{:02}:{:02}{seconds}",
        civil.date(),
        civil.hour(),
        civil.minute()
    )
}

/// An instant as people write it in `tz`: `2024-08-24T12:00+09:00`.
pub(crate) fn local(instant: Timestamp, tz: &TimeZone) -> String {
    format!(
        "{}{}",
        short(tz.to_datetime(instant)),
        signed(tz.to_offset(instant))
    )
}

/// A moment as people write it.
fn written(moment: Moment) -> String {
    match moment {
        Moment::Civil(civil) => short(civil),
        Moment::Instant(instant) => instant.to_string(),
    }
}

fn signed(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests;
