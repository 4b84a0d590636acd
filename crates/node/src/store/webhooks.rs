//! Webhooks: where programs are told what changes, how far each of them was told, and what became of it.
//!
//! What is to be told is in the audit. Whoever tells a program holds a lease and a fence, as with jobs: only the holder
//! of the newest fence can move its cursor. Whatever people change counts the fence up.

use jiff::SignedDuration;
use sqlx::FromRow;

use super::{Act, Store, StoreError, Write};

/// How many outcomes are kept of each webhook.
pub(crate) const KEPT: i64 = 100;

/// A webhook, without its secrets.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct WebhookRow {
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) version: i64,
    pub(crate) url: String,
    /// JSON list; empty for all kinds.
    pub(crate) kinds: String,
    /// Who last registered or changed it.
    pub(crate) account: String,
    pub(crate) created_at: String,
    pub(crate) mark: String,
    pub(crate) old_until: Option<String>,
    pub(crate) live: i64,
    pub(crate) trouble: Option<String>,
    /// The last change that it was told of.
    pub(crate) told: i64,
    pub(crate) fails: i64,
    pub(crate) failing_since: Option<String>,
    pub(crate) next_try: String,
    pub(crate) fence: i64,
}

const COLUMNS: &str = "id, event, version, url, kinds, account, created_at, mark, old_until, live, trouble, told, \
     fails, failing_since, next_try, fence";

/// What its messages are signed with.
#[derive(Clone, FromRow)]
pub(crate) struct Keys {
    pub(crate) secret: String,
    old_secret: Option<String>,
    old_until: Option<String>,
}

impl Keys {
    /// The secrets that sign now, the newest first.
    pub(crate) fn signing(&self, at: &str) -> Vec<&str> {
        let lasts = self.old_until.as_deref().is_some_and(|until| until > at);
        let old = self.old_secret.as_deref().filter(|_| lasts);
        std::iter::once(self.secret.as_str()).chain(old).collect()
    }
}

/// What became of one message.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct DeliveryRow {
    pub(crate) message: String,
    pub(crate) kind: String,
    pub(crate) seq: i64,
    pub(crate) at: String,
    pub(crate) status: i64,
    pub(crate) trouble: String,
}

/// A webhook to be registered.
#[derive(Clone, Copy)]
pub(crate) struct NewWebhook<'a> {
    pub(crate) by: &'a str,
    pub(crate) event: &'a str,
    pub(crate) url: &'a str,
    /// JSON list.
    pub(crate) kinds: &'a str,
    pub(crate) live: bool,
}

/// A message that was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent<'a> {
    pub(crate) message: &'a str,
    pub(crate) kind: &'a str,
    /// The change that it tells; 0 for a test.
    pub(crate) seq: i64,
    /// 0 when there was none.
    pub(crate) status: u16,
    /// Empty when it was taken.
    pub(crate) trouble: &'a str,
}

/// What follows from an attempt to tell of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// It was taken: the holder goes on, for another lease.
    Taken(SignedDuration),
    /// It was not, and is tried again after that wait.
    Again(SignedDuration),
    /// It was not, and nothing is sent any more.
    Off,
}

impl Store {
    /// The webhooks of an event, in the order in which they were registered.
    pub(crate) async fn webhooks(&self, event: &str) -> Result<Vec<WebhookRow>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM webhook WHERE event = $1 ORDER BY number");
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(event.to_owned())
            .fetch_all(&self.read)
            .await?)
    }

    /// One webhook.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn webhook(&self, event: &str, id: &str) -> Result<WebhookRow, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM webhook WHERE event = $1 AND id = $2");
        sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(event.to_owned())
            .bind(id.to_owned())
            .fetch_optional(&self.read)
            .await?
            .ok_or(StoreError::Missing)
    }

    /// What a webhook's messages are signed with.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn keys(&self, webhook: &str) -> Result<Keys, StoreError> {
        sqlx::query_as("SELECT secret, old_secret, old_until FROM webhook WHERE id = $1")
            .bind(webhook.to_owned())
            .fetch_optional(&self.read)
            .await?
            .ok_or(StoreError::Missing)
    }

    /// What became of the last messages to a webhook, the newest first.
    pub(crate) async fn deliveries(&self, webhook: &str) -> Result<Vec<DeliveryRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT message, kind, seq, at, status, trouble FROM delivery WHERE webhook = $1 ORDER BY number DESC",
        )
        .bind(webhook.to_owned())
        .fetch_all(&self.read)
        .await?)
    }

    /// The webhooks that nobody tells now, although there may be something to tell; who waits the longest first.
    pub(crate) async fn due_webhooks(&self, limit: i64) -> Result<Vec<WebhookRow>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM webhook w WHERE live = 1 AND next_try <= $1 \
             AND COALESCE(lease_until, '') < $1 \
             AND EXISTS (SELECT 1 FROM audit a WHERE a.event = w.event AND a.seq > w.told) \
             ORDER BY next_try, id LIMIT $2"
        );
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(self.clock().await?)
            .bind(limit)
            .fetch_all(&self.read)
            .await?)
    }
}

