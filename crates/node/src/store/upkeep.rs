//! What keeps the store itself in order: a copy while it runs, and whether it is whole.
//!
//! A PostgreSQL database is backed up with its own tools.

use std::path::Path;

use sqlx::Row;

use super::{Lead, Store, StoreError};

/// A group, and who leads it.
#[derive(Clone, Debug)]
pub(crate) struct Led {
    pub(crate) event: String,
    pub(crate) group: String,
    pub(crate) lead: Lead,
}

impl Store {
    /// Writes the whole database, as it is at one moment, to a file that is not there yet.
    ///
    /// # Errors
    /// When the database or the file fails.
    pub(crate) async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        sqlx::query("VACUUM INTO $1")
            .bind(file.display().to_string())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// All that the database finds wrong with itself; nothing when it is whole.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub(crate) async fn ailments(&self) -> Result<Vec<String>, StoreError> {
        if self.shared {
            return self.unsafe_settings().await;
        }
        let mut found = Vec::new();
        for row in sqlx::query("PRAGMA integrity_check")
            .fetch_all(&self.read)
            .await?
        {
            let said: String = row.try_get(0)?;
            if said != "ok" {
                found.push(said);
            }
        }
        for row in sqlx::query("PRAGMA foreign_key_check")
            .fetch_all(&self.read)
            .await?
        {
            let table: String = row.try_get(0)?;
            found.push(format!(
                "a row of {table} belongs to something that is not there"
            ));
        }
        Ok(found)
    }

    /// How a PostgreSQL server could lose what was acknowledged, or has lost some already.
    async fn unsafe_settings(&self) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        for setting in ["fsync", "full_page_writes"] {
            let on: String = sqlx::query_scalar("SELECT current_setting($1)")
                .bind(setting)
                .fetch_one(&self.read)
                .await?;
            if on != "on" {
                found.push(format!(
                    "{setting} is {on} on the server: after a power cut, what was written may be lost or damaged"
                ));
            }
        }
        let damaged: i64 = sqlx::query_scalar(
            "SELECT COALESCE(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()",
        )
        .fetch_one(&self.read)
        .await?;
        if damaged > 0 {
            found.push(format!(
                "{damaged} pages of the database were damaged when they were read"
            ));
        }
        Ok(found)
    }

    /// Every group of every event, and how many lead it.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn led(&self) -> Result<Vec<Led>, StoreError> {
        let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
            "SELECT r.event, r.id, COUNT(CASE WHEN m.role = 'leader' THEN 1 END), \
             COUNT(CASE WHEN m.role = 'deputy' THEN 1 END) \
             FROM record r LEFT JOIN membership m ON m.event = r.event AND m.group_id = r.id \
             WHERE r.kind = 'group' GROUP BY r.event, r.id ORDER BY r.event, r.id",
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(event, group, leaders, deputies)| Led {
                event,
                group,
                lead: Lead { leaders, deputies },
            })
            .collect())
    }

    /// How many admins there are.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn admins(&self) -> Result<i64, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT COUNT(*) FROM account WHERE admin = 1")
                .fetch_one(&self.read)
                .await?,
        )
    }
}
