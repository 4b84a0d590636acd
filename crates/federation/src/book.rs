//! All that a node holds of one space: logs, bodies, and what follows from them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use crate::body::Body;
use crate::card::Trust;
use crate::content::{Carried, Content, SpaceCharter};
use crate::fold::{self, Fork, Scene, SharedState, Verdicts};
use crate::header::{Audience, Position};
use crate::ids::{GroupId, RecordId, Signature, SpaceId};
use crate::keys::Verifier;
use crate::kind::Kind;
use crate::log::{Log, LogOutcome};
use crate::mutant::Checks;
use crate::problem::{Code, Problem};
use crate::record::Record;
use crate::view::View;

/// What a book needs to judge.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(crate) trust: &'a Trust,
    pub(crate) verifier: &'a dyn Verifier,
    pub(crate) checks: Checks,
}

pub(crate) struct Book {
    pub(crate) space: SpaceId,
    pub(crate) founder: GroupId,
    pub(crate) logs: BTreeMap<(GroupId, u64), Log>,
    pub(crate) bodies: BTreeMap<RecordId, Arc<Body>>,
    pub(crate) erased: BTreeSet<RecordId>,
    /// Records that count and whose bodies are not here.
    pub(crate) bodiless: BTreeSet<RecordId>,
    /// Where each record that counts stands.
    pub(crate) places: BTreeMap<RecordId, (GroupId, Position)>,
    views: BTreeMap<GroupId, View>,
    unread: BTreeMap<RecordId, Problem>,
    /// Groups that some charter named, in effect or not: those whose records are taken.
    named: BTreeSet<GroupId>,
    /// Carried records whose signature was checked.
    proven: Mutex<BTreeSet<(RecordId, Signature)>>,
    state: OnceLock<SharedState>,
}

impl Book {
    pub(crate) fn new(space: SpaceId, founder: GroupId) -> Self {
        Self {
            space,
            founder,
            logs: BTreeMap::new(),
            bodies: BTreeMap::new(),
            erased: BTreeSet::new(),
            bodiless: BTreeSet::new(),
            places: BTreeMap::new(),
            views: BTreeMap::new(),
            unread: BTreeMap::new(),
            named: BTreeSet::from([founder]),
            proven: Mutex::new(BTreeSet::new()),
            state: OnceLock::new(),
        }
    }

    /// Whether records and cards of the group are taken here.
    pub(crate) fn names(&self, group: &GroupId) -> bool {
        self.named.contains(group)
    }

    pub(crate) fn record(&self, id: &RecordId) -> Option<&Arc<Record>> {
        let (author, at) = self.places.get(id)?;
        self.logs.get(&(*author, at.generation))?.at(at.sequence)
    }

    /// The newest of a group's logs in which something counts, or did until it was signed twice. What a thief signed
    /// in a log that no card covers is no log of the group's.
    pub(crate) fn newest_log(&self, author: &GroupId) -> Option<&Log> {
        let logs = self.logs.range((*author, 0)..=(*author, u64::MAX));
        let mut logs = logs.rev().map(|(_, log)| log);
        logs.find(|log| log.head().is_some() || log.fork().is_some())
    }

    pub(crate) fn log_mut(&mut self, author: GroupId, generation: u64) -> &mut Log {
        let space = self.space;
        let logs = &mut self.logs;
        logs.entry((author, generation))
            .or_insert_with(|| Log::new(space, author, generation))
    }

    pub(crate) fn take(&mut self, record: Record, judge: Judge<'_>) -> Result<LogOutcome, Problem> {
        let (author, generation) = (record.header().author, record.header().generation);
        let record = Arc::new(record);
        let log = self.log_mut(author, generation);
        let outcome = log.take(Arc::clone(&record), judge.trust, judge.checks);
        self.follow((author, generation), outcome, &record, judge)
    }

    pub(crate) fn take_evidence(
        &mut self,
        both: [Record; 2],
        judge: Judge<'_>,
    ) -> Result<LogOutcome, Problem> {
        let both = both.map(Arc::new);
        let one = Arc::clone(&both[0]);
        let (author, generation) = (one.header().author, one.header().generation);
        let log = self.log_mut(author, generation);
        let outcome = log.take_evidence(both, judge.trust, judge.checks);
        self.follow((author, generation), outcome, &one, judge)
    }

