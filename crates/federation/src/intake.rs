//! Taking what a peer, a file or the node's own store brings: each item by itself, in an order that lets what
//! belongs together come together.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::body::Body;
use crate::book::Book;
use crate::card::{CardOutcome, SignedCard};
use crate::effects::{Effects, Entry};
use crate::envelope::Envelope;
use crate::ids::{GroupId, RecordId, SpaceId};
use crate::log::LogOutcome;
use crate::node::Node;
use crate::problem::{Code, Problem};
use crate::record::Record;
use crate::sync::{Docs, MAX_PROOFS, MAX_RECORDS, MAX_WANTED, Sent, SentBody};

/// How often what lacked something is tried again after something else came in. The founder's records bring names,
/// names let cards in, cards let records in.
const MAX_PASSES: usize = 4;

/// Whether something that is still to come in the same batch may mend this.
const fn may_mend(code: Code) -> bool {
    matches!(
        code,
        Code::UnknownGroup
            | Code::UnknownKey
            | Code::CardGap
            | Code::CardChain
            | Code::LogGap
            | Code::KeyRevoked
    )
}

impl Node {
    pub(crate) fn take_docs(&mut self, space: SpaceId, docs: Docs, effects: &mut Effects) {
        let Docs {
            mut cards,
            mut disputes,
            mut evidence,
            mut records,
            mut bodies,
            more: _,
        } = docs;
        at_most(MAX_PROOFS, "cards", &mut cards, effects);
        at_most(MAX_PROOFS, "pairs of cards", &mut disputes, effects);
        at_most(MAX_PROOFS, "pairs of records", &mut evidence, effects);
        at_most(MAX_RECORDS, "records", &mut records, effects);
        at_most(MAX_WANTED, "bodies", &mut bodies, effects);
        let mut records = in_order(records, self.books.get(&space), effects);
        for pass in 0..MAX_PASSES {
            let before = effects.store.len();
            let last = pass + 1 == MAX_PASSES;
            let mut waiting = Waiting::new(last);
            cards = waiting.each(cards, effects, |card, effects| {
                self.take_foreign_card(space, card, effects)
            });
            disputes = waiting.each(disputes, effects, |both, effects| {
                self.take_dispute(space, both, effects)
            });
            records = waiting.each(records, effects, |sent, effects| {
                self.take_record(space, sent, effects)
            });
            evidence = waiting.each(evidence, effects, |both, effects| {
                self.take_evidence(space, both, effects)
            });
            if waiting.problems.is_empty() || effects.store.len() == before {
                for (record, problem) in waiting.problems {
                    effects.refuse(record, problem);
                }
                break;
            }
        }
        for SentBody { record, body } in bodies {
            if let Err(problem) = self.take_body(space, record, &body, effects) {
                effects.refuse(Some(record), problem);
            }
        }
    }

    fn take_foreign_card(
        &mut self,
        space: SpaceId,
        envelope: &Envelope,
        effects: &mut Effects,
    ) -> Result<(), Problem> {
        let card = SignedCard::verify(envelope, self.verifier.as_ref())?;
        self.named(space, &card)?;
        self.adopt(card, effects).map(|_| ())
    }

    fn named(&self, space: SpaceId, card: &SignedCard) -> Result<(), Problem> {
        let group = card.card().group;
        if self.book(&space)?.names(&group) || self.peers.contains(&group) {
            return Ok(());
        }
        let detail = format!("no charter here names {group}");
        Err(Problem::new(Code::UnknownGroup, detail))
    }

    fn take_dispute(
        &mut self,
        space: SpaceId,
        both: &[Envelope; 2],
        effects: &mut Effects,
    ) -> Result<(), Problem> {
        let [one, other] = both;
        let one = SignedCard::verify(one, self.verifier.as_ref())?;
        let other = SignedCard::verify(other, self.verifier.as_ref())?;
        self.named(space, &one)?;
        let group = one.card().group;
        if self.trust.take_dispute(one, other)? != CardOutcome::Known {
            effects.keep(Entry::Dispute(both.clone()));
            self.settle(group);
        }
        Ok(())
    }

