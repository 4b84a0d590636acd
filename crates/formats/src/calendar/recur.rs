//! Recurrence rules, expanded on local wall time; zones are applied to the result.
//!
//! The `rrule` crate runs as if local time were UTC, so that it needs no zone rules of its own. What it
//! cannot expand in bounded work is refused.

use std::cell::Cell;

use chrono::{Datelike as _, NaiveDate, TimeZone as _, Timelike as _};
use jiff::civil::{Date, DateTime, Time};
use rrule::{RRule, RRuleSet, Tz, Unvalidated};

/// Most steps that the rules of one file may take together.
const MAX_STEPS: u64 = 2_000_000;
/// Most steps that one rule may take.
const MAX_RULE_STEPS: u64 = 100_000;

/// Why a rule was not expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It breaks the syntax.
    Malformed(String),
    /// It is right, and not ours.
    Unsupported(String),
}

/// Most rules in one file.
const MAX_RULES: u64 = 10_000;
/// The calendar repeats itself after 400 years, weekdays included. The expansion runs this much later, close to
/// the last year that the crate knows, so that a rule which no day ever meets comes to its end soon.
const LATER_YEARS: i16 = 19 * 400;

/// Counts the work of all rules of one file.
#[derive(Debug, Default)]
pub(crate) struct Work {
    steps: Cell<u64>,
    rules: Cell<u64>,
}

/// A stretch of local time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    pub(crate) from: DateTime,
    pub(crate) to: DateTime,
}

/// The occurrences of `rule` from `start` on that begin within `reach`, without `start` itself.
///
/// `until` turns the text of UNTIL into the last local time.
pub(crate) fn expand(
    rule: &str,
    start: DateTime,
    reach: Reach,
    until: impl Fn(&str) -> Option<DateTime>,
    work: &Work,
) -> Result<Vec<DateTime>, Refused> {
    let malformed = |what: &str| Refused::Malformed(what.to_owned());
    let parts = parts(rule)?;
    let get = |key: &str| {
        parts
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value.as_str())
    };
    let until = match get("UNTIL") {
        Some(text) => Some(
            until(text).ok_or_else(|| malformed("UNTIL is no time of the kind the event has"))?,
        ),
        None => None,
    };
    if until.is_some() && get("COUNT").is_some() {
        return Err(malformed("COUNT and UNTIL exclude each other"));
    }
    work.take(&parts, start, reach)?;
    let last = until.map_or(reach.to, |until| until.min(reach.to));
    if last <= start || reach.to < reach.from {
        return Ok(Vec::new());
    }
    let mut text: Vec<String> = parts
        .iter()
        .filter(|(key, _)| key != "UNTIL")
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    if get("COUNT").is_none() {
        let later = last.year() + LATER_YEARS;
        text.push(format!("UNTIL={later:04}{}Z", last.strftime("%m%dT%H%M%S")));
    }
    let set = rule_set(&text.join(";"), start)?;
    let edge =
        |civil: DateTime| to_chrono(civil).ok_or_else(|| malformed("a time is out of range"));
    let result = set
        .after(edge(reach.from)?)
        .before(edge(reach.to)?)
        .all(u16::MAX);
    if result.limited {
        return Err(Refused::Unsupported(
            "the rule takes too much work to expand".to_owned(),
        ));
    }
    Ok(result
        .dates
        .iter()
        .filter_map(from_chrono)
        .filter(|&civil| civil != start)
        .collect())
}

fn rule_set(text: &str, start: DateTime) -> Result<RRuleSet, Refused> {
    let start = to_chrono(start)
        .ok_or_else(|| Refused::Malformed("the start is out of range".to_owned()))?;
    let rule: RRule<Unvalidated> = text
        .parse()
        .map_err(|error: rrule::RRuleError| Refused::Malformed(error.to_string()))?;
    rule.build(start)
        .map_err(|error| Refused::Malformed(error.to_string()))
}

