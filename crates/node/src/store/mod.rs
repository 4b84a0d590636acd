//! Everything a node keeps, behind one seam: SQL that SQLite and PostgreSQL both understand.
//!
//! Writes go through [`Store::write`], one at a time, and are on the disk when [`Write::commit`] returns. Every
//! change leaves a line in the audit, in the same transaction. The pages and the API never speak SQL. What several
//! nodes on one database need beside that is in [`postgres`].

mod accounts;
#[cfg(test)]
mod among_others;
mod audit;
mod calendars;
#[cfg(test)]
mod conformance;
mod events;
mod exchange;
mod feeds;
mod idempotency;
mod invites;
mod jobs;
mod overrides;
mod plans;
mod postgres;
mod privacy;
mod records;
mod retention;
mod seats;
mod tokens;
mod upkeep;
mod webhooks;

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::{AnyPool, Row};
use tokio::sync::watch;

pub(crate) use accounts::{Account, Membership, Secret};
pub(crate) use audit::{Act, Change};
pub(crate) use calendars::{CalendarRow, Polled};
pub(crate) use events::{CalendarCopy, EventRow, Everything, KindRecord};
pub(crate) use exchange::{IdentityRow, PeerRow, SpaceRow, SyncRow};
pub(crate) use feeds::{FeedRow, NewFeed};
pub(crate) use idempotency::Done;
pub(crate) use invites::{Invitation, InviteRow};
pub(crate) use jobs::{End, JobRow, NewJob, Pulse};
pub(crate) use overrides::{NewOverride, OverrideRow};
pub(crate) use plans::{AnswerRow, NewPlan, PlanRow, Verdict};
pub(crate) use records::{Expected, Record, RecordPage};
pub(crate) use retention::Forgotten;
pub(crate) use seats::{Keep, Lead, Seat, Sitting};
pub(crate) use tokens::{NewToken, TokenRow};
pub(crate) use webhooks::{DeliveryRow, NewWebhook, Sent, Tried, WebhookRow};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// The least SQLite that is trusted: before it, a write-ahead log could lose its end after a crash.
const LEAST_SQLITE: (u64, u64, u64) = (3, 51, 3);

/// The longest wait for a connection: for one's turn to write, or for a database that is not well.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The thing is not there, or not for you.
    #[error("there is no such thing")]
    Missing,
    /// Someone else changed it meanwhile.
    #[error("it was changed meanwhile: it is at version {0}")]
    Stale(i64),
    /// It is there already.
    #[error("it is there already, at version {0}")]
    Present(i64),
    /// It is not in a state in which this can be done.
    #[error("{0}")]
    Blocked(&'static str),
    /// Too many write at once: this one waited too long for its turn.
    #[error("too many write at once")]
    Busy,
    /// The disk is full: what was written before is safe, and can be read.
    #[error("the disk is full")]
    Full,
    /// A text has a character that the database cannot keep.
    #[error("a text has a character that cannot be kept")]
    Unwritable,
    /// The database itself fails.
    #[error("the database failed")]
    Broken(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        // SQLITE_FULL is 13; SQLITE_READONLY and SQLITE_IOERR_WRITE come when not even the log can grow.
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .map(std::borrow::Cow::into_owned);
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Busy;
        }
        match code.as_deref() {
            Some("13" | "778" | "53100") => Self::Full,
            // PostgreSQL: a turn that did not come in time, two that wait for each other, a statement cut short.
            Some("55P03" | "40P01" | "40001" | "57014") => Self::Busy,
            Some("22021" | "22P05") => Self::Unwritable,
            _ => Self::Broken(error),
        }
    }
}

/// The database of a node.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    read: AnyPool,
    write: AnyPool,
    /// Whether others write to the same database.
    shared: bool,
    /// For those who listen on a connection of their own.
    address: Address,
    /// Told of every write that this process made, or heard of.
    changed: watch::Sender<()>,
}

/// Where a database is; there may be a password in it.
#[derive(Clone)]
struct Address(String);

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(…)")
    }
}

/// A write in progress; nothing of it is seen before [`commit`](Self::commit), nothing is left without.
///
/// Its connection is used again only after a commit that went well. After anything else nobody could be sure whether
/// a transaction is still open on it, and what is written next would be acknowledged inside of that, and lost.
pub(crate) struct Write {
    tx: PoolConnection<sqlx::Any>,
    committed: bool,
    at: String,
    shared: bool,
    changed: watch::Sender<()>,
}

/// An instant as it is stored: RFC 3339 in UTC, to the microsecond, so that text sorts as time does.
pub(crate) fn stamp(at: Timestamp) -> String {
    format!("{at:.6}")
}

/// Now, as it is stored.
pub(crate) fn now() -> String {
    stamp(Timestamp::now())
}

impl Store {
    /// Opens a database file, and brings it to the present form.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened or is from a newer Meridian, or SQLite is too old.
    pub(crate) async fn open(file: &Path) -> anyhow::Result<Self> {
        Self::connect(&format!("sqlite://{}?mode=rwc", file.display())).await
    }

