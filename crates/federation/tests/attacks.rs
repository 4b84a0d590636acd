//! What cheats try. Each attempt is refused with its code and changes nothing of what everybody sees; its honest
//! twin is taken.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect fails"
)]

mod world;

use std::sync::Arc;

use meridian_federation::body::Body;
use meridian_federation::card::{Branch, Card, KeyGrant, KeySpan};
use meridian_federation::content::{
    Answer, CapacityOffer, Carried, Content, CustodyAccept, CustodyCommit, CustodyOffer,
    CustodyReclaim, Epoch, MemberLeave, Part, Phase, PlanPublish, PlanResponse, PlanRevision,
    RosterOverride, Subject,
};
use meridian_federation::envelope::{Envelope, PayloadType};
use meridian_federation::header::{Audience, Header};
use meridian_federation::ids::Salt;
use meridian_federation::keys::{SecretKey, Signer};
use meridian_federation::kind::Kind;
use meridian_federation::sync::{Docs, Sent, SentBody};
use meridian_federation::{Code, Message, Packet, RecordId, SpaceId};
use world::{Group, World, docs, span};

const COORDINATOR: usize = 0;
const CHEAT: usize = 1;
const VICTIM: usize = 2;

struct Scene {
    world: World,
    revision: Option<RecordId>,
    plan: Option<PlanRevision>,
    accepts: Vec<Carried>,
    /// What an attack leaves for its twin.
    left: Option<RecordId>,
}

impl Scene {
    fn of(world: World) -> Self {
        Self {
            world,
            revision: None,
            plan: None,
            accepts: Vec::new(),
            left: None,
        }
    }

    fn opened() -> Self {
        Self::of(World::opened(3))
    }

    fn accepted() -> Self {
        let (world, revision, plan, accepts) = World::accepted(3);
        Self {
            revision: Some(revision),
            plan: Some(plan),
            accepts,
            ..Self::of(world)
        }
    }

    fn published() -> Self {
        let (world, _, plan) = World::published(3);
        Self {
            plan: Some(plan),
            ..Self::of(world)
        }
    }

    fn plan(&self) -> &PlanRevision {
        self.plan.as_ref().unwrap()
    }

    fn certificate(&self) -> PlanPublish {
        PlanPublish {
            revision: self.revision.unwrap(),
            replaces: None,
            accepts: self.accepts.clone(),
            endorsements: Vec::new(),
        }
    }

    /// Says something at a node, brings it everywhere, and tells why it has no effect at the victim's.
    fn says(&mut self, who: usize, content: &Content) -> Vec<Code> {
        let record = self.world.say(who, content);
        self.left = Some(record);
        self.world.sync();
        self.verdict(&record)
    }

    fn verdict(&self, record: &RecordId) -> Vec<Code> {
        let victim = &self.world.groups[VICTIM].node;
        assert!(
            victim.record(&self.world.space, record).is_some(),
            "it never came"
        );
        let verdicts = victim.verdicts(&self.world.space).unwrap();
        verdicts
            .get(record)
            .map(|problem| problem.code)
            .into_iter()
            .collect()
    }

    /// Brings records to the victim.
    fn brings(&mut self, records: Vec<Sent>) -> Vec<Code> {
        self.brings_docs(docs(records))
    }

    fn brings_docs(&mut self, docs: Docs) -> Vec<Code> {
        let effects = self.world.bring(CHEAT, VICTIM, docs);
        effects.codes().collect()
    }

    fn cheat(&self) -> &Group {
        &self.world.groups[CHEAT]
    }

    fn forged(&self, content: &Content, change: impl FnOnce(&mut Header)) -> Sent {
        self.world.forge(CHEAT, &self.cheat().key, content, change)
    }

    fn next_card(&self) -> Card {
        let before = &self.cheat().card;
        Card {
            version: 2,
            previous: Some(before.id()),
            ..before.card().clone()
        }
    }

