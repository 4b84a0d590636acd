//! Plans a problem, and puts every plan that comes up on the way before the checker.

use meridian_model::check::check;
use meridian_model::{Pins, Plan, Problem, Score};

use crate::{Observer, Options, Outcome, Stop, solve};

/// Every better plan has the checker's score and is better than the one before.
struct Inspector<'a> {
    problem: &'a Problem,
    best: Option<Score>,
}

impl Observer for Inspector<'_> {
    fn incumbent(&mut self, plan: &Plan) {
        agrees(self.problem, plan);
        assert!(self.best.is_none_or(|best| plan.score < best));
        self.best = Some(plan.score);
    }
}

/// The checker gives a plan the score that it says it has, and finds no broken rule where nothing is pinned.
fn agrees(problem: &Problem, plan: &Plan) {
    let report = check(problem, plan);
    let free = problem.pins == Pins::default();
    assert!(
        !free || report.score.hard == 0,
        "{:#?}",
        report.matches.first()
    );
    // What pins break, the solver leaves to the checker to count.
    if report.score.hard == 0 {
        assert_eq!(report.score, plan.score);
    }
}

/// The outcome of a search all of whose plans the checker agrees with.
pub(crate) fn planned(problem: &Problem, options: &Options, stop: &dyn Stop) -> Outcome {
    let mut inspector = Inspector {
        problem,
        best: None,
    };
    let outcome = solve(problem, options, stop, &mut inspector).unwrap();
    agrees(problem, &outcome.plan);
    assert!(
        inspector
            .best
            .is_some_and(|best| outcome.plan.score <= best)
    );
    outcome
}
