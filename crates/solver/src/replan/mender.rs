//! A published roster under repair: its coverage, what it costs, and what has been changed.

use super::ledger::Ledger;
use crate::instance::Instance;
use crate::roster::best_plan::best_plan;
use crate::roster::eligibility::{Eligibility, PersonDuty};
use crate::roster::state::State;
use crate::roster::{CellShift, Roster};

/// What a repair is worth, level by level: the soft cost counts the price of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Worth {
    pub(super) gaps: i64,
    pub(super) alert_short: i64,
    pub(super) priced: i64,
}

impl Worth {
    /// The levels above soft.
    pub(super) fn levels(&self) -> (i64, i64) {
        (self.gaps, self.alert_short)
    }
}

/// What someone is to do instead of what she does.
pub(super) type Move = (usize, Vec<CellShift>);

/// A roster under repair.
#[derive(Debug)]
pub(super) struct Mender<'a, 'p> {
    pub(super) state: State<'a, 'p>,
    pub(super) pinned: &'a Roster,
    pub(super) ledger: &'a Ledger,
    price: i64,
    disturbed: usize,
}

impl<'a, 'p> Mender<'a, 'p> {
    /// Starts from what stands.
    pub(super) fn start(
        instance: &'a Instance<'p>,
        eligibility: &'a Eligibility,
        pinned: &'a Roster,
        ledger: &'a Ledger,
        standing: &Roster,
    ) -> Self {
        let mut mender = Self {
            state: State::empty(instance, eligibility),
            pinned,
            ledger,
            price: 0,
            disturbed: 0,
        };
        for (operator, published) in ledger.published.iter().enumerate() {
            mender.price += ledger.cost(operator, &[]);
            mender.disturbed += usize::from(ledger.disturbs(operator, &[]));
            debug_assert!(published.is_sorted_by_key(|shift| shift.start));
        }
        for (operator, shifts) in standing.iter().enumerate() {
            mender.set(operator, shifts.clone());
        }
        mender
    }

    /// Replaces what an operator does; what she did before.
    pub(super) fn set(&mut self, operator: usize, shifts: Vec<CellShift>) -> Vec<CellShift> {
        let before = self.state.shifts[operator].clone();
        if before == shifts {
            return before;
        }
        self.price += self.ledger.cost(operator, &shifts) - self.ledger.cost(operator, &before);
        self.disturbed += usize::from(self.ledger.disturbs(operator, &shifts));
        self.disturbed -= usize::from(self.ledger.disturbs(operator, &before));
        self.state.set(operator, shifts);
        before
    }

    /// Takes over a whole roster.
    pub(super) fn set_all(&mut self, roster: &Roster) {
        for (operator, shifts) in roster.iter().enumerate() {
            self.set(operator, shifts.clone());
        }
    }

    /// What the repair is worth so far.
    pub(super) fn worth(&self) -> Worth {
        let cost = self.state.cost();
        Worth {
            gaps: cost.gaps,
            alert_short: cost.alert_short,
            priced: cost.soft.saturating_add(self.price),
        }
    }

    /// How many people are disturbed so far.
    pub(super) fn disturbed(&self) -> usize {
        self.disturbed
    }

    /// Whether she is disturbed so far.
    pub(super) fn is_disturbed(&self, operator: usize) -> bool {
        self.ledger.disturbs(operator, &self.state.shifts[operator])
    }

    /// Makes moves; what undoes them.
    pub(super) fn make(&mut self, moves: &[Move]) -> Vec<Move> {
        let undo = moves.iter().map(|(operator, shifts)| {
            let before = self.set(*operator, shifts.clone());
            (*operator, before)
        });
        let mut undo: Vec<Move> = undo.collect();
        undo.reverse();
        undo
    }

    /// Cells at which somebody is missing: duties × cells. Who is missing on an alert is missing on each of its duties.
    pub(super) fn holes(&self) -> Vec<Vec<usize>> {
        let instance = self.state.instance;
        let duties = instance.duties.iter().enumerate();
        duties
            .map(|(duty, table)| {
                let is_hole = |&c: &usize| {
                    self.state.missing(duty, c) > 0
                        || table
                            .units
                            .iter()
                            .any(|&u| self.state.alert_missing(u, c) > 0)
                };
                (0..instance.n_cells).filter(is_hole).collect()
            })
            .collect()
    }

    /// Person cells that stay uncovered whoever moves, because too few people could serve them at all.
    pub(super) fn hopeless(&self) -> i64 {
        let people = &self.state.eligibility.people;
        let mut lacking = self.state.eligibility.demand.clone();
        for duty in people.iter().flat_map(|person| &person.duties) {
            for &(from, to) in &duty.runs {
                for wanted in &mut lacking[duty.duty][from..to] {
                    *wanted -= 1;
                }
            }
        }
        lacking
            .into_iter()
            .flatten()
            .map(|cells| cells.max(0))
            .sum()
    }

    /// Those who could cover some of `holes` were they off duty, with how many cells of them.
    pub(super) fn helpers(&self, holes: &[Vec<usize>]) -> Vec<(usize, usize)> {
        let people = self.state.eligibility.people.iter().enumerate();
        let fits = |duty: &PersonDuty| {
            let cells = &holes[duty.duty];
            duty.runs
                .iter()
                .map(|&(from, to)| {
                    let after = cells.partition_point(|&c| c < from);
                    cells.partition_point(|&c| c < to) - after
                })
                .sum::<usize>()
        };
        people
            .map(|(operator, person)| (operator, person.duties.iter().map(fits).sum()))
            .filter(|&(_, cells)| cells > 0)
            .collect()
    }

    /// What she could do instead: more beside what she does, one shift chosen anew, all chosen anew.
    pub(super) fn choices(&mut self, operator: usize) -> Vec<Vec<CellShift>> {
        let now = self.state.shifts[operator].clone();
        let pinned = self.pinned[operator].as_slice();
        let mut kept: Vec<Vec<CellShift>> = vec![now.clone()];
        if now.len() > pinned.len() + 1 {
            let movable = now.iter().filter(|shift| !pinned.contains(shift));
            kept.extend(movable.map(|out| now.iter().copied().filter(|s| s != out).collect()));
        }
        if now.as_slice() != pinned {
            kept.push(pinned.to_vec());
        }
        let mut choices = Vec::new();
        for keep in kept {
            self.state.clear(operator, &keep);
            let more = best_plan(&self.state, operator, &keep);
            self.state.set(operator, now.clone());
            let mut choice = keep;
            choice.extend(more);
            choice.sort_unstable_by_key(|shift| shift.start);
            if choice != now && !choices.contains(&choice) {
                choices.push(choice);
            }
        }
        choices
    }

    /// What she would do if what she leaves were covered: the first half of an exchange.
    pub(super) fn stepping_over(&mut self, operator: usize) -> Option<Vec<CellShift>> {
        let pinned = &self.pinned[operator];
        let now = std::mem::replace(&mut self.state.shifts[operator], pinned.clone());
        let more = best_plan(&self.state, operator, pinned);
        self.state.shifts[operator] = now;
        let mut choice = pinned.clone();
        choice.extend(more);
        choice.sort_unstable_by_key(|shift| shift.start);
        (choice != self.state.shifts[operator]).then_some(choice)
    }
}
