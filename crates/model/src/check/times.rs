//! Arithmetic on spans and runs of cells.

use std::ops::Range;

use crate::{Availability, Grade, Span, Timestamp};

/// `minutes` after `instant`, at most the last instant there is.
pub(super) fn later(instant: Timestamp, minutes: u32) -> Timestamp {
    let second = instant.as_second().saturating_add(i64::from(minutes) * 60);
    Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
}

/// `minutes` before `instant`, at least the first instant there is.
pub(super) fn earlier(instant: Timestamp, minutes: u32) -> Timestamp {
    let second = instant.as_second().saturating_sub(i64::from(minutes) * 60);
    Timestamp::from_second(second).unwrap_or(Timestamp::MIN)
}

/// `span`, begun `minutes` earlier.
pub(super) fn with_lead(span: Span, minutes: u32) -> Span {
    Span::new(earlier(span.start(), minutes), span.end()).unwrap_or(span)
}

/// `span`, ended `minutes` later.
pub(super) fn with_tail(span: Span, minutes: u32) -> Span {
    Span::new(span.start(), later(span.end(), minutes)).unwrap_or(span)
}

/// The parts of `span` that lie in `others`.
pub(super) fn inside(span: Span, others: &[Span]) -> Vec<Span> {
    others
        .iter()
        .filter_map(|other| span.intersection(other))
        .collect()
}

/// The parts of `span` that lie in none of `others`, whatever their order.
pub(super) fn outside(span: Span, others: &[Span]) -> Vec<Span> {
    let mut covered = inside(span, others);
    covered.sort();
    let mut left = Vec::new();
    let mut from = span.start();
    for part in covered {
        left.extend(Span::new(from, part.start()).ok());
        from = from.max(part.end());
    }
    left.extend(Span::new(from, span.end()).ok());
    left
}

/// The minutes of all `spans` together.
pub(super) fn total_min(spans: &[Span]) -> i64 {
    spans.iter().map(Span::minutes).sum()
}

/// The spans of an availability with the grades that `wanted` takes.
pub(super) fn graded(availability: &Availability, wanted: impl Fn(Grade) -> bool) -> Vec<Span> {
    let Availability(spans) = availability;
    spans
        .iter()
        .filter(|graded| wanted(graded.grade))
        .map(|graded| graded.span)
        .collect()
}

/// The spans that are not impossible: graded if-need-be or better. What no span covers is impossible.
pub(super) fn open(availability: &Availability) -> Vec<Span> {
    graded(availability, |grade| grade >= Grade::IfNeedBe)
}

/// The maximal runs of cells at which `value` is the same and not 0.
pub(super) fn runs(n_cells: u32, value: impl Fn(u32) -> i64) -> Vec<(Range<u32>, i64)> {
    let mut found: Vec<(Range<u32>, i64)> = Vec::new();
    for cell in 0..n_cells {
        let now = value(cell);
        match found.last_mut() {
            Some((run, same)) if run.end == cell && *same == now => run.end = cell + 1,
            _ if now != 0 => found.push((cell..cell + 1, now)),
            _ => {}
        }
    }
    found
}

/// All pairs of items, each pair once.
pub(super) fn pairs<T>(items: &[T]) -> impl Iterator<Item = (&T, &T)> {
    items
        .iter()
        .enumerate()
        .flat_map(|(at, one)| items[at + 1..].iter().map(move |other| (one, other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64) -> Span {
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        Span::new(at(from), at(to)).unwrap()
    }

    #[test]
    fn outside_is_what_no_span_covers_in_any_order() {
        let others = [span(40, 50), span(0, 10), span(5, 20), span(90, 99)];
        assert_eq!(outside(span(0, 60), &others), [span(20, 40), span(50, 60)]);
        assert_eq!(outside(span(0, 10), &others), []);
    }

    #[test]
    fn runs_part_where_the_value_changes() {
        let value = [0, 2, 2, 1, 0, 1];
        let found = runs(6, |cell| value[usize::try_from(cell).unwrap()]);
        assert_eq!(found, [(1..3, 2), (3..4, 1), (5..6, 1)]);
    }

    #[test]
    fn leads_and_tails_end_at_the_first_and_last_instant() {
        let all = Span::new(Timestamp::MIN, Timestamp::MAX).unwrap();
        assert_eq!(with_tail(with_lead(all, u32::MAX), u32::MAX), all);
    }
}
