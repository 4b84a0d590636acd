//! Syncing with peers: as soon as there is something to say, when a peer says that there is, and now and then.
//!
//! The outbox is what the core holds; beside it there is one row for each peer and space, which says what this node
//! had when a sync last ended with nothing new, and when the next one is tried after one that failed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use meridian_federation::{GroupId, Node, Packet, SpaceId, wire};
use reqwest::{Method, Url};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::budget::Over;
use super::calls::{Address, CallError, PATIENCE, Question};
use super::shell::{Exchange, ExchangeError};
use crate::fetch::Fetcher;
use crate::server::{Shared, State};
use crate::store::{StoreError, SyncRow, now, stamp};

/// How often is looked for what other processes wrote, and for waits that are over.
const GLANCE: Duration = Duration::from_secs(1);
/// How often a peer is asked although nothing is known to be new; up to twice as long, so that not all ask at once.
const NOW_AND_THEN: SignedDuration = SignedDuration::from_secs(60);
/// The wait after the first failure; twice as long after each that follows, drawn anew each time.
const FIRST_WAIT_MS: i64 = 1_000;
/// The longest.
const LONGEST_WAIT_MS: i64 = 15 * 60 * 1_000;
/// How many syncs run at once.
const AT_ONCE: usize = 16;
/// Most messages in one sync; what is left over is for the next.
const MESSAGES: usize = 4_096;
/// How long a peer lets this node wait for news when it cannot call it.
const POLL_S: u64 = 25;

/// Messages that answer one.
#[derive(Serialize)]
struct Envelopes<'a> {
    packets: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct EnvelopesDto<'a> {
    #[serde(borrow)]
    packets: Vec<&'a RawValue>,
}

/// What a peer has, in one number.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DigestDto {
    /// Equal if and only if neither side has something for the other.
    pub(crate) digest: String,
}

/// Writes the messages that answer one.
///
/// # Errors
/// When one of them cannot be written.
pub(crate) fn write_packets(packets: &[Packet]) -> anyhow::Result<Vec<u8>> {
    let mut texts = Vec::with_capacity(packets.len());
    for packet in packets {
        let bytes = wire::write(packet)?;
        texts.push(RawValue::from_string(String::from_utf8(bytes)?)?);
    }
    let packets = texts.iter().map(AsRef::as_ref).collect();
    Ok(serde_json::to_vec(&Envelopes { packets })?)
}

/// The messages that answer one, each still to be read.
fn read_packets(bytes: &[u8]) -> Result<Vec<Arc<[u8]>>, CallError> {
    let dto: EnvelopesDto<'_> =
        serde_json::from_slice(bytes).map_err(|_why| CallError::Unreadable)?;
    let packets = dto.packets.into_iter();
    Ok(packets
        .map(|text| Arc::from(text.get().as_bytes()))
        .collect())
}

/// Reads a message, before the core is asked for: others do not wait for that.
///
/// # Errors
/// [`ExchangeError::Refused`].
pub(crate) async fn read_packet(bytes: Arc<[u8]>) -> Result<Packet, ExchangeError> {
    let read = tokio::task::spawn_blocking(move || wire::read(&bytes));
    Ok(read.await??)
}

/// Whether a peer has to do with a space: a member is at its node, or the charter has yet to come in.
pub(crate) fn concerns(node: &Node, space: &SpaceId, peer: &GroupId) -> bool {
    let Ok(state) = node.state(space) else {
        return true;
    };
    let at_its_node = |group: &GroupId| {
        let card = node.trust().card(group);
        group == peer || card.is_some_and(|card| card.card().node == Some(*peer))
    };
    state.charter.is_none() || state.members.keys().any(at_its_node)
}

/// The address of what is asked of a peer about a space.
pub(crate) fn path_of(space: &SpaceId, what: &str) -> String {
    format!("/fed/v1/spaces/{space}/{what}")
}

