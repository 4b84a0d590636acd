//! A peer that floods a node is left alone for a while, and the others are answered all the same.

use reqwest::Method;
use serde_json::Value;

use super::nodes::{Three, three};
use crate::exchange::calls::{CallError, Question};
use crate::exchange::sync::path_of;
use crate::exchange::traffic::Traffic;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_what_has_to_be_refused_again_and_again_is_suspended() {
    let Three {
        node,
        bad,
        good,
        space,
    } = three(Traffic::begin()).await;

    // Messages full of what cannot be read: each item is refused by itself, and counted.
    let items = vec![Value::Null; 1024];
    let message = serde_json::json!({
        "from": bad.group.to_string(), "to": node.group.to_string(), "space": space.to_string(),
        "message": { "docs": {
            "cards": items, "disputes": [], "evidence": [], "records": [], "bodies": [], "more": false,
        } },
    });
    let body = serde_json::to_vec(&message).expect("JSON");
    let send = || {
        let (state, address, body) = (bad.state.clone(), node.address(), body.clone());
        let question = Question {
            method: Method::POST,
            body,
            ..Question::get(&path_of(&space, "messages"))
        };
        async move { state.exchange.ask(&state.fetcher, &address, question).await }
    };
    let mut codes = Vec::new();
    for _ in 0..40 {
        match send().await {
            Ok(_) => codes.push("taken".to_owned()),
            Err(CallError::Refused {
                code, retry_after, ..
            }) => {
                assert!(retry_after.is_some(), "{code} without a time");
                codes.push(code);
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(codes.first().map(String::as_str), Some("taken"));
    assert!(codes.contains(&"quota-exceeded".to_owned()), "{codes:?}");
    assert_eq!(
        codes.last().map(String::as_str),
        Some("peer-suspended"),
        "{codes:?}"
    );
    let row = node.state.store.peer(&bad.group.to_string()).await;
    let row = row.expect("a peer");
    assert!(row.suspended_until.is_some() && row.suspensions == 1);

    // Nobody else pays for it.
    let synced = good.sync_with(&node, space).await;
    assert!(synced.changed);
    assert_eq!(good.digest(space).await, node.digest(space).await);

    // People let it in again.
    let mut write = node.state.store.write().await.expect("a write");
    let back = write.set_peer(&bad.group.to_string(), "allowed").await;
    back.expect("known");
    write.commit().await.expect("durable");
    assert!(
        matches!(send().await, Err(CallError::Refused { code, .. }) if code == "quota-exceeded")
    );
}
