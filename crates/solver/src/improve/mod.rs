//! A roster improved by two methods side by side, in rounds: at the end of each, the better of the two goes on.
//!
//! One is a neighbourhood search. The other is column generation as long as there is something to prove, and a second
//! search afterwards and in pure Rust. They share nothing while they run but the word that one has proven its roster,
//! which then counts whatever the other has; so one thread gives the same bytes as two.

#[cfg(feature = "highs")]
mod generated;
mod round;

use crate::instance::Instance;
use crate::roster::eligibility::Eligibility;
use crate::roster::state::RosterCost;
use crate::roster::{Proof, Roster};
use crate::{Options, PhaseCost, Progress, Stop};
use round::{Beside, Searches, SecondSearch, round};

/// Steps of one search at effort 0; each effort up to [`LONGEST_SEARCH`] doubles them.
const STEPS: u64 = 1200;
/// The effort from which on more effort means more searches.
const LONGEST_SEARCH: u8 = 5;
/// Further searches for as long as something may be missing that need not be.
const SEARCHES_MORE: u64 = 1;

/// What both methods read.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a, 'p> {
    pub(crate) instance: &'a Instance<'p>,
    pub(crate) eligibility: &'a Eligibility,
    pub(crate) pinned: &'a Roster,
    pub(crate) options: &'a Options,
    pub(crate) stop: &'a dyn Stop,
}

/// Hears of the searches while they run.
pub(crate) struct Listener<'a> {
    pub(crate) better: &'a mut dyn FnMut(&Roster),
    pub(crate) progress: &'a mut dyn FnMut(Progress),
}

/// The best roster found and what it took.
pub(crate) struct Improved {
    pub(crate) roster: Roster,
    pub(crate) cost: RosterCost,
    pub(crate) proof: Proof,
    pub(crate) phases: Vec<PhaseCost>,
}

type Found = (RosterCost, Roster);

/// Improves `start` until it is proven to be good enough, the effort is spent, or the caller stops.
pub(crate) fn improve(task: Task<'_, '_>, start: Found, listener: Listener<'_>) -> Improved {
    let mut rounds = Rounds::new(task, start, listener);
    #[cfg(feature = "highs")]
    if task.options.engine == crate::Engine::Highs {
        generated::improve(&mut rounds);
    }
    while rounds.deserve_another() {
        rounds.take(&mut SecondSearch, 1, rounds.steps);
    }
    rounds.improved
}

/// The rounds so far.
struct Rounds<'t, 'p, 'l> {
    task: Task<'t, 'p>,
    listener: Listener<'l>,
    improved: Improved,
    /// Steps of one search.
    steps: u64,
    /// Searches planned in all.
    planned: u64,
    /// Searches so far.
    done: u64,
}

impl<'t, 'p, 'l> Rounds<'t, 'p, 'l> {
    fn new(task: Task<'t, 'p>, (cost, roster): Found, listener: Listener<'l>) -> Self {
        let effort = task.options.effort.clamp(1, 9);
        Self {
            task,
            listener,
            improved: Improved {
                cost,
                roster,
                proof: Proof::default(),
                phases: Vec::new(),
            },
            steps: STEPS << effort.min(LONGEST_SEARCH),
            planned: 1 << effort.saturating_sub(LONGEST_SEARCH),
            done: 0,
        }
    }

    /// Takes one round of a method beside some searches.
    fn take(&mut self, beside: &mut dyn Beside, n: u64, steps: u64) {
        let Improved { cost, proof, .. } = self.improved;
        let searches = Searches {
            before: self.done,
            n,
            steps,
            least_gaps: proof.gaps,
        };
        let start = (cost, std::mem::take(&mut self.improved.roster));
        let (found, beside) = round(self.task, &start, searches, beside, &mut self.listener);
        let mut best = start;
        if let Some(found) = found {
            best = best.min(found);
            self.improved.count(PhaseCost {
                phase: crate::Phase::Roster,
                steps: n * steps,
            });
        }
        if let Some(beside) = beside {
            best = best.min(beside.found);
            self.improved.proof = beside.proof.unwrap_or(proof);
            self.improved.count(beside.phase);
        }
        (self.improved.cost, self.improved.roster) = best;
        self.done += n;
    }

    /// Whether another round is worth it.
    fn deserve_another(&self) -> bool {
        let Improved { cost, proof, .. } = self.improved;
        if self.task.stop.stopped() {
            return false;
        }
        let could_be_less = cost.gaps > proof.gaps || cost.alert_short > proof.alert_short;
        if could_be_less {
            return self.done < self.planned + SEARCHES_MORE;
        }
        let near = proof.is_met_by(cost, self.task.options.gap_ppm);
        self.done == 0 || !near && self.done < self.planned
    }
}

impl Improved {
    fn count(&mut self, cost: PhaseCost) {
        match self
            .phases
            .iter_mut()
            .find(|known| known.phase == cost.phase)
        {
            Some(known) => known.steps += cost.steps,
            None => self.phases.push(cost),
        }
    }
}
