//! Plans as iCalendar files: one for the event, a track, a group, a person or a speaker.
//!
//! Times are UTC. UIDs (`{block|session|shift}.{item id}@{event id}.meridian`) depend on nothing else, so a
//! moved item moves in the reader's calendar and is not doubled; the kind is in them because organisers choose
//! session ids and a block may bear the same one. SEQUENCE is the plan's revision. No clock is read: DTSTAMP and LAST-MODIFIED
//! are 52 weeks before the event starts plus one minute per revision, so that they rise with every revision,
//! lie in the past when the calendar is used, and come out the same each time.
//!
//! A calendar without entries is written all the same, so that a reader who had some in an earlier revision loses
//! them. It holds the zone UTC, since RFC 5545 (3.6) wants one component in every calendar.
//!
//! Source: RFC 5545 (iCalendar), RFC 5546 (METHOD:PUBLISH), RFC 7986 (NAME).

use chrono::{DateTime, TimeZone as _, Utc};
use icalendar::{Calendar, Component as _, Event as Entry, EventLike as _, Property};
use meridian_model::time::UnknownZone;
use meridian_model::{
    GroupId, HostBlock, OperatorId, PlacedSession, Plan, Problem, Shift, Span, SpeakerId,
    Timestamp, TrackId, ZoneName, ZoneSet,
};

use super::clock::Clock;
use super::names::Names;
use super::text::plain;
use super::view::{on_duty, own_sessions};

/// Whose calendar it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The public programme: all blocks and sessions.
    Event,
    /// The public programme of one track.
    Track(TrackId),
    /// A group's blocks, the sessions in them, and the shifts of its people.
    Group(GroupId),
    /// One person's shifts and, if she speaks, her own sessions.
    Person(OperatorId),
    /// One speaker's own sessions.
    Speaker(SpeakerId),
}

/// The component of a calendar without entries.
const NOTHING: &str = "BEGIN:VTIMEZONE\r\nTZID:UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nEND:VCALENDAR";

/// Why there is no calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// A zone that the zone set does not hold.
    #[error(transparent)]
    UnknownZone(#[from] UnknownZone),
    /// The event has no such track, group, person or speaker.
    #[error("the event has no {kind} {id:?}")]
    NotFound {
        /// What was asked for.
        kind: &'static str,
        /// Its id.
        id: String,
    },
}

/// The calendar of `scope`.
///
/// # Errors
/// [`CalendarError`] when the scope's zone or the scope itself is unknown.
pub fn calendar(
    problem: &Problem,
    plan: &Plan,
    zones: &ZoneSet,
    scope: &Scope,
) -> Result<String, CalendarError> {
    let names = Names::new(problem, plan);
    let (reader, title, zone) = reader(problem, &names, scope)?;
    let writer = Writer {
        problem,
        plan,
        clock: Clock::new(zones, zone, problem.event.horizon.span())?,
        names,
    };
    let mut calendar = Calendar::empty();
    let event = plain(&problem.event.id);
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new(
        "PRODID",
        format!("-//Meridian//{event}{reader}//EN"),
    ));
    calendar.append_property(Property::new("CALSCALE", "GREGORIAN"));
    calendar.append_property(Property::new("METHOD", "PUBLISH"));
    // The writer escapes only properties that it knows to be text, and NAME is not among them.
    calendar.append_property(
        Property::new("NAME", &title)
            .add_parameter("VALUE", "TEXT")
            .done(),
    );
    calendar.append_property(Property::new("X-WR-CALNAME", &title));
    let entries = writer.entries(scope);
    let nothing = entries.is_empty();
    for entry in entries {
        calendar.push(entry);
    }
    let text = refold(&calendar.to_string());
    Ok(if nothing {
        text.replace("END:VCALENDAR", NOTHING)
    } else {
        text
    })
}

