//! Programmes next to a programme: other hosts or languages for the same hours, and boundaries moved.

use std::collections::BTreeMap;

use super::prices::Prices;
use crate::instance::{Instance, number};
use crate::programme::placement::Placer;
use crate::programme::{Block, Programme, match_cost};

/// A change of one block, its hours kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Recast {
    pub(super) block: usize,
    pub(super) group: usize,
    pub(super) language: usize,
}

/// A step to another programme.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Move {
    /// Other hosts or languages for these blocks.
    Recast(Vec<Recast>),
    /// `left` ends and `right` starts at another cell.
    Boundary {
        left: usize,
        right: usize,
        at: usize,
    },
}

/// What lies round one programme.
pub(super) struct Neighbourhood<'a, 'p> {
    pub(super) instance: &'a Instance<'p>,
    pub(super) programme: &'a Programme,
    pub(super) pinned: &'a [Block],
    pub(super) prices: &'a Prices,
}

impl Neighbourhood<'_, '_> {
    /// All moves, with the change of cost that the prices let expect.
    pub(super) fn moves(&self) -> Vec<(i64, Move)> {
        let blocks = &self.programme.blocks;
        let free: Vec<usize> = (0..blocks.len())
            .filter(|&b| !self.pinned.contains(&blocks[b]))
            .collect();
        let best = self.best_languages(&free);
        let now: Vec<i64> = (0..blocks.len()).map(|b| self.now(b)).collect();
        let mut moves = Vec::new();
        for &b in &free {
            self.languages(b, now[b], &mut moves);
            self.newcomers(b, now[b], &best, &mut moves);
            for &other in free.iter().filter(|&&other| other > b) {
                let one = best.get(&(b, blocks[other].group));
                let two = best.get(&(other, blocks[b].group));
                if let (Some(&(one_cost, one)), Some(&(two_cost, two))) = (one, two)
                    && blocks[b].group != blocks[other].group
                {
                    let gain = one_cost + two_cost - now[b] - now[other];
                    moves.push((gain, Move::Recast(vec![one, two])));
                }
            }
        }
        self.boundaries(&free, &mut moves);
        moves
    }

    /// The other languages of a block's host.
    fn languages(&self, b: usize, now: i64, moves: &mut Vec<(i64, Move)>) {
        let block = &self.programme.blocks[b];
        for &language in &self.instance.groups[block.group].languages {
            if language != block.language {
                let recast = Recast {
                    block: b,
                    group: block.group,
                    language,
                };
                moves.push((self.cost(recast) - now, Move::Recast(vec![recast])));
            }
        }
    }

    /// Groups that may have another block, in place of a block's host or after it has moved to a third one's hours.
    fn newcomers(
        &self,
        b: usize,
        now: i64,
        best: &BTreeMap<(usize, usize), (i64, Recast)>,
        moves: &mut Vec<(i64, Move)>,
    ) {
        let blocks = &self.programme.blocks;
        let left_out = self.instance.weights.left_out;
        let count = |group: usize| blocks.iter().filter(|x| x.group == group).count();
        let lost = if count(blocks[b].group) == 1 {
            left_out
        } else {
            0
        };
        for (&(_, group), &(cost, recast)) in best.range((b, 0)..=(b, usize::MAX)) {
            let held = count(group);
            let host = self.instance.groups[group].host.as_ref();
            if group != blocks[b].group && host.is_some_and(|h| held < h.max_blocks) {
                let won = if held == 0 { left_out } else { 0 };
                moves.push((cost - now + lost - won, Move::Recast(vec![recast])));
            }
        }
    }

    /// The boundary of two blocks that follow each other, one step of the grid or two to either side.
    fn boundaries(&self, free: &[usize], moves: &mut Vec<(i64, Move)>) {
        let blocks = &self.programme.blocks;
        let grid = self.instance.block_grid;
        for &left in free {
            let follows = |right: &&usize| {
                blocks[**right].track == blocks[left].track
                    && blocks[**right].start == blocks[left].end
            };
            let Some(&right) = free.iter().find(follows) else {
                continue;
            };
            let (one, two) = (&blocks[left], &blocks[right]);
            for at in [one.end + grid, one.end.saturating_sub(grid)] {
                if self.can_hold(one.group, one.start, at) && self.can_hold(two.group, at, two.end)
                {
                    let (from, to) = (at.min(one.end), at.max(one.end));
                    let (gives, takes) = if at > one.end { (two, one) } else { (one, two) };
                    let change = self.prices.more(takes.language, from, to)
                        - self.prices.held(gives.language, from, to)
                        + self.hosting(takes.group, from, to)
                        - self.hosting(gives.group, from, to);
                    moves.push((change, Move::Boundary { left, right, at }));
                }
            }
        }
    }

