//! What every request passes: limits, headers, logs and numbers.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::harness::{Node, wait_for};

/// Writes bytes to a node as they are, and reads all that it answers until it hangs up.
fn raw(node: &Node, bytes: &[u8]) -> String {
    let mut stream = open(node);
    stream.write_all(bytes).expect("it is sent");
    let mut answer = Vec::new();
    // A node that hangs up early may leave the rest of what was sent unread.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn open(node: &Node) -> TcpStream {
    let address = node.address().trim_start_matches("http://");
    let stream = TcpStream::connect(address).expect("it listens");
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).expect("a time limit");
    stream
}

#[test]
fn every_answer_tells_the_browser_to_be_strict() {
    let node = Node::start();
    for path in ["/health", "/api/v1/nothing", "/api/v1/openapi.json"] {
        let answer = node.stranger().get(path);
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
    }
}

#[test]
fn what_is_too_large_is_refused_with_a_problem() {
    let node = Node::start();
    let stranger = node.stranger();
    // Just too large, so that it has been read when it is refused: what is hung up on while it sends may miss the answer.
    let body = format!("{{\"code\":\"{}\"}}", "x".repeat(1024 * 1024));
    let json = Some(("application/json", body.into_bytes()));
    let answer = stranger.send(Method::POST, "/api/v1/login", &[], json);
    answer.refuses(413, "too-large");
    let long = "x".repeat(20_000);
    let answer = stranger.send(Method::GET, "/health", &[("x-long", &long)], None);
    answer.refuses(431, "long-head");
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let json = Some(("application/json", deep.into_bytes()));
    let answer = stranger.send(Method::POST, "/api/v1/login", &[], json);
    answer.refuses(400, "malformed");
}

#[test]
fn a_body_that_says_it_is_a_gibibyte_is_refused_before_it_is_sent() {
    let node = Node::start();
    let answer = raw(
        &node,
        b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
          Connection: close\r\nContent-Length: 1073741824\r\n\r\n{",
    );
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("too-large"), "{answer}");
}

/// The head of an upload that its sender may not send.
fn unwanted_upload(more: &str, body: usize) -> String {
    format!(
        "PUT /api/v1/events/relay/folder HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-tar\r\n\
         {more}Content-Length: {body}\r\n\r\n"
    )
}

/// Reads one answer and leaves the connection open.
fn one_answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("the rest of a head");
        answer.push(byte[0]);
    }
    let head = String::from_utf8(answer).expect("text");
    let length = head.to_lowercase();
    let (_, length) = length.split_once("content-length: ").expect("a length");
    let (length, _) = length.split_once('\r').expect("a line");
    let mut body = vec![0; length.parse().expect("a number")];
    stream.read_exact(&mut body).expect("a body");
    head
}

