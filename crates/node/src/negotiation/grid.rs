//! Spans on the cells of a horizon.

use std::ops::Range;

use meridian_model::{Availability, Cause, Grade, GradeSpan, Horizon, Span, Timestamp};

/// A horizon to lay spans on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid(pub(super) Horizon);

impl Grid {
    pub(super) fn n_cells(&self) -> usize {
        usize::try_from(self.0.n_cells()).unwrap_or(usize::MAX)
    }

    /// How many whole cells make at least so many minutes.
    pub(super) fn cells_of(&self, minutes: u32) -> usize {
        usize::try_from(minutes.div_ceil(self.0.cell_min())).unwrap_or(usize::MAX)
    }

    /// The cells that lie wholly in a span.
    pub(super) fn inside(&self, span: Span) -> Range<usize> {
        let (from, to) = (
            self.place(span.start(), Round::Up),
            self.place(span.end(), Round::Down),
        );
        from..to.max(from)
    }

    /// The cells that a span touches.
    pub(super) fn touched(&self, span: Span) -> Range<usize> {
        let (from, to) = (
            self.place(span.start(), Round::Down),
            self.place(span.end(), Round::Up),
        );
        from..to.max(from)
    }

    /// The cells of a span that begins and ends with them, in the horizon.
    pub(super) fn exactly(&self, span: Span) -> Option<Range<usize>> {
        let at = |instant| {
            let cell = self.0.boundary(instant)?;
            usize::try_from(cell).ok()
        };
        Some(at(span.start())?..at(span.end())?)
    }

    fn place(self, instant: Timestamp, round: Round) -> usize {
        let cell = i64::from(self.0.cell_min()) * 60;
        let since = instant.as_second() - self.0.start().as_second();
        let at = match round {
            Round::Up => since.saturating_add(cell - 1).div_euclid(cell),
            Round::Down => since.div_euclid(cell),
        };
        usize::try_from(at.max(0))
            .unwrap_or(usize::MAX)
            .min(self.n_cells())
    }

    /// The span of some cells; `None` of none.
    pub(super) fn span(&self, cells: &Range<usize>) -> Option<Span> {
        let at = |cell: usize| u32::try_from(cell).ok().map(|cell| self.0.cell_start(cell));
        Span::new(at(cells.start)?, at(cells.end)?).ok()
    }

    /// The spans of the cells at which this holds.
    pub(super) fn spans(&self, holds: &[bool]) -> Vec<Span> {
        let runs = runs(holds);
        runs.iter().filter_map(|run| self.span(run)).collect()
    }

    /// Which cells lie wholly in one of some spans.
    pub(super) fn marked(&self, spans: &[Span]) -> Vec<bool> {
        let mut cells = vec![false; self.n_cells()];
        for span in joined(spans) {
            cells[self.inside(span)].fill(true);
        }
        cells
    }

    /// A span later by some cells; `None` outside the horizon.
    pub(super) fn moved(&self, span: Span, cells: i64) -> Option<Span> {
        let by = cells.checked_mul(i64::from(self.0.cell_min()) * 60)?;
        let later = |at: Timestamp| {
            let second = at.as_second().checked_add(by)?;
            Timestamp::from_second(second).ok()
        };
        let moved = Span::new(later(span.start())?, later(span.end())?).ok()?;
        self.0.span().contains(&moved).then_some(moved)
    }
}

#[derive(Clone, Copy)]
enum Round {
    Up,
    Down,
}

/// The maximal runs of cells at which this holds.
pub(super) fn runs(holds: &[bool]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (cell, _) in holds.iter().enumerate().filter(|(_, holds)| **holds) {
        match found.last_mut() {
            Some(run) if run.end == cell => run.end = cell + 1,
            _ => found.push(cell..cell + 1),
        }
    }
    found
}

/// Spans in order, those that meet joined.
pub(super) fn joined(spans: &[Span]) -> Vec<Span> {
    let mut sorted = spans.to_vec();
    sorted.sort();
    let mut found: Vec<Span> = Vec::new();
    for span in sorted {
        match found.last_mut() {
            Some(last) if span.start() <= last.end() => {
                let end = last.end().max(span.end());
                *last = Span::new(last.start(), end).unwrap_or(*last);
            }
            _ => found.push(span),
        }
    }
    found
}

/// What is in one of some spans and in none of others.
pub(super) fn without(spans: &[Span], others: &[Span]) -> Vec<Span> {
    let others = joined(others);
    let mut left = Vec::new();
    for span in joined(spans) {
        let mut from = span.start();
        for cut in others.iter().filter_map(|other| other.intersection(&span)) {
            left.extend(Span::new(from, cut.start()).ok());
            from = from.max(cut.end());
        }
        left.extend(Span::new(from, span.end()).ok());
    }
    left
}

/// What is in both.
pub(super) fn common(spans: &[Span], others: &[Span]) -> Vec<Span> {
    let others = joined(others);
    let all = joined(spans).into_iter().flat_map(|span| {
        let with = others
            .iter()
            .filter_map(move |other| other.intersection(&span));
        with.collect::<Vec<_>>()
    });
    all.collect()
}

/// When an availability is at least this good.
pub(super) fn at_least(availability: &Availability, least: Grade) -> Vec<Span> {
    let Availability(spans) = availability;
    let good = spans.iter().filter(|of| of.grade >= least);
    joined(&good.map(|of| of.span).collect::<Vec<_>>())
}

/// Possible in these spans, and at no other time.
pub(super) fn possible(spans: &[Span]) -> Availability {
    let graded = joined(spans).into_iter().map(|span| GradeSpan {
        span,
        grade: Grade::Possible,
        cause: Cause::Marked,
    });
    Availability(graded.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        Grid(Horizon::new(Timestamp::UNIX_EPOCH, 10, 6).unwrap())
    }

    fn span(from: i64, to: i64) -> Span {
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        Span::new(at(from), at(to)).unwrap()
    }

    #[test]
    fn cells_lie_in_a_span_or_are_touched_by_it() {
        let grid = grid();
        assert_eq!(grid.inside(span(5, 35)), 1..3);
        assert_eq!(grid.touched(span(5, 35)), 0..4);
        assert_eq!(grid.inside(span(12, 18)), 2..2);
        assert_eq!(grid.inside(span(-50, 500)), 0..6);
        assert_eq!(grid.inside(span(500, 600)), 6..6);
        assert_eq!(grid.exactly(span(10, 30)), Some(1..3));
        assert_eq!(grid.exactly(span(10, 35)), None);
        let marked = grid.marked(&[span(5, 15), span(15, 40)]);
        assert_eq!(grid.spans(&marked), [span(10, 40)]);
    }

    #[test]
    fn spans_move_inside_the_horizon_only() {
        assert_eq!(grid().moved(span(10, 30), -1), Some(span(0, 20)));
        assert_eq!(grid().moved(span(10, 30), -2), None);
        assert_eq!(grid().moved(span(10, 30), i64::MAX), None);
    }

    #[test]
    fn what_is_cut_out_of_spans_is_cut_once_wherever_it_lies() {
        let both = [span(0, 30), span(20, 60)];
        assert_eq!(
            without(&both, &[span(10, 20), span(50, 90)]),
            [span(0, 10), span(20, 50)]
        );
        assert_eq!(
            common(&both, &[span(10, 20), span(50, 90)]),
            [span(10, 20), span(50, 60)]
        );
        assert_eq!(without(&both, &[]), [span(0, 60)]);
    }
}
