//! The best plan so far on disk: written as it comes, so that even a kill that cannot be heard leaves it behind.
//!
//! A plan is reported only once it is there, and only if the checker agrees with its score. Nothing is kept where
//! `--out` is no file: a pipe gets the last plan alone.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use meridian_model::{Plan, Problem, Score, check::check, follow::follow};
use meridian_solver::Progress;
use serde::Serialize;

use crate::{atomic, out};

/// The least time between two plans that are kept: early ones are better by the dozen.
const PAUSE: Duration = Duration::from_millis(200);
/// The least time between two lines on how far the search is.
const BETWEEN: Duration = Duration::from_secs(1);
/// The pause is at least so many times as long as it took to keep the last plan.
const PAUSES: u32 = 4;

/// How better plans are reported on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reports {
    /// A bar, where standard error is a terminal
    Bar,
    /// Lines of JSON: for each better plan, once it is written, {"kept": FILE, "score": …}, and once a second how far
    /// the search is, {"phase": "roster", "step": 3, "steps": 60}
    Json,
}

/// Keeps the best plan so far.
#[derive(Debug)]
pub(crate) struct Keeper<'a> {
    problem: &'a Problem,
    parent: Option<&'a Plan>,
    file: Option<PathBuf>,
    reports: Reports,
    /// Better than what is kept.
    waiting: Option<Plan>,
    not_before: Option<Instant>,
    /// When it was last told how far the search is.
    told: Option<Instant>,
}

/// How far a search is, in a line.
#[derive(Serialize)]
struct Far {
    phase: &'static str,
    step: u64,
    steps: u64,
}

/// One report.
#[derive(Serialize)]
struct Kept<'a> {
    kept: &'a Path,
    score: Score,
}

impl<'a> Keeper<'a> {
    /// Keeps plans in `file`, as successors of `parent`.
    pub(crate) fn new(
        problem: &'a Problem,
        parent: Option<&'a Plan>,
        file: &Path,
        reports: Reports,
    ) -> Self {
        Self {
            problem,
            parent,
            file: (!atomic::is_stream(file)).then(|| file.to_owned()),
            reports,
            waiting: None,
            not_before: None,
            told: None,
        }
    }

    /// Tells a program that watches how far the search is, unless that was told just now.
    ///
    /// # Errors
    /// That standard error cannot be written to.
    pub(crate) fn far(&mut self, progress: &Progress) -> anyhow::Result<()> {
        let now = Instant::now();
        let early = self.told.is_some_and(|at| now < at + BETWEEN);
        if self.reports != Reports::Json || early {
            return Ok(());
        }
        self.told = Some(now);
        let Progress {
            phase, step, steps, ..
        } = *progress;
        let far = Far {
            phase: phase.as_str(),
            step,
            steps,
        };
        Ok(out::note(&serde_json::to_string(&far)?)?)
    }

    /// How it reports.
    pub(crate) fn reports(&self) -> Reports {
        self.reports
    }

    /// Takes a better plan; the next [`Keeper::keep`] writes it.
    pub(crate) fn offer(&mut self, plan: &Plan) {
        let mut plan = plan.clone();
        plan.made_by.stopped = true;
        self.waiting = Some(plan);
    }

    /// Writes and reports the plan that waits, if there is one and the last is old enough; gives its score.
    ///
    /// # Errors
    /// That the file cannot be written.
    pub(crate) fn keep(&mut self) -> anyhow::Result<Option<Score>> {
        let begun = Instant::now();
        if self.not_before.is_some_and(|at| begun < at) {
            return Ok(None);
        }
        let (Some(file), Some(mut plan)) = (&self.file, self.waiting.take()) else {
            return Ok(None);
        };
        if let Some(parent) = self.parent {
            plan = follow(parent, plan);
        }
        let score = plan.score;
        let agreed = check(self.problem, &plan).score == score;
        if agreed {
            atomic::write(file, &atomic::document(&plan)?)?;
            self.report(score)?;
        }
        self.not_before = begun.checked_add(PAUSE.max(begun.elapsed() * PAUSES));
        Ok(agreed.then_some(score))
    }

    /// Reports that a plan of this score is written.
    ///
    /// # Errors
    /// That standard error cannot be written to.
    pub(crate) fn report(&self, score: Score) -> anyhow::Result<()> {
        if let (Reports::Json, Some(kept)) = (self.reports, &self.file) {
            out::note(&serde_json::to_string(&Kept { kept, score })?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::EventSource;
    use meridian_model::ZoneSet;
    use meridian_solver::{NeverStop, Options, Silent, solve};

    fn planned() -> (Problem, Plan) {
        let event = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/events/first-relay");
        let source = EventSource::of(event.as_ref());
        let problem = source.load(&ZoneSet::embedded()).unwrap();
        let options = Options {
            effort: 1,
            ..Options::default()
        };
        let plan = solve(&problem, &options, &NeverStop, &mut Silent);
        (problem, plan.unwrap().plan)
    }

    #[test]
    fn what_is_kept_is_there_and_says_that_it_is_not_the_end() {
        let (problem, plan) = planned();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plan.json");
        let mut keeper = Keeper::new(&problem, Some(&plan), &file, Reports::Bar);
        assert_eq!(keeper.keep().unwrap(), None);
        keeper.offer(&plan);
        assert_eq!(keeper.keep().unwrap(), Some(plan.score));
        let kept: Plan = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert!(kept.made_by.stopped);
        assert_eq!((kept.revision, kept.score), (plan.revision + 1, plan.score));
        assert_eq!(keeper.keep().unwrap(), None);
    }

    #[test]
    fn a_plan_that_the_checker_sees_otherwise_is_neither_kept_nor_reported() {
        let (problem, mut plan) = planned();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plan.json");
        let mut keeper = Keeper::new(&problem, None, &file, Reports::Bar);
        plan.score.soft -= 1;
        keeper.offer(&plan);
        assert_eq!(keeper.keep().unwrap(), None);
        assert!(!file.exists());
    }
}
