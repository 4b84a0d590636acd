//! A full disk: what was kept can be read, what cannot be kept is refused, and nothing is spoilt.

use serde_json::json;

use crate::databases::all_on_postgres;
use crate::harness::{Caller, Node};
use crate::kills::whole;
use crate::planning::{at, documents, planned, relay_in};

/// Writes one thing more; whether it was kept.
fn write(caller: &Caller, n: usize) -> bool {
    let body = json!({
        "title": "x".repeat(500), "kind": "conference", "start": "2024-08-20", "end": "2024-08-21",
        "countries": ["JP"], "subdivisions": [], "groups": [], "global": false,
    });
    let told = caller.make(&at(&format!("regional-events/more-{n}")), &body);
    if told.status == 507 {
        told.refuses(507, "full");
        return false;
    }
    told.is(201);
    true
}

#[test]
fn a_full_disk_can_be_read_and_spoils_nothing() {
    if all_on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (mut node, admin) = relay_in(folder.path(), &[]);
    let plan = planned(&admin, 1);
    assert!(node.stop().success());

    let size = std::fs::metadata(folder.path().join("meridian.db"))
        .expect("it is there")
        .len();
    let mut node = Node::start_cramped(folder.path(), size / 1024 + 8, &["--rate", "0"]);
    let admin = node.like(&admin);
    let kept: Vec<bool> = (0..200).map(|n| write(&admin, n)).collect();
    let n_kept = kept.iter().filter(|kept| **kept).count();
    assert!(
        (1..200).contains(&n_kept),
        "the disk was never full: {n_kept} kept"
    );
    let is_kept = |caller: &Caller| {
        for (n, kept) in kept.iter().enumerate() {
            let there = caller.get(&at(&format!("regional-events/more-{n}")));
            there.is(if *kept { 200 } else { 404 });
        }
    };
    is_kept(&admin);
    documents(&admin, &plan);
    node.kill();
    whole(folder.path());

    let mut node = Node::start_in(folder.path(), &["--rate", "0"]);
    let admin = node.like(&admin);
    is_kept(&admin);
    assert!(write(&admin, 200));
    assert!(node.stop().success());
    whole(folder.path());
}
