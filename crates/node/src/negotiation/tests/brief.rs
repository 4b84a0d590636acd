//! The event that a member makes of a brief is the coordinator's.

use std::collections::BTreeMap;
use std::path::Path;

use meridian_formats::event_folder;
use meridian_model::{Problem, ZoneSet};

use super::super::{BriefAsk, BriefError, brief_of, event_of, horizon_of, settings_of};
use super::nodes::{brief, event};
use crate::assembler;
use crate::folder::EventSource;
use crate::store::{Everything, KindRecord};

/// What a member's node makes of a brief's settings and the files of its own groups.
fn assembled(name: &str, problem: &Problem) -> Problem {
    let settings = settings_of(&brief(problem), None).unwrap();
    let record = KindRecord {
        kind: "settings".to_owned(),
        id: "event".to_owned(),
        group_id: None,
        body: serde_json::to_string(&settings).unwrap(),
    };
    let everything = Everything {
        generation: 1,
        records: vec![record],
        calendars: Vec::new(),
    };
    let mut folder = assembler::folder(&problem.event.id, &everything).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/events");
    let files: BTreeMap<_, _> = EventSource::of(&root.join(name))
        .files()
        .unwrap_or_else(|_| panic!("{name} is an event"));
    for own in ["groups.toml", "operators.csv", "availability.csv"] {
        folder.insert(own.to_owned(), files[own].clone());
    }
    folder.insert("speakers.csv".to_owned(), files["speakers.csv"].clone());
    event_folder::read(&folder, &ZoneSet::embedded()).unwrap()
}

#[test]
fn a_member_plans_with_the_events_roles_duties_policy_and_horizon() {
    for name in [
        "first-relay",
        "relay-2024",
        "midnight-dst-eu",
        "midnight-dst-us",
    ] {
        let problem = event(name);
        let member = assembled(name, &problem);
        assert_eq!(member.event, problem.event, "{name}");
        assert_eq!(member.operators.len(), problem.operators.len());
        assert_eq!(event_of(&brief(&problem), &member.event), problem.event);
    }
}

#[test]
fn every_limit_of_a_policy_is_the_members_too() {
    let mut problem = event("first-relay");
    let policy = &mut problem.event.policy;
    policy.alert.min_people = 3;
    policy.alert.scope = meridian_model::AlertScope::Event;
    policy.clashes = meridian_model::Impact::Block;
    (policy.shift_shortest_min, policy.shift_longest_min) = (75, 225);
    (policy.max_shifts, policy.rest_min, policy.max_duty_min) = (3, 181, 361);
    (
        policy.max_awake_min,
        policy.sleep_min,
        policy.speaker_preparation_min,
    ) = (901, 421, 31);
    policy.block_grid_min = 15;
    policy.weights.insert(meridian_model::RuleCode::S08, 61);
    problem.event.roles[0].alerted = false;
    let member = assembled("first-relay", &problem);
    assert_eq!(member.event, problem.event);
}

#[test]
fn groups_that_do_not_say_how_long_they_host_host_on_the_events_grid() {
    let mut problem = event("first-relay");
    let block_min = |problem: &Problem| {
        let settings = settings_of(&brief(problem), None).unwrap();
        settings.policy.unwrap().block_min
    };
    assert_eq!(block_min(&problem), None);
    problem.event.policy.block_grid_min = 45;
    assert_eq!(block_min(&problem), Some([90, 180]));
}

#[test]
fn an_undecided_brief_makes_an_event_at_each_of_its_candidates() {
    let problem = event("first-relay");
    let start = problem.event.horizon.start();
    let later = meridian_model::Timestamp::from_second(start.as_second() + 7 * 86_400).unwrap();
    let ask = BriefAsk {
        version: 1,
        phase: meridian_federation::content::Phase::Planning,
        candidates: vec![start, later],
        decided: false,
        deadlines: meridian_federation::content::Deadlines::default(),
    };
    let mut brief = brief_of(&problem, &ask);
    assert_eq!(brief.horizon, None);
    assert_eq!(horizon_of(&brief, None), Ok(problem.event.horizon));
    assert_eq!(horizon_of(&brief, Some(later)).unwrap().start(), later);
    let settings = settings_of(&brief, Some(later)).unwrap();
    assert_eq!((settings.hours, settings.cell_min), (24, 15));
    brief.candidates.clear();
    assert_eq!(settings_of(&brief, None).unwrap_err(), BriefError::NoStart);
    brief.length = None;
    assert_eq!(
        settings_of(&brief, Some(later)).unwrap_err(),
        BriefError::NoLength
    );
}
