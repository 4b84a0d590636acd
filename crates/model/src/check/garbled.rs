//! The checker stands any document: garbled plans and problems give a report, never a panic.

use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::sample::select;

use super::check;
use super::fixture::{cells, horizon, regional, small};
use crate::{
    Delivery, Grade, HostBlock, Impact, PlacedSession, Plan, Problem, RoleNeed, RuleCode, Shift,
    Span, Timestamp,
};

/// Known names, unknown ones, names of another kind, and none.
fn id() -> impl Strategy<Value = &'static str> {
    select(vec![
        "", "a", "ana", "bea", "b", "en", "es", "k1", "kyoto", "l1", "lima", "mc-a", "nobody",
        "op-a", "opening", "s1", "s2", "sam", "talk", "ε🕛",
    ])
}

/// On the cells, off them, outside the horizon, and all of time.
fn span() -> impl Strategy<Value = Span> {
    let on_cells = (0_u32..14, 1_u32..8).prop_map(|(from, n)| cells(from, from + n));
    let anywhere = (any::<i32>(), 1_i64..1_000_000).prop_map(|(from, length)| {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let from = i64::from(from);
        Span::new(at(from), at(from + length)).unwrap()
    });
    let ever = Just(Span::new(Timestamp::MIN, Timestamp::MAX).unwrap());
    prop_oneof![8 => on_cells, 1 => anywhere, 1 => ever]
}

fn minutes() -> impl Strategy<Value = u32> {
    prop_oneof![select(vec![0, 1, 30, 60, 180, u32::MAX]), any::<u32>()]
}

fn blocks() -> impl Strategy<Value = Vec<HostBlock>> {
    let block = (id(), id(), id(), id(), span());
    let block = block.prop_map(|(id, track, group, language, span)| HostBlock {
        id: id.into(),
        track: track.into(),
        group: group.into(),
        language: language.into(),
        span,
    });
    proptest::collection::vec(block, 0..5)
}

fn sessions() -> impl Strategy<Value = Vec<PlacedSession>> {
    let placed = (id(), id(), span()).prop_map(|(session, track, span)| PlacedSession {
        session: session.into(),
        track: track.into(),
        span,
    });
    proptest::collection::vec(placed, 0..5)
}

fn shifts() -> impl Strategy<Value = Vec<Shift>> {
    let shift = (id(), id(), id(), span(), minutes());
    let shift = shift.prop_map(|(id, operator, duty, span, handover_min)| Shift {
        id: id.into(),
        operator: operator.into(),
        duty: duty.into(),
        span,
        handover_min,
    });
    proptest::collection::vec(shift, 0..8)
}

/// The small plan with garbled items beside its own.
fn plans() -> impl Strategy<Value = Plan> {
    (blocks(), sessions(), shifts(), 0_usize..8).prop_map(|(blocks, sessions, shifts, keep)| {
        let (_, mut plan) = small();
        plan.blocks.truncate(keep);
        plan.blocks.extend(blocks);
        plan.sessions.truncate(keep);
        plan.sessions.extend(sessions);
        plan.shifts.truncate(keep);
        plan.shifts.extend(shifts);
        plan
    })
}

/// The small relay with things that contradict each other.
fn problems() -> impl Strategy<Value = Problem> {
    let times = proptest::collection::vec(span(), 6);
    let names = proptest::collection::vec(id(), 8);
    let numbers = proptest::collection::vec(minutes(), 14);
    let weight = select(vec![i64::MIN, -1, 0, 1, i64::MAX]);
    let parts = (times, names, numbers, weight, select(vec![1, 12, 300]));
    (parts, blocks(), shifts(), any::<bool>()).prop_map(|(parts, blocks, shifts, odd)| {
        let (times, names, numbers, weight, n_cells) = parts;
        let (mut problem, _) = small();
        problem.pins.blocks = blocks;
        problem.pins.shifts = shifts;
        if odd {
            garble_event(&mut problem, &names, &numbers, weight, n_cells);
        }
        garble_people(&mut problem, &names, &times, &numbers);
        problem
    })
}

