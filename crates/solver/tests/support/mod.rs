//! Seeded problem documents for the solver's tests and benches: synthetic, on instants, any size.
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that fails should fail the test"
)]

use meridian_model::{
    Availability, Cause, Concern, Delivery, Duty, Event, Grade, GradeSpan, Group, Horizon, Hosting,
    Impact, Language, Operator, Pins, Policy, Priority, Problem, RegionalEvent, RegionalKind, Role,
    RoleNeed, Session, Skill, SkillLevel, Span, Speaker, Timestamp, Track, TzdbStamp, ZoneName,
};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How large a synthetic event is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// User groups, all of which want to host.
    pub(crate) groups: usize,
    /// Streams.
    pub(crate) tracks: usize,
    /// Operators.
    pub(crate) operators: usize,
    /// Talks.
    pub(crate) sessions: usize,
    /// Hours planned.
    pub(crate) hours: u32,
    /// Minutes per cell.
    pub(crate) cell_min: u32,
}

const LANGUAGES: [&str; 5] = ["en", "ja", "es", "pt", "fr"];

/// A synthetic event of that size: groups all round the globe, awake in their own daytime.
pub(crate) fn problem(seed: u64, size: Size) -> Problem {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let start: Timestamp = "2024-08-24T03:00:00Z".parse().unwrap();
    let horizon = Horizon::new(start, size.cell_min, size.hours * 60 / size.cell_min).unwrap();
    let groups: Vec<(Group, i64)> = (0..size.groups).map(|n| group(n, size, horizon)).collect();
    let speakers: Vec<Speaker> = (0..size.sessions)
        .map(|n| {
            let (home, offset) = &groups[n % groups.len()];
            Speaker {
                id: format!("speaker-{n:03}").as_str().into(),
                group: Some(home.id.clone()),
                zone: home.zone.clone(),
                availability: daytime(horizon, *offset, 8, 15, Grade::Possible),
            }
        })
        .collect();
    let sessions = (0..size.sessions)
        .map(|n| session(n, &groups, size.cell_min, &mut rng))
        .collect();
    let operators = (0..size.operators)
        .map(|n| operator(n, &groups, horizon, &mut rng))
        .collect();
    let clash = Span::new(start, "2024-08-24T15:00:00Z".parse().unwrap()).unwrap();
    Problem {
        format: Problem::FORMAT.to_owned(),
        tzdb: TzdbStamp {
            version: "synthetic".to_owned(),
            offsets_sha256: String::new(),
        },
        event: event(size, horizon),
        regional_events: vec![RegionalEvent {
            id: "feast".into(),
            title: "Feast".to_owned(),
            kind: RegionalKind::Holiday,
            impact: if seed.is_multiple_of(2) {
                Impact::Block
            } else {
                Impact::Weigh
            },
            concerns: vec![Concern {
                group: groups[0].0.id.clone(),
                span: clash,
            }],
        }],
        groups: groups.into_iter().map(|(group, _)| group).collect(),
        operators,
        speakers,
        sessions,
        pins: Pins::default(),
    }
}

fn event(size: Size, horizon: Horizon) -> Event {
    let tracks: Vec<Track> = (0..size.tracks)
        .map(|n| Track {
            id: format!("t{n}").as_str().into(),
            name: format!("Track {n}"),
        })
        .collect();
    let role = |id: &str, alerted, needs, handover_min| Role {
        id: id.into(),
        name: id.to_owned(),
        alerted,
        needs,
        handover_min,
    };
    let mut duties = Vec::new();
    for track in &tracks {
        for role in ["stream-operator", "mc", "moderator", "interpreter"] {
            duties.push(Duty {
                id: format!("{role}-{}", track.id).as_str().into(),
                role: role.into(),
                tracks: vec![track.id.clone()],
                spans: vec![horizon.span()],
                count: 1,
            });
        }
    }
    for pair in tracks.chunks(2) {
        duties.push(Duty {
            id: format!("engineer-{}", pair[0].id).as_str().into(),
            role: "engineer".into(),
            tracks: pair.iter().map(|t| t.id.clone()).collect(),
            spans: vec![horizon.span()],
            count: 1,
        });
    }
    let handover = size.cell_min.min(10) / size.cell_min * size.cell_min;
    Event {
        id: "synthetic".to_owned(),
        title: "Synthetic".to_owned(),
        zone: ZoneName::new("Etc/UTC"),
        horizon,
        language: "en".into(),
        tracks,
        roles: vec![
            role("stream-operator", true, RoleNeed::Nothing, handover),
            role("mc", false, RoleNeed::BlockLanguage, handover),
            role("moderator", true, RoleNeed::Nothing, 0),
            role("interpreter", false, RoleNeed::Interpretation, 0),
            role("engineer", true, RoleNeed::Nothing, handover),
        ],
        duties,
        policy: Policy {
            block_grid_min: 30.max(size.cell_min),
            ..Policy::default()
        },
    }
}