    fn brings_card(&mut self, card: &Card) -> Vec<Code> {
        let sealed = card.seal(&self.cheat().root).unwrap();
        let cards = vec![sealed.envelope().clone()];
        self.brings_docs(Docs {
            cards,
            ..Docs::default()
        })
    }

    fn custody_offer(&self, part: &str, to: usize) -> CustodyOffer {
        let part = Part::Block(part.into());
        CustodyOffer {
            stands: self.world.state(VICTIM).custody[&part].stands,
            part,
            epoch: Epoch::default(),
            to: self.world.groups[to].id,
        }
    }

    fn override_of(&self, part: &str) -> RosterOverride {
        let known = Part::Block("b-lima".into());
        RosterOverride {
            part: Part::Block(part.into()),
            stands: self.world.state(VICTIM).custody[&known].stands,
            epoch: Epoch::default(),
            shift: "x".into(),
            instead: None,
            name: None,
        }
    }
}

fn leave() -> Content {
    Content::MemberLeave(MemberLeave {
        reason: "no time".to_owned(),
    })
}

struct Attack {
    name: &'static str,
    scene: fn() -> Scene,
    /// Tries, and gives back the codes that it met.
    tries: fn(&mut Scene) -> Vec<Code>,
    meets: Code,
    /// The honest twin: whether it was taken.
    twin: fn(&mut Scene) -> bool,
}

fn is_published(scene: &Scene) -> bool {
    scene.world.state(VICTIM).published.is_some()
}

fn publishes_honestly(scene: &mut Scene) -> bool {
    let certificate = scene.certificate();
    scene
        .says(COORDINATOR, &Content::PlanPublish(certificate))
        .is_empty()
        && is_published(scene)
}

fn leaves_honestly(scene: &mut Scene) -> bool {
    scene.says(CHEAT, &leave()).is_empty()
}

fn brings_honestly(scene: &mut Scene) -> bool {
    let honest = scene.forged(&leave(), |_| {});
    scene.brings(vec![honest]).is_empty()
}

fn renews_card_honestly(scene: &mut Scene) -> bool {
    let card = scene.next_card();
    scene.brings_card(&card).is_empty()
}

