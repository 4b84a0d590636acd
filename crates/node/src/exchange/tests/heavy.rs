//! Bodies that never end, that trickle, and that are more than one at a time: they cost their peer, and nobody else.

use std::time::Duration;

use jiff::Timestamp;
use meridian_federation::{SpaceId, wire};
use reqwest::Method;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::nodes::{Listening, Three, three};
use crate::exchange::calls::MEDIA;
use crate::exchange::signed_http::{MAX_LIFE_S, OutgoingRequest, Stamp, sign_request};
use crate::exchange::sync::path_of;
use crate::exchange::traffic::Traffic;

/// What may lie in sockets on both sides before a sender has to wait.
const UNDER_WAY: usize = 16 * 1024 * 1024;

/// The head of a message that a peer has signed, with what it says of its body's length.
async fn head(from: &Listening, to: &Listening, space: &SpaceId, length: &str) -> Vec<u8> {
    let path = path_of(space, "messages");
    let authority = to.url.authority().to_owned();
    let created = Timestamp::now().as_second();
    let stamp = Stamp {
        created,
        expires: created + MAX_LIFE_S,
        nonce: rand::random(),
    };
    let outgoing = OutgoingRequest {
        method: Method::POST.as_str(),
        authority: &authority,
        path: &path,
        query: None,
        content_type: MEDIA,
        body: b"another",
        recipient: to.group,
    };
    let key = from.state.exchange.own_key().await.expect("a key");
    let signed = sign_request(&outgoing, stamp, &key).expect("a request");
    let mut head =
        format!("POST {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n{length}\r\n");
    for (name, value) in &signed.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}

async fn call(node: &Listening, head: &[u8]) -> TcpStream {
    let stream = TcpStream::connect(node.url.authority()).await;
    let mut stream = stream.expect("it listens");
    stream.write_all(head).await.expect("a head");
    stream
}

/// The code of a refusal; nothing where the node hung up before it could be read.
async fn code(stream: &mut TcpStream) -> Option<String> {
    let mut answer = Vec::new();
    let _hung_up = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    let said: Value = serde_json::from_str(body).ok()?;
    said["code"].as_str().map(str::to_owned)
}

/// Three nodes, the first of which waits so long for a body.
async fn scene(patience: Duration) -> Three {
    let mut traffic = Traffic::begin();
    traffic.patience = patience;
    three(traffic).await
}

impl Three {
    async fn good_syncs(&self) {
        self.good.sync_with(&self.node, self.space).await;
        self.good.join(self.space).await;
        self.good.sync_with(&self.node, self.space).await;
        let (here, there) = (self.node.digest(self.space), self.good.digest(self.space));
        assert_eq!(here.await, there.await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_gibibytes_are_not_even_begun_when_they_are_announced() {
    let Three {
        node, bad, space, ..
    } = scene(Duration::from_secs(20)).await;
    let head = head(&bad, &node, &space, "content-length: 10737418240").await;
    let mut stream = call(&node, &head).await;
    assert_eq!(code(&mut stream).await.as_deref(), Some("too-large"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_gibibytes_that_come_in_pieces_end_at_the_most_that_a_message_is() {
    let scene = scene(Duration::from_secs(20)).await;
    let head = head(
        &scene.bad,
        &scene.node,
        &scene.space,
        "transfer-encoding: chunked",
    )
    .await;
    let mut stream = call(&scene.node, &head).await;
    let piece = vec![b' '; 1024 * 1024];
    let chunk = [b"100000\r\n", piece.as_slice(), b"\r\n"].concat();
    let mut sent = 0;
    for _ in 0..10 * 1024 {
        if stream.write_all(&chunk).await.is_err() {
            break;
        }
        sent += piece.len();
    }
    assert!(sent >= wire::MAX_BYTES, "{sent}");
    assert!(sent <= wire::MAX_BYTES + UNDER_WAY, "{sent}");
    scene.good_syncs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_trickle_end_in_time_and_only_their_peer_waits_for_them() {
    let patience = Duration::from_secs(1);
    let scene = scene(patience).await;
    let trickles: Vec<_> = {
        let mut trickles = Vec::new();
        for _ in 0..4 {
            let head = head(
                &scene.bad,
                &scene.node,
                &scene.space,
                "content-length: 100000",
            )
            .await;
            let mut stream = call(&scene.node, &head).await;
            trickles.push(tokio::spawn(async move {
                // A byte in a while, until the node answers.
                let (mut reading, mut writing) = stream.split();
                let mut answer = Vec::new();
                let write = async {
                    while writing.write_all(b" ").await.is_ok() {
                        sleep(Duration::from_millis(100)).await;
                    }
                };
                tokio::select! {
                    _ = reading.read_to_end(&mut answer) => {}
                    () = write => {}
                }
                String::from_utf8_lossy(&answer).contains("too-slow")
            }));
        }
        trickles
    };
    scene.good_syncs().await;
    assert!(trickles.iter().all(|trickle| !trickle.is_finished()));
    let mut slow = 0;
    for trickle in trickles {
        slow += usize::from(trickle.await.expect("it ends"));
    }
    assert!(slow > 0);
    let bad = scene.bad.group.to_string();
    let row = scene.node.state.store.peer(&bad);
    assert!(row.await.expect("a peer").suspended_until.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_has_one_message_read_at_a_time() {
    let scene = scene(Duration::from_secs(20)).await;
    let (traffic, bad) = (&scene.node.state.traffic, &scene.bad.group);
    let turn = traffic.turn(bad).await;
    let (own, space) = (&scene.bad, scene.space);
    own.follow(space, scene.node.group).await;
    let waiting = own.sync_with(&scene.node, space);
    tokio::pin!(waiting);
    tokio::select! {
        biased;
        _ = &mut waiting => panic!("it was read out of turn"),
        () = scene.good_syncs() => {}
    }
    drop(turn);
    assert!(waiting.await.changed);
}
