//! The workshop: takes jobs off the queue, and has each done by a process of its own.
//!
//! Nothing of a job is seen before it ends; then its result, its plan and its end are one transaction, which only
//! the holder of the newest fence can make. A node that dies leaves its jobs in the queue: its processes end with
//! it, and who comes next begins them anew. They are what they were: a job names the snapshot it works on.

mod asked;
pub(crate) mod child;
mod made;
mod step;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::SignedDuration;
use meridian_model::ZoneSet;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep, sleep_until, timeout};

pub(crate) use asked::{Ask, DatesAsk, ExplainAsk, ExportAsk, Order, PlanAsk, ReplanAsk};

use crate::exchange::Exchange;
use crate::exchange::solving::Solver;
use crate::store::{End, JobRow, NewPlan, Pulse, Store, StoreError};
use child::Child;
use made::{Came, Ended};

/// How long a job stays with a holder that says nothing.
const LEASE: SignedDuration = SignedDuration::from_secs(15);
/// How often the holder says something.
const BEAT: Duration = Duration::from_secs(3);
/// The least time between two reports of progress.
const HURRY: Duration = Duration::from_millis(300);
/// How often the queue is looked at, for jobs of other nodes.
const GLANCE: Duration = Duration::from_secs(1);
/// How long a process may take to end after it was told to; HiGHS and the last check need some seconds.
const GRACE: Duration = Duration::from_secs(20);
/// The wait before a result is offered again to a database that did not take it.
const AGAIN: Duration = Duration::from_secs(2);

/// How long a database may take for an answer: one that is far away may be gone without a word.
const SILENCE: Duration = Duration::from_secs(60);

/// What jobs are done with.
pub(crate) struct Means {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) zones: ZoneSet,
    /// What every process may use, and the folder in which jobs are done.
    pub(crate) solver: Solver,
    /// How many run at once.
    pub(crate) at_once: usize,
}

/// Where jobs are done.
pub(crate) struct Workshop {
    means: Means,
    store: Store,
    stopping: watch::Receiver<bool>,
}

impl Workshop {
    /// Clears the folder in which jobs will be done, and takes over what an earlier node left behind.
    ///
    /// # Errors
    /// When the folder or the database cannot be used.
    pub(crate) async fn open(
        means: Means,
        stopping: watch::Receiver<bool>,
    ) -> anyhow::Result<Self> {
        let folder = &means.solver.folder;
        if folder.exists() {
            std::fs::remove_dir_all(folder).context("cannot clear the folder of jobs")?;
        }
        private_folder(folder)?;
        let store = means.exchange.store().clone();
        if !store.is_shared() {
            let mut write = store.write().await?;
            let back = write.give_all_jobs_back().await?;
            write.commit().await?;
            if back > 0 {
                tracing::info!(jobs = back, "jobs of an earlier run are begun anew");
            }
        }
        Ok(Self {
            means,
            store,
            stopping,
        })
    }

    /// Works until the node stops.
    pub(crate) async fn work(self) {
        let workshop = Arc::new(self);
        let mut benches = JoinSet::new();
        for _ in 0..workshop.means.at_once {
            let workshop = Arc::clone(&workshop);
            benches.spawn(async move { workshop.bench().await });
        }
        while benches.join_next().await.is_some() {}
    }

