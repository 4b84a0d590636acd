//! The core of the exchange, kept to the store: what it has to remember is durable before anything that follows from
//! it is told to anybody.
//!
//! The core in memory is a reading of the store's entries up to a number. Who changes it adds entries after that
//! number, or, when another process added some meanwhile, reads anew and tries again. So the command line, a running
//! node and replicas of it never sign one place twice.

use std::path::Path;
use std::sync::Arc;

use meridian_federation::keys::Strict;
use meridian_federation::{Effects, Entry, GroupId, LastSigned, Node, Problem};
use serde_json::Value;
use tokio::sync::Mutex;

use super::identity::signing_key;
use super::side_file::SideFile;
use crate::store::{End, IdentityRow, JobRow, Store, StoreError, Write};

/// How many entries are read at once.
const PAGE: i64 = 5_000;

/// Why the exchange did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExchangeError {
    /// There is nobody to sign as.
    #[error("this node signs for no group yet: make one first")]
    Off,
    /// There is no space, peer or group of that name here; the words are for people.
    #[error("{0}")]
    Unknown(String),
    /// The core refuses it.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The store does.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something that people can mend; the words are for them.
    #[error("{0}")]
    Unfit(String),
    /// A fault of ours, or of the machine.
    #[error("something failed here")]
    Broken(#[source] anyhow::Error),
}

impl From<anyhow::Error> for ExchangeError {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(error)
    }
}

impl From<tokio::task::JoinError> for ExchangeError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Broken(error.into())
    }
}

/// The core, and how far it has read the store.
struct Loaded {
    node: Node,
    read: i64,
}

/// A job that ends with what it changes, in one transaction: whoever begins it anew finds it done, or nothing of it.
pub(crate) struct Last<'a, T> {
    pub(crate) job: &'a JobRow,
    /// What comes of the job, from what the change gives.
    pub(crate) answer: &'a (dyn Fn(&T) -> Value + Send + Sync),
}

/// The exchange of this node.
pub(crate) struct Exchange {
    store: Store,
    side: SideFile,
    /// Nothing while it is being worked on, or when it has to be read anew.
    core: Mutex<Option<Loaded>>,
}

impl Exchange {
    /// The exchange that is kept in a store, with its side file in the node's folder.
    pub(crate) fn of(store: &Store, folder: &Path) -> Self {
        Self {
            store: store.clone(),
            side: SideFile::in_folder(folder),
            core: Mutex::new(None),
        }
    }

