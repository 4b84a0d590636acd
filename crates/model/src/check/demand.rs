//! What a duty demands at each cell, and in which languages.

use std::collections::BTreeSet;

use super::scene::Scene;
use crate::{Duty, Language, Role, RoleNeed, TrackId};

/// A duty's demand over the cells of the horizon.
pub(super) struct Demand<'a> {
    /// For each cell: the languages needed, or `None` where nobody is demanded.
    cells: Vec<Option<BTreeSet<&'a Language>>>,
}

impl<'a> Demand<'a> {
    pub(super) fn new(scene: &Scene<'a>, duty: &'a Duty) -> Self {
        let cells = (0..scene.horizon.n_cells())
            .map(|cell| {
                let role = scene.role(duty)?;
                let here = scene.horizon.cells(cell, cell + 1);
                let standing = duty.spans.iter().any(|span| span.contains(&here));
                standing.then_some(())?;
                needed(scene, duty, role, cell)
            })
            .collect();
        Self { cells }
    }

    /// The languages needed at `cell`, or `None` when nobody is demanded there.
    pub(super) fn at(&self, cell: u32) -> Option<&BTreeSet<&'a Language>> {
        let at = usize::try_from(cell).ok()?;
        self.cells.get(at)?.as_ref()
    }

    /// Whether someone is demanded at `cell`.
    pub(super) fn demanded(&self, cell: u32) -> bool {
        self.at(cell).is_some()
    }
}

/// What standing demand needs at a cell, given the blocks there.
fn needed<'a>(
    scene: &Scene<'a>,
    duty: &'a Duty,
    role: &Role,
    cell: u32,
) -> Option<BTreeSet<&'a Language>> {
    let event_language = &scene.problem.event.language;
    match role.needs {
        RoleNeed::Nothing => Some(BTreeSet::new()),
        RoleNeed::BlockLanguage => Some(
            duty.tracks
                .iter()
                .flat_map(|track| {
                    let spoken = languages(scene, track, cell);
                    if spoken.is_empty() {
                        vec![event_language]
                    } else {
                        spoken
                    }
                })
                .collect(),
        ),
        RoleNeed::Interpretation => {
            let foreign: BTreeSet<_> = duty
                .tracks
                .iter()
                .flat_map(|track| languages(scene, track, cell))
                .filter(|&language| language != event_language)
                .collect();
            (!foreign.is_empty()).then_some(foreign)
        }
    }
}

/// The languages of the blocks on a track at a cell.
fn languages<'a>(scene: &Scene<'a>, track: &TrackId, cell: u32) -> Vec<&'a Language> {
    scene
        .blocks
        .iter()
        .filter(|host| host.block.track == *track && host.cells.contains(&cell))
        .map(|host| &host.block.language)
        .collect()
}
