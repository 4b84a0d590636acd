//! What a node has, and what of it another one lacks and may have.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::book::Book;
use crate::canonical;
use crate::card::Card;
use crate::envelope::Envelope;
use crate::header::Audience;
use crate::ids::{CardId, GroupId, RecordId};
use crate::log::Log;
use crate::mutant::Mutant;
use crate::node::Node;
use crate::record::Record;
use crate::sync::{
    CardHead, DisputeHead, Docs, Have, LogHead, MAX_BYTES, MAX_CARD_BYTES_OF_GROUP,
    MAX_PROOF_BYTES, MAX_PROOFS, MAX_RECORDS, MAX_RECORDS_OF_LOG, MAX_WANTED, Sent, SentBody,
};
use crate::wanting::Reader;

/// Groups whose cards matter in a space.
fn groups<'a>(node: &'a Node, book: &'a Book) -> impl Iterator<Item = &'a GroupId> {
    node.trust.groups().filter(|group| book.names(group))
}

pub(crate) fn have<'a>(node: &Node, book: &'a Book) -> &'a Have {
    book.have(|| what_is_had(node, book))
}

fn what_is_had(node: &Node, book: &Book) -> Have {
    let cards = groups(node, book).filter_map(|group| {
        let card = node.trust.card(group)?;
        Some(CardHead {
            group: *group,
            version: card.card().version,
            card: card.id(),
        })
    });
    let disputes = groups(node, book).filter_map(|group| {
        let version = node.trust.disputed(group)?.version;
        let group = *group;
        Some(DisputeHead { group, version })
    });
    let logs = book.logs.iter().filter_map(|((author, generation), log)| {
        let head = log.head()?;
        Some(LogHead {
            author: *author,
            generation: *generation,
            sequence: head.header().sequence,
            head: head.id(),
        })
    });
    Have {
        cards: cards.collect(),
        disputes: disputes.collect(),
        logs: logs.collect(),
        forks: book.forks(),
        wanted: wanted(node, book),
    }
}

/// The bodies that are missing and may be read here.
fn wanted(node: &Node, book: &Book) -> Vec<RecordId> {
    let here = |group: &GroupId| {
        let mut locals = node.locals.keys();
        is_at(node, group, &node.me) || locals.any(|local| is_at(node, group, local))
    };
    book.wanting.first(MAX_WANTED, |reader| {
        node.checks.omit(Mutant::BodiesToAll)
            || match reader {
                Reader::All => true,
                Reader::Coordinator => here(&book.coordinator(node.judge())),
                Reader::Group(group) => here(&group),
            }
    })
}

/// Whether a group is the reader, or a guest at the reader's node.
fn is_at(node: &Node, group: &GroupId, reader: &GroupId) -> bool {
    let card = node.trust.card(group);
    group == reader || card.is_some_and(|card| card.card().node.as_ref() == Some(reader))
}

/// Whether a body may go to a node: its group is in the audience, or one whose node it is.
pub(crate) fn may_read(node: &Node, book: &Book, reader: &GroupId, record: &Record) -> bool {
    if node.checks.omit(Mutant::BodiesToAll) {
        return true;
    }
    let is_at = |group: &GroupId| is_at(node, group, reader);
    match &record.header().audience {
        Audience::All => true,
        _ if is_at(&record.header().author) => true,
        Audience::Coordinator => is_at(&book.coordinator(node.judge())),
        Audience::Groups(groups) => groups.iter().any(is_at),
    }
}

/// What a node that has `theirs` lacks and may have.
pub(crate) fn docs(node: &Node, book: &Book, reader: &GroupId, theirs: &Have) -> Docs {
    let mut docs = Docs::default();
    cards(node, book, theirs, &mut docs);
    disputes(node, book, theirs, &mut docs);
    if !node.checks.omit(Mutant::NoEvidenceGossip) {
        evidence(node, book, theirs, &mut docs);
    }
    let mut n_bytes = 0;
    // The founder's log first: it names the others.
    let (founder, others): (Vec<_>, Vec<_>) = book
        .logs
        .values()
        .partition(|log| log.author() == book.founder);
    for log in founder.into_iter().chain(others) {
        for (n, record) in lacking(log, theirs).enumerate() {
            let full = docs.records.len() >= MAX_RECORDS || n_bytes >= MAX_BYTES;
            if full || n >= MAX_RECORDS_OF_LOG {
                docs.more = true;
                break;
            }
            let readable = may_read(node, book, reader, record);
            let body = book.bodies.get(&record.id()).filter(|_| readable);
            n_bytes += record.envelope().payload.len();
            n_bytes += body.map_or(0, |body| body.bytes.len());
            docs.records.push(Sent {
                envelope: Arc::clone(record.envelope()),
                body: body.cloned(),
            });
        }
    }
    for id in theirs.wanted.iter().take(MAX_WANTED) {
        let (Some(record), Some(body)) = (book.record(id), book.bodies.get(id)) else {
            continue;
        };
        if n_bytes < MAX_BYTES && may_read(node, book, reader, record) {
            n_bytes += body.bytes.len();
            docs.bodies.push(SentBody {
                record: *id,
                body: Arc::clone(body),
            });
        }
    }
    docs
}

/// How many cards are told up to the version at which the other side has another one.
const RIVAL_CARDS: usize = 8;

