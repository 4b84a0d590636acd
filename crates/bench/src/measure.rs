//! What an instance holds, counted from the document alone: its pinned blocks and sessions are the programme.
//!
//! A *possible shift* is a legal single shift: operator, duty, first and last cell; how long the handover before it
//! is does not make it another one.

use std::collections::BTreeSet;

use meridian_model::{
    Delivery, Duty, Grade, Impact, Language, Operator, Problem, Role, RoleNeed, Skill, Span,
};

use crate::scene::{index, runs};

/// What an instance holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// Person cells demanded (M04).
    pub demand: u64,
    /// Operator cells at which someone may be on duty at all (H12, H17).
    pub supply: u64,
    /// The same, of each person and day no more than her most duty in 24 hours (H19).
    pub supply_in_limits: u64,
    /// Possible shifts.
    pub shifts: u64,
}

/// Counts what an instance holds.
#[must_use]
pub fn measure(problem: &Problem) -> Measures {
    let ground = Ground::of(problem);
    let mut measures = Measures {
        demand: ground.demand(),
        ..Measures::default()
    };
    for operator in &problem.operators {
        let hers = ground.operator(operator);
        measures.supply += hers.supply;
        measures.supply_in_limits += hers.supply_in_limits;
        measures.shifts += hers.shifts;
    }
    measures
}

/// The demand that the pinned programme makes.
pub(crate) struct Ground<'p> {
    problem: &'p Problem,
    n_cells: usize,
    /// Duties × cells: the languages that are needed, or `None` where nobody is demanded.
    needed: Vec<Vec<Option<BTreeSet<&'p Language>>>>,
}

impl<'p> Ground<'p> {
    pub(crate) fn of(problem: &'p Problem) -> Self {
        let n_cells = index(problem.event.horizon.n_cells());
        let mut ground = Self {
            problem,
            n_cells,
            needed: Vec::new(),
        };
        ground.needed = (problem.event.duties.iter())
            .map(|duty| (0..n_cells).map(|c| ground.needed(duty, c)).collect())
            .collect();
        ground
    }

    fn cell(&self, cell: usize) -> Span {
        let cell = crate::scene::small(cell);
        self.problem.event.horizon.cells(cell, cell + 1)
    }

