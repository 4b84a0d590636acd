//! What must stay as it is, on cells.

use meridian_model::{Span, TrackId};

use crate::SolveError;
use crate::instance::{Instance, index};
use crate::programme::Block;
use crate::roster::{CellShift, Roster};

/// The pins of a problem on cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct CellPins {
    pub(crate) blocks: Vec<Block>,
    /// `(session, track, start)`
    pub(crate) sessions: Vec<(usize, usize, usize)>,
    pub(crate) shifts: Roster,
}

/// Lowers the pins.
///
/// # Errors
/// [`SolveError::Malformed`] when a pin names something undefined or is off the grid.
pub(crate) fn lower(instance: &Instance<'_>) -> Result<CellPins, SolveError> {
    let problem = instance.problem;
    let pins = &problem.pins;
    let mut lowered = CellPins {
        shifts: vec![Vec::new(); problem.operators.len()],
        ..CellPins::default()
    };
    for pin in &pins.blocks {
        let (start, end) = cells(instance, pin.span)?;
        let group = position(problem.groups.iter().map(|g| &g.id), &pin.group)?;
        let language = position(instance.languages.iter(), &pin.language)?;
        let track = track(instance, &pin.track)?;
        lowered.blocks.push(Block {
            track,
            group,
            language,
            start,
            end,
        });
    }
    for pin in &pins.sessions {
        let session = position(problem.sessions.iter().map(|s| &s.id), &pin.session)?;
        let (start, _) = cells(instance, pin.span)?;
        lowered
            .sessions
            .push((session, track(instance, &pin.track)?, start));
    }
    for pin in &pins.shifts {
        let operator = position(problem.operators.iter().map(|o| &o.id), &pin.operator)?;
        let duty = position(problem.event.duties.iter().map(|d| &d.id), &pin.duty)?;
        let (start, end) = cells(instance, pin.span)?;
        let handover = index(pin.handover_min / instance.horizon.cell_min()).min(start);
        lowered.shifts[operator].push(CellShift {
            duty,
            start,
            end,
            handover,
        });
    }
    Ok(lowered)
}

fn track(instance: &Instance<'_>, id: &TrackId) -> Result<usize, SolveError> {
    position(instance.problem.event.tracks.iter().map(|t| &t.id), id)
}

fn cells(instance: &Instance<'_>, span: Span) -> Result<(usize, usize), SolveError> {
    let boundary = |t| instance.horizon.boundary(t).map(index);
    match (boundary(span.start()), boundary(span.end())) {
        (Some(start), Some(end)) => Ok((start, end)),
        _ => Err(SolveError::Malformed(format!(
            "the pin from {} to {} is not on cells of the horizon",
            span.start(),
            span.end()
        ))),
    }
}

fn position<'a, T: PartialEq + std::fmt::Display + 'a>(
    mut all: impl Iterator<Item = &'a T>,
    wanted: &T,
) -> Result<usize, SolveError> {
    all.position(|known| known == wanted)
        .ok_or_else(|| SolveError::Malformed(format!("a pin names {wanted}, which is not defined")))
}
