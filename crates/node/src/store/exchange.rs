//! What is exchanged with other groups' nodes: whom this node signs for, its peers, the spaces, and all that the core
//! of the exchange has to remember.
//!
//! The core's entries are only ever added to, but for bodies that were erased. Whoever adds says how far the node
//! that it speaks for had read; if somebody else added meanwhile, nothing is added.

use std::collections::BTreeSet;

use meridian_federation::Entry;
use sqlx::FromRow;

use super::{Act, Store, StoreError, Write};

/// A group that this node signs for.
#[derive(Clone, FromRow)]
pub(crate) struct IdentityRow {
    pub(crate) group_id: String,
    /// What this node's events call it.
    pub(crate) handle: String,
    /// Whether it is the group whose node this is.
    pub(crate) home: i64,
    /// The signing key in base64.
    pub(crate) secret: String,
}

impl std::fmt::Debug for IdentityRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentityRow")
            .field("group_id", &self.group_id)
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}

/// Another group's node.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct PeerRow {
    pub(crate) group_id: String,
    pub(crate) name: String,
    pub(crate) url: String,
    /// `waiting`, `allowed` or `forbidden`.
    pub(crate) state: String,
    /// JSON of the cards that it showed.
    pub(crate) shown: String,
    pub(crate) suspended_until: Option<String>,
    pub(crate) why: Option<String>,
    pub(crate) suspensions: i64,
}

/// A space that is followed.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct SpaceRow {
    pub(crate) id: String,
    pub(crate) founder: String,
    pub(crate) name: String,
    /// The local event that is planned there.
    pub(crate) event: String,
    /// Keys the pseudonyms of this node's people, in base64.
    pub(crate) salt: String,
    /// What head-counts are rounded down to before they are told.
    pub(crate) rounding: i64,
}

impl SpaceRow {
    /// What head-counts are rounded down to multiples of.
    pub(crate) fn rounding(&self) -> u32 {
        u32::try_from(self.rounding).unwrap_or(1).max(1)
    }
}

/// How far this node is with a peer in a space.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct SyncRow {
    pub(crate) peer: String,
    pub(crate) space: String,
    pub(crate) agreed: String,
    pub(crate) agreed_at: Option<String>,
    pub(crate) fails: i64,
    pub(crate) next_try: String,
    pub(crate) trouble: Option<String>,
}

const PEER: &str = "group_id, name, url, state, shown, suspended_until, why, suspensions";

/// An entry's place in the table: its space, its kind, and the record whose body it is.
fn place(entry: &Entry) -> (String, &'static str, String) {
    let of = |space: &meridian_federation::SpaceId| space.to_string();
    match entry {
        Entry::Space { space, .. } => (of(space), "space", String::new()),
        Entry::Card(_) => (String::new(), "card", String::new()),
        Entry::Dispute(_) => (String::new(), "dispute", String::new()),
        Entry::Pin { .. } => (String::new(), "pin", String::new()),
        Entry::Signed(last) => (of(&last.space), "signed", String::new()),
        Entry::Renewed { space, .. } => (of(space), "renewed", String::new()),
        Entry::Record(_) => (String::new(), "record", String::new()),
        Entry::Evidence(_) => (String::new(), "evidence", String::new()),
        Entry::Body { space, record, .. } => (of(space), "body", record.to_string()),
        Entry::Erased { space, record } => (of(space), "erased", record.to_string()),
    }
}

