//! Several nodes on one PostgreSQL database: each is as good as the other, and what one does the others see.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::databases::{Database, VARIABLE};
use crate::events::bring;
use crate::harness::{Answer, Caller, Node, wait_for};
use crate::planning::{EVENT, Stream, act, ask, at, documents, ended, job_when, made_by, planned};

/// How soon what was written at one node is seen at the others.
const SOON: Duration = Duration::from_secs(2);
/// The connections of nodes that listen to each other.
const LISTENERS: &str =
    "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'";

/// A database, nodes on it, and an admin at each.
struct Replicas {
    nodes: Vec<Node>,
    admins: Vec<Caller>,
    database: Database,
}

impl Replicas {
    /// Nodes with these arguments each, and the first relay; none without a server.
    fn start(arguments: &[&[&str]]) -> Option<Self> {
        let database = Database::new()?;
        let mut replicas = Self {
            nodes: Vec::new(),
            admins: Vec::new(),
            database,
        };
        for arguments in arguments {
            replicas.add(arguments);
        }
        Some(replicas)
    }

    fn add(&mut self, arguments: &[&str]) {
        let node = Node::start_on(&self.database.address(), arguments);
        if let Some(admin) = self.admins.first() {
            self.admins.push(node.like(admin));
        } else {
            let admin = node.admin();
            bring(&admin, "first-relay").is(201);
            self.admins.push(admin);
        }
        self.nodes.push(node);
    }
}

/// What an organiser's plan asks for that takes seconds.
fn long() -> Value {
    json!({ "effort": 9, "engine": "pure", "time_limit_s": 6 })
}

/// The plans that there are, with the job of each.
fn plans(admin: &Caller) -> Vec<Value> {
    let plans = admin.get(&at("plans?limit=500")).is(200).json();
    plans["items"].as_array().expect("plans").clone()
}

/// The job, once someone works on it for the nth time and has found something.
fn at_work(admin: &Caller, job: &str, attempt: i64) -> Value {
    job_when(admin, job, |job| {
        job["attempts"] == attempt && !job["progress"].is_null()
    })
}

/// How often the audit says that of a job.
fn told(replicas: &Replicas, job: &str, action: &str) -> String {
    let sql = format!(
        "SELECT COUNT(*)::TEXT FROM audit WHERE kind = 'job' AND id = '{job}' AND action = '{action}'"
    );
    replicas.database.ask(&sql).concat()
}

#[test]
fn each_job_runs_once() {
    let two = ["--jobs", "2"];
    let Some(replicas) = Replicas::start(&[&two, &two]) else {
        return;
    };
    let wish = |seed: usize| json!({ "effort": 1, "engine": "pure", "seed": seed });
    let jobs: Vec<String> = (0..12)
        .map(|n| ask(&replicas.admins[n % 2], "plan", &wish(n)))
        .collect();
    for id in &jobs {
        let job = ended(&replicas.admins[0], id);
        assert_eq!(
            (&job["state"], &job["attempts"]),
            (&json!("done"), &json!(1)),
            "{job}"
        );
        assert_eq!(told(&replicas, id, "done"), "1");
        documents(&replicas.admins[1], &made_by(&job));
    }
    assert_eq!(plans(&replicas.admins[1]).len(), jobs.len());
    let begun = |node: &Node| node.log().matches("\"a job begins\"").count();
    let begun: usize = replicas.nodes.iter().map(begun).sum();
    assert_eq!(begun, jobs.len());
}

#[test]
fn a_job_of_a_killed_node_is_taken_over_and_makes_one_plan() {
    let Some(mut replicas) = Replicas::start(&[&[]]) else {
        return;
    };
    let job = ask(&replicas.admins[0], "plan", &long());
    at_work(&replicas.admins[0], &job, 1);
    replicas.add(&[]);
    let other = replicas.admins[1].clone();
    assert_eq!(other.get(&at(&format!("jobs/{job}"))).json()["attempts"], 1);
    replicas.nodes[0].kill();
    let done = ended(&other, &job);
    assert_eq!(
        (&done["state"], &done["attempts"]),
        (&json!("done"), &json!(2)),
        "{done}"
    );
    documents(&other, &made_by(&done));
    assert_eq!(plans(&other).len(), 1);
    assert_eq!(told(&replicas, &job, "done"), "1");
}

