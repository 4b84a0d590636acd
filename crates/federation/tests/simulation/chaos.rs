//! The first phase of a run: leaders act, and everything goes wrong that can.

use std::collections::BTreeSet;
use std::sync::Arc;

use meridian_federation::body::Body;
use meridian_federation::header::Position;
use meridian_federation::ids::{Salt, Signature};
use meridian_federation::kind::Kind;
use meridian_federation::sync::{Docs, Message, Sent};
use meridian_federation::{Draft, Entry, Packet, RecordId};
use meridian_model::Timestamp;

use crate::group::{Conduct, branch};
use crate::leader;
use crate::villain;
use crate::violation::{Invariant, Violation, violated};
use crate::world::{World, sight};

/// Draws who will cheat.
pub(crate) fn cast(world: &mut World) {
    if world.dice.one_in(2) {
        let n = world.groups.len();
        let villain = if world.dice.one_in(3) {
            0
        } else {
            world.dice.below(n)
        };
        world.groups[villain].conduct = Conduct::Villain;
        world.tell(|| format!("g{villain} is a villain"));
    }
}

pub(crate) fn step(world: &mut World) -> Result<(), Violation> {
    let who = world.dice.below(world.groups.len());
    match world.dice.below(100) {
        0..=37 => speak(world, who),
        38..=69 => {
            for _ in 0..=world.dice.below(6) {
                receive(world)?;
            }
            Ok(())
        }
        70..=84 => {
            let to = world.dice.below(world.groups.len());
            if to == who {
                return Ok(());
            }
            let packet = world
                .node(who)
                .begin_sync(world.ids[to], world.space)
                .unwrap();
            world.send(packet)
        }
        85..=87 => {
            let side: Vec<_> = world.ids.clone();
            let cut = !world.dice.one_in(3);
            let side = side
                .into_iter()
                .filter(|_| cut && world.dice.one_in(2))
                .collect();
            world.network.cut(side);
            Ok(())
        }
        88 => world.restart(who),
        89 => back_up(world, who),
        90 => rotate(world, who),
        91 => erase(world, who),
        92 => mail(world, who),
        93..=95 => steal(world, who),
        _ => cheat(world),
    }
}

pub(crate) fn speak(world: &mut World, who: usize) -> Result<(), Violation> {
    if world.dice.one_in(40) {
        return speak_of_later(world, who);
    }
    let Some((content, readers)) = leader::next(world, who) else {
        return Ok(());
    };
    let Some(mut draft) = world.draft(&content) else {
        return Ok(());
    };
    draft.readers = readers;
    world.say(who, draft, Some(&content)).map(|_| ())
}

/// A kind of a later version: kept and passed on, never applied.
fn speak_of_later(world: &mut World, who: usize) -> Result<(), Violation> {
    let draft = Draft {
        kind: Kind::Other("stage.lights".to_owned()),
        bytes: b"{}".to_vec(),
        entity: String::new(),
        replaces: Vec::new(),
        depends: Vec::new(),
        actor: String::new(),
        time: Timestamp::UNIX_EPOCH,
        readers: BTreeSet::new(),
        salt: Salt::from_bytes(world.dice.bytes()),
    };
    world.say(who, draft, None).map(|_| ())
}

/// Whatever comes out of the line next comes to its node; sometimes with something rotten in it.
pub(crate) fn receive(world: &mut World) -> Result<(), Violation> {
    let Some(mut packet) = world.network.next(&mut world.dice) else {
        return Ok(());
    };
    if world.chaos && world.dice.one_in(12) {
        withhold(&mut packet);
    }
    if world.chaos && world.dice.one_in(24) {
        return spoil(world, &packet);
    }
    hand(world, packet)
}

pub(crate) fn hand(world: &mut World, packet: Packet) -> Result<(), Violation> {
    let (from, to) = (packet.from, world.index_of(&packet.to).unwrap());
    let packet = if world.dice.one_in(16) {
        through_bytes(&packet)
    } else {
        packet
    };
    world.tell(|| format!("g{to} gets {} of {from:?}", shape(&packet.message)));
    let effects = world.shells[to].node.handle(from, packet);
    world.tell(|| format!("  refused {:?}", effects.codes().collect::<Vec<_>>()));
    world.perform(to, effects, None)
}

