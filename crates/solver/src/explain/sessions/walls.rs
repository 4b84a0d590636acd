//! What stands between a session and every place there is: each start on each track, whatever is there now.

use std::collections::BTreeSet;
use std::ops::Range;

use meridian_model::{Delivery, RuleCode, Session, Speaker, Subject, TrackId};

use super::super::Exclusion;
use super::super::bars::{all_of, is_open, why_closed};
use super::super::conflict::smallest_of;
use super::super::view::{View, overlap, work};
use super::{groups_of, live_speakers, needed_min, own_cells};

/// What keeps a session from a place; what it would be best to name comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wall {
    /// H08: another session is there; by its place among the talks of the plan.
    Taken(usize),
    /// H13: an operator who speaks in it is on duty.
    OnDuty(usize),
    /// H10: a speaker speaks elsewhere.
    Speaks(usize),
    /// H06: no block holds it whole.
    Block,
    /// H11: a regional event.
    Event(usize),
    /// H07: it may not be on that track.
    Track,
    /// H07: outside its window.
    Window,
    /// H09: a speaker cannot.
    Speaker(usize),
}

/// A track and the cells of a session there, its change-over not counted.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    pub(super) track: &'a TrackId,
    pub(super) own: Range<u32>,
}

/// Every place for a session that lasts so many cells.
pub(super) fn places<'a>(view: &View<'a>, cells: u32) -> impl Iterator<Item = Place<'a>> {
    let tracks = view.problem.event.tracks.iter();
    let ends = cells..view.horizon.n_cells() + 1;
    tracks.flat_map(move |track| {
        ends.clone().map(move |end| Place {
            track: &track.id,
            own: end - cells..end,
        })
    })
}

/// Everything that keeps a session from a place; nothing when the place is free.
pub(super) fn walls(view: &View<'_>, session: &Session, place: &Place<'_>) -> BTreeSet<Wall> {
    let span = view.span(&place.own);
    let room = place.own.start..place.own.end + view.cells_in(session.changeover_min);
    let mut walls = BTreeSet::new();
    let holds = |cells: &Range<u32>| cells.start <= room.start && room.end <= cells.end;
    let mut blocks = view.blocks.iter();
    if !blocks.any(|host| host.block.track == *place.track && holds(&host.cells)) {
        walls.insert(Wall::Block);
    }
    if !session.tracks.is_empty() && !session.tracks.contains(place.track) {
        walls.insert(Wall::Track);
    }
    if session.window.is_some_and(|window| !window.contains(&span)) {
        walls.insert(Wall::Window);
    }
    let talks = view.talks.iter().enumerate();
    walls.extend(
        talks
            .filter(|(_, talk)| {
                talk.track == place.track && overlap(&(talk.cells.start..talk.free_from), &room)
            })
            .map(|(at, _)| Wall::Taken(at)),
    );
    let groups = groups_of(view, session);
    for (at, event) in view.problem.regional_events.iter().enumerate() {
        if groups.iter().any(|group| View::blocks(event, group, span)) {
            walls.insert(Wall::Event(at));
        }
    }
    if session.delivery == Delivery::Live {
        of_speakers(view, session, &place.own, &mut walls);
    }
    walls
}

fn of_speakers(view: &View<'_>, session: &Session, own: &Range<u32>, walls: &mut BTreeSet<Wall>) {
    let span = view.span(own);
    for (at, speaker) in view.problem.speakers.iter().enumerate() {
        if !session.speakers.contains(&speaker.id) {
            continue;
        }
        if !is_open(&speaker.availability, span) {
            walls.insert(Wall::Speaker(at));
        }
        if view
            .live_talks(&speaker.id)
            .any(|talk| overlap(&talk.cells, own))
        {
            walls.insert(Wall::Speaks(at));
        }
    }
    let preparation = view.cells_in(view.problem.event.policy.speaker_preparation_min);
    let away = own.start.saturating_sub(preparation)..own.end;
    for (at, operator) in view.problem.operators.iter().enumerate() {
        let mut speakers = session.speakers.iter();
        if !speakers.any(|id| operator.speaker.as_ref() == Some(id)) {
            continue;
        }
        let mut shifts = view.shifts_of(operator).into_iter();
        if shifts.any(|served| overlap(&served.on_duty, &away)) {
            walls.insert(Wall::OnDuty(at));
        }
    }
}

