//! Calendars: handed in, or fetched from where they are kept; always with the last copy that could be read.

use sqlx::FromRow;

use super::{Act, Expected, Store, StoreError, Write};

/// A calendar.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct CalendarRow {
    pub(crate) event: String,
    /// Whose: `operator.ID`, `speaker.ID` or `group.ID`.
    pub(crate) id: String,
    pub(crate) group_id: Option<String>,
    /// Counts what people change, not what is fetched.
    pub(crate) version: i64,
    /// Empty for one that was handed in.
    pub(crate) url: String,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    pub(crate) good_at: Option<String>,
    pub(crate) polled_at: Option<String>,
    pub(crate) trouble: Option<String>,
}

const COLUMNS: &str = "SELECT event, id, group_id, version, url, etag, last_modified, good_at, polled_at, trouble FROM calendar";

/// What came of fetching a calendar.
#[derive(Clone, Debug, Default)]
pub(crate) struct Polled {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// What it is now, if it could be read.
    pub(crate) good_copy: Option<String>,
    /// Why it could not be fetched or read.
    pub(crate) trouble: Option<String>,
}

impl Store {
    /// The calendars of an event after an id, in order.
    pub(crate) async fn calendars(
        &self,
        event: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<CalendarRow>, StoreError> {
        let text = format!("{COLUMNS} WHERE event = $1 AND id > $2 ORDER BY id LIMIT $3");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(event.to_owned())
            .bind(after.to_owned())
            .bind(limit)
            .fetch_all(&self.read)
            .await?)
    }

    /// One calendar.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn calendar(&self, event: &str, id: &str) -> Result<CalendarRow, StoreError> {
        let text = format!("{COLUMNS} WHERE event = $1 AND id = $2");
        sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(event.to_owned())
            .bind(id.to_owned())
            .fetch_optional(&self.read)
            .await?
            .ok_or(StoreError::Missing)
    }

    /// Calendars that were not asked for since `before`, the longest first.
    pub(crate) async fn due_calendars(
        &self,
        before: &str,
        limit: i64,
    ) -> Result<Vec<CalendarRow>, StoreError> {
        let text = format!(
            "{COLUMNS} WHERE url <> '' AND COALESCE(polled_at, '') < $1 ORDER BY COALESCE(polled_at, ''), event, id LIMIT $2"
        );
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(before.to_owned())
            .bind(limit)
            .fetch_all(&self.read)
            .await?)
    }
}

impl Write {
    /// Writes where a calendar is fetched from, or the copy that was handed in; its new version.
    ///
    /// # Errors
    /// [`StoreError::Stale`] or [`StoreError::Present`] when something else is there than expected.
    pub(crate) async fn put_calendar(
        &mut self,
        act: &Act<'_>,
        expected: Expected,
        url: &str,
        copy: Option<&str>,
    ) -> Result<i64, StoreError> {
        let event = act.event.unwrap_or_default();
        let generation = self.count_up(event).await?;
        let there = self.calendar_version(event, act.id).await?;
        let version = expected.next(there, generation)?;
        sqlx::query(
            "INSERT INTO calendar (event, id, group_id, version, url, good_copy, good_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (event, id) DO UPDATE SET \
             group_id = excluded.group_id, version = excluded.version, url = excluded.url, \
             good_copy = excluded.good_copy, good_at = excluded.good_at, \
             etag = NULL, last_modified = NULL, polled_at = NULL, trouble = NULL",
        )
        .bind(event.to_owned())
        .bind(act.id.to_owned())
        .bind(act.group.map(str::to_owned))
        .bind(version)
        .bind(url.to_owned())
        .bind(copy.map(str::to_owned))
        .bind(copy.map(|_| self.at.clone()))
        .execute(&mut *self.tx)
        .await?;
        self.audit(act).await?;
        Ok(version)
    }

    /// Deletes a calendar and its copy.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there, [`StoreError::Stale`] when it is another version.
    pub(crate) async fn delete_calendar(
        &mut self,
        act: &Act<'_>,
        version: i64,
    ) -> Result<(), StoreError> {
        let event = act.event.unwrap_or_default();
        let there = self.calendar_version(event, act.id).await?;
        Expected::Version(version).next(there, 1)?;
        sqlx::query("DELETE FROM calendar WHERE event = $1 AND id = $2")
            .bind(event.to_owned())
            .bind(act.id.to_owned())
            .execute(&mut *self.tx)
            .await?;
        self.count_up(event).await?;
        self.audit(act).await?;
        Ok(())
    }

    /// Lets a calendar be fetched next.
    pub(crate) async fn hurry_calendar(&mut self, event: &str, id: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE calendar SET polled_at = NULL WHERE event = $1 AND id = $2")
            .bind(event.to_owned())
            .bind(id.to_owned())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Takes it on oneself to fetch a calendar; whether nobody else did.
    pub(crate) async fn claim_calendar(&mut self, row: &CalendarRow) -> Result<bool, StoreError> {
        let claimed = sqlx::query(
            "UPDATE calendar SET polled_at = $1 WHERE event = $2 AND id = $3 AND version = $4 \
             AND COALESCE(polled_at, '') = $5",
        )
        .bind(self.at.clone())
        .bind(row.event.clone())
        .bind(row.id.clone())
        .bind(row.version)
        .bind(row.polled_at.clone().unwrap_or_default())
        .execute(&mut *self.tx)
        .await?;
        Ok(claimed.rows_affected() == 1)
    }

    /// Writes what came of fetching; nothing when the calendar is another one by now. A copy that says something new
    /// counts up the event's generation.
    pub(crate) async fn polled(
        &mut self,
        row: &CalendarRow,
        polled: &Polled,
    ) -> Result<(), StoreError> {
        if let Some(copy) = &polled.good_copy {
            let renewed = sqlx::query(
                "UPDATE calendar SET good_copy = $1 WHERE event = $2 AND id = $3 AND version = $4 \
                 AND COALESCE(good_copy, '') <> $1",
            )
            .bind(copy.clone())
            .bind(row.event.clone())
            .bind(row.id.clone())
            .bind(row.version)
            .execute(&mut *self.tx)
            .await?;
            if renewed.rows_affected() == 1 {
                self.count_up(&row.event).await?;
                self.audit(&Act {
                    account: None,
                    action: "change",
                    event: Some(&row.event),
                    kind: "calendar",
                    id: &row.id,
                    group: row.group_id.as_deref(),
                })
                .await?;
            }
        }
        sqlx::query(
            "UPDATE calendar SET etag = $1, last_modified = $2, trouble = $3, \
             good_at = CASE WHEN $3 = '' THEN $4 ELSE good_at END \
             WHERE event = $5 AND id = $6 AND version = $7",
        )
        .bind(polled.etag.clone())
        .bind(polled.last_modified.clone())
        .bind(polled.trouble.clone().unwrap_or_default())
        .bind(self.at.clone())
        .bind(row.event.clone())
        .bind(row.id.clone())
        .bind(row.version)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn calendar_version(&mut self, event: &str, id: &str) -> Result<Option<i64>, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT version FROM calendar WHERE event = $1 AND id = $2")
                .bind(event.to_owned())
                .bind(id.to_owned())
                .fetch_optional(&mut *self.tx)
                .await?,
        )
    }
}
