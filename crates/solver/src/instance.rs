//! The problem lowered to cells: dense tables that every search phase reads and none changes.

use std::collections::BTreeMap;

use meridian_model::{
    AlertScope, Availability, Delivery, Grade, GroupId, Horizon, Impact, Language, Policy, Problem,
    RoleNeed, RuleCode, Skill, SkillLevel, Span, SpeakerId, Timestamp, TrackId,
};

use crate::SolveError;

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

/// A group that hosts, on cells.
#[derive(Debug)]
pub(crate) struct Host {
    /// Whether a block may cover the cell.
    pub(crate) open: Vec<bool>,
    /// Cost of a block covering the cell.
    pub(crate) cell_cost: Vec<i64>,
    /// Shortest and longest block in cells.
    pub(crate) shortest: usize,
    pub(crate) longest: usize,
    pub(crate) max_blocks: usize,
}

/// A group, on cells.
#[derive(Debug)]
pub(crate) struct GroupTable {
    /// `None` when it does not host.
    pub(crate) host: Option<Host>,
    pub(crate) languages: Vec<usize>,
    /// Cells touched by a regional event that blocks the group.
    pub(crate) blocked: Vec<bool>,
    pub(crate) n_operators: i64,
}

/// A session, on cells.
#[derive(Debug)]
pub(crate) struct SessionTable {
    /// Length without change-over.
    pub(crate) length: usize,
    /// Length with change-over: what it takes of its track.
    pub(crate) room: usize,
    pub(crate) language: usize,
    pub(crate) group: Option<usize>,
    /// Speakers who are there live; empty for a recorded session.
    pub(crate) live: Vec<usize>,
    /// Whether it may start at the cell, whatever else is placed.
    pub(crate) may_start: Vec<bool>,
    /// Soft cost of starting at the cell.
    pub(crate) start_cost: Vec<i64>,
    /// Whether it may be on the track.
    pub(crate) on_track: Vec<bool>,
    pub(crate) tags: Vec<usize>,
}

/// An operator, on cells, before the programme is known.
#[derive(Debug)]
pub(crate) struct OperatorTable {
    pub(crate) group: usize,
    /// Whether she may be on duty in a role that is not alerted.
    pub(crate) open: Vec<bool>,
    /// Whether she may be on duty in an alerted role.
    pub(crate) awake: Vec<bool>,
    /// Soft cost of being on duty at the cell.
    pub(crate) cell_cost: Vec<i64>,
    pub(crate) max_duty: usize,
    pub(crate) carry_over_min: i64,
    pub(crate) speaker: Option<usize>,
}

/// A duty, on cells, before the programme is known.
#[derive(Debug)]
pub(crate) struct DutyTable {
    pub(crate) role: usize,
    pub(crate) alerted: bool,
    pub(crate) need: RoleNeed,
    pub(crate) handover: usize,
    pub(crate) tracks: Vec<usize>,
    pub(crate) count: u32,
    pub(crate) asked: Vec<bool>,
    /// Alert units that people on this duty count for.
    pub(crate) units: Vec<usize>,
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

/// Names looked up while lowering.
struct Names<'p> {
    groups: BTreeMap<&'p GroupId, usize>,
    speakers: BTreeMap<&'p SpeakerId, usize>,
    tracks: BTreeMap<&'p TrackId, usize>,
    languages: Vec<Language>,
    tags: Vec<&'p str>,
}

impl Names<'_> {
    fn group(&self, id: &GroupId) -> Result<usize, SolveError> {
        self.groups
            .get(id)
            .copied()
            .ok_or_else(|| unknown("group", id.as_str()))
    }

    fn speaker(&self, id: &SpeakerId) -> Result<usize, SolveError> {
        self.speakers
            .get(id)
            .copied()
            .ok_or_else(|| unknown("speaker", id.as_str()))
    }

    fn track(&self, id: &TrackId) -> Result<usize, SolveError> {
        self.tracks
            .get(id)
            .copied()
            .ok_or_else(|| unknown("track", id.as_str()))
    }

    fn language(&self, language: &Language) -> usize {
        self.languages.binary_search(language).unwrap_or(usize::MAX)
    }
}

fn unknown(kind: &str, id: &str) -> SolveError {
    SolveError::Malformed(format!("{kind} {id:?} is not defined"))
}

