//! Blocks held in another language, so that other people can serve them.

use meridian_model::{HostBlock, RoleNeed};

use super::super::offers::{Candidate, Change};
use super::super::one_person::{Hole, open_cells};
use super::super::reach::Reach;
use super::super::repair::Repair;
use super::super::view::overlap;

/// The blocks of the hole in other languages of their hosts, or in the event's.
pub(super) fn others(reach: &Reach<'_, '_>) -> Vec<Candidate> {
    if reach.role.needs == RoleNeed::Nothing {
        return Vec::new();
    }
    let problem = reach.view.problem;
    let mut found = Vec::new();
    for host in &reach.view.blocks {
        let here = reach.duty.tracks.contains(&host.block.track)
            && overlap(&host.cells, &reach.hole.cells);
        let group = problem.groups.iter().find(|one| one.id == host.block.group);
        let Some(group) = group.filter(|_| here) else {
            continue;
        };
        let mut languages = group.languages.clone();
        if !languages.contains(&problem.event.language) {
            languages.push(problem.event.language.clone());
        }
        languages.retain(|one| *one != host.block.language);
        for language in languages {
            let block = HostBlock {
                language: language.clone(),
                ..host.block.clone()
            };
            let repair = if group.languages.contains(&language) {
                Repair::HoldIn {
                    block: block.clone(),
                }
            } else {
                Repair::HostAlsoIn {
                    group: group.id.clone(),
                    language,
                }
            };
            let inside = host.cells.start.max(reach.hole.cells.start)
                ..host.cells.end.min(reach.hole.cells.end);
            let hole = Hole {
                duty: reach.hole.duty,
                cells: inside,
            };
            found.push(Candidate {
                closes: open_cells(reach.view, &hole),
                asks: repair.asks(problem),
                repair,
                change: Change::Block(block),
            });
        }
    }
    found
}
