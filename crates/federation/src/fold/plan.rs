//! Briefs, plans and their certificates.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Era, Ruled, Scene, ruled};
use crate::content::{
    Answer, Carried, Content, EventBrief, PlanCancel, PlanPublish, PlanRevision, Subject,
};
use crate::ids::{GroupId, RecordId, SliceHash};
use crate::mutant::Mutant;
use crate::problem::{Code, Problem};
use crate::recall::Slices;
use crate::slice::Slice;
use crate::view::Said;

/// A plan that was proposed and can be published.
#[derive(Debug)]
pub(crate) struct Proposed<'a> {
    pub(crate) ruled: Ruled<'a, PlanRevision>,
    /// What each group that is in the plan consents to.
    pub(crate) slices: Slices,
}

/// What the coordinators said about plans.
#[derive(Debug)]
pub(crate) struct Plans<'a> {
    pub(crate) briefs: Vec<Ruled<'a, EventBrief>>,
    /// In order, those that are whole.
    pub(crate) proposed: Vec<Proposed<'a>>,
    /// Every publication that ever was in force, the last one last.
    pub(crate) published: Vec<Ruled<'a, PlanPublish>>,
    /// The one in force; none before the first, and after a cancellation.
    pub(crate) in_force: Option<RecordId>,
    /// Why coordinators' records about plans have no effect.
    pub(crate) refused: BTreeMap<RecordId, Problem>,
}

impl<'a> Plans<'a> {
    pub(crate) fn brief(&self, record: &RecordId) -> Option<&Ruled<'a, EventBrief>> {
        self.briefs.iter().find(|of| of.said.record == *record)
    }

    pub(crate) fn proposal(&self, record: &RecordId) -> Option<&Proposed<'a>> {
        let mut proposed = self.proposed.iter();
        proposed.find(|of| of.ruled.said.record == *record)
    }

    /// The publication in force, and its plan.
    pub(crate) fn in_force(&self) -> Option<(&Ruled<'a, PlanPublish>, &Proposed<'a>)> {
        let publish = self.published.last()?;
        let is_in_force = self.in_force == Some(publish.said.record);
        let proposal = self.proposal(&publish.said.what.revision)?;
        is_in_force.then_some((publish, proposal))
    }
}

enum Step<'a> {
    Publish(Ruled<'a, PlanPublish>),
    Cancel(Ruled<'a, PlanCancel>),
}

pub(super) fn plans<'a>(scene: &Scene<'a>, eras: &[Era]) -> Plans<'a> {
    let mut plans = Plans {
        briefs: ruled(scene, eras, |view| &view.briefs),
        proposed: Vec::new(),
        published: Vec::new(),
        in_force: None,
        refused: BTreeMap::new(),
    };
    for ruled in ruled(scene, eras, |view| &view.revisions) {
        let record = ruled.said.record;
        match slices(scene, &eras[ruled.era], &plans, ruled.said) {
            Ok(slices) => plans.proposed.push(Proposed { ruled, slices }),
            Err(problem) => {
                plans.refused.insert(record, problem);
            }
        }
    }
    let publications = ruled(scene, eras, |view| &view.publications);
    let cancellations = ruled(scene, eras, |view| &view.cancellations);
    let mut steps: Vec<_> = publications
        .into_iter()
        .map(|of| ((of.era, of.said.at), Step::Publish(of)))
        .chain(
            cancellations
                .into_iter()
                .map(|of| ((of.era, of.said.at), Step::Cancel(of))),
        )
        .collect();
    steps.sort_by_key(|(place, _)| *place);
    for (_, step) in steps {
        match step {
            Step::Publish(of) => match certified(scene, eras, &plans, &of) {
                Ok(()) => {
                    plans.in_force = Some(of.said.record);
                    plans.published.push(of);
                }
                Err(problem) => {
                    plans.refused.insert(of.said.record, problem);
                }
            },
            Step::Cancel(of) => {
                if plans.in_force == Some(of.said.what.publish) && scene.is_heard(&of.author) {
                    plans.in_force = None;
                } else {
                    let detail = "that plan is not in force";
                    let problem = Problem::new(Code::Superseded, detail);
                    plans.refused.insert(of.said.record, problem);
                }
            }
        }
    }
    plans
}

/// The slices of a plan that is whole: of a known brief and on its cells, for members only, with every id once.
fn slices(
    scene: &Scene<'_>,
    era: &Era,
    plans: &Plans<'_>,
    said: &Said<PlanRevision>,
) -> Result<Slices, Problem> {
    let Some(brief) = plans.brief(&said.what.brief) else {
        let detail = "its brief is not one of the coordinator's";
        return Err(Problem::new(Code::UnknownRecord, detail));
    };
    let horizon = brief.said.what.horizon;
    if horizon.is_some_and(|horizon| !said.what.is_on_cells_of(&horizon)) {
        let detail = "something in it does not lie on cells of its brief's horizon";
        return Err(Problem::new(Code::Malformed, detail));
    }
    let key = (said.record, era.record);
    scene.recall.slices(key, || cut(scene, era, said))
}

