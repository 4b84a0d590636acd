//! Why records that stand in logs have no effect: for people, and for the tests of attacks. Nothing reads it again.

use std::collections::BTreeMap;

use super::{Fold, charter, custody};
use crate::content::{Epoch, Part};
use crate::header::Position;
use crate::ids::{GroupId, PartHash, RecordId};
use crate::problem::{Code, Problem};
use crate::view::{Said, View};

/// Records without effect, and why.
pub type Verdicts = BTreeMap<RecordId, Problem>;

pub(super) fn verdicts(fold: &Fold<'_>, unread: &Verdicts) -> Verdicts {
    let mut verdicts = unread.clone();
    for (group, view) in fold.scene.views {
        let member = fold
            .eras
            .last()
            .is_some_and(|era| era.handle(group).is_some());
        if !member {
            outsider(group, view, &mut verdicts);
        }
        coordinator_s(fold, group, view, &mut verdicts);
        charters(fold, group, view, &mut verdicts);
        answers(fold, group, view, &mut verdicts);
        holds(fold, group, view, &mut verdicts);
    }
    verdicts.extend(fold.plans.refused.clone());
    verdicts
}

fn outsider(group: &GroupId, view: &View, verdicts: &mut Verdicts) {
    let problem = || Problem::new(Code::NotAMember, format!("{group} is no member"));
    let dates = view.dates.values().map(|said| said.record);
    let endorsements = view.endorsements.values().map(|said| said.record);
    for record in dates.chain(endorsements) {
        verdicts.insert(record, problem());
    }
}

fn coordinator_s(fold: &Fold<'_>, group: &GroupId, view: &View, verdicts: &mut Verdicts) {
    fn all<T>(kept: &BTreeMap<Position, Said<T>>) -> Vec<(Position, RecordId, Vec<RecordId>)> {
        let said = kept.values();
        said.map(|said| (said.at, said.record, said.depends.clone()))
            .collect()
    }
    let said = [
        all(&view.briefs),
        all(&view.revisions),
        all(&view.publications),
        all(&view.cancellations),
        all(&view.reclaims),
    ];
    for (at, record, depends) in said.into_iter().flatten() {
        if let Err(problem) = charter::era_of(fold.eras, group, at, &depends) {
            verdicts.insert(record, problem);
        }
    }
}

fn charters(fold: &Fold<'_>, group: &GroupId, view: &View, verdicts: &mut Verdicts) {
    for said in view.charters.values() {
        if fold.eras.iter().any(|era| era.record == said.record) {
            continue;
        }
        let of = fold
            .eras
            .iter()
            .find(|era| said.what.previous == Some(era.record));
        let problem = match of {
            Some(era) if era.charter.coordinator != *group => {
                Problem::new(Code::WrongAuthor, "only the coordinator says this")
            }
            Some(era) => {
                match charter::endorsed(fold.scene, era, said, &std::collections::BTreeSet::new()) {
                    Err(problem) => problem,
                    Ok(()) => Problem::new(Code::Superseded, "another charter took effect"),
                }
            }
            None => match charter::check(&said.what) {
                Err(problem) => problem,
                Ok(()) => Problem::new(Code::WrongCharter, "it follows no charter in effect"),
            },
        };
        verdicts.insert(said.record, problem);
    }
}

fn answers(fold: &Fold<'_>, group: &GroupId, view: &View, verdicts: &mut Verdicts) {
    for (slice, said) in &view.responses {
        let mut proposed = fold.plans.proposed.iter();
        let asked = proposed.any(|of| of.slices.get(group) == Some(slice));
        if !asked {
            let detail = "the group has no such slice in any plan";
            verdicts.insert(said.record, Problem::new(Code::StaleSlice, detail));
        }
    }
}

fn holds(fold: &Fold<'_>, group: &GroupId, view: &View, verdicts: &mut Verdicts) {
    let held = |part: &Part, stands: PartHash, epoch: Epoch| -> Result<(), Problem> {
        let custody = fold.custody.get(part).filter(|of| of.stands == stands);
        let custody = custody.ok_or_else(|| {
            Problem::new(
                Code::UnknownPart,
                format!("{part} does not stand so in the plan in force"),
            )
        })?;
        if custody.history.contains(&(epoch, *group)) {
            Ok(())
        } else {
            let detail = format!("{part} was not the author's at {epoch}");
            Err(Problem::new(Code::NotCustodian, detail))
        }
    };
    let rosters = view.rosters.iter().map(|(hold, said)| (hold, said.record));
    let overrides = view
        .overrides
        .iter()
        .map(|((hold, _), said)| (hold, said.record));
    for ((part, stands, epoch), record) in rosters.chain(overrides) {
        if let Err(problem) = held(part, *stands, *epoch) {
            verdicts.insert(record, problem);
        }
    }
    for said in view.offers.values() {
        if let Err(problem) = held(&said.what.part, said.what.stands, said.what.epoch) {
            verdicts.insert(said.record, problem);
        }
    }
    for commit in view.commits.values() {
        let verdict = custody::offer_of(view, commit)
            .ok_or_else(|| Problem::new(Code::UnknownRecord, "the author made no such offer"))
            .and_then(|offer| {
                held(&offer.part, offer.stands, offer.epoch)?;
                let next = Epoch {
                    swaps: offer.epoch.swaps + 1,
                    ..offer.epoch
                };
                let taken = fold.custody.get(&offer.part);
                let taken = taken.is_some_and(|of| of.history.contains(&(next, offer.to)));
                let problem = Problem::new(
                    Code::CertificateInvalid,
                    "the other group did not accept, or another did",
                );
                taken.then_some(()).ok_or(problem)
            });
        if let Err(problem) = verdict {
            verdicts.insert(commit.record, problem);
        }
    }
}