/// What became of a sync.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Synced {
    /// Whether this node knows more now.
    pub(crate) changed: bool,
    /// Messages sent.
    pub(crate) messages: usize,
    /// Bytes sent and received.
    pub(crate) bytes: usize,
    /// Items of the peer that were refused here.
    pub(crate) refused: usize,
}

/// Syncs with a peer about a space until neither has anything for the other.
///
/// # Errors
/// [`CallError`]; what was taken before stays taken.
pub(crate) async fn sync(
    exchange: &Exchange,
    fetcher: &Fetcher,
    address: &Address,
    space: SpaceId,
) -> Result<Synced, CallError> {
    let peer = address.peer;
    let first = exchange.look(move |node| node.hint(peer, space)).await?;
    let mut outbox = vec![first.map_err(ExchangeError::from)?];
    let mut synced = Synced::default();
    while let Some(packet) = outbox.pop() {
        if synced.messages == MESSAGES {
            break;
        }
        let body = wire::write(&packet).map_err(ExchangeError::from)?;
        synced.messages += 1;
        synced.bytes += body.len();
        let question = Question {
            method: Method::POST,
            path: path_of(&space, "messages"),
            query: None,
            body,
            patience: PATIENCE,
        };
        let answer = exchange.ask(fetcher, address, question).await?;
        synced.bytes += answer.len();
        for bytes in read_packets(&answer)? {
            let packet = read_packet(bytes).await?;
            let taken = exchange.change(move |node| Ok(((), node.handle(peer, packet.clone()))));
            let ((), effects) = taken.await?;
            synced.changed |= effects.changed;
            synced.refused += effects.refused.len();
            let back = effects.send.into_iter().filter(|packet| packet.to == peer);
            outbox.extend(back);
        }
    }
    Ok(synced)
}

/// Syncs with all peers until the node stops.
pub(crate) async fn exchange(state: Shared) {
    let mut stopping = state.stopping.clone();
    let mut changes = state.store.listen();
    let mut syncer = Syncer::default();
    while !*stopping.borrow_and_update() {
        match syncer.look(&state).await {
            Ok(()) | Err(ExchangeError::Off) => {}
            Err(error) => {
                tracing::warn!(
                    error = format!("{:#}", anyhow::Error::from(error)),
                    "peers cannot be looked up"
                );
                sleep(GLANCE).await;
            }
        }
        tokio::select! {
            _ = stopping.changed() => break,
            Some(done) = syncer.syncing.join_next() => syncer.done(done),
            Some(heard) = syncer.polling.join_next() => syncer.heard(heard),
            _ = timeout(GLANCE, changes.changed()) => {}
        }
    }
    syncer.polling.abort_all();
    syncer.syncing.abort_all();
}

type Pair = (GroupId, SpaceId);

/// Who is being synced with.
#[derive(Default)]
struct Syncer {
    syncing: JoinSet<Pair>,
    busy: BTreeSet<Pair>,
    /// Peers that are waited for to tell news, for a node that cannot be called.
    polling: JoinSet<(Pair, bool)>,
    polled: BTreeSet<Pair>,
    /// Peers that told news.
    told: BTreeSet<Pair>,
}

/// What there is to look at.
struct Sight {
    digests: BTreeMap<SpaceId, String>,
    /// Which peers have to do with which spaces.
    pairs: BTreeSet<Pair>,
    /// Where peers listen, by their newest cards.
    urls: BTreeMap<GroupId, Url>,
    /// Whether others can call this node.
    callable: bool,
}

