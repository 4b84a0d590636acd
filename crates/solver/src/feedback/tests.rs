//! Events for which one after the other provably fails, and what holds of every programme that feedback makes.

use meridian_model::check::check;
use meridian_model::{
    Availability, Cause, Duty, Grade, GradeSpan, Group, Hosting, Language, Operator, Problem, Role,
    RoleNeed, Skill, SkillLevel, Span,
};

use super::moves::{Move, Neighbourhood};
use super::prices::GAP;
use super::{Point, Staffed, Task, again, improve, whole};
use crate::instance::Instance;
use crate::pins::{self, CellPins};
use crate::programme::beam::{self, Beam};
use crate::programme::candidates::candidates;
use crate::programme::placement::Placer;
use crate::programme::{Block, Programme};
use crate::roster::eligibility::Eligibility;
use crate::roster::state::State;
use crate::support::{Size, problem};
use crate::{Coupling, Engine, NeverStop, Options, Silent, evaluate, solve};

const SMALL: Size = Size {
    groups: 6,
    tracks: 1,
    operators: 14,
    sessions: 20,
    hours: 24,
    cell_min: 30,
};

/// Four hours, two hosts of two hours each. Each would rather host in the half in which nobody speaks its language.
fn crossed() -> Problem {
    let size = Size {
        groups: 2,
        tracks: 1,
        operators: 2,
        sessions: 0,
        hours: 4,
        cell_min: 15,
    };
    let mut event = problem(1, size);
    let whole = event.event.horizon.span();
    let middle = event.event.horizon.cells(8, 9).start();
    let halves = [
        Span::new(whole.start(), middle).unwrap(),
        Span::new(middle, whole.end()).unwrap(),
    ];
    let all_of = |span: Span| {
        let (grade, cause) = (Grade::Possible, Cause::Marked);
        Availability(vec![GradeSpan { span, grade, cause }])
    };
    event.regional_events.clear();
    event.event.roles = vec![Role {
        id: "mc".into(),
        name: "MC".to_owned(),
        alerted: false,
        needs: RoleNeed::BlockLanguage,
        handover_min: 0,
    }];
    event.event.duties = vec![Duty {
        id: "mc".into(),
        role: "mc".into(),
        tracks: vec!["t0".into()],
        spans: vec![whole],
        count: 1,
    }];
    event.event.policy.alert.min_people = 0;
    let languages: [Language; 2] = ["ja".into(), "es".into()];
    for (n, group) in event.groups.iter_mut().enumerate() {
        *group = Group {
            languages: vec![languages[n].clone()],
            hosting: Some(Hosting {
                availability: all_of(whole),
                prime: vec![halves[n]],
                shortest_min: 120,
                longest_min: 120,
                max_blocks: 1,
            }),
            ..group.clone()
        };
    }
    for (n, operator) in event.operators.iter_mut().enumerate() {
        *operator = Operator {
            skills: vec![Skill {
                role: "mc".into(),
                language: Some(languages[n].clone()),
                into: None,
                level: SkillLevel::Trained,
            }],
            availability: all_of(halves[1 - n]),
            nights: Vec::new(),
            speaker: None,
            ..operator.clone()
        };
    }
    event
}

fn options(engine: Engine, coupling: Coupling) -> Options {
    Options {
        effort: 1,
        engine,
        coupling,
        ..Options::default()
    }
}

fn gaps(problem: &Problem, engine: Engine, coupling: Coupling) -> i64 {
    let outcome = solve(problem, &options(engine, coupling), &NeverStop, &mut Silent).unwrap();
    assert_eq!(check(problem, &outcome.plan).score, outcome.plan.score);
    outcome.plan.score.medium.gaps
}

/// A quick programme with nobody on duty.
fn quick(instance: &Instance<'_>, pins: &CellPins) -> Staffed {
    let beam = Beam {
        width: 20,
        sweeps: 1,
        stop: &NeverStop,
    };
    let picked = beam::cover(instance, &candidates(instance), &[], beam).into_iter();
    let blocks = picked.map(|(track, pick)| Block::of(instance, track, pick));
    let mut placer = Placer::new(instance, blocks.collect(), &pins.sessions);
    placer.fill();
    Staffed {
        programme: placer.into_programme(),
        roster: vec![Vec::new(); instance.operators.len()],
    }
}

