//! An instance put together.

use meridian_model::{
    Duty, DutyId, Event, Language, Pins, Problem, Role, RoleId, RoleNeed, Track, TrackId, ZoneName,
    ZoneSet,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::hosts::{self, EVENT_LANGUAGE, track_id};
use crate::scene::Scene;
use crate::size::Size;
use crate::{crew, regional, talks};

/// An instance with its programme pinned: all that is left to decide is the roster.
#[must_use]
pub fn instance(size: Size, seed: u64) -> Problem {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let shape = size.shape(&mut rng);
    let mut scene = Scene::new(shape, rng);
    let hosted = hosts::blocks(&mut scene);
    let talks = talks::talks(&mut scene, &hosted);
    let regional_events = regional::events(&mut scene, &hosted);
    let groups = hosts::groups(&scene, &hosted);
    let people = crew::operators(&mut scene, &hosted, &talks);
    let event = event(&scene, size, seed);
    let zones = (groups.iter().map(|group| &group.zone)).chain(std::iter::once(&event.zone));
    let tzdb = ZoneSet::embedded()
        .stamp(zones, event.horizon.span())
        .unwrap_or_else(|_| unreachable!("the places are in the zone set"));
    let mut problem = Problem {
        format: Problem::FORMAT.to_owned(),
        tzdb,
        event,
        groups,
        operators: Vec::new(),
        speakers: talks.speakers,
        sessions: talks.sessions,
        regional_events,
        pins: Pins {
            blocks: hosts::as_planned(&scene, &hosted),
            sessions: talks.placed,
            shifts: Vec::new(),
        },
    };
    problem.operators = crew::teach(&mut scene, &problem, people);
    problem
}

/// The same instance with nothing pinned: the programme is to be found too.
#[must_use]
pub fn free(mut problem: Problem) -> Problem {
    problem.pins = Pins::default();
    problem
}

fn event(scene: &Scene, size: Size, seed: u64) -> Event {
    let shape = &scene.shape;
    let tracks: Vec<TrackId> = (0..shape.tracks).map(track_id).collect();
    let duty = |role: &str, tracks: &[TrackId], count| Duty {
        id: DutyId::new(format!("{role}-{}", tracks[0])),
        role: RoleId::new(role),
        tracks: tracks.to_vec(),
        spans: vec![scene.horizon.span()],
        count,
    };
    let mut duties = Vec::new();
    for track in &tracks {
        let one = std::slice::from_ref(track);
        duties.push(duty("stream", one, shape.count));
        duties.extend(["mc", "moderator", "interpreter"].map(|role| duty(role, one, 1)));
    }
    duties.extend(tracks.chunks(2).map(|two| duty("engineer", two, 1)));
    let role = |id: &str, name: &str, alerted, needs| Role {
        id: RoleId::new(id),
        name: name.to_owned(),
        alerted,
        needs,
        handover_min: shape.handover * shape.cell_min,
    };
    let name = size.as_str();
    Event {
        id: format!("bench-{name}-{seed}"),
        title: format!("Bench {name} {seed}"),
        zone: ZoneName::new("UTC"),
        horizon: scene.horizon,
        language: Language::from(EVENT_LANGUAGE),
        tracks: tracks
            .iter()
            .map(|id| Track {
                id: id.clone(),
                name: format!("Track {id}"),
            })
            .collect(),
        roles: vec![
            role("stream", "Stream operator", true, RoleNeed::Nothing),
            role("mc", "MC", false, RoleNeed::BlockLanguage),
            role("moderator", "Moderator", true, RoleNeed::Nothing),
            role(
                "interpreter",
                "Interpreter",
                false,
                RoleNeed::Interpretation,
            ),
            role("engineer", "Engineer", true, RoleNeed::Nothing),
        ],
        duties,
        policy: shape.policy.clone(),
    }
}
