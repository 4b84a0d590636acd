//! A roster improved by two methods side by side, in rounds: at the end of each, the better of the two goes on.
//!
//! One is a neighbourhood search. The other is column generation in the first round, which also proves how good a roster
//! can be, and a second search afterwards and in pure Rust. They share nothing while they run, so one thread gives the
//! same bytes as two.

use std::cell::RefCell;
use std::sync::mpsc::channel;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::instance::Instance;
use crate::roster::Proof;
use crate::roster::Roster;
use crate::roster::eligibility::Eligibility;
use crate::roster::search::Search;
use crate::roster::state::RosterCost;
#[cfg(feature = "highs")]
use crate::{Engine, roster::columns};
use crate::{Options, Phase, PhaseCost, Progress, Stop};

/// Steps of one search in one round at effort 0; each effort up to [`LONGEST_ROUND`] doubles them.
const STEPS: u64 = 1200;
/// The effort from which on more effort means more rounds.
const LONGEST_ROUND: u8 = 5;
/// Further rounds for as long as something may be missing that need not be.
const ROUNDS_MORE: u64 = 1;
/// The first stream of chance used here; the programme's are below it.
const FIRST_STREAM: u64 = 4;

/// What both searches read.
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

/// What a method beside the search gives back.
struct Beside {
    found: Found,
    proof: Option<Proof>,
    phase: PhaseCost,
}

impl Task<'_, '_> {
    /// One search from `start` on.
    fn searched(
        &self,
        start: &Roster,
        stream: u64,
        steps: u64,
        better: &mut dyn FnMut(&Roster),
        progress: &mut dyn FnMut(Progress),
    ) -> Found {
        let mut rng = ChaCha8Rng::seed_from_u64(self.options.seed);
        rng.set_stream(FIRST_STREAM + stream);
        let (instance, eligibility) = (self.instance, self.eligibility);
        let mut search = Search::resumed(instance, eligibility, self.pinned, start, &mut rng);
        search.improve(steps, self.stop, &mut |_, roster| better(roster), progress);
        search.settle(self.stop);
        search.best().clone()
    }

    /// What runs beside the search of a round; `better` hears of every better roster.
    fn beside(
        &self,
        start: &Found,
        round: u64,
        steps: u64,
        better: &mut dyn FnMut(&Roster),
    ) -> Beside {
        #[cfg(feature = "highs")]
        if self.options.engine == Engine::Highs && round == 0 {
            return self.generated(start, better);
        }
        Beside {
            found: self.searched(&start.1, 2 * round + 1, steps, better, &mut |_| {}),
            proof: None,
            phase: PhaseCost {
                phase: Phase::Roster,
                steps,
            },
        }
    }

    /// Column generation.
    #[cfg(feature = "highs")]
    fn generated(&self, start: &Found, better: &mut dyn FnMut(&Roster)) -> Beside {
        let budget = columns::Budget {
            seed: self.options.seed,
            effort: self.options.effort.clamp(1, 9),
        };
        let found = columns::improve(
            self.instance,
            self.eligibility,
            self.pinned,
            start,
            budget,
            self.stop,
            &mut |_, roster| better(roster),
        );
        Beside {
            found: found.best,
            proof: Some(found.proof),
            phase: PhaseCost {
                phase: Phase::Columns,
                steps: found.rounds,
            },
        }
    }

    /// One round of both methods from `start`; the best of both and what was proven.
    fn round(
        &self,
        start: &Found,
        round: u64,
        steps: u64,
        listener: &mut Listener<'_>,
    ) -> (Found, Option<Beside>) {
        let (tell, told) = channel();
        let beside = move || {
            self.beside(start, round, steps, &mut |roster| {
                // Nobody listens any more only when the search itself has died.
                drop(tell.send(roster.clone()));
            })
        };
        let Listener { better, progress } = listener;
        let better = RefCell::new(better);
        let hear = |roster: &Roster| (better.borrow_mut())(roster);
        let mut here = || {
            self.searched(
                &start.1,
                2 * round,
                steps,
                &mut |roster| hear(roster),
                &mut |step| {
                    told.try_iter().for_each(|roster| hear(&roster));
                    progress(step);
                },
            )
        };
        if self.options.threads < 2 {
            let beside = beside();
            return (here(), Some(beside));
        }
        std::thread::scope(|scope| {
            let beside = scope.spawn(beside);
            let found = here();
            told.iter().for_each(|roster| hear(&roster));
            // A method that dies has found nothing; the search counts.
            (found, beside.join().ok())
        })
    }
}

/// Improves `start` until it is proven to be good enough, the effort is spent, or the caller stops.
pub(crate) fn improve(task: Task<'_, '_>, start: Found, mut listener: Listener<'_>) -> Improved {
    let effort = task.options.effort.clamp(1, 9);
    let steps = STEPS << effort.min(LONGEST_ROUND);
    let planned = 1 << effort.saturating_sub(LONGEST_ROUND);
    let mut improved = Improved {
        cost: start.0,
        roster: start.1,
        proof: Proof::default(),
        phases: Vec::new(),
    };
    let mut round = 0;
    while !task.stop.stopped() && improved.deserves(round, planned, task.options.gap_ppm) {
        let start = (improved.cost, std::mem::take(&mut improved.roster));
        let (found, beside) = task.round(&start, round, steps, &mut listener);
        improved.count(PhaseCost {
            phase: Phase::Roster,
            steps,
        });
        let mut best = start.min(found);
        if let Some(beside) = beside {
            best = best.min(beside.found);
            improved.proof = beside.proof.unwrap_or(improved.proof);
            improved.count(beside.phase);
        }
        (improved.cost, improved.roster) = best;
        round += 1;
    }
    improved
}

impl Improved {
    /// Whether another round is worth it.
    fn deserves(&self, round: u64, planned: u64, gap_ppm: u32) -> bool {
        let (cost, proof) = (self.cost, self.proof);
        if round == 0 {
            return true;
        }
        let could_be_less = cost.gaps > proof.gaps || cost.alert_short > proof.alert_short;
        if could_be_less {
            round < planned + ROUNDS_MORE
        } else {
            let allowed = proof.soft / 1000 * i64::from(gap_ppm) / 1000;
            cost.soft > proof.soft + allowed && round < planned
        }
    }

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
