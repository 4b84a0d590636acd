//! Why tracks stand without a host: every group that wants to host, and what keeps it.

mod repairs;
mod walls;

use std::ops::Range;

use meridian_model::{Group, GroupId, Hosting, Plan, RuleCode, Subject, Track};

use super::bars::{Bar, is_open, sum_up, why_closed};
use super::mend::Before;
use super::view::{Block, View};
use super::{Exclusion, UnhostedReason};

/// One reason per track and run of cells without a host.
pub(super) fn reasons(view: &View<'_>) -> Vec<UnhostedReason> {
    let mut found = Vec::new();
    for track in &view.problem.event.tracks {
        for run in unhosted(view, track) {
            found.push(reason(view, track, &run));
        }
    }
    found
}

/// Adds to a reason what stands in the way.
pub(super) fn find_conflict(view: &View<'_>, reason: &mut UnhostedReason) {
    reason.conflict = run(view, reason).map(|(track, run)| walls::conflict(view, track, &run));
}

/// What alone keeps a group from every block there could be, as the plan stands; empty when there is one.
pub(super) fn kept(view: &View<'_>, group: &GroupId) -> Vec<Exclusion> {
    let mut groups = view.problem.groups.iter();
    let group = groups.position(|one| one.id == *group);
    let track = view.problem.event.tracks.first();
    let told = track.zip(group).map(|(track, group)| {
        let run = 0..view.horizon.n_cells();
        walls::conflict_of(view, track, &run, &[group])
    });
    told.unwrap_or_default()
}

/// Adds to a reason what would give the hours a host.
pub(super) fn repair(view: &View<'_>, plan: &Plan, before: &Before, reason: &mut UnhostedReason) {
    if let Some((track, run)) = run(view, reason) {
        reason.repairs = repairs::offers(view, plan, before, track, &run);
    }
}

fn run<'a>(view: &View<'a>, reason: &UnhostedReason) -> Option<(&'a Track, Range<u32>)> {
    let mut tracks = view.problem.event.tracks.iter();
    let track = tracks.find(|track| track.id == reason.track)?;
    let cell = |at| view.horizon.boundary(at);
    Some((track, cell(reason.span.start())?..cell(reason.span.end())?))
}

fn unhosted(view: &View<'_>, track: &Track) -> Vec<Range<u32>> {
    let mut runs: Vec<Range<u32>> = Vec::new();
    for cell in 0..view.horizon.n_cells() {
        let here = |host: &Block<'_>| host.block.track == track.id && host.cells.contains(&cell);
        if view.blocks.iter().any(here) {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.end == cell => run.end = cell + 1,
            _ => runs.push(cell..cell + 1),
        }
    }
    runs
}

fn reason(view: &View<'_>, track: &Track, run: &Range<u32>) -> UnhostedReason {
    let mut reason = UnhostedReason {
        track: track.id.clone(),
        span: view.span(run),
        eligible: Vec::new(),
        exclusions: Vec::new(),
        conflict: None,
        repairs: Vec::new(),
    };
    for group in &view.problem.groups {
        let Some(hosting) = &group.hosting else {
            continue;
        };
        let alone = new_block(view, group, hosting, run);
        let bar = match alone {
            None => {
                reason.eligible.push(group.id.clone());
                no_more(view, group, hosting)
            }
            bar => bar,
        };
        let bar = bar.filter(|_| !could_last(view, track, group, hosting, run));
        reason.exclusions.extend(bar.map(|bar| Exclusion {
            subject: Subject::Group(group.id.clone()),
            rule: bar.rule,
            says: bar.words,
        }));
    }
    reason
}

/// What keeps a group from every shortest block inside the run, or `None` when it could host one.
fn new_block(view: &View<'_>, group: &Group, hosting: &Hosting, run: &Range<u32>) -> Option<Bar> {
    let shortest = view.cells_in(hosting.shortest_min).max(1);
    if view.minutes(shortest) > i64::from(hosting.longest_min) {
        let words = "no length between its shortest and its longest block is whole cells";
        return Some(Bar::new(RuleCode::H05, words));
    }
    let mut bars = Vec::new();
    for from in run.clone() {
        let to = from.saturating_add(shortest);
        if to <= run.end && on_grid(view, from) {
            bars.push(closed(view, group, hosting, &(from..to))?);
        }
    }
    sum_up(&bars).or_else(|| {
        let (room, least) = (view.minutes(run.end - run.start), hosting.shortest_min);
        let words =
            format!("the {room} min are too few for a block on the grid of at least {least}");
        Some(Bar::new(RuleCode::H05, words))
    })
}

fn on_grid(view: &View<'_>, cell: u32) -> bool {
    let grid = view.problem.event.policy.block_grid_min.max(1);
    view.minutes(cell) % i64::from(grid) == 0
}

/// The first rule by code that keeps a group from hosting some cells.
fn closed(view: &View<'_>, group: &Group, hosting: &Hosting, cells: &Range<u32>) -> Option<Bar> {
    let span = view.span(cells);
    if !is_open(&hosting.availability, span) {
        let why = why_closed(&hosting.availability, span);
        return Some(Bar::new(RuleCode::H03, why));
    }
    let event = view.blocking(&group.id, span)?;
    let words = format!("kept by \"{}\"", event.title);
    Some(Bar::new(RuleCode::H04, words))
}

fn no_more(view: &View<'_>, group: &Group, hosting: &Hosting) -> Option<Bar> {
    let has = blocks_of(view, group).count();
    let most = hosting.max_blocks;
    (has >= usize::try_from(most).unwrap_or(usize::MAX)).then(|| {
        let words = format!("has {has} of {most} blocks already");
        Bar::new(RuleCode::H05, words)
    })
}

/// Whether a block of the group that touches the run could last over some of it.
fn could_last(
    view: &View<'_>,
    track: &Track,
    group: &Group,
    hosting: &Hosting,
    run: &Range<u32>,
) -> bool {
    let grid = view.cells_in(view.problem.event.policy.block_grid_min.max(1));
    blocks_of(view, group)
        .filter(|host| host.block.track == track.id)
        .flat_map(|host| {
            let later = (host.cells.end == run.start).then(|| {
                let longer = host.cells.start..run.start + 1;
                (run.start..run.start + 1, longer)
            });
            let from = run.end.saturating_sub(grid);
            let earlier = (host.cells.start == run.end && run.start <= from)
                .then_some((from..run.end, from..host.cells.end));
            later.into_iter().chain(earlier)
        })
        .any(|(added, longer)| {
            let length = view.minutes(longer.end - longer.start);
            length <= i64::from(hosting.longest_min)
                && closed(view, group, hosting, &added).is_none()
        })
}

fn blocks_of<'v, 'a>(view: &'v View<'a>, group: &'v Group) -> impl Iterator<Item = &'v Block<'a>> {
    let blocks = view.blocks.iter();
    blocks.filter(move |host| host.block.group == group.id)
}
