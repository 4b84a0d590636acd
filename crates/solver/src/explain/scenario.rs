//! A small relay to explain: six hours on one track, two hosts, two duties, everything covered and placed.

use meridian_model::plan::MadeBy;
use meridian_model::{
    Alert, AlertScope, Availability, Cause, Concern, Delivery, Duty, Event, Grade, GradeSpan,
    Group, Horizon, HostBlock, Hosting, Impact, Operator, Pins, PlacedSession, Plan, Policy,
    Priority, Problem, RegionalEvent, RegionalKind, Role, RoleNeed, Score, Session, Shift, Skill,
    SkillLevel, Span, Speaker, Track, TzdbStamp, ZoneName,
};

/// Cells of 30 minutes from noon, UTC.
fn horizon() -> Horizon {
    Horizon::new("2026-03-07T12:00:00Z".parse().unwrap(), 30, 12).unwrap()
}

pub(super) fn cells(from: u32, to: u32) -> Span {
    horizon().cells(from, to)
}

/// Possible throughout, but for `from..to`, which is impossible for `cause`.
pub(super) fn but_for(from: u32, to: u32, cause: Cause) -> Availability {
    let part = |from: u32, to: u32, grade: Grade, cause: Cause| {
        (from < to).then(|| GradeSpan {
            span: cells(from, to),
            grade,
            cause,
        })
    };
    let parts = [
        part(0, from, Grade::Possible, Cause::Marked),
        part(from, to, Grade::Impossible, cause),
        part(to, 12, Grade::Possible, Cause::Marked),
    ];
    Availability(parts.into_iter().flatten().collect())
}

pub(super) fn relay() -> (Problem, Plan) {
    let tzdb = TzdbStamp {
        version: "test".to_owned(),
        offsets_sha256: String::new(),
    };
    let problem = Problem {
        format: Problem::FORMAT.to_owned(),
        tzdb: tzdb.clone(),
        event: event(),
        groups: vec![group("kyoto", "Kyoto"), group("lima", "Lima")],
        operators: vec![
            operator("ana", &[("op", None)]),
            operator("bea", &[("op", None)]),
            operator("cleo", &[("mc", Some("en"))]),
            operator("dina", &[("mc", Some("en"))]),
        ],
        speakers: vec![speaker("sam"), speaker("sue")],
        sessions: vec![
            session("opening", "sam", Priority::Must),
            session("talk", "sue", Priority::Should),
        ],
        regional_events: Vec::new(),
        pins: Pins::default(),
    };
    let plan = Plan {
        format: Plan::FORMAT.to_owned(),
        event: problem.event.id.clone(),
        problem_sha256: String::new(),
        tzdb,
        revision: 0,
        made_by: MadeBy {
            engine: "hand".to_owned(),
            seed: 0,
            effort: 1,
            stopped: false,
        },
        score: Score::default(),
        blocks: vec![block("k1", "kyoto", 0, 6), block("l1", "lima", 6, 12)],
        sessions: vec![placed("opening", 0, 2), placed("talk", 6, 8)],
        shifts: vec![
            shift("s1", "ana", "op-a", 0, 6),
            shift("s2", "bea", "op-a", 6, 12),
            shift("s3", "cleo", "mc-a", 0, 6),
            shift("s4", "dina", "mc-a", 6, 12),
        ],
    };
    (problem, plan)
}

fn event() -> Event {
    Event {
        id: "small-relay".to_owned(),
        title: "Small Relay".to_owned(),
        zone: ZoneName::new("UTC"),
        horizon: horizon(),
        language: "en".into(),
        tracks: vec![Track {
            id: "a".into(),
            name: "Track A".to_owned(),
        }],
        roles: vec![
            role("op", "Stream operator", RoleNeed::Nothing, true),
            role("mc", "MC", RoleNeed::BlockLanguage, false),
            role("int", "Interpreter", RoleNeed::Interpretation, false),
        ],
        duties: vec![duty("op-a", "op"), duty("mc-a", "mc")],
        policy: Policy {
            alert: Alert {
                scope: AlertScope::Track,
                min_people: 1,
            },
            rest_min: 60,
            ..Policy::default()
        },
    }
}

fn role(id: &str, name: &str, needs: RoleNeed, alerted: bool) -> Role {
    Role {
        id: id.into(),
        name: name.to_owned(),
        alerted,
        needs,
        handover_min: 0,
    }
}

pub(super) fn duty(id: &str, role: &str) -> Duty {
    Duty {
        id: id.into(),
        role: role.into(),
        tracks: vec!["a".into()],
        spans: vec![cells(0, 12)],
        count: 1,
    }
}

fn group(id: &str, name: &str) -> Group {
    Group {
        id: id.into(),
        name: name.to_owned(),
        zone: ZoneName::new("UTC"),
        country: "XX".to_owned(),
        subdivision: None,
        languages: vec!["en".into()],
        size: 10,
        hosting: Some(Hosting {
            availability: but_for(12, 12, Cause::Marked),
            prime: vec![cells(0, 12)],
            shortest_min: 60,
            longest_min: 180,
            max_blocks: 1,
        }),
    }
}

/// Of Kyoto, possible throughout, with these trained skills.
pub(super) fn operator(id: &str, skills: &[(&str, Option<&str>)]) -> Operator {
    let skill = |&(role, language): &(&str, Option<&str>)| Skill {
        role: role.into(),
        language: language.map(Into::into),
        into: (role == "int").then(|| "en".into()),
        level: SkillLevel::Trained,
    };
    Operator {
        id: id.into(),
        group: "kyoto".into(),
        zone: ZoneName::new("UTC"),
        skills: skills.iter().map(skill).collect(),
        availability: but_for(12, 12, Cause::Marked),
        nights: Vec::new(),
        max_duty_min: 360,
        carry_over_min: 0,
        speaker: None,
        shown_as: None,
    }
}

fn speaker(id: &str) -> Speaker {
    Speaker {
        id: id.into(),
        group: None,
        zone: ZoneName::new("UTC"),
        availability: but_for(12, 12, Cause::Marked),
    }
}

/// An hour live in English with half an hour of change-over.
pub(super) fn session(id: &str, speaker: &str, priority: Priority) -> Session {
    Session {
        id: id.into(),
        title: id.to_owned(),
        kind: "talk".to_owned(),
        length_min: 60,
        changeover_min: 30,
        language: "en".into(),
        speakers: vec![speaker.into()],
        tags: Vec::new(),
        priority,
        delivery: Delivery::Live,
        group: None,
        tracks: Vec::new(),
        window: None,
    }
}

/// An event that blocks one group.
pub(super) fn fair(group: &str, from: u32, to: u32) -> RegionalEvent {
    RegionalEvent {
        id: "fair".into(),
        title: "Town Fair".to_owned(),
        kind: RegionalKind::Other,
        impact: Impact::Block,
        concerns: vec![Concern {
            group: group.into(),
            span: cells(from, to),
        }],
    }
}

pub(super) fn block(id: &str, group: &str, from: u32, to: u32) -> HostBlock {
    HostBlock {
        id: id.into(),
        track: "a".into(),
        group: group.into(),
        language: "en".into(),
        span: cells(from, to),
    }
}

pub(super) fn placed(session: &str, from: u32, to: u32) -> PlacedSession {
    PlacedSession {
        session: session.into(),
        track: "a".into(),
        span: cells(from, to),
    }
}

pub(super) fn shift(id: &str, operator: &str, duty: &str, from: u32, to: u32) -> Shift {
    Shift {
        id: id.into(),
        operator: operator.into(),
        duty: duty.into(),
        span: cells(from, to),
        handover_min: 0,
    }
}