    /// For each block and each group that could hold its hours, the language that costs least.
    fn best_languages(&self, free: &[usize]) -> BTreeMap<(usize, usize), (i64, Recast)> {
        let mut best = BTreeMap::new();
        for &block in free {
            let here = &self.programme.blocks[block];
            for (group, table) in self.instance.groups.iter().enumerate() {
                if !self.can_hold(group, here.start, here.end) {
                    continue;
                }
                let options = table.languages.iter().map(|&language| {
                    let recast = Recast {
                        block,
                        group,
                        language,
                    };
                    (self.cost(recast), recast)
                });
                best.extend(options.min().map(|option| ((block, group), option)));
            }
        }
        best
    }

    fn can_hold(&self, group: usize, start: usize, end: usize) -> bool {
        let Some(host) = &self.instance.groups[group].host else {
            return false;
        };
        end <= self.instance.n_cells
            && start + host.shortest <= end
            && end <= start + host.longest
            && host.open[start..end].iter().all(|&open| open)
    }

    fn hosting(&self, group: usize, start: usize, end: usize) -> i64 {
        let host = self.instance.groups[group].host.as_ref();
        host.map_or(0, |h| h.cell_cost[start..end].iter().sum())
    }

    /// What the block costs as it is.
    fn now(&self, b: usize) -> i64 {
        let block = &self.programme.blocks[b];
        self.cost(Recast {
            block: b,
            group: block.group,
            language: block.language,
        })
    }

    /// What a block would cost: its host, its people, the sessions in it.
    fn cost(&self, recast: Recast) -> i64 {
        let old = &self.programme.blocks[recast.block];
        let block = recast.applied(old);
        let people = if recast.language == old.language {
            self.prices.held(old.language, old.start, old.end)
        } else {
            self.prices.more(recast.language, old.start, old.end)
        };
        let inside = self
            .programme
            .placed
            .iter()
            .filter(|p| p.block == recast.block);
        let sessions: i64 = inside
            .map(|p| match_cost(self.instance, p.session, &block))
            .sum();
        people + sessions + self.hosting(recast.group, old.start, old.end)
    }
}

impl Recast {
    fn applied(&self, old: &Block) -> Block {
        Block {
            group: self.group,
            language: self.language,
            ..old.clone()
        }
    }
}

impl Move {
    /// The programme after the move; sessions for which a moved boundary leaves no room are unplaced.
    pub(super) fn apply(
        &self,
        instance: &Instance<'_>,
        pinned_sessions: &[(usize, usize, usize)],
        programme: &Programme,
    ) -> Programme {
        let mut next = programme.clone();
        match self {
            Self::Recast(recasts) => {
                for recast in recasts {
                    next.blocks[recast.block] = recast.applied(&programme.blocks[recast.block]);
                }
                next
            }
            &Self::Boundary { left, right, at } => {
                next.blocks[left].end = at;
                next.blocks[right].start = at;
                replaced(instance, pinned_sessions, &next).into_programme()
            }
        }
    }
}

/// A placer with the blocks of `programme` and as many of its sessions as fit where they were.
pub(super) fn replaced<'i, 'p>(
    instance: &'i Instance<'p>,
    pinned_sessions: &[(usize, usize, usize)],
    programme: &Programme,
) -> Placer<'i, 'p> {
    let blocks = programme.blocks.clone();
    let mut placer = Placer::new(instance, blocks, pinned_sessions);
    let mut contents = vec![Vec::new(); programme.blocks.len()];
    for placed in &programme.placed {
        contents[placed.block].push((placed.session, placed.start));
    }
    for (block, sessions) in contents.into_iter().enumerate() {
        placer.keep(block, sessions);
    }
    placer.fill();
    placer
}

/// How many people-cells a programme's blocks could differ by: a scale for chance.
pub(super) fn scale(instance: &Instance<'_>) -> i64 {
    number(instance.block_grid) * super::prices::GAP
}
