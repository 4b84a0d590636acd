//! A small relay over the night in which Europe's clocks go back: three groups, two tracks, six operators,
//! a gap, a clash, titles that try to be markup.

use std::sync::LazyLock;

use meridian_model::event::{Duty, Event, Policy, Role, RoleNeed, Track};
use meridian_model::group::{Group, Hosting};
use meridian_model::plan::{HostBlock, MadeBy, PlacedSession, Plan, Shift};
use meridian_model::score::{Match, Report, Score, Subject};
use meridian_model::{
    Availability, Concern, Delivery, DutyId, Horizon, Impact, Language, Operator, Pins, Priority,
    Problem, RegionalEvent, RegionalKind, RoleId, RuleCode, Session, Skill, SkillLevel, Span,
    Timestamp, TrackId, TzdbStamp, ZoneName, ZoneSet,
};

/// A title that must stay text everywhere.
pub(crate) const HOSTILE: &str =
    "</script><img src=x onerror=alert(1)> \"=1+2\" & | `x`\u{202e}\u{1b}[31m";

/// The embedded zones, read once.
pub(crate) static ZONES: LazyLock<ZoneSet> = LazyLock::new(ZoneSet::embedded);

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn span(start: &str, end: &str) -> Span {
    Span::new(at(start), at(end)).unwrap()
}

/// A span by minutes from the start of the event.
pub(crate) fn minutes(from: i64, to: i64) -> Span {
    let start = at("2026-10-24T18:00:00Z").as_second();
    let at = |minute: i64| Timestamp::from_second(start + minute * 60).unwrap();
    Span::new(at(from), at(to)).unwrap()
}

pub(crate) fn event(
    id: &str,
    title: &str,
    zone: &str,
    horizon: Horizon,
    duties: Vec<Duty>,
) -> Event {
    let role = |id: &str, name: &str, alerted, needs| Role {
        id: RoleId::from(id),
        name: name.to_owned(),
        alerted,
        needs,
        handover_min: 10,
    };
    let track = |id: &str, name: &str| Track {
        id: TrackId::from(id),
        name: name.to_owned(),
    };
    Event {
        id: id.to_owned(),
        title: title.to_owned(),
        zone: ZoneName::new(zone),
        horizon,
        language: Language::from("en"),
        tracks: vec![track("a", "Track A"), track("b", "Track B")],
        roles: vec![
            role(
                "stream-operator",
                "Stream operator",
                true,
                RoleNeed::Nothing,
            ),
            role("mc", "MC", false, RoleNeed::BlockLanguage),
            role("moderator", "Moderator", true, RoleNeed::Nothing),
            role("engineer", "Engineer", true, RoleNeed::Nothing),
            role(
                "interpreter",
                "Interpreter",
                false,
                RoleNeed::Interpretation,
            ),
        ],
        duties,
        policy: Policy::default(),
    }
}

pub(crate) fn duty(id: &str, role: &str, tracks: &[&str], when: Span) -> Duty {
    Duty {
        id: DutyId::from(id),
        role: RoleId::from(role),
        tracks: tracks.iter().map(|&track| TrackId::from(track)).collect(),
        spans: vec![when],
        count: 1,
    }
}

pub(crate) fn group(id: &str, name: &str, zone: &str, languages: &[&str]) -> Group {
    Group {
        id: id.into(),
        name: name.to_owned(),
        zone: ZoneName::new(zone),
        country: "XX".to_owned(),
        subdivision: None,
        languages: languages.iter().map(|&l| Language::from(l)).collect(),
        size: 30,
        hosting: Some(Hosting {
            availability: Availability(Vec::new()),
            prime: Vec::new(),
            shortest_min: 60,
            longest_min: 180,
            max_blocks: 2,
        }),
    }
}

