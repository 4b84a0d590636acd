//! What we prove is no less than what the linear relaxation of the plain model proves: one variable for each shift
//! that somebody could have.
//!
//! The model is written from the problem and the rules alone. It leaves out what costs more to state than it would
//! bring (S11, H20), and holds the squares of fairness up by tangents: all of that only lowers its bound.
#![cfg(feature = "highs")]
#![allow(
    clippy::unwrap_used,
    reason = "a fixture that fails should fail the test"
)]

#[path = "support/planned.rs"]
mod planned;
mod support;

use good_lp::solvers::highs::highs;
use good_lp::{
    Constraint, Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, variable,
};
use meridian_model::check::check;
use meridian_model::{
    Delivery, Duty, Grade, Impact, Language, Operator, Plan, Problem, Role, RoleNeed, RuleCode,
    Span,
};
use meridian_solver::{NeverStop, Observer, Options, Outcome, Stop, solve};
use planned::planned;
use support::{Size, problem};

/// What a linear programme in floating point may be off by.
const SLACK: f64 = 0.5;

fn small(operators: usize) -> Size {
    Size {
        groups: 6,
        tracks: 1,
        operators,
        sessions: 30,
        hours: 24,
        cell_min: 15,
    }
}

/// What everything below looks at.
struct Scene<'a> {
    problem: &'a Problem,
    plan: &'a Plan,
}

/// A shift that somebody could have: covered cells and cost.
struct Pattern {
    duty: usize,
    start: u32,
    end: u32,
    cost: f64,
}

impl Scene<'_> {
    fn cell(&self, cell: u32) -> Span {
        self.problem.event.horizon.cells(cell, cell + 1)
    }

    fn role(&self, duty: &Duty) -> &Role {
        let mut roles = self.problem.event.roles.iter();
        roles.find(|role| role.id == duty.role).unwrap()
    }

    /// Languages that a duty needs at a cell; `None` when nobody is demanded.
    fn needed(&self, duty: &Duty, cell: Span) -> Option<Vec<Language>> {
        let home = &self.problem.event.language;
        if !duty.spans.iter().any(|span| span.contains(&cell)) {
            return None;
        }
        let spoken = duty.tracks.iter().map(|track| {
            let mut blocks = self.plan.blocks.iter();
            let block = blocks.find(|b| b.track == *track && b.span.contains(&cell));
            block.map_or(home.clone(), |block| block.language.clone())
        });
        match self.role(duty).needs {
            RoleNeed::Nothing => Some(Vec::new()),
            RoleNeed::BlockLanguage => Some(spoken.collect()),
            RoleNeed::Interpretation => {
                let foreign: Vec<_> = spoken.filter(|l| l != home).collect();
                (!foreign.is_empty()).then_some(foreign)
            }
        }
    }

    fn skilled(&self, who: &Operator, duty: &Duty, languages: &[Language]) -> bool {
        let mut skills = who.skills.iter().filter(|s| s.role == duty.role);
        let home = Some(&self.problem.event.language);
        match self.role(duty).needs {
            RoleNeed::Nothing => skills.next().is_some(),
            RoleNeed::BlockLanguage => languages
                .iter()
                .all(|l| skills.clone().any(|s| s.language.as_ref() == Some(l))),
            RoleNeed::Interpretation => languages.iter().all(|l| {
                let fits = |s: &meridian_model::Skill| s.language.as_ref() == Some(l);
                skills.clone().any(|s| fits(s) && s.into.as_ref() == home)
            }),
        }
    }

    fn minutes_at(&self, who: &Operator, cell: Span, grades: &[Grade]) -> i64 {
        let graded = who
            .availability
            .0
            .iter()
            .filter(|g| grades.contains(&g.grade));
        let inside = graded.filter_map(|g| g.span.intersection(&cell));
        inside.map(|span| span.minutes()).sum()
    }

    fn clash(&self, who: &Operator, cell: Span, impact: Impact) -> i64 {
        let events = self
            .problem
            .regional_events
            .iter()
            .filter(|e| e.impact == impact);
        let concerns = events
            .flat_map(|e| &e.concerns)
            .filter(|c| c.group == who.group);
        let inside = concerns.filter_map(|c| c.span.intersection(&cell));
        inside.map(|span| span.minutes()).sum()
    }

    fn speaks(&self, who: &Operator, cell: Span) -> bool {
        let before = i64::from(self.problem.event.policy.speaker_preparation_min) * 60;
        self.plan.sessions.iter().any(|placed| {
            let mut sessions = self.problem.sessions.iter();
            let session = sessions.find(|s| s.id == placed.session).unwrap();
            let hers = who
                .speaker
                .as_ref()
                .is_some_and(|s| session.speakers.contains(s));
            hers && session.delivery == Delivery::Live
                && placed.span.start().as_second() - before < cell.end().as_second()
                && cell.start() < placed.span.end()
        })
    }

    fn may(&self, who: &Operator, duty: &Duty, cell: Span) -> bool {
        let offered = [Grade::IfNeedBe, Grade::Possible, Grade::Prefer];
        let asleep = self.role(duty).alerted && who.nights.iter().any(|n| n.overlaps(&cell));
        self.needed(duty, cell)
            .is_some_and(|l| self.skilled(who, duty, &l))
            && self.minutes_at(who, cell, &offered) == cell.minutes()
            && !asleep
            && self.clash(who, cell, Impact::Block) == 0
            && !self.speaks(who, cell)
    }

    /// What one cell on duty costs somebody, fairness apart.
    fn cell_cost(&self, who: &Operator, cell: Span) -> i64 {
        let weight = |rule| self.problem.event.policy.weight(rule);
        let night = who.nights.iter().filter_map(|n| n.intersection(&cell));
        let prefers = who.availability.0.iter().any(|g| g.grade == Grade::Prefer);
        let elsewhere = cell.minutes() - self.minutes_at(who, cell, &[Grade::Prefer]);
        weight(RuleCode::S01) * self.clash(who, cell, Impact::Weigh)
            + weight(RuleCode::S02) * night.map(|span| span.minutes()).sum::<i64>()
            + weight(RuleCode::S03) * self.minutes_at(who, cell, &[Grade::IfNeedBe])
            + weight(RuleCode::S14) * if prefers { elsewhere } else { 0 }
    }

    fn patterns(&self, who: &Operator) -> Vec<Pattern> {
        let (event, policy) = (&self.problem.event, &self.problem.event.policy);
        let cell_min = event.horizon.cell_min();
        let n_cells = event.horizon.n_cells();
        let (shortest, longest) = (
            policy.shift_shortest_min / cell_min,
            policy.shift_longest_min / cell_min,
        );
        let fragmentation = policy.weight(RuleCode::S15);
        let costs: Vec<i64> = (0..n_cells)
            .map(|c| self.cell_cost(who, self.cell(c)))
            .collect();
        let mut found = Vec::new();
        for (at, duty) in event.duties.iter().enumerate() {
            assert!(
                self.role(duty).handover_min < cell_min,
                "the model has no handovers"
            );
            for start in 0..n_cells {
                let mut cost = fragmentation;
                for end in start + 1..=n_cells.min(start + longest) {
                    let last = end - 1;
                    if !self.may(who, duty, self.cell(last)) {
                        break;
                    }
                    cost += costs[usize::try_from(last).unwrap()];
                    if end - start >= shortest {
                        let cost = number(cost);
                        found.push(Pattern {
                            duty: at,
                            start,
                            end,
                            cost,
                        });
                    }
                }
            }
        }
        found
    }
}