fn cut(scene: &Scene<'_>, era: &Era, said: &Said<PlanRevision>) -> Result<Slices, Problem> {
    let plan = &said.what;
    let parts = scene.recall.parts(said.record, plan)?;
    let sessions: BTreeSet<_> = plan.sessions.iter().map(|of| &of.id).collect();
    let twice =
        parts.len() < plan.blocks.len() + plan.seats.len() || sessions.len() < plan.sessions.len();
    if twice {
        let detail = "a block, seat or session stands in it twice";
        return Err(Problem::new(Code::Malformed, detail));
    }
    let blocks = plan.blocks.iter().map(|of| &of.group);
    let seats = plan.seats.iter().map(|of| &of.group);
    let sessions = plan.sessions.iter().filter_map(|of| of.group.as_ref());
    let handles: BTreeSet<_> = blocks.chain(seats).chain(sessions).collect();
    let mut slices = BTreeMap::new();
    for handle in handles {
        let Some(group) = era.group(handle) else {
            let detail = format!("{handle} is no member");
            return Err(Problem::new(Code::NotAMember, detail));
        };
        let hash = Slice::of(scene.space, group, handle, plan).hash()?;
        slices.insert(group, hash);
    }
    Ok(Arc::new(slices))
}

/// Checks a publication in this order: what it follows, its revision, every accept, missing ones, the quorum.
fn certified(
    scene: &Scene<'_>,
    eras: &[Era],
    plans: &Plans<'_>,
    of: &Ruled<'_, PlanPublish>,
) -> Result<(), Problem> {
    let publish = &of.said.what;
    if publish.replaces != plans.in_force {
        let detail = "it does not follow the plan in force";
        return Err(Problem::new(Code::Superseded, detail));
    }
    let Some(proposal) = plans.proposal(&publish.revision) else {
        let detail = "its revision is not a whole plan of the coordinator's";
        return Err(Problem::new(Code::UnknownRecord, detail));
    };
    let era = &eras[of.era];
    let slices = slices(scene, era, plans, proposal.ruled.said)?;
    if scene.checks.omit(Mutant::CertificateUnchecked) {
        return Ok(());
    }
    let mut accepted = BTreeSet::new();
    for carried in &publish.accepts {
        accepted.insert(accepts(scene, &slices, carried)?);
    }
    if let Some(missing) = slices.keys().find(|group| !accepted.contains(group)) {
        let detail = format!("no accept of {missing}");
        return Err(Problem::new(Code::AcceptMissing, detail));
    }
    let before = plans.published.last();
    let before = before.and_then(|before| plans.proposal(&before.said.what.revision));
    let brief = |of: &Proposed<'_>| {
        plans
            .brief(&of.ruled.said.what.brief)
            .map(|brief| Arc::clone(&brief.said.what))
    };
    let restructured = match (before.and_then(brief), brief(proposal)) {
        (Some(before), Some(after)) => after.is_restructured(&before),
        _ => false,
    };
    if restructured {
        let subject = Subject::Brief(proposal.ruled.said.what.brief);
        quorum(scene, era, subject, &publish.endorsements)?;
    }
    Ok(())
}

/// The group whose accept of its slice this is.
fn accepts(
    scene: &Scene<'_>,
    slices: &BTreeMap<GroupId, SliceHash>,
    carried: &Carried,
) -> Result<GroupId, Problem> {
    let proof = scene.carried(carried)?;
    let (record, content) = proof.as_ref();
    let author = record.header().author;
    let Content::PlanResponse(response) = content else {
        let detail = "a carried record is no answer";
        return Err(Problem::new(Code::CertificateInvalid, detail));
    };
    let Some(slice) = slices.get(&author) else {
        let detail = format!("{author} is not in the plan");
        return Err(Problem::new(Code::CertificateInvalid, detail));
    };
    if response.answer != Answer::Accept {
        let detail = format!("{author} did not accept");
        return Err(Problem::new(Code::AcceptMissing, detail));
    }
    if response.slice != *slice && !scene.checks.omit(Mutant::AcceptUnbound) {
        let detail = format!("{author} accepted another slice");
        return Err(Problem::new(Code::StaleSlice, detail));
    }
    Ok(author)
}

fn quorum(
    scene: &Scene<'_>,
    era: &Era,
    subject: Subject,
    endorsements: &[Carried],
) -> Result<(), Problem> {
    let mut endorsers = BTreeSet::from([era.charter.coordinator]);
    for carried in endorsements {
        let proof = scene.carried(carried)?;
        let (record, content) = proof.as_ref();
        if let Content::CharterEndorse(what) = content
            && what.subject == subject
            && era.handle(&record.header().author).is_some()
        {
            endorsers.insert(record.header().author);
        }
    }
    if endorsers.len() < era.quorum() {
        let detail = format!(
            "{} of {} endorsements of the brief",
            endorsers.len(),
            era.quorum()
        );
        return Err(Problem::new(Code::QuorumShort, detail));
    }
    Ok(())
}
