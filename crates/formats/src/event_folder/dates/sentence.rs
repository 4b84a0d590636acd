//! A rule for dates in plain words: `weekends from June to September 2024, 12:00 Asia/Tokyo`.

use jiff::civil::Date;
use meridian_model::ZoneSet;

use super::DatesRow;
use crate::civil;
use crate::fault::{FaultCode, Faults, Place};
use crate::rules::Days;
use crate::words;

const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const FORM: &str = "write one like: weekends from June to September 2024, 12:00 Asia/Tokyo; or: sat,sun from 2024-08-01 \
to 2024-08-31, 12:00";

/// Reads a rule; a year that is not written is `own_year`, the event's own.
pub(super) fn read(
    text: &str,
    own_year: Option<i16>,
    zones: &ZoneSet,
    place: &Place<'_>,
    faults: &mut Faults,
) -> Option<DatesRow> {
    let Some(parts) = Parts::of(text) else {
        faults.add(
            place,
            FaultCode::F036,
            format!("{text:?} is no rule for dates"),
            FORM,
        );
        return None;
    };
    let year = parts.year.or(own_year)?;
    let first = parts.from.day(year, Date::first_of_month);
    let last = parts.to.day(year, Date::last_of_month);
    let zone = match parts.zone {
        Some(name) => Some(words::zone(name, zones, place, faults)?),
        None => None,
    };
    Some(DatesRow {
        weekdays: Some(parts.days),
        from: Some(first?),
        to: Some(last?),
        start: parts.start,
        zone,
        ..DatesRow::default()
    })
}

/// Days of the week: `sat`, `saturdays`, `fri, sat`, `weekdays`, `weekends`, `daily`.
///
/// A weekend is one candidate, which starts on its Saturday.
pub(super) fn days(text: &str) -> Option<Days> {
    let text = text.to_lowercase();
    let mut days = [false; 7];
    let names = text
        .split([',', ' '])
        .map(str::trim)
        .filter(|name| !name.is_empty());
    for name in names.filter(|name| *name != "and" && *name != "every" && *name != "all") {
        match name {
            "weekends" | "weekend" => days[5] = true,
            "weekdays" | "weekday" => days[..5].fill(true),
            "daily" | "days" | "day" => days.fill(true),
            name => {
                let name = name
                    .strip_suffix('s')
                    .filter(|name| name.len() > 4)
                    .unwrap_or(name);
                let at = DAYS
                    .iter()
                    .position(|day| name == *day || Some(name) == day.get(..3))?;
                *days.get_mut(at)? = true;
            }
        }
    }
    days.contains(&true).then(|| Days::of(days))
}

/// One end of the span of days.
enum Bound {
    Day(Date),
    Month(i8),
}

impl Bound {
    fn read(word: &str) -> Option<Self> {
        if word.contains('-') {
            return civil::read_date(word).ok().map(Self::Day);
        }
        let word = word.to_lowercase();
        let short = |month: &str| word.len() >= 3 && month.starts_with(&word);
        let at = MONTHS.iter().position(|month| short(month))?;
        i8::try_from(at + 1).ok().map(Self::Month)
    }

    /// The day; of a month, the one that `of_month` picks.
    fn day(&self, year: i16, of_month: fn(Date) -> Date) -> Option<Date> {
        match *self {
            Self::Day(day) => Some(day),
            Self::Month(month) => Date::new(year, month, 1).ok().map(of_month),
        }
    }
}

struct Parts<'t> {
    days: Days,
    from: Bound,
    to: Bound,
    year: Option<i16>,
    start: Option<jiff::civil::Time>,
    zone: Option<&'t str>,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let (named, span) = text.split_once(" from ")?;
        let mut words = span
            .split([',', ' '])
            .filter(|word| !word.is_empty())
            .peekable();
        let from = Bound::read(words.next()?)?;
        if words.next()? != "to" {
            return None;
        }
        let to = Bound::read(words.next()?)?;
        let year = words.next_if(|word| word.len() == 4 && word.parse::<i16>().is_ok());
        words.next_if(|word| *word == "at");
        let start = match words.next() {
            Some(word) => Some(civil::read_clock(word)?),
            None => None,
        };
        let zone = words.next();
        if words.next().is_some() {
            return None;
        }
        Some(Self {
            days: days(named)?,
            from,
            to,
            year: year.and_then(|year| year.parse().ok()),
            start,
            zone,
        })
    }
}
