//! Host blocks and sessions as mixed-integer models, by good_lp on HiGHS.
//!
//! Both models are aggregated: blocks are chosen so that each moment is covered as often as there are tracks
//! and coloured onto tracks afterwards (intervals that overlap at most k times are k-colourable); sessions are
//! assigned to blocks by room and put in order afterwards by the exact table of [`super::sequence`], whose
//! refusals come back as cuts. Effort bounds branch-and-bound nodes, never time, so that a plan comes out again.

use good_lp::solvers::highs::highs;
use good_lp::{
    Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, variable,
};
use meridian_model::Priority;

use super::Block;
use super::candidates::Candidate;
use super::placement::Placer;
use super::sequence::MOST_IN_BLOCK;
use crate::Stop;
use crate::instance::{Instance, number};

/// Cost of a track cell without a host: above what any choice of hosts can save there.
const UNHOSTED: f64 = 5_000.0;
/// Cost of a session that should be on and is not: above what its place can cost.
const UNPLACED: f64 = 20_000.0;
/// The same for one that must be on.
const UNPLACED_MUST: f64 = 400_000.0;
/// Rounds of assigning sessions, each with the last refusals as cuts.
const ROUNDS: usize = 4;
/// A variable above this is chosen; HiGHS keeps integers within 1e-6.
const CHOSEN: f64 = 0.5;

/// How much a model may search.
pub(crate) struct Budget<'a> {
    nodes: i32,
    stop: &'a dyn Stop,
}

impl<'a> Budget<'a> {
    pub(crate) fn new(effort: usize, stop: &'a dyn Stop) -> Self {
        Self {
            nodes: i32::try_from(20 * effort * effort).unwrap_or(i32::MAX),
            stop,
        }
    }

    /// Solves, and gives the values of all variables asked for; `None` when nothing was found in time.
    fn solve(
        &self,
        variables: ProblemVariables,
        objective: Expression,
        constraints: Vec<good_lp::Constraint>,
    ) -> Option<impl Solution> {
        let mut model = variables
            .minimise(objective)
            .using(highs)
            // Two threads spin on a loaded machine and overrun limits; one is as fast here.
            .set_threads(1)
            .set_option("mip_rel_gap", 1e-4)
            .set_option("mip_max_nodes", self.nodes);
        if let Some(left) = self.stop.remaining() {
            model = model.set_time_limit(left.as_secs_f64().max(0.05));
        }
        for row in constraints {
            model.add_constraint(row);
        }
        model.solve().ok()
    }
}

fn cost(value: i64) -> f64 {
    f64::from(i32::try_from(value).unwrap_or(i32::MAX))
}

/// Chooses host blocks round the pinned ones and puts them on tracks.
pub(crate) fn blocks(
    instance: &Instance<'_>,
    candidates: &[Candidate],
    pinned: &[Block],
    budget: &Budget<'_>,
) -> Vec<Block> {
    let mut bounds: Vec<usize> = (0..instance.n_cells).step_by(instance.block_grid).collect();
    bounds.extend(pinned.iter().flat_map(|b| [b.start, b.end]));
    bounds.push(instance.n_cells);
    bounds.sort_unstable();
    bounds.dedup();

    let mut variables = ProblemVariables::new();
    let picks: Vec<Variable> = candidates
        .iter()
        .map(|_| variables.add(variable().binary()))
        .collect();
    let mut objective = Expression::default();
    for (candidate, &pick) in candidates.iter().zip(&picks) {
        objective.add_mul(cost(candidate.cost), pick);
    }
    let mut rows = Vec::new();
    for period in bounds.windows(2) {
        let [from, to] = [period[0], period[1]];
        let held = pinned
            .iter()
            .filter(|b| b.start <= from && to <= b.end)
            .count();
        let free = cost(number(instance.n_tracks.saturating_sub(held)));
        let unhosted = variables.add(variable().min(0.0).max(free));
        objective.add_mul(UNHOSTED * cost(number(to - from)), unhosted);
        let mut covered = Expression::from(unhosted);
        for (candidate, &pick) in candidates.iter().zip(&picks) {
            if candidate.start <= from && to <= candidate.end {
                covered.add_mul(1.0, pick);
            }
        }
        rows.push(constraint!(covered == free));
    }
    for (group, table) in instance.groups.iter().enumerate() {
        let Some(host) = &table.host else { continue };
        let held = pinned.iter().filter(|b| b.group == group).count();
        let mut hosted = Expression::default();
        for (_, &pick) in candidates
            .iter()
            .zip(&picks)
            .filter(|(c, _)| c.group == group)
        {
            hosted.add_mul(1.0, pick);
        }
        rows.push(constraint!(
            hosted.clone() <= cost(number(host.max_blocks.saturating_sub(held)))
        ));
        if held == 0 {
            let left_out = variables.add(variable().min(0.0).max(1.0));
            objective.add_mul(cost(instance.weights.left_out), left_out);
            rows.push(constraint!(hosted + left_out >= 1.0));
        }
    }
    let Some(solution) = budget.solve(variables, objective, rows) else {
        return pinned.to_vec();
    };
    let chosen = candidates
        .iter()
        .zip(&picks)
        .filter(|(_, pick)| solution.value(**pick) > CHOSEN)
        .map(|(candidate, _)| *candidate);
    colour(instance, chosen.collect(), pinned)
}

