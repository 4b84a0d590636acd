//! Bounds held against every roster that could be tried.

use meridian_model::{Availability, Cause, Grade, GradeSpan, Horizon, Problem};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::ground::{Column, Ground};
use super::level::{Patience, Pool, relax};
use super::prices::{Level, Prices, SCALE};
use super::pricing::price;
use super::{Budget, Columns, Found, Levels};
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

/// Whether one person can do these, by the rules' words and nothing else; `plan` is in time order.
fn legal(instance: &Instance<'_>, operator: usize, plan: &[CellShift]) -> bool {
    let limits = instance.limits;
    let rested = plan.windows(2).all(|pair| {
        let pause = pair[1].from().checked_sub(pair[0].end);
        pause.is_some_and(|pause| pause >= limits.rest)
    });
    let awake = (0..plan.len()).all(|first| {
        let slept = |pair: &[CellShift]| pair[1].from() - pair[0].end >= limits.sleep;
        let until = plan[first..]
            .windows(2)
            .take_while(|pair| !slept(pair))
            .count();
        plan[first + until].end - plan[first].from() <= limits.max_awake
    });
    let day = usize::try_from(1440 / instance.cell_min).unwrap();
    let on_duty = |c: usize| plan.iter().any(|s| s.from() <= c && c < s.end);
    let within = |from: usize| (from..from + day).filter(|&c| on_duty(c)).count();
    let most = instance.operators[operator].max_duty;
    rested && awake && (0..instance.n_cells).all(|from| within(from) <= most)
}

/// Every legal set of shifts of one person.
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
    let mut plans: Roster = vec![Vec::new()];
    let mut last = plans.clone();
    for _ in 0..limits.max_shifts {
        let mut longer = Vec::new();
        for plan in &last {
            for &shift in &shifts {
                if plan.last().is_none_or(|before| before.end <= shift.from()) {
                    let mut plan = plan.clone();
                    plan.push(shift);
                    if legal(instance, operator, &plan) {
                        longer.push(plan);
                    }
                }
            }
        }
        plans.extend(longer.iter().cloned());
        last = longer;
    }
    plans
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
    each_roster(instance, eligibility, &plans, |state| {
        costs.push(state.cost());
    });
    Some(costs)
}

