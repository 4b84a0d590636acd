//! The coordinator's plan: what groups offered and answered, as a problem of stand-ins for the real engine.
//!
//! Blocks go to groups that offered the hours, talks where their windows are, and duty to stand-ins: one for each person
//! counted, one for each shift offered. What groups accepted, or did not speak against, is pinned; what they asked for
//! instead is in the problem before it is solved again.

mod blocks;
mod revision;
mod seats;
mod supply;
mod talks;
mod wishes;

use std::collections::BTreeMap;

use meridian_federation::SharedState;
use meridian_federation::content::{Answer, CapacityOffer, EventBrief, PlanRevision, TalkOffer};
use meridian_model::{
    Concern, Event, Group, GroupId as Handle, Hosting, Impact, Pins, Problem, RegionalEvent,
    RegionalEventId, RegionalKind, Span,
};

use super::brief::event_of;
use super::grid::{Grid, common, possible, without};
use super::lanes::{Uncovered, uncovered};
use super::stand_ins;
pub(crate) use revision::{revision_of, stamp};
use wishes::{Wishes, wishes};

/// What every member said, by handle.
pub(crate) type Offers<'a> = BTreeMap<Handle, MemberOffers<'a>>;

/// What one member said.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemberOffers<'a> {
    /// Its newest answer to the brief.
    pub(crate) capacity: Option<CapacityOffer>,
    /// Its talks, the newest word on each, without those withdrawn.
    pub(crate) talks: Vec<TalkOffer>,
    /// Its answers to plans so far, the oldest first.
    pub(crate) answers: Vec<Answered<'a>>,
}

/// A group's newest answer to its slice of a plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered<'a> {
    /// The plan.
    pub(crate) revision: &'a PlanRevision,
    /// The answer.
    pub(crate) answer: &'a Answer,
}

/// The answers of every member to every plan that was proposed, the oldest first.
pub(crate) fn answers_of(state: &SharedState) -> BTreeMap<Handle, Vec<Answered<'_>>> {
    let mut answers: BTreeMap<Handle, Vec<Answered<'_>>> = BTreeMap::new();
    for proposal in &state.proposals {
        for (group, slice) in &proposal.slices {
            let (Some(member), Some(answer)) = (state.members.get(group), &slice.answer) else {
                continue;
            };
            let of_member = answers.entry(member.handle.clone()).or_default();
            of_member.push(Answered {
                revision: &proposal.plan,
                answer: &answer.what,
            });
        }
    }
    answers
}

/// What every step of one allocation shares.
struct Table<'a> {
    event: &'a Event,
    grid: Grid,
    offers: &'a Offers<'a>,
    wishes: BTreeMap<&'a Handle, Wishes>,
    previous: Option<&'a PlanRevision>,
    /// What nobody serves in that.
    open: Vec<Uncovered>,
}

impl<'a> Table<'a> {
    fn wishes(&self, handle: &Handle) -> Option<&Wishes> {
        self.wishes.get(handle)
    }

    fn capacity(&self, handle: &Handle) -> Option<&'a CapacityOffer> {
        self.offers.get(handle)?.capacity.as_ref()
    }
}

/// The problem of the next plan. `own` is the coordinator's own event: what the brief leaves unsaid, and sessions of no
/// group, such as the opening. `previous` is the plan that was answered last.
pub(crate) fn allocate(
    brief: &EventBrief,
    offers: &Offers<'_>,
    own: &Problem,
    previous: Option<&PlanRevision>,
) -> Problem {
    let event = event_of(brief, &own.event);
    let table = Table {
        event: &event,
        grid: Grid(event.horizon),
        offers,
        wishes: wishes(&event, offers, previous),
        previous,
        open: previous.map_or_else(Vec::new, |previous| uncovered(&event, previous)),
    };
    let groups = groups(&table, own);
    let (blocks, moved) = blocks::blocks(&table, &groups);
    let programme = talks::talks(&table, own, &blocks);
    let supply = supply::supply(&table, &blocks);
    let mut pins = Pins {
        blocks: blocks.iter().map(stand_ins::block).collect(),
        sessions: programme.pins,
        shifts: supply.pins,
    };
    pins.blocks.extend(moved.iter().map(stand_ins::block));
    let mut problem = Problem {
        format: Problem::FORMAT.to_owned(),
        tzdb: own.tzdb.clone(),
        event: event.clone(),
        regional_events: regional_events(offers, own),
        groups,
        operators: supply.operators,
        speakers: programme.speakers,
        sessions: programme.sessions,
        pins,
    };
    in_order(&mut problem);
    problem
}

