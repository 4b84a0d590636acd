//! Group cards and whom they make us trust: which keys may sign where for a group.
//!
//! A card is signed by the group's root key, whose hash is the group's id. Version N+1 names version N. Rotation,
//! revocation and the choice of a branch after a fork are rules on places in logs, never on time: what counts is a
//! function of the newest undisputed card. Two cards of one version prove that the root key is no longer its
//! owner's alone: from that version on no card of the group counts, at every node alike, until people pin one.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::envelope::{Envelope, PayloadType};
use crate::header::Position;
use crate::ids::{CardId, GroupId, KeyId, PublicKey, RecordId, SpaceId};
use crate::keys::{Signer, Verifier};
use crate::mutant::{Checks, Mutant};
use crate::problem::{Code, Problem};

/// Where a key may sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySpan {
    /// In this space; `None` in every one.
    pub space: Option<SpaceId>,
    /// In this generation; `None` in every one.
    pub generation: Option<u64>,
    /// From this sequence number.
    pub first: u64,
    /// Up to and with this one; `None` without end.
    pub last: Option<u64>,
}

impl KeySpan {
    /// Everywhere.
    pub const ALL: Self = Self {
        space: None,
        generation: None,
        first: 0,
        last: None,
    };

    fn covers(&self, space: &SpaceId, at: Position) -> bool {
        self.space.is_none_or(|of| of == *space)
            && self.generation.is_none_or(|of| of == at.generation)
            && self.first <= at.sequence
            && self.last.is_none_or(|last| at.sequence <= last)
    }
}

/// A key, and where it may sign; one without spans is dead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyGrant {
    /// The key.
    pub key: PublicKey,
    /// Where it may sign.
    pub spans: Vec<KeySpan>,
}

/// After a fork: which of the records at one place counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// The space.
    pub space: SpaceId,
    /// The log.
    pub generation: u64,
    /// The place.
    pub sequence: u64,
    /// The record that counts there.
    pub record: RecordId,
}

/// What a group says of itself, signed by its root key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The version of the protocol, 1.
    pub format: u64,
    /// The group.
    pub group: GroupId,
    /// Its root key, of which `group` is the hash.
    pub root: PublicKey,
    /// Counts up from 1 without a gap.
    pub version: u64,
    /// The card before it; `None` for the first.
    pub previous: Option<CardId>,
    /// Name for people.
    pub name: String,
    /// Where the group's node listens; may be empty.
    pub url: String,
    /// The group whose node keeps this group's records; `None` when it is its own.
    pub node: Option<GroupId>,
    /// The keys of its nodes, past ones too.
    pub keys: Vec<KeyGrant>,
    /// Which branch counts after a fork.
    pub branches: Vec<Branch>,
}

impl Card {
    /// Most bytes of a card.
    pub const MAX_BYTES: usize = 32 * 1024;

    /// The version of the protocol.
    pub const FORMAT: u64 = 1;

    /// The greatest version: every node keeps every card.
    pub const VERSIONS: u64 = 256;

    /// A group's first card: one key that may sign everywhere.
    #[must_use]
    pub fn first(root: PublicKey, key: PublicKey, name: &str) -> Self {
        Self {
            format: Self::FORMAT,
            group: root.group(),
            root,
            version: 1,
            previous: None,
            name: name.to_owned(),
            url: String::new(),
            node: None,
            keys: vec![KeyGrant {
                key,
                spans: vec![KeySpan::ALL],
            }],
            branches: Vec::new(),
        }
    }

    fn key_ids(&self) -> Vec<KeyId> {
        self.keys.iter().map(|grant| grant.key.id()).collect()
    }

    /// Signs the card with the root key.
    ///
    /// # Errors
    /// `malformed` when it cannot be written.
    pub fn seal(&self, root: &dyn Signer) -> Result<SignedCard, Problem> {
        let payload = canonical::write(self)?;
        Ok(SignedCard {
            id: CardId::of(&payload),
            key_ids: self.key_ids(),
            card: self.clone(),
            envelope: Envelope::seal(PayloadType::Card, payload, root),
        })
    }
}

/// A card that its group's root key signed.
///
/// Invariant: the signature was checked ([`SignedCard::verify`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCard {
    id: CardId,
    card: Card,
    envelope: Envelope,
    /// The names of the card's keys, in its order: they are looked for with every record.
    key_ids: Vec<KeyId>,
}