#[test]
fn a_node_that_was_away_too_long_has_lost_its_job() {
    let Some(mut replicas) = Replicas::start(&[&[]]) else {
        return;
    };
    let job = ask(&replicas.admins[0], "plan", &long());
    at_work(&replicas.admins[0], &job, 1);
    replicas.add(&[]);
    let other = replicas.admins[1].clone();
    // It stands still, as a machine does that is out of memory or moved; its process works on, and ends.
    let signal = |name: &str| {
        let pid = replicas.nodes[0].pid().to_string();
        assert!(
            Command::new("kill")
                .args([name, &pid])
                .status()
                .is_ok_and(|done| done.success())
        );
    };
    signal("-STOP");
    at_work(&other, &job, 2);
    signal("-CONT");
    wait_for("the node hears that it lost its job", || {
        let log = replicas.nodes[0].log();
        (log.contains("was lost to another holder") || log.contains("given-back")).then_some(())
    });
    let done = ended(&other, &job);
    let plan = made_by(&done);
    assert_eq!(done["attempts"], 2, "{done}");
    let all: Vec<Value> = plans(&other)
        .into_iter()
        .map(|plan| plan["id"].clone())
        .collect();
    assert_eq!(all, [json!(plan)]);
    assert_eq!(told(&replicas, &job, "done"), "1");
}

#[test]
fn a_job_is_followed_and_cancelled_at_another_node() {
    let Some(replicas) = Replicas::start(&[&[], &["--jobs", "0"]]) else {
        return;
    };
    let other = &replicas.admins[1];
    let job = ask(other, "plan", &json!({ "effort": 9, "engine": "pure" }));
    let stream = Stream::open(other, &at(&format!("jobs/{job}/progress")), &[]);
    let mut found = false;
    let mut last = Value::Null;
    for news in stream {
        last = news.json();
        if !found && last["state"] == "running" && !last["progress"].is_null() {
            found = true;
            other
                .post(&at(&format!("jobs/{job}/cancel")), &json!({}))
                .is(202);
        }
    }
    assert!(found, "no progress was seen");
    assert_eq!(last["state"], "cancelled", "{last}");
    documents(other, &made_by(&last));
}

/// How long each of some changes at one node takes until it is seen at another, which follows them.
fn delays(replicas: &Replicas, from: usize, to: usize, mut before: impl FnMut()) -> Duration {
    let mut stream = Stream::open(&replicas.admins[to], &at("changes"), &[]);
    let mut delays: Vec<Duration> = (0..3)
        .map(|n| {
            before();
            let id = format!("seen-{from}-{to}-{n}");
            let thing = json!({
                "title": "x", "kind": "other", "start": "2024-08-24", "end": "2024-08-24", "countries": [],
                "subdivisions": [], "groups": [], "global": true,
            });
            let path = at(&format!("regional-events/{id}"));
            let begun = Instant::now();
            let answer = replicas.admins[from].make(&path, &thing);
            assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
            let news = stream.by_ref().find(|news| news.json()["id"] == id.as_str());
            assert!(news.is_some(), "{id} is not told");
            let delay = begun.elapsed();
            let there = replicas.admins[to].get(&path).is(200).json();
            let version = there["version"].as_i64().expect("a version");
            replicas.admins[from].delete(&path, version).is(204);
            delay
        })
        .collect();
    delays.sort();
    // On a busy machine one may take longer.
    delays[1]
}

