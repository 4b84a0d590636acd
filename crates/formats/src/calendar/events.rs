//! From components to events: what a calendar says, with its zones found and its values checked.

use jiff::civil::{DateTime, Time};
use meridian_model::Timestamp;

use super::lines::{Component, Line};
use super::values::{self, Basis, Lasting, Stamp};
use super::zone::Zones;
use crate::fault::{FaultCode, Faults, Place};

/// One VEVENT.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) uid: String,
    pub(crate) line: u64,
    pub(crate) start: Stamp,
    pub(crate) lasting: Length,
    pub(crate) rules: Vec<(u64, String)>,
    pub(crate) except_rules: Vec<(u64, String)>,
    pub(crate) extra: Vec<(Stamp, Option<Length>)>,
    pub(crate) except: Vec<Stamp>,
    /// The occurrence that it stands in for.
    pub(crate) replaces: Option<Stamp>,
    /// Neither cancelled nor, where that matters, marked as free.
    pub(crate) counts: bool,
    pub(crate) summary: Option<String>,
    pub(crate) holiday: bool,
}

/// How long an event takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// Whole days.
    Days(i64),
    /// The same time for every occurrence, in seconds.
    Exact(i64),
    /// Days by the calendar, then seconds.
    Nominal(Lasting),
}

/// Whether TRANSP matters: someone is free during a free event, a holiday is a holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Busy,
    Regional,
}

/// Reads one VEVENT's properties, adding what is wrong.
pub(crate) struct EventReader<'r> {
    pub(crate) file: &'r str,
    pub(crate) zones: &'r Zones<'r>,
    pub(crate) owner: &'r jiff::tz::TimeZone,
    pub(crate) purpose: Purpose,
}

