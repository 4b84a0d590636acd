//! The host blocks chosen again, with what the roster asks added to what each block costs.

use super::Task;
use super::prices::Prices;
use crate::instance::{Instance, number};
use crate::programme::beam::{self, Beam};
use crate::programme::candidates::{Candidate, candidates};
use crate::programme::{Block, Programme};

/// Beam width where no model chooses, per effort.
const WIDTH: usize = 20;
/// Sweeps of the beam.
const SWEEPS: usize = 4;

/// Blocks, round the pinned ones, that cost least with their people.
pub(super) fn blocks(task: &Task<'_, '_>, now: &Programme, prices: &Prices) -> Vec<Block> {
    let spoken = Spoken::of(task.instance, now);
    let priced = spoken.priced(task.instance, prices);
    let pinned = &task.pins.blocks;
    let effort = usize::from(task.options.effort.clamp(1, 9));
    #[cfg(feature = "highs")]
    if task.options.engine == crate::Engine::Highs {
        use crate::programme::milp;
        let budget = milp::Budget::new(effort, task.stop);
        let blocks = milp::blocks(task.instance, &priced, pinned, &budget);
        return spoken.in_best_languages(task.instance, prices, blocks, pinned);
    }
    let beam = Beam {
        width: WIDTH * effort,
        sweeps: SWEEPS,
        stop: task.stop,
    };
    let blocks = covered(task, &priced, pinned, beam);
    spoken.in_best_languages(task.instance, prices, blocks, pinned)
}

/// Blocks that cost least round those that are kept.
pub(super) fn covered(
    task: &Task<'_, '_>,
    priced: &[Candidate],
    kept: &[Block],
    beam: Beam<'_>,
) -> Vec<Block> {
    let taken: Vec<_> = kept
        .iter()
        .map(|b| (b.track, b.group, b.start, b.end))
        .collect();
    let picked = beam::cover(task.instance, priced, &taken, beam).into_iter();
    let mut blocks = kept.to_vec();
    blocks.extend(picked.map(|(track, pick)| Block::of(task.instance, track, pick)));
    blocks
}

/// Where a language is spoken now: languages × cells.
pub(super) struct Spoken(Vec<Vec<bool>>);

impl Spoken {
    pub(super) fn of(instance: &Instance<'_>, now: &Programme) -> Self {
        let mut spoken = vec![vec![false; instance.n_cells]; instance.languages.len()];
        for block in &now.blocks {
            spoken[block.language][block.start..block.end].fill(true);
        }
        Self(spoken)
    }

    /// All candidates, with their people.
    pub(super) fn priced(&self, instance: &Instance<'_>, prices: &Prices) -> Vec<Candidate> {
        let mut priced = candidates(instance);
        for candidate in &mut priced {
            candidate.cost += self.best_language(instance, prices, candidate).0;
        }
        priced
    }

    /// Blocks in the languages in which they cost least, but for those that are kept.
    pub(super) fn in_best_languages(
        &self,
        instance: &Instance<'_>,
        prices: &Prices,
        mut blocks: Vec<Block>,
        kept: &[Block],
    ) -> Vec<Block> {
        for block in blocks.iter_mut().filter(|b| !kept.contains(b)) {
            let here = Candidate {
                group: block.group,
                start: block.start,
                end: block.end,
                cost: 0,
            };
            block.language = self.best_language(instance, prices, &here).1;
        }
        blocks
    }

    /// What people and foreign sessions cost in the language in which they cost least.
    fn best_language(
        &self,
        instance: &Instance<'_>,
        prices: &Prices,
        pick: &Candidate,
    ) -> (i64, usize) {
        let options = instance.groups[pick.group]
            .languages
            .iter()
            .map(|&language| {
                let people = self.people(prices, language, (pick.start, pick.end));
                (people + foreign(instance, language, pick), language)
            });
        options.min().unwrap_or((0, instance.event_language))
    }

    /// What people for a block in a language cost.
    pub(super) fn people(
        &self,
        prices: &Prices,
        language: usize,
        (start, end): (usize, usize),
    ) -> i64 {
        let cells = (start..end).map(|c| {
            if self.0[language][c] {
                prices.held(language, c, c + 1)
            } else {
                prices.more(language, c, c + 1)
            }
        });
        cells.sum()
    }
}

/// Cost of the host's own sessions that could be there, in another language than the block's.
fn foreign(instance: &Instance<'_>, language: usize, pick: &Candidate) -> i64 {
    let own = instance.sessions.iter().filter(|s| {
        s.group == Some(pick.group)
            && s.language != language
            && (pick.start..pick.end).any(|c| s.may_start[c] && c + s.room <= pick.end)
    });
    let cells: usize = own.map(|s| s.length).sum();
    let cells = number(cells.min(pick.end - pick.start));
    instance.weights.language_match * cells * instance.cell_min
}