#[test]
fn what_changes_at_one_node_is_soon_seen_at_the_other() {
    let Some(replicas) = Replicas::start(&[&["--jobs", "0"], &["--jobs", "0"]]) else {
        return;
    };
    let listening = || {
        replicas
            .database
            .ask(&format!("SELECT pid::TEXT {LISTENERS}"))
            .len()
    };
    wait_for("both nodes listen", || (listening() == 2).then_some(()));
    for (from, to) in [(0, 1), (1, 0)] {
        let delay = delays(&replicas, from, to, || {});
        assert!(delay < SOON, "{from} to {to}: {delay:?}");
    }
    // Without news of each other they look by themselves.
    for (from, to) in [(0, 1), (1, 0)] {
        let delay = delays(&replicas, from, to, || {
            // One may just be coming back while the others are cut off.
            wait_for("nobody listens", || {
                replicas.database.ask(&format!(
                    "SELECT pg_terminate_backend(pid)::TEXT {LISTENERS}"
                ));
                (listening() == 0).then_some(())
            });
        });
        assert!(delay < SOON, "{from} to {to}, unheard: {delay:?}");
    }
    wait_for("they listen again", || (listening() == 2).then_some(()));
}

/// What two callers are answered who ask at once.
fn at_once<T: Send>(callers: &[Caller], call: impl Fn(&Caller) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let calls: Vec<_> = callers
            .iter()
            .map(|caller| scope.spawn(|| call(caller)))
            .collect();
        calls
            .into_iter()
            .map(|call| call.join().expect("an answer"))
            .collect()
    })
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

#[test]
fn of_those_who_do_the_same_at_two_nodes_one_wins() {
    let Some(replicas) = Replicas::start(&[&[], &["--jobs", "0"]]) else {
        return;
    };
    let path = at("availability/group.kyoto");
    let body = |n: i64| json!({ "rows": [{ "grade": "possible", "rule": format!("weekdays 19:00-2{}:00", n % 3) }] });
    let mut version = replicas.admins[0].get(&path).json()["version"].as_i64();
    for n in 0..6 {
        let answers = at_once(&replicas.admins, |caller| match version {
            None => caller.make(&path, &body(n)),
            Some(version) => caller.change(&path, version, &body(n)),
        });
        let told = statuses(&answers);
        assert!(matches!(told[..], [200 | 201, 409 | 412]), "{told:?}");
        version = replicas.admins[1].get(&path).json()["version"].as_i64();
    }
    // The same plan, and two plans that follow the same one.
    let plans: Vec<String> = (1..4)
        .map(|seed| planned(&replicas.admins[0], seed))
        .collect();
    let first = replicas.nodes[0].address();
    let mine = |caller: &Caller| usize::from(caller.address != first);
    let told = statuses(&at_once(&replicas.admins, |caller| {
        act(caller, &plans[mine(caller)], "release", 1)
    }));
    assert_eq!(told, [200, 409]);
    let next: String = planned(&replicas.admins[0], 9);
    let told = statuses(&at_once(&replicas.admins, |caller| {
        act(caller, &next, "release", 1)
    }));
    assert!(matches!(told[..], [200, 409 | 412]), "{told:?}");
    let event = replicas.admins[1].get(EVENT).is(200).json();
    assert_eq!(event["current_plan"], json!(next));
    let numbers = replicas.database.ask(
        "SELECT release_number::TEXT FROM plan WHERE release_number IS NOT NULL ORDER BY release_number",
    );
    assert_eq!(numbers, ["1", "2"]);
    // A request with a key is done once, wherever it is sent.
    let wish = json!({ "effort": 1, "engine": "pure" })
        .to_string()
        .into_bytes();
    let answers = at_once(&replicas.admins, |caller| {
        let body = Some(("application/json", wish.clone()));
        caller.send(
            Method::POST,
            &at("jobs/plan"),
            &[("Idempotency-Key", "once")],
            body,
        )
    });
    let told = statuses(&answers);
    assert!(matches!(told[..], [202, 202 | 409]), "{told:?}");
    let jobs = replicas
        .database
        .ask("SELECT COUNT(*)::TEXT FROM job")
        .concat();
    assert_eq!(jobs, "5");
}

#[test]
fn a_login_is_everywhere() {
    let Some(replicas) = Replicas::start(&[&["--jobs", "0"], &["--jobs", "0"]]) else {
        return;
    };
    let [here, there] = [&replicas.nodes[0], &replicas.nodes[1]];
    let invited = replicas.admins[0]
        .post(
            "/api/v1/invites",
            &json!({ "name": "Second", "role": "admin" }),
        )
        .is(201)
        .json();
    let code = invited["code"].as_str().expect("a code");
    let second = there.come_in(code);
    let again = here
        .stranger()
        .post("/api/v1/login", &json!({ "code": code }));
    again.refuses(403, "not-yours");
    let at_first = here.like(&second);
    assert_eq!(at_first.get("/api/v1/me").is(200).json()["name"], "Second");
    at_first.post("/api/v1/logout", &json!({})).is(204);
    second.get("/api/v1/me").refuses(401, "unknown-caller");
}

