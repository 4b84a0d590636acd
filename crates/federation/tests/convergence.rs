//! Equal sets of records give equal state, whatever came first, twice or last; and a node that was restored, from
//! its store or from a backup, is the node it was.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect fails"
)]

mod world;

use std::sync::Arc;

use meridian_federation::card::{Branch, Card};
use meridian_federation::content::{
    Answer, Content, CustodyAccept, CustodyCommit, CustodyOffer, CustodyReclaim, Epoch, MemberJoin,
    MemberLeave, Part, RosterOverride,
};
use meridian_federation::envelope::Envelope;
use meridian_federation::keys::Strict;
use meridian_federation::sync::{Docs, Sent};
use meridian_federation::{Code, Effects, Entry, Message, Node, Packet, RecordId, StateDigest};
use proptest::prelude::*;
use world::{Group, World};

/// Everything that was ever said, in pieces that can come in any order.
#[derive(Clone, Debug)]
enum Piece {
    Card(Envelope),
    Record(Sent),
    /// A record without its body, which comes by itself.
    Header(Sent),
    Evidence([Envelope; 2]),
}

#[derive(Clone, Copy, Debug)]
struct Trouble {
    forked: bool,
    forked_twice: bool,
    chosen: bool,
    revoked: bool,
    disputed: bool,
}

fn leave(reason: &str) -> Content {
    Content::MemberLeave(MemberLeave {
        reason: reason.to_owned(),
    })
}

/// A world with a plan in force, a swap, a reclaim and an override.
fn busy_world() -> World {
    let (mut world, _, plan) = World::published(3);
    let part = Part::Block("b-lima".into());
    let stands = world.state(0).custody[&part].stands;
    let epoch = Epoch::default();
    let offer = CustodyOffer {
        part: part.clone(),
        stands,
        epoch,
        to: world.groups[2].id,
    };
    let offer = world.say(1, &Content::CustodyOffer(offer));
    world.sync();
    let accept = world.say(2, &Content::CustodyAccept(CustodyAccept { offer }));
    let accept = world.carried(2, &accept);
    world.say(1, &Content::CustodyCommit(CustodyCommit { offer, accept }));
    let reclaim = CustodyReclaim {
        part: part.clone(),
        stands,
        reclaims: 1,
        to: world.groups[0].id,
        reason: String::new(),
    };
    world.say(0, &Content::CustodyReclaim(reclaim));
    for instead in ["p1", "p2"] {
        let change = RosterOverride {
            part: part.clone(),
            stands,
            epoch,
            shift: "x".into(),
            instead: Some(instead.into()),
            name: None,
        };
        world.say(1, &Content::RosterOverride(change));
    }
    let revision = world.state(0).proposals[0].record;
    world.answer(1, revision, &plan, Answer::Reject(Vec::new()));
    world.sync();
    world
}

/// The record that lima's log holds at the place where the second fork is made.
fn forked_further_down(world: &World) -> RecordId {
    let logs = world.groups[1].node.logs(&world.space).unwrap();
    logs[&(world.groups[1].id, 0)].at(3).unwrap().id()
}

/// What lima signed beside its log.
fn rivals(world: &World, trouble: Trouble) -> Vec<Sent> {
    let key = &world.groups[1].key;
    let mut rivals = Vec::new();
    if trouble.forked {
        let place = world.position(1).sequence + 1;
        rivals.push(world.forge(1, key, &leave("a"), |_| {}));
        rivals.push(world.forge(1, key, &leave("b"), |_| {}));
        // The first branch goes on; the rest of it counts only where it is chosen.
        let first = RecordId::of(&rivals[0].envelope.payload);
        let charter = world.charter.unwrap();
        let join = Content::MemberJoin(MemberJoin { charter });
        rivals.push(world.forge(1, key, &join, |header| {
            header.sequence = place + 1;
            header.previous = Some(first);
        }));
    }
    if trouble.forked_twice {
        // It follows nothing.
        rivals.push(world.forge(1, key, &leave("c"), |header| {
            header.sequence = 3;
            header.previous = Some(RecordId::from_bytes([9; 32]));
        }));
    }
    rivals
}

