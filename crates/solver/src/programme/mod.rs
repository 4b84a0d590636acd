//! The programme: which group hosts which hours of which track, and which session is on when.

pub(crate) mod beam;
pub(crate) mod bounds;
pub(crate) mod candidates;
pub(crate) mod host_prices;
pub(crate) mod language;
#[cfg(feature = "highs")]
pub(crate) mod milp;
pub(crate) mod placement;
pub(crate) mod sequence;

use crate::instance::{Instance, number};
use candidates::Candidate;
use meridian_model::Priority;

/// A host block on cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) track: usize,
    pub(crate) group: usize,
    pub(crate) language: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Block {
    /// The block of a candidate on a track, in the language that suits its host best then.
    pub(crate) fn of(instance: &Instance<'_>, track: usize, pick: Candidate) -> Self {
        let Candidate {
            group, start, end, ..
        } = pick;
        Self {
            track,
            group,
            language: language::first_choice(instance, pick),
            start,
            end,
        }
    }
}

/// A session with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) session: usize,
    /// Index of its host block.
    pub(crate) block: usize,
    pub(crate) start: usize,
}

/// A whole programme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Programme {
    pub(crate) blocks: Vec<Block>,
    pub(crate) placed: Vec<Placed>,
}

/// What a programme costs, level by level: unhosted cells, unplaced must, unplaced should, soft.
pub(crate) type ProgrammeCost = (i64, i64, i64, i64);

impl Programme {
    /// Languages of the blocks on `tracks` at `cell`; the event's where a track has none.
    pub(crate) fn languages_at(&self, instance: &Instance<'_>) -> Vec<Vec<Option<usize>>> {
        let mut at = vec![vec![None; instance.n_cells]; instance.n_tracks];
        for block in &self.blocks {
            for slot in &mut at[block.track][block.start..block.end] {
                *slot = Some(block.language);
            }
        }
        at
    }

    /// What it costs.
    pub(crate) fn cost(&self, instance: &Instance<'_>) -> ProgrammeCost {
        let hosted: usize = self.blocks.iter().map(|b| b.end - b.start).sum();
        let mut is_placed = vec![false; instance.sessions.len()];
        for placed in &self.placed {
            is_placed[placed.session] = true;
        }
        let unplaced = |priority: Priority| {
            let sessions = instance.problem.sessions.iter().zip(&is_placed);
            number(
                sessions
                    .filter(|(s, placed)| s.priority == priority && !**placed)
                    .count(),
            )
        };
        let unhosted = number((instance.n_cells * instance.n_tracks).saturating_sub(hosted));
        (
            unhosted,
            unplaced(Priority::Must),
            unplaced(Priority::Should),
            self.soft(instance),
        )
    }

    /// Its soft cost, as far as blocks and sessions go.
    fn soft(&self, instance: &Instance<'_>) -> i64 {
        let mut soft = 0;
        let mut hosts = vec![false; instance.groups.len()];
        for block in &self.blocks {
            hosts[block.group] = true;
            if let Some(host) = &instance.groups[block.group].host {
                soft += host.cell_cost[block.start..block.end].iter().sum::<i64>();
            }
        }
        let willing = instance
            .groups
            .iter()
            .zip(hosts)
            .filter(|(g, has)| g.host.is_some() && !has);
        soft += instance.weights.left_out * number(willing.count());
        for (n, placed) in self.placed.iter().enumerate() {
            let block = &self.blocks[placed.block];
            soft += instance.sessions[placed.session].start_cost[placed.start]
                + match_cost(instance, placed.session, block);
            for other in &self.placed[..n] {
                soft += topic_cost(instance, *placed, *other);
            }
        }
        soft
    }
}

/// Cost of a session in a block of another language or another group.
pub(crate) fn match_cost(instance: &Instance<'_>, session: usize, block: &Block) -> i64 {
    let table = &instance.sessions[session];
    let mut cost = 0;
    if table.language != block.language {
        cost += instance.weights.language_match * number(table.length) * instance.cell_min;
    }
    if table.group.is_some_and(|group| group != block.group) {
        cost += instance.weights.own_group;
    }
    cost
}

/// Cost of two sessions of one topic at one time.
pub(crate) fn topic_cost(instance: &Instance<'_>, one: Placed, other: Placed) -> i64 {
    let (a, b) = (
        &instance.sessions[one.session],
        &instance.sessions[other.session],
    );
    if !a.tags.iter().any(|tag| b.tags.contains(tag)) {
        return 0;
    }
    let start = one.start.max(other.start);
    let end = (one.start + a.length).min(other.start + b.length);
    instance.weights.topic_spread * number(end.saturating_sub(start)) * instance.cell_min
}
