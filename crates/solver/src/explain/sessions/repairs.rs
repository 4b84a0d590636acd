//! What would give a session a place: its people, window or tracks allow more, or it or the one before it is made shorter.

use std::collections::BTreeSet;

use meridian_model::{Delivery, GroupId, PlacedSession, Plan, Session, Span, Subject};

use super::super::Offer;
use super::super::mend::{Before, with_sessions};
use super::super::offers::{Candidate, Change, cheapest};
use super::super::repair::{Repair, blocking_events};
use super::super::view::View;
use super::walls::{Place, Wall, places, walls};
use super::{groups_of, own_cells};

/// A session loses at most one of so many parts.
const LOST_PART: u32 = 2;
/// With so many single changes, none are combined.
const ENOUGH_SINGLE: usize = 3;

/// The best repairs of an unplaced session, proved, cheapest first; none when a place is free as the plan stands.
pub(super) fn offers(
    view: &View<'_>,
    plan: &Plan,
    before: &Before,
    hosted: &[&Offer],
    session: &Session,
) -> Vec<Offer> {
    let length = own_cells(view, session);
    let mut candidates = Vec::new();
    for cells in (length - length / LOST_PART..=length).rev() {
        for place in places(view, cells) {
            let walls = walls(view, session, &place);
            if walls.is_empty() && cells == length {
                return Vec::new();
            }
            candidates.extend(ways(view, session, &place, &walls));
        }
    }
    candidates.extend(
        hosted
            .iter()
            .filter_map(|host| once_hosted(view, session, host)),
    );
    candidates.sort_by_key(|one| one.asks);
    let is_single = |one: &Candidate| !matches!(one.repair, Repair::Several { .. });
    if candidates.iter().filter(|one| is_single(one)).count() >= ENOUGH_SINGLE {
        candidates.retain(is_single);
    }
    cheapest(plan, candidates, 1, |candidate| {
        let Change::Sessions(placed) = &candidate.change else {
            return None;
        };
        let changed = candidate.repair.apply(view.problem);
        let mut hosted = hosted.iter();
        let hosted = hosted.find(|host| host.repair == candidate.repair);
        let plan = hosted.map_or(plan, |host| &host.plan);
        let proof = before.proof(&changed, with_sessions(plan, placed))?;
        Some((1, proof))
    })
}

/// The first place for the session in the block of a host that would come in.
fn once_hosted(view: &View<'_>, session: &Session, host: &Offer) -> Option<Candidate> {
    let changed = host.repair.apply(view.problem);
    let hosted = View::new(&changed, &host.plan);
    let mut places = places(&hosted, own_cells(view, session));
    let place = places.find(|place| walls(&hosted, session, place).is_empty())?;
    Some(Candidate {
        closes: 1,
        asks: host.asks,
        repair: host.repair.clone(),
        change: Change::Sessions(vec![PlacedSession {
            session: session.id.clone(),
            track: place.track.clone(),
            span: view.span(&place.own),
        }]),
    })
}

/// The changes with which the session could have a place: live where nothing but people's leave is missing, and recorded.
fn ways(
    view: &View<'_>,
    session: &Session,
    place: &Place<'_>,
    walls: &BTreeSet<Wall>,
) -> Vec<Candidate> {
    let Some((shorter, placed)) = room(view, session, place, walls) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut offer = |mut repairs: Vec<Repair>| {
        repairs.extend(shorter.clone());
        if let Some(repair) = Repair::all(repairs) {
            found.push(Candidate {
                closes: 1,
                asks: repair.asks(view.problem),
                repair,
                change: Change::Sessions(placed.clone()),
            });
        }
    };
    let span = view.span(&place.own);
    let live: Option<Vec<Vec<Repair>>> = walls
        .iter()
        .map(|wall| leave(view, session, place, *wall))
        .collect();
    if let Some(repairs) = live {
        let groups = groups_of(view, session).into_iter();
        let events = groups.flat_map(|group| take_part(view, group, span));
        offer(repairs.into_iter().flatten().chain(events).collect());
    }
    let of_speakers = |wall: &Wall| {
        matches!(
            wall,
            Wall::Speaker(_) | Wall::Speaks(_) | Wall::OnDuty(_) | Wall::Event(_)
        )
    };
    if session.delivery == Delivery::Live && walls.iter().any(of_speakers) {
        let own = walls.iter().filter(|wall| !of_speakers(wall));
        let own = own.filter_map(|wall| leave(view, session, place, *wall));
        let events = session.group.iter();
        let events = events.flat_map(|group| take_part(view, group, span));
        let record = Repair::Record {
            session: session.id.clone(),
        };
        offer(
            [record]
                .into_iter()
                .chain(own.flatten())
                .chain(events)
                .collect(),
        );
    }
    found
}

