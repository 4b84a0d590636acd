//! What is looked at after every step.

use std::collections::BTreeMap;
use std::sync::Arc;

use meridian_federation::content::PlanRevision;
use meridian_federation::fold::Custody;
use meridian_federation::header::{Audience, Header};
use meridian_federation::sync::{Docs, Message};
use meridian_federation::{GroupId, Packet, RecordId, SharedState};

use crate::group::allows;
use crate::ledger::Handing;
use crate::violation::{Invariant, Violation, violated};
use crate::world::World;

/// One in so many steps gets the dear checks too.
const DEAR_ONE_IN: usize = 12;

pub(crate) fn after(world: &mut World, who: usize) -> Result<(), Violation> {
    logs(world, who)?;
    let vetted = certified(world, who, world.node(who).state(&world.space).unwrap())?;
    world.ledger.vetted.extend(vetted);
    let state = world.node(who).state(&world.space).unwrap();
    custodians(world, who, state)?;
    let handed = state.custody.iter().flat_map(|(part, of)| {
        let later = of.history.iter().skip(1);
        later.map(|(epoch, _)| (part.clone(), of.stands, *epoch))
    });
    let handed: Vec<_> = handed.collect();
    world.ledger.handed.extend(handed);
    // Drawn either way, so that a thorough run is the same run.
    let dear = world.dice.one_in(DEAR_ONE_IN);
    if dear || world.rules.thorough {
        folded(world, who)?;
    }
    Ok(())
}

/// Each record that counts names the one before, and the card in force lets its key sign there.
fn logs(world: &World, who: usize) -> Result<(), Violation> {
    let node = world.node(who);
    for ((author, generation), log) in node.logs(&world.space).unwrap() {
        if log.chain().is_empty() {
            continue;
        }
        let Some(card) = node.trust().card(author) else {
            return violated(
                Invariant::DeadKeys,
                format!("{author:?} has no card at g{who}"),
            );
        };
        // A card that was made before the theft may let the thief sign where its owner could.
        let robbed = world
            .index_of(author)
            .and_then(|of| world.groups[of].robbed);
        let robbed = robbed.unwrap_or(0);
        let mut before = None;
        for (record, sequence) in log.chain().iter().zip(0..) {
            let header = record.header();
            let at = header.position();
            if header.previous != before || at.sequence != sequence || at.generation != *generation
            {
                let detail = format!("g{who} counts {:?} at {at:?}", record.id());
                return violated(Invariant::Chained, detail);
            }
            before = Some(record.id());
            let mut keys = card.card().keys.iter().map(|grant| grant.key);
            let living = keys
                .any(|key| allows(card.card(), &world.space, &key, at) && key.id() == header.key);
            let mut branches = card.card().branches.iter();
            let another = branches.any(|branch| {
                branch.space == world.space
                    && (branch.generation, branch.sequence) == (at.generation, at.sequence)
                    && branch.record != record.id()
            });
            let revoked =
                card.card().version > robbed && world.ledger.stolen.contains(&record.id());
            if !living || another || revoked {
                let detail = format!(
                    "g{who} counts {:?} of {author:?} at {at:?}: living {living}, another chosen {another}, a thief's {revoked}",
                    record.id()
                );
                return violated(Invariant::DeadKeys, detail);
            }
        }
    }
    Ok(())
}

/// A plan shows as published only if every sound group in it really accepted its very slice.
fn certified(
    world: &World,
    who: usize,
    state: &SharedState,
) -> Result<Option<RecordId>, Violation> {
    let Some(published) = &state.published else {
        return Ok(None);
    };
    if world.ledger.vetted.contains(&published.record) {
        return Ok(None);
    }
    let proposal = state
        .proposals
        .iter()
        .find(|of| of.record == published.revision);
    let Some(proposal) = proposal else {
        return violated(Invariant::Certified, "a plan in force that nobody proposed");
    };
    for group in &world.groups {
        if !group.is_sound() || !is_in(&proposal.plan, &group.handle) {
            continue;
        }
        let slice = proposal.slices.get(&group.id).map(|of| of.slice);
        let accepted = slice.is_some_and(|slice| world.ledger.accepts.contains(&(group.id, slice)));
        if !accepted {
            let detail = format!(
                "g{who} shows {:?} as published; g{} never accepted {slice:?}",
                published.record, group.number
            );
            return violated(Invariant::Certified, detail);
        }
    }
    Ok(Some(published.record))
}

