//! Who did what: only ever added to, and the cursor by which changes are followed.

use sqlx::{FromRow, Row};

use super::{Store, StoreError, Write};

/// What someone does to something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act<'a> {
    /// Who; none for the node itself.
    pub(crate) account: Option<&'a str>,
    /// `create`, `change`, `delete`, `publish` …
    pub(crate) action: &'static str,
    /// The event it belongs to.
    pub(crate) event: Option<&'a str>,
    /// The kind of thing.
    pub(crate) kind: &'a str,
    /// Which.
    pub(crate) id: &'a str,
    /// Whose it is.
    pub(crate) group: Option<&'a str>,
}

/// A line of the audit.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Change {
    pub(crate) seq: i64,
    pub(crate) at: String,
    pub(crate) action: String,
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) group_id: Option<String>,
}

impl Write {
    /// Adds a line to the audit.
    pub(crate) async fn audit(&mut self, act: &Act<'_>) -> Result<i64, StoreError> {
        let seq = self.next("audit").await?;
        sqlx::query(
            "INSERT INTO audit (seq, at, account, action, event, kind, id, group_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(seq)
        .bind(self.at.clone())
        .bind(act.account.map(str::to_owned))
        .bind(act.action)
        .bind(act.event.map(str::to_owned))
        .bind(act.kind.to_owned())
        .bind(act.id.to_owned())
        .bind(act.group.map(str::to_owned))
        .execute(&mut *self.tx)
        .await?;
        Ok(seq)
    }
}

impl Store {
    /// Up to `limit` changes of an event after the cursor, oldest first.
    pub(crate) async fn changes(
        &self,
        event: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Change>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT seq, at, action, kind, id, group_id FROM audit \
             WHERE event = $1 AND seq > $2 ORDER BY seq LIMIT $3",
        )
        .bind(event.to_owned())
        .bind(after)
        .bind(limit)
        .fetch_all(&self.read)
        .await?)
    }

    /// The cursor of the newest change.
    pub(crate) async fn newest(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COALESCE(MAX(seq), 0) FROM audit")
            .fetch_one(&self.read)
            .await?;
        Ok(row.try_get(0)?)
    }
}
