//! What the explanations say of small relays in which something is missing.

use meridian_model::{Cause, Delivery, Plan, Priority, Problem, Subject};

use super::scenario::{block, but_for, cells, duty, fair, operator, placed, relay, session, shift};
use super::{Exclusion, GapReason, explain};

fn lines(exclusions: &[Exclusion]) -> Vec<String> {
    let line = |exclusion: &Exclusion| {
        format!(
            "{} {}: {}",
            exclusion.rule,
            name(&exclusion.subject),
            exclusion.says
        )
    };
    exclusions.iter().map(line).collect()
}

fn name(subject: &Subject) -> &str {
    match subject {
        Subject::Operator(id) => id.as_str(),
        Subject::Duty(id) => id.as_str(),
        Subject::Block(id) => id.as_str(),
        Subject::Session(id) => id.as_str(),
        Subject::Group(id) => id.as_str(),
        Subject::Speaker(id) => id.as_str(),
        Subject::RegionalEvent(id) => id.as_str(),
        other => panic!("{other:?} is not explained"),
    }
}

fn names<T: ToString>(ids: &[T]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// The one gap of a plan.
fn gap(problem: &Problem, plan: &Plan) -> GapReason {
    let mut gaps = explain(problem, plan).gaps;
    assert_eq!(gaps.len(), 1, "{gaps:#?}");
    gaps.remove(0)
}

/// The small relay without bea, so that its second half has no stream operator.
fn without_bea() -> (Problem, Plan) {
    let (mut problem, mut plan) = relay();
    problem.operators.remove(1);
    plan.shifts.remove(1);
    (problem, plan)
}

#[test]
fn a_whole_plan_needs_no_explanation() {
    let (problem, plan) = relay();
    let explanation = explain(&problem, &plan);
    assert!(explanation.gaps.is_empty());
    assert!(explanation.unplaced.is_empty());
    assert!(explanation.unhosted.is_empty());
}

#[test]
fn a_gap_says_of_everyone_with_the_role_what_keeps_her_taken_alone() {
    let (mut problem, plan) = without_bea();
    let causes = [
        ("busy", Cause::Busy),
        ("marked", Cause::Marked),
        ("asleep", Cause::Night),
        ("ruled", Cause::Rule),
        ("festive", Cause::Holiday),
        ("absent", Cause::NotOffered),
    ];
    problem.operators.clear();
    for (id, cause) in causes {
        let mut person = operator(id, &[("op", None)]);
        person.availability = but_for(6, 12, cause);
        problem.operators.push(person);
    }
    let mut awake = operator("sleepy", &[("op", None)]);
    awake.nights = vec![cells(5, 12)];
    let mut local = operator("local", &[("op", None)]);
    local.group = "lima".into();
    problem.regional_events = vec![fair("lima", 5, 12)];
    let mut short = operator("hurried", &[("op", None)]);
    short.availability = but_for(7, 12, Cause::Busy);
    let Some(first) = short.availability.0.first_mut() else {
        unreachable!("she is free at first")
    };
    first.span = cells(6, 7);
    let mut spare = operator("sparing", &[("op", None)]);
    spare.max_duty_min = 30;
    problem.operators.extend([awake, local, short, spare]);

    let gap = gap_after(&problem, &plan, 6, 12);
    assert_eq!(gap.eligible, []);
    assert_eq!(
        lines(&gap.exclusions),
        [
            "H12 busy: busy by the calendar",
            "H12 marked: marked the time impossible",
            "H12 asleep: night, not opened for duty",
            "H12 ruled: a rule against the time",
            "H12 festive: a public holiday, kept free",
            "H12 absent: did not offer the time",
            "H15 sleepy: would answer alerts as Stream operator at night",
            "H17 local: kept by \"Town Fair\" of Lima",
            "H18 hurried: could cover 30 min in a row, and a shift has at least 60; \
             beside that: did not offer the time and busy by the calendar",
            "H19 sparing: may be on duty in 24 hours for 30 min, and the shortest shift has 60",
        ]
    );
}

/// The gap from and to these cells, which need not be the only one.
fn gap_after(problem: &Problem, plan: &Plan, from: u32, to: u32) -> GapReason {
    let mut gaps = explain(problem, plan).gaps.into_iter();
    gaps.find(|gap| gap.span == cells(from, to)).unwrap()
}

#[test]
fn a_gap_says_of_the_eligible_what_their_other_shifts_break() {
    let (mut problem, mut plan) = without_bea();
    problem.event.policy.max_shifts = 1;
    problem.event.policy.shift_longest_min = 180;
    problem.operators = vec![
        operator("ana", &[("op", None)]),
        operator("cleo", &[("mc", Some("en")), ("op", None)]),
        operator("dina", &[("mc", Some("en")), ("op", None)]),
    ];
    plan.shifts[0].span = cells(0, 3);
    plan.shifts.push(shift("s5", "eva", "op-a", 3, 6));
    let says = |problem: &Problem, plan: &Plan| lines(&gap(problem, plan).exclusions);
    let unseen = gap(&problem, &plan);
    assert_eq!(names(&unseen.eligible), ["ana", "cleo", "dina"]);
    assert_eq!((unseen.missing, unseen.span), (1, cells(6, 12)));
    assert_eq!(
        says(&problem, &plan),
        [
            "H22 ana: has 1 of 1 shifts already",
            "H22 cleo: has 1 of 1 shifts already, and for part of it would not rest 60 min \
             beside the shift as MC (mc-a)",
            "H13 dina: on duty as MC (mc-a) then",
        ]
    );
    problem.event.policy.max_shifts = 2;
    problem.event.policy.rest_min = 600;
    assert_eq!(
        says(&problem, &plan)[..2],
        [
            "H21 ana: would not rest 600 min beside the shift as Stream operator (op-a)",
            "H21 cleo: would not rest 600 min beside the shift as MC (mc-a), and for part of it \
             on duty as MC (mc-a) then",
        ]
    );
    problem.operators[0].max_duty_min = 140;
    assert_eq!(
        says(&problem, &plan)[0],
        "H19 ana: would be on duty for more than 140 min in 24 hours"
    );
    problem.operators[0].max_duty_min = 360;
    problem.event.policy.max_awake_min = 200;
    assert_eq!(
        says(&problem, &plan)[0],
        "H20 ana: would have more than 200 min from first to last duty without 420 min to sleep"
    );
}

#[test]
fn whoever_could_take_a_gap_as_the_plan_stands_is_eligible_and_not_excluded() {
    let (mut problem, mut plan) = without_bea();
    problem.operators.push(operator("free", &[("op", None)]));
    plan.shifts[0].span = cells(2, 6);
    problem.event.policy.shift_longest_min = 180;
    problem.event.policy.rest_min = 600;
    let first = gap_after(&problem, &plan, 0, 2);
    // Ana could begin earlier; that her shift would rest too little from a new one does not matter.
    assert_eq!(names(&first.eligible), ["ana", "free"]);
    assert_eq!(first.exclusions, []);
}

#[test]
fn a_language_gap_says_whose_languages_are_others_and_when_nobody_has_it() {
    let (mut problem, mut plan) = relay();
    plan.blocks[1].language = "es".into();
    plan.shifts.remove(3);
    assert_eq!(
        lines(&gap(&problem, &plan).exclusions),
        [
            "H16 mc-a: nobody has the skill MC in es for MC (mc-a)",
            "H16 cleo: lacks the skill MC in es",
            "H16 dina: lacks the skill MC in es",
        ]
    );
    problem.event.duties[1] = duty("int-a", "int");
    plan.shifts.remove(2);
    let nobody = gap(&problem, &plan);
    assert_eq!(nobody.exclusions[0].subject, Subject::Duty("int-a".into()));
    assert_eq!(
        lines(&nobody.exclusions),
        ["H16 int-a: nobody has the skill Interpreter from es into en for Interpreter (int-a)"]
    );
    problem
        .operators
        .push(operator("eva", &[("int", Some("es"))]));
    let gap = gap(&problem, &plan);
    assert_eq!(
        (names(&gap.eligible), gap.exclusions),
        (vec!["eva".to_owned()], vec![])
    );
}

#[test]
fn a_speaker_is_kept_from_duty_by_her_own_session() {
    let (mut problem, plan) = without_bea();
    problem.operators.remove(0);
    let mut sue = operator("sue-op", &[("op", None)]);
    sue.speaker = Some("sue".into());
    sue.availability = but_for(8, 12, Cause::Busy);
    problem.operators.push(sue);
    let kept = gap_after(&problem, &plan, 6, 12);
    assert_eq!(
        lines(&kept.exclusions),
        [
            "H12 sue-op: busy by the calendar, and for part of it speaks live in \"talk\" (talk) or prepares to"
        ]
    );
}

/// The one unplaced session: the blocks that could take it, and what is said of the others.
fn unplaced(problem: &Problem, plan: &Plan) -> (Vec<String>, Vec<String>) {
    let unplaced = explain(problem, plan).unplaced;
    assert_eq!(unplaced.len(), 1);
    (names(&unplaced[0].eligible), lines(&unplaced[0].exclusions))
}

#[test]
fn an_unplaced_session_says_of_each_block_what_is_in_the_way() {
    let (mut problem, mut plan) = relay();
    problem
        .sessions
        .push(session("panel", "sue", Priority::Must));
    assert_eq!(unplaced(&problem, &plan).0, ["k1", "l1"]);

    problem
        .sessions
        .push(session("keynote", "sam", Priority::Must));
    plan.sessions.push(placed("keynote", 3, 5));
    problem.speakers[1].availability = but_for(9, 12, Cause::Busy);
    assert_eq!(
        unplaced(&problem, &plan),
        (
            vec![],
            vec![
                "H08 k1: other sessions leave no 90 min in a row, which it needs"
                    .to_owned(),
                "H08 l1: other sessions leave no 90 min in a row, which it needs, and for part of it its speaker sue: busy by the calendar"
                    .to_owned(),
            ]
        )
    );
}

#[test]
fn an_unplaced_session_is_kept_by_its_people_elsewhere() {
    let (mut problem, mut plan) = relay();
    plan.sessions.remove(0);
    plan.blocks.remove(1);
    let says = |problem: &Problem, plan: &Plan| unplaced(problem, plan).1;
    problem.regional_events = vec![fair("oslo", 0, 6)];
    problem.speakers[0].group = Some("oslo".into());
    let in_block = "k1:";
    let clash = format!("H11 {in_block} \"Town Fair\" keeps oslo from it");
    assert_eq!(says(&problem, &plan), [clash]);
    let alone_keep = |problem: &Problem, plan: &Plan| {
        let conflict = explain(problem, plan).unplaced.remove(0).conflict;
        lines(&conflict.unwrap())
    };
    // Wherever no block is, it is the block that is lacking.
    let block = "H06 opening: its 90 min, change-over counted, lie inside one block";
    let fair = "H11 fair: \"Town Fair\" keeps oslo from it";
    assert_eq!(alone_keep(&problem, &plan), [block, fair]);

    problem.regional_events.clear();
    problem.operators[0].speaker = Some("sam".into());
    let duty = format!("H13 {in_block} its speaker is ana, on duty as Stream operator (op-a) then");
    assert_eq!(says(&problem, &plan), [duty]);
    let duty = "H13 ana: on duty as Stream operator (op-a) then";
    assert_eq!(alone_keep(&problem, &plan), [block, duty]);

    problem.sessions[1].speakers = vec!["sam".into()];
    problem.event.tracks.push(meridian_model::Track {
        id: "b".into(),
        name: "Track B".to_owned(),
    });
    plan.sessions[0].track = "b".into();
    plan.sessions[0].span = cells(0, 6);
    let elsewhere = format!("H10 {in_block} its speaker sam speaks in \"talk\" (talk) then");
    assert_eq!(says(&problem, &plan), [elsewhere]);
    let elsewhere = "H10 sam: speaks in another session then";
    assert_eq!(alone_keep(&problem, &plan), [block, elsewhere]);

    problem.sessions[0].delivery = Delivery::Recorded;
    assert_eq!(unplaced(&problem, &plan).0, ["k1"]);
}

#[test]
fn a_session_that_fits_into_no_block_says_how_many_fail_for_what() {
    let (mut problem, mut plan) = relay();
    plan.sessions.remove(1);
    problem.sessions[1].length_min = 120;
    problem.sessions[1].window = Some(cells(0, 3));
    plan.blocks[1] = block("l1", "lima", 6, 9);
    assert_eq!(
        unplaced(&problem, &plan).1,
        [
            "H06 talk: fits into no block: it needs 150 min with its change-over, \
          and of 2 blocks 1 too short and 1 outside its window"
        ]
    );
    plan.blocks.clear();
    let all = explain(&problem, &plan).unplaced;
    let talk = all.iter().find(|reason| reason.session == "talk".into());
    assert_eq!(
        lines(&talk.unwrap().exclusions),
        ["H06 talk: fits into no block: the plan has no blocks"]
    );
}

#[test]
fn sessions_that_must_be_on_come_first_and_fillers_not_at_all() {
    let (mut problem, mut plan) = relay();
    plan.sessions.clear();
    problem.sessions.reverse();
    problem
        .sessions
        .push(session("reserve", "sue", Priority::Filler));
    let unplaced = explain(&problem, &plan).unplaced;
    let order: Vec<&str> = unplaced
        .iter()
        .map(|reason| reason.session.as_str())
        .collect();
    assert_eq!(order, ["opening", "talk"]);
}

#[test]
fn a_track_without_a_host_says_of_every_group_what_keeps_it() {
    let (mut problem, mut plan) = relay();
    plan.blocks.truncate(1);
    let mut add = |id: &str, from: u32, cause: Cause| {
        let mut group = problem.groups[1].clone();
        group.id = id.into();
        group.hosting.as_mut().unwrap().availability = but_for(from, 12, cause);
        problem.groups.push(group);
    };
    add("accra", 6, Cause::NotOffered);
    add("berne", 7, Cause::Marked);
    add("quito", 12, Cause::Marked);
    add("oslo", 12, Cause::Marked);
    let slow = problem.groups[4].hosting.as_mut().unwrap();
    (slow.shortest_min, slow.longest_min) = (210, 240);
    problem.groups[5].hosting = None;
    problem.regional_events = vec![fair("lima", 5, 11)];
    let unhosted = explain(&problem, &plan).unhosted;
    assert_eq!(unhosted.len(), 1);
    assert_eq!(
        (unhosted[0].track.as_str(), unhosted[0].span),
        ("a", cells(6, 12))
    );
    assert_eq!(names(&unhosted[0].eligible), ["kyoto"]);
    assert_eq!(
        lines(&unhosted[0].exclusions),
        [
            "H05 kyoto: has 1 of 1 blocks already",
            "H04 lima: kept by \"Town Fair\"",
            "H03 accra: did not offer the time",
            "H03 berne: marked the time impossible",
            "H05 quito: the 180 min are too few for a block on the grid of at least 210",
        ]
    );
    // A block that may last longer is a way too.
    problem.groups[0].hosting.as_mut().unwrap().longest_min = 210;
    let kyoto = &explain(&problem, &plan).unhosted[0];
    assert!(
        kyoto
            .exclusions
            .iter()
            .all(|one| one.subject != Subject::Group("kyoto".into()))
    );
}
