//! Tells programs what changed: in order, at least once, each of them at its own pace.
//!
//! What is to be told is in the audit, and how far each webhook was told is kept with what became of each message, so that
//! a node which dies goes on where it was. Whoever tells a webhook holds its lease, so that of many nodes one does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::message::{Kind, Message};
use super::pace::asked_for;
use super::signature;
use crate::fetch::{Posted, Refused};
use crate::server::caller::{Caller, Role};
use crate::server::state::Shared;
use crate::store::{Change, Sent, StoreError, Tried, WebhookRow, now, stamp};

/// How long a webhook stays with a node that says nothing: as long as one message may take, and some time to keep what
/// became of it. What a node leaves behind that is killed waits so long for another.
const LEASE: SignedDuration = SignedDuration::from_secs(20);
/// How often is looked for what other nodes wrote, and for waits that are over.
const GLANCE: Duration = Duration::from_secs(1);
/// How many webhooks are told at once.
const AT_ONCE: usize = 64;
/// How many changes are read at once.
const CHANGES: i64 = 200;
/// How long one webhook is told before the others have their turn.
const TURN: Duration = Duration::from_secs(5);
/// What a receiver says that wants no more.
const GONE: u16 = 410;

/// Tells programs what changed until the node stops.
pub(crate) async fn tell(state: Shared) {
    let mut stopping = state.stopping.clone();
    let mut changes = state.store.listen();
    let mut teller = Teller::default();
    if let Err(error) = take_over(&state).await {
        tracing::warn!(%error, "webhooks of an earlier run wait until their leases end");
    }
    while !*stopping.borrow_and_update() {
        if let Err(error) = teller.look(&state).await {
            tracing::warn!(%error, "webhooks cannot be looked up");
            sleep(GLANCE).await;
        }
        tokio::select! {
            _ = stopping.changed() => break,
            Some(done) = teller.telling.join_next() => teller.done(done),
            _ = timeout(GLANCE, changes.changed()) => {}
        }
    }
    while teller.telling.join_next().await.is_some() {}
}

/// Takes what an earlier run left in the middle; of other nodes on the same database only their leases tell.
async fn take_over(state: &Shared) -> Result<(), StoreError> {
    if state.store.is_shared() {
        return Ok(());
    }
    let mut write = state.store.write().await?;
    write.give_all_webhooks_back().await?;
    write.commit().await
}

/// Who is being told.
#[derive(Default)]
struct Teller {
    telling: JoinSet<String>,
    busy: BTreeSet<String>,
    /// How far there is nothing to tell a webhook, under its fence; so that changes which it did not ask for cost no
    /// write.
    seen: BTreeMap<String, (i64, i64)>,
}

impl Teller {
    /// Begins to tell those for whom there is something.
    async fn look(&mut self, state: &Shared) -> Result<(), StoreError> {
        for mut row in state.store.due_webhooks(1000).await? {
            if self.telling.len() >= AT_ONCE {
                return Ok(());
            }
            if self.busy.contains(&row.id) {
                continue;
            }
            match self.seen.get(&row.id) {
                Some((fence, seq)) if *fence == row.fence => row.told = row.told.max(*seq),
                _ => {}
            }
            let next = next(state, &mut row).await?;
            self.seen.insert(row.id.clone(), (row.fence, row.told));
            if next.is_none() {
                continue;
            }
            let mut write = state.store.write_aside().await?;
            let mine = write.claim_webhook(&row, LEASE).await?;
            write.commit().await?;
            if let Some(mine) = mine {
                self.busy.insert(mine.id.clone());
                let state = state.clone();
                self.telling.spawn(async move {
                    let id = mine.id.clone();
                    one(&state, mine).await;
                    id
                });
            }
        }
        Ok(())
    }

    fn done(&mut self, done: Result<String, tokio::task::JoinError>) {
        match done {
            Ok(id) => {
                self.busy.remove(&id);
            }
            Err(error) => {
                tracing::error!(%error, "telling a webhook failed");
                // Whose it was is not known: their leases tell.
                self.busy.clear();
            }
        }
    }
}

/// The next change that a webhook wants to be told of, and what it is; its cursor moves over the others.
async fn next(state: &Shared, row: &mut WebhookRow) -> Result<Option<(Kind, Change)>, StoreError> {
    let wanted: Vec<Kind> = serde_json::from_str(&row.kinds).unwrap_or_default();
    loop {
        let changes = state.store.changes(&row.event, row.told, CHANGES).await?;
        if changes.is_empty() {
            return Ok(None);
        }
        for change in changes {
            let kind = Kind::of(&change);
            match kind.filter(|kind| wanted.is_empty() || wanted.contains(kind)) {
                Some(kind) => return Ok(Some((kind, change))),
                None => row.told = change.seq,
            }
        }
    }
}

/// Tells one webhook what there is, as long as it takes it.
async fn one(state: &Shared, row: WebhookRow) {
    match told(state, row.clone()).await {
        Ok(()) => {}
        Err(StoreError::Missing) => {
            tracing::info!(webhook = row.id, "a webhook was changed while it was told");
        }
        Err(error) => {
            tracing::warn!(webhook = row.id, %error, "what became of a message cannot be kept");
            sleep(GLANCE).await;
            give_back(state, &row).await;
        }
    }
}

