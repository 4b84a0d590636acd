//! The fewest gaps that any roster can have, given a programme, proved by an exact model of its own.
//!
//! One binary per person, duty and possible shift; the model knows nothing of the solver's tables. It plans on
//! half hours where the solver plans on cells of five minutes, and is exact all the same: once it is fixed who
//! serves which duty in which order, everything that remains are differences of starts and ends (windows, shortest
//! and longest shift, rest, holes between neighbours), all of them multiples of half an hour, so some optimum lies
//! on half hours (the matrix is a network's). What is not of that form is relaxed, which can only lower the bound:
//! times off the half hour are rounded outwards, and the daily limit holds for each shift alone.

use good_lp::solvers::highs::highs;
use good_lp::{
    Constraint, Expression, ProblemVariables, Solution, SolutionStatus, SolverModel, Variable,
    constraint, variable,
};
use meridian_model::{Duty, Grade, Impact, Language, Operator, Plan, Problem, RoleNeed, Span};

use crate::folder::{Folder, plan};

/// Languages that a duty needs in a cell; `None` when nobody is demanded.
fn needed(problem: &Problem, plan: &Plan, duty: &Duty, cell: Span) -> Option<Vec<Language>> {
    if !duty.spans.iter().any(|span| span.contains(&cell)) {
        return None;
    }
    let role = problem
        .event
        .roles
        .iter()
        .find(|r| r.id == duty.role)
        .unwrap();
    let spoken = duty.tracks.iter().map(|track| {
        let block = plan
            .blocks
            .iter()
            .find(|b| b.track == *track && b.span.contains(&cell));
        block.map_or(problem.event.language.clone(), |b| b.language.clone())
    });
    match role.needs {
        RoleNeed::Nothing => Some(Vec::new()),
        RoleNeed::BlockLanguage => Some(spoken.collect()),
        RoleNeed::Interpretation => {
            let foreign: Vec<_> = spoken.filter(|l| *l != problem.event.language).collect();
            (!foreign.is_empty()).then_some(foreign)
        }
    }
}

/// Whether someone may cover a duty in a cell, alone.
fn may(
    problem: &Problem,
    plan: &Plan,
    who: &Operator,
    duty: &Duty,
    cell: Span,
    languages: &[Language],
) -> bool {
    let role = problem
        .event
        .roles
        .iter()
        .find(|r| r.id == duty.role)
        .unwrap();
    let mut skills = who.skills.iter().filter(|s| s.role == duty.role);
    let skilled = match role.needs {
        RoleNeed::Nothing => skills.next().is_some(),
        RoleNeed::BlockLanguage => languages
            .iter()
            .all(|l| skills.clone().any(|s| s.language.as_ref() == Some(l))),
        RoleNeed::Interpretation => languages.iter().all(|l| {
            skills.clone().any(|s| {
                s.language.as_ref() == Some(l) && s.into.as_ref() == Some(&problem.event.language)
            })
        }),
    };
    let open: i64 = who
        .availability
        .0
        .iter()
        .filter(|g| g.grade != Grade::Impossible)
        .filter_map(|g| g.span.intersection(&cell))
        .map(|s| s.minutes())
        .sum();
    let awake = !role.alerted || !who.nights.iter().any(|night| night.overlaps(&cell));
    let clash = problem
        .regional_events
        .iter()
        .filter(|e| e.impact == Impact::Block)
        .any(|e| {
            e.concerns
                .iter()
                .any(|c| c.group == who.group && c.span.overlaps(&cell))
        });
    let preparation = i64::from(problem.event.policy.speaker_preparation_min) * 60;
    let speaks = plan.sessions.iter().any(|placed| {
        let session = problem
            .sessions
            .iter()
            .find(|s| s.id == placed.session)
            .unwrap();
        let live = session.delivery == meridian_model::Delivery::Live;
        live && who
            .speaker
            .as_ref()
            .is_some_and(|s| session.speakers.contains(s))
            && placed.span.start().as_second() - preparation < cell.end().as_second()
            && cell.start() < placed.span.end()
    });
    skilled && open == cell.minutes() && awake && !clash && !speaks
}

/// Minutes of the grid on which some optimum lies.
const GRID_MIN: u32 = 30;

/// A possible shift of someone: first slot, slot after.
struct Pattern {
    start: usize,
    end: usize,
    chosen: Variable,
}

