//! Whether there are enough people for an event, from its demand alone: counted, never searched.
//!
//! Heads are counted cell by cell: where fewer people could be on duty than are asked for, no plan helps. Hours are
//! shared out as a flow in which nobody gives more than her limits allow; what stays uncovered in it stays uncovered
//! in every plan. Before there is a plan, the languages of the blocks are not known: what every programme needs is
//! kept apart from what is estimated from the hosts' languages. The main entry is [`staffing`].

mod rows;
mod spread;
mod supply;
mod tongues;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use meridian_model::staffing::{Basis, Certainty, GroupPledge, Need, Staffed, Staffing, Window};
use meridian_model::{Plan, Problem};

use crate::SolveError;
use crate::instance::{Instance, number};
use rows::{Row, rows};
use spread::{Pledge, Shares, share_out};
use supply::{Supply, heads, merge, stretches};
use tongues::{Tongues, WHOLE, hosts_at};

/// Hours of a window.
const WINDOW_H: i64 = 3;

/// Compares the people that an event needs with those who pledged to help; with `plan`, for its blocks.
///
/// # Errors
/// [`SolveError::Malformed`] when the problem contradicts itself.
pub fn staffing(problem: &Problem, plan: Option<&Plan>) -> Result<Staffing, SolveError> {
    let instance = Instance::lower(problem)?;
    let supply = Supply::of(&instance);
    let (basis, tongues) = match plan {
        Some(plan) => (Basis::Plan, Tongues::of_plan(&instance, plan)),
        None => (Basis::Hosts, Tongues::of_hosts(&instance, &supply)),
    };
    let rows = rows(&supply, &tongues);
    let count = Count {
        instance: &instance,
        supply: &supply,
        windows: stretches(&instance, WINDOW_H),
        hours: stretches(&instance, 1),
    };
    // Everything sure; and what is likely, with the languages in the place of "any that a host could speak".
    let is_sure = |row: &Row| row.certainty == Certainty::Certain;
    let in_any = |row: &Row| {
        let same = |other: &Row| other.role == row.role && !is_sure(other);
        is_sure(row) && rows.iter().any(same)
    };
    let sure = count.share(&rows, &is_sure);
    let likely = count.share(&rows, &|row| !in_any(row));
    let asked = |counts: &dyn Fn(&Row) -> bool| -> i64 {
        let rows = rows.iter().filter(|row| counts(row));
        rows.flat_map(|row| &row.asked).sum()
    };
    let needed = asked(&is_sure);
    let covered: i64 = sure.covered.iter().flatten().sum();
    let needs = rows.iter().enumerate().map(|(at, row)| {
        let shares = if in_any(row) { &sure } else { &likely };
        count.need(row, &shares.covered[at])
    });
    Ok(Staffing {
        event: problem.event.id.clone(),
        basis,
        needs: needs.collect(),
        groups: count.groups(&rows, &likely.given),
        likely_min: count.minutes(asked(&|row| !in_any(row))),
        needed_min: count.minutes(needed),
        uncovered_min: count.minutes(needed - covered),
        windows: count.windows.iter().map(|w| count.window(w)).collect(),
    })
}

/// Counts over windows.
struct Count<'a, 'p> {
    instance: &'a Instance<'p>,
    supply: &'a Supply<'a, 'p>,
    windows: Vec<Range<usize>>,
    /// What hours are shared out over; each lies in one window.
    hours: Vec<Range<usize>>,
}

impl Count<'_, '_> {
    /// Thousandths of person cells in minutes, rounded.
    fn minutes(&self, thousandths: i64) -> i64 {
        (thousandths * self.instance.cell_min + WHOLE / 2) / WHOLE
    }

    /// The cells at which each operator could be on duty at all.
    fn able(&self, rows: &[Row]) -> BTreeMap<usize, Vec<bool>> {
        let mut all: BTreeMap<usize, Vec<bool>> = BTreeMap::new();
        for (&operator, able) in rows.iter().flat_map(|row| &row.able) {
            let none = || vec![false; self.instance.n_cells];
            merge(all.entry(operator).or_insert_with(none), able);
        }
        all
    }

