//! Records that count and whose bodies are not here, by who may read them: most are for others' eyes, and are not gone
//! through whenever a node says what it lacks.

use std::collections::{BTreeMap, BTreeSet};

use crate::header::{Audience, Header};
use crate::ids::{GroupId, RecordId};
use crate::record::Record;

/// Who may read a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reader {
    /// Everybody.
    All,
    /// Whoever is coordinator.
    Coordinator,
    /// A group.
    Group(GroupId),
}

#[derive(Default)]
pub(crate) struct Wanting(BTreeMap<Reader, BTreeSet<RecordId>>);

fn readers(header: &Header) -> BTreeSet<Reader> {
    let mut readers = BTreeSet::from([Reader::Group(header.author)]);
    match &header.audience {
        Audience::All => {
            readers.insert(Reader::All);
        }
        Audience::Coordinator => {
            readers.insert(Reader::Coordinator);
        }
        Audience::Groups(groups) => readers.extend(groups.iter().copied().map(Reader::Group)),
    }
    readers
}

impl Wanting {
    pub(crate) fn insert(&mut self, record: &Record) {
        for reader in readers(record.header()) {
            self.0.entry(reader).or_default().insert(record.id());
        }
    }

    pub(crate) fn remove(&mut self, record: &Record) {
        for reader in readers(record.header()) {
            if let Some(of) = self.0.get_mut(&reader) {
                of.remove(&record.id());
                if of.is_empty() {
                    self.0.remove(&reader);
                }
            }
        }
    }

    /// The first `n` records, by id, of which one of the readers that `reads` knows may read the body.
    pub(crate) fn first(&self, n: usize, reads: impl Fn(Reader) -> bool) -> Vec<RecordId> {
        let readable = self.0.iter().filter(|(reader, _)| reads(**reader));
        let first: BTreeSet<_> = readable.flat_map(|(_, of)| of.iter().take(n)).collect();
        first.into_iter().take(n).copied().collect()
    }
}
