//! A few groups with a node each, in one process: the scene of the tests.
#![allow(dead_code, reason = "each test uses what it needs of it")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use meridian_federation::card::{Card, SignedCard};
use meridian_federation::content::{
    Answer, Carried, CharterEndorse, Content, EventBrief, Member, MemberJoin, Phase, PlanBlock,
    PlanPublish, PlanResponse, PlanRevision, PlanSession, Seat, SpaceCharter, Subject,
};
use meridian_federation::envelope::{Envelope, PayloadType};
use meridian_federation::header::{Audience, Header, Position};
use meridian_federation::ids::Salt;
use meridian_federation::keys::{SecretKey, Signer, Strict};
use meridian_federation::slice::Slice;
use meridian_federation::sync::{Docs, Sent};
use meridian_federation::{
    Draft, Effects, GroupId, Message, Node, Packet, RecordId, SharedState, SliceHash, SpaceId,
    StateDigest,
};
use meridian_model::{GroupId as Handle, Horizon, Language, Span, Timestamp, Track, TzdbStamp};

pub(crate) const NAMES: [&str; 5] = ["lagos", "lima", "oslo", "tokyo", "wellington"];

/// A group: its keys, its card, its node.
pub(crate) struct Group {
    pub(crate) id: GroupId,
    pub(crate) handle: Handle,
    pub(crate) root: SecretKey,
    pub(crate) key: Arc<SecretKey>,
    pub(crate) card: SignedCard,
    pub(crate) node: Node,
}

impl Group {
    pub(crate) fn new(n: u8) -> Self {
        let root = SecretKey::from_secret(&[100 + n; 32]);
        let key = Arc::new(SecretKey::from_secret(&[n + 1; 32]));
        let handle = Handle::from(NAMES[usize::from(n)]);
        let card = Card::first(root.public(), key.public(), handle.as_str());
        let card = card.seal(&root).unwrap();
        let id = root.public().group();
        let mut node = Node::new(id, Arc::new(Strict));
        node.host(id, Arc::<SecretKey>::clone(&key));
        assert!(node.take_card(card.envelope()).refused.is_empty());
        Self {
            id,
            handle,
            root,
            key,
            card,
            node,
        }
    }
}

/// Groups that share a space; the first one founded it and coordinates.
pub(crate) struct World {
    pub(crate) groups: Vec<Group>,
    pub(crate) space: SpaceId,
    pub(crate) charter: Option<RecordId>,
    n_salts: u8,
}

pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_756_000_800 + minutes * 60).unwrap()
}

pub(crate) fn span(from: i64, to: i64) -> Span {
    Span::new(at(from), at(to)).unwrap()
}

impl World {
    /// Groups that know each other and follow one space, about which nothing was said yet.
    pub(crate) fn met(n: u8) -> Self {
        let mut groups: Vec<_> = (0..n).map(Group::new).collect();
        let founder = groups[0].id;
        let space = SpaceId::of(&founder, "relay");
        let ids: Vec<_> = groups.iter().map(|group| group.id).collect();
        for group in &mut groups {
            let _ = group.node.follow(space, founder);
            for id in &ids {
                group.node.allow(*id);
            }
        }
        Self {
            groups,
            space,
            charter: None,
            n_salts: 0,
        }
    }

    /// The same, and the charter is in effect and every group joined.
    pub(crate) fn opened(n: u8) -> Self {
        let mut world = Self::met(n);
        let charter = world.charter_of(1, None);
        let charter = world.say(0, &Content::SpaceCharter(charter));
        world.charter = Some(charter);
        for who in 0..world.groups.len() {
            world.say(who, &Content::MemberJoin(MemberJoin { charter }));
        }
        world.sync();
        world
    }

    pub(crate) fn charter_of(&self, version: u64, previous: Option<RecordId>) -> SpaceCharter {
        let members = self.groups.iter().map(|group| Member {
            group: group.id,
            handle: group.handle.clone(),
        });
        SpaceCharter {
            name: "relay".to_owned(),
            version,
            previous,
            coordinator: self.groups[0].id,
            members: members.collect(),
            quorum: u32::try_from(self.groups.len() / 2 + 1).unwrap(),
            vocabulary: BTreeSet::new(),
            retention_days: 90,
        }
    }

    pub(crate) fn draft(&mut self, content: &Content) -> Draft {
        self.n_salts = self.n_salts.wrapping_add(1);
        Draft::new(content, at(0), Salt::from_bytes([self.n_salts; 16])).unwrap()
    }

