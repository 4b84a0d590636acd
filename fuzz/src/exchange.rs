//! Messages, bundles, and a log of records as a node takes it.

use std::sync::Arc;

use meridian_federation::body::Body;
use meridian_federation::bundle;
use meridian_federation::card::Card;
use meridian_federation::envelope::{Envelope, PayloadType};
use meridian_federation::header::{Audience, Header};
use meridian_federation::ids::{Salt, Signature};
use meridian_federation::keys::{SecretKey, Signer as _};
use meridian_federation::sync::{Docs, Have, Sent};
use meridian_federation::{
    Code, Effects, GroupId, Message, Node, Packet, PublicKey, RecordId, SpaceId, canonical, wire,
};

use crate::records::Believing;

/// The groups of the golden files: the founder coordinates.
const N_GROUPS: u8 = 2;

fn root(n: u8) -> PublicKey {
    SecretKey::from_secret(&[100 + n; 32]).public()
}

fn key(n: u8) -> PublicKey {
    SecretKey::from_secret(&[n + 1; 32]).public()
}

fn space() -> SpaceId {
    SpaceId::of(&root(0).group(), "relay")
}

/// A node that follows the space, knows both groups, and exchanges with the other.
fn node(n: u8) -> Node {
    let mut node = Node::new(root(n).group(), Arc::new(Believing));
    for group in 0..N_GROUPS {
        let secret = SecretKey::from_secret(&[100 + group; 32]);
        let name = ["lagos", "lima"][usize::from(group)];
        let card = Card::first(root(group), key(group), name).seal(&secret);
        let effects = node.take_card(card.expect("a card").envelope());
        assert_eq!(effects.refused, []);
        node.allow(root(group).group());
    }
    let _ = node.follow(space(), root(0).group());
    node
}

/// Whatever was taken, the state kept step by step is that of all records at once, and what is sent can be read.
fn whole(node: &Node, effects: &Effects) {
    let state = node.state(&space()).expect("followed");
    let full = node.full_fold(&space()).expect("followed");
    assert_eq!(*state, full);
    for packet in &effects.send {
        let bytes = wire::write(packet).expect("what a node sends can be written");
        assert_eq!(wire::read(&bytes).as_ref(), Ok(packet));
    }
}

/// A message: what of it could be read is written and read again the same, and a node takes it whole.
pub fn packet(bytes: &[u8]) {
    let packet = match wire::read(bytes) {
        Ok(packet) => packet,
        Err(problem) => {
            return assert!(matches!(problem.code, Code::TooLarge | Code::Malformed));
        }
    };
    if let Ok(written) = wire::write(&packet) {
        let again = wire::read(&written).expect("what was written can be read");
        assert_eq!(again.spoiled, []);
        let without = Packet {
            spoiled: Vec::new(),
            ..packet.clone()
        };
        assert_eq!(again, without);
    }
    let mut node = node(0);
    let effects = node.handle(packet.from, packet.clone());
    whole(&node, &effects);
    let before = node.heads_digest(&space());
    let again = node.handle(packet.from, packet);
    assert!(!again.changed, "the same message changes nothing more");
    assert_eq!(node.heads_digest(&space()), before);
    whole(&node, &again);
}

/// A bundle: two nodes that read it agree, and one written from it says the same.
pub fn bundle(bytes: &[u8]) {
    if let Err(problem) = bundle::space_of(bytes) {
        let codes = [Code::TooLarge, Code::Malformed, Code::UnknownVersion];
        return assert!(codes.contains(&problem.code));
    }
    let (mut one, mut other) = (node(0), node(1));
    let effects = one.read_bundle(bytes);
    whole(&one, &effects);
    let again = one.read_bundle(bytes);
    assert!(!again.changed, "the same bundle changes nothing more");
    let me = root(1).group();
    let written = one.write_bundle(space(), &me, &Have::default());
    let written = written.expect("what was read can be written");
    let effects = other.read_bundle(&written);
    whole(&other, &effects);
    let mut third = node(1);
    let again = third.read_bundle(&written);
    assert_eq!(effects.refused, again.refused);
    assert_eq!(third.state(&space()), other.state(&space()));
}

/// Records, two lines for each: a header and a body. What a fuzzer cannot make is set right: names, chain, hashes.
/// Whatever order they come in, two nodes agree.
pub fn fold(bytes: &[u8]) {
    let mut lines = bytes.split(|&byte| byte == b'\n');
    let mut last: [Option<(RecordId, u64)>; 2] = [None; 2];
    let mut records = Vec::new();
    while let (Some(header), Some(body), true) = (lines.next(), lines.next(), records.len() < 64) {
        let Ok(header) = serde_json::from_slice::<Header>(header) else {
            continue;
        };
        let author = usize::from(header.author != root(0).group());
        if let Some((id, sent)) = record(header, author, body.to_vec(), last[author]) {
            let sequence = last[author].map_or(0, |(_, sequence)| sequence + 1);
            last[author] = Some((id, sequence));
            records.push(sent);
        }
    }
    let (mut one, mut other) = (node(0), node(0));
    let from = root(1).group();
    let effects = take(&mut one, from, records.clone());
    whole(&one, &effects);
    // One by one and backwards, again and again until nothing changes: each round takes at least one more.
    for _ in 0..=records.len() {
        let mut changed = false;
        for sent in records.iter().rev() {
            changed |= take(&mut other, from, vec![sent.clone()]).changed;
        }
        if !changed {
            break;
        }
    }
    assert_eq!(one.state(&space()), other.state(&space()));
    assert_eq!(one.heads_digest(&space()), other.heads_digest(&space()));
    assert!(!take(&mut one, from, records).changed);
}

fn take(node: &mut Node, from: GroupId, records: Vec<Sent>) -> Effects {
    let docs = Docs {
        records,
        ..Docs::default()
    };
    let packet = Packet {
        from,
        to: root(0).group(),
        space: space(),
        message: Message::Docs(docs),
        spoiled: Vec::new(),
    };
    node.handle(from, packet)
}

/// A record of one of the two groups, next in its log.
fn record(
    mut header: Header,
    author: usize,
    bytes: Vec<u8>,
    last: Option<(RecordId, u64)>,
) -> Option<(RecordId, Sent)> {
    let n = u8::try_from(author).unwrap_or(0);
    header.space = space();
    header.author = root(n).group();
    header.key = key(n).id();
    header.generation = 0;
    header.sequence = last.map_or(0, |(_, sequence)| sequence + 1);
    header.previous = last.map(|(id, _)| id);
    let salt = (header.audience != Audience::All).then(|| Salt::from_bytes([n; 16]));
    let body = Body { salt, bytes };
    header.body = body.reference();
    let payload = canonical::write(&header).ok()?;
    let id = RecordId::of(&payload);
    let envelope = Envelope {
        payload_type: PayloadType::Record,
        payload,
        key: header.key,
        signature: Signature::from_bytes([0; 64]),
    };
    let sent = Sent {
        envelope: Arc::new(envelope),
        body: Some(Arc::new(body)),
    };
    Some((id, sent))
}
