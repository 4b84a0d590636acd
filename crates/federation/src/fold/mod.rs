//! The fold: from the set of records that count to what everybody sees. Pure, and blind to the order of arrival and
//! to every clock: equal sets give equal state.
//!
//! [`derive`] reads the groups' [`View`]s, which grow record by record; so a full fold and one that grew give the
//! same, and the tests hold them against each other.

mod charter;
mod custody;
mod plan;
mod state;
mod verdict;

use std::collections::BTreeMap;

pub use charter::Era;
pub use state::{
    Custody, Fork, InForce, Membership, Proposal, Published, Roster, SharedState, SliceAnswer,
    Stage, Standing, TakesPart,
};
pub use verdict::Verdicts;

use crate::card::Trust;
use crate::content::Carried;
use crate::ids::{GroupId, RecordId, SpaceId};
use crate::mutant::{Checks, Mutant};
use crate::problem::{Code, Problem};
use crate::recall::{Proof, Recall};
use crate::view::{Said, View};

/// Tells whether a record that is carried inside another was signed by its author, and reads it.
pub(crate) type Prove<'a> = dyn Fn(&Carried) -> Result<Proof, Problem> + 'a;

/// What a fold reads.
pub(crate) struct Scene<'a> {
    pub(crate) space: SpaceId,
    pub(crate) founder: GroupId,
    pub(crate) views: &'a BTreeMap<GroupId, View>,
    pub(crate) trust: &'a Trust,
    pub(crate) forks: &'a [Fork],
    pub(crate) prove: &'a Prove<'a>,
    pub(crate) recall: &'a Recall,
    pub(crate) checks: Checks,
}

impl Scene<'_> {
    fn view(&self, group: &GroupId) -> Option<&View> {
        self.views.get(group)
    }

    /// Whether the group's word counts where nobody else consented to it.
    fn is_heard(&self, group: &GroupId) -> bool {
        let left = self.view(group).and_then(|view| view.membership);
        !self.trust.is_suspended(group) && left.is_none_or(|(_, joined)| joined)
    }

    /// A carried record of this space that a living key signed: it counts whatever became of its author's log.
    fn carried(&self, carried: &Carried) -> Result<Proof, Problem> {
        let proof = (self.prove)(carried)?;
        let header = proof.0.header();
        if header.space != self.space {
            let detail = "a carried record is of another space";
            return Err(Problem::new(Code::WrongSpace, detail));
        }
        let alive = self
            .trust
            .covers(&header.author, &header.key, &self.space, header.position());
        if !alive && !self.checks.omit(Mutant::DeadKeysCount) {
            let detail = format!("the key of {} may not sign there", header.author);
            return Err(Problem::new(Code::KeyRevoked, detail));
        }
        Ok(proof)
    }
}

/// A statement of a coordinator, in the era that it belongs to.
#[derive(Debug)]
pub(crate) struct Ruled<'a, T> {
    pub(crate) era: usize,
    pub(crate) author: GroupId,
    pub(crate) said: &'a Said<T>,
}

/// What is in force: the eras, and what their coordinators said, in order.
pub(crate) struct Fold<'a> {
    pub(crate) scene: &'a Scene<'a>,
    pub(crate) eras: &'a [Era],
    pub(crate) plans: plan::Plans<'a>,
    pub(crate) custody: BTreeMap<crate::content::Part, Custody>,
}

impl<'a> Fold<'a> {
    pub(crate) fn of(scene: &'a Scene<'a>, eras: &'a [Era]) -> Self {
        let plans = plan::plans(scene, eras);
        let custody = custody::custody(scene, eras, &plans);
        Self {
            scene,
            eras,
            plans,
            custody,
        }
    }
}

/// Everything that the coordinators said of one kind, by era and place.
pub(crate) fn ruled<'a, T>(
    scene: &Scene<'a>,
    eras: &[Era],
    pick: impl Fn(&'a View) -> &'a BTreeMap<crate::header::Position, Said<T>>,
) -> Vec<Ruled<'a, T>> {
    let mut all = Vec::new();
    for (author, view) in scene.views {
        for said in pick(view).values() {
            if let Ok(era) = charter::era_of(eras, author, said.at, &said.depends) {
                all.push(Ruled {
                    era,
                    author: *author,
                    said,
                });
            }
        }
    }
    all.sort_by_key(|ruled| (ruled.era, ruled.said.at));
    all
}

/// The charters in effect, the first one first.
pub(crate) fn eras(scene: &Scene<'_>) -> Vec<Era> {
    charter::eras(scene)
}

/// The state that everybody with these records sees, of the eras that they give.
pub(crate) fn derive(scene: &Scene<'_>, eras: &[Era]) -> SharedState {
    let fold = Fold::of(scene, eras);
    state::assemble(&fold)
}

/// Why records that are in logs have no effect.
pub(crate) fn verdicts(
    scene: &Scene<'_>,
    eras: &[Era],
    unread: &BTreeMap<RecordId, Problem>,
) -> Verdicts {
    let fold = Fold::of(scene, eras);
    verdict::verdicts(&fold, unread)
}
