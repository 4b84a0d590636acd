//! Events, and all that a plan of one is made from.

use sqlx::FromRow;

use super::{Act, Store, StoreError, Write};

/// An event.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct EventRow {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) generation: i64,
    pub(crate) current_plan: Option<String>,
    pub(crate) created_at: String,
    pub(crate) erase_on: Option<String>,
}

/// A record with its kind.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct KindRecord {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) body: String,
}

/// All that a plan of an event is made from, as it was at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Everything {
    /// Counts every change of any of it.
    pub(crate) generation: i64,
    pub(crate) records: Vec<KindRecord>,
    /// The last good copy of each calendar, by whose it is.
    pub(crate) calendars: Vec<(String, String)>,
}

impl Store {
    /// The events after an id, in order.
    pub(crate) async fn events(
        &self,
        after: &str,
        limit: i64,
    ) -> Result<Vec<EventRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, version, generation, current_plan, created_at, erase_on FROM event \
             WHERE id > $1 ORDER BY id LIMIT $2",
        )
        .bind(after.to_owned())
        .bind(limit)
        .fetch_all(&self.read)
        .await?)
    }

    /// One event.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn event(&self, id: &str) -> Result<EventRow, StoreError> {
        sqlx::query_as(
            "SELECT id, version, generation, current_plan, created_at, erase_on FROM event WHERE id = $1",
        )
        .bind(id.to_owned())
        .fetch_optional(&self.read)
        .await?
        .ok_or(StoreError::Missing)
    }

    /// All that a plan of an event is made from, in one read.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such event.
    pub(crate) async fn everything(&self, event: &str) -> Result<Everything, StoreError> {
        let mut tx = self.read.begin().await?;
        let generation: i64 = sqlx::query_scalar("SELECT generation FROM event WHERE id = $1")
            .bind(event.to_owned())
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(StoreError::Missing)?;
        let records =
            sqlx::query_as("SELECT kind, id, body FROM record WHERE event = $1 ORDER BY kind, id")
                .bind(event.to_owned())
                .fetch_all(&mut *tx)
                .await?;
        let calendars = sqlx::query_as(
            "SELECT id, good_copy FROM calendar WHERE event = $1 AND good_copy IS NOT NULL ORDER BY id",
        )
        .bind(event.to_owned())
        .fetch_all(&mut *tx)
        .await?;
        Ok(Everything {
            generation,
            records,
            calendars,
        })
    }
}

impl Write {
    /// Makes an event.
    ///
    /// # Errors
    /// [`StoreError::Present`] when there is one of that name.
    pub(crate) async fn make_event(&mut self, by: &str, id: &str) -> Result<(), StoreError> {
        let made = sqlx::query(
            "INSERT INTO event (id, version, generation, created_at) VALUES ($1, 1, 0, $2) ON CONFLICT (id) DO NOTHING",
        )
        .bind(id.to_owned())
        .bind(self.at.clone())
        .execute(&mut *self.tx)
        .await?;
        if made.rows_affected() == 0 {
            return Err(StoreError::Present(1));
        }
        self.audit(&Act {
            account: Some(by),
            action: "create",
            event: Some(id),
            kind: "event",
            id,
            group: None,
        })
        .await?;
        Ok(())
    }
}
