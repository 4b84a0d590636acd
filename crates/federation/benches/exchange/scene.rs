//! A space as it is in the nights before an event: a plan in force, and groups that offer, answer and change shifts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use meridian_federation::card::{Card, SignedCard};
use meridian_federation::content::{
    Answer, CapacityOffer, Carried, ContactCard, Content, DateResponse, Deadlines, Epoch,
    EventBrief, Member, MemberJoin, Part, Phase, PlanBlock, PlanPublish, PlanResponse,
    PlanRevision, RosterOverride, Seat, SpaceCharter, TalkOffer,
};
use meridian_federation::ids::{self, Salt};
use meridian_federation::keys::{SecretKey, Signer, Strict};
use meridian_federation::slice::{self, Slice};
use meridian_federation::sync::Sent;
use meridian_federation::{Draft, Entry, GroupId, Message, Node, Packet, RecordId, SpaceId};
use meridian_model::{
    Delivery, GroupId as Handle, Horizon, Language, Span, Timestamp, Track, TzdbStamp,
};

pub(crate) struct Group {
    pub(crate) id: GroupId,
    pub(crate) handle: Handle,
    pub(crate) card: SignedCard,
    key: Arc<SecretKey>,
}

/// One node signs for every group, so that a scene is made quickly; others are filled from what it stored.
pub(crate) struct Scene {
    pub(crate) groups: Vec<Group>,
    pub(crate) space: SpaceId,
    pub(crate) writer: Node,
    /// What the writer stored.
    pub(crate) stored: Vec<Entry>,
    revision: Option<(RecordId, PlanRevision)>,
    n_said: u64,
}

fn at(minutes: usize) -> Timestamp {
    let minutes = i64::try_from(minutes).unwrap();
    Timestamp::from_second(1_756_000_800 + minutes * 60).unwrap()
}

fn span(hour: usize) -> Span {
    Span::new(at(hour * 60), at(hour * 60 + 60)).unwrap()
}

fn secret(of: &str, n: usize) -> SecretKey {
    SecretKey::from_secret(&ids::hash("bench", &[format!("{of}/{n}").as_bytes()]))
}

impl Group {
    fn new(n: usize) -> Self {
        let (root, key) = (secret("root", n), Arc::new(secret("key", n)));
        let handle = Handle::from(format!("g{n}").as_str());
        let card = Card::first(root.public(), key.public(), handle.as_str());
        Self {
            id: root.public().group(),
            handle,
            card: card.seal(&root).unwrap(),
            key,
        }
    }
}

impl Scene {
    /// Groups of which the first `n_planned` are in the plan; it was accepted and is not in force yet.
    pub(crate) fn accepted(n_groups: usize, n_planned: usize) -> (Self, PlanPublish) {
        let groups: Vec<_> = (0..n_groups).map(Group::new).collect();
        let founder = groups[0].id;
        let space = SpaceId::of(&founder, "relay");
        let mut scene = Self {
            writer: Node::new(founder, Arc::new(Strict)),
            groups,
            space,
            stored: Vec::new(),
            revision: None,
            n_said: 0,
        };
        let effects = scene.writer.follow(space, founder);
        scene.stored.extend(effects.store);
        for group in &scene.groups {
            scene
                .writer
                .host(group.id, Arc::<SecretKey>::clone(&group.key));
            let effects = scene.writer.take_card(group.card.envelope());
            scene.stored.extend(effects.store);
        }
        let charter = scene.charter();
        let charter = scene.say(0, &Content::SpaceCharter(charter));
        for who in 0..n_groups {
            scene.say(who, &Content::MemberJoin(MemberJoin { charter }));
        }
        let brief = scene.say(0, &Content::EventBrief(brief()));
        let plan = scene.plan(n_planned, brief);
        let revision = scene.say(0, &Content::PlanRevision(plan.clone()));
        let accepts = (0..n_planned).map(|who| {
            let accept = scene.answer(who, revision, &plan);
            let record = scene.say(who, &accept);
            scene.carried(&record)
        });
        let accepts = accepts.collect();
        scene.revision = Some((revision, plan));
        let publish = PlanPublish {
            revision,
            replaces: None,
            accepts,
            endorsements: Vec::new(),
        };
        (scene, publish)
    }

