//! What is said is durable, in one log, whoever says it and whatever became of the database.

use std::sync::Arc;

use meridian_federation::SpaceId;

use super::nodes::{Listening, store};
use crate::exchange::{Exchange, sync};

/// Generation and length of each log of the node's group.
async fn logs(exchange: &Exchange, node: &Listening, space: SpaceId) -> Vec<(u64, usize, bool)> {
    let group = node.group;
    let found = exchange.look(move |node| {
        let logs = node.logs(&space).expect("followed").iter();
        let own = logs.filter(|((author, _), _)| *author == group);
        own.map(|((_, generation), log)| (*generation, log.chain().len(), log.fork().is_some()))
            .collect()
    });
    found.await.expect("a look")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_and_the_command_line_beside_it_sign_no_place_twice() {
    let node = Listening::begin("tokyo").await;
    let space = node.open(&[]).await;
    let node = Arc::new(node);
    let folder = node.folder.path().to_owned();
    let beside = Arc::new(Exchange::of(&store(&folder).await, &folder));
    let group = node.group;
    let said = |exchange: Arc<Exchange>| async move {
        for _ in 0..10 {
            let reason = "we cannot".to_owned();
            let content = meridian_federation::content::Content::MemberLeave(
                meridian_federation::content::MemberLeave { reason },
            );
            let said = exchange.say_all(space, vec![(group, content)]).await;
            said.expect("it can be said");
        }
    };
    let other = tokio::spawn(said(Arc::clone(&beside)));
    for _ in 0..10 {
        node.join(space).await;
    }
    other.await.expect("no panic");
    // The charter, and twenty things: all in the first log, none signed twice.
    assert_eq!(
        logs(&node.state.exchange, &node, space).await,
        [(0, 21, false)]
    );
    assert_eq!(logs(&beside, &node, space).await, [(0, 21, false)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_from_a_backup_goes_on_in_a_new_log() {
    let node = Listening::begin("tokyo").await;
    let space = node.open(&[]).await;
    let folder = node.folder.path().to_owned();
    let backup = folder.join("backup.db");
    node.state.store.copy_to(&backup).await.expect("a backup");
    node.join(space).await;
    assert_eq!(
        logs(&node.state.exchange, &node, space).await,
        [(0, 2, false)]
    );

    // The side file beside it knows of the record that the backup does not have.
    let restored = tempfile::tempdir().expect("a folder");
    std::fs::copy(&backup, restored.path().join("meridian.db")).expect("a copy");
    std::fs::copy(
        folder.join("signed.json"),
        restored.path().join("signed.json"),
    )
    .expect("a copy");
    let exchange = Exchange::of(&store(restored.path()).await, restored.path());
    let group = node.group;
    let content = meridian_federation::content::Content::MemberLeave(
        meridian_federation::content::MemberLeave {
            reason: "we cannot".to_owned(),
        },
    );
    let said = exchange.say_all(space, vec![(group, content)]).await;
    said.expect("it can be said");
    assert_eq!(
        logs(&exchange, &node, space).await,
        [(0, 1, false), (1, 1, false)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_says_the_other_sees_and_it_survives_a_restart() {
    let (one, other) = (
        Listening::begin("tokyo").await,
        Listening::begin("berlin").await,
    );
    one.meet(&other).await;
    let space = one.open(&[&other]).await;
    other.follow(space, one.group).await;
    let synced = other.sync_with(&one, space).await;
    assert!(synced.changed && synced.refused == 0, "{synced:?}");
    other.join(space).await;
    assert_ne!(one.digest(space).await, other.digest(space).await);
    // Whoever begins a sync also brings what the other side lacks.
    other.sync_with(&one, space).await;
    let digest = one.digest(space).await;
    assert_eq!(digest, other.digest(space).await);
    // Nothing is new, and that is told in one message.
    let idle = other.sync_with(&one, space).await;
    assert!(!idle.changed && idle.messages == 1, "{idle:?}");

    let folder = other.folder.path();
    let again = Exchange::of(&store(folder).await, folder);
    let seen = again.look(move |node| node.state(&space).expect("followed").digest().to_string());
    assert_eq!(seen.await.expect("a look"), digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_up_during_a_sync_is_for_the_next_one() {
    let (here, there) = (
        Listening::begin("tokyo").await,
        Listening::begin("berlin").await,
    );
    here.meet(&there).await;
    let space = here.open(&[&there]).await;
    there.follow(space, here.group).await;
    there.sync_with(&here, space).await;
    there.join(space).await;
    let heads = || async {
        let heads = here
            .state
            .exchange
            .look(move |node| node.heads_digest(&space));
        heads.await.expect("a look").expect("followed").to_string()
    };
    let agreed = || async {
        let row = here.state.store.syncs().await.expect("rows").pop();
        sync::one(&here.state, &there.address(), space, row).await;
        let row = here.state.store.syncs().await.expect("rows").pop();
        row.expect("it is kept").agreed
    };
    let before = heads().await;
    assert_eq!(agreed().await, before);
    // The other one's join has come in: the next sync makes sure that both have that, too.
    assert_ne!(heads().await, before);
    assert_eq!(agreed().await, heads().await);
}