/// The least number of uncovered person cells, as the model's optimum says.
fn least_gaps(problem: &Problem, plan: &Plan) -> i64 {
    let event = &problem.event;
    let cells_per_slot = GRID_MIN / event.horizon.cell_min();
    let n_slots = event.horizon.n_cells() / cells_per_slot;
    assert_eq!(n_slots * cells_per_slot, event.horizon.n_cells());
    let needs = needs_by_slot(problem, plan, n_slots);
    let mut variables = ProblemVariables::new();
    let mut rows = Vec::new();
    let n = usize::try_from(n_slots).unwrap();
    let mut covering = vec![vec![Expression::default(); n]; event.duties.len()];
    for who in &problem.operators {
        let mut patterns = Vec::new();
        for (duty, needs) in needs.iter().enumerate() {
            let able: Vec<bool> = (0..n_slots)
                .zip(needs)
                .map(|(slot, need)| {
                    let duty = &event.duties[duty];
                    need.as_ref().is_some_and(|languages| {
                        slot_cells(problem, slot)
                            .any(|cell| may(problem, plan, who, duty, cell, languages))
                    })
                })
                .collect();
            for (start, end) in possible_shifts(problem, who, &able) {
                let chosen = variables.add(variable().binary());
                for slot in &mut covering[duty][start..end] {
                    slot.add_mul(1.0, chosen);
                }
                patterns.push(Pattern { start, end, chosen });
            }
        }
        rows.extend(one_person(problem, &patterns, n));
    }
    let mut gaps = Expression::default();
    for ((duty, needs), covering) in event.duties.iter().zip(&needs).zip(covering) {
        for (_, covered) in needs
            .iter()
            .zip(covering)
            .filter(|(need, _)| need.is_some())
        {
            let gap = variables.add(variable().min(0.0).max(f64::from(duty.count)));
            gaps.add_mul(1.0, gap);
            rows.push(constraint!(covered + gap >= f64::from(duty.count)));
        }
    }
    optimum(variables, gaps, rows) * i64::from(cells_per_slot)
}

/// The cells of a slot.
fn slot_cells(problem: &Problem, slot: u32) -> impl Iterator<Item = Span> {
    let horizon = problem.event.horizon;
    let cells_per_slot = GRID_MIN / horizon.cell_min();
    let first = slot * cells_per_slot;
    (first..first + cells_per_slot).map(move |c| horizon.cells(c, c + 1))
}

/// What each duty needs in each slot; blocks lie on half hours, so it is one thing all through.
fn needs_by_slot(problem: &Problem, plan: &Plan, n_slots: u32) -> Vec<Vec<Option<Vec<Language>>>> {
    let in_slot = |duty: &Duty, slot: u32| {
        let cells = slot_cells(problem, slot);
        let mut all: Vec<_> = cells
            .map(|cell| needed(problem, plan, duty, cell))
            .collect();
        all.dedup();
        assert_eq!(all.len(), 1, "{} changes within half an hour", duty.id);
        all.remove(0)
    };
    let duties = problem.event.duties.iter();
    duties
        .map(|duty| (0..n_slots).map(|slot| in_slot(duty, slot)).collect())
        .collect()
}

/// The proved least value of a sum of whole numbers.
fn optimum(variables: ProblemVariables, sum: Expression, rows: Vec<Constraint>) -> i64 {
    let mut model = variables
        .minimise(sum.clone())
        .using(highs)
        .set_threads(1)
        .set_option("mip_rel_gap", 0.0);
    for row in rows {
        model.add_constraint(row);
    }
    let solution = model.solve().expect("nobody on duty is a roster");
    let proved = matches!(solution.status(), SolutionStatus::Optimal);
    assert!(proved, "the optimum is proved");
    #[expect(
        clippy::as_conversions,
        reason = "a whole number within HiGHS's tolerance"
    )]
    let least = solution.eval(sum).round() as i64;
    least
}

/// Slots from and to of every shift of legal length in which she is able all through.
fn possible_shifts(problem: &Problem, who: &Operator, able: &[bool]) -> Vec<(usize, usize)> {
    let policy = &problem.event.policy;
    let slots = |minutes: u32| usize::try_from(minutes / GRID_MIN).unwrap();
    let shortest = slots(policy.shift_shortest_min);
    let longest = slots(policy.shift_longest_min.min(who.max_duty_min));
    let mut found = Vec::new();
    for start in 0..able.len() {
        let until = (start..able.len())
            .find(|&slot| !able[slot])
            .unwrap_or(able.len());
        found.extend((start + shortest..=until.min(start + longest)).map(|end| (start, end)));
    }
    found
}

/// What binds one person: no two shifts without the rest between them, and no more than allowed.
fn one_person(problem: &Problem, patterns: &[Pattern], n_slots: usize) -> Vec<Constraint> {
    let policy = &problem.event.policy;
    let rest = usize::try_from(policy.rest_min / GRID_MIN).unwrap();
    let sum = |fits: &dyn Fn(&Pattern) -> bool| {
        let mut sum = Expression::default();
        for pattern in patterns.iter().filter(|p| fits(p)) {
            sum.add_mul(1.0, pattern.chosen);
        }
        sum
    };
    let mut rows = vec![constraint!(sum(&|_| true) <= f64::from(policy.max_shifts))];
    for slot in 0..n_slots {
        // Shifts lengthened by the rest are intervals; those of one person share no slot.
        rows.push(constraint!(
            sum(&|p| p.start <= slot && slot < p.end + rest) <= 1.0
        ));
    }
    rows
}

#[test]
fn the_tight_relay_has_no_more_gaps_than_the_least_that_is_possible() {
    let problem = Folder::open("relay-2024-tight").problem();
    let plan = plan(&problem, 5);
    let least = least_gaps(&problem, &plan);
    println!(
        "gaps of relay-2024-tight in person cells: ours {}, least {least}",
        plan.score.medium.gaps
    );
    assert_eq!(plan.score.medium.gaps, least);
}
