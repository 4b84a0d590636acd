//! The explanations and the checker agree on arbitrary plans, though they share no code: on what is missing, on
//! who is eligible, and on who could take a gap as the plan stands.

use meridian_model::check::check;
use meridian_model::{
    Cause, Delivery, Hosting, Level, Match, Operator, Plan, Priority, Problem, RuleCode, Shift,
    Subject, Timestamp,
};
use proptest::prelude::{Strategy, any, proptest};
use proptest::sample::select;

use super::scenario::{block, but_for, cells, duty, fair, operator, placed, relay, session, shift};
use super::{GapReason, UnhostedReason, explain};

pub(super) const N_CELLS: u32 = 12;

/// The small relay with people who can this and that, at times, under some policy.
pub(super) fn problems() -> impl Strategy<Value = (Problem, Plan)> {
    let closed = proptest::collection::vec((0_u32..12, 0_u32..6), 5);
    let policy = (
        select(vec![1_u32, 2, 3]),
        select(vec![0_u32, 30, 60, 120]),
        select(vec![60_u32, 120, 240, 360]),
        select(vec![120_u32, 240, 960]),
        select(vec![90_u32, 240]),
    );
    (closed, policy, any::<bool>(), any::<bool>()).prop_map(|(closed, policy, foreign, blocked)| {
        let (mut problem, mut plan) = relay();
        problem
            .operators
            .push(operator("eva", &[("op", None), ("int", Some("es"))]));
        problem.operators[2]
            .skills
            .extend(operator("x", &[("op", None)]).skills);
        problem.operators[3]
            .skills
            .extend(operator("x", &[("mc", Some("es"))]).skills);
        problem.operators[1].group = "lima".into();
        problem.operators[0].speaker = Some("sue".into());
        problem.operators[4].nights = vec![cells(9, 12)];
        for (operator, (from, length)) in problem.operators.iter_mut().zip(closed) {
            operator.availability = but_for(from, (from + length).min(N_CELLS), Cause::Busy);
        }
        if foreign {
            plan.blocks[1].language = "es".into();
        }
        if blocked {
            problem.regional_events = vec![fair("lima", 4, 7)];
        }
        problem.event.duties.push(duty("int-a", "int"));
        problem.event.duties[0].count = 2;
        let (max_shifts, rest, most, awake, sleep) = policy;
        problem.event.policy.max_shifts = max_shifts;
        problem.event.policy.rest_min = rest;
        problem.event.policy.max_awake_min = awake;
        problem.event.policy.sleep_min = sleep;
        for operator in &mut problem.operators {
            operator.max_duty_min = most;
        }
        (problem, plan)
    })
}

/// The relay of [`problems`] with sessions of all lengths, windows and people, some of them placed.
pub(super) fn programmes() -> impl Strategy<Value = (Problem, Plan)> {
    let one = (
        select(vec![30_u32, 60, 90, 150]),
        select(vec![0_u32, 30]),
        select(vec!["sam", "sue"]),
        select(vec![None, Some((0_u32, 5_u32)), Some((4, 10))]),
        proptest::option::of(0_u32..10),
        any::<bool>(),
    );
    let sessions = proptest::collection::vec(one, 2..6);
    (problems(), shifts(), sessions, 0_u32..8).prop_map(
        |((mut problem, mut plan), shifts, parts, closed)| {
            plan.shifts = shifts;
            plan.sessions.clear();
            problem.sessions.clear();
            problem.speakers[0].availability = but_for(closed, closed + 3, Cause::Busy);
            problem.speakers[1].group = Some("lima".into());
            for (at, (length, changeover, speaker, window, start, live)) in
                parts.into_iter().enumerate()
            {
                let id = format!("t{at}");
                let mut new = session(&id, speaker, Priority::Should);
                new.length_min = length;
                new.changeover_min = changeover;
                new.window = window.map(|(from, to)| cells(from, to));
                new.delivery = if live {
                    Delivery::Live
                } else {
                    Delivery::Recorded
                };
                problem.sessions.push(new);
                if let Some(from) = start {
                    let to = (from + length / 30).min(N_CELLS);
                    plan.sessions.push(placed(&id, from, to));
                }
            }
            (problem, plan)
        },
    )
}