/// What is made shorter so that there is room in a block, and what is then where; `None` where there is none.
fn room(
    view: &View<'_>,
    session: &Session,
    place: &Place<'_>,
    walls: &BTreeSet<Wall>,
) -> Option<(Option<Repair>, Vec<PlacedSession>)> {
    if walls.contains(&Wall::Block) {
        return None;
    }
    let there = PlacedSession {
        session: session.id.clone(),
        track: place.track.clone(),
        span: view.span(&place.own),
    };
    let is_whole = place.own.end - place.own.start == own_cells(view, session);
    let taken: Vec<usize> = walls
        .iter()
        .filter_map(|wall| match wall {
            Wall::Taken(at) => Some(*at),
            _ => None,
        })
        .collect();
    match taken.as_slice() {
        [] if is_whole => Some((None, vec![there])),
        [] => Some((Some(shorter(session, there.span)), vec![there])),
        [before] if is_whole => {
            let other = view.talks.get(*before)?;
            let changeover = other.free_from - other.cells.end;
            let end = place.own.start.checked_sub(changeover)?;
            let length = other.cells.end - other.cells.start;
            if end < other.cells.start + (length - length / LOST_PART).max(1) {
                return None;
            }
            let span = view.span(&(other.cells.start..end));
            let other_there = PlacedSession {
                session: other.session.id.clone(),
                track: other.track.clone(),
                span,
            };
            Some((Some(shorter(other.session, span)), vec![there, other_there]))
        }
        _ => None,
    }
}

fn shorter(session: &Session, span: Span) -> Repair {
    Repair::Shorten {
        session: session.id.clone(),
        from_min: session.length_min,
        to_min: u32::try_from(span.minutes()).unwrap_or(u32::MAX),
    }
}

/// What takes a wall away; `None` where nobody's leave would.
fn leave(view: &View<'_>, session: &Session, place: &Place<'_>, wall: Wall) -> Option<Vec<Repair>> {
    let span = view.span(&place.own);
    Some(match wall {
        Wall::Track => vec![Repair::AllowTrack {
            session: session.id.clone(),
            track: place.track.clone(),
        }],
        Wall::Window => {
            let window = session.window?;
            let (start, end) = (
                span.start().min(window.start()),
                span.end().max(window.end()),
            );
            vec![Repair::Window {
                session: session.id.clone(),
                window: Span::new(start, end).ok()?,
            }]
        }
        Wall::Speaker(at) => {
            let speaker = view.problem.speakers.get(at)?;
            let who = Subject::Speaker(speaker.id.clone());
            let asked = Repair::open_time(who, &speaker.availability, &[span]);
            asked.into_iter().collect()
        }
        // Room is made, and events are taken part in, for all of the place at once.
        Wall::Taken(_) | Wall::Event(_) => Vec::new(),
        Wall::Block | Wall::OnDuty(_) | Wall::Speaks(_) => return None,
    })
}

fn take_part(view: &View<'_>, group: &GroupId, span: Span) -> Vec<Repair> {
    let events = blocking_events(view.problem, group, &[span]).into_iter();
    events
        .map(|event| Repair::TakePart {
            group: group.clone(),
            event,
        })
        .collect()
}
