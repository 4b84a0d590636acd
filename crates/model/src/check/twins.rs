//! For every rule: the smallest plan that keeps it and, beside it, the same plan broken by hand.

use super::check;
use super::fixture::{
    availability, block, cells, duty, placed, regional, role, shift, small, track,
};
use crate::Subject::{Block, Duty, Group, Operator, RegionalEvent, Session, Shift, Speaker, Track};
use crate::{
    Grade, Impact, Level, Match, Plan, Problem, Report, RoleNeed, RuleCode, SkillLevel, Span,
    Subject,
};

/// A plan, its broken twin, and what the checker must say of the twin.
struct Twins {
    problem: Problem,
    good: Plan,
    broken: Plan,
    subjects: Vec<Subject>,
    spans: Vec<Span>,
}

/// Sets the scene on the small relay, then breaks its plan.
fn twins(
    set: impl FnOnce(&mut Problem, &mut Plan),
    break_it: impl FnOnce(&mut Plan),
    subjects: Vec<Subject>,
    spans: &[(u32, u32)],
) -> Twins {
    let (mut problem, mut good) = small();
    set(&mut problem, &mut good);
    let mut broken = good.clone();
    break_it(&mut broken);
    Twins {
        problem,
        good,
        broken,
        subjects,
        spans: spans.iter().map(|&(from, to)| cells(from, to)).collect(),
    }
}

fn of_rule(report: &Report, rule: RuleCode) -> Vec<&Match> {
    let matches = report.matches.iter();
    matches.filter(|found| found.rule == rule).collect()
}

/// The checker finds less of `rule` in the good plan (nothing, unless every plan has some) than in its twin,
/// and names the twin's subjects and time in words without clock times.
fn shows(rule: RuleCode) {
    let always_some = [RuleCode::S04, RuleCode::S05, RuleCode::S15].contains(&rule);
    let case = twins_of(rule);
    let amount = |plan: &Plan| -> i64 {
        let report = check(&case.problem, plan);
        of_rule(&report, rule)
            .iter()
            .map(|found| found.amount)
            .sum()
    };
    let (good, bad) = (amount(&case.good), amount(&case.broken));
    assert!(
        good < bad,
        "{rule}: {good} in the good plan, {bad} in its twin"
    );
    assert!(good == 0 || always_some, "{rule}: the good plan has {good}");

    let report = check(&case.problem, &case.broken);
    let named = of_rule(&report, rule);
    let found = named
        .iter()
        .find(|found| found.subjects == case.subjects && found.spans == case.spans)
        .unwrap_or_else(|| panic!("{rule} does not name the place: {named:#?}"));
    assert!(found.amount > 0);
    assert!(!found.remedy.is_empty());
    assert!(!found.says.contains(':'), "a time in {:?}", found.says);
    assert_eq!(report.score.hard > 0, level_found(&report, Level::Hard));
}

fn level_found(report: &Report, level: Level) -> bool {
    let mut matches = report.matches.iter();
    matches.any(|found| found.rule.level() == level)
}

macro_rules! table {
    ($($rule:ident $name:ident => $twins:expr;)*) => {
        fn twins_of(rule: RuleCode) -> Twins {
            match rule {$(RuleCode::$rule => $twins,)*}
        }

        $(#[test]
        fn $name() {
            shows(RuleCode::$rule);
        })*
    };
}

