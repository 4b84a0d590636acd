//! Bounds held against every roster that could be tried.

use meridian_model::{Availability, Cause, Grade, GradeSpan, Problem};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::ground::Ground;
use super::level::{Patience, Pool, relax};
use super::prices::Level;
use super::{Budget, Found, improve};
use crate::NeverStop;
use crate::instance::Instance;
use crate::programme::{Block, Programme};
use crate::roster::eligibility::Eligibility;
use crate::roster::search::Search;
use crate::roster::state::{RosterCost, State};
use crate::roster::{CellShift, Roster};
use crate::support::{Size, problem};

/// Some hours with few people and rules that differ from seed to seed.
fn tiny(seed: u64) -> Problem {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let size = Size {
        groups: 2,
        tracks: 1,
        operators: 3,
        sessions: 1,
        hours: 4,
        cell_min: 30,
    };
    let mut problem = problem(seed, size);
    let policy = &mut problem.event.policy;
    policy.shift_shortest_min = 60;
    policy.shift_longest_min = if rng.random_bool(0.5) { 60 } else { 90 };
    policy.rest_min = 30 * rng.random_range(1..3);
    policy.sleep_min = 90;
    policy.max_awake_min = 30 * rng.random_range(5..9);
    policy.alert.min_people = rng.random_range(1..3);
    problem.event.duties.truncate(3);
    for role in &mut problem.event.roles {
        role.handover_min = 30 * rng.random_range(0..3);
    }
    let span = problem.event.horizon.span();
    for operator in &mut problem.operators {
        operator.max_duty_min = 30 * rng.random_range(3..8);
        operator.nights.clear();
        if rng.random_bool(0.7) {
            let (grade, cause) = (Grade::Possible, Cause::Marked);
            operator.availability = Availability(vec![GradeSpan { span, grade, cause }]);
        }
        operator.skills.truncate(2);
    }
    problem
}

fn programme(instance: &Instance<'_>) -> Programme {
    let block = Block {
        track: 0,
        group: 0,
        language: instance.groups[0].languages[0],
        start: 0,
        end: instance.n_cells,
    };
    Programme {
        blocks: vec![block],
        placed: Vec::new(),
    }
}

/// Whether one person can do these, by the rules' words and nothing else.
fn legal(instance: &Instance<'_>, operator: usize, plan: &[CellShift]) -> bool {
    let limits = instance.limits;
    let in_all: usize = plan.iter().map(CellShift::on_duty).sum();
    let rested = plan.windows(2).all(|pair| {
        let pause = pair[1].from().checked_sub(pair[0].end);
        pause.is_some_and(|pause| {
            pause >= limits.rest
                && (pause >= limits.sleep || pair[1].end - pair[0].from() <= limits.max_awake)
        })
    });
    let awake = plan.iter().all(|s| s.on_duty() <= limits.max_awake);
    in_all <= instance.operators[operator].max_duty && rested && awake
}

/// Every legal set of up to two shifts of one person.
fn plans(instance: &Instance<'_>, eligibility: &Eligibility, operator: usize) -> Roster {
    let limits = instance.limits;
    let mut shifts = Vec::new();
    for duty in &eligibility.people[operator].duties {
        for start in 0..instance.n_cells {
            for end in start + limits.shortest..=start + limits.longest {
                if (start..end).all(|c| duty.serves(c)) {
                    for handover in 0..=duty.handover[start] {
                        let duty = duty.duty;
                        shifts.push(CellShift {
                            duty,
                            start,
                            end,
                            handover,
                        });
                    }
                }
            }
        }
    }
    let singles = shifts.iter().map(|&shift| vec![shift]);
    let pairs = shifts
        .iter()
        .flat_map(|&first| shifts.iter().map(move |&second| vec![first, second]));
    std::iter::once(Vec::new())
        .chain(singles)
        .chain(pairs)
        .filter(|plan| legal(instance, operator, plan))
        .collect()
}

/// The cost of every roster that could be; `None` when there are too many to try.
fn every_cost(instance: &Instance<'_>, eligibility: &Eligibility) -> Option<Vec<RosterCost>> {
    let people = 0..instance.operators.len();
    let plans: Vec<Roster> = people.map(|o| plans(instance, eligibility, o)).collect();
    let many: usize = plans.iter().map(Vec::len).product();
    if many > 20_000 {
        return None;
    }
    let mut costs = Vec::with_capacity(many);
    let mut state = State::empty(instance, eligibility);
    let mut at = vec![0; plans.len()];
    loop {
        costs.push(state.cost());
        let mut operator = 0;
        loop {
            if operator == plans.len() {
                return Some(costs);
            }
            at[operator] += 1;
            if at[operator] < plans[operator].len() {
                state.set(operator, plans[operator][at[operator]].clone());
                break;
            }
            at[operator] = 0;
            state.set(operator, Vec::new());
            operator += 1;
        }
    }
}

