//! Sessions into blocks, without a model: insert the most constrained first, eject where that helps, then
//! move and swap while it gets cheaper.

use meridian_model::Priority;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};

use super::sequence::sequence;
use super::{Block, Placed, Programme, match_cost, topic_cost};
use crate::instance::Instance;

/// Blocks being filled with sessions.
#[derive(Debug)]
pub(crate) struct Placer<'i, 'p> {
    instance: &'i Instance<'p>,
    blocks: Vec<Block>,
    contents: Vec<Vec<usize>>,
    /// Block and start of each placed session.
    at: Vec<Option<(usize, usize)>>,
    /// Start of each pinned session.
    pinned: Vec<Option<usize>>,
    /// Block and start before which a session is not to start there.
    earliest: Vec<Option<(usize, usize)>>,
    /// Sessions of each live speaker.
    sessions_of: Vec<Vec<usize>>,
}

impl<'i, 'p> Placer<'i, 'p> {
    /// Empty blocks, but for the pinned sessions: `(session, track, start)`.
    pub(crate) fn new(
        instance: &'i Instance<'p>,
        blocks: Vec<Block>,
        pinned: &[(usize, usize, usize)],
    ) -> Self {
        let mut sessions_of = vec![Vec::new(); instance.problem.speakers.len()];
        for (session, table) in instance.sessions.iter().enumerate() {
            for &speaker in &table.live {
                sessions_of[speaker].push(session);
            }
        }
        let n_sessions = instance.sessions.len();
        let contents = vec![Vec::new(); blocks.len()];
        let mut placer = Self {
            instance,
            blocks,
            contents,
            at: vec![None; n_sessions],
            pinned: vec![None; n_sessions],
            earliest: vec![None; n_sessions],
            sessions_of,
        };
        for &(session, track, start) in pinned {
            placer.pinned[session] = Some(start);
            let block = placer
                .blocks
                .iter()
                .position(|b| b.track == track && b.start <= start && start < b.end);
            if let Some(block) = block {
                placer.insert(session, block);
            }
        }
        placer
    }

    /// Whether the rules let `session` be in `block` at all, and its cheapest start there.
    pub(crate) fn cost_in(&self, session: usize, block: usize) -> Option<i64> {
        let table = &self.instance.sessions[session];
        let here = &self.blocks[block];
        if !table.on_track[here.track] {
            return None;
        }
        let last = here.end.checked_sub(table.room)?;
        let starts = here.start..(last + 1).max(here.start);
        let cheapest = starts
            .filter(|&c| table.may_start[c])
            .map(|c| table.start_cost[c])
            .min()?;
        Some(cheapest + match_cost(self.instance, session, here))
    }

    /// The blocks.
    #[cfg(feature = "highs")]
    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The sessions in a block.
    #[cfg(feature = "highs")]
    pub(crate) fn contents(&self, block: usize) -> &[usize] {
        &self.contents[block]
    }

    /// Whether the session has a place.
    #[cfg(feature = "highs")]
    pub(crate) fn is_placed(&self, session: usize) -> bool {
        self.at[session].is_some()
    }

    /// Puts `session` into `block`, moving what is there if need be; whether it fits.
    pub(crate) fn insert(&mut self, session: usize, block: usize) -> bool {
        let mut sessions = self.contents[block].clone();
        sessions.push(session);
        self.set(block, sessions)
    }

    /// Makes `sessions` the contents of `block`; unchanged when they do not fit.
    pub(crate) fn set(&mut self, block: usize, sessions: Vec<usize>) -> bool {
        let here = &self.blocks[block];
        if !sessions
            .iter()
            .all(|&s| self.instance.sessions[s].on_track[here.track])
        {
            return false;
        }
        let free = |session: usize, start: usize| self.may_be_at(session, block, start);
        let Some(starts) = sequence(self.instance, &sessions, here.start, here.end, &free) else {
            return false;
        };
        for session in std::mem::take(&mut self.contents[block]) {
            self.at[session] = None;
        }
        for (&session, &start) in sessions.iter().zip(&starts) {
            self.at[session] = Some((block, start));
        }
        self.contents[block] = sessions;
        true
    }

