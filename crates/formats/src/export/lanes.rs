//! Lanes: spans that overlap are drawn side by side.

use meridian_model::Span;

/// A lane for each span, the first that is free, and the number of lanes.
///
/// A plan that keeps the rules needs one lane; one that breaks them is still drawn without overlaps.
pub(crate) fn pack(spans: &[Span]) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|&index| (spans[index].start(), spans[index].end(), index));
    let mut lanes = vec![0; spans.len()];
    let mut free_from = Vec::new();
    for index in order {
        let span = spans[index];
        let lane = free_from.iter().position(|&free| free <= span.start());
        let lane = lane.unwrap_or_else(|| {
            free_from.push(span.start());
            free_from.len() - 1
        });
        free_from[lane] = span.end();
        lanes[index] = lane;
    }
    (lanes, free_from.len().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64) -> Span {
        let at = |second| jiff::Timestamp::from_second(second).unwrap();
        Span::new(at(from), at(to)).unwrap()
    }

    #[test]
    fn only_overlapping_spans_need_another_lane() {
        let (lanes, n) = pack(&[span(10, 20), span(0, 10), span(15, 30), span(20, 25)]);
        assert_eq!(lanes, [0, 0, 1, 0]);
        assert_eq!(n, 2);
    }
}
