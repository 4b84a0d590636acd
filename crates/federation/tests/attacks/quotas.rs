//! More than one group may make every node keep.

use crate::world::{Group, World, docs};
use crate::{
    Attack, CHEAT, COORDINATOR, Scene, VICTIM, brings_honestly, leave, renews_card_honestly,
};
use meridian_federation::Code;
use meridian_federation::body::Body;
use meridian_federation::card::{Branch, Card};
use meridian_federation::content::{Content, Member, MemberLeave};
use meridian_federation::header::Header;
use meridian_federation::log::Log;
use meridian_federation::sync::{Docs, MAX_PROOFS, Sent};

pub(crate) const QUOTAS: &[Attack] = &[
    Attack {
        name: "a generation after the last",
        scene: Scene::opened,
        tries: |scene| brings_at(scene, Header::GENERATIONS, 0),
        meets: Code::QuotaExceeded,
        twin: |scene| brings_at(scene, Header::GENERATIONS - 1, 0).is_empty(),
    },
    Attack {
        name: "a place after the last",
        scene: Scene::opened,
        tries: |scene| brings_at(scene, 0, Header::SEQUENCES),
        meets: Code::QuotaExceeded,
        twin: brings_honestly,
    },
    Attack {
        name: "a body that would fill the log",
        scene: Scene::opened,
        tries: |scene| {
            let mut sent = scene.forged(&leave(), |header| header.body.size = Log::MAX_BYTES);
            sent.body = None;
            scene.brings(vec![sent])
        },
        meets: Code::QuotaExceeded,
        twin: brings_honestly,
    },
    Attack {
        name: "a record for a full log",
        scene: || {
            let mut scene = Scene::opened();
            let mut filling = fill(&scene, Log::MAX_BYTES / 128 / 1024);
            let last = filling.pop().unwrap();
            assert_eq!(scene.brings(filling), []);
            assert_eq!(scene.brings(vec![last]), [Code::QuotaExceeded]);
            scene
        },
        tries: |scene| {
            let log = scene.world.groups[VICTIM]
                .node
                .logs(&scene.world.space)
                .unwrap();
            let head = log[&(scene.cheat().id, 0)].head().unwrap();
            let (previous, next) = (head.id(), head.header().sequence + 1);
            let sent = scene.forged(&long(), |header| {
                header.sequence = next;
                header.previous = Some(previous);
            });
            scene.brings(vec![sent])
        },
        meets: Code::QuotaExceeded,
        twin: |scene| {
            let sent = scene.forged(&long(), |header| {
                header.generation = 1;
                header.sequence = 0;
                header.previous = None;
            });
            scene.brings(vec![sent]).is_empty()
        },
    },
    Attack {
        name: "two records of a place that the log does not reach",
        scene: Scene::opened,
        tries: |scene| brings_pair(scene, 2),
        meets: Code::LogGap,
        twin: |scene| brings_pair(scene, 1).is_empty(),
    },
    Attack {
        name: "a card after the last version",
        scene: Scene::opened,
        tries: |scene| {
            let card = Card {
                version: Card::VERSIONS + 1,
                ..scene.next_card()
            };
            scene.brings_card(&card)
        },
        meets: Code::QuotaExceeded,
        twin: renews_card_honestly,
    },
    Attack {
        name: "more cards than a message holds",
        scene: Scene::opened,
        tries: |scene| brings_cards(scene, MAX_PROOFS + 1),
        meets: Code::TooLarge,
        twin: |scene| brings_cards(scene, MAX_PROOFS).is_empty(),
    },
    Attack {
        name: "a member's charter that names whom she invented",
        scene: Scene::opened,
        tries: |scene| names_a_stranger(scene, CHEAT),
        meets: Code::UnknownGroup,
        twin: |scene| names_a_stranger(scene, COORDINATOR).is_empty(),
    },
];

fn long() -> Content {
    Content::MemberLeave(MemberLeave {
        reason: "x".repeat(120 * 1024),
    })
}

fn brings_at(scene: &mut Scene, generation: u64, sequence: u64) -> Vec<Code> {
    let sent = scene.forged(&leave(), |header| {
        header.generation = generation;
        header.sequence = sequence;
        header.previous = header.previous.filter(|_| sequence > 0);
    });
    scene.brings(vec![sent])
}

