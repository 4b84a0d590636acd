//! Column generation beside the searches: first what is missing, then the soft rules, each beside searches of its own.

use super::round::{Beside, FoundBeside, Searches};
use super::{Found, Improved, Rounds, Task};
use crate::roster::Roster;
use crate::roster::columns::{Budget, Columns, Levels};
use crate::{Phase, PhaseCost};

/// Of the searches that are planned, one in so many runs beside the soft rules, which take long.
const BESIDE_SOFT: u64 = 4;
/// One search's steps in so many beside what is missing, which takes little.
const BESIDE_SHORTAGES: u64 = 4;

struct Generated<'c, 'a> {
    columns: &'c mut Columns<'a>,
    levels: Levels,
}

impl Beside for Generated<'_, '_> {
    fn run(
        &mut self,
        task: Task<'_, '_>,
        start: &Found,
        _: Searches,
        better: &mut dyn FnMut(&Roster),
    ) -> FoundBeside {
        let better = &mut |_, roster: &Roster| better(roster);
        let found = self.columns.improve(self.levels, start, task.stop, better);
        FoundBeside {
            found: found.best,
            proof: Some(found.proof),
            phase: PhaseCost {
                phase: Phase::Columns,
                steps: found.rounds,
            },
        }
    }
}

/// Takes the rounds of column generation.
pub(super) fn improve(rounds: &mut Rounds<'_, '_, '_>) {
    let task = rounds.task;
    let budget = Budget {
        seed: task.options.seed,
        effort: task.options.effort.clamp(1, 9),
        gap_ppm: task.options.gap_ppm,
    };
    let columns = &mut Columns::new(task.instance, task.eligibility, task.pinned, budget);
    let Improved { cost, .. } = rounds.improved;
    if cost.gaps + cost.alert_short > 0 {
        let beside = &mut Generated {
            columns,
            levels: Levels::Shortages,
        };
        rounds.take(beside, 1, rounds.steps / BESIDE_SHORTAGES);
    }
    if task.stop.stopped() {
        return;
    }
    let before = rounds.improved.cost;
    let beside = &mut Generated {
        columns,
        levels: Levels::Soft,
    };
    let searches = (rounds.planned / BESIDE_SOFT).max(1);
    rounds.take(beside, searches, rounds.steps);
    if rounds.improved.cost.alert_short > before.alert_short {
        // A search found fewer gaps with more missing on alerts, of which the proof says nothing.
        rounds.improved.proof.soft = 0;
    }
}