impl Write {
    /// Registers a webhook, to be told of what changes from now on; its id.
    pub(crate) async fn make_webhook(
        &mut self,
        new: &NewWebhook<'_>,
        secret: &str,
    ) -> Result<String, StoreError> {
        let number = self.next("webhook").await?;
        let id = format!("w{number}");
        let told = self
            .audit(&act("create", Some(new.by), new.event, &id))
            .await?;
        sqlx::query(
            "INSERT INTO webhook (id, number, event, version, url, kinds, account, created_at, mark, secret, live, \
             told, next_try) VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $7)",
        )
        .bind(id.clone())
        .bind(number)
        .bind(new.event.to_owned())
        .bind(new.url.to_owned())
        .bind(new.kinds.to_owned())
        .bind(new.by.to_owned())
        .bind(self.at.clone())
        .bind(mark())
        .bind(secret.to_owned())
        .bind(i64::from(new.live))
        .bind(told)
        .execute(&mut *self.tx)
        .await?;
        Ok(id)
    }

    /// Changes a webhook: what it was not told yet is tried at once, and anew; its new version.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there, [`StoreError::Stale`] when it is another version.
    pub(crate) async fn change_webhook(
        &mut self,
        id: &str,
        version: i64,
        new: &NewWebhook<'_>,
    ) -> Result<i64, StoreError> {
        self.webhook_at(new.event, id, version).await?;
        let changed = sqlx::query(
            "UPDATE webhook SET version = version + 1, url = $1, kinds = $2, account = $3, live = $4, fails = 0, \
             failing_since = NULL, trouble = NULL, next_try = $5, lease_until = NULL, fence = fence + 1 \
             WHERE event = $6 AND id = $7 AND version = $8",
        )
        .bind(new.url.to_owned())
        .bind(new.kinds.to_owned())
        .bind(new.by.to_owned())
        .bind(i64::from(new.live))
        .bind(self.at.clone())
        .bind(new.event.to_owned())
        .bind(id.to_owned())
        .bind(version)
        .execute(&mut *self.tx)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Stale(version + 1));
        }
        self.audit(&act("change", Some(new.by), new.event, id))
            .await?;
        Ok(version + 1)
    }

    /// Deletes a webhook, and what is kept of its messages.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there, [`StoreError::Stale`] when it is another version.
    pub(crate) async fn delete_webhook(
        &mut self,
        by: &str,
        (event, id): (&str, &str),
        version: i64,
    ) -> Result<(), StoreError> {
        self.webhook_at(event, id, version).await?;
        sqlx::query("DELETE FROM webhook WHERE event = $1 AND id = $2")
            .bind(event.to_owned())
            .bind(id.to_owned())
            .execute(&mut *self.tx)
            .await?;
        self.audit(&act("delete", Some(by), event, id)).await?;
        Ok(())
    }

    /// Gives a webhook another secret; the one before signs as well until then.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn rotate_webhook(
        &mut self,
        by: &str,
        (event, id): (&str, &str),
        secret: &str,
        until: &str,
    ) -> Result<(), StoreError> {
        let rotated = sqlx::query(
            "UPDATE webhook SET version = version + 1, old_secret = secret, old_until = $1, secret = $2, \
             lease_until = NULL, fence = fence + 1 WHERE event = $3 AND id = $4",
        )
        .bind(until.to_owned())
        .bind(secret.to_owned())
        .bind(event.to_owned())
        .bind(id.to_owned())
        .execute(&mut *self.tx)
        .await?;
        one(rotated.rows_affected())?;
        self.audit(&act("rotate", Some(by), event, id)).await?;
        Ok(())
    }

    /// Tells a webhook again, from after that change on; of another event that had this name before it is told nothing.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn replay_webhook(
        &mut self,
        by: &str,
        (event, id): (&str, &str),
        after: i64,
    ) -> Result<(), StoreError> {
        let before: i64 = sqlx::query_scalar(
            "SELECT COALESCE(MAX(seq), 0) FROM audit WHERE event = $1 AND kind = 'event' AND action = 'delete'",
        )
        .bind(event.to_owned())
        .fetch_one(&mut *self.tx)
        .await?;
        let replayed = sqlx::query(
            "UPDATE webhook SET told = $1, fails = 0, failing_since = NULL, trouble = NULL, next_try = $2, \
             lease_until = NULL, fence = fence + 1 WHERE event = $3 AND id = $4",
        )
        .bind(after.max(before))
        .bind(self.at.clone())
        .bind(event.to_owned())
        .bind(id.to_owned())
        .execute(&mut *self.tx)
        .await?;
        one(replayed.rows_affected())?;
        self.audit(&act("replay", Some(by), event, id)).await?;
        Ok(())
    }

    /// Takes it on oneself to tell a webhook; nothing when someone else did, or it was changed meanwhile.
    pub(crate) async fn claim_webhook(
        &mut self,
        row: &WebhookRow,
        lease: SignedDuration,
    ) -> Result<Option<WebhookRow>, StoreError> {
        let text = format!(
            "UPDATE webhook SET lease_until = $1, fence = fence + 1 WHERE id = $2 AND fence = $3 AND live = 1 \
             AND COALESCE(lease_until, '') < $4 RETURNING {COLUMNS}"
        );
        Ok(sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(self.in_time(lease))
            .bind(row.id.clone())
            .bind(row.fence)
            .bind(self.at.clone())
            .fetch_optional(&mut *self.tx)
            .await?)
    }

    /// Gives a webhook back, if this is still its holder; its next turn is after that of those who wait.
    pub(crate) async fn give_webhook_back(&mut self, row: &WebhookRow) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE webhook SET lease_until = NULL, next_try = $1 WHERE id = $2 AND fence = $3",
        )
        .bind(self.at.clone())
        .bind(row.id.clone())
        .bind(row.fence)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Gives every webhook back whose holder is known to be gone: nobody else works on this database.
    pub(crate) async fn give_all_webhooks_back(&mut self) -> Result<(), StoreError> {
        sqlx::query("UPDATE webhook SET lease_until = NULL WHERE lease_until IS NOT NULL")
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Keeps what became of a message, and what follows, if this is still the webhook's holder.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when someone else has it, or it is gone: then nothing of this write may be committed.
    pub(crate) async fn tried_webhook(
        &mut self,
        row: &WebhookRow,
        sent: &Sent<'_>,
        tried: &Tried,
    ) -> Result<(), StoreError> {
        match tried {
            Tried::Taken(lease) => self.move_webhook_on(row, sent.seq, *lease).await?,
            Tried::Again(wait) => self.put_webhook_off(row, sent.trouble, *wait).await?,
            Tried::Off => self.switch_webhook_off(row, sent.trouble).await?,
        }
        self.note_delivery(&row.id, sent).await
    }

    async fn move_webhook_on(
        &mut self,
        row: &WebhookRow,
        told: i64,
        lease: SignedDuration,
    ) -> Result<(), StoreError> {
        let moved = sqlx::query(
            "UPDATE webhook SET told = $1, fails = 0, failing_since = NULL, trouble = NULL, lease_until = $2 \
             WHERE id = $3 AND fence = $4",
        )
        .bind(told)
        .bind(self.in_time(lease))
        .bind(row.id.clone())
        .bind(row.fence)
        .execute(&mut *self.tx)
        .await?;
        one(moved.rows_affected())
    }

    async fn put_webhook_off(
        &mut self,
        row: &WebhookRow,
        why: &str,
        wait: SignedDuration,
    ) -> Result<(), StoreError> {
        let put_off = sqlx::query(
            "UPDATE webhook SET fails = fails + 1, failing_since = COALESCE(failing_since, $1), trouble = $2, \
             next_try = $3, lease_until = NULL WHERE id = $4 AND fence = $5",
        )
        .bind(self.at.clone())
        .bind(why.to_owned())
        .bind(self.in_time(wait))
        .bind(row.id.clone())
        .bind(row.fence)
        .execute(&mut *self.tx)
        .await?;
        one(put_off.rows_affected())
    }

    /// Switches a webhook off, if this is still its holder.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when someone else has it, or it is gone.
    pub(crate) async fn switch_webhook_off(
        &mut self,
        row: &WebhookRow,
        why: &str,
    ) -> Result<(), StoreError> {
        let off = sqlx::query(
            "UPDATE webhook SET live = 0, version = version + 1, trouble = $1, lease_until = NULL \
             WHERE id = $2 AND fence = $3",
        )
        .bind(why.to_owned())
        .bind(row.id.clone())
        .bind(row.fence)
        .execute(&mut *self.tx)
        .await?;
        one(off.rows_affected())?;
        self.audit(&act("off", None, &row.event, &row.id)).await?;
        Ok(())
    }

    /// Keeps what became of a message, and forgets the oldest.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when the webhook is gone.
    pub(crate) async fn note_delivery(
        &mut self,
        webhook: &str,
        sent: &Sent<'_>,
    ) -> Result<(), StoreError> {
        let number: Option<i64> = sqlx::query_scalar(
            "UPDATE webhook SET tries = tries + 1 WHERE id = $1 RETURNING tries",
        )
        .bind(webhook.to_owned())
        .fetch_optional(&mut *self.tx)
        .await?;
        let number = number.ok_or(StoreError::Missing)?;
        sqlx::query(
            "INSERT INTO delivery (webhook, number, message, kind, seq, at, status, trouble) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(webhook.to_owned())
        .bind(number)
        .bind(sent.message.to_owned())
        .bind(sent.kind.to_owned())
        .bind(sent.seq)
        .bind(self.at.clone())
        .bind(i64::from(sent.status))
        .bind(sent.trouble.to_owned())
        .execute(&mut *self.tx)
        .await?;
        sqlx::query("DELETE FROM delivery WHERE webhook = $1 AND number <= $2")
            .bind(webhook.to_owned())
            .bind(number - KEPT)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Switches every webhook off, and gives their messages other ids: what a restored backup begins with. Its changes
    /// are numbered like those that were lost, and whoever tells messages apart by their ids would drop them.
    pub(crate) async fn restrain_webhooks(&mut self) -> Result<u64, StoreError> {
        let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM webhook ORDER BY number")
            .fetch_all(&mut *self.tx)
            .await?;
        let mut off = 0;
        for id in ids {
            let done = sqlx::query(
                "UPDATE webhook SET mark = $1, live = 0, version = version + 1, trouble = $2, lease_until = NULL \
                 WHERE id = $3",
            )
            .bind(mark())
            .bind("the node was restored from a backup")
            .bind(id)
            .execute(&mut *self.tx)
            .await?;
            off += done.rows_affected();
        }
        Ok(off)
    }

    async fn webhook_at(&mut self, event: &str, id: &str, version: i64) -> Result<(), StoreError> {
        let there: Option<i64> =
            sqlx::query_scalar("SELECT version FROM webhook WHERE event = $1 AND id = $2")
                .bind(event.to_owned())
                .bind(id.to_owned())
                .fetch_optional(&mut *self.tx)
                .await?;
        match there {
            None => Err(StoreError::Missing),
            Some(there) if there != version => Err(StoreError::Stale(there)),
            Some(_) => Ok(()),
        }
    }
}

/// Refuses what did not find its row.
fn one(rows: u64) -> Result<(), StoreError> {
    if rows == 1 {
        Ok(())
    } else {
        Err(StoreError::Missing)
    }
}

/// What no other webhook's messages begin with.
fn mark() -> String {
    format!("{:016x}", rand::random::<u64>())
}

fn act<'a>(action: &'static str, by: Option<&'a str>, event: &'a str, id: &'a str) -> Act<'a> {
    Act {
        account: by,
        action,
        event: Some(event),
        kind: "webhook",
        id,
        group: None,
    }
}
