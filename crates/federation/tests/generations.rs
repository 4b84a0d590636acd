//! In which generation of its logs a group goes on.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets what it does not expect fails"
)]

mod world;

use std::sync::Arc;

use meridian_federation::card::{Card, KeyGrant, KeySpan};
use meridian_federation::content::{Content, MemberLeave};
use meridian_federation::header::Header;
use meridian_federation::keys::{SecretKey, Signer};
use meridian_federation::{Code, RecordId};
use world::{World, docs};

/// The last generation that a header can name.
const LAST: u64 = Header::GENERATIONS - 1;

fn leave() -> Content {
    Content::MemberLeave(MemberLeave {
        reason: String::new(),
    })
}

/// A world whose second group's own node heard of what a thief signed at a place.
fn robbed(sequence: u64, previous: Option<RecordId>) -> (World, Vec<Code>) {
    let mut world = World::opened(2);
    let stolen = world.forge(1, &world.groups[1].key, &leave(), |header| {
        header.generation = LAST;
        header.sequence = sequence;
        header.previous = previous;
    });
    let refused = world.bring(0, 1, docs(vec![stolen])).codes().collect();
    (world, refused)
}

/// The group's next card: the stolen key signs no further than it really did.
fn rotate(world: &mut World) {
    let head = world.position(1);
    let group = &mut world.groups[1];
    let key = Arc::new(SecretKey::from_secret(&[77; 32]));
    let until_now = KeySpan {
        generation: Some(0),
        last: Some(head.sequence),
        ..KeySpan::ALL
    };
    let grant = |key, spans| KeyGrant { key, spans };
    let card = Card {
        version: 2,
        previous: Some(group.card.id()),
        keys: vec![
            grant(group.key.public(), vec![until_now]),
            grant(key.public(), vec![KeySpan::ALL]),
        ],
        ..group.card.card().clone()
    };
    let card = card.seal(&group.root).unwrap();
    assert_eq!(group.node.take_card(card.envelope()).refused, []);
    group.node.host(group.id, Arc::<SecretKey>::clone(&key));
}

#[test]
fn a_group_goes_on_where_it_was_whatever_generation_a_thief_signed_in() {
    let (mut world, refused) = robbed(0, None);
    assert_eq!(refused, []);
    assert!(world.try_say(1, &leave()).is_err(), "no generation is left");
    let before = world.groups[1].node.logs(&world.space).unwrap()[&(world.groups[1].id, 0)]
        .head()
        .unwrap()
        .id();
    rotate(&mut world);
    let said = world.say(1, &leave());
    let node = &world.groups[1].node;
    let header = node.record(&world.space, &said).unwrap().header().clone();
    assert_eq!(header.generation, 0);
    assert_eq!(header.previous, Some(before));
}

#[test]
fn a_record_that_is_refused_leaves_no_log_behind() {
    let (mut world, refused) = robbed(7, Some(RecordId::from_bytes([9; 32])));
    assert_eq!(refused, [Code::LogGap]);
    let logs = world.groups[1].node.logs(&world.space).unwrap();
    assert!(logs.keys().all(|(_, generation)| *generation == 0));
    let said = world.say(1, &leave());
    let node = &world.groups[1].node;
    let at = node
        .record(&world.space, &said)
        .unwrap()
        .header()
        .position();
    assert_eq!(at.generation, 0);
}

#[test]
fn a_group_whose_log_is_full_goes_on_in_the_next_generation() {
    let mut world = World::opened(2);
    let long = Content::MemberLeave(MemberLeave {
        reason: "x".repeat(120 * 1024),
    });
    for _ in 0..140 {
        world.say(1, &long);
        if world.position(1).generation > 0 {
            break;
        }
    }
    assert_eq!(world.position(1).generation, 1);
    world.sync();
    world.assert_agreed();
    let other = world.groups[0].node.logs(&world.space).unwrap();
    let logs = other.range((world.groups[1].id, 0)..=(world.groups[1].id, LAST));
    let lengths: Vec<_> = logs.map(|(_, log)| log.chain().len()).collect();
    assert_eq!(lengths.len(), 2);
    assert!(lengths[0] > 130, "{lengths:?}");
    assert_eq!(lengths[1], 1);
}