impl EventReader<'_> {
    /// The event; `None` when it counts for nothing or is at fault.
    pub(crate) fn read(&self, part: &Component, faults: &mut Faults) -> Option<Event> {
        let uid = part
            .get("UID")
            .map(|line| line.value.trim().to_owned())
            .unwrap_or_default();
        let says = |name: &str, word: &str| {
            part.get(name)
                .is_some_and(|line| line.value.trim().eq_ignore_ascii_case(word))
        };
        let free = self.purpose == Purpose::Busy && says("TRANSP", "TRANSPARENT");
        let counts = !free && !says("STATUS", "CANCELLED");
        let replaces = part.get("RECURRENCE-ID");
        if !counts && replaces.is_none() {
            return None;
        }
        for name in ["DTSTART", "DTEND", "DURATION", "RECURRENCE-ID"] {
            if let Some(second) = part.all(name).nth(1) {
                self.malformed(second, "it is there twice", faults);
            }
        }
        let replaces = match replaces {
            Some(line) => Some(self.replaces(line, faults)?),
            None => None,
        };
        let start = match part.get("DTSTART") {
            Some(line) => self.stamp(line, &line.value, faults)?,
            // A cancelled occurrence needs no time of its own.
            None if !counts => replaces.clone()?,
            None => {
                faults.add(
                    &Place::line(self.file, part.line).field("DTSTART"),
                    FaultCode::F008,
                    "the event has no DTSTART",
                    "give the event a start, or remove it",
                );
                return None;
            }
        };
        let lasting = self.length(part, &start, faults)?;
        let texts = |name: &str| {
            part.all(name)
                .map(|line| (line.line, line.value.clone()))
                .collect()
        };
        let category = |line: &Line| {
            line.value
                .split(',')
                .any(|word| values::text(word).eq_ignore_ascii_case("holiday"))
        };
        Some(Event {
            uid,
            line: part.line,
            rules: texts("RRULE"),
            except_rules: texts("EXRULE"),
            extra: self.extra(part, &start, faults),
            except: part
                .all("EXDATE")
                .flat_map(|line| line.value.split(',').map(move |value| (line, value)))
                .filter_map(|(line, value)| self.stamp(line, value, faults))
                .collect(),
            start,
            lasting,
            replaces,
            counts,
            summary: part.get("SUMMARY").map(|line| values::text(&line.value)),
            holiday: part.all("CATEGORIES").any(category),
        })
    }

    fn replaces(&self, line: &Line, faults: &mut Faults) -> Option<Stamp> {
        if line.param("RANGE").is_some() {
            faults.add(
                &Place::line(self.file, line.line).field("RECURRENCE-ID"),
                FaultCode::F039,
                "a change to this and all later occurrences (RANGE) is not expanded here",
                "split the series in the calendar program, and export it again",
            );
            return None;
        }
        self.stamp(line, &line.value, faults)
    }

    /// One date or time of a property.
    fn stamp(&self, line: &Line, value: &str, faults: &mut Faults) -> Option<Stamp> {
        let value = value.trim();
        let kind = line.param("VALUE").map(str::to_ascii_uppercase);
        if kind.as_deref() != Some("DATE-TIME")
            && let Some(date) = values::date(value)
        {
            return Some(Stamp {
                civil: date.to_datetime(Time::midnight()),
                basis: Basis::Day,
            });
        }
        let time = values::date_time(value)
            .filter(|_| matches!(kind.as_deref(), None | Some("DATE-TIME" | "PERIOD")));
        let Some((civil, utc)) = time else {
            self.malformed(
                line,
                &format!("{:?} is no date or time, or none that exists", shown(value)),
                faults,
            );
            return None;
        };
        let basis = match (utc, line.param("TZID")) {
            (true, _) => Basis::Utc,
            (false, Some(tzid)) => Basis::Zone(self.zones.find(tzid, line.line)?),
            (false, None) if self.purpose == Purpose::Regional => {
                self.malformed(
                    line,
                    "the time has no zone, and a public calendar no owner",
                    faults,
                );
                return None;
            }
            (false, None) => Basis::Floating,
        };
        Some(Stamp { civil, basis })
    }

    fn length(&self, part: &Component, start: &Stamp, faults: &mut Faults) -> Option<Length> {
        let lasting = match (part.get("DTEND"), part.get("DURATION")) {
            (Some(_), Some(line)) => {
                self.malformed(line, "DTEND and DURATION exclude each other", faults);
                return None;
            }
            (Some(line), None) => {
                let end = self.stamp(line, &line.value, faults)?;
                return self.until(start, &end, line, faults);
            }
            (None, Some(line)) => {
                let Some(lasting) = values::duration(line.value.trim()) else {
                    self.malformed(
                        line,
                        &format!("{:?} is no duration", shown(&line.value)),
                        faults,
                    );
                    return None;
                };
                if start.is_day() && lasting.seconds != 0 {
                    self.malformed(line, "a whole day lasts days or weeks", faults);
                    return None;
                }
                lasting
            }
            // RFC 5545, 3.6.1: without an end, a date is one day, a time takes none.
            (None, None) if start.is_day() => return Some(Length::Days(1)),
            (None, None) => return Some(Length::Exact(0)),
        };
        Some(if start.is_day() {
            Length::Days(lasting.days)
        } else {
            Length::Nominal(lasting)
        })
    }

    fn until(
        &self,
        start: &Stamp,
        end: &Stamp,
        line: &Line,
        faults: &mut Faults,
    ) -> Option<Length> {
        if start.is_day() != end.is_day() {
            self.malformed(
                line,
                "the start and the end are not both dates or both times",
                faults,
            );
            return None;
        }
        let length = if start.is_day() {
            let days = end.civil.date().since(start.civil.date()).ok()?.get_days();
            Length::Days(i64::from(days))
        } else {
            let seconds = |instant: Timestamp| instant.as_second();
            Length::Exact(seconds(end.instant(self.owner)?) - seconds(start.instant(self.owner)?))
        };
        let backwards = match length {
            Length::Days(days) => days < 1,
            Length::Exact(seconds) => seconds < 0,
            Length::Nominal(_) => false,
        };
        if backwards {
            faults.add(
                &Place::line(self.file, line.line).field(&line.name),
                FaultCode::F016,
                "the event does not end after its start",
                "correct its end; the last day of a whole-day event is the day before its DTEND",
            );
            return None;
        }
        Some(length)
    }

    /// The occurrences of RDATE.
    fn extra(
        &self,
        part: &Component,
        start: &Stamp,
        faults: &mut Faults,
    ) -> Vec<(Stamp, Option<Length>)> {
        let mut extra = Vec::new();
        for line in part.all("RDATE") {
            for value in line.value.split(',') {
                let found = match value.split_once('/') {
                    Some((from, to)) => self
                        .period(line, from, to, faults)
                        .map(|(stamp, length)| (stamp, Some(length))),
                    None => self.stamp(line, value, faults).map(|stamp| (stamp, None)),
                };
                let Some((stamp, length)) = found else {
                    continue;
                };
                if stamp.is_day() != start.is_day() {
                    self.malformed(
                        line,
                        "the event's start and this are not both dates or both times",
                        faults,
                    );
                    continue;
                }
                extra.push((stamp, length));
            }
        }
        extra
    }

    /// `start/end` or `start/duration`.
    pub(crate) fn period(
        &self,
        line: &Line,
        from: &str,
        to: &str,
        faults: &mut Faults,
    ) -> Option<(Stamp, Length)> {
        let start = self.stamp(line, from, faults)?;
        if let Some(lasting) = values::duration(to.trim()) {
            return Some((start, Length::Nominal(lasting)));
        }
        let end = self.stamp(line, to, faults)?;
        let length = self.until(&start, &end, line, faults)?;
        Some((start, length))
    }

    /// The last local time of a rule, from its UNTIL and the start of its event.
    pub(crate) fn last(&self, start: &Stamp, text: &str) -> Option<DateTime> {
        if let Some(date) = values::date(text) {
            return start.is_day().then(|| date.to_datetime(Time::midnight()));
        }
        let (civil, utc) = values::date_time(text)?;
        if !utc {
            return Some(civil);
        }
        let instant = jiff::tz::Offset::UTC.to_timestamp(civil).ok()?;
        let local = start.civil_at(instant, self.owner);
        // Programs differ in whether the last whole day is its midnight in UTC or in local time: neither is lost.
        Some(if start.is_day() {
            local.max(civil)
        } else {
            local
        })
    }

    pub(crate) fn malformed(&self, line: &Line, what: &str, faults: &mut Faults) {
        faults.add(
            &Place::line(self.file, line.line).field(&line.name),
            FaultCode::F008,
            what,
            "correct the line, or export the calendar again from another program",
        );
    }
}

/// The beginning of a value: enough to find it.
fn shown(value: &str) -> String {
    value.chars().take(40).collect()
}
