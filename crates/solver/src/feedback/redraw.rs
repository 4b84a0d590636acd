//! A part of the programme drawn anew: the blocks round some hour are chosen again, and their sessions placed again.
//!
//! Where a better programme differs in several blocks and sessions at once, no single move of [`super::moves`] leads to it.
//! Source: large neighbourhood search, Shaw (1998).

use rand::{Rng, RngExt};

use super::again::{Spoken, covered};
use super::prices::Prices;
use super::{Task, moves};
use crate::programme::beam::Beam;
use crate::programme::candidates::Candidate;
use crate::programme::placement::Placer;
use crate::programme::{Block, Programme, ProgrammeCost};

/// Draws, at most, of which the one that promises most is staffed.
const DRAWS: usize = 8;
/// Beam width where only some hours are open.
const NARROW: usize = 8;
/// Exchanges of sessions tried in what was drawn.
const EXCHANGES: usize = 60;
/// Sessions that are moved elsewhere by chance, at most.
const DISPLACED: usize = 2;

/// What every draw from one programme reads.
pub(super) struct Table<'t, 'a, 'p> {
    task: &'t Task<'a, 'p>,
    now: &'t Programme,
    prices: Prices,
    spoken: Spoken,
    /// All blocks that could be, with their people.
    priced: Vec<Candidate>,
}

impl<'t, 'a, 'p> Table<'t, 'a, 'p> {
    pub(super) fn new(task: &'t Task<'a, 'p>, now: &'t Programme, prices: Prices) -> Self {
        let spoken = Spoken::of(task.instance, now);
        Self {
            priced: spoken.priced(task.instance, &prices),
            task,
            now,
            prices,
            spoken,
        }
    }

    /// Of several draws the one that promises most; `None` when nothing else was drawn.
    pub(super) fn draw(&self, rng: &mut impl Rng) -> Option<Programme> {
        let draws = (0..rng.random_range(1..=DRAWS)).filter_map(|_| self.drawn(rng));
        let others = draws.filter(|drawn| drawn != self.now);
        others.min_by_key(|drawn| self.promise(drawn))
    }

    /// What a programme may cost with its people.
    fn promise(&self, programme: &Programme) -> ProgrammeCost {
        let (unhosted, must, should, soft) = programme.cost(self.task.instance);
        let blocks = programme.blocks.iter();
        let people = blocks.map(|block| {
            let hours = (block.start, block.end);
            self.spoken.people(&self.prices, block.language, hours)
        });
        (unhosted, must, should, soft + people.sum::<i64>())
    }

    /// The programme with the blocks round some hour drawn anew; `None` when nothing is free.
    fn drawn(&self, rng: &mut impl Rng) -> Option<Programme> {
        let Task { instance, pins, .. } = *self.task;
        let free = |block: &Block| !pins.blocks.contains(block);
        let open: Vec<&Block> = self.now.blocks.iter().filter(|b| free(b)).collect();
        let first = open.get(rng.random_range(0..open.len().max(1)))?;
        let longest = open.iter().map(|block| block.end - block.start).max()?;
        let margin = rng.random_range(0..=longest);
        let one_track = rng.random_bool(0.5);
        let (from, to) = (first.start.saturating_sub(margin), first.end + margin);
        let stays = |block: &&Block| {
            let elsewhere = one_track && block.track != first.track;
            !free(block) || elsewhere || block.end <= from || to <= block.start
        };
        let kept: Vec<Block> = self.now.blocks.iter().filter(stays).cloned().collect();
        let own_group = 4 * instance.weights.own_group;
        let noise = [0, own_group, moves::scale(instance)];
        let noise = noise[rng.random_range(0..noise.len())];
        let mut priced = self.priced.clone();
        for candidate in &mut priced {
            candidate.cost += rng.random_range(0..=noise);
        }
        let beam = Beam {
            width: NARROW,
            sweeps: 1,
            stop: self.task.stop,
        };
        let blocks = covered(self.task, &priced, &kept, beam);
        let blocks = self
            .spoken
            .in_best_languages(instance, &self.prices, blocks, &kept);
        Some(self.placed_again(&blocks, rng))
    }

    /// Sessions stay in the blocks that stay; the others are placed again.
    fn placed_again(&self, blocks: &[Block], rng: &mut impl Rng) -> Programme {
        let mut placer = Placer::new(
            self.task.instance,
            blocks.to_vec(),
            &self.task.pins.sessions,
        );
        for (new, block) in blocks.iter().enumerate() {
            let stays = self.now.blocks.iter().position(|old| {
                (old.track, old.start, old.end) == (block.track, block.start, block.end)
            });
            let inside = self.now.placed.iter().filter(|p| Some(p.block) == stays);
            placer.keep(new, inside.map(|p| (p.session, p.start)).collect());
        }
        placer.fill();
        placer.polish(rng, EXCHANGES);
        placer.fill();
        for _ in 0..rng.random_range(0..=DISPLACED) {
            placer.displace(rng);
        }
        placer.into_programme()
    }
}
