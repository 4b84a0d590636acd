//! Lanes: a duty that asks for several people at once is several lines of one person each, in which the seats of a
//! plan and the time that nobody serves yet follow each other.

use std::collections::BTreeSet;
use std::ops::Range;

use meridian_federation::content::{PlanBlock, PlanRevision, Seat};
use meridian_model::{Duty, DutyId, Event, RoleNeed, Span};

use super::grid::{Grid, runs};

/// What is in a lane for a while.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held<'a> {
    /// One of the people of a seat.
    Seat(&'a Seat),
    /// Nobody yet.
    Open,
}

/// Some cells of a lane.
#[derive(Clone, Debug)]
pub(super) struct Stretch<'a> {
    pub(super) cells: Range<usize>,
    pub(super) held: Held<'a>,
}

/// A line of a duty that one person serves at a time; in order, without overlap.
#[derive(Clone, Debug)]
pub(super) struct Lane<'a> {
    pub(super) duty: &'a Duty,
    /// What a problem calls it.
    pub(super) id: DutyId,
    pub(super) stretches: Vec<Stretch<'a>>,
}

/// Parts the number of a lane from its duty; no identifier has one.
const NUMBER: char = '#';

/// The duty of a lane.
pub(super) fn duty_of(lane: &DutyId) -> DutyId {
    let duty = lane.as_str().split(NUMBER).next();
    DutyId::new(duty.unwrap_or(lane.as_str()))
}

/// All lanes of a plan's duties.
pub(super) fn lanes<'a>(event: &'a Event, revision: &'a PlanRevision) -> Vec<Lane<'a>> {
    let of_duty = event.duties.iter().flat_map(|duty| {
        let all = lanes_of(event, revision, duty);
        let single = all.len() == 1 && duty.count == 1;
        all.into_iter().enumerate().map(move |(n, stretches)| Lane {
            duty,
            id: if single {
                duty.id.clone()
            } else {
                DutyId::new(format!("{}{NUMBER}{n}", duty.id))
            },
            stretches,
        })
    });
    of_duty.collect()
}

fn lanes_of<'a>(
    event: &'a Event,
    revision: &'a PlanRevision,
    duty: &Duty,
) -> Vec<Vec<Stretch<'a>>> {
    let grid = Grid(event.horizon);
    let mut open = open(event, revision, duty);
    let mut all = Vec::new();
    for seat in revision.seats.iter().filter(|seat| seat.duty == duty.id) {
        let Some(cells) = grid.exactly(seat.span) else {
            continue;
        };
        for _ in 0..seat.heads.min(MOST_HEADS) {
            all.push(Stretch {
                cells: cells.clone(),
                held: Held::Seat(seat),
            });
        }
    }
    while open.iter().any(|&people| people > 0) {
        let here: Vec<bool> = open.iter().map(|&people| people > 0).collect();
        all.extend(runs(&here).into_iter().map(|cells| Stretch {
            cells,
            held: Held::Open,
        }));
        for people in &mut open {
            *people = people.saturating_sub(1);
        }
    }
    all.sort_by_key(|stretch| (stretch.cells.start, stretch.cells.end));
    let mut lanes: Vec<Vec<Stretch<'_>>> = Vec::new();
    for stretch in all {
        // The lane that was left last, so that what follows each other stands in one.
        let free = |lane: &&mut Vec<Stretch<'_>>| end(lane) <= stretch.cells.start;
        match lanes.iter_mut().filter(free).max_by_key(|lane| end(lane)) {
            Some(lane) => lane.push(stretch),
            None => lanes.push(vec![stretch]),
        }
    }
    lanes
}

/// More people at once than any duty asks for: what is said beyond is not believed.
const MOST_HEADS: u32 = 20;

fn end(lane: &[Stretch<'_>]) -> usize {
    lane.last().map_or(0, |stretch| stretch.cells.end)
}

/// How many people a duty lacks at each cell.
pub(super) fn open(event: &Event, revision: &PlanRevision, duty: &Duty) -> Vec<u32> {
    let grid = Grid(event.horizon);
    let demanded = demanded(event, &revision.blocks, duty);
    let mut open: Vec<u32> = (demanded.iter())
        .map(|&demanded| if demanded { duty.count } else { 0 })
        .collect();
    for seat in revision.seats.iter().filter(|seat| seat.duty == duty.id) {
        for people in &mut open[grid.inside(seat.span)] {
            *people = people.saturating_sub(seat.heads);
        }
    }
    open
}

/// Time of a duty that nobody serves in a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Uncovered {
    /// The duty.
    pub(crate) duty: DutyId,
    /// When.
    pub(crate) span: Span,
    /// How many people are missing.
    pub(crate) people: u32,
}

/// What nobody serves in a plan, by duty and time.
pub(crate) fn uncovered(event: &Event, revision: &PlanRevision) -> Vec<Uncovered> {
    let grid = Grid(event.horizon);
    let mut found = Vec::new();
    for duty in &event.duties {
        let open = open(event, revision, duty);
        let numbers: BTreeSet<u32> = open.iter().copied().filter(|&n| n > 0).collect();
        for people in numbers {
            let here: Vec<bool> = open.iter().map(|&n| n == people).collect();
            found.extend(grid.spans(&here).into_iter().map(|span| Uncovered {
                duty: duty.id.clone(),
                span,
                people,
            }));
        }
    }
    found
}

/// At which cells something is open, in any duty, or begins or ends to be within so many cells.
pub(super) fn near_open(event: &Event, revision: &PlanRevision, within: usize) -> Vec<bool> {
    let n_cells = Grid(event.horizon).n_cells();
    let mut near = vec![false; n_cells];
    for duty in &event.duties {
        let open = open(event, revision, duty);
        for cell in (0..n_cells).filter(|&cell| open[cell] > 0) {
            let from = cell.saturating_sub(within);
            near[from..(cell + within + 1).min(n_cells)].fill(true);
        }
    }
    near
}

/// At which cells a duty asks for people, while these blocks are on.
fn demanded(event: &Event, blocks: &[PlanBlock], duty: &Duty) -> Vec<bool> {
    let grid = Grid(event.horizon);
    let standing = grid.marked(&duty.spans);
    let role = event.roles.iter().find(|role| role.id == duty.role);
    if role.is_none_or(|role| role.needs != RoleNeed::Interpretation) {
        return standing;
    }
    let mut foreign = vec![false; grid.n_cells()];
    let interpreted = blocks
        .iter()
        .filter(|block| duty.tracks.contains(&block.track) && block.language != event.language);
    for block in interpreted {
        foreign[grid.touched(block.span)].fill(true);
    }
    let both = standing.iter().zip(&foreign);
    both.map(|(standing, foreign)| *standing && *foreign)
        .collect()
}
