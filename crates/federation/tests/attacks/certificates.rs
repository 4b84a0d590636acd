//! Certificates without everybody's consent.

use crate::world::span;
use crate::{Attack, CHEAT, COORDINATOR, Scene, VICTIM, publishes_honestly};
use meridian_federation::content::{Answer, Carried, Content, PlanPublish, PlanResponse};
use meridian_federation::envelope::{Envelope, PayloadType};
use meridian_federation::{Code, SpaceId};
use std::sync::Arc;

pub(crate) const CERTIFICATES: &[Attack] = &[
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
        name: "a plan beside the cells of its brief",
        scene: Scene::accepted,
        tries: |scene| {
            let mut plan = scene.plan().clone();
            plan.blocks[COORDINATOR].span = span(7, 60);
            scene.says(COORDINATOR, &Content::PlanRevision(plan))
        },
        meets: Code::Malformed,
        twin: publishes_honestly,
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
