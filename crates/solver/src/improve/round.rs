//! One round: some searches, one after the other, and another method beside them.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{Found, Listener, Task};
use crate::roster::search::Search;
use crate::roster::{Proof, Roster};
use crate::{Phase, PhaseCost, Progress, Stop};

/// The first stream of chance used here; the programme's are below it.
const FIRST_STREAM: u64 = 4;

/// What runs beside the searches.
pub(super) trait Beside: Send {
    /// Betters `start`; `better` hears of every better roster.
    fn run(
        &mut self,
        task: Task<'_, '_>,
        start: &Found,
        searches: Searches,
        better: &mut dyn FnMut(&Roster),
    ) -> FoundBeside;
}

/// What it gives back.
pub(super) struct FoundBeside {
    pub(super) found: Found,
    pub(super) proof: Option<Proof>,
    pub(super) phase: PhaseCost,
}

/// The searches of a round, each from the best roster so far.
#[derive(Clone, Copy)]
pub(super) struct Searches {
    /// How many there were in all rounds before.
    pub(super) before: u64,
    pub(super) n: u64,
    pub(super) steps: u64,
    /// No roster has fewer gaps.
    pub(super) least_gaps: i64,
}

/// A search like those beside it, by other chances.
pub(super) struct SecondSearch;

impl Beside for SecondSearch {
    fn run(
        &mut self,
        task: Task<'_, '_>,
        start: &Found,
        searches: Searches,
        better: &mut dyn FnMut(&Roster),
    ) -> FoundBeside {
        let stream = 2 * searches.before + 1;
        FoundBeside {
            found: task.searched(&start.1, (searches, stream), task.stop, better, &mut |_| {}),
            proof: None,
            phase: PhaseCost {
                phase: Phase::Roster,
                steps: searches.steps,
            },
        }
    }
}

/// Stops when the caller does, or when there is nothing left to find.
struct Until<'a> {
    stop: &'a dyn Stop,
    proved: &'a AtomicBool,
}

impl Stop for Until<'_> {
    fn stopped(&self) -> bool {
        self.proved.load(Ordering::Relaxed) || self.stop.stopped()
    }

    fn remaining(&self) -> Option<Duration> {
        self.stop.remaining()
    }
}

impl Task<'_, '_> {
    /// One search.
    fn searched(
        &self,
        start: &Roster,
        (searches, stream): (Searches, u64),
        stop: &dyn Stop,
        better: &mut dyn FnMut(&Roster),
        progress: &mut dyn FnMut(Progress),
    ) -> Found {
        let mut rng = ChaCha8Rng::seed_from_u64(self.options.seed);
        rng.set_stream(FIRST_STREAM + stream);
        let (instance, eligibility) = (self.instance, self.eligibility);
        let mut search = Search::resumed(instance, eligibility, self.pinned, start, &mut rng)
            .with_least_gaps(searches.least_gaps);
        search.improve(
            searches.steps,
            stop,
            &mut |_, roster| better(roster),
            progress,
        );
        search.settle(stop);
        search.best().clone()
    }
}

/// What the searches of a round found, nothing when a proof made them needless, and what was found beside them.
pub(super) fn round(
    task: Task<'_, '_>,
    start: &Found,
    searches: Searches,
    beside: &mut dyn Beside,
    Listener { better, progress }: &mut Listener<'_>,
) -> (Option<Found>, Option<FoundBeside>) {
    let (tell, told) = channel();
    let proved = AtomicBool::new(false);
    let flag = &proved;
    let mut beside = move || {
        let found = beside.run(task, start, searches, &mut |roster| {
            // Nobody listens any more only when the search itself has died.
            drop(tell.send(roster.clone()));
        });
        let met = |proof: Proof| proof.is_met_by(found.found.0, task.options.gap_ppm);
        flag.store(found.proof.is_some_and(met), Ordering::Relaxed);
        found
    };
    let until = Until {
        stop: task.stop,
        proved: &proved,
    };
    let better = RefCell::new(better);
    let hear = |roster: &Roster| (better.borrow_mut())(roster);
    let mut listen = |step| {
        told.try_iter().for_each(|roster| hear(&roster));
        progress(step);
    };
    let mut search = || {
        let mut best = start.clone();
        for nth in 0..searches.n {
            if until.stopped() {
                break;
            }
            let this = (searches, 2 * (searches.before + nth));
            let found = task.searched(
                &best.1,
                this,
                &until,
                &mut |roster| hear(roster),
                &mut listen,
            );
            best = best.min(found);
        }
        best
    };
    let (found, beside) = if task.options.threads < 2 {
        let beside = beside();
        let found = search();
        told.try_iter().for_each(|roster| hear(&roster));
        (found, Some(beside))
    } else {
        std::thread::scope(|scope| {
            let beside = scope.spawn(beside);
            let found = search();
            told.iter().for_each(|roster| hear(&roster));
            // A method that dies has found nothing; the search counts.
            (found, beside.join().ok())
        })
    };
    let needed = !proved.load(Ordering::Relaxed);
    (needed.then_some(found), beside)
}