impl SignedCard {
    /// Checks an envelope and reads its card.
    ///
    /// # Errors
    /// `too-large`, `not-canonical`, `malformed`, `unknown-version`, `quota-exceeded`, `unknown-key`,
    /// `signature-invalid`.
    pub fn verify(envelope: &Envelope, verifier: &dyn Verifier) -> Result<Self, Problem> {
        let card: Card = canonical::read(&envelope.payload, Card::MAX_BYTES)?;
        if card.format != Card::FORMAT {
            let detail = format!("version {}", card.format);
            return Err(Problem::new(Code::UnknownVersion, detail));
        }
        if card.version > Card::VERSIONS {
            let detail = format!("version {} of a card", card.version);
            return Err(Problem::new(Code::QuotaExceeded, detail));
        }
        if card.group != card.root.group() {
            let detail = "the group is not the hash of the root key";
            return Err(Problem::new(Code::Malformed, detail));
        }
        if card.version == 0 || (card.version == 1) != card.previous.is_none() {
            let detail = "the first card has none before it, every other has one";
            return Err(Problem::new(Code::Malformed, detail));
        }
        envelope.verify(PayloadType::Card, &card.root, verifier)?;
        Ok(Self {
            id: CardId::of(&envelope.payload),
            key_ids: card.key_ids(),
            card,
            envelope: envelope.clone(),
        })
    }

    fn grants(&self) -> impl Iterator<Item = (&KeyId, &KeyGrant)> {
        self.key_ids.iter().zip(&self.card.keys)
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> CardId {
        self.id
    }

    /// What it says.
    #[must_use]
    pub const fn card(&self) -> &Card {
        &self.card
    }

    /// As it was signed.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }
}

/// Two cards of one version, by the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The version that was signed twice.
    pub version: u64,
    /// Both cards.
    pub cards: [Arc<SignedCard>; 2],
}

/// What taking a card changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardOutcome {
    /// It was known.
    Known,
    /// It is the newest.
    Newer,
    /// It proves that its group signed two cards of one version.
    Disputed,
}

#[derive(Clone, Debug, Default)]
struct Chain {
    /// Undisputed cards, version 1 first, each naming the one before.
    cards: Vec<Arc<SignedCard>>,
    /// The lowest version known to be signed twice.
    dispute: Option<Dispute>,
    /// The card that people chose.
    pinned: Option<CardId>,
}

/// Every group's cards.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    groups: BTreeMap<GroupId, Chain>,
}

fn index_of(version: u64) -> usize {
    usize::try_from(version.saturating_sub(1)).unwrap_or(usize::MAX)
}

impl Trust {
    /// Takes a card: exactly the next version, or proof of two of one version.
    ///
    /// # Errors
    /// `card-gap` when a version is missing before it, `card-chain` when it names another card before it,
    /// `group-suspended` at and above a disputed version.
    pub(crate) fn take(
        &mut self,
        card: SignedCard,
        checks: Checks,
    ) -> Result<CardOutcome, Problem> {
        let chain = self.groups.entry(card.card.group).or_default();
        chain.take(Arc::new(card), checks)
    }

    /// Takes proof that a group signed two cards of one version; it proves that by itself.
    ///
    /// # Errors
    /// `evidence-invalid` unless both are different cards of one group and version.
    pub(crate) fn take_dispute(
        &mut self,
        one: SignedCard,
        other: SignedCard,
    ) -> Result<CardOutcome, Problem> {
        let same = one.card.group == other.card.group && one.card.version == other.card.version;
        if !same || one.id == other.id {
            let detail = "not two cards of one version";
            return Err(Problem::new(Code::EvidenceInvalid, detail));
        }
        let chain = self.groups.entry(one.card.group).or_default();
        Ok(chain.dispute(Arc::new(one), Arc::new(other)))
    }

    /// People chose a card of a version that was signed twice: it counts here from now on.
    pub(crate) fn pin(&mut self, group: GroupId, card: CardId) {
        let chain = self.groups.entry(group).or_default();
        chain.pinned = Some(card);
        let chosen = chain.dispute.as_ref().and_then(|dispute| {
            let mut both = dispute.cards.iter();
            both.find(|of| of.id == card).map(Arc::clone)
        });
        if let Some(chosen) = chosen
            && chain.follows(&chosen)
        {
            chain.dispute = None;
            chain.cards.push(chosen);
        }
    }

    /// The card in force: the newest undisputed one.
    #[must_use]
    pub fn card(&self, group: &GroupId) -> Option<&Arc<SignedCard>> {
        self.groups.get(group)?.cards.last()
    }

    /// Every undisputed card of a group, version 1 first.
    #[must_use]
    pub fn cards(&self, group: &GroupId) -> &[Arc<SignedCard>] {
        self.groups.get(group).map_or(&[], |chain| &chain.cards)
    }

