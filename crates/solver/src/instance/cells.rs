//! Spans of instants on the cells of a horizon.

use meridian_model::{Availability, Grade, Horizon, Span, Timestamp};

use super::index;

pub(super) fn cell_span(horizon: Horizon, cell: usize) -> Span {
    let cell = u32::try_from(cell).unwrap_or(u32::MAX - 1);
    horizon.cells(cell, cell + 1)
}

/// The cells that `span` touches, with the minutes it shares with each.
pub(super) fn overlap_minutes(horizon: Horizon, span: Span) -> Vec<(usize, i64)> {
    let Some(inside) = span.intersection(&horizon.span()) else {
        return Vec::new();
    };
    let step = i64::from(horizon.cell_min()) * 60;
    let offset = |t: Timestamp| t.as_second() - horizon.start().as_second();
    let first = offset(inside.start()).div_euclid(step);
    let last = (offset(inside.end()) + step - 1).div_euclid(step);
    (first..last)
        .filter_map(|c| usize::try_from(c).ok())
        .filter(|&c| c < index(horizon.n_cells()))
        .filter_map(|c| {
            cell_span(horizon, c)
                .intersection(&inside)
                .map(|s| (c, s.minutes()))
        })
        .collect()
}

/// Minutes of each cell that the spans cover.
pub(super) fn covered_minutes(horizon: Horizon, spans: &[Span]) -> Vec<i64> {
    let mut minutes = vec![0; index(horizon.n_cells())];
    for &span in spans {
        for (cell, shared) in overlap_minutes(horizon, span) {
            minutes[cell] += shared;
        }
    }
    minutes
}

/// Minutes of each cell at exactly `grade`.
pub(super) fn graded_minutes(
    horizon: Horizon,
    availability: &Availability,
    grade: Grade,
) -> Vec<i64> {
    let spans: Vec<Span> = availability
        .0
        .iter()
        .filter(|g| g.grade == grade)
        .map(|g| g.span)
        .collect();
    covered_minutes(horizon, &spans)
}

/// Cells that lie wholly in times better than impossible.
pub(super) fn possible_cells(horizon: Horizon, availability: &Availability) -> Vec<bool> {
    let step = i64::from(horizon.cell_min()) * 60;
    let mut seconds = vec![0; index(horizon.n_cells())];
    for graded in availability
        .0
        .iter()
        .filter(|g| g.grade != Grade::Impossible)
    {
        for (cell, _) in overlap_minutes(horizon, graded.span) {
            if let Some(shared) = cell_span(horizon, cell).intersection(&graded.span) {
                seconds[cell] += shared.end().as_second() - shared.start().as_second();
            }
        }
    }
    seconds.into_iter().map(|s: i64| s >= step).collect()
}
