//! `regional/*.ics`: public calendars of holidays and conferences, named after the place they concern.

use meridian_model::{RegionalKind, Span, Timestamp, ZoneSet};

use super::regional::{RegionalRow, Scope, When};
use super::sessions_csv::Window;
use crate::calendar::{self, Occurrence, Purpose, Question};
use crate::civil::Moment;
use crate::fault::{Faults, Place};
use crate::words;

/// Reads a calendar of `regional/`; without a horizon nothing recurs.
pub(crate) fn read(
    bytes: &[u8],
    file: &str,
    within: Option<Span>,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Vec<RegionalRow> {
    let name = file.rsplit_once('/').map_or(file, |(_, name)| name);
    let place = name.strip_suffix(".ics").unwrap_or(name);
    let at = Place::file(file);
    let mut scope = Scope::default();
    if place.contains('-') {
        scope
            .subdivisions
            .extend(words::subdivision(place, None, &at, faults));
    } else {
        scope.countries.extend(words::country(place, &at, faults));
    }
    // Whole days become those of each concerned group; a time without a zone is refused.
    let owner = jiff::tz::TimeZone::UTC;
    let nowhen = Timestamp::from_second(1)
        .ok()
        .and_then(|end| Span::new(Timestamp::UNIX_EPOCH, end).ok());
    let Some(within) = within.or(nowhen) else {
        return Vec::new();
    };
    let question = Question {
        file,
        zones,
        owner: &owner,
        within,
        purpose: Purpose::Regional,
    };
    let occurrences = calendar::read(bytes, &question, faults);
    occurrences
        .into_iter()
        .filter_map(|occurrence| row(occurrence, place, file, scope.clone()))
        .collect()
}

fn row(occurrence: Occurrence, place: &str, file: &str, scope: Scope) -> Option<RegionalRow> {
    let (when, day) = match occurrence.when {
        calendar::When::Days(first, last) => (When::Days(first, last), first.to_string()),
        calendar::When::Time(span) => {
            let span = span?;
            let ends = (Moment::Instant(span.start()), Moment::Instant(span.end()));
            let window = Window {
                start: ends.0,
                end: ends.1,
                zone: None,
                zone_given: false,
                span: None,
            };
            (When::Times(window), span.start().to_string())
        }
    };
    let name = if occurrence.uid.is_empty() {
        format!("line-{}", occurrence.line)
    } else {
        occurrence.uid
    };
    Some(RegionalRow {
        id: Some(format!("{place}-{day}-{name}")),
        title: occurrence.summary.unwrap_or_else(|| place.to_owned()),
        kind: if occurrence.holiday {
            RegionalKind::Holiday
        } else {
            RegionalKind::Other
        },
        impact: None,
        when: Some(when),
        scope,
        place: (file.to_owned(), Some(occurrence.line)),
    })
}
