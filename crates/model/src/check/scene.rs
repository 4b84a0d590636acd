//! The scene: the well-formed items of a plan beside what they refer to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::demand::Demand;
use super::times::{with_lead, with_tail};
use crate::{
    Duty, Group, GroupId, Horizon, HostBlock, Match, Operator, OperatorId, Plan, Problem, Role,
    Session, SessionId, Shift, Span, Speaker, SpeakerId, Track, TrackId,
};

/// A host block and its host.
pub(super) struct Block<'a> {
    pub(super) block: &'a HostBlock,
    pub(super) group: &'a Group,
    pub(super) cells: Range<u32>,
}

impl Block<'_> {
    pub(super) fn span(&self) -> Span {
        self.block.span
    }
}

/// A session in its place.
pub(super) struct Placed<'a> {
    pub(super) session: &'a Session,
    pub(super) track: &'a TrackId,
    /// Its own time.
    pub(super) span: Span,
    /// Its own time and its change-over: nothing else is on the track.
    pub(super) occupied: Span,
}

/// A shift, who serves it and what it is.
pub(super) struct Service<'a> {
    pub(super) shift: &'a Shift,
    pub(super) operator: &'a Operator,
    pub(super) duty: &'a Duty,
    pub(super) role: &'a Role,
    pub(super) demand: usize,
    /// The cells covered.
    pub(super) cells: Range<u32>,
    /// The time covered and the handover before it.
    pub(super) on_duty: Span,
}

impl Service<'_> {
    /// Whether both duties serve a same track.
    pub(super) fn shares_a_track(&self, other: &Self) -> bool {
        self.duty
            .tracks
            .iter()
            .any(|track| other.duty.tracks.contains(track))
    }
}

/// Everything that the clauses read.
pub(super) struct Scene<'a> {
    pub(super) problem: &'a Problem,
    pub(super) plan: &'a Plan,
    pub(super) horizon: Horizon,
    /// Matches of H01: the items that are left out below.
    pub(super) malformed: Vec<Match>,
    pub(super) blocks: Vec<Block<'a>>,
    pub(super) sessions: Vec<Placed<'a>>,
    pub(super) shifts: Vec<Service<'a>>,
    /// Where each operator's shifts stand in `shifts`.
    shifts_by_operator: BTreeMap<&'a OperatorId, Vec<usize>>,
    /// What each duty demands, in the order of the event's duties.
    pub(super) demands: Vec<Demand<'a>>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(problem: &'a Problem, plan: &'a Plan) -> Self {
        let mut scene = Self {
            problem,
            plan,
            horizon: problem.event.horizon,
            malformed: Vec::new(),
            blocks: Vec::new(),
            sessions: Vec::new(),
            shifts: Vec::new(),
            shifts_by_operator: BTreeMap::new(),
            demands: Vec::new(),
        };
        scene.take_in();
        for (at, service) in scene.shifts.iter().enumerate() {
            let hers = scene.shifts_by_operator.entry(&service.operator.id);
            hers.or_default().push(at);
        }
        scene.demands = problem
            .event
            .duties
            .iter()
            .map(|duty| Demand::new(&scene, duty))
            .collect();
        scene
    }

    /// Sorts the plan's items into well-formed ones and matches of H01.
    fn take_in(&mut self) {
        self.malformed.extend(self.another_event());
        let mut seen = BTreeSet::new();
        for block in &self.plan.blocks {
            match self.block(block, !seen.insert(&block.id)) {
                Ok(block) => self.blocks.push(block),
                Err(fault) => self.malformed.push(fault),
            }
        }
        let mut seen = BTreeSet::new();
        for placed in &self.plan.sessions {
            match self.placed(placed, !seen.insert(&placed.session)) {
                Ok(placed) => self.sessions.push(placed),
                Err(fault) => self.malformed.push(fault),
            }
        }
        let mut seen = BTreeSet::new();
        for shift in &self.plan.shifts {
            match self.service(shift, !seen.insert(&shift.id)) {
                Ok(service) => self.shifts.push(service),
                Err(fault) => self.malformed.push(fault),
            }
        }
    }

    pub(super) fn track(&self, id: &TrackId) -> Option<&'a Track> {
        self.problem
            .event
            .tracks
            .iter()
            .find(|track| track.id == *id)
    }

    pub(super) fn group(&self, id: &GroupId) -> Option<&'a Group> {
        self.problem.groups.iter().find(|group| group.id == *id)
    }

    pub(super) fn session(&self, id: &SessionId) -> Option<&'a Session> {
        self.problem
            .sessions
            .iter()
            .find(|session| session.id == *id)
    }

    pub(super) fn operator(&self, id: &OperatorId) -> Option<&'a Operator> {
        self.problem
            .operators
            .iter()
            .find(|operator| operator.id == *id)
    }

    pub(super) fn speaker(&self, id: &SpeakerId) -> Option<&'a Speaker> {
        self.problem
            .speakers
            .iter()
            .find(|speaker| speaker.id == *id)
    }

    pub(super) fn role(&self, duty: &Duty) -> Option<&'a Role> {
        self.problem
            .event
            .roles
            .iter()
            .find(|role| role.id == duty.role)
    }

    /// The cells of a span, when it lies on them.
    pub(super) fn cells(&self, span: Span) -> Option<Range<u32>> {
        Some(self.horizon.boundary(span.start())?..self.horizon.boundary(span.end())?)
    }

    /// The span of some cells.
    pub(super) fn span(&self, cells: &Range<u32>) -> Span {
        self.horizon.cells(cells.start, cells.end)
    }

    /// The block that a placed session is in: it contains the session with its change-over.
    pub(super) fn host_block(&self, placed: &Placed<'_>) -> Option<&Block<'a>> {
        self.blocks.iter().find(|host| {
            host.block.track == *placed.track && host.span().contains(&placed.occupied)
        })
    }

    /// The placed sessions that are given live.
    pub(super) fn live(&self) -> impl Iterator<Item = &Placed<'a>> {
        self.sessions
            .iter()
            .filter(|placed| is_live(placed.session))
    }

    /// An operator's shifts, by start.
    pub(super) fn shifts_of(&self, operator: &Operator) -> Vec<&Service<'a>> {
        let hers = self.shifts_by_operator.get(&operator.id);
        let mut shifts: Vec<_> = hers
            .into_iter()
            .flatten()
            .filter_map(|&at| self.shifts.get(at))
            .collect();
        shifts.sort_by_key(|service| (service.on_duty, &service.shift.id));
        shifts
    }
}

/// Whether its speakers must be there.
pub(super) fn is_live(session: &Session) -> bool {
    session.delivery == crate::Delivery::Live
}

/// On duty: the covered time and the handover before it.
pub(super) fn on_duty(shift: &Shift) -> Span {
    with_lead(shift.span, shift.handover_min)
}

/// On the track: the session and its change-over.
pub(super) fn occupied(session: &Session, span: Span) -> Span {
    with_tail(span, session.changeover_min)
}