/// Runs `each` on tiny instances that can be tried in full, until there were that many.
fn on_tiny_instances(
    many: usize,
    mut each: impl FnMut(u64, &Instance<'_>, &Eligibility, &[RosterCost]),
) {
    let mut done = 0;
    for seed in 0.. {
        let problem = tiny(seed);
        let instance = Instance::lower(&problem).unwrap();
        let eligibility = Eligibility::of(&instance, &programme(&instance));
        let Some(costs) = every_cost(&instance, &eligibility) else {
            continue;
        };
        if costs.len() < 20 {
            continue;
        }
        each(seed, &instance, &eligibility, &costs);
        done += 1;
        if done == many {
            break;
        }
    }
}

fn bound(ground: &Ground<'_>, level: Level) -> i64 {
    let patience = Patience {
        rounds: 200,
        columns: 400,
        enough: i64::MAX,
    };
    relax(ground, level, &mut Pool::default(), patience, &NeverStop).bound
}

#[test]
fn no_roster_that_could_be_tried_beats_a_bound_and_most_bounds_are_met() {
    let (mut asked, mut met) = ([0; 3], [0; 3]);
    on_tiny_instances(200, |seed, instance, eligibility, costs| {
        let pinned = vec![Vec::new(); instance.operators.len()];
        let ground = Ground::of(instance, eligibility, &pinned);
        let mut check = |n: usize, level: Level, least: Option<i64>| {
            let Some(least) = least else { return };
            let bound = bound(&ground, level);
            assert!(
                bound <= least,
                "seed {seed}, {level:?}: {bound} above {least}"
            );
            asked[n] += 1;
            met[n] += usize::from(bound == least);
        };
        let fewest = costs.iter().map(|c| c.gaps).min().unwrap();
        check(0, Level::Gaps, Some(fewest));
        for gaps in [fewest, fewest + 2] {
            let within = || costs.iter().filter(|c| c.gaps <= gaps);
            let short = within().map(|c| c.alert_short).min();
            check(1, Level::AlertShort { gaps }, short);
            for alert_short in [short.unwrap(), short.unwrap() + 1] {
                let within = within().filter(|c| c.alert_short <= alert_short);
                let level = Level::Soft { gaps, alert_short };
                check(2, level, within.map(|c| c.soft).min());
            }
        }
    });
    let share = |n: usize| met[n] * 100 / asked[n];
    let shares = [share(0), share(1), share(2)];
    assert!(
        shares[0] >= 95 && shares[1] >= 80 && shares[2] >= 50,
        "{shares:?} of {asked:?}"
    );
}

fn found(instance: &Instance<'_>, eligibility: &Eligibility, pinned: &Roster) -> Found {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let search = Search::start(instance, eligibility, pinned, &mut rng);
    let budget = Budget { seed: 1, effort: 3 };
    let incumbent = search.best().clone();
    improve(
        instance,
        eligibility,
        pinned,
        &incumbent,
        budget,
        &NeverStop,
        &mut |_, _| {},
    )
}

#[test]
fn what_is_found_is_the_best_of_all_that_could_be_tried_and_never_below_its_proof() {
    let mut best = 0;
    on_tiny_instances(150, |seed, instance, eligibility, costs| {
        let pinned = vec![Vec::new(); instance.operators.len()];
        let found = found(instance, eligibility, &pinned);
        let (cost, proof) = (found.best.0, found.proof);
        let mut state = State::empty(instance, eligibility);
        for (operator, shifts) in found.best.1.iter().enumerate() {
            assert!(legal(instance, operator, shifts), "seed {seed}");
            state.set(operator, shifts.clone());
        }
        assert_eq!(state.cost(), cost, "seed {seed}");
        let least = costs.iter().min().unwrap();
        assert!(proof.gaps <= least.gaps, "seed {seed}");
        assert!(
            proof.alert_short <= cost.alert_short && proof.soft <= cost.soft,
            "seed {seed}"
        );
        best += usize::from(cost == *least);
    });
    assert!(best >= 145, "only {best} of 150 are the best possible");
}
