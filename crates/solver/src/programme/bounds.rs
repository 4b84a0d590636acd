//! What every plan of a problem leaves out at least, whoever hosts when.
//!
//! All bounds are relaxations: rules are dropped, never added, so no plan is below them. Hosted cells are a flow from
//! groups through their open hours to the cells of the event; a session needs some start in hours that somebody could
//! hold, and room.

use meridian_model::Priority;

use super::Block;
use crate::instance::{Instance, index, number};
use crate::pins::CellPins;

/// Lower bounds of M01, M02 and M03, each over every plan that keeps the rules and the pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Track cells without a host.
    pub(crate) unhosted: i64,
    /// Sessions that must be on and are not.
    pub(crate) unplaced_must: i64,
    /// Sessions that should be on and are not.
    pub(crate) unplaced_should: i64,
}

/// What every plan leaves out at least.
pub(crate) fn bounds(instance: &Instance<'_>, pins: &CellPins) -> Bounds {
    let hours = Hours::of(instance, &pins.blocks);
    let hosted = hours.most_hosted();
    let unplaced = |priority: Priority| {
        let free: Vec<usize> = (0..instance.sessions.len())
            .filter(|&s| instance.problem.sessions[s].priority == priority)
            .filter(|&s| !pins.sessions.iter().any(|&(pinned, _, _)| pinned == s))
            .collect();
        hours.least_unplaced(&free, hosted)
    };
    Bounds {
        unhosted: number((instance.n_cells * instance.n_tracks).saturating_sub(hosted)),
        unplaced_must: unplaced(Priority::Must),
        unplaced_should: unplaced(Priority::Should),
    }
}

/// How many of these rooms fit into so many cells at most.
fn most_fitting(mut rooms: Vec<usize>, mut cells: usize) -> usize {
    rooms.sort_unstable();
    let fits = |room: &&usize| {
        let fits = **room <= cells;
        cells = cells.saturating_sub(**room);
        fits
    };
    rooms.iter().take_while(fits).count()
}

/// Which hours somebody could host at all.
struct Hours<'a, 'p> {
    instance: &'a Instance<'p>,
    pinned: &'a [Block],
    /// Cells that some block of the group could cover: groups × cells.
    coverable: Vec<Vec<bool>>,
    /// Longest block of each group, in cells, not rounded to the block grid.
    longest: Vec<usize>,
}

impl<'a, 'p> Hours<'a, 'p> {
    fn of(instance: &'a Instance<'p>, pinned: &'a [Block]) -> Self {
        let cell = instance.horizon.cell_min();
        let mut coverable = vec![vec![false; instance.n_cells]; instance.groups.len()];
        let mut longest = vec![0; instance.groups.len()];
        for (group, table) in instance.groups.iter().enumerate() {
            let hosting = instance.problem.groups[group].hosting.as_ref();
            let (Some(host), Some(hosting)) = (&table.host, hosting) else {
                continue;
            };
            // A block that is shorter or longer than whole steps of the grid is no candidate, but the rules allow it.
            let shortest = index(hosting.shortest_min.div_ceil(cell)).max(1);
            longest[group] = index(hosting.longest_min / cell);
            for start in (0..instance.n_cells).step_by(instance.block_grid) {
                let open = host.open[start..].iter().take(longest[group]);
                let length = open.take_while(|&&open| open).count();
                if length >= shortest {
                    coverable[group][start..start + length].fill(true);
                }
            }
        }
        Self {
            instance,
            pinned,
            coverable,
            longest,
        }
    }

    /// Most track cells that can have a host.
    fn most_hosted(&self) -> usize {
        let n_tracks = self.instance.n_tracks;
        let held = self.held();
        let free = held.iter().map(|held| n_tracks - held).collect();
        let groups: Vec<Supply> = (0..self.instance.groups.len())
            .filter_map(|group| self.supply(group))
            .collect();
        held.iter().sum::<usize>() + most_shared_out(&groups, free)
    }

