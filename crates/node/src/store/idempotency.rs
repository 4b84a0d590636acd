//! Requests that are done once, however often they are sent.

use jiff::{SignedDuration, Timestamp};
use sqlx::FromRow;

use super::{StoreError, Write, stamp};

/// How long a request is remembered.
const MEMORY: SignedDuration = SignedDuration::from_hours(24);

/// What became of a request.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Done {
    /// The digest of the request.
    pub(crate) request: String,
    /// The status it was answered with; 0 while that is not known.
    pub(crate) status: i64,
    /// Headers of the answer, as JSON.
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Write {
    /// Takes note that a request begins; what became of an earlier one by the same key, if there was one.
    pub(crate) async fn begin_once(
        &mut self,
        (account, key): (&str, &str),
        request: &str,
    ) -> Result<Option<Done>, StoreError> {
        let now = Timestamp::now();
        sqlx::query("DELETE FROM idempotency WHERE created_at < $1")
            .bind(stamp(now.checked_sub(MEMORY).unwrap_or(now)))
            .execute(&mut *self.tx)
            .await?;
        let begun = sqlx::query(
            "INSERT INTO idempotency (account, key, request, status, headers, body, created_at) \
             VALUES ($1, $2, $3, 0, '', '', $4) ON CONFLICT (account, key) DO NOTHING",
        )
        .bind(account.to_owned())
        .bind(key.to_owned())
        .bind(request.to_owned())
        .bind(self.at.clone())
        .execute(&mut *self.tx)
        .await?;
        if begun.rows_affected() == 1 {
            return Ok(None);
        }
        Ok(sqlx::query_as(
            "SELECT request, status, headers, body FROM idempotency WHERE account = $1 AND key = $2",
        )
        .bind(account.to_owned())
        .bind(key.to_owned())
        .fetch_optional(&mut *self.tx)
        .await?)
    }

    /// Takes note of how a request was answered; of one that may be tried again, nothing stays.
    pub(crate) async fn end_once(
        &mut self,
        (account, key): (&str, &str),
        done: Option<&Done>,
    ) -> Result<(), StoreError> {
        match done {
            None => {
                sqlx::query("DELETE FROM idempotency WHERE account = $1 AND key = $2")
                    .bind(account.to_owned())
                    .bind(key.to_owned())
                    .execute(&mut *self.tx)
                    .await?;
            }
            Some(done) => {
                sqlx::query(
                    "UPDATE idempotency SET status = $1, headers = $2, body = $3 WHERE account = $4 AND key = $5",
                )
                .bind(done.status)
                .bind(done.headers.clone())
                .bind(done.body.clone())
                .bind(account.to_owned())
                .bind(key.to_owned())
                .execute(&mut *self.tx)
                .await?;
            }
        }
        Ok(())
    }
}
