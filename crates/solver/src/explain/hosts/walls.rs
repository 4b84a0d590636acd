//! What stands between a track's hours without a host and every group that is there.

use std::collections::BTreeSet;
use std::ops::Range;

use meridian_model::{Group, Hosting, RuleCode, Subject, Track};

use super::super::Exclusion;
use super::super::bars::{all_of, is_open, why_closed};
use super::super::conflict::smallest_of;
use super::super::view::View;
use super::{blocks_of, no_more, on_grid};

/// What keeps a group from a block; what it would be best to name comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wall {
    /// H05: a block begins on the grid.
    Grid,
    /// H05: too short or too long for the group.
    Length(usize),
    /// H05: the group has all the blocks it offered.
    Count(usize),
    /// H04: a regional event.
    Event(usize),
    /// H03: the group does not host then.
    Hours(usize),
    /// H03: some groups do not host at all.
    NoHosts,
}

/// Some cells that a group could add to a track, by a new block or by a longer one.
struct Addition {
    added: Range<u32>,
    block: Range<u32>,
    is_new: bool,
}

/// The conflict set of a run of cells without a host; empty when a group could host some of it as the plan stands.
pub(super) fn conflict(view: &View<'_>, track: &Track, run: &Range<u32>) -> Vec<Exclusion> {
    let all: Vec<usize> = (0..view.problem.groups.len()).collect();
    conflict_of(view, track, run, &all)
}

/// The same where only some groups are asked, by their places in the problem.
pub(super) fn conflict_of(
    view: &View<'_>,
    track: &Track,
    run: &Range<u32>,
    whom: &[usize],
) -> Vec<Exclusion> {
    let groups = whom
        .iter()
        .filter_map(|&at| Some((at, view.problem.groups.get(at)?)));
    let groups: Vec<(usize, &Group)> = groups.collect();
    let mut ways = BTreeSet::new();
    for (at, group) in &groups {
        for addition in additions(view, track, group, run) {
            ways.insert(walls(view, *at, group, &addition));
        }
    }
    if ways.is_empty() {
        ways.insert(BTreeSet::from([Wall::NoHosts]));
    }
    let asked: Vec<&Group> = groups.into_iter().map(|(_, group)| group).collect();
    let mut told: Vec<Exclusion> = smallest_of(&ways)
        .into_iter()
        .filter_map(|wall| told(view, track, run, &asked, wall))
        .collect();
    told.sort_by_key(|one| one.rule);
    told
}

/// The least that a group could add: every longer addition meets no fewer walls.
fn additions(view: &View<'_>, track: &Track, group: &Group, run: &Range<u32>) -> Vec<Addition> {
    let shortest = group
        .hosting
        .as_ref()
        .map_or(1, |hosting| shortest(view, hosting));
    let lengths = BTreeSet::from([1, shortest]);
    let new = run.clone().flat_map(|from| {
        let ends = lengths
            .iter()
            .map(move |length| from.saturating_add(*length));
        ends.filter(|to| *to <= run.end).map(move |to| Addition {
            added: from..to,
            block: from..to,
            is_new: true,
        })
    });
    let mut found: Vec<Addition> = new.collect();
    let hers = blocks_of(view, group).filter(|host| host.block.track == track.id);
    for host in hers {
        if host.cells.end == run.start {
            found.push(Addition {
                added: run.start..run.start + 1,
                block: host.cells.start..run.start + 1,
                is_new: false,
            });
        }
        if host.cells.start == run.end {
            found.extend(run.clone().map(|from| Addition {
                added: from..run.end,
                block: from..host.cells.end,
                is_new: false,
            }));
        }
    }
    found
}

fn shortest(view: &View<'_>, hosting: &Hosting) -> u32 {
    view.cells_in(hosting.shortest_min).max(1)
}

fn walls(view: &View<'_>, at: usize, group: &Group, addition: &Addition) -> BTreeSet<Wall> {
    let span = view.span(&addition.added);
    let mut walls = BTreeSet::new();
    for (event, one) in view.problem.regional_events.iter().enumerate() {
        if View::blocks(one, &group.id, span) {
            walls.insert(Wall::Event(event));
        }
    }
    let Some(hosting) = &group.hosting else {
        walls.insert(Wall::NoHosts);
        return walls;
    };
    if !is_open(&hosting.availability, span) {
        walls.insert(Wall::Hours(at));
    }
    if !on_grid(view, addition.block.start) {
        walls.insert(Wall::Grid);
    }
    let length = view.minutes(addition.block.end - addition.block.start);
    let (least, most) = (hosting.shortest_min, hosting.longest_min);
    if length < i64::from(least) || length > i64::from(most) {
        walls.insert(Wall::Length(at));
    }
    if addition.is_new && no_more(view, group, hosting).is_some() {
        walls.insert(Wall::Count(at));
    }
    walls
}

fn told(
    view: &View<'_>,
    track: &Track,
    run: &Range<u32>,
    asked: &[&Group],
    wall: Wall,
) -> Option<Exclusion> {
    let problem = view.problem;
    let group = |at: usize| problem.groups.get(at);
    let hosting = |at: usize| group(at).and_then(|one| one.hosting.as_ref());
    let id = |at: usize| group(at).map(|one| Subject::Group(one.id.clone()));
    let (subject, rule, says) = match wall {
        Wall::Grid => {
            let grid = problem.event.policy.block_grid_min;
            let says = format!("a block begins on the grid of {grid} min");
            (Subject::Track(track.id.clone()), RuleCode::H05, says)
        }
        Wall::Length(at) => {
            let hosting = hosting(at)?;
            let (least, most) = (hosting.shortest_min, hosting.longest_min);
            let says = format!("hosts for {least} to {most} min");
            (id(at)?, RuleCode::H05, says)
        }
        Wall::Count(at) => {
            let bar = no_more(view, group(at)?, hosting(at)?)?;
            (id(at)?, RuleCode::H05, bar.words)
        }
        Wall::Event(at) => {
            let event = problem.regional_events.get(at)?;
            let span = view.span(run);
            let kept = asked
                .iter()
                .filter(|group| View::blocks(event, &group.id, span));
            let kept: Vec<&str> = kept.map(|group| group.name.as_str()).collect();
            let says = format!("\"{}\" keeps {} from it", event.title, all_of(&kept));
            let subject = Subject::RegionalEvent(event.id.clone());
            (subject, RuleCode::H04, says)
        }
        Wall::Hours(at) => {
            let availability = &hosting(at)?.availability;
            let mut cells = run.clone().map(|cell| view.span(&(cell..cell + 1)));
            let closed = cells.find(|span| !is_open(availability, *span))?;
            (
                id(at)?,
                RuleCode::H03,
                why_closed(availability, closed).to_owned(),
            )
        }
        Wall::NoHosts => {
            let others = asked.iter().filter(|group| group.hosting.is_none());
            let others: Vec<&str> = others.map(|group| group.name.as_str()).collect();
            let says = match others.len() {
                0 => "no group hosts".to_owned(),
                1 => format!("{} does not host", all_of(&others)),
                n if n > NAMED => format!("{n} groups do not host"),
                _ => format!("{} do not host", all_of(&others)),
            };
            (Subject::Track(track.id.clone()), RuleCode::H03, says)
        }
    };
    Some(Exclusion {
        subject,
        rule,
        says,
    })
}

/// Groups that do not host are named up to so many.
const NAMED: usize = 4;
