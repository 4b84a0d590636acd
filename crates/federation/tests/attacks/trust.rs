//! Keys, cards and messages of somebody else.

use crate::world::{Group, docs};
use crate::{
    Attack, CHEAT, COORDINATOR, Scene, VICTIM, brings_honestly, leave, renews_card_honestly,
};
use meridian_federation::card::{Card, KeyGrant, KeySpan};
use meridian_federation::keys::{SecretKey, Signer};
use meridian_federation::sync::Docs;
use meridian_federation::{Code, Message, Packet};

pub(crate) const TRUST: &[Attack] = &[
    Attack {
        name: "a stolen key that was revoked",
        scene: || {
            let mut scene = Scene::opened();
            let next = scene.world.position(CHEAT).sequence + 1;
            let mut card = scene.next_card();
            card.keys[0].spans[0].last = Some(next - 1);
            card.keys.push(KeyGrant {
                key: SecretKey::from_secret(&[77; 32]).public(),
                spans: vec![KeySpan {
                    first: next,
                    ..KeySpan::ALL
                }],
            });
            assert_eq!(scene.brings_card(&card), []);
            scene
        },
        tries: |scene| {
            let sent = scene.forged(&leave(), |_| {});
            scene.brings(vec![sent])
        },
        meets: Code::KeyRevoked,
        twin: |scene| {
            let key = SecretKey::from_secret(&[77; 32]);
            let sent = scene.world.forge(CHEAT, &key, &leave(), |_| {});
            scene.brings(vec![sent]).is_empty()
        },
    },
    Attack {
        name: "a key that stands in no card",
        scene: Scene::opened,
        tries: |scene| {
            let key = SecretKey::from_secret(&[78; 32]);
            let sent = scene.world.forge(CHEAT, &key, &leave(), |_| {});
            scene.brings(vec![sent])
        },
        meets: Code::UnknownKey,
        twin: brings_honestly,
    },
    Attack {
        name: "somebody whom no charter names",
        scene: Scene::opened,
        tries: |scene| {
            let stranger = Group::new(4);
            let sent = scene.world.forge(CHEAT, &stranger.key, &leave(), |header| {
                header.author = stranger.id;
            });
            let cards = vec![stranger.card.envelope().clone()];
            scene.brings_docs(Docs {
                cards,
                ..docs(vec![sent])
            })
        },
        meets: Code::UnknownGroup,
        twin: brings_honestly,
    },
    Attack {
        name: "a card that leaves out a version",
        scene: Scene::opened,
        tries: |scene| {
            let card = Card {
                version: 3,
                ..scene.next_card()
            };
            scene.brings_card(&card)
        },
        meets: Code::CardGap,
        twin: renews_card_honestly,
    },
    Attack {
        name: "a card that follows another",
        scene: Scene::opened,
        tries: |scene| {
            let other = scene.world.groups[VICTIM].card.id();
            let card = Card {
                previous: Some(other),
                ..scene.next_card()
            };
            scene.brings_card(&card)
        },
        meets: Code::CardChain,
        twin: renews_card_honestly,
    },
    Attack {
        name: "a card that another root key signed",
        scene: Scene::opened,
        tries: |scene| {
            let thief = SecretKey::from_secret(&[79; 32]);
            let mut envelope = scene.next_card().seal(&thief).unwrap().envelope().clone();
            envelope.key = scene.cheat().root.public().id();
            scene.brings_docs(Docs {
                cards: vec![envelope],
                ..Docs::default()
            })
        },
        meets: Code::SignatureInvalid,
        twin: renews_card_honestly,
    },
    Attack {
        name: "a card for a group whose id is the hash of another key",
        scene: Scene::opened,
        tries: |scene| {
            let thief = SecretKey::from_secret(&[79; 32]);
            let card = Card {
                root: thief.public(),
                ..scene.next_card()
            };
            let envelope = card.seal(&thief).unwrap().envelope().clone();
            scene.brings_docs(Docs {
                cards: vec![envelope],
                ..Docs::default()
            })
        },
        meets: Code::Malformed,
        twin: renews_card_honestly,
    },
    Attack {
        name: "a message for another node",
        scene: Scene::opened,
        tries: |scene| arrives(scene, CHEAT, COORDINATOR),
        meets: Code::WrongRecipient,
        twin: |scene| arrives(scene, CHEAT, VICTIM).is_empty(),
    },
    Attack {
        name: "a message of nobody's peer",
        scene: Scene::opened,
        tries: |scene| {
            let cheat = scene.cheat().id;
            scene.world.groups[VICTIM].node.forbid(&cheat);
            arrives(scene, CHEAT, VICTIM)
        },
        meets: Code::UnknownPeer,
        twin: |scene| {
            let cheat = scene.cheat().id;
            scene.world.groups[VICTIM].node.allow(cheat);
            arrives(scene, CHEAT, VICTIM).is_empty()
        },
    },
    Attack {
        name: "a group that signed two cards of one version",
        scene: || {
            let mut scene = Scene::opened();
            for name in ["one", "two"] {
                let card = Card {
                    name: name.to_owned(),
                    ..scene.next_card()
                };
                assert_eq!(scene.brings_card(&card), []);
            }
            assert!(
                scene.world.groups[VICTIM]
                    .node
                    .trust()
                    .is_suspended(&scene.cheat().id)
            );
            scene
        },
        tries: |scene| arrives(scene, CHEAT, VICTIM),
        meets: Code::GroupSuspended,
        twin: |scene| {
            let card = Card {
                name: "two".to_owned(),
                ..scene.next_card()
            };
            let card = card.seal(&scene.cheat().root).unwrap().id();
            let cheat = scene.cheat().id;
            let _ = scene.world.groups[VICTIM].node.pin(cheat, card);
            arrives(scene, CHEAT, VICTIM).is_empty()
        },
    },
];

/// The cheat's pull, addressed to one node, arrives at the victim's.
fn arrives(scene: &mut Scene, from: usize, to: usize) -> Vec<Code> {
    let (from, to) = (scene.world.groups[from].id, scene.world.groups[to].id);
    let packet = Packet {
        from,
        to,
        space: scene.world.space,
        message: Message::Pull(meridian_federation::sync::Have::default()),
        spoiled: Vec::new(),
    };
    let victim = &mut scene.world.groups[VICTIM].node;
    let effects = victim.handle(from, packet);
    assert_eq!(effects.store, []);
    assert_eq!(effects.send.is_empty(), !effects.refused.is_empty());
    effects.codes().collect()
}