impl Store {
    /// The groups that this node signs for, its own first.
    pub(crate) async fn identities(&self) -> Result<Vec<IdentityRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT group_id, handle, home, secret FROM identity ORDER BY home DESC, handle",
        )
        .fetch_all(&self.read)
        .await?)
    }

    /// All peers, by name.
    pub(crate) async fn peers(&self) -> Result<Vec<PeerRow>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("SELECT {PEER} FROM peer ORDER BY name, group_id"));
        Ok(sqlx::query_as(sql).fetch_all(&self.read).await?)
    }

    /// One peer.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not there.
    pub(crate) async fn peer(&self, group: &str) -> Result<PeerRow, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("SELECT {PEER} FROM peer WHERE group_id = $1"));
        let found = sqlx::query_as(sql).bind(group.to_owned());
        found
            .fetch_optional(&self.read)
            .await?
            .ok_or(StoreError::Missing)
    }

    /// The spaces that are followed, by name.
    pub(crate) async fn spaces(&self) -> Result<Vec<SpaceRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT id, founder, name, event, salt, rounding FROM space ORDER BY name, id",
        )
        .fetch_all(&self.read)
        .await?)
    }

    /// How far this node is with everybody, everywhere.
    pub(crate) async fn syncs(&self) -> Result<Vec<SyncRow>, StoreError> {
        Ok(sqlx::query_as(
            "SELECT peer, space, agreed, agreed_at, fails, next_try, trouble FROM sync ORDER BY peer, space",
        )
        .fetch_all(&self.read)
        .await?)
    }

    /// The number of the newest entry; 0 when there is none.
    pub(crate) async fn newest_entry(&self) -> Result<i64, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM entry")
                .fetch_one(&self.read)
                .await?,
        )
    }

    /// Up to `limit` entries after a number, oldest first.
    ///
    /// # Errors
    /// When the database fails; an entry that cannot be read is an error of ours.
    pub(crate) async fn entries(
        &self,
        after: i64,
        limit: i64,
    ) -> anyhow::Result<Vec<(i64, Entry)>> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("SELECT seq, body FROM entry WHERE seq > $1 ORDER BY seq LIMIT $2")
                .bind(after)
                .bind(limit)
                .fetch_all(&self.read)
                .await?;
        rows.into_iter()
            .map(|(seq, body)| Ok((seq, serde_json::from_str(&body)?)))
            .collect()
    }
}

