//! Jobs: done once, by processes of their own, whatever happens to the node.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::events::bring;
use crate::harness::{Node, wait_for};
use crate::planning::{ask, at, documents, ended, job_when, made_by, planned, relay, relay_in};

#[test]
fn a_job_plans_what_the_command_line_plans() {
    let (_node, admin) = relay(&[]);
    let plan = planned(&admin, 7);
    let (problem, document) = documents(&admin, &plan);
    let desk = tempfile::tempdir().expect("a desk");
    let (file, out) = (
        desk.path().join("problem.json"),
        desk.path().join("plan.json"),
    );
    std::fs::write(&file, serde_json::to_vec(&problem).expect("JSON")).expect("a file");
    let told = Command::new(env!("CARGO_BIN_EXE_meridian"))
        .args(["plan", "--engine", "pure", "--effort", "1", "--seed", "7"])
        .arg(&file)
        .arg("--out")
        .arg(&out)
        .output()
        .expect("it runs");
    assert!(matches!(told.status.code(), Some(0 | 1)));
    let own = std::fs::read(out).expect("a plan");
    let own = meridian_formats::plan::read(&own, "plan.json").expect("a plan");
    assert_eq!(document, own);
}

#[test]
fn what_is_wrong_with_the_event_is_said_before_a_job_begins() {
    let (_node, admin) = relay(&[]);
    let path = at("operators/kyoto-fox");
    let mut fox = admin.get(&path).is(200).json();
    let version = fox["version"].as_i64().expect("a version");
    for field in ["id", "version", "changed_at"] {
        fox.as_object_mut().expect("fields").remove(field);
    }
    fox["skills"] = json!(["juggler"]);
    admin.change(&path, version, &fox).is(200);
    let refused = admin.post(&at("jobs/plan"), &json!({}));
    let problem = refused.refuses(422, "invalid");
    assert_eq!(problem["problems"][0]["code"], "F022", "{problem}");
    assert_eq!(admin.get(&at("jobs")).json()["items"], json!([]));
}

#[test]
fn numbers_out_of_range_are_refused() {
    let (_node, admin) = relay(&["--jobs", "0"]);
    for wish in [
        json!({ "effort": 10 }),
        json!({ "effort": 0 }),
        json!({ "time_limit_s": 0 }),
        json!({ "seed": 9_007_199_254_740_992_u64 }),
        json!({ "surprise": 1 }),
        json!({ "engine": "steam" }),
    ] {
        admin.post(&at("jobs/plan"), &wish).refuses(422, "invalid");
    }
    for _ in 0..20 {
        ask(&admin, "plan", &json!({}));
    }
    admin
        .post(&at("jobs/plan"), &json!({}))
        .refuses(429, "too-many");
}

#[test]
fn jobs_are_listed_page_by_page_the_newest_first() {
    let (_node, admin) = relay(&["--jobs", "0"]);
    let ids: Vec<String> = (0..5).map(|_| ask(&admin, "plan", &json!({}))).collect();
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = admin.get(&at(&format!("jobs?limit=2&after={after}")));
        let page = page.is(200).json();
        let items = page["items"].as_array().expect("items").clone();
        seen.extend(
            items
                .iter()
                .map(|job| job["id"].as_str().expect("an id").to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    seen.reverse();
    assert_eq!(seen, ids);
    admin
        .get(&at("jobs?after=nonsense"))
        .refuses(422, "invalid");
}

#[test]
fn a_cancelled_job_keeps_its_best_plan() {
    let (_node, admin) = relay(&[]);
    let id = ask(&admin, "plan", &json!({ "effort": 9, "engine": "pure" }));
    let running = job_when(&admin, &id, |job| !job["progress"]["score"].is_null());
    assert_eq!(running["state"], "running", "{running}");
    admin
        .post(&at(&format!("jobs/{id}/cancel")), &json!({}))
        .is(202);
    let job = ended(&admin, &id);
    assert_eq!(job["state"], "cancelled", "{job}");
    assert_eq!(job["result"]["ended"], "stopped", "{job}");
    let (_, plan) = documents(&admin, &made_by(&job));
    assert!(plan.made_by.stopped);
}

#[test]
fn a_job_that_waits_is_cancelled_at_once_and_one_that_ended_is_not() {
    let (_node, admin) = relay(&["--jobs", "0"]);
    let id = ask(&admin, "plan", &json!({}));
    let path = at(&format!("jobs/{id}/cancel"));
    let job = admin.post(&path, &json!({})).is(202).json();
    assert_eq!(job["state"], "cancelled", "{job}");
    admin
        .post(&at("jobs/j999/cancel"), &json!({}))
        .refuses(404, "missing");
    let (_node, admin) = relay(&[]);
    let id = ask(&admin, "explain", &json!({ "plan": planned(&admin, 1) }));
    assert_eq!(ended(&admin, &id)["state"], "done");
    admin
        .post(&at(&format!("jobs/{id}/cancel")), &json!({}))
        .refuses(409, "present");
}

/// The processes that work in a folder.
fn workers(folder: &Path) -> Vec<PathBuf> {
    let processes = std::fs::read_dir("/proc").expect("Linux");
    let processes = processes.filter_map(|entry| Some(entry.ok()?.path()));
    processes
        .filter(|process| {
            std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder))
        })
        .collect()
}