/// The scope in PRODID, the calendar's title, and its reader's zone.
fn reader<'a>(
    problem: &'a Problem,
    names: &Names<'a>,
    scope: &Scope,
) -> Result<(String, String, &'a ZoneName), CalendarError> {
    let not_found = |kind, id: &str| CalendarError::NotFound {
        kind,
        id: id.to_owned(),
    };
    let title = plain(&problem.event.title);
    Ok(match scope {
        Scope::Event => (String::new(), title, &problem.event.zone),
        Scope::Track(id) => {
            if !problem.event.tracks.iter().any(|track| &track.id == id) {
                return Err(not_found("track", id.as_str()));
            }
            (
                format!("//track//{}", plain(id.as_str())),
                format!("{title} · {}", names.track(id)),
                &problem.event.zone,
            )
        }
        Scope::Group(id) => {
            let group = names
                .group_of(id)
                .ok_or_else(|| not_found("group", id.as_str()))?;
            (
                format!("//group//{}", plain(id.as_str())),
                format!("{title} · {}", names.group(id)),
                &group.zone,
            )
        }
        Scope::Person(id) => {
            let operator = names
                .operator(id)
                .ok_or_else(|| not_found("person", id.as_str()))?;
            (
                format!("//person//{}", plain(id.as_str())),
                format!("{title} · {}", names.person(id)),
                &operator.zone,
            )
        }
        Scope::Speaker(id) => {
            let speaker = problem
                .speakers
                .iter()
                .find(|speaker| &speaker.id == id)
                .ok_or_else(|| not_found("speaker", id.as_str()))?;
            let handle = plain(id.as_str());
            (
                format!("//speaker//{handle}"),
                format!("{title} · {handle}"),
                &speaker.zone,
            )
        }
    })
}

struct Writer<'a> {
    problem: &'a Problem,
    plan: &'a Plan,
    clock: Clock,
    names: Names<'a>,
}