/// Shows every choice of one plan for each person.
fn each_roster(
    instance: &Instance<'_>,
    eligibility: &Eligibility,
    plans: &[Roster],
    mut each: impl FnMut(&State<'_, '_>),
) {
    let mut state = State::empty(instance, eligibility);
    let mut at = vec![0; plans.len()];
    for (operator, plans) in plans.iter().enumerate() {
        state.set(operator, plans[0].clone());
    }
    loop {
        each(&state);
        let mut operator = 0;
        loop {
            if operator == plans.len() {
                return;
            }
            at[operator] = (at[operator] + 1) % plans[operator].len();
            state.set(operator, plans[operator][at[operator]].clone());
            if at[operator] > 0 {
                break;
            }
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
        steps: 0,
        columns: 400,
        enough: i64::MAX,
    };
    relax(
        ground,
        level,
        &mut Pool::default(),
        None,
        patience,
        &NeverStop,
    )
    .bound
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
    let budget = Budget {
        seed: 1,
        effort: 3,
        gap_ppm: 0,
    };
    let incumbent = search.best().clone();
    let mut columns = Columns::new(instance, eligibility, pinned, budget);
    let mut improve =
        |levels, roster: &_| columns.improve(levels, roster, &NeverStop, &mut |_, _| {});
    let found = improve(Levels::Shortages, &incumbent);
    improve(Levels::Soft, &found.best)
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

/// Prices that mean nothing.
fn random_prices(ground: &Ground<'_>, rng: &mut ChaCha8Rng) -> Prices {
    let mut price = || SCALE / 8 * rng.random_range(-400..900).max(0);
    let grid = |rows: &[Vec<i64>], price: &mut dyn FnMut() -> i64| -> Vec<Vec<i64>> {
        rows.iter()
            .map(|row| row.iter().map(|_| price()).collect())
            .collect()
    };
    Prices {
        cover: grid(&ground.missing, &mut price),
        alert: grid(&ground.alert_missing, &mut price),
        group: ground.group_most.iter().map(|_| price() / 16).collect(),
        gap: price(),
        short: price(),
    }
}

#[test]
fn pricing_finds_the_best_of_all_plans_of_each_person() {
    let level = Level::Soft {
        gaps: 0,
        alert_short: 0,
    };
    let (mut several, mut many) = (0, 0);
    for seed in 0..110 {
        let mut problem = tiny(seed);
        if seed >= 90 {
            long(&mut problem, &mut ChaCha8Rng::seed_from_u64(seed));
        } else if seed % 3 == 1 {
            problem.event.policy.max_shifts = 3;
        } else if seed % 3 == 2 {
            // Two days: the limit is for any 24 hours, not for all of them.
            let start = problem.event.horizon.start();
            problem.event.horizon = Horizon::new(start, 60, 32).unwrap();
            let span = problem.event.horizon.span();
            problem.sessions.clear();
            problem.event.policy.shift_shortest_min = 120;
            problem.event.policy.shift_longest_min = 180;
            problem.event.policy.max_awake_min = 1200;
            for duty in &mut problem.event.duties {
                duty.spans = vec![span];
            }
            for operator in &mut problem.operators {
                operator.max_duty_min = 240 + 60 * u32::from(seed % 2 == 0);
                let (grade, cause) = (Grade::Possible, Cause::Marked);
                operator.availability = Availability(vec![GradeSpan { span, grade, cause }]);
            }
        }
        let instance = Instance::lower(&problem).unwrap();
        let eligibility = Eligibility::of(&instance, &programme(&instance));
        let pinned = vec![Vec::new(); instance.operators.len()];
        let ground = Ground::of(&instance, &eligibility, &pinned);
        let mut prices = random_prices(&ground, &mut ChaCha8Rng::seed_from_u64(seed));
        if seed >= 90 {
            // High enough for long days to be worth what they cost.
            let cells = prices.cover.iter_mut().flatten();
            cells.for_each(|price| *price *= 8);
        }
        let gained = prices.gained(&ground);
        let priced = price(&ground, level, &prices, &NeverStop).unwrap();
        for operator in 0..instance.operators.len() {
            let plans = plans(&instance, &eligibility, operator);
            let worth = |plan: &Vec<CellShift>| {
                let column = Column::new(&ground, operator, plan.clone());
                (prices.worth(&ground, level, &gained, &column), plan.len())
            };
            let (best, shifts) = plans.iter().map(worth).max().unwrap();
            let column = priced.columns.iter().find(|c| c.operator == operator);
            let found = column.map_or(0, |c| prices.worth(&ground, level, &gained, c));
            let bound = priced.of_person[operator];
            assert!(
                column.is_none_or(|c| plans.contains(&c.shifts)),
                "seed {seed}"
            );
            assert!(
                found <= best && best <= bound,
                "seed {seed}, operator {operator}"
            );
            assert!(
                found == best && best == bound,
                "seed {seed}, operator {operator}: {found} {best} {bound}"
            );
            several += usize::from(shifts > 1);
            many += usize::from(shifts > 2);
        }
    }
    assert!(
        several > 25 && many > 9,
        "{several} sets of several shifts, {many} of more than two"
    );
}

/// Three days, with some hours in each.
fn long(problem: &mut Problem, rng: &mut ChaCha8Rng) {
    let start = problem.event.horizon.start();
    problem.event.horizon = Horizon::new(start, 60, 72).unwrap();
    let span = problem.event.horizon.span();
    problem.sessions.clear();
    let policy = &mut problem.event.policy;
    policy.shift_shortest_min = 120;
    policy.shift_longest_min = 180;
    policy.rest_min = 60 * rng.random_range(1..3);
    policy.sleep_min = 60 * rng.random_range(6..20);
    policy.max_awake_min = 60 * rng.random_range(8..20);
    policy.max_shifts = rng.random_range(3..6);
    for duty in &mut problem.event.duties {
        duty.spans = vec![span];
    }
    for operator in &mut problem.operators {
        operator.max_duty_min = 60 * rng.random_range(3..7);
        let (grade, cause) = (Grade::Possible, Cause::Marked);
        let mut windows = Vec::new();
        for day in 0..3 {
            let first = 24 * day + rng.random_range(0..6);
            let second = first + rng.random_range(5..14);
            for from in [first, second] {
                let span = problem
                    .event
                    .horizon
                    .cells(from, from + rng.random_range(2..5));
                windows.push(GradeSpan { span, grade, cause });
            }
        }
        operator.availability = Availability(windows);
    }
}

#[test]
fn pinned_shifts_stay_and_count() {
    let mut pins = 0;
    on_tiny_instances(60, |seed, instance, eligibility, _| {
        let mut pinned = vec![Vec::new(); instance.operators.len()];
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for (operator, pinned) in pinned.iter_mut().enumerate() {
            let plans = plans(instance, eligibility, operator);
            let some = plans
                .iter()
                .filter(|plan| plan.len() == 1)
                .nth(rng.random_range(0..9));
            *pinned = some.cloned().unwrap_or_default();
        }
        pins += pinned.iter().flatten().count();
        let found = found(instance, eligibility, &pinned);
        let mut least: Option<RosterCost> = None;
        let all: Vec<Roster> = (0..pinned.len())
            .map(|o| {
                let mut plans = plans(instance, eligibility, o);
                plans.retain(|plan| pinned[o].iter().all(|pin| plan.contains(pin)));
                plans
            })
            .collect();
        each_roster(instance, eligibility, &all, |state| {
            let cost = state.cost();
            least = Some(least.map_or(cost, |least| least.min(cost)));
        });
        let least = least.unwrap();
        for (shifts, pinned) in found.best.1.iter().zip(&pinned) {
            assert!(pinned.iter().all(|pin| shifts.contains(pin)), "seed {seed}");
        }
        assert!(
            least <= found.best.0 && found.proof.gaps <= least.gaps,
            "seed {seed}"
        );
        if least.gaps == found.best.0.gaps && least.alert_short == found.best.0.alert_short {
            assert!(found.proof.alert_short <= least.alert_short, "seed {seed}");
            assert!(found.proof.soft <= least.soft, "seed {seed}");
        }
    });
    assert!(pins > 60, "only {pins} pins");
}

#[test]
fn the_same_roster_comes_out_again() {
    let size = Size {
        groups: 6,
        tracks: 1,
        operators: 30,
        sessions: 30,
        hours: 24,
        cell_min: 30,
    };
    let problem = problem(3, size);
    let instance = Instance::lower(&problem).unwrap();
    let eligibility = Eligibility::of(&instance, &programme(&instance));
    let pinned = vec![Vec::new(); instance.operators.len()];
    let [one, other] = [(); 2].map(|()| found(&instance, &eligibility, &pinned));
    assert_eq!(one.best, other.best);
    assert_eq!((one.proof, one.rounds), (other.proof, other.rounds));
    assert!(one.proof.soft <= one.best.0.soft && one.rounds > 0);
}