/// The `n`-th group, and its offset from UTC in hours: groups are spread evenly round the globe.
fn group(n: usize, size: Size, horizon: Horizon) -> (Group, i64) {
    let offset = i64::try_from(n * 24 / size.groups).unwrap() - 11;
    let main = LANGUAGES[n % LANGUAGES.len()];
    let mut languages: Vec<Language> = vec![main.into()];
    if main != "en" {
        languages.push("en".into());
    }
    let share =
        u32::try_from(size.tracks).unwrap() * size.hours * 60 / u32::try_from(size.groups).unwrap();
    let group = Group {
        id: format!("group-{n:03}").as_str().into(),
        name: format!("Group {n}"),
        zone: ZoneName::new("Etc/UTC"),
        country: "XX".to_owned(),
        subdivision: None,
        languages,
        size: 30,
        hosting: Some(Hosting {
            availability: daytime(horizon, offset, 7, 16, Grade::Possible),
            prime: spans(&daytime(horizon, offset, 8, 15, Grade::Possible)),
            shortest_min: 60,
            longest_min: (share.div_ceil(30) * 30).clamp(120, 240),
            max_blocks: 1 + share / 200,
        }),
    };
    (group, offset)
}

fn session(n: usize, groups: &[(Group, i64)], cell_min: u32, rng: &mut ChaCha8Rng) -> Session {
    let home = &groups[n % groups.len()].0;
    let length_min = [20_u32, 30, 40]
        .choose(rng)
        .unwrap()
        .next_multiple_of(cell_min);
    Session {
        id: format!("talk-{n:03}").as_str().into(),
        title: format!("Talk {n}"),
        kind: "talk".to_owned(),
        length_min,
        changeover_min: 0,
        language: home.languages[rng.random_range(0..home.languages.len())].clone(),
        speakers: vec![format!("speaker-{n:03}").as_str().into()],
        tags: vec![format!("topic-{}", rng.random_range(0..8))],
        priority: match n % 11 {
            0 => Priority::Must,
            10 => Priority::Filler,
            _ => Priority::Should,
        },
        delivery: if n.is_multiple_of(7) {
            Delivery::Recorded
        } else {
            Delivery::Live
        },
        group: Some(home.id.clone()),
        tracks: Vec::new(),
        window: None,
    }
}

fn operator(n: usize, groups: &[(Group, i64)], horizon: Horizon, rng: &mut ChaCha8Rng) -> Operator {
    let (home, offset) = &groups[n % groups.len()];
    let level = |rng: &mut ChaCha8Rng| {
        if rng.random_bool(0.1) {
            SkillLevel::FirstTimer
        } else {
            SkillLevel::Trained
        }
    };
    let mut skills = Vec::new();
    for role in ["stream-operator", "moderator", "engineer"] {
        if rng.random_bool(0.5) {
            skills.push(Skill {
                role: role.into(),
                language: None,
                into: None,
                level: level(rng),
            });
        }
    }
    for language in &home.languages {
        if rng.random_bool(0.6) {
            skills.push(Skill {
                role: "mc".into(),
                language: Some(language.clone()),
                into: None,
                level: level(rng),
            });
        }
        if language.as_str() != "en" && rng.random_bool(0.5) {
            skills.push(Skill {
                role: "interpreter".into(),
                language: Some(language.clone()),
                into: Some("en".into()),
                level: level(rng),
            });
        }
    }
    skills.sort();
    let first = rng.random_range(6..12);
    let hours = rng.random_range(6..11);
    let mut availability = daytime(horizon, *offset, first, hours, Grade::Possible);
    if rng.random_bool(0.3) {
        for graded in availability.0.iter_mut().step_by(2) {
            graded.grade = if rng.random_bool(0.5) {
                Grade::Prefer
            } else {
                Grade::IfNeedBe
            };
        }
    }
    Operator {
        id: format!("op-{n:03}").as_str().into(),
        group: home.id.clone(),
        zone: home.zone.clone(),
        skills,
        availability,
        nights: spans(&daytime(horizon, *offset, 23, 8, Grade::Possible)),
        max_duty_min: 360,
        carry_over_min: if n.is_multiple_of(9) { 120 } else { 0 },
        speaker: (n.is_multiple_of(13) && n < 3).then(|| format!("speaker-{n:03}").as_str().into()),
        shown_as: None,
    }
}

/// `hours` hours from local hour `first` on each day round the horizon.
fn daytime(horizon: Horizon, offset: i64, first: i64, hours: i64, grade: Grade) -> Availability {
    let midnight = horizon.start().as_second().div_euclid(86_400) * 86_400 - offset * 3600;
    let days = i64::from(horizon.n_cells() * horizon.cell_min()) / 1440 + 2;
    let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
    let spans = (-1..=days).map(|day| {
        let from = midnight + day * 86_400 + first * 3600;
        Span::new(at(from), at(from + hours * 3600)).unwrap()
    });
    Availability(
        spans
            .map(|span| GradeSpan {
                span,
                grade,
                cause: Cause::Marked,
            })
            .collect(),
    )
}

fn spans(availability: &Availability) -> Vec<Span> {
    availability.0.iter().map(|graded| graded.span).collect()
}
