//! What is not taken: sent again, later and later, and at last no more until someone says so.

use std::path::Path;
use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};

use super::{QUICK, change, deliveries, path, register, state, state_when, switch_on, text};
use crate::databases::all_on_postgres;
use crate::harness::Node;
use crate::planning::{at, relay, seat};
use crate::receiver::{Received, Receiver, Reply};

#[test]
fn what_is_not_taken_is_sent_again_as_the_same_message() {
    let (_node, admin) = relay(&QUICK);
    let receiver = Receiver::answering(|n, _| {
        Reply::Says(match n {
            0 | 1 => "500 Internal Server Error",
            2 => "404 Not Found",
            _ => "200 OK",
        })
    });
    let webhook = register(&admin, &receiver.url, &[]);
    change(&admin, 1);
    change(&admin, 2);
    let heard = receiver.wait("both are taken", |heard| heard.len() == 5);
    for again in &heard[1..4] {
        assert_eq!(again.header("webhook-id"), heard[0].header("webhook-id"));
        assert_eq!(again.body, heard[0].body);
        assert_eq!(
            again.signatures(),
            [again.signed_by(text(&webhook, "secret"))]
        );
    }
    assert_eq!(heard[4].json()["data"]["id"], "r2");
    let now = state_when(&admin, &webhook, |now| now["cursor"] == heard[4].seq());
    assert_eq!((&now["fails"], &now["on"]), (&json!(0), &json!(true)));
    assert!(
        now["trouble"].is_null() && now["failing_since"].is_null(),
        "{now}"
    );
    let statuses: Vec<Value> = deliveries(&admin, &webhook)
        .iter()
        .map(|one| json!([one["status"], one["taken"]]))
        .collect();
    let newest_first = json!([
        [200, true],
        [200, true],
        [404, false],
        [500, false],
        [500, false]
    ]);
    assert_eq!(json!(statuses), newest_first);
}

#[test]
fn a_redirect_is_not_followed() {
    let (_node, admin) = relay(&QUICK);
    let elsewhere = Receiver::new();
    let to = elsewhere.url.clone();
    let receiver =
        Receiver::answering(move |_, _| Reply::Tells(format!("307 Away\r\nLocation: {to}")));
    let webhook = register(&admin, &receiver.url, &[]);
    change(&admin, 1);
    let now = state_when(&admin, &webhook, |now| now["fails"] != 0);
    assert_eq!(now["trouble"], "the server answers with the status 307");
    assert!(elsewhere.heard().is_empty());
}

#[test]
fn who_is_gone_is_told_no_more_until_someone_switches_it_on() {
    let (_node, admin) = relay(&QUICK);
    let receiver =
        Receiver::answering(|n, _| Reply::Says(if n == 0 { "410 Gone" } else { "200 OK" }));
    let webhook = register(&admin, &receiver.url, &[]);
    change(&admin, 1);
    let now = state_when(&admin, &webhook, |now| now["on"] == json!(false));
    assert_eq!(now["trouble"], "the server answers with the status 410");
    assert!(now["next_try_at"].is_null());
    change(&admin, 2);
    // Its version tells that it is another one now.
    let wish = json!({ "url": receiver.url });
    admin
        .change(&path(&webhook), 1, &wish)
        .refuses(412, "stale");
    switch_on(&admin, &webhook);
    let heard = receiver.wait("it is told what it missed", |heard| heard.len() == 3);
    let ids: Vec<Value> = heard
        .iter()
        .map(|one| one.json()["data"]["id"].clone())
        .collect();
    assert_eq!(json!(ids), json!(["r1", "r1", "r2"]));
    assert_eq!(heard[1].header("webhook-id"), heard[0].header("webhook-id"));
}

#[test]
fn who_never_takes_anything_is_given_up_and_loses_nothing() {
    // Three days pass in a quarter of a second.
    let (_node, admin) = relay(&[
        "--trust-network",
        "127.0.0.1/32",
        "--webhook-hurry",
        "1000000",
    ]);
    let receiver = Receiver::answering(|_, one| {
        let well = one.json()["data"]["id"] == "r2";
        Reply::Says(if well {
            "200 OK"
        } else {
            "503 Service Unavailable"
        })
    });
    let webhook = register(&admin, &receiver.url, &[]);
    change(&admin, 1);
    let now = state_when(&admin, &webhook, |now| now["on"] == json!(false));
    assert_eq!(now["trouble"], "the server answers with the status 503");
    assert!(
        now["fails"].as_i64().is_some_and(|fails| fails > 1),
        "{now}"
    );
    let tries = receiver.heard().len();
    switch_on(&admin, &webhook);
    receiver.wait("it is tried again", |heard| heard.len() > tries);
}