    /// Checks a record that was read: the space, whether its author is named here, the signature.
    fn check_record(&self, space: SpaceId, record: &Record) -> Result<(), Problem> {
        let header = record.header();
        if header.space != space {
            let detail = "a record of another space";
            return Err(Problem::new(Code::WrongSpace, detail));
        }
        if !self.book(&space)?.names(&header.author) {
            let detail = format!("no charter here names {}", header.author);
            return Err(Problem::new(Code::UnknownGroup, detail));
        }
        record.check(&self.trust, self.verifier.as_ref())
    }

    fn take_record(
        &mut self,
        space: SpaceId,
        arrived: &Arrived,
        effects: &mut Effects,
    ) -> Result<(), Problem> {
        let id = arrived.record.id();
        if self.book(&space)?.record(&id).is_none() {
            self.check_record(space, &arrived.record)?;
            let entry = Entry::Record(Envelope::clone(arrived.record.envelope()));
            let (book, judge) = self.book_mut(&space)?;
            if book.take(&arrived.record, judge)? != LogOutcome::Known {
                effects.keep(entry);
            }
        }
        match &arrived.body {
            Some(body) if self.book(&space)?.record(&id).is_some() => {
                self.take_body(space, id, body, effects)
            }
            _ => Ok(()),
        }
    }

    fn take_evidence(
        &mut self,
        space: SpaceId,
        both: &[Envelope; 2],
        effects: &mut Effects,
    ) -> Result<(), Problem> {
        let [one, other] = both;
        let pair = [
            Record::trusted(&Arc::new(one.clone()))?,
            Record::trusted(&Arc::new(other.clone()))?,
        ];
        self.check_record(space, &pair[0])?;
        self.check_record(space, &pair[1])?;
        if pair[0].header().author != pair[1].header().author {
            let detail = "two authors";
            return Err(Problem::new(Code::EvidenceInvalid, detail));
        }
        let (book, judge) = self.book_mut(&space)?;
        if book.take_evidence(pair, judge)? != LogOutcome::Known {
            effects.keep(Entry::Evidence(both.clone()));
        }
        Ok(())
    }

    fn take_body(
        &mut self,
        space: SpaceId,
        record: RecordId,
        body: &Arc<Body>,
        effects: &mut Effects,
    ) -> Result<(), Problem> {
        let (book, judge) = self.book_mut(&space)?;
        if book.take_body(record, Arc::clone(body), judge)? {
            effects.keep(Entry::Body {
                space,
                record,
                body: Body::clone(body),
            });
        }
        Ok(())
    }
}

/// A record that was read, but not believed yet.
struct Arrived {
    record: Arc<Record>,
    body: Option<Arc<Body>>,
}

/// Takes no more of anything than a node puts into one message.
fn at_most<T>(most: usize, what: &str, items: &mut Vec<T>, effects: &mut Effects) {
    if items.len() > most {
        let detail = format!("{} {what} in one message", items.len());
        effects.refuse(None, Problem::new(Code::TooLarge, detail));
        items.truncate(most);
    }
}

/// The record as it is known already, if it is the very same.
fn known(envelope: &Envelope, book: Option<&Book>) -> Option<Arc<Record>> {
    let known = book?.record(&RecordId::of(&envelope.payload))?;
    (**known.envelope() == *envelope).then(|| Arc::clone(known))
}

/// Reads records and puts them in the order of their logs, whatever order they came in.
fn in_order(records: Vec<Sent>, book: Option<&Book>, effects: &mut Effects) -> Vec<Arrived> {
    let mut arrived = Vec::with_capacity(records.len());
    for Sent { envelope, body } in records {
        let record =
            known(&envelope, book).map_or_else(|| Record::trusted(&envelope).map(Arc::new), Ok);
        match record {
            Ok(record) => arrived.push(Arrived { record, body }),
            Err(problem) => effects.refuse(Some(RecordId::of(&envelope.payload)), problem),
        }
    }
    // Stable: the founder's log stays before the others, because it names them.
    let mut ranks: BTreeMap<GroupId, usize> = BTreeMap::new();
    for of in &arrived {
        let next = ranks.len();
        ranks.entry(of.record.header().author).or_insert(next);
    }
    arrived.sort_by_cached_key(|of| {
        let header = of.record.header();
        (ranks.get(&header.author).copied(), header.position())
    });
    arrived
}

