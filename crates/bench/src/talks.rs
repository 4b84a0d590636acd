//! Sessions, who gives them, and where they are placed.

use meridian_model::{
    Cause, Delivery, Grade, Language, PlacedSession, Priority, Session, SessionId, Speaker,
    SpeakerId, TrackId,
};
use rand::RngExt;

use crate::hosts::{Hosted, track_id};
use crate::scene::{Cells, Scene};

/// What talks are about.
const TOPICS: [&str; 8] = [
    "cloud",
    "data",
    "games",
    "languages",
    "security",
    "teaching",
    "tools",
    "web",
];

/// The sessions, their speakers, and a place for each that is not a filler.
#[derive(Default)]
pub(crate) struct Talks {
    pub(crate) sessions: Vec<Session>,
    pub(crate) speakers: Vec<Speaker>,
    pub(crate) placed: Vec<PlacedSession>,
    /// Home of each speaker, and when she speaks live or prepares to.
    pub(crate) live: Vec<(usize, SpeakerId, Cells)>,
}

/// Fills the blocks in order, as evenly as the number of sessions allows; a tenth of them are fillers.
pub(crate) fn talks(scene: &mut Scene, hosted: &[Hosted]) -> Talks {
    let mut talks = Talks::default();
    let fillers = scene.shape.sessions.div_ceil(10);
    let on = scene.shape.sessions - fillers;
    let all: usize = hosted.iter().map(|block| block.cells.len()).sum();
    let mut passed = 0;
    for block in hosted {
        let mut from = block.cells.start;
        passed += block.cells.len();
        while talks.placed.len() < on * passed / all.max(1) && from < block.cells.end {
            let due = on * passed / all.max(1) - talks.placed.len();
            let room = ((block.cells.end - from) / due).max(1);
            let length = scene.rng.random_range(1..=room.min(scene.cells(60).max(1)));
            let changeover = usize::from(room > length && scene.rng.random_bool(0.5));
            talks.add(scene, block, from..from + length, changeover);
            from += room;
        }
    }
    for _ in talks.sessions.len()..scene.shape.sessions {
        let filler = Session {
            priority: Priority::Filler,
            delivery: Delivery::Recorded,
            ..talks.session(scene, scene.cells(30).max(1), 0)
        };
        talks.sessions.push(filler);
    }
    talks
}

impl Talks {
    /// A session that nobody gives yet.
    fn session(&self, scene: &Scene, length: usize, changeover: usize) -> Session {
        let at = self.sessions.len();
        Session {
            id: SessionId::new(format!("s{at:04}")),
            title: format!("Session {at}"),
            kind: "talk".to_owned(),
            length_min: scene.minutes(length),
            changeover_min: scene.minutes(changeover),
            language: Language::from(crate::hosts::EVENT_LANGUAGE),
            speakers: Vec::new(),
            tags: vec![TOPICS[at % TOPICS.len()].to_owned()],
            priority: Priority::Should,
            delivery: Delivery::Live,
            group: None,
            tracks: Vec::<TrackId>::new(),
            window: None,
        }
    }

    fn add(&mut self, scene: &mut Scene, block: &Hosted, cells: Cells, changeover: usize) {
        let speaker = self.speaker(scene, block, &cells);
        let mut session = self.session(scene, cells.len(), changeover);
        session.language = Language::from(block.language);
        session.speakers = vec![speaker.clone()];
        session.group = Some(scene.homes[block.home].group.clone());
        if scene.rng.random_bool(0.1) {
            session.priority = Priority::Must;
        }
        if scene.rng.random_bool(0.25) {
            session.delivery = Delivery::Recorded;
        } else {
            self.live.push((block.home, speaker, cells.clone()));
        }
        self.placed.push(PlacedSession {
            session: session.id.clone(),
            track: track_id(block.track),
            span: scene.span(&cells),
        });
        self.sessions.push(session);
    }

    /// A speaker of the hosting group, for whom the day and this time are possible.
    fn speaker(&mut self, scene: &Scene, block: &Hosted, cells: &Cells) -> SpeakerId {
        let id = SpeakerId::new(format!("p{:04}", self.speakers.len()));
        let graded: Vec<_> = (0..scene.shape.n_cells)
            .map(|cell| {
                let can = scene.is_day(block.home, cell) || cells.contains(&cell);
                can.then_some((Grade::Possible, Cause::Marked))
            })
            .collect();
        self.speakers.push(Speaker {
            id: id.clone(),
            group: Some(scene.homes[block.home].group.clone()),
            zone: scene.zone(block.home),
            availability: scene.availability(&graded),
        });
        id
    }
}
