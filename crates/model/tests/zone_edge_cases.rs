//! The embedded zone set gives the offsets and local times of the edge cases in `data/zones`.

use jiff::Timestamp;
use meridian_model::time::ZoneSet;

const ROWS: &str = include_str!("../../../data/zones/edge_cases.csv");

/// What a row says and what the zone set answers, where the two differ.
fn difference(zones: &ZoneSet, row: &str) -> Option<String> {
    let fields: Vec<&str> = row.split(',').collect();
    let [name, instant, offset, local, _agreed_by] = fields.as_slice() else {
        return Some(format!("{row}: not five fields"));
    };
    let instant: Timestamp = instant.parse().ok()?;
    let Ok(zone) = zones.zone(name) else {
        return Some(format!("{row}: zone not in the set"));
    };
    let there = instant.to_zoned(zone);
    let answer = (
        there.offset().seconds().to_string(),
        there.datetime().to_string(),
    );
    let same = (answer.0.as_str(), answer.1.as_str()) == (*offset, *local);
    (!same).then(|| format!("{row}: got {answer:?}"))
}

#[test]
fn every_edge_case_holds_in_the_embedded_zone_set() {
    let zones = ZoneSet::embedded();
    let rows: Vec<&str> = ROWS.lines().skip(1).collect();
    assert_eq!(rows.len(), 274);
    for row in &rows {
        let instant = row.split(',').nth(1).unwrap_or_default();
        assert!(
            instant.parse::<Timestamp>().is_ok(),
            "{row}: not an instant"
        );
    }
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| difference(&zones, row))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_edge_cases_cover_thirty_two_zones() {
    let zones: std::collections::BTreeSet<&str> = ROWS
        .lines()
        .skip(1)
        .filter_map(|row| row.split(',').next())
        .collect();
    assert_eq!(zones.len(), 32);
}
