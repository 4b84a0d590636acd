//! Who could be on duty: skills, open times and the limits on everyone's hours, before any plan.

use meridian_model::RoleNeed;

use super::tongues::cells;
use crate::instance::{Instance, ShiftLimits, index, number};

/// Minutes of the window over which a person's duty is limited.
const DAY_MIN: i64 = 24 * 60;

/// Who can do what.
pub(super) struct Supply<'a, 'p> {
    pub(super) instance: &'a Instance<'p>,
    /// Whether each operator has each duty's skill in each language: duties × operators × languages.
    speaks: Vec<Vec<Vec<bool>>>,
    /// Pinned shifts: operator, duty, first cell, cell after.
    pinned: Vec<(usize, usize, std::ops::Range<usize>)>,
}

impl<'a, 'p> Supply<'a, 'p> {
    pub(super) fn of(instance: &'a Instance<'p>) -> Self {
        let speaks = (0..instance.duties.len())
            .map(|duty| {
                (0..instance.operators.len())
                    .map(|operator| speaks(instance, operator, duty))
                    .collect()
            })
            .collect();
        let problem = instance.problem;
        let pinned = problem.pins.shifts.iter().filter_map(|pin| {
            let operator = problem.operators.iter().position(|o| o.id == pin.operator);
            let duties = &problem.event.duties;
            let duty = duties.iter().position(|d| d.id == pin.duty);
            Some((operator?, duty?, cells(instance, pin.span)))
        });
        Self {
            instance,
            speaks,
            pinned: pinned.collect(),
        }
    }

    /// Whether an operator has a duty's skill in a language; in which one does not matter to roles that need none.
    pub(super) fn speaks(&self, operator: usize, duty: usize, language: usize) -> bool {
        self.speaks[duty][operator][language]
    }

    /// The cells at which an operator could serve a duty, in shifts that are not too short.
    pub(super) fn able(
        &self,
        operator: usize,
        duty: usize,
        fits: &dyn Fn(usize) -> bool,
    ) -> Vec<bool> {
        let instance = self.instance;
        let person = &instance.operators[operator];
        let open = if instance.duties[duty].alerted {
            &person.awake
        } else {
            &person.open
        };
        let mut able: Vec<bool> = (0..instance.n_cells).map(|c| open[c] && fits(c)).collect();
        for run in able.chunk_by_mut(|a, b| a == b) {
            if run.len() < instance.limits.shortest {
                run.fill(false);
            }
        }
        // What is pinned is served, whatever stands against it.
        for (who, what, cells) in &self.pinned {
            if (*who, *what) == (operator, duty) {
                able[cells.clone()].fill(true);
            }
        }
        able
    }

    /// Whether, in a language at a cell, there is someone for every duty that depends on the language.
    pub(super) fn languages_served(&self) -> Vec<Vec<bool>> {
        let instance = self.instance;
        let mut there = vec![vec![true; instance.n_cells]; instance.languages.len()];
        for (duty, table) in instance.duties.iter().enumerate() {
            for (language, there) in there.iter_mut().enumerate() {
                let home = language == instance.event_language;
                match table.need {
                    RoleNeed::Nothing => continue,
                    RoleNeed::Interpretation if home => continue,
                    RoleNeed::Interpretation | RoleNeed::BlockLanguage => {}
                }
                let mut someone = vec![false; instance.n_cells];
                for operator in 0..instance.operators.len() {
                    if self.speaks(operator, duty, language) {
                        let able = self.able(operator, duty, &|c| table.asked[c]);
                        merge(&mut someone, &able);
                    }
                }
                for (cell, there) in there.iter_mut().enumerate() {
                    *there &= someone[cell] || !table.asked[cell];
                }
            }
        }
        there
    }

    /// The most cells that an operator could cover who could be on duty at the cells of `able`: so many in her
    /// best set of shifts, and no more in each day than her limit.
    pub(super) fn limit(&self, operator: usize, able: &[bool]) -> i64 {
        let instance = self.instance;
        let first = able.iter().position(|&able| able).unwrap_or(0);
        let last = able.iter().rposition(|&able| able).map_or(first, |c| c + 1);
        let days = (number(last - first) * instance.cell_min + DAY_MIN - 1) / DAY_MIN;
        let daily = number(instance.operators[operator].max_duty);
        let most = number(most_in_shifts(instance.limits, able));
        let pins = self.pinned.iter().filter(|(who, ..)| *who == operator);
        let pinned: usize = pins.map(|(.., cells)| cells.len()).sum();
        most.min(daily.saturating_mul(days)).max(number(pinned))
    }
}

/// The most cells in any set of shifts within the runs of `able`, as many and as long as allowed, with rests.
fn most_in_shifts(limits: ShiftLimits, able: &[bool]) -> usize {
    let n_cells = able.len();
    // The most up to each cell, with one shift more in each round.
    let mut best = vec![0; n_cells + 1];
    for _ in 0..limits.max_shifts.min(n_cells) {
        let mut more = best.clone();
        let mut run = 0;
        for end in 1..=n_cells {
            run = if able[end - 1] { run + 1 } else { 0 };
            more[end] = more[end].max(more[end - 1]);
            for length in limits.shortest..=run.min(limits.longest) {
                let free = best[(end - length).saturating_sub(limits.rest)];
                more[end] = more[end].max(free + length);
            }
        }
        if more == best {
            break;
        }
        best = more;
    }
    best[n_cells]
}

fn speaks(instance: &Instance<'_>, operator: usize, duty: usize) -> Vec<bool> {
    (0..instance.languages.len())
        .map(|language| instance.skill_level(operator, duty, &[language]).is_some())
        .collect()
}

/// Marks in `all` what is marked in `more`.
pub(super) fn merge(all: &mut [bool], more: &[bool]) {
    for (all, more) in all.iter_mut().zip(more) {
        *all |= more;
    }
}

/// A count as people write it.
pub(super) fn heads(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

/// The cells in stretches of so many hours from midnight in UTC.
pub(super) fn stretches(instance: &Instance<'_>, hours: i64) -> Vec<std::ops::Range<usize>> {
    let of = |cell: usize| {
        let cell = u32::try_from(cell).unwrap_or(u32::MAX);
        let at = instance.horizon.cell_start(cell);
        at.as_second().div_euclid(hours * 3600)
    };
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    for cell in 0..index(instance.horizon.n_cells()) {
        match found.last_mut() {
            Some(window) if of(window.start) == of(cell) => window.end = cell + 1,
            _ => found.push(cell..cell + 1),
        }
    }
    found
}
