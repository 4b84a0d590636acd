//! `groups.toml`: the groups and when they host.

use meridian_model::{Span, ZoneName, ZoneSet};

use super::event_toml::{disjoint, id_and_name, interval};
use super::policy::PolicyRow;
use super::table::Listed;
use super::tree::{self, At, Table};
use crate::fault::{FaultCode, Faults, Place};
use crate::rules::{self, Rule};
use crate::words;

/// What `groups.toml` says of one group.
#[derive(Debug)]
pub(crate) struct GroupRow {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) zone: Option<ZoneName>,
    pub(crate) country: Option<String>,
    pub(crate) subdivision: Option<String>,
    pub(crate) languages: Vec<String>,
    pub(crate) size: u32,
    pub(crate) hosts: bool,
    /// `None`: its prime time.
    pub(crate) hosting: Option<Vec<At<Offer>>>,
    pub(crate) block_min: (u32, u32),
    pub(crate) max_blocks: u32,
    pub(crate) line: u64,
}

/// One item of `hosting`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    Rule(rules::Days, crate::civil::DayRange),
    Dated(Span),
}

/// Reads `groups.toml`.
pub(crate) fn read(
    bytes: &[u8],
    file: &str,
    policy: &PolicyRow,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Listed<GroupRow> {
    tree::read(bytes, file, faults, |root, faults| {
        let groups = root.tables("groups", faults, |table, faults| {
            group(table, policy, zones, faults)
        });
        root.need("groups", (!groups.is_empty()).then_some(()), faults);
        groups
    })
    .map_or(Listed::nothing(false), |(items, complete)| Listed {
        items,
        complete,
    })
}

fn group(
    table: &Table<'_, '_, '_>,
    policy: &PolicyRow,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> GroupRow {
    let (id, name) = id_and_name(table, faults);
    let zone = table
        .need_text("zone", faults)
        .and_then(|at| words::zone(&at.value, zones, &table.place("zone"), faults));
    let country = table
        .need_text("country", faults)
        .and_then(|at| words::country(&at.value, &table.place("country"), faults));
    let subdivision = table.text("subdivision", faults).and_then(|at| {
        words::subdivision(
            &at.value,
            country.as_deref(),
            &table.place("subdivision"),
            faults,
        )
    });
    let size = table.number("size", 0..=10_000_000, faults);
    GroupRow {
        languages: languages(table, faults),
        size: table.need("size", size, faults).unwrap_or(0),
        hosts: table.flag("hosts", faults).unwrap_or(true),
        hosting: hosting(table, zone.as_ref(), zones, faults),
        block_min: block_min(table, policy, faults),
        max_blocks: table
            .number("max_blocks", 1..=100, faults)
            .unwrap_or(policy.max_blocks),
        id,
        name,
        zone,
        country,
        subdivision,
        line: table.line(),
    }
}

fn languages(table: &Table<'_, '_, '_>, faults: &mut Faults) -> Vec<String> {
    let listed = table.texts("languages", faults);
    let listed = table.need("languages", listed, faults);
    let place = table.place("languages");
    if listed.as_ref().is_some_and(Vec::is_empty) {
        faults.add(
            &place,
            FaultCode::F011,
            "the group speaks no language",
            "name at least one, the main one first",
        );
    }
    let mut languages: Vec<String> = Vec::new();
    for At { value, line } in listed.unwrap_or_default() {
        let place = Place {
            line: Some(line),
            ..place.clone()
        };
        let Some(language) = words::language(&value, &place, faults) else {
            continue;
        };
        if languages.contains(&language) {
            faults.add(
                &place,
                FaultCode::F025,
                format!("{language} is there twice"),
                "name each language once",
            );
        } else {
            languages.push(language);
        }
    }
    languages
}

fn block_min(table: &Table<'_, '_, '_>, policy: &PolicyRow, faults: &mut Faults) -> (u32, u32) {
    let Some((shortest, longest)) = table.bounds("block_min", 5..=1440, faults) else {
        return policy.block_min;
    };
    let place = table.place("block_min");
    let grid = policy.policy.block_grid_min;
    words::on_grid(shortest, 1, grid, "block grid", &place, faults);
    words::on_grid(longest, 1, grid, "block grid", &place, faults);
    (shortest, longest)
}

fn hosting(
    table: &Table<'_, '_, '_>,
    zone: Option<&ZoneName>,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Option<Vec<At<Offer>>> {
    let texts = table.texts("hosting", faults)?;
    let mut offers: Vec<At<Offer>> = Vec::new();
    for At { value, line } in texts {
        let place = Place {
            line: Some(line),
            ..table.place("hosting")
        };
        let offer = if value.contains('/') {
            interval(&value, zone, zones, &place, faults).map(Offer::Dated)
        } else {
            match Rule::parse(&value) {
                Some(Rule::On(days, range)) => Some(Offer::Rule(days, range)),
                _ => {
                    faults.add(
                        &place,
                        FaultCode::F036,
                        format!("{value:?} is no hosting window"),
                        "write a rule like daily 09:00-22:00 or a span like 2024-08-24T12:00/2024-08-24T18:00",
                    );
                    None
                }
            }
        };
        offers.extend(offer.map(|value| At { value, line }));
    }
    let dated = offers.iter().filter_map(|at| match at.value {
        Offer::Dated(span) => Some((span, at.line)),
        Offer::Rule(..) => None,
    });
    if let Some(tz) = zone.and_then(|zone| zones.zone(zone.as_str()).ok()) {
        disjoint(dated.collect(), &tz, &table.place("hosting"), faults);
    }
    Some(offers)
}
