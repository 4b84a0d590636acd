//! Words of somebody who may not say them.

use crate::{Attack, CHEAT, COORDINATOR, Scene, VICTIM, leave, leaves_honestly};
use meridian_federation::Code;
use meridian_federation::content::{
    Answer, Content, CustodyAccept, CustodyCommit, CustodyReclaim, Part, Phase, PlanResponse,
    Subject,
};
use meridian_federation::kind::Kind;

pub(crate) const RECORDS: &[Attack] = &[
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
