//! Availability rules: how they are written, and what they say over a stretch of real time.

use jiff::ToSpan;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use meridian_model::Span;

use crate::civil::{DayRange, day_exists};

/// A rule of `availability.csv` or of a group's `hosting`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// `never 23:00-07:00`
    Never(DayRange),
    /// `daily 19:00-22:00`, `weekdays …`, `mon,wed …`
    On(Days, DayRange),
    /// `not on public holidays`
    NotOnHolidays,
}

/// Days of the week, Monday first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Days([bool; 7]);

const EVERY: Days = Days([true; 7]);
const WEEKDAYS: Days = Days([true, true, true, true, true, false, false]);
const WEEKENDS: Days = Days([false, false, false, false, false, true, true]);
const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What to write instead of a rule that cannot be read.
pub(crate) const FORM: &str = "write one of: never 23:00-07:00; daily 19:00-22:00; weekdays 19:00-22:00; \
weekends 09:00-12:00; mon,wed 19:00-22:00; not on public holidays";

impl Days {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "daily" => return Some(EVERY),
            "weekdays" => return Some(WEEKDAYS),
            "weekends" => return Some(WEEKENDS),
            _ => {}
        }
        let mut days = [false; 7];
        for name in text.split(',') {
            let at = NAMES.iter().position(|known| *known == name)?;
            let day = days.get_mut(at)?;
            if std::mem::replace(day, true) {
                return None;
            }
        }
        Some(Self(days))
    }

    /// The days whose place in the week, Monday first, is set.
    pub(crate) const fn of(days: [bool; 7]) -> Self {
        Self(days)
    }

    pub(crate) fn has(self, day: Weekday) -> bool {
        let at = usize::try_from(day.to_monday_zero_offset()).unwrap_or(0);
        self.0.get(at).copied().unwrap_or(false)
    }
}

impl Rule {
    /// Reads a rule; `None` when it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["not", "on", "public", "holidays"] => Some(Self::NotOnHolidays),
            ["never", range] => DayRange::parse(range).map(Self::Never),
            [days, range] => Some(Self::On(Days::parse(days)?, DayRange::parse(range)?)),
            _ => None,
        }
    }
}

/// What a range on some days of the week says within `within`: sorted, disjoint spans.
///
/// Days are the civil days of `tz` that exist; a range past midnight ends on the next such day.
pub(crate) fn expand(days: Days, range: DayRange, tz: &TimeZone, within: Span) -> Vec<Span> {
    let first = tz.to_datetime(within.start()).date();
    let last = tz.to_datetime(within.end()).date();
    let mut spans = Vec::new();
    // Three days back, because a range may run past midnight over a day that the zone skipped.
    let mut day = first.saturating_sub(3.days());
    while day <= last {
        if days.has(day.weekday()) && day_exists(day, tz) {
            spans.extend(
                range
                    .on(day, tz)
                    .and_then(|span| span.intersection(&within)),
            );
        }
        match day.tomorrow() {
            Ok(next) => day = next,
            Err(_) => break,
        }
    }
    union(spans)
}

/// What a daily range says within `within`.
pub(crate) fn expand_daily(range: DayRange, tz: &TimeZone, within: Span) -> Vec<Span> {
    expand(EVERY, range, tz, within)
}

/// The same instants as sorted, disjoint spans that do not touch.
pub(crate) fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start() <= last.end() => {
                *last = Span::new(last.start(), last.end().max(span.end())).unwrap_or(*last);
            }
            _ => joined.push(span),
        }
    }
    joined
}

/// The spans that overlap an earlier one, each with the earlier one that reaches furthest.
pub(crate) fn overlapping<T: Copy + Ord>(mut spans: Vec<(Span, T)>) -> Vec<[(Span, T); 2]> {
    spans.sort();
    let mut found = Vec::new();
    let mut furthest: Option<(Span, T)> = None;
    for next in spans {
        if let Some(earlier) = furthest.filter(|(earlier, _)| earlier.overlaps(&next.0)) {
            found.push([earlier, next]);
        }
        if furthest.is_none_or(|(earlier, _)| earlier.end() < next.0.end()) {
            furthest = Some(next);
        }
    }
    found
}

#[cfg(test)]
mod tests;
