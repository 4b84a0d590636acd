//! A cheap lower bound of everything: no plan of the problem, whatever its blocks and sessions, scores less.
//!
//! The medium levels are bounded each by itself: what no group, no place and nobody could ever fill. The soft level is
//! bounded for plans whose medium levels equal those bounds, so that the whole compares as scores do, from the top.

use meridian_model::{Medium, Priority, RoleNeed, Score};

use super::spread;
use crate::flow::Network;
use crate::instance::{Instance, index, number};
use crate::programme::bounds::bounds;
use crate::{SolveError, evaluate, pins};

/// No plan that keeps the rules scores less.
pub(super) fn bound(instance: &Instance<'_>) -> Result<Score, SolveError> {
    let hosting = Hosting::of(instance);
    let people = People::of(instance, &hosting);
    let programme = bounds(instance, &pins::lower(instance)?);
    let medium = Medium {
        unhosted: programme.unhosted,
        unplaced_must: programme.unplaced_must,
        unplaced_should: programme.unplaced_should,
        gaps: people.gaps(instance),
        alert_short: people.alert_short(instance),
    };
    let soft = hosting.soft(instance, medium.unhosted)
        + people.soft(instance, medium.gaps)
        + hosting.sessions_soft(instance, Priority::Must, medium.unplaced_must)
        + hosting.sessions_soft(instance, Priority::Should, medium.unplaced_should)
        + evaluate::bare_stretches_at_best(instance.problem);
    Ok(Score {
        hard: 0,
        medium,
        soft,
    })
}

/// Who could host which cell in some block that the rules allow.
struct Hosting {
    /// Groups × cells.
    covers: Vec<Vec<bool>>,
    /// The furthest end of a possible block that covers the cell.
    reach: Vec<usize>,
}

impl Hosting {
    fn of(instance: &Instance<'_>) -> Self {
        let mut covers = vec![vec![false; instance.n_cells]; instance.groups.len()];
        let mut reach = vec![0; instance.n_cells];
        for (group, covers) in covers.iter_mut().enumerate() {
            let Some((shortest, longest)) = lengths(instance, group) else {
                continue;
            };
            let open = instance.groups[group]
                .host
                .iter()
                .flat_map(|host| &host.open);
            let open: Vec<bool> = open.copied().collect();
            for start in (0..instance.n_cells).step_by(instance.block_grid) {
                let hours = open[start..].iter().take(longest);
                let length = hours.take_while(|open| **open).count();
                if length < shortest {
                    continue;
                }
                covers[start..start + length].fill(true);
                for end in &mut reach[start..start + length] {
                    *end = (*end).max(start + length);
                }
            }
        }
        Self { covers, reach }
    }

    /// Whether some block could carry a session of `room` cells from `start` on.
    fn carries(&self, start: usize, room: usize) -> bool {
        let end = self.reach.get(start);
        end.is_some_and(|&end| start + room <= end)
    }

    /// S01 and S03 of sessions, each at its cheapest start, when all of a priority but `unplaced` are placed.
    fn sessions_soft(&self, instance: &Instance<'_>, priority: Priority, unplaced: i64) -> i64 {
        let sessions = instance.problem.sessions.iter().enumerate();
        let of_priority = sessions.filter(|(_, session)| session.priority == priority);
        let (mut costs, mut n) = (Vec::new(), 0);
        for (session, _) in of_priority {
            let table = &instance.sessions[session];
            let starts = (0..instance.n_cells)
                .filter(|&start| table.may_start[start] && self.carries(start, table.room));
            costs.extend(starts.map(|start| table.start_cost[start]).min());
            n += 1;
        }
        costs.sort_unstable();
        costs.iter().take(index_of(n - unplaced)).sum()
    }

    /// S01, S03, S09 and S13 of hosts, when all but `unhosted` track cells are hosted.
    fn soft(&self, instance: &Instance<'_>, unhosted: i64) -> i64 {
        let mut costs = Vec::new();
        for cell in 0..instance.n_cells {
            let mut here = Vec::new();
            for (group, covers) in self.covers.iter().enumerate() {
                if let (true, Some(host)) = (covers[cell], &instance.groups[group].host) {
                    let at_once = host.max_blocks.min(instance.n_tracks);
                    here.extend(std::iter::repeat_n(host.cell_cost[cell], at_once));
                }
            }
            here.sort_unstable();
            here.truncate(instance.n_tracks);
            costs.extend(here);
        }
        costs.sort_unstable();
        let hosted = index_of(number(instance.n_tracks * instance.n_cells) - unhosted);
        let hosting: i64 = costs.iter().take(hosted).sum();
        hosting + instance.weights.left_out * self.left_out(instance)
    }