impl Write {
    /// Adds entries after the last one that their node had read; the number of the last one added.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when somebody else added some meanwhile; nothing is added then.
    pub(crate) async fn add_entries(
        &mut self,
        read: i64,
        entries: &[(Entry, String)],
    ) -> Result<i64, StoreError> {
        let newest: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM entry")
            .fetch_one(&mut *self.tx)
            .await?;
        if newest != read {
            return Err(StoreError::Stale(newest));
        }
        let mut seq = newest;
        for (entry, body) in entries {
            seq += 1;
            let (space, kind, record) = place(entry);
            if kind == "erased" {
                sqlx::query("DELETE FROM entry WHERE record = $1 AND space = $2 AND kind = 'body'")
                    .bind(record.clone())
                    .bind(space.clone())
                    .execute(&mut *self.tx)
                    .await?;
            }
            sqlx::query(
                "INSERT INTO entry (seq, space, kind, record, body) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(seq)
            .bind(space)
            .bind(kind)
            .bind(record)
            .bind(body.clone())
            .execute(&mut *self.tx)
            .await?;
        }
        self.audit_spaces(entries).await?;
        Ok(seq)
    }

    /// Tells who follows the local events of spaces that something was said there.
    async fn audit_spaces(&mut self, entries: &[(Entry, String)]) -> Result<(), StoreError> {
        let changed: BTreeSet<String> = entries
            .iter()
            .map(|(entry, _)| place(entry))
            .filter(|(_, kind, _)| *kind == "body")
            .map(|(space, ..)| space)
            .collect();
        for space in changed {
            let event: Option<String> = sqlx::query_scalar("SELECT event FROM space WHERE id = $1")
                .bind(space.clone())
                .fetch_optional(&mut *self.tx)
                .await?;
            if let Some(event) = event {
                self.audit(&Act {
                    account: None,
                    action: "change",
                    event: Some(&event),
                    kind: "space",
                    id: &space,
                    group: None,
                })
                .await?;
            }
        }
        Ok(())
    }

    /// Lets this node sign for a group.
    ///
    /// # Errors
    /// [`StoreError::Present`] when it does already, for that group or for another of that handle.
    pub(crate) async fn add_identity(&mut self, row: &IdentityRow) -> Result<(), StoreError> {
        let made = sqlx::query(
            "INSERT INTO identity (group_id, handle, home, secret, created_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(row.group_id.clone())
        .bind(row.handle.clone())
        .bind(row.home)
        .bind(row.secret.clone())
        .bind(self.at.clone())
        .execute(&mut *self.tx)
        .await?;
        if made.rows_affected() == 0 {
            return Err(StoreError::Present(1));
        }
        Ok(())
    }

    /// Signs with another key for a group from now on.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when this node does not sign for the group.
    pub(crate) async fn replace_key(
        &mut self,
        group: &str,
        secret: &str,
    ) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE identity SET secret = $2 WHERE group_id = $1")
            .bind(group.to_owned())
            .bind(secret.to_owned())
            .execute(&mut *self.tx)
            .await?;
        there(done.rows_affected())
    }

    /// Notes a peer that people have yet to make sure of, or what a known one shows now. A known one stays what it is.
    pub(crate) async fn meet_peer(
        &mut self,
        group: &str,
        (name, url): (&str, &str),
        shown: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO peer (group_id, name, url, state, shown, created_at) \
             VALUES ($1, $2, $3, 'waiting', $4, $5) ON CONFLICT (group_id) DO UPDATE SET \
             name = excluded.name, url = excluded.url, shown = excluded.shown",
        )
        .bind(group.to_owned())
        .bind(name.to_owned())
        .bind(url.to_owned())
        .bind(shown.to_owned())
        .bind(self.at.clone())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// How many peers wait for people.
    pub(crate) async fn waiting_peers(&mut self) -> Result<i64, StoreError> {
        Ok(
            sqlx::query_scalar("SELECT COUNT(*) FROM peer WHERE state = 'waiting'")
                .fetch_one(&mut *self.tx)
                .await?,
        )
    }

    /// Makes a peer `allowed` or `forbidden`; a suspension ends with it.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when it is not known.
    pub(crate) async fn set_peer(&mut self, group: &str, state: &str) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE peer SET state = $2, suspended_until = NULL, why = NULL WHERE group_id = $1",
        )
        .bind(group.to_owned())
        .bind(state.to_owned())
        .execute(&mut *self.tx)
        .await?;
        there(done.rows_affected())
    }

    /// Takes nothing from a peer for a while.
    pub(crate) async fn suspend_peer(
        &mut self,
        group: &str,
        until: &str,
        why: &str,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE peer SET suspended_until = $2, why = $3, suspensions = suspensions + 1 WHERE group_id = $1",
        )
        .bind(group.to_owned())
        .bind(until.to_owned())
        .bind(why.to_owned())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Follows a space.
    ///
    /// # Errors
    /// [`StoreError::Present`] when it is followed already.
    pub(crate) async fn add_space(&mut self, row: &SpaceRow) -> Result<(), StoreError> {
        let made = sqlx::query(
            "INSERT INTO space (id, founder, name, event, salt, rounding, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(row.id.clone())
        .bind(row.founder.clone())
        .bind(row.name.clone())
        .bind(row.event.clone())
        .bind(row.salt.clone())
        .bind(row.rounding)
        .bind(self.at.clone())
        .execute(&mut *self.tx)
        .await?;
        if made.rows_affected() == 0 {
            return Err(StoreError::Present(1));
        }
        Ok(())
    }

    /// Keeps what head-counts of a space are rounded down to.
    pub(crate) async fn round_space(&mut self, row: &SpaceRow) -> Result<(), StoreError> {
        sqlx::query("UPDATE space SET rounding = $2 WHERE id = $1")
            .bind(row.id.clone())
            .bind(row.rounding)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Keeps how far this node is with a peer in a space.
    pub(crate) async fn keep_sync(&mut self, row: &SyncRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sync (peer, space, agreed, agreed_at, fails, next_try, trouble) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (peer, space) DO UPDATE SET \
             agreed = excluded.agreed, agreed_at = excluded.agreed_at, fails = excluded.fails, \
             next_try = excluded.next_try, trouble = excluded.trouble",
        )
        .bind(row.peer.clone())
        .bind(row.space.clone())
        .bind(row.agreed.clone())
        .bind(row.agreed_at.clone())
        .bind(row.fails)
        .bind(row.next_try.clone())
        .bind(row.trouble.clone())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

fn there(rows: u64) -> Result<(), StoreError> {
    if rows == 0 {
        Err(StoreError::Missing)
    } else {
        Ok(())
    }
}