async fn told(state: &Shared, mut row: WebhookRow) -> Result<(), StoreError> {
    if !owner_plans(state, &row).await? {
        let why = "who registered it plans the event no more: whoever does may switch it on";
        let mut write = state.store.write().await?;
        write.switch_webhook_off(&row, why).await?;
        return write.commit().await;
    }
    let mut stopping = state.stopping.clone();
    let begun = Instant::now();
    while begun.elapsed() < TURN {
        let Some((kind, change)) = next(state, &mut row).await? else {
            break;
        };
        let message = Outgoing::of(&row, kind, &change)?;
        let became = tokio::select! {
            became = message.send(state, &row) => became?,
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        let tried = follows(state, &row, &became);
        // Only an end leaves a line in the audit, which wants its turn.
        let mut write = match tried {
            Tried::Off => state.store.write().await?,
            Tried::Taken(_) | Tried::Again(_) => state.store.write_aside().await?,
        };
        write
            .tried_webhook(&row, &became.sent(&message, change.seq), &tried)
            .await?;
        write.commit().await?;
        became.count();
        match tried {
            Tried::Taken(_) => row.told = change.seq,
            Tried::Again(_) => return Ok(()),
            Tried::Off => {
                tracing::warn!(webhook = row.id, status = became.status, "a webhook is off");
                return Ok(());
            }
        }
        // The attempts in vain are over.
        row.fails = 0;
        row.failing_since = None;
    }
    give_back(state, &row).await;
    Ok(())
}

/// Whether who registered a webhook may still know what it tells.
async fn owner_plans(state: &Shared, row: &WebhookRow) -> Result<bool, StoreError> {
    match state.store.account_by_id(&row.account).await {
        Ok(account) => Ok(Caller::absent(account).is(Role::Scheduler, &row.event, None)),
        Err(StoreError::Missing) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn give_back(state: &Shared, row: &WebhookRow) {
    let given = async {
        let mut write = state.store.write_aside().await?;
        write.give_webhook_back(row).await?;
        write.commit().await
    };
    if let Err(error) = given.await {
        tracing::warn!(webhook = row.id, %error, "a webhook is given back when its lease ends");
    }
}

/// What follows from what became of a message.
fn follows(state: &Shared, row: &WebhookRow, became: &Became) -> Tried {
    if became.trouble.is_empty() {
        return Tried::Taken(LEASE);
    }
    let now = Timestamp::now();
    let since = row.failing_since.as_deref();
    let since = since.and_then(|at| at.parse().ok()).unwrap_or(now);
    if became.status == GONE || state.pace.gives_up(since, now) {
        return Tried::Off;
    }
    let wait = state.pace.wait(row.fails.saturating_add(1), rand::random());
    let wait = wait.max(became.wish.unwrap_or_default());
    Tried::Again(wait)
}

/// A message as it goes out.
pub(super) struct Outgoing {
    id: String,
    kind: &'static str,
    body: String,
}

impl Outgoing {
    /// The same each time that the same change is told.
    fn of(row: &WebhookRow, kind: Kind, change: &Change) -> Result<Self, StoreError> {
        Ok(Self {
            id: format!("msg_{}_{}", row.mark, change.seq),
            kind: kind.name(),
            body: written(&Message::of(kind, &row.event, change)),
        })
    }

    /// One that tells nothing.
    pub(super) fn test(row: &WebhookRow) -> Self {
        let at = now();
        Self {
            id: format!("msg_{}_test_{:016x}", row.mark, rand::random::<u64>()),
            kind: super::message::TEST,
            body: written(&Message::test(&row.event, &row.id, &at)),
        }
    }

    /// Sends it, once.
    ///
    /// # Errors
    /// When the webhook is gone, or the database fails.
    pub(super) async fn send(
        &self,
        state: &Shared,
        row: &WebhookRow,
    ) -> Result<Became, StoreError> {
        let now = Timestamp::now();
        let keys = state.store.keys(&row.id).await?;
        let signing = keys.signing(&stamp(now));
        let headers = match signature::headers(&signing, &self.id, now.as_second(), &self.body) {
            Ok(headers) => headers,
            Err(error) => return Ok(Became::unsent(&error.to_string())),
        };
        let posted = state.fetcher.post(&row.url, headers, self.body.clone());
        Ok(Became::of(posted.await, now))
    }
}

fn written(message: &Message<'_>) -> String {
    // Text and numbers can always be written.
    serde_json::to_string(message).unwrap_or_default()
}

/// What became of a message.
pub(super) struct Became {
    /// 0 when there was none.
    pub(super) status: u16,
    /// Empty when it was taken.
    pub(super) trouble: String,
    wish: Option<SignedDuration>,
}

impl Became {
    fn of(posted: Result<Posted, Refused>, now: Timestamp) -> Self {
        match posted {
            Err(why) => Self::unsent(&why.to_string()),
            Ok(Posted {
                status,
                retry_after,
            }) => Self {
                status,
                trouble: if (200..300).contains(&status) {
                    String::new()
                } else {
                    Refused::Status(status).to_string()
                },
                wish: retry_after.and_then(|wish| asked_for(&wish, now)),
            },
        }
    }

    fn unsent(why: &str) -> Self {
        Self {
            status: 0,
            trouble: why.to_owned(),
            wish: None,
        }
    }

    /// What is kept of it.
    pub(super) fn sent<'a>(&'a self, message: &'a Outgoing, seq: i64) -> Sent<'a> {
        Sent {
            message: &message.id,
            kind: message.kind,
            seq,
            status: self.status,
            trouble: &self.trouble,
        }
    }

    fn count(&self) {
        let ended = if self.trouble.is_empty() {
            "taken"
        } else {
            "failed"
        };
        metrics::counter!("meridian_webhook_messages_total", "ended" => ended).increment(1);
    }
}
