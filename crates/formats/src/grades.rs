//! How what somebody said about her time adds up to one grade for every instant.

use meridian_model::{Availability, Cause, Grade, GradeSpan, Span, Timestamp};

use crate::rules::union;

/// Everything that was said about one person's or group's time, expanded to instants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// Better grades by rules.
    pub(crate) rules: Vec<(Grade, Span)>,
    /// Better grades by dated rows.
    pub(crate) dated: Vec<(Grade, Span)>,
    /// Impossible by rules.
    pub(crate) never: Vec<Span>,
    /// Impossible on holidays.
    pub(crate) holidays: Vec<Span>,
    /// Impossible by dated rows.
    pub(crate) marked: Vec<Span>,
    /// Busy times.
    pub(crate) busy: Vec<Span>,
    /// Whether any row offers a better grade than impossible, at whatever time.
    pub(crate) offers: bool,
}

/// A person's availability over `within`, which it covers without holes.
pub(crate) fn person(within: Span, nights: &[Span], said: &Said) -> Availability {
    let base = if said.offers {
        (Grade::Impossible, Cause::NotOffered)
    } else {
        (Grade::Possible, Cause::Default)
    };
    let mut canvas = Canvas::new(within, base.0, base.1);
    canvas.paint(nights, Grade::Impossible, Cause::Night);
    canvas.rows(said);
    canvas.done()
}

/// A group's hosting availability over `within`: what it offers itself, changed by its rows.
pub(crate) fn group(within: Span, offered: &[(Cause, Span)], said: &Said) -> Availability {
    let mut canvas = Canvas::new(within, Grade::Impossible, Cause::NotOffered);
    for &(cause, span) in offered {
        canvas.paint(&[span], Grade::Possible, cause);
    }
    canvas.rows(said);
    canvas.done()
}

/// A stretch of time on which later statements cover earlier ones.
struct Canvas {
    within: Span,
    pieces: Vec<GradeSpan>,
}

impl Canvas {
    fn new(within: Span, grade: Grade, cause: Cause) -> Self {
        Self {
            within,
            pieces: vec![GradeSpan {
                span: within,
                grade,
                cause,
            }],
        }
    }

    /// Dated rows over rules, impossible over both, busy over all; of two the better grade.
    fn rows(&mut self, said: &Said) {
        for (rows, cause) in [(&said.rules, Cause::Rule), (&said.dated, Cause::Marked)] {
            for grade in [Grade::IfNeedBe, Grade::Possible, Grade::Prefer] {
                let spans: Vec<Span> = rows
                    .iter()
                    .filter(|&&(of, _)| of == grade)
                    .map(|&(_, span)| span)
                    .collect();
                self.paint(&spans, grade, cause);
            }
        }
        self.paint(&said.never, Grade::Impossible, Cause::Rule);
        self.paint(&said.holidays, Grade::Impossible, Cause::Holiday);
        self.paint(&said.marked, Grade::Impossible, Cause::Marked);
        self.paint(&said.busy, Grade::Impossible, Cause::Busy);
    }

    /// Covers `spans` with a grade, in one sweep over both.
    fn paint(&mut self, spans: &[Span], grade: Grade, cause: Cause) {
        let clipped = spans
            .iter()
            .filter_map(|span| span.intersection(&self.within));
        let over = union(clipped.collect());
        let mut pieces = Vec::with_capacity(self.pieces.len() + 2 * over.len());
        let mut next = over.iter().peekable();
        for piece in &self.pieces {
            let mut from = piece.span.start();
            while let Some(span) = next.peek().filter(|span| span.start() < piece.span.end()) {
                pieces.extend(keep(piece, from, span.start()));
                from = from.max(span.end());
                if span.end() > piece.span.end() {
                    break;
                }
                next.next();
            }
            pieces.extend(keep(piece, from, piece.span.end()));
        }
        pieces.extend(over.iter().map(|&span| GradeSpan { span, grade, cause }));
        pieces.sort_by_key(|piece| piece.span);
        self.pieces = pieces;
    }

    fn done(self) -> Availability {
        let mut joined: Vec<GradeSpan> = Vec::with_capacity(self.pieces.len());
        for piece in self.pieces {
            match joined.last_mut() {
                Some(last)
                    if last.span.end() == piece.span.start()
                        && (last.grade, last.cause) == (piece.grade, piece.cause) =>
                {
                    last.span = Span::new(last.span.start(), piece.span.end()).unwrap_or(last.span);
                }
                _ => joined.push(piece),
            }
        }
        Availability(joined)
    }
}

/// What of `piece` lies between two instants.
fn keep(piece: &GradeSpan, from: Timestamp, to: Timestamp) -> Option<GradeSpan> {
    let span = Span::new(from.max(piece.span.start()), to.min(piece.span.end())).ok()?;
    Some(GradeSpan { span, ..*piece })
}

#[cfg(test)]
mod tests;