pub(super) fn shifts() -> impl Strategy<Value = Vec<Shift>> {
    let who = select(vec!["ana", "bea", "cleo", "dina", "eva"]);
    let what = select(vec!["op-a", "mc-a", "int-a"]);
    let one = (who, what, 0_u32..11, 1_u32..7, select(vec![0_u32, 30]));
    let one = one.prop_map(|(who, what, from, length, handover_min)| Shift {
        handover_min: if from == 0 { 0 } else { handover_min },
        ..shift("s", who, what, from, (from + length).min(N_CELLS))
    });
    proptest::collection::vec(one, 0..6).prop_map(|mut shifts| {
        for (at, shift) in shifts.iter_mut().enumerate() {
            shift.id = format!("s{at}").as_str().into();
        }
        shifts
    })
}

pub(super) fn hostings() -> impl Strategy<Value = Hosting> {
    let lengths = select(vec![(30_u32, 90_u32), (60, 180), (150, 210)]);
    (0_u32..12, 0_u32..8, lengths, 1_u32..3).prop_map(|(from, length, lengths, max_blocks)| {
        Hosting {
            availability: but_for(from, (from + length).min(N_CELLS), Cause::Marked),
            prime: Vec::new(),
            shortest_min: lengths.0,
            longest_min: lengths.1,
            max_blocks,
        }
    })
}

/// Every plan in which a group hosts some of a run, by a new block in it or by one of its own made longer.
pub(super) fn more_blocks(plan: &Plan, group: &str, reason: &UnhostedReason) -> Vec<Plan> {
    let mut ways = Vec::new();
    for from in 0..N_CELLS {
        for to in from + 1..=N_CELLS {
            let new = block("new", group, from, to);
            if reason.span.contains(&new.span) {
                let mut more = plan.clone();
                more.blocks.push(new.clone());
                ways.push(more);
            }
            for (at, own) in plan.blocks.iter().enumerate() {
                let grows = new.span.contains(&own.span) && new.span.overlaps(&reason.span);
                if own.group == group.into() && grows {
                    let mut longer = plan.clone();
                    longer.blocks[at] = new.clone();
                    ways.push(longer);
                }
            }
        }
    }
    ways
}

/// The hard matches about someone.
fn against(problem: &Problem, plan: &Plan, operator: &Operator) -> usize {
    let her = Subject::Operator(operator.id.clone());
    let about_her =
        |found: &&Match| found.rule.level() == Level::Hard && found.subjects.contains(&her);
    check(problem, plan)
        .matches
        .iter()
        .filter(about_her)
        .count()
}

/// Every plan in which she covers some of the gap by a new shift or by one of hers made longer into it.
pub(super) fn ways(plan: &Plan, operator: &Operator, gap: &GapReason) -> Vec<Plan> {
    let mut ways = Vec::new();
    let touches = |from: u32, to: u32| cells(from, to).overlaps(&gap.span);
    for from in 0..N_CELLS {
        for to in from + 1..=N_CELLS {
            if !touches(from, to) {
                continue;
            }
            let mut more = plan.clone();
            let new = shift("new", operator.id.as_str(), gap.duty.as_str(), from, to);
            more.shifts.push(new.clone());
            ways.push(more);
            for (at, hers) in plan.shifts.iter().enumerate() {
                let same = hers.operator == operator.id && hers.duty == gap.duty;
                let grows = new.span.contains(&hers.span);
                let into_gap = |at: Timestamp| gap.span.start() <= at && at < gap.span.end();
                let later = new.span.end() > hers.span.end() && into_gap(hers.span.end());
                let earlier = new.span.start() < hers.span.start()
                    && gap.span.start() < hers.span.start()
                    && hers.span.start() <= gap.span.end();
                if same && grows && (later || earlier) {
                    let handover_min = if new.span.start() == hers.span.start() {
                        hers.handover_min
                    } else {
                        0
                    };
                    let mut longer = plan.clone();
                    longer.shifts[at] = Shift {
                        handover_min,
                        ..new.clone()
                    };
                    ways.push(longer);
                }
            }
        }
    }
    ways
}

