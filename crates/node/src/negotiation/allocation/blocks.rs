//! Host blocks of the plan before: which stay, in which language, and which change places.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::content::{PlanBlock, PlanRevision, ShiftOffer};
use meridian_model::{Duty, Group, GroupId as Handle, RoleNeed, Span};

use super::super::grid::{at_least, without};
use super::Table;

/// The blocks of the plan before that stay, and those that groups change places to.
pub(super) fn blocks(table: &Table<'_>, groups: &[Group]) -> (Vec<PlanBlock>, Vec<PlanBlock>) {
    let Some(previous) = table.previous else {
        return (Vec::new(), Vec::new());
    };
    let mut moved: Vec<PlanBlock> = Vec::new();
    for place in table.wishes.values().flat_map(|wishes| &wishes.places) {
        // Of wishes that contradict each other, the first.
        let clashes = |of: &PlanBlock| {
            of.id == place.id || (of.track == place.track && of.span.overlaps(&place.span))
        };
        let mut hosts = groups.iter().filter(|of| of.hosting.is_some());
        if hosts.any(|of| of.id == place.group) && !moved.iter().any(clashes) {
            moved.push(place.clone());
        }
    }
    let freed: BTreeSet<_> = table.wishes.values().flat_map(|w| &w.blocks).collect();
    let sought: Vec<_> = table.wishes.values().flat_map(|w| &w.sought).collect();
    let mut kept: BTreeMap<&Handle, u32> = BTreeMap::new();
    let stays = |block: &&PlanBlock| {
        let clear =
            |span: &Span| block.span.end() <= span.start() || span.end() <= block.span.start();
        let apart = |(track, span): &&(_, Span)| block.track != *track || clear(span);
        let place = |to: &PlanBlock| block.track != to.track || clear(&to.span);
        !freed.contains(&block.id)
            && sought.iter().all(apart)
            && moved.iter().all(place)
            && can_stay(table, groups, block)
    };
    let mut stay = Vec::new();
    for block in previous.blocks.iter().filter(stays) {
        let most = groups.iter().find(|group| group.id == block.group);
        let most = most
            .and_then(|group| group.hosting.as_ref())
            .map_or(0, |of| of.max_blocks);
        let n = kept.entry(&block.group).or_default();
        if *n < most {
            *n += 1;
            let mut block = block.clone();
            if is_unserved(table, groups, previous, &block) {
                block.language.clone_from(&table.event.language);
            }
            stay.push(block);
        }
    }
    (stay, moved)
}

/// Whether a block is in a language that people are missing for and nobody offers to serve, while its host would hold it
/// in the event's. What is open in the first plan, nobody was asked about yet.
fn is_unserved(
    table: &Table<'_>,
    groups: &[Group],
    previous: &PlanRevision,
    block: &PlanBlock,
) -> bool {
    let event = table.event;
    let host = groups.iter().find(|group| group.id == block.group);
    let could = host.is_some_and(|host| host.languages.contains(&event.language));
    if block.language == event.language || !could || previous.number < 2 {
        return false;
    }
    let of_language = |duty: &&Duty| {
        let role = event.roles.iter().find(|role| role.id == duty.role);
        let needs = role.is_some_and(|role| role.needs != RoleNeed::Nothing);
        needs && duty.tracks.contains(&block.track)
    };
    event.duties.iter().filter(of_language).any(|duty| {
        let open = table.open.iter().filter(|open| open.duty == duty.id);
        let missing: Vec<Span> = open
            .filter_map(|open| open.span.intersection(&block.span))
            .collect();
        let shifts = table.offers.iter().flat_map(|(handle, offer)| {
            let shifts = offer.capacity.iter().flat_map(|capacity| &capacity.shifts);
            shifts.map(move |shift| (handle, shift))
        });
        let for_this = shifts.filter(|(handle, shift)| {
            let spoken = shift.languages.contains(&block.language);
            let able = (shift.duty == duty.id && spoken) || shift.or.contains(&duty.id);
            able && is_spare(previous, handle, shift)
        });
        let offered: Vec<Span> = for_this.map(|(_, shift)| shift.span).collect();
        !without(&missing, &offered).is_empty()
    })
}

/// Whether a shift is offered beyond the seats that its group has.
fn is_spare(previous: &PlanRevision, handle: &Handle, shift: &ShiftOffer) -> bool {
    let mut seats = previous.seats.iter().filter(|seat| seat.group == *handle);
    !seats.any(|seat| seat.duty == shift.duty && seat.span.overlaps(&shift.span))
}

/// Whether a block is still as its group offers to host.
fn can_stay(table: &Table<'_>, groups: &[Group], block: &PlanBlock) -> bool {
    let group = groups.iter().find(|group| group.id == block.group);
    let Some((group, hosting)) = group.and_then(|of| Some((of, of.hosting.as_ref()?))) else {
        return false;
    };
    let known = table
        .event
        .tracks
        .iter()
        .any(|track| track.id == block.track);
    let open = at_least(&hosting.availability, meridian_model::Grade::Possible);
    let lasts = i64::from(hosting.shortest_min)..=i64::from(hosting.longest_min);
    known
        && table.grid.exactly(block.span).is_some()
        && group.languages.contains(&block.language)
        && open.iter().any(|span| span.contains(&block.span))
        && lasts.contains(&block.span.minutes())
}
