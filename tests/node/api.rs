//! The API as a whole: what it says of itself, and requests that are sent twice.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Caller, Node};

#[test]
fn the_document_is_the_one_that_is_checked_in() {
    let node = Node::start();
    let served = node.stranger().get("/api/v1/openapi.json").is(200).json();
    let text = serde_json::to_string_pretty(&served).expect("a document") + "\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &text).expect("it is written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == text,
        "docs/openapi.json is not what the node serves: run UPDATE_DOCS=1 cargo test -p meridian --test node api"
    );
}

#[test]
fn the_readable_page_has_every_route_and_every_code() {
    let node = Node::start();
    let stranger = node.stranger();
    let page = stranger.get("/api/v1");
    assert_eq!(
        page.is(200).header("content-type"),
        "text/html; charset=utf-8"
    );
    let page = page.text();
    let document = stranger.get("/api/v1/openapi.json").json();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys() {
            let line = format!("{} {path}<", method.to_uppercase());
            assert!(page.contains(&line), "{line}");
        }
    }
    let problem = stranger.get("/api/v1/nothing").refuses(404, "missing");
    assert_eq!(problem["type"], "/api/v1#missing");
    assert!(page.contains("id=\"missing\""));
}

#[test]
fn every_refusal_has_its_status_in_the_document() {
    let node = Node::start();
    let document = node.stranger().get("/api/v1/openapi.json").is(200).json();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let answers = operation["responses"].as_object().expect("answers");
            for (status, answer) in answers {
                assert!(status.parse::<u16>().is_ok(), "{method} {path}: {status}");
                let shared = answer["$ref"].as_str();
                let shared = shared.and_then(|place| document.pointer(place.strip_prefix('#')?));
                let refused = answer.get("$ref").is_some();
                assert_eq!(shared.is_some(), refused, "{method} {path}: {status}");
            }
            assert!(answers.contains_key("429"), "{method} {path}");
        }
    }
}

fn with_key(caller: &Caller, key: &str, path: &str, body: &Value) -> Answer {
    let body = Some(("application/json", body.to_string().into_bytes()));
    caller.send(Method::POST, path, &[("Idempotency-Key", key)], body)
}

#[test]
fn a_request_with_a_key_is_done_once_and_answered_twice() {
    let node = Node::start();
    let admin = node.admin();
    let (path, event) = ("/api/v1/events", json!({ "id": "one" }));
    let first = with_key(&admin, "a-key", path, &event);
    first.is(201);
    let again = with_key(&admin, "a-key", path, &event);
    assert_eq!(again.is(201).json(), first.json());
    for header in ["content-type", "etag", "location"] {
        assert_eq!(again.header(header), first.header(header));
        assert_ne!(again.header(header), "");
    }
    assert_eq!(again.header("idempotency-replayed"), "true");
    // A refusal is an answer like any other.
    let refused = with_key(&admin, "b-key", path, &event);
    refused.refuses(409, "present");
    with_key(&admin, "b-key", path, &event).refuses(409, "present");
    // The key is for one request of one person.
    with_key(&admin, "a-key", path, &json!({ "id": "two" })).refuses(422, "invalid");
    with_key(&admin, "a key", path, &event).refuses(400, "malformed");
    with_key(&node.stranger(), "a-key", path, &event).refuses(401, "unknown-caller");
    let invite = json!({ "name": "Other", "role": "admin" });
    let invited = admin.post("/api/v1/invites", &invite).is(201).json();
    let other = node.come_in(invited["code"].as_str().expect("a code"));
    with_key(&other, "a-key", path, &json!({ "id": "three" })).is(201);
}

#[test]
fn a_secret_is_not_kept_to_be_answered_again() {
    let node = Node::start();
    let admin = node.admin();
    let invite = json!({ "name": "Someone", "role": "admin" });
    let invited = with_key(&admin, "a-key", "/api/v1/invites", &invite);
    let code = invited.is(201).json()["code"]
        .as_str()
        .expect("a code")
        .to_owned();
    with_key(&admin, "a-key", "/api/v1/invites", &invite).refuses(409, "present");
    let listed = admin.get("/api/v1/invites").is(200).json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    for file in std::fs::read_dir(node.folder())
        .expect("a folder")
        .flatten()
    {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        let found = bytes
            .windows(code.len())
            .any(|part| part == code.as_bytes());
        assert!(!found, "{}", file.path().display());
    }
}

#[test]
fn keys_are_remembered_by_a_node_that_is_started_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = Node::start_in(folder.path(), &[]);
    let admin = node.admin();
    let event = json!({ "id": "one" });
    with_key(&admin, "a-key", "/api/v1/events", &event).is(201);
    node.kill();
    let node = Node::start_in(folder.path(), &[]);
    let mut admin = admin;
    node.address().clone_into(&mut admin.address);
    let again = with_key(&admin, "a-key", "/api/v1/events", &event);
    assert_eq!(again.is(201).header("idempotency-replayed"), "true");
}
