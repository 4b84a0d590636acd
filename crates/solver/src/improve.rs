//! A roster improved by two searches side by side, in rounds: at the end of each, the better of the two goes on.
//!
//! The searches share nothing while they run, so one thread gives the same bytes as two.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::instance::Instance;
use crate::roster::Roster;
use crate::roster::eligibility::Eligibility;
use crate::roster::search::Search;
use crate::roster::state::RosterCost;
use crate::{Options, Phase, PhaseCost, Progress, Stop};

/// Steps of one search in one round at effort 0; each effort doubles them.
const STEPS: u64 = 1200;
/// Rounds: the second only when the first leaves something uncovered.
const ROUNDS: u64 = 2;
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

/// Hears of the first search while it runs.
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

/// Lower bounds of what a roster costs, each given that the levels above are as low as the best roster's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) gaps: i64,
    pub(crate) alert_short: i64,
    pub(crate) soft: i64,
}

type Found = (RosterCost, Roster);

impl Task<'_, '_> {
    fn search<'r>(&'r self, rng: &'r mut ChaCha8Rng) -> Search<'r, 'r, ChaCha8Rng> {
        Search::start(self.instance, self.eligibility, self.pinned, rng)
    }

    fn rng(&self, stream: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.options.seed);
        rng.set_stream(FIRST_STREAM + stream);
        rng
    }

    /// One search from `start` on; only the first of a round is listened to.
    fn searched(
        &self,
        start: &Roster,
        stream: u64,
        steps: u64,
        listener: &mut Listener<'_>,
    ) -> Found {
        let mut rng = self.rng(stream);
        let mut search = self.search(&mut rng);
        search.resume(start);
        let Listener { better, progress } = listener;
        search.improve(steps, self.stop, &mut |_, roster| better(roster), progress);
        search.settle(self.stop);
        search.best().clone()
    }

    /// Two pieces of work, at once if two threads are allowed; `None` of one that died.
    fn side_by_side<A, B: Send>(
        &self,
        here: impl FnOnce() -> A,
        beside: impl FnOnce() -> B + Send,
    ) -> (A, Option<B>) {
        if self.options.threads < 2 {
            let other = beside();
            return (here(), Some(other));
        }
        std::thread::scope(|scope| {
            let beside = scope.spawn(beside);
            (here(), beside.join().ok())
        })
    }
}

/// Improves `start` until nothing is missing and the effort is spent, or the caller stops.
pub(crate) fn improve(task: Task<'_, '_>, start: Found, mut listener: Listener<'_>) -> Improved {
    let steps = STEPS << task.options.effort.clamp(1, 9);
    let mut best = start;
    let mut rounds = 0;
    while rounds < ROUNDS && !task.stop.stopped() {
        if rounds > 0 && best.0.gaps + best.0.alert_short == 0 {
            break;
        }
        let from = best.1.clone();
        let (here, beside) = task.side_by_side(
            || task.searched(&from, 2 * rounds, steps, &mut listener),
            || {
                let mut silent = Listener {
                    better: &mut |_| {},
                    progress: &mut |_| {},
                };
                task.searched(&from, 2 * rounds + 1, steps, &mut silent)
            },
        );
        best = std::iter::once(here).chain(beside).fold(best, Found::min);
        rounds += 1;
    }
    let (cost, roster) = best;
    Improved {
        roster,
        cost,
        proof: Proof::default(),
        phases: vec![PhaseCost {
            phase: Phase::Roster,
            steps: 2 * steps * rounds,
        }],
    }
}
