//! Programme and roster together: what people cost goes back to the host blocks.
//!
//! One after the other, blocks are chosen by what hosts like, and a block can end up where nobody speaks its language. Here the
//! staffed programme gives prices for each language and time ([`prices`]); programmes next to it that the prices favour
//! are staffed again round the change ([`restaff`]) and scored whole, level by level. The main entry is [`improve`].

mod again;
mod hours;
mod moves;
mod prices;
mod redraw;
mod restaff;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use meridian_model::{Medium, Score};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::instance::{Instance, number};
use crate::pins::CellPins;
use crate::programme::Programme;
use crate::programme::placement::Placer;
use crate::roster::Roster;
use crate::roster::eligibility::Eligibility;
use crate::roster::state::{RosterCost, State};
use crate::{Options, Stop};
use moves::{Move, Neighbourhood, replaced, scale};
use prices::Prices;
use restaff::{Restaff, missing};

/// The first stream of chance used here; each trial has its own.
const FIRST_STREAM: u64 = 1 << 32;
/// Programmes staffed, per effort, while there are no more people than [`MANY`].
const TRIALS: u64 = 60;
/// People above whom fewer programmes are staffed, in proportion.
const MANY: u64 = 120;
/// Least of them, per effort.
const FEWEST_TRIALS: u64 = 10;
/// Programmes drawn anew and staffed, for each of the others.
const DRAWN_PER_TRIAL: u64 = 2;
/// Moves tried from one programme before chance orders them anew.
const TRIED_IN_ORDER: usize = 40;
/// Orders of moves tried in vain before the blocks are chosen again.
const PATIENCE: u32 = 2;
/// How often the blocks are chosen again.
const CHOICES: u32 = 3;
/// Steps of roster search, per effort, before the first move: what comes after must beat a roster of some merit.
const FIRST_STEPS: u64 = 100;
/// Steps of roster search at effort 0 in the last comparison with the first programme; each effort doubles them.
const LAST_STEPS: u64 = 150;
/// Steps of roster search after each move.
const STEPS: u64 = 24;
/// Steps of roster search after the blocks were chosen again.
const STEPS_AGAIN: u64 = 400;

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
    /// People missing: duties × cells.
    missing: Vec<Vec<i64>>,
    score: Score,
}

/// Improves a staffed programme; gives the number of programmes staffed.
pub(crate) fn improve(
    task: Task<'_, '_>,
    start: Staffed,
    better: &mut dyn FnMut(&Staffed),
) -> (Staffed, u64) {
    if start
        .programme
        .blocks
        .iter()
        .all(|b| task.pins.blocks.contains(b))
    {
        return (start, 0);
    }
    let effort = u64::from(task.options.effort.clamp(1, 9));
    let people = u64::try_from(task.instance.operators.len()).unwrap_or(u64::MAX);
    let trials = (TRIALS * MANY / people.max(MANY)).max(FEWEST_TRIALS);
    let mut search = Search {
        task,
        spent: 0,
        trials: trials * effort,
    };
    let mut best = task.point(start, FIRST_STEPS * effort);
    better(&best.staffed);
    let first = best.staffed.clone();
    search.descend(&mut best, better);
    let mut prices: Option<Prices> = None;
    for _ in 0..CHOICES {
        if !search.goes_on() {
            break;
        }
        let newer = task.prices(&best);
        let damped = prices.map_or_else(|| newer.clone(), |old| old.damped(&newer));
        let mut other = search.chosen_again(&best, &damped);
        prices = Some(damped);
        search.descend(&mut other, &mut |_| {});
        if other.score < best.score {
            best = other;
            better(&best.staffed);
        }
    }
    search.trials = search.spent + trials * DRAWN_PER_TRIAL * effort;
    search.redraw(&mut best, better);
    let last = if best.staffed.programme == first.programme {
        best.staffed
    } else {
        task.better_of(first, best.staffed, LAST_STEPS << effort)
    };
    better(&last);
    (last, search.spent)
}

/// The better of two staffed programmes when both rosters were searched for as long.
pub(crate) fn better_of(task: Task<'_, '_>, one: Staffed, other: Staffed) -> Staffed {
    task.better_of(one, other, LAST_STEPS << task.options.effort.clamp(1, 9))
}