/// An operator with nights from 23:00 to 07:00 of her zone over the horizon, and half a day around it.
pub(crate) fn operator(id: &str, group: &Group, horizon: Horizon) -> Operator {
    let zone = ZONES.zone(group.zone.as_str()).unwrap();
    let mut day = horizon.start().to_zoned(zone.clone()).date();
    day = day.yesterday().unwrap();
    let mut nights = Vec::new();
    for _ in 0..4 {
        let start = day.at(23, 0, 0, 0).to_zoned(zone.clone()).unwrap();
        day = day.tomorrow().unwrap();
        let end = day.at(7, 0, 0, 0).to_zoned(zone.clone()).unwrap();
        let night = Span::new(start.timestamp(), end.timestamp()).unwrap();
        nights.extend(night.intersection(&horizon.span()));
    }
    Operator {
        id: id.into(),
        group: group.id.clone(),
        zone: group.zone.clone(),
        skills: vec![Skill {
            role: RoleId::from("moderator"),
            language: None,
            into: None,
            level: SkillLevel::Trained,
        }],
        availability: Availability(Vec::new()),
        nights,
        max_duty_min: 360,
        carry_over_min: 0,
        speaker: None,
        shown_as: None,
    }
}

pub(crate) fn session(id: &str, title: &str, language: &str, minutes: u32) -> Session {
    Session {
        id: id.into(),
        title: title.to_owned(),
        kind: "talk".to_owned(),
        length_min: minutes,
        changeover_min: 5,
        language: Language::from(language),
        speakers: Vec::new(),
        tags: Vec::new(),
        priority: Priority::Should,
        delivery: Delivery::Live,
        group: None,
        tracks: Vec::new(),
        window: None,
    }
}

pub(crate) fn block(id: &str, track: &str, group: &str, language: &str, span: Span) -> HostBlock {
    HostBlock {
        id: id.into(),
        track: track.into(),
        group: group.into(),
        language: language.into(),
        span,
    }
}

pub(crate) fn placed(session: &str, track: &str, span: Span) -> PlacedSession {
    PlacedSession {
        session: session.into(),
        track: track.into(),
        span,
    }
}

pub(crate) fn shift(id: &str, operator: &str, duty: &str, span: Span, handover_min: u32) -> Shift {
    Shift {
        id: id.into(),
        operator: operator.into(),
        duty: duty.into(),
        span,
        handover_min,
    }
}

pub(crate) fn stamp() -> TzdbStamp {
    TzdbStamp {
        version: "2026f".to_owned(),
        offsets_sha256: "0".repeat(64),
    }
}

pub(crate) fn plan(
    event: &str,
    blocks: Vec<HostBlock>,
    sessions: Vec<PlacedSession>,
    shifts: Vec<Shift>,
) -> Plan {
    Plan {
        format: Plan::FORMAT.to_owned(),
        event: event.to_owned(),
        problem_sha256: "0".repeat(64),
        tzdb: stamp(),
        revision: 3,
        made_by: MadeBy {
            engine: "hand".to_owned(),
            seed: 1,
            effort: 5,
            stopped: false,
        },
        score: Score::default(),
        blocks,
        sessions,
        shifts,
    }
}

fn problem() -> Problem {
    let horizon = Horizon::new(at("2026-10-24T18:00:00Z"), 5, 288).unwrap();
    let whole = horizon.span();
    let duties = vec![
        duty("mod-a", "moderator", &["a"], whole),
        duty("eng", "engineer", &["a", "b"], minutes(0, 360)),
    ];
    let groups = vec![
        group("berlin", "Berlin <b>&", "Europe/Berlin", &["de", "en"]),
        group("kathmandu", "Kathmandu", "Asia/Kathmandu", &["ne"]),
        group("montevideo", "Montevideo", "America/Montevideo", &["es"]),
    ];
    let mut operators = Vec::new();
    for (index, id) in ["op-be1", "op-be2", "op-ka1", "op-ka2", "op-mo1", "op-mo2"]
        .into_iter()
        .enumerate()
    {
        operators.push(operator(id, &groups[index / 2], horizon));
    }
    operators[5].speaker = Some("speaker-01".into());
    let mut sessions = vec![
        session("open", "Opening", "en", 30),
        session("s1", HOSTILE, "de", 45),
        session(
            "s2",
            "コミュニティの作り方: 小さく始めて長く続けるために",
            "ja",
            60,
        ),
        session("s3", "Charlas cortas, café y comunidad", "es", 40),
        session("s4", "مرحبا بالعالم", "ar", 20),
    ];
    sessions[3].speakers = vec!["speaker-01".into()];
    Problem {
        format: Problem::FORMAT.to_owned(),
        tzdb: stamp(),
        event: event(
            "small",
            "Small Relay & Friends",
            "Europe/Berlin",
            horizon,
            duties,
        ),
        groups,
        operators,
        speakers: Vec::new(),
        sessions,
        regional_events: vec![RegionalEvent {
            id: "fair".into(),
            title: "River Fair <i>".to_owned(),
            kind: RegionalKind::Conference,
            impact: Impact::Weigh,
            concerns: vec![Concern {
                group: "montevideo".into(),
                span: span("2026-10-24T12:00:00Z", "2026-10-24T23:00:00Z"),
            }],
        }],
        pins: Pins::default(),
    }
}