#[test]
fn a_receiver_says_how_long_it_wants_to_be_left_alone() {
    let (_node, admin) = relay(&QUICK);
    let receiver =
        Receiver::answering(|_, _| Reply::Says("429 Too Many Requests\r\nRetry-After: 3600"));
    let webhook = register(&admin, &receiver.url, &[]);
    change(&admin, 1);
    let now = state_when(&admin, &webhook, |now| now["fails"] == 1);
    let sent: jiff::Timestamp = text(&deliveries(&admin, &webhook)[0], "at")
        .parse()
        .expect("an instant");
    let next: jiff::Timestamp = text(&now, "next_try_at").parse().expect("an instant");
    let wait = next.duration_since(sent).as_secs();
    assert!((3500..=3600).contains(&wait), "{wait}");
}

#[test]
fn a_receiver_that_says_nothing_keeps_no_other_waiting() {
    let (mut node, admin) = relay(&QUICK);
    let mute = Receiver::answering(|_, _| Reply::Hangs);
    let quick = Receiver::new();
    for _ in 0..5 {
        register(&admin, &mute.url, &[]);
    }
    register(&admin, &quick.url, &[]);
    change(&admin, 1);
    mute.wait("all are being told", |heard| heard.len() == 5);
    for n in 2..6 {
        change(&admin, n);
        quick.wait("it is told at once", |heard| heard.len() == n);
    }
    // Nor does it keep a node from ending.
    assert!(node.stop().success());
}

#[test]
fn who_plans_the_event_no_more_is_told_no_more() {
    let (node, admin) = relay(&QUICK);
    let scheduler = seat(&node, &admin, &json!({ "role": "scheduler" }));
    let receiver = Receiver::new();
    let webhook = register(&scheduler, &receiver.url, &[]);
    change(&admin, 1);
    receiver.wait("it is told", |heard| heard.len() == 1);
    let account = scheduler.get("/api/v1/me").is(200).json();
    let seat = at(&format!(
        "seats?account={}&role=scheduler",
        text(&account, "account")
    ));
    admin.send(Method::DELETE, &seat, &[], None).is(204);
    change(&admin, 2);
    let now = state_when(&admin, &webhook, |now| now["on"] == json!(false));
    let why = text(&now, "trouble");
    assert!(why.contains("plans the event no more"), "{why}");
    assert_eq!(receiver.heard().len(), 1);
    // Whoever switches it on answers for it.
    switch_on(&admin, &webhook);
    receiver.wait("it is told what it missed", |heard| heard.len() == 2);
}

fn run(arguments: &[&str], folder: &Path) -> String {
    let told = Command::new(env!("CARGO_BIN_EXE_meridian"))
        .args(arguments)
        .arg("--data")
        .arg(folder)
        .output()
        .expect("it runs");
    assert!(told.status.success(), "{told:?}");
    String::from_utf8_lossy(&told.stdout).into_owned()
}

#[test]
fn a_restored_node_tells_nobody_before_someone_says_so_and_then_under_other_ids() {
    if all_on_postgres() {
        return;
    }
    let (mut node, admin) = relay(&QUICK);
    let receiver = Receiver::new();
    let webhook = register(&admin, &receiver.url, &[]);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let file = elsewhere.path().join("backup.db").display().to_string();
    run(&["node", "backup", &file], node.folder());
    change(&admin, 1);
    receiver.wait("it is told", |heard| heard.len() == 1);
    let folder = node.folder().to_owned();
    assert!(node.stop().success());
    let said = run(&["node", "restore", &file], &folder);
    assert!(said.contains("1 webhook is off"), "{said}");
    let back = Node::start_in(&folder, &QUICK);
    let admin = back.like(&admin);
    change(&admin, 2);
    let now = state(&admin, &webhook);
    assert_eq!(now["on"], false);
    assert_eq!(now["trouble"], "the node was restored from a backup");
    switch_on(&admin, &webhook);
    let heard = receiver.wait("it is told", |heard| heard.len() == 2);
    assert_eq!(heard[1].json()["data"]["id"], "r2");
    assert_eq!(
        heard[1].seq(),
        heard[0].seq() + 1,
        "numbered almost as what was lost"
    );
    assert_ne!(mark(&heard[1]), mark(&heard[0]));
}

/// What a message's id begins with.
fn mark(one: &Received) -> &str {
    let id = one.header("webhook-id");
    id.rsplit_once('_').map_or(id, |(mark, _)| mark)
}