    /// Tracks with a pinned block, by cell.
    fn held(&self) -> Vec<usize> {
        let covers = |track: usize, c: usize| {
            let mut here = self.pinned.iter().filter(|b| b.track == track);
            here.any(|b| b.start <= c && c < b.end)
        };
        (0..self.instance.n_cells)
            .map(|c| {
                (0..self.instance.n_tracks)
                    .filter(|&t| covers(t, c))
                    .count()
            })
            .collect()
    }

    /// How many of these sessions every plan leaves out: those without any start, and in each of some windows side by
    /// side those that could only be there and do not all have room.
    fn least_unplaced(&self, sessions: &[usize], hosted: usize) -> i64 {
        let n_cells = self.instance.n_cells;
        let reaches: Vec<Option<(usize, usize)>> =
            sessions.iter().map(|&s| self.reach(s)).collect();
        let nowhere = reaches.iter().filter(|reach| reach.is_none()).count();
        let room: Vec<usize> = self.room_before();
        // least[b]: the most that windows before cell b prove to be left out.
        let mut least = vec![0; n_cells + 1];
        for to in 1..=n_cells {
            least[to] = least[to - 1];
            for from in 0..to {
                let inside = |reach: &Option<(usize, usize)>| {
                    reach.is_some_and(|(first, last)| from <= first && last <= to)
                };
                let rooms: Vec<usize> = sessions
                    .iter()
                    .zip(&reaches)
                    .filter(|(_, reach)| inside(reach))
                    .map(|(&s, _)| self.instance.sessions[s].room)
                    .collect();
                let cells = (room[to] - room[from]).min(hosted);
                let count = rooms.len();
                let out = if rooms.iter().sum::<usize>() <= cells {
                    0
                } else {
                    count - most_fitting(rooms, cells)
                };
                least[to] = least[to].max(least[from] + out);
            }
        }
        number(nowhere + least[n_cells])
    }

    /// Track cells that could have a host, before each cell.
    fn room_before(&self) -> Vec<usize> {
        let held = self.held();
        let mut before = vec![0];
        let mut sum = 0;
        for c in 0..self.instance.n_cells {
            let groups = self.coverable.iter().zip(&self.instance.groups);
            let hosts: usize = groups
                .filter(|(row, _)| row[c])
                .filter_map(|(_, table)| table.host.as_ref())
                .map(|host| host.max_blocks)
                .sum();
            sum += held[c].saturating_add(hosts).min(self.instance.n_tracks);
            before.push(sum);
        }
        before
    }

    fn supply(&self, group: usize) -> Option<Supply> {
        let host = self.instance.groups[group].host.as_ref()?;
        let pinned = self.pinned.iter().filter(|b| b.group == group).count();
        let blocks = host.max_blocks.saturating_sub(pinned);
        let cells: Vec<usize> = (0..self.instance.n_cells)
            .filter(|&c| self.coverable[group][c])
            .collect();
        Some(Supply {
            amount: blocks.saturating_mul(self.longest[group]),
            // One group may hold several tracks at once.
            per_cell: blocks.min(self.instance.n_tracks),
            cells,
        })
    }

    /// From the first start that a session could have to the end of the last one, in a block of some group or a
    /// pinned one.
    fn reach(&self, session: usize) -> Option<(usize, usize)> {
        let table = &self.instance.sessions[session];
        let tracks = &table.on_track;
        let inside_pinned = |c: usize| {
            let mut blocks = self.pinned.iter().filter(|b| tracks[b.track]);
            blocks.any(|b| b.start <= c && c + table.room <= b.end)
        };
        let inside_open = |c: usize| {
            self.coverable
                .iter()
                .zip(&self.longest)
                .any(|(row, &longest)| {
                    table.room <= longest
                        && c + table.room <= row.len()
                        && row[c..c + table.room].iter().all(|&can| can)
                })
        };
        let some_track = tracks.iter().any(|&allowed| allowed);
        let mut starts = (0..self.instance.n_cells)
            .filter(|&c| table.may_start[c])
            .filter(|&c| inside_pinned(c) || (some_track && inside_open(c)));
        let first = starts.next()?;
        Some((first, starts.next_back().unwrap_or(first) + table.room))
    }
}

