//! Problem snapshots, plans, what groups answer to them, and the one that is published.

use std::collections::BTreeSet;

use sqlx::FromRow;

use super::{Act, Expected, Store, StoreError, Write};

/// A plan without its document.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct PlanRow {
    pub(crate) id: String,
    pub(crate) number: i64,
    pub(crate) event: String,
    /// The plan that it follows.
    pub(crate) parent: Option<String>,
    pub(crate) release_number: Option<i64>,
    /// `draft`, `proposed`, `published`, `superseded` or `withdrawn`.
    pub(crate) state: String,
    pub(crate) version: i64,
    /// Digest of the problem it answers.
    pub(crate) problem: String,
    pub(crate) job: Option<String>,
    pub(crate) revision: i64,
    /// JSON.
    pub(crate) score: String,
    pub(crate) created_at: String,
}

/// A plan to be kept.
#[derive(Clone, Debug)]
pub(crate) struct NewPlan<'a> {
    pub(crate) event: &'a str,
    pub(crate) parent: Option<&'a str>,
    pub(crate) problem: &'a str,
    pub(crate) job: Option<&'a str>,
    pub(crate) revision: i64,
    pub(crate) score: &'a str,
    pub(crate) body: &'a str,
    pub(crate) by: Option<&'a str>,
}

/// A plan's documents.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Documents {
    /// The problem document.
    pub(crate) problem: String,
    /// The plan document.
    pub(crate) plan: String,
}

/// What a group says of its slice.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct AnswerRow {
    pub(crate) group_id: String,
    pub(crate) version: i64,
    /// `accepted` or `rejected`.
    pub(crate) verdict: String,
    /// JSON of its reasons.
    pub(crate) body: String,
    pub(crate) answered_at: String,
}

/// An answer to be kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict<'a> {
    pub(crate) by: &'a str,
    pub(crate) event: &'a str,
    pub(crate) plan: &'a str,
    pub(crate) group: &'a str,
    pub(crate) verdict: &'a str,
    /// JSON of the reasons.
    pub(crate) reasons: &'a str,
}

impl Store {
    /// One plan of an event.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn plan(&self, event: &str, id: &str) -> Result<PlanRow, StoreError> {
        sqlx::query_as(
            "SELECT id, number, event, parent, release_number, state, version, problem, job, revision, score, \
             created_at FROM plan WHERE event = $1 AND id = $2",
        )
        .bind(event.to_owned())
        .bind(id.to_owned())
        .fetch_optional(&self.read)
        .await?
        .ok_or(StoreError::Missing)
    }

    /// The plans of an event made before the one of that number, the newest first.
    pub(crate) async fn plans(
        &self,
        event: &str,
        before: i64,
        limit: i64,
    ) -> Result<Vec<PlanRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, number, event, parent, release_number, state, version, problem, job, revision, score, \
             created_at FROM plan WHERE event = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
        )
        .bind(event.to_owned())
        .bind(before)
        .bind(limit)
        .fetch_all(&self.read)
        .await?)
    }

    /// A plan's documents.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn documents(&self, plan: &str) -> Result<Documents, StoreError> {
        sqlx::query_as(
            "SELECT r.body AS problem, p.body AS plan FROM plan p JOIN problem r ON r.digest = p.problem WHERE p.id = $1",
        )
        .bind(plan.to_owned())
        .fetch_optional(&self.read)
        .await?
        .ok_or(StoreError::Missing)
    }

    /// A problem snapshot.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn problem(&self, digest: &str) -> Result<String, StoreError> {
        sqlx::query_scalar("SELECT body FROM problem WHERE digest = $1")
            .bind(digest.to_owned())
            .fetch_optional(&self.read)
            .await?
            .ok_or(StoreError::Missing)
    }

    /// A problem snapshot of that event.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn snapshot(&self, event: &str, digest: &str) -> Result<String, StoreError> {
        sqlx::query_scalar("SELECT body FROM problem WHERE event = $1 AND digest = $2")
            .bind(event.to_owned())
            .bind(digest.to_owned())
            .fetch_optional(&self.read)
            .await?
            .ok_or(StoreError::Missing)
    }

    /// What groups said of a plan, by group.
    pub(crate) async fn answers(&self, plan: &str) -> Result<Vec<AnswerRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT group_id, version, verdict, body, answered_at FROM answer WHERE plan = $1 ORDER BY group_id",
        )
        .bind(plan.to_owned())
        .fetch_all(&self.read)
        .await?)
    }
}

