//! What nodes send each other, as files that another implementation can be held against (`data/wire/`). Files are
//! only ever added: `UPDATE_WIRE=1` writes those that are missing, and never another one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect fails"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "this test reads and adds files; the crate does not"
)]

mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use meridian_federation::body::Body;
use meridian_federation::card::{Card, SignedCard};
use meridian_federation::content::{
    Answer, Blocked, CapacityOffer, Carried, CharterEndorse, ContactCard, Content, CustodyAccept,
    CustodyCommit, CustodyOffer, CustodyReclaim, DateAnswer, DateResponse, Epoch, EventBrief,
    HeadCount, Length, MemberJoin, MemberLeave, Move, OnDuty, Operation, Part, Phase, PlanCancel,
    PlanPublish, PlanResponse, Reason, ReasonCode, RosterOverride, RosterPublish, ShiftOffer,
    Subject, TalkOffer, TalkWithdraw,
};
use meridian_federation::header::Audience;
use meridian_federation::ids::{PartHash, Salt};
use meridian_federation::keys::Strict;
use meridian_federation::kind::{Kind, Reach};
use meridian_federation::record::Record;
use meridian_federation::sync::{Have, Sent};
use meridian_federation::{Code, Message, Packet, RecordId, canonical, wire};
use meridian_model::{Delivery, Grade, Language, Policy, Priority, Role, RoleNeed, ZoneName};
use world::{World, at, span};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/wire")
}

