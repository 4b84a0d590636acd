//! What the roster asks for a block in each language at each time: the prices that go back to the programme.
//!
//! A price is what one more seat would cost, told by the shortest chain of people who move up: somebody idle who can
//! take it costs little; somebody on duty can take it for what her own seat would then cost; where no chain ends with
//! somebody idle, it is a gap. Prices only steer: every programme they suggest is staffed and scored.

use meridian_model::RoleNeed;

use super::hours::Hours;
use crate::instance::{Instance, number};
use crate::programme::Programme;
use crate::roster::state::State;

/// Price of one uncovered person cell: above what a cell of a block and its people costs, and less than half of what the block
/// model takes a cell without a host for.
pub(crate) const GAP: i64 = 1000;
/// What each person who has to move up adds, for what may stand in the way that a price does not see.
const LINK: i64 = 40;
/// Longest chain of people who move up.
const LONGEST_CHAIN: usize = 3;

/// A kind of work: a role, in a language where it needs one.
struct Kind {
    role: usize,
    /// Any duty of the role.
    duty: usize,
    language: Option<usize>,
}

/// Prices per cell, by language and period of the block grid.
#[derive(Clone, Debug)]
pub(crate) struct Prices {
    period: usize,
    /// One more block: languages × periods.
    more: Vec<Vec<i64>>,
    /// What a block that is there costs: languages × periods.
    held: Vec<Vec<i64>>,
}

impl Prices {
    /// The prices of a staffed programme.
    pub(crate) fn of(
        instance: &Instance<'_>,
        programme: &Programme,
        state: &State<'_, '_>,
    ) -> Self {
        let market = Market::of(instance, programme, state);
        let more = market.chains();
        let held = market.held();
        let by_language = |prices: &[Vec<i64>]| -> Vec<Vec<i64>> {
            let mut sums = vec![vec![0; market.n_periods]; instance.languages.len()];
            for (kind, row) in market.kinds.iter().zip(prices) {
                if let Some(language) = kind.language {
                    for (sum, price) in sums[language].iter_mut().zip(row) {
                        *sum += price * market.seats_per_track[kind.role];
                    }
                }
            }
            sums
        };
        Self {
            period: market.period,
            more: by_language(&more),
            held: by_language(&held),
        }
    }

    /// What people for one more block in `language` over these cells cost.
    pub(crate) fn more(&self, language: usize, start: usize, end: usize) -> i64 {
        self.sum(&self.more[language], start, end)
    }

    /// What people for a block in `language` that is there cost.
    pub(crate) fn held(&self, language: usize, start: usize, end: usize) -> i64 {
        self.sum(&self.held[language], start, end)
    }

    fn sum(&self, row: &[i64], start: usize, end: usize) -> i64 {
        let mut total = 0;
        let mut at = start;
        while at < end {
            let next = ((at / self.period + 1) * self.period).min(end);
            total += row[at / self.period] * number(next - at);
            at = next;
        }
        total
    }

    /// Halfway between these prices and `newer` ones, so that blocks do not all run after the same people.
    pub(crate) fn damped(mut self, newer: &Self) -> Self {
        let rows = self.more.iter_mut().chain(&mut self.held);
        for (row, newer) in rows.zip(newer.more.iter().chain(&newer.held)) {
            for (price, newer) in row.iter_mut().zip(newer) {
                *price = i64::midpoint(*price, *newer);
            }
        }
        self
    }
}

/// Who could do what when, and what is done now.
struct Market<'a, 'p> {
    instance: &'a Instance<'p>,
    period: usize,
    n_periods: usize,
    kinds: Vec<Kind>,
    /// People that one track needs in a role that depends on its language.
    seats_per_track: Vec<i64>,
    people: Vec<Worker>,
    /// Whether a seat is empty: kinds × periods.
    empty: Vec<Vec<bool>>,
}

/// One operator's part in the market.
struct Worker {
    /// Kinds she has the skill for.
    kinds: Vec<usize>,
    hours: Hours,
    /// The kinds she covers, by period; empty when she covers nothing.
    covers: Vec<Vec<usize>>,
}

impl<'a, 'p> Market<'a, 'p> {
    fn of(instance: &'a Instance<'p>, programme: &Programme, state: &State<'_, '_>) -> Self {
        let kinds = kinds(instance);
        let period = instance.block_grid;
        let n_periods = instance.n_cells.div_ceil(period);
        let at = programme.languages_at(instance);
        let kinds_of = |duty: usize, cell: usize| -> Vec<usize> {
            let table = &instance.duties[duty];
            let spoken = |track: &usize| at[*track][cell].unwrap_or(instance.event_language);
            let needed = |kind: &Kind| match kind.language {
                None => true,
                Some(language) => table.tracks.iter().any(|t| spoken(t) == language),
            };
            let all = kinds.iter().enumerate();
            all.filter(|(_, kind)| kind.role == table.role && needed(kind))
                .map(|(n, _)| n)
                .collect()
        };
        let mut empty = vec![vec![false; n_periods]; kinds.len()];
        for duty in 0..instance.duties.len() {
            for cell in 0..instance.n_cells {
                if state.missing(duty, cell) > 0 {
                    for kind in kinds_of(duty, cell) {
                        empty[kind][cell / period] = true;
                    }
                }
            }
        }
        let people = (0..instance.operators.len())
            .map(|operator| {
                let shifts = &state.shifts[operator];
                let mut covers = vec![Vec::new(); n_periods];
                for shift in shifts {
                    for cell in shift.start..shift.end {
                        for kind in kinds_of(shift.duty, cell) {
                            let here: &mut Vec<usize> = &mut covers[cell / period];
                            if !here.contains(&kind) {
                                here.push(kind);
                            }
                        }
                    }
                }
                Worker {
                    kinds: able(instance, &kinds, operator),
                    hours: Hours::of(instance, operator, shifts, n_periods),
                    covers,
                }
            })
            .collect();
        Self {
            instance,
            period,
            n_periods,
            seats_per_track: seats_per_track(instance),
            kinds,
            people,
            empty,
        }
    }