fn number(n: i64) -> f64 {
    f64::from(i32::try_from(n).unwrap())
}

/// The relaxation under construction.
#[derive(Default)]
struct Model {
    variables: ProblemVariables,
    rows: Vec<Constraint>,
    gaps: Expression,
    alert_short: Expression,
    soft: Expression,
}

impl Model {
    fn above_nothing(&mut self) -> Variable {
        self.variables.add(variable().min(0.0))
    }

    /// `weight · ⌊load² / scale⌋` from below, for a load up to `most`: tangents, one lower for the rounding.
    fn square(&mut self, load: &Expression, weight: i64, scale: i64, most: i64) {
        let cost = self.above_nothing();
        self.soft.add_mul(number(weight), cost);
        for at in (0..=most).step_by(60) {
            let (at, scale) = (number(at), number(scale));
            let tangent = load.clone() * (2.0 * at / scale) - at * at / scale - 1.0;
            self.rows.push(constraint!(cost >= tangent));
        }
    }

    /// How many are missing on the alert at each cell.
    fn alerts(&mut self, on_alert: Vec<Expression>, min_people: u32) {
        for people in on_alert {
            let short = self.above_nothing();
            self.alert_short.add_mul(1.0, short);
            self.rows
                .push(constraint!(people + short >= f64::from(min_people)));
        }
    }
}