/// Lima's further cards.
fn cards(world: &World, trouble: Trouble, rivals: &[Sent]) -> Vec<Piece> {
    let before = &world.groups[1].card;
    let mut card = Card {
        version: 2,
        previous: Some(before.id()),
        ..before.card().clone()
    };
    if trouble.chosen {
        let mut choose = |sequence, record| {
            card.branches.push(Branch {
                space: world.space,
                generation: 0,
                sequence,
                record,
            });
        };
        if let Some(first) = rivals.first().filter(|_| trouble.forked) {
            let record = RecordId::of(&first.envelope.payload);
            choose(world.position(1).sequence + 1, record);
        }
        choose(3, forked_further_down(world));
    }
    if trouble.revoked {
        card.keys[0].spans[0].last = Some(world.position(1).sequence - 1);
    }
    let mut cards = Vec::new();
    if trouble.chosen || trouble.revoked {
        cards.push(card.clone());
    }
    if trouble.disputed {
        for name in ["somebody else", "and another"] {
            let name = name.to_owned();
            cards.push(Card {
                name,
                ..card.clone()
            });
        }
    }
    let root = &world.groups[1].root;
    let sealed = |card: &Card| Piece::Card(card.seal(root).unwrap().envelope().clone());
    cards.iter().map(sealed).collect()
}

/// Everything that was said in a busy world with trouble.
fn pieces(trouble: Trouble) -> (World, Vec<Piece>) {
    let world = busy_world();
    let rivals = rivals(&world, trouble);
    let mut pieces = cards(&world, trouble, &rivals);
    if trouble.forked_twice {
        let rival = rivals.last().unwrap().envelope.as_ref().clone();
        let known = world.carried(1, &forked_further_down(&world)).envelope;
        pieces.push(Piece::Evidence([known.as_ref().clone(), rival]));
    }
    let first_cards = world.groups.iter().map(|group| &group.card);
    pieces.extend(first_cards.map(|card| Piece::Card(card.envelope().clone())));
    for log in world.groups[0].node.logs(&world.space).unwrap().values() {
        for (n, record) in log.chain().iter().enumerate() {
            let sent = Sent {
                envelope: Arc::clone(record.envelope()),
                body: world.groups[0]
                    .node
                    .body(&world.space, &record.id())
                    .cloned(),
            };
            if n % 3 == 1 {
                pieces.push(Piece::Header(Sent {
                    body: None,
                    ..sent.clone()
                }));
            }
            pieces.push(Piece::Record(sent));
        }
    }
    pieces.extend(rivals.into_iter().map(Piece::Record));
    (world, pieces)
}

fn fresh(world: &World) -> Node {
    let reader = Group::new(3);
    let mut node = reader.node;
    let _ = node.follow(world.space, world.groups[0].id);
    for group in &world.groups {
        node.allow(group.id);
    }
    node
}

fn bring(node: &mut Node, world: &World, pieces: &[Piece]) -> Effects {
    let mut docs = Docs::default();
    for piece in pieces {
        match piece.clone() {
            Piece::Card(envelope) => docs.cards.push(envelope),
            Piece::Record(sent) | Piece::Header(sent) => docs.records.push(sent),
            Piece::Evidence(both) => docs.evidence.push(both),
        }
    }
    let packet = Packet {
        from: world.groups[0].id,
        to: node.me(),
        space: world.space,
        message: Message::Docs(docs),
        spoiled: Vec::new(),
    };
    node.handle(world.groups[0].id, packet)
}