    /// Makes these sessions the contents of `block`, none of them earlier than it was, or at least in it if they fit.
    pub(crate) fn keep(&mut self, block: usize, sessions: Vec<(usize, usize)>) {
        for &(session, start) in &sessions {
            self.earliest[session] = Some((block, start));
        }
        let inside: Vec<usize> = sessions.into_iter().map(|(session, _)| session).collect();
        if self.set(block, inside.clone()) {
            return;
        }
        for &session in &inside {
            self.earliest[session] = None;
        }
        self.set(block, inside);
    }

    /// Whether pins and the speakers' sessions in other blocks leave `start` free.
    fn may_be_at(&self, session: usize, block: usize, start: usize) -> bool {
        if self.pinned[session].is_some_and(|pinned| pinned != start) {
            return false;
        }
        if self.earliest[session]
            .is_some_and(|(within, earliest)| within == block && start < earliest)
        {
            return false;
        }
        let table = &self.instance.sessions[session];
        let end = start + table.length;
        table
            .live
            .iter()
            .flat_map(|&speaker| &self.sessions_of[speaker])
            .all(|&other| match self.at[other] {
                Some((elsewhere, begin)) if other != session && elsewhere != block => {
                    let over = begin + self.instance.sessions[other].length;
                    over <= start || end <= begin
                }
                _ => true,
            })
    }

    fn remove(&mut self, session: usize) {
        if let Some((block, _)) = self.at[session].take() {
            self.contents[block].retain(|&other| other != session);
        }
    }

    /// Places what has no place yet, the most constrained first.
    pub(crate) fn fill(&mut self) {
        let problem = self.instance.problem;
        let mut waiting: Vec<(Priority, usize, usize)> = (0..self.at.len())
            .filter(|&s| self.at[s].is_none() && problem.sessions[s].priority != Priority::Filler)
            .map(|s| (problem.sessions[s].priority, self.choices(s).len(), s))
            .collect();
        waiting.sort_by_key(|&(priority, choices, session)| {
            (
                priority,
                choices,
                usize::MAX - self.instance.sessions[session].room,
                session,
            )
        });
        for (_, _, session) in waiting {
            if !self.place(session) {
                self.place_by_ejection(session);
            }
        }
    }