    /// S13: groups that want to host and cannot, or for which no room is left by the shortest blocks of the others.
    fn left_out(&self, instance: &Instance<'_>) -> i64 {
        let willing = instance.groups.iter().filter(|group| group.host.is_some());
        let able = (0..instance.groups.len()).filter(|&group| self.covers[group].contains(&true));
        let mut shortest: Vec<usize> = able
            .filter_map(|group| lengths(instance, group).map(|(shortest, _)| shortest))
            .collect();
        shortest.sort_unstable();
        let mut room = instance.n_tracks * instance.n_cells;
        let fitting = shortest.into_iter().take_while(|&length| {
            let fits = length <= room;
            room = room.saturating_sub(length);
            fits
        });
        number(willing.count()) - number(fitting.count())
    }
}

/// Shortest and longest block of a group that hosts, in cells. The rules allow lengths that the search does not try
/// because they are no whole steps of the block grid.
fn lengths(instance: &Instance<'_>, group: usize) -> Option<(usize, usize)> {
    let hosting = instance.problem.groups[group].hosting.as_ref()?;
    let cell = instance.horizon.cell_min();
    let shortest = index(hosting.shortest_min.div_ceil(cell)).max(1);
    Some((shortest, index(hosting.longest_min / cell)))
}

/// Who could serve which duty at which cell, whatever the programme.
struct People {
    /// Operators × duties × cells; an operator without the role has no row.
    able: Vec<Vec<(usize, Vec<bool>)>>,
}

impl People {
    fn of(instance: &Instance<'_>, hosting: &Hosting) -> Self {
        let spoken = spoken(instance, hosting);
        let able = (0..instance.operators.len())
            .map(|operator| {
                (0..instance.duties.len())
                    .filter_map(|duty| Some((duty, able(instance, &spoken, operator, duty)?)))
                    .collect()
            })
            .collect();
        Self { able }
    }

    /// Cells for which someone may be on duty in all.
    fn most_cells(instance: &Instance<'_>, operator: usize) -> usize {
        let day = index(1440 / instance.horizon.cell_min().max(1));
        let days = instance.n_cells.div_ceil(day.max(1));
        let table = &instance.operators[operator];
        let by_hours = table.max_duty.saturating_mul(days);
        let by_shifts = instance
            .limits
            .longest
            .saturating_mul(instance.limits.max_shifts);
        by_hours.min(by_shifts).min(instance.n_cells)
    }

    /// Person cells demanded whatever the programme: all but those of interpreters.
    fn demand(instance: &Instance<'_>) -> i64 {
        let duties = instance.duties.iter();
        duties
            .filter(|duty| duty.need != RoleNeed::Interpretation)
            .map(|duty| i64::from(duty.count) * number(duty.asked.iter().filter(|a| **a).count()))
            .sum()
    }

    /// M04: person cells that cannot be covered, even if shifts could be cut up.
    fn gaps(&self, instance: &Instance<'_>) -> i64 {
        let (source, sink) = (0, 1);
        let mut network = Network::of(2);
        let mut seats: Vec<Vec<Option<usize>>> = Vec::with_capacity(instance.duties.len());
        for duty in &instance.duties {
            let demanded = |asked: bool| asked && duty.need != RoleNeed::Interpretation;
            let seat = |asked: &bool| {
                demanded(*asked).then(|| {
                    let seat = network.node();
                    network.edge(seat, sink, i64::from(duty.count));
                    seat
                })
            };
            seats.push(duty.asked.iter().map(seat).collect());
        }
        let mut gives = Vec::with_capacity(self.able.len());
        for (operator, duties) in self.able.iter().enumerate() {
            let person = network.node();
            let most = number(Self::most_cells(instance, operator));
            gives.push(network.edge(source, person, most));
            for cell in 0..instance.n_cells {
                let able = duties.iter().filter(|(_, able)| able[cell]);
                let mut open = able.filter_map(|(duty, _)| seats[*duty][cell]).peekable();
                if open.peek().is_none() {
                    continue;
                }
                let there = network.node();
                network.edge(person, there, 1);
                for seat in open {
                    network.edge(there, seat, 1);
                }
            }
        }
        network.fill(source, sink);
        let covered: i64 = gives.into_iter().map(|edge| network.flow(edge)).sum();
        Self::demand(instance) - covered
    }

