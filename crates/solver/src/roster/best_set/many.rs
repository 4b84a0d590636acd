//! Sets of more than two shifts: a search through time, led by a table that knows no awake span.
//!
//! The horizon is cut into days at an hour at which she is never on duty. The table gives the most that is still to
//! be had from a cell on, when each of these days keeps her limit of 24 hours; what it cannot know (H20, H22, and
//! H19 over a night) each set is asked for by itself. As the table is never too low, what it leaves out is not better.

use super::{NEVER, Stretch, Tables, Worth, stand_ins};

/// Sets looked at before the rest is left to the bound.
const SETS: usize = 200;

/// A day of hers: cells, and the most of them on duty.
#[derive(Clone, Copy, Debug)]
struct Day {
    from: usize,
    to: usize,
    most: usize,
}

/// What is still to be had, for each cell, shifts that are left and cells on duty so far.
struct Ahead {
    days: Vec<Day>,
    /// The day of each cell.
    day_of: Vec<usize>,
    /// Most shifts of one day, one more.
    counts: usize,
    /// Most cells on duty of one day, one more.
    width: usize,
    /// Most that shifts from a cell on are worth until its day ends: cell × most shifts × cells on duty.
    within: Vec<i64>,
    /// Most that the days from one on are worth less the cost of all lengths: day × most shifts × cells on duty before it.
    after: Vec<Vec<Vec<i64>>>,
}

/// Shifts chosen so far, and where the next may start.
#[derive(Clone, Copy)]
struct Chosen {
    value: i64,
    cells: usize,
    next: usize,
}

/// A further shift, and the most that a set with it can be worth.
struct Further {
    bound: i64,
    shift: Stretch,
}

/// Where one is in the tables: what comes is asked from here on.
#[derive(Clone, Copy)]
struct Here {
    from: usize,
    /// On duty before, and of that on the day of `from`.
    cells: usize,
    today: usize,
    /// Shifts that are left.
    left: usize,
}

/// The search and what it has found.
struct Search<'a, 'w, F> {
    tables: &'a Tables,
    worth: &'a Worth<'w, F>,
    ahead: &'a Ahead,
    /// First cells of shifts that are worth something.
    starts: &'a [usize],
    best: &'a mut (i64, Vec<Stretch>),
    set: Vec<Stretch>,
    left: usize,
    /// The most that a set is worth that was not looked at.
    unseen: i64,
}

impl Tables {
    /// Makes `best` the best set of any number of shifts that is found; no allowed set is worth more than what is returned.
    pub(super) fn many<F>(&self, worth: &Worth<'_, F>, best: &mut (i64, Vec<Stretch>)) -> i64 {
        let starts: Vec<usize> = (0..self.width)
            .filter(|&from| (1..=self.longest).any(|n| self.worth[n * self.width + from] > 0))
            .collect();
        let ahead = Ahead::of(self, worth, &starts);
        let mut search = Search {
            tables: self,
            worth,
            ahead: &ahead,
            starts: &starts,
            best,
            set: Vec::new(),
            left: SETS,
            unseen: NEVER,
        };
        search.extend(Chosen {
            value: 0,
            cells: 0,
            next: 0,
        });
        let unseen = search.unseen;
        best.0.max(unseen)
    }

    /// The days of someone who can start shifts at `starts`: one long day where no hour is free of duty in all of them.
    fn days<F>(&self, worth: &Worth<'_, F>, starts: &[usize]) -> Vec<Day> {
        let (day, most) = (worth.hours.day, worth.hours.most);
        let whole = Day {
            from: 0,
            to: self.width,
            most,
        };
        if day == 0 || day >= self.width {
            return vec![whole];
        }
        // How many shifts are on duty across each moment of the day.
        let mut across = vec![0_usize; day];
        for &from in starts {
            for cells in 2..=self.longest {
                if self.worth[cells * self.width + from] > 0 {
                    for cell in from + 1..from + cells {
                        across[cell % day] += 1;
                    }
                }
            }
        }
        let Some(cut) = middle_of_longest_pause(&across) else {
            return vec![whole];
        };
        let mut cuts = vec![0];
        cuts.extend((cut..self.width).step_by(day).filter(|&at| at > 0));
        cuts.push(self.width);
        let days = cuts.windows(2).map(|pair| Day {
            from: pair[0],
            to: pair[1],
            most: worth.hours.left_within(pair[0], pair[1]).min(most),
        });
        days.collect()
    }
}

/// The middle of the longest run of moments that nothing goes across, round the clock.
fn middle_of_longest_pause(across: &[usize]) -> Option<usize> {
    let day = across.len();
    let first = across.iter().position(|&n| n > 0).unwrap_or(0);
    let (mut longest, mut run) = ((0, 0), 0);
    for at in first..=first + day {
        if across[at % day] == 0 {
            run += 1;
            longest = longest.max((run, at));
        } else {
            run = 0;
        }
    }
    let (length, last) = longest;
    (length > 0).then(|| (last - length / 2) % day)
}