/// One search over programmes and what it has spent.
struct Search<'a, 'p> {
    task: Task<'a, 'p>,
    spent: u64,
    trials: u64,
}

impl Search<'_, '_> {
    fn goes_on(&self) -> bool {
        self.spent < self.trials && !self.task.stop.stopped()
    }

    /// Moves on while some move gains, or until patience ends.
    fn descend(&mut self, here: &mut Point, better: &mut dyn FnMut(&Staffed)) {
        let mut in_vain = 0;
        while in_vain < PATIENCE && self.goes_on() {
            let order = self.task.order(here, &mut self.task.rng(self.spent));
            let found = self.first_gain(here, &order);
            let found = found.or_else(|| self.task.sessions_again(here, self.task.rng(self.spent)));
            self.spent += 1;
            match found {
                Some(point) => {
                    *here = point;
                    better(&here.staffed);
                    in_vain = 0;
                }
                None if order.is_empty() => return,
                None => in_vain += 1,
            }
        }
    }

    /// Draws parts of the programme anew until all that may be staffed was.
    fn redraw(&mut self, here: &mut Point, better: &mut dyn FnMut(&Staffed)) {
        while self.goes_on() {
            let Some(found) = self.first_drawn(here) else {
                return;
            };
            *here = found;
            better(&here.staffed);
            self.descend(here, better);
        }
    }

