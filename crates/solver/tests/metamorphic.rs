//! What must not matter to a search does not: the order of the input, the names of things, the week.
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that fails should fail the test"
)]

#[path = "support/planned.rs"]
mod planned;
mod support;

use std::collections::BTreeMap;

use meridian_model::{Plan, Problem, Timestamp};
use meridian_solver::{NeverStop, Observer, Options, Outcome, Stop, solve};
use planned::planned;
use proptest::prelude::*;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use support::{Size, problem};

const WEEK_S: i64 = 7 * 24 * 3600;

fn size(tracks: usize) -> Size {
    Size {
        groups: 7,
        tracks,
        operators: 24,
        sessions: 14,
        hours: 24,
        cell_min: 30,
    }
}

fn solved(problem: &Problem, seed: u64) -> Outcome {
    let options = Options {
        seed,
        effort: 1,
        ..Options::default()
    };
    planned(problem, &options, &NeverStop)
}

/// The plan without the digest of its input, which names the very bytes.
fn said(mut plan: Plan) -> Plan {
    plan.problem_sha256.clear();
    plan
}

fn shuffled(problem: &Problem, seed: u64) -> Problem {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut other = problem.clone();
    other.event.tracks.shuffle(&mut rng);
    other.event.roles.shuffle(&mut rng);
    other.event.duties.shuffle(&mut rng);
    other.groups.shuffle(&mut rng);
    other.operators.shuffle(&mut rng);
    other.speakers.shuffle(&mut rng);
    other.sessions.shuffle(&mut rng);
    other.regional_events.shuffle(&mut rng);
    other.pins.blocks.shuffle(&mut rng);
    other.pins.shifts.shuffle(&mut rng);
    for duty in &mut other.event.duties {
        duty.tracks.shuffle(&mut rng);
    }
    for operator in &mut other.operators {
        operator.skills.shuffle(&mut rng);
    }
    for session in &mut other.sessions {
        session.speakers.shuffle(&mut rng);
        session.tags.shuffle(&mut rng);
    }
    other
}

/// Every id, and another one for it, in another order.
fn names(problem: &Problem, seed: u64) -> BTreeMap<String, String> {
    let event = &problem.event;
    let mut ids: Vec<String> = Vec::new();
    ids.extend(event.tracks.iter().map(|t| t.id.to_string()));
    ids.extend(event.roles.iter().map(|r| r.id.to_string()));
    ids.extend(event.duties.iter().map(|d| d.id.to_string()));
    ids.extend(problem.groups.iter().map(|g| g.id.to_string()));
    ids.extend(problem.operators.iter().map(|o| o.id.to_string()));
    ids.extend(problem.speakers.iter().map(|s| s.id.to_string()));
    ids.extend(problem.sessions.iter().map(|s| s.id.to_string()));
    ids.sort();
    ids.dedup();
    let mut numbers: Vec<usize> = (0..ids.len()).collect();
    numbers.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let renamed = ids.into_iter().zip(numbers);
    renamed.map(|(id, n)| (id, format!("x{n:04}"))).collect()
}

/// The document with other names in all places of ids.
fn renamed(document: &Value, names: &BTreeMap<String, String>) -> Value {
    match document {
        Value::String(text) => names.get(text).unwrap_or(text).clone().into(),
        Value::Array(items) => items.iter().map(|item| renamed(item, names)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(field, value)| (field.clone(), renamed(value, names)))
            .collect(),
        other => other.clone(),
    }
}

/// Who hosts, what is on, who is on duty, in the names of another problem; in no order.
fn items(plan: &Plan, names: &BTreeMap<String, String>) -> Vec<String> {
    let back: BTreeMap<String, String> =
        names.iter().map(|(a, b)| (b.clone(), a.clone())).collect();
    let blocks = plan
        .blocks
        .iter()
        .map(|b| serde_json::json!([b.track, b.group, b.language, b.span]));
    let sessions = plan
        .sessions
        .iter()
        .map(|s| serde_json::json!([s.track, s.span]));
    let shifts = plan
        .shifts
        .iter()
        .map(|s| serde_json::json!([s.operator, s.duty, s.span, s.handover_min]));
    let all = blocks.chain(sessions).chain(shifts);
    let mut items: Vec<String> = all.map(|item| renamed(&item, &back).to_string()).collect();
    items.sort();
    items
}