/// What could not be taken yet.
struct Waiting {
    last: bool,
    problems: Vec<(Option<RecordId>, Problem)>,
}

/// Something that is taken by itself.
trait Item {
    fn name(&self) -> Option<RecordId> {
        None
    }
}

impl Item for Envelope {}

impl Item for [Envelope; 2] {}

impl Item for Arrived {
    fn name(&self) -> Option<RecordId> {
        Some(self.record.id())
    }
}

impl Waiting {
    const fn new(last: bool) -> Self {
        Self {
            last,
            problems: Vec::new(),
        }
    }

    /// Takes each item; gives back those that something else in the batch may mend.
    fn each<T: Item>(
        &mut self,
        items: Vec<T>,
        effects: &mut Effects,
        mut take: impl FnMut(&T, &mut Effects) -> Result<(), Problem>,
    ) -> Vec<T> {
        let mut left = Vec::new();
        for item in items {
            match take(&item, effects) {
                Ok(()) => {}
                Err(problem) if may_mend(problem.code) && !self.last => {
                    self.problems.push((item.name(), problem));
                    left.push(item);
                }
                Err(problem) => effects.refuse(item.name(), problem),
            }
        }
        left
    }
}

/// Takes back what a node stored.
pub(crate) fn restore(node: &mut Node, entries: impl IntoIterator<Item = Entry>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let (mut cards, mut disputes, mut pins) = (Vec::new(), Vec::new(), Vec::new());
    let (mut records, mut bodies, mut erased) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Space { space, founder } => {
                node.follow(space, founder);
            }
            Entry::Card(envelope) => cards.push(envelope),
            Entry::Dispute(both) => disputes.push(both),
            Entry::Pin { group, card } => pins.push((group, card)),
            Entry::Signed(last) => node.remember_signed(last),
            Entry::Renewed {
                space,
                group,
                generation,
            } => {
                let known = node.renewed.entry((space, group)).or_default();
                *known = generation.max(*known);
            }
            Entry::Record(envelope) => records.push(envelope),
            Entry::Evidence(both) => records.extend(both),
            Entry::Body {
                space,
                record,
                body,
            } => bodies.push((space, record, body)),
            Entry::Erased { space, record } => erased.push((space, record)),
        }
    }
    let verifier = Arc::clone(&node.verifier);
    let mut verified: Vec<_> = Vec::new();
    for envelope in &cards {
        match SignedCard::verify(envelope, verifier.as_ref()) {
            Ok(card) => verified.push(card),
            Err(problem) => problems.push(problem),
        }
    }
    for (group, card) in pins {
        node.trust.pin(group, card);
    }
    verified.sort_by_key(|card| card.card().version);
    for card in verified {
        problems.extend(node.trust.take(card, node.checks).err());
    }
    for [one, other] in &disputes {
        let one = SignedCard::verify(one, verifier.as_ref());
        let other = SignedCard::verify(other, verifier.as_ref());
        match (one, other) {
            (Ok(one), Ok(other)) => problems.extend(node.trust.take_dispute(one, other).err()),
            (one, other) => problems.extend(one.err().into_iter().chain(other.err())),
        }
    }
    for envelope in &records {
        let kept = Record::trusted(&Arc::new(envelope.clone())).and_then(|record| {
            let (book, _) = node.book_mut(&record.header().space)?;
            book.keep(record);
            Ok(())
        });
        problems.extend(kept.err());
    }
    for (space, record) in erased {
        if let Ok((book, _)) = node.book_mut(&space) {
            book.erased.insert(record);
        }
    }
    for (space, record, body) in bodies {
        if let Ok((book, _)) = node.book_mut(&space) {
            book.bodies.insert(record, Arc::new(body));
        }
    }
    let spaces: Vec<_> = node.books.keys().copied().collect();
    for space in spaces {
        if let Ok((book, judge)) = node.book_mut(&space) {
            book.settle_all(judge);
        }
    }
    problems
}