    /// The first drawn programme that gains.
    fn first_drawn(&mut self, here: &Point) -> Option<Point> {
        let task = self.task;
        let table = redraw::Table::new(&task, &here.staffed.programme, task.prices(here));
        while self.goes_on() {
            let spent = self.spent;
            self.spent += 2;
            let tried = |trial| {
                let mut rng = task.rng(trial);
                let drawn = table.draw(&mut rng)?;
                task.beside(here, drawn, &mut rng)
            };
            let found = self.one_of_two(|| tried(spent), || tried(spent + 1));
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// What the first finds, or else the second, looked for at once if two threads are allowed.
    fn one_of_two(
        &self,
        first: impl FnOnce() -> Option<Point>,
        second: impl FnOnce() -> Option<Point> + Send,
    ) -> Option<Point> {
        if self.task.options.threads < 2 {
            return first().or_else(second);
        }
        std::thread::scope(|scope| {
            let second = scope.spawn(second);
            // A trial that dies has found nothing.
            first().or_else(|| second.join().ok().flatten())
        })
    }

    /// The first of the moves that gains, tried in pairs at once if two threads are allowed.
    fn first_gain(&mut self, here: &Point, order: &[Move]) -> Option<Point> {
        for pair in order.chunks(2).take(TRIED_IN_ORDER / 2) {
            if !self.goes_on() {
                return None;
            }
            let task = self.task;
            let spent = self.spent;
            self.spent += number_of(pair);
            let first = || task.tried(here, &pair[0], spent);
            let second = || {
                pair.get(1)
                    .and_then(|step| task.tried(here, step, spent + 1))
            };
            let found = self.one_of_two(first, second);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The blocks chosen again at these prices, and staffed.
    fn chosen_again(&mut self, here: &Point, prices: &Prices) -> Point {
        let task = self.task;
        let mut rng = task.rng(self.spent);
        self.spent += 1;
        let blocks = again::blocks(&task, &here.staffed.programme, prices);
        let mut placer = Placer::new(task.instance, blocks, &task.pins.sessions);
        placer.fill();
        placer.polish(&mut rng, 200 * usize::from(task.options.effort));
        placer.fill();
        let from = (&here.staffed.roster, &here.missing[..]);
        let long = (STEPS_AGAIN, i64::MAX);
        task.restaffed(placer.into_programme(), from, long, &mut rng)
    }
}

fn number_of(pair: &[Move]) -> u64 {
    if pair.len() < 2 { 1 } else { 2 }
}

impl Task<'_, '_> {
    /// A staffed programme, its roster searched for some steps.
    fn point(&self, staffed: Staffed, steps: u64) -> Point {
        let Staffed { programme, roster } = staffed;
        let eligibility = Eligibility::of(self.instance, &programme);
        let missing = missing(&State::of(self.instance, &eligibility, &roster));
        let from = (&roster, &missing[..]);
        self.restaffed(programme, from, (steps, i64::MAX), &mut self.rng(0))
    }

    /// The better of two staffed programmes when both rosters were searched for as long: where a moved block gains
    /// little, its gain can be that its roster was searched more often.
    fn better_of(&self, one: Staffed, other: Staffed, steps: u64) -> Staffed {
        let searched = |staffed| self.point(staffed, steps);
        let (one, other) = if self.options.threads < 2 {
            (searched(one), Some(searched(other)))
        } else {
            std::thread::scope(|scope| {
                let other = scope.spawn(|| searched(other));
                (searched(one), other.join().ok())
            })
        };
        match other {
            Some(other) if other.score < one.score => other.staffed,
            _ => one.staffed,
        }
    }

    fn rng(&self, trial: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.options.seed);
        rng.set_stream(FIRST_STREAM + trial);
        rng
    }

    fn prices(&self, here: &Point) -> Prices {
        let state = State::of(self.instance, &here.eligibility, &here.staffed.roster);
        Prices::of(self.instance, &here.staffed.programme, &state)
    }

    /// The moves from here, the most promising first, with some chance.
    fn order(&self, here: &Point, rng: &mut ChaCha8Rng) -> Vec<Move> {
        let round = Neighbourhood {
            instance: self.instance,
            programme: &here.staffed.programme,
            pinned: &self.pins.blocks,
            prices: &self.prices(here),
        };
        let chance = scale(self.instance);
        let ordered: BTreeSet<(i64, Move)> = round
            .moves()
            .into_iter()
            .map(|(change, step)| (change + rng.random_range(0..chance), step))
            .collect();
        ordered.into_iter().map(|(_, step)| step).collect()
    }

    /// The point after a move, if it is better.
    fn tried(&self, here: &Point, step: &Move, trial: u64) -> Option<Point> {
        let programme = &here.staffed.programme;
        let next = step.apply(self.instance, &self.pins.sessions, programme);
        self.beside(here, next, &mut self.rng(trial))
    }

    /// Another programme with people, from a roster and what was missing in it; searched for some steps if no more
    /// person cells are uncovered then.
    fn restaffed(
        &self,
        programme: Programme,
        (roster, missed): (&Roster, &[Vec<i64>]),
        (steps, hope): (u64, i64),
        rng: &mut ChaCha8Rng,
    ) -> Point {
        let eligibility = Eligibility::of(self.instance, &programme);
        let restaff = Restaff {
            instance: self.instance,
            pinned: &self.pins.shifts,
            roster,
            missed,
            steps,
            hope,
            stop: self.stop,
        };
        let (cost, roster) = restaff.staff(&eligibility, rng);
        let state = State::of(self.instance, &eligibility, &roster);
        Point {
            score: whole(self.instance, &programme, cost),
            missing: missing(&state),
            staffed: Staffed { programme, roster },
            eligibility,
        }
    }

    /// A programme beside `here`, staffed from there; `None` when it is not better.
    fn beside(&self, here: &Point, programme: Programme, rng: &mut ChaCha8Rng) -> Option<Point> {
        let hope = here.score.medium.gaps + number(self.instance.limits.shortest);
        let from = (&here.staffed.roster, &here.missing[..]);
        let tried = self.restaffed(programme, from, (STEPS, hope), rng);
        (tried.score < here.score).then_some(tried)
    }

    /// The sessions placed again in the blocks as they are now.
    fn sessions_again(&self, here: &Point, mut rng: ChaCha8Rng) -> Option<Point> {
        let programme = &here.staffed.programme;
        let mut placer = replaced(self.instance, &self.pins.sessions, programme);
        placer.polish(&mut rng, 200 * usize::from(self.options.effort));
        placer.fill();
        let again = placer.into_programme();
        if again.cost(self.instance) >= programme.cost(self.instance) {
            return None;
        }
        self.beside(here, again, &mut rng)
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
