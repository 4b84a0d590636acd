//! Published plans mended after something changed, each put before the checker.
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that fails should fail the test"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use std::sync::atomic::{AtomicBool, Ordering};

use meridian_model::check::check;
use meridian_model::{
    Availability, Grade, GradeSpan, Medium, OperatorId, Plan, Problem, RuleCode, Shift, Span,
    Timestamp,
};
use meridian_solver::{
    Absent, Comparison, Engine, NeverStop, Observer, Options, Reach, ReplanOptions, Replanned,
    Silent, Stop, replan, solve,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::{Size, problem};

const SMALL: Size = Size {
    groups: 6,
    tracks: 1,
    operators: 40,
    sessions: 30,
    hours: 24,
    cell_min: 15,
};

fn search(effort: u8) -> Options {
    Options {
        effort,
        engine: Engine::Pure,
        ..Options::default()
    }
}

/// Stops a search at its first plan.
#[derive(Default)]
struct AtFirst(AtomicBool);

impl Stop for &AtFirst {
    fn stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Observer for &AtFirst {
    fn incumbent(&mut self, _plan: &Plan) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The first plan of a search.
fn published(problem: &Problem) -> Plan {
    let first = AtFirst::default();
    let outcome = solve(problem, &search(1), &&first, &mut &first).unwrap();
    outcome.plan
}

fn quick() -> ReplanOptions {
    ReplanOptions {
        search: search(1),
        ..ReplanOptions::default()
    }
}

/// Mends, and puts the result before the checker and beside the published plan.
fn mended(problem: &Problem, published: &Plan, options: &ReplanOptions) -> Replanned {
    let mended = replan(problem, published, options, &NeverStop, &mut Silent).unwrap();
    let report = check(problem, &mended.plan);
    let broken: Vec<_> = report
        .matches
        .iter()
        .filter(|found| found.rule < RuleCode::M01)
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert_eq!(report.score, mended.plan.score);
    assert_eq!(mended.plan.revision, published.revision + 1);
    let told: BTreeSet<&OperatorId> = mended.released.iter().chain(&mended.disturbed).collect();
    let (before, after) = (by_operator(published), by_operator(&mended.plan));
    for operator in before.keys().chain(after.keys()) {
        if !told.contains(operator) {
            assert_eq!(before.get(operator), after.get(operator), "{operator}");
        }
    }
    if mended.reach == Reach::WithinCap {
        assert!(mended.disturbed.len() <= options.max_disturbed);
    }
    mended
}

fn by_operator(plan: &Plan) -> BTreeMap<OperatorId, Vec<Shift>> {
    let mut shifts: BTreeMap<OperatorId, Vec<Shift>> = BTreeMap::new();
    for shift in &plan.shifts {
        shifts
            .entry(shift.operator.clone())
            .or_default()
            .push(shift.clone());
    }
    shifts
}

/// Operators by minutes of duty, the busiest first.
fn busiest(plan: &Plan) -> Vec<OperatorId> {
    let mut minutes: Vec<(i64, OperatorId)> = by_operator(plan)
        .into_iter()
        .map(|(operator, shifts)| {
            let minutes = shifts
                .iter()
                .map(|s| s.span.minutes() + i64::from(s.handover_min));
            (-minutes.sum::<i64>(), operator)
        })
        .collect();
    minutes.sort();
    minutes.into_iter().map(|(_, operator)| operator).collect()
}

/// Cuts the middle third out of when someone can.
fn shorten(availability: &mut Availability) {
    let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
    let parts = availability.0.iter().flat_map(|graded| {
        let (start, end) = (
            graded.span.start().as_second(),
            graded.span.end().as_second(),
        );
        let third = (end - start) / 10_800 * 3600;
        let part = |span: Span| GradeSpan { span, ..*graded };
        [
            part(Span::new(at(start), at(start + third)).unwrap()),
            part(Span::new(at(end - third), at(end)).unwrap()),
        ]
    });
    *availability = Availability(parts.collect());
}

fn without(who: &OperatorId) -> ReplanOptions {
    ReplanOptions {
        without: vec![Absent::Operator(who.clone())],
        ..quick()
    }
}

fn same_programme(one: &Plan, other: &Plan) -> bool {
    one.blocks == other.blocks && one.sessions == other.sessions
}

#[test]
fn where_nothing_changed_nothing_changes() {
    for seed in 0..8 {
        let problem = problem(seed, SMALL);
        let plan = published(&problem);
        let mended = mended(&problem, &plan, &quick());
        assert!(mended.changes.is_empty(), "seed {seed}: {}", mended.changes);
        assert_eq!(mended.plan.shifts, plan.shifts);
        assert!(same_programme(&mended.plan, &plan));
        assert_eq!(mended.plan.score, plan.score);
        assert_eq!(mended.reach, Reach::WithinCap);
    }
}

#[test]
fn whoever_drops_out_is_replaced_and_the_others_keep_their_shifts() {
    let mut replaced = 0;
    for seed in 0..6 {
        let problem = problem(seed, SMALL);
        let plan = published(&problem);
        for who in busiest(&plan).iter().take(3) {
            let mended = mended(&problem, &plan, &without(who));
            assert!(
                mended
                    .plan
                    .shifts
                    .iter()
                    .all(|shift| shift.operator != *who)
            );
            assert!(mended.released.contains(who));
            // The absent are still counted: the plan costs the same where nobody has been told.
            assert_eq!(check(&problem, &mended.plan).score, mended.plan.score);
            assert_eq!(mended.plan.problem_sha256, problem.digest().unwrap());
            if mended.reach == Reach::WithinCap {
                assert!(same_programme(&mended.plan, &plan));
                replaced += usize::from(mended.plan.score.medium <= plan.score.medium);
            }
        }
    }
    assert!(
        replaced >= 6,
        "only {replaced} of 18 could be replaced within the cap"
    );
}

/// The levels above soft that were reached without disturbing more people than allowed.
fn within_cap(mended: &Replanned) -> Medium {
    match mended.reach {
        Reach::WithinCap => mended.plan.score.medium,
        Reach::Widened { within_cap } | Reach::Anew { within_cap } => {
            assert!(mended.plan.score.medium < within_cap.medium);
            within_cap.medium
        }
    }
}

#[test]
fn more_people_are_disturbed_only_for_the_levels_above_soft() {
    let problem = problem(1, SMALL);
    let plan = published(&problem);
    for who in &busiest(&plan)[..6] {
        let free = mended(&problem, &plan, &without(who));
        let strict = ReplanOptions {
            max_disturbed: 0,
            ..without(who)
        };
        let strict = mended(&problem, &plan, &strict);
        assert!(within_cap(&strict) >= within_cap(&free));
    }
}

#[test]
fn any_mix_of_changes_leaves_a_plan_that_keeps_every_rule() {
    for seed in 0..12 {
        let mut problem = problem(seed, SMALL);
        let mut plan = published(&problem);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut absent = Vec::new();
        for _ in 0..rng.random_range(1..4) {
            let n = rng.random_range(0..problem.operators.len());
            match rng.random_range(0..10) {
                0 => shorten(&mut problem.operators[n].availability),
                1 => absent.push(Absent::Operator(problem.operators[n].id.clone())),
                2 => drop(problem.operators.remove(n)),
                3 => problem.operators[n].skills.clear(),
                4 => problem.operators[n].max_duty_min = 90,
                5 => drop(problem.sessions.remove(n % 6)),
                6 => {
                    let at = problem.event.horizon.cells(40, 60);
                    problem.sessions[n % 6].window = Some(at);
                }
                7 => absent.push(Absent::Host(problem.groups[n % 6].id.clone())),
                8 => problem.event.policy.rest_min = 600,
                _ => {
                    let pin = plan.shifts[n % plan.shifts.len()].clone();
                    problem.pins.shifts.push(pin);
                    plan.shifts.remove(0);
                }
            }
        }
        let options = ReplanOptions {
            without: absent,
            ..quick()
        };
        let once = replan(&problem, &plan, &options, &NeverStop, &mut Silent).unwrap();
        assert_eq!(once.plan.score.hard, 0, "seed {seed}");
        let twice = mended(&problem, &plan, &options);
        assert_eq!(once.plan, twice.plan, "seed {seed}");
    }
}

#[test]
fn a_session_that_moved_or_fell_away_disturbs_nobody_on_duty() {
    let mut problem = problem(2, SMALL);
    let plan = published(&problem);
    let (gone, moved) = (plan.sessions[2].clone(), plan.sessions[7].clone());
    problem
        .sessions
        .retain(|session| session.id != gone.session);
    let session = problem.sessions.iter_mut().find(|s| s.id == moved.session);
    let horizon = problem.event.horizon.span();
    session.unwrap().window = Some(Span::new(moved.span.end(), horizon.end()).unwrap());
    let mended = mended(&problem, &plan, &quick());
    assert_eq!(mended.changes.sessions.removed, [gone]);
    let on = mended
        .plan
        .sessions
        .iter()
        .find(|p| p.session == moved.session);
    assert!(on.is_none_or(|placed| placed.span.start() >= moved.span.end()));
    let others = mended
        .plan
        .sessions
        .iter()
        .filter(|p| p.session != moved.session);
    let kept = others
        .filter(|placed| plan.sessions.contains(placed))
        .count();
    assert!(
        kept + 4 >= plan.sessions.len(),
        "only {kept} kept their place"
    );
    assert!(mended.changes.people.is_empty(), "{}", mended.changes);
}

#[test]
fn a_host_that_withdraws_is_replaced_and_hosts_far_away_stay() {
    for seed in 0..4 {
        let problem = problem(seed, SMALL);
        let plan = published(&problem);
        let gone = plan.blocks[2].group.clone();
        let options = ReplanOptions {
            without: vec![Absent::Host(gone.clone())],
            ..quick()
        };
        let mended = mended(&problem, &plan, &options);
        assert!(mended.plan.blocks.iter().all(|block| block.group != gone));
        let stay = |block: &&meridian_model::HostBlock| mended.plan.blocks.contains(block);
        let kept = plan.blocks.iter().filter(stay).count();
        assert!(kept >= 1, "seed {seed}: {}", mended.changes);
    }
}

#[test]
fn a_late_joiner_closes_a_gap_that_was_published() {
    let mut problem = problem(3, SMALL);
    let mut joiner = problem.operators[0].clone();
    for operator in &mut problem.operators {
        operator
            .skills
            .retain(|skill| skill.role.as_str() != "engineer");
    }
    let plan = published(&problem);
    assert!(plan.score.medium.gaps > 0);
    joiner.id = "zoe".into();
    joiner.skills = vec![meridian_model::Skill {
        role: "engineer".into(),
        language: None,
        into: None,
        level: meridian_model::SkillLevel::Trained,
    }];
    let (grade, cause) = (Grade::Possible, meridian_model::Cause::Marked);
    let span = problem.event.horizon.span();
    joiner.availability = Availability(vec![GradeSpan { span, grade, cause }]);
    joiner.nights.clear();
    joiner.speaker = None;
    problem.operators.push(joiner);
    let mended = mended(&problem, &plan, &quick());
    assert!(mended.plan.score.medium.gaps < plan.score.medium.gaps);
    assert!(
        mended.disturbed.contains(&"zoe".into()),
        "{}",
        mended.changes
    );
}

#[test]
fn a_shift_that_is_pinned_stays_where_its_person_would_be_asked_to_move() {
    let mut problem = problem(4, SMALL);
    let plan = published(&problem);
    let who = busiest(&plan)[0].clone();
    let others = plan.shifts.iter().filter(|shift| shift.operator != who);
    problem.pins.shifts = others.cloned().collect();
    let mended = mended(&problem, &plan, &without(&who));
    for shift in &problem.pins.shifts {
        assert!(mended.plan.shifts.contains(shift), "{}", shift.id);
    }
}

#[test]
fn a_repair_that_is_stopped_at_once_is_still_a_whole_plan() {
    let problem = problem(5, SMALL);
    let plan = published(&problem);
    let options = without(&busiest(&plan)[0]);
    let now = AtFirst::default();
    now.0.store(true, Ordering::Relaxed);
    let mended = replan(&problem, &plan, &options, &&now, &mut Silent).unwrap();
    assert!(mended.stopped && mended.plan.made_by.stopped);
    assert_eq!(check(&problem, &mended.plan).score, mended.plan.score);
    assert_eq!(mended.plan.score.hard, 0);
}

#[test]
fn someone_absent_whom_the_problem_does_not_know_is_refused() {
    let problem = problem(5, SMALL);
    let plan = published(&problem);
    let refused = replan(
        &problem,
        &plan,
        &without(&"nobody".into()),
        &NeverStop,
        &mut Silent,
    );
    assert!(refused.unwrap_err().to_string().contains("nobody"));
}

#[test]
fn the_busiest_of_a_large_event_is_replaced_by_three_people_at_most() {
    let problem = meridian_bench::instance(meridian_bench::Size::Large, 1);
    let plan = solve(&problem, &search(1), &NeverStop, &mut Silent)
        .unwrap()
        .plan;
    for (rank, who) in busiest(&plan)[..8].iter().enumerate() {
        let options = without(who);
        let mended = mended(&problem, &plan, &options);
        assert_eq!(mended.reach, Reach::WithinCap);
        assert_eq!(mended.released, std::slice::from_ref(who));
        assert!(mended.disturbed.len() <= 3, "{}", mended.changes);
        assert!(same_programme(&mended.plan, &plan));
        // What only she could cover is missing whoever plans.
        if rank == 0 || mended.plan.score.medium > plan.score.medium {
            let anew = mended_beside(&problem, &plan, &options);
            assert!(mended.plan.score.medium <= anew.score.medium);
            assert!(mended.disturbed.len() < anew.disturbed);
        }
    }
}

/// What planning anew gives without those who are absent.
fn mended_beside(problem: &Problem, published: &Plan, options: &ReplanOptions) -> Comparison {
    let compare = ReplanOptions {
        compare: true,
        ..options.clone()
    };
    let mended = replan(problem, published, &compare, &NeverStop, &mut Silent).unwrap();
    mended.anew.unwrap()
}
