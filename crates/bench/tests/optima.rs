//! Instances whose optimum other solvers have proven: our engine never claims better, its bound is never above, and it
//! reaches all but those that are named here.
#![cfg(feature = "highs")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use meridian_model::check::check;
use meridian_model::{Medium, Problem, Score};
use meridian_solver::{NeverStop, Options, Outcome, Silent, Status, solve};
use serde::Deserialize;

/// Tiny rosters whose optimum our engine does not reach.
const OPEN: [&str; 1] = ["tiny-16"];
/// Enough steps for all the others.
const EFFORT: u8 = 2;

/// What is known of one instance.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    unhosted: i64,
    unplaced_must: i64,
    unplaced_should: i64,
    gaps: i64,
    alert_short: i64,
    soft: i64,
    proved_by: Vec<String>,
}

impl Known {
    fn score(&self) -> Score {
        Score {
            hard: 0,
            medium: Medium {
                unhosted: self.unhosted,
                unplaced_must: self.unplaced_must,
                unplaced_should: self.unplaced_should,
                gaps: self.gaps,
                alert_short: self.alert_short,
            },
            soft: self.soft,
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/instances")
}

fn known(kind: &str) -> BTreeMap<String, Known> {
    let text = std::fs::read_to_string(folder().join("optima.toml")).unwrap();
    let mut known: BTreeMap<String, Known> = toml::from_str(&text).unwrap();
    known.retain(|name, _| name.starts_with(kind));
    assert!(!known.is_empty());
    known
}

fn solved(name: &str) -> Outcome {
    let path = folder().join(format!("{name}.json"));
    let problem: Problem = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let options = Options {
        effort: EFFORT,
        ..Options::default()
    };
    let outcome = solve(&problem, &options, &NeverStop, &mut Silent).unwrap();
    assert_eq!(check(&problem, &outcome.plan).score, outcome.plan.score);
    outcome
}

/// A roster's plan, optimum and bound, in this order from the top.
fn in_order(name: &str, known: &Known) -> Score {
    assert!(!known.proved_by.is_empty(), "{name}");
    let outcome = solved(name);
    let (found, least) = (outcome.plan.score, known.score());
    assert!(
        found >= least,
        "{name}: {found:?} is better than possible, {least:?}"
    );
    let certificate = outcome.certificate;
    let bound = Score {
        hard: 0,
        medium: certificate.medium,
        soft: certificate.soft,
    };
    assert!(bound <= least, "{name}: {bound:?} is no bound of {least:?}");
    if certificate.status == Status::Proved {
        assert_eq!(found, least, "{name} is said to be proven");
    }
    found
}

#[test]
fn the_optimum_of_tiny_rosters_is_reached_and_bounded() {
    for (name, known) in known("tiny") {
        let found = in_order(&name, &known);
        if !OPEN.contains(&name.as_str()) {
            assert_eq!(found, known.score(), "{name}: ours, and the least possible");
        }
    }
}

#[test]
fn the_optimum_of_a_small_roster_is_bounded() {
    for (name, known) in known("small") {
        in_order(&name, &known);
    }
}

#[test]
fn the_optimum_of_tiny_problems_with_their_blocks_and_sessions_is_reached() {
    for (name, known) in known("whole") {
        let found = solved(&name).plan.score;
        assert_eq!(found, known.score(), "{name}: ours, and the least possible");
    }
}