/// Brings pieces until they change nothing any more, as pulls would.
fn bring_all(node: &mut Node, world: &World, pieces: &[Piece], n_at_once: usize) -> Vec<Entry> {
    let mut stored = Vec::new();
    for _ in 0..200 {
        let before = stored.len();
        for chunk in pieces.chunks(n_at_once.max(1)) {
            stored.extend(bring(node, world, chunk).store);
            let state = node.state(&world.space).unwrap();
            let full = node.full_fold(&world.space).unwrap();
            assert!(full == *state, "grown: {state:?}\nin full: {full:?}");
        }
        if stored.len() == before {
            return stored;
        }
    }
    panic!("it goes on for ever");
}

fn digest(node: &Node, world: &World) -> StateDigest {
    node.state(&world.space).unwrap().digest()
}

fn trouble() -> impl Strategy<Value = Trouble> {
    any::<[bool; 5]>().prop_map(
        |[forked, forked_twice, chosen, revoked, disputed]| Trouble {
            forked,
            forked_twice,
            chosen,
            revoked,
            disputed,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_repetition_gives_the_same_state(
        trouble in trouble(),
        order in any::<prop::sample::Index>(),
        seed in any::<u64>(),
        n_at_once in 1_usize..12,
    ) {
        let (world, mut pieces) = pieces(trouble);
        let mut straight = fresh(&world);
        bring_all(&mut straight, &world, &pieces, pieces.len());

        let repeated = pieces[order.index(pieces.len())].clone();
        pieces.push(repeated);
        shuffle(&mut pieces, seed);
        let mut shuffled = fresh(&world);
        let stored = bring_all(&mut shuffled, &world, &pieces, n_at_once);
        prop_assert_eq!(digest(&shuffled, &world), digest(&straight, &world));

        let mut restored = fresh(&world);
        let mut stored = stored;
        shuffle(&mut stored, seed);
        prop_assert_eq!(restored.restore(stored), vec![]);
        prop_assert_eq!(digest(&restored, &world), digest(&shuffled, &world));
    }
}

/// A shuffle by a number, so that a failing case comes again.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed | 1;
    for last in (1..items.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let other = usize::try_from(state % (u64::try_from(last).unwrap() + 1)).unwrap();
        items.swap(last, other);
    }
}

const NONE: Trouble = Trouble {
    forked: false,
    forked_twice: false,
    chosen: false,
    revoked: false,
    disputed: false,
};

#[test]
fn the_same_batch_twice_changes_nothing() {
    let (world, pieces) = pieces(NONE);
    let mut node = fresh(&world);
    bring_all(&mut node, &world, &pieces, 5);
    let before = digest(&node, &world);
    let again = bring(&mut node, &world, &pieces);
    assert_eq!(
        (again.store, again.refused, again.changed),
        (vec![], vec![], false)
    );
    assert_eq!(digest(&node, &world), before);
}

#[test]
fn what_a_dead_key_signed_has_no_effect_once_the_card_is_known() {
    let (world, calm) = pieces(NONE);
    let (_, revoked) = pieces(Trouble {
        revoked: true,
        ..NONE
    });
    let mut node = fresh(&world);
    bring_all(&mut node, &world, &calm, 100);
    let log = |node: &Node| {
        let logs = node.logs(&world.space).unwrap();
        logs[&(world.groups[1].id, 0)].chain().len()
    };
    let before = (log(&node), digest(&node, &world));
    let card: Vec<_> = revoked
        .into_iter()
        .filter(|of| matches!(of, Piece::Card(_)))
        .collect();
    bring_all(&mut node, &world, &card, 1);
    assert_eq!(log(&node), before.0 - 1);
    assert_ne!(digest(&node, &world), before.1);
}

#[test]
fn nobody_unpublishes_by_signing_twice() {
    let (world, pieces) = pieces(Trouble {
        forked_twice: true,
        ..NONE
    });
    let mut node = fresh(&world);
    bring_all(&mut node, &world, &pieces, 100);
    let state = node.state(&world.space).unwrap();
    assert_eq!(state.doubts[&world.groups[1].id].forks[0].sequence, 3);
    let logs = node.logs(&world.space).unwrap();
    assert_eq!(logs[&(world.groups[1].id, 0)].chain().len(), 3);
    assert!(state.published.is_some());
}

#[test]
fn branches_that_grew_apart_far_from_their_ends_are_found_out_by_two_nodes_that_hold_one_each() {
    let mut world = World::opened(3);
    let charter = world.charter.unwrap();
    let key = Arc::clone(&world.groups[1].key);
    let start = world.position(1);
    for (holder, reason) in [(0, "a"), (2, "b")] {
        let mut previous = None;
        let mut records = Vec::new();
        for n in 0..400 {
            let content = if n == 0 {
                leave(reason)
            } else {
                Content::MemberJoin(MemberJoin { charter })
            };
            let sent = world.forge(1, &key, &content, |header| {
                header.sequence = start.sequence + 1 + n;
                if let Some(previous) = previous {
                    header.previous = Some(previous);
                }
            });
            previous = Some(RecordId::of(&sent.envelope.payload));
            records.push(sent);
        }
        let from = if holder == 0 { 2 } else { 0 };
        assert_eq!(world.bring(from, holder, world::docs(records)).refused, []);
    }
    let refused = world.sync_pair(0, 2);
    assert!(!refused.contains(&Code::SignatureInvalid));
    world.sync_pair(2, 0);
    assert_eq!(world.state(0), world.state(2));
    let fork = &world.state(0).doubts[&world.groups[1].id].forks[0];
    assert_eq!(fork.sequence, start.sequence + 1);
}

#[test]
fn the_chosen_branch_comes_to_nodes_that_know_others_only() {
    let mut world = World::opened(3);
    let key = Arc::clone(&world.groups[1].key);
    let branches = ["a", "b", "c"].map(|reason| world.forge(1, &key, &leave(reason), |_| {}));
    let [a, b, c] = branches;
    let chosen = RecordId::of(&c.envelope.payload);
    assert_eq!(world.bring(2, 0, world::docs(vec![a, b])).refused, []);
    assert_eq!(world.bring(0, 2, world::docs(vec![c])).refused, []);
    let before = &world.groups[1].card;
    let card = Card {
        version: 2,
        previous: Some(before.id()),
        branches: vec![Branch {
            space: world.space,
            generation: 0,
            sequence: world.position(1).sequence + 1,
            record: chosen,
        }],
        ..before.card().clone()
    };
    let card = card.seal(&world.groups[1].root).unwrap();
    for who in [0, 2] {
        let effects = world.groups[who].node.take_card(card.envelope());
        assert_eq!(effects.refused, []);
    }
    world.sync_pair(0, 2);
    assert!(world.groups[0].node.record(&world.space, &chosen).is_some());
    assert_eq!(world.state(0), world.state(2));
    assert!(world.state(0).doubts.is_empty());
}

/// A group's node comes back from an older store.
fn return_from_backup(world: &mut World, who: usize, entries: Vec<Entry>, side_file: bool) {
    let old = &world.groups[who].node;
    let last = *entries_signed(&entries).last().unwrap();
    let _ = old;
    let mut node = Node::new(world.groups[who].id, Arc::new(Strict));
    node.host(
        world.groups[who].id,
        Arc::<meridian_federation::keys::SecretKey>::clone(&world.groups[who].key),
    );
    for group in &world.groups {
        node.allow(group.id);
    }
    assert_eq!(node.restore(entries), []);
    if side_file {
        node.remember_signed(last);
    }
    world.groups[who].node = node;
}

fn entries_signed(entries: &[Entry]) -> Vec<meridian_federation::LastSigned> {
    entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Signed(last) => Some(*last),
            _ => None,
        })
        .collect()
}

