//! Events, and all that a plan of one is made from.

use sqlx::FromRow;

use super::postgres::BEGIN_SNAPSHOT;
use super::{Act, Expected, Store, StoreError, Write};

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
    pub(crate) group_id: Option<String>,
    pub(crate) body: String,
}

/// The last good copy of a calendar.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct CalendarCopy {
    /// Whose it is, such as `operator.aiko`.
    pub(crate) id: String,
    pub(crate) group_id: Option<String>,
    pub(crate) good_copy: String,
}

/// All that a plan of an event is made from, as it was at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Everything {
    /// Counts every change of any of it.
    pub(crate) generation: i64,
    pub(crate) records: Vec<KindRecord>,
    pub(crate) calendars: Vec<CalendarCopy>,
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
        let mut tx = if self.shared {
            self.read.begin_with(BEGIN_SNAPSHOT).await?
        } else {
            self.read.begin().await?
        };
        let generation: i64 = sqlx::query_scalar("SELECT generation FROM event WHERE id = $1")
            .bind(event.to_owned())
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(StoreError::Missing)?;
        let records = sqlx::query_as(
            "SELECT kind, id, group_id, body FROM record WHERE event = $1 ORDER BY kind, id",
        )
        .bind(event.to_owned())
        .fetch_all(&mut *tx)
        .await?;
        let calendars = sqlx::query_as(
            "SELECT id, group_id, good_copy FROM calendar WHERE event = $1 AND good_copy IS NOT NULL ORDER BY id",
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
    /// Makes an event. Where one of that name was deleted, its numbers go on from there.
    ///
    /// # Errors
    /// [`StoreError::Present`] when there is one of that name.
    pub(crate) async fn make_event(&mut self, by: &str, id: &str) -> Result<(), StoreError> {
        let made = sqlx::query(
            "INSERT INTO event (id, version, generation, created_at) \
             SELECT $1, last + 1, last, $2 FROM (SELECT COALESCE(MAX(value), 0) AS last FROM counter WHERE name = $3) \
             AS before WHERE true ON CONFLICT (id) DO NOTHING",
        )
        .bind(id.to_owned())
        .bind(self.at.clone())
        .bind(past(id))
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

    /// Deletes an event with everything of it.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there, [`StoreError::Stale`] when it is another version.
    pub(crate) async fn delete_event(
        &mut self,
        by: &str,
        id: &str,
        version: i64,
    ) -> Result<(), StoreError> {
        let there: i64 = sqlx::query_scalar("SELECT version FROM event WHERE id = $1")
            .bind(id.to_owned())
            .fetch_optional(&mut *self.tx)
            .await?
            .ok_or(StoreError::Missing)?;
        if there != version {
            return Err(StoreError::Stale(there));
        }
        sqlx::query(
            "INSERT INTO counter (name, value) \
             SELECT $1, CASE WHEN version > generation THEN version ELSE generation END FROM event WHERE id = $2 \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(past(id))
        .bind(id.to_owned())
        .execute(&mut *self.tx)
        .await?;
        sqlx::query("DELETE FROM event WHERE id = $1")
            .bind(id.to_owned())
            .execute(&mut *self.tx)
            .await?;
        self.audit(&Act {
            account: Some(by),
            action: "delete",
            event: Some(id),
            kind: "event",
            id,
            group: None,
        })
        .await?;
        Ok(())
    }

    /// Replaces all records and calendars of an event, if its generation, or that it has none, is as expected.
    ///
    /// # Errors
    /// [`StoreError::Stale`] or [`StoreError::Present`] when it is not.
    pub(crate) async fn replace_everything(
        &mut self,
        by: &str,
        event: &str,
        expected: Expected,
        everything: &Everything,
    ) -> Result<(), StoreError> {
        let generation: i64 = sqlx::query_scalar(
            "UPDATE event SET generation = generation + 1 WHERE id = $1 RETURNING generation - 1",
        )
        .bind(event.to_owned())
        .fetch_optional(&mut *self.tx)
        .await?
        .ok_or(StoreError::Missing)?;
        let filled: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM record WHERE event = $1")
            .bind(event.to_owned())
            .fetch_one(&mut *self.tx)
            .await?;
        match expected {
            Expected::Nothing if filled > 0 => return Err(StoreError::Present(generation)),
            Expected::Version(version) if version != generation => {
                return Err(StoreError::Stale(generation));
            }
            Expected::Nothing | Expected::Version(_) => {}
        }
        for table in [
            "DELETE FROM record WHERE event = $1",
            "DELETE FROM calendar WHERE event = $1",
        ] {
            sqlx::query(table)
                .bind(event.to_owned())
                .execute(&mut *self.tx)
                .await?;
        }
        for record in &everything.records {
            sqlx::query(
                "INSERT INTO record (event, kind, id, group_id, version, body, changed_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(event.to_owned())
            .bind(record.kind.clone())
            .bind(record.id.clone())
            .bind(record.group_id.clone())
            // No version is given twice, so that an ETag of before does not fit what is there now.
            .bind(generation + 1)
            .bind(record.body.clone())
            .bind(self.at.clone())
            .execute(&mut *self.tx)
            .await?;
        }
        for calendar in &everything.calendars {
            sqlx::query(
                "INSERT INTO calendar (event, id, group_id, version, url, good_copy, good_at) \
                 VALUES ($1, $2, $3, $4, '', $5, $6)",
            )
            .bind(event.to_owned())
            .bind(calendar.id.clone())
            .bind(calendar.group_id.clone())
            .bind(generation + 1)
            .bind(calendar.good_copy.clone())
            .bind(self.at.clone())
            .execute(&mut *self.tx)
            .await?;
        }
        self.audit(&Act {
            account: Some(by),
            action: "replace",
            event: Some(event),
            kind: "folder",
            id: event,
            group: None,
        })
        .await?;
        Ok(())
    }
}

/// The counter that remembers how far the numbers of a deleted event went.
fn past(event: &str) -> String {
    format!("event {event}")
}