/// Everything by id, as documents have it.
fn in_order(problem: &mut Problem) {
    problem.groups.sort_by(|a, b| a.id.cmp(&b.id));
    problem.operators.sort_by(|a, b| a.id.cmp(&b.id));
    problem.speakers.sort_by(|a, b| a.id.cmp(&b.id));
    problem.sessions.sort_by(|a, b| a.id.cmp(&b.id));
    problem.regional_events.sort_by(|a, b| a.id.cmp(&b.id));
}

/// The members, hosting as they offered and asked for since.
fn groups(table: &Table<'_>, own: &Problem) -> Vec<Group> {
    let members = table.offers.keys().map(|handle| {
        let known = own.groups.iter().find(|group| group.id == *handle);
        let mut group = known.cloned();
        let group = group.get_or_insert_with(|| stand_ins::host(table.event, handle, &[]));
        let capacity = table.capacity(handle);
        if let Some(capacity) = capacity
            && !capacity.languages.is_empty()
        {
            group.languages.clone_from(&capacity.languages);
        }
        if let Some(wishes) = table.wishes(handle) {
            let speaks = |language: &_| !wishes.languages.contains(language);
            let left: Vec<_> = group
                .languages
                .iter()
                .filter(|l| speaks(l))
                .cloned()
                .collect();
            if left.is_empty() {
                group.hosting = None;
                return group.clone();
            }
            group.languages = left;
        }
        group.hosting = capacity.and_then(|capacity| hosting(table, handle, capacity));
        group.clone()
    });
    members.collect()
}

fn hosting(table: &Table<'_>, handle: &Handle, capacity: &CapacityOffer) -> Option<Hosting> {
    let horizon = [table.event.horizon.span()];
    let mut open = common(&capacity.hosting, &horizon);
    let mut max_blocks = capacity.max_blocks;
    let (mut shortest_min, mut longest_min) = (capacity.shortest_min, capacity.longest_min);
    if let Some(wishes) = table.wishes(handle) {
        open = without(&open, &wishes.closed);
        open.extend(&wishes.opened);
        max_blocks = wishes
            .max_blocks
            .map_or(max_blocks, |most| max_blocks.min(most));
        for span in &wishes.opened {
            // It asked for this time, as long as it is.
            let length = u32::try_from(span.minutes()).unwrap_or(u32::MAX);
            shortest_min = shortest_min.min(length);
            longest_min = longest_min.max(length);
        }
    }
    // Plans are on cells, and so is what is asked of them.
    let on_cells = |spans: &[Span]| table.grid.spans(&table.grid.marked(spans));
    let open = on_cells(&open);
    let prime = if capacity.prime.is_empty() {
        open.clone()
    } else {
        on_cells(&capacity.prime)
    };
    (max_blocks > 0 && !open.is_empty()).then(|| Hosting {
        availability: possible(&open),
        prime,
        shortest_min,
        longest_min,
        max_blocks,
    })
}

/// What groups are kept from by, and what the coordinator knows of else.
fn regional_events(offers: &Offers<'_>, own: &Problem) -> Vec<RegionalEvent> {
    let mut events = Vec::new();
    for (handle, offer) in offers {
        let blocked = offer.capacity.iter().flat_map(|capacity| &capacity.blocked);
        events.extend(blocked.enumerate().map(|(n, blocked)| RegionalEvent {
            id: RegionalEventId::new(format!("{handle}/{n}")),
            title: blocked.title.clone(),
            kind: RegionalKind::Other,
            impact: Impact::Block,
            concerns: vec![Concern {
                group: handle.clone(),
                span: blocked.span,
            }],
        }));
    }
    // What blocks a group, it says itself; what only weighs, nobody had to say.
    let weighs = own.regional_events.iter();
    for event in weighs.filter(|event| event.impact == Impact::Weigh) {
        let mut event = event.clone();
        event
            .concerns
            .retain(|concern| offers.contains_key(&concern.group));
        if !event.concerns.is_empty() {
            events.push(event);
        }
    }
    events
}
