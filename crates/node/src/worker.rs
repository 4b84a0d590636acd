//! The search on its own thread: better plans are kept as they come, so that a solver which does not listen,
//! hangs or crashes, and even a kill, cannot take the best plan along.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use meridian_model::{Plan, Problem, Score};
use meridian_solver::{Certificate, Observer, Options, Outcome, Progress, SolveError, Stop, solve};

use crate::keeper::{Keeper, Reports};
use crate::watch::Watch;
use crate::{out, words};

/// How often the waiting thread looks at the watch.
const GLANCE: Duration = Duration::from_millis(50);
/// How long a search may take to come back after it was told to stop; HiGHS needs up to 1.2 s.
const GRACE: Duration = Duration::from_secs(5);

enum News {
    Step(Progress),
    Better(Box<Plan>),
    End(Box<Result<Outcome, SolveError>>),
}

struct Reporter(Sender<News>);

impl Observer for Reporter {
    fn progress(&mut self, progress: Progress) {
        // The other end is gone only when the process is about to end.
        drop(self.0.send(News::Step(progress)));
    }

    fn incumbent(&mut self, plan: &Plan) {
        drop(self.0.send(News::Better(Box::new(plan.clone()))));
    }
}

/// Solves `problem`, shows how far it is on a terminal, and comes back soon after `watch` says stop.
///
/// # Errors
/// What the solver says, or that it crashed or hung before there was any plan.
pub(crate) fn run(
    problem: &Problem,
    options: &Options,
    watch: &Watch,
    keeper: &mut Keeper<'_>,
) -> anyhow::Result<Outcome> {
    let cell_min = problem.event.horizon.cell_min();
    let (tell, news) = channel();
    let (problem, options, stop) = (problem.clone(), *options, watch.clone());
    thread::Builder::new()
        .name("search".to_owned())
        .spawn(move || {
            let mut reporter = Reporter(tell);
            let end = solve(&problem, &options, &stop, &mut reporter);
            drop(reporter.0.send(News::End(Box::new(end))));
        })?;
    let bar = match keeper.reports() {
        Reports::Bar => progress_bar(),
        Reports::Json => ProgressBar::hidden(),
    };
    let end = listen(&news, watch, &bar, GRACE, keeper, cell_min);
    bar.finish_and_clear();
    end
}

/// Hears the search out; leaves it behind when it is silent for `grace` after it was told to stop.
fn listen(
    news: &Receiver<News>,
    watch: &Watch,
    bar: &ProgressBar,
    grace: Duration,
    keeper: &mut Keeper<'_>,
    cell_min: u32,
) -> anyhow::Result<Outcome> {
    let mut best: Option<Plan> = None;
    let mut told: Option<Instant> = None;
    loop {
        match news.recv_timeout(GLANCE) {
            Ok(News::Step(progress)) => {
                show(bar, &progress);
                keeper.far(&progress)?;
            }
            Ok(News::Better(plan)) => {
                keeper.offer(&plan);
                best = Some(*plan);
            }
            Ok(News::End(end)) => return Ok((*end)?),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return rescue(best, "the search crashed"),
        }
        if let Some(score) = keeper.keep()? {
            bar.set_message(best_so_far(&score, cell_min));
        }
        if watch.stopped() {
            let since = *told.get_or_insert_with(Instant::now);
            if since.elapsed() > grace {
                return rescue(best, "the search did not stop when it was told to");
            }
        }
    }
}

/// The best plan of a search that did not end well.
fn rescue(best: Option<Plan>, why: &str) -> anyhow::Result<Outcome> {
    let Some(mut plan) = best else {
        bail!("{why} and had no plan yet");
    };
    out::note(&format!("{why}; its best plan so far is kept"))?;
    plan.made_by.stopped = true;
    Ok(Outcome {
        plan,
        stopped: true,
        certificate: Certificate::trivial(),
        phases: Vec::new(),
    })
}

/// A bar on a terminal's standard error; hidden anywhere else.
fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::new(1);
    let style = ProgressStyle::with_template("{prefix:>9} {bar:30} {elapsed:>4} {msg}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_prefix(progress.phase.as_str());
    bar.set_length(progress.steps);
    bar.set_position(progress.step);
}

fn best_so_far(score: &Score, cell_min: u32) -> String {
    format!("best so far: {}", words::score_in_short(score, cell_min))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        serde_json::from_value(serde_json::json!({
            "format": Plan::FORMAT, "event": "e", "problem_sha256": "", "revision": 0,
            "tzdb": { "version": "2026f", "offsets_sha256": "" },
            "made_by": { "engine": "pure", "seed": 1, "effort": 1, "stopped": false },
            "score": Score::default(), "blocks": [], "sessions": [], "shifts": [],
        }))
        .unwrap()
    }

    fn problem() -> Problem {
        let event = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/events/first-relay");
        let source = crate::folder::EventSource::of(event.as_ref());
        source.load(&meridian_model::ZoneSet::embedded()).unwrap()
    }

    fn hear(news: &Receiver<News>, limit: Option<Duration>) -> anyhow::Result<Outcome> {
        let watch = Watch::silent(limit);
        let folder = tempfile::tempdir().unwrap();
        let (problem, file) = (problem(), folder.path().join("plan.json"));
        let mut keeper = Keeper::new(&problem, None, &file, Reports::Bar);
        let bar = ProgressBar::hidden();
        listen(news, &watch, &bar, Duration::ZERO, &mut keeper, 30)
    }

    #[test]
    fn a_search_that_crashes_leaves_its_best_plan() {
        let (tell, news) = channel();
        tell.send(News::Better(Box::new(plan()))).unwrap();
        drop(tell);
        let outcome = hear(&news, None).unwrap();
        assert!(outcome.stopped && outcome.plan.made_by.stopped);
    }

    #[test]
    fn a_search_that_does_not_listen_is_left_behind_with_its_best_plan() {
        let (tell, news) = channel();
        tell.send(News::Better(Box::new(plan()))).unwrap();
        let outcome = hear(&news, Some(Duration::ZERO)).unwrap();
        assert!(outcome.stopped && outcome.plan.made_by.stopped);
        drop(tell);
    }

    #[test]
    fn a_search_that_ends_badly_before_its_first_plan_is_an_error_and_not_a_wait() {
        let (tell, news) = channel::<News>();
        assert!(
            hear(&news, Some(Duration::ZERO))
                .unwrap_err()
                .to_string()
                .contains("did not stop")
        );
        drop(tell);
        assert!(
            hear(&news, None)
                .unwrap_err()
                .to_string()
                .contains("crashed")
        );
    }
}
