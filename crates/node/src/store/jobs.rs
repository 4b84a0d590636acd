//! The queue of jobs. Whoever claims one holds a lease and a fence: the lease is renewed while the work goes on, and
//! only the holder of the newest fence can end the job, in the same transaction as what came of it.

use jiff::SignedDuration;
use sqlx::FromRow;

use super::{Act, Store, StoreError, Write};

/// How often a job is begun before it is given up: it takes its node along.
pub(super) const ATTEMPTS: i64 = 20;

/// A job.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct JobRow {
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) kind: String,
    pub(crate) state: String,
    /// JSON of what was asked.
    pub(crate) asked: String,
    pub(crate) progress: Option<String>,
    pub(crate) result: Option<String>,
    pub(crate) created_by: Option<String>,
    pub(crate) created_at: String,
    pub(crate) started_at: Option<String>,
    pub(crate) ended_at: Option<String>,
    pub(crate) cancel_asked: i64,
    pub(crate) fence: i64,
    pub(crate) attempts: i64,
}

impl JobRow {
    /// Whether it was begun so often that it is given up.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.attempts > ATTEMPTS
    }
}

/// A job to be done.
#[derive(Clone, Debug)]
pub(crate) struct NewJob<'a> {
    pub(crate) event: &'a str,
    pub(crate) kind: &'a str,
    /// JSON of what is asked.
    pub(crate) asked: &'a str,
    pub(crate) by: &'a str,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    Failed,
    Cancelled,
}

impl End {
    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What the holder of a job hears when it renews the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pulse {
    /// Go on.
    Held,
    /// Someone wants it to stop.
    Cancel,
    /// Someone else has the job now: nothing of this attempt counts any more.
    Lost,
}

impl Store {
    /// One job of an event.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn job(&self, event: &str, id: &str) -> Result<JobRow, StoreError> {
        sqlx::query_as(
            "SELECT id, event, kind, state, asked, progress, result, created_by, created_at, started_at, \
             ended_at, cancel_asked, fence, attempts FROM job WHERE event = $1 AND id = $2",
        )
        .bind(event.to_owned())
        .bind(id.to_owned())
        .fetch_optional(&self.read)
        .await?
        .ok_or(StoreError::Missing)
    }

    /// The jobs of an event that were asked for before the one of that number, the newest first, without their results.
    pub(crate) async fn jobs(
        &self,
        event: &str,
        before: i64,
        limit: i64,
    ) -> Result<Vec<JobRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, event, kind, state, asked, progress, NULL AS result, created_by, created_at, started_at, \
             ended_at, cancel_asked, fence, attempts FROM job WHERE event = $1 AND number < $2 \
             ORDER BY number DESC LIMIT $3",
        )
        .bind(event.to_owned())
        .bind(before)
        .bind(limit)
        .fetch_all(&self.read)
        .await?)
    }

    /// How many jobs of an event wait.
    pub(crate) async fn waiting_jobs(&self, event: &str) -> Result<i64, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT COUNT(*) FROM job WHERE event = $1 AND state = 'queued'")
                .bind(event.to_owned())
                .fetch_one(&self.read)
                .await?,
        )
    }

    /// Whether there is a job to be claimed.
    pub(crate) async fn has_work(&self) -> Result<bool, StoreError> {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM job WHERE state = 'queued' OR (state = 'running' AND lease_until < $1)",
        )
        .bind(self.clock().await?)
        .fetch_one(&self.read)
        .await?;
        Ok(waiting > 0)
    }
}

impl Write {
    /// Puts a job into the queue; its id.
    pub(crate) async fn queue_job(&mut self, job: &NewJob<'_>) -> Result<String, StoreError> {
        let number = self.next("job").await?;
        let id = format!("j{number}");
        sqlx::query(
            "INSERT INTO job (id, number, event, kind, state, asked, created_by, created_at) \
             VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7)",
        )
        .bind(id.clone())
        .bind(number)
        .bind(job.event.to_owned())
        .bind(job.kind.to_owned())
        .bind(job.asked.to_owned())
        .bind(job.by.to_owned())
        .bind(self.at.clone())
        .execute(&mut *self.tx)
        .await?;
        self.audit(&act("create", Some(job.by), job.event, &id))
            .await?;
        Ok(id)
    }

    /// Takes the oldest job that waits, or whose holder has not been heard of for its lease.
    pub(crate) async fn claim_job(
        &mut self,
        lease: SignedDuration,
    ) -> Result<Option<JobRow>, StoreError> {
        // The same statement twice: only a database with several writers has rows to lock, and to skip.
        const ALONE: &str = "UPDATE job SET state = 'running', fence = fence + 1, attempts = attempts + 1, \
             lease_until = $1, started_at = COALESCE(started_at, $2), progress = NULL WHERE id = (SELECT id FROM job \
             WHERE state = 'queued' OR (state = 'running' AND lease_until < $2) ORDER BY number LIMIT 1) \
             RETURNING id, event, kind, state, asked, progress, result, created_by, created_at, started_at, \
             ended_at, cancel_asked, fence, attempts";
        const AMONG_OTHERS: &str = "UPDATE job SET state = 'running', fence = fence + 1, attempts = attempts + 1, \
             lease_until = $1, started_at = COALESCE(started_at, $2), progress = NULL WHERE id = (SELECT id FROM job \
             WHERE state = 'queued' OR (state = 'running' AND lease_until < $2) ORDER BY number LIMIT 1 \
             FOR UPDATE SKIP LOCKED) \
             RETURNING id, event, kind, state, asked, progress, result, created_by, created_at, started_at, \
             ended_at, cancel_asked, fence, attempts";
        let claim = if self.shared { AMONG_OTHERS } else { ALONE };
        Ok(sqlx::query_as(claim)
            .bind(self.in_time(lease))
            .bind(self.at.clone())
            .fetch_optional(&mut *self.tx)
            .await?)
    }

