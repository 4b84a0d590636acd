//! The plan that an instance comes with: its programme is pinned, nobody is on duty yet.

use meridian_model::plan::MadeBy;
use meridian_model::{Plan, Problem, Score};

/// The plan that has the pinned programme and nobody on duty; its score is not reckoned.
#[must_use]
pub fn programme_only(problem: &Problem) -> Plan {
    Plan {
        format: Plan::FORMAT.to_owned(),
        event: problem.event.id.clone(),
        problem_sha256: problem.digest().unwrap_or_default(),
        tzdb: problem.tzdb.clone(),
        revision: 0,
        made_by: MadeBy {
            engine: "bench".to_owned(),
            seed: 0,
            effort: 1,
            stopped: false,
        },
        score: Score::default(),
        blocks: problem.pins.blocks.clone(),
        sessions: problem.pins.sessions.clone(),
        shifts: Vec::new(),
    }
}
