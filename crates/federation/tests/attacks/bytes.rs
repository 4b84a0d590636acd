//! Bytes, places and bodies that are not what they must be.

use crate::{Attack, CHEAT, Scene, VICTIM, brings_honestly, leave, leaves_honestly};
use meridian_federation::body::Body;
use meridian_federation::card::{Branch, Card};
use meridian_federation::content::{CapacityOffer, Content};
use meridian_federation::envelope::{Envelope, PayloadType};
use meridian_federation::header::Audience;
use meridian_federation::ids::Salt;
use meridian_federation::kind::Kind;
use meridian_federation::sync::{Docs, Sent, SentBody};
use meridian_federation::{Code, RecordId, SpaceId};
use std::sync::Arc;

pub(crate) const BYTES: &[Attack] = &[
    Attack {
        name: "a record whose bytes were altered",
        scene: Scene::opened,
        tries: |scene| {
            let mut sent = scene.forged(&leave(), |_| {});
            let mut envelope = sent.envelope.as_ref().clone();
            let text = String::from_utf8(envelope.payload).unwrap();
            envelope.payload = text
                .replace("\"actor\":\"\"", "\"actor\":\"x\"")
                .into_bytes();
            sent.envelope = Arc::new(envelope);
            scene.brings(vec![sent])
        },
        meets: Code::SignatureInvalid,
        twin: brings_honestly,
    },
    Attack {
        name: "a header that is not canonical",
        scene: Scene::opened,
        tries: |scene| {
            let mut sent = scene.forged(&leave(), |_| {});
            let mut payload = sent.envelope.payload.clone();
            payload.insert(1, b' ');
            let key = scene.cheat().key.as_ref();
            sent.envelope = Arc::new(Envelope::seal(PayloadType::Record, payload, key));
            scene.brings(vec![sent])
        },
        meets: Code::NotCanonical,
        twin: brings_honestly,
    },
    Attack {
        name: "a header that is too large",
        scene: Scene::opened,
        tries: |scene| {
            let many = vec![RecordId::from_bytes([0; 32]); 100];
            let sent = scene.forged(&leave(), |header| header.depends = many);
            scene.brings(vec![sent])
        },
        meets: Code::TooLarge,
        twin: brings_honestly,
    },
    Attack {
        name: "a body that is too large",
        scene: Scene::opened,
        tries: |scene| {
            let huge = Body {
                salt: None,
                bytes: vec![b' '; Body::MAX_BYTES + 1],
            };
            let mut sent = scene.forged(&leave(), |header| header.body = huge.reference());
            sent.body = Some(Arc::new(huge));
            scene.brings(vec![sent])
        },
        meets: Code::TooLarge,
        twin: |scene| {
            let (space, cheat) = (scene.world.space, scene.cheat().id);
            scene.world.groups[CHEAT]
                .node
                .begin_generation(space, cheat)
                .unwrap();
            leaves_honestly(scene)
        },
    },
    Attack {
        name: "another body than the header names",
        scene: Scene::opened,
        tries: |scene| {
            let record = scene.world.say(CHEAT, &leave());
            let honest = scene.world.carried(CHEAT, &record);
            scene.left = Some(record);
            let other = Body {
                salt: None,
                bytes: b"{}".to_vec(),
            };
            scene.brings(vec![Sent {
                envelope: honest.envelope,
                body: Some(Arc::new(other)),
            }])
        },
        meets: Code::BodyMismatch,
        twin: |scene| {
            let record = scene.left.unwrap();
            let body = Arc::new(scene.world.carried(CHEAT, &record).body);
            let bodies = vec![SentBody { record, body }];
            scene
                .brings_docs(Docs {
                    bodies,
                    ..Docs::default()
                })
                .is_empty()
        },
    },
    Attack {
        name: "a version that is not spoken here",
        scene: Scene::opened,
        tries: |scene| {
            let sent = scene.forged(&leave(), |header| header.version = 2);
            scene.brings(vec![sent])
        },
        meets: Code::UnknownVersion,
        twin: brings_honestly,
    },
    Attack {
        name: "an offer that is shown to everybody",
        scene: Scene::opened,
        tries: |scene| {
            let offer = Content::CapacityOffer(CapacityOffer {
                brief: RecordId::from_bytes([0; 32]),
                heads: Vec::new(),
                hosting: Vec::new(),
                languages: Vec::new(),
                shortest_min: 60,
                longest_min: 60,
                max_blocks: 1,
                blocked: Vec::new(),
                zones: std::collections::BTreeSet::new(),
                prime: Vec::new(),
                shifts: Vec::new(),
                revision: None,
            });
            let sent = scene.forged(&offer, |_| {});
            scene.brings(vec![sent])
        },
        meets: Code::WrongAudience,
        twin: |scene| {
            let salted = Body {
                salt: Some(Salt::from_bytes([9; 16])),
                bytes: b"{}".to_vec(),
            };
            let mut sent = scene.forged(&leave(), |header| {
                header.kind = Kind::CapacityOffer;
                header.audience = Audience::Coordinator;
                header.body = salted.reference();
            });
            sent.body = None;
            scene.brings(vec![sent]).is_empty()
        },
    },
    Attack {
        name: "a record out of its order",
        scene: Scene::opened,
        tries: |scene| {
            let first = scene.world.say(CHEAT, &leave());
            scene.left = Some(first);
            let second = scene.world.say(CHEAT, &leave());
            let second = scene.world.carried(CHEAT, &second);
            let body = Some(Arc::new(second.body));
            scene.brings(vec![Sent {
                envelope: second.envelope,
                body,
            }])
        },
        meets: Code::LogGap,
        twin: |scene| {
            let first = scene.left.unwrap();
            let newest = scene.world.position(CHEAT).sequence;
            let logs = scene.world.groups[CHEAT]
                .node
                .logs(&scene.world.space)
                .unwrap();
            let second = logs[&(scene.cheat().id, 0)].at(newest).unwrap().id();
            let sent = [second, first].map(|record| {
                let carried = scene.world.carried(CHEAT, &record);
                Sent {
                    envelope: carried.envelope,
                    body: Some(Arc::new(carried.body)),
                }
            });
            scene.brings(sent.to_vec()).is_empty()
        },
    },
    Attack {
        name: "a record that follows another than the one before it",
        scene: Scene::opened,
        tries: |scene| {
            let other = RecordId::from_bytes([5; 32]);
            let sent = scene.forged(&leave(), |header| header.previous = Some(other));
            scene.brings(vec![sent])
        },
        meets: Code::LogGap,
        twin: brings_honestly,
    },
    Attack {
        name: "a record of another space",
        scene: Scene::opened,
        tries: |scene| {
            let elsewhere = SpaceId::of(&scene.cheat().id, "relay");
            let sent = scene.forged(&leave(), |header| header.space = elsewhere);
            scene.brings(vec![sent])
        },
        meets: Code::WrongSpace,
        twin: brings_honestly,
    },
    Attack {
        name: "a third branch of a log that was signed twice",
        scene: || {
            let mut scene = Scene::opened();
            let branches = ["one", "two"]
                .map(|actor| scene.forged(&leave(), |header| header.actor = actor.to_owned()));
            assert_eq!(scene.brings(branches.to_vec()), []);
            assert_eq!(scene.world.state(VICTIM).doubts.len(), 1);
            scene
        },
        tries: |scene| {
            let third = scene.forged(&leave(), |header| header.actor = "three".to_owned());
            scene.brings(vec![third])
        },
        meets: Code::ForkDetected,
        twin: |scene| {
            let second = scene.forged(&leave(), |header| header.actor = "two".to_owned());
            let record = RecordId::of(&second.envelope.payload);
            let card = Card {
                branches: vec![Branch {
                    space: scene.world.space,
                    generation: 0,
                    sequence: scene.world.position(CHEAT).sequence + 1,
                    record,
                }],
                ..scene.next_card()
            };
            scene.brings_card(&card).is_empty()
                && scene.world.state(VICTIM).doubts.is_empty()
                && scene.world.groups[VICTIM]
                    .node
                    .record(&scene.world.space, &record)
                    .is_some()
        },
    },
    Attack {
        name: "evidence that proves nothing",
        scene: Scene::opened,
        tries: |scene| {
            let one = scene.forged(&leave(), |_| {}).envelope.as_ref().clone();
            let evidence = vec![[one.clone(), one]];
            scene.brings_docs(Docs {
                evidence,
                ..Docs::default()
            })
        },
        meets: Code::EvidenceInvalid,
        twin: |scene| {
            let both = ["one", "two"].map(|actor| {
                let sent = scene.forged(&leave(), |header| header.actor = actor.to_owned());
                sent.envelope.as_ref().clone()
            });
            let evidence = vec![both];
            scene
                .brings_docs(Docs {
                    evidence,
                    ..Docs::default()
                })
                .is_empty()
        },
    },
];