    /// One job after the other.
    async fn bench(&self) {
        let mut stopping = self.stopping.clone();
        let mut changes = self.store.listen();
        while !*stopping.borrow_and_update() {
            match answered(SILENCE, self.claim()).await {
                Ok(Some(job)) => {
                    self.do_one(&job).await;
                    continue;
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "the queue of jobs cannot be read");
                    sleep(GLANCE).await;
                }
            }
            tokio::select! {
                _ = stopping.changed() => {}
                _ = timeout(GLANCE, changes.changed()) => {}
            }
        }
    }

    async fn claim(&self) -> Result<Option<JobRow>, StoreError> {
        // Most glances find nothing, and need no write for that.
        if !self.store.has_work().await? {
            return Ok(None);
        }
        let mut write = self.store.write_aside().await?;
        let job = write.claim_job(LEASE).await?;
        write.commit().await?;
        match job {
            Some(job) if job.is_hopeless() => {
                let mut write = self.store.write().await?;
                write.give_up_job(&job).await?;
                write.commit().await?;
                Ok(None)
            }
            job => Ok(job),
        }
    }

    async fn do_one(&self, job: &JobRow) {
        tracing::info!(
            job = job.id,
            kind = job.kind,
            attempt = job.attempts,
            "a job begins"
        );
        let folder = format!("{}-{}", job.id, job.fence);
        let folder = self.means.solver.folder.join(folder);
        let came = match self.attempt(job, &folder).await {
            Ok(came) => came,
            Err(error) => {
                tracing::error!(job = job.id, error = format!("{error:#}"), "a job failed");
                Came::failed("something failed here; the node's log says more")
            }
        };
        if let Err(error) = tokio::fs::remove_dir_all(&folder).await {
            tracing::warn!(job = job.id, %error, "the folder of a job stays behind");
        }
        // What was found is worth waiting for a database that is full or away; a lost job is worth nothing.
        loop {
            match answered(SILENCE, self.finish(job, &came)).await {
                Ok(()) => return ended(job, &came),
                Err(StoreError::Missing) => {
                    return tracing::warn!(job = job.id, "a job was lost to another holder");
                }
                Err(error) => {
                    tracing::error!(job = job.id, %error, "a job's result is not kept yet");
                }
            }
            let mut stopping = self.stopping.clone();
            if *stopping.borrow_and_update() {
                return;
            }
            tokio::select! {
                _ = stopping.changed() => return,
                () = sleep(AGAIN) => {}
            }
        }
    }

    /// Does a job as far as it gets.
    async fn attempt(&self, job: &JobRow, folder: &Path) -> anyhow::Result<Came> {
        let order: Order =
            serde_json::from_str(&job.asked).context("a job that is not understood")?;
        private_folder(folder)?;
        if let Ask::Step { space, step } = &order.ask {
            return Ok(self.step(job, (space, step), folder).await);
        }
        made::lay_out(&self.store, job, &order, folder).await?;
        let solver = &self.means.solver;
        let arguments = order.arguments().into_iter().map(Into::into);
        let arguments = solver.zones.iter().cloned().chain(arguments);
        let mut child = Child::start(folder, solver.memory_mib, arguments)?;
        let Some(ended) = self.watch(job, &mut child).await? else {
            child.kill().await;
            return Ok(Came::GivenBack);
        };
        let (status, answer) = child.answered(ended.status).await?;
        if let Some(why) = made::own_words(status, &answer) {
            tracing::error!(job = job.id, why, "the process of a job failed");
        }
        let ended = Ended { status, ..ended };
        let folder = folder.to_owned();
        let take = move || made::take_up(&order, &folder, &answer, ended);
        tokio::task::spawn_blocking(take).await?
    }

    /// Waits for the end of a process, and passes on what both sides say; nothing when the job is no longer ours.
    async fn watch(&self, job: &JobRow, child: &mut Child) -> anyhow::Result<Option<Ended>> {
        let mut stopping = self.stopping.clone();
        let mut beat = interval(BEAT);
        let mut heard = Heard::default();
        let (mut cancelled, mut late) = (false, false);
        let begun = Instant::now();
        let mut deadline = begun + self.means.solver.patience;
        let mut told = false;
        loop {
            tokio::select! {
                status = child.process.wait() => {
                    return Ok(Some(Ended { status: status?, cancelled, late }));
                }
                line = child.notes.next_line(), if heard.listening => {
                    heard.line(line);
                    if heard.hurries() {
                        beat.reset_after(HURRY);
                    }
                }
                _ = beat.tick() => match self.renew(job, heard.progress()).await {
                    Pulse::Held => {}
                    Pulse::Lost => return Ok(None),
                    Pulse::Cancel => {
                        if !told {
                            child.stop().await;
                            (told, deadline) = (true, Instant::now() + GRACE);
                        }
                        cancelled = true;
                    }
                },
                () = sleep_until(deadline) => {
                    if told {
                        child.kill().await;
                    } else {
                        child.stop().await;
                        late = true;
                    }
                    (told, deadline) = (true, Instant::now() + GRACE);
                }
                () = stopped(&mut stopping) => return Ok(None),
            }
        }
    }

    /// A database that does not answer now is no reason to stop: the fence tells later whether the job was lost.
    async fn renew(&self, job: &JobRow, progress: Option<String>) -> Pulse {
        let renewed = async {
            let mut write = self.store.write_aside().await?;
            let pulse = write.renew_job(job, LEASE, progress.as_deref()).await?;
            write.commit().await?;
            Ok::<_, StoreError>(pulse)
        };
        answered(BEAT * 2, renewed).await.unwrap_or_else(|error| {
            tracing::warn!(job = job.id, %error, "a job's lease is not renewed");
            Pulse::Held
        })
    }

    /// Keeps what came of a job, and ends it, in one step.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when the job is someone else's by now.
    async fn finish(&self, job: &JobRow, came: &Came) -> Result<(), StoreError> {
        let mut write = self.store.write().await?;
        match came {
            // Its end was written with what it said.
            Came::Kept => {}
            Came::GivenBack => write.give_job_back(job).await?,
            Came::Failed(why) => write.end_job(job, End::Failed, &why.to_string()).await?,
            Came::Cancelled => write.end_job(job, End::Cancelled, "{}").await?,
            Came::Answered(answer) => {
                write.end_job(job, End::Done, &answer.to_string()).await?;
            }
            Came::Planned(planned) => {
                let plan = NewPlan {
                    event: &job.event,
                    parent: planned.parent.as_deref(),
                    problem: &planned.problem,
                    job: Some(&job.id),
                    revision: planned.revision,
                    score: &planned.score.to_string(),
                    body: &planned.body,
                    by: job.created_by.as_deref(),
                };
                let id = write.make_plan(&plan).await?;
                let mut result = planned.answer.clone();
                if let Value::Object(fields) = &mut result {
                    fields.insert("plan".to_owned(), json!(id));
                }
                let end = if planned.cancelled {
                    End::Cancelled
                } else {
                    End::Done
                };
                write.end_job(job, end, &result.to_string()).await?;
            }
        }
        write.commit().await
    }
}

