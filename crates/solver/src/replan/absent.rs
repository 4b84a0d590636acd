//! The problem without those who can no longer come.

use std::borrow::Cow;

use meridian_model::{
    Availability, Delivery, GroupId, OperatorId, PlacedSession, Problem, SpeakerId,
};
use serde::Serialize;

use crate::SolveError;

/// Someone who can no longer come, beyond what the problem says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absent {
    /// An operator: she is on duty no more.
    Operator(OperatorId),
    /// A group: it hosts no more. Its operators stay.
    Host(GroupId),
    /// A speaker: none of her live sessions can be held.
    Speaker(SpeakerId),
}

/// `problem`, in which every time is impossible for those who are absent and nothing of theirs is pinned.
///
/// They are still counted where rules count people and groups, so a plan costs here what it costs in `problem`.
///
/// # Errors
/// [`SolveError::Malformed`] when the problem does not know one of them.
pub(super) fn without<'p>(
    problem: &'p Problem,
    absent: &[Absent],
) -> Result<Cow<'p, Problem>, SolveError> {
    if absent.is_empty() {
        return Ok(Cow::Borrowed(problem));
    }
    let mut left = problem.clone();
    for one in absent {
        let known = match one {
            Absent::Operator(id) => strike_operator(&mut left, id),
            Absent::Host(id) => strike_host(&mut left, id),
            Absent::Speaker(id) => strike_speaker(&mut left, id),
        };
        if !known {
            let what = format!("{one:?} is absent, but is not defined");
            return Err(SolveError::Malformed(what));
        }
    }
    Ok(Cow::Owned(left))
}

fn strike_operator(problem: &mut Problem, id: &OperatorId) -> bool {
    problem.pins.shifts.retain(|shift| shift.operator != *id);
    let her = problem.operators.iter_mut().find(|o| o.id == *id);
    her.map(|operator| operator.availability = Availability::default())
        .is_some()
}

fn strike_host(problem: &mut Problem, id: &GroupId) -> bool {
    problem.pins.blocks.retain(|block| block.group != *id);
    let Some(group) = problem.groups.iter_mut().find(|g| g.id == *id) else {
        return false;
    };
    if let Some(hosting) = &mut group.hosting {
        hosting.availability = Availability::default();
    }
    true
}

fn strike_speaker(problem: &mut Problem, id: &SpeakerId) -> bool {
    let sessions = &problem.sessions;
    let hers = |pin: &PlacedSession| {
        sessions.iter().any(|session| {
            session.id == pin.session
                && session.delivery == Delivery::Live
                && session.speakers.contains(id)
        })
    };
    problem.pins.sessions.retain(|pin| !hers(pin));
    let her = problem.speakers.iter_mut().find(|s| s.id == *id);
    her.map(|speaker| speaker.availability = Availability::default())
        .is_some()
}
