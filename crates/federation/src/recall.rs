//! What a fold worked out once and need not work out again, because it depends on nothing but bytes that have a name:
//! carried records that were proven, the slices of a plan, the hashes of its parts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use meridian_model::GroupId as Handle;

use crate::card::Trust;
use crate::content::{Carried, Content, Part, PlanRevision};
use crate::ids::{GroupId, KeyId, PartHash, RecordId, Signature, SliceHash};
use crate::keys::Verifier;
use crate::problem::Problem;
use crate::record::Record;
use crate::slice;

/// A record that came inside another, and what it says.
pub(crate) type Proof = Arc<(Record, Content)>;

/// What each group that is in a plan consents to.
pub(crate) type Slices = Arc<BTreeMap<GroupId, SliceHash>>;

/// Whose each part of a plan is, and its hash.
pub(crate) type Parts = Arc<BTreeMap<Part, (Handle, PartHash)>>;

/// The whole of an envelope, by names.
type Sealed = (RecordId, KeyId, Signature);

type Kept<K, T> = Mutex<BTreeMap<K, T>>;

/// Results by what they depend on.
#[derive(Default)]
pub(crate) struct Recall {
    proofs: Kept<Sealed, Proof>,
    /// Envelopes whose signature was checked; what is inside may be wrong all the same.
    signed: Mutex<BTreeSet<Sealed>>,
    /// Envelopes whose signature did not fit, by the cards that are known now.
    unsigned: Kept<Sealed, Problem>,
    slices: Kept<(RecordId, RecordId), Result<Slices, Problem>>,
    parts: Kept<RecordId, Result<Parts, Problem>>,
}

/// What is kept under a key, or else made and kept. A poisoned lock means that another thread panicked; making it once
/// more does no harm.
fn recalled<K: Ord, T: Clone>(kept: &Kept<K, T>, key: K, make: impl FnOnce() -> T) -> T {
    if let Some(known) = kept.lock().ok().and_then(|kept| kept.get(&key).cloned()) {
        return known;
    }
    let made = make();
    if let Ok(mut kept) = kept.lock() {
        kept.insert(key, made.clone());
    }
    made
}

impl Recall {
    /// Cards changed: a signature that did not fit may fit now.
    pub(crate) fn forget_refusals(&mut self) {
        if let Ok(unsigned) = self.unsigned.get_mut() {
            unsigned.clear();
        }
    }

    /// Reads a carried record and checks its signature and body. Whoever has the very envelope in a log knows that its
    /// signature fits.
    pub(crate) fn prove(
        &self,
        carried: &Carried,
        in_log: impl FnOnce(&RecordId) -> bool,
        trust: &Trust,
        verifier: &dyn Verifier,
    ) -> Result<Proof, Problem> {
        let envelope = &carried.envelope;
        let id = RecordId::of(&envelope.payload);
        let sealed = (id, envelope.key, envelope.signature);
        let known = self.proofs.lock().ok();
        let known = known.and_then(|proofs| proofs.get(&sealed).cloned());
        if let Some(proof) = known
            && envelope.payload_type == proof.0.envelope().payload_type
        {
            carried.body.check(&proof.0.header().body)?;
            return Ok(proof);
        }
        let record = Record::trusted(envelope)?;
        if !self.is_signed(&sealed) {
            if !in_log(&id) {
                self.refusal(sealed, || record.check(trust, verifier).err())?;
            }
            if let Ok(mut signed) = self.signed.lock() {
                signed.insert(sealed);
            }
        }
        carried.body.check(&record.header().body)?;
        let content = Content::read(&record.header().kind, &carried.body)?;
        let proof = Arc::new((record, content));
        if let Ok(mut proofs) = self.proofs.lock() {
            proofs.insert(sealed, Arc::clone(&proof));
        }
        Ok(proof)
    }

    fn is_signed(&self, sealed: &Sealed) -> bool {
        let signed = self.signed.lock();
        signed.is_ok_and(|signed| signed.contains(sealed))
    }

    fn refusal(
        &self,
        sealed: Sealed,
        check: impl FnOnce() -> Option<Problem>,
    ) -> Result<(), Problem> {
        let known = self.unsigned.lock().ok();
        if let Some(known) = known.and_then(|unsigned| unsigned.get(&sealed).cloned()) {
            return Err(known);
        }
        let Some(problem) = check() else {
            return Ok(());
        };
        if let Ok(mut unsigned) = self.unsigned.lock() {
            unsigned.insert(sealed, problem.clone());
        }
        Err(problem)
    }

    /// The slices of a revision, under the charter of an era.
    pub(crate) fn slices(
        &self,
        (revision, era): (RecordId, RecordId),
        make: impl FnOnce() -> Result<Slices, Problem>,
    ) -> Result<Slices, Problem> {
        recalled(&self.slices, (revision, era), make)
    }

    /// The parts of a revision.
    pub(crate) fn parts(&self, revision: RecordId, plan: &PlanRevision) -> Result<Parts, Problem> {
        recalled(&self.parts, revision, || slice::parts(plan).map(Arc::new))
    }
}
