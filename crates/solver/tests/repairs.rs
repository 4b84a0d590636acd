//! Every repair that is offered, re-checked from outside: the changed problem, the plan that proves it, and what it closes.
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that fails should fail the test"
)]

mod support;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use meridian_model::check::check;
use meridian_model::{DutyId, Plan, Problem, RuleCode, Span, Subject};
use meridian_solver::{
    Engine, Explanation, NeverStop, Offer, Options, Repair, Silent, explain, solve,
};
use support::{Size, problem};

/// Too few people for all of it.
const SHORT_OF_PEOPLE: Size = Size {
    groups: 6,
    tracks: 1,
    operators: 14,
    sessions: 12,
    hours: 24,
    cell_min: 30,
};

fn plan(problem: &Problem) -> Plan {
    let options = Options {
        effort: 1,
        engine: Engine::Pure,
        ..Options::default()
    };
    solve(problem, &options, &NeverStop, &mut Silent)
        .unwrap()
        .plan
}

/// Person cells of a duty that stand open within a span, as the checker says.
fn open_cells(problem: &Problem, plan: &Plan, duty: &DutyId, span: Span) -> i64 {
    let cell_min = i64::from(problem.event.horizon.cell_min());
    let matches = check(problem, plan).matches;
    let gaps = matches.iter().filter(|found| found.rule == RuleCode::M04);
    gaps.filter(|found| found.subjects.contains(&Subject::Duty(duty.clone())))
        .map(|found| {
            let cells = found.spans[0].minutes() / cell_min;
            let shared = found.spans[0].intersection(&span);
            shared.map_or(0, |shared| shared.minutes() / cell_min) * found.amount / cells
        })
        .sum()
}

/// Some events with gaps, their plans and what is said of them.
static EXPLAINED: LazyLock<Vec<(Problem, Plan, Explanation)>> = LazyLock::new(|| {
    let all = (0..3).map(|seed| {
        let problem = problem(seed, SHORT_OF_PEOPLE);
        let plan = plan(&problem);
        let explanation = explain(&problem, &plan);
        (problem, plan, explanation)
    });
    all.collect()
});

fn agrees(problem: &Problem, plan: &Plan, offer: &Offer) -> Problem {
    let changed = offer.repair.apply(problem);
    assert_ne!(changed, *problem, "{:?} changes nothing", offer.repair);
    let now = check(&changed, &offer.plan).score;
    let before = check(problem, plan).score;
    assert_eq!(now, offer.score, "{:?}", offer.repair);
    assert_eq!(now, offer.plan.score, "{:?}", offer.repair);
    assert!(now.hard <= before.hard && now.medium < before.medium);
    let (now, before) = (now.medium, before.medium);
    assert!(now.unhosted <= before.unhosted, "{:?}", offer.repair);
    assert!(
        now.unplaced_must <= before.unplaced_must,
        "{:?}",
        offer.repair
    );
    assert!(
        now.unplaced_should <= before.unplaced_should,
        "{:?}",
        offer.repair
    );
    assert!(now.gaps <= before.gaps, "{:?}", offer.repair);
    assert!(now.alert_short <= before.alert_short, "{:?}", offer.repair);
    changed
}

#[test]
fn every_repair_offered_for_a_gap_closes_what_it_says_and_opens_nothing() {
    let mut n_offers = 0;
    for (problem, plan, explanation) in EXPLAINED.iter() {
        for gap in &explanation.gaps {
            for offer in &gap.repairs {
                let changed = agrees(problem, plan, offer);
                let before = open_cells(problem, plan, &gap.duty, gap.span);
                let left = open_cells(&changed, &offer.plan, &gap.duty, gap.span);
                assert_eq!(i64::from(offer.of), before, "{:?}", offer.repair);
                let closes = before - left;
                assert_eq!(i64::from(offer.closes), closes, "{:?}", offer.repair);
                let fewer = plan.score.medium.gaps - offer.score.medium.gaps;
                assert!(fewer >= closes, "{:?}", offer.repair);
                n_offers += 1;
            }
        }
    }
    assert!(n_offers > 50, "{n_offers}");
}

