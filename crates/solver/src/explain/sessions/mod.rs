//! Why sessions have no place: for each block that could hold one, the rule in the way.
//!
//! Language and group are no obstacle: a session in another group's block, or in another language, only costs.

mod repairs;
mod walls;

use std::collections::BTreeSet;
use std::ops::Range;

use meridian_model::{Delivery, GroupId, Plan, Priority, RuleCode, Session, Speaker, Subject};

use super::bars::{Bar, all_of, is_open, sum_up, why_closed};
use super::mend::Before;
use super::view::{Block, View, overlap, title, work};
use super::{Exclusion, Offer, UnplacedReason};

/// One reason per session that must or should be on and is not; those that must come first.
pub(super) fn reasons(view: &View<'_>) -> Vec<UnplacedReason> {
    let is_placed = |session: &Session| {
        let mut talks = view.talks.iter();
        talks.any(|talk| talk.session.id == session.id)
    };
    let mut unplaced: Vec<&Session> = view
        .problem
        .sessions
        .iter()
        .filter(|session| session.priority != Priority::Filler && !is_placed(session))
        .collect();
    unplaced.sort_by_key(|session| session.priority);
    unplaced
        .into_iter()
        .map(|session| reason(view, session))
        .collect()
}

/// Adds to a reason what stands in the way.
pub(super) fn find_conflict(view: &View<'_>, reason: &mut UnplacedReason) {
    reason.conflict = session(view, reason).map(|one| walls::conflict(view, one));
}

/// Adds to a reason what would give the session a place; `hosted` are repairs that give a host to hours without one.
pub(super) fn repair(
    view: &View<'_>,
    plan: &Plan,
    before: &Before,
    hosted: &[&Offer],
    reason: &mut UnplacedReason,
) {
    if let Some(one) = session(view, reason) {
        reason.repairs = repairs::offers(view, plan, before, hosted, one);
    }
}

fn session<'a>(view: &View<'a>, reason: &UnplacedReason) -> Option<&'a Session> {
    let mut sessions = view.problem.sessions.iter();
    sessions.find(|session| session.id == reason.session)
}

fn reason(view: &View<'_>, session: &Session) -> UnplacedReason {
    let mut reason = UnplacedReason {
        session: session.id.clone(),
        priority: session.priority,
        eligible: Vec::new(),
        exclusions: Vec::new(),
        conflict: None,
        repairs: Vec::new(),
    };
    let mut unfit = Vec::new();
    for host in &view.blocks {
        if let Some(bar) = unfit_for(view, session, host) {
            unfit.push(bar);
            continue;
        }
        match in_the_way(view, session, host) {
            None => reason.eligible.push(host.block.id.clone()),
            Some(bar) => reason.exclusions.push(Exclusion {
                subject: Subject::Block(host.block.id.clone()),
                rule: bar.rule,
                says: bar.words,
            }),
        }
    }
    if unfit.len() == view.blocks.len() {
        let (rule, why) = match sum_up(&unfit) {
            Some(_) => no_block(view, session, &unfit),
            None => (RuleCode::H06, "the plan has no blocks".to_owned()),
        };
        reason.exclusions.push(Exclusion {
            subject: Subject::Session(session.id.clone()),
            rule,
            says: format!("fits into no block: {why}"),
        });
    }
    reason
}

/// Why no start in a block could ever hold a session, whatever else is on.
fn unfit_for(view: &View<'_>, session: &Session, host: &Block<'_>) -> Option<Bar> {
    let starts: Vec<u32> = starts(view, session, host).collect();
    if starts.is_empty() {
        return Some(Bar::new(RuleCode::H06, "too short"));
    }
    let allowed = &session.tracks;
    if !allowed.is_empty() && !allowed.contains(&host.block.track) {
        return Some(Bar::new(RuleCode::H07, "on a track it may not be on"));
    }
    let in_window = |start: u32| outside_window(view, session, start).is_none();
    let fits = starts.into_iter().any(in_window);
    (!fits).then(|| Bar::new(RuleCode::H07, "outside its window"))
}

/// Why no block is fit, with the number of blocks for each why.
fn no_block(view: &View<'_>, session: &Session, unfit: &[Bar]) -> (RuleCode, String) {
    let kinds: BTreeSet<&Bar> = unfit.iter().collect();
    let counts: Vec<String> = kinds
        .into_iter()
        .map(|kind| {
            let n = unfit.iter().filter(|bar| *bar == kind).count();
            format!("{n} {}", kind.words)
        })
        .collect();
    let rule = sum_up(unfit).map_or(RuleCode::H06, |bar| bar.rule);
    let (needed, n) = (needed_min(view, session), view.blocks.len());
    let why = format!(
        "it needs {needed} min with its change-over, and of {n} blocks {}",
        all_of(&counts)
    );
    (rule, why)
}

fn needed_min(view: &View<'_>, session: &Session) -> i64 {
    view.minutes(own_cells(view, session).saturating_add(view.cells_in(session.changeover_min)))
}

fn own_cells(view: &View<'_>, session: &Session) -> u32 {
    view.cells_in(session.length_min).max(1)
}