impl Writer<'_> {
    fn entries(&self, scope: &Scope) -> Vec<Entry> {
        let plan = self.plan;
        let (blocks, sessions, shifts): (Vec<&HostBlock>, Vec<&PlacedSession>, Vec<&Shift>) =
            match scope {
                Scope::Event => (
                    plan.blocks.iter().collect(),
                    plan.sessions.iter().collect(),
                    Vec::new(),
                ),
                Scope::Track(id) => (
                    plan.blocks.iter().filter(|b| &b.track == id).collect(),
                    plan.sessions.iter().filter(|s| &s.track == id).collect(),
                    Vec::new(),
                ),
                Scope::Group(id) => (
                    plan.blocks.iter().filter(|b| &b.group == id).collect(),
                    plan.sessions
                        .iter()
                        .filter(|s| self.names.block_of(s).is_some_and(|b| &b.group == id))
                        .collect(),
                    plan.shifts
                        .iter()
                        .filter(|s| {
                            let operator = self.names.operator(&s.operator);
                            operator.is_some_and(|operator| &operator.group == id)
                        })
                        .collect(),
                ),
                Scope::Person(id) => (
                    Vec::new(),
                    own_sessions(
                        plan,
                        &self.names,
                        self.names.operator(id).and_then(|o| o.speaker.as_ref()),
                    ),
                    plan.shifts.iter().filter(|s| &s.operator == id).collect(),
                ),
                Scope::Speaker(id) => (
                    Vec::new(),
                    own_sessions(plan, &self.names, Some(id)),
                    Vec::new(),
                ),
            };
        let with_person = matches!(scope, Scope::Group(_));
        let blocks = blocks.into_iter().map(|block| self.block(block));
        let sessions = sessions.into_iter().map(|session| self.session(session));
        let shifts = shifts
            .into_iter()
            .map(|shift| self.shift(shift, with_person));
        blocks.chain(sessions).chain(shifts).collect()
    }

    fn block(&self, block: &HostBlock) -> Entry {
        let host = self.names.group(&block.group);
        let language = plain(block.language.as_str());
        self.entry(
            ("block", block.id.as_str()),
            block.span,
            &format!("{host} hosts {}", self.names.track(&block.track)),
            &format!("Language: {language}"),
            &self.names.track(&block.track),
        )
    }

    fn session(&self, placed: &PlacedSession) -> Entry {
        let mut lines = Vec::new();
        if let Some(block) = self.names.block_of(placed) {
            lines.push(format!("Host: {}", self.names.group(&block.group)));
        }
        if let Some(session) = self.names.session(&placed.session) {
            lines.push(format!("Language: {}", plain(session.language.as_str())));
        }
        self.entry(
            ("session", placed.session.as_str()),
            placed.span,
            &self.names.title(&placed.session),
            &lines.join("\n"),
            &self.names.track(&placed.track),
        )
    }

    fn shift(&self, shift: &Shift, with_person: bool) -> Entry {
        let duty = self.names.duty(&shift.duty);
        let summary = if with_person {
            format!("{}: {duty}", self.names.person(&shift.operator))
        } else {
            duty
        };
        // A shift's entry covers its handover, since she is on duty then.
        let covered = if shift.handover_min > 0 {
            format!(
                "Handover: {} min, then alone from {}",
                shift.handover_min,
                self.clock.time(shift.span.start())
            )
        } else {
            "No handover".to_owned()
        };
        self.entry(
            ("shift", shift.id.as_str()),
            on_duty(shift),
            &summary,
            &covered,
            &self.names.places(&shift.duty),
        )
    }

    fn entry(
        &self,
        (kind, id): (&str, &str),
        span: Span,
        summary: &str,
        more: &str,
        location: &str,
    ) -> Entry {
        let event = plain(&self.problem.event.id);
        let stamp = self.stamp();
        let mut entry = Entry::new();
        entry
            .uid(&format!("{kind}.{}@{event}.meridian", plain(id)))
            .timestamp(stamp)
            .last_modified(stamp)
            .sequence(self.plan.revision)
            .starts(utc(span.start()))
            .ends(utc(span.end()))
            .summary(summary)
            .description(&self.description(span, more))
            .add_property("TRANSP", "OPAQUE");
        if !location.is_empty() {
            entry.location(location);
        }
        entry.done()
    }

    /// The reader's local time with weekday, the same in UTC, then what else there is to know.
    fn description(&self, span: Span, more: &str) -> String {
        let (clock, zone) = (&self.clock, plain(self.clock.zone().as_str()));
        let local = if clock.changes().is_empty() {
            let offset = clock.offset_name(span.start());
            format!("{} {zone} ({offset})", clock.range(span))
        } else {
            format!("{} {zone}", clock.range(span))
        };
        format!("{local}\n{} UTC\n{more}", Clock::utc(span).range(span))
    }

    fn stamp(&self) -> DateTime<Utc> {
        const BEFORE: i64 = 52 * 7 * 24 * 3600;
        let start = self.problem.event.horizon.start().as_second();
        let second = start - BEFORE + i64::from(self.plan.revision) * 60;
        Timestamp::from_second(second).map_or_else(|_range| utc(Timestamp::UNIX_EPOCH), utc)
    }
}

/// The same instant for the calendar writer.
fn utc(at: Timestamp) -> DateTime<Utc> {
    Utc.timestamp_opt(at.as_second(), 0)
        .single()
        .unwrap_or_default()
}

/// Folds lines anew to at most 75 octets, blank included: the writer lets a last piece have 76.
fn refold(text: &str) -> String {
    const LIMIT: usize = 75;
    let mut out = String::with_capacity(text.len());
    for line in text.replace("\r\n ", "").split_terminator("\r\n") {
        let mut used = 0;
        for character in line.chars() {
            if used + character.len_utf8() > LIMIT {
                out.push_str("\r\n ");
                used = 1;
            }
            used += character.len_utf8();
            out.push(character);
        }
        out.push_str("\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::refold;

    #[test]
    fn no_line_has_more_than_75_octets_and_nothing_is_lost() {
        for length in 60..320 {
            let line = format!("SUMMARY:{}é{}\r\n", "x".repeat(length), "日".repeat(length));
            let folded = refold(&line);
            assert!(folded.split("\r\n").all(|part| part.len() <= 75));
            assert_eq!(folded.replace("\r\n ", ""), line);
        }
    }
}