    /// Where it is kept.
    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// Looks at the core as the store has it now.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Node) -> T + Send + 'static,
    ) -> Result<T, ExchangeError> {
        let mut core = self.core.lock().await;
        let loaded = self.fresh(core.take()).await?;
        let done = tokio::task::spawn_blocking(move || {
            let seen = work(&loaded.node);
            (loaded, seen)
        });
        let (loaded, seen) = done.await?;
        *core = Some(loaded);
        Ok(seen)
    }

    /// Changes the core. What comes back is durable: now it may be sent and told.
    ///
    /// `work` is done anew when another process changed the store meanwhile.
    ///
    /// # Errors
    /// [`ExchangeError`]; then nothing of it is there.
    pub(crate) async fn change<T: Send + Sync + 'static>(
        &self,
        work: impl Fn(&mut Node) -> Result<(T, Effects), Problem> + Send + Sync + 'static,
    ) -> Result<(T, Effects), ExchangeError> {
        self.change_at_last(work, None).await
    }

    /// Changes the core, and with it ends a job, if there is one and something changes.
    ///
    /// # Errors
    /// [`ExchangeError`]; [`StoreError::Missing`] when the job is someone else's by now. Then nothing of it is there.
    pub(crate) async fn change_at_last<T: Send + Sync + 'static>(
        &self,
        work: impl Fn(&mut Node) -> Result<(T, Effects), Problem> + Send + Sync + 'static,
        last: Option<Last<'_, T>>,
    ) -> Result<(T, Effects), ExchangeError> {
        let work = Arc::new(work);
        let mut core = self.core.lock().await;
        let mut turn = None;
        loop {
            let mut loaded = self.fresh(core.take()).await?;
            let work = Arc::clone(&work);
            let done = tokio::task::spawn_blocking(move || {
                let done = work(&mut loaded.node);
                let written = match &done {
                    Ok((_, effects)) => written(&effects.store),
                    Err(_) => Ok(Vec::new()),
                };
                (loaded, done, written)
            });
            let (mut loaded, done, written) = done.await?;
            let (value, effects) = match done {
                Ok(done) => done,
                Err(problem) => {
                    *core = Some(loaded);
                    return Err(problem.into());
                }
            };
            if effects.store.is_empty() {
                *core = Some(loaded);
                return Ok((value, effects));
            }
            let in_turn = turn.is_some();
            let write = match turn.take() {
                Some(write) => write,
                None => self.store.write().await?,
            };
            let end = last.as_ref();
            let end = end.map(|last| (last.job, (last.answer)(&value).to_string()));
            match self.keep(write, loaded.read, written?, end).await {
                Ok(read) => {
                    loaded.read = read;
                    *core = Some(loaded);
                    return Ok((value, effects));
                }
                // Somebody else was faster. Now nobody is: the turn to write is waited for first.
                Err(ExchangeError::Store(StoreError::Stale(_))) if !in_turn => {
                    turn = Some(self.store.write().await?);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes entries durable, and the end of a job with them: the places that are signed also in the side file, before the records are.
    async fn keep(
        &self,
        mut write: Write,
        read: i64,
        entries: Vec<(Entry, String)>,
        end: Option<(&JobRow, String)>,
    ) -> Result<i64, ExchangeError> {
        let read = write.add_entries(read, &entries).await?;
        if let Some((job, answer)) = end {
            write.end_job(job, End::Done, &answer).await?;
        }
        let signed: Vec<LastSigned> = entries.iter().filter_map(signed).collect();
        if !signed.is_empty() {
            let side = self.side.clone();
            tokio::task::spawn_blocking(move || side.note(&signed)).await??;
        }
        write.commit().await?;
        Ok(read)
    }

    /// Makes a group that this node signs for, with its first card.
    ///
    /// # Errors
    /// [`StoreError::Present`] when there is one of that handle.
    pub(super) async fn found(
        &self,
        row: &IdentityRow,
        card: meridian_federation::envelope::Envelope,
    ) -> Result<(), ExchangeError> {
        let mut core = self.core.lock().await;
        *core = None;
        let read = self.store.newest_entry().await?;
        let entries = written(&[Entry::Card(card)])?;
        let mut write = self.store.write().await?;
        write.add_identity(row).await?;
        write.add_entries(read, &entries).await?;
        write.commit().await?;
        Ok(())
    }

    /// The core as the store has it now.
    async fn fresh(&self, loaded: Option<Loaded>) -> Result<Loaded, ExchangeError> {
        let identities = self.store.identities().await?;
        let home = identities.iter().find(|row| row.home == 1);
        let home: GroupId = home.ok_or(ExchangeError::Off)?.group_id.parse()?;
        let peers = self.store.peers().await?;
        let mut loaded = loaded.unwrap_or_else(|| Loaded {
            node: Node::new(home, Arc::new(Strict)),
            read: 0,
        });
        if loaded.read == 0 {
            for last in self.side.read()? {
                loaded.node.remember_signed(last);
            }
        }
        for row in &identities {
            let key = signing_key(row)?;
            loaded.node.host(row.group_id.parse()?, Arc::new(key));
        }
        for row in &peers {
            let peer = row.group_id.parse()?;
            if row.state == "allowed" {
                loaded.node.allow(peer);
            } else {
                loaded.node.forbid(&peer);
            }
        }
        self.caught_up(loaded).await
    }

    async fn caught_up(&self, mut loaded: Loaded) -> Result<Loaded, ExchangeError> {
        let newest = self.store.newest_entry().await?;
        if newest == loaded.read {
            return Ok(loaded);
        }
        let mut entries = Vec::new();
        while loaded.read < newest {
            let page = self.store.entries(loaded.read, PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            loaded.read = *last;
            entries.extend(page.into_iter().map(|(_, entry)| entry));
        }
        // Spaces come before what is in them, in whatever order they were kept.
        entries.sort_by_key(|entry| !matches!(entry, Entry::Space { .. }));
        let restored = tokio::task::spawn_blocking(move || {
            let problems = loaded.node.restore(entries);
            (loaded, problems)
        });
        let (loaded, problems) = restored.await?;
        match problems.into_iter().next() {
            None => Ok(loaded),
            Some(problem) => Err(ExchangeError::Broken(anyhow::anyhow!(
                "the store has an entry that is not understood: {problem}"
            ))),
        }
    }
}

fn written(entries: &[Entry]) -> anyhow::Result<Vec<(Entry, String)>> {
    entries
        .iter()
        .map(|entry| Ok((entry.clone(), serde_json::to_string(entry)?)))
        .collect()
}

fn signed((entry, _): &(Entry, String)) -> Option<LastSigned> {
    match entry {
        Entry::Signed(last) => Some(*last),
        _ => None,
    }
}