/// What one group has to give.
struct Supply {
    amount: usize,
    per_cell: usize,
    cells: Vec<usize>,
}

/// The most that can be shared out over the cells, each of which takes at most what is free there: a maximum flow, by
/// shortest augmenting paths between cells.
fn most_shared_out(groups: &[Supply], mut free: Vec<usize>) -> usize {
    let n_cells = free.len();
    let mut given: Vec<Vec<usize>> = groups.iter().map(|_| vec![0; n_cells]).collect();
    let mut total = 0;
    for (giver, supply) in groups.iter().enumerate() {
        for _ in 0..supply.amount {
            let Some(path) = augmenting(groups, &given, &free, giver) else {
                break;
            };
            // The path names who gives at which cell; who gave there before gives at the next cell instead.
            for pair in path.windows(2) {
                let (cell, next_giver) = (pair[0].1, pair[1].0);
                given[next_giver][cell] -= 1;
            }
            for &(giver, cell) in &path {
                given[giver][cell] += 1;
            }
            if let Some(&(_, last)) = path.last() {
                free[last] -= 1;
            }
            total += 1;
        }
    }
    total
}

/// The shortest way for `giver` to give one more: `(who gives, at which cell)`, the last cell being free.
fn augmenting(
    groups: &[Supply],
    given: &[Vec<usize>],
    free: &[usize],
    giver: usize,
) -> Option<Vec<(usize, usize)>> {
    // How each cell was reached: by whom, and whose step came before.
    let mut reached: Vec<Option<(usize, Option<usize>)>> = vec![None; free.len()];
    let mut seen = vec![false; groups.len()];
    let mut queue = std::collections::VecDeque::from([(giver, None)]);
    seen[giver] = true;
    while let Some((group, from)) = queue.pop_front() {
        for &cell in &groups[group].cells {
            if reached[cell].is_some() || given[group][cell] >= groups[group].per_cell {
                continue;
            }
            reached[cell] = Some((group, from));
            if free[cell] > 0 {
                return Some(unroll(&reached, cell));
            }
            for other in 0..groups.len() {
                if !seen[other] && given[other][cell] > 0 {
                    seen[other] = true;
                    queue.push_back((other, Some(cell)));
                }
            }
        }
    }
    None
}