    fn follow(
        &mut self,
        log: (GroupId, u64),
        outcome: Result<LogOutcome, Problem>,
        record: &Arc<Record>,
        judge: Judge<'_>,
    ) -> Result<LogOutcome, Problem> {
        // A record that is refused leaves no log behind, whatever generation it names.
        let kept = self.logs.get(&log);
        if kept.is_some_and(|kept| kept.records().next().is_none()) {
            self.logs.remove(&log);
        }
        let outcome = outcome?;
        match outcome {
            LogOutcome::Known => {}
            LogOutcome::Appended => {
                self.place(record);
                self.read(record, judge);
                self.state = OnceLock::new();
            }
            LogOutcome::Changed => self.reread(record.header().author, judge),
        }
        Ok(outcome)
    }

    /// Keeps a record of this node's own store, to be settled when all of them are there.
    pub(crate) fn keep(&mut self, record: Record) {
        let (author, generation) = (record.header().author, record.header().generation);
        self.log_mut(author, generation).keep(Arc::new(record));
    }

    /// Takes a body of a record that counts. Returns whether it was new.
    pub(crate) fn take_body(
        &mut self,
        id: RecordId,
        body: Arc<Body>,
        judge: Judge<'_>,
    ) -> Result<bool, Problem> {
        let Some(record) = self.record(&id).cloned() else {
            let detail = format!("no record {id} counts here");
            return Err(Problem::new(Code::UnknownRecord, detail));
        };
        if self.bodies.contains_key(&id) || self.erased.contains(&id) {
            return Ok(false);
        }
        body.check(&record.header().body)?;
        self.bodies.insert(id, body);
        self.bodiless.remove(&id);
        self.read(&record, judge);
        self.state = OnceLock::new();
        Ok(true)
    }

    /// Forgets a body for ever; only one that not everybody may read, so that the shared state stays what it is.
    pub(crate) fn erase(&mut self, id: RecordId, judge: Judge<'_>) -> Result<bool, Problem> {
        let Some(record) = self.record(&id).cloned() else {
            let detail = format!("no record {id} counts here");
            return Err(Problem::new(Code::UnknownRecord, detail));
        };
        if record.header().audience == Audience::All {
            let detail = "everybody may read that body";
            return Err(Problem::new(Code::WrongAudience, detail));
        }
        self.bodies.remove(&id);
        self.bodiless.remove(&id);
        if !self.erased.insert(id) {
            return Ok(false);
        }
        self.reread(record.header().author, judge);
        Ok(true)
    }

    fn place(&mut self, record: &Record) {
        let id = record.id();
        let header = record.header();
        self.places.insert(id, (header.author, header.position()));
        if !self.bodies.contains_key(&id) && !self.erased.contains(&id) {
            self.bodiless.insert(id);
        }
    }

    fn read(&mut self, record: &Record, judge: Judge<'_>) {
        let Some(body) = self.bodies.get(&record.id()) else {
            return;
        };
        match Content::read(&record.header().kind, body) {
            Ok(content) => {
                if let Content::SpaceCharter(charter) = &content {
                    self.named.extend(members(charter));
                }
                let view = self.views.entry(record.header().author).or_default();
                view.take(record, content, judge.checks);
            }
            Err(problem) => {
                self.unread.insert(record.id(), problem);
            }
        }
    }

    /// Reads a group's logs from their beginnings, after what counts in them changed.
    fn reread(&mut self, author: GroupId, judge: Judge<'_>) {
        let gone: Vec<_> = self
            .places
            .iter()
            .filter(|(_, (of, _))| *of == author)
            .map(|(id, _)| *id)
            .collect();
        for id in gone {
            self.places.remove(&id);
            self.bodiless.remove(&id);
            self.unread.remove(&id);
        }
        self.views.insert(author, View::default());
        for record in self.counted(&author) {
            self.place(&record);
            self.read(&record, judge);
        }
        self.state = OnceLock::new();
    }

    fn counted(&self, author: &GroupId) -> Vec<Arc<Record>> {
        let logs = self.logs.range((*author, 0)..=(*author, u64::MAX));
        logs.flat_map(|(_, log)| log.chain()).cloned().collect()
    }

    /// A card came: what counts in the group's logs may be another now.
    pub(crate) fn settle(&mut self, author: GroupId, judge: Judge<'_>) {
        let mut changed = false;
        for (_, log) in self.logs.range_mut((author, 0)..=(author, u64::MAX)) {
            changed |= log.settle(judge.trust, judge.checks);
        }
        self.state = OnceLock::new();
        if changed {
            self.reread(author, judge);
        }
    }