fn shape(message: &Message) -> String {
    match message {
        Message::Hint(_) => "a hint".to_owned(),
        Message::Pull(_) => "a pull".to_owned(),
        Message::Answer(docs, _) | Message::Docs(docs) => format!(
            "{} cards, {} disputes, {} evidence, {} records, {} bodies",
            docs.cards.len(),
            docs.disputes.len(),
            docs.evidence.len(),
            docs.records.len(),
            docs.bodies.len()
        ),
        Message::Taken {
            changed, refused, ..
        } => format!("taken ({changed}, {refused:?})"),
    }
}

fn through_bytes(packet: &Packet) -> Packet {
    let bytes = meridian_federation::wire::write(packet).unwrap();
    let read = meridian_federation::wire::read(&bytes).unwrap();
    assert_eq!(
        &read, packet,
        "a message is another after it was written and read"
    );
    read
}

fn docs_of(message: &mut Message) -> Option<&mut Docs> {
    match message {
        Message::Answer(docs, _) | Message::Docs(docs) => Some(docs),
        Message::Hint(_) | Message::Pull(_) | Message::Taken { .. } => None,
    }
}

/// Headers without their bodies.
fn withhold(packet: &mut Packet) {
    if let Some(docs) = docs_of(&mut packet.message) {
        for sent in &mut docs.records {
            sent.body = None;
        }
    }
}

/// The same batch with and without a rotten item must make the same node.
fn spoil(world: &mut World, packet: &Packet) -> Result<(), Violation> {
    let mut rotten = packet.clone();
    let at = world.dice.below(4);
    let Some(docs) = docs_of(&mut rotten.message) else {
        return hand(world, packet.clone());
    };
    let Some(first) = docs.records.first().cloned() else {
        return hand(world, packet.clone());
    };
    let envelope = first.envelope.as_ref().clone();
    let bad = match at {
        0 => Sent {
            envelope: Arc::new(meridian_federation::envelope::Envelope {
                signature: Signature::from_bytes([7; 64]),
                payload: [envelope.payload.as_slice(), b" "].concat(),
                ..envelope
            }),
            ..first
        },
        1 => Sent {
            envelope: Arc::new(meridian_federation::envelope::Envelope {
                payload: b"{".to_vec(),
                ..envelope
            }),
            ..first
        },
        2 => first,
        _ => Sent {
            body: Some(Arc::new(Body {
                salt: None,
                bytes: b"[]".to_vec(),
            })),
            ..first
        },
    };
    // Another body for a record that comes again right after, with its own.
    docs.records.insert(0, bad);
    let to = world.index_of(&packet.to).unwrap();
    let peers = world.ids.clone();
    let mut twin = world.shells[to].restarted(
        &world.groups[to],
        &world.rules,
        &world.verifier,
        &peers,
        &mut world.dice,
    );
    let _ = twin.handle(packet.from, packet.clone());
    let effects = world.shells[to].node.handle(rotten.from, rotten);
    if sight(&twin, &world.space) != world.sight(to) && world.is_honest(to) {
        let detail = format!("g{to} takes a batch otherwise when item {at} in it is bad");
        return violated(Invariant::BatchStands, detail);
    }
    world.perform(to, effects, None)
}

/// The disk dies; an old copy of the database is put back. The side file was elsewhere.
fn back_up(world: &mut World, who: usize) -> Result<(), Violation> {
    let disk = &mut world.shells[who].disk;
    let first = disk
        .iter()
        .take_while(|entry| !matches!(entry, Entry::Record(_)))
        .count();
    let kept = first + world.dice.below(disk.len().saturating_sub(first) + 1);
    disk.truncate(kept);
    world.tell(|| format!("g{who} is restored from a backup with {kept} entries"));
    world.restart(who)?;
    forget_what_is_lost(world);
    Ok(())
}

