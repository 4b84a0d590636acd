//! What a database that several nodes write to needs beside the common SQL: turns, one clock, and news of others.
//!
//! Writers take turns, as on SQLite: what is read in a write is still so when it commits, and the numbers of the audit
//! are committed in their order, so that nobody who follows them misses one. Only single statements on one row, such
//! as the claim of a job, go past the turn: they rest on row locks.

use std::borrow::Cow;
use std::time::Duration;

use sqlx::migrate::{Migration, Migrator};
use sqlx::postgres::PgListener;
use sqlx::{AssertSqlSafe, SqlSafeStr};
use tokio::sync::watch;
use tokio::time::sleep;

use super::Store;

/// How a connection behaves. A node that was cut off in the middle of a write holds nobody up for longer than its
/// patience; a commit that is acknowledged is on the disk, whatever the server's default is.
pub(super) const SESSION: &str = "SET lock_timeout = '20s'; SET statement_timeout = '60s'; \
     SET idle_in_transaction_session_timeout = '15s'; SET tcp_keepalives_idle = 10; \
     SET client_min_messages = warning; \
     SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// Begins a write in its turn, and tells the time by the database's clock, which is the same for all nodes.
///
/// The turn is the row that numbers the audit. Each statement has to see what was committed before it, not before the
/// wait for the turn: hence the isolation level.
pub(super) const BEGIN_IN_TURN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; \
     SELECT name FROM counter WHERE name = 'audit' FOR UPDATE; \
     SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

/// Begins a write that waits for nobody.
pub(super) const BEGIN_ASIDE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; \
     SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

/// The time by the database's clock.
pub(super) const CLOCK: &str =
    "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

/// Wakes the other nodes with the commit. `COMMIT` alone says that all is well when a statement failed before, and
/// rolls back; anything else before it fails then, and so does the write.
pub(super) const COMMIT: &str = "NOTIFY meridian; COMMIT";

/// Begins a read of several statements that all see the same moment.
pub(super) const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The wait before others are listened to again after the line was lost.
const AGAIN: Duration = Duration::from_secs(5);

/// The same tables, with text that sorts by its bytes as in SQLite, whatever the language of the database.
pub(super) fn bytewise(ours: &Migrator) -> Migrator {
    let migrations = ours.iter().map(|one| {
        let sql = one.sql.as_str().replace("TEXT", "TEXT COLLATE \"C\"");
        Migration::new(
            one.version,
            Cow::clone(&one.description),
            one.migration_type,
            AssertSqlSafe(sql).into_sql_str(),
            one.no_tx,
        )
    });
    Migrator::with_migrations(migrations.collect())
}

impl Store {
    /// Hears of the writes of other nodes until this one stops, and wakes who waits for changes. It is no more than
    /// that: whoever waits also looks by itself every second, so nothing is missed where no news comes through.
    pub(crate) async fn hear_others(&self, mut stopping: watch::Receiver<bool>) {
        if !self.shared {
            return;
        }
        loop {
            tokio::select! {
                why = self.heard() => tracing::warn!(%why, "writes of other nodes are not heard of for now"),
                _ = stopping.wait_for(|stops| *stops) => return,
            }
            tokio::select! {
                () = sleep(AGAIN) => {}
                _ = stopping.wait_for(|stops| *stops) => return,
            }
        }
    }

    /// Listens until the line is lost; why.
    async fn heard(&self) -> sqlx::Error {
        let listen = async {
            let mut listener = PgListener::connect(&self.address.0).await?;
            listener.eager_reconnect(false);
            listener.listen("meridian").await?;
            // What was written before is news too.
            self.changed.send_replace(());
            while listener.try_recv().await?.is_some() {
                self.changed.send_replace(());
            }
            Err::<std::convert::Infallible, _>(sqlx::Error::WorkerCrashed)
        };
        match listen.await {
            Err(why) => why,
            Ok(never) => match never {},
        }
    }
}
