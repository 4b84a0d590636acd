//! What a group offers says how much it has, and never who or when somebody can.

use std::collections::BTreeSet;

use meridian_federation::content::HeadCount;
use meridian_model::{
    Concern, Delivery, Grade, GroupId as Handle, Impact, Problem, RegionalEvent, RegionalKind,
    Skill, SkillLevel, Span, Timestamp,
};

use super::super::grid::{Grid, possible};
use super::super::{CapacityAsk, Pseudonyms, capacity_of, date_response, talks_of};
use super::nodes::{BRIEF, event};

fn ask() -> CapacityAsk {
    CapacityAsk {
        brief: BRIEF,
        rounding: 1,
        if_need_be: false,
        shifts: None,
    }
}

fn skill(role: &str, language: Option<&str>, into: Option<&str>) -> Skill {
    Skill {
        role: role.into(),
        language: language.map(Into::into),
        into: into.map(Into::into),
        level: SkillLevel::Trained,
    }
}

/// The cells `from..to` of first-relay, a quarter of an hour each.
fn cells(problem: &Problem, from: usize, to: usize) -> Span {
    Grid(problem.event.horizon).span(&(from..to)).unwrap()
}

/// first-relay with three people in Kyoto: two stream operators, one of whom is also the only interpreter, and an MC;
/// the last comes later.
fn kyoto() -> (Problem, Handle) {
    let mut problem = event("first-relay");
    let handle = Handle::new("kyoto");
    let early = possible(&[cells(&problem, 0, 24)]);
    let late = possible(&[cells(&problem, 8, 24)]);
    problem.regional_events.clear();
    let mut own: Vec<_> = problem
        .operators
        .iter()
        .filter(|of| of.group == handle)
        .cloned()
        .collect();
    own.truncate(3);
    for operator in &mut own {
        operator.availability = early.clone();
        operator.nights = Vec::new();
    }
    own[0].skills = vec![skill("stream-operator", None, None)];
    own[1].skills = vec![
        skill("stream-operator", None, None),
        skill("interpreter", Some("ja"), Some("en")),
    ];
    own[2].skills = vec![skill("mc", Some("ja"), None)];
    own[2].availability = late;
    problem.operators = own;
    (problem, handle)
}

fn counts(heads: &[HeadCount], role: &str) -> Vec<(u32, Vec<u32>)> {
    let of_role = heads.iter().filter(|of| of.role.as_str() == role);
    of_role
        .map(|of| (of.first_cell, of.heads.clone()))
        .collect()
}

#[test]
fn everybody_is_counted_once_at_a_time_and_for_what_fewest_can() {
    let (problem, handle) = kyoto();
    let heads = capacity_of(&problem, &handle, &ask()).heads;
    assert_eq!(counts(&heads, "stream-operator"), [(0, vec![1; 24])]);
    assert_eq!(counts(&heads, "interpreter"), [(0, vec![1; 24])]);
    assert_eq!(counts(&heads, "mc"), [(8, vec![1; 16])]);
    let mut rounded = ask();
    rounded.rounding = 2;
    assert_eq!(capacity_of(&problem, &handle, &rounded).heads, []);
}

#[test]
fn two_people_are_not_counted() {
    let (mut problem, handle) = kyoto();
    problem.operators.pop();
    assert_eq!(capacity_of(&problem, &handle, &ask()).heads, []);
    let dates = date_response(BRIEF, &[&problem], &handle);
    assert_eq!(dates.dates[0].heads, None);
}

#[test]
fn nobody_is_counted_asleep_for_alerts_nor_in_what_blocks_nor_if_need_be_unasked() {
    let (mut problem, handle) = kyoto();
    for operator in &mut problem.operators {
        operator.nights = vec![cells(&problem_event(), 0, 4)];
        operator.availability.0[0].grade = Grade::IfNeedBe;
    }
    assert_eq!(capacity_of(&problem, &handle, &ask()).heads, []);
    let mut gladly = ask();
    gladly.if_need_be = true;
    let heads = capacity_of(&problem, &handle, &gladly).heads;
    assert_eq!(
        counts(&heads, "stream-operator")[0].0,
        4,
        "asleep until the fourth cell"
    );
    assert_eq!(counts(&heads, "interpreter")[0].0, 0, "no alert, no night");
    problem.regional_events = vec![festival(&problem, &handle, Impact::Block)];
    let capacity = capacity_of(&problem, &handle, &gladly);
    assert_eq!(counts(&capacity.heads, "interpreter")[0].1[10..14], [0; 4]);
    assert_eq!(capacity.blocked[0].title, "Festival");
    let hosted = capacity
        .hosting
        .iter()
        .any(|span| span.overlaps(&cells(&problem, 10, 14)));
    assert!(!hosted);
}

