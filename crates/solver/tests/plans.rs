//! Whole plans of synthetic events, each put before the checker.
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that fails should fail the test"
)]

#[path = "support/planned.rs"]
mod planned;
mod support;

use meridian_model::check::check;
use meridian_model::{Level, Plan, RuleCode, Score};
use meridian_solver::{Engine, NeverStop, Observer, Options, Outcome, Stop, solve};
use planned::planned;
use support::{Size, problem};

const SMALL: Size = Size {
    groups: 6,
    tracks: 1,
    operators: 30,
    sessions: 30,
    hours: 24,
    cell_min: 15,
};

/// Stops a search at its first plan.
struct Now;

impl Stop for Now {
    fn stopped(&self) -> bool {
        true
    }
}

fn plan(problem: &meridian_model::Problem, effort: u8) -> Outcome {
    let options = Options {
        effort,
        ..Options::default()
    };
    planned(problem, &options, &NeverStop)
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

#[test]
fn an_event_that_asks_for_nobody_is_planned_with_either_engine() {
    let mut problem = problem(1, SMALL);
    problem.event.duties.clear();
    for engine in [Engine::default(), Engine::Pure] {
        let options = Options {
            effort: 1,
            engine,
            ..Options::default()
        };
        let plan = planned(&problem, &options, &NeverStop).plan;
        assert!(plan.shifts.is_empty() && !plan.blocks.is_empty());
    }
}

#[test]
fn one_seed_gives_one_plan() {
    let problem = problem(3, SMALL);
    let once = serde_json::to_string(&plan(&problem, 1).plan).unwrap();
    let twice = serde_json::to_string(&plan(&problem, 1).plan).unwrap();
    assert_eq!(once, twice);
}

#[test]
fn more_effort_leaves_fewer_gaps_or_costs_less_over_several_events() {
    let all = |effort: u8| -> (i64, i64) {
        let scores = (0..4).map(|seed| plan(&problem(seed, SMALL), effort).plan.score);
        scores.fold((0, 0), |sum, score| {
            (sum.0 + score.medium.gaps, sum.1 + score.soft)
        })
    };
    let (quick, careful) = (all(1), all(4));
    assert!(careful < quick, "{careful:?} after {quick:?}");
}

#[test]
fn a_stopped_search_still_gives_a_whole_checked_plan() {
    let problem = problem(1, SMALL);
    let outcome = planned(&problem, &Options::default(), &Now);
    assert!(outcome.stopped && outcome.plan.made_by.stopped);
    assert!(!outcome.plan.blocks.is_empty() && !outcome.plan.shifts.is_empty());
    assert_eq!(check(&problem, &outcome.plan).score, outcome.plan.score);
}

#[test]
fn incumbents_only_get_better_and_the_last_is_no_better_than_the_outcome() {
    #[derive(Default)]
    struct Scores(Vec<Score>);
    impl Observer for Scores {
        fn incumbent(&mut self, plan: &Plan) {
            self.0.push(plan.score);
        }
    }
    let problem = problem(2, SMALL);
    let mut scores = Scores::default();
    let options = Options {
        effort: 2,
        ..Options::default()
    };
    let outcome = solve(&problem, &options, &NeverStop, &mut scores).unwrap();
    assert!(
        scores.0.windows(2).all(|pair| pair[1] < pair[0]),
        "{:?}",
        scores.0
    );
    assert!(
        scores
            .0
            .last()
            .is_some_and(|last| outcome.plan.score <= *last)
    );
}

#[test]
fn the_pure_engine_plans_without_broken_rules() {
    let problem = problem(4, SMALL);
    let options = Options {
        effort: 2,
        engine: Engine::Pure,
        ..Options::default()
    };
    let plan = planned(&problem, &options, &NeverStop).plan;
    let report = check(&problem, &plan);
    assert_eq!(report.score, plan.score);
    assert_eq!((report.score.hard, report.score.medium.unhosted), (0, 0));
}

#[test]
fn what_is_pinned_stays() {
    let mut problem = problem(6, SMALL);
    let free = plan(&problem, 1).plan;
    problem.pins.blocks.push(free.blocks[1].clone());
    problem.pins.sessions.push(free.sessions[3].clone());
    problem.pins.shifts.push(free.shifts[5].clone());
    let options = Options {
        seed: 9,
        effort: 1,
        ..Options::default()
    };
    let plan = planned(&problem, &options, &NeverStop).plan;
    let report = check(&problem, &plan);
    assert_eq!(report.score.hard, 0, "{:#?}", report.matches.first());
}

#[test]
fn nobody_at_all_still_gives_a_plan_that_counts_every_gap() {
    let mut problem = problem(7, SMALL);
    problem.operators.clear();
    let plan = plan(&problem, 1).plan;
    assert!(plan.shifts.is_empty());
    assert!(plan.score.medium.gaps > 0 && plan.score.hard == 0);
}

#[test]
fn every_soft_rule_weighs_the_same_in_the_solver_and_in_the_checker() {
    for rule in RuleCode::ALL
        .iter()
        .filter(|rule| rule.level() == Level::Soft)
    {
        for weight in [0, 1, 97] {
            let mut problem = problem(8, SMALL);
            problem.event.policy.weights.insert(*rule, weight);
            let plan = planned(&problem, &Options::default(), &Now).plan;
            assert_eq!(
                check(&problem, &plan).score,
                plan.score,
                "{rule} at {weight}"
            );
        }
    }
}

#[test]
fn three_days_are_planned_with_the_limit_of_any_24_hours_and_not_of_all_of_them() {
    let size = Size {
        hours: 72,
        operators: 20,
        cell_min: 30,
        ..SMALL
    };
    let mut problem = problem(5, size);
    problem.event.policy.max_shifts = 4;
    for operator in &mut problem.operators {
        operator.max_duty_min = 240;
    }
    let plan = plan(&problem, 1).plan;
    let report = check(&problem, &plan);
    assert_eq!(report.score, plan.score);
    assert_eq!(report.score.hard, 0, "{:#?}", report.matches.first());
    let more_than_a_day_allows = problem.operators.iter().filter(|operator| {
        let hers = plan.shifts.iter().filter(|s| s.operator == operator.id);
        let minutes = hers.map(|s| s.span.minutes() + i64::from(s.handover_min));
        minutes.sum::<i64>() > i64::from(operator.max_duty_min)
    });
    assert!(more_than_a_day_allows.count() > 5);
}
