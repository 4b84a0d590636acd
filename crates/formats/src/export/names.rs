//! Names: what people call the things that a plan refers to.

use std::collections::BTreeMap;

use meridian_model::event::Duty;
use meridian_model::{
    DutyId, Group, GroupId, HostBlock, Operator, OperatorId, PlacedSession, Plan, Problem, Role,
    Session, SessionId, TrackId,
};

use super::text::plain;

/// Looks things up by id. What a broken plan names and the problem does not know is shown by its id.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    tracks: BTreeMap<&'a TrackId, &'a str>,
    roles: BTreeMap<&'a str, &'a Role>,
    duties: BTreeMap<&'a DutyId, &'a Duty>,
    groups: BTreeMap<&'a GroupId, &'a Group>,
    operators: BTreeMap<&'a OperatorId, &'a Operator>,
    sessions: BTreeMap<&'a SessionId, &'a Session>,
    plan: &'a Plan,
}

impl<'a> Names<'a> {
    pub(crate) fn new(problem: &'a Problem, plan: &'a Plan) -> Self {
        let event = &problem.event;
        Self {
            tracks: event
                .tracks
                .iter()
                .map(|t| (&t.id, t.name.as_str()))
                .collect(),
            roles: event.roles.iter().map(|r| (r.id.as_str(), r)).collect(),
            duties: event.duties.iter().map(|d| (&d.id, d)).collect(),
            groups: problem.groups.iter().map(|g| (&g.id, g)).collect(),
            operators: problem.operators.iter().map(|o| (&o.id, o)).collect(),
            sessions: problem.sessions.iter().map(|s| (&s.id, s)).collect(),
            plan,
        }
    }

    pub(crate) fn track(&self, id: &TrackId) -> String {
        plain(self.tracks.get(id).copied().unwrap_or(id.as_str()))
    }

    pub(crate) fn group(&self, id: &GroupId) -> String {
        plain(self.groups.get(id).map_or(id.as_str(), |group| &group.name))
    }

    pub(crate) fn group_of(&self, id: &GroupId) -> Option<&'a Group> {
        self.groups.get(id).copied()
    }

    pub(crate) fn operator(&self, id: &OperatorId) -> Option<&'a Operator> {
        self.operators.get(id).copied()
    }

    /// A person by the name that she consented to, or else by her handle.
    pub(crate) fn person(&self, id: &OperatorId) -> String {
        let name = self.operator(id).and_then(|of| of.shown_as.as_deref());
        plain(name.unwrap_or(id.as_str()))
    }

    pub(crate) fn session(&self, id: &SessionId) -> Option<&'a Session> {
        self.sessions.get(id).copied()
    }

    pub(crate) fn title(&self, id: &SessionId) -> String {
        plain(
            self.session(id)
                .map_or(id.as_str(), |session| &session.title),
        )
    }

    /// The role of a duty, such as `Moderator`.
    pub(crate) fn role(&self, duty: &DutyId) -> String {
        let role = self.duties.get(duty).map(|duty| &duty.role);
        let name = role.and_then(|role| self.roles.get(role.as_str()));
        plain(match (name, role) {
            (Some(role), _) => &role.name,
            (None, Some(role)) => role.as_str(),
            (None, None) => duty.as_str(),
        })
    }

    /// Role and tracks of a duty, such as `Moderator · Track A`; without tracks when it serves all.
    pub(crate) fn duty(&self, id: &DutyId) -> String {
        let tracks = self.duty_tracks(id);
        if tracks.is_empty() {
            self.role(id)
        } else {
            format!("{} · {tracks}", self.role(id))
        }
    }

    /// The tracks of a duty, blank when it serves all that there are.
    pub(crate) fn duty_tracks(&self, id: &DutyId) -> String {
        match self.duties.get(id) {
            Some(duty) if duty.tracks.len() < self.tracks.len() => self.places(id),
            _ => String::new(),
        }
    }

    /// The tracks of a duty, all of them.
    pub(crate) fn places(&self, id: &DutyId) -> String {
        let tracks = self.duties.get(id).map_or(&[][..], |duty| &duty.tracks);
        let names: Vec<String> = tracks.iter().map(|track| self.track(track)).collect();
        names.join(", ")
    }

    /// The block that a placed session lies in.
    pub(crate) fn block_of(&self, session: &PlacedSession) -> Option<&'a HostBlock> {
        self.plan
            .blocks
            .iter()
            .find(|block| block.track == session.track && block.span.contains(&session.span))
    }
}
