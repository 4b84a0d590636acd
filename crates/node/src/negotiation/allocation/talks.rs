//! Sessions: the talks that groups offered, and the coordinator's own that are nobody's.

use std::collections::BTreeSet;

use meridian_federation::content::{PlanBlock, PlanSession, TalkOffer};
use meridian_model::{
    Availability, Delivery, GroupId as Handle, PlacedSession, Priority, Problem, Session, Span,
    Speaker, SpeakerId,
};

use super::super::grid::{common, possible, without};
use super::super::stand_ins;
use super::Table;

/// Sessions, who speaks in them, and those that stay where they are.
#[derive(Debug, Default)]
pub(super) struct Talks {
    pub(super) sessions: Vec<Session>,
    pub(super) speakers: Vec<Speaker>,
    pub(super) pins: Vec<PlacedSession>,
}

/// More talks of one group than any event has time for: those beyond, by id, are not looked at.
const MOST_TALKS: usize = 200;

/// Everything that may be on, with these blocks staying.
pub(super) fn talks(table: &Table<'_>, own: &Problem, blocks: &[PlanBlock]) -> Talks {
    let mut talks = Talks::default();
    let nobodys = own
        .sessions
        .iter()
        .filter(|session| session.group.is_none());
    talks.sessions.extend(nobodys.cloned());
    let speaking: BTreeSet<_> = talks.sessions.iter().flat_map(|of| &of.speakers).collect();
    let speakers = own
        .speakers
        .iter()
        .filter(|speaker| speaking.contains(&speaker.id));
    let mut speakers: Vec<Speaker> = speakers.cloned().collect();
    for speaker in &mut speakers {
        // Groups of the coordinator's own event that are no members are not in the problem.
        let member = |group: &Handle| table.offers.contains_key(group);
        speaker.group = speaker.group.take().filter(member);
    }
    talks.speakers = speakers;
    for (handle, offer) in table.offers {
        let own = offer.talks.iter();
        let own = own.filter(|talk| owner(table, talk) == Some(handle));
        for talk in own.take(MOST_TALKS) {
            talks.add(table, handle, talk);
        }
    }
    let previous = table
        .previous
        .iter()
        .flat_map(|previous| &previous.sessions);
    let stay = previous.filter(|placed| stays(&talks, blocks, placed));
    talks.pins = stay.map(stand_ins::placed).collect();
    talks
}

/// The member whose name a talk bears: the longest handle that its id begins with.
fn owner<'a>(table: &Table<'a>, talk: &TalkOffer) -> Option<&'a Handle> {
    let begins = |handle: &&Handle| {
        let rest = talk.session.as_str().strip_prefix(handle.as_str());
        rest.is_some_and(|rest| rest.len() > 1 && rest.starts_with('.'))
    };
    let handles = table.offers.keys().filter(begins);
    handles.max_by_key(|handle| handle.as_str().len())
}

impl Talks {
    fn add(&mut self, table: &Table<'_>, handle: &Handle, talk: &TalkOffer) {
        let event = table.event;
        let cell = event.horizon.cell_min();
        let horizon = event.horizon.span();
        let length_min = talk.length_min.next_multiple_of(cell).max(cell);
        let Some(language) = talk.languages.first() else {
            return;
        };
        if self.sessions.iter().any(|known| known.id == talk.session) {
            return;
        }
        let mut windows = common(&talk.windows, &[horizon]);
        if talk.windows.is_empty() {
            windows = vec![horizon];
        }
        let not_then = table
            .wishes(handle)
            .and_then(|of| of.sessions.get(&talk.session));
        if let Some(not_then) = not_then {
            windows = without(&windows, not_then);
        }
        let window = match windows.as_slice() {
            [] => return,
            [whole] if *whole == horizon => None,
            [one] => Some(*one),
            _ => None,
        };
        let mut speakers: Vec<SpeakerId> = talk.speakers.iter().map(|s| of(handle, s)).collect();
        for speaker in &speakers {
            self.speaker(speaker, handle, table, possible(&[horizon]));
        }
        // A session has one window: where there are several, somebody who is only there then speaks too.
        let mut delivery = talk.delivery;
        if windows.len() > 1 {
            let keeper = SpeakerId::new(format!("windows/{}", talk.session));
            self.speaker(&keeper, handle, table, possible(&windows));
            if delivery == Delivery::Recorded {
                speakers.clear();
                delivery = Delivery::Live;
            }
            speakers.push(keeper);
        }
        let known = |track: &&_| event.tracks.iter().any(|of| of.id == **track);
        self.sessions.push(Session {
            id: talk.session.clone(),
            title: talk.title.clone(),
            kind: talk.kind.clone(),
            length_min,
            changeover_min: talk.changeover_min.next_multiple_of(cell),
            language: language.clone(),
            speakers,
            tags: talk.tags.clone(),
            priority: talk.priority.unwrap_or(Priority::Should),
            delivery,
            group: Some(handle.clone()),
            tracks: talk.tracks.iter().filter(known).cloned().collect(),
            window,
        });
    }

    fn speaker(
        &mut self,
        id: &SpeakerId,
        handle: &Handle,
        table: &Table<'_>,
        availability: Availability,
    ) {
        if self.speakers.iter().any(|known| known.id == *id) {
            return;
        }
        self.speakers.push(Speaker {
            id: id.clone(),
            group: Some(handle.clone()),
            zone: table.event.zone.clone(),
            availability,
        });
    }
}

/// A group's pseudonym of a speaker: two groups may have chosen the same.
fn of(handle: &Handle, speaker: &SpeakerId) -> SpeakerId {
    SpeakerId::new(format!("{handle}/{speaker}"))
}

/// Whether a session can stay where it is: in a block that stays, as long and at a time as it is offered.
fn stays(talks: &Talks, blocks: &[PlanBlock], placed: &PlanSession) -> bool {
    let mut sessions = talks.sessions.iter();
    let Some(session) = sessions.find(|session| session.id == placed.id) else {
        return false;
    };
    let with_change = with_tail(placed.span, session.changeover_min);
    let hosted = |block: &PlanBlock| {
        block.track == placed.track && with_change.is_some_and(|of| block.span.contains(&of))
    };
    let present = session.speakers.iter().all(|id| {
        let mut speakers = talks.speakers.iter();
        speakers.find(|of| of.id == *id).is_some_and(|speaker| {
            let open = super::super::grid::at_least(
                &speaker.availability,
                meridian_model::Grade::IfNeedBe,
            );
            open.iter().any(|span| span.contains(&placed.span))
        })
    });
    session.group == placed.group
        && placed.span.minutes() == i64::from(session.length_min)
        && session
            .window
            .is_none_or(|window| window.contains(&placed.span))
        && (session.tracks.is_empty() || session.tracks.contains(&placed.track))
        && (session.delivery == Delivery::Recorded || present)
        && blocks.iter().any(hosted)
}

fn with_tail(span: Span, minutes: u32) -> Option<Span> {
    let end = span
        .end()
        .as_second()
        .checked_add(i64::from(minutes) * 60)?;
    let end = meridian_model::Timestamp::from_second(end).ok()?;
    Span::new(span.start(), end).ok()
}