    /// Shares everyone's hours out over the rows that `counts`; the others get nothing.
    fn share(&self, rows: &[Row], counts: &dyn Fn(&Row) -> bool) -> Shares {
        let n_cells = |able: &[bool]| number(able.iter().filter(|&&able| able).count()) * WHOLE;
        let pledge = |(operator, able): (usize, Vec<bool>)| {
            let mut serves = Vec::new();
            for (at, row) in rows.iter().enumerate().filter(|(_, row)| counts(row)) {
                let Some(mine) = row.able.get(&operator) else {
                    continue;
                };
                for (h, hour) in self.hours.iter().enumerate() {
                    let most = n_cells(&mine[hour.clone()]);
                    if most > 0 {
                        serves.push((at, h, most));
                    }
                }
            }
            let in_hour = |hour: &Range<usize>| n_cells(&able[hour.clone()]);
            Pledge {
                limit: self.supply.limit(operator, &able) * WHOLE,
                hours: self.hours.iter().map(in_hour).collect(),
                serves,
            }
        };
        let pledges: Vec<Pledge> = self.able(rows).into_iter().map(pledge).collect();
        let wanted = rows.iter().map(|row| {
            let most = |hour: &Range<usize>| hour.clone().map(|c| row.coverable(c)).sum();
            let none = !counts(row);
            let hours = self.hours.iter();
            hours.map(|h| if none { 0 } else { most(h) }).collect()
        });
        share_out(&pledges, &wanted.collect::<Vec<_>>())
    }

    fn need(&self, row: &Row, covered: &[i64]) -> Need {
        let event = &self.instance.problem.event;
        let language = |&l: &usize| self.instance.languages[l].clone();
        let in_window = |window: &Range<usize>| {
            let hours = self.hours.iter().zip(covered);
            let inside = hours.filter(|(hour, _)| window.contains(&hour.start));
            inside.map(|(_, covered)| covered).sum()
        };
        Need {
            role: event.roles[row.role].id.clone(),
            languages: row.languages.iter().map(language).collect(),
            certainty: row.certainty,
            windows: self
                .windows
                .iter()
                .map(|window| self.staffed(row, window, in_window(window)))
                .collect(),
        }
    }

    fn staffed(&self, row: &Row, window: &Range<usize>, covered: i64) -> Staffed {
        let asked = window.clone().filter(|&c| row.asked[c] > 0);
        let at = |c: usize| ((row.asked[c] + WHOLE - 1) / WHOLE, row.people_at(c));
        let able = row.able.values();
        let there = able.filter(|able| able[window.clone()].contains(&true));
        let sum = |of: &dyn Fn(usize) -> i64| self.minutes(window.clone().map(of).sum());
        let worst = asked.clone().map(|c| at(c).0 - at(c).1).max();
        Staffed {
            needed: heads(asked.clone().map(|c| at(c).0).max().unwrap_or(0)),
            people: heads(number(there.count())),
            fewest: heads(asked.map(|c| at(c).1).min().unwrap_or(0)),
            missing: heads(worst.unwrap_or(0)),
            needed_min: sum(&|c| row.asked[c]),
            missing_min: sum(&|c| row.asked[c] - row.coverable(c)),
            covered_min: self.minutes(covered),
        }
    }

    fn groups(&self, rows: &[Row], given: &[i64]) -> Vec<GroupPledge> {
        let problem = self.instance.problem;
        let mut groups: Vec<GroupPledge> = problem
            .groups
            .iter()
            .map(|group| GroupPledge {
                group: group.id.clone(),
                people: 0,
                pledged_min: 0,
                used_min: 0,
            })
            .collect();
        for ((operator, able), &given) in self.able(rows).iter().zip(given) {
            let limit = self.supply.limit(*operator, able);
            let group = &mut groups[self.instance.operators[*operator].group];
            group.people += 1;
            group.pledged_min += limit * self.instance.cell_min;
            group.used_min += self.minutes(given);
        }
        groups
    }

    fn window(&self, cells: &Range<usize>) -> Window {
        let cell = |c: usize| u32::try_from(c).unwrap_or(u32::MAX);
        let hosts = |c: usize| number(hosts_at(self.instance, c).count());
        Window {
            span: self
                .instance
                .horizon
                .cells(cell(cells.start), cell(cells.end)),
            fewest_hosts: heads(cells.clone().map(hosts).min().unwrap_or(0)),
        }
    }
}
