//! A plan on the cells of its problem, as the explanations read it.

use std::collections::BTreeSet;
use std::ops::Range;

use meridian_model::{
    Delivery, Duty, Group, GroupId, Horizon, HostBlock, Impact, Language, Operator, Plan, Problem,
    RegionalEvent, Role, RoleNeed, Session, Shift, Span, Speaker, SpeakerId, TrackId,
};

/// A host block on its cells.
pub(super) struct Block<'a> {
    pub(super) block: &'a HostBlock,
    pub(super) cells: Range<u32>,
}

/// A placed session on its cells.
pub(super) struct Talk<'a> {
    pub(super) session: &'a Session,
    pub(super) track: &'a TrackId,
    /// Its own cells.
    pub(super) cells: Range<u32>,
    /// The first cell after its change-over.
    pub(super) free_from: u32,
}

/// A shift on its cells.
pub(super) struct Served<'a> {
    pub(super) shift: &'a Shift,
    pub(super) duty: &'a Duty,
    pub(super) role: &'a Role,
    /// The cells covered.
    pub(super) covers: Range<u32>,
    /// The cells on duty: those covered and the handover before them.
    pub(super) on_duty: Range<u32>,
}

/// The problem and the well-formed items of the plan.
pub(super) struct View<'a> {
    pub(super) problem: &'a Problem,
    pub(super) horizon: Horizon,
    pub(super) blocks: Vec<Block<'a>>,
    pub(super) talks: Vec<Talk<'a>>,
    pub(super) shifts: Vec<Served<'a>>,
}

impl<'a> View<'a> {
    /// The problem with nothing planned.
    pub(super) fn bare(problem: &'a Problem) -> Self {
        Self {
            problem,
            horizon: problem.event.horizon,
            blocks: Vec::new(),
            talks: Vec::new(),
            shifts: Vec::new(),
        }
    }

    pub(super) fn new(problem: &'a Problem, plan: &'a Plan) -> Self {
        let mut view = Self::bare(problem);
        for block in &plan.blocks {
            if view.group(&block.group).is_some()
                && let Some(cells) = view.cells_of(block.span)
            {
                view.blocks.push(Block { block, cells });
            }
        }
        view.talks = plan
            .sessions
            .iter()
            .filter_map(|placed| {
                let mut sessions = problem.sessions.iter();
                let session = sessions.find(|session| session.id == placed.session)?;
                let cells = view.cells_of(placed.span)?;
                let free_from = cells
                    .end
                    .saturating_add(view.cells_in(session.changeover_min));
                Some(Talk {
                    session,
                    track: &placed.track,
                    cells,
                    free_from,
                })
            })
            .collect();
        view.shifts = plan
            .shifts
            .iter()
            .filter_map(|shift| {
                let mut duties = problem.event.duties.iter();
                let duty = duties.find(|duty| duty.id == shift.duty)?;
                let role = view.role(duty)?;
                let covers = view.cells_of(shift.span)?;
                let lead = view.cells_in(shift.handover_min);
                let on_duty = covers.start.saturating_sub(lead)..covers.end;
                Some(Served {
                    shift,
                    duty,
                    role,
                    covers,
                    on_duty,
                })
            })
            .collect();
        view
    }

    /// The cells of a span that lies on them.
    fn cells_of(&self, span: Span) -> Option<Range<u32>> {
        Some(self.horizon.boundary(span.start())?..self.horizon.boundary(span.end())?)
    }

    /// How many cells `minutes` fill, begun ones counted.
    pub(super) fn cells_in(&self, minutes: u32) -> u32 {
        minutes.div_ceil(self.horizon.cell_min())
    }

    /// The minutes of `n` cells.
    pub(super) fn minutes(&self, n: u32) -> i64 {
        i64::from(n) * i64::from(self.horizon.cell_min())
    }

    pub(super) fn span(&self, cells: &Range<u32>) -> Span {
        self.horizon.cells(cells.start, cells.end)
    }