impl Write {
    /// Keeps a problem as it was at one moment; one that is kept already is as if it were new.
    pub(crate) async fn keep_problem(
        &mut self,
        event: &str,
        generation: i64,
        digest: &str,
        body: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO problem (digest, event, generation, body, created_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (digest) DO UPDATE SET created_at = excluded.created_at",
        )
        .bind(digest.to_owned())
        .bind(event.to_owned())
        .bind(generation)
        .bind(body.to_owned())
        .bind(self.at.clone())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Keeps a plan as a draft; its id.
    pub(crate) async fn make_plan(&mut self, plan: &NewPlan<'_>) -> Result<String, StoreError> {
        let number = self.next("plan").await?;
        let id = format!("p{number}");
        sqlx::query(
            "INSERT INTO plan (id, number, event, parent, state, version, problem, job, revision, score, body, \
             created_by, created_at) VALUES ($1, $2, $3, $4, 'draft', 1, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(id.clone())
        .bind(number)
        .bind(plan.event.to_owned())
        .bind(plan.parent.map(str::to_owned))
        .bind(plan.problem.to_owned())
        .bind(plan.job.map(str::to_owned))
        .bind(plan.revision)
        .bind(plan.score.to_owned())
        .bind(plan.body.to_owned())
        .bind(plan.by.map(str::to_owned))
        .bind(self.at.clone())
        .execute(&mut *self.tx)
        .await?;
        self.audit(&act("create", plan.by, plan.event, &id)).await?;
        Ok(id)
    }

    /// Shows a draft to the groups; the plan's new version.
    ///
    /// # Errors
    /// [`StoreError`]: not there, changed meanwhile, or no draft.
    pub(crate) async fn propose_plan(
        &mut self,
        by: &str,
        (event, id): (&str, &str),
        version: i64,
    ) -> Result<i64, StoreError> {
        let plan = self.plan_at(event, id, version).await?;
        if plan.state != "draft" {
            return Err(StoreError::Blocked("only a draft can be proposed"));
        }
        self.move_plan(by, "propose", &plan, "proposed").await
    }

    /// Takes a plan back that is not published; its new version.
    ///
    /// # Errors
    /// [`StoreError`]: not there, changed meanwhile, or published.
    pub(crate) async fn withdraw_plan(
        &mut self,
        by: &str,
        (event, id): (&str, &str),
        version: i64,
    ) -> Result<i64, StoreError> {
        let plan = self.plan_at(event, id, version).await?;
        if !matches!(plan.state.as_str(), "draft" | "proposed") {
            return Err(StoreError::Blocked(
                "only a draft or a proposed plan can be withdrawn: what is published is followed by another",
            ));
        }
        self.move_plan(by, "withdraw", &plan, "withdrawn").await
    }

    /// Publishes a plan, if the plan that it follows is still the published one, and all of `groups` accepted it;
    /// its new version.
    ///
    /// # Errors
    /// [`StoreError`]: not there, changed meanwhile, published or withdrawn already, or another was published.
    pub(crate) async fn release_plan(
        &mut self,
        by: &str,
        (event, id): (&str, &str),
        version: i64,
        groups: &BTreeSet<String>,
    ) -> Result<i64, StoreError> {
        let plan = self.plan_at(event, id, version).await?;
        if !matches!(plan.state.as_str(), "draft" | "proposed") {
            return Err(StoreError::Blocked("it is published or withdrawn already"));
        }
        let accepted: Vec<String> = sqlx::query_scalar(
            "SELECT group_id FROM answer WHERE plan = $1 AND verdict = 'accepted'",
        )
        .bind(id.to_owned())
        .fetch_all(&mut *self.tx)
        .await?;
        if !groups.iter().all(|group| accepted.contains(group)) {
            return Err(StoreError::Blocked("not every group in it has accepted it"));
        }
        // This locks the event's row: releases of one event happen one after the other.
        let moved = sqlx::query(
            "UPDATE event SET current_plan = $1, version = version + 1 \
             WHERE id = $2 AND COALESCE(current_plan, '') = $3",
        )
        .bind(id.to_owned())
        .bind(event.to_owned())
        .bind(plan.parent.clone().unwrap_or_default())
        .execute(&mut *self.tx)
        .await?;
        if moved.rows_affected() == 0 {
            return Err(StoreError::Blocked(
                "another plan was published after this one was made: make a new one that follows it",
            ));
        }
        sqlx::query(
            "UPDATE plan SET state = 'superseded', version = version + 1 WHERE event = $1 AND state = 'published'",
        )
        .bind(event.to_owned())
        .execute(&mut *self.tx)
        .await?;
        sqlx::query(
            "UPDATE plan SET release_number = \
             (SELECT COALESCE(MAX(r.release_number), 0) + 1 FROM plan r WHERE r.event = $1) WHERE id = $2",
        )
        .bind(event.to_owned())
        .bind(id.to_owned())
        .execute(&mut *self.tx)
        .await?;
        self.move_plan(by, "publish", &plan, "published").await
    }

    /// Keeps what a group says of its slice of a proposed plan; the answer's version.
    ///
    /// # Errors
    /// [`StoreError`]: not there, changed meanwhile, or the plan is not proposed.
    pub(crate) async fn answer_plan(
        &mut self,
        answer: &Verdict<'_>,
        expected: Expected,
    ) -> Result<i64, StoreError> {
        let state: Option<String> =
            sqlx::query_scalar("SELECT state FROM plan WHERE event = $1 AND id = $2")
                .bind(answer.event.to_owned())
                .bind(answer.plan.to_owned())
                .fetch_optional(&mut *self.tx)
                .await?;
        match state.as_deref() {
            None => return Err(StoreError::Missing),
            Some("proposed") => {}
            Some(_) => return Err(StoreError::Blocked("only a proposed plan is answered")),
        }
        let there: Option<i64> =
            sqlx::query_scalar("SELECT version FROM answer WHERE plan = $1 AND group_id = $2")
                .bind(answer.plan.to_owned())
                .bind(answer.group.to_owned())
                .fetch_optional(&mut *self.tx)
                .await?;
        let version = expected.next(there, 1)?;
        sqlx::query(
            "INSERT INTO answer (plan, group_id, version, verdict, body, account, answered_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (plan, group_id) DO UPDATE SET \
             version = excluded.version, verdict = excluded.verdict, body = excluded.body, \
             account = excluded.account, answered_at = excluded.answered_at",
        )
        .bind(answer.plan.to_owned())
        .bind(answer.group.to_owned())
        .bind(version)
        .bind(answer.verdict.to_owned())
        .bind(answer.reasons.to_owned())
        .bind(answer.by.to_owned())
        .bind(self.at.clone())
        .execute(&mut *self.tx)
        .await?;
        self.audit(&Act {
            account: Some(answer.by),
            action: "answer",
            event: Some(answer.event),
            kind: "plan",
            id: answer.plan,
            group: Some(answer.group),
        })
        .await?;
        Ok(version)
    }

    async fn plan_at(
        &mut self,
        event: &str,
        id: &str,
        version: i64,
    ) -> Result<PlanRow, StoreError> {
        let plan: Option<PlanRow> = sqlx::query_as(
            "SELECT id, number, event, parent, release_number, state, version, problem, job, revision, score, \
             created_at FROM plan WHERE event = $1 AND id = $2",
        )
        .bind(event.to_owned())
        .bind(id.to_owned())
        .fetch_optional(&mut *self.tx)
        .await?;
        let plan = plan.ok_or(StoreError::Missing)?;
        if plan.version != version {
            return Err(StoreError::Stale(plan.version));
        }
        Ok(plan)
    }

    async fn move_plan(
        &mut self,
        by: &str,
        action: &'static str,
        plan: &PlanRow,
        state: &str,
    ) -> Result<i64, StoreError> {
        let moved = sqlx::query(
            "UPDATE plan SET state = $1, version = version + 1 WHERE id = $2 AND version = $3",
        )
        .bind(state.to_owned())
        .bind(plan.id.clone())
        .bind(plan.version)
        .execute(&mut *self.tx)
        .await?;
        if moved.rows_affected() == 0 {
            return Err(StoreError::Stale(plan.version + 1));
        }
        self.audit(&act(action, Some(by), &plan.event, &plan.id))
            .await?;
        Ok(plan.version + 1)
    }
}

fn act<'a>(action: &'static str, account: Option<&'a str>, event: &'a str, id: &'a str) -> Act<'a> {
    Act {
        account,
        action,
        event: Some(event),
        kind: "plan",
        id,
        group: None,
    }
}