    fn role(&self, duty: &Duty) -> Option<&'p Role> {
        let mut roles = self.problem.event.roles.iter();
        roles.find(|role| role.id == duty.role)
    }

    fn needed(&self, duty: &Duty, cell: usize) -> Option<BTreeSet<&'p Language>> {
        let here = self.cell(cell);
        let standing = duty.spans.iter().any(|span| span.contains(&here));
        let need = self.role(duty).filter(|_| standing)?.needs;
        let event = &self.problem.event.language;
        let spoken = duty.tracks.iter().map(|track| {
            let mut blocks = self.problem.pins.blocks.iter();
            let block = blocks.find(|block| block.track == *track && block.span.contains(&here));
            block.map_or(event, |block| &block.language)
        });
        match need {
            RoleNeed::Nothing => Some(BTreeSet::new()),
            RoleNeed::BlockLanguage => Some(spoken.collect()),
            RoleNeed::Interpretation => {
                let foreign: BTreeSet<_> = spoken.filter(|&language| language != event).collect();
                (!foreign.is_empty()).then_some(foreign)
            }
        }
    }

    fn demand(&self) -> u64 {
        let duties = self.problem.event.duties.iter().zip(&self.needed);
        duties
            .map(|(duty, cells)| u64::from(duty.count) * count(cells.iter().flatten()))
            .sum()
    }

    /// Supply and possible shifts of one operator; no demand.
    pub(crate) fn operator(&self, operator: &Operator) -> Measures {
        let step = i64::from(self.problem.event.horizon.cell_min());
        let full = |spans: &mut dyn Iterator<Item = Span>| self.minutes(spans);
        let graded = operator.availability.0.iter();
        let mut open = graded
            .filter(|g| g.grade >= Grade::IfNeedBe)
            .map(|g| g.span);
        let open = full(&mut open);
        let events = self.problem.regional_events.iter();
        let concerns = events
            .filter(|event| event.impact == Impact::Block)
            .flat_map(|event| &event.concerns);
        let mut blocked = concerns
            .filter(|concern| concern.group == operator.group)
            .map(|concern| concern.span);
        let blocked = full(&mut blocked);
        let night = full(&mut operator.nights.iter().copied());
        let speaking = full(&mut self.speaking(operator).into_iter());
        let may = |c: usize| open[c] == step && blocked[c] == 0;
        let supply = (0..self.n_cells).filter(|&c| may(c)).count();
        let limit = index(operator.max_duty_min / self.problem.event.horizon.cell_min());
        let free =
            |alerted: bool, c: usize| may(c) && speaking[c] == 0 && !(alerted && night[c] > 0);
        let days = self
            .n_cells
            .div_ceil(index(24 * 60 / self.problem.event.horizon.cell_min()));
        Measures {
            demand: 0,
            supply: count(0..supply),
            supply_in_limits: count(0..supply.min(limit * days)),
            shifts: self.shifts(operator, &free),
        }
    }

    /// Minutes of each cell that lie in some spans.
    fn minutes(&self, spans: &mut dyn Iterator<Item = Span>) -> Vec<i64> {
        let horizon = self.problem.event.horizon;
        let (start, step) = (
            horizon.start().as_second(),
            i64::from(horizon.cell_min()) * 60,
        );
        let mut minutes = vec![0; self.n_cells];
        for span in spans {
            let (from, to) = (
                span.start().as_second() - start,
                span.end().as_second() - start,
            );
            let mut begins = 0;
            for sum in &mut minutes {
                let shared = to.min(begins + step) - from.max(begins);
                *sum += shared.max(0) / 60;
                begins += step;
            }
        }
        minutes
    }

    /// When she speaks live or prepares to, by the pinned sessions.
    fn speaking(&self, operator: &Operator) -> Vec<Span> {
        let Some(speaker) = &operator.speaker else {
            return Vec::new();
        };
        let lead = i64::from(self.problem.event.policy.speaker_preparation_min) * 60;
        let placed = self.problem.pins.sessions.iter();
        let hers = placed.filter(|placed| {
            let mut sessions = self.problem.sessions.iter();
            sessions.any(|session| {
                session.id == placed.session
                    && session.delivery == Delivery::Live
                    && session.speakers.contains(speaker)
            })
        });
        hers.filter_map(|placed| {
            let start = placed.span.start().as_second() - lead;
            let start = meridian_model::Timestamp::from_second(start).ok()?;
            Span::new(start, placed.span.end()).ok()
        })
        .collect()
    }

    fn shifts(&self, operator: &Operator, free: &dyn Fn(bool, usize) -> bool) -> u64 {
        let policy = &self.problem.event.policy;
        let cell_min = self.problem.event.horizon.cell_min();
        let shortest = index(policy.shift_shortest_min.div_ceil(cell_min)).max(1);
        let longest = index(policy.shift_longest_min.min(operator.max_duty_min) / cell_min);
        let mut found = 0;
        for (duty, needed) in self.problem.event.duties.iter().zip(&self.needed) {
            let Some(role) = self.role(duty) else {
                continue;
            };
            if !operator.skills.iter().any(|skill| skill.role == role.id) {
                continue;
            }
            let able = |cell: usize| {
                let languages = needed[cell].as_ref();
                free(role.alerted, cell)
                    && languages.is_some_and(|all| self.has_skill(operator, role, all))
            };
            for run in runs(self.n_cells, able) {
                let starts = |length| count(length..=run.len());
                found += (shortest..=longest).map(starts).sum::<u64>();
            }
        }
        found
    }

    fn has_skill(&self, operator: &Operator, role: &Role, languages: &BTreeSet<&Language>) -> bool {
        let event = &self.problem.event.language;
        let any = |fits: &dyn Fn(&Skill) -> bool| {
            let mut skills = operator.skills.iter();
            skills.any(|skill| skill.role == role.id && fits(skill))
        };
        let speaks = |language: &Language| match role.needs {
            RoleNeed::Nothing => true,
            RoleNeed::BlockLanguage => any(&|skill| skill.language.as_ref() == Some(language)),
            RoleNeed::Interpretation => any(&|skill| {
                skill.language.as_ref() == Some(language) && skill.into.as_ref() == Some(event)
            }),
        };
        any(&|_| true) && languages.iter().all(|language| speaks(language))
    }
}

fn count<T>(items: impl IntoIterator<Item = T>) -> u64 {
    items.into_iter().fold(0, |sum, _| sum + 1)
}
