//! A node that is killed at any moment: what it said it kept is there, nothing is there by half.
//!
//! `MERIDIAN_KILLS=300 cargo test -p meridian --test node kills` kills it so often; the suite does it a few times.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};

use crate::databases;
use crate::harness::{Caller, Node, PATIENCE};
use crate::planning::{at, documents, ended, relay_in};

/// How often the suite kills.
const KILLS: usize = 12;
/// The groups whose hours are written, each by a writer of its own.
const WRITERS: [&str; 3] = ["kyoto", "berlin", "kampala"];

/// What the node acknowledged.
#[derive(Default)]
struct Acknowledged {
    /// Path and version of the last write of each thing.
    things: BTreeMap<String, i64>,
    jobs: Vec<String>,
    releases: BTreeMap<String, i64>,
}

/// A seeded sequence.
/// Source: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % n
    }
}

/// A caller who is not surprised when the node is gone in the middle of an answer.
struct Brave {
    client: Client,
    address: String,
    proof: (&'static str, String),
}

impl Brave {
    fn of(caller: &Caller) -> Self {
        let (address, proof) = caller.parts();
        Self {
            client: Client::builder().no_proxy().build().expect("a client"),
            address,
            proof,
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let (name, value) = &self.proof;
        let url = format!("{}{path}", self.address);
        self.client.request(method, url).header(*name, value)
    }

    /// Status and body; none when the node did not answer, or not to the end.
    fn tell(request: RequestBuilder) -> Option<(u16, Value)> {
        let answer = request.send().ok()?;
        let status = answer.status().as_u16();
        let body = answer.bytes().ok()?;
        Some((status, serde_json::from_slice(&body).ok()?))
    }

    /// Writes a group's hours again and again.
    fn write(&self, group: &str, kept: &Mutex<Acknowledged>) -> Option<()> {
        let path = at(&format!("availability/group.{group}"));
        let known = kept
            .lock()
            .expect("no writer panics")
            .things
            .get(&path)
            .copied();
        let (_, there) = Self::tell(self.request(Method::GET, &path))?;
        let mut version = there["version"].as_i64();
        assert!(
            version >= known,
            "an acknowledged write of {path} is lost: {known:?}, {there}"
        );
        loop {
            let request = self.request(Method::PUT, &path);
            let request = match version {
                None => request.header("If-None-Match", "*"),
                Some(version) => request.header("If-Match", format!("\"{version}\"")),
            };
            let rule = format!("weekdays 19:00-2{}:00", version.unwrap_or(0) % 3);
            let rows = json!([{ "grade": "possible", "rule": rule }]);
            let body = json!({ "rows": rows });
            let (status, told) = Self::tell(with(request, &body))?;
            assert!(matches!(status, 200 | 201), "{status}: {told}");
            version = told["version"].as_i64();
            let version = version.expect("a version");
            kept.lock()
                .expect("no writer panics")
                .things
                .insert(path.clone(), version);
        }
    }

    /// Asks for a plan, and publishes whatever can be published, again and again.
    fn plan(&self, kept: &Mutex<Acknowledged>) -> Option<()> {
        let wish = json!({ "effort": 1, "engine": "pure", "time_limit_s": 5 });
        let (status, job) = Self::tell(with(self.request(Method::POST, &at("jobs/plan")), &wish))?;
        assert!(matches!(status, 202 | 429), "{status}: {job}");
        if let Some(id) = job["id"].as_str() {
            kept.lock()
                .expect("no writer panics")
                .jobs
                .push(id.to_owned());
        }
        loop {
            let (_, plans) = Self::tell(self.request(Method::GET, &at("plans?limit=500")))?;
            for plan in plans["items"].as_array().expect("plans") {
                let id = plan["id"].as_str().expect("an id");
                if plan["state"] != "draft" {
                    continue;
                }
                let release = self.request(Method::POST, &at(&format!("plans/{id}/release")));
                let release = release.header("If-Match", format!("\"{}\"", plan["version"]));
                let (status, told) =
                    Self::tell(with(release, &json!({ "without_answers": true })))?;
                assert!(matches!(status, 200 | 409), "{status}: {told}");
                if let Some(number) = told["release_number"].as_i64() {
                    kept.lock()
                        .expect("no writer panics")
                        .releases
                        .insert(id.to_owned(), number);
                }
            }
        }
    }
}

fn with(request: RequestBuilder, body: &Value) -> RequestBuilder {
    let request = request.header("Content-Type", "application/json");
    request.body(body.to_string())
}

/// When a node is killed.
#[derive(Clone, Copy)]
struct Moment {
    /// First a job has to make a plan, so that the end hits what comes of it.
    after_a_plan: bool,
    delay: Duration,
}

fn n_plans(admin: &Caller) -> usize {
    let plans = admin.get(&at("plans?limit=500")).is(200).json();
    plans["items"].as_array().map_or(0, Vec::len)
}

/// Lets everyone at the node, and kills it in the middle.
fn round(node: &mut Node, admin: &Caller, kept: &Mutex<Acknowledged>, moment: Moment) {
    let before = n_plans(admin);
    std::thread::scope(|scope| {
        let mut writers = Vec::new();
        for group in WRITERS {
            let brave = Brave::of(admin);
            writers.push(scope.spawn(move || brave.write(group, kept)));
        }
        let brave = Brave::of(admin);
        writers.push(scope.spawn(move || brave.plan(kept)));
        // Whoever panicked here would wait for writers who never end.
        let deadline = Instant::now() + PATIENCE;
        let mut waits = moment.after_a_plan;
        while waits && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
            waits = n_plans(admin) <= before;
        }
        // The moment of the end is what is tested, not what is waited for.
        std::thread::sleep(moment.delay);
        node.kill();
        for writer in writers {
            assert!(
                writer
                    .join()
                    .expect("a writer saw something wrong")
                    .is_none()
            );
        }
    });
}

async fn numbers(db: &mut AnyConnection, sql: &'static str) -> Vec<i64> {
    sqlx::query_scalar(sql)
        .fetch_all(db)
        .await
        .expect("it is asked")
}

/// What must hold in the database, whenever it was left.
pub(crate) fn whole(folder: &Path) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        sqlx::any::install_default_drivers();
        let file = format!("sqlite://{}/meridian.db", folder.display());
        let elsewhere = databases::address_of(folder);
        let url = elsewhere.as_ref().unwrap_or(&file);
        let mut db = AnyConnection::connect(url).await.expect("it opens");
        if elsewhere.is_none() {
            let integrity: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
                .fetch_all(&mut db)
                .await
                .expect("it is asked");
            assert_eq!(integrity, ["ok"]);
            let stray = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut db).await;
            assert!(stray.expect("it is asked").is_empty());
        }
        // A published plan is the event's, and the only one; releases are numbered without a hole.
        let odd = numbers(
            &mut db,
            "SELECT COUNT(*) FROM event e WHERE (SELECT COUNT(*) FROM plan p WHERE p.event = e.id \
             AND p.state = 'published' AND p.id = e.current_plan) <> CASE WHEN e.current_plan IS NULL THEN 0 ELSE 1 END \
             OR (SELECT COUNT(*) FROM plan p WHERE p.event = e.id AND p.state = 'published') > 1",
        );
        assert_eq!(odd.await, [0], "an event's published plan is not the one that it names");
        let releases = "SELECT release_number FROM plan WHERE release_number IS NOT NULL ORDER BY 1";
        let releases = numbers(&mut db, releases).await;
        let expected: Vec<i64> = (1..).take(releases.len()).collect();
        assert_eq!(releases, expected);
        // A job that is done has its plan, one that is not has none.
        let odd = numbers(
            &mut db,
            "SELECT COUNT(*) FROM job j WHERE (SELECT COUNT(*) FROM plan p WHERE p.job = j.id) <> CASE j.state WHEN 'done' THEN 1 ELSE 0 END",
        );
        assert_eq!(odd.await, [0], "a job and its plan are not one");
        // Every change of what a plan is made from was counted once, and has its line in the audit.
        let odd = numbers(
            &mut db,
            "SELECT COUNT(*) FROM event e WHERE e.generation <> (SELECT COUNT(*) FROM audit a WHERE a.event = e.id \
             AND (a.action = 'replace' OR (a.kind IN ('availability', 'regional-event') AND a.action IN ('create', 'change'))))",
        );
        assert_eq!(odd.await, [0], "the audit has not seen every change");
    });
}