/// Compares with the file of this name, or writes it where it is missing and that is asked for.
fn golden(name: &str, bytes: &[u8]) {
    let path = folder().join(name);
    if !path.exists() && std::env::var_os("UPDATE_WIRE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    let known = std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(known == bytes, "{name} is no longer what is written");
}

fn record(n: u8) -> RecordId {
    RecordId::from_bytes([n; 32])
}

/// One of each kind that has a type.
fn contents(world: &World) -> Vec<Content> {
    let part = Part::Block("b-lima".into());
    let plan = world.plan(1, record(1));
    let inside = world.forge(
        1,
        &world.groups[1].key,
        &Content::MemberJoin(MemberJoin { charter: record(2) }),
        |_| {},
    );
    let carried = Carried {
        envelope: inside.envelope,
        body: inside.body.unwrap().as_ref().clone(),
    };
    let operations = vec![
        Operation::Drop(part.clone()),
        Operation::LimitBlocks(1),
        Operation::Swap(part.clone(), Part::Seat("s-oslo".into())),
        Operation::Move(Move {
            part: part.clone(),
            cells: -2,
        }),
        Operation::NeedsRole("mc".into(), span(0, 60)),
    ];
    let mut contents = vec![
        Content::SpaceCharter(world.charter_of(1, None)),
        Content::CharterEndorse(CharterEndorse {
            subject: Subject::Brief(record(3)),
            version: 2,
        }),
        Content::MemberJoin(MemberJoin { charter: record(2) }),
        Content::MemberLeave(MemberLeave {
            reason: "no time".to_owned(),
        }),
        Content::EventBrief(world.brief(1, Phase::Planning)),
        Content::PlanRevision(plan.clone()),
        Content::PlanResponse(PlanResponse {
            revision: record(4),
            slice: world.slice(1, &plan),
            answer: Answer::Counter(operations),
        }),
        Content::PlanPublish(PlanPublish {
            revision: record(4),
            replaces: None,
            accepts: vec![carried.clone()],
            endorsements: Vec::new(),
        }),
        Content::PlanCancel(PlanCancel {
            publish: record(5),
            reason: "storm".to_owned(),
        }),
    ];
    contents.extend(duties(world, carried));
    contents.extend(offers());
    contents
}

fn duties(world: &World, carried: Carried) -> [Content; 7] {
    let part = Part::Block("b-lima".into());
    let stands = PartHash::from_bytes([7; 32]);
    let epoch = Epoch {
        reclaims: 1,
        swaps: 2,
    };
    let to = world.groups[1].id;
    [
        Content::RosterPublish(RosterPublish {
            part: part.clone(),
            stands,
            epoch,
            people: vec![OnDuty {
                shift: "x1".into(),
                person: "p-17".into(),
                name: Some("Ana".to_owned()),
                span: span(0, 60),
                handover_min: 0,
            }],
        }),
        Content::RosterOverride(RosterOverride {
            part: part.clone(),
            stands,
            epoch,
            shift: "x1".into(),
            instead: Some("p-18".into()),
            name: None,
        }),
        Content::CustodyOffer(CustodyOffer {
            part: part.clone(),
            stands,
            epoch,
            to,
        }),
        Content::CustodyAccept(CustodyAccept { offer: record(6) }),
        Content::CustodyCommit(CustodyCommit {
            offer: record(6),
            accept: carried,
        }),
        Content::CustodyReclaim(CustodyReclaim {
            part,
            stands,
            reclaims: 2,
            to,
            reason: "no answer".to_owned(),
        }),
        Content::ContactCard(ContactCard {
            lines: vec!["+51 1 555 0100 in the night of the event".to_owned()],
        }),
    ]
}

fn offers() -> [Content; 4] {
    [
        Content::DateResponse(DateResponse {
            brief: record(1),
            dates: vec![DateAnswer {
                start: at(0),
                grade: Grade::IfNeedBe,
                heads: Some(6),
                clashes: vec!["Fiestas Patrias".to_owned()],
            }],
        }),
        Content::TalkOffer(TalkOffer {
            session: "lima-1".into(),
            title: "From zero to \u{1f680} in 24 h".to_owned(),
            kind: "talk".to_owned(),
            length_min: 30,
            languages: vec![Language::from("es"), Language::from("en")],
            speakers: vec!["lima-s1".into()],
            windows: vec![span(0, 600)],
            delivery: Delivery::Live,
            changeover_min: 0,
            tags: Vec::new(),
            tracks: Vec::new(),
            priority: None,
        }),
        Content::TalkWithdraw(TalkWithdraw {
            session: "lima-1".into(),
        }),
        Content::CapacityOffer(CapacityOffer {
            brief: record(1),
            heads: vec![HeadCount {
                role: "mc".into(),
                language: Some(Language::from("es")),
                first_cell: 4,
                heads: vec![2, 2, 1, 0],
            }],
            hosting: vec![span(0, 600)],
            languages: vec![Language::from("es")],
            shortest_min: 60,
            longest_min: 180,
            max_blocks: 2,
            blocked: vec![Blocked {
                title: "PyCon Peru".to_owned(),
                span: span(600, 900),
            }],
            zones: BTreeSet::from(["America/Lima".to_owned()]),
            prime: Vec::new(),
            shifts: Vec::new(),
            revision: None,
        }),
    ]
}

/// A log that holds one record of each kind, those kept for the auction and one of a later version too.
fn log(world: &World) -> BTreeMap<String, Sent> {
    let mut all: Vec<(Kind, Vec<u8>)> = contents(world)
        .iter()
        .map(|content| (content.kind(), content.write().unwrap()))
        .collect();
    let later = Kind::Other("stage.lights".to_owned());
    for kind in [
        Kind::AuctionRound,
        Kind::AuctionBid,
        Kind::AuctionClose,
        later,
    ] {
        all.push((kind, b"{}".to_vec()));
    }
    let any = Content::MemberLeave(MemberLeave {
        reason: String::new(),
    });
    let (mut sent, mut previous) = (BTreeMap::new(), None);
    for ((kind, bytes), sequence) in all.into_iter().zip(0..) {
        let audience = match kind.reach() {
            None | Some(Reach::All) => Audience::All,
            Some(Reach::Coordinator) => Audience::Coordinator,
            Some(Reach::Named) => Audience::Groups(BTreeSet::from([world.groups[0].id])),
        };
        let salt = (audience != Audience::All).then(|| Salt::from_bytes([sequence; 16]));
        let body = Body { salt, bytes };
        let mut record = world.forge(1, &world.groups[1].key, &any, |header| {
            header.sequence = u64::from(sequence);
            header.previous = previous;
            header.kind = kind.clone();
            header.audience = audience;
            header.body = body.reference();
            header.entity = "lima-1".to_owned();
            header.actor = "p-17".to_owned();
        });
        previous = Some(RecordId::of(&record.envelope.payload));
        record.body = Some(Arc::new(body));
        sent.insert(kind.as_str().to_owned(), record);
    }
    sent
}

#[test]
fn every_kind_is_written_and_read_as_it_always_was() {
    let world = World::met(2);
    let log = log(&world);
    assert_eq!(log.len(), Kind::KNOWN.len() + 1);
    let mut reader = World::met(2);
    let card = reader.groups[1].card.envelope().clone();
    assert_eq!(reader.groups[0].node.take_card(&card).refused, []);
    for (kind, sent) in &log {
        golden(
            &format!("kinds/{kind}.json"),
            &canonical::write(sent).unwrap(),
        );
        let bytes = std::fs::read(folder().join(format!("kinds/{kind}.json"))).unwrap();
        let read: Sent = serde_json::from_slice(&bytes).unwrap();
        let trust = reader.groups[0].node.trust();
        let record = Record::verify(&read.envelope, trust, &Strict).unwrap();
        assert_eq!(record.header().kind.as_str(), kind);
        let body = read.body.unwrap();
        assert_eq!(body.check(&record.header().body), Ok(()));
        match Content::read(&record.header().kind, &body) {
            Ok(content) => {
                assert!(contents(&world).contains(&content), "{kind}");
                assert_eq!(content.write().unwrap(), body.bytes);
            }
            Err(problem) => assert_eq!(problem.code, Code::UnknownKind, "{kind}"),
        }
    }
}

/// Content with the fields that came later; records of before have none of them, and are still read.
fn with_later_fields(world: &World) -> [Content; 5] {
    let role = Role {
        id: "mc".into(),
        name: "MC".to_owned(),
        alerted: false,
        needs: RoleNeed::BlockLanguage,
        handover_min: 10,
    };
    let brief = EventBrief {
        length: Some(Length {
            cell_min: 5,
            n_cells: 288,
        }),
        zone: Some(ZoneName::new("America/Lima")),
        roles: vec![role],
        policy: Some(Policy::default()),
        ..world.brief(1, Phase::Planning)
    };
    let mut plan = world.plan(1, record(1));
    let digest = "ab".repeat(32);
    plan.zones.insert(ZoneName::new("America/Lima"), digest);
    let [_, talk, _, capacity] = offers();
    let (Content::TalkOffer(mut talk), Content::CapacityOffer(mut capacity)) = (talk, capacity)
    else {
        panic!("these are the offers");
    };
    talk.changeover_min = 5;
    talk.tags = vec!["maps".to_owned()];
    talk.tracks = vec!["a".into()];
    talk.priority = Some(Priority::Should);
    capacity.prime = vec![span(0, 300)];
    capacity.shifts = vec![ShiftOffer {
        duty: "mc-a".into(),
        span: span(60, 180),
        languages: vec![Language::from("es")],
        or: Vec::new(),
    }];
    capacity.revision = Some(1);
    let answer = PlanResponse {
        revision: record(4),
        slice: world.slice(1, &plan),
        answer: Answer::Reject(vec![Reason {
            code: ReasonCode::SpeakerCannot,
            part: None,
            session: Some("lima-1".into()),
            text: "she is away".to_owned(),
        }]),
    };
    [
        Content::EventBrief(brief),
        Content::PlanRevision(plan),
        Content::TalkOffer(talk),
        Content::CapacityOffer(capacity),
        Content::PlanResponse(answer),
    ]
}

/// And later still.
fn with_the_latest_fields(world: &World) -> Content {
    let [_, _, _, mut latest, _] = with_later_fields(world);
    if let Content::CapacityOffer(capacity) = &mut latest {
        capacity.shifts[0].or = vec!["engineer".into()];
    }
    latest
}

#[test]
fn what_came_later_is_written_and_read_as_it_was_when_it_came() {
    let world = World::met(2);
    let named = |content: Content, after: &str| {
        let kind = content.kind();
        (format!("fields/{kind}{after}.json"), kind, content)
    };
    let later = with_later_fields(&world).map(|content| named(content, ""));
    let latest = [named(with_the_latest_fields(&world), "-2")];
    for (name, kind, content) in later.into_iter().chain(latest) {
        golden(&name, &content.write().unwrap());
        let bytes = std::fs::read(folder().join(&name)).unwrap();
        let body = Body { salt: None, bytes };
        assert_eq!(Content::read(&kind, &body).unwrap(), content);
    }
}

#[test]
fn cards_messages_and_bundles_are_written_and_read_as_they_always_were() {
    let world = World::opened(2);
    let first = &world.groups[1].card;
    golden("card-1.json", &canonical::write(first.envelope()).unwrap());
    let second = Card {
        version: 2,
        previous: Some(first.id()),
        ..first.card().clone()
    };
    let second = second.seal(&world.groups[1].root).unwrap();
    golden("card-2.json", &canonical::write(second.envelope()).unwrap());
    let read =
        serde_json::from_slice(&std::fs::read(folder().join("card-2.json")).unwrap()).unwrap();
    assert_eq!(SignedCard::verify(&read, &Strict).unwrap(), second);

    let pull = world.groups[0]
        .node
        .begin_sync(world.groups[1].id, world.space)
        .unwrap();
    let bytes = wire::write(&pull).unwrap();
    golden("pull.json", &bytes);
    assert_eq!(wire::read(&bytes).unwrap(), pull);

    let reader = world.groups[1].id;
    let bundle = world.groups[0]
        .node
        .write_bundle(world.space, &reader, &Have::default())
        .unwrap();
    golden("bundle.json", &bundle);
    let mut fresh = World::met(2);
    let effects = fresh.groups[1]
        .node
        .read_bundle(&std::fs::read(folder().join("bundle.json")).unwrap());
    assert_eq!(effects.refused, []);
    assert_eq!(fresh.digest(1), world.digest(0));
}

/// Records that every node must refuse, by the code that they meet.
fn refused(world: &World) -> BTreeMap<Code, Sent> {
    use meridian_federation::envelope::{Envelope, PayloadType};
    let leave = Content::MemberLeave(MemberLeave {
        reason: String::new(),
    });
    let key = &world.groups[1].key;
    let forged = |change: &dyn Fn(&mut meridian_federation::header::Header)| {
        world.forge(1, key, &leave, |header| change(header))
    };
    let sealed_again = |change: &dyn Fn(String) -> String| {
        let mut sent = forged(&|_| {});
        let text = String::from_utf8(sent.envelope.payload.clone()).unwrap();
        let payload = change(text).into_bytes();
        sent.envelope = Arc::new(Envelope::seal(PayloadType::Record, payload, key.as_ref()));
        sent
    };
    let mut altered = forged(&|_| {});
    let mut envelope = altered.envelope.as_ref().clone();
    envelope.payload = String::from_utf8(envelope.payload)
        .unwrap()
        .replace("\"actor\":\"\"", "\"actor\":\"x\"")
        .into_bytes();
    altered.envelope = Arc::new(envelope);
    let mut other_body = forged(&|_| {});
    other_body.body = Some(Arc::new(Body {
        salt: None,
        bytes: b"{}".to_vec(),
    }));
    let stranger = meridian_federation::keys::SecretKey::from_secret(&[78; 32]);
    BTreeMap::from([
        (
            Code::NotCanonical,
            sealed_again(&|text| text.replacen(':', ": ", 1)),
        ),
        (
            Code::Malformed,
            sealed_again(&|text| text.replace("\"sequence\":", "\"sequenca\":")),
        ),
        (
            Code::TooLarge,
            forged(&|header| header.depends = vec![record(0); 100]),
        ),
        (Code::UnknownVersion, forged(&|header| header.version = 2)),
        (
            Code::WrongSpace,
            forged(&|header| header.space = meridian_federation::SpaceId::from_bytes([1; 32])),
        ),
        (
            Code::WrongAudience,
            forged(&|header| header.kind = Kind::CapacityOffer),
        ),
        (Code::LogGap, forged(&|header| header.sequence += 1)),
        (Code::SignatureInvalid, altered),
        (Code::BodyMismatch, other_body),
        (Code::UnknownKey, world.forge(1, &stranger, &leave, |_| {})),
        (
            Code::UnknownGroup,
            forged(&|header| header.author = meridian_federation::GroupId::from_bytes([1; 32])),
        ),
    ])
}

#[test]
fn what_was_always_refused_still_is() {
    let mut world = World::opened(2);
    for (code, sent) in refused(&world) {
        let name = format!("refused/{code}.json");
        golden(&name, &canonical::write(&sent).unwrap());
        let bytes = std::fs::read(folder().join(&name)).unwrap();
        let sent: Sent = serde_json::from_slice(&bytes).unwrap();
        let before = world.digest(0);
        let effects = world.bring(1, 0, world::docs(vec![sent]));
        assert_eq!(effects.codes().collect::<Vec<_>>(), [code]);
        assert_eq!(world.digest(0), before);
    }
}

#[test]
fn one_bad_item_never_fails_a_message_and_a_message_that_is_none_is_refused() {
    let mut world = World::opened(2);
    let left = Content::MemberLeave(MemberLeave {
        reason: String::new(),
    });
    let good = world.forge(1, &world.groups[1].key, &left, |_| {});
    let packet = Packet {
        from: world.groups[1].id,
        to: world.groups[0].id,
        space: world.space,
        message: Message::Docs(world::docs(vec![good])),
        spoiled: Vec::new(),
    };
    let text = String::from_utf8(wire::write(&packet).unwrap()).unwrap();
    let spoiled = text.replace("\"records\":[", "\"records\":[7,{\"envelope\":null},");
    let read = wire::read(spoiled.as_bytes()).unwrap();
    assert_eq!(read.spoiled.len(), 2);
    let effects = world.groups[0].node.handle(packet.from, read);
    assert_eq!(
        effects.codes().collect::<Vec<_>>(),
        [Code::Malformed, Code::Malformed]
    );
    assert!(effects.changed);
    for (bytes, code) in [
        (b"{}".to_vec(), Code::Malformed),
        (b"\xff".to_vec(), Code::Malformed),
        (vec![b'['; 100], Code::TooLarge),
        (vec![b' '; wire::MAX_BYTES + 1], Code::TooLarge),
    ] {
        assert_eq!(wire::read(&bytes).unwrap_err().code, code);
    }
}
