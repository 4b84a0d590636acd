//! A small relay for tests: six hours on one track, two hosts, two duties, and a plan with nothing wrong.

use crate::plan::MadeBy;
use crate::{
    Alert, AlertScope, Availability, Cause, Concern, Delivery, Duty, Event, Grade, GradeSpan,
    Group, Horizon, HostBlock, Hosting, Impact, Language, Operator, Pins, PlacedSession, Plan,
    Policy, Priority, Problem, RegionalEvent, RegionalKind, Role, RoleNeed, RuleCode, Score,
    Session, Shift, Skill, SkillLevel, Span, Speaker, Track, TzdbStamp, ZoneName,
};

/// Cells of 30 minutes from noon, UTC.
pub(crate) fn horizon(n_cells: u32) -> Horizon {
    let start = "2026-03-07T12:00:00Z".parse().unwrap();
    Horizon::new(start, 30, n_cells).unwrap()
}

/// The span of the cells `from..to` of the small relay.
pub(crate) fn cells(from: u32, to: u32) -> Span {
    horizon(96).cells(from, to)
}

/// Availability made of `(from, to, grade)` in cells.
pub(crate) fn availability(spans: &[(u32, u32, Grade)]) -> Availability {
    let graded = |&(from, to, grade): &(u32, u32, Grade)| GradeSpan {
        span: cells(from, to),
        grade,
        cause: Cause::Marked,
    };
    Availability(spans.iter().map(graded).collect())
}

/// Possible throughout.
pub(crate) fn always() -> Availability {
    availability(&[(0, 12, Grade::Possible)])
}

/// The small relay and a plan for it that breaks no hard or medium rule.
pub(crate) fn small() -> (Problem, Plan) {
    let tzdb = TzdbStamp {
        version: "test".to_owned(),
        offsets_sha256: String::new(),
    };
    let problem = Problem {
        format: Problem::FORMAT.to_owned(),
        tzdb: tzdb.clone(),
        event: event(),
        groups: vec![
            group("kyoto", "Kyoto", &["en", "ja"]),
            group("lima", "Lima", &["en", "es"]),
        ],
        operators: vec![
            operator("ana", "kyoto", vec![skill("op", None)]),
            operator("bea", "lima", vec![skill("op", None)]),
            operator("cleo", "kyoto", vec![skill("mc", Some("en"))]),
            operator("dina", "lima", vec![skill("mc", Some("en"))]),
            operator(
                "eva",
                "lima",
                vec![skill("op", None), skill("mc", Some("en"))],
            ),
        ],
        speakers: vec![speaker("sam"), speaker("sue")],
        sessions: vec![
            session("opening", "sam", "kyoto", Priority::Must),
            Session {
                delivery: Delivery::Recorded,
                group: None,
                ..session("reserve", "sam", "kyoto", Priority::Filler)
            },
            session("talk", "sue", "lima", Priority::Should),
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
        sessions: vec![placed("opening", "a", 0, 2), placed("talk", "a", 6, 8)],
        shifts: vec![
            shift("s1", "ana", "op-a", 0, 6),
            shift("s2", "bea", "op-a", 6, 12),
            shift("s3", "cleo", "mc-a", 0, 6),
            Shift {
                handover_min: 30,
                ..shift("s4", "dina", "mc-a", 6, 12)
            },
        ],
    };
    (problem, plan)
}

fn event() -> Event {
    Event {
        id: "small-relay".to_owned(),
        title: "Small Relay".to_owned(),
        zone: ZoneName::new("UTC"),
        horizon: horizon(12),
        language: "en".into(),
        tracks: vec![track("a", "Track A")],
        roles: vec![
            role("op", "Stream operator", RoleNeed::Nothing, true),
            Role {
                handover_min: 30,
                ..role("mc", "MC", RoleNeed::BlockLanguage, false)
            },
        ],
        duties: vec![duty("op-a", "op", "a"), duty("mc-a", "mc", "a")],
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

pub(crate) fn track(id: &str, name: &str) -> Track {
    Track {
        id: id.into(),
        name: name.to_owned(),
    }
}

pub(crate) fn role(id: &str, name: &str, needs: RoleNeed, alerted: bool) -> Role {
    Role {
        id: id.into(),
        name: name.to_owned(),
        alerted,
        needs,
        handover_min: 0,
    }
}

/// One person, throughout.
pub(crate) fn duty(id: &str, role: &str, track: &str) -> Duty {
    Duty {
        id: id.into(),
        role: role.into(),
        tracks: vec![track.into()],
        spans: vec![cells(0, 12)],
        count: 1,
    }
}

fn group(id: &str, name: &str, languages: &[&str]) -> Group {
    Group {
        id: id.into(),
        name: name.to_owned(),
        zone: ZoneName::new("UTC"),
        country: "XX".to_owned(),
        subdivision: None,
        languages: languages.iter().copied().map(Language::from).collect(),
        size: 10,
        hosting: Some(Hosting {
            availability: always(),
            prime: vec![cells(0, 12)],
            shortest_min: 60,
            longest_min: 180,
            max_blocks: 1,
        }),
    }
}

pub(crate) fn skill(role: &str, language: Option<&str>) -> Skill {
    Skill {
        role: role.into(),
        language: language.map(Language::from),
        into: None,
        level: SkillLevel::Trained,
    }
}

fn operator(id: &str, group: &str, skills: Vec<Skill>) -> Operator {
    Operator {
        id: id.into(),
        group: group.into(),
        zone: ZoneName::new("UTC"),
        skills,
        availability: always(),
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
        availability: always(),
    }
}

/// An hour live in English with half an hour of change-over.
fn session(id: &str, speaker: &str, group: &str, priority: Priority) -> Session {
    Session {
        id: id.into(),
        title: id.to_owned(),
        kind: "talk".to_owned(),
        length_min: 60,
        changeover_min: 30,
        language: "en".into(),
        speakers: vec![speaker.into()],
        tags: vec!["rust".to_owned()],
        priority,
        delivery: Delivery::Live,
        group: Some(group.into()),
        tracks: Vec::new(),
        window: None,
    }
}

/// An event of this impact that concerns one group.
pub(crate) fn regional(group: &str, span: Span, impact: Impact) -> RegionalEvent {
    RegionalEvent {
        id: "fair".into(),
        title: "Town Fair".to_owned(),
        kind: RegionalKind::Other,
        impact,
        concerns: vec![Concern {
            group: group.into(),
            span,
        }],
    }
}

pub(crate) fn block(id: &str, group: &str, from: u32, to: u32) -> HostBlock {
    HostBlock {
        id: id.into(),
        track: "a".into(),
        group: group.into(),
        language: "en".into(),
        span: cells(from, to),
    }
}

pub(crate) fn placed(session: &str, track: &str, from: u32, to: u32) -> PlacedSession {
    PlacedSession {
        session: session.into(),
        track: track.into(),
        span: cells(from, to),
    }
}

pub(crate) fn shift(id: &str, operator: &str, duty: &str, from: u32, to: u32) -> Shift {
    Shift {
        id: id.into(),
        operator: operator.into(),
        duty: duty.into(),
        span: cells(from, to),
        handover_min: 0,
    }
}

/// What the checker says of one rule.
pub(crate) fn says(rule: RuleCode, problem: &Problem, plan: &Plan) -> Vec<String> {
    let matches = super::check(problem, plan).matches;
    let of_rule = matches.into_iter().filter(|found| found.rule == rule);
    of_rule.map(|found| found.says).collect()
}