/// Says two things, comes back from a backup made between them, says a third. Whether nothing was signed twice.
fn says_again(side_file: bool, hears_first: bool) -> bool {
    let mut world = World::opened(2);
    let (space, id) = (world.space, world.groups[1].id);
    let mut entries = vec![
        Entry::Space {
            space,
            founder: world.groups[0].id,
        },
        Entry::Card(world.groups[0].card.envelope().clone()),
        Entry::Card(world.groups[1].card.envelope().clone()),
    ];
    for log in world.groups[1].node.logs(&space).unwrap().values() {
        for record in log.chain() {
            entries.push(Entry::Record(record.envelope().as_ref().clone()));
            let body = world.groups[1].node.body(&space, &record.id()).unwrap();
            entries.push(Entry::Body {
                space,
                record: record.id(),
                body: body.as_ref().clone(),
            });
        }
    }
    let at_backup = world.groups[1].node.logs(&space).unwrap()[&(id, 0)]
        .head()
        .unwrap()
        .clone();
    let signed = |record: RecordId, at| {
        Entry::Signed(meridian_federation::LastSigned {
            space,
            group: id,
            at,
            record,
        })
    };
    entries.push(signed(at_backup.id(), at_backup.header().position()));
    let lost = world.say(1, &leave("lost"));
    world.sync();
    let mut side = entries.clone();
    if side_file {
        side.push(signed(lost, world.position(1)));
    }
    return_from_backup(&mut world, 1, side, side_file);
    if hears_first {
        world.sync_pair(1, 0);
    }
    world.say(1, &leave("new"));
    world.sync();
    assert_eq!(world.state(0), world.state(1));
    let kept = world.groups[1].node.record(&space, &lost).is_some();
    world.state(0).doubts.is_empty() && kept
}

