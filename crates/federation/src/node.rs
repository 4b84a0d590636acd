//! A node: what it trusts, what it holds, and what it does about a message. The shell and the simulator drive it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::body::Body;
use crate::book::{Book, Judge};
use crate::card::{CardOutcome, SignedCard, Trust};
use crate::effects::{Effects, Entry, LastSigned};
use crate::envelope::Envelope;
use crate::fold::{SharedState, Verdicts};
use crate::header::Header;
use crate::ids::{self, CardId, GroupId, RecordId, SpaceId, StateDigest};
use crate::keys::{Signer, Verifier};
use crate::log::Log;
use crate::mutant::{Checks, Mutant};
use crate::problem::{Code, Problem};
use crate::record::Record;
use crate::sync::{Message, Packet};
use crate::view::View;
use crate::{canonical, offer};

/// A node of the exchange.
pub struct Node {
    pub(crate) me: GroupId,
    pub(crate) verifier: Arc<dyn Verifier>,
    pub(crate) checks: Checks,
    pub(crate) trust: Trust,
    pub(crate) peers: BTreeSet<GroupId>,
    pub(crate) locals: BTreeMap<GroupId, Arc<dyn Signer>>,
    pub(crate) books: BTreeMap<SpaceId, Book>,
    pub(crate) last_signed: BTreeMap<(SpaceId, GroupId), LastSigned>,
    /// The least generation in which a group may sign, whatever is remembered: people said so.
    pub(crate) renewed: BTreeMap<(SpaceId, GroupId), u64>,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node")
            .field("me", &self.me)
            .field("books", &self.books)
            .finish_non_exhaustive()
    }
}

impl Node {
    /// An empty node of a group.
    #[must_use]
    pub fn new(me: GroupId, verifier: Arc<dyn Verifier>) -> Self {
        Self {
            me,
            verifier,
            checks: Checks::default(),
            trust: Trust::default(),
            peers: BTreeSet::new(),
            locals: BTreeMap::new(),
            books: BTreeMap::new(),
            last_signed: BTreeMap::new(),
            renewed: BTreeMap::new(),
        }
    }

    /// A node that leaves out a check. For tests that show what the check is for.
    #[doc(hidden)]
    #[must_use]
    pub fn mutated(me: GroupId, verifier: Arc<dyn Verifier>, mutant: Mutant) -> Self {
        Self {
            checks: Checks::without(mutant),
            ..Self::new(me, verifier)
        }
    }

    /// The group whose node this is.
    #[must_use]
    pub const fn me(&self) -> GroupId {
        self.me
    }