impl Ahead {
    fn of<F>(tables: &Tables, worth: &Worth<'_, F>, starts: &[usize]) -> Self {
        let days = tables.days(worth, starts);
        let mut day_of = vec![0; tables.width];
        for (at, day) in days.iter().enumerate() {
            day_of[day.from..day.to].fill(at);
        }
        // As many shifts as fit one after the other between a day's first start and its last.
        let shortest = worth.instance.limits.shortest.max(1);
        let fit = |day: &Day| {
            let inside = |start: &&usize| (day.from..day.to).contains(start);
            let first = starts.iter().find(inside);
            let last = starts.iter().rev().find(inside);
            first.zip(last).map_or(0, |(first, last)| {
                1 + (last - first) / (shortest + worth.hours.rest)
            })
        };
        let counts = 1 + days
            .iter()
            .map(fit)
            .max()
            .unwrap_or(0)
            .min(worth.hours.free);
        let width = 1 + days.iter().map(|day| day.most).max().unwrap_or(0);
        let mut ahead = Self {
            within: vec![NEVER; tables.width * counts * width],
            days,
            day_of,
            counts,
            width,
            after: Vec::new(),
        };
        let mut starts = starts.iter().rev().peekable();
        for at in (0..ahead.days.len()).rev() {
            ahead.fill_day(tables, worth, at, &mut starts);
        }
        ahead.fill_after(worth);
        ahead
    }

    /// Most that shifts from a cell on are worth until its day ends, by their cells on duty.
    fn row(&self, from: usize, count: usize) -> &[i64] {
        let at = (from * self.counts + count) * self.width;
        &self.within[at..at + self.width]
    }

    /// Fills a day of `within`, backwards from its end; `starts` come in falling order.
    fn fill_day<'s, F>(
        &mut self,
        tables: &Tables,
        worth: &Worth<'_, F>,
        at: usize,
        starts: &mut std::iter::Peekable<impl Iterator<Item = &'s usize>>,
    ) {
        let (day, width) = (self.days[at], self.width);
        let mut rows = vec![NEVER; self.counts * width];
        for row in rows.chunks_mut(width) {
            row[0] = 0;
        }
        for from in (day.from..day.to).rev() {
            if starts.next_if(|&&start| start == from).is_some() {
                for cells in 1..=tables.longest.min(day.most) {
                    let value = tables.worth[cells * tables.width + from];
                    if value <= 0 {
                        continue;
                    }
                    let next = from + cells + worth.hours.rest;
                    for (count, row) in rows.chunks_mut(width).enumerate().skip(1) {
                        if next >= day.to {
                            row[cells] = row[cells].max(value);
                            continue;
                        }
                        let later = &self.row(next, count - 1)[..=day.most - cells];
                        for (known, later) in row[cells..].iter_mut().zip(later) {
                            *known = (*known).max(later.saturating_add(value));
                        }
                    }
                }
            }
            let here = from * self.counts * width;
            self.within[here..here + rows.len()].copy_from_slice(&rows);
        }
    }

    fn fill_after<F>(&mut self, worth: &Worth<'_, F>) {
        let (most, free) = (worth.hours.most, worth.hours.free);
        let end: Vec<i64> = worth.lengths[..=most].iter().map(|cost| -cost).collect();
        self.after = vec![vec![end; free + 1]];
        for at in (0..self.days.len()).rev() {
            let day = self.days[at];
            let mut after = vec![vec![NEVER; most + 1]; free + 1];
            for (left, after) in after.iter_mut().enumerate() {
                for (cells, after) in after.iter_mut().enumerate() {
                    let later = self.after.last().map_or(&[][..], Vec::as_slice);
                    *after = self.best_of(day.from, left, day.most, cells, later).0;
                }
            }
            self.after.push(after);
        }
        self.after.reverse();
    }

    /// The best way on from a cell: its worth, its shifts and its cells on duty until the day ends.
    fn best_of(
        &self,
        from: usize,
        left: usize,
        most: usize,
        cells: usize,
        later: &[Vec<i64>],
    ) -> (i64, usize, usize) {
        let mut best = (NEVER, 0, 0);
        for count in 0..self.counts.min(left + 1) {
            let row = &self.row(from, count)[..=most];
            let later = later.get(left - count).and_then(|l| l.get(cells..));
            for (n, (now, later)) in row.iter().zip(later.unwrap_or_default()).enumerate() {
                let value = now.saturating_add(*later);
                if value > best.0 {
                    best = (value, count, n);
                }
            }
        }
        best
    }

    /// The most that can be added, less the cost of all lengths; with the shifts and cells that the day of `from` gives to it.
    fn most(&self, here: Here) -> (i64, usize, usize) {
        let Some(&at) = self.day_of.get(here.from) else {
            let end = self.after.last().and_then(|after| after.first());
            let value = end.and_then(|end| end.get(here.cells)).copied();
            return (value.unwrap_or(NEVER), 0, 0);
        };
        let most = self.days[at].most.saturating_sub(here.today);
        self.best_of(here.from, here.left, most, here.cells, &self.after[at + 1])
    }
}