/// The cells of a block at which a session could start and still end, with its change-over, inside.
fn starts(view: &View<'_>, session: &Session, host: &Block<'_>) -> Range<u32> {
    let needed = own_cells(view, session).saturating_add(view.cells_in(session.changeover_min));
    let end = host.cells.end.saturating_add(1).saturating_sub(needed);
    host.cells.start..end.max(host.cells.start)
}

/// What keeps a session out of a fit block, or `None` when it has a free place there.
fn in_the_way(view: &View<'_>, session: &Session, host: &Block<'_>) -> Option<Bar> {
    let mut bars = Vec::new();
    for start in starts(view, session, host) {
        if outside_window(view, session, start).is_none() {
            bars.push(bar_at(view, session, host, start)?);
        }
    }
    sum_up(&bars)
}

fn outside_window(view: &View<'_>, session: &Session, start: u32) -> Option<Bar> {
    let own = start..start.saturating_add(own_cells(view, session));
    let window = session.window?;
    let inside = window.contains(&view.span(&own));
    (!inside).then(|| Bar::new(RuleCode::H07, "it would be outside its window"))
}

/// The first rule by code that keeps a session from starting at a cell of a block.
fn bar_at(view: &View<'_>, session: &Session, host: &Block<'_>, start: u32) -> Option<Bar> {
    let own = start..start.saturating_add(own_cells(view, session));
    let occupied = start
        ..own
            .end
            .saturating_add(view.cells_in(session.changeover_min));
    taken(view, session, host, &occupied)
        .or_else(|| speakers(view, session, &own))
        .or_else(|| clash(view, session, &own))
        .or_else(|| speaker_on_duty(view, session, &own))
}

/// H08: other sessions are there.
fn taken(
    view: &View<'_>,
    session: &Session,
    host: &Block<'_>,
    occupied: &Range<u32>,
) -> Option<Bar> {
    let met = view.talks.iter().any(|talk| {
        *talk.track == host.block.track && overlap(&(talk.cells.start..talk.free_from), occupied)
    });
    met.then(|| {
        let needed = needed_min(view, session);
        let words = format!("other sessions leave no {needed} min in a row, which it needs");
        Bar::new(RuleCode::H08, words)
    })
}

fn live_speakers<'a>(view: &View<'a>, session: &Session) -> Vec<&'a Speaker> {
    let live = session.delivery == Delivery::Live;
    let speakers = session.speakers.iter().filter(|_| live);
    speakers.filter_map(|id| view.speaker(id)).collect()
}

/// The groups whose regional events keep a session away: its own, and those of live speakers.
fn groups_of<'a>(view: &View<'a>, session: &'a Session) -> BTreeSet<&'a GroupId> {
    let speakers = live_speakers(view, session);
    let theirs = speakers.iter().filter_map(|speaker| speaker.group.as_ref());
    session.group.iter().chain(theirs).collect()
}

/// H09 and H10: a live speaker cannot, or speaks elsewhere.
fn speakers(view: &View<'_>, session: &Session, own: &Range<u32>) -> Option<Bar> {
    let span = view.span(own);
    let speakers = live_speakers(view, session);
    let unavailable = speakers
        .iter()
        .find(|speaker| !is_open(&speaker.availability, span))
        .map(|speaker| {
            let why = why_closed(&speaker.availability, span);
            Bar::new(RuleCode::H09, format!("its speaker {}: {why}", speaker.id))
        });
    unavailable.or_else(|| {
        speakers.iter().find_map(|speaker| {
            let mut talks = view.live_talks(&speaker.id);
            let other = talks.find(|talk| overlap(&talk.cells, own))?;
            let words = format!(
                "its speaker {} speaks in {} then",
                speaker.id,
                title(other.session)
            );
            Some(Bar::new(RuleCode::H10, words))
        })
    })
}

/// H11: a regional event blocks its group, or a live speaker's.
fn clash(view: &View<'_>, session: &Session, own: &Range<u32>) -> Option<Bar> {
    let span = view.span(own);
    groups_of(view, session).into_iter().find_map(|group| {
        let event = view.blocking(group, span)?;
        let name = view.group_name(group);
        let words = format!("\"{}\" keeps {name} from it", event.title);
        Some(Bar::new(RuleCode::H11, words))
    })
}

/// H13: a live speaker who is an operator too is on duty then, or while she would prepare.
fn speaker_on_duty(view: &View<'_>, session: &Session, own: &Range<u32>) -> Option<Bar> {
    let preparation = view.cells_in(view.problem.event.policy.speaker_preparation_min);
    let away = own.start.saturating_sub(preparation)..own.end;
    let speakers = live_speakers(view, session);
    let operators = view.problem.operators.iter();
    operators
        .filter(|operator| {
            let is = |speaker: &&Speaker| operator.speaker.as_ref() == Some(&speaker.id);
            speakers.iter().any(is)
        })
        .find_map(|operator| {
            let shifts = view.shifts_of(operator);
            let met = shifts
                .iter()
                .find(|served| overlap(&served.on_duty, &away))?;
            let work = work(met.duty, met.role);
            let words = format!("its speaker is {}, on duty as {work} then", operator.id);
            Some(Bar::new(RuleCode::H13, words))
        })
}