    pub(crate) fn try_say(
        &mut self,
        who: usize,
        content: &Content,
    ) -> Result<RecordId, meridian_federation::Problem> {
        let draft = self.draft(content);
        let space = self.space;
        let group = &mut self.groups[who];
        let (record, _) = group.node.commit_local(space, group.id, draft)?;
        Ok(record)
    }

    pub(crate) fn say(&mut self, who: usize, content: &Content) -> RecordId {
        self.try_say(who, content).unwrap()
    }

    /// Every node pulls from every other until nothing is said any more. Returns what was refused.
    pub(crate) fn sync(&mut self) -> Vec<meridian_federation::Code> {
        let mut refused = Vec::new();
        for _ in 0..4 {
            for one in 0..self.groups.len() {
                for other in 0..self.groups.len() {
                    if one != other {
                        refused.extend(self.sync_pair(one, other));
                    }
                }
            }
        }
        refused
    }

    pub(crate) fn sync_pair(&mut self, one: usize, other: usize) -> Vec<meridian_federation::Code> {
        let to = self.groups[other].id;
        let first = self.groups[one].node.begin_sync(to, self.space).unwrap();
        let (mut queue, mut refused) = (vec![first], Vec::new());
        for n in 0.. {
            assert!(n < 1000, "a sync does not end");
            let Some(packet) = queue.pop() else { break };
            let effects = self.deliver(&packet);
            refused.extend(effects.codes());
            queue.extend(effects.send);
        }
        refused
    }

    pub(crate) fn deliver(&mut self, packet: &Packet) -> Effects {
        let from = packet.from;
        let to = packet.to;
        // Through bytes, as between real nodes.
        let bytes = meridian_federation::wire::write(packet).unwrap();
        let packet = meridian_federation::wire::read(&bytes).unwrap();
        let mut groups = self.groups.iter_mut();
        let group = groups.find(|group| group.id == to).unwrap();
        group.node.handle(from, packet)
    }

    /// Brings documents to a node as if its peer `from` did.
    pub(crate) fn bring(&mut self, from: usize, to: usize, docs: Docs) -> Effects {
        let (from, to) = (self.groups[from].id, self.groups[to].id);
        self.deliver(&Packet {
            from,
            to,
            space: self.space,
            message: Message::Docs(docs),
            spoiled: Vec::new(),
        })
    }

    pub(crate) fn state(&self, who: usize) -> &SharedState {
        self.groups[who].node.state(&self.space).unwrap()
    }

    pub(crate) fn digest(&self, who: usize) -> StateDigest {
        self.state(who).digest()
    }

    pub(crate) fn assert_agreed(&self) {
        let first = self.state(0);
        for group in &self.groups {
            let state = group.node.state(&self.space).unwrap();
            assert_eq!(state, first, "{} differs", group.handle);
            let full = group.node.full_fold(&self.space).unwrap();
            assert_eq!(&full, state, "{} folds otherwise in full", group.handle);
        }
    }

    pub(crate) fn brief(&self, version: u64, phase: Phase) -> EventBrief {
        EventBrief {
            version,
            phase,
            title: "Relay".to_owned(),
            horizon: Some(Horizon::new(at(0), 30, 48).unwrap()),
            candidates: vec![at(0)],
            tracks: vec![Track {
                id: "main".into(),
                name: "Main".to_owned(),
            }],
            language: Language::from("en"),
            demand: Vec::new(),
            deadlines: meridian_federation::content::Deadlines::default(),
            length: None,
            zone: None,
            roles: Vec::new(),
            policy: None,
        }
    }

    /// A plan in which every group holds a block and a seat.
    pub(crate) fn plan(&self, number: u64, brief: RecordId) -> PlanRevision {
        let blocks = self.groups.iter().zip(0..).map(|(group, n)| PlanBlock {
            id: format!("b-{}", group.handle).as_str().into(),
            group: group.handle.clone(),
            track: "main".into(),
            language: Language::from("en"),
            span: span(n * 60, n * 60 + 60),
        });
        let seats = self.groups.iter().zip(0..).map(|(group, n)| Seat {
            id: format!("s-{}", group.handle).as_str().into(),
            group: group.handle.clone(),
            duty: "mc".into(),
            role: "mc".into(),
            tracks: vec!["main".into()],
            span: span(n * 60, n * 60 + 60),
            heads: 1,
        });
        PlanRevision {
            number,
            brief,
            tzdb: TzdbStamp {
                version: "2026f".to_owned(),
                offsets_sha256: "00".repeat(32),
            },
            blocks: blocks.collect(),
            sessions: vec![PlanSession {
                id: "opening".into(),
                group: None,
                title: "Opening".to_owned(),
                track: "main".into(),
                language: Language::from("en"),
                span: span(0, 30),
            }],
            seats: seats.collect(),
            zones: BTreeMap::new(),
        }
    }