    /// M05: people missing on alerts when everybody who could be there is.
    fn alert_short(&self, instance: &Instance<'_>) -> i64 {
        let wanted = i64::from(instance.problem.event.policy.alert.min_people);
        let mut short = 0;
        for unit in 0..instance.n_units {
            for cell in 0..instance.n_cells {
                let there = self.able.iter().filter(|duties| {
                    duties.iter().any(|(duty, able)| {
                        able[cell] && instance.duties[*duty].units.contains(&unit)
                    })
                });
                short += (wanted - number(there.count())).max(0);
            }
        }
        short
    }

    /// S01 to S05, S14 and S15 of people on duty, when all but `gaps` person cells are covered.
    fn soft(&self, instance: &Instance<'_>, gaps: i64) -> i64 {
        let covered = (Self::demand(instance) - gaps).max(0);
        let longest = number(instance.limits.longest.max(1));
        let shifts = instance.weights.fragmentation * ((covered + longest - 1) / longest);
        let minutes = covered * instance.cell_min;
        shifts + self.hours(instance, covered) + spread::fairness(instance, minutes)
    }

    /// What being on duty costs by the hour: each covered cell by whoever minds the least.
    fn hours(&self, instance: &Instance<'_>, covered: i64) -> i64 {
        let mut costs = Vec::new();
        let duties = instance.duties.iter().enumerate();
        for (duty, table) in duties.filter(|(_, duty)| duty.need != RoleNeed::Interpretation) {
            for cell in (0..instance.n_cells).filter(|&cell| table.asked[cell]) {
                let mut here: Vec<i64> = self
                    .able
                    .iter()
                    .enumerate()
                    .filter(|(_, duties)| duties.iter().any(|(of, able)| *of == duty && able[cell]))
                    .map(|(operator, _)| instance.operators[operator].cell_cost[cell])
                    .collect();
                here.sort_unstable();
                here.truncate(index(table.count));
                costs.extend(here);
            }
        }
        costs.sort_unstable();
        costs.iter().take(index_of(covered)).sum()
    }
}

/// Which languages a block could be in at each cell; where no block is, people speak the event's.
fn spoken(instance: &Instance<'_>, hosting: &Hosting) -> Vec<Vec<usize>> {
    let mut spoken = vec![vec![instance.event_language]; instance.n_cells];
    for (group, covers) in instance.groups.iter().zip(&hosting.covers) {
        for (here, _) in spoken.iter_mut().zip(covers).filter(|(_, covers)| **covers) {
            here.extend(&group.languages);
        }
    }
    for here in &mut spoken {
        here.sort_unstable();
        here.dedup();
    }
    spoken
}

/// The cells at which an operator could serve a duty, in stretches no shorter than a shift; `None` when there is none.
fn able(
    instance: &Instance<'_>,
    spoken: &[Vec<usize>],
    operator: usize,
    duty: usize,
) -> Option<Vec<bool>> {
    let (table, person) = (&instance.duties[duty], &instance.operators[operator]);
    let may_be_on = if table.alerted {
        &person.awake
    } else {
        &person.open
    };
    let has = |language: &usize| instance.skill_level(operator, duty, &[*language]).is_some();
    let knows: Vec<bool> = (0..instance.languages.len()).map(|l| has(&l)).collect();
    let skilled = |cell: usize| match table.need {
        RoleNeed::Nothing => instance.skill_level(operator, duty, &[]).is_some(),
        _ => spoken[cell]
            .iter()
            .any(|&l| knows.get(l).copied().unwrap_or(false)),
    };
    let skilled_anywhere = table.need != RoleNeed::Nothing || skilled(0);
    if !skilled_anywhere {
        return None;
    }
    let needs_nothing = table.need == RoleNeed::Nothing;
    let mut able: Vec<bool> = (0..instance.n_cells)
        .map(|cell| table.asked[cell] && may_be_on[cell] && (needs_nothing || skilled(cell)))
        .collect();
    let mut from = 0;
    while from < able.len() {
        let now = able[from];
        let to = (from..able.len())
            .find(|&c| able[c] != now)
            .unwrap_or(able.len());
        if now && to - from < instance.limits.shortest {
            able[from..to].fill(false);
        }
        from = to;
    }
    able.contains(&true).then_some(able)
}

/// Minutes for which someone may be on duty in all.
pub(super) fn most_minutes(instance: &Instance<'_>, operator: usize) -> i64 {
    number(People::most_cells(instance, operator)) * instance.cell_min
}

/// A count that is never below nothing, as an index.
fn index_of(n: i64) -> usize {
    usize::try_from(n.max(0)).unwrap_or(usize::MAX)
}