fn unroll(reached: &[Option<(usize, Option<usize>)>], last: usize) -> Vec<(usize, usize)> {
    let mut path = Vec::new();
    let mut at = Some(last);
    while let Some(cell) = at {
        let Some((giver, before)) = reached[cell] else {
            break;
        };
        path.push((giver, cell));
        at = before;
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use meridian_model::{Priority, Problem, Span};

    use super::bounds;
    use crate::instance::Instance;
    use crate::pins::{self, CellPins};
    use crate::programme::candidates::{Candidate, candidates};
    use crate::support::{Size, problem};
    use crate::{Coupling, Engine, NeverStop, Options, Silent, solve};

    const TINY: Size = Size {
        groups: 4,
        tracks: 1,
        operators: 3,
        sessions: 8,
        hours: 8,
        cell_min: 30,
    };

    /// A tiny event whose hosts leave hours open and whose sessions have narrow windows, by seed.
    fn sparse(seed: u64) -> Problem {
        let mut event = problem(seed, TINY);
        let horizon = event.event.horizon;
        for (n, group) in event.groups.iter_mut().enumerate() {
            if let Some(hosting) = &mut group.hosting {
                hosting.max_blocks = 1;
                hosting.shortest_min = if seed.is_multiple_of(3) { 90 } else { 60 };
                hosting.longest_min = 120 + 30 * u32::try_from((seed + 1) % 3).unwrap();
            }
            if (seed + u64::try_from(n).unwrap()).is_multiple_of(5) {
                group.hosting = None;
            }
        }
        let window = |from: u32| {
            Span::new(
                horizon.cells(from, from + 1).start(),
                horizon.cells(from + 1, from + 2).end(),
            )
        };
        for (n, session) in event.sessions.iter_mut().enumerate() {
            let from = 4 * u32::try_from((seed + u64::try_from(n).unwrap()) % 4).unwrap();
            session.window = Some(window(from).unwrap());
            session.speakers.clear();
            session.priority = if n % 2 == 0 {
                Priority::Must
            } else {
                Priority::Should
            };
        }
        event
    }

    /// The least number of cells without a host over all choices of candidates, each tried.
    fn least_unhosted(
        instance: &Instance<'_>,
        all: &[Candidate],
        from: usize,
        used: &mut Vec<usize>,
    ) -> usize {
        if from >= instance.n_cells {
            return 0;
        }
        let mut least = 1 + least_unhosted(instance, all, from + 1, used);
        for candidate in all.iter().filter(|c| c.start == from) {
            let host = instance.groups[candidate.group].host.as_ref().unwrap();
            if used[candidate.group] < host.max_blocks {
                used[candidate.group] += 1;
                least = least.min(least_unhosted(instance, all, candidate.end, used));
                used[candidate.group] -= 1;
            }
        }
        least
    }

    #[test]
    fn no_plan_leaves_out_less_than_the_bounds() {
        let (mut reached, mut above) = ([0; 3], [0; 3]);
        for seed in 0..40 {
            let event = sparse(seed);
            let instance = Instance::lower(&event).unwrap();
            let bounds = bounds(&instance, &pins::lower(&instance).unwrap());
            let all = candidates(&instance);
            let least = least_unhosted(&instance, &all, 0, &mut vec![0; instance.groups.len()]);
            assert!(
                bounds.unhosted <= crate::instance::number(least),
                "seed {seed}"
            );
            for coupling in [Coupling::Together, Coupling::OneAfterTheOther] {
                let options = Options {
                    effort: 1,
                    engine: Engine::Pure,
                    coupling,
                    ..Options::default()
                };
                let plan = solve(&event, &options, &NeverStop, &mut Silent)
                    .unwrap()
                    .plan;
                let medium = plan.score.medium;
                let pairs = [
                    (bounds.unhosted, medium.unhosted),
                    (bounds.unplaced_must, medium.unplaced_must),
                    (bounds.unplaced_should, medium.unplaced_should),
                ];
                for (n, (bound, found)) in pairs.into_iter().enumerate() {
                    assert!(bound <= found, "seed {seed}: {bounds:?} {medium:?}");
                    reached[n] += usize::from(bound == found && bound > 0);
                    above[n] += usize::from(bound < found);
                }
            }
        }
        assert!(reached.iter().all(|&n| n > 10), "{reached:?} of {above:?}");
    }

    #[test]
    fn pins_count_as_hosted_and_placed() {
        let mut event = sparse(0);
        let instance = Instance::lower(&event).unwrap();
        let free = bounds(&instance, &CellPins::default());
        assert!(free.unhosted > 0 && free.unplaced_must > 0);
        let whole = event.event.horizon.span();
        let (track, group) = (event.event.tracks[0].id.clone(), event.groups[1].id.clone());
        let language = event.groups[1].languages[0].clone();
        event.pins.blocks.push(meridian_model::HostBlock {
            id: "pinned".into(),
            track: track.clone(),
            group,
            language,
            span: whole,
        });
        for session in &event.sessions {
            event.pins.sessions.push(meridian_model::PlacedSession {
                session: session.id.clone(),
                track: track.clone(),
                span: event.event.horizon.cells(0, 1),
            });
        }
        let instance = Instance::lower(&event).unwrap();
        let pinned = bounds(&instance, &pins::lower(&instance).unwrap());
        assert_eq!(
            (
                pinned.unhosted,
                pinned.unplaced_must,
                pinned.unplaced_should
            ),
            (0, 0, 0)
        );
    }
}
