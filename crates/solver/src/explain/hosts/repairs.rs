//! What would give a track's hours a host: groups that host for longer or once more, at other times, or that are asked to.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use meridian_model::{BlockId, Group, HostBlock, Hosting, Language, Plan, Subject, Track};

use super::super::Offer;
use super::super::bars::is_open;
use super::super::mend::{Before, with_block};
use super::super::offers::{Candidate, Change, cheapest};
use super::super::repair::{HostSetting, Repair, blocking_events};
use super::super::view::View;
use super::{blocks_of, no_more, on_grid, unhosted};

/// A limit of a host is stretched to at most so many times of it.
const FURTHER: u32 = 2;
/// Languages tried for a block: each may be one that people can serve in.
const LANGUAGES_TRIED: usize = 2;
/// How long a group is asked to host where no other group says how long it does, in minutes.
const USUAL_MIN: u32 = 120;

/// A block as it could be, and which part of it is new.
struct Way {
    id: Option<BlockId>,
    block: Range<u32>,
    added: Range<u32>,
}

/// The best repairs of a run of cells without a host, proved, cheapest first.
pub(super) fn offers(
    view: &View<'_>,
    plan: &Plan,
    before: &Before,
    track: &Track,
    run: &Range<u32>,
) -> Vec<Offer> {
    let of = run.end - run.start;
    let mut candidates = Vec::new();
    for group in &view.problem.groups {
        match &group.hosting {
            Some(hosting) => candidates.extend(of_host(view, track, group, hosting, run)),
            None => candidates.extend(asked(view, track, group, run)),
        }
    }
    cheapest(plan, candidates, of, |candidate| {
        let Change::Block(block) = &candidate.change else {
            return None;
        };
        let changed = candidate.repair.apply(view.problem);
        let proof = before.proof(&changed, with_block(&changed, plan, block))?;
        let left: u32 = unhosted(&View::new(&changed, &proof.plan), track)
            .iter()
            .map(|open| {
                let (from, to) = (open.start.max(run.start), open.end.min(run.end));
                to.saturating_sub(from)
            })
            .sum();
        Some((of.saturating_sub(left), proof))
    })
}

/// The cheapest way of each kind in which one host could take some of the run.
fn of_host(
    view: &View<'_>,
    track: &Track,
    group: &Group,
    hosting: &Hosting,
    run: &Range<u32>,
) -> Vec<Candidate> {
    let closed: Vec<bool> = (0..view.horizon.n_cells())
        .map(|cell| !is_open(&hosting.availability, view.span(&(cell..cell + 1))))
        .collect();
    let of = run.end - run.start;
    let mut best: BTreeMap<Vec<HostWall>, (bool, u64, Way)> = BTreeMap::new();
    for way in ways(view, track, group, hosting, run) {
        let n_closed = (way.added.clone())
            .filter(|cell| usize::try_from(*cell).is_ok_and(|at| closed.get(at) == Some(&true)))
            .count();
        let walls = walls(view, group, hosting, &way, n_closed > 0);
        let closes = way.added.end - way.added.start;
        let asks = u64::try_from(n_closed)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let share = asks.saturating_mul(u64::from(of)) / u64::from(closes.max(1));
        let rank = (closes < of, share);
        if best
            .get(&walls)
            .is_none_or(|known| rank < (known.0, known.1))
        {
            best.insert(walls, (rank.0, rank.1, way));
        }
    }
    // Nobody is asked for more where she could close as much with less.
    let closes = |way: &Way| way.added.end - way.added.start;
    let is_needless = |walls: &Vec<HostWall>, way: &Way| {
        best.iter().any(|(fewer, (_, _, other))| {
            fewer.len() < walls.len()
                && fewer.iter().all(|wall| walls.contains(wall))
                && closes(other) >= closes(way)
        })
    };
    let needed = best
        .iter()
        .filter(|(walls, known)| !is_needless(walls, &known.2));
    needed
        .flat_map(|(_, (_, _, way))| candidates(view, track, group, hosting, way))
        .collect()
}

/// What keeps a host from a block and could be asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum HostWall {
    Hours,
    Event,
    Count,
    Length,
}

fn walls(
    view: &View<'_>,
    group: &Group,
    hosting: &Hosting,
    way: &Way,
    is_closed: bool,
) -> Vec<HostWall> {
    let is_blocked = view.blocking(&group.id, view.span(&way.added)).is_some();
    let is_one_more = way.id.is_none() && no_more(view, group, hosting).is_some();
    let is_other_length = length_limit(view, group, hosting, way).is_some();
    [
        (is_closed, HostWall::Hours),
        (is_blocked, HostWall::Event),
        (is_one_more, HostWall::Count),
        (is_other_length, HostWall::Length),
    ]
    .into_iter()
    .filter_map(|(stands, wall)| stands.then_some(wall))
    .collect()
}

/// Every block that could be asked of a host: as long as it hosts, or as long as the run where that is not far from it.
fn ways(
    view: &View<'_>,
    track: &Track,
    group: &Group,
    hosting: &Hosting,
    run: &Range<u32>,
) -> Vec<Way> {
    let least = view.cells_in(hosting.shortest_min).max(1);
    let most = hosting.longest_min / view.horizon.cell_min();
    let fits = |length: u32| (least..=most).contains(&length);
    let near = |length: u32| {
        length.saturating_mul(FURTHER) >= least && length <= most.saturating_mul(FURTHER)
    };
    let mut found = Vec::new();
    for from in run.clone().filter(|cell| on_grid(view, *cell)) {
        for to in from + 1..=run.end {
            let length = to - from;
            if fits(length) || (to == run.end && near(length)) {
                found.push(Way {
                    id: None,
                    block: from..to,
                    added: from..to,
                });
            }
        }
    }
    for host in blocks_of(view, group).filter(|host| host.block.track == track.id) {
        let mut longer = |block: Range<u32>, added: Range<u32>| {
            let length = block.end - block.start;
            if fits(length) || (near(length) && added == *run) {
                found.push(Way {
                    id: Some(host.block.id.clone()),
                    block,
                    added,
                });
            }
        };
        if host.cells.end == run.start {
            for to in run.start + 1..=run.end {
                longer(host.cells.start..to, run.start..to);
            }
        }
        if host.cells.start == run.end {
            for from in run.clone().filter(|cell| on_grid(view, *cell)) {
                longer(from..host.cells.end, from..run.end);
            }
        }
    }
    found
}