    /// Proof that the group signed two cards of one version, the lowest known.
    #[must_use]
    pub fn disputed(&self, group: &GroupId) -> Option<&Dispute> {
        self.groups.get(group)?.dispute.as_ref()
    }

    /// Whether two cards of one version are known of the group.
    #[must_use]
    pub fn is_suspended(&self, group: &GroupId) -> bool {
        self.disputed(group).is_some()
    }

    /// Every group of which anything is known.
    pub fn groups(&self) -> impl Iterator<Item = &GroupId> {
        self.groups.keys()
    }

    /// The key of this name in any undisputed card of the group.
    ///
    /// # Errors
    /// `unknown-group` without a card, `unknown-key`.
    pub fn key(&self, group: &GroupId, key: &KeyId) -> Result<PublicKey, Problem> {
        let cards = self.cards(group);
        if cards.is_empty() {
            let detail = format!("no card of group {group} counts");
            return Err(Problem::new(Code::UnknownGroup, detail));
        }
        let keys = cards.iter().rev().flat_map(|card| card.grants());
        keys.filter(|(known, _)| *known == key)
            .map(|(_, grant)| grant.key)
            .next()
            .ok_or_else(|| {
                Problem::new(
                    Code::UnknownKey,
                    format!("group {group} names no key {key}"),
                )
            })
    }

    /// Whether the card in force lets this key sign at this place.
    #[must_use]
    pub fn covers(&self, group: &GroupId, key: &KeyId, space: &SpaceId, at: Position) -> bool {
        self.card(group).is_some_and(|card| {
            let mut grants = card.grants();
            grants.any(|(known, grant)| {
                known == key && grant.spans.iter().any(|span| span.covers(space, at))
            })
        })
    }

    /// The record that the card in force chose at this place.
    #[must_use]
    pub fn branch(&self, group: &GroupId, space: &SpaceId, at: Position) -> Option<RecordId> {
        let card = self.card(group)?;
        let mut branches = card.card.branches.iter().rev();
        branches
            .find(|branch| {
                branch.space == *space
                    && branch.generation == at.generation
                    && branch.sequence == at.sequence
            })
            .map(|branch| branch.record)
    }
}

impl Chain {
    fn follows(&self, card: &SignedCard) -> bool {
        index_of(card.card.version) == self.cards.len()
            && card.card.previous == self.cards.last().map(|last| last.id)
    }

    fn take(&mut self, card: Arc<SignedCard>, checks: Checks) -> Result<CardOutcome, Problem> {
        let version = card.card.version;
        if let Some(dispute) = &self.dispute
            && version >= dispute.version
        {
            let known = dispute.cards.iter().any(|of| of.id == card.id);
            if known {
                return Ok(CardOutcome::Known);
            }
            let detail = format!("two cards of version {} are known", dispute.version);
            return Err(Problem::new(Code::GroupSuspended, detail));
        }
        if let Some(known) = self.cards.get(index_of(version)) {
            if known.id == card.id {
                return Ok(CardOutcome::Known);
            }
            if checks.omit(Mutant::FirstCardWins) {
                let detail = "another card of that version is known";
                return Err(Problem::new(Code::CardChain, detail));
            }
            let known = Arc::clone(known);
            return Ok(self.dispute(known, card));
        }
        if index_of(version) > self.cards.len() {
            let detail = format!("version {version} after {}", self.cards.len());
            return Err(Problem::new(Code::CardGap, detail));
        }
        if !self.follows(&card) {
            let detail = "it names another card before it than the one known";
            return Err(Problem::new(Code::CardChain, detail));
        }
        self.cards.push(card);
        Ok(CardOutcome::Newer)
    }

    fn dispute(&mut self, one: Arc<SignedCard>, other: Arc<SignedCard>) -> CardOutcome {
        let version = one.card.version;
        let settled = [&one, &other]
            .into_iter()
            .find(|card| self.pinned == Some(card.id))
            .cloned();
        if self
            .dispute
            .as_ref()
            .is_some_and(|known| known.version <= version)
        {
            return CardOutcome::Known;
        }
        if let Some(settled) = settled {
            if self
                .cards
                .get(index_of(version))
                .is_some_and(|known| known.id == settled.id)
            {
                return CardOutcome::Known;
            }
            self.cards.truncate(index_of(version));
            if self.follows(&settled) {
                self.cards.push(settled);
            }
            return CardOutcome::Newer;
        }
        let mut cards = [one, other];
        cards.sort_by_key(|card| card.id);
        self.cards.truncate(index_of(version));
        self.dispute = Some(Dispute { version, cards });
        CardOutcome::Disputed
    }
}