#[test]
fn a_killed_node_takes_its_processes_along_and_the_next_one_begins_their_jobs_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut node, admin) = relay_in(folder.path(), &[]);
    let wish = json!({ "effort": 2, "engine": "pure" });
    let id = ask(&admin, "plan", &wish);
    job_when(&admin, &id, |job| job["state"] == "running");
    let jobs = folder
        .path()
        .join("jobs")
        .canonicalize()
        .expect("it is there");
    wait_for("its process begins", || {
        (workers(&jobs).len() == 1).then_some(())
    });
    node.kill();
    wait_for("its process ends", || {
        workers(&jobs).is_empty().then_some(())
    });
    // The cookie is still good, the address is another.
    let node = Node::start_in(folder.path(), &[]);
    let admin = node.like(&admin);
    let job = ended(&admin, &id);
    assert_eq!(
        (&job["state"], &job["attempts"]),
        (&json!("done"), &json!(2)),
        "{job}"
    );
    let plans = admin.get(&at("plans")).json();
    assert_eq!(plans["items"].as_array().map(Vec::len), Some(1), "{plans}");
    let (_, plan) = documents(&admin, &made_by(&job));
    assert!(!plan.made_by.stopped);
}

#[test]
fn a_node_that_stops_gives_its_jobs_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut node, admin) = relay_in(folder.path(), &[]);
    let wish = json!({ "effort": 2, "engine": "pure" });
    let id = ask(&admin, "plan", &wish);
    job_when(&admin, &id, |job| job["state"] == "running");
    assert!(node.stop().success());
    let node = Node::start_in(folder.path(), &[]);
    let admin = node.like(&admin);
    let job = ended(&admin, &id);
    // An attempt that was given back does not count.
    assert_eq!(
        (&job["state"], &job["attempts"]),
        (&json!("done"), &json!(1)),
        "{job}"
    );
}

/// Why a process is no more that the system ended.
fn says_the_system_did_it(job: &Value) {
    let trouble = job["result"]["trouble"].as_str().unwrap_or_default();
    assert!(trouble.contains("it was ended by the system"), "{job}");
    assert!(trouble.contains("--job-memory"), "{job}");
}

#[test]
fn a_job_whose_process_is_killed_keeps_the_best_plan_and_says_why() {
    let (node, admin) = relay(&[]);
    let id = ask(&admin, "plan", &json!({ "effort": 9, "engine": "pure" }));
    job_when(&admin, &id, |job| !job["progress"]["score"].is_null());
    let jobs = node.folder().join("jobs").canonicalize();
    for process in workers(&jobs.expect("it is there")) {
        let pid = process.file_name().expect("a number").to_owned();
        let killed = Command::new("kill").arg("-KILL").arg(pid).status();
        assert!(killed.is_ok_and(|status| status.success()));
    }
    let job = ended(&admin, &id);
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(job["result"]["ended"], "crashed", "{job}");
    says_the_system_did_it(&job);
    let (_, plan) = documents(&admin, &made_by(&job));
    assert!(!plan.shifts.is_empty(), "nothing is planned");
}