    /// What one more seat costs: kinds × periods.
    fn chains(&self) -> Vec<Vec<i64>> {
        let mut price = vec![vec![GAP; self.n_periods]; self.kinds.len()];
        for worker in &self.people {
            for &kind in &worker.kinds {
                let alerted = self.alerted(kind);
                for (p, price) in price[kind].iter_mut().enumerate() {
                    if worker.hours.idle(alerted, p) {
                        *price = (*price).min(worker.hours.cell_cost[p]);
                    }
                }
            }
        }
        for _ in 0..LONGEST_CHAIN {
            let before = price.clone();
            for worker in &self.people {
                self.relax(worker, &before, &mut price);
            }
            if price == before {
                break;
            }
        }
        price
    }

    /// Lets somebody on duty move up, for what her seat would then cost.
    fn relax(&self, worker: &Worker, before: &[Vec<i64>], price: &mut [Vec<i64>]) {
        let seat = |p: usize| worker.covers[p].iter().map(|&k| before[k][p]).max();
        let covered: Vec<i64> = (0..self.n_periods).filter_map(seat).collect();
        if covered.is_empty() {
            return;
        }
        let elsewhere = covered.iter().sum::<i64>() / number(covered.len());
        for &kind in &worker.kinds {
            let alerted = self.alerted(kind);
            for (p, price) in price[kind].iter_mut().enumerate() {
                if worker.hours.able(alerted, p) && !worker.covers[p].contains(&kind) {
                    let own = seat(p).unwrap_or(elsewhere);
                    *price = (*price).min(own + LINK);
                }
            }
        }
    }

    /// What a seat that is there costs: a gap when it is empty or keeps somebody from one, else little.
    fn held(&self) -> Vec<Vec<i64>> {
        let mut price: Vec<Vec<i64>> = self
            .empty
            .iter()
            .map(|row| row.iter().map(|&e| if e { GAP } else { 0 }).collect())
            .collect();
        for worker in &self.people {
            for (p, covered) in worker.covers.iter().enumerate() {
                let missed = worker
                    .kinds
                    .iter()
                    .any(|&k| worker.hours.able(self.alerted(k), p) && self.empty[k][p]);
                let own = if missed {
                    GAP
                } else {
                    worker.hours.cell_cost[p]
                };
                for &kind in covered {
                    price[kind][p] = price[kind][p].max(own);
                }
            }
        }
        price
    }

    fn alerted(&self, kind: usize) -> bool {
        self.instance.duties[self.kinds[kind].duty].alerted
    }
}

fn kinds(instance: &Instance<'_>) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for (duty, table) in instance.duties.iter().enumerate() {
        if kinds.iter().any(|kind| kind.role == table.role) {
            continue;
        }
        let role = table.role;
        let all = 0..instance.languages.len();
        let languages: Vec<Option<usize>> = match table.need {
            RoleNeed::Nothing => vec![None],
            RoleNeed::BlockLanguage => all.map(Some).collect(),
            RoleNeed::Interpretation => all
                .filter(|&l| l != instance.event_language)
                .map(Some)
                .collect(),
        };
        kinds.extend(languages.into_iter().map(|language| Kind {
            role,
            duty,
            language,
        }));
    }
    kinds
}

fn able(instance: &Instance<'_>, kinds: &[Kind], operator: usize) -> Vec<usize> {
    let has = |kind: &Kind| {
        let languages: Vec<usize> = kind.language.into_iter().collect();
        instance
            .skill_level(operator, kind.duty, &languages)
            .is_some()
    };
    (0..kinds.len()).filter(|&k| has(&kinds[k])).collect()
}

/// People that a track needs in each role whose work depends on the language, rounded up.
fn seats_per_track(instance: &Instance<'_>) -> Vec<i64> {
    let mut seats = vec![0; instance.problem.event.roles.len()];
    for table in instance
        .duties
        .iter()
        .filter(|t| t.need != RoleNeed::Nothing)
    {
        seats[table.role] += i64::from(table.count) * number(table.tracks.len());
    }
    let n_tracks = number(instance.n_tracks.max(1));
    seats
        .iter()
        .map(|n| (n + n_tracks - 1) / n_tracks)
        .collect()
}