    /// Connects to a database: `sqlite://FILE` or `postgres://…`.
    ///
    /// # Errors
    /// When it cannot be opened or is from a newer Meridian, or SQLite is too old.
    pub(crate) async fn connect(url: &str) -> anyhow::Result<Self> {
        install_default_drivers();
        let sqlite = url.starts_with("sqlite:");
        let options = || {
            AnyPoolOptions::new().acquire_timeout(PATIENCE).after_connect(move |connection, _| {
                Box::pin(async move {
                    if sqlite {
                        sqlx::raw_sql(
                            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                             PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000; PRAGMA secure_delete = ON;",
                        )
                        .execute(connection)
                        .await?;
                    } else {
                        sqlx::raw_sql(postgres::SESSION).execute(connection).await?;
                    }
                    Ok(())
                })
            })
        };
        // SQLite has one writer at a time: waiting for it here is fair, inside it is not.
        let writers = if sqlite { 1 } else { 8 };
        let write = options().max_connections(writers).connect(url).await?;
        if sqlite {
            trusted(&write).await?;
            MIGRATIONS.run(&write).await?;
        } else {
            postgres::bytewise(&MIGRATIONS).run(&write).await?;
        }
        let read = options().max_connections(8).connect(url).await?;
        Ok(Self {
            read,
            write,
            shared: !sqlite,
            address: Address(url.to_owned()),
            changed: watch::Sender::new(()),
        })
    }

    /// Begins a write, in its turn.
    ///
    /// # Errors
    /// When the database fails, or the turn did not come in time.
    pub(crate) async fn write(&self) -> Result<Write, StoreError> {
        self.begin(postgres::BEGIN_IN_TURN).await
    }

    /// Begins a write that waits for no other, where the database allows it: for a single statement that decides by
    /// its own row, and leaves no line in the audit.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn write_aside(&self) -> Result<Write, StoreError> {
        self.begin(postgres::BEGIN_ASIDE).await
    }

    async fn begin(&self, among_others: &'static str) -> Result<Write, StoreError> {
        let mut write = Write {
            tx: self.write.acquire().await?,
            committed: false,
            at: now(),
            shared: self.shared,
            changed: self.changed.clone(),
        };
        if self.shared {
            let rows = sqlx::raw_sql(among_others)
                .fetch_all(&mut *write.tx)
                .await?;
            let clock = rows.last().ok_or(sqlx::Error::RowNotFound)?;
            write.at = clock.try_get(0)?;
        } else {
            // The lock is taken at once: who read first and then had to wait for it would be refused.
            sqlx::raw_sql("BEGIN IMMEDIATE")
                .execute(&mut *write.tx)
                .await?;
        }
        Ok(write)
    }

    /// Now, by the clock that all who write to the database have in common.
    async fn clock(&self) -> Result<String, StoreError> {
        if !self.shared {
            return Ok(now());
        }
        Ok(sqlx::query_scalar(postgres::CLOCK)
            .fetch_one(&self.read)
            .await?)
    }

    /// Hears of every write that this process makes from now on, and of others' that [`Self::hear_others`] heard of.
    pub(crate) fn listen(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Whether other nodes may write to the same database.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared
    }

    /// Whether the database answers, and what it says of its own health.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn healthy(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.read).await?;
        Ok(())
    }

    /// Ends all connections; what is committed stays.
    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        if !self.committed {
            self.tx.close_on_drop();
        }
    }
}

impl Write {
    /// Puts it all on the disk.
    ///
    /// # Errors
    /// When the database fails; then nothing of it is there.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let commit = if self.shared {
            postgres::COMMIT
        } else {
            "COMMIT"
        };
        sqlx::raw_sql(commit).execute(&mut *self.tx).await?;
        self.committed = true;
        self.changed.send_replace(());
        Ok(())
    }

    /// The instant of this write, as it is stored.
    pub(crate) fn at(&self) -> &str {
        &self.at
    }

    /// The instant of this write and some more, as it is stored.
    fn in_time(&self, more: SignedDuration) -> String {
        let later = self.at.parse::<Timestamp>();
        let later = later.and_then(|at| at.checked_add(more));
        later.map_or_else(|_never| self.at.clone(), stamp)
    }

    /// The next number of a counter.
    async fn next(&mut self, counter: &'static str) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "INSERT INTO counter (name, value) VALUES ($1, 1) \
             ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value",
        )
        .bind(counter)
        .fetch_one(&mut *self.tx)
        .await?;
        Ok(row.try_get(0)?)
    }
}

async fn trusted(pool: &AnyPool) -> anyhow::Result<()> {
    let version: String = sqlx::query("SELECT sqlite_version()")
        .fetch_one(pool)
        .await?
        .try_get(0)?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < LEAST_SQLITE {
        let (a, b, c) = LEAST_SQLITE;
        anyhow::bail!("SQLite is {version}; {a}.{b}.{c} or newer is needed");
    }
    Ok(())
}
