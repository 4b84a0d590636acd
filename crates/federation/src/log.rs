//! A group's records of one space and generation: a chain, and where it was signed twice.
//!
//! What counts is a function of the set of records and of the card in force, whatever came first: from the start,
//! at each place the one record that a living key signed and that names the one before. Where two were signed, the
//! log ends below, at every node alike, until the group's card names the one that counts. Above a chosen place only
//! records that follow it are looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::card::Trust;
use crate::header::{Header, Position};
use crate::ids::{GroupId, RecordId, SpaceId};
use crate::mutant::{Checks, Mutant};
use crate::problem::{Code, Problem};
use crate::record::Record;

/// What taking a record did to a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOutcome {
    /// It was there.
    Known,
    /// It is the newest.
    Appended,
    /// What counts is another now: everything that was read from the log is to be read anew.
    Changed,
}

/// A group's records of one space and generation.
#[derive(Clone, Debug)]
pub struct Log {
    space: SpaceId,
    author: GroupId,
    generation: u64,
    /// What counts, by sequence number.
    chain: Vec<Arc<Record>>,
    /// What is kept beside it: both sides of a fork, what follows it, what a dead key signed.
    side: BTreeMap<u64, Vec<Arc<Record>>>,
    /// The place that was signed twice, if the chain ends for that.
    fork: Option<u64>,
    /// How much of the quota the chain takes.
    weight: u64,
}