/// What a process said since its lease was last renewed.
#[derive(Debug)]
struct Heard {
    listening: bool,
    plans: u64,
    score: Option<Value>,
    /// How far the search is.
    far: Option<Value>,
    told: bool,
    hurried: bool,
}

impl Default for Heard {
    fn default() -> Self {
        Self {
            listening: true,
            plans: 0,
            score: None,
            far: None,
            told: true,
            hurried: false,
        }
    }
}

impl Heard {
    fn line(&mut self, line: std::io::Result<Option<String>>) {
        match line {
            Ok(Some(line)) => {
                // Notes for people come the same way; they are for who sits at a terminal.
                let report = serde_json::from_str(&line).unwrap_or(Value::Null);
                if let Some(score) = report.get("score") {
                    self.plans += 1;
                    self.score = Some(score.clone());
                    self.told = false;
                } else if report.get("phase").is_some() {
                    self.far = Some(report);
                    self.told = false;
                }
            }
            Ok(None) | Err(_) => self.listening = false,
        }
    }

    /// Whether there is news that should not wait for the next beat; once for all that comes before it.
    fn hurries(&mut self) -> bool {
        !self.told && !std::mem::replace(&mut self.hurried, true)
    }

    fn progress(&mut self) -> Option<String> {
        self.hurried = false;
        if std::mem::replace(&mut self.told, true) {
            return None;
        }
        let mut now = json!({ "plans": self.plans, "score": self.score });
        if let (Value::Object(now), Some(Value::Object(far))) = (&mut now, &self.far) {
            now.extend(far.clone());
        }
        Some(now.to_string())
    }
}

fn ended(job: &JobRow, came: &Came) {
    let how = came.in_a_word();
    metrics::counter!("meridian_jobs_total", "kind" => job.kind.clone(), "ended" => how)
        .increment(1);
    tracing::info!(job = job.id, ended = how, "a job ended");
}

/// What a database answers, if it does so in time.
async fn answered<T>(
    time: Duration,
    asked: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    timeout(time, asked).await.unwrap_or(Err(StoreError::Busy))
}

/// Waits until the node stops.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    drop(stopping.wait_for(|stopping| *stopping).await);
}

/// Makes a folder that only its owner can look into.
fn private_folder(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder
        .create(folder)
        .with_context(|| format!("cannot make {}", folder.display()))
}
