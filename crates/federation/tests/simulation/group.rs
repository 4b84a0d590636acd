//! A group: what its people keep in a drawer, apart from any node.

use std::sync::Arc;

use meridian_federation::card::{Branch, Card, KeyGrant, KeySpan, SignedCard};
use meridian_federation::header::Position;
use meridian_federation::keys::{SecretKey, Signer};
use meridian_federation::{GroupId, PublicKey, RecordId, SpaceId, ids};
use meridian_model::GroupId as Handle;

/// Whether what a group says can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// Its node does what the protocol says.
    Honest,
    /// It signs two records at one place, lies in certificates and takes what is not its own.
    Villain,
}

pub(crate) struct Group {
    pub(crate) number: usize,
    pub(crate) id: GroupId,
    pub(crate) handle: Handle,
    pub(crate) conduct: Conduct,
    /// The version of its newest card when a thief first had one of its keys. Later cards know of the theft.
    pub(crate) robbed: Option<u64>,
    pub(crate) root: SecretKey,
    pub(crate) keys: Vec<Arc<SecretKey>>,
    pub(crate) cards: Vec<SignedCard>,
}

fn secret(number: usize, nth: usize) -> SecretKey {
    let seed = ids::hash("simulation", &[format!("{number}/{nth}").as_bytes()]);
    SecretKey::from_secret(&seed)
}

impl Group {
    pub(crate) fn new(number: usize) -> Self {
        let root = secret(number, 0);
        let key = Arc::new(secret(number, 1));
        let handle = Handle::from(format!("g{number}").as_str());
        let card = Card::first(root.public(), key.public(), handle.as_str());
        Self {
            number,
            id: root.public().group(),
            handle,
            conduct: Conduct::Honest,
            robbed: None,
            cards: vec![card.seal(&root).unwrap()],
            root,
            keys: vec![key],
        }
    }

    /// Whether everything that counts in its name was said by its honest node.
    pub(crate) fn is_sound(&self) -> bool {
        self.conduct == Conduct::Honest && self.robbed.is_none()
    }

    pub(crate) fn key(&self) -> Arc<SecretKey> {
        Arc::clone(self.keys.last().unwrap())
    }

    pub(crate) fn card(&self) -> &SignedCard {
        self.cards.last().unwrap()
    }

    fn next_card(&self, keys: Vec<KeyGrant>, branches: Vec<Branch>) -> SignedCard {
        let last = self.card();
        let card = Card {
            version: last.card().version + 1,
            previous: Some(last.id()),
            keys,
            branches,
            ..last.card().clone()
        };
        card.seal(&self.root).unwrap()
    }

    /// The next card names a new key. Older ones end where the group signed last in each of its logs.
    pub(crate) fn rotate(&mut self, ends: &[Position], branches: Vec<Branch>) {
        let key = Arc::new(secret(self.number, self.keys.len() + 1));
        let old = self.card().card().keys.iter().map(|grant| KeyGrant {
            key: grant.key,
            spans: ends
                .iter()
                .flat_map(|end| grant.spans.iter().filter_map(|span| until(span, *end)))
                .collect(),
        });
        let mut grants: Vec<_> = old.collect();
        grants.push(KeyGrant {
            key: key.public(),
            spans: vec![KeySpan::ALL],
        });
        let card = self.next_card(grants, branches);
        self.keys.push(key);
        self.cards.push(card);
    }

    /// A second card of the version of the newest one.
    pub(crate) fn rival_card(&self) -> SignedCard {
        let card = Card {
            name: format!("{} again", self.handle),
            ..self.card().card().clone()
        };
        card.seal(&self.root).unwrap()
    }
}

/// What is left of a span in one log up to and with a place.
fn until(span: &KeySpan, end: Position) -> Option<KeySpan> {
    let covered = span.generation.is_none_or(|of| of == end.generation);
    let last = span
        .last
        .map_or(end.sequence, |last| last.min(end.sequence));
    (covered && span.first <= last).then_some(KeySpan {
        space: span.space,
        generation: Some(end.generation),
        first: span.first,
        last: Some(last),
    })
}

/// Names the record that counts at a place.
pub(crate) fn branch(space: SpaceId, at: Position, record: RecordId) -> Branch {
    Branch {
        space,
        generation: at.generation,
        sequence: at.sequence,
        record,
    }
}

/// Whether a card lets a key sign at a place, and no other record is chosen there: written a second time, so that
/// the core is not judged by itself.
pub(crate) fn allows(card: &Card, space: &SpaceId, key: &PublicKey, at: Position) -> bool {
    card.keys.iter().any(|grant| {
        grant.key == *key
            && grant.spans.iter().any(|span| {
                let log = span.generation.is_none() || span.generation == Some(at.generation);
                let here = span.space.is_none() || span.space.as_ref() == Some(space);
                let before_end = span.last.is_none() || span.last >= Some(at.sequence);
                log && here && before_end && span.first <= at.sequence
            })
    })
}
