//! What is counted without a plan never contradicts a plan.
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that fails should fail the test"
)]

#[path = "support/planned.rs"]
mod planned;
mod support;

use meridian_model::check::check;
use meridian_model::staffing::{Certainty, Staffing};
use meridian_model::{Plan, Problem, Report, RoleId, RuleCode, Span, Subject};
use meridian_solver::{NeverStop, Observer, Options, Outcome, Stop, solve, staffing};
use planned::planned;
use proptest::prelude::*;
use support::{Size, problem};

/// Minutes of the gaps of a role in a window.
fn gaps_min(problem: &Problem, report: &Report, role: &RoleId, window: Span) -> i64 {
    let cell = i64::from(problem.event.horizon.cell_min());
    let of_role = |subject: &Subject| {
        let Subject::Duty(id) = subject else {
            return false;
        };
        let mut duties = problem.event.duties.iter();
        duties.any(|duty| duty.id == *id && duty.role == *role)
    };
    let gaps = report.matches.iter().filter(|m| m.rule == RuleCode::M04);
    gaps.filter(|gap| gap.subjects.iter().any(of_role))
        .map(|gap| {
            let people = gap.amount * cell / gap.spans[0].minutes();
            let inside = gap.spans[0].intersection(&window);
            inside.map_or(0, |span| span.minutes() * people)
        })
        .sum()
}

/// What is certainly missing is missing from the plan.
fn holds(problem: &Problem, plan: &Plan, counted: &Staffing) {
    let report = check(problem, plan);
    assert_eq!(report.score, plan.score);
    assert_eq!(report.score.hard, 0, "{:#?}", report.matches.first());
    let cell = i64::from(problem.event.horizon.cell_min());
    let gaps = report.score.medium.gaps * cell;
    assert!(
        counted.uncovered_min <= gaps,
        "{} of {gaps}",
        counted.uncovered_min
    );
    let roles: std::collections::BTreeSet<&RoleId> =
        counted.needs.iter().map(|n| &n.role).collect();
    for role in roles {
        for (at, window) in counted.windows.iter().enumerate() {
            let sure = counted
                .needs
                .iter()
                .filter(|n| n.role == *role && n.certainty == Certainty::Certain);
            let missing: i64 = sure.map(|need| need.windows[at].missing_min).sum();
            let gaps = gaps_min(problem, &report, role, window.span);
            assert!(
                missing <= gaps,
                "{role} in {:?}: {missing} of {gaps}",
                window.span
            );
        }
    }
}

fn plan(problem: &Problem, seed: u64) -> Plan {
    let options = Options {
        seed,
        effort: 1,
        ..Options::default()
    };
    planned(problem, &options, &NeverStop).plan
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_certain_shortage_is_in_every_plan(
        seed in 0u64..500,
        tracks in 1usize..3,
        operators in 0usize..25,
        rest_min in prop::sample::select(vec![0u32, 120, 480]),
        max_duty_min in prop::sample::select(vec![90u32, 240, 600]),
    ) {
        let size = Size { groups: 5, tracks, operators, sessions: 6, hours: 24, cell_min: 30 };
        let mut problem = problem(seed, size);
        problem.event.policy.rest_min = rest_min;
        for operator in &mut problem.operators {
            operator.max_duty_min = max_duty_min;
        }
        let plan = plan(&problem, seed);
        holds(&problem, &plan, &staffing(&problem, None).unwrap());
        holds(&problem, &plan, &staffing(&problem, Some(&plan)).unwrap());
    }
}

#[test]
fn with_a_plan_the_needs_are_what_the_plan_demands() {
    let size = Size {
        groups: 6,
        tracks: 2,
        operators: 40,
        sessions: 6,
        hours: 24,
        cell_min: 30,
    };
    let problem = problem(5, size);
    let mut plan = plan(&problem, 1);
    let counted = staffing(&problem, Some(&plan)).unwrap();
    assert!(
        counted
            .needs
            .iter()
            .all(|need| need.certainty == Certainty::Certain)
    );
    plan.shifts.clear();
    let gaps = check(&problem, &plan).score.medium.gaps;
    assert_eq!(counted.needed_min, gaps * 30);
}