#[test]
fn most_gaps_have_three_repairs_cheapest_first_among_those_that_close_all() {
    let mut few = 0;
    let mut n_gaps = 0;
    for (_, _, explanation) in EXPLAINED.iter() {
        for gap in explanation.gaps.iter().take(40) {
            n_gaps += 1;
            few += usize::from(gap.repairs.len() < 3);
            let whole: Vec<i64> = gap
                .repairs
                .iter()
                .take_while(|offer| offer.closes == offer.of)
                .map(|offer| offer.asks)
                .collect();
            assert!(whole.is_sorted(), "{whole:?}");
            for (n, offer) in gap.repairs.iter().enumerate() {
                assert!(
                    gap.repairs[..n]
                        .iter()
                        .all(|other| other.repair != offer.repair)
                );
            }
        }
    }
    assert!(n_gaps > 10 && few * 4 < n_gaps, "{few} of {n_gaps}");
}

/// Too few hosts for all of it, sessions with narrow windows, and speakers with little time.
static FEW_HOSTS: LazyLock<Vec<(Problem, Plan, Explanation)>> = LazyLock::new(|| {
    let all = (0..6).map(|seed| {
        // With few people a further host may cost more than it gives, and is not to be offered then.
        let operators = if seed < 3 { 40 } else { 12 };
        let size = Size {
            operators,
            ..SHORT_OF_PEOPLE
        };
        let mut problem = problem(seed, size);
        let horizon = problem.event.horizon;
        for group in problem.groups.iter_mut().skip(2) {
            group.hosting = None;
        }
        for group in problem.groups.iter_mut().filter(|_| seed >= 3) {
            group.languages.truncate(1);
        }
        for (n, session) in (0_u32..).zip(&mut problem.sessions).step_by(2) {
            session.window = Some(horizon.cells(2 * n, 2 * n + 8));
        }
        let plan = plan(&problem);
        let explanation = explain(&problem, &plan);
        (problem, plan, explanation)
    });
    all.collect()
});

#[test]
fn every_repair_offered_for_hours_without_a_host_gives_them_one() {
    let mut kinds = BTreeSet::new();
    for (problem, plan, explanation) in FEW_HOSTS.iter() {
        for hours in &explanation.unhosted {
            for offer in &hours.repairs {
                agrees(problem, plan, offer);
                let fewer = plan.score.medium.unhosted - offer.score.medium.unhosted;
                assert_eq!(fewer, i64::from(offer.closes), "{:?}", offer.repair);
                assert!(!offer.blocks.is_empty() && offer.closes <= offer.of);
                kinds.insert(kind(&offer.repair));
            }
        }
    }
    assert!(kinds.len() >= 3, "{kinds:?}");
}

#[test]
fn every_repair_offered_for_a_session_gives_it_a_place() {
    let mut kinds = BTreeSet::new();
    for (problem, plan, explanation) in FEW_HOSTS.iter() {
        for session in &explanation.unplaced {
            for offer in &session.repairs {
                agrees(problem, plan, offer);
                let placed = |plan: &Plan| {
                    plan.sessions
                        .iter()
                        .any(|one| one.session == session.session)
                };
                assert!(placed(&offer.plan) && !placed(plan), "{:?}", offer.repair);
                assert!(
                    offer
                        .sessions
                        .iter()
                        .any(|one| one.session == session.session)
                );
                kinds.insert(kind(&offer.repair));
            }
        }
    }
    assert!(kinds.len() >= 3, "{kinds:?}");
}

/// The kind of a repair, as documents name it.
fn kind(repair: &Repair) -> String {
    let document = serde_json::to_value(repair).unwrap();
    document["kind"].as_str().unwrap().to_owned()
}
