//! Conflict sets are conflicts and are minimal, as the checker sees it: with everything else out of the way nobody can
//! take any of the gap, and with any one of them out of the way too, somebody can.

use meridian_model::check::check;
use meridian_model::{
    Availability, Cause, Grade, GradeSpan, Group, Level, Match, Operator, Plan, Problem, RuleCode,
    Subject,
};
use proptest::prelude::proptest;

use super::agreement::{N_CELLS, problems, shifts, ways};
use super::one_person::{Hole, PERSONAL, taking, with_shifts};
use super::scenario::{cells, operator};
use super::view::View;
use super::{Exclusion, GapReason, explain};

/// The rules that are asked of everyone at once.
const COMMON: [RuleCode; 5] = [
    RuleCode::H16,
    RuleCode::H18,
    RuleCode::H20,
    RuleCode::H21,
    RuleCode::H22,
];

/// The problem in which a rule no longer binds someone.
fn freed(problem: &mut Problem, who: &str, rule: RuleCode) {
    let policy = &mut problem.event.policy;
    match rule {
        RuleCode::H18 if policy.shift_shortest_min > 30 => {
            policy.shift_shortest_min = 30;
            policy.shift_longest_min = (2 * policy.shift_longest_min).min(360);
        }
        RuleCode::H20 => policy.max_awake_min = 1440,
        RuleCode::H21 => policy.rest_min = 0,
        _ => {}
    }
    let at = problem
        .operators
        .iter()
        .position(|one| one.id == who.into());
    let her = &mut problem.operators[at.unwrap()];
    match rule {
        RuleCode::H12 => {
            let (span, grade, cause) = (cells(0, N_CELLS), Grade::Possible, Cause::Marked);
            her.availability = Availability(vec![GradeSpan { span, grade, cause }]);
        }
        RuleCode::H13 => her.speaker = None,
        RuleCode::H15 => her.nights.clear(),
        RuleCode::H16 => {
            let all = [
                ("op", None),
                ("mc", Some("en")),
                ("mc", Some("es")),
                ("int", Some("es")),
            ];
            her.skills.extend(operator("x", &all).skills);
        }
        RuleCode::H17 => {
            let alone = Group {
                id: format!("home-of-{who}").as_str().into(),
                hosting: None,
                ..problem.groups[0].clone()
            };
            her.group = alone.id.clone();
            problem.groups.push(alone);
        }
        RuleCode::H19 => her.max_duty_min = (2 * her.max_duty_min).min(360),
        _ => {}
    }
}

/// The problem with everything but `kept` out of the way.
fn only(problem: &Problem, kept: &[Exclusion]) -> Problem {
    let mut loose = problem.clone();
    if kept.iter().all(|one| one.rule != RuleCode::H22) {
        loose.event.policy.max_shifts += 1;
    }
    for her in &problem.operators {
        for rule in PERSONAL {
            let binds = |one: &Exclusion| {
                one.rule == rule
                    && (COMMON.contains(&rule) || one.subject == Subject::Operator(her.id.clone()))
            };
            if !kept.iter().any(binds) {
                freed(&mut loose, her.id.as_str(), rule);
            }
        }
    }
    loose
}

fn gaps(problem: &Problem, plan: &Plan) -> i64 {
    check(problem, plan).score.medium.gaps
}

/// Hard matches of the rules that keep one person from duty.
fn against(problem: &Problem, plan: &Plan, her: &Operator) -> usize {
    let about_her = |found: &&Match| {
        found.rule.level() == Level::Hard
            && found.subjects.contains(&Subject::Operator(her.id.clone()))
    };
    let matches = check(problem, plan).matches;
    matches.iter().filter(about_her).count()
}

/// Whether the checker accepts some plan in which one person covers more, found by trying or by the exact search.
fn somebody_can(problem: &Problem, plan: &Plan, gap: &GapReason) -> bool {
    let before = gaps(problem, plan);
    problem.operators.iter().any(|her| {
        let accepted =
            |more: &Plan| against(problem, more, her) == 0 && gaps(problem, more) < before;
        let duties = &problem.event.duties;
        let duty = duties.iter().position(|duty| duty.id == gap.duty);
        let cell = |at| problem.event.horizon.boundary(at);
        let hole = Hole {
            duty: duty.unwrap(),
            cells: cell(gap.span.start()).unwrap()..cell(gap.span.end()).unwrap(),
        };
        let view = View::new(problem, plan);
        let exact = taking(&view, her, &hole, &[]);
        let exact = exact.map(|found| with_shifts(problem, plan, &her.id, &found.shifts));
        exact
            .into_iter()
            .chain(ways(plan, her, gap))
            .any(|more| accepted(&more))
    })
}

proptest! {
    #![proptest_config(proptest::test_runner::Config {
        cases: 12,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn a_conflict_set_keeps_everybody_away_and_none_of_it_can_be_spared(
        (mut problem, mut plan) in problems(),
        shifts in shifts(),
        few in 1_usize..4,
    ) {
        plan.shifts = shifts;
        // With few people there is something in the way.
        problem.operators.truncate(few);
        plan.shifts.retain(|shift| problem.operators.iter().any(|one| one.id == shift.operator));
        // Whoever is on duty against the rules is taken off: she would have to be mended, not explained.
        let broken = check(&problem, &plan).matches;
        let broken: Vec<_> = broken.iter().filter(|found| found.rule.level() == Level::Hard).collect();
        plan.shifts.retain(|shift| {
            let (its, hers) = (Subject::Shift(shift.id.clone()), Subject::Operator(shift.operator.clone()));
            broken.iter().all(|found| !found.subjects.contains(&its) && !found.subjects.contains(&hers))
        });
        for gap in explain(&problem, &plan).gaps.iter() {
            let conflict = gap.conflict.clone().unwrap();
            if conflict.is_empty() {
                // Nothing is in the way, or everyone there is covers all of it that she can.
                let nobody_ever = !somebody_can(&only(&problem, &[]), &plan, gap);
                assert!(nobody_ever || somebody_can(&problem, &plan, gap), "{gap:#?}");
                continue;
            }
            assert!(!somebody_can(&only(&problem, &conflict), &plan, gap), "{gap:#?}");
            for spared in 0..conflict.len() {
                let mut fewer = conflict.clone();
                let one = fewer.remove(spared);
                assert!(somebody_can(&only(&problem, &fewer), &plan, gap), "without {one:?}: {gap:#?}");
            }
        }
    }
}