/// The conflict set of an unplaced session; empty when a place is free.
pub(super) fn conflict(view: &View<'_>, session: &Session) -> Vec<Exclusion> {
    let length = own_cells(view, session);
    let ways: BTreeSet<_> = places(view, length)
        .map(|place| walls(view, session, &place))
        .collect();
    if ways.is_empty() {
        let says = "lasts longer than the event".to_owned();
        return vec![of_itself(session, RuleCode::H01, says)];
    }
    let mut told: Vec<Exclusion> = smallest_of(&ways)
        .into_iter()
        .filter_map(|wall| told(view, session, wall))
        .collect();
    told.sort_by_key(|one| one.rule);
    told
}

fn of_itself(session: &Session, rule: RuleCode, says: String) -> Exclusion {
    Exclusion {
        subject: Subject::Session(session.id.clone()),
        rule,
        says,
    }
}

fn told(view: &View<'_>, session: &Session, wall: Wall) -> Option<Exclusion> {
    let problem = view.problem;
    let (subject, rule, says) = match wall {
        Wall::Taken(at) => {
            let other = view.talks.get(at)?.session;
            let subject = Subject::Session(other.id.clone());
            (subject, RuleCode::H08, "has the time".to_owned())
        }
        Wall::OnDuty(at) => {
            let her = problem.operators.get(at)?;
            let served = view.shifts_of(her).into_iter().next()?;
            let says = format!("on duty as {} then", work(served.duty, served.role));
            (Subject::Operator(her.id.clone()), RuleCode::H13, says)
        }
        Wall::Speaks(at) => {
            let speaker = problem.speakers.get(at)?;
            let says = "speaks in another session then".to_owned();
            (Subject::Speaker(speaker.id.clone()), RuleCode::H10, says)
        }
        Wall::Block => {
            let needed = needed_min(view, session);
            let says = format!("its {needed} min, change-over counted, lie inside one block");
            return Some(of_itself(session, RuleCode::H06, says));
        }
        Wall::Event(at) => {
            let event = problem.regional_events.get(at)?;
            let says = format!(
                "\"{}\" keeps {} from it",
                event.title,
                concerned(view, session, at)
            );
            let subject = Subject::RegionalEvent(event.id.clone());
            (subject, RuleCode::H11, says)
        }
        Wall::Track => {
            let tracks: Vec<&str> = session.tracks.iter().map(TrackId::as_str).collect();
            let says = format!("it may be on {} alone", all_of(&tracks));
            return Some(of_itself(session, RuleCode::H07, says));
        }
        Wall::Window => {
            let says = "it lies in its window".to_owned();
            return Some(of_itself(session, RuleCode::H07, says));
        }
        Wall::Speaker(at) => {
            let speaker = problem.speakers.get(at)?;
            let says = cannot(view, session, speaker);
            (Subject::Speaker(speaker.id.clone()), RuleCode::H09, says)
        }
    };
    Some(Exclusion {
        subject,
        rule,
        says,
    })
}

/// The groups of a session that a regional event keeps from it.
fn concerned(view: &View<'_>, session: &Session, event: usize) -> String {
    let event = view.problem.regional_events.get(event);
    let whole = view.horizon.span();
    let kept = groups_of(view, session)
        .into_iter()
        .filter(|group| event.is_some_and(|event| View::blocks(event, group, whole)))
        .map(|group| view.group_name(group));
    all_of(&kept.collect::<Vec<String>>())
}

/// Why a speaker cannot, at the first time that would else do.
fn cannot(view: &View<'_>, session: &Session, speaker: &Speaker) -> String {
    let spans = places(view, own_cells(view, session)).map(|place| view.span(&place.own));
    let mut closed = spans
        .filter(|span| session.window.is_none_or(|window| window.contains(span)))
        .filter(|span| !is_open(&speaker.availability, *span));
    let span = closed.next().unwrap_or_else(|| view.horizon.span());
    let speakers = live_speakers(view, session).len();
    let why = why_closed(&speaker.availability, span);
    if speakers > 1 {
        format!("{}: {why}", speaker.id)
    } else {
        why.to_owned()
    }
}