/// The parts of a rule, each of a kind that is expanded.
fn parts(rule: &str) -> Result<Vec<(String, String)>, Refused> {
    const KNOWN: [&str; 14] = [
        "FREQ",
        "INTERVAL",
        "COUNT",
        "UNTIL",
        "WKST",
        "BYSETPOS",
        "BYMONTH",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYDAY",
        "BYHOUR",
        "BYMINUTE",
        "BYSECOND",
    ];
    let mut parts: Vec<(String, String)> = Vec::new();
    for part in rule.trim().trim_end_matches(';').split(';') {
        let (key, value) = part
            .split_once('=')
            .ok_or_else(|| Refused::Malformed("a part of the rule has no value".to_owned()))?;
        let key = key.trim().to_ascii_uppercase();
        if !KNOWN.contains(&key.as_str()) {
            return Err(Refused::Unsupported(format!("{key} is not expanded here")));
        }
        if parts.iter().any(|(known, _)| *known == key) {
            return Err(Refused::Malformed(format!("{key} is there twice")));
        }
        parts.push((key, value.trim().to_ascii_uppercase()));
    }
    let freq = parts
        .iter()
        .find(|(key, _)| key == "FREQ")
        .map(|(_, value)| value.as_str());
    for key in ["INTERVAL", "COUNT"] {
        let given = parts
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value);
        if given.is_some_and(|value| !value.parse::<u32>().is_ok_and(|number| number > 0)) {
            return Err(Refused::Malformed(format!("{key} is not one or more")));
        }
    }
    match freq {
        None => Err(Refused::Malformed("the rule has no FREQ".to_owned())),
        Some("SECONDLY" | "MINUTELY") => Err(Refused::Unsupported(
            "a rule by the minute or second is not expanded here".to_owned(),
        )),
        Some(_) => Ok(parts),
    }
}

impl Work {
    /// Takes an upper bound of the steps that a rule needs.
    fn take(
        &self,
        parts: &[(String, String)],
        start: DateTime,
        reach: Reach,
    ) -> Result<(), Refused> {
        let get = |wanted: &str| {
            parts
                .iter()
                .find(|(key, _)| key == wanted)
                .map(|(_, value)| value.as_str())
        };
        let members = |key: &str| {
            let list = get(key).map_or(1, |value| value.split(',').count());
            u64::try_from(list).unwrap_or(u64::MAX)
        };
        let (hours_a_period, candidates) = match get("FREQ") {
            Some("HOURLY") => (1, 1),
            Some("DAILY") => (24, 1),
            Some("WEEKLY") => (7 * 24, 7),
            Some("MONTHLY") => (28 * 24, 31),
            _ => (365 * 24, 366),
        };
        let interval = get("INTERVAL")
            .and_then(|value| value.parse::<u64>().ok())
            .unwrap_or(1)
            .max(1);
        let hours = reach
            .to
            .date()
            .since(start.date())
            .map_or(0, |span| i64::from(span.get_days()) * 24 + 24);
        let periods = u64::try_from(hours).unwrap_or(0) / hours_a_period / interval + 1;
        let times = members("BYHOUR")
            .saturating_mul(members("BYMINUTE"))
            .saturating_mul(members("BYSECOND"));
        let steps = periods.saturating_mul(candidates).saturating_mul(times);
        let total = self.steps.get().saturating_add(steps);
        self.steps.set(total);
        self.rules.set(self.rules.get() + 1);
        if steps > MAX_RULE_STEPS || total > MAX_STEPS || self.rules.get() > MAX_RULES {
            return Err(Refused::Unsupported(
                "the rule takes too much work to expand".to_owned(),
            ));
        }
        Ok(())
    }
}

fn to_chrono(civil: DateTime) -> Option<chrono::DateTime<Tz>> {
    let part = |value: i8| u32::try_from(value).ok();
    let year = i32::from(civil.year().checked_add(LATER_YEARS)?);
    let date = NaiveDate::from_ymd_opt(year, part(civil.month())?, part(civil.day())?)?;
    let (hour, minute, second) = (
        part(civil.hour())?,
        part(civil.minute())?,
        part(civil.second())?,
    );
    Some(Tz::UTC.from_utc_datetime(&date.and_hms_opt(hour, minute, second)?))
}

fn from_chrono(instant: &chrono::DateTime<Tz>) -> Option<DateTime> {
    let part = |value: u32| i8::try_from(value).ok();
    let local = instant.naive_utc();
    let year = i16::try_from(local.year()).ok()?.checked_sub(LATER_YEARS)?;
    let date = Date::new(year, part(local.month())?, part(local.day())?).ok()?;
    let time = Time::new(
        part(local.hour())?,
        part(local.minute())?,
        part(local.second())?,
        0,
    )
    .ok()?;
    Some(date.to_datetime(time))
}
