//! What is not kept for ever: jobs that have ended, drafts that nobody published, and the problems that nothing
//! answers any more. What was proposed or published stays, with its problem.

use super::{Act, StoreError, Write};

/// No job of the event waits or works: such a job may need any of its plans and problems.
macro_rules! idle {
    ($table:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM job WHERE job.event = ",
            $table,
            ".event AND job.state IN ('queued', 'running'))"
        )
    };
}

/// How much was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forgotten {
    pub(crate) jobs: usize,
    pub(crate) plans: usize,
    pub(crate) problems: u64,
}

impl Write {
    /// Deletes what has lain since before that instant and is not needed.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn forget_old(&mut self, before: &str) -> Result<Forgotten, StoreError> {
        let jobs = self
            .forget(
                "DELETE FROM job WHERE state IN ('done', 'failed', 'cancelled') AND ended_at < $1 RETURNING event, id",
                before,
                "job",
            )
            .await?;
        let plans = self
            .forget(
                concat!(
                    "DELETE FROM plan WHERE state IN ('draft', 'withdrawn') AND created_at < $1 AND ",
                    idle!("plan"),
                    " RETURNING event, id"
                ),
                before,
                "plan",
            )
            .await?;
        let problems = sqlx::query(concat!(
            "DELETE FROM problem WHERE created_at < $1 AND digest NOT IN (SELECT problem FROM plan) AND ",
            idle!("problem")
        ))
        .bind(before.to_owned())
        .execute(&mut *self.tx)
        .await?;
        Ok(Forgotten {
            jobs,
            plans,
            problems: problems.rows_affected(),
        })
    }

    async fn forget(
        &mut self,
        text: &'static str,
        before: &str,
        kind: &'static str,
    ) -> Result<usize, StoreError> {
        let gone: Vec<(String, String)> = sqlx::query_as(text)
            .bind(before.to_owned())
            .fetch_all(&mut *self.tx)
            .await?;
        for (event, id) in &gone {
            self.audit(&Act {
                account: None,
                action: "forget",
                event: Some(event),
                kind,
                id,
                group: None,
            })
            .await?;
        }
        Ok(gone.len())
    }
}