/// The document with every instant so many seconds later.
fn later(document: &Value, seconds: i64) -> Value {
    match document {
        Value::String(text) => match text.parse::<Timestamp>() {
            Ok(at) => Timestamp::from_second(at.as_second() + seconds)
                .unwrap()
                .to_string()
                .into(),
            Err(_) => text.clone().into(),
        },
        Value::Array(items) => items.iter().map(|item| later(item, seconds)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(field, value)| (field.clone(), later(value, seconds)))
            .collect(),
        other => other.clone(),
    }
}

fn pinned(mut problem: Problem) -> Problem {
    let plan = solved(&problem, 1).plan;
    problem.pins.blocks = plan.blocks.iter().take(2).cloned().collect();
    problem.pins.shifts = plan.shifts.iter().take(3).cloned().collect();
    problem
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_input_changes_nothing(seed in 0u64..1000, tracks in 1usize..3, pins: bool) {
        let problem = problem(seed, size(tracks));
        let problem = if pins { pinned(problem) } else { problem };
        let here = solved(&problem, seed);
        let there = solved(&shuffled(&problem, seed + 1), seed);
        prop_assert_eq!(here.certificate, there.certificate);
        prop_assert_eq!(said(here.plan), said(there.plan));
    }

    #[test]
    fn other_names_change_nothing_but_names(seed in 0u64..1000, tracks in 1usize..3) {
        let problem = problem(seed, size(tracks));
        let names = names(&problem, seed);
        let document = renamed(&serde_json::to_value(&problem).unwrap(), &names);
        let other: Problem = serde_json::from_value(document).unwrap();
        let (here, there) = (solved(&problem, seed), solved(&other, seed));
        prop_assert_eq!(here.plan.score, there.plan.score);
        prop_assert_eq!(here.certificate, there.certificate);
        // Of two tracks that are alike, or two sessions, either may be called the first.
        if tracks == 1 {
            prop_assert_eq!(items(&here.plan, &BTreeMap::new()), items(&there.plan, &names));
        }
    }

    #[test]
    fn another_week_changes_nothing_but_the_week(seed in 0u64..1000, weeks in -60i64..60) {
        let problem = problem(seed, size(2));
        let shift = weeks * WEEK_S;
        let document = later(&serde_json::to_value(&problem).unwrap(), shift);
        let other: Problem = serde_json::from_value(document).unwrap();
        prop_assert_eq!(other.event.horizon.start().as_second() - problem.event.horizon.start().as_second(), shift);
        let (here, there) = (solved(&problem, seed), solved(&other, seed));
        prop_assert_eq!(here.certificate, there.certificate);
        let moved = later(&serde_json::to_value(said(here.plan)).unwrap(), shift);
        prop_assert_eq!(moved, serde_json::to_value(said(there.plan)).unwrap());
    }
}

#[test]
fn one_thread_gives_the_same_bytes_as_two() {
    for (seed, effort) in [(1, 1), (2, 2), (3, 3), (4, 1)] {
        let problem = problem(seed, size(1 + usize::try_from(seed % 2).unwrap()));
        let with = |threads: u8| {
            let options = Options {
                seed: 7 * seed,
                effort,
                threads,
                ..Options::default()
            };
            let outcome = planned(&problem, &options, &NeverStop);
            (
                serde_json::to_string(&outcome.plan).unwrap(),
                outcome.certificate,
            )
        };
        assert_eq!(with(1), with(2), "seed {seed}, effort {effort}");
    }
}
