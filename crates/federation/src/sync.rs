//! What nodes say to each other about one space. A pull tells what is had and asks for the rest; its answer brings
//! that and tells what the other side has, so that the asker can bring something too.
//!
//! Nothing is remembered between messages: whoever is asked answers by what it holds now.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::envelope::Envelope;
use crate::fold::Fork;
use crate::ids::{CardId, GroupId, RecordId, SpaceId, StateDigest};
use crate::problem::Problem;

/// Most records in one message.
pub const MAX_RECORDS: usize = 1024;

/// Most records of one log in one message, so that no log keeps the others waiting.
pub const MAX_RECORDS_OF_LOG: usize = 256;

/// About how many bytes of headers and bodies one message brings at most.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;

/// Most cards, and pairs of them, and pairs of records, that one message brings of each.
pub const MAX_PROOFS: usize = 1024;

/// About how many bytes of cards, of pairs of cards and of pairs of records one message brings at most of each.
pub const MAX_PROOF_BYTES: usize = 512 * 1024;

/// About how many bytes of cards of one group one message brings at most, so that no group keeps the others waiting.
pub const MAX_CARD_BYTES_OF_GROUP: usize = 256 * 1024;

/// Most bodies that one message asks for.
pub const MAX_WANTED: usize = 512;

/// The newest card of a group that is had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardHead {
    /// The group.
    pub group: GroupId,
    /// The version.
    pub version: u64,
    /// The card.
    pub card: CardId,
}

/// The lowest version of which two cards are had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeHead {
    /// The group.
    pub group: GroupId,
    /// The version.
    pub version: u64,
}

/// The last record of a log that counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// Whose log.
    pub author: GroupId,
    /// Which.
    pub generation: u64,
    /// Its place.
    pub sequence: u64,
    /// The record.
    pub head: RecordId,
}

/// What a node has of a space.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Have {
    /// Newest undisputed cards.
    pub cards: Vec<CardHead>,
    /// Groups that signed two cards.
    pub disputes: Vec<DisputeHead>,
    /// Ends of logs.
    pub logs: Vec<LogHead>,
    /// Places that were signed twice.
    pub forks: Vec<Fork>,
    /// Records whose bodies are missing here and may be read here.
    pub wanted: Vec<RecordId>,
}

/// A record on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Its signed header.
    pub envelope: Arc<Envelope>,
    /// Its body, where it is known and the other side may read it.
    pub body: Option<Arc<Body>>,
}

/// A body that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBody {
    /// Of which record.
    pub record: RecordId,
    /// The body.
    pub body: Arc<Body>,
}

/// Things to take, each by itself: one bad item never fails the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Docs {
    /// Cards, by version.
    pub cards: Vec<Envelope>,
    /// Pairs of cards of one version.
    pub disputes: Vec<[Envelope; 2]>,
    /// Pairs of records of one place.
    pub evidence: Vec<[Envelope; 2]>,
    /// Records, in the order of their logs.
    pub records: Vec<Sent>,
    /// Bodies that came late.
    pub bodies: Vec<SentBody>,
    /// Whether there is more that did not fit.
    pub more: bool,
}

impl Docs {
    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.n_items() == 0
    }

    const fn n_items(&self) -> usize {
        let pairs = self.disputes.len() + self.evidence.len();
        self.cards.len() + pairs + self.records.len() + self.bodies.len()
    }
}

/// What one node says to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// Something changed here; the digest of what is had tells whether a pull is worth it.
    Hint(StateDigest),
    /// This is had here: what else is there?
    Pull(Have),
    /// What else there is, and what is had there.
    Answer(Docs, Have),
    /// What the other side lacks.
    Docs(Docs),
    /// Whether that changed anything, what is had now, and what was refused.
    Taken {
        /// Whether anything was new.
        changed: bool,
        /// What is had now.
        have: Have,
        /// What was refused, and why.
        refused: Vec<Problem>,
    },
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Packet {
    /// The node that says it, by its group.
    pub from: GroupId,
    /// The node that it is meant for.
    pub to: GroupId,
    /// The space.
    pub space: SpaceId,
    /// What is said.
    pub message: Message,
    /// What of it could not be read; only ever filled by [`crate::wire`].
    #[serde(skip)]
    pub spoiled: Vec<Problem>,
}

impl Packet {
    /// How many things it brings: cards, records, bodies and pairs of them, readable or not.
    #[must_use]
    pub const fn n_items(&self) -> usize {
        let brought = match &self.message {
            Message::Answer(docs, _) | Message::Docs(docs) => docs.n_items(),
            Message::Hint(_) | Message::Pull(_) | Message::Taken { .. } => 0,
        };
        brought + self.spoiled.len()
    }
}
