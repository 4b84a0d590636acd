//! Solving for the exchange: in a process of its own, on documents in a folder of its own, checked before it is believed.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use meridian_model::check::check;
use meridian_model::{Plan, Problem};
use tokio::time::timeout;

use crate::jobs::child::Child;

const PROBLEM: &str = "problem.json";
const MADE: &str = "made.json";

/// How a problem is solved.
#[derive(Clone, Debug)]
pub(crate) struct Solver {
    /// Where each search gets a folder of its own.
    pub(crate) folder: PathBuf,
    /// The options that name the zone rules.
    pub(crate) zones: Vec<OsString>,
    /// How many search steps, 1..=9.
    pub(crate) effort: u8,
    pub(crate) memory_mib: u64,
    /// The longest that one search may take.
    pub(crate) patience: Duration,
}

impl Solver {
    /// The best plan that is found.
    ///
    /// # Errors
    /// When there is none, or the checker disagrees with its score.
    pub(crate) async fn solve(&self, problem: Problem) -> anyhow::Result<(Problem, Plan)> {
        self.search(problem, &[]).await
    }

    /// The same for a problem of one group: small enough for the engine that needs no exact models.
    ///
    /// # Errors
    /// As [`Self::solve`].
    pub(crate) async fn roster(&self, problem: Problem) -> anyhow::Result<(Problem, Plan)> {
        let brief = Self {
            effort: 1,
            ..self.clone()
        };
        brief.search(problem, &["--engine=pure"]).await
    }

    async fn search(&self, problem: Problem, options: &[&str]) -> anyhow::Result<(Problem, Plan)> {
        let folder = tempfile::Builder::new()
            .prefix("meridian-")
            .tempdir_in(&self.folder)?;
        let bytes = serde_json::to_vec(&problem)?;
        tokio::fs::write(folder.path().join(PROBLEM), bytes).await?;
        let effort = format!("--effort={}", self.effort);
        let arguments = ["plan", PROBLEM, "--out", MADE, "--json", &effort];
        let arguments = self.zones.iter().cloned().chain(
            arguments
                .into_iter()
                .chain(options.iter().copied())
                .map(OsString::from),
        );
        let mut child = Child::start(folder.path(), self.memory_mib, arguments)?;
        let ended = timeout(self.patience, ended(&mut child)).await;
        let Ok(status) = ended else {
            child.kill().await;
            bail!("a search did not end in time");
        };
        let (status, answer) = child.answered(status?).await?;
        if !matches!(status.code(), Some(0 | 1)) {
            let said = String::from_utf8_lossy(&answer).into_owned();
            bail!("a search failed ({status}): {said}");
        }
        let made = tokio::fs::read(folder.path().join(MADE)).await;
        let made = made.context("a search left no plan")?;
        let believed = move || {
            let plan = meridian_formats::plan::read(&made, MADE)
                .map_err(|faults| anyhow::anyhow!("a plan is faulty: {faults}"))?;
            if check(&problem, &plan).score != plan.score {
                bail!("the checker disagrees with the score of a plan");
            }
            Ok((problem, plan))
        };
        tokio::task::spawn_blocking(believed).await?
    }
}

/// Waits for the end, and reads what is noted on the way so that nobody is held up by a full pipe.
async fn ended(child: &mut Child) -> std::io::Result<std::process::ExitStatus> {
    let mut listening = true;
    loop {
        tokio::select! {
            status = child.process.wait() => return status,
            line = child.notes.next_line(), if listening => {
                listening = matches!(line, Ok(Some(_)));
            }
        }
    }
}