impl Syncer {
    async fn look(&mut self, state: &Shared) -> Result<(), ExchangeError> {
        let peers = state.store.peers().await?;
        let at = now();
        let peers: Vec<Address> = peers
            .into_iter()
            .filter(|row| row.state == "allowed")
            .filter(|row| {
                row.suspended_until
                    .as_ref()
                    .is_none_or(|until| *until <= at)
            })
            .filter_map(|row| {
                let url = Url::parse(&row.url).ok()?;
                let peer = row.group_id.parse().ok()?;
                Some(Address { peer, url })
            })
            .collect();
        if peers.is_empty() {
            return Ok(());
        }
        let ids: Vec<GroupId> = peers.iter().map(|address| address.peer).collect();
        let sight = state.exchange.look(move |node| sight(node, &ids)).await?;
        let rows = state.store.syncs().await?;
        let rows: BTreeMap<(String, String), SyncRow> = rows
            .into_iter()
            .map(|row| ((row.peer.clone(), row.space.clone()), row))
            .collect();
        for mut address in peers {
            if let Some(url) = sight.urls.get(&address.peer) {
                address.url.clone_from(url);
            }
            for (space, digest) in &sight.digests {
                let pair = (address.peer, *space);
                if !sight.pairs.contains(&pair) {
                    continue;
                }
                let row = rows.get(&(pair.0.to_string(), pair.1.to_string()));
                let is_known = state.traffic.has_told(pair.0, pair.1, digest);
                if !sight.callable && self.polled.insert(pair) {
                    let (state, address) = (state.clone(), address.clone());
                    let known = digest.clone();
                    self.polling
                        .spawn(async move { (pair, poll(&state, &address, pair.1, &known).await) });
                }
                let told = self.told.contains(&pair);
                if self.busy.contains(&pair)
                    || self.busy.len() >= AT_ONCE
                    || !is_due(row, digest, (told, is_known), &at)
                {
                    continue;
                }
                self.told.remove(&pair);
                self.busy.insert(pair);
                let (state, address, row) = (state.clone(), address.clone(), row.cloned());
                self.syncing.spawn(async move {
                    one(&state, &address, pair.1, row).await;
                    pair
                });
            }
        }
        Ok(())
    }

    fn done(&mut self, done: Result<Pair, tokio::task::JoinError>) {
        match done {
            Ok(pair) => {
                self.busy.remove(&pair);
            }
            Err(error) => {
                tracing::error!(%error, "a sync failed");
                self.busy.clear();
            }
        }
    }

    fn heard(&mut self, heard: Result<(Pair, bool), tokio::task::JoinError>) {
        match heard {
            Ok((pair, news)) => {
                self.polled.remove(&pair);
                if news {
                    self.told.insert(pair);
                }
            }
            Err(_ended) => self.polled.clear(),
        }
    }
}

fn sight(node: &Node, peers: &[GroupId]) -> Sight {
    let digests = node.spaces().filter_map(|(space, _)| {
        let digest = node.heads_digest(&space).ok()?;
        Some((space, digest.to_string()))
    });
    let own = node.trust().card(&node.me());
    let spaces: Vec<SpaceId> = node.spaces().map(|(space, _)| space).collect();
    let pairs = peers.iter().flat_map(|peer| {
        let spaces = spaces.iter().filter(|space| concerns(node, space, peer));
        spaces.map(|space| (*peer, *space))
    });
    let urls = peers.iter().filter_map(|peer| {
        let card = node.trust().card(peer)?;
        Some((*peer, Url::parse(&card.card().url).ok()?))
    });
    Sight {
        pairs: pairs.collect(),
        urls: urls.collect(),
        digests: digests.collect(),
        callable: own.is_some_and(|card| !card.card().url.is_empty()),
    }
}

/// Whether it is time: the peer told news, or does not know those of this node; or nothing was heard for long; and no wait
/// is in the way.
fn is_due(row: Option<&SyncRow>, digest: &str, (told, is_known): (bool, bool), at: &str) -> bool {
    let Some(row) = row else { return !is_known };
    if row.next_try.as_str() > at {
        return false;
    }
    let news = (row.agreed != digest && !is_known) || told || row.fails > 0;
    let last: Option<Timestamp> = row.agreed_at.as_ref().and_then(|last| last.parse().ok());
    let rested = last.is_none_or(|last| {
        let jitter = SignedDuration::from_secs(rand::random_range(0..60));
        Timestamp::now().duration_since(last) >= NOW_AND_THEN + jitter
    });
    news || rested
}

