//! Coming in and going out.

use serde_json::json;

use crate::harness::Node;

#[test]
fn the_first_link_lets_an_admin_in_once() {
    let node = Node::start();
    let code = node.first_code();
    let admin = node.come_in(&code);
    let me = admin.get("/api/v1/me").is(200).json();
    assert_eq!(me["admin"], true, "{me}");
    let again = node
        .stranger()
        .post("/api/v1/login", &json!({ "code": code }));
    again.refuses(403, "not-yours");
}

#[test]
fn nobody_is_let_in_without_a_login() {
    let node = Node::start();
    let stranger = node.stranger();
    stranger.get("/health").is(200);
    stranger.get("/api/v1/me").refuses(401, "unknown-caller");
    node.bearer("not-a-token")
        .get("/api/v1/me")
        .refuses(401, "unknown-caller");
}

#[test]
fn going_out_ends_the_login() {
    let node = Node::start();
    let admin = node.admin();
    admin.post("/api/v1/logout", &json!({})).is(204);
    admin.get("/api/v1/me").refuses(401, "unknown-caller");
}

#[test]
fn a_node_that_is_started_again_knows_its_people() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = Node::start_in(folder.path(), &[]);
    let code = node.first_code();
    let login = node
        .stranger()
        .post("/api/v1/login", &json!({ "code": code }));
    let cookie = login.is(204).header("set-cookie").to_owned();
    node.kill();
    let mut node = Node::start_in(folder.path(), &[]);
    let cookie = cookie.split(';').next().unwrap_or_default();
    let me = node.with_cookie(cookie).get("/api/v1/me");
    assert_eq!(me.is(200).json()["admin"], true);
    assert!(node.stop().success());
}

#[test]
fn what_there_is_not_is_a_problem_document() {
    let node = Node::start();
    node.stranger()
        .get("/api/v1/nothing")
        .refuses(404, "missing");
    node.stranger()
        .get("/api/v1/login")
        .refuses(405, "wrong-method");
}
