//! Which time the regional files know of: a date outside it looks free only because nobody wrote its events down.

use jiff::civil::Date;
use meridian_model::{RegionalKind, ZoneSet};

use super::files::Rows;
use super::regional::When;

/// A kind of regional event of which the folder knows too little at a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The kind.
    pub kind: RegionalKind,
    /// First and last day that the folder knows of; `None` when it has none of the kind at all.
    pub known: Option<(Date, Date)>,
}

/// The kinds of which the event's days are not all known.
///
/// What is known reaches from the first to the last event of the kind, unless `[dates]` says otherwise.
pub(crate) fn lacking(rows: &Rows<'_>, zones: &ZoneSet) -> Vec<Unknown> {
    let Some((event, horizon)) = rows.event.as_ref().and_then(|e| Some((e, e.horizon?))) else {
        return Vec::new();
    };
    let Some(tz) = event
        .zone
        .as_ref()
        .and_then(|zone| zones.zone(zone.as_str()).ok())
    else {
        return Vec::new();
    };
    let day = |instant| tz.to_datetime(instant).date();
    let cell_before = horizon.cell_start(horizon.n_cells() - 1);
    let (first, last) = (day(horizon.start()), day(cell_before));
    let mut lacking = Vec::new();
    for kind in [RegionalKind::Holiday, RegionalKind::Conference] {
        let days = rows
            .regional
            .iter()
            .filter(|row| row.kind == kind)
            .filter_map(|row| match row.when.as_ref()? {
                When::Days(first, last) => Some((*first, *last)),
                When::Times(window) => window.span.map(|span| (day(span.start()), day(span.end()))),
            });
        let found = days.reduce(|known, next| (known.0.min(next.0), known.1.max(next.1)));
        let known = match (event.dates.known, found) {
            ((None, None), found) => found,
            ((from, to), found) => {
                let from = from.or(found.map(|found| found.0));
                from.zip(to.or(found.map(|found| found.1)))
            }
        };
        if known.is_none_or(|(from, to)| first < from || to < last) {
            lacking.push(Unknown { kind, known });
        }
    }
    lacking
}
