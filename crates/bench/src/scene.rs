//! What every step of the generator shares: the clock, the places and the draw.

use meridian_model::time::offsets;
use meridian_model::{
    Availability, Cause, Grade, GradeSpan, GroupId, Horizon, Span, Timestamp, ZoneName, ZoneSet,
};
use rand_chacha::ChaCha8Rng;

use crate::places::{PLACES, Place};
use crate::size::Shape;

/// Midnight UTC of a Saturday with no clock change near it.
const START: i64 = 1_792_195_200;
/// Local hours in which people are awake, in minutes of the day.
pub(crate) const DAY_MIN: (u32, u32) = (7 * 60, 23 * 60);

/// A half-open range of cells.
pub(crate) type Cells = std::ops::Range<usize>;

/// The event's clock, its shape and the draw.
pub(crate) struct Scene {
    pub(crate) shape: Shape,
    pub(crate) rng: ChaCha8Rng,
    pub(crate) horizon: Horizon,
    pub(crate) homes: Vec<Home>,
}

/// Where a group lives.
pub(crate) struct Home {
    pub(crate) group: GroupId,
    pub(crate) place: &'static Place,
    /// Cells that its clocks are ahead of UTC, below a day's.
    ahead: usize,
}

impl Scene {
    pub(crate) fn new(shape: Shape, rng: ChaCha8Rng) -> Self {
        let n_cells = small(shape.n_cells);
        let start = Timestamp::from_second(START).unwrap_or(Timestamp::UNIX_EPOCH);
        let horizon = Horizon::new(start, shape.cell_min, n_cells)
            .unwrap_or_else(|_| unreachable!("shapes have cells that a horizon takes"));
        let zones = ZoneSet::embedded();
        let day = 24 * 60 / shape.cell_min;
        let homes = (0..shape.groups)
            .map(|at| {
                // Few groups are spread over all places, many go round them.
                let step = (PLACES.len() / shape.groups).max(1);
                let place = &PLACES[at * step % PLACES.len()];
                let zone = zones.zone(place.zone);
                let seconds = zone.map_or(0, |zone| offsets(&zone, horizon.span())[0].1);
                let cell_seconds = i64::from(shape.cell_min) * 60;
                let ahead = i64::from(seconds).div_euclid(cell_seconds);
                Home {
                    group: GroupId::new(format!("g{at:04}")),
                    place,
                    ahead: usize::try_from(ahead.rem_euclid(i64::from(day))).unwrap_or(0),
                }
            })
            .collect();
        Self {
            shape,
            rng,
            horizon,
            homes,
        }
    }

    /// Days begun.
    pub(crate) fn days(&self) -> usize {
        self.shape.n_cells.div_ceil(self.day().max(1))
    }

    /// Cells of a day.
    pub(crate) fn day(&self) -> usize {
        self.cells(24 * 60)
    }

    /// Whole cells of some minutes.
    pub(crate) fn cells(&self, minutes: u32) -> usize {
        index(minutes / self.shape.cell_min)
    }

    /// Minutes of some cells.
    pub(crate) fn minutes(&self, cells: usize) -> u32 {
        small(cells) * self.shape.cell_min
    }

    /// The instants of some cells.
    pub(crate) fn span(&self, cells: &Cells) -> Span {
        self.horizon.cells(small(cells.start), small(cells.end))
    }

    /// The cell of the local day that a cell of the horizon is.
    pub(crate) fn local(&self, home: usize, cell: usize) -> usize {
        (cell + self.homes[home].ahead) % self.day()
    }

    /// The first cell of the horizon that is this cell of the local day.
    pub(crate) fn at_local(&self, home: usize, local: usize) -> usize {
        (local + self.day() - self.homes[home].ahead) % self.day()
    }

    /// Whether people there are awake.
    pub(crate) fn is_day(&self, home: usize, cell: usize) -> bool {
        let local = self.local(home, cell);
        (self.cells(DAY_MIN.0)..self.cells(DAY_MIN.1)).contains(&local)
    }

    /// The horizon's cells with some property, as spans.
    pub(crate) fn spans(&self, holds: impl Fn(usize) -> bool) -> Vec<Span> {
        runs(self.shape.n_cells, holds)
            .iter()
            .map(|run| self.span(run))
            .collect()
    }

    /// An availability from a grade for each cell.
    pub(crate) fn availability(&self, graded: &[Option<(Grade, Cause)>]) -> Availability {
        let mut spans = Vec::new();
        let mut from = 0;
        while from < graded.len() {
            let same = graded[from..].iter().take_while(|&&g| g == graded[from]);
            let to = from + same.count();
            if let Some((grade, cause)) = graded[from] {
                spans.push(GradeSpan {
                    span: self.span(&(from..to)),
                    grade,
                    cause,
                });
            }
            from = to;
        }
        Availability(spans)
    }

    pub(crate) fn zone(&self, home: usize) -> ZoneName {
        ZoneName::new(self.homes[home].place.zone)
    }
}

/// The maximal runs of cells with some property.
pub(crate) fn runs(n_cells: usize, holds: impl Fn(usize) -> bool) -> Vec<Cells> {
    let mut found: Vec<Cells> = Vec::new();
    for cell in (0..n_cells).filter(|&cell| holds(cell)) {
        match found.last_mut() {
            Some(run) if run.end == cell => run.end = cell + 1,
            _ => found.push(cell..cell + 1),
        }
    }
    found
}

/// A count of the document as an index.
pub(crate) fn index(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// An index as a count of the document.
pub(crate) fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
