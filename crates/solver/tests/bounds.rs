//! What is said to be the least is no more than the least: on events so small that every roster can be tried.
//!
//! The oracle knows nothing of the solver: it puts together whole plans, and asks the checker for rules and score.
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that fails should fail the test"
)]

#[path = "support/planned.rs"]
mod planned;
mod support;

use meridian_model::check::check;
use meridian_model::{
    Availability, Cause, Grade, GradeSpan, Medium, Plan, Problem, Score, Shift, ShiftId,
};
use meridian_solver::{NeverStop, Observer, Options, Outcome, Status, Stop, solve};
use planned::planned;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::{Size, problem};

/// Events tried.
const EVENTS: usize = 200;
/// Rosters of one event at most; larger ones are left out.
const ROSTERS: usize = 1500;

/// Six hours, three people, two duties, and rules that differ from seed to seed.
fn tiny(seed: u64) -> Problem {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let size = Size {
        groups: 2,
        tracks: 1,
        operators: 3,
        sessions: 3,
        hours: 6,
        cell_min: 60,
    };
    let mut problem = problem(seed, size);
    problem.sessions.clear();
    let all_day = |grade| {
        Availability(vec![GradeSpan {
            span: problem.event.horizon.span(),
            grade,
            cause: Cause::Marked,
        }])
    };
    let (possible, if_need_be) = (all_day(Grade::Possible), all_day(Grade::IfNeedBe));
    let policy = &mut problem.event.policy;
    policy.shift_shortest_min = 60 * rng.random_range(1..3);
    policy.shift_longest_min = policy.shift_shortest_min + 60 * rng.random_range(0..2);
    policy.max_shifts = rng.random_range(1..3);
    policy.rest_min = 60 * rng.random_range(0..3);
    policy.sleep_min = 120;
    policy.max_awake_min = 60 * rng.random_range(3..7);
    policy.alert.min_people = rng.random_range(0..3);
    let two = rng.random_range(0..3);
    problem.event.duties.rotate_left(two);
    problem.event.duties.truncate(2);
    for role in &mut problem.event.roles {
        role.handover_min = 60 * rng.random_range(0..2);
    }
    for operator in &mut problem.operators {
        operator.max_duty_min = 60 * rng.random_range(1..5);
        operator.carry_over_min = 60 * rng.random_range(0..4);
        if rng.random_bool(0.6) {
            operator.nights.clear();
            let gladly = rng.random_bool(0.7);
            let all = if gladly { &possible } else { &if_need_be };
            operator.availability = all.clone();
        }
    }
    problem
}

/// Every shift that somebody could have, whether or not the rules allow it.
fn shifts(problem: &Problem, operator: usize) -> Vec<Shift> {
    let horizon = problem.event.horizon;
    let mut all = Vec::new();
    for duty in &problem.event.duties {
        for start in 0..horizon.n_cells() {
            for end in start + 1..=horizon.n_cells() {
                for handover in 0..=1.min(start) {
                    all.push(Shift {
                        id: ShiftId::new(format!("{operator}-{}", all.len())),
                        operator: problem.operators[operator].id.clone(),
                        duty: duty.id.clone(),
                        span: horizon.cells(start, end),
                        handover_min: handover * horizon.cell_min(),
                    });
                }
            }
        }
    }
    all
}

/// Every set of at most two shifts of somebody that breaks no rule in this plan's programme.
fn legal(problem: &Problem, plan: &Plan, operator: usize) -> Vec<Vec<Shift>> {
    let keeps_the_rules = |mine: &[Shift]| {
        let alone = Plan {
            shifts: mine.to_vec(),
            ..plan.clone()
        };
        check(problem, &alone).score.hard == 0
    };
    let singles: Vec<Shift> = shifts(problem, operator)
        .into_iter()
        .filter(|shift| keeps_the_rules(std::slice::from_ref(shift)))
        .collect();
    let pairs = singles.iter().flat_map(|first| {
        let later = singles
            .iter()
            .filter(|s| s.span.start() >= first.span.end());
        later.map(|second| vec![first.clone(), second.clone()])
    });
    let pairs: Vec<Vec<Shift>> = pairs.filter(|pair| keeps_the_rules(pair)).collect();
    let singles = singles.into_iter().map(|shift| vec![shift]);
    std::iter::once(Vec::new())
        .chain(singles)
        .chain(pairs)
        .collect()
}

