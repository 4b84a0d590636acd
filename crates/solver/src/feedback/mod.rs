//! Programme and roster together: what people cost goes back to the host blocks.
//!
//! One after the other, blocks are chosen by what hosts like, and a block can end up where nobody speaks its language. Here the
//! staffed programme gives prices for each language and time ([`prices`]); programmes next to it that the prices favour
//! are staffed again round the change ([`restaff`]) and scored whole, level by level. The main entry is [`improve`].

mod hours;
mod moves;
mod prices;
mod restaff;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use meridian_model::{Medium, Score};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::instance::Instance;
use crate::pins::CellPins;
use crate::programme::Programme;
use crate::roster::Roster;
use crate::roster::eligibility::Eligibility;
use crate::roster::state::{RosterCost, State};
use crate::{Options, Stop};
use moves::{Move, Neighbourhood, replaced, scale};
use prices::Prices;
use restaff::Restaff;

/// The stream of chance used here.
const STREAM: u64 = 40;
/// Programmes staffed, per effort.
const TRIALS: usize = 60;
/// Moves tried from one programme before chance orders them anew.
const TRIED_IN_ORDER: usize = 40;
/// Steps of roster search after each move.
const STEPS: u64 = 24;

/// What the search reads.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a, 'p> {
    pub(crate) instance: &'a Instance<'p>,
    pub(crate) pins: &'a CellPins,
    pub(crate) options: &'a Options,
    pub(crate) stop: &'a dyn Stop,
}

/// A programme with its people.
#[derive(Clone, Debug)]
pub(crate) struct Staffed {
    pub(crate) programme: Programme,
    pub(crate) roster: Roster,
}

/// One staffed programme and what it costs, less what no choice can change.
#[derive(Debug)]
struct Point {
    staffed: Staffed,
    eligibility: Eligibility,
    score: Score,
}

/// Improves a staffed programme; gives the number of programmes staffed.
pub(crate) fn improve(
    task: Task<'_, '_>,
    start: Staffed,
    better: &mut dyn FnMut(&Staffed),
) -> (Staffed, u64) {
    let effort = usize::from(task.options.effort.clamp(1, 9));
    let mut rng = ChaCha8Rng::seed_from_u64(task.options.seed);
    rng.set_stream(STREAM);
    let mut here = task.point(start);
    let mut trials = TRIALS * effort;
    let mut spent = 0;
    while trials > 0 && !task.stop.stopped() {
        let order = task.order(&here, &mut rng);
        let mut moved = false;
        for step in order.into_iter().take(TRIED_IN_ORDER.min(trials)) {
            if task.stop.stopped() {
                break;
            }
            trials -= 1;
            spent += 1;
            let programme = step.apply(task.instance, &task.pins.sessions, &here.staffed.programme);
            let tried = task.restaffed(programme, &here.staffed.roster, &mut rng);
            if tried.score < here.score {
                here = tried;
                better(&here.staffed);
                moved = true;
                break;
            }
        }
        if !moved && trials > 0 {
            trials -= 1;
            spent += 1;
            if let Some(tried) = task.sessions_again(&here, &mut rng) {
                here = tried;
                better(&here.staffed);
            }
        }
    }
    (here.staffed, spent)
}

impl Task<'_, '_> {
    fn point(&self, staffed: Staffed) -> Point {
        let eligibility = Eligibility::of(self.instance, &staffed.programme);
        let cost = State::of(self.instance, &eligibility, &staffed.roster).cost();
        Point {
            score: whole(self.instance, &staffed.programme, cost),
            staffed,
            eligibility,
        }
    }

    /// The moves from here, the most promising first, with some chance.
    fn order(&self, here: &Point, rng: &mut ChaCha8Rng) -> Vec<Move> {
        let state = State::of(self.instance, &here.eligibility, &here.staffed.roster);
        let programme = &here.staffed.programme;
        let prices = Prices::of(self.instance, programme, &state);
        let round = Neighbourhood {
            instance: self.instance,
            programme,
            pinned: &self.pins.blocks,
            prices: &prices,
        };
        let chance = scale(self.instance);
        let ordered: BTreeSet<(i64, Move)> = round
            .moves()
            .into_iter()
            .map(|(change, step)| (change + rng.random_range(0..chance), step))
            .collect();
        ordered.into_iter().map(|(_, step)| step).collect()
    }

    fn restaffed(&self, programme: Programme, roster: &Roster, rng: &mut ChaCha8Rng) -> Point {
        let eligibility = Eligibility::of(self.instance, &programme);
        let restaff = Restaff {
            instance: self.instance,
            pinned: &self.pins.shifts,
            steps: STEPS,
            stop: self.stop,
        };
        let (cost, roster) = restaff.staff(&eligibility, roster, rng);
        Point {
            score: whole(self.instance, &programme, cost),
            staffed: Staffed { programme, roster },
            eligibility,
        }
    }

    /// The sessions placed again in the blocks as they are now.
    fn sessions_again(&self, here: &Point, rng: &mut ChaCha8Rng) -> Option<Point> {
        let programme = &here.staffed.programme;
        let mut placer = replaced(self.instance, &self.pins.sessions, programme);
        placer.polish(rng, 200 * usize::from(self.options.effort));
        placer.fill();
        let again = placer.into_programme();
        if again.cost(self.instance) >= programme.cost(self.instance) {
            return None;
        }
        let tried = self.restaffed(again, &here.staffed.roster, rng);
        (tried.score < here.score).then_some(tried)
    }
}

/// What programme and roster cost together, level by level, less what no choice can change.
fn whole(instance: &Instance<'_>, programme: &Programme, roster: RosterCost) -> Score {
    let (unhosted, unplaced_must, unplaced_should, soft) = programme.cost(instance);
    Score {
        hard: 0,
        medium: Medium {
            unhosted,
            unplaced_must,
            unplaced_should,
            gaps: roster.gaps,
            alert_short: roster.alert_short,
        },
        soft: soft + roster.soft,
    }
}