    /// Blocks that could hold the session, the cheapest first.
    fn choices(&self, session: usize) -> Vec<usize> {
        let mut found: Vec<(i64, usize)> = (0..self.blocks.len())
            .filter_map(|block| self.cost_in(session, block).map(|cost| (cost, block)))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, block)| block).collect()
    }

    fn place(&mut self, session: usize) -> bool {
        self.choices(session)
            .into_iter()
            .any(|block| self.insert(session, block))
    }

    /// Places `session` by moving one session of the same or less priority to another block.
    fn place_by_ejection(&mut self, session: usize) -> bool {
        for block in self.choices(session) {
            for out in self.contents[block].clone() {
                let less = self.instance.problem.sessions[out].priority
                    >= self.instance.problem.sessions[session].priority;
                if self.pinned[out].is_some() || !less {
                    continue;
                }
                let before = self.contents[block].clone();
                let mut after: Vec<usize> = before.iter().copied().filter(|&s| s != out).collect();
                after.push(session);
                if !self.set(block, after) {
                    continue;
                }
                if self
                    .choices(out)
                    .into_iter()
                    .any(|b| b != block && self.insert(out, b))
                {
                    return true;
                }
                self.remove(session);
                self.set(block, before);
            }
        }
        false
    }

    /// Tries `steps` random moves and swaps, keeping those that do not cost more.
    pub(crate) fn polish(&mut self, rng: &mut impl Rng, steps: usize) {
        let movable: Vec<usize> = (0..self.at.len())
            .filter(|&s| self.at[s].is_some() && self.pinned[s].is_none())
            .collect();
        if self.blocks.len() < 2 {
            return;
        }
        for _ in 0..steps {
            let Some(&session) = movable.choose(rng) else {
                return;
            };
            let other = rng.random_range(0..self.blocks.len());
            let Some((block, _)) = self.at[session] else {
                continue;
            };
            if other != block && self.cost_in(session, other).is_some() {
                let partner = self.contents[other].choose(rng).copied();
                self.exchange(
                    session,
                    block,
                    partner.filter(|_| rng.random_bool(0.7)),
                    other,
                );
            }
        }
    }

    /// Moves some session to another block or another hour of its own, whatever that costs.
    pub(crate) fn displace(&mut self, rng: &mut impl Rng) {
        let movable: Vec<usize> = (0..self.at.len())
            .filter(|&s| self.at[s].is_some() && self.pinned[s].is_none())
            .collect();
        let Some(&session) = movable.choose(rng) else {
            return;
        };
        let Some(&other) = self.choices(session).choose(rng) else {
            return;
        };
        let before = (
            self.contents.clone(),
            self.at.clone(),
            self.earliest.clone(),
        );
        self.remove(session);
        let here = &self.blocks[other];
        self.earliest[session] = Some((other, rng.random_range(here.start..here.end)));
        if !self.insert(session, other) {
            (self.contents, self.at, self.earliest) = before;
        }
    }

    /// Moves `session` to `other`, `partner` back in exchange; undone when it costs more or does not fit.
    fn exchange(&mut self, session: usize, block: usize, partner: Option<usize>, other: usize) {
        if partner.is_some_and(|p| self.pinned[p].is_some()) {
            return;
        }
        let before = (self.contents[block].clone(), self.contents[other].clone());
        let places = self.at.clone();
        let old = self.cost_of(&[block, other]);
        let mut here: Vec<usize> = before.0.iter().copied().filter(|&s| s != session).collect();
        let mut there: Vec<usize> = before
            .1
            .iter()
            .copied()
            .filter(|&s| Some(s) != partner)
            .collect();
        here.extend(partner);
        there.push(session);
        for &moved in before.0.iter().chain(&before.1) {
            self.at[moved] = None;
        }
        self.contents[block].clear();
        self.contents[other].clear();
        let fits = self.set(block, here) && self.set(other, there);
        if !fits || self.cost_of(&[block, other]) > old {
            self.contents[block] = before.0;
            self.contents[other] = before.1;
            self.at = places;
        }
    }

    /// Soft cost of the sessions in `blocks`, their topics against everything else.
    fn cost_of(&self, blocks: &[usize]) -> i64 {
        let all = self.placed();
        let mut cost = 0;
        for one in all.iter().filter(|p| blocks.contains(&p.block)) {
            let table = &self.instance.sessions[one.session];
            cost += table.start_cost[one.start]
                + match_cost(self.instance, one.session, &self.blocks[one.block]);
            if !table.tags.is_empty() && self.instance.weights.topic_spread != 0 {
                for other in &all {
                    let twice = blocks.contains(&other.block) && other.session < one.session;
                    if other.session != one.session && !twice {
                        cost += topic_cost(self.instance, *one, *other);
                    }
                }
            }
        }
        cost
    }

    fn placed(&self) -> Vec<Placed> {
        let places = self.at.iter().enumerate();
        places
            .filter_map(|(session, at)| {
                at.map(|(block, start)| Placed {
                    session,
                    block,
                    start,
                })
            })
            .collect()
    }

    /// What has been placed.
    pub(crate) fn into_programme(self) -> Programme {
        let placed = self.placed();
        Programme {
            blocks: self.blocks,
            placed,
        }
    }
}
