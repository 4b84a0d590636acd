//! Calendar feeds: an address that nobody can guess, which its owner can revoke.

use sqlx::FromRow;

use super::{Act, Secret, Store, StoreError, Write};

/// A feed.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct FeedRow {
    pub(crate) id: String,
    pub(crate) event: String,
    /// `event`, `track`, `group`, `person` or `speaker`.
    pub(crate) scope: String,
    /// Which; empty for the event.
    pub(crate) subject: String,
    pub(crate) account: String,
    pub(crate) created_at: String,
}

/// A feed to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewFeed<'a> {
    pub(crate) by: &'a str,
    pub(crate) event: &'a str,
    pub(crate) scope: &'a str,
    pub(crate) subject: &'a str,
}

impl Store {
    /// An account's feeds of an event that were not revoked.
    pub(crate) async fn feeds(
        &self,
        account: &str,
        event: &str,
    ) -> Result<Vec<FeedRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, event, scope, subject, account, created_at FROM feed \
             WHERE account = $1 AND event = $2 AND revoked_at IS NULL ORDER BY created_at, id LIMIT 500",
        )
        .bind(account.to_owned())
        .bind(event.to_owned())
        .fetch_all(&self.read)
        .await?)
    }

    /// The feed behind a secret.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none, or it was revoked.
    pub(crate) async fn feed(&self, secret: &Secret) -> Result<FeedRow, StoreError> {
        sqlx::query_as(
            "SELECT id, event, scope, subject, account, created_at FROM feed \
             WHERE secret = $1 AND revoked_at IS NULL",
        )
        .bind(secret.digest())
        .fetch_optional(&self.read)
        .await?
        .ok_or(StoreError::Missing)
    }
}

impl Write {
    /// Makes a feed; it, and its secret.
    pub(crate) async fn make_feed(
        &mut self,
        new: &NewFeed<'_>,
    ) -> Result<(FeedRow, Secret), StoreError> {
        let (number, secret) = (self.next("feed").await?, Secret::new());
        let row = FeedRow {
            id: format!("f{number}"),
            event: new.event.to_owned(),
            scope: new.scope.to_owned(),
            subject: new.subject.to_owned(),
            account: new.by.to_owned(),
            created_at: self.at.clone(),
        };
        sqlx::query(
            "INSERT INTO feed (id, secret, event, scope, subject, account, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(row.id.clone())
        .bind(secret.digest())
        .bind(row.event.clone())
        .bind(row.scope.clone())
        .bind(row.subject.clone())
        .bind(row.account.clone())
        .bind(row.created_at.clone())
        .execute(&mut *self.tx)
        .await?;
        self.audit(&act("create", new.by, new.event, &row.id))
            .await?;
        Ok((row, secret))
    }

    /// Revokes a feed of an account.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there, not hers, or revoked already.
    pub(crate) async fn revoke_feed(
        &mut self,
        by: &str,
        event: &str,
        id: &str,
    ) -> Result<(), StoreError> {
        let revoked = sqlx::query(
            "UPDATE feed SET revoked_at = $1 WHERE id = $2 AND event = $3 AND account = $4 AND revoked_at IS NULL",
        )
        .bind(self.at.clone())
        .bind(id.to_owned())
        .bind(event.to_owned())
        .bind(by.to_owned())
        .execute(&mut *self.tx)
        .await?;
        if revoked.rows_affected() == 0 {
            return Err(StoreError::Missing);
        }
        self.audit(&act("revoke", by, event, id)).await?;
        Ok(())
    }
}

fn act<'a>(action: &'static str, by: &'a str, event: &'a str, id: &'a str) -> Act<'a> {
    Act {
        account: Some(by),
        action,
        event: Some(event),
        kind: "feed",
        id,
        group: None,
    }
}
