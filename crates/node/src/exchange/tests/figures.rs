//! How long the exchange takes over real HTTP and into SQLite. Small every day; `./run federation-figures` is the whole size
//! and prints what it measured.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use meridian_federation::{GroupId, SpaceId};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::nodes::{Listening, store};
use crate::exchange::Exchange;
use crate::exchange::calls::CallError;
use crate::exchange::identity::NewGroup;
use crate::exchange::sync::{exchange, sync};

fn is_whole() -> bool {
    std::env::var_os("MERIDIAN_FIGURES").is_some()
}

/// The whole size, or a small one.
fn size(whole: usize, small: usize) -> usize {
    if is_whole() { whole } else { small }
}

/// Groups that have this node as theirs, beside its own.
async fn guests(node: &Listening, n: usize) -> Vec<GroupId> {
    let mut groups = Vec::new();
    for n in 0..n {
        let handle = format!("guest-{n}");
        let new = NewGroup {
            handle: &handle,
            name: &handle,
            url: "",
        };
        groups.push(
            node.state
                .exchange
                .make_group(new)
                .await
                .expect("a group")
                .group,
        );
    }
    groups
}

fn per_second(n: usize, took: Duration) -> u128 {
    let n = u128::try_from(n).unwrap_or(u128::MAX);
    n * 1000 / took.as_millis().max(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_comes_late_gets_everything() {
    const GROUPS: usize = 20;
    let records = size(100_000, 1_000);
    let (node, late) = (
        Listening::begin("tokyo").await,
        Listening::begin("berlin").await,
    );
    node.meet(&late).await;
    let guests = guests(&node, GROUPS).await;
    let members: Vec<GroupId> = guests.iter().copied().chain([late.group]).collect();
    let space = node.open_for(&members).await;
    let began = Instant::now();
    for _ in 0..records / (GROUPS * 10) {
        node.join_often(space, &guests, 10).await;
    }
    let said = began.elapsed();
    late.follow(space, node.group).await;
    let began = Instant::now();
    while late.sync_with(&node, space).await.changed {}
    let synced = began.elapsed();
    assert_eq!(late.digest(space).await, node.digest(space).await);
    let kept = late.state.exchange.look(move |node| {
        let logs = node.logs(&space).expect("followed").values();
        logs.map(|log| log.records().count()).sum::<usize>()
    });
    assert!(kept.await.expect("a look") > records);
    let folder = late.folder.path();
    let began = Instant::now();
    let again = Exchange::of(&store(folder).await, folder);
    let digest = again.look(move |node| node.state(&space).expect("followed").digest().to_string());
    assert_eq!(digest.await.expect("a look"), node.digest(space).await);
    let restarted = began.elapsed();
    println!(
        "{records} records: signed and kept in {said:.1?} ({} a second), a cold sync in {synced:.1?} ({} a second), \
         read again after a restart in {restarted:.1?}",
        per_second(records, said),
        per_second(records, synced),
    );
}

/// Waits until every node sees what the first one does.
async fn agreed(nodes: &[Listening], space: SpaceId) {
    for node in nodes {
        while node.digest(space).await != nodes[0].digest(space).await {
            sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_nodes_hear_of_what_one_says() {
    let n = size(200, 12);
    let mut nodes = Vec::new();
    for at in 0..n {
        nodes.push(Listening::begin(&format!("node-{at}")).await);
    }
    // Each has some as peers, at distances that grow: all are a few calls from each other.
    let mut step = 1;
    while step < n {
        for at in 0..n {
            nodes[at].meet(&nodes[(at + step) % n]).await;
        }
        step *= 4;
    }
    let members: Vec<GroupId> = nodes.iter().skip(1).map(|node| node.group).collect();
    let space = nodes[0].open_for(&members).await;
    for node in &nodes[1..] {
        node.follow(space, nodes[0].group).await;
    }
    let mut running = JoinSet::new();
    for node in &nodes {
        running.spawn(exchange(node.state.clone()));
    }
    agreed(&nodes, space).await;
    let began = Instant::now();
    nodes[0].join(space).await;
    agreed(&nodes, space).await;
    println!("{n} nodes see what one says after {:.1?}", began.elapsed());
}

/// How long a node takes to say something and sync, in the middle.
async fn usual(
    (node, with): (&Listening, &Listening),
    space: SpaceId,
    still: impl Fn(usize) -> bool,
) -> Duration {
    let mut took = Vec::new();
    while still(took.len()) {
        node.join(space).await;
        let began = Instant::now();
        node.sync_with(with, space).await;
        took.push(began.elapsed());
        sleep(BETWEEN).await;
    }
    took.sort();
    took[took.len() / 2]
}

/// Between two things that somebody says.
const BETWEEN: Duration = Duration::from_millis(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_sends_very_many_records_is_suspended_and_hardly_delays_the_others() {
    let (records, rounds) = (size(1_000_000, 24_000), size(200, 5));
    let [node, good, flood] = [
        Listening::begin("tokyo").await,
        Listening::begin("lima").await,
        Listening::begin("berlin").await,
    ];
    node.meet(&flood).await;
    node.meet(&good).await;
    let guests = guests(&flood, 20).await;
    let others = [flood.group, good.group];
    let members: Vec<GroupId> = guests.iter().copied().chain(others).collect();
    let space = node.open_for(&members).await;
    good.follow(space, node.group).await;
    flood.follow(space, node.group).await;
    good.sync_with(&node, space).await;
    flood.sync_with(&node, space).await;
    for _ in 0..records / 1_000 {
        flood.join_often(space, &guests, 50).await;
    }
    let quiet = usual((&good, &node), space, |n| n < rounds).await;
    let suspended = AtomicBool::new(false);
    let send = || async {
        let (exchange, fetcher) = (&flood.state.exchange, &flood.state.fetcher);
        while !suspended.load(Ordering::Relaxed) {
            if let Err(CallError::Refused { code, .. }) =
                sync(exchange, fetcher, &node.address(), space).await
            {
                suspended.fetch_or(code == "peer-suspended", Ordering::Relaxed);
            }
        }
    };
    let began = Instant::now();
    let (_, _, _, _, loud) = tokio::join!(
        send(),
        send(),
        send(),
        send(),
        usual((&good, &node), space, |n| n < rounds
            || !suspended.load(Ordering::Relaxed)),
    );
    let kept = node.state.exchange.look(move |node| {
        let logs = node.logs(&space).expect("followed").iter();
        let theirs = logs.filter(|((author, _), _)| guests.contains(author));
        theirs.map(|(_, log)| log.records().count()).sum::<usize>()
    });
    let kept = kept.await.expect("a look");
    println!(
        "a sync takes {quiet:.1?}, and {loud:.1?} while another peer sends {records} records over four lines; \
         it is suspended within {:.1?}, after {kept} of them",
        began.elapsed(),
    );
    assert!(kept < records.min(100_000), "{kept}");
    if is_whole() {
        assert!(loud <= 2 * quiet);
    }
    good.sync_with(&node, space).await;
    assert_eq!(good.digest(space).await, node.digest(space).await);
}