    /// The plan is in force, and so much was said since that there are about `n_records`.
    pub(crate) fn busy(n_groups: usize, n_records: usize) -> Self {
        let (mut scene, publish) = Self::accepted(n_groups, n_groups);
        scene.say(0, &Content::PlanPublish(publish));
        let said = scene.stored.iter();
        let n_said = said
            .filter(|entry| matches!(entry, Entry::Record(_)))
            .count();
        for n in n_said..n_records {
            scene.say_something(n);
        }
        scene
    }

    /// The `n`th of many sayings. Gives the record as it is sent.
    pub(crate) fn say_something(&mut self, n: usize) -> RecordId {
        let who = n % self.groups.len();
        let content = self.something(who, n / self.groups.len());
        self.say(who, &content)
    }

    pub(crate) fn say(&mut self, who: usize, content: &Content) -> RecordId {
        self.n_said += 1;
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&self.n_said.to_be_bytes());
        let mut draft = Draft::new(content, at(0), Salt::from_bytes(salt)).unwrap();
        if let Content::ContactCard(_) = content {
            draft.readers = BTreeSet::from([self.groups[0].id]);
        }
        let group = self.groups[who].id;
        let (record, effects) = self.writer.commit_local(self.space, group, draft).unwrap();
        self.stored.extend(effects.store);
        record
    }

    pub(crate) fn sent(&self, record: &RecordId) -> Sent {
        let envelope = self.writer.record(&self.space, record).unwrap().envelope();
        Sent {
            envelope: Arc::clone(envelope),
            body: self.writer.body(&self.space, record).map(Arc::clone),
        }
    }

    fn carried(&self, record: &RecordId) -> Carried {
        let Sent { envelope, body } = self.sent(record);
        Carried {
            envelope,
            body: body.unwrap().as_ref().clone(),
        }
    }

    /// A node of a group that follows the space, knows every card and exchanges with every other, and no more.
    pub(crate) fn empty(&self, who: usize) -> Node {
        let mut node = Node::new(self.groups[who].id, Arc::new(Strict));
        let _ = node.follow(self.space, self.groups[0].id);
        for group in &self.groups {
            node.allow(group.id);
            assert!(node.take_card(group.card.envelope()).refused.is_empty());
        }
        node
    }

    /// What a store of records holds: nothing of who signed last, since another node signs.
    pub(crate) fn records(&self) -> Vec<Entry> {
        let records = self.stored.iter();
        let records = records.filter(|entry| !matches!(entry, Entry::Signed(_)));
        records.cloned().collect()
    }

    /// The same node with everything in it.
    pub(crate) fn full(&self, who: usize) -> Node {
        let mut node = self.empty(who);
        assert!(node.restore(self.records()).is_empty());
        node
    }

    fn charter(&self) -> SpaceCharter {
        let members = self.groups.iter().map(|group| Member {
            group: group.id,
            handle: group.handle.clone(),
        });
        SpaceCharter {
            name: "relay".to_owned(),
            version: 1,
            previous: None,
            coordinator: self.groups[0].id,
            members: members.collect(),
            quorum: 1,
            vocabulary: BTreeSet::new(),
            retention_days: 90,
        }
    }

    fn plan(&self, n_planned: usize, brief: RecordId) -> PlanRevision {
        let planned = || self.groups.iter().take(n_planned).enumerate();
        let blocks = planned().map(|(n, group)| PlanBlock {
            id: format!("b{n}").as_str().into(),
            group: group.handle.clone(),
            track: "main".into(),
            language: Language::from("en"),
            span: span(n),
        });
        let seats = planned().map(|(n, group)| Seat {
            id: format!("s{n}").as_str().into(),
            group: group.handle.clone(),
            duty: "mc".into(),
            role: "mc".into(),
            tracks: vec!["main".into()],
            span: span(n),
            heads: 1,
        });
        PlanRevision {
            number: 1,
            brief,
            tzdb: TzdbStamp {
                version: "2026f".to_owned(),
                offsets_sha256: "00".repeat(32),
            },
            blocks: blocks.collect(),
            sessions: Vec::new(),
            seats: seats.collect(),
            zones: BTreeMap::new(),
        }
    }

    fn answer(&self, who: usize, revision: RecordId, plan: &PlanRevision) -> Content {
        let group = &self.groups[who];
        let slice = Slice::of(self.space, group.id, &group.handle, plan);
        Content::PlanResponse(PlanResponse {
            revision,
            slice: slice.hash().unwrap(),
            answer: Answer::Accept,
        })
    }

    fn something(&self, who: usize, n: usize) -> Content {
        let (revision, plan) = self.revision.as_ref().unwrap();
        match n % 8 {
            0..=2 => {
                let part = Part::Seat(format!("s{who}").as_str().into());
                let (_, stands) = slice::parts(plan).unwrap().remove(&part).unwrap();
                Content::RosterOverride(RosterOverride {
                    part,
                    stands,
                    epoch: Epoch::default(),
                    shift: format!("shift {}", n % 32).as_str().into(),
                    instead: Some(format!("p{n}").as_str().into()),
                    name: None,
                })
            }
            3 | 4 => Content::TalkOffer(talk(who, n)),
            5 => Content::CapacityOffer(capacity(plan.brief)),
            6 => Content::DateResponse(DateResponse {
                brief: plan.brief,
                dates: Vec::new(),
            }),
            _ if n.is_multiple_of(16) => self.answer(who, *revision, plan),
            _ => Content::ContactCard(ContactCard {
                lines: vec![format!("line {n}")],
            }),
        }
    }
}