fn relaxation(scene: &Scene<'_>) -> Model {
    let event = &scene.problem.event;
    let n_cells = usize::try_from(event.horizon.n_cells()).unwrap();
    let cell_min = i64::from(event.horizon.cell_min());
    let grid = || vec![Expression::default(); n_cells];
    let mut model = Model::default();
    let mut cover: Vec<Vec<Expression>> = event.duties.iter().map(|_| grid()).collect();
    let mut alert = grid();
    let mut of_group = vec![Expression::default(); scene.problem.groups.len()];
    let rest = event.policy.rest_min.div_ceil(event.horizon.cell_min());
    for who in &scene.problem.operators {
        let (mut minutes, mut count) = (Expression::default(), Expression::default());
        let mut busy = grid();
        for pattern in scene.patterns(who) {
            let chosen = model.above_nothing();
            let cells =
                usize::try_from(pattern.start).unwrap()..usize::try_from(pattern.end).unwrap();
            let resting = cells.start..n_cells.min(cells.end + usize::try_from(rest).unwrap());
            minutes.add_mul(
                number(i64::from(pattern.end - pattern.start) * cell_min),
                chosen,
            );
            count.add_mul(1.0, chosen);
            model.soft.add_mul(pattern.cost, chosen);
            for cell in cells {
                cover[pattern.duty][cell].add_mul(1.0, chosen);
                if scene.role(&event.duties[pattern.duty]).alerted {
                    alert[cell].add_mul(1.0, chosen);
                }
            }
            for cell in resting {
                busy[cell].add_mul(1.0, chosen);
            }
        }
        model
            .rows
            .extend(busy.into_iter().map(|busy| constraint!(busy <= 1.0)));
        model
            .rows
            .push(constraint!(count <= f64::from(event.policy.max_shifts)));
        model
            .rows
            .push(constraint!(minutes.clone() <= f64::from(who.max_duty_min)));
        let group = scene
            .problem
            .groups
            .iter()
            .position(|g| g.id == who.group)
            .unwrap();
        of_group[group] += minutes.clone();
        let load = minutes + f64::from(who.carry_over_min);
        model.square(&load, event.policy.weight(RuleCode::S04), 360, 900);
    }
    for (group, load) in scene.problem.groups.iter().zip(of_group) {
        let people = scene
            .problem
            .operators
            .iter()
            .filter(|o| o.group == group.id)
            .count();
        let scale = 360 * i64::try_from(people.max(1)).unwrap();
        model.square(&load, event.policy.weight(RuleCode::S05), scale, 3600);
    }
    for (duty, cover) in event.duties.iter().zip(cover) {
        for (cell, covered) in (0..event.horizon.n_cells()).zip(cover) {
            if scene.needed(duty, scene.cell(cell)).is_some() {
                let gap = model.above_nothing();
                model.gaps.add_mul(1.0, gap);
                model
                    .rows
                    .push(constraint!(covered + gap >= f64::from(duty.count)));
            }
        }
    }
    model.alerts(alert, event.policy.alert.min_people);
    model
}

fn least(variables: ProblemVariables, sum: Expression, rows: Vec<Constraint>) -> f64 {
    let mut model = variables.minimise(sum.clone()).using(highs).set_threads(1);
    for row in rows {
        model.add_constraint(row);
    }
    model.solve().unwrap().eval(sum)
}

fn ours_is_no_lower(seed: u64, operators: usize) {
    let problem = problem(seed, small(operators));
    let options = Options {
        effort: 2,
        ..Options::default()
    };
    let outcome = planned(&problem, &options, &NeverStop);
    let (plan, bound) = (outcome.plan, outcome.certificate);
    let found = check(&problem, &plan).score;
    assert_eq!(found, plan.score);
    let scene = Scene {
        problem: &problem,
        plan: &plan,
    };
    let Model {
        variables,
        rows,
        gaps,
        ..
    } = relaxation(&scene);
    let gaps = least(variables, gaps, rows);
    assert!(
        number(found.medium.gaps) >= gaps - SLACK,
        "seed {seed}: the model bounds plans"
    );
    assert!(
        number(bound.medium.gaps) >= gaps - SLACK,
        "seed {seed}: {bound:?}, {gaps}"
    );
    if bound.medium != found.medium {
        return;
    }
    let Model {
        variables,
        mut rows,
        gaps,
        alert_short,
        soft,
    } = relaxation(&scene);
    rows.push(constraint!(gaps <= number(found.medium.gaps)));
    rows.push(constraint!(alert_short <= number(found.medium.alert_short)));
    let soft = least(variables, soft, rows);
    let roster = number(bound.soft - bound.programme_soft);
    let cost = number(found.soft - bound.programme_soft);
    assert!(
        cost >= soft - SLACK,
        "seed {seed}: the model bounds plans: {cost}, {soft}"
    );
    assert!(roster >= soft - SLACK, "seed {seed}: {roster}, {soft}");
}

#[test]
fn our_bound_is_no_lower_than_the_plain_model_s_where_people_are_many() {
    ours_is_no_lower(2, 40);
}

#[test]
fn our_bound_is_no_lower_than_the_plain_model_s_where_people_are_few() {
    ours_is_no_lower(3, 16);
}