#[test]
fn a_node_that_was_restored_begins_a_new_generation_by_its_side_file_or_by_its_peers() {
    assert!(says_again(true, false));
    assert!(says_again(false, true));
    assert!(!says_again(false, false), "with neither it cannot know");
}

#[test]
fn a_node_that_forgot_where_it_signed_begins_a_new_generation() {
    let mut world = World::opened(2);
    let stored: Vec<_> = world.groups[1]
        .node
        .logs(&world.space)
        .unwrap()
        .values()
        .flat_map(|log| log.chain().to_vec())
        .map(|record| Entry::Record(record.envelope().as_ref().clone()))
        .collect();
    let mut node = Node::new(world.groups[1].id, Arc::new(Strict));
    node.host(
        world.groups[1].id,
        Arc::<meridian_federation::keys::SecretKey>::clone(&world.groups[1].key),
    );
    let _ = node.follow(world.space, world.groups[0].id);
    let _ = node.take_card(world.groups[1].card.envelope());
    assert_eq!(node.restore(stored), []);
    world.groups[1].node = node;
    world.say(1, &leave("new"));
    assert_eq!(world.position(1).generation, 1);
}

#[test]
fn a_space_travels_as_a_file_with_the_same_checks() {
    let (world, _) = pieces(NONE);
    let writer = &world.groups[0].node;
    let reader_id = fresh(&world).me();
    let have = meridian_federation::sync::Have::default();
    let bytes = writer.write_bundle(world.space, &reader_id, &have).unwrap();
    let (space, founder) = meridian_federation::bundle::space_of(&bytes).unwrap();
    let mut node = Group::new(3).node;
    assert_eq!(
        node.read_bundle(&bytes).codes().collect::<Vec<_>>(),
        [Code::UnknownSpace]
    );
    let _ = node.follow(space, founder);
    let effects = node.read_bundle(&bytes);
    assert_eq!(effects.refused, []);
    assert_eq!(digest(&node, &world), world.digest(0));
    assert!(!node.read_bundle(&bytes).changed);

    let text = String::from_utf8(bytes).unwrap();
    let altered = text.replacen("\"sig\":\"", "\"sig\":\"AAAA", 1);
    let mut node = Group::new(3).node;
    let _ = node.follow(space, founder);
    let effects = node.read_bundle(altered.as_bytes());
    assert!(!effects.refused.is_empty());
}
