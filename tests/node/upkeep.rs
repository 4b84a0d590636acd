//! `meridian node`: what the person who runs a node types beside it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;

use crate::databases;
use crate::events::bring;
use crate::harness::{Answer, Caller, Node};
use crate::receiver::{Receiver, Reply};

fn meridian(words: &[&str], data: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meridian"));
    command.args(words).arg("--data").arg(data);
    databases::find(&mut command, data);
    command.output().expect("it starts")
}

/// What a command answers, once it has ended so.
#[track_caller]
fn told(words: &[&str], data: &Path, code: i32) -> String {
    let output = meridian(words, data);
    let err = String::from_utf8_lossy(&output.stderr);
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    format!("{out}{err}")
}

fn code(link: &str) -> String {
    let (_, code) = link.trim().split_once('#').expect("a link with a code");
    code.to_owned()
}

fn log_in(caller: &Caller, code: &str) -> Answer {
    caller.post("/api/v1/login", &json!({ "code": code }))
}

#[test]
fn a_node_is_made_once_and_its_link_lets_an_admin_in() {
    if databases::all_on_postgres() {
        return;
    }
    let own = tempfile::tempdir().expect("a folder");
    let data = own.path().join("data");
    let link = told(
        &["node", "init", "--origin", "https://node.example"],
        &data,
        0,
    );
    assert!(
        link.starts_with("Come in: https://node.example/join#"),
        "{link}"
    );
    let again = told(&["node", "init"], &data, 0);
    let node = Node::start_in(&data, &[]);
    node.come_in(&code(&link));
    let refused = told(&["node", "init"], &data, 2);
    assert!(refused.contains("a node runs on this folder"), "{refused}");
    drop(node);
    let refused = told(&["node", "init"], &data, 2);
    assert!(refused.contains("keeps its data here already"), "{refused}");
    let node = Node::start_in(&data, &[]);
    // Nobody was in when the second link was made: it is as good as the first.
    node.come_in(&code(&again));
}

#[test]
fn one_node_at_a_time_serves_a_folder() {
    let node = Node::start();
    let refused = told(&["serve", "--listen", "127.0.0.1:0"], node.folder(), 2);
    assert!(refused.contains("a node runs on this folder"), "{refused}");
}

#[test]
fn an_invite_made_beside_a_running_node_works_at_once() {
    let node = Node::start();
    node.admin();
    let words = ["node", "invite", "--name", "Second", "--role", "admin"];
    let link = told(&words, node.folder(), 0);
    let me = node.come_in(&code(&link)).get("/api/v1/me").is(200).json();
    assert_eq!(
        (&me["name"], &me["admin"]),
        (&json!("Second"), &json!(true))
    );
    let account = me["account"].as_str().expect("an id").to_owned();
    let words = [
        "node",
        "invite",
        "--name",
        "x",
        "--role",
        "admin",
        "--account",
        &account,
    ];
    let back = told(&words, node.folder(), 0);
    let me = node.come_in(&code(&back)).get("/api/v1/me").is(200).json();
    assert_eq!(me["account"], account);
    let words = [
        "node", "invite", "--name", "x", "--role", "leader", "--event", "no-event", "--group",
        "tokyo",
    ];
    let refused = told(&words, node.folder(), 2);
    assert!(refused.contains("there is no such event"), "{refused}");
}

#[test]
fn a_backup_of_a_running_node_is_restored_and_opens_nothing_old() {
    if databases::all_on_postgres() {
        return;
    }
    let mut node = Node::start();
    let admin = node.admin();
    let token = json!({ "name": "robot", "scopes": ["read"] });
    let token = admin.post("/api/v1/tokens", &token).is(201).json();
    let token = token["token"].as_str().expect("a secret").to_owned();
    let open = json!({ "name": "Later", "role": "admin" });
    let open = admin.post("/api/v1/invites", &open).is(201).json();
    let open = open["code"].as_str().expect("a code").to_owned();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let file = elsewhere.path().join("backup.db");
    let file_name = file.display().to_string();
    told(&["node", "backup", &file_name], node.folder(), 0);
    let refused = told(&["node", "backup", &file_name], node.folder(), 2);
    assert!(refused.contains("it is there already"), "{refused}");
    // Used after the backup: restored, it must not be usable again.
    node.come_in(&open);

    let refused = told(&["node", "restore", &file_name], node.folder(), 2);
    assert!(refused.contains("a node runs on this folder"), "{refused}");
    let folder = node.folder().to_owned();
    assert!(node.stop().success());
    told(&["node", "restore", &file_name], &folder, 0);
    assert!(folder.join("meridian.db.before-restore").is_file());
    let back = Node::start_in(&folder, &[]);
    log_in(&back.stranger(), &open).refuses(403, "not-yours");
    back.bearer(&token)
        .get("/api/v1/me")
        .refuses(401, "unknown-caller");
    let well = told(&["node", "check-up"], &folder, 0);
    assert!(well.contains("All is well."), "{well}");
}