fn agree_on(problem: &Problem, plan: &Plan, gap: &GapReason, operator: &Operator) {
    let mut alone = plan.clone();
    alone.shifts.retain(|shift| shift.operator != operator.id);
    let possible = |plan: &Plan| {
        let before = against(problem, plan, operator);
        let mut ways = ways(plan, operator, gap).into_iter();
        before == 0 && ways.any(|way| against(problem, &way, operator) == 0)
    };
    let eligible = gap.eligible.contains(&operator.id);
    assert_eq!(
        eligible,
        possible(&alone),
        "{} alone, {gap:#?}",
        operator.id
    );
    if eligible && against(problem, plan, operator) == 0 {
        let her = Subject::Operator(operator.id.clone());
        let excluded = gap
            .exclusions
            .iter()
            .any(|exclusion| exclusion.subject == her);
        assert_eq!(
            !excluded,
            possible(plan),
            "{} with her shifts, {gap:#?}",
            operator.id
        );
    }
}

proptest! {
    #![proptest_config(proptest::test_runner::Config {
        cases: 16,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn explanations_agree_with_the_checker((problem, mut plan) in problems(), shifts in shifts()) {
        plan.shifts = shifts;
        let gaps = explain(&problem, &plan).gaps;
        let seen: Vec<_> = gaps.iter().map(|gap| {
            let n = gap.span.minutes() / 30 * i64::from(gap.missing);
            (Subject::Duty(gap.duty.clone()), gap.span, n)
        }).collect();
        let checked: Vec<_> = check(&problem, &plan).matches.into_iter()
            .filter(|found| found.rule == RuleCode::M04)
            .map(|found| (found.subjects[0].clone(), found.spans[0], found.amount))
            .collect();
        assert_eq!(seen, checked);
        for gap in gaps.iter().take(2) {
            for operator in &problem.operators {
                agree_on(&problem, &plan, gap, operator);
            }
        }
    }

    #[test]
    fn a_block_could_take_a_session_if_the_checker_finds_nothing_new_against_it(
        (problem, plan) in programmes(),
    ) {
        let before = check(&problem, &plan).score.hard;
        for reason in explain(&problem, &plan).unplaced {
            for block in &plan.blocks {
                let mut starts = (0..N_CELLS).map(|from| {
                    let mut more = plan.clone();
                    let mut sessions = problem.sessions.iter();
                    let unplaced = sessions.find(|session| session.id == reason.session);
                    let length = unplaced.unwrap().length_min / 30;
                    let place = placed(reason.session.as_str(), from, (from + length).min(N_CELLS));
                    more.sessions.push(place);
                    more
                });
                let fits = starts.any(|more| {
                    let place = more.sessions[more.sessions.len() - 1].span;
                    block.span.contains(&place) && check(&problem, &more).score.hard == before
                });
                assert_eq!(reason.eligible.contains(&block.id), fits, "{} {reason:#?}", block.id);
            }
        }
    }

    #[test]
    fn a_group_could_host_if_the_checker_finds_nothing_new_against_it(
        (mut problem, mut plan) in problems(),
        hosting in proptest::collection::vec(hostings(), 2),
        lent in (0_u32..5, 2_u32..7),
    ) {
        plan.shifts.clear();
        plan.sessions.clear();
        plan.blocks = vec![block("k1", "kyoto", lent.0, lent.0 + lent.1)];
        for (group, hosting) in problem.groups.iter_mut().zip(hosting) {
            group.hosting = Some(hosting);
        }
        problem.event.policy.block_grid_min = 60;
        let before = check(&problem, &plan).score.hard;
        for reason in explain(&problem, &plan).unhosted {
            for group in &problem.groups {
                let fits = more_blocks(&plan, group.id.as_str(), &reason).into_iter()
                    .any(|more| check(&problem, &more).score.hard == before);
                let her = Subject::Group(group.id.clone());
                let excluded = reason.exclusions.iter().any(|exclusion| exclusion.subject == her);
                // A block that already breaks a rule can be mended by a change.
                if before == 0 {
                    assert_eq!(!excluded, fits, "{} {reason:#?}", group.id);
                }
            }
        }
    }
}
