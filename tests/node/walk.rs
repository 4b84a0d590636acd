//! The walk with curl in the README, as it stands there.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::Node;
use crate::planning::{at, documents};

/// The shell blocks of the README's section on the node.
fn written() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("the README");
    let (_, section) = readme
        .split_once("\n## A server of your own\n")
        .expect("the section");
    let (section, _) = section.split_once("\n## ").expect("it ends");
    let blocks = section.split("```sh\n").skip(1);
    let blocks = blocks.filter_map(|block| block.split("```").next());
    blocks.collect()
}

/// The script with this node's address and code in the place of the examples.
fn script(node: &Node) -> String {
    let (code, mut given) = (node.first_code(), 0);
    let mut lines = vec!["set -eu".to_owned()];
    for line in written().lines() {
        lines.push(if line.starts_with("node=") {
            given += 1;
            format!("node={}", node.address())
        } else if line.starts_with("code=") {
            given += 1;
            format!("code={code}")
        } else {
            line.to_owned()
        });
    }
    assert_eq!(
        given, 2,
        "the README no longer says where address and code go"
    );
    // Who has read it all can look on with her login.
    lines.push(
        "printf '\\nlogin=%s\\n' \"$(awk '/meridian-login/ { print $7 }' admin.jar)\"".to_owned(),
    );
    lines.join("\n")
}

#[test]
fn the_walk_of_the_readme_is_walked_with_curl() {
    let node = Node::start();
    let desk = tempfile::tempdir().expect("a desk");
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    std::os::unix::fs::symlink(data, desk.path().join("data")).expect("links are possible");
    let walk = Command::new("sh")
        .args(["-c", &script(&node)])
        .current_dir(desk.path())
        .env("no_proxy", "*")
        .output()
        .expect("a shell");
    let out = String::from_utf8_lossy(&walk.stdout);
    let err = String::from_utf8_lossy(&walk.stderr);
    assert!(walk.status.success(), "{out}\n{err}");
    for told in [
        "event: job",
        "\"state\":\"published\"",
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
    ] {
        assert!(out.contains(told), "no {told} in {out}");
    }
    let (_, login) = out.rsplit_once("login=").expect("a login");
    let admin = node.with_cookie(&format!("meridian-login={}", login.trim()));
    let event = admin.get("/api/v1/events/first-relay").is(200).json();
    let plan = event["current_plan"]
        .as_str()
        .expect("a published plan")
        .to_owned();
    let (problem, document) = documents(&admin, &plan);
    // What was read, checked and shown on the way is of that very plan.
    let told: Vec<Value> = out
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert!(told.contains(&json!(document.score)), "no score in {out}");
    let hers = document.shifts.iter();
    let hers = hers.filter(|shift| shift.operator.as_str().starts_with("kyoto-"));
    // What curl and jq say may stand on one line.
    let shown = out.matches("[\"kyoto-").count();
    assert_eq!(shown, hers.count(), "{out}");
    // What the leader said of her operator is in what was planned.
    let hours = admin
        .get(&at("availability/operator.kyoto-fox"))
        .is(200)
        .json();
    assert_eq!(hours["rows"][0]["rule"], "weekends 09:00-21:00");
    let of = |id: &str| {
        let mut operators = problem.operators.iter();
        let operator = operators.find(|operator| operator.id.as_str() == id);
        json!(operator.expect("she is there")).to_string()
    };
    // Her calendar, the dentist's two hours; the table, three hours at the beginning.
    assert!(
        of("kyoto-carp").contains("2024-08-24T05:00:00Z"),
        "{}",
        of("kyoto-carp")
    );
    assert!(
        of("kyoto-maple").contains("2024-08-24T06:00:00Z"),
        "{}",
        of("kyoto-maple")
    );
    assert!(!json!(problem).to_string().contains("dentist"));
    let answers = admin
        .get(&at(&format!("plans/{plan}/answers")))
        .is(200)
        .json();
    assert_eq!(answers["items"][0]["verdict"], json!("accepted"));
}