#[test]
fn a_job_that_needs_too_much_memory_ends_alone_and_keeps_what_it_had() {
    let node = Node::start_with(&["--job-memory", "112"]);
    let admin = node.admin();
    bring(&admin, "relay-2024").is(201);
    let wish = json!({ "effort": 9, "engine": "pure" });
    let jobs = "/api/v1/events/relay-2024/jobs";
    let asked = admin.post(&format!("{jobs}/plan"), &wish).is(202).json();
    let path = format!("{jobs}/{}", asked["id"].as_str().expect("an id"));
    let job = wait_for("the job ends", || {
        let job = admin.get(&path).is(200).json();
        (!job["ended_at"].is_null()).then_some(job)
    });
    says_the_system_did_it(&job);
    // How far it gets is the system's affair.
    let plan = &job["result"]["plan"];
    let expected = if plan.is_null() { "failed" } else { "done" };
    assert_eq!(job["state"], expected, "{job}");
    node.stranger().get("/health").is(200);
}

#[test]
fn a_process_that_cannot_begin_says_why() {
    // Less than the node lets anyone ask for, so that it is too little for every build.
    let told = Command::new(env!("CARGO_BIN_EXE_meridian"))
        .args(["--tied", "1", "plan", "problem.json", "--json"])
        .stdin(Stdio::piped())
        .output()
        .expect("it starts");
    assert_eq!(told.status.code(), Some(3), "{told:?}");
    let answer: Value = serde_json::from_slice(&told.stdout).expect("JSON");
    let why = answer["error"].as_str().unwrap_or_default();
    assert!(why.contains("so little memory"), "{answer}");
}

#[test]
fn a_job_ends_with_what_it_has_when_its_time_is_up() {
    let (_node, admin) = relay(&["--job-time", "5"]);
    let id = ask(&admin, "plan", &json!({ "effort": 9, "engine": "pure" }));
    let job = ended(&admin, &id);
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(job["result"]["ended"], "stopped", "{job}");
    documents(&admin, &made_by(&job));
}

#[test]
fn dates_are_compared_and_what_cannot_be_understood_is_said() {
    let (_node, admin) = relay(&[]);
    let wish = json!({ "dates": ["2024-08-24T12:00", "2024-08-31T12:00"], "effort": 1, "top": 0, "engine": "pure" });
    let job = ended(&admin, &ask(&admin, "dates", &wish));
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(
        job["result"]["dates"].as_array().map(Vec::len),
        Some(2),
        "{job}"
    );
    let job = ended(
        &admin,
        &ask(&admin, "dates", &json!({ "rule": "when the moon is full" })),
    );
    assert_eq!(job["state"], "failed", "{job}");
    let problems = job["result"]["problems"].as_array();
    assert!(
        problems.is_some_and(|problems| !problems.is_empty()),
        "{job}"
    );
}

#[test]
fn a_plan_is_explained_and_exported() {
    let (_node, admin) = relay(&[]);
    let plan = planned(&admin, 1);
    let job = ended(&admin, &ask(&admin, "explain", &json!({ "plan": plan })));
    assert_eq!(job["state"], "done", "{job}");
    assert!(job["result"]["gaps"].is_array(), "{job}");
    let files = |format: &str, file: &str| {
        let wish = json!({ "plan": plan, "format": format });
        let job = ended(&admin, &ask(&admin, "export", &wish));
        let text = job["result"]["files"][file].as_str().map(str::to_owned);
        text.unwrap_or_else(|| panic!("no {file}: {job}"))
    };
    assert!(files("ics", "calendar.ics").starts_with("BEGIN:VCALENDAR"));
    assert!(files("csv", "shifts.csv").contains("kyoto-fox"));
    assert!(files("html", "plan.html").contains("<html"));
    assert!(files("markdown", "plan.md").contains("First Relay"));
    admin
        .post(&at("jobs/explain"), &json!({ "plan": "p999" }))
        .refuses(404, "missing");
}
