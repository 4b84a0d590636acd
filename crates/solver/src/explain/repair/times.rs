//! Times opened, and times cut out of others.

use meridian_model::{Availability, Cause, Grade, GradeSpan, Span, Subject};

use super::super::bars::cause_of;
use super::Repair;

impl Repair {
    /// Someone opens whatever of `times` is closed to her; `None` when nothing is.
    pub(in crate::explain) fn open_time(
        who: Subject,
        availability: &Availability,
        times: &[Span],
    ) -> Option<Self> {
        let spans = closed_parts(availability, times);
        let longest = spans.iter().max_by_key(|span| span.minutes())?;
        Some(Self::OpenTime {
            who,
            cause: cause_of(availability, *longest),
            spans,
        })
    }
}

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
fn without(span: Span, others: &[Span]) -> Vec<Span> {
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

/// The parts of `spans` that are impossible for someone.
fn closed_parts(availability: &Availability, spans: &[Span]) -> Vec<Span> {
    let Availability(graded) = availability;
    let open: Vec<Span> = graded
        .iter()
        .filter(|graded| graded.grade > Grade::Impossible)
        .map(|graded| graded.span)
        .collect();
    let mut closed: Vec<Span> = Vec::new();
    let mut parts: Vec<Span> = spans.iter().flat_map(|&one| without(one, &open)).collect();
    parts.sort_unstable();
    for part in parts {
        match closed.last_mut() {
            Some(last) if last.end() >= part.start() => {
                *last = Span::new(last.start(), last.end().max(part.end())).unwrap_or(*last);
            }
            _ => closed.push(part),
        }
    }
    closed
}
