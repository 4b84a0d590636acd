//! Proof of a repair: a plan of the changed problem, made from the plan at hand, that the checker has read.
//!
//! The plan is changed as little as possible: someone takes what stands open, one person after another, each by her
//! exact best choice. Nothing here may be believed before the checker agrees.

use meridian_model::check::check;
use meridian_model::{HostBlock, OperatorId, PlacedSession, Plan, Problem, RoleNeed, Score};

use super::one_person::{Hole, Taking, open_cells, taking, with_shifts};
use super::skills::{knows, lacking};
use super::view::View;

/// People who may come in, one after the other, to close what a changed block leaves open.
const MOST_HELPERS: usize = 12;

/// A plan that the checker has read.
pub(super) struct Proof {
    pub(super) plan: Plan,
    pub(super) score: Score,
}

/// What a plan had before: no repair may make any of it worse.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    pub(super) score: Score,
}

impl Before {
    pub(super) fn of(problem: &Problem, plan: &Plan) -> Self {
        Self {
            score: check(problem, plan).score,
        }
    }

    /// The plan with its score, if the checker finds nothing newly broken and nothing newly missing, and at
    /// least one thing less missing.
    pub(super) fn proof(&self, problem: &Problem, mut plan: Plan) -> Option<Proof> {
        let score = check(problem, &plan).score;
        let (now, before) = (score.medium, self.score.medium);
        let no_worse = score.hard <= self.score.hard
            && now.unhosted <= before.unhosted
            && now.unplaced_must <= before.unplaced_must
            && now.unplaced_should <= before.unplaced_should
            && now.gaps <= before.gaps
            && now.alert_short <= before.alert_short;
        plan.score = score;
        (no_worse && now < before).then_some(Proof { plan, score })
    }
}

/// Lets `people` take what stands open in a hole, one after the other.
pub(super) fn let_take(
    problem: &Problem,
    mut plan: Plan,
    people: &[OperatorId],
    hole: &Hole,
) -> Plan {
    for id in people {
        let found = {
            let view = View::new(problem, &plan);
            let mut operators = problem.operators.iter();
            let her = operators.find(|one| one.id == *id);
            her.and_then(|her| taking(&view, her, hole, &[]))
        };
        if let Some(Taking { shifts, .. }) = found {
            plan = with_shifts(problem, &plan, id, &shifts);
        }
    }
    plan
}

/// The plan with a block put in, in place of that with its id if there is one, and people put on what that leaves open.
pub(super) fn with_block(problem: &Problem, plan: &Plan, block: &HostBlock) -> Plan {
    let mut changed = plan.clone();
    changed.blocks.retain(|one| one.id != block.id);
    changed.blocks.push(block.clone());
    changed
        .blocks
        .sort_by(|a, b| (&a.track, a.span).cmp(&(&b.track, b.span)));
    take_off(problem, &mut changed);
    close_holes(problem, changed)
}

/// The plan with sessions put in, each in place of itself elsewhere.
pub(super) fn with_sessions(plan: &Plan, placed: &[PlacedSession]) -> Plan {
    let mut changed = plan.clone();
    let is_new = |one: &PlacedSession| placed.iter().any(|new| new.session == one.session);
    changed.sessions.retain(|one| !is_new(one));
    changed.sessions.extend(placed.iter().cloned());
    changed
        .sessions
        .sort_by(|a, b| (&a.track, a.span, &a.session).cmp(&(&b.track, b.span, &b.session)));
    changed
}

/// Takes everyone off the shifts for which she lacks a skill, or at which nobody is demanded.
fn take_off(problem: &Problem, plan: &mut Plan) {
    let view = View::new(problem, plan);
    let unfit: Vec<_> = view
        .shifts
        .iter()
        .filter(|served| {
            let mut operators = problem.operators.iter();
            let her = operators.find(|one| one.id == served.shift.operator);
            served.role.needs != RoleNeed::Nothing
                && served.covers.clone().any(|cell| {
                    let needs = view.needs(served.duty, served.role, cell);
                    needs.is_none_or(|needed| {
                        her.is_none_or(|her| !lacking(&view, her, served.role, &needed).is_empty())
                    })
                })
        })
        .map(|served| served.shift.id.clone())
        .collect();
    plan.shifts.retain(|shift| !unfit.contains(&shift.id));
}

/// Lets whoever closes most of a hole take it, hole by hole, until nobody can.
pub(super) fn close_holes(problem: &Problem, mut plan: Plan) -> Plan {
    for _ in 0..MOST_HELPERS {
        let view = View::new(problem, &plan);
        let best = holes(&view)
            .iter()
            .flat_map(|hole| {
                let duty = problem.event.duties.get(hole.duty);
                let role = duty.and_then(|duty| view.role(duty));
                let skilled = problem.operators.iter();
                let skilled = skilled.filter(move |one| role.is_some_and(|role| knows(one, role)));
                skilled.map(move |her| (hole, her))
            })
            .filter_map(|(hole, her)| Some((taking(&view, her, hole, &[])?, her.id.clone())))
            .max_by(|(one, a), (other, b)| one.closes.cmp(&other.closes).then_with(|| b.cmp(a)));
        match best {
            Some((taking, her)) => plan = with_shifts(problem, &plan, &her, &taking.shifts),
            None => break,
        }
    }
    plan
}

/// Everything that stands open in a plan.
pub(super) fn holes(view: &View<'_>) -> Vec<Hole> {
    let mut found: Vec<Hole> = Vec::new();
    for duty in 0..view.problem.event.duties.len() {
        let mut open = false;
        for cell in 0..view.horizon.n_cells() {
            let here = Hole {
                duty,
                cells: cell..cell + 1,
            };
            let missing = open_cells(view, &here) > 0;
            match found.last_mut() {
                Some(hole) if missing && open => hole.cells.end = cell + 1,
                _ if missing => found.push(here),
                _ => {}
            }
            open = missing;
        }
    }
    found
}