#[test]
fn two_hosts_change_places_when_nobody_speaks_their_language_in_the_hours_they_like() {
    let event = crossed();
    for engine in [Engine::Pure, Engine::default()] {
        assert_eq!(gaps(&event, engine, Coupling::OneAfterTheOther), 16);
        assert_eq!(gaps(&event, engine, Coupling::Together), 0);
    }
}

/// What `look` sees of an event whose blocks and people are searched together.
fn at(event: &Problem, look: impl FnOnce(Task<'_, '_>)) {
    let instance = Instance::lower(event).unwrap();
    let pins = pins::lower(&instance).unwrap();
    let options = options(Engine::Pure, Coupling::Together);
    look(Task {
        instance: &instance,
        pins: &pins,
        options: &options,
        stop: &NeverStop,
    });
}

/// What `look` sees of the crossed event, each block in its prime hours and as well staffed as it can be.
fn at_the_crossing(look: impl Fn(&Task<'_, '_>, &Point)) {
    at(&crossed(), |task| {
        let here = task.point(quick(task.instance, task.pins), 100);
        assert_eq!(here.score.medium.gaps, 16);
        look(&task, &here);
    });
}

#[test]
fn the_move_expected_to_gain_most_is_that_both_hosts_change_places() {
    at_the_crossing(|task, here| {
        let round = Neighbourhood {
            instance: task.instance,
            programme: &here.staffed.programme,
            pinned: &[],
            prices: &task.prices(here),
        };
        let (change, best) = round.moves().into_iter().min().unwrap();
        let Move::Recast(recasts) = best else {
            panic!("{best:?}");
        };
        assert!(
            change < -10 * GAP && recasts.len() == 2,
            "{change} {recasts:?}"
        );
    });
}

#[test]
fn blocks_chosen_again_at_the_prices_of_the_roster_lie_where_people_are() {
    at_the_crossing(|task, here| {
        let before = &here.staffed.programme;
        let blocks = again::blocks(task, before, &task.prices(here));
        let starts = |blocks: &[Block]| -> Vec<(usize, usize)> {
            let mut starts: Vec<_> = blocks.iter().map(|b| (b.group, b.start)).collect();
            starts.sort_unstable();
            starts
        };
        assert_eq!(starts(&before.blocks), [(0, 0), (1, 8)]);
        assert_eq!(starts(&blocks), [(0, 8), (1, 0)]);
    });
}

#[test]
fn pinned_blocks_stay_where_they_are_whatever_they_cost() {
    let mut event = crossed();
    let options = options(Engine::Pure, Coupling::OneAfterTheOther);
    let first = solve(&event, &options, &NeverStop, &mut Silent).unwrap();
    event.pins.blocks = first.plan.blocks.clone();
    assert_eq!(gaps(&event, Engine::Pure, Coupling::Together), 16);
}

#[test]
fn what_feedback_compares_is_the_score_but_for_what_no_choice_changes() {
    for seed in 0..4 {
        let event = problem(seed, SMALL);
        at(&event, |task| compare_all(&event, task));
    }
}

fn compare_all(event: &Problem, task: Task<'_, '_>) {
    let instance = task.instance;
    let start = Staffed {
        programme: Programme::default(),
        roster: vec![Vec::new(); instance.operators.len()],
    };
    let mut rest = Vec::new();
    let mut compare = |staffed: &Staffed| {
        let Staffed { programme, roster } = staffed;
        let eligibility = Eligibility::of(instance, programme);
        let state = State::of(instance, &eligibility, roster);
        let mut plan = crate::assemble::assemble(instance, programme, roster, task.options, false);
        plan.score = evaluate::score(instance, programme, &state, &plan);
        assert_eq!(check(event, &plan).score, plan.score);
        let ours = whole(instance, programme, state.cost());
        assert_eq!(ours.medium, plan.score.medium);
        rest.push(plan.score.soft - ours.soft);
    };
    compare(&start);
    improve(task, quick(instance, task.pins), &mut compare);
    assert!(
        rest.len() > 2 && rest.iter().all(|r| *r == rest[0]),
        "{rest:?}"
    );
}