/// Puts intervals on tracks, in order of start, next to one that ends there if there is one.
fn colour(instance: &Instance<'_>, mut chosen: Vec<Candidate>, pinned: &[Block]) -> Vec<Block> {
    chosen.sort_by_key(|c| (c.start, c.end, c.group));
    let mut blocks = pinned.to_vec();
    for pick in chosen {
        let track = (0..instance.n_tracks)
            .filter(|&track| {
                let mut on_track = blocks.iter().filter(|b| b.track == track);
                on_track.all(|b| b.end <= pick.start || pick.end <= b.start)
            })
            .min_by_key(|&track| {
                let ends = blocks
                    .iter()
                    .filter(|b| b.track == track && b.end <= pick.start);
                (pick.start - ends.map(|b| b.end).max().unwrap_or(0), track)
            });
        blocks.extend(track.map(|track| Block::of(instance, track, pick)));
    }
    blocks
}

/// Assigns sessions to the placer's blocks; what the model cannot place is left to the placer.
pub(crate) fn assign_sessions(
    instance: &Instance<'_>,
    placer: &mut Placer<'_, '_>,
    budget: &Budget<'_>,
) {
    let n_blocks = placer.blocks().len();
    let waiting: Vec<usize> = (0..instance.sessions.len())
        .filter(|&s| {
            !placer.is_placed(s) && instance.problem.sessions[s].priority != Priority::Filler
        })
        .collect();
    let held: Vec<Vec<usize>> = (0..n_blocks).map(|b| placer.contents(b).to_vec()).collect();
    let mut refused: Vec<(usize, Vec<usize>)> = Vec::new();
    for _ in 0..ROUNDS {
        let assigned = assignment(instance, placer, &waiting, &held, &refused, budget);
        let before = refused.len();
        for (block, sessions) in assigned.into_iter().enumerate() {
            let mut all = held[block].clone();
            all.extend(&sessions);
            if !placer.set(block, all) {
                refused.push((block, sessions));
            }
        }
        if refused.len() == before {
            return;
        }
        for (block, sessions) in held.iter().enumerate() {
            placer.set(block, sessions.clone());
        }
    }
    let last = assignment(instance, placer, &waiting, &held, &refused, budget);
    for (block, sessions) in last.into_iter().enumerate() {
        for session in sessions {
            placer.insert(session, block);
        }
    }
}

/// One assignment by room, cuts respected: the sessions of each block.
fn assignment(
    instance: &Instance<'_>,
    placer: &Placer<'_, '_>,
    waiting: &[usize],
    held: &[Vec<usize>],
    refused: &[(usize, Vec<usize>)],
    budget: &Budget<'_>,
) -> Vec<Vec<usize>> {
    let mut variables = ProblemVariables::new();
    let mut objective = Expression::default();
    let mut rows = Vec::new();
    let mut pairs: Vec<(usize, usize, Variable)> = Vec::new();
    for &session in waiting {
        let unplaced = variables.add(variable().min(0.0).max(1.0));
        let must = instance.problem.sessions[session].priority == Priority::Must;
        objective.add_mul(if must { UNPLACED_MUST } else { UNPLACED }, unplaced);
        let mut once = Expression::from(unplaced);
        for block in 0..held.len() {
            if let Some(price) = placer.cost_in(session, block) {
                let pick = variables.add(variable().binary());
                objective.add_mul(cost(price), pick);
                once.add_mul(1.0, pick);
                pairs.push((session, block, pick));
            }
        }
        rows.push(constraint!(once == 1.0));
    }
    for (block, held) in held.iter().enumerate() {
        let here = &placer.blocks()[block];
        let taken: usize = held.iter().map(|&s| instance.sessions[s].room).sum();
        let room = (here.end - here.start).saturating_sub(taken);
        let (mut used, mut count) = (Expression::default(), Expression::default());
        for (session, _, pick) in pairs.iter().filter(|(_, b, _)| *b == block) {
            used.add_mul(cost(number(instance.sessions[*session].room)), *pick);
            count.add_mul(1.0, *pick);
        }
        rows.push(constraint!(used <= cost(number(room))));
        rows.push(constraint!(
            count <= cost(number(MOST_IN_BLOCK.saturating_sub(held.len())))
        ));
    }
    for (block, sessions) in refused {
        let mut together = Expression::default();
        for (_, _, pick) in pairs
            .iter()
            .filter(|(s, b, _)| b == block && sessions.contains(s))
        {
            together.add_mul(1.0, *pick);
        }
        rows.push(constraint!(together <= cost(number(sessions.len()) - 1)));
    }
    let mut assigned = vec![Vec::new(); held.len()];
    if let Some(solution) = budget.solve(variables, objective, rows) {
        for (session, block, pick) in pairs {
            if solution.value(pick) > CHOSEN {
                assigned[block].push(session);
            }
        }
    }
    assigned
}
