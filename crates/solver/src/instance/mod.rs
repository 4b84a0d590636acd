//! The problem lowered to cells: dense tables that every search phase reads and none changes.

mod cells;
mod duties;
mod groups;
mod names;
mod operators;
mod sessions;

use meridian_model::{
    AlertScope, Horizon, Language, Policy, Problem, RoleNeed, RuleCode, Skill, SkillLevel,
};

use crate::SolveError;
use duties::{DutyTable, lower_duties};
use groups::{GroupTable, lower_groups};
use names::names;
use operators::{OperatorTable, lower_operators};
use sessions::{SessionTable, lower_sessions};

/// Weights of the soft rules of this event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    pub(crate) clash: i64,
    pub(crate) night: i64,
    pub(crate) if_need_be: i64,
    pub(crate) fair_people: i64,
    pub(crate) fair_groups: i64,
    pub(crate) handover: i64,
    pub(crate) language_match: i64,
    pub(crate) own_group: i64,
    pub(crate) prime_time: i64,
    pub(crate) topic_spread: i64,
    pub(crate) first_timer_alone: i64,
    pub(crate) left_out: i64,
    pub(crate) preference: i64,
    pub(crate) fragmentation: i64,
}

impl Weights {
    fn of(policy: &Policy) -> Self {
        Self {
            clash: policy.weight(RuleCode::S01),
            night: policy.weight(RuleCode::S02),
            if_need_be: policy.weight(RuleCode::S03),
            fair_people: policy.weight(RuleCode::S04),
            fair_groups: policy.weight(RuleCode::S05),
            handover: policy.weight(RuleCode::S06),
            language_match: policy.weight(RuleCode::S07),
            own_group: policy.weight(RuleCode::S08),
            prime_time: policy.weight(RuleCode::S09),
            topic_spread: policy.weight(RuleCode::S10),
            first_timer_alone: policy.weight(RuleCode::S11),
            left_out: policy.weight(RuleCode::S13),
            preference: policy.weight(RuleCode::S14),
            fragmentation: policy.weight(RuleCode::S15),
        }
    }
}

/// Limits on shifts, in cells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShiftLimits {
    pub(crate) shortest: usize,
    pub(crate) longest: usize,
    pub(crate) max_shifts: usize,
    pub(crate) rest: usize,
    pub(crate) max_awake: usize,
    pub(crate) sleep: usize,
}

/// The lowered problem.
#[derive(Debug)]
pub(crate) struct Instance<'p> {
    pub(crate) problem: &'p Problem,
    /// [`Problem::digest`].
    pub(crate) digest: String,
    pub(crate) horizon: Horizon,
    pub(crate) n_cells: usize,
    pub(crate) cell_min: i64,
    pub(crate) weights: Weights,
    pub(crate) limits: ShiftLimits,
    pub(crate) block_grid: usize,
    pub(crate) n_tracks: usize,
    pub(crate) n_units: usize,
    pub(crate) languages: Vec<Language>,
    pub(crate) event_language: usize,
    pub(crate) groups: Vec<GroupTable>,
    pub(crate) sessions: Vec<SessionTable>,
    pub(crate) operators: Vec<OperatorTable>,
    pub(crate) duties: Vec<DutyTable>,
    pub(crate) preparation_min: i64,
}

/// A count that comes from the document, as an index.
pub(crate) fn index(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// An index as a number to reckon with.
pub(crate) fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

impl<'p> Instance<'p> {
    /// Lowers a problem.
    ///
    /// # Errors
    /// [`SolveError::Malformed`] when it names something that it does not define.
    pub(crate) fn lower(problem: &'p Problem) -> Result<Self, SolveError> {
        let digest = problem
            .digest()
            .map_err(|e| SolveError::Malformed(e.to_string()))?;
        Self::lower_as(problem, digest)
    }

    /// Lowers a problem that stands for the one with this digest: the same in another order.
    ///
    /// # Errors
    /// [`SolveError::Malformed`] when it names something that it does not define.
    pub(crate) fn lower_as(problem: &'p Problem, digest: String) -> Result<Self, SolveError> {
        let event = &problem.event;
        let policy = &event.policy;
        let horizon = event.horizon;
        let weights = Weights::of(policy);
        let names = names(problem);
        let cell = horizon.cell_min();
        let groups = lower_groups(problem, &names, weights)?;
        let n_tracks = event.tracks.len();
        let n_units = match policy.alert.scope {
            AlertScope::Track => n_tracks,
            AlertScope::Event => 1,
        };
        Ok(Self {
            problem,
            digest,
            horizon,
            n_cells: index(horizon.n_cells()),
            cell_min: i64::from(cell),
            weights,
            limits: ShiftLimits {
                shortest: index(policy.shift_shortest_min.div_ceil(cell)).max(1),
                longest: index(policy.shift_longest_min / cell),
                max_shifts: index(policy.max_shifts),
                rest: index(policy.rest_min.div_ceil(cell)),
                max_awake: index(policy.max_awake_min / cell),
                sleep: index(policy.sleep_min.div_ceil(cell)),
            },
            block_grid: index(policy.block_grid_min.div_ceil(cell)).max(1),
            n_tracks,
            n_units,
            event_language: names.language(&event.language),
            sessions: lower_sessions(problem, &names, &groups, weights)?,
            operators: lower_operators(problem, &names, &groups, weights)?,
            duties: lower_duties(problem, &names)?,
            groups,
            languages: names.languages,
            preparation_min: i64::from(policy.speaker_preparation_min),
        })
    }

    /// Cells of 24 hours.
    pub(crate) fn day(&self) -> usize {
        usize::try_from(1440 / self.cell_min.max(1))
            .unwrap_or(1)
            .max(1)
    }

    /// Days of 24 hours that are begun.
    pub(crate) fn days(&self) -> usize {
        self.n_cells.div_ceil(self.day()).max(1)
    }

    /// The lowered skill level of `operator` for a duty whose blocks are in `languages`; `None` without the skill.
    pub(crate) fn skill_level(
        &self,
        operator: usize,
        duty: usize,
        languages: &[usize],
    ) -> Option<SkillLevel> {
        let table = &self.duties[duty];
        let role = &self.problem.event.roles[table.role].id;
        let mine = self.problem.operators[operator]
            .skills
            .iter()
            .filter(|s| s.role == *role);
        let best = |fits: &dyn Fn(&Skill) -> bool| {
            mine.clone()
                .filter(|skill| fits(skill))
                .map(|skill| skill.level)
                .min()
        };
        let name = |language: usize| self.languages.get(language);
        match table.need {
            RoleNeed::Nothing => best(&|_| true),
            RoleNeed::BlockLanguage => worst(
                languages
                    .iter()
                    .map(|&l| best(&|s: &Skill| s.language.as_ref() == name(l))),
            ),
            RoleNeed::Interpretation => worst(
                languages
                    .iter()
                    .filter(|&&l| l != self.event_language)
                    .map(|&l| {
                        best(&|s: &Skill| {
                            s.language.as_ref() == name(l)
                                && s.into.as_ref() == name(self.event_language)
                        })
                    }),
            ),
        }
    }
}

/// The weakest of several needed levels; `None` when one is missing or nothing is needed.
fn worst(levels: impl Iterator<Item = Option<SkillLevel>>) -> Option<SkillLevel> {
    let all: Option<Vec<_>> = levels.collect();
    all?.into_iter().max()
}
