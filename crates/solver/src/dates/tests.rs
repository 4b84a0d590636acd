//! Bounds that hold, and rankings that can be repeated.

use meridian_model::check::check;
use meridian_model::{Grade, Problem};
use proptest::prelude::{ProptestConfig, proptest};

use super::bound::bound;
use super::{DateOptions, DateStatus, rank_dates};
use crate::instance::Instance;
use crate::support::{Size, problem};
use crate::{Engine, NeverStop, Options, Silent, solve};

const TINY: Size = Size {
    groups: 5,
    tracks: 1,
    operators: 14,
    sessions: 6,
    hours: 12,
    cell_min: 30,
};

fn options(top: usize, threads: u8) -> DateOptions {
    let plan = Options {
        effort: 2,
        engine: Engine::Pure,
        threads,
        ..Options::default()
    };
    DateOptions { plan, top }
}

/// A problem in which so many operators have no time at all.
fn with_absent(seed: u64, absent: usize) -> Problem {
    let mut problem = problem(seed, TINY);
    for operator in problem.operators.iter_mut().take(absent) {
        for part in &mut operator.availability.0 {
            part.grade = Grade::Impossible;
        }
    }
    problem
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_plan_is_better_than_the_bound(seed in 0..1000_u64, absent in 0..14_usize, two_tracks in proptest::bool::ANY) {
        let problem = if two_tracks {
            self::problem(seed, Size { tracks: 2, ..TINY })
        } else {
            with_absent(seed, absent)
        };
        let bound = bound(&Instance::lower(&problem).unwrap()).unwrap();
        for effort in [1, 3] {
            let options = Options { effort, engine: Engine::Pure, seed, ..Options::default() };
            let plan = solve(&problem, &options, &NeverStop, &mut Silent).unwrap().plan;
            assert_eq!(check(&problem, &plan).score, plan.score);
            assert!(bound <= plan.score, "{bound:?} is above {:?}", plan.score);
        }
    }
}

#[test]
fn dates_are_ranked_by_what_their_plans_score_and_the_same_with_two_threads() {
    let problems: Vec<Problem> = (0..5).map(|n| with_absent(3, 2 * n)).collect();
    let [one, two] = [1, 2].map(|threads| {
        rank_dates(&problems, &options(2, threads), &NeverStop, &mut Silent).unwrap()
    });
    let scores: Vec<_> = one
        .iter()
        .map(|date| date.plan.as_ref().unwrap().score)
        .collect();
    assert!(scores.is_sorted());
    let told = |ranked: &[super::DateRanking]| -> Vec<_> {
        let each = ranked.iter();
        each.map(|date| (date.candidate, date.status, date.plan.clone(), date.bound))
            .collect()
    };
    assert_eq!(told(&one), told(&two));
    for date in &one {
        let plan = date.plan.as_ref().unwrap();
        assert_eq!(check(&problems[date.candidate], plan).score, plan.score);
        assert!(date.bound.unwrap() <= plan.score);
    }
    let planned = one.iter().filter(|date| date.status == DateStatus::Planned);
    assert_eq!(planned.count(), 2);
}

#[test]
fn a_date_that_cannot_win_is_discarded_without_a_full_plan() {
    let problems = [with_absent(3, 0), with_absent(3, 14)];
    let ranked = rank_dates(&problems, &options(2, 1), &NeverStop, &mut Silent).unwrap();
    assert_eq!(ranked[0].candidate, 0);
    assert_eq!(ranked[0].status, DateStatus::Planned);
    assert_eq!(ranked[1].status, DateStatus::Discarded);
    assert!(ranked[1].bound.unwrap() > ranked[0].plan.as_ref().unwrap().score);
}