/// The scores of all rosters for this plan's blocks and sessions; `None` when there are too many.
fn every_score(problem: &Problem, plan: &Plan) -> Option<Vec<Score>> {
    let mut rosters: Vec<Vec<Shift>> = vec![Vec::new()];
    for operator in 0..problem.operators.len() {
        let mine = legal(problem, plan, operator);
        if rosters.len() * mine.len() > ROSTERS {
            return None;
        }
        let with = |roster: &Vec<Shift>| {
            let more = mine.iter().map(|mine| [roster.as_slice(), mine].concat());
            more.collect::<Vec<_>>()
        };
        rosters = rosters.iter().flat_map(with).collect();
    }
    let scored = rosters.into_iter().map(|shifts| {
        let plan = Plan {
            shifts,
            ..plan.clone()
        };
        check(problem, &plan).score
    });
    Some(scored.filter(|score| score.hard == 0).collect())
}

fn solved(problem: &Problem) -> Outcome {
    let options = Options {
        effort: 1,
        threads: 1,
        ..Options::default()
    };
    planned(problem, &options, &NeverStop)
}

/// Holds what was proven of one event against every roster that could be.
fn compare(seed: u64, outcome: &Outcome, all: &[Score]) {
    let (bound, found) = (outcome.certificate, outcome.plan.score);
    let least = *all.iter().min().unwrap();
    assert!(least <= found, "seed {seed}: {found:?} is below {least:?}");
    let roster = |medium: Medium| (medium.gaps, medium.alert_short);
    assert!(
        bound.medium.gaps <= least.medium.gaps,
        "seed {seed}: {bound:?}, {least:?}"
    );
    // Each level is bounded for rosters that are as good above it as the bound says, or as the plan is.
    let as_good = |score: &&Score| roster(score.medium) <= roster(found.medium);
    let shortest = all.iter().filter(|s| s.medium.gaps <= found.medium.gaps);
    let alert = shortest.map(|s| s.medium.alert_short).min().unwrap();
    if bound.medium.gaps == found.medium.gaps {
        assert!(
            bound.medium.alert_short <= alert,
            "seed {seed}: {bound:?}, {alert}"
        );
    }
    if roster(bound.medium) == roster(found.medium) {
        let soft = all.iter().filter(as_good).map(|s| s.soft).min().unwrap();
        assert!(bound.soft <= soft, "seed {seed}: {bound:?}, {soft}");
    }
    if bound.status == Status::Proved {
        assert_eq!(found, least, "seed {seed}");
    }
}

#[test]
fn bounds_are_no_more_than_the_best_of_all_rosters_and_proofs_are_true() {
    let (mut tried, mut proved, mut best) = (0, 0, 0);
    for seed in 0.. {
        if tried == EVENTS {
            break;
        }
        let problem = tiny(seed);
        let outcome = solved(&problem);
        let Some(all) = every_score(&problem, &outcome.plan) else {
            continue;
        };
        compare(seed, &outcome, &all);
        tried += 1;
        proved += usize::from(outcome.certificate.status == Status::Proved);
        best += usize::from(outcome.plan.score == *all.iter().min().unwrap());
    }
    assert!(
        best * 100 >= tried * 95,
        "{best} of {tried} plans are the best"
    );
    if cfg!(feature = "highs") {
        assert!(proved > 0, "of {tried} plans none is proved");
    }
}
