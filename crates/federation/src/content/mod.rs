//! What records say: one type for each kind. Nothing private has a place in any of them: no availability, no
//! calendar, no contact but the one that a group writes to be contacted by.
//!
//! Fields that a later version adds are passed over; what a field here says is checked when it is read.

mod bounds;
mod custody;
mod duty;
mod offer;
mod plan;
mod space;

use serde::de::DeserializeOwned;

pub use custody::{CustodyAccept, CustodyCommit, CustodyOffer, CustodyReclaim, Epoch, Part};
pub use duty::{ContactCard, OnDuty, RosterOverride, RosterPublish};
pub use offer::{
    Blocked, CapacityOffer, DateAnswer, DateResponse, HeadCount, ShiftOffer, TalkOffer,
    TalkWithdraw,
};
pub use plan::{
    Answer, Carried, Move, Operation, PlanBlock, PlanCancel, PlanPublish, PlanResponse,
    PlanRevision, PlanSession, Reason, ReasonCode, Seat,
};
pub use space::{
    CharterEndorse, Deadlines, Demand, EventBrief, Length, Member, MemberJoin, MemberLeave, Phase,
    SpaceCharter, Subject,
};

use crate::body::Body;
use crate::canonical;
use crate::kind::Kind;
use crate::problem::{Code, Problem};

/// The body of a record whose kind is known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is the type of its name")]
pub enum Content {
    SpaceCharter(SpaceCharter),
    CharterEndorse(CharterEndorse),
    MemberJoin(MemberJoin),
    MemberLeave(MemberLeave),
    EventBrief(EventBrief),
    DateResponse(DateResponse),
    TalkOffer(TalkOffer),
    TalkWithdraw(TalkWithdraw),
    CapacityOffer(CapacityOffer),
    PlanRevision(PlanRevision),
    PlanResponse(PlanResponse),
    PlanPublish(PlanPublish),
    PlanCancel(PlanCancel),
    RosterPublish(RosterPublish),
    RosterOverride(RosterOverride),
    CustodyOffer(CustodyOffer),
    CustodyAccept(CustodyAccept),
    CustodyCommit(CustodyCommit),
    CustodyReclaim(CustodyReclaim),
    ContactCard(ContactCard),
}

impl Content {
    /// Reads a body as its kind says.
    ///
    /// # Errors
    /// `unknown-kind` for kinds of a later version and those kept for the auction; `too-large`, `not-canonical`;
    /// `malformed`, also when something is out of its bounds.
    pub fn read(kind: &Kind, body: &Body) -> Result<Self, Problem> {
        fn parse<T: DeserializeOwned>(
            body: &Body,
            make: fn(T) -> Content,
        ) -> Result<Content, Problem> {
            canonical::read(&body.bytes, Body::MAX_BYTES).map(make)
        }
        let content = match kind {
            Kind::SpaceCharter => parse(body, Self::SpaceCharter),
            Kind::CharterEndorse => parse(body, Self::CharterEndorse),
            Kind::MemberJoin => parse(body, Self::MemberJoin),
            Kind::MemberLeave => parse(body, Self::MemberLeave),
            Kind::EventBrief => parse(body, Self::EventBrief),
            Kind::DateResponse => parse(body, Self::DateResponse),
            Kind::TalkOffer => parse(body, Self::TalkOffer),
            Kind::TalkWithdraw => parse(body, Self::TalkWithdraw),
            Kind::CapacityOffer => parse(body, Self::CapacityOffer),
            Kind::PlanRevision => parse(body, Self::PlanRevision),
            Kind::PlanResponse => parse(body, Self::PlanResponse),
            Kind::PlanPublish => parse(body, Self::PlanPublish),
            Kind::PlanCancel => parse(body, Self::PlanCancel),
            Kind::RosterPublish => parse(body, Self::RosterPublish),
            Kind::RosterOverride => parse(body, Self::RosterOverride),
            Kind::CustodyOffer => parse(body, Self::CustodyOffer),
            Kind::CustodyAccept => parse(body, Self::CustodyAccept),
            Kind::CustodyCommit => parse(body, Self::CustodyCommit),
            Kind::CustodyReclaim => parse(body, Self::CustodyReclaim),
            Kind::ContactCard => parse(body, Self::ContactCard),
            Kind::AuctionRound | Kind::AuctionBid | Kind::AuctionClose | Kind::Other(_) => Err(
                Problem::new(Code::UnknownKind, format!("{kind} is not applied here")),
            ),
        }?;
        content.check()?;
        Ok(content)
    }

    /// The kind of record that says this.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::SpaceCharter(_) => Kind::SpaceCharter,
            Self::CharterEndorse(_) => Kind::CharterEndorse,
            Self::MemberJoin(_) => Kind::MemberJoin,
            Self::MemberLeave(_) => Kind::MemberLeave,
            Self::EventBrief(_) => Kind::EventBrief,
            Self::DateResponse(_) => Kind::DateResponse,
            Self::TalkOffer(_) => Kind::TalkOffer,
            Self::TalkWithdraw(_) => Kind::TalkWithdraw,
            Self::CapacityOffer(_) => Kind::CapacityOffer,
            Self::PlanRevision(_) => Kind::PlanRevision,
            Self::PlanResponse(_) => Kind::PlanResponse,
            Self::PlanPublish(_) => Kind::PlanPublish,
            Self::PlanCancel(_) => Kind::PlanCancel,
            Self::RosterPublish(_) => Kind::RosterPublish,
            Self::RosterOverride(_) => Kind::RosterOverride,
            Self::CustodyOffer(_) => Kind::CustodyOffer,
            Self::CustodyAccept(_) => Kind::CustodyAccept,
            Self::CustodyCommit(_) => Kind::CustodyCommit,
            Self::CustodyReclaim(_) => Kind::CustodyReclaim,
            Self::ContactCard(_) => Kind::ContactCard,
        }
    }

    /// The canonical bytes that say this.
    ///
    /// # Errors
    /// `malformed` when something is out of its bounds, `too-large`.
    pub fn write(&self) -> Result<Vec<u8>, Problem> {
        self.check()?;
        let bytes = match self {
            Self::SpaceCharter(content) => canonical::write(content),
            Self::CharterEndorse(content) => canonical::write(content),
            Self::MemberJoin(content) => canonical::write(content),
            Self::MemberLeave(content) => canonical::write(content),
            Self::EventBrief(content) => canonical::write(content),
            Self::DateResponse(content) => canonical::write(content),
            Self::TalkOffer(content) => canonical::write(content),
            Self::TalkWithdraw(content) => canonical::write(content),
            Self::CapacityOffer(content) => canonical::write(content),
            Self::PlanRevision(content) => canonical::write(content),
            Self::PlanResponse(content) => canonical::write(content),
            Self::PlanPublish(content) => canonical::write(content),
            Self::PlanCancel(content) => canonical::write(content),
            Self::RosterPublish(content) => canonical::write(content),
            Self::RosterOverride(content) => canonical::write(content),
            Self::CustodyOffer(content) => canonical::write(content),
            Self::CustodyAccept(content) => canonical::write(content),
            Self::CustodyCommit(content) => canonical::write(content),
            Self::CustodyReclaim(content) => canonical::write(content),
            Self::ContactCard(content) => canonical::write(content),
        }?;
        canonical::check_size(&bytes, Body::MAX_BYTES)?;
        Ok(bytes)
    }
}