impl<'p> Instance<'p> {
    /// Lowers a problem.
    ///
    /// # Errors
    /// [`SolveError::Malformed`] when it names something that it does not define.
    pub(crate) fn lower(problem: &'p Problem) -> Result<Self, SolveError> {
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

fn names(problem: &Problem) -> Names<'_> {
    let event = &problem.event;
    let mut languages: Vec<Language> = std::iter::once(&event.language)
        .chain(problem.groups.iter().flat_map(|g| &g.languages))
        .chain(problem.sessions.iter().map(|s| &s.language))
        .chain(problem.pins.blocks.iter().map(|b| &b.language))
        .cloned()
        .collect();
    languages.sort();
    languages.dedup();
    let mut tags: Vec<&str> = problem
        .sessions
        .iter()
        .flat_map(|s| s.tags.iter().map(String::as_str))
        .collect();
    tags.sort_unstable();
    tags.dedup();
    Names {
        groups: problem
            .groups
            .iter()
            .enumerate()
            .map(|(i, g)| (&g.id, i))
            .collect(),
        speakers: problem
            .speakers
            .iter()
            .enumerate()
            .map(|(i, s)| (&s.id, i))
            .collect(),
        tracks: event
            .tracks
            .iter()
            .enumerate()
            .map(|(i, t)| (&t.id, i))
            .collect(),
        languages,
        tags,
    }
}

fn lower_groups(
    problem: &Problem,
    names: &Names<'_>,
    weights: Weights,
) -> Result<Vec<GroupTable>, SolveError> {
    let horizon = problem.event.horizon;
    let n_cells = index(horizon.n_cells());
    let cell = horizon.cell_min();
    let grid = problem.event.policy.block_grid_min.div_ceil(cell).max(1);
    let mut blocked = vec![vec![false; n_cells]; problem.groups.len()];
    let mut weighed = vec![vec![0i64; n_cells]; problem.groups.len()];
    for event in &problem.regional_events {
        for concern in &event.concerns {
            let group = names.group(&concern.group)?;
            for (cell, minutes) in overlap_minutes(horizon, concern.span) {
                match event.impact {
                    Impact::Block => blocked[group][cell] = true,
                    Impact::Weigh => weighed[group][cell] += minutes * weights.clash,
                    Impact::Ignore => {}
                }
            }
        }
    }
    let mut tables = Vec::with_capacity(problem.groups.len());
    for ((group, blocked), clash_cost) in problem.groups.iter().zip(blocked).zip(weighed) {
        let host = group.hosting.as_ref().map(|hosting| {
            let open = possible_cells(horizon, &hosting.availability);
            let if_need_be = graded_minutes(horizon, &hosting.availability, Grade::IfNeedBe);
            let prime = covered_minutes(horizon, &hosting.prime);
            Host {
                open: open
                    .iter()
                    .zip(&blocked)
                    .map(|(&open, &no)| open && !no)
                    .collect(),
                cell_cost: (0..n_cells)
                    .map(|c| {
                        clash_cost[c]
                            + weights.if_need_be * if_need_be[c]
                            + weights.prime_time * (i64::from(cell) - prime[c])
                    })
                    .collect(),
                // Blocks tile the grid: their lengths are its multiples.
                shortest: index(hosting.shortest_min.div_ceil(cell).div_ceil(grid) * grid),
                longest: index(hosting.longest_min / cell / grid * grid),
                max_blocks: index(hosting.max_blocks),
            }
        });
        let n_operators = problem
            .operators
            .iter()
            .filter(|o| o.group == group.id)
            .count();
        tables.push(GroupTable {
            host,
            languages: group.languages.iter().map(|l| names.language(l)).collect(),
            blocked,
            n_operators: number(n_operators),
        });
    }
    Ok(tables)
}

fn lower_sessions(
    problem: &Problem,
    names: &Names<'_>,
    groups: &[GroupTable],
    weights: Weights,
) -> Result<Vec<SessionTable>, SolveError> {
    let horizon = problem.event.horizon;
    let n_cells = index(horizon.n_cells());
    let cell = horizon.cell_min();
    let open: Vec<Vec<bool>> = problem
        .speakers
        .iter()
        .map(|s| possible_cells(horizon, &s.availability))
        .collect();
    let if_need_be: Vec<Vec<i64>> = problem
        .speakers
        .iter()
        .map(|s| graded_minutes(horizon, &s.availability, Grade::IfNeedBe))
        .collect();
    let clash = clash_costs(problem, names, weights)?;
    let mut tables = Vec::with_capacity(problem.sessions.len());
    for session in &problem.sessions {
        if session.length_min % cell != 0 || session.changeover_min % cell != 0 {
            return Err(SolveError::Malformed(format!(
                "session {:?} does not last whole cells of {cell} minutes",
                session.id.as_str()
            )));
        }
        let live: Vec<usize> = match session.delivery {
            Delivery::Recorded => Vec::new(),
            Delivery::Live => session
                .speakers
                .iter()
                .map(|s| names.speaker(s))
                .collect::<Result<_, _>>()?,
        };
        let group = session.group.as_ref().map(|g| names.group(g)).transpose()?;
        let mut concerned: Vec<usize> = group.into_iter().collect();
        for &speaker in &live {
            if let Some(id) = &problem.speakers[speaker].group {
                concerned.push(names.group(id)?);
            }
        }
        concerned.sort_unstable();
        concerned.dedup();
        let length = index(session.length_min.div_ceil(cell));
        let on_air = |c: usize| {
            live.iter().all(|&s| open[s][c]) && concerned.iter().all(|&g| !groups[g].blocked[c])
        };
        let mut ok: Vec<bool> = (0..n_cells).map(on_air).collect();
        if let Some(window) = session.window {
            for (c, ok) in ok.iter_mut().enumerate() {
                *ok &= window.contains(&cell_span(horizon, c));
            }
        }
        let cost = |c: usize| {
            live.iter()
                .map(|&s| if_need_be[s][c] * weights.if_need_be)
                .sum::<i64>()
                + concerned.iter().map(|&g| clash[g][c]).sum::<i64>()
        };
        let cell_cost: Vec<i64> = (0..n_cells).map(cost).collect();
        let fits = |s: usize| s + length <= n_cells && ok[s..s + length].iter().all(|&ok| ok);
        let may_start: Vec<bool> = (0..n_cells).map(fits).collect();
        let start_cost = (0..n_cells)
            .map(|s| cell_cost[s..(s + length).min(n_cells)].iter().sum())
            .collect();
        let mut on_track = vec![session.tracks.is_empty(); problem.event.tracks.len()];
        for track in &session.tracks {
            on_track[names.track(track)?] = true;
        }
        tables.push(SessionTable {
            length,
            room: length + index(session.changeover_min.div_ceil(cell)),
            language: names.language(&session.language),
            group,
            live,
            may_start,
            start_cost,
            on_track,
            tags: session
                .tags
                .iter()
                .filter_map(|tag| names.tags.binary_search(&tag.as_str()).ok())
                .collect(),
        });
    }
    Ok(tables)
}

/// Cost of the weighing regional events per group and cell.
fn clash_costs(
    problem: &Problem,
    names: &Names<'_>,
    weights: Weights,
) -> Result<Vec<Vec<i64>>, SolveError> {
    let horizon = problem.event.horizon;
    let mut costs = vec![vec![0; index(horizon.n_cells())]; problem.groups.len()];
    for event in problem
        .regional_events
        .iter()
        .filter(|e| e.impact == Impact::Weigh)
    {
        for concern in &event.concerns {
            let group = names.group(&concern.group)?;
            for (cell, minutes) in overlap_minutes(horizon, concern.span) {
                costs[group][cell] += minutes * weights.clash;
            }
        }
    }
    Ok(costs)
}

fn lower_operators(
    problem: &Problem,
    names: &Names<'_>,
    groups: &[GroupTable],
    weights: Weights,
) -> Result<Vec<OperatorTable>, SolveError> {
    let horizon = problem.event.horizon;
    let cell = i64::from(horizon.cell_min());
    let clash = clash_costs(problem, names, weights)?;
    let mut tables = Vec::with_capacity(problem.operators.len());
    for operator in &problem.operators {
        let group = names.group(&operator.group)?;
        let available = possible_cells(horizon, &operator.availability);
        let nights = covered_minutes(horizon, &operator.nights);
        let if_need_be = graded_minutes(horizon, &operator.availability, Grade::IfNeedBe);
        let prefer = graded_minutes(horizon, &operator.availability, Grade::Prefer);
        let says_prefer = operator
            .availability
            .0
            .iter()
            .any(|g| g.grade == Grade::Prefer);
        let open: Vec<bool> = available
            .iter()
            .zip(&groups[group].blocked)
            .map(|(&a, &no)| a && !no)
            .collect();
        let cell_cost = (0..open.len())
            .map(|c| {
                let elsewhere = if says_prefer { cell - prefer[c] } else { 0 };
                clash[group][c]
                    + weights.night * nights[c]
                    + weights.if_need_be * if_need_be[c]
                    + weights.preference * elsewhere
            })
            .collect();
        tables.push(OperatorTable {
            group,
            awake: open
                .iter()
                .zip(&nights)
                .map(|(&open, &night)| open && night == 0)
                .collect(),
            open,
            cell_cost,
            max_duty: index(operator.max_duty_min / horizon.cell_min()),
            carry_over_min: i64::from(operator.carry_over_min),
            speaker: operator
                .speaker
                .as_ref()
                .map(|s| names.speaker(s))
                .transpose()?,
        });
    }
    Ok(tables)
}

fn lower_duties(problem: &Problem, names: &Names<'_>) -> Result<Vec<DutyTable>, SolveError> {
    let horizon = problem.event.horizon;
    let mut tables = Vec::with_capacity(problem.event.duties.len());
    for duty in &problem.event.duties {
        let role = problem
            .event
            .roles
            .iter()
            .position(|role| role.id == duty.role)
            .ok_or_else(|| unknown("role", duty.role.as_str()))?;
        let tracks: Vec<usize> = duty
            .tracks
            .iter()
            .map(|t| names.track(t))
            .collect::<Result<_, _>>()?;
        let alerted = problem.event.roles[role].alerted;
        let whole = covered_minutes(horizon, &duty.spans);
        tables.push(DutyTable {
            role,
            alerted,
            need: problem.event.roles[role].needs,
            handover: index(problem.event.roles[role].handover_min / horizon.cell_min()),
            count: duty.count,
            asked: whole
                .iter()
                .map(|&m| m == i64::from(horizon.cell_min()))
                .collect(),
            units: match (alerted, problem.event.policy.alert.scope) {
                (false, _) => Vec::new(),
                (true, AlertScope::Track) => tracks.clone(),
                (true, AlertScope::Event) => vec![0],
            },
            tracks,
        });
    }
    Ok(tables)
}

fn cell_span(horizon: Horizon, cell: usize) -> Span {
    let cell = u32::try_from(cell).unwrap_or(u32::MAX - 1);
    horizon.cells(cell, cell + 1)
}

/// The cells that `span` touches, with the minutes it shares with each.
fn overlap_minutes(horizon: Horizon, span: Span) -> Vec<(usize, i64)> {
    let Some(inside) = span.intersection(&horizon.span()) else {
        return Vec::new();
    };
    let step = i64::from(horizon.cell_min()) * 60;
    let offset = |t: Timestamp| t.as_second() - horizon.start().as_second();
    let first = offset(inside.start()).div_euclid(step);
    let last = (offset(inside.end()) + step - 1).div_euclid(step);
    (first..last)
        .filter_map(|c| usize::try_from(c).ok())
        .filter(|&c| c < index(horizon.n_cells()))
        .filter_map(|c| {
            cell_span(horizon, c)
                .intersection(&inside)
                .map(|s| (c, s.minutes()))
        })
        .collect()
}

/// Minutes of each cell that the spans cover.
fn covered_minutes(horizon: Horizon, spans: &[Span]) -> Vec<i64> {
    let mut minutes = vec![0; index(horizon.n_cells())];
    for &span in spans {
        for (cell, shared) in overlap_minutes(horizon, span) {
            minutes[cell] += shared;
        }
    }
    minutes
}

/// Minutes of each cell at exactly `grade`.
fn graded_minutes(horizon: Horizon, availability: &Availability, grade: Grade) -> Vec<i64> {
    let spans: Vec<Span> = availability
        .0
        .iter()
        .filter(|g| g.grade == grade)
        .map(|g| g.span)
        .collect();
    covered_minutes(horizon, &spans)
}

/// Cells that lie wholly in times better than impossible.
fn possible_cells(horizon: Horizon, availability: &Availability) -> Vec<bool> {
    let step = i64::from(horizon.cell_min()) * 60;
    let mut seconds = vec![0; index(horizon.n_cells())];
    for graded in availability
        .0
        .iter()
        .filter(|g| g.grade != Grade::Impossible)
    {
        for (cell, _) in overlap_minutes(horizon, graded.span) {
            if let Some(shared) = cell_span(horizon, cell).intersection(&graded.span) {
                seconds[cell] += shared.end().as_second() - shared.start().as_second();
            }
        }
    }
    seconds.into_iter().map(|s: i64| s >= step).collect()
}
