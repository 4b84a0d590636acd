//! A node that was restored from its store answers and takes what the node did that stored it.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets what it does not expect fails"
)]

mod world;

use std::sync::Arc;

use meridian_federation::content::{Content, MemberJoin, MemberLeave};
use meridian_federation::ids::Salt;
use meridian_federation::keys::{SecretKey, Strict};
use meridian_federation::sync::{Docs, Sent};
use meridian_federation::{Draft, Entry, Message, Node, Packet};
use world::{Group, World, docs};

/// A node that followed the space from outside, and everything that it stored.
struct Reader {
    node: Node,
    disk: Vec<Entry>,
}

impl Reader {
    fn new(world: &World) -> Self {
        let mut reader = Self {
            node: Group::new(3).node,
            disk: Vec::new(),
        };
        let founder = &world.groups[0];
        reader.node.allow(founder.id);
        let followed = reader.node.follow(world.space, founder.id);
        reader.disk.extend(followed.store);
        let cards = world.groups.iter().map(|of| of.card.envelope().clone());
        for card in cards {
            reader.disk.extend(reader.node.take_card(&card).store);
        }
        let own = Group::new(3).card.envelope().clone();
        reader.disk.push(Entry::Card(own));
        reader
    }

    fn hears(&mut self, world: &World, docs: Docs) -> Vec<meridian_federation::Code> {
        let effects = bring(&mut self.node, world, docs);
        self.disk.extend(effects.store.clone());
        effects.codes().collect()
    }

    fn restored(&self, world: &World) -> Node {
        let mut node = Node::new(self.node.me(), Arc::new(Strict));
        node.allow(world.groups[0].id);
        assert_eq!(node.restore(self.disk.clone()), []);
        node
    }
}

fn bring(node: &mut Node, world: &World, docs: Docs) -> meridian_federation::Effects {
    let from = world.groups[0].id;
    let packet = Packet {
        from,
        to: node.me(),
        space: world.space,
        message: Message::Docs(docs),
        spoiled: Vec::new(),
    };
    node.handle(from, packet)
}

#[test]
fn whom_a_charter_named_that_was_signed_twice_is_named_after_a_restore_too() {
    let mut world = World::met(2);
    let charter = world.charter_of(1, None);
    let again = world.forge(
        0,
        &world.groups[0].key,
        &Content::SpaceCharter(charter.clone()),
        |header| header.entity = "again".to_owned(),
    );
    let charter = world.say(0, &Content::SpaceCharter(charter));
    let carried = world.carried(0, &charter);
    let first = Sent {
        envelope: carried.envelope,
        body: Some(Arc::new(carried.body)),
    };
    let mut reader = Reader::new(&world);
    assert_eq!(reader.hears(&world, docs(vec![first])), []);
    assert_eq!(reader.hears(&world, docs(vec![again])), []);
    let state = reader.node.state(&world.space).unwrap();
    assert!(state.charter.is_none(), "two charters, so none");

    let mut restored = reader.restored(&world);
    assert_eq!(
        restored.begin_sync(world.groups[0].id, world.space),
        reader.node.begin_sync(world.groups[0].id, world.space)
    );
    let join = Content::MemberJoin(MemberJoin { charter });
    let join = world.forge(1, &world.groups[1].key, &join, |_| {});
    let taken = bring(&mut restored, &world, docs(vec![join.clone()]));
    assert_eq!(taken.codes().collect::<Vec<_>>(), []);
    assert_eq!(reader.hears(&world, docs(vec![join])), []);
    assert_eq!(
        restored.heads_digest(&world.space),
        reader.node.heads_digest(&world.space)
    );
}

#[test]
fn what_people_said_of_a_new_generation_outlasts_a_restart_before_it_begins() {
    let world = World::met(2);
    let mut reader = Reader::new(&world);
    let (space, me) = (world.space, reader.node.me());
    let said = reader.node.begin_generation(space, me).unwrap();
    reader.disk.extend(said.store);

    for generation_and_sequence in [(1, 0), (1, 1)] {
        let mut node = reader.restored(&world);
        node.host(me, Arc::<SecretKey>::clone(&Group::new(3).key));
        let content = Content::MemberLeave(MemberLeave {
            reason: String::new(),
        });
        let draft = Draft::new(&content, world::at(0), Salt::from_bytes([1; 16])).unwrap();
        let (record, effects) = node.commit_local(space, me, draft).unwrap();
        reader.disk.extend(effects.store);
        let at = node.record(&space, &record).unwrap().header().position();
        assert_eq!((at.generation, at.sequence), generation_and_sequence);
    }
}
