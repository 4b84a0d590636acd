//! Busy times: from a private calendar to stretches of time, and nothing else of it.

use meridian_model::{Span, ZoneName, ZoneSet};

use crate::calendar::{self, Purpose, Question, When};
use crate::civil::day_start;
use crate::fault::{Faults, Place};
use crate::rules::union;
use crate::words;

/// The busy times of a calendar within `within`: sorted, disjoint, without any title.
///
/// `zone` is the owner's: floating times and whole days are in it. Free (`TRANSP:TRANSPARENT`) and cancelled
/// events do not count. Recurrence, exceptions and changed occurrences are expanded.
///
/// # Errors
/// [`Faults`]: everything in the calendar that cannot be read for certain, by line.
pub fn import(
    ics: &[u8],
    file: &str,
    zones: &ZoneSet,
    zone: &ZoneName,
    within: Span,
) -> Result<Vec<Span>, Faults> {
    let mut faults = Faults::default();
    let place = Place::file(file);
    let known = words::zone(zone.as_str(), zones, &place, &mut faults)
        .and_then(|zone| zones.zone(zone.as_str()).ok());
    let busy = known.map(|owner| {
        let question = Question {
            file,
            zones,
            owner: &owner,
            within,
            purpose: Purpose::Busy,
        };
        let spans = calendar::read(ics, &question, &mut faults)
            .into_iter()
            .filter_map(|occurrence| {
                let span = match occurrence.when {
                    When::Time(span) => span?,
                    When::Days(first, last) => Span::new(
                        day_start(first, &owner)?,
                        day_start(last.tomorrow().ok()?, &owner)?,
                    )
                    .ok()?,
                };
                span.intersection(&within)
            });
        union(spans.collect())
    });
    faults.or(busy)
}

/// A calendar without anything that its busy times do not need: no titles, places, guests, and numbers for identifiers.
///
/// It has the same busy times as the whole one, in every window.
#[must_use]
pub fn stripped(ics: &[u8]) -> String {
    calendar::of_times(ics)
}

/// Whether `who` can be someone's id in an event folder; `place` is where it was given.
///
/// # Errors
/// [`Faults`]: that it cannot.
pub fn known_as(who: &str, place: &str) -> Result<(), Faults> {
    let mut faults = Faults::default();
    let id = words::id(who, &Place::file(place), &mut faults);
    faults.or(id).map(drop)
}

/// Busy times as a `busy.csv`; `kind` is `operator`, `speaker` or `group`.
#[must_use]
pub fn to_csv(kind: &str, who: &str, spans: &[Span]) -> String {
    let mut csv = String::from("kind,who,start,end,zone\n");
    for span in spans {
        let instant =
            |instant: meridian_model::Timestamp| instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let line = [
            quoted(kind),
            quoted(who),
            instant(span.start()),
            instant(span.end()),
            String::new(),
        ];
        csv.push_str(&line.join(","));
        csv.push('\n');
    }
    csv
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r', ';', '\t']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "\u{feff}BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Secret diary\r\nBEGIN:VTIMEZONE\r\n\
        TZID:Here\r\nX-LIC-LOCATION:Europe/Berlin\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:mia@secret.example\r\n\
        SUMMARY:Secret: a long\r\n  title\r\nDESCRIPTION:Secret\r\nLOCATION:Secret\r\nATTENDEE;CN=Secret:mailto:s@secret.example\r\n\
        DTSTART;TZID=Here:20240824T100000\r\nDTEND;TZID=Here:20240824T\r\n 113000\r\nRRULE:FREQ=DAILY;COUNT=4\r\n\
        BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nDESCRIPTION:Secret\r\nEND:VALARM\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n\
        UID:mia@secret.example\r\nRECURRENCE-ID;TZID=Here:20240825T100000\r\nDTSTART;TZID=Here:20240825T200000\r\n\
        DTEND;TZID=Here:20240825T210000\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:free\r\nTRANSP:TRANSPARENT\r\n\
        DTSTART:20240826T000000Z\r\nDTEND:20240828T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    fn busy(ics: &str) -> Vec<Span> {
        let (start, end) = ("2024-08-20T00:00:00Z", "2024-09-01T00:00:00Z");
        let within = Span::new(start.parse().expect("a time"), end.parse().expect("a time"));
        let zone = ZoneName::new("Asia/Tokyo");
        let within = within.expect("a span");
        import(ics.as_bytes(), "x.ics", &ZoneSet::embedded(), &zone, within).expect("a calendar")
    }

    #[test]
    fn a_stripped_calendar_has_the_same_busy_times_and_no_secret() {
        let stripped = stripped(WHOLE.as_bytes());
        assert_eq!(busy(&stripped), busy(WHOLE));
        assert_eq!(busy(&stripped).len(), 4);
        assert!(!stripped.to_lowercase().contains("secret"), "{stripped}");
    }
}
