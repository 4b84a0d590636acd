//! What a node does not keep for ever.

use std::path::Path;

use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use crate::databases::all_on_postgres;
use crate::harness::{Caller, Node, wait_for};
use crate::planning::{act, ask, at, ended, made_by, planned, published, relay_in};

/// Asks the database of a node that is stopped.
fn in_database(folder: &Path, texts: &[&'static str]) -> Vec<i64> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let url = format!("sqlite://{}/meridian.db", folder.display());
        let mut db = SqliteConnection::connect(&url).await.expect("it opens");
        let mut found = Vec::new();
        for text in texts {
            let answer: Option<i64> = sqlx::query_scalar(*text)
                .fetch_optional(&mut db)
                .await
                .expect("it is asked");
            found.extend(answer);
        }
        found
    })
}

/// Makes everything old, but for what is made young again.
fn make_old(folder: &Path, young: &[&'static str]) {
    let old = [
        "UPDATE job SET ended_at = '2020-01-01T00:00:00.000000Z' WHERE ended_at IS NOT NULL",
        "UPDATE plan SET created_at = '2020-01-01T00:00:00.000000Z'",
        "UPDATE problem SET created_at = '2020-01-01T00:00:00.000000Z'",
    ];
    in_database(folder, &old);
    in_database(folder, young);
}

fn has(admin: &Caller, path: &str) -> bool {
    admin.get(&at(path)).status == 200
}

#[test]
fn what_has_ended_and_was_not_published_is_forgotten_in_time_and_nothing_else() {
    if all_on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (mut node, admin) = relay_in(folder.path(), &[]);
    let release = published(&admin);
    let hours = json!({ "rows": [{ "grade": "impossible", "rule": "weekends 09:00-10:00" }] });
    admin
        .make(&at("availability/operator.kyoto-fox"), &hours)
        .is(201);
    // A draft of a problem of its own, one that the groups are asked about, and one that was withdrawn.
    let job = ended(&admin, &ask(&admin, "plan", &json!({ "effort": 1 })));
    let (job, draft) = (job["id"].as_str().expect("an id").to_owned(), made_by(&job));
    let busy = json!({ "rows": [{ "start": "2024-08-24T12:00", "end": "2024-08-24T13:00" }] });
    admin.make(&at("busy/operator.kyoto-heron"), &busy).is(201);
    let (asked, withdrawn) = (planned(&admin, 2), planned(&admin, 3));
    let young = planned(&admin, 4);
    act(&admin, &asked, "propose", 1).is(200);
    act(&admin, &withdrawn, "withdraw", 1).is(200);
    let problems = "SELECT COUNT(*) FROM problem";
    assert!(node.stop().success());
    assert_eq!(in_database(folder.path(), &[problems]), [3]);
    let last = [
        "UPDATE plan SET created_at = '2999' WHERE number = (SELECT MAX(number) FROM plan)",
        "UPDATE job SET ended_at = '2999' WHERE number = (SELECT MAX(number) FROM job)",
    ];
    make_old(folder.path(), &last);
    let mut node = Node::start_in(folder.path(), &["--jobs", "0"]);
    let admin = node.like(&admin);
    wait_for("the old jobs are forgotten", || {
        (!has(&admin, &format!("jobs/{job}"))).then_some(())
    });
    assert!(!has(&admin, &format!("plans/{draft}")));
    assert!(!has(&admin, &format!("plans/{withdrawn}")));
    assert!(has(&admin, &format!("plans/{asked}/problem")));
    let young = admin.get(&at(&format!("plans/{young}"))).is(200).json();
    assert!(has(
        &admin,
        &format!("jobs/{}", young["job"].as_str().expect("an id"))
    ));
    assert!(has(&admin, &format!("plans/{release}/problem")));
    assert!(has(&admin, &format!("plans/{release}/check")));
    assert!(node.stop().success());
    assert_eq!(in_database(folder.path(), &[problems]), [2]);
    let lines = "SELECT COUNT(*) FROM audit WHERE action = 'forget' AND kind = 'plan'";
    assert_eq!(in_database(folder.path(), &[lines]), [2]);
}

#[test]
fn what_a_job_that_waits_may_need_is_not_forgotten() {
    if all_on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (mut node, admin) = relay_in(folder.path(), &[]);
    let draft = planned(&admin, 1);
    assert!(node.stop().success());
    let mut node = Node::start_in(folder.path(), &["--jobs", "0"]);
    let job = ask(&node.like(&admin), "explain", &json!({ "plan": draft }));
    assert!(node.stop().success());
    make_old(folder.path(), &[]);
    let mut node = Node::start_in(folder.path(), &["--jobs", "0", "--keep-days", "1"]);
    let again = node.like(&admin);
    wait_for("the job that has ended is forgotten", || {
        (!has(&again, "jobs/j1")).then_some(())
    });
    assert!(has(&again, &format!("plans/{draft}/problem")));
    assert!(node.stop().success());
    let node = Node::start_in(folder.path(), &["--keep-days", "0"]);
    let job = ended(&node.like(&admin), &job);
    assert_eq!(job["state"], "done", "{job}");
}