fn garble_event(problem: &mut Problem, names: &[&str], numbers: &[u32], weight: i64, cells: u32) {
    let event = &mut problem.event;
    event.horizon = horizon(cells);
    event.language = names[0].into();
    event.roles[0].needs = RoleNeed::Interpretation;
    event.roles[1].handover_min = numbers[0];
    event.duties[0].role = names[1].into();
    event.duties[1].tracks = vec![names[2].into(), names[3].into()];
    event.duties[1].count = numbers[1];
    event.duties.push(event.duties[1].clone());
    event.policy.alert.min_people = numbers[2];
    event.policy.block_grid_min = numbers[3];
    event.policy.rest_min = numbers[4];
    event.policy.sleep_min = numbers[5];
    event.policy.max_awake_min = numbers[6];
    event.policy.speaker_preparation_min = numbers[7];
    let soft = RuleCode::ALL.iter().filter(|&&rule| rule >= RuleCode::S01);
    event.policy.weights = soft.map(|&rule| (rule, weight)).collect();
}

fn garble_people(problem: &mut Problem, names: &[&str], times: &[Span], numbers: &[u32]) {
    for (operator, span) in problem.operators.iter_mut().zip(times) {
        operator.group = names[4].into();
        operator.speaker = Some(names[5].into());
        operator.carry_over_min = numbers[8];
        operator.nights = vec![*span, *span];
        let crate::Availability(graded) = &mut operator.availability;
        graded.push(crate::GradeSpan {
            span: *span,
            grade: Grade::IfNeedBe,
            ..graded[0]
        });
    }
    problem.operators.push(problem.operators[0].clone());
    problem.sessions[0].length_min = numbers[9];
    problem.sessions[0].changeover_min = numbers[10];
    problem.sessions[1].length_min = numbers[11];
    problem.sessions[1].delivery = Delivery::Live;
    problem.sessions[1].speakers.push(names[6].into());
    problem.sessions[2].group = Some(names[7].into());
    problem.regional_events = vec![
        regional(names[4], times[5], Impact::Weigh),
        regional("kyoto", times[4], Impact::Block),
    ];
    if let Some(hosting) = &mut problem.groups[1].hosting {
        hosting.shortest_min = numbers[12];
        hosting.max_blocks = numbers[13];
        hosting.prime = times.to_vec();
    }
}

proptest! {
    #![proptest_config(proptest::test_runner::Config {
        cases: 200,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn any_plan_gets_a_report_whose_score_is_the_sum_of_its_matches(plan in plans()) {
        let (problem, _) = small();
        let report = check(&problem, &plan);
        let sum = |level: &str| -> i64 {
            let of_level = report.matches.iter().filter(|m| m.rule.as_str().starts_with(level));
            of_level.map(|found| found.amount * found.rule.default_weight()).sum()
        };
        let medium = report.score.medium;
        assert_eq!(sum("H"), report.score.hard);
        assert_eq!(sum("S"), report.score.soft);
        assert_eq!(
            [sum("M01"), sum("M02"), sum("M03"), sum("M04"), sum("M05")],
            [medium.unhosted, medium.unplaced_must, medium.unplaced_should, medium.gaps, medium.alert_short],
        );
        for found in &report.matches {
            assert!(found.amount > 0 && !found.says.is_empty() && !found.remedy.is_empty());
            assert!(found.spans.iter().all(|span| span.start() < span.end()));
        }
        assert!(report.matches.is_sorted_by_key(|found| found.rule));
    }

    #[test]
    fn any_problem_gets_a_report(problem in problems(), plan in plans()) {
        let report = check(&problem, &plan);
        let hard = report.matches.iter().filter(|m| m.rule.as_str().starts_with('H')).count();
        assert_eq!(usize::try_from(report.score.hard), Ok(hard));
    }
}

#[test]
fn a_rule_of_weight_0_is_off_and_other_weights_multiply() {
    let (mut problem, plan) = small();
    let before = check(&problem, &plan).score.soft;
    problem.event.policy.weights.insert(RuleCode::S15, 100);
    assert_eq!(check(&problem, &plan).score.soft, before + 4 * (100 - 30));
    problem.event.policy.weights.insert(RuleCode::S15, 0);
    let report = check(&problem, &plan);
    assert_eq!(report.score.soft, before - 4 * 30);
    assert!(
        report
            .matches
            .iter()
            .all(|found| found.rule != RuleCode::S15)
    );
}