#[test]
fn who_is_told_no_while_she_sends_goes_on_on_the_same_connection() {
    const BODY: usize = 1024 * 1024;
    let node = Node::start();
    let mut stream = open(&node);
    for _ in 0..20 {
        let head = unwanted_upload("", BODY);
        stream.write_all(head.as_bytes()).expect("a head");
        for _ in 0..64 {
            let part = vec![0; BODY / 64];
            stream.write_all(&part).expect("the node listens on");
        }
        let answer = one_answer(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    }
}

#[test]
fn who_asks_before_she_sends_need_not_send_in_vain() {
    let node = Node::start();
    let asks = unwanted_upload("Expect: 100-continue\r\n", 1024);
    let mut stream = open(&node);
    stream.write_all(asks.as_bytes()).expect("a head");
    let answer = one_answer(&mut stream);
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[test]
fn another_sites_page_changes_nothing_with_a_visitors_cookie() {
    let node = Node::start();
    let admin = node.admin();
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let answer = admin.send(Method::POST, "/api/v1/logout", &[(name, value)], None);
        answer.refuses(403, "not-yours");
    }
    admin.get("/api/v1/me").is(200);
    let own = node.address().to_owned();
    let answer = admin.send(Method::POST, "/api/v1/logout", &[("origin", &own)], None);
    answer.is(204);
}

#[test]
fn who_calls_too_often_waits() {
    let node = Node::start_with(&["--rate", "1"]);
    let stranger = node.stranger();
    let refused = (0..50).find_map(|_| {
        let answer = stranger.get("/health");
        (answer.status == 429).then_some(answer)
    });
    let refused = refused.expect("one of fifty requests at once is refused");
    refused.refuses(429, "too-many");
    assert_eq!(refused.header("retry-after"), "1");
}

#[test]
fn a_thousand_slow_connections_keep_nobody_out() {
    let node = Node::start();
    let slow: Vec<_> = (0..1000)
        .map(|_| {
            let mut stream = open(&node);
            stream
                .write_all(b"GET /health HTTP/1.1\r\nHo")
                .expect("sent");
            stream
        })
        .collect();
    node.stranger().get("/health").is(200);
    drop(slow);
}

#[test]
fn connections_beyond_the_limit_wait_until_a_slow_one_is_closed() {
    let node = Node::start_with(&["--connections", "16"]);
    let mut slow: Vec<_> = (0..16).map(|_| open(&node)).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /health HTTP/1.1\r\n").expect("sent");
    }
    // All places are taken; the head's time limit frees them without anyone's doing.
    node.stranger().get("/health").is(200);
    let mut rest = Vec::new();
    let first = slow.first_mut().expect("there are sixteen");
    let _ = first.read_to_end(&mut rest);
    let rest = String::from_utf8_lossy(&rest);
    assert!(!rest.contains("200 OK"), "{rest}");
}

#[test]
fn numbers_are_for_admins() {
    let node = Node::start();
    let admin = node.admin();
    node.stranger()
        .get("/metrics")
        .refuses(401, "unknown-caller");
    let text = admin.get("/metrics").is(200).text();
    let counted = r#"meridian_requests_total{method="POST",route="/api/v1/login",status="204"} 1"#;
    assert!(text.contains(counted), "{text}");
}

#[test]
fn the_log_has_no_secret_and_no_address() {
    let node = Node::start();
    let code = node.first_code();
    let login = node
        .stranger()
        .post("/api/v1/login", &json!({ "code": code }));
    let cookie = login.is(204).header("set-cookie").to_owned();
    let login = cookie.split(';').next().expect("a cookie");
    let admin = node.with_cookie(login);
    let token = json!({ "name": "a-private-name", "scopes": ["read"] });
    let token = admin.post("/api/v1/tokens", &token).is(201).json();
    let token = token["token"].as_str().expect("a secret").to_owned();
    node.bearer(&token).get("/api/v1/me").is(200);
    admin.get("/api/v1/events/a-private-event/groups");
    let log = wait_for("the last request is logged", || {
        let log = node.log();
        log.contains("/api/v1/events/{event}/groups").then_some(log)
    });
    let (_, secret) = login.split_once('=').expect("a cookie's value");
    for hidden in [&code, secret, &token, "a-private-name", "a-private-event"] {
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
    for line in log.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("a JSON object a line");
    }
}

#[test]
fn a_request_in_progress_ends_before_the_node_does() {
    let mut node = Node::start();
    let mut stream = open(&node);
    stream
        .write_all(b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{")
        .expect("sent");
    // The head is understood once the node waits for the body; a second request is a sign that it had time to.
    node.stranger().get("/health").is(200);
    let pid = node.pid().to_string();
    let asked = std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status();
    assert!(asked.is_ok_and(|status| status.success()));
    wait_for("the node listens no longer", || {
        let address = node.address().trim_start_matches("http://").to_owned();
        TcpStream::connect(address).is_err().then_some(())
    });
    stream.write_all(b"\"code\":\"x\"}").expect("still there");
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.contains("not-yours"), "{answer}");
    assert!(node.stop().success());
    // It was waited for, and not only lucky: the node says of whatever it leaves behind.
    assert!(
        !node.log().contains("did not end in time"),
        "{}",
        node.log()
    );
}
