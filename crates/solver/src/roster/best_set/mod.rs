//! The most valuable set of shifts of one person: the exact dynamic program behind every choice of shifts.
//!
//! A set is worth the sum of what its shifts are worth, less a cost of its total length that never falls. Any
//! handover from none to all that she can give is tried. Two tables do it: the most that a shift of `n` cells on
//! duty from cell `f` is worth on any duty, and the most that is over by a cell. For up to two shifts the result
//! is the best that H18 to H22 allow; beyond two, [`many`] looks for it.
//!
//! The main entry is [`Tables::best`]. Nothing here knows where gains come from: coverage that is missing, or prices.

mod many;

use super::CellShift;
use super::eligibility::{Eligibility, PersonDuty};
use super::hours::Hours;
use crate::instance::{Instance, number};

/// Worth of what cannot be, with room to add to.
const NEVER: i64 = i64::MIN / 4;

/// What shifts are worth to whoever asks.
pub(crate) struct Worth<'a, F> {
    pub(crate) instance: &'a Instance<'a>,
    pub(crate) eligibility: &'a Eligibility,
    pub(crate) operator: usize,
    pub(crate) hours: Hours<'a>,
    /// What each unit of her own soft cost counts.
    pub(crate) scale: i64,
    /// Cost of being on duty for so many cells in all; never falls. One entry more than `hours.most`.
    pub(crate) lengths: &'a [i64],
    /// Prefix sums of the gain of covering a duty, by the duty's place among hers: cells + 1.
    pub(crate) gained: F,
}

/// The best that was found for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// What `shifts` are worth.
    pub(crate) value: i64,
    /// No set that is allowed is worth more.
    pub(crate) bound: i64,
    /// In time order, pinned ones left out.
    pub(crate) shifts: Vec<CellShift>,
}

/// Some shift on any duty, by its cells on duty and the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    cells: usize,
    from: usize,
}

impl Stretch {
    const fn end(self) -> usize {
        self.from + self.cells
    }
}

/// The tables of the dynamic program, kept from person to person.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables {
    /// The first cell in which a shift that is worth anything can lie; 0 where more than two are wanted.
    base: usize,
    /// Columns of `worth`: cells from there on in which one can lie; of `over`: one more.
    width: usize,
    longest: usize,
    /// Most that a shift is worth: cells on duty × first of them from `base` on.
    worth: Vec<i64>,
    /// The highest of each row of `worth`.
    highest: Vec<i64>,
    /// First and last start of each length that is worth anything.
    starts: Vec<(usize, usize)>,
    /// Most that a shift is worth that is over by a cell: cells on duty × cell from `base` on.
    over: Vec<i64>,
    /// Cost before each cell less gain before it, and the other way round, of one duty.
    opening: Vec<i64>,
    closing: Vec<i64>,
}

