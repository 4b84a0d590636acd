//! A record's header: who says what kind of thing, where in whose log, about which body.

use std::collections::BTreeSet;

use meridian_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::ids::{BodyHash, GroupId, KeyId, RecordId, SpaceId};
use crate::kind::{Kind, Reach};
use crate::problem::{Code, Problem};

/// A place in a group's records of one space: the newest is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Which of the group's logs; a node that was restored from a backup begins the next.
    pub generation: u64,
    /// Place in that log, from 0.
    pub sequence: u64,
}

/// Who may read a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Everybody who follows the space.
    All,
    /// The coordinator, and the author.
    Coordinator,
    /// These groups, and the author.
    Groups(BTreeSet<GroupId>),
}

/// What a header says of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyRef {
    /// [`BodyHash::of`] its salt and bytes.
    pub hash: BodyHash,
    /// How many bytes it has.
    pub size: u64,
    /// Whether a salt comes with it; always so unless everybody may read it.
    pub salted: bool,
}

/// The signed part of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`Header::VERSION`].
    pub version: u64,
    /// The event space.
    pub space: SpaceId,
    /// Who says it.
    pub author: GroupId,
    /// The author's log; see [`Position::generation`].
    pub generation: u64,
    /// Place in that log, from 0.
    pub sequence: u64,
    /// The record before it in that log; `None` at 0.
    pub previous: Option<RecordId>,
    /// The key that signed.
    pub key: KeyId,
    /// What kind of thing is said.
    pub kind: Kind,
    /// What it is about, such as a session or a part; may be empty.
    pub entity: String,
    /// Earlier records that this one takes the place of.
    pub replaces: Vec<RecordId>,
    /// Records that this one builds on; a coordinator's names the charter.
    pub depends: Vec<RecordId>,
    /// Who of the group did it, as a pseudonym; may be empty.
    pub actor: String,
    /// When, by the author's clock. For people: no rule reads it.
    pub time: Timestamp,
    /// The body.
    pub body: BodyRef,
    /// Who may read the body.
    pub audience: Audience,
}

impl Header {
    /// The version of the protocol.
    pub const VERSION: u64 = 1;

    /// Most bytes of a header.
    pub const MAX_BYTES: usize = 4 * 1024;

    /// Most characters of an entity or an actor.
    pub const MAX_NAME: usize = 128;

    /// Generations are below this. A group begins one with every restore of its node, and after every fork.
    pub const GENERATIONS: u64 = 64;

    /// Sequence numbers are below this.
    pub const SEQUENCES: u64 = 1 << 16;

    /// How much of its log's quota the record takes: of its own bytes, `n_bytes`, and those of its body. What it says of
    /// its body is signed, and a body of another size is not taken.
    pub(crate) fn weight(&self, n_bytes: usize) -> u64 {
        let n_bytes = u64::try_from(n_bytes).unwrap_or(u64::MAX);
        self.body.size.saturating_add(n_bytes)
    }

    /// Reads a header's bytes.
    ///
    /// # Errors
    /// `too-large`, `not-canonical`, `malformed`, `unknown-version`, `quota-exceeded`, or `wrong-audience` when its kind is known and
    /// goes to others, or when a body that not everybody may read has no salt.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let header: Self = canonical::read(bytes, Self::MAX_BYTES)?;
        header.check()?;
        Ok(header)
    }

    fn check(&self) -> Result<(), Problem> {
        let malformed = |detail: &str| Err(Problem::new(Code::Malformed, detail));
        if self.version != Self::VERSION {
            let detail = format!("version {}", self.version);
            return Err(Problem::new(Code::UnknownVersion, detail));
        }
        if self.generation >= Self::GENERATIONS || self.sequence >= Self::SEQUENCES {
            let detail = format!("generation {}, sequence {}", self.generation, self.sequence);
            return Err(Problem::new(Code::QuotaExceeded, detail));
        }
        if self.entity.len() > Self::MAX_NAME || self.actor.len() > Self::MAX_NAME {
            return malformed("an entity or actor is too long");
        }
        if (self.sequence == 0) != self.previous.is_none() {
            return malformed("the first record of a log has none before it, every other has one");
        }
        let fits = match (self.kind.reach(), &self.audience) {
            (None, _)
            | (Some(Reach::All), Audience::All)
            | (Some(Reach::Coordinator), Audience::Coordinator)
            | (Some(Reach::Named), Audience::Groups(_)) => true,
            (Some(_), _) => false,
        };
        if !fits {
            let detail = format!("{} goes to others", self.kind);
            return Err(Problem::new(Code::WrongAudience, detail));
        }
        if (self.audience != Audience::All) != self.body.salted {
            let detail = "a body has a salt if and only if not everybody may read it";
            return Err(Problem::new(Code::WrongAudience, detail));
        }
        Ok(())
    }

    /// Where it stands in its author's records.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position {
            generation: self.generation,
            sequence: self.sequence,
        }
    }
}
