//! What really happened, kept beside the nodes, so that what they believe can be held against it.

use std::collections::{BTreeMap, BTreeSet};

use meridian_federation::content::{Answer, Content, CustodyCommit, CustodyOffer, Epoch, Part};
use meridian_federation::header::Position;
use meridian_federation::ids::PartHash;
use meridian_federation::{GroupId, RecordId, SliceHash};

use crate::violation::{Invariant, Violation, violated};

/// An honest custodian's or coordinator's word that a part changes hands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Handing {
    pub(crate) by: GroupId,
    pub(crate) part: Part,
    pub(crate) stands: PartHash,
    /// The epoch that begins.
    pub(crate) epoch: Epoch,
    pub(crate) to: GroupId,
}

#[derive(Default)]
pub(crate) struct Ledger {
    /// Signatures of honest nodes that are durable or have left.
    pub(crate) signed: BTreeMap<(GroupId, Position), RecordId>,
    /// What people were told is saved.
    pub(crate) acknowledged: BTreeMap<RecordId, (GroupId, Position)>,
    pub(crate) accepts: BTreeSet<(GroupId, SliceHash)>,
    pub(crate) handings: BTreeSet<Handing>,
    /// Records of thieves.
    pub(crate) stolen: BTreeSet<RecordId>,
    /// Changes of hands that some honest node showed.
    pub(crate) handed: BTreeSet<(Part, PartHash, Epoch)>,
    /// Publications that were found to be certified.
    pub(crate) vetted: BTreeSet<RecordId>,
}

impl Ledger {
    pub(crate) fn sign(
        &mut self,
        group: GroupId,
        at: Position,
        record: RecordId,
    ) -> Result<(), Violation> {
        let known = *self.signed.entry((group, at)).or_insert(record);
        if known == record {
            return Ok(());
        }
        let detail = format!("{group:?} signed {known:?} and {record:?} at {at:?}");
        violated(Invariant::SignsOnce, detail)
    }

    /// Remembers what a group's people really said.
    pub(crate) fn said(&mut self, by: GroupId, content: &Content, offer: Option<&CustodyOffer>) {
        match (content, offer) {
            (Content::PlanResponse(response), _) if response.answer == Answer::Accept => {
                self.accepts.insert((by, response.slice));
            }
            (Content::CustodyCommit(CustodyCommit { .. }), Some(offer)) => {
                self.handings.insert(Handing {
                    by,
                    part: offer.part.clone(),
                    stands: offer.stands,
                    epoch: Epoch {
                        swaps: offer.epoch.swaps + 1,
                        ..offer.epoch
                    },
                    to: offer.to,
                });
            }
            (Content::CustodyReclaim(reclaim), _) => {
                self.handings.insert(Handing {
                    by,
                    part: reclaim.part.clone(),
                    stands: reclaim.stands,
                    epoch: Epoch {
                        reclaims: reclaim.reclaims,
                        swaps: 0,
                    },
                    to: reclaim.to,
                });
            }
            _ => {}
        }
    }
}