impl Tables {
    /// The best set for one person.
    pub(crate) fn best<'g, F>(&mut self, worth: &Worth<'_, F>) -> Found
    where
        F: Fn(usize) -> &'g [i64],
    {
        let idle = Found {
            value: -worth.lengths.first().copied().unwrap_or(0),
            bound: -worth.lengths.first().copied().unwrap_or(0),
            shifts: Vec::new(),
        };
        if worth.hours.free == 0 || worth.hours.longest == 0 || !self.fill(worth) {
            return idle;
        }
        let mut best = (idle.value, Vec::new());
        for cells in 1..=self.longest {
            let value = self.highest[cells] - worth.lengths[cells];
            if value > best.0 {
                let from = self.first_worth(cells, self.highest[cells]);
                best = (value, vec![Stretch { cells, from }]);
            }
        }
        let bound = match worth.hours.free {
            0 | 1 => best.0,
            2 => {
                self.pair(worth, &mut best);
                best.0
            }
            _ => self.many(worth, &mut best),
        };
        let mut shifts: Vec<CellShift> = best
            .1
            .iter()
            .filter_map(|&stretch| self.named(worth, stretch))
            .collect();
        shifts.sort_unstable_by_key(|shift| shift.start);
        Found {
            value: best.0,
            bound,
            shifts,
        }
    }

    /// Fills the tables; false when no shift is worth anything.
    fn fill<'g, F>(&mut self, worth: &Worth<'_, F>) -> bool
    where
        F: Fn(usize) -> &'g [i64],
    {
        let person = &worth.eligibility.people[worth.operator];
        let n_cells = worth.instance.n_cells;
        let mut useful: Vec<(usize, usize, (usize, usize))> = Vec::new();
        for (place, duty) in person.duties.iter().enumerate() {
            let gained = (worth.gained)(place);
            for &run in &duty.runs {
                let run = worth.worthwhile(gained, run);
                useful.extend(run.map(|run| (place, most_handover(worth, duty, run), run)));
            }
        }
        let first = useful
            .iter()
            .map(|(_, handover, run)| run.0.saturating_sub(*handover));
        let last = useful.iter().map(|(_, _, run)| run.1);
        let (Some(first), Some(last)) = (first.min(), last.max()) else {
            return false;
        };
        (self.base, self.width) = if worth.hours.free > 2 {
            (0, n_cells)
        } else {
            (first, last - first)
        };
        self.longest = worth.hours.longest;
        self.worth.clear();
        self.worth.resize((self.longest + 1) * self.width, NEVER);
        self.opening.resize(n_cells + 1, 0);
        self.closing.resize(n_cells + 1, 0);
        for (place, handover, run) in useful {
            self.fill_run(
                worth,
                (&person.duties[place], handover),
                (worth.gained)(place),
                run,
            );
        }
        if !worth.hours.pinned.is_empty() {
            self.mask(worth);
        }
        self.highest.clear();
        self.starts.clear();
        for row in self.worth.chunks(self.width) {
            let highest = row.iter().copied().max().unwrap_or(NEVER);
            self.highest.push(highest);
            let is_worth = |value: &i64| *value > 0;
            let starts = (highest > 0).then(|| {
                let first = row.iter().position(is_worth).unwrap_or(0);
                let last = row.iter().rposition(is_worth).unwrap_or(0);
                (self.base + first, self.base + last)
            });
            self.starts.push(starts.unwrap_or((n_cells, 0)));
        }
        self.highest.iter().any(|&value| value > 0)
    }

    fn fill_run<'g, F>(
        &mut self,
        worth: &Worth<'_, F>,
        (duty, most_handover): (&PersonDuty, usize),
        gained: &[i64],
        (from, to): (usize, usize),
    ) where
        F: Fn(usize) -> &'g [i64],
    {
        let limits = worth.instance.limits;
        let before = &worth.eligibility.people[worth.operator].cost_before;
        for c in from..=to {
            self.closing[c] = gained[c] - worth.scale * before[c];
        }
        let last = to - limits.shortest;
        for handover in 0..=most_handover {
            for start in from..=last {
                self.opening[start] = match duty.handover[start].checked_sub(handover) {
                    None => NEVER,
                    Some(_) => {
                        let alone = worth.scale * worth.shift_alone(duty, start, handover);
                        worth.scale * before[start - handover] - gained[start] - alone
                    }
                };
            }
            let longest = limits.longest.min(to - from);
            for length in limits.shortest..=longest.min(self.longest.saturating_sub(handover)) {
                // A start before the horizon's begin plus handover has no such handover, and stays out of the row.
                let first = from.max(handover);
                if first + length > to {
                    continue;
                }
                let starts = first..=to - length;
                let begin = self.at(length + handover, first - handover);
                let values = &mut self.worth[begin..];
                let ends = &self.closing[first + length..];
                for ((value, opening), closing) in
                    values.iter_mut().zip(&self.opening[starts]).zip(ends)
                {
                    *value = (*value).max(opening + closing);
                }
            }
        }
    }

    /// Takes out what cannot be beside the pinned shifts.
    fn mask<F>(&mut self, worth: &Worth<'_, F>) {
        for cells in 1..=self.longest {
            for from in self.base..self.base + self.width {
                let at = self.at(cells, from);
                let value = &mut self.worth[at];
                if *value > 0 && !worth.hours.allow(&[Stretch { cells, from }.stand_in()]) {
                    *value = NEVER;
                }
            }
        }
    }

    fn fill_over(&mut self) {
        let width = self.width + 1;
        self.over.clear();
        self.over.resize((self.longest + 1) * width, NEVER);
        for cells in 1..=self.longest {
            if self.highest[cells] <= 0 {
                continue;
            }
            let mut known = NEVER;
            for end in cells..=self.width {
                known = known.max(self.worth[cells * self.width + end - cells]);
                self.over[cells * width + end] = known;
            }
        }
    }

    /// The best pair, if it beats `best`.
    fn pair<F>(&mut self, worth: &Worth<'_, F>, best: &mut (i64, Vec<Stretch>)) {
        self.fill_over();
        let hours = &worth.hours;
        for second in 1..=self.longest {
            if self.highest[second] <= 0 {
                continue;
            }
            for first in 1..=self.longest.min(hours.most.saturating_sub(second)) {
                let together = self.highest[first] + self.highest[second];
                let length = worth.lengths[first + second];
                if self.highest[first] <= 0 || together - length <= best.0 {
                    continue;
                }
                // A shift that is worth nothing makes no pair better than the other alone: lengths cost no less.
                let apart = hours.apart(first, second);
                let earliest = (self.starts[first].0 + first + apart).max(self.starts[second].0);
                let latest = self.starts[second].1;
                if earliest > latest {
                    continue;
                }
                let late = &self.worth[self.at(second, earliest)..=self.at(second, latest)];
                let row = first * (self.width + 1);
                let early = &self.over[row + earliest - apart - self.base..];
                let values = early
                    .iter()
                    .zip(late)
                    .map(|(early, late)| early + late - length);
                let awake_binds = first + second + hours.sleep > hours.awake;
                if awake_binds || !hours.pinned.is_empty() {
                    for (n, value) in values.enumerate() {
                        let from = earliest + n;
                        let late_one = Stretch {
                            cells: second,
                            from,
                        };
                        if value > best.0 {
                            self.partners(worth, (first, from - apart), late_one, best);
                        }
                    }
                } else if let Some(value) = values.clone().max()
                    && value > best.0
                {
                    let n = values.clone().position(|known| known == value).unwrap_or(0);
                    let late_one = Stretch {
                        cells: second,
                        from: earliest + n,
                    };
                    let from = self.first_worth(first, early[n]);
                    let early_one = Stretch { cells: first, from };
                    *best = (value, vec![early_one, late_one]);
                }
            }
        }
    }

    /// The best pair with `late` whose earlier shift has `cells` cells and is over by a cell, each checked in full.
    fn partners<F>(
        &self,
        worth: &Worth<'_, F>,
        (cells, by): (usize, usize),
        late: Stretch,
        best: &mut (i64, Vec<Stretch>),
    ) {
        let late_worth = self.worth[self.at(late.cells, late.from)];
        for from in self.base..=by.saturating_sub(cells) {
            let early = Stretch { cells, from };
            let value =
                self.worth[self.at(cells, from)] + late_worth - worth.lengths[cells + late.cells];
            if value > best.0 && worth.hours.allow(&stand_ins(&[early, late])) {
                *best = (value, vec![early, late]);
            }
        }
    }

    /// The first cell of the earliest shift of so many cells with that worth.
    fn first_worth(&self, cells: usize, value: i64) -> usize {
        let row = cells * self.width;
        let row = &self.worth[row..row + self.width];
        self.base + row.iter().position(|&known| known == value).unwrap_or(0)
    }

    /// Where the worth of a shift stands.
    const fn at(&self, cells: usize, from: usize) -> usize {
        cells * self.width + from - self.base
    }

    /// A shift behind a table's entry.
    fn named<'g, F>(&self, worth: &Worth<'_, F>, stretch: Stretch) -> Option<CellShift>
    where
        F: Fn(usize) -> &'g [i64],
    {
        let value = self.worth[self.at(stretch.cells, stretch.from)];
        let person = &worth.eligibility.people[worth.operator];
        let limits = worth.instance.limits;
        for (place, duty) in person.duties.iter().enumerate() {
            let gained = (worth.gained)(place);
            for handover in 0..stretch.cells {
                let shift = CellShift {
                    duty: duty.duty,
                    start: stretch.from + handover,
                    end: stretch.end(),
                    handover,
                };
                let length = shift.end - shift.start;
                let inside = |&(from, to): &(usize, usize)| from <= shift.start && shift.end <= to;
                if (limits.shortest..=limits.longest).contains(&length)
                    && duty.runs.iter().any(inside)
                    && handover <= duty.handover[shift.start]
                {
                    let gain = gained[shift.end] - gained[shift.start];
                    if gain - worth.scale * worth.shift_cost(duty, shift) == value {
                        return Some(shift);
                    }
                }
            }
        }
        None
    }
}

