//! Whole plans: nothing missing, nothing superfluous, and the same again.

use std::collections::BTreeSet;
use std::process::Command;

use meridian_model::check::check;
use meridian_model::{Medium, Plan, Problem, RuleCode, ZoneSet};

use crate::folder::{Folder, path, plan};

/// Runs `meridian plan` on a sample event; its exit code and the plan it wrote.
fn planned_by_the_binary(event: &str, effort: &str, seed: &str) -> (Option<i32>, Vec<u8>) {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("plan.json");
    let status = Command::new(env!("CARGO_BIN_EXE_meridian"))
        .args([
            "plan",
            path(event).to_str().unwrap(),
            "--effort",
            effort,
            "--gap",
            "20",
            "--seed",
            seed,
        ])
        .args(["--out", file.to_str().unwrap()])
        .output()
        .unwrap()
        .status;
    (status.code(), std::fs::read(file).unwrap())
}

fn whole(event: &str) {
    let (code, bytes) = planned_by_the_binary(event, "3", "1");
    assert_eq!(code, Some(0));
    let plan: Plan = serde_json::from_slice(&bytes).unwrap();
    let problem = Folder::open(event).problem();
    assert_eq!(check(&problem, &plan).score.medium, Medium::default());
    every_alert_cell_has_two_awake_people(&problem, &plan);
}

/// Counted here by hand, cell by cell, beside what the checker says.
fn every_alert_cell_has_two_awake_people(problem: &Problem, plan: &Plan) {
    let horizon = problem.event.horizon;
    let alerted: BTreeSet<_> = problem
        .event
        .roles
        .iter()
        .filter(|r| r.alerted)
        .map(|r| &r.id)
        .collect();
    for track in &problem.event.tracks {
        for cell in 0..horizon.n_cells() {
            let now = horizon.cells(cell, cell + 1);
            let people: BTreeSet<_> = plan
                .shifts
                .iter()
                .filter(|shift| shift.span.contains(&now))
                .filter(|shift| {
                    let duty = problem
                        .event
                        .duties
                        .iter()
                        .find(|d| d.id == shift.duty)
                        .unwrap();
                    alerted.contains(&duty.role) && duty.tracks.contains(&track.id)
                })
                .map(|shift| &shift.operator)
                .collect();
            assert!(people.len() >= 2, "{} at {}", track.id, now.start());
            for person in people {
                let operator = problem.operators.iter().find(|o| o.id == *person).unwrap();
                assert!(
                    !operator.nights.iter().any(|night| night.overlaps(&now)),
                    "{person}"
                );
            }
        }
    }
}

#[test]
fn first_relay_is_planned_whole() {
    whole("first-relay");
}

#[test]
fn relay_2024_is_planned_whole() {
    whole("relay-2024");
}

#[test]
fn relay_2024_sep_is_planned_whole() {
    whole("relay-2024-sep");
}

#[test]
fn both_midnight_events_are_planned_whole() {
    whole("midnight-dst-eu");
    whole("midnight-dst-us");
}

#[test]
fn one_seed_gives_the_same_bytes_twice() {
    for event in ["first-relay", "relay-2024-tight"] {
        assert_eq!(
            planned_by_the_binary(event, "1", "7"),
            planned_by_the_binary(event, "1", "7")
        );
    }
}

/// Removes every shift, block and session in turn: each time a rule is broken or something more is missing.
fn nothing_is_superfluous(event: &str) {
    let problem = Folder::open(event).problem();
    let whole = plan(&problem, 2);
    let removals = (0..whole.shifts.len())
        .map(|n| {
            (
                whole.shifts[n].id.to_string(),
                Plan {
                    shifts: without(&whole.shifts, n),
                    ..whole.clone()
                },
            )
        })
        .chain((0..whole.blocks.len()).map(|n| {
            (
                whole.blocks[n].id.to_string(),
                Plan {
                    blocks: without(&whole.blocks, n),
                    ..whole.clone()
                },
            )
        }))
        .chain((0..whole.sessions.len()).map(|n| {
            let sessions = without(&whole.sessions, n);
            (
                whole.sessions[n].session.to_string(),
                Plan {
                    sessions,
                    ..whole.clone()
                },
            )
        }));
    let mut tried = 0;
    for (removed, rest) in removals {
        let score = check(&problem, &rest).score;
        assert!(
            score.hard > 0 || score.medium > whole.score.medium,
            "{event} without {removed}"
        );
        tried += 1;
    }
    println!("{event}: {tried} removals, each noticed");
    assert_eq!(
        tried,
        whole.shifts.len() + whole.blocks.len() + whole.sessions.len()
    );
}

fn without<T: Clone>(items: &[T], n: usize) -> Vec<T> {
    items
        .iter()
        .enumerate()
        .filter(|(i, _)| *i != n)
        .map(|(_, item)| item.clone())
        .collect()
}

#[test]
fn every_shift_block_and_session_of_first_relay_is_needed() {
    nothing_is_superfluous("first-relay");
}

#[test]
fn every_shift_block_and_session_of_relay_2024_is_needed() {
    nothing_is_superfluous("relay-2024");
}

#[test]
fn every_shift_block_and_session_of_the_tight_relay_is_needed() {
    nothing_is_superfluous("relay-2024-tight");
}

#[test]
fn a_plan_records_the_zone_rules_it_was_made_with() {
    let problem = Folder::open("midnight-dst-us").problem();
    let plan = plan(&problem, 1);
    assert_eq!(plan.tzdb, problem.tzdb);
    assert_eq!(plan.tzdb.version, ZoneSet::embedded().version());
    assert_eq!(plan.problem_sha256, problem.digest().unwrap());
    assert!(RuleCode::ALL.len() > 40);
}

#[test]
fn an_event_of_three_days_is_planned_whole_and_people_serve_on_each() {
    let folder = Folder::open("first-relay")
        .replace("event.toml", "hours = 24", "hours = 72")
        .replace("event.toml", "[policy]", "[policy]\nmax_shifts = 6")
        .replace_all("groups.toml", "max_blocks = 2", "max_blocks = 6")
        .replace(
            "groups.toml",
            r#"["sat 12:00-20:00", "sun 08:00-12:00"]"#,
            r#"["daily 08:00-20:00"]"#,
        );
    let problem = folder.problem();
    let plan = plan(&problem, 1);
    assert_eq!(check(&problem, &plan).score.medium, Medium::default());
    every_alert_cell_has_two_awake_people(&problem, &plan);
    let most = problem.operators.iter().map(|operator| {
        let hers = plan.shifts.iter().filter(|s| s.operator == operator.id);
        hers.count()
    });
    assert!(
        most.max().is_some_and(|most| most > 2),
        "nobody serves more than twice"
    );
}
