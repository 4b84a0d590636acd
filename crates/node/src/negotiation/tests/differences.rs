//! Clocks and charters that differ are told by zone and by field.

use std::collections::BTreeSet;
use std::path::Path;

use meridian_federation::GroupId;
use meridian_federation::content::{Member, SpaceCharter};
use meridian_model::{ZoneName, ZoneSet};

use super::super::{ZoneDifference, charter_differences, event_differences, zone_differences};
use super::nodes::{brief, event, negotiate, offered, three};

fn tzif(name: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/tzdb/zoneinfo");
    std::fs::read(root.join(name)).unwrap()
}

/// A zone set in which each of these has the clocks of another.
fn clocks(zones: &[(&str, &str)]) -> ZoneSet {
    let files: Vec<_> = zones
        .iter()
        .map(|(name, like)| (*name, tzif(like)))
        .collect();
    let files = files.iter().map(|(name, bytes)| (*name, bytes.as_slice()));
    ZoneSet::from_tzif("2031x", files).unwrap()
}

#[test]
fn each_zone_whose_clocks_differ_during_the_event_is_named_and_no_other() {
    let nodes = three(&event("first-relay"));
    let brief = brief(&nodes[0]);
    let mut heard = offered(&nodes);
    let (mut revision, _) = negotiate(&mut heard, &brief, &nodes, 1).pop().unwrap();
    let span = brief.horizon.unwrap().span();
    let names: Vec<String> = revision.zones.keys().map(ToString::to_string).collect();
    assert!(
        names.contains(&"Asia/Tokyo".to_owned()) && names.contains(&"Europe/Berlin".to_owned())
    );
    let same: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), name.as_str()))
        .collect();
    let berlin = ZoneName::new("Europe/Berlin");
    // Another version with the same clocks is no difference.
    assert_eq!(
        zone_differences(&revision, &clocks(&same), [&berlin], span),
        []
    );
    // In summer Athens has other clocks than Berlin, and Paris the same.
    let like = |other| {
        let mut zones = same.clone();
        zones.retain(|(name, _)| *name != "Europe/Berlin");
        zones.push(("Europe/Berlin", other));
        clocks(&zones)
    };
    assert_eq!(
        zone_differences(&revision, &like("Europe/Paris"), [&berlin], span),
        []
    );
    let differs = zone_differences(&revision, &like("Europe/Athens"), [&berlin], span);
    assert_eq!(differs, [ZoneDifference::OtherOffsets(berlin.clone())]);
    assert_eq!(
        differs[0].to_string(),
        "clocks in Europe/Berlin are other ones during the event here than where the plan was made"
    );
    let mut fewer = same.clone();
    fewer.retain(|(name, _)| *name != "Europe/Berlin");
    let unknown = zone_differences(&revision, &clocks(&fewer), [&berlin], span);
    assert_eq!(unknown, [ZoneDifference::NotKnownHere(berlin.clone())]);
    let lima = ZoneName::new("America/Lima");
    let unsaid = zone_differences(&revision, &ZoneSet::embedded(), [&lima], span);
    assert_eq!(unsaid, [ZoneDifference::NotReckonedThere(lima)]);

    revision.zones.clear();
    assert_eq!(
        zone_differences(&revision, &ZoneSet::embedded(), [&berlin], span),
        []
    );
    let older = zone_differences(&revision, &clocks(&same), [&berlin], span);
    assert!(
        matches!(older.as_slice(), [ZoneDifference::OtherVersion { here, .. }] if here == "2031x")
    );
}

fn group(n: u8) -> GroupId {
    GroupId::from_bytes([n; 32])
}

fn charter() -> SpaceCharter {
    let member = |n: u8, handle: &str| Member {
        group: group(n),
        handle: handle.into(),
    };
    SpaceCharter {
        name: "relay".to_owned(),
        version: 1,
        previous: None,
        coordinator: group(1),
        members: vec![member(1, "tokyo"), member(2, "lima")],
        quorum: 2,
        vocabulary: BTreeSet::from(["mc".to_owned()]),
        retention_days: 90,
    }
}

#[test]
fn each_field_in_which_charters_differ_is_told_in_words() {
    let here = charter();
    assert_eq!(charter_differences(&here, &charter()), []);
    let mut there = charter();
    "relay 2".clone_into(&mut there.name);
    there.coordinator = group(2);
    there.members[1].group = group(3);
    there.quorum = 1;
    there.vocabulary.insert("engineer".to_owned());
    there.retention_days = 30;
    let words: Vec<_> = charter_differences(&here, &there)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        words,
        [
            "name: relay here, relay 2 there",
            "coordinator: tokyo (01010101) here, 02020202 there",
            "members: only here lima (02020202); only there lima (03030303)",
            "quorum: 2 here, 1 there",
            "vocabulary: only there engineer",
            "retention: 90 days here, 30 days there",
        ]
    );
}

#[test]
fn a_local_event_that_is_not_the_briefs_says_in_which_fields() {
    let problem = event("first-relay");
    let brief = brief(&problem);
    assert_eq!(event_differences(&problem.event, &brief), []);
    let mut here = problem.event.clone();
    here.policy.max_shifts = 5;
    here.roles[0].alerted = false;
    here.duties[0].count = 2;
    here.tracks[0].id = "z".into();
    let differs = event_differences(&here, &brief);
    let fields: Vec<_> = differs.iter().map(|of| of.field).collect();
    assert_eq!(fields, ["tracks", "roles", "demand", "policy"]);
    assert_eq!(
        differs[3].says,
        "only here max_shifts = 5; only there max_shifts = 2"
    );
}
