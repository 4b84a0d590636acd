//! A roster taken over by another programme: what still holds stays, the rest is mended round the change.

use rand::Rng;

use crate::Stop;
use crate::instance::Instance;
use crate::roster::best_plan::best_plan;
use crate::roster::eligibility::{Eligibility, Person};
use crate::roster::search::Search;
use crate::roster::state::{RosterCost, State};
use crate::roster::{CellShift, Roster};

/// Sweeps over those who could close what the change opened.
const SWEEPS: usize = 2;

/// What is taken over, and how much is done about it.
#[derive(Clone, Copy)]
pub(super) struct Restaff<'a, 'p> {
    pub(super) instance: &'a Instance<'p>,
    pub(super) pinned: &'a Roster,
    /// The roster of the other programme.
    pub(super) roster: &'a Roster,
    /// People missing there: duties × cells.
    pub(super) missed: &'a [Vec<i64>],
    /// Steps of search after mending.
    pub(super) steps: u64,
    /// Person cells that may be uncovered after mending for the search to follow.
    pub(super) hope: i64,
    pub(super) stop: &'a dyn Stop,
}

/// People missing in a roster: duties × cells.
pub(super) fn missing(state: &State<'_, '_>) -> Vec<Vec<i64>> {
    let cells = 0..state.instance.n_cells;
    (0..state.instance.duties.len())
        .map(|duty| cells.clone().map(|c| state.missing(duty, c)).collect())
        .collect()
}

impl Restaff<'_, '_> {
    /// Staffs another programme.
    pub(super) fn staff(
        &self,
        eligibility: &Eligibility,
        rng: &mut impl Rng,
    ) -> (RosterCost, Roster) {
        let mut state = State::empty(self.instance, eligibility);
        let mut cut = Vec::new();
        for (operator, shifts) in self.roster.iter().enumerate() {
            let pinned = &self.pinned[operator];
            let kept: Vec<CellShift> = shifts
                .iter()
                .filter_map(|shift| {
                    if pinned.contains(shift) {
                        return Some(*shift);
                    }
                    self.what_holds(&eligibility.people[operator], *shift)
                })
                .collect();
            if kept != *shifts {
                cut.push(operator);
            }
            state.set(operator, kept);
        }
        for &operator in &cut {
            self.choose_anew(&mut state, operator);
        }
        self.mend(&mut state);
        let (cost, mended) = (state.cost(), state.shifts.clone());
        if cost.gaps > self.hope {
            return (cost, mended);
        }
        let mut search = Search::resumed(self.instance, eligibility, self.pinned, &mended, rng)
            .without_dividing();
        search.improve(self.steps, self.stop, &mut |_, _| {}, &mut |_| {});
        search.best().clone()
    }

    /// The longest part of a shift that its person can still serve.
    fn what_holds(&self, person: &Person, shift: CellShift) -> Option<CellShift> {
        let duty = person.duties.iter().find(|d| d.duty == shift.duty)?;
        let part = |&(from, to): &(usize, usize)| (from.max(shift.start), to.min(shift.end));
        let parts = duty.runs.iter().map(part).filter(|(from, to)| from < to);
        let (start, end) = parts.max_by_key(|(from, to)| to - from)?;
        if end - start < self.instance.limits.shortest {
            return None;
        }
        // A later start leaves less of the handover before it than the rest needs, so none is kept.
        let handover = if start == shift.start {
            shift.handover.min(duty.handover[start])
        } else {
            0
        };
        Some(CellShift {
            start,
            end,
            handover,
            ..shift
        })
    }

    fn choose_anew(&self, state: &mut State<'_, '_>, operator: usize) -> bool {
        let before = (state.cost(), state.shifts[operator].clone());
        state.clear(operator, &self.pinned[operator]);
        for shift in best_plan(state, operator, &self.pinned[operator]) {
            state.add(operator, shift);
        }
        let after = state.cost();
        if after > before.0 {
            state.set(operator, before.1);
        }
        after < before.0
    }

    /// Lets those who could cover something that was not missing before choose anew.
    fn mend(&self, state: &mut State<'_, '_>) {
        for _ in 0..SWEEPS {
            let mut gained = false;
            for operator in 0..state.shifts.len() {
                if self.stop.stopped() {
                    return;
                }
                let person = &state.eligibility.people[operator];
                let could_help = person.duties.iter().any(|d| {
                    let mut cells = d.runs.iter().flat_map(|&(from, to)| from..to);
                    cells.any(|c| state.missing(d.duty, c) > self.missed[d.duty][c])
                });
                if could_help {
                    gained |= self.choose_anew(state, operator);
                }
            }
            if !gained {
                return;
            }
        }
    }
}