fn meridian(words: &[&str], data: &Path, address: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meridian"));
    command
        .args(words)
        .arg("--data")
        .arg(data)
        .env_remove(VARIABLE);
    if let Some(address) = address {
        command.env(VARIABLE, address);
    }
    command.output().expect("it starts")
}

/// What a command answers, once it has ended so.
#[track_caller]
fn said(output: &Output, code: i32) -> String {
    let err = String::from_utf8_lossy(&output.stderr);
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    format!("{out}{err}")
}

#[test]
fn commands_look_after_a_node_on_postgresql() {
    let Some(database) = Database::new() else {
        return;
    };
    let address = database.address();
    let folder = tempfile::tempdir().expect("a folder");
    let run = |words: &[&str], code| said(&meridian(words, folder.path(), Some(&address)), code);
    let link = run(&["node", "init"], 0);
    let node = Node::start_on(&address, &["--jobs", "0"]);
    let (_, code) = link.trim().split_once('#').expect("a link");
    let admin = node.come_in(code);
    let refused = run(&["node", "init"], 2);
    assert!(refused.contains("keeps its data here already"), "{refused}");
    let open = run(&["node", "invite", "--name", "x", "--role", "admin"], 0);
    let (_, open) = open.trim().split_once('#').expect("a link");
    let token = json!({ "name": "robot", "scopes": ["read"] });
    let token = admin.post("/api/v1/tokens", &token).is(201).json();
    let robot = node.bearer(token["token"].as_str().expect("a secret"));
    robot.get("/api/v1/me").is(200);
    assert!(run(&["node", "close-all"], 0).contains("were closed"));
    robot.get("/api/v1/me").refuses(401, "unknown-caller");
    let late = node
        .stranger()
        .post("/api/v1/login", &json!({ "code": open }));
    late.refuses(403, "not-yours");
    for (words, tool) in [
        (["node", "backup", "x"], "pg_dump"),
        (["node", "restore", "x"], "pg_restore"),
    ] {
        let refused = run(&words, 2);
        assert!(refused.contains(tool), "{refused}");
    }
    // Nothing of it is in the folder, and the server that is there for tests is not a safe one.
    let well = run(&["node", "check-up"], 1);
    assert!(
        well.starts_with("fsync is off") && well.lines().count() == 1,
        "{well}"
    );
    assert!(!folder.path().join("meridian.db").exists());
}

#[test]
fn a_password_is_told_to_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = "postgres://meridian:s3cret-w0rd@127.0.0.1:1/meridian";
    let words = ["serve", "--listen", "127.0.0.1:0", "--database", address];
    let refused = said(&meridian(&words, folder.path(), None), 2);
    assert!(refused.contains("MERIDIAN_DATABASE"), "{refused}");
    assert!(!refused.contains("s3cret"), "{refused}");
    let nowhere = address.replace("127.0.0.1:1", "%2Fnowhere");
    let failed = said(&meridian(&words[..3], folder.path(), Some(&nowhere)), 3);
    assert!(
        failed.contains("cannot use the PostgreSQL database"),
        "{failed}"
    );
    assert!(!failed.contains("s3cret"), "{failed}");
    let other = said(&meridian(&words[..3], folder.path(), Some("mysql://x")), 2);
    assert!(other.contains("no address of a PostgreSQL"), "{other}");

    let Some(database) = Database::new() else {
        return;
    };
    let address = database
        .address()
        .replace("postgres@", "postgres:s3cret-w0rd@");
    let node = Node::start_on(&address, &[]);
    bring(&node.admin(), "first-relay").is(201);
    let line =
        std::fs::read_to_string(format!("/proc/{}/cmdline", node.pid())).expect("its command");
    assert!(!line.contains("s3cret") && !node.log().contains("s3cret"));
}
