//! What one group has said in a space: the newest of each thing, by its place in the group's records.
//!
//! Taking a record changes the same thing in whatever order records come, because each is kept under its place; so
//! records of an older generation may come late.

use std::collections::BTreeMap;
use std::sync::Arc;

use meridian_model::{SessionId, ShiftId};

use crate::content::{
    CapacityOffer, CharterEndorse, ContactCard, Content, CustodyAccept, CustodyCommit,
    CustodyOffer, CustodyReclaim, DateResponse, Epoch, EventBrief, Part, PlanCancel, PlanPublish,
    PlanResponse, PlanRevision, RosterOverride, RosterPublish, SpaceCharter, TalkOffer,
};
use crate::header::Position;
use crate::ids::{PartHash, RecordId, SliceHash};
use crate::mutant::{Checks, Mutant};
use crate::record::Record;

/// Something said, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<T> {
    /// Its place in the group's records.
    pub at: Position,
    /// The record.
    pub record: RecordId,
    /// The records that it builds on.
    pub depends: Vec<RecordId>,
    /// What was said.
    pub what: Arc<T>,
}

/// What a roster or an override is about: a part as it stands, in the hands of one custodian.
pub type Hold = (Part, PartHash, Epoch);

type Newest<K, T> = BTreeMap<K, Said<T>>;

/// What one group has said.
#[derive(Clone, Debug, Default)]
#[expect(
    missing_docs,
    reason = "each field is named for the kind whose records it keeps"
)]
pub struct View {
    pub charters: Newest<Position, SpaceCharter>,
    /// The first for each version of a charter (`false`) or brief (`true`).
    pub endorsements: Newest<(bool, u64), CharterEndorse>,
    /// The newest: whether the group takes part.
    pub membership: Option<(Position, bool)>,
    pub briefs: Newest<Position, EventBrief>,
    pub dates: Newest<RecordId, DateResponse>,
    /// `None` where it was withdrawn.
    pub talks: Newest<SessionId, Option<TalkOffer>>,
    pub capacity: Newest<RecordId, CapacityOffer>,
    pub revisions: Newest<Position, PlanRevision>,
    pub responses: Newest<SliceHash, PlanResponse>,
    pub publications: Newest<Position, PlanPublish>,
    pub cancellations: Newest<Position, PlanCancel>,
    pub rosters: Newest<Hold, RosterPublish>,
    pub overrides: Newest<(Hold, ShiftId), RosterOverride>,
    pub offers: Newest<RecordId, CustodyOffer>,
    pub accepts: Newest<RecordId, CustodyAccept>,
    pub commits: Newest<Position, CustodyCommit>,
    pub reclaims: Newest<Position, CustodyReclaim>,
    pub contact: Newest<(), ContactCard>,
}

impl View {
    /// Takes a record whose body is known.
    pub(crate) fn take(&mut self, record: &Record, content: Content, checks: Checks) {
        let header = record.header();
        let at = header.position();
        let seat = Place {
            at,
            record: record.id(),
            depends: header.depends.clone(),
            arrival: checks.omit(Mutant::ArrivalOrder),
        };
        match content {
            Content::SpaceCharter(what) => seat.keep(&mut self.charters, at, what),
            Content::CharterEndorse(what) => seat.keep_first(&mut self.endorsements, what),
            Content::MemberJoin(_) => self.joined(at, true),
            Content::MemberLeave(_) => self.joined(at, false),
            Content::EventBrief(what) => seat.keep(&mut self.briefs, at, what),
            Content::DateResponse(what) => seat.keep(&mut self.dates, what.brief, what),
            Content::TalkOffer(what) => {
                seat.keep(&mut self.talks, what.session.clone(), Some(what));
            }
            Content::TalkWithdraw(what) => seat.keep(&mut self.talks, what.session, None),
            Content::CapacityOffer(what) => seat.keep(&mut self.capacity, what.brief, what),
            Content::PlanRevision(what) => seat.keep(&mut self.revisions, at, what),
            Content::PlanResponse(what) => seat.keep(&mut self.responses, what.slice, what),
            Content::PlanPublish(what) => seat.keep(&mut self.publications, at, what),
            Content::PlanCancel(what) => seat.keep(&mut self.cancellations, at, what),
            Content::RosterPublish(what) => {
                let hold = (what.part.clone(), what.stands, what.epoch);
                seat.keep(&mut self.rosters, hold, what);
            }
            Content::RosterOverride(what) => {
                let hold = (what.part.clone(), what.stands, what.epoch);
                let shift = what.shift.clone();
                seat.keep(&mut self.overrides, (hold, shift), what);
            }
            Content::CustodyOffer(what) => seat.keep(&mut self.offers, record.id(), what),
            Content::CustodyAccept(what) => seat.keep(&mut self.accepts, what.offer, what),
            Content::CustodyCommit(what) => seat.keep(&mut self.commits, at, what),
            Content::CustodyReclaim(what) => seat.keep(&mut self.reclaims, at, what),
            Content::ContactCard(what) => seat.keep(&mut self.contact, (), what),
        }
    }

    fn joined(&mut self, at: Position, joined: bool) {
        if self.membership.is_none_or(|(known, _)| known < at) {
            self.membership = Some((at, joined));
        }
    }
}

struct Place {
    at: Position,
    record: RecordId,
    depends: Vec<RecordId>,
    arrival: bool,
}

impl Place {
    fn said<T>(self, what: T) -> Said<T> {
        Said {
            at: self.at,
            record: self.record,
            depends: self.depends,
            what: Arc::new(what),
        }
    }

    fn keep<K: Ord, T>(self, kept: &mut Newest<K, T>, key: K, what: T) {
        let newer = |known: &Said<T>| self.arrival || known.at < self.at;
        if kept.get(&key).is_none_or(newer) {
            kept.insert(key, self.said(what));
        }
    }

    fn keep_first(self, kept: &mut Newest<(bool, u64), CharterEndorse>, what: CharterEndorse) {
        let of_brief = matches!(what.subject, crate::content::Subject::Brief(_));
        let key = (of_brief, what.version);
        if kept.get(&key).is_none_or(|known| self.at < known.at) {
            kept.insert(key, self.said(what));
        }
    }
}
