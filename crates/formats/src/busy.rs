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