#[test]
fn whoever_watches_over_a_node_asks_whether_it_is_well() {
    let mut node = Node::start();
    let ask = |address: &str| {
        let told = Command::new(env!("CARGO_BIN_EXE_meridian"))
            .args(["node", "health", address])
            .output()
            .expect("it runs");
        (
            told.status.code(),
            String::from_utf8_lossy(&told.stdout).into_owned(),
        )
    };
    let address = node.address().to_owned();
    assert_eq!(ask(&address), (Some(0), "It is well.\n".to_owned()));
    // Something answers there, but no node that is well.
    let receiver = Receiver::answering(|_, _| Reply::Says("503 Service Unavailable"));
    let (code, said) = ask(&receiver.url);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("503"), "{said}");
    node.kill();
    assert_eq!(ask(&address), (Some(1), "It does not answer.\n".to_owned()));
    assert_eq!(ask("nowhere").0, Some(2));
}

#[test]
fn what_is_no_backup_or_a_damaged_one_is_not_restored() {
    if databases::all_on_postgres() {
        return;
    }
    let node = Node::start();
    node.admin();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let data = elsewhere.path().join("data");
    let file = elsewhere.path().join("backup.db");
    let file_name = file.display().to_string();
    let refused = told(&["node", "restore", &file_name], &data, 2);
    assert!(refused.contains("there is no such file"), "{refused}");
    std::fs::write(&file, "no database").expect("written");
    let refused = told(&["node", "restore", &file_name], &data, 2);
    assert!(refused.contains("it is no backup of a node"), "{refused}");
    std::fs::remove_file(&file).expect("removed");
    told(&["node", "backup", &file_name], node.folder(), 0);
    let mut bytes = std::fs::read(&file).expect("read");
    let n = bytes.len();
    for byte in bytes.iter_mut().skip(n / 2).take(8192) {
        *byte ^= 0x55;
    }
    std::fs::write(&file, bytes).expect("written");
    told(&["node", "restore", &file_name], &data, 2);
    assert!(!data.join("meridian.db").exists());
}

/// Lets no file of a node grow beyond so many bytes, as a full disk would; or again any.
fn limit_files(node: &Node, bytes: &str) {
    let pid = node.pid().to_string();
    let limit = format!("--fsize={bytes}:");
    let done = Command::new("prlimit")
        .args(["--pid", &pid, &limit])
        .status();
    assert!(done.is_ok_and(|status| status.success()));
}

#[test]
fn a_full_disk_can_be_read_and_says_why_it_is_not_written() {
    if databases::all_on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut node = Node::start_where_files_are_limited(folder.path());
    let admin = node.admin();
    bring(&admin, "first-relay").is(201);
    let size =
        |name: &str| std::fs::metadata(folder.path().join(name)).map_or(0, |file| file.len());
    let most = size("meridian.db").max(size("meridian.db-wal")) + 100_000;
    limit_files(&node, &most.to_string());
    let path = |n: usize| format!("/api/v1/events/first-relay/regional-events/r{n}");
    let thing = json!({
        "title": "x".repeat(400), "kind": "other", "start": "2024-08-24", "end": "2024-08-24", "countries": [],
        "subdivisions": [], "groups": [], "global": true,
    });
    let mut kept = Vec::new();
    let refused = (0..2000).find_map(|n| {
        let answer = admin.make(&path(n), &thing);
        if answer.status == 201 {
            kept.push(n);
            return None;
        }
        Some(answer)
    });
    refused
        .expect("the disk is full at last")
        .refuses(507, "full");
    assert!(!kept.is_empty(), "some were kept before");
    let all_there = |caller: &Caller| kept.iter().all(|n| caller.get(&path(*n)).status == 200);
    assert!(all_there(&admin), "what was acknowledged can be read");
    admin.make(&path(9999), &thing).refuses(507, "full");
    node.stranger().get("/health").is(200);
    limit_files(&node, "unlimited");
    admin.make(&path(9999), &thing).is(201);
    assert!(all_there(&admin));
    node.kill();
    let well = told(&["node", "check-up"], folder.path(), 1);
    assert!(
        well.lines()
            .all(|line| line.contains("neither a second leader nor a deputy")),
        "{well}"
    );
}
