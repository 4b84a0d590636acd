//! Custody of the parts of the plan in force: one custodian for each part and epoch, because each epoch has one
//! writer: the custodian before it, or the coordinator.

use std::collections::BTreeMap;

use super::{Custody, Era, Ruled, Scene, plan::Plans, ruled};
use crate::content::{Content, CustodyCommit, CustodyOffer, CustodyReclaim, Epoch, Part};
use crate::ids::{GroupId, PartHash};
use crate::mutant::Mutant;
use crate::view::{Said, View};

pub(super) fn custody(
    scene: &Scene<'_>,
    eras: &[Era],
    plans: &Plans<'_>,
) -> BTreeMap<Part, Custody> {
    let Some((publish, proposal)) = plans.in_force() else {
        return BTreeMap::new();
    };
    let era = &eras[publish.era];
    let said = proposal.ruled.said;
    let Ok(parts) = scene.recall.parts(said.record, &said.what) else {
        return BTreeMap::new();
    };
    let reclaims: Vec<_> = ruled(scene, eras, |view| &view.reclaims)
        .into_iter()
        .filter(|reclaim| scene.is_heard(&reclaim.author))
        .collect();
    let mut held = BTreeMap::new();
    for (part, (handle, stands)) in parts.iter() {
        if let Some(owner) = era.group(handle) {
            let custody = hold(scene, era, (part, *stands), owner, &reclaims);
            held.insert(part.clone(), custody);
        }
    }
    held
}

/// Who held a part in each epoch.
fn hold(
    scene: &Scene<'_>,
    era: &Era,
    (part, stands): (&Part, PartHash),
    owner: GroupId,
    reclaims: &[Ruled<'_, CustodyReclaim>],
) -> Custody {
    let mut epoch = Epoch::default();
    let mut custodian = owner;
    let mut history = vec![(epoch, custodian)];
    loop {
        while let Some(to) = handed_on(scene, era, (part, stands), epoch, custodian) {
            epoch.swaps += 1;
            custodian = to;
            history.push((epoch, custodian));
        }
        let next = epoch.reclaims + 1;
        let reclaim = reclaims.iter().find(|of| {
            let what = &of.said.what;
            what.part == *part
                && what.stands == stands
                && what.reclaims == next
                && era.handle(&what.to).is_some()
        });
        let Some(reclaim) = reclaim else { break };
        epoch = Epoch {
            reclaims: next,
            swaps: 0,
        };
        custodian = reclaim.said.what.to;
        history.push((epoch, custodian));
    }
    Custody {
        stands,
        epoch,
        custodian,
        history,
    }
}

/// To whom the custodian of an epoch handed the part on, by the first of her commitments.
fn handed_on(
    scene: &Scene<'_>,
    era: &Era,
    (part, stands): (&Part, PartHash),
    epoch: Epoch,
    custodian: GroupId,
) -> Option<GroupId> {
    let to = |author: &GroupId, view: &View| {
        let mut commits = view.commits.values();
        commits.find_map(|commit| {
            let offer = offer_of(view, commit)?;
            let fits = offer.part == *part && offer.stands == stands && offer.epoch == epoch;
            let accepted = fits && is_accepted(scene, commit, offer);
            let member = era.handle(&offer.to).is_some() && scene.is_heard(author);
            (accepted && member).then_some(offer.to)
        })
    };
    if scene.checks.omit(Mutant::CustodyUnchecked) {
        return scene
            .views
            .iter()
            .find_map(|(author, view)| to(author, view));
    }
    to(&custodian, scene.view(&custodian)?)
}

pub(super) fn offer_of<'a>(
    view: &'a View,
    commit: &Said<CustodyCommit>,
) -> Option<&'a CustodyOffer> {
    let offer = view.offers.get(&commit.what.offer)?;
    Some(&offer.what)
}

fn is_accepted(scene: &Scene<'_>, commit: &Said<CustodyCommit>, offer: &CustodyOffer) -> bool {
    let Ok(proof) = scene.carried(&commit.what.accept) else {
        return false;
    };
    let (record, content) = proof.as_ref();
    matches!(content, Content::CustodyAccept(accept) if accept.offer == commit.what.offer)
        && record.header().author == offer.to
}