    /// Renews the lease of a job, and says how far it is; what the holder is to do.
    pub(crate) async fn renew_job(
        &mut self,
        job: &JobRow,
        lease: SignedDuration,
        progress: Option<&str>,
    ) -> Result<Pulse, StoreError> {
        let asked: Option<i64> = sqlx::query_scalar(
            "UPDATE job SET lease_until = $1, progress = COALESCE($2, progress) \
             WHERE id = $3 AND fence = $4 AND state = 'running' RETURNING cancel_asked",
        )
        .bind(self.in_time(lease))
        .bind(progress.map(str::to_owned))
        .bind(job.id.clone())
        .bind(job.fence)
        .fetch_optional(&mut *self.tx)
        .await?;
        Ok(match asked {
            None => Pulse::Lost,
            Some(0) => Pulse::Held,
            Some(_) => Pulse::Cancel,
        })
    }

    /// Ends a job, if this is still its holder.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when someone else has it: then nothing of this write may be committed.
    pub(crate) async fn end_job(
        &mut self,
        job: &JobRow,
        end: End,
        result: &str,
    ) -> Result<(), StoreError> {
        let ended = sqlx::query(
            "UPDATE job SET state = $1, result = $2, ended_at = $3, lease_until = NULL \
             WHERE id = $4 AND fence = $5 AND state = 'running'",
        )
        .bind(end.as_str())
        .bind(result.to_owned())
        .bind(self.at.clone())
        .bind(job.id.clone())
        .bind(job.fence)
        .execute(&mut *self.tx)
        .await?;
        if ended.rows_affected() == 0 {
            return Err(StoreError::Missing);
        }
        self.audit(&act(end.as_str(), None, &job.event, &job.id))
            .await?;
        Ok(())
    }

    /// Gives a job up that was begun again and again, if this is still its holder.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when someone else has it.
    pub(crate) async fn give_up_job(&mut self, job: &JobRow) -> Result<(), StoreError> {
        let why = serde_json::json!({ "trouble": "it was begun again and again, and never ended" });
        self.end_job(job, End::Failed, &why.to_string()).await
    }

    /// Puts a job back, if this is still its holder: the attempt does not count.
    pub(crate) async fn give_job_back(&mut self, job: &JobRow) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE job SET state = 'queued', lease_until = NULL, attempts = attempts - 1 \
             WHERE id = $1 AND fence = $2 AND state = 'running'",
        )
        .bind(job.id.clone())
        .bind(job.fence)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Puts every job back whose holder is known to be gone: nobody else works on this database.
    pub(crate) async fn give_all_jobs_back(&mut self) -> Result<u64, StoreError> {
        let back = sqlx::query(
            "UPDATE job SET state = 'queued', lease_until = NULL WHERE state = 'running'",
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(back.rows_affected())
    }

    /// Asks for the end of a job: at once where it still waits, else soon.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there, [`StoreError::Blocked`] when it has ended.
    pub(crate) async fn cancel_job(
        &mut self,
        by: &str,
        event: &str,
        id: &str,
    ) -> Result<(), StoreError> {
        let now: Option<(String, String)> = sqlx::query_as(
            "UPDATE job SET cancel_asked = 1, \
             ended_at = CASE state WHEN 'queued' THEN $3 ELSE ended_at END, \
             result = CASE state WHEN 'queued' THEN '{}' ELSE result END, \
             state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END \
             WHERE event = $1 AND id = $2 RETURNING state, COALESCE(ended_at, '')",
        )
        .bind(event.to_owned())
        .bind(id.to_owned())
        .bind(self.at.clone())
        .fetch_optional(&mut *self.tx)
        .await?;
        let Some((state, ended_at)) = now else {
            return Err(StoreError::Missing);
        };
        if matches!(state.as_str(), "done" | "failed") {
            return Err(StoreError::Blocked("the job has ended"));
        }
        let ended = state == "cancelled" && ended_at == self.at;
        let action = if ended { "cancelled" } else { "cancel" };
        self.audit(&act(action, Some(by), event, id)).await?;
        Ok(())
    }
}

fn act<'a>(action: &'static str, account: Option<&'a str>, event: &'a str, id: &'a str) -> Act<'a> {
    Act {
        account,
        action,
        event: Some(event),
        kind: "job",
        id,
        group: None,
    }
}