const CERTIFICATES: &[Attack] = &[
    Attack {
        name: "a plan altered after it was accepted",
        scene: || {
            let mut scene = Scene::accepted();
            let mut plan = scene.plan().clone();
            plan.blocks[CHEAT].span = span(600, 660);
            scene.says(COORDINATOR, &Content::PlanRevision(plan));
            scene
        },
        tries: |scene| {
            let revision = scene.left.unwrap();
            let publish = PlanPublish {
                revision,
                ..scene.certificate()
            };
            scene.says(COORDINATOR, &Content::PlanPublish(publish))
        },
        meets: Code::StaleSlice,
        twin: publishes_honestly,
    },
    Attack {
        name: "an accept is missing",
        scene: Scene::accepted,
        tries: |scene| {
            let mut publish = scene.certificate();
            publish.accepts.pop();
            scene.says(COORDINATOR, &Content::PlanPublish(publish))
        },
        meets: Code::AcceptMissing,
        twin: publishes_honestly,
    },
    Attack {
        name: "a refusal among the accepts",
        scene: || {
            let mut scene = Scene::accepted();
            let plan = scene.plan().clone();
            let revision = scene.revision.unwrap();
            let answer = Answer::Reject(Vec::new());
            let refusal = scene.world.answer(CHEAT, revision, &plan, answer);
            scene.left = Some(refusal);
            scene.world.sync();
            scene
        },
        tries: |scene| {
            let refusal = scene.left.unwrap();
            let mut publish = scene.certificate();
            publish.accepts[CHEAT] = scene.world.carried(CHEAT, &refusal);
            scene.says(COORDINATOR, &Content::PlanPublish(publish))
        },
        meets: Code::AcceptMissing,
        twin: publishes_honestly,
    },
    Attack {
        name: "consent that the coordinator invented",
        scene: Scene::accepted,
        tries: |scene| {
            let mut publish = scene.certificate();
            let accept = &mut publish.accepts[CHEAT];
            let coordinator = &scene.world.groups[COORDINATOR].key;
            let payload = accept.envelope.payload.clone();
            let mut invented = Envelope::seal(PayloadType::Record, payload, coordinator.as_ref());
            invented.key = accept.envelope.key;
            accept.envelope = Arc::new(invented);
            scene.says(COORDINATOR, &Content::PlanPublish(publish))
        },
        meets: Code::SignatureInvalid,
        twin: publishes_honestly,
    },
    Attack {
        name: "the accept of somebody who is not in the plan",
        scene: || {
            let mut scene = Scene::accepted();
            let mut plan = scene.plan().clone();
            plan.blocks.truncate(2);
            plan.seats.truncate(2);
            scene.says(COORDINATOR, &Content::PlanRevision(plan));
            scene
        },
        tries: |scene| {
            let revision = scene.left.unwrap();
            let publish = PlanPublish {
                revision,
                ..scene.certificate()
            };
            scene.says(COORDINATOR, &Content::PlanPublish(publish))
        },
        meets: Code::CertificateInvalid,
        twin: publishes_honestly,
    },
    Attack {
        name: "an accept of another space",
        scene: Scene::accepted,
        tries: |scene| {
            let accept = Content::PlanResponse(PlanResponse {
                revision: scene.revision.unwrap(),
                slice: scene.world.slice(CHEAT, scene.plan()),
                answer: Answer::Accept,
            });
            let elsewhere = SpaceId::of(&scene.world.groups[COORDINATOR].id, "another relay");
            let sent = scene.forged(&accept, |header| header.space = elsewhere);
            let mut publish = scene.certificate();
            publish.accepts[CHEAT] = Carried {
                envelope: sent.envelope,
                body: sent.body.unwrap().as_ref().clone(),
            };
            scene.says(COORDINATOR, &Content::PlanPublish(publish))
        },
        meets: Code::WrongSpace,
        twin: publishes_honestly,
    },
    Attack {
        name: "an old publication once more",
        scene: || {
            let mut scene = Scene::accepted();
            assert!(publishes_honestly(&mut scene));
            scene
        },
        tries: |scene| {
            let again = scene.certificate();
            scene.says(COORDINATOR, &Content::PlanPublish(again))
        },
        meets: Code::Superseded,
        twin: |scene| {
            let in_force = scene.world.state(VICTIM).published.as_ref().unwrap().record;
            let next = PlanPublish {
                replaces: Some(in_force),
                ..scene.certificate()
            };
            scene
                .says(COORDINATOR, &Content::PlanPublish(next))
                .is_empty()
        },
    },
    Attack {
        name: "a plan for somebody who is no member",
        scene: Scene::accepted,
        tries: |scene| {
            let mut plan = scene.plan().clone();
            plan.blocks[CHEAT].group = "nowhere".into();
            scene.says(COORDINATOR, &Content::PlanRevision(plan))
        },
        meets: Code::NotAMember,
        twin: |scene| {
            let plan = scene.plan().clone();
            scene
                .says(COORDINATOR, &Content::PlanRevision(plan))
                .is_empty()
        },
    },
];

