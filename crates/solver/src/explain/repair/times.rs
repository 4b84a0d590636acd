//! Times opened, and times cut out of others.

use meridian_model::{Availability, Cause, Grade, GradeSpan, Span};

/// Availability with `spans` opened as if-need-be, where it was closed; still sorted and disjoint.
pub(in crate::explain) fn opened(availability: &Availability, spans: &[Span]) -> Availability {
    let Availability(graded) = availability;
    let mut now: Vec<GradeSpan> = Vec::new();
    for one in graded {
        if one.grade == Grade::Impossible {
            let pieces = without(one.span, spans);
            now.extend(pieces.into_iter().map(|span| GradeSpan { span, ..*one }));
        } else {
            now.push(*one);
        }
    }
    let open: Vec<Span> = now
        .iter()
        .filter(|one| one.grade > Grade::Impossible)
        .map(|one| one.span)
        .collect();
    for &span in spans {
        let new = without(span, &open).into_iter().map(|span| GradeSpan {
            span,
            grade: Grade::IfNeedBe,
            cause: Cause::Marked,
        });
        now.extend(new);
    }
    now.sort_by_key(|one| one.span);
    Availability(now)
}

/// The parts of `span` outside all of `others`, which may come in any order.
pub(in crate::explain) fn without(span: Span, others: &[Span]) -> Vec<Span> {
    let mut left = vec![span];
    for other in others {
        left = left
            .into_iter()
            .flat_map(|piece| {
                if !piece.overlaps(other) {
                    return vec![piece];
                }
                let before = Span::new(piece.start(), other.start());
                let after = Span::new(other.end(), piece.end());
                before.into_iter().chain(after).collect()
            })
            .collect();
    }
    left
}
