//! Swaps and no-shows while an event runs: they stand beside the published plan, which stays as it is.

use sqlx::FromRow;

use super::{Act, Store, StoreError, Write};

/// A swap or a no-show.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct OverrideRow {
    pub(crate) id: String,
    pub(crate) plan: String,
    pub(crate) shift: String,
    /// The group whose shift it is.
    pub(crate) group_id: String,
    /// Who stands in; empty for nobody.
    pub(crate) operator: String,
    pub(crate) reason: String,
    pub(crate) created_at: String,
}

/// One to be kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewOverride<'a> {
    pub(crate) by: &'a str,
    pub(crate) event: &'a str,
    /// The published plan.
    pub(crate) plan: &'a str,
    pub(crate) shift: &'a str,
    pub(crate) group: &'a str,
    pub(crate) operator: &'a str,
    pub(crate) reason: &'a str,
}

impl Store {
    /// The overrides of a plan, the oldest first: a later one of the same shift counts.
    pub(crate) async fn overrides(&self, plan: &str) -> Result<Vec<OverrideRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, plan, shift, group_id, operator, reason, created_at FROM override \
             WHERE plan = $1 ORDER BY number",
        )
        .bind(plan.to_owned())
        .fetch_all(&self.read)
        .await?)
    }
}

impl Write {
    /// Keeps an override of the published plan.
    ///
    /// # Errors
    /// [`StoreError::Blocked`] when another plan was published meanwhile.
    pub(crate) async fn add_override(
        &mut self,
        new: &NewOverride<'_>,
    ) -> Result<OverrideRow, StoreError> {
        let current: Option<String> =
            sqlx::query_scalar("SELECT COALESCE(current_plan, '') FROM event WHERE id = $1")
                .bind(new.event.to_owned())
                .fetch_optional(&mut *self.tx)
                .await?;
        if current.as_deref() != Some(new.plan) {
            return Err(StoreError::Blocked("another plan is published now"));
        }
        let number = self.next("override").await?;
        let row = OverrideRow {
            id: format!("o{number}"),
            plan: new.plan.to_owned(),
            shift: new.shift.to_owned(),
            group_id: new.group.to_owned(),
            operator: new.operator.to_owned(),
            reason: new.reason.to_owned(),
            created_at: self.at.clone(),
        };
        sqlx::query(
            "INSERT INTO override (id, number, event, plan, shift, group_id, operator, reason, account, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(row.id.clone())
        .bind(number)
        .bind(new.event.to_owned())
        .bind(row.plan.clone())
        .bind(row.shift.clone())
        .bind(row.group_id.clone())
        .bind(row.operator.clone())
        .bind(row.reason.clone())
        .bind(new.by.to_owned())
        .bind(row.created_at.clone())
        .execute(&mut *self.tx)
        .await?;
        self.audit(&Act {
            account: Some(new.by),
            action: "create",
            event: Some(new.event),
            kind: "override",
            id: &row.id,
            group: Some(new.group),
        })
        .await?;
        Ok(row)
    }
}
