//! The horizon: the stretch of time that is planned, cut into equal cells.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Span;

/// The planned stretch of time: a start instant and a number of equal cells.
///
/// Units and ranges: `cell_min` is one of 5, 10, 15, 20, 30, 60 minutes; `n_cells` is 1 to 100,000.
/// Invariant: both ranges, kept by [`Horizon::new`] and by deserialisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "HorizonDto")]
pub struct Horizon {
    start: Timestamp,
    cell_min: u32,
    n_cells: u32,
}

/// Why a horizon was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HorizonError {
    /// The cell length is not one of the allowed ones.
    #[error("a cell of {0} minutes is not one of 5, 10, 15, 20, 30, 60")]
    CellLength(u32),
    /// There are no cells, or too many.
    #[error("{0} cells are not between 1 and 100000")]
    CellCount(u32),
    /// The end lies outside the range of instants.
    #[error("the horizon ends outside the range of instants")]
    OutOfRange,
}

/// The planned stretch of time: a start instant and a number of equal cells.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Horizon")]
#[serde(deny_unknown_fields)]
struct HorizonDto {
    /// The first planned instant.
    start: Timestamp,
    /// Length of a cell in minutes: 5, 10, 15, 20, 30 or 60.
    cell_min: u32,
    /// Number of cells, 1 to 100,000.
    n_cells: u32,
}

impl TryFrom<HorizonDto> for Horizon {
    type Error = HorizonError;
    fn try_from(dto: HorizonDto) -> Result<Self, HorizonError> {
        Self::new(dto.start, dto.cell_min, dto.n_cells)
    }
}

impl Horizon {
    /// A horizon of `n_cells` cells of `cell_min` minutes from `start`.
    ///
    /// # Errors
    /// [`HorizonError`] when a value is out of its range.
    pub fn new(start: Timestamp, cell_min: u32, n_cells: u32) -> Result<Self, HorizonError> {
        if ![5, 10, 15, 20, 30, 60].contains(&cell_min) {
            return Err(HorizonError::CellLength(cell_min));
        }
        if n_cells == 0 || n_cells > 100_000 {
            return Err(HorizonError::CellCount(n_cells));
        }
        let seconds = i64::from(cell_min) * i64::from(n_cells) * 60;
        let end = start
            .as_second()
            .checked_add(seconds)
            .ok_or(HorizonError::OutOfRange)?;
        Timestamp::from_second(end).map_err(|_out_of_range| HorizonError::OutOfRange)?;
        Ok(Self {
            start,
            cell_min,
            n_cells,
        })
    }

    /// First planned instant.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// First instant after the horizon.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.cell_start(self.n_cells)
    }

    /// Length of a cell in minutes.
    #[must_use]
    pub fn cell_min(&self) -> u32 {
        self.cell_min
    }

    /// Number of cells.
    #[must_use]
    pub fn n_cells(&self) -> u32 {
        self.n_cells
    }

    /// The whole horizon as a span.
    #[must_use]
    pub fn span(&self) -> Span {
        self.cells(0, self.n_cells)
    }

    /// The instant at which `cell` starts; `cell == n_cells` gives the end of the horizon.
    ///
    /// Cells past the end are clamped to the end.
    #[must_use]
    pub fn cell_start(&self, cell: u32) -> Timestamp {
        let seconds = i64::from(cell.min(self.n_cells)) * i64::from(self.cell_min) * 60;
        Timestamp::from_second(self.start.as_second() + seconds).unwrap_or(self.start)
    }

    /// The span of the cells `from..to`.
    #[must_use]
    pub fn cells(&self, from: u32, to: u32) -> Span {
        let from = from.min(self.n_cells - 1);
        let to = to.clamp(from + 1, self.n_cells);
        Span::new(self.cell_start(from), self.cell_start(to))
            .unwrap_or_else(|_empty| unreachable!("from < to, and cells are longer than zero"))
    }

    /// The cell boundary at exactly `instant`, `0..=n_cells`; `None` when off the grid or outside.
    #[must_use]
    pub fn boundary(&self, instant: Timestamp) -> Option<u32> {
        let seconds = instant.as_second() - self.start.as_second();
        let cell_seconds = i64::from(self.cell_min) * 60;
        if instant.subsec_nanosecond() != 0 || seconds < 0 || seconds % cell_seconds != 0 {
            return None;
        }
        u32::try_from(seconds / cell_seconds)
            .ok()
            .filter(|&cell| cell <= self.n_cells)
    }
}
