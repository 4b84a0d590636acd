//! Where the zone set in use and the one inside chrono-tz, which the calendar crates speak, tell different times.
//!
//! chrono-tz carries an older database. Both are asked at the zone set's own transitions and on a coarse grid,
//! and every change of opinion is then narrowed down to the second.

use chrono::{DateTime, Offset, TimeZone as _};
use chrono_tz::Tz;
use meridian_model::time::offsets;
use meridian_model::{Span, Timestamp, ZoneSet};
use serde::Serialize;

/// The version of the database inside chrono-tz.
pub(crate) const VERSION: &str = chrono_tz::IANA_TZDB_VERSION;

/// A stretch of time over which a zone has two opinions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Disagreement {
    /// The zone.
    pub(crate) zone: String,
    /// When.
    pub(crate) span: Span,
    /// The offset from UTC by the zone set in use, in seconds.
    pub(crate) ours_s: i32,
    /// The offset by chrono-tz.
    pub(crate) theirs_s: i32,
}

/// What the second opinion says of one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opinion {
    /// Where it differs; empty when it never does.
    Differs(Vec<Disagreement>),
    /// It does not know the name.
    Unknown,
}

/// The grid on which both are asked. A disagreement begins or ends at a transition of the zone set, which is
/// asked on its own, or is longer than this: no zone changes its clock twice within six hours.
const STEP_S: i64 = 6 * 3600;

/// Compares the two over `span` for the zone `name`, which `zones` holds.
pub(crate) fn compare(zones: &ZoneSet, name: &str, span: Span) -> Opinion {
    let (Ok(ours), Ok(theirs)) = (zones.zone(name), name.parse::<Tz>()) else {
        return Opinion::Unknown;
    };
    let ask = |second: i64| -> (i32, i32) {
        let our = Timestamp::from_second(second).map_or(0, |at| ours.to_offset(at).seconds());
        let their = DateTime::from_timestamp(second, 0).map_or(our, |at| {
            theirs
                .offset_from_utc_datetime(&at.naive_utc())
                .fix()
                .local_minus_utc()
        });
        (our, their)
    };
    let (start, end) = (span.start().as_second(), span.end().as_second());
    let mut asked: Vec<i64> = (0..)
        .map(|k| start + k * STEP_S)
        .take_while(|&at| at < end)
        .collect();
    for (at, _) in offsets(&ours, span) {
        asked.extend([at.as_second() - 1, at.as_second()]);
    }
    asked.push(end - 1);
    asked.retain(|at| (start..end).contains(at));
    asked.sort_unstable();
    asked.dedup();

    let mut pieces = vec![(start, ask(start))];
    for pair in asked.windows(2) {
        let (mut low, high) = (pair[0], pair[1]);
        while let Some(change) = first_change(low, high, &ask) {
            pieces.push((change, ask(change)));
            low = change;
        }
    }
    let ends = pieces.iter().skip(1).map(|&(at, _)| at).chain([end]);
    let differs = pieces
        .iter()
        .zip(ends)
        .filter(|((_, (our, their)), _)| our != their)
        .filter_map(|(&(from, (ours_s, theirs_s)), to)| {
            let from = Timestamp::from_second(from).ok()?;
            let to = Timestamp::from_second(to).ok()?;
            let span = Span::new(from, to).ok()?;
            let zone = name.to_owned();
            Some(Disagreement {
                zone,
                span,
                ours_s,
                theirs_s,
            })
        })
        .collect();
    Opinion::Differs(differs)
}

/// The first second in `low..=high` at which the answer is not that of `low`, if that of `high` is another.
fn first_change(low: i64, high: i64, ask: &impl Fn(i64) -> (i32, i32)) -> Option<i64> {
    let before = ask(low);
    if ask(high) == before {
        return None;
    }
    let (mut low, mut high) = (low, high);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if ask(middle) == before {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(name: &str, from: &str, to: &str) -> Vec<Disagreement> {
        let span = Span::new(from.parse().unwrap(), to.parse().unwrap()).unwrap();
        match compare(&ZoneSet::embedded(), name, span) {
            Opinion::Differs(found) => found,
            Opinion::Unknown => panic!("{name} is in both"),
        }
    }

    #[test]
    fn havana_keeps_its_summer_clock_from_november_2026_and_the_second_opinion_does_not_know() {
        let found = over(
            "America/Havana",
            "2026-10-31T18:00:00Z",
            "2026-11-01T18:00:00Z",
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].ours_s - found[0].theirs_s, 3600);
        assert_eq!(found[0].span.start().to_string(), "2026-11-01T05:00:00Z");
        assert_eq!(found[0].span.end().to_string(), "2026-11-01T18:00:00Z");
    }

    #[test]
    fn two_databases_of_one_mind_have_nothing_to_say() {
        assert_eq!(
            over(
                "Europe/Berlin",
                "2026-01-01T00:00:00Z",
                "2028-01-01T00:00:00Z"
            ),
            []
        );
        assert_eq!(
            over("Asia/Tokyo", "2024-08-24T03:00:00Z", "2024-08-25T03:00:00Z"),
            []
        );
    }

    #[test]
    fn a_disagreement_ends_where_the_older_database_changes_back() {
        let found = over(
            "America/Vancouver",
            "2026-10-01T00:00:00Z",
            "2027-10-01T00:00:00Z",
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].span.start().to_string(), "2026-11-01T09:00:00Z");
        assert_eq!(found[0].span.end().to_string(), "2027-03-14T10:00:00Z");
    }

    #[test]
    fn a_name_that_only_one_of_them_knows_is_told_apart() {
        let span = Span::new(
            "2026-01-01T00:00:00Z".parse().unwrap(),
            "2026-01-02T00:00:00Z".parse().unwrap(),
        );
        let opinion = compare(&ZoneSet::embedded(), "Mars/Olympus", span.unwrap());
        assert_eq!(opinion, Opinion::Unknown);
    }
}