/// Newer cards; where the other side has another one of a version that is known here, those up to there.
fn cards(node: &Node, book: &Book, theirs: &Have, docs: &mut Docs) {
    let mut budget = Budget::default();
    let mut told: BTreeMap<&GroupId, Vec<Envelope>> = BTreeMap::new();
    // Whoever names others comes first where not all have room, and all are told in the order of their ids.
    let (namers, others): (Vec<_>, Vec<_>) =
        groups(node, book).partition(|group| book.is_namer(group));
    for group in namers.into_iter().chain(others) {
        let mine = node.trust.cards(group);
        let had = theirs.cards.iter().find(|head| head.group == *group);
        let same = had.map_or(0, |head| {
            let at = usize::try_from(head.version).unwrap_or(usize::MAX);
            let known = at.checked_sub(1).and_then(|index| mine.get(index));
            match known {
                Some(card) if card.id() == head.card => at,
                Some(_) => at.saturating_sub(RIVAL_CARDS),
                None => mine.len(),
            }
        });
        let mut n_bytes = 0;
        for card in mine.iter().skip(same) {
            if n_bytes >= MAX_CARD_BYTES_OF_GROUP || !budget.allows() {
                docs.more = true;
                break;
            }
            n_bytes += budget.spend([card.envelope()]);
            let of_group = told.entry(group).or_default();
            of_group.push(card.envelope().clone());
        }
    }
    docs.cards.extend(told.into_values().flatten());
}

fn disputes(node: &Node, book: &Book, theirs: &Have, docs: &mut Docs) {
    let mut budget = Budget::default();
    for group in groups(node, book) {
        let disputed = theirs.disputes.iter().find(|of| of.group == *group);
        let Some(dispute) = node.trust.disputed(group) else {
            continue;
        };
        if disputed.is_some_and(|of| of.version <= dispute.version) {
            continue;
        }
        if !budget.allows() {
            docs.more = true;
            break;
        }
        let both = dispute.cards.each_ref().map(|card| card.envelope().clone());
        budget.spend(&both);
        docs.disputes.push(both);
    }
}

fn evidence(node: &Node, book: &Book, theirs: &Have, docs: &mut Docs) {
    let mut budget = Budget::default();
    for log in book.logs.values() {
        let Some(fork) = log.fork() else { continue };
        let known = theirs.forks.iter().any(|of| {
            of.group == log.author() && of.generation == log.generation() && of.sequence <= fork
        });
        if let (false, Some(both)) = (known, log.evidence(&node.trust)) {
            if !budget.allows() {
                docs.more = true;
                break;
            }
            let both = both.map(|record| record.envelope().as_ref().clone());
            budget.spend(&both);
            docs.evidence.push(both);
        }
    }
}

/// How much of one kind of proof goes into one message.
#[derive(Default)]
struct Budget {
    n: usize,
    n_bytes: usize,
}

impl Budget {
    const fn allows(&self) -> bool {
        self.n < MAX_PROOFS && self.n_bytes < MAX_PROOF_BYTES
    }

    fn spend<'a>(&mut self, envelopes: impl IntoIterator<Item = &'a Envelope>) -> usize {
        let envelopes = envelopes.into_iter();
        let n_bytes = envelopes.map(|of| of.payload.len()).sum();
        self.n += 1;
        self.n_bytes += n_bytes;
        n_bytes
    }
}

/// The records of a log that follow what the other side has. Where it has another record at its end, those up to
/// there: so that it finds the place which was signed twice.
fn lacking<'a>(log: &'a Log, theirs: &Have) -> impl Iterator<Item = &'a Arc<Record>> {
    let is_same =
        |author: GroupId, generation: u64| author == log.author() && generation == log.generation();
    let head = theirs
        .logs
        .iter()
        .find(|head| is_same(head.author, head.generation));
    let n = log.chain().len();
    let range = match head {
        None => 0..n,
        Some(head) => {
            let at = usize::try_from(head.sequence).unwrap_or(usize::MAX);
            match log.chain().get(at) {
                Some(record) if record.id() == head.head => at + 1..n,
                Some(_) => (at + 1).saturating_sub(MAX_RECORDS_OF_LOG)..at + 1,
                None => n..n,
            }
        }
    };
    let fork = theirs
        .forks
        .iter()
        .find(|of| is_same(of.group, of.generation))
        .map_or(u64::MAX, |of| of.sequence);
    let records = log.chain()[range].iter();
    records.filter(move |record| record.header().sequence < fork)
}

/// What a reader of `docs` who had `have` has then.
pub(crate) fn has_now(have: &mut Have, docs: &Docs) {
    have.wanted.clear();
    for sent in &docs.records {
        let Ok(record) = Record::trusted(&sent.envelope) else {
            continue;
        };
        let header = record.header();
        let head = LogHead {
            author: header.author,
            generation: header.generation,
            sequence: header.sequence,
            head: record.id(),
        };
        have.logs
            .retain(|of| (of.author, of.generation) != (head.author, head.generation));
        have.logs.push(head);
    }
    for envelope in &docs.cards {
        if let Ok(card) = canonical::read::<Card>(&envelope.payload, Card::MAX_BYTES) {
            have.cards.retain(|of| of.group != card.group);
            have.cards.push(CardHead {
                group: card.group,
                version: card.version,
                card: CardId::of(&envelope.payload),
            });
        }
    }
}
