//! What else happens where the groups live.

use meridian_model::{Concern, Impact, RegionalEvent, RegionalEventId, RegionalKind};
use rand::RngExt;

use crate::hosts::Hosted;
use crate::scene::{Cells, Scene};

/// A conference that weighs for every eighth group and its neighbour, a holiday that blocks for every twelfth at a
/// time at which it does not host.
pub(crate) fn events(scene: &mut Scene, hosted: &[Hosted]) -> Vec<RegionalEvent> {
    let mut events = Vec::new();
    let groups = scene.shape.groups;
    for home in (0..groups).step_by(8) {
        let cells = somewhere(scene, 6 * 60);
        let homes = [home, (home + 1) % groups];
        let id = format!("conference-{home:04}");
        events.push(event(scene, id, RegionalKind::Conference, &homes, &cells));
    }
    for home in (0..groups).skip(2).step_by(12) {
        let cells = somewhere(scene, 3 * 60);
        let hosts = hosted
            .iter()
            .filter(|block| block.home == home)
            .any(|block| block.cells.start < cells.end && cells.start < block.cells.end);
        if !hosts {
            let id = format!("holiday-{home:04}");
            let mut holiday = event(scene, id, RegionalKind::Holiday, &[home], &cells);
            holiday.impact = Impact::Block;
            events.push(holiday);
        }
    }
    events
}

fn somewhere(scene: &mut Scene, minutes: u32) -> Cells {
    let length = scene.cells(minutes).min(scene.shape.n_cells);
    let from = scene.rng.random_range(0..=scene.shape.n_cells - length);
    from..from + length
}

fn event(
    scene: &Scene,
    id: String,
    kind: RegionalKind,
    homes: &[usize],
    cells: &Cells,
) -> RegionalEvent {
    RegionalEvent {
        title: id.clone(),
        id: RegionalEventId::new(id),
        kind,
        impact: Impact::Weigh,
        concerns: homes
            .iter()
            .map(|&home| Concern {
                group: scene.homes[home].group.clone(),
                span: scene.span(cells),
            })
            .collect(),
    }
}
