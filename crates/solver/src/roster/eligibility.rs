//! Who may serve which duty at which cell once the programme is known.

use std::collections::BTreeMap;

use meridian_model::{RoleNeed, SkillLevel};

use crate::instance::Instance;
use crate::programme::Programme;

/// Demand and eligibility on cells.
#[derive(Debug)]
pub(crate) struct Eligibility {
    /// People demanded: duties × cells.
    pub(crate) demand: Vec<Vec<i64>>,
    /// What each operator can do.
    pub(crate) people: Vec<Person>,
}

impl PersonDuty {
    /// Whether she can serve it at the cell.
    pub(crate) fn serves(&self, cell: usize) -> bool {
        self.runs
            .iter()
            .any(|&(from, to)| from <= cell && cell < to)
    }
}

/// What one operator can do.
#[derive(Debug)]
pub(crate) struct Person {
    /// The duties she can serve at some cell, by duty.
    pub(crate) duties: Vec<PersonDuty>,
    /// Soft cost of duty before each cell: prefix sums, cells + 1.
    pub(crate) cost_before: Vec<i64>,
}

impl Person {
    /// What she can do of a duty, if anything.
    pub(crate) fn duty(&self, duty: usize) -> Option<&PersonDuty> {
        let at = self.duties.binary_search_by_key(&duty, |d| d.duty).ok()?;
        self.duties.get(at)
    }
}

/// One duty that someone can serve.
#[derive(Debug)]
pub(crate) struct PersonDuty {
    pub(crate) duty: usize,
    /// Maximal runs of cells at which she can serve it: first cell, cell after; no shorter than a shift.
    pub(crate) runs: Vec<(usize, usize)>,
    /// Cells of handover she can give when she starts to cover at the cell.
    pub(crate) handover: Vec<usize>,
    /// Whether a shift that starts at the cell begins with its duty, so that there is nobody to take over from.
    pub(crate) opens: Vec<bool>,
    /// Whether she does it for the first time, by cell.
    pub(crate) first_time: Vec<bool>,
}

impl Eligibility {
    /// Works out demand and eligibility for a programme.
    pub(crate) fn of(instance: &Instance<'_>, programme: &Programme) -> Self {
        let at = programme.languages_at(instance);
        let languages: Vec<Vec<Vec<usize>>> = (0..instance.duties.len())
            .map(|duty| needed_languages(instance, duty, &at))
            .collect();
        let demand: Vec<Vec<i64>> = instance
            .duties
            .iter()
            .zip(&languages)
            .map(|(table, needed)| {
                let asked = |c: usize| {
                    table.asked[c]
                        && (table.need != RoleNeed::Interpretation || !needed[c].is_empty())
                };
                (0..instance.n_cells)
                    .map(|c| if asked(c) { i64::from(table.count) } else { 0 })
                    .collect()
            })
            .collect();
        let people = (0..instance.operators.len())
            .map(|operator| {
                let speaking = speaking_cells(instance, programme, operator);
                let duties = (0..instance.duties.len())
                    .filter_map(|duty| {
                        let (needed, demand) = (&languages[duty], &demand[duty]);
                        person_duty(instance, operator, duty, needed, demand, &speaking)
                    })
                    .collect();
                let mut cost_before = vec![0];
                for cost in &instance.operators[operator].cell_cost {
                    cost_before.push(cost_before.last().copied().unwrap_or(0) + cost);
                }
                Person {
                    duties,
                    cost_before,
                }
            })
            .collect();
        Self { demand, people }
    }
}

/// Languages that a duty needs at each cell, sorted.
fn needed_languages(
    instance: &Instance<'_>,
    duty: usize,
    at: &[Vec<Option<usize>>],
) -> Vec<Vec<usize>> {
    let table = &instance.duties[duty];
    (0..instance.n_cells)
        .map(|c| {
            let mut needed: Vec<usize> = table
                .tracks
                .iter()
                .map(|&track| at[track][c].unwrap_or(instance.event_language))
                .filter(|&l| table.need == RoleNeed::BlockLanguage || l != instance.event_language)
                .collect();
            needed.sort_unstable();
            needed.dedup();
            needed
        })
        .collect()
}

/// Cells at which an operator speaks herself or prepares to.
fn speaking_cells(instance: &Instance<'_>, programme: &Programme, operator: usize) -> Vec<bool> {
    let mut speaking = vec![false; instance.n_cells];
    let Some(speaker) = instance.operators[operator].speaker else {
        return speaking;
    };
    let before = instance.preparation_min + instance.cell_min - 1;
    let preparation = usize::try_from(before / instance.cell_min).unwrap_or(0);
    for placed in &programme.placed {
        let table = &instance.sessions[placed.session];
        if table.live.contains(&speaker) {
            let from = placed.start.saturating_sub(preparation);
            speaking[from..placed.start + table.length].fill(true);
        }
    }
    speaking
}

fn person_duty(
    instance: &Instance<'_>,
    operator: usize,
    duty: usize,
    languages: &[Vec<usize>],
    demand: &[i64],
    speaking: &[bool],
) -> Option<PersonDuty> {
    let n_cells = instance.n_cells;
    let table = &instance.duties[duty];
    let person = &instance.operators[operator];
    let may_be_on = if table.alerted {
        &person.awake
    } else {
        &person.open
    };
    let mut known: BTreeMap<&[usize], Option<SkillLevel>> = BTreeMap::new();
    let levels: Vec<Option<SkillLevel>> = (0..n_cells)
        .map(|c| {
            let serves = demand[c] > 0 && may_be_on[c] && !speaking[c];
            let mut level = || {
                *known
                    .entry(&languages[c])
                    .or_insert_with(|| instance.skill_level(operator, duty, &languages[c]))
            };
            if serves { level() } else { None }
        })
        .collect();
    let shortest = instance.limits.shortest;
    let mut runs = Vec::new();
    let mut from = 0;
    while from < n_cells {
        let able = levels[from].is_some();
        let to = (from..n_cells)
            .find(|&c| levels[c].is_some() != able)
            .unwrap_or(n_cells);
        if able && to - from >= shortest {
            runs.push((from, to));
        }
        from = to;
    }
    if runs.is_empty() {
        return None;
    }
    let opens: Vec<bool> = (0..n_cells)
        .map(|c| demand[c] > 0 && (c == 0 || demand[c - 1] == 0))
        .collect();
    let handover = (0..n_cells)
        .map(|start| {
            if opens[start] {
                return 0;
            }
            (1..=table.handover.min(start))
                .take_while(|back| may_be_on[start - back] && !speaking[start - back])
                .count()
        })
        .collect();
    Some(PersonDuty {
        duty,
        runs,
        handover,
        opens,
        first_time: levels
            .iter()
            .map(|level| *level == Some(SkillLevel::FirstTimer))
            .collect(),
    })
}