table! {
    H01 names_what_the_problem_does_not_know => twins(
        |_, _| {},
        |plan| plan.shifts[0].operator = "nobody".into(),
        vec![Shift("s1".into())],
        &[(0, 6)],
    );
    H02 names_both_hosts_of_one_cell => twins(
        |_, _| {},
        |plan| plan.blocks[1].span = cells(5, 11),
        vec![Group("kyoto".into()), Block("k1".into()), Track("a".into()), Group("lima".into()), Block("l1".into())],
        &[(5, 6)],
    );
    H03 names_a_host_that_is_not_available => twins(
        |problem, _| hosting(problem, 1).availability = availability(&[(6, 12, Grade::Possible)]),
        swap_hosts,
        vec![Group("lima".into()), Block("l1".into()), Track("a".into())],
        &[(0, 6)],
    );
    H04 names_a_host_in_a_blocking_regional_event => twins(
        |problem, _| problem.regional_events = vec![regional("lima", cells(0, 4), Impact::Block)],
        swap_hosts,
        vec![Group("lima".into()), Block("l1".into()), Track("a".into()), RegionalEvent("fair".into())],
        &[(0, 4)],
    );
    H05 names_a_block_too_short_for_its_host => twins(
        |_, _| {},
        |plan| plan.blocks[0].span = cells(0, 1),
        vec![Group("kyoto".into()), Block("k1".into()), Track("a".into())],
        &[(0, 1)],
    );
    H06 names_a_session_across_two_blocks => twins(
        |_, _| {},
        |plan| plan.sessions[1] = placed("talk", "a", 5, 7),
        vec![Session("talk".into()), Track("a".into())],
        &[(5, 8)],
    );
    H07 names_a_session_outside_its_window => twins(
        |problem, _| problem.sessions[2].window = Some(cells(4, 12)),
        |plan| plan.sessions[1] = placed("talk", "a", 3, 5),
        vec![Session("talk".into()), Track("a".into())],
        &[(3, 4)],
    );
    H08 names_a_session_in_anothers_change_over => twins(
        |_, _| {},
        |plan| plan.sessions[1] = placed("talk", "a", 2, 4),
        vec![Session("opening".into()), Track("a".into()), Session("talk".into())],
        &[(2, 3)],
    );
    H09 names_a_speaker_who_is_not_available => twins(
        |problem, _| problem.speakers[1].availability = availability(&[(0, 6, Grade::Impossible), (6, 12, Grade::Possible)]),
        |plan| plan.sessions[1] = placed("talk", "a", 3, 5),
        vec![Speaker("sue".into()), Session("talk".into()), Track("a".into())],
        &[(3, 5)],
    );
    H10 names_a_speaker_in_two_places => twins(
        |problem, _| problem.sessions[2].speakers = vec!["sam".into()],
        |plan| plan.sessions[1] = placed("talk", "a", 1, 3),
        vec![Speaker("sam".into()), Session("opening".into()), Track("a".into()), Session("talk".into())],
        &[(1, 2)],
    );
    H11 names_a_session_in_a_blocking_regional_event => twins(
        |problem, _| problem.regional_events = vec![regional("lima", cells(0, 4), Impact::Block)],
        |plan| plan.sessions[1] = placed("talk", "a", 3, 5),
        vec![Session("talk".into()), Track("a".into()), RegionalEvent("fair".into()), Group("lima".into())],
        &[(3, 4)],
    );
    H12 names_an_operator_on_duty_at_an_impossible_time => twins(
        |problem, _| problem.operators[0].availability = availability(&[(0, 8, Grade::Possible)]),
        swap_operators,
        vec![Operator("ana".into()), Shift("s2".into()), Duty("op-a".into())],
        &[(8, 12)],
    );
    H13 names_an_operator_in_two_places => twins(
        |_, _| {},
        |plan| plan.shifts[1] = shift("s2", "ana", "op-a", 5, 12),
        vec![Operator("ana".into()), Shift("s1".into()), Duty("op-a".into()), Shift("s2".into())],
        &[(5, 6)],
    );
    H14 names_an_operator_counted_twice_in_an_alert => twins(
        with_moderator,
        |plan| plan.shifts[4].operator = "ana".into(),
        vec![Operator("ana".into()), Shift("s1".into()), Duty("op-a".into()), Shift("s5".into()), Duty("mod-a".into())],
        &[(2, 6)],
    );
    H15 names_an_operator_asleep_on_an_alert => twins(
        |problem, _| problem.operators[1].nights = vec![cells(0, 4)],
        swap_operators,
        vec![Operator("bea".into()), Shift("s1".into()), Duty("op-a".into())],
        &[(0, 4)],
    );
    H16 names_an_operator_without_the_skill => twins(
        |_, _| {},
        |plan| plan.shifts[0].operator = "dina".into(),
        vec![Operator("dina".into()), Shift("s1".into()), Duty("op-a".into())],
        &[(0, 6)],
    );
    H17 names_an_operator_in_a_blocking_regional_event => twins(
        |problem, _| {
            problem.operators[0].group = "oslo".into();
            problem.regional_events = vec![regional("oslo", cells(9, 12), Impact::Block)];
        },
        swap_operators,
        vec![Operator("ana".into()), Shift("s2".into()), Duty("op-a".into()), RegionalEvent("fair".into()), Group("oslo".into())],
        &[(9, 12)],
    );
    H18 names_a_shift_too_short => twins(
        |_, _| {},
        |plan| plan.shifts[0].span = cells(0, 1),
        vec![Operator("ana".into()), Shift("s1".into()), Duty("op-a".into())],
        &[(0, 1)],
    );
    H19 names_an_operator_with_too_many_duty_hours => twins(
        |problem, _| problem.operators[0].max_duty_min = 240,
        |plan| plan.shifts[1] = shift("s2", "ana", "op-a", 8, 12),
        vec![Operator("ana".into()), Shift("s1".into()), Shift("s2".into())],
        &[(0, 6), (8, 12)],
    );
    H20 names_an_operator_kept_awake_too_long => twins(
        |problem, _| problem.event.policy.max_awake_min = 300,
        |plan| plan.shifts[1] = shift("s2", "ana", "op-a", 8, 12),
        vec![Operator("ana".into()), Shift("s1".into()), Shift("s2".into())],
        &[(0, 12)],
    );
    H21 names_two_shifts_without_rest_between => twins(
        |_, _| {},
        |plan| plan.shifts[1] = shift("s2", "ana", "op-a", 7, 12),
        vec![Operator("ana".into()), Shift("s1".into()), Duty("op-a".into()), Shift("s2".into())],
        &[(6, 7)],
    );
    H22 names_an_operator_with_too_many_shifts => twins(
        |problem, _| problem.event.policy.max_shifts = 1,
        |plan| plan.shifts[1] = shift("s2", "ana", "op-a", 8, 12),
        vec![Operator("ana".into()), Shift("s1".into()), Shift("s2".into())],
        &[(0, 6), (8, 12)],
    );
    H23 names_a_shift_that_nobody_demands => twins(
        |problem, plan| {
            problem.event.duties[0].spans = vec![cells(0, 10)];
            plan.shifts[1].span = cells(6, 10);
        },
        |plan| plan.shifts[1].span = cells(6, 12),
        vec![Operator("bea".into()), Shift("s2".into()), Duty("op-a".into())],
        &[(10, 12)],
    );
    H24 names_a_pinned_block_that_moved => twins(
        |problem, plan| problem.pins.blocks = vec![crate::HostBlock { id: "pin".into(), ..plan.blocks[0].clone() }],
        |plan| plan.blocks[0].span = cells(1, 6),
        vec![Group("kyoto".into()), Track("a".into())],
        &[(0, 6)],
    );
    M01 names_a_track_without_a_host => twins(
        |_, _| {},
        |plan| plan.blocks[1].span = cells(8, 12),
        vec![Track("a".into())],
        &[(6, 8)],
    );
    M02 names_an_unplaced_session_that_must_be_on => twins(
        |problem, _| problem.sessions[0].window = Some(cells(0, 4)),
        |plan| drop(plan.sessions.remove(0)),
        vec![Session("opening".into())],
        &[(0, 4)],
    );
    M03 names_an_unplaced_session_that_should_be_on => twins(
        |problem, _| problem.sessions[2].window = Some(cells(5, 10)),
        |plan| drop(plan.sessions.remove(1)),
        vec![Session("talk".into())],
        &[(5, 10)],
    );
    M04 names_a_duty_with_a_gap => twins(
        |_, _| {},
        |plan| plan.shifts[0].span = cells(0, 4),
        vec![Duty("op-a".into()), Track("a".into())],
        &[(4, 6)],
    );
    M05 names_a_track_with_too_few_people_on_its_alert => twins(
        |_, _| {},
        |plan| plan.shifts[1].span = cells(8, 12),
        vec![Track("a".into())],
        &[(6, 8)],
    );
    S01 names_a_block_in_a_regional_event_that_weighs => twins(
        |problem, plan| {
            problem.regional_events = vec![regional("lima", cells(0, 4), Impact::Weigh)];
            plan.shifts[3].handover_min = 0;
        },
        swap_hosts,
        vec![Group("lima".into()), Block("l1".into()), Track("a".into()), RegionalEvent("fair".into())],
        &[(0, 4)],
    );
    S02 names_a_shift_in_a_night => twins(
        |problem, _| problem.operators[3].nights = vec![cells(0, 4)],
        swap_mcs,
        vec![Operator("dina".into()), Shift("s3".into()), Duty("mc-a".into())],
        &[(0, 4)],
    );
    S03 names_a_shift_at_an_if_need_be_time => twins(
        |problem, _| problem.operators[3].availability = availability(&[(0, 4, Grade::IfNeedBe), (4, 12, Grade::Possible)]),
        swap_mcs,
        vec![Operator("dina".into()), Shift("s3".into()), Duty("mc-a".into())],
        &[(0, 4)],
    );
    S04 names_a_person_with_more_duty_than_others => twins(
        |_, _| {},
        |plan| plan.shifts[1] = shift("s2", "ana", "op-a", 6, 12),
        vec![Operator("ana".into())],
        &[(0, 6), (6, 12)],
    );
    S05 names_a_group_with_more_duty_than_others => twins(
        |_, _| {},
        |plan| plan.shifts[1] = shift("s2", "ana", "op-a", 6, 12),
        vec![Group("kyoto".into())],
        &[(0, 6), (6, 12), (0, 6)],
    );
    S06 names_a_shift_without_its_handover => twins(
        |_, _| {},
        |plan| plan.shifts[3].handover_min = 0,
        vec![Operator("dina".into()), Shift("s4".into()), Duty("mc-a".into())],
        &[(6, 12)],
    );
    S07 names_a_session_in_another_language_than_its_block => twins(
        |_, _| {},
        |plan| plan.blocks[1].language = "es".into(),
        vec![Session("talk".into()), Track("a".into()), Group("lima".into()), Block("l1".into())],
        &[(6, 8)],
    );
    S08 names_a_session_hosted_by_another_group => twins(
        |_, _| {},
        |plan| plan.sessions[0] = placed("opening", "a", 9, 11),
        vec![Session("opening".into()), Track("a".into()), Group("kyoto".into()), Block("l1".into())],
        &[(9, 11)],
    );
    S09 names_a_block_outside_prime_time => twins(
        |problem, _| hosting(problem, 1).prime = vec![cells(4, 12)],
        swap_hosts,
        vec![Group("lima".into()), Block("l1".into()), Track("a".into())],
        &[(0, 4)],
    );
    S10 names_two_sessions_of_one_topic_at_once => twins(
        |problem, _| problem.event.tracks.push(track("b", "Track B")),
        |plan| plan.sessions[1] = placed("talk", "b", 1, 3),
        vec![Session("opening".into()), Track("a".into()), Session("talk".into()), Track("b".into())],
        &[(1, 2)],
    );
    S11 names_a_first_timer_alone => twins(
        |problem, _| problem.operators[0].skills[0].level = SkillLevel::FirstTimer,
        |plan| plan.shifts[2].span = cells(2, 6),
        vec![Operator("ana".into()), Shift("s1".into()), Duty("op-a".into())],
        &[(0, 2)],
    );
    S12 names_a_stretch_without_a_filler => twins(
        |_, _| {},
        |plan| plan.sessions.push(placed("reserve", "a", 3, 5)),
        vec![],
        &[(0, 6)],
    );
    S13 names_a_group_left_out => twins(
        |_, _| {},
        |plan| drop(plan.blocks.remove(1)),
        vec![Group("lima".into())],
        &[(0, 12)],
    );
    S14 names_a_shift_at_another_time_than_preferred => twins(
        |problem, _| problem.operators[2].availability = availability(&[(0, 6, Grade::Prefer), (6, 12, Grade::Possible)]),
        swap_mcs,
        vec![Operator("cleo".into()), Shift("s4".into()), Duty("mc-a".into())],
        &[(6, 12)],
    );
    S15 names_a_person_with_more_shifts_than_needed => twins(
        |_, _| {},
        |plan| {
            plan.shifts[0].span = cells(0, 3);
            plan.shifts.push(shift("s5", "ana", "op-a", 3, 6));
        },
        vec![Operator("ana".into())],
        &[(0, 3), (3, 6)],
    );
}

