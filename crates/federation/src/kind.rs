//! What a record says, in one word: its kind. A kind tells who may read its body; who may write it is the fold's
//! business, because that depends on the charter.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Who may read a body of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everybody who follows the space.
    All,
    /// The coordinator, and the author.
    Coordinator,
    /// Groups that the header names, and the author.
    Named,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal $reach:ident,)*) => {
        /// The kind of a record.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
            /// A kind of a later version: stored and passed on, never applied.
            Other(String),
        }

        impl Kind {
            /// Every kind that is known here.
            pub const KNOWN: &'static [Self] = &[$(Self::$name,)*];

            /// The kind as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Other(text) => text,
                }
            }

            /// The kind that is written so.
            #[must_use]
            pub fn from_text(text: &str) -> Self {
                match text {
                    $($text => Self::$name,)*
                    other => Self::Other(other.to_owned()),
                }
            }

            /// Who may read its bodies; `None` when the kind is not known and the header alone decides.
            #[must_use]
            pub const fn reach(&self) -> Option<Reach> {
                match self {
                    $(Self::$name => Some(Reach::$reach),)*
                    Self::Other(_) => None,
                }
            }
        }
    };
}

kinds! {
    /// Members, coordinator and quorum of a space.
    SpaceCharter = "space.charter" All,
    /// A member's yes to a charter or brief.
    CharterEndorse = "charter.endorse" All,
    /// A group takes part.
    MemberJoin = "member.join" All,
    /// A group takes part no longer.
    MemberLeave = "member.leave" All,
    /// What is to be planned.
    EventBrief = "event.brief" All,
    /// How candidate dates suit a group.
    DateResponse = "date.response" All,
    /// A talk that a group offers.
    TalkOffer = "talk.offer" Coordinator,
    /// A talk that it no longer offers.
    TalkWithdraw = "talk.withdraw" Coordinator,
    /// How many people a group has, when, for what.
    CapacityOffer = "capacity.offer" Coordinator,
    /// Kept for the auction.
    AuctionRound = "auction.round" All,
    /// Kept for the auction.
    AuctionBid = "auction.bid" Coordinator,
    /// Kept for the auction.
    AuctionClose = "auction.close" All,
    /// A plan, proposed.
    PlanRevision = "plan.revision" All,
    /// A group's answer to its slice.
    PlanResponse = "plan.response" All,
    /// A plan in force, with its certificate.
    PlanPublish = "plan.publish" All,
    /// A plan no longer in force.
    PlanCancel = "plan.cancel" All,
    /// Who is on duty in a part.
    RosterPublish = "roster.publish" All,
    /// A change of that while the event runs.
    RosterOverride = "roster.override" All,
    /// A part is offered to another group.
    CustodyOffer = "custody.offer" All,
    /// The other group would take it.
    CustodyAccept = "custody.accept" All,
    /// It is the other group's.
    CustodyCommit = "custody.commit" All,
    /// The coordinator gives a part to somebody else.
    CustodyReclaim = "custody.reclaim" All,
    /// How a group is reached.
    ContactCard = "contact.card" Named,
}

impl Kind {
    /// Whether only the coordinator writes it; such a record names the charter it is written under.
    #[must_use]
    pub const fn is_coordinator_s(&self) -> bool {
        matches!(
            self,
            Self::EventBrief
                | Self::PlanRevision
                | Self::PlanPublish
                | Self::PlanCancel
                | Self::CustodyReclaim
                | Self::AuctionRound
                | Self::AuctionClose
        )
    }
}

/// What a record of a kind may change, beside what its author has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bearing {
    /// Nothing that everybody sees.
    Nothing,
    /// The shared state.
    State,
    /// Which charters are in effect too.
    Charters,
}

impl Kind {
    /// Where what was worked out may be kept when a record of this kind comes in.
    pub(crate) const fn bearing(&self) -> Bearing {
        match self {
            Self::SpaceCharter
            | Self::CharterEndorse
            | Self::MemberJoin
            | Self::MemberLeave
            | Self::PlanPublish => Bearing::Charters,
            Self::TalkOffer
            | Self::TalkWithdraw
            | Self::CapacityOffer
            | Self::ContactCard
            | Self::AuctionRound
            | Self::AuctionBid
            | Self::AuctionClose
            | Self::Other(_) => Bearing::Nothing,
            Self::EventBrief
            | Self::DateResponse
            | Self::PlanRevision
            | Self::PlanResponse
            | Self::PlanCancel
            | Self::RosterPublish
            | Self::RosterOverride
            | Self::CustodyOffer
            | Self::CustodyAccept
            | Self::CustodyCommit
            | Self::CustodyReclaim => Bearing::State,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let plain = |c: char| c.is_ascii_lowercase() || c == '.' || c == '-';
        if text.is_empty() || text.len() > 64 || !text.chars().all(plain) {
            return Err(serde::de::Error::custom("not a kind"));
        }
        Ok(Self::from_text(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_and_a_later_one_is_kept() {
        for kind in Kind::KNOWN {
            assert_eq!(&Kind::from_text(kind.as_str()), kind);
            assert!(kind.reach().is_some());
        }
        let later: Kind = serde_json::from_str("\"stage.lights\"").unwrap();
        assert_eq!(later, Kind::Other("stage.lights".to_owned()));
        assert!(serde_json::from_str::<Kind>("\"Stage\"").is_err());
    }
}
