//! What a node asks its shell to do, in this order: store, then send.

use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::envelope::Envelope;
use crate::header::Position;
use crate::ids::{CardId, GroupId, RecordId, SpaceId};
use crate::problem::Problem;
use crate::sync::Packet;

/// The last place at which a group signed here. Kept beside the database too, where a restored backup of the
/// database does not reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSigned {
    /// The space.
    pub space: SpaceId,
    /// The group.
    pub group: GroupId,
    /// The place.
    pub at: Position,
    /// The record.
    pub record: RecordId,
}

/// Something to be stored. Given back in any order to [`crate::Node::restore`], they make the same node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// A space is followed.
    Space {
        /// The space.
        space: SpaceId,
        /// Who opened it.
        founder: GroupId,
    },
    /// A card.
    Card(Envelope),
    /// Two cards of one version.
    Dispute([Envelope; 2]),
    /// The card that people chose of two.
    Pin {
        /// The group.
        group: GroupId,
        /// The card.
        card: CardId,
    },
    /// About to be signed: durable before the record is, and in the side file too.
    Signed(LastSigned),
    /// People said that the group's next record begins this generation, or a later one.
    Renewed {
        /// The space.
        space: SpaceId,
        /// The group.
        group: GroupId,
        /// The generation.
        generation: u64,
    },
    /// A record.
    Record(Envelope),
    /// Two records of one place.
    Evidence([Envelope; 2]),
    /// A body.
    Body {
        /// The space.
        space: SpaceId,
        /// Of which record.
        record: RecordId,
        /// The body.
        body: Body,
    },
    /// A body was erased, and is not to be had again.
    Erased {
        /// The space.
        space: SpaceId,
        /// Of which record.
        record: RecordId,
    },
}

/// Something that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The record, if it got so far as to have a name.
    pub record: Option<RecordId>,
    /// Why.
    pub problem: Problem,
}

/// What is to be done, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// To be durable, in one transaction, before anything is sent or acknowledged.
    pub store: Vec<Entry>,
    /// To be sent; any of it may be lost.
    pub send: Vec<Packet>,
    /// What was not taken.
    pub refused: Vec<Refusal>,
    /// Whether the node knows more than before, so that its peers may want a hint.
    pub changed: bool,
}

impl Effects {
    pub(crate) fn refuse(&mut self, record: Option<RecordId>, problem: Problem) {
        self.refused.push(Refusal { record, problem });
    }

    pub(crate) fn keep(&mut self, entry: Entry) {
        self.store.push(entry);
        self.changed = true;
    }

    /// The codes of what was refused.
    pub fn codes(&self) -> impl Iterator<Item = crate::problem::Code> {
        self.refused.iter().map(|refusal| refusal.problem.code)
    }
}
