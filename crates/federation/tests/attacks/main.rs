//! What cheats try. Each attempt is refused with its code and changes nothing of what everybody sees; its honest
//! twin is taken.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect fails"
)]

#[path = "../world/mod.rs"]
mod world;

mod bytes;
mod certificates;
mod quotas;
mod records;
mod trust;

use meridian_federation::card::Card;
use meridian_federation::content::{
    Carried, Content, CustodyOffer, Epoch, MemberLeave, Part, PlanPublish, PlanRevision,
    RosterOverride,
};
use meridian_federation::header::Header;
use meridian_federation::sync::{Docs, Sent};
use meridian_federation::{Code, RecordId};
use world::{Group, World, docs};

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
    withstands(certificates::CERTIFICATES);
}

#[test]
fn nobody_speaks_for_others_or_of_what_is_not_hers() {
    withstands(records::RECORDS);
}

#[test]
fn bytes_places_and_bodies_are_what_they_must_be() {
    withstands(bytes::BYTES);
}

#[test]
fn only_living_keys_of_named_groups_and_messages_of_peers_count() {
    withstands(trust::TRUST);
}

#[test]
fn nobody_makes_others_keep_more_than_her_quota() {
    withstands(quotas::QUOTAS);
}
