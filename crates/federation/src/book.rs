//! All that a node holds of one space: logs, bodies, and what follows from them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::body::Body;
use crate::card::Trust;
use crate::content::{Carried, Content};
use crate::derived::Derived;
use crate::fold::{self, Era, Fork, Scene, SharedState, Verdicts};
use crate::header::{Audience, Position};
use crate::ids::{GroupId, RecordId, SpaceId, StateDigest};
use crate::keys::Verifier;
use crate::kind::{Bearing, Kind};
use crate::log::{Log, LogOutcome};
use crate::mutant::Checks;
use crate::names::Names;
use crate::problem::{Code, Problem};
use crate::recall::Recall;
use crate::record::Record;
use crate::sync::Have;
use crate::view::View;
use crate::wanting::Wanting;

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
    pub(crate) wanting: Wanting,
    /// Where each record that counts stands.
    pub(crate) places: BTreeMap<RecordId, (GroupId, Position)>,
    views: BTreeMap<GroupId, View>,
    unread: BTreeMap<RecordId, Problem>,
    names: Names,
    recall: Recall,
    derived: Derived,
}

impl Book {
    pub(crate) fn new(space: SpaceId, founder: GroupId) -> Self {
        Self {
            space,
            founder,
            logs: BTreeMap::new(),
            bodies: BTreeMap::new(),
            erased: BTreeSet::new(),
            wanting: Wanting::default(),
            places: BTreeMap::new(),
            views: BTreeMap::new(),
            unread: BTreeMap::new(),
            names: Names::of(founder),
            recall: Recall::default(),
            derived: Derived::default(),
        }
    }

    /// Whether charters of the group name others.
    pub(crate) fn is_namer(&self, group: &GroupId) -> bool {
        self.names.is_namer(group)
    }

    /// Whether records and cards of the group are taken here.
    pub(crate) fn names(&self, group: &GroupId) -> bool {
        self.names.holds(group)
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

    pub(crate) fn take(
        &mut self,
        record: &Arc<Record>,
        judge: Judge<'_>,
    ) -> Result<LogOutcome, Problem> {
        let (author, generation) = (record.header().author, record.header().generation);
        let log = self.log_mut(author, generation);
        let outcome = log.take(Arc::clone(record), judge.trust, judge.checks);
        self.follow((author, generation), outcome, record, judge)
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
                self.derived.forget(Bearing::Nothing);
                self.read(record, judge);
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
        self.wanting.remove(&record);
        self.derived.forget(Bearing::Nothing);
        self.read(&record, judge);
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
        self.wanting.remove(&record);
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
            self.wanting.insert(record);
        }
    }

    fn read(&mut self, record: &Record, judge: Judge<'_>) {
        let Some(body) = self.bodies.get(&record.id()) else {
            return;
        };
        let kind = &record.header().kind;
        match Content::read(kind, body) {
            Ok(content) => {
                self.derived.forget(kind.bearing());
                if let Content::SpaceCharter(charter) = &content {
                    self.names.hear(record, charter);
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
        let logs = self.logs.range((author, 0)..=(author, u64::MAX));
        let kept: Vec<_> = logs.flat_map(|(_, log)| log.records()).cloned().collect();
        for record in kept {
            let id = record.id();
            if self.places.remove(&id).is_some() {
                self.wanting.remove(&record);
                self.unread.remove(&id);
            }
        }
        self.views.insert(author, View::default());
        for record in self.counted(&author) {
            self.place(&record);
            self.read(&record, judge);
        }
        self.derived.forget(Bearing::Charters);
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
        self.cards_changed();
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
        self.cards_changed();
    }

    /// Whom a charter that was read once names stays named, also when the charter counts no longer: its author may
    /// have signed two, or the key be dead.
    fn name(&mut self) {
        let names = &mut self.names;
        let records = self.logs.values().flat_map(Log::records);
        for record in records.filter(|record| record.header().kind == Kind::SpaceCharter) {
            let body = self.bodies.get(&record.id());
            let content = body.map(|body| Content::read(&Kind::SpaceCharter, body));
            if let Some(Ok(Content::SpaceCharter(charter))) = content {
                names.hear(record, &charter);
            }
        }
    }

    /// Whose key may sign where is another now.
    pub(crate) fn cards_changed(&mut self) {
        self.recall.forget_refusals();
        self.derived.forget(Bearing::Charters);
    }

    /// For whom the node signs is another now.
    pub(crate) fn locals_changed(&mut self) {
        self.derived.forget(Bearing::Nothing);
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

    /// The charters in effect, the first one first.
    pub(crate) fn eras(&self, judge: Judge<'_>) -> &[Era] {
        self.derived
            .eras
            .get_or_init(|| self.with_scene(&self.views, &self.recall, judge, fold::eras))
    }

    /// Who decides: the coordinator by the charter in effect, or whoever opened the space.
    pub(crate) fn coordinator(&self, judge: Judge<'_>) -> GroupId {
        let era = self.eras(judge).last();
        era.map_or(self.founder, |era| era.charter.coordinator)
    }

    pub(crate) fn state(&self, judge: Judge<'_>) -> &SharedState {
        self.derived.state.get_or_init(|| {
            let eras = self.eras(judge);
            self.with_scene(&self.views, &self.recall, judge, |scene| {
                fold::derive(scene, eras)
            })
        })
    }

    pub(crate) fn state_digest(&self, judge: Judge<'_>) -> StateDigest {
        let digest = &self.derived.state_digest;
        *digest.get_or_init(|| self.state(judge).digest())
    }

    /// What is had, as `make` puts it together of what else the node knows.
    pub(crate) fn have(&self, make: impl FnOnce() -> Have) -> &Have {
        self.derived.have.get_or_init(make)
    }

    pub(crate) fn heads_digest(
        &self,
        make: impl FnOnce() -> Result<StateDigest, Problem>,
    ) -> Result<StateDigest, Problem> {
        if let Some(digest) = self.derived.heads_digest.get() {
            return Ok(*digest);
        }
        make().map(|digest| *self.derived.heads_digest.get_or_init(|| digest))
    }

    pub(crate) fn verdicts(&self, judge: Judge<'_>) -> Verdicts {
        let eras = self.eras(judge);
        self.with_scene(&self.views, &self.recall, judge, |scene| {
            fold::verdicts(scene, eras, &self.unread)
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
        self.with_scene(&views, &Recall::default(), judge, |scene| {
            fold::derive(scene, &fold::eras(scene))
        })
    }

    pub(crate) const fn views(&self) -> &BTreeMap<GroupId, View> {
        &self.views
    }

    fn with_scene<T>(
        &self,
        views: &BTreeMap<GroupId, View>,
        recall: &Recall,
        judge: Judge<'_>,
        then: impl FnOnce(&Scene<'_>) -> T,
    ) -> T {
        let prove = |carried: &Carried| {
            let in_log = |id: &RecordId| {
                let known = self.record(id);
                known.is_some_and(|known| *known.envelope() == carried.envelope)
            };
            recall.prove(carried, in_log, judge.trust, judge.verifier)
        };
        then(&Scene {
            space: self.space,
            founder: self.founder,
            views,
            trust: judge.trust,
            forks: &self.forks(),
            prove: &prove,
            recall,
            checks: judge.checks,
        })
    }
}

impl std::fmt::Debug for Book {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let n_records: usize = self.logs.values().map(|log| log.chain().len()).sum();
        write!(f, "Book({:?}, {n_records} records)", self.space)
    }
}