/// The problem, its plan and what a checker says of the gap.
pub(crate) fn small() -> (Problem, Plan, Report) {
    let problem = problem();
    let blocks = vec![
        block("blk-1", "a", "montevideo", "es", minutes(0, 360)),
        block("blk-2", "a", "berlin", "de", minutes(360, 660)),
        block("blk-3", "a", "kathmandu", "ne", minutes(660, 1440)),
        block("blk-4", "b", "berlin", "en", minutes(0, 480)),
    ];
    let sessions = vec![
        placed("open", "a", minutes(0, 30)),
        placed("s3", "a", minutes(120, 160)),
        // From 02:30 summer time to 02:15 winter time in Berlin.
        placed("s1", "a", minutes(390, 435)),
        placed("s2", "b", minutes(60, 120)),
        placed("s4", "b", minutes(200, 220)),
    ];
    let shifts = vec![
        shift("sh-1", "op-mo1", "mod-a", minutes(0, 240), 0),
        shift("sh-2", "op-be1", "mod-a", minutes(240, 420), 10),
        shift("sh-3", "op-ka1", "mod-a", minutes(600, 840), 0),
        shift("sh-4", "op-ka2", "mod-a", minutes(840, 1080), 10),
        shift("sh-5", "op-be2", "mod-a", minutes(1080, 1260), 10),
        shift("sh-6", "op-mo2", "mod-a", minutes(1260, 1440), 10),
        shift("sh-7", "op-mo2", "eng", minutes(180, 360), 0),
    ];
    let matches = vec![
        Match {
            rule: RuleCode::M04,
            amount: 36,
            subjects: vec![Subject::Duty("mod-a".into())],
            spans: vec![minutes(420, 600)],
            says: "Moderator (mod-a) lacks 1 person".to_owned(),
            remedy: "ask someone in Kathmandu to start at dawn".to_owned(),
        },
        Match {
            rule: RuleCode::M04,
            amount: 36,
            subjects: vec![Subject::Duty("eng".into())],
            spans: vec![minutes(0, 180)],
            says: "Engineer (eng) lacks 1 person".to_owned(),
            remedy: String::new(),
        },
    ];
    let report = Report {
        score: Score::default(),
        matches,
    };
    let plan = plan("small", blocks, sessions, shifts);
    (problem, plan, report)
}

/// The same plan in a longer event with more tracks: wider than any screen.
pub(crate) fn wide() -> (Problem, Plan, Report) {
    let (mut problem, mut plan, report) = small();
    let horizon = problem.event.horizon;
    problem.event.id = "wide".to_owned();
    problem.event.horizon = Horizon::new(horizon.start(), 5, 12 * 60).unwrap();
    for (id, name) in [
        ("c", "Track C"),
        ("d", "Track D, for newcomers and everyone else"),
    ] {
        problem.event.tracks.push(Track {
            id: TrackId::from(id),
            name: name.to_owned(),
        });
    }
    problem
        .sessions
        .push(session("tiny", "Five minutes", "es", 5));
    plan.event = "wide".to_owned();
    plan.blocks
        .push(block("blk-5", "d", "montevideo", "es", minutes(2880, 3600)));
    plan.sessions.push(placed("tiny", "d", minutes(2890, 2895)));
    (problem, plan, report)
}
