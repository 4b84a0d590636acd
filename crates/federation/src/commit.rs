//! Saying something for a group of this node: where the record stands, what it depends on, and in which order it
//! becomes durable.

use std::collections::BTreeSet;
use std::sync::Arc;

use meridian_model::Timestamp;

use crate::body::Body;
use crate::book::Book;
use crate::canonical;
use crate::content::Content;
use crate::effects::{Effects, Entry, LastSigned};
use crate::envelope::{Envelope, PayloadType};
use crate::header::{Audience, Header, Position};
use crate::ids::{GroupId, RecordId, Salt, SpaceId};
use crate::kind::{Kind, Reach};
use crate::log::Log;
use crate::mutant::Mutant;
use crate::node::Node;
use crate::problem::{Code, Problem};
use crate::record::Record;

/// Something that a group of this node is about to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The kind.
    pub kind: Kind,
    /// The canonical bytes of the body.
    pub bytes: Vec<u8>,
    /// What it is about; may be empty.
    pub entity: String,
    /// Earlier records that it takes the place of.
    pub replaces: Vec<RecordId>,
    /// Records that it builds on; the charter in effect is added to what a coordinator says.
    pub depends: Vec<RecordId>,
    /// Who of the group does it, as a pseudonym; may be empty.
    pub actor: String,
    /// When, by the shell's clock. For people.
    pub time: Timestamp,
    /// The groups that may read it, for kinds that name them.
    pub readers: BTreeSet<GroupId>,
    /// For bodies that not everybody may read, drawn by the shell; the same twice would tell which bodies are equal.
    pub salt: Salt,
}

impl Draft {
    /// Says `content`, at `time`, with a salt that the shell drew.
    ///
    /// # Errors
    /// Those of [`Content::write`].
    pub fn new(content: &Content, time: Timestamp, salt: Salt) -> Result<Self, Problem> {
        Ok(Self {
            kind: content.kind(),
            bytes: content.write()?,
            entity: String::new(),
            replaces: Vec::new(),
            depends: Vec::new(),
            actor: String::new(),
            time,
            readers: BTreeSet::new(),
            salt,
        })
    }
}

impl Node {
    /// Says something for a group of this node. The record is durable once the effects are.
    ///
    /// # Errors
    /// `no-signer`, `unknown-space`, `key-revoked` when the group's card does not let the key sign there,
    /// `wrong-audience`, `too-large`, `malformed`, `quota-exceeded` after the last generation.
    pub fn commit_local(
        &mut self,
        space: SpaceId,
        group: GroupId,
        draft: Draft,
    ) -> Result<(RecordId, Effects), Problem> {
        let Some(signer) = self.locals.get(&group).map(Arc::clone) else {
            let detail = format!("the node does not sign for {group}");
            return Err(Problem::new(Code::NoSigner, detail));
        };
        let book = self.book(&space)?;
        let (at, previous) = self.next_place(book, group, draft.bytes.len());
        let key = signer.public().id();
        self.trust.key(&group, &key)?;
        if !self.trust.covers(&group, &key, &space, at) {
            let detail = "the group's card does not let this key sign there";
            return Err(Problem::new(Code::KeyRevoked, detail));
        }
        let audience = match draft.kind.reach() {
            Some(Reach::All) => Audience::All,
            Some(Reach::Coordinator) => Audience::Coordinator,
            Some(Reach::Named) => Audience::Groups(draft.readers.clone()),
            None if draft.readers.is_empty() => Audience::All,
            None => Audience::Groups(draft.readers.clone()),
        };
        let mut depends = draft.depends;
        if draft.kind.is_coordinator_s()
            && let Some(era) = book.eras(self.judge()).last()
            && !depends.contains(&era.record)
        {
            depends.push(era.record);
        }
        let body = Body {
            salt: (audience != Audience::All).then_some(draft.salt),
            bytes: draft.bytes,
        };
        body.check(&body.reference())?;
        let header = Header {
            version: Header::VERSION,
            space,
            author: group,
            generation: at.generation,
            sequence: at.sequence,
            previous,
            key,
            kind: draft.kind,
            entity: draft.entity,
            replaces: draft.replaces,
            depends,
            actor: draft.actor,
            time: draft.time,
            body: body.reference(),
            audience,
        };
        let payload = canonical::write(&header)?;
        Header::read(&payload)?;
        let envelope = Envelope::seal(PayloadType::Record, payload, signer.as_ref());
        self.keep_signed(Record::trusted(&Arc::new(envelope))?, body)
    }

    fn keep_signed(&mut self, record: Record, body: Body) -> Result<(RecordId, Effects), Problem> {
        let (id, at) = (record.id(), record.header().position());
        let (space, group) = (record.header().space, record.header().author);
        let last = LastSigned {
            space,
            group,
            at,
            record: id,
        };
        let mut effects = Effects::default();
        effects.keep(Entry::Signed(last));
        effects.keep(Entry::Record(Envelope::clone(record.envelope())));
        effects.keep(Entry::Body {
            space,
            record: id,
            body: body.clone(),
        });
        let (book, judge) = self.book_mut(&space)?;
        book.take(&Arc::new(record), judge)?;
        book.take_body(id, Arc::new(body), judge)?;
        self.last_signed.insert((space, group), last);
        Ok((id, effects))
    }

    /// Where a group's next record stands: after its head, if that is what this node signed last; else, and when
    /// that log was signed twice or has no room for so many bytes, at the beginning of a new generation.
    fn next_place(
        &self,
        book: &Book,
        group: GroupId,
        n_bytes: usize,
    ) -> (Position, Option<RecordId>) {
        let newest = book.newest_log(&group);
        let last = self.last_signed.get(&(book.space, group));
        let first = |generation| {
            let at = Position {
                generation,
                sequence: 0,
            };
            (at, None)
        };
        let after = |log: &Log| {
            let at = Position {
                generation: log.generation(),
                sequence: u64::try_from(log.chain().len()).unwrap_or(u64::MAX),
            };
            (at, log.head().map(|head| head.id()))
        };
        let begins = self.renewed.get(&(book.space, group)).copied();
        let begins = begins.unwrap_or(0);
        let renew = last.map_or(0, |last| last.at.generation) < begins;
        match (newest, last) {
            (Some(log), _) if self.checks.omit(Mutant::NoNewGeneration) => after(log),
            (Some(log), Some(last))
                if !renew
                    && last.at.generation == log.generation()
                    && log.fork().is_none()
                    && log.has_room(n_bytes)
                    && log.head().is_some_and(|head| head.id() == last.record) =>
            {
                after(log)
            }
            _ => first(self.next_generation(book, group).max(begins)),
        }
    }

    /// The first generation of which nothing is known; 0 when nothing is known at all.
    pub(crate) fn next_generation(&self, book: &Book, group: GroupId) -> u64 {
        let known = book.newest_log(&group).map(Log::generation);
        let last = self.last_signed.get(&(book.space, group));
        let signed = last.map(|last| last.at.generation);
        known
            .max(signed)
            .map_or(0, |newest| newest.saturating_add(1))
    }
}
