//! One run: a seed, chaos, healing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use meridian_federation::ids;

use crate::chaos;
use crate::healing;
use crate::shell::Rules;
use crate::violation::{Invariant, Violation};
use crate::world::World;

/// Steps of chaos of eight nodes.
const N_STEPS: usize = 160;

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) rounds: usize,
    pub(crate) n_records: usize,
    pub(crate) published: bool,
    pub(crate) swaps: usize,
    pub(crate) forks: usize,
    pub(crate) generations: u64,
    pub(crate) stolen: usize,
    pub(crate) suspended: usize,
    /// Everything that every node has and sees, and how far the dice came, in one number: a change that should change
    /// nothing leaves it as it was.
    pub(crate) print: [u8; 32],
}

pub(crate) struct Run {
    pub(crate) result: Result<Outcome, Violation>,
    pub(crate) trace: Vec<String>,
}

pub(crate) fn run(seed: u64, rules: Rules, tracing: bool) -> Run {
    let mut trace = Vec::new();
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut world = World::new(seed, rules, tracing)?;
        let result = play(&mut world);
        trace = std::mem::take(&mut world.trace);
        result
    }));
    let result = result.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        Err(Violation {
            invariant: Invariant::Stands,
            detail: said.unwrap_or_default(),
        })
    });
    Run { result, trace }
}

fn play(world: &mut World) -> Result<Outcome, Violation> {
    chaos::cast(world);
    // Without a calm beginning few plans are ever published, and much would never be tried.
    if world.dice.one_in(2) {
        healing::open(world)?;
    }
    world.chaos = true;
    for _ in 0..N_STEPS * world.groups.len().max(8) / 8 {
        chaos::step(world)?;
    }
    let rounds = healing::heal(world)?;
    Ok(outcome(world, rounds))
}

fn outcome(world: &mut World, rounds: usize) -> Outcome {
    let print = print(world);
    let Some(&who) = world.honest().first() else {
        return Outcome::default();
    };
    let node = world.node(who);
    let logs = node.logs(&world.space).unwrap();
    Outcome {
        rounds,
        n_records: logs.values().map(|log| log.chain().len()).sum(),
        published: !world.ledger.vetted.is_empty(),
        swaps: world.ledger.handed.len(),
        forks: logs.values().filter(|log| log.fork().is_some()).count(),
        generations: logs
            .keys()
            .map(|(_, generation)| *generation)
            .max()
            .unwrap_or(0),
        stolen: world.ledger.stolen.len(),
        suspended: world
            .ids
            .iter()
            .filter(|id| node.trust().is_suspended(id))
            .count(),
        print,
    }
}

fn print(world: &mut World) -> [u8; 32] {
    let mut seen: Vec<u8> = world.dice.bytes::<32>().to_vec();
    for who in 0..world.groups.len() {
        for digest in world.sight(who) {
            seen.extend(digest.as_bytes());
        }
    }
    ids::hash("simulation/outcome", &[&seen])
}
