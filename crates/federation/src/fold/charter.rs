//! Charters in effect, one after the other: each makes an era.
//!
//! The first is the founder's, whose id and name give the space's id. Each further one is written by the
//! coordinator of the era before and endorsed by that era's quorum. A coordinator's records name the charter that
//! they are written under, and count in its era if they stand before the charter that ended it.

use std::collections::BTreeSet;
use std::sync::Arc;

use meridian_model::GroupId as Handle;

use super::Scene;
use crate::content::{Content, SpaceCharter, Subject};
use crate::header::Position;
use crate::ids::{GroupId, RecordId, SpaceId};
use crate::problem::{Code, Problem};
use crate::view::Said;

/// The time of a charter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Era {
    /// The charter's record.
    pub record: RecordId,
    /// What it says.
    pub charter: Arc<SpaceCharter>,
    /// Where in its coordinator's records it ends.
    pub ends: Option<Position>,
}

impl Era {
    /// What plans call a group.
    #[must_use]
    pub fn handle(&self, group: &GroupId) -> Option<&Handle> {
        let mut members = self.charter.members.iter();
        members
            .find(|member| member.group == *group)
            .map(|member| &member.handle)
    }

    /// The group that plans call so.
    #[must_use]
    pub fn group(&self, handle: &Handle) -> Option<GroupId> {
        let mut members = self.charter.members.iter();
        members
            .find(|member| member.handle == *handle)
            .map(|member| member.group)
    }

    /// How many members must endorse.
    #[must_use]
    pub fn quorum(&self) -> usize {
        usize::try_from(self.charter.quorum).unwrap_or(usize::MAX)
    }
}

/// Refuses a charter that cannot be in effect whoever endorses it.
pub(super) fn check(charter: &SpaceCharter) -> Result<(), Problem> {
    let groups: BTreeSet<_> = charter.members.iter().map(|member| member.group).collect();
    let handles: BTreeSet<_> = charter
        .members
        .iter()
        .map(|member| &member.handle)
        .collect();
    let n = charter.members.len();
    let quorum = usize::try_from(charter.quorum).unwrap_or(usize::MAX);
    if groups.len() < n || handles.len() < n {
        let detail = "a group or a handle stands in the charter twice";
        return Err(Problem::new(Code::Malformed, detail));
    }
    if !groups.contains(&charter.coordinator) {
        let detail = "the coordinator is not a member";
        return Err(Problem::new(Code::Malformed, detail));
    }
    if quorum == 0 || quorum > n {
        let detail = format!("a quorum of {quorum} of {n} members");
        return Err(Problem::new(Code::Malformed, detail));
    }
    Ok(())
}

/// The charters in effect, the first one first.
pub(super) fn eras(scene: &Scene<'_>) -> Vec<Era> {
    let mut eras: Vec<Era> = Vec::new();
    let first = scene.view(&scene.founder).and_then(|view| {
        let mut charters = view.charters.values();
        charters.find(|said| opens(scene, &said.what))
    });
    let mut next = first.map(|said| (said.record, Arc::clone(&said.what)));
    let carried = carried_endorsements(scene);
    while let Some((record, charter)) = next.take() {
        eras.push(Era {
            record,
            charter,
            ends: None,
        });
        let Some(era) = eras.last_mut() else { break };
        let Some(view) = scene.view(&era.charter.coordinator) else {
            break;
        };
        let mut candidates = view.charters.values();
        let successor = candidates.find(|said| endorsed(scene, era, said, &carried).is_ok());
        if let Some(said) = successor {
            era.ends = Some(said.at);
            next = Some((said.record, Arc::clone(&said.what)));
        }
    }
    eras
}

fn opens(scene: &Scene<'_>, charter: &SpaceCharter) -> bool {
    charter.version == 1
        && charter.previous.is_none()
        && charter.coordinator == scene.founder
        && SpaceId::of(&scene.founder, &charter.name) == scene.space
        && check(charter).is_ok()
}

/// Endorsements inside certificates: what became of their authors' logs does not undo them.
fn carried_endorsements(scene: &Scene<'_>) -> BTreeSet<(Subject, GroupId)> {
    let publications = scene
        .views
        .values()
        .flat_map(|view| view.publications.values());
    publications
        .flat_map(|said| &said.what.endorsements)
        .filter_map(|carried| match scene.carried(carried).ok()?.as_ref() {
            (record, Content::CharterEndorse(what)) => Some((what.subject, record.header().author)),
            _ => None,
        })
        .collect()
}

/// Whether a charter follows the one of an era and has its quorum.
pub(super) fn endorsed(
    scene: &Scene<'_>,
    era: &Era,
    said: &Said<SpaceCharter>,
    carried: &BTreeSet<(Subject, GroupId)>,
) -> Result<(), Problem> {
    let charter = &said.what;
    check(charter)?;
    let follows = charter.version == era.charter.version + 1
        && charter.previous == Some(era.record)
        && charter.name == era.charter.name;
    if !follows {
        let detail = "it does not follow the charter in effect";
        return Err(Problem::new(Code::WrongCharter, detail));
    }
    let subject = Subject::Charter(said.record);
    let endorses = |group: &GroupId| {
        let first = || {
            let view = scene.view(group)?;
            let first = view.endorsements.get(&(false, charter.version))?;
            Some(first.what.subject == subject && scene.is_heard(group))
        };
        *group == era.charter.coordinator
            || carried.contains(&(subject, *group))
            || first() == Some(true)
    };
    let members = era.charter.members.iter().map(|member| &member.group);
    let n = members.filter(|group| endorses(group)).count();
    if n < era.quorum() {
        let detail = format!("{n} of {} endorsements", era.quorum());
        return Err(Problem::new(Code::QuorumShort, detail));
    }
    Ok(())
}

/// The era that a coordinator's record belongs to.
pub(super) fn era_of(
    eras: &[Era],
    author: &GroupId,
    at: Position,
    depends: &[RecordId],
) -> Result<usize, Problem> {
    if eras.iter().all(|era| era.charter.coordinator != *author) {
        let detail = "only the coordinator says this";
        return Err(Problem::new(Code::WrongAuthor, detail));
    }
    let mut counted = eras.iter().enumerate();
    counted
        .find(|(_, era)| {
            era.charter.coordinator == *author
                && depends.contains(&era.record)
                && era.ends.is_none_or(|ends| at < ends)
        })
        .map(|(era, _)| era)
        .ok_or_else(|| {
            let detail = "it was not said under a charter in effect";
            Problem::new(Code::WrongCharter, detail)
        })
}