#[test]
fn whenever_a_node_is_killed_nothing_acknowledged_is_lost_and_nothing_is_half() {
    let kills = std::env::var("MERIDIAN_KILLS").ok();
    let kills = kills.map_or(KILLS, |n| n.parse().expect("MERIDIAN_KILLS is a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let (mut node, mut admin) = relay_in(folder.path(), &["--rate", "0"]);
    let kept = Mutex::new(Acknowledged::default());
    let mut dice = Dice(0x6d65_7269_6469_616e);
    for n in 0..kills {
        let after_a_plan = n % 3 == 0;
        let longest = if after_a_plan { 40 } else { 900 };
        let moment = Moment {
            after_a_plan,
            delay: Duration::from_millis(dice.below(longest)),
        };
        round(&mut node, &admin, &kept, moment);
        whole(folder.path());
        node = Node::start_in(folder.path(), &["--rate", "0"]);
        admin = node.like(&admin);
    }
    assert!(n_plans(&admin) > 0, "no job ever ended");
    let kept = kept.into_inner().expect("no writer panics");
    assert!(
        kept.things.len() == WRITERS.len() && !kept.jobs.is_empty(),
        "nothing was written"
    );
    for (path, version) in &kept.things {
        let there = admin.get(path).is(200).json();
        assert!(
            there["version"].as_i64() >= Some(*version),
            "{path} is lost: {version}, {there}"
        );
    }
    for (plan, number) in &kept.releases {
        let there = admin.get(&at(&format!("plans/{plan}"))).is(200).json();
        assert_eq!(there["release_number"], json!(number), "{there}");
    }
    for id in &kept.jobs {
        let job = ended(&admin, id);
        assert_eq!(job["state"], "done", "{job}");
        documents(&admin, job["result"]["plan"].as_str().expect("a plan"));
    }
    assert!(node.stop().success());
    whole(folder.path());
}
