//! Who could take a shift, re-checked from outside: whoever could breaks nothing, whoever could not would break what is said.
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that fails should fail the test"
)]

mod support;

use meridian_model::check::check;
use meridian_model::{OperatorId, Plan, Problem, ShiftId};
use meridian_solver::{
    Engine, NeverStop, Options, Silent, Standing, Wanted, explain, solve, takers,
};
use support::{Size, problem};

const SMALL: Size = Size {
    groups: 6,
    tracks: 1,
    operators: 45,
    sessions: 12,
    hours: 24,
    cell_min: 30,
};

fn planned(seed: u64) -> (Problem, Plan) {
    let problem = problem(seed, SMALL);
    let options = Options {
        effort: 1,
        engine: Engine::Pure,
        ..Options::default()
    };
    let plan = solve(&problem, &options, &NeverStop, &mut Silent)
        .unwrap()
        .plan;
    (problem, plan)
}

/// The best of the plans in which a shift is someone else's, with its handover or without, if any breaks nothing.
fn given(problem: &Problem, plan: &Plan, shift: &ShiftId, to: &OperatorId) -> Option<Plan> {
    let with = |bare: bool| {
        let mut more = plan.clone();
        let one = more.shifts.iter_mut().find(|one| one.id == *shift).unwrap();
        one.operator = to.clone();
        if bare {
            one.handover_min = 0;
        }
        more.score = check(problem, &more).score;
        more
    };
    [false, true]
        .map(with)
        .into_iter()
        .find(|one| one.score.hard == 0)
}

#[test]
fn whoever_could_take_a_shift_breaks_nothing_and_everyone_else_would() {
    let (mut now, mut swapped, mut barred) = (0, 0, 0);
    for seed in 0..3 {
        let (problem, plan) = planned(seed);
        assert_eq!(plan.score.hard, 0);
        for shift in plan.shifts.iter().step_by(9) {
            let wanted = Wanted::shift(&plan, &shift.id).unwrap();
            for taker in takers(&problem, &plan, &wanted) {
                assert_ne!(taker.operator, shift.operator);
                let mine = given(&problem, &plan, &shift.id, &taker.operator);
                match &taker.stands {
                    Standing::Now { costs, .. } => {
                        let mine = mine.unwrap();
                        assert_eq!(mine.score.medium, plan.score.medium);
                        assert_eq!(mine.score.soft - plan.score.soft, *costs);
                        now += 1;
                    }
                    Standing::Swap { gives, to, .. } => {
                        assert_eq!(mine, None);
                        let mut first = plan.clone();
                        let id = |one: &OperatorId| *one == taker.operator;
                        let hers = first.shifts.iter_mut().find(|one| one.id == *gives);
                        let hers = hers.unwrap();
                        assert!(id(&hers.operator));
                        hers.operator = to.clone();
                        let both = [false, true].map(|bare| {
                            let mut one = first.clone();
                            let given = one.shifts.iter_mut().find(|one| one.id == *gives);
                            let given = given.unwrap();
                            given.handover_min = if bare { 0 } else { given.handover_min };
                            given_or_none(&problem, &one, &shift.id, &taker.operator)
                        });
                        assert!(both.iter().any(|legal| *legal), "{taker:?}");
                        swapped += 1;
                    }
                    Standing::Barred { by } => {
                        assert_eq!(mine, None);
                        assert!(!by.is_empty());
                        assert_eq!(taker.stands.rules().is_empty(), by.is_empty());
                        barred += 1;
                    }
                }
            }
        }
    }
    assert!(
        now > 5 && swapped > 0 && barred > 20,
        "{now} {swapped} {barred}"
    );
}

fn given_or_none(problem: &Problem, plan: &Plan, shift: &ShiftId, to: &OperatorId) -> bool {
    given(problem, plan, shift, to).is_some()
}

#[test]
fn takers_are_ranked_and_a_gap_is_taken_like_a_shift() {
    let (problem, mut plan) = planned(1);
    let shift = plan.shifts.remove(4);
    let gaps = explain(&problem, &plan).gaps;
    let n = gaps
        .iter()
        .position(|gap| gap.duty == shift.duty && gap.span.overlaps(&shift.span));
    let wanted = Wanted::gap(&problem, &plan, n.unwrap()).unwrap();
    assert_eq!((&wanted.duty, wanted.shift.as_ref()), (&shift.duty, None));
    assert_eq!(wanted.span, gaps[n.unwrap()].span);
    let found = takers(&problem, &plan, &wanted);
    let order: Vec<u8> = found
        .iter()
        .map(|one| match one.stands {
            Standing::Now { .. } => 0,
            Standing::Swap { .. } => 1,
            Standing::Barred { .. } => 2,
        })
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    let her = found
        .iter()
        .find(|one| one.operator == shift.operator)
        .unwrap();
    let whole = wanted.span == shift.span;
    assert_eq!(whole, matches!(her.stands, Standing::Now { .. }));
}