/// One sync, and what becomes of it.
///
/// Both have what this node knew when it began. What came in or was said meanwhile is for the next one, so that nothing
/// that is said while a sync ends is taken for sent.
pub(super) async fn one(state: &Shared, address: &Address, space: SpaceId, row: Option<SyncRow>) {
    let began = state.exchange.look(move |node| node.heads_digest(&space));
    let began = began.await;
    let synced = sync(&state.exchange, &state.fetcher, address, space).await;
    let fails = row.as_ref().map_or(0, |row| row.fails);
    let mut next = SyncRow {
        peer: address.peer.to_string(),
        space: space.to_string(),
        agreed: row
            .as_ref()
            .map(|row| row.agreed.clone())
            .unwrap_or_default(),
        agreed_at: row.and_then(|row| row.agreed_at),
        fails: 0,
        next_try: now(),
        trouble: None,
    };
    match synced {
        Ok(synced) => {
            count("done", synced);
            if let Err(over) = state.traffic.budgets.refused(&address.peer, synced.refused) {
                punish(state, &address.peer, over).await;
            }
            if let Ok(Ok(digest)) = began {
                next.agreed = digest.to_string();
                next.agreed_at = Some(now());
            }
        }
        Err(error) => {
            count("failed", Synced::default());
            let asked = match &error {
                CallError::Refused { retry_after, .. } => *retry_after,
                _ => None,
            };
            tracing::info!(peer = next.peer, space = next.space, %error, "a sync failed");
            next.fails = fails + 1;
            next.next_try = after_failure(next.fails, asked);
            next.trouble = Some(error.to_string());
        }
    }
    if let Err(error) = keep(state, &next).await {
        tracing::warn!(%error, "how far a sync is cannot be kept");
        sleep(GLANCE).await;
    }
}

async fn keep(state: &State, row: &SyncRow) -> Result<(), StoreError> {
    let mut write = state.store.write_aside().await?;
    write.keep_sync(row).await?;
    write.commit().await
}

/// The wait doubles up to its longest, and all of it is drawn, so that many that failed together do not return together.
fn after_failure(fails: i64, asked: Option<Duration>) -> String {
    let doublings = u32::try_from(fails - 1).unwrap_or(0).min(20);
    let most = (FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS);
    let wait = SignedDuration::from_millis(rand::random_range(0..=most));
    let asked = asked.and_then(|asked| SignedDuration::try_from(asked).ok());
    let longest = SignedDuration::from_millis(LONGEST_WAIT_MS);
    let wait = wait.max(asked.unwrap_or_default().min(longest));
    let then = Timestamp::now().checked_add(wait);
    stamp(then.unwrap_or(Timestamp::MAX))
}

/// Waits until a peer has something new; whether it has.
async fn poll(state: &Shared, address: &Address, space: SpaceId, known: &str) -> bool {
    let question = Question {
        query: Some(format!("known={known}&wait={POLL_S}")),
        patience: PATIENCE + Duration::from_secs(POLL_S),
        ..Question::get(&path_of(&space, "digest"))
    };
    match state.exchange.ask(&state.fetcher, address, question).await {
        Ok(body) => {
            let said: Option<DigestDto> = serde_json::from_slice(&body).ok();
            said.is_some_and(|said| said.digest != known)
        }
        Err(_away) => {
            sleep(Duration::from_secs(5)).await;
            false
        }
    }
}

/// Leaves a peer alone that was over its budget too often.
pub(crate) async fn punish(state: &State, peer: &GroupId, over: Over) {
    if let Over::Suspend(why) = over
        && let Err(error) = state.exchange.suspend(peer, why).await
    {
        tracing::warn!(
            error = format!("{:#}", anyhow::Error::from(error)),
            "a peer cannot be suspended"
        );
    }
}

fn count(ended: &'static str, synced: Synced) {
    metrics::counter!("meridian_syncs_total", "ended" => ended).increment(1);
    let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    metrics::counter!("meridian_sync_messages_total").increment(number(synced.messages));
    metrics::counter!("meridian_sync_bytes_total").increment(number(synced.bytes));
}
