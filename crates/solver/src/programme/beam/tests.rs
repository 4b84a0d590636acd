//! The beam search on small events, against all choices of hosts there are.

use super::{Beam, cover};
use crate::NeverStop;
use crate::instance::{Instance, number};
use crate::programme::candidates::{Candidate, candidates};
use crate::support::{Size, problem};

const NARROW: Beam<'_> = Beam {
    width: 10,
    sweeps: 1,
    stop: &NeverStop,
};

#[test]
fn one_narrow_sweep_keeps_groups_for_the_hours_that_only_they_can_host() {
    let size = Size {
        groups: 20,
        tracks: 2,
        operators: 0,
        sessions: 80,
        hours: 24,
        cell_min: 15,
    };
    let mut total = 0;
    for seed in 0..6 {
        let problem = problem(seed, size);
        let instance = Instance::lower(&problem).unwrap();
        let picked = cover(&instance, &candidates(&instance), &[], NARROW);
        let hosted: usize = picked.iter().map(|(_, pick)| pick.end - pick.start).sum();
        total += 2 * instance.n_cells - hosted;
    }
    assert!(total <= 40, "{total} cells are empty");
}

/// Empty cells and soft cost of the best of all choices of hosts for one track from `at` on.
fn best_of_all(
    instance: &Instance<'_>,
    all: &[Candidate],
    at: usize,
    blocks: &mut Vec<usize>,
) -> (i64, i64) {
    if at == instance.n_cells {
        return (0, 0);
    }
    let (empty, soft) = best_of_all(instance, all, at + 1, blocks);
    let mut best = (empty + 1, soft);
    for pick in all.iter().filter(|pick| pick.start == at) {
        let most = instance.groups[pick.group]
            .host
            .as_ref()
            .unwrap()
            .max_blocks;
        if blocks[pick.group] < most {
            let welcome = match blocks[pick.group] {
                0 => instance.weights.left_out,
                _ => 0,
            };
            blocks[pick.group] += 1;
            let (empty, soft) = best_of_all(instance, all, pick.end, blocks);
            blocks[pick.group] -= 1;
            best = best.min((empty, soft + pick.cost - welcome));
        }
    }
    best
}

#[test]
fn a_beam_that_keeps_everything_finds_the_best_choice_of_all() {
    let size = Size {
        groups: 4,
        tracks: 1,
        operators: 0,
        sessions: 12,
        hours: 12,
        cell_min: 60,
    };
    for seed in 0..8 {
        let mut problem = problem(seed, size);
        for hosting in problem.groups.iter_mut().filter_map(|g| g.hosting.as_mut()) {
            (hosting.longest_min, hosting.max_blocks) = (180, 2);
        }
        let instance = Instance::lower(&problem).unwrap();
        let all = candidates(&instance);
        let everything = Beam {
            width: 100_000,
            ..NARROW
        };
        let picked = cover(&instance, &all, &[], everything);
        let mut cost = (number(instance.n_cells), 0);
        let mut blocks = vec![0; instance.groups.len()];
        for (_, pick) in &picked {
            cost.0 -= number(pick.end - pick.start);
            cost.1 += pick.cost;
            if blocks[pick.group] == 0 {
                cost.1 -= instance.weights.left_out;
            }
            blocks[pick.group] += 1;
        }
        let best = best_of_all(&instance, &all, 0, &mut vec![0; 4]);
        assert_eq!(cost, best, "seed {seed}");
    }
}
