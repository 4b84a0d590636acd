//! The zones a reader may pick, with their offsets around the event.

use std::collections::{BTreeMap, BTreeSet};

use meridian_model::time::{UnknownZone, offsets};
use meridian_model::{Problem, Span, Timestamp, ZoneName, ZoneSet};
use serde::Serialize;

use crate::export::clock::{Clock, offset_name};

/// A zone to pick.
#[derive(Clone, Debug)]
pub(super) struct ZoneOption {
    pub(super) name: String,
    pub(super) label: String,
}

/// Offsets by zone, from a day before the event to a day after it.
#[derive(Debug)]
pub(super) struct ZoneTable {
    from: i64,
    to: i64,
    offsets: BTreeMap<String, Vec<(i64, i32)>>,
    /// In the order of the list.
    pub(super) options: Vec<ZoneOption>,
    /// Whether any zone changes its clocks during the event.
    pub(super) changes: bool,
}

/// What the script reads.
#[derive(Serialize)]
struct Json<'a> {
    from: i64,
    to: i64,
    zones: &'a BTreeMap<String, Vec<(i64, i32)>>,
}

/// The reader's zone, the event's, UTC, then those of all groups and, for the crew, of all operators, by name.
pub(super) fn zones(problem: &Problem, reader: &ZoneName, crew: bool) -> Vec<ZoneName> {
    let mut list = vec![problem.event.zone.clone(), ZoneName::new("UTC")];
    let groups = problem.groups.iter().map(|group| &group.zone);
    let operators = problem.operators.iter().map(|operator| &operator.zone);
    let mut others: BTreeSet<&ZoneName> = groups.collect();
    if crew {
        others.extend(operators);
    }
    others.insert(reader);
    list.extend(others.into_iter().cloned());
    let mut seen = BTreeSet::new();
    list.retain(|zone| seen.insert(zone.clone()));
    list
}

impl ZoneTable {
    pub(super) fn new(
        zones: &ZoneSet,
        names: &[ZoneName],
        span: Span,
    ) -> Result<Self, UnknownZone> {
        const DAY: i64 = 24 * 3600;
        let shifted =
            |at: Timestamp, by: i64| Timestamp::from_second(at.as_second() + by).unwrap_or(at);
        let around =
            Span::new(shifted(span.start(), -DAY), shifted(span.end(), DAY)).unwrap_or(span);
        let mut table = Self {
            from: span.start().as_second(),
            to: span.end().as_second(),
            offsets: BTreeMap::new(),
            options: Vec::new(),
            changes: false,
        };
        for name in names {
            let clock = Clock::new(zones, name, span)?;
            let zone = zones.zone(name.as_str())?;
            let pairs = offsets(&zone, around)
                .into_iter()
                .map(|(at, seconds)| (at.as_second(), seconds))
                .collect();
            table.offsets.insert(name.to_string(), pairs);
            let mut told = clock.offset_name(span.start());
            for change in clock.changes() {
                told = format!("{told}, then {}", offset_name(change.to));
            }
            let label = if name.as_str() == "UTC" {
                "UTC".to_owned()
            } else {
                format!("{} ({told})", name.as_str().replace('_', " "))
            };
            table.options.push(ZoneOption {
                name: name.to_string(),
                label,
            });
            table.changes |= !clock.changes().is_empty();
        }
        Ok(table)
    }

    /// JSON that cannot end the script element it stands in.
    pub(super) fn json(&self) -> String {
        let json = Json {
            from: self.from,
            to: self.to,
            zones: &self.offsets,
        };
        serde_json::to_string(&json)
            .unwrap_or_default()
            .replace('<', "\\u003c")
    }
}