    pub(crate) fn slice(&self, who: usize, plan: &PlanRevision) -> SliceHash {
        let group = &self.groups[who];
        let slice = Slice::of(self.space, group.id, &group.handle, plan);
        slice.hash().unwrap()
    }

    pub(crate) fn answer(
        &mut self,
        who: usize,
        revision: RecordId,
        plan: &PlanRevision,
        answer: Answer,
    ) -> RecordId {
        let slice = self.slice(who, plan);
        self.say(
            who,
            &Content::PlanResponse(PlanResponse {
                revision,
                slice,
                answer,
            }),
        )
    }

    pub(crate) fn carried(&self, who: usize, record: &RecordId) -> Carried {
        let node = &self.groups[who].node;
        let envelope = Arc::clone(node.record(&self.space, record).unwrap().envelope());
        let body = node.body(&self.space, record).unwrap();
        Carried {
            envelope,
            body: body.as_ref().clone(),
        }
    }

    /// A world whose coordinator proposed a plan that everybody accepted. Gives the revision, the plan, and the
    /// accepts.
    pub(crate) fn accepted(n: u8) -> (Self, RecordId, PlanRevision, Vec<Carried>) {
        let mut world = Self::opened(n);
        let brief = world.brief(1, Phase::Planning);
        let brief = world.say(0, &Content::EventBrief(brief));
        let plan = world.plan(1, brief);
        let revision = world.say(0, &Content::PlanRevision(plan.clone()));
        world.sync();
        let accepts: Vec<_> = (0..world.groups.len())
            .map(|who| world.answer(who, revision, &plan, Answer::Accept))
            .collect();
        world.sync();
        let accepts = accepts
            .iter()
            .map(|record| world.carried(0, record))
            .collect();
        (world, revision, plan, accepts)
    }

    /// A world with a plan in force.
    pub(crate) fn published(n: u8) -> (Self, RecordId, PlanRevision) {
        let (mut world, revision, plan, accepts) = Self::accepted(n);
        let publish = world.say(
            0,
            &Content::PlanPublish(PlanPublish {
                revision,
                replaces: None,
                accepts,
                endorsements: Vec::new(),
            }),
        );
        world.sync();
        (world, publish, plan)
    }

    pub(crate) fn endorse(&mut self, who: usize, subject: Subject, version: u64) -> RecordId {
        self.say(
            who,
            &Content::CharterEndorse(CharterEndorse { subject, version }),
        )
    }

    /// A record as a cheat makes it: signed by whatever key at whatever place, without a node.
    pub(crate) fn forge(
        &self,
        who: usize,
        key: &SecretKey,
        content: &Content,
        change: impl FnOnce(&mut Header),
    ) -> Sent {
        let group = &self.groups[who];
        let log = group.node.logs(&self.space).unwrap();
        let log = log.get(&(group.id, 0));
        let head = log.and_then(|log| log.head());
        let body = meridian_federation::body::Body {
            salt: None,
            bytes: content.write().unwrap(),
        };
        let mut header = Header {
            version: Header::VERSION,
            space: self.space,
            author: group.id,
            generation: 0,
            sequence: head.map_or(0, |head| head.header().sequence + 1),
            previous: head.map(|head| head.id()),
            key: key.public().id(),
            kind: content.kind(),
            entity: String::new(),
            replaces: Vec::new(),
            depends: self.charter.into_iter().collect(),
            actor: String::new(),
            time: at(0),
            body: body.reference(),
            audience: Audience::All,
        };
        change(&mut header);
        let payload = meridian_federation::canonical::write(&header).unwrap();
        let envelope = Envelope::seal(PayloadType::Record, payload, key);
        Sent {
            envelope: Arc::new(envelope),
            body: Some(Arc::new(body)),
        }
    }

    pub(crate) fn position(&self, who: usize) -> Position {
        let group = &self.groups[who];
        let logs = group.node.logs(&self.space).unwrap();
        let (_, log) = logs
            .range((group.id, 0)..=(group.id, u64::MAX))
            .next_back()
            .unwrap();
        log.head().unwrap().header().position()
    }
}

pub(crate) fn docs(records: Vec<Sent>) -> Docs {
    Docs {
        records,
        ..Docs::default()
    }
}