/// The limit that a block needs changed, if it is too short or too long.
fn length_limit(view: &View<'_>, group: &Group, hosting: &Hosting, way: &Way) -> Option<Repair> {
    let length = u32::try_from(view.minutes(way.block.end - way.block.start)).ok()?;
    let (setting, from) = if length < hosting.shortest_min {
        (HostSetting::ShortestMin, hosting.shortest_min)
    } else if length > hosting.longest_min {
        (HostSetting::LongestMin, hosting.longest_min)
    } else {
        return None;
    };
    Some(Repair::HostLimit {
        group: group.id.clone(),
        setting,
        from,
        to: length,
    })
}

/// What a way asks of the host, in the languages that it could be held in.
fn candidates(
    view: &View<'_>,
    track: &Track,
    group: &Group,
    hosting: &Hosting,
    way: &Way,
) -> Vec<Candidate> {
    let span = view.span(&way.added);
    let who = Subject::Group(group.id.clone());
    let mut repairs: Vec<Repair> = Vec::new();
    repairs.extend(Repair::open_time(who, &hosting.availability, &[span]));
    let events = blocking_events(view.problem, &group.id, &[span]).into_iter();
    repairs.extend(events.map(|event| Repair::TakePart {
        group: group.id.clone(),
        event,
    }));
    if way.id.is_none() && no_more(view, group, hosting).is_some() {
        repairs.push(Repair::HostLimit {
            group: group.id.clone(),
            setting: HostSetting::MaxBlocks,
            from: hosting.max_blocks,
            to: hosting.max_blocks.saturating_add(1),
        });
    }
    repairs.extend(length_limit(view, group, hosting, way));
    let Some(repair) = Repair::all(repairs) else {
        return Vec::new();
    };
    let now = way.id.as_ref().and_then(|id| {
        let mut blocks = view.blocks.iter();
        blocks.find(|host| host.block.id == *id)
    });
    let languages = match now {
        Some(host) => vec![host.block.language.clone()],
        None => languages(view, group),
    };
    languages
        .into_iter()
        .map(|language| Candidate {
            repair: repair.clone(),
            closes: way.added.end - way.added.start,
            asks: repair.asks(view.problem),
            change: Change::Block(HostBlock {
                id: way.id.clone().unwrap_or_else(|| new_id(view, group)),
                track: track.id.clone(),
                group: group.id.clone(),
                language,
                span: view.span(&way.block),
            }),
        })
        .collect()
}

/// The languages of a group, the event's first: people are there for it already.
fn languages(view: &View<'_>, group: &Group) -> Vec<Language> {
    let event = &view.problem.event.language;
    let mut languages = group.languages.clone();
    languages.sort_by_key(|language| language != event);
    languages.truncate(LANGUAGES_TRIED);
    languages
}

fn new_id(view: &View<'_>, group: &Group) -> BlockId {
    let taken = |id: &BlockId| view.blocks.iter().any(|host| host.block.id == *id);
    let mut nth = blocks_of(view, group).count() + 1;
    loop {
        let id = BlockId::new(format!("block-{}-{nth}", group.id));
        if !taken(&id) {
            return id;
        }
        nth += 1;
    }
}

/// A group that does not host, asked for the longest part of the run that is day for its people.
fn asked(view: &View<'_>, track: &Track, group: &Group, run: &Range<u32>) -> Vec<Candidate> {
    let problem = view.problem;
    let people: Vec<_> = problem
        .operators
        .iter()
        .filter(|operator| operator.group == group.id)
        .collect();
    if people.is_empty() {
        return Vec::new();
    }
    let usual = view.cells_in(usual_min(view));
    let starts = run.clone().filter(|cell| on_grid(view, *cell));
    let parts = starts.map(|from| from..from.saturating_add(usual).min(run.end));
    let day = parts.filter(|part| {
        let span = view.span(part);
        let mut nights = people.iter().flat_map(|operator| &operator.nights);
        !nights.any(|night| night.overlaps(&span)) && view.blocking(&group.id, span).is_none()
    });
    let Some(part) = day.max_by_key(|part| (part.end - part.start, Reverse(part.start))) else {
        return Vec::new();
    };
    let span = view.span(&part);
    let repair = Repair::AskToHost {
        group: group.id.clone(),
        span,
    };
    languages(view, group)
        .into_iter()
        .map(|language| Candidate {
            repair: repair.clone(),
            closes: part.end - part.start,
            asks: repair.asks(problem),
            change: Change::Block(HostBlock {
                id: new_id(view, group),
                track: track.id.clone(),
                group: group.id.clone(),
                language,
                span,
            }),
        })
        .collect()
}

/// How long groups host at most, as the middle one of them says.
fn usual_min(view: &View<'_>) -> u32 {
    let hosting = view.problem.groups.iter();
    let hosting = hosting.filter_map(|group| group.hosting.as_ref());
    let mut longest: Vec<u32> = hosting.map(|hosting| hosting.longest_min).collect();
    longest.sort_unstable();
    longest.get(longest.len() / 2).copied().unwrap_or(USUAL_MIN)
}