fn brief() -> EventBrief {
    EventBrief {
        version: 1,
        phase: Phase::Planning,
        title: "Relay".to_owned(),
        horizon: Some(Horizon::new(at(0), 30, 48).unwrap()),
        candidates: vec![at(0)],
        tracks: vec![Track {
            id: "main".into(),
            name: "Main".to_owned(),
        }],
        language: Language::from("en"),
        demand: Vec::new(),
        deadlines: Deadlines::default(),
        length: None,
        zone: None,
        roles: Vec::new(),
        policy: None,
    }
}

fn talk(who: usize, n: usize) -> TalkOffer {
    TalkOffer {
        session: format!("g{who}-{n}").as_str().into(),
        title: format!("Talk {n}"),
        kind: "talk".to_owned(),
        length_min: 30,
        languages: vec![Language::from("en")],
        speakers: vec!["speaker".into()],
        windows: vec![span(n % 24)],
        delivery: Delivery::Live,
        changeover_min: 0,
        tags: Vec::new(),
        tracks: Vec::new(),
        priority: None,
    }
}

fn capacity(brief: RecordId) -> CapacityOffer {
    CapacityOffer {
        brief,
        heads: Vec::new(),
        hosting: vec![span(3)],
        languages: vec![Language::from("en")],
        shortest_min: 60,
        longest_min: 180,
        max_blocks: 2,
        blocked: Vec::new(),
        zones: BTreeSet::from(["Europe/Oslo".to_owned()]),
        prime: Vec::new(),
        shifts: Vec::new(),
        revision: None,
    }
}

/// Two nodes say what they have to each other until neither says anything any more, beginning with `first`.
pub(crate) fn converse(one: &mut Node, other: &mut Node, first: Packet) {
    let mut next = Some(first);
    while let Some(packet) = next {
        let to = if packet.to == one.me() {
            &mut *one
        } else {
            &mut *other
        };
        let effects = to.handle(packet.from, packet);
        assert!(effects.refused.is_empty(), "{:?}", effects.refused);
        next = effects.send.into_iter().next();
    }
}

/// Brings records to a node as a peer does.
pub(crate) fn bring(node: &mut Node, from: GroupId, space: SpaceId, records: Vec<Sent>) {
    let packet = Packet {
        from,
        to: node.me(),
        space,
        message: Message::Docs(meridian_federation::sync::Docs {
            records,
            ..Default::default()
        }),
        spoiled: Vec::new(),
    };
    let effects = node.handle(from, packet);
    assert!(effects.refused.is_empty(), "{:?}", effects.refused);
}
