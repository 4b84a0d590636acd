//! A move of the search: some time of one or two duties is divided anew.

use std::collections::BTreeMap;

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, RngExt};

use super::division::{Division, Tables};
use super::{Before, Search};
use crate::roster::CellShift;

/// Shifts whose time is divided anew at once, at most.
const SHIFTS: usize = 6;
/// Cells that lie between the time of one duty and the other's, at most.
const APART: usize = 8;
/// Of up to so many people who can serve a duty all are looked at, of more as many are drawn.
const ASKED: usize = 200;

/// Time of one duty, from a cell to before another.
type Time = (usize, (usize, usize));

impl<R: Rng> Search<'_, '_, R> {
    /// Divides some time anew; what those concerned did before.
    pub(super) fn redivide(&mut self) -> Before {
        let mut before = BTreeMap::new();
        let shifts = self.rng.random_range(1..=SHIFTS);
        let (duty, cell) = self.anchor();
        let mut times = vec![self.opened(duty, cell, shifts, &mut before)];
        if self.rng.random_bool(0.5) {
            let other = self.rng.random_range(0..self.state.cover.len().max(1));
            let near = self.rng.random_range(0..=2 * APART);
            let cell = (cell + near).saturating_sub(APART);
            let cell = cell.min(self.state.instance.n_cells.saturating_sub(1));
            if other != duty {
                times.push(self.opened(other, cell, 1 + shifts / 2, &mut before));
            }
        }
        times.shuffle(self.rng);
        for time in times {
            self.fill(time, &mut before);
        }
        before.into_iter().collect()
    }

    /// Takes off some shifts of a duty, one after the other from the one at `cell` on; their time, and what is open around it.
    fn opened(
        &mut self,
        duty: usize,
        cell: usize,
        shifts: usize,
        before: &mut BTreeMap<usize, Vec<CellShift>>,
    ) -> Time {
        let (mut from, mut to) = (cell, cell + 1);
        for _ in 0..shifts {
            let Some((operator, shift)) = self.next_shift(duty, to) else {
                break;
            };
            self.remember(operator, before);
            let mut rest = self.state.shifts[operator].clone();
            rest.retain(|known| *known != shift);
            self.state.set(operator, rest);
            from = from.min(shift.start);
            to = to.max(shift.end);
        }
        for _ in 0..self.state.instance.limits.longest {
            if from > 0 && self.state.missing(duty, from - 1) > 0 {
                from -= 1;
            }
            if to < self.state.instance.n_cells && self.state.missing(duty, to) > 0 {
                to += 1;
            }
        }
        (duty, (from, to))
    }

    /// The first shift of a duty, pinned ones apart, that covers a cell or begins there and is not over by it.
    fn next_shift(&self, duty: usize, cell: usize) -> Option<(usize, CellShift)> {
        let people = self.state.people_on_duty().iter();
        let shifts = people.flat_map(|&operator| {
            let shifts = self.state.shifts[operator].iter();
            shifts.map(move |shift| (operator, *shift))
        });
        shifts
            .filter(|(operator, shift)| {
                shift.duty == duty
                    && (shift.start..=shift.end).contains(&cell)
                    && !self.pinned[*operator].contains(shift)
            })
            .min_by_key(|(operator, shift)| (shift.start, shift.end, *operator))
    }

    /// Has everyone asked divide the time among them as well as can be.
    fn fill(&mut self, (duty, (mut from, to)): Time, before: &mut BTreeMap<usize, Vec<CellShift>>) {
        let able = self.able.get(duty).map_or(&[][..], Vec::as_slice);
        let mut people: Vec<usize> = if able.len() <= ASKED {
            able.to_vec()
        } else {
            let drawn = (0..ASKED).filter_map(|_| able.choose(self.rng).copied());
            drawn.chain(before.keys().copied()).collect()
        };
        people.sort_unstable();
        people.dedup();
        let mut tables = Tables::default();
        while from + self.state.instance.limits.shortest <= to {
            let mut division = Division::new(&self.state, duty, (from, to));
            for &operator in &people {
                division.offer(operator, &mut tables);
            }
            let mut chosen = Vec::new();
            let best = division.best();
            from = to;
            for (operator, shift) in best {
                // Her second shift was reckoned without the first: from there on it is divided again.
                if chosen.contains(&operator) {
                    from = shift.start;
                    break;
                }
                chosen.push(operator);
                self.remember(operator, before);
                self.state.add(operator, shift);
            }
        }
    }

    fn remember(&mut self, operator: usize, before: &mut BTreeMap<usize, Vec<CellShift>>) {
        self.touched.put(operator, true);
        let shifts = &self.state.shifts[operator];
        before.entry(operator).or_insert_with(|| shifts.clone());
    }
}
