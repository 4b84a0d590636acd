//! Instances are as large as they say, the same for the same seed, and well formed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use meridian_bench::{Size, free, instance, measure, programme_only};
use meridian_model::check::check;

/// Within a tenth of what is wanted.
fn near(found: u64, wanted: u64) -> bool {
    10 * found.abs_diff(wanted) <= wanted
}

fn assert_size(size: Size, seed: u64) {
    let problem = instance(size, seed);
    let holds = measure(&problem);
    let target = size.target().unwrap();
    let name = size.as_str();
    assert!(near(holds.demand, target.demand), "{name}: {holds:?}");
    assert!(near(holds.supply, target.supply), "{name}: {holds:?}");
    assert!(
        near(holds.supply_in_limits, target.supply),
        "{name}: {holds:?}"
    );
    assert!(near(holds.shifts, target.shifts), "{name}: {holds:?}");
}

#[test]
fn sizes_hold_what_their_table_says_whatever_the_seed() {
    for size in [
        Size::Small,
        Size::Medium,
        Size::MediumTight,
        Size::LargeTight,
    ] {
        for seed in 1..=5 {
            assert_size(size, seed);
        }
    }
    assert_size(Size::Large, 1);
    assert_size(Size::ThreeDays, 1);
}

#[test]
fn xlarge_holds_what_its_table_says() {
    assert_size(Size::Xlarge, 1);
}

#[test]
fn the_pinned_programme_is_whole_and_breaks_no_rule() {
    let tiny = (1..=40).map(|seed| (Size::Tiny, seed));
    let others = [
        (Size::Small, 1),
        (Size::MediumTight, 2),
        (Size::LargeTight, 3),
        (Size::ThreeDays, 1),
    ];
    for (size, seed) in tiny.chain(others) {
        let problem = instance(size, seed);
        let report = check(&problem, &programme_only(&problem));
        let broken: Vec<_> = (report.matches.iter())
            .filter(|found| found.rule.as_str().starts_with('H'))
            .map(|found| &found.says)
            .collect();
        assert_eq!(broken, Vec::<&String>::new(), "{} {seed}", size.as_str());
        let medium = report.score.medium;
        let programme = (
            medium.unhosted,
            medium.unplaced_must,
            medium.unplaced_should,
        );
        assert_eq!(programme, (0, 0, 0), "{} {seed}", size.as_str());
    }
}

#[test]
fn a_seed_gives_the_same_document_and_another_seed_another() {
    let digest = |seed| instance(Size::Small, seed).digest().unwrap();
    assert_eq!(digest(7), digest(7));
    assert_ne!(digest(7), digest(8));
}

#[test]
fn a_free_instance_is_the_same_without_pins() {
    let pinned = instance(Size::Small, 1);
    let free = free(pinned.clone());
    assert!(free.pins.blocks.is_empty() && free.pins.sessions.is_empty());
    assert_eq!(free.operators, pinned.operators);
}