fn number(index: usize) -> u64 {
    u64::try_from(index).unwrap_or(u64::MAX)
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl Log {
    pub(crate) const fn new(space: SpaceId, author: GroupId, generation: u64) -> Self {
        Self {
            space,
            author,
            generation,
            chain: Vec::new(),
            side: BTreeMap::new(),
            fork: None,
            weight: 0,
        }
    }

    /// How many bytes of headers and bodies one log holds at most.
    pub const MAX_BYTES: u64 = 16 * 1024 * 1024;

    /// Whether a record with a body of so many bytes certainly has a place at the end of the log.
    pub(crate) fn has_room(&self, n_bytes: usize) -> bool {
        let record = number(Header::MAX_BYTES.saturating_add(n_bytes));
        self.weight.saturating_add(record) <= Self::MAX_BYTES
            && self.next_sequence() < Header::SEQUENCES
    }

    fn fits(&self, record: &Record) -> bool {
        self.weight.saturating_add(record.weight()) <= Self::MAX_BYTES
    }

    /// Whose log it is.
    #[must_use]
    pub const fn author(&self) -> GroupId {
        self.author
    }

    /// Which of the author's logs.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// The records that count, in order.
    #[must_use]
    pub fn chain(&self) -> &[Arc<Record>] {
        &self.chain
    }

    /// The last record that counts.
    #[must_use]
    pub fn head(&self) -> Option<&Arc<Record>> {
        self.chain.last()
    }

    /// The record that counts at a place.
    #[must_use]
    pub fn at(&self, sequence: u64) -> Option<&Arc<Record>> {
        self.chain.get(index(sequence))
    }

    /// The place at which the log ends because two records were signed for it.
    #[must_use]
    pub const fn fork(&self) -> Option<u64> {
        self.fork
    }

    /// Two records of the place at which the log ends, by the order of their ids.
    #[must_use]
    pub fn evidence(&self, trust: &Trust) -> Option<[Arc<Record>; 2]> {
        let mut both: Vec<_> = self
            .candidates(self.fork?)
            .filter(|record| self.is_alive(record, trust))
            .cloned()
            .collect();
        both.sort_by_key(|record| record.id());
        let mut both = both.into_iter();
        Some([both.next()?, both.next()?])
    }

    /// Everything that is kept.
    pub fn records(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.chain.iter().chain(self.side.values().flatten())
    }

    fn candidates(&self, sequence: u64) -> impl Iterator<Item = &Arc<Record>> {
        let side = self.side.get(&sequence).into_iter().flatten();
        self.at(sequence).into_iter().chain(side)
    }

    fn holds(&self, sequence: u64, id: RecordId) -> bool {
        self.candidates(sequence).any(|known| known.id() == id)
    }

    fn is_alive(&self, record: &Record, trust: &Trust) -> bool {
        let header: &Header = record.header();
        trust.covers(&self.author, &header.key, &self.space, header.position())
    }

    fn branch(&self, sequence: u64, trust: &Trust) -> Option<RecordId> {
        let at = Position {
            generation: self.generation,
            sequence,
        };
        trust.branch(&self.author, &self.space, at)
    }

    fn next_sequence(&self) -> u64 {
        number(self.chain.len())
    }

    /// Takes a record of this log.
    ///
    /// # Errors
    /// `key-revoked` when its key may not sign there; `log-gap` when something before it is missing or it follows
    /// another record than the one that counts; `fork-detected` at and above a place that was signed twice, and for
    /// a branch that was not chosen; `quota-exceeded` where the log is full.
    pub(crate) fn take(
        &mut self,
        record: Arc<Record>,
        trust: &Trust,
        checks: Checks,
    ) -> Result<LogOutcome, Problem> {
        let sequence = record.header().sequence;
        if self.holds(sequence, record.id()) {
            return Ok(LogOutcome::Known);
        }
        if !checks.omit(Mutant::DeadKeysCount) && !self.is_alive(&record, trust) {
            let detail = format!("the card in force lets no such key sign at {sequence}");
            return Err(Problem::new(Code::KeyRevoked, detail));
        }
        if self
            .branch(sequence, trust)
            .is_some_and(|chosen| chosen != record.id())
        {
            let detail = "the card in force chose another record of that place";
            return Err(Problem::new(Code::ForkDetected, detail));
        }
        let next = self.next_sequence();
        if sequence < next || self.fork == Some(sequence) {
            return self.take_rival(record, trust, checks);
        }
        if self.fork.is_some() {
            let detail = "the log was signed twice further down";
            return Err(Problem::new(Code::ForkDetected, detail));
        }
        if sequence > next {
            let detail = format!("{sequence} came where {next} is next");
            return Err(Problem::new(Code::LogGap, detail));
        }
        let previous = self.head().map(|head| head.id());
        if record.header().previous != previous && !checks.omit(Mutant::NoPreviousHash) {
            let detail = format!("{sequence} follows another record than the one that counts");
            return Err(Problem::new(Code::LogGap, detail));
        }
        if self.side.contains_key(&sequence) {
            return self.take_rival(record, trust, checks);
        }
        if !self.fits(&record) {
            let detail = format!("the log holds {} bytes", self.weight);
            return Err(Problem::new(Code::QuotaExceeded, detail));
        }
        self.weight += record.weight();
        self.chain.push(record);
        // Evidence may have come before what leads up to it.
        if self.side.contains_key(&self.next_sequence()) {
            self.settle(trust, checks);
            return Ok(LogOutcome::Changed);
        }
        Ok(LogOutcome::Appended)
    }

    /// Keeps a record of this node's own store; [`Log::settle`] finds what counts when all of them are there.
    pub(crate) fn keep(&mut self, record: Arc<Record>) {
        let at = record.header().sequence;
        if !self.holds(at, record.id()) {
            self.side.entry(at).or_default().push(record);
        }
    }

    /// Takes two records of one place, up to the one where the chain ends at the moment: further up they would mean
    /// nothing yet, and whoever has them offers them again.
    ///
    /// # Errors
    /// `evidence-invalid` unless both are different records of one place of this log; `key-revoked`; `log-gap` above
    /// the place where the next record will stand.
    pub(crate) fn take_evidence(
        &mut self,
        both: [Arc<Record>; 2],
        trust: &Trust,
        checks: Checks,
    ) -> Result<LogOutcome, Problem> {
        let [one, other] = &both;
        let place = one.header().position();
        if place != other.header().position() || one.id() == other.id() {
            let detail = "not two records of one place";
            return Err(Problem::new(Code::EvidenceInvalid, detail));
        }
        if !both.iter().all(|of| self.is_alive(of, trust)) {
            let detail = "the card in force lets one of the keys not sign there";
            return Err(Problem::new(Code::KeyRevoked, detail));
        }
        let forked = self.fork.is_some_and(|fork| fork <= place.sequence);
        if forked || self.branch(place.sequence, trust).is_some() {
            return Ok(LogOutcome::Known);
        }
        if place.sequence > self.next_sequence() {
            let detail = format!(
                "{} was signed twice, {} is next",
                place.sequence,
                self.next_sequence()
            );
            return Err(Problem::new(Code::LogGap, detail));
        }
        let new: Vec<_> = both
            .into_iter()
            .filter(|record| !self.holds(place.sequence, record.id()))
            .collect();
        let ids: Vec<_> = new.iter().map(|record| record.id()).collect();
        self.side.entry(place.sequence).or_default().extend(new);
        if self.settle(trust, checks) {
            return Ok(LogOutcome::Changed);
        }
        self.forget(place.sequence, &ids);
        Ok(LogOutcome::Known)
    }

    /// What came and changes nothing is not kept, so that nobody can fill a node's memory with rivals.
    fn forget(&mut self, sequence: u64, ids: &[RecordId]) {
        if let Some(side) = self.side.get_mut(&sequence) {
            side.retain(|known| !ids.contains(&known.id()));
            if side.is_empty() {
                self.side.remove(&sequence);
            }
        }
    }

    /// A second record at a place: it ends the log there, unless the card chose one of them, or one below that this
    /// record does not follow.
    fn take_rival(
        &mut self,
        record: Arc<Record>,
        trust: &Trust,
        checks: Checks,
    ) -> Result<LogOutcome, Problem> {
        let sequence = record.header().sequence;
        let refused = |detail: &str| Err(Problem::new(Code::ForkDetected, detail));
        if checks.omit(Mutant::FirstBranchWins) {
            return refused("another record stands there");
        }
        let id = record.id();
        let before = (self.fork, self.chain.len());
        self.side.entry(sequence).or_default().push(record);
        self.settle(trust, checks);
        let counts = self.at(sequence).is_some_and(|known| known.id() == id);
        if counts || before != (self.fork, self.chain.len()) {
            return Ok(LogOutcome::Changed);
        }
        self.forget(sequence, &[id]);
        refused("two records of that place are known, or another was chosen below")
    }

    /// Finds what counts anew, of all that is kept, by the card in force. Returns whether that is another now.
    pub(crate) fn settle(&mut self, trust: &Trust, checks: Checks) -> bool {
        let ids = |log: &Self| -> Vec<RecordId> { log.chain.iter().map(|of| of.id()).collect() };
        let before = (ids(self), self.fork);
        let mut kept = std::mem::take(&mut self.side);
        for record in self.chain.drain(..) {
            kept.entry(record.header().sequence)
                .or_default()
                .push(record);
        }
        self.fork = None;
        self.weight = 0;
        let mut chosen_below = false;
        loop {
            let sequence = self.next_sequence();
            let previous = self.head().map(|head| head.id());
            let at = kept.get(&sequence).map_or(&[][..], Vec::as_slice);
            let living: Vec<_> = at
                .iter()
                .filter(|of| checks.omit(Mutant::DeadKeysCount) || self.is_alive(of, trust))
                .collect();
            let follows = |of: &Record| of.header().previous == previous;
            let next = if let Some(choice) = self.branch(sequence, trust) {
                // Nothing else counts there, also while the chosen record is still to come.
                chosen_below = true;
                let mut chosen = living.iter().filter(|of| of.id() == choice);
                chosen.find(|of| follows(of)).copied()
            } else {
                let mut rivals = living.into_iter().filter(|of| !chosen_below || follows(of));
                match (rivals.next(), rivals.next()) {
                    (Some(_), Some(_)) => {
                        self.fork = Some(sequence);
                        None
                    }
                    (Some(only), None) if follows(only) || checks.omit(Mutant::NoPreviousHash) => {
                        Some(only)
                    }
                    _ => None,
                }
            };
            let Some(next) = next.filter(|next| self.fits(next)).map(Arc::clone) else {
                break;
            };
            if let Some(at) = kept.get_mut(&sequence) {
                at.retain(|of| of.id() != next.id());
            }
            self.weight += next.weight();
            self.chain.push(next);
        }
        kept.retain(|_, at| !at.is_empty());
        self.side = kept;
        before != (ids(self), self.fork)
    }
}