    /// Settles and reads everything anew.
    pub(crate) fn settle_all(&mut self, judge: Judge<'_>) {
        let authors: BTreeSet<_> = self.logs.keys().map(|(author, _)| *author).collect();
        for author in authors {
            for (_, log) in self.logs.range_mut((author, 0)..=(author, u64::MAX)) {
                log.settle(judge.trust, judge.checks);
            }
            self.reread(author, judge);
        }
        self.name();
    }

    /// Whom a charter that was read once names stays named, also when the charter counts no longer: its author may
    /// have signed two, or the key be dead.
    fn name(&mut self) {
        let records = self.logs.values().flat_map(Log::records);
        for record in records.filter(|record| record.header().kind == Kind::SpaceCharter) {
            let body = self.bodies.get(&record.id());
            let content = body.map(|body| Content::read(&Kind::SpaceCharter, body));
            if let Some(Ok(Content::SpaceCharter(charter))) = content {
                self.named.extend(members(&charter));
            }
        }
    }

    pub(crate) fn forget_state(&mut self) {
        self.state = OnceLock::new();
    }

    pub(crate) fn forks(&self) -> Vec<Fork> {
        let forks = self.logs.iter().filter_map(|((group, generation), log)| {
            let sequence = log.fork()?;
            Some(Fork {
                group: *group,
                generation: *generation,
                sequence,
            })
        });
        forks.collect()
    }

    pub(crate) fn state(&self, judge: Judge<'_>) -> &SharedState {
        self.state
            .get_or_init(|| self.with_scene(&self.views, judge, fold::derive))
    }

    pub(crate) fn verdicts(&self, judge: Judge<'_>) -> Verdicts {
        self.with_scene(&self.views, judge, |scene| {
            fold::verdicts(scene, &self.unread)
        })
    }

    /// The state from nothing but the records that count and their bodies.
    pub(crate) fn full_fold(&self, judge: Judge<'_>) -> SharedState {
        let mut views: BTreeMap<GroupId, View> = BTreeMap::new();
        for log in self.logs.values().rev() {
            for record in log.chain().iter().rev() {
                let view = views.entry(record.header().author).or_default();
                let content = self.bodies.get(&record.id());
                let content = content.map(|body| Content::read(&record.header().kind, body));
                if let Some(Ok(content)) = content {
                    view.take(record, content, judge.checks);
                }
            }
        }
        self.with_scene(&views, judge, fold::derive)
    }

    pub(crate) const fn views(&self) -> &BTreeMap<GroupId, View> {
        &self.views
    }

    fn with_scene<T>(
        &self,
        views: &BTreeMap<GroupId, View>,
        judge: Judge<'_>,
        then: impl FnOnce(&Scene<'_>) -> T,
    ) -> T {
        let prove = |carried: &Carried| self.prove(carried, judge);
        then(&Scene {
            space: self.space,
            founder: self.founder,
            views,
            trust: judge.trust,
            forks: &self.forks(),
            prove: &prove,
            checks: judge.checks,
        })
    }

    /// Reads a carried record. Its signature is checked once; the very one that stands in a log was before.
    fn prove(&self, carried: &Carried, judge: Judge<'_>) -> Result<(Record, Content), Problem> {
        let record = Record::trusted(&carried.envelope)?;
        let proof = (record.id(), carried.envelope.signature);
        let in_log = self.record(&proof.0);
        // A poisoned lock means that another thread panicked; checking once more does no harm.
        let known = in_log.is_some_and(|known| *known.envelope() == carried.envelope)
            || self
                .proven
                .lock()
                .is_ok_and(|proven| proven.contains(&proof));
        if !known {
            Record::verify(&carried.envelope, judge.trust, judge.verifier)?;
            if let Ok(mut proven) = self.proven.lock() {
                proven.insert(proof);
            }
        }
        carried.body.check(&record.header().body)?;
        let content = Content::read(&record.header().kind, &carried.body)?;
        Ok((record, content))
    }
}

fn members(charter: &SpaceCharter) -> impl Iterator<Item = GroupId> {
    charter.members.iter().map(|member| member.group)
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let n_records: usize = self.logs.values().map(|log| log.chain().len()).sum();
        write!(f, "Book({:?}, {n_records} records)", self.space)
    }
}