    pub(crate) fn judge(&self) -> Judge<'_> {
        Judge {
            trust: &self.trust,
            verifier: self.verifier.as_ref(),
            checks: self.checks,
        }
    }

    /// Lets the node sign for a group: its own, or a guest's.
    pub fn host(&mut self, group: GroupId, signer: Arc<dyn Signer>) {
        self.locals.insert(group, signer);
        for book in self.books.values_mut() {
            book.locals_changed();
        }
    }

    /// Exchanges with a peer from now on. Whom a node exchanges with is its own policy.
    pub fn allow(&mut self, peer: GroupId) {
        self.peers.insert(peer);
    }

    /// Exchanges with a peer no longer.
    pub fn forbid(&mut self, peer: &GroupId) {
        self.peers.remove(peer);
    }

    /// Follows the space that a founder opened.
    pub fn follow(&mut self, space: SpaceId, founder: GroupId) -> Effects {
        let mut effects = Effects::default();
        self.books.entry(space).or_insert_with(|| {
            effects.keep(Entry::Space { space, founder });
            Book::new(space, founder)
        });
        effects
    }

    /// The spaces that are followed, and who opened each.
    pub fn spaces(&self) -> impl Iterator<Item = (SpaceId, GroupId)> {
        self.books.values().map(|book| (book.space, book.founder))
    }

    /// Takes a card that people brought: of this node's own groups, or of a peer whose phrase they compared.
    pub fn take_card(&mut self, envelope: &Envelope) -> Effects {
        let mut effects = Effects::default();
        let taken = SignedCard::verify(envelope, self.verifier.as_ref());
        match taken.and_then(|card| self.adopt(card, &mut effects)) {
            Ok(_) => {}
            Err(problem) => effects.refuse(None, problem),
        }
        effects
    }

    /// People chose one of two cards of a version.
    pub fn pin(&mut self, group: GroupId, card: CardId) -> Effects {
        let mut effects = Effects::default();
        self.trust.pin(group, card);
        effects.keep(Entry::Pin { group, card });
        self.settle(group);
        effects
    }

    pub(crate) fn adopt(
        &mut self,
        card: SignedCard,
        effects: &mut Effects,
    ) -> Result<bool, Problem> {
        let group = card.card().group;
        let known = self.trust.card(&group).cloned();
        let entry = Entry::Card(card.envelope().clone());
        match self.trust.take(card, self.checks)? {
            CardOutcome::Known => return Ok(false),
            CardOutcome::Newer => effects.keep(entry),
            CardOutcome::Disputed => {
                if let Some(dispute) = self.trust.disputed(&group) {
                    let both = dispute.cards.each_ref().map(|card| card.envelope().clone());
                    effects.keep(Entry::Dispute(both));
                }
            }
        }
        if known.as_ref() != self.trust.card(&group) {
            self.settle(group);
        }
        for book in self.books.values_mut() {
            book.cards_changed();
        }
        Ok(true)
    }

    /// What counts of a group may be another now.
    pub(crate) fn settle(&mut self, group: GroupId) {
        let judge = Judge {
            trust: &self.trust,
            verifier: self.verifier.as_ref(),
            checks: self.checks,
        };
        for book in self.books.values_mut() {
            book.settle(group, judge);
        }
    }

    /// Takes back what was stored, in any order. Signatures are not checked again.
    ///
    /// What cannot be read is told and left out; a node's own store has no such entries.
    pub fn restore(&mut self, entries: impl IntoIterator<Item = Entry>) -> Vec<Problem> {
        crate::intake::restore(self, entries)
    }

    /// What the side file says: where this node signed last, whatever became of its database since.
    pub fn remember_signed(&mut self, last: LastSigned) {
        let known = self
            .last_signed
            .entry((last.space, last.group))
            .or_insert(last);
        if known.at < last.at {
            *known = last;
        }
    }

    /// Makes the next record of a group begin a new generation: for a node whose memory may be older than what it
    /// said, and that has no peer to ask.
    ///
    /// # Errors
    /// `unknown-space`; `quota-exceeded` after the last generation.
    pub fn begin_generation(&mut self, space: SpaceId, group: GroupId) -> Result<Effects, Problem> {
        let generation = self.next_generation(self.book(&space)?, group).max(1);
        if generation >= Header::GENERATIONS {
            let detail = "no generation is left to the group";
            return Err(Problem::new(Code::QuotaExceeded, detail));
        }
        self.renewed.insert((space, group), generation);
        let mut effects = Effects::default();
        effects.keep(Entry::Renewed {
            space,
            group,
            generation,
        });
        Ok(effects)
    }

    pub(crate) fn book(&self, space: &SpaceId) -> Result<&Book, Problem> {
        self.books.get(space).ok_or_else(|| unknown_space(space))
    }

    pub(crate) fn book_mut(&mut self, space: &SpaceId) -> Result<(&mut Book, Judge<'_>), Problem> {
        let judge = Judge {
            trust: &self.trust,
            verifier: self.verifier.as_ref(),
            checks: self.checks,
        };
        let book = self.books.get_mut(space);
        let book = book.ok_or_else(|| unknown_space(space))?;
        Ok((book, judge))
    }

    /// Erases the body of a record here, for ever; only one that not everybody may read.
    ///
    /// # Errors
    /// `unknown-space`, `unknown-record`, `wrong-audience`.
    pub fn erase(&mut self, space: SpaceId, record: RecordId) -> Result<Effects, Problem> {
        let (book, judge) = self.book_mut(&space)?;
        let mut effects = Effects::default();
        if book.erase(record, judge)? {
            effects.keep(Entry::Erased { space, record });
        }
        Ok(effects)
    }

    /// Begins a sync: asks a peer what else there is.
    ///
    /// # Errors
    /// `unknown-space`.
    pub fn begin_sync(&self, peer: GroupId, space: SpaceId) -> Result<Packet, Problem> {
        let have = offer::have(self, self.book(&space)?).clone();
        Ok(self.packet(peer, space, Message::Pull(have)))
    }

    /// Tells a peer that something changed.
    ///
    /// # Errors
    /// `unknown-space`.
    pub fn hint(&self, peer: GroupId, space: SpaceId) -> Result<Packet, Problem> {
        let digest = self.heads_digest(&space)?;
        Ok(self.packet(peer, space, Message::Hint(digest)))
    }

    pub(crate) fn packet(&self, to: GroupId, space: SpaceId, message: Message) -> Packet {
        Packet {
            from: self.me,
            to,
            space,
            message,
            spoiled: Vec::new(),
        }
    }

    /// Answers a message of a peer whom the shell has made sure of. The checks, in their order: the peer, the
    /// recipient, the space; then each item by itself.
    pub fn handle(&mut self, from: GroupId, packet: Packet) -> Effects {
        let mut effects = Effects::default();
        if let Err(problem) = self.admit(from, &packet) {
            effects.refuse(None, problem);
            return effects;
        }
        for problem in packet.spoiled {
            effects.refuse(None, problem);
        }
        let space = packet.space;
        match packet.message {
            Message::Hint(digest) => {
                if self.heads_digest(&space) != Ok(digest) {
                    effects.send.extend(self.begin_sync(from, space));
                }
            }
            Message::Pull(have) => {
                if let Ok(book) = self.book(&space) {
                    let docs = offer::docs(self, book, &from, &have);
                    let message = Message::Answer(docs, offer::have(self, book).clone());
                    effects.send.push(self.packet(from, space, message));
                }
            }
            Message::Answer(docs, theirs) => {
                let more = docs.more;
                self.take_docs(space, docs, &mut effects);
                if let Ok(book) = self.book(&space) {
                    let docs = offer::docs(self, book, &from, &theirs);
                    if !docs.is_empty() {
                        effects
                            .send
                            .push(self.packet(from, space, Message::Docs(docs)));
                    }
                }
                // A peer that offers the same again and again must not keep two nodes talking.
                let again = effects.changed
                    || self.checks.omit(Mutant::NoProgressGuard)
                        && (more || !effects.refused.is_empty());
                if again {
                    effects.send.extend(self.begin_sync(from, space));
                }
            }
            Message::Docs(docs) => {
                self.take_docs(space, docs, &mut effects);
                if let Ok(book) = self.book(&space) {
                    let refused = effects.refused.iter();
                    let message = Message::Taken {
                        changed: effects.changed,
                        have: offer::have(self, book).clone(),
                        refused: refused.map(|refusal| refusal.problem.clone()).collect(),
                    };
                    effects.send.push(self.packet(from, space, message));
                }
            }
            Message::Taken { changed, have, .. } => {
                let again = changed || self.checks.omit(Mutant::NoProgressGuard);
                if let (true, Ok(book)) = (again, self.book(&space)) {
                    let docs = offer::docs(self, book, &from, &have);
                    if !docs.is_empty() {
                        effects
                            .send
                            .push(self.packet(from, space, Message::Docs(docs)));
                    }
                }
            }
        }
        effects
    }

    fn admit(&self, from: GroupId, packet: &Packet) -> Result<(), Problem> {
        if packet.from != from || !self.peers.contains(&from) {
            return Err(Problem::new(
                Code::UnknownPeer,
                format!("{from} is no peer"),
            ));
        }
        if self.trust.is_suspended(&from) {
            let detail = format!("{from} signed two cards of one version");
            return Err(Problem::new(Code::GroupSuspended, detail));
        }
        if packet.to != self.me {
            let detail = "the message is for another node";
            return Err(Problem::new(Code::WrongRecipient, detail));
        }
        self.book(&packet.space).map(|_| ())
    }

    /// What is trusted.
    #[must_use]
    pub const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// What everybody with the same records sees.
    ///
    /// # Errors
    /// `unknown-space`.
    pub fn state(&self, space: &SpaceId) -> Result<&SharedState, Problem> {
        Ok(self.book(space)?.state(self.judge()))
    }

    /// What everybody with the same records sees, in one number.
    ///
    /// # Errors
    /// `unknown-space`.
    pub fn state_digest(&self, space: &SpaceId) -> Result<StateDigest, Problem> {
        Ok(self.book(space)?.state_digest(self.judge()))
    }

    /// The same, from nothing but the records: to be held against [`Node::state`].
    ///
    /// # Errors
    /// `unknown-space`.
    pub fn full_fold(&self, space: &SpaceId) -> Result<SharedState, Problem> {
        Ok(self.book(space)?.full_fold(self.judge()))
    }

    /// What each group has said, with what only this node's groups may read.
    ///
    /// # Errors
    /// `unknown-space`.
    pub fn views(&self, space: &SpaceId) -> Result<&BTreeMap<GroupId, View>, Problem> {
        Ok(self.book(space)?.views())
    }

    /// Why records that stand in logs have no effect.
    ///
    /// # Errors
    /// `unknown-space`.
    pub fn verdicts(&self, space: &SpaceId) -> Result<Verdicts, Problem> {
        Ok(self.book(space)?.verdicts(self.judge()))
    }

    /// A record that counts.
    #[must_use]
    pub fn record(&self, space: &SpaceId, record: &RecordId) -> Option<&Arc<Record>> {
        self.books.get(space)?.record(record)
    }

    /// A body that is held here.
    #[must_use]
    pub fn body(&self, space: &SpaceId, record: &RecordId) -> Option<&Arc<Body>> {
        self.books.get(space)?.bodies.get(record)
    }

    /// The logs of a space, by author and generation.
    ///
    /// # Errors
    /// `unknown-space`.
    pub fn logs(&self, space: &SpaceId) -> Result<&BTreeMap<(GroupId, u64), Log>, Problem> {
        Ok(&self.book(space)?.logs)
    }

    /// What is had, in one number: where two nodes' are equal, neither has anything for the other.
    ///
    /// # Errors
    /// `unknown-space`.
    pub fn heads_digest(&self, space: &SpaceId) -> Result<StateDigest, Problem> {
        let book = self.book(space)?;
        book.heads_digest(|| {
            let bytes = canonical::write(offer::have(self, book))?;
            Ok(StateDigest::from_bytes(ids::hash(
                "meridian/heads/1",
                &[&bytes],
            )))
        })
    }
}

fn unknown_space(space: &SpaceId) -> Problem {
    Problem::new(Code::UnknownSpace, format!("space {space} is not followed"))
}