    pub(super) fn role(&self, duty: &Duty) -> Option<&'a Role> {
        let mut roles = self.problem.event.roles.iter();
        roles.find(|role| role.id == duty.role)
    }

    pub(super) fn speaker(&self, id: &SpeakerId) -> Option<&'a Speaker> {
        let mut speakers = self.problem.speakers.iter();
        speakers.find(|speaker| speaker.id == *id)
    }

    fn group(&self, id: &GroupId) -> Option<&'a Group> {
        self.problem.groups.iter().find(|group| group.id == *id)
    }

    /// A group's name, or its id when it is not known.
    pub(super) fn group_name(&self, id: &GroupId) -> String {
        self.group(id)
            .map_or_else(|| id.to_string(), |group| group.name.clone())
    }

    /// Someone's shifts, by start.
    pub(super) fn shifts_of(&self, operator: &Operator) -> Vec<&Served<'a>> {
        let all = self.shifts.iter();
        let mut hers: Vec<_> = all
            .filter(|served| served.shift.operator == operator.id)
            .collect();
        hers.sort_by_key(|served| (served.on_duty.start, served.on_duty.end));
        hers
    }

    /// The live talks of a speaker.
    pub(super) fn live_talks<'s>(
        &'s self,
        speaker: &'s SpeakerId,
    ) -> impl Iterator<Item = &'s Talk<'a>> {
        self.talks.iter().filter(move |talk| {
            talk.session.delivery == Delivery::Live && talk.session.speakers.contains(speaker)
        })
    }

    /// A regional event that keeps `group` from doing anything at some time of `span`.
    pub(super) fn blocking(&self, group: &GroupId, span: Span) -> Option<&'a RegionalEvent> {
        let mut events = self.problem.regional_events.iter();
        events.find(|event| Self::blocks(event, group, span))
    }

    /// Whether a regional event keeps `group` from doing anything at some time of `span`.
    pub(super) fn blocks(event: &RegionalEvent, group: &GroupId, span: Span) -> bool {
        let mut concerns = event.concerns.iter();
        event.impact == Impact::Block
            && concerns.any(|concern| concern.group == *group && concern.span.overlaps(&span))
    }

    /// The languages in which a duty needs its role's skill at a cell; `None` where it demands nobody.
    pub(super) fn needs(
        &self,
        duty: &Duty,
        role: &Role,
        cell: u32,
    ) -> Option<BTreeSet<&'a Language>> {
        let here = self.horizon.cells(cell, cell + 1);
        if !duty.spans.iter().any(|span| span.contains(&here)) {
            return None;
        }
        let event = &self.problem.event.language;
        let mut needed = BTreeSet::new();
        for track in &duty.tracks {
            let mut hosted = false;
            for host in &self.blocks {
                if host.block.track == *track && host.cells.contains(&cell) {
                    hosted = true;
                    needed.insert(&host.block.language);
                }
            }
            if !hosted {
                needed.insert(event);
            }
        }
        match role.needs {
            RoleNeed::Nothing => needed.clear(),
            RoleNeed::BlockLanguage => {}
            RoleNeed::Interpretation => {
                needed.remove(event);
                if needed.is_empty() {
                    return None;
                }
            }
        }
        Some(needed)
    }

    /// How many people `duty` lacks at a cell.
    pub(super) fn missing(&self, duty: &Duty, role: &Role, cell: u32) -> u32 {
        if self.needs(duty, role, cell).is_none() {
            return 0;
        }
        let covering = self
            .shifts
            .iter()
            .filter(|served| served.duty.id == duty.id && served.covers.contains(&cell))
            .count();
        let covering = u32::try_from(covering).unwrap_or(u32::MAX);
        duty.count.saturating_sub(covering)
    }
}

/// Whether two ranges of cells share one.
pub(super) fn overlap(one: &Range<u32>, other: &Range<u32>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Such as `"Opening" (s01)`.
pub(super) fn title(session: &Session) -> String {
    format!("\"{}\" ({})", session.title, session.id)
}

/// Such as `MC (mc-a)`.
pub(super) fn work(duty: &Duty, role: &Role) -> String {
    format!("{} ({})", role.name, duty.id)
}
