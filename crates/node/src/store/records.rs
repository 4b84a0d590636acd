//! Records: everything of an event that people edit. One table, one way to read and to write it.

use sqlx::FromRow;

use super::{Act, Store, StoreError, Write};

/// What a writer believes is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Nothing yet.
    Nothing,
    /// This version.
    Version(i64),
}

impl Expected {
    /// The version after what is there, if that is what was expected; `first` where there is nothing.
    ///
    /// # Errors
    /// [`StoreError::Stale`], [`StoreError::Present`] or [`StoreError::Missing`] when something else is there.
    pub(crate) fn next(self, there: Option<i64>, first: i64) -> Result<i64, StoreError> {
        match (self, there) {
            (Self::Nothing, None) => Ok(first),
            (Self::Nothing, Some(there)) => Err(StoreError::Present(there)),
            (Self::Version(_), None) => Err(StoreError::Missing),
            (Self::Version(version), Some(there)) if version != there => {
                Err(StoreError::Stale(there))
            }
            (Self::Version(version), Some(_)) => Ok(version + 1),
        }
    }
}

/// One thing of an event.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) group_id: Option<String>,
    pub(crate) version: i64,
    /// JSON of its kind.
    pub(crate) body: String,
    pub(crate) changed_at: String,
}

/// Which records to list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordPage<'a> {
    pub(crate) event: &'a str,
    pub(crate) kind: &'a str,
    /// Only this group's; all groups' otherwise.
    pub(crate) group: Option<&'a str>,
    /// The last id of the page before.
    pub(crate) after: &'a str,
    pub(crate) limit: i64,
}

impl Store {
    /// A page of records in order of id.
    pub(crate) async fn records(&self, page: RecordPage<'_>) -> Result<Vec<Record>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, group_id, version, body, changed_at FROM record \
             WHERE event = $1 AND kind = $2 AND id > $3 AND ($4 = '' OR group_id = $4) ORDER BY id LIMIT $5",
        )
        .bind(page.event.to_owned())
        .bind(page.kind.to_owned())
        .bind(page.after.to_owned())
        .bind(page.group.unwrap_or_default().to_owned())
        .bind(page.limit)
        .fetch_all(&self.read)
        .await?)
    }

    /// One record.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn record(
        &self,
        event: &str,
        kind: &str,
        id: &str,
    ) -> Result<Record, StoreError> {
        sqlx::query_as(
            "SELECT id, group_id, version, body, changed_at FROM record \
             WHERE event = $1 AND kind = $2 AND id = $3",
        )
        .bind(event.to_owned())
        .bind(kind.to_owned())
        .bind(id.to_owned())
        .fetch_optional(&self.read)
        .await?
        .ok_or(StoreError::Missing)
    }
}

impl Write {
    /// Writes a record and counts up the event's generation; its new version.
    ///
    /// # Errors
    /// [`StoreError::Stale`] or [`StoreError::Present`] when something else is there than expected.
    pub(crate) async fn put_record(
        &mut self,
        act: &Act<'_>,
        expected: Expected,
        body: &str,
    ) -> Result<i64, StoreError> {
        let event = act.event.unwrap_or_default();
        let generation = self.count_up(event).await?;
        let there = self.version_of(event, act.kind, act.id).await?;
        let version = expected.next(there, generation)?;
        sqlx::query(
            "INSERT INTO record (event, kind, id, group_id, version, body, changed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (event, kind, id) DO UPDATE SET \
             group_id = excluded.group_id, version = excluded.version, body = excluded.body, \
             changed_at = excluded.changed_at",
        )
        .bind(event.to_owned())
        .bind(act.kind.to_owned())
        .bind(act.id.to_owned())
        .bind(act.group.map(str::to_owned))
        .bind(version)
        .bind(body.to_owned())
        .bind(self.at.clone())
        .execute(&mut *self.tx)
        .await?;
        self.follow_owner(act).await?;
        self.audit(act).await?;
        Ok(version)
    }

    /// Writes a record whatever is there, and counts up the event's generation; its new version.
    pub(crate) async fn replace_record(
        &mut self,
        act: &Act<'_>,
        body: &str,
    ) -> Result<i64, StoreError> {
        let event = act.event.unwrap_or_default();
        let there = self.version_of(event, act.kind, act.id).await?;
        let expected = there.map_or(Expected::Nothing, Expected::Version);
        self.put_record(act, expected, body).await
    }

    /// Deletes a record.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there, [`StoreError::Stale`] when it is another version.
    pub(crate) async fn delete_record(
        &mut self,
        act: &Act<'_>,
        version: i64,
    ) -> Result<(), StoreError> {
        let event = act.event.unwrap_or_default();
        let there = self.version_of(event, act.kind, act.id).await?;
        let there = there.ok_or(StoreError::Missing)?;
        if there != version {
            return Err(StoreError::Stale(there));
        }
        sqlx::query("DELETE FROM record WHERE event = $1 AND kind = $2 AND id = $3")
            .bind(event.to_owned())
            .bind(act.kind.to_owned())
            .bind(act.id.to_owned())
            .execute(&mut *self.tx)
            .await?;
        self.leave_with_owner(act).await?;
        self.count_up(event).await?;
        self.audit(act).await?;
        Ok(())
    }

    /// What is about a person goes with her to another group.
    async fn follow_owner(&mut self, act: &Act<'_>) -> Result<(), StoreError> {
        if !matches!(act.kind, "operator" | "speaker") {
            return Ok(());
        }
        for text in [
            "UPDATE record SET group_id = $1 WHERE event = $2 AND id = $3 AND kind IN ('availability', 'busy')",
            "UPDATE calendar SET group_id = $1 WHERE event = $2 AND id = $3",
        ] {
            sqlx::query(text)
                .bind(act.group.map(str::to_owned))
                .bind(act.event.unwrap_or_default().to_owned())
                .bind(format!("{}.{}", act.kind, act.id))
                .execute(&mut *self.tx)
                .await?;
        }
        Ok(())
    }

    /// What is about a person or a group is deleted with it.
    async fn leave_with_owner(&mut self, act: &Act<'_>) -> Result<(), StoreError> {
        if !matches!(act.kind, "operator" | "speaker" | "group") {
            return Ok(());
        }
        for text in [
            "DELETE FROM record WHERE event = $1 AND id = $2 AND kind IN ('availability', 'busy')",
            "DELETE FROM calendar WHERE event = $1 AND id = $2",
        ] {
            sqlx::query(text)
                .bind(act.event.unwrap_or_default().to_owned())
                .bind(format!("{}.{}", act.kind, act.id))
                .execute(&mut *self.tx)
                .await?;
        }
        Ok(())
    }

    async fn version_of(
        &mut self,
        event: &str,
        kind: &str,
        id: &str,
    ) -> Result<Option<i64>, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT version FROM record WHERE event = $1 AND kind = $2 AND id = $3",
        )
        .bind(event.to_owned())
        .bind(kind.to_owned())
        .bind(id.to_owned())
        .fetch_optional(&mut *self.tx)
        .await?)
    }

    /// Counts up an event's generation, which it gives. What is made anew begins there: each change of a thing counts
    /// it up too, so that nothing of that name has ever had such a version, and no old ETag fits what is there now.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such event.
    pub(super) async fn count_up(&mut self, event: &str) -> Result<i64, StoreError> {
        sqlx::query_scalar(
            "UPDATE event SET generation = generation + 1 WHERE id = $1 RETURNING generation",
        )
        .bind(event.to_owned())
        .fetch_optional(&mut *self.tx)
        .await?
        .ok_or(StoreError::Missing)
    }
}