fn is_in(plan: &PlanRevision, handle: &meridian_model::GroupId) -> bool {
    plan.blocks.iter().any(|of| of.group == *handle)
        || plan.seats.iter().any(|of| of.group == *handle)
        || plan
            .sessions
            .iter()
            .any(|of| of.group.as_ref() == Some(handle))
}

/// A part changes hands only by the word of a custodian or coordinator.
fn custodians(world: &World, who: usize, state: &SharedState) -> Result<(), Violation> {
    for (part, custody) in &state.custody {
        let Custody {
            stands,
            history,
            epoch,
            custodian,
        } = custody;
        if history.last() != Some(&(*epoch, *custodian)) {
            return violated(
                Invariant::OneCustodian,
                format!("{part} at g{who}: {custody:?}"),
            );
        }
        for pair in history.windows(2) {
            let [(before, from), (after, to)] = pair else {
                continue;
            };
            if before >= after {
                return violated(
                    Invariant::OneCustodian,
                    format!("{part} at g{who}: {custody:?}"),
                );
            }
            let by_word_of = |by: &GroupId| {
                let sound = world
                    .index_of(by)
                    .is_some_and(|by| world.groups[by].is_sound());
                !sound
                    || world.ledger.handings.contains(&Handing {
                        by: *by,
                        part: part.clone(),
                        stands: *stands,
                        epoch: *after,
                        to: *to,
                    })
            };
            let handed = if after.reclaims == before.reclaims {
                by_word_of(from)
            } else {
                // Whoever was coordinator once: only one of them can have said so.
                world.ids.iter().any(by_word_of)
            };
            if !handed {
                let detail =
                    format!("g{who}: {part} went to {to:?} at {after} without a word of {from:?}");
                return violated(Invariant::OneCustodian, detail);
            }
        }
    }
    Ok(())
}

pub(crate) fn folded(world: &World, who: usize) -> Result<(), Violation> {
    let node = world.node(who);
    let (grown, full) = (
        node.state(&world.space).unwrap(),
        node.full_fold(&world.space).unwrap(),
    );
    if *grown == full {
        return Ok(());
    }
    violated(
        Invariant::Folded,
        format!("g{who}: {grown:?} but in full {full:?}"),
    )
}

/// No body of an honest node goes to anybody but its audience.
pub(crate) fn private(world: &World, packet: &Packet) -> Result<(), Violation> {
    let Some(from) = world
        .index_of(&packet.from)
        .filter(|from| world.is_honest(*from))
    else {
        return Ok(());
    };
    let (Message::Answer(docs, _) | Message::Docs(docs)) = &packet.message else {
        return Ok(());
    };
    for (record, text) in bodies(world, from, docs) {
        let says = |what: &str| String::from_utf8_lossy(&text).contains(what);
        let planted = says(PLANTED);
        let meant = match &record.audience {
            Audience::All => !planted,
            Audience::Coordinator => {
                record.author == packet.to || was_coordinator(world, from, &packet.to)
            }
            Audience::Groups(groups) => record.author == packet.to || groups.contains(&packet.to),
        };
        if !meant {
            let detail = format!(
                "g{from} sends {} of {:?} to {:?}",
                record.kind, record.author, packet.to
            );
            return violated(Invariant::Private, detail);
        }
    }
    Ok(())
}

/// What stands in everything that not everybody may read.
pub(crate) const PLANTED: &str = "planted-7f3a";

fn was_coordinator(world: &World, from: usize, group: &GroupId) -> bool {
    let node = world.node(from);
    let views = node.views(&world.space).unwrap();
    let mut charters = views.values().flat_map(|view| view.charters.values());
    *group == world.ids[0] || charters.any(|said| said.what.coordinator == *group)
}

fn bodies(world: &World, from: usize, docs: &Docs) -> Vec<(Header, Vec<u8>)> {
    let node = world.node(from);
    let mut bodies = BTreeMap::new();
    for sent in &docs.records {
        if let Some(body) = &sent.body {
            let header = Header::read(&sent.envelope.payload).unwrap();
            bodies.insert(
                RecordId::of(&sent.envelope.payload),
                (header, body.bytes.clone()),
            );
        }
    }
    for sent in &docs.bodies {
        if let Some(record) = node.record(&world.space, &sent.record) {
            let header = Arc::clone(record).header().clone();
            bodies.insert(sent.record, (header, sent.body.bytes.clone()));
        }
    }
    bodies.into_values().collect()
}