impl Stretch {
    /// A shift of its time; which duty it serves does not matter to her hours.
    const fn stand_in(self) -> CellShift {
        CellShift {
            duty: 0,
            start: self.from,
            end: self.end(),
            handover: 0,
        }
    }
}

fn stand_ins(set: &[Stretch]) -> Vec<CellShift> {
    set.iter().map(|stretch| stretch.stand_in()).collect()
}

/// The longest handover before a start in a run.
fn most_handover<F>(worth: &Worth<'_, F>, duty: &PersonDuty, (from, to): (usize, usize)) -> usize {
    let starts = from..=to - worth.instance.limits.shortest;
    duty.handover[starts].iter().copied().max().unwrap_or(0)
}

impl<F> Worth<'_, F> {
    /// The part of a run in which shifts lie that gain anything.
    fn worthwhile(&self, gained: &[i64], run: (usize, usize)) -> Option<(usize, usize)> {
        let limits = self.instance.limits;
        let mut steps = gained[run.0..=run.1].windows(2);
        let first = run.0 + steps.position(|step| step[1] > step[0])?;
        let last = steps.rposition(|step| step[1] > step[0]);
        let last = last.map_or(first, |n| first + 1 + n);
        let from = run.0.max((first + 1).saturating_sub(limits.longest));
        let to = run.1.min(last + limits.longest);
        (from + limits.shortest <= to).then_some((from, to))
    }

    /// S06 and S15 of a shift.
    fn shift_alone(&self, duty: &PersonDuty, start: usize, handover: usize) -> i64 {
        shift_alone(self.instance, duty, start, handover)
    }

    /// Soft cost of one shift by itself.
    fn shift_cost(&self, duty: &PersonDuty, shift: CellShift) -> i64 {
        shift_cost(self.instance, self.eligibility, self.operator, duty, shift)
    }
}

pub(super) fn shift_alone(
    instance: &Instance<'_>,
    duty: &PersonDuty,
    start: usize,
    handover: usize,
) -> i64 {
    let wanted = if duty.opens[start] {
        0
    } else {
        instance.duties[duty.duty].handover
    };
    let missing = number(wanted.saturating_sub(handover)) * instance.cell_min;
    instance.weights.fragmentation + instance.weights.handover * missing
}

/// Soft cost of one shift of an operator by itself: S01, S02, S03, S06, S14 and S15.
pub(crate) fn shift_cost(
    instance: &Instance<'_>,
    eligibility: &Eligibility,
    operator: usize,
    duty: &PersonDuty,
    shift: CellShift,
) -> i64 {
    let before = &eligibility.people[operator].cost_before;
    before[shift.end] - before[shift.from()]
        + shift_alone(instance, duty, shift.start, shift.handover)
}