/// So many records after the cheat's last, each of which claims the longest body and leaves it out.
fn fill(scene: &Scene, n: u64) -> Vec<Sent> {
    let mut previous = None;
    let mut records = Vec::new();
    for more in 0..n {
        let sent = scene.forged(&leave(), |header| {
            header.sequence += more;
            header.previous = previous.or(header.previous);
            header.body.size = u64::try_from(Body::MAX_BYTES).unwrap();
        });
        previous = Some(meridian_federation::RecordId::of(&sent.envelope.payload));
        records.push(Sent { body: None, ..sent });
    }
    records
}

/// Two records of one place, so far above the cheat's last one.
fn brings_pair(scene: &mut Scene, above: u64) -> Vec<Code> {
    let pair = pair(scene, above);
    scene.brings_docs(Docs {
        evidence: vec![pair],
        ..Docs::default()
    })
}

fn pair(scene: &Scene, above: u64) -> [meridian_federation::envelope::Envelope; 2] {
    ["one", "other"].map(|name| {
        let sent = scene.forged(&leave(), |header| {
            header.entity = name.to_owned();
            header.sequence += above - 1;
        });
        sent.envelope.as_ref().clone()
    })
}

fn brings_cards(scene: &mut Scene, n: usize) -> Vec<Code> {
    let card = scene.cheat().card.envelope().clone();
    scene.brings_docs(Docs {
        cards: vec![card; n],
        ..Docs::default()
    })
}

/// Somebody's charter names a group, which then speaks.
fn names_a_stranger(scene: &mut Scene, by: usize) -> Vec<Code> {
    let stranger = Group::new(4);
    let mut charter = scene.world.charter_of(2, scene.world.charter);
    charter.members.push(Member {
        group: stranger.id,
        handle: stranger.handle.clone(),
    });
    let _ = scene.says(by, &Content::SpaceCharter(charter));
    let sent = scene.world.forge(CHEAT, &stranger.key, &leave(), |header| {
        header.author = stranger.id;
        header.sequence = 0;
        header.previous = None;
    });
    let cards = vec![stranger.card.envelope().clone()];
    scene.brings_docs(Docs {
        cards,
        ..docs(vec![sent])
    })
}

#[test]
fn rivals_that_change_nothing_are_not_kept() {
    let mut scene = Scene::opened();
    let before = scene.world.position(CHEAT);
    // Two are signed for the next place, the card chooses one, and the log goes on above it.
    let fork = pair(&scene, 1);
    let chosen = meridian_federation::RecordId::of(&fork[0].payload);
    let mut card = scene.next_card();
    card.branches.push(Branch {
        space: scene.world.space,
        generation: before.generation,
        sequence: before.sequence + 1,
        record: chosen,
    });
    assert_eq!(
        scene.brings_docs(Docs {
            evidence: vec![fork],
            ..Docs::default()
        }),
        []
    );
    assert_eq!(scene.brings_card(&card), []);
    let victim = &scene.world.groups[VICTIM].node;
    assert!(victim.record(&scene.world.space, &chosen).is_some());
    // Neither of these follows what was chosen.
    let beside = pair(&scene, 2);
    let effects = scene.world.bring(
        CHEAT,
        VICTIM,
        Docs {
            evidence: vec![beside],
            ..Docs::default()
        },
    );
    assert_eq!(effects.refused, []);
    assert_eq!(effects.store, []);
    assert!(!effects.changed);
}

#[test]
fn many_large_cards_keep_nobody_from_hearing_the_rest() {
    let mut world = World::met(3);
    for version in 2..=Card::VERSIONS {
        let before = &world.groups[CHEAT].card;
        let card = Card {
            version,
            previous: Some(before.id()),
            name: "x".repeat(31 * 1024),
            ..before.card().clone()
        };
        let card = card.seal(&world.groups[CHEAT].root).unwrap();
        let effects = world.groups[CHEAT].node.take_card(card.envelope());
        assert_eq!(effects.refused, []);
        world.groups[CHEAT].card = card;
    }
    let charter = world.charter_of(1, None);
    world.say(COORDINATOR, &Content::SpaceCharter(charter));
    world.say(CHEAT, &leave());
    // Every message goes through bytes, and one that is too large would not be read.
    world.sync();
    let cheat = world.groups[CHEAT].id;
    for group in &world.groups {
        let card = group.node.trust().card(&cheat).unwrap();
        assert_eq!(card.card().version, Card::VERSIONS, "{}", group.handle);
        let logs = group.node.logs(&world.space).unwrap();
        assert_eq!(logs[&(cheat, 0)].chain().len(), 1, "{}", group.handle);
    }
    world.assert_agreed();
}
