//! What is not from a peer, and what a peer has not signed as it should, is refused with its code.

use reqwest::StatusCode;
use serde_json::Value;

use super::nodes::Listening;
use crate::exchange::calls::{CallError, Question};
use crate::exchange::sync::path_of;

async fn code_of(answer: reqwest::Response) -> (StatusCode, String) {
    let status = answer.status();
    let said = answer.bytes().await.expect("a body");
    let said: Value = serde_json::from_slice(&said).expect("a problem document");
    (status, said["code"].as_str().expect("a code").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_signature_there_is_nothing_but_a_card() {
    let node = Listening::begin("tokyo").await;
    let space = node.open(&[]).await;
    let client = reqwest::Client::new();
    let at = |path: &str| node.url.join(path).expect("an address");
    for path in ["/fed/v1/spaces".to_owned(), path_of(&space, "digest")] {
        let answer = client.get(at(&path)).send().await.expect("an answer");
        let told = code_of(answer).await;
        assert_eq!(
            told,
            (StatusCode::UNAUTHORIZED, "signature-missing".to_owned())
        );
    }
    let card = client
        .get(at("/fed/v1/node"))
        .send()
        .await
        .expect("an answer");
    let card = card.bytes().await.expect("a body");
    let card: Value = serde_json::from_slice(&card).expect("JSON");
    assert_eq!(card["groups"][0]["handle"], "tokyo");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_people_have_not_made_sure_of_is_no_peer() {
    let (one, other) = (
        Listening::begin("tokyo").await,
        Listening::begin("berlin").await,
    );
    let ask = |other: &Listening| {
        let (state, address) = (other.state.clone(), one.address());
        async move {
            let asked = Question::get("/fed/v1/spaces");
            state.exchange.ask(&state.fetcher, &address, asked).await
        }
    };
    match ask(&other).await {
        Err(CallError::Refused { code, .. }) => assert_eq!(code, "unknown-peer"),
        told => panic!("{told:?}"),
    }
    one.meet(&other).await;
    assert!(ask(&other).await.is_ok());
    one.state
        .exchange
        .forbid(&other.group.to_string())
        .await
        .expect("known");
    match ask(&other).await {
        Err(CallError::Refused { code, .. }) => assert_eq!(code, "unknown-peer"),
        told => panic!("{told:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_words_than_the_node_has_let_nobody_in() {
    let (one, other) = (
        Listening::begin("tokyo").await,
        Listening::begin("berlin").await,
    );
    let document = other.state.exchange.document().await.expect("a card");
    let met = one.state.exchange.meet(&document, other.url.as_str()).await;
    let row = one
        .state
        .store
        .peer(&met.expect("in order").to_string())
        .await;
    let row = row.expect("a peer");
    let wrong = one
        .state
        .exchange
        .allow(&row, "one two three four five six")
        .await;
    assert!(wrong.is_err());
    let row = one.state.store.peer(&row.group_id).await.expect("a peer");
    assert_eq!(row.state, "waiting");
}