/// What the only disk that had it lost cannot be had again.
fn forget_what_is_lost(world: &mut World) {
    let honest = world.honest();
    let gone: Vec<RecordId> = world
        .ledger
        .acknowledged
        .keys()
        .filter(|record| honest.iter().all(|who| !is_kept(world, *who, record)))
        .copied()
        .collect();
    for record in gone {
        world.tell(|| format!("{record:?} is lost with its disk"));
        world.ledger.acknowledged.remove(&record);
    }
}

fn is_kept(world: &World, who: usize, record: &RecordId) -> bool {
    let logs = world.node(who).logs(&world.space).unwrap();
    logs.values()
        .flat_map(|log| log.records())
        .any(|of| of.id() == *record)
}

/// A group changes its key; everything that it was told is saved stays signed by a key that may sign there.
pub(crate) fn rotate(world: &mut World, who: usize) -> Result<(), Violation> {
    let group = world.ids[who];
    if world.groups[who].cards.len() > 4 {
        return Ok(());
    }
    let saved = world
        .ledger
        .acknowledged
        .iter()
        .filter(|(_, (of, _))| *of == group);
    let saved: Vec<(Position, RecordId)> = saved.map(|(record, (_, at))| (*at, *record)).collect();
    let mut ends: Vec<Position> = Vec::new();
    for (at, _) in &saved {
        match ends.iter_mut().find(|end| end.generation == at.generation) {
            Some(end) => *end = (*end).max(*at),
            None => ends.push(*at),
        }
    }
    let branches = saved
        .iter()
        .map(|(at, record)| branch(world.space, *at, *record));
    let branches = if world.groups[who].robbed.is_some() {
        branches.collect()
    } else {
        Vec::new()
    };
    world.tell(|| format!("g{who} changes its key"));
    world.groups[who].rotate(&ends, branches);
    world.bring_cards(who)
}

fn erase(world: &mut World, who: usize) -> Result<(), Violation> {
    let group = world.ids[who];
    let views = world.node(who).views(&world.space).unwrap();
    let contact = views.get(&group).and_then(|view| view.contact.get(&()));
    let Some(record) = contact.map(|said| said.record) else {
        return Ok(());
    };
    match world.shells[who].node.erase(world.space, record) {
        Ok(effects) => world.perform(who, effects, None),
        Err(_) => Ok(()),
    }
}

/// Everything travels as a file.
fn mail(world: &mut World, who: usize) -> Result<(), Violation> {
    let to = world.dice.below(world.groups.len());
    let have = meridian_federation::sync::Have::default();
    let reader = world.ids[to];
    let bytes = world
        .node(who)
        .write_bundle(world.space, &reader, &have)
        .unwrap();
    world.tell(|| format!("g{to} gets a file of g{who}"));
    let effects = world.shells[to].node.read_bundle(&bytes);
    world.perform(to, effects, None)
}

/// A thief has a group's key and signs with it, before the group notices and after.
fn steal(world: &mut World, who: usize) -> Result<(), Violation> {
    let robbed = world.groups.iter().position(|group| group.robbed.is_some());
    let victim = robbed.unwrap_or(who);
    if world.groups[victim].conduct == Conduct::Villain || robbed.is_none() && !world.dice.one_in(8)
    {
        return Ok(());
    }
    let known = world.groups[victim].card().card().version;
    world.groups[victim].robbed.get_or_insert(known);
    world.tell(|| format!("a thief has the first key of g{victim}"));
    let key = Arc::clone(&world.groups[victim].keys[0]);
    villain::fork(world, victim, victim, &key);
    if world.dice.one_in(4) {
        rotate(world, victim)
    } else {
        Ok(())
    }
}

fn cheat(world: &mut World) -> Result<(), Violation> {
    let villain = world
        .groups
        .iter()
        .position(|group| group.conduct == Conduct::Villain);
    match villain {
        Some(villain) => villain::act(world, villain),
        None => Ok(()),
    }
}