fn hosting(problem: &mut Problem, group: usize) -> &mut crate::Hosting {
    problem.groups[group].hosting.as_mut().unwrap()
}

fn swap_hosts(plan: &mut Plan) {
    plan.blocks = vec![block("l1", "lima", 0, 6), block("k1", "kyoto", 6, 12)];
}

fn swap_operators(plan: &mut Plan) {
    plan.shifts[0].operator = "bea".into();
    plan.shifts[1].operator = "ana".into();
}

fn swap_mcs(plan: &mut Plan) {
    plan.shifts[2].operator = "dina".into();
    plan.shifts[3].operator = "cleo".into();
}

/// A second alerted role on the track, served by eva.
fn with_moderator(problem: &mut Problem, plan: &mut Plan) {
    let moderator = role("mod", "Moderator", RoleNeed::Nothing, true);
    problem.event.roles.push(moderator);
    problem.event.duties.push(duty("mod-a", "mod", "a"));
    plan.shifts.push(shift("s5", "eva", "mod-a", 2, 6));
}

#[test]
fn every_rule_has_a_plan_and_a_broken_twin() {
    for &rule in RuleCode::ALL {
        shows(rule);
    }
}

#[test]
fn the_small_plan_breaks_nothing_and_costs_only_what_every_plan_costs() {
    let (problem, plan) = small();
    let report = check(&problem, &plan);
    let rules: std::collections::BTreeSet<RuleCode> =
        report.matches.iter().map(|found| found.rule).collect();
    let every_plan = [RuleCode::S04, RuleCode::S05, RuleCode::S15];
    assert_eq!(rules, every_plan.into(), "{:#?}", report.matches);
    // Three people with 180 min and one with 210, squared over 360; groups of two and of three; four shifts.
    let people = 3 * (180 * 180 / 360) + 210 * 210 / 360;
    let groups = 360 * 360 / (360 * 2) + 390 * 390 / (360 * 3);
    assert_eq!(report.score.soft, people + groups + 4 * 30);
}
