//! Our engine on one instance, in a process of its own so that its memory is its own.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use meridian_model::{Plan as PlanDocument, Problem, Score};
use meridian_solver::{Engine, Observer, Options, Outcome, Stop, solve};
use serde::{Deserialize, Serialize};

use crate::claims::Levels;
use crate::{files, say};

#[derive(clap::Args)]
pub(crate) struct Plan {
    /// The problem document
    problem: PathBuf,
    /// Where to write the plan
    #[arg(long)]
    out: PathBuf,
    /// Seconds after which the search is stopped
    #[arg(long)]
    limit: f64,
    /// How many search steps to spend, 1 to 9
    #[arg(long, default_value_t = 9)]
    effort: u8,
}

/// What a search took and gave.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ours {
    /// Until the first whole plan.
    pub(crate) first_ms: f64,
    /// Until the plan that is the answer was found.
    pub(crate) best_s: f64,
    /// Until the search was over.
    pub(crate) end_s: f64,
    pub(crate) reached: Levels,
    pub(crate) bound: Levels,
    /// Part of the soft level that blocks and sessions cost, as the engine says.
    pub(crate) programme_soft: i64,
    pub(crate) status: String,
    pub(crate) peak_mb: Option<u64>,
    /// Steps by phase.
    pub(crate) phases: Vec<(String, u64)>,
}

/// The engine in front of everything else: the one that proves, where it is built in.
pub(crate) fn options(effort: u8) -> Options {
    Options {
        effort,
        engine: Engine::default(),
        ..Options::default()
    }
}

pub(crate) fn plan(arguments: &Plan) -> anyhow::Result<()> {
    let problem: Problem = files::read(&arguments.problem)?;
    let began = Instant::now();
    let mut clock = Clock {
        began,
        found: Vec::new(),
    };
    let deadline = Deadline(began + Duration::from_secs_f64(arguments.limit));
    let outcome = solve(&problem, &options(arguments.effort), &deadline, &mut clock)?;
    let end = began.elapsed();
    files::write(&arguments.out, &outcome.plan)?;
    let said = serde_json::to_string(&clock.says(&outcome, end))?;
    say(&said);
    Ok(())
}

struct Deadline(Instant);

impl Stop for Deadline {
    fn stopped(&self) -> bool {
        Instant::now() >= self.0
    }

    fn remaining(&self) -> Option<Duration> {
        Some(self.0.saturating_duration_since(Instant::now()))
    }
}

/// Notes when each better plan came.
struct Clock {
    began: Instant,
    found: Vec<(Score, Duration)>,
}

impl Observer for Clock {
    fn incumbent(&mut self, plan: &PlanDocument) {
        self.found.push((plan.score, self.began.elapsed()));
    }
}

impl Clock {
    fn says(&self, outcome: &Outcome, end: Duration) -> Ours {
        let first = self.found.first().map_or(end, |found| found.1);
        let best = self
            .found
            .iter()
            .find(|found| found.0 == outcome.plan.score);
        let certificate = &outcome.certificate;
        Ours {
            first_ms: 1000.0 * first.as_secs_f64(),
            best_s: best.map_or(end, |found| found.1).as_secs_f64(),
            end_s: end.as_secs_f64(),
            reached: Levels::of(&outcome.plan.score),
            bound: Levels::new(&certificate.medium, certificate.soft),
            programme_soft: certificate.programme_soft,
            status: certificate.status.as_str().to_owned(),
            peak_mb: peak_mb(),
            phases: (outcome.phases.iter())
                .map(|cost| (cost.phase.as_str().to_owned(), cost.steps))
                .collect(),
        }
    }
}

/// The most memory that this process has held, where the system tells.
fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}
