//! Slices: a group's part of a plan, in one canonical form whose hash is what the group consents to.
//!
//! The hash covers the space, the group and everything that the plan gives to it, and nothing else: a revision that
//! leaves a slice as it was keeps the group's answer.

use std::collections::BTreeMap;

use meridian_model::GroupId as Handle;
use serde::Serialize;

use crate::canonical;
use crate::content::{Part, PlanBlock, PlanRevision, PlanSession, Seat};
use crate::ids::{self, GroupId, PartHash, SliceHash, SpaceId};
use crate::problem::Problem;

/// What a plan gives to one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slice {
    /// The space.
    pub space: SpaceId,
    /// The group.
    pub group: GroupId,
    /// Its blocks, by id.
    pub blocks: Vec<PlanBlock>,
    /// Its sessions, by id.
    pub sessions: Vec<PlanSession>,
    /// Its seats, by id.
    pub seats: Vec<Seat>,
}

impl Slice {
    /// A group's slice of a plan.
    #[must_use]
    pub fn of(space: SpaceId, group: GroupId, handle: &Handle, plan: &PlanRevision) -> Self {
        let blocks = plan.blocks.iter().filter(|of| of.group == *handle);
        let sessions = plan.sessions.iter();
        let sessions = sessions.filter(|of| of.group.as_ref() == Some(handle));
        let seats = plan.seats.iter().filter(|of| of.group == *handle);
        let mut slice = Self {
            space,
            group,
            blocks: blocks.cloned().collect(),
            sessions: sessions.cloned().collect(),
            seats: seats.cloned().collect(),
        };
        slice.blocks.sort_by(|a, b| a.id.cmp(&b.id));
        slice.sessions.sort_by(|a, b| a.id.cmp(&b.id));
        slice.seats.sort_by(|a, b| a.id.cmp(&b.id));
        slice
    }

    /// Whether the plan asks nothing of the group.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.sessions.is_empty() && self.seats.is_empty()
    }

    /// What the group consents to.
    ///
    /// # Errors
    /// `malformed` when a number is beyond what the wire can say.
    pub fn hash(&self) -> Result<SliceHash, Problem> {
        let bytes = canonical::write(self)?;
        Ok(SliceHash::from_bytes(ids::hash(
            "meridian/slice/1",
            &[&bytes],
        )))
    }
}

/// The parts of a plan: whose each is, and its hash as it stands there.
///
/// # Errors
/// `malformed` when a number is beyond what the wire can say.
pub fn parts(plan: &PlanRevision) -> Result<BTreeMap<Part, (Handle, PartHash)>, Problem> {
    fn named<T: Serialize>(part: &T) -> Result<PartHash, Problem> {
        let bytes = canonical::write(part)?;
        Ok(PartHash::from_bytes(ids::hash(
            "meridian/part/1",
            &[&bytes],
        )))
    }
    let mut parts = BTreeMap::new();
    for block in &plan.blocks {
        let part = Part::Block(block.id.clone());
        parts.insert(part, (block.group.clone(), named(block)?));
    }
    for seat in &plan.seats {
        let part = Part::Seat(seat.id.clone());
        parts.insert(part, (seat.group.clone(), named(seat)?));
    }
    Ok(parts)
}