fn problem_event() -> Problem {
    event("first-relay")
}

fn festival(problem: &Problem, handle: &Handle, impact: Impact) -> RegionalEvent {
    RegionalEvent {
        id: "festival".into(),
        title: "Festival".to_owned(),
        kind: RegionalKind::Other,
        impact,
        concerns: vec![Concern {
            group: handle.clone(),
            span: cells(problem, 10, 14),
        }],
    }
}

#[test]
fn dates_are_graded_by_how_many_can() {
    let (mut problem, handle) = kyoto();
    problem.groups.retain(|group| group.id == handle);
    problem.groups[0].hosting = None;
    let answer = |problem: &Problem| date_response(BRIEF, &[problem], &handle).dates[0].clone();
    let gladly = answer(&problem);
    assert_eq!((gladly.grade, gladly.heads), (Grade::Possible, Some(3)));
    assert_eq!(gladly.start, problem.event.horizon.start());
    problem.regional_events = vec![festival(&problem, &handle, Impact::Weigh)];
    assert_eq!(answer(&problem).clashes, ["Festival"]);
    problem.regional_events[0].impact = Impact::Ignore;
    assert_eq!(answer(&problem).clashes, [""; 0]);
    for operator in &mut problem.operators[..2] {
        operator.availability.0.clear();
    }
    let few = answer(&problem);
    assert_eq!((few.grade, few.heads), (Grade::IfNeedBe, Some(1)));
    problem.operators[2].availability.0.clear();
    assert_eq!(answer(&problem).grade, Grade::Impossible);
    problem
        .operators
        .iter_mut()
        .for_each(|of| of.availability = possible(&[cells(&problem_event(), 0, 24)]));
    for operator in &mut problem.operators {
        operator.availability.0[0].grade = Grade::Prefer;
    }
    assert_eq!(answer(&problem).grade, Grade::Prefer);
}

#[test]
fn a_talk_may_be_when_all_its_speakers_can_on_whole_cells() {
    let (mut problem, handle) = kyoto();
    let both = problem
        .sessions
        .iter()
        .find(|of| of.speakers.len() == 2 && of.group.as_ref() == Some(&handle));
    let id = both.unwrap().id.clone();
    problem.sessions.retain(|of| of.id == id);
    problem.sessions[0].window = None;
    let speakers = problem.sessions[0].speakers.clone();
    let odd = |span: Span| {
        let at = |by: i64| Timestamp::from_second(span.start().as_second() + by).unwrap();
        Span::new(at(400), span.end()).unwrap()
    };
    let (first, second) = (cells(&problem, 4, 20), cells(&problem, 10, 30));
    for speaker in &mut problem.speakers {
        let when = if speaker.id == speakers[0] {
            first
        } else {
            odd(second)
        };
        speaker.availability = possible(&[when]);
    }
    let pseudonyms = Pseudonyms::new([7; 32]);
    let talks = talks_of(&problem, &handle, &pseudonyms);
    assert_eq!(talks[0].windows, [cells(&problem, 11, 20)]);
    assert_eq!(talks[0].session.as_str(), format!("kyoto.{id}"));
    let known: BTreeSet<_> = speakers.iter().map(|of| pseudonyms.speaker(of)).collect();
    assert_eq!(
        talks[0].speakers.iter().cloned().collect::<BTreeSet<_>>(),
        known
    );

    problem.regional_events = vec![festival(&problem, &handle, Impact::Block)];
    assert_eq!(
        talks_of(&problem, &handle, &pseudonyms)[0].windows,
        [cells(&problem, 14, 20)]
    );
    problem.speakers[0].availability.0.clear();
    problem.speakers[1].availability.0.clear();
    assert_eq!(talks_of(&problem, &handle, &pseudonyms), []);
    problem.sessions[0].delivery = Delivery::Recorded;
    problem.regional_events.clear();
    assert_eq!(talks_of(&problem, &handle, &pseudonyms)[0].windows, []);
}
