//! Whole plans of synthetic events, each put before the checker.
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that fails should fail the test"
)]

mod support;

use meridian_model::check::check;
use meridian_solver::{NeverStop, Options, Outcome, Silent, solve};
use support::{Size, problem};

const SMALL: Size = Size {
    groups: 6,
    tracks: 1,
    operators: 30,
    sessions: 30,
    hours: 24,
    cell_min: 15,
};

fn plan(problem: &meridian_model::Problem, effort: u8) -> Outcome {
    let options = Options {
        effort,
        ..Options::default()
    };
    solve(problem, &options, &NeverStop, &mut Silent).unwrap()
}

#[test]
fn the_checker_agrees_with_every_score_and_finds_no_broken_rule() {
    for seed in 0..12 {
        let problem = problem(seed, SMALL);
        let plan = plan(&problem, 1).plan;
        let report = check(&problem, &plan);
        let broken: Vec<_> = report
            .matches
            .iter()
            .filter(|m| m.rule.as_str() < "M")
            .collect();
        assert!(broken.is_empty(), "seed {seed}: {broken:#?}");
        assert_eq!(report.score, plan.score, "seed {seed}");
    }
}