const RECORDS: &[Attack] = &[
    Attack {
        name: "an answer to a slice that the group does not have",
        scene: Scene::accepted,
        tries: |scene| {
            let slice = scene.world.slice(VICTIM, scene.plan());
            let revision = scene.revision.unwrap();
            let answer = Answer::Reject(Vec::new());
            scene.says(
                CHEAT,
                &Content::PlanResponse(PlanResponse {
                    revision,
                    slice,
                    answer,
                }),
            )
        },
        meets: Code::StaleSlice,
        twin: |scene| {
            let slice = scene.world.slice(CHEAT, scene.plan());
            let revision = scene.revision.unwrap();
            let answer = Answer::Reject(Vec::new());
            scene
                .says(
                    CHEAT,
                    &Content::PlanResponse(PlanResponse {
                        revision,
                        slice,
                        answer,
                    }),
                )
                .is_empty()
        },
    },
    Attack {
        name: "a member speaks as the coordinator",
        scene: Scene::opened,
        tries: |scene| {
            let brief = scene.world.brief(1, Phase::Planning);
            scene.says(CHEAT, &Content::EventBrief(brief))
        },
        meets: Code::WrongAuthor,
        twin: |scene| {
            let brief = scene.world.brief(1, Phase::Planning);
            scene
                .says(COORDINATOR, &Content::EventBrief(brief))
                .is_empty()
        },
    },
    Attack {
        name: "a charter without its quorum",
        scene: Scene::opened,
        tries: |scene| {
            let charter = scene.world.charter_of(2, scene.world.charter);
            scene.says(COORDINATOR, &Content::SpaceCharter(charter))
        },
        meets: Code::QuorumShort,
        twin: |scene| {
            let charter = scene.left.unwrap();
            scene.world.endorse(CHEAT, Subject::Charter(charter), 2);
            scene.world.sync();
            scene.verdict(&charter).is_empty()
        },
    },
    Attack {
        name: "an override of a part in other hands",
        scene: Scene::published,
        tries: |scene| {
            let change = scene.override_of("b-lima");
            scene.says(COORDINATOR, &Content::RosterOverride(change))
        },
        meets: Code::NotCustodian,
        twin: |scene| {
            let change = scene.override_of("b-lima");
            scene
                .says(CHEAT, &Content::RosterOverride(change))
                .is_empty()
        },
    },
    Attack {
        name: "an override of a part that the plan does not have",
        scene: Scene::published,
        tries: |scene| {
            let change = scene.override_of("b-atlantis");
            scene.says(CHEAT, &Content::RosterOverride(change))
        },
        meets: Code::UnknownPart,
        twin: |scene| {
            let change = scene.override_of("b-lima");
            scene
                .says(CHEAT, &Content::RosterOverride(change))
                .is_empty()
        },
    },
    Attack {
        name: "somebody hands on what is not hers",
        scene: Scene::published,
        tries: |scene| {
            let offer = scene.custody_offer("b-oslo", CHEAT);
            let offer = scene.world.say(CHEAT, &Content::CustodyOffer(offer));
            let accept = scene
                .world
                .say(CHEAT, &Content::CustodyAccept(CustodyAccept { offer }));
            let accept = scene.world.carried(CHEAT, &accept);
            scene.says(
                CHEAT,
                &Content::CustodyCommit(CustodyCommit { offer, accept }),
            )
        },
        meets: Code::NotCustodian,
        twin: |scene| {
            let offer = scene.custody_offer("b-oslo", CHEAT);
            let offer = scene.world.say(VICTIM, &Content::CustodyOffer(offer));
            scene.world.sync();
            let accept = scene
                .world
                .say(CHEAT, &Content::CustodyAccept(CustodyAccept { offer }));
            let accept = scene.world.carried(CHEAT, &accept);
            scene
                .says(
                    VICTIM,
                    &Content::CustodyCommit(CustodyCommit { offer, accept }),
                )
                .is_empty()
        },
    },
    Attack {
        name: "a part is put upon a group that did not accept it",
        scene: Scene::published,
        tries: |scene| {
            let offer = scene.custody_offer("b-lima", VICTIM);
            let offer = scene.world.say(CHEAT, &Content::CustodyOffer(offer));
            let accept = scene
                .world
                .say(CHEAT, &Content::CustodyAccept(CustodyAccept { offer }));
            let accept = scene.world.carried(CHEAT, &accept);
            scene.left = Some(offer);
            let record = scene.world.say(
                CHEAT,
                &Content::CustodyCommit(CustodyCommit { offer, accept }),
            );
            scene.world.sync();
            scene.verdict(&record)
        },
        meets: Code::CertificateInvalid,
        twin: |scene| {
            let offer = scene.left.unwrap();
            let accept = scene
                .world
                .say(VICTIM, &Content::CustodyAccept(CustodyAccept { offer }));
            let accept = scene.world.carried(VICTIM, &accept);
            scene
                .says(
                    CHEAT,
                    &Content::CustodyCommit(CustodyCommit { offer, accept }),
                )
                .is_empty()
        },
    },
    Attack {
        name: "a member takes a part away",
        scene: Scene::published,
        tries: |scene| {
            let reclaim = reclaim(scene);
            scene.says(CHEAT, &Content::CustodyReclaim(reclaim))
        },
        meets: Code::WrongAuthor,
        twin: |scene| {
            let reclaim = reclaim(scene);
            scene
                .says(COORDINATOR, &Content::CustodyReclaim(reclaim))
                .is_empty()
                && scene.world.state(VICTIM).custody[&Part::Block("b-oslo".into())].custodian
                    == scene.cheat().id
        },
    },
    Attack {
        name: "a body that is not canonical",
        scene: Scene::opened,
        tries: |scene| brings_body(scene, Kind::MemberLeave, br#"{"reason": "no time"}"#),
        meets: Code::NotCanonical,
        twin: leaves_honestly,
    },
    Attack {
        name: "a fraction in a body",
        scene: Scene::opened,
        tries: |scene| {
            brings_body(
                scene,
                Kind::MemberLeave,
                br#"{"reason":"no time","since":1.5}"#,
            )
        },
        meets: Code::NotCanonical,
        twin: leaves_honestly,
    },
    Attack {
        name: "a body of another type",
        scene: Scene::opened,
        tries: |scene| brings_body(scene, Kind::MemberLeave, br#"{"reason":7}"#),
        meets: Code::Malformed,
        twin: leaves_honestly,
    },
    Attack {
        name: "a kind of a later version",
        scene: Scene::opened,
        tries: |scene| brings_body(scene, Kind::Other("stage.lights".to_owned()), b"{}"),
        meets: Code::UnknownKind,
        twin: leaves_honestly,
    },
];

fn reclaim(scene: &Scene) -> CustodyReclaim {
    let part = Part::Block("b-oslo".into());
    CustodyReclaim {
        stands: scene.world.state(VICTIM).custody[&part].stands,
        part,
        reclaims: 1,
        to: scene.cheat().id,
        reason: String::new(),
    }
}

/// A record of the cheat's own node with this body comes in; why it has no effect.
fn brings_body(scene: &mut Scene, kind: Kind, bytes: &[u8]) -> Vec<Code> {
    let mut draft = scene.world.draft(&leave());
    draft.kind = kind;
    draft.bytes = bytes.to_vec();
    let space = scene.world.space;
    let cheat = &mut scene.world.groups[CHEAT];
    let (record, _) = cheat.node.commit_local(space, cheat.id, draft).unwrap();
    scene.world.sync();
    scene.verdict(&record)
}

const BYTES: &[Attack] = &[
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
                .begin_generation(space, cheat);
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

const TRUST: &[Attack] = &[
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

fn withstands(attacks: &[Attack]) {
    for attack in attacks {
        let mut scene = (attack.scene)();
        let before = honest_state(&scene);
        let met = (attack.tries)(&mut scene);
        assert!(met.contains(&attack.meets), "{}: met {met:?}", attack.name);
        assert_eq!(
            honest_state(&scene),
            before,
            "{}: it had an effect",
            attack.name
        );
        assert!(
            (attack.twin)(&mut scene),
            "{}: the honest twin was refused",
            attack.name
        );
    }
}

/// What everybody sees.
fn honest_state(scene: &Scene) -> meridian_federation::StateDigest {
    scene.world.digest(VICTIM)
}

#[test]
fn no_certificate_without_everybody_s_consent_to_the_very_plan() {
    withstands(CERTIFICATES);
}

#[test]
fn nobody_speaks_for_others_or_of_what_is_not_hers() {
    withstands(RECORDS);
}

#[test]
fn bytes_places_and_bodies_are_what_they_must_be() {
    withstands(BYTES);
}

#[test]
fn only_living_keys_of_named_groups_and_messages_of_peers_count() {
    withstands(TRUST);
}