impl<F> Search<'_, '_, F> {
    /// Looks at every set that begins with the chosen one and may be better than the best.
    fn extend(&mut self, chosen: Chosen) {
        self.look_at_likeliest(chosen);
        let mut further = self.further(chosen);
        further.sort_by_key(|further| std::cmp::Reverse(further.bound));
        for Further { bound, shift } in further {
            if bound <= self.best.0 {
                return;
            }
            if self.left == 0 {
                self.unseen = self.unseen.max(bound);
                return;
            }
            self.left -= 1;
            self.set.push(shift);
            if self.worth.hours.allow(&stand_ins(&self.set)) {
                let with = Chosen {
                    value: chosen.value + self.value(shift),
                    cells: chosen.cells + shift.cells,
                    next: shift.end() + self.worth.hours.rest,
                };
                self.offer(with);
                if self.set.len() < self.worth.hours.free {
                    self.extend(with);
                }
            }
            self.set.pop();
        }
    }

    /// Keeps the set if it is the best; whoever calls has asked whether it is allowed.
    fn offer(&mut self, chosen: Chosen) {
        let value = chosen.value - self.worth.lengths[chosen.cells];
        if value > self.best.0 {
            *self.best = (value, self.set.clone());
        }
    }

    fn here(&self, chosen: Chosen, from: usize) -> Here {
        Here {
            from,
            cells: chosen.cells,
            today: self.today(from),
            left: self.worth.hours.free - self.set.len(),
        }
    }

    /// Looks at the set that the tables take for the best, which mostly it is.
    fn look_at_likeliest(&mut self, mut chosen: Chosen) {
        let had = self.set.len();
        while chosen.next < self.tables.width {
            let (value, mut count, mut cells) = self.ahead.most(self.here(chosen, chosen.next));
            if chosen.value + value <= self.best.0 {
                break;
            }
            let day = self.ahead.days[self.ahead.day_of[chosen.next]];
            let mut from = chosen.next;
            while cells > 0 && from < day.to {
                let value = self.ahead.row(from, count)[cells];
                let skipped = from + 1 < day.to && self.ahead.row(from + 1, count)[cells] == value;
                let shift = (!skipped).then(|| self.first_of(from, day.to, count, cells));
                let Some(shift) = shift.flatten() else {
                    from += 1;
                    continue;
                };
                self.set.push(shift);
                chosen.value += self.value(shift);
                chosen.cells += shift.cells;
                cells -= shift.cells;
                count -= 1;
                from = shift.end() + self.worth.hours.rest;
            }
            chosen.next = from.max(day.to);
        }
        if self.set.len() > had && self.worth.hours.allow(&stand_ins(&self.set)) {
            self.offer(chosen);
        }
        self.set.truncate(had);
    }

    /// The shift from a cell with which the table's entry begins.
    fn first_of(&self, from: usize, to: usize, count: usize, cells: usize) -> Option<Stretch> {
        let value = self.ahead.row(from, count)[cells];
        let shifts = (1..=self.tables.longest.min(cells)).map(|n| Stretch { cells: n, from });
        shifts.into_iter().find(|&shift| {
            let next = shift.end() + self.worth.hours.rest;
            let later = if next >= to {
                if shift.cells == cells { 0 } else { NEVER }
            } else {
                self.ahead.row(next, count.saturating_sub(1))[cells - shift.cells]
            };
            let now = self.value(shift);
            now > 0 && now.saturating_add(later) == value
        })
    }

    /// The shifts that may come next, each with the most that a set with it can be worth.
    fn further(&self, chosen: Chosen) -> Vec<Further> {
        let mut further = Vec::new();
        let first = self.starts.partition_point(|&start| start < chosen.next);
        for &from in &self.starts[first..] {
            let here = self.here(chosen, from);
            if chosen.value + self.ahead.most(here).0 <= self.best.0 {
                break;
            }
            let at = self.ahead.day_of[from];
            let day = self.ahead.days[at];
            let room = day.most.saturating_sub(here.today);
            let room = room.min(self.worth.hours.most - chosen.cells);
            for cells in 1..=self.tables.longest.min(room) {
                let shift = Stretch { cells, from };
                let value = self.value(shift);
                if value <= 0 {
                    continue;
                }
                let next = shift.end() + self.worth.hours.rest;
                let same_day = self.ahead.day_of.get(next) == Some(&at);
                let then = Here {
                    from: next,
                    cells: chosen.cells + cells,
                    today: if same_day { here.today + cells } else { 0 },
                    left: here.left - 1,
                };
                let bound = chosen.value + value + self.ahead.most(then).0;
                if bound > self.best.0 {
                    further.push(Further { bound, shift });
                }
            }
        }
        further
    }

    /// Cells on duty in the chosen set on the day of a cell.
    fn today(&self, cell: usize) -> usize {
        let day = self.ahead.days[self.ahead.day_of[cell]];
        let hers = self.set.iter().rev();
        hers.take_while(|shift| shift.from >= day.from)
            .map(|shift| shift.cells)
            .sum()
    }

    fn value(&self, shift: Stretch) -> i64 {
        self.tables.worth[shift.cells * self.tables.width + shift.from]
    }
}
