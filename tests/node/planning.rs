//! A node with a sample event, and what is done with it again and again: plan, wait, read.

use std::io::{BufRead, BufReader};
use std::path::Path;

use meridian_model::check::check;
use meridian_model::{Plan, Problem};
use reqwest::Method;
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::events::bring;
use crate::harness::{Answer, Caller, Node, wait_for};

/// The sample event.
pub(crate) const EVENT: &str = "/api/v1/events/first-relay";

/// A path under the sample event.
pub(crate) fn at(path: &str) -> String {
    format!("{EVENT}/{path}")
}

/// A node that plans the first relay, and its admin.
pub(crate) fn relay(arguments: &[&str]) -> (Node, Caller) {
    let node = Node::start_with(arguments);
    let admin = node.admin();
    bring(&admin, "first-relay").is(201);
    (node, admin)
}

/// The same, in a folder that the test keeps.
pub(crate) fn relay_in(folder: &Path, arguments: &[&str]) -> (Node, Caller) {
    let node = Node::start_in(folder, arguments);
    let admin = node.admin();
    bring(&admin, "first-relay").is(201);
    (node, admin)
}

/// Asks for a job; its id.
pub(crate) fn ask(caller: &Caller, kind: &str, wish: &Value) -> String {
    let asked = caller.post(&at(&format!("jobs/{kind}")), wish);
    let job = asked.is(202).json();
    let id = job["id"].as_str().expect("an id").to_owned();
    assert_eq!(asked.header("location"), at(&format!("jobs/{id}")));
    id
}

/// The job, once it is as wanted.
pub(crate) fn job_when(caller: &Caller, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    wait_for("the job is as wanted", || {
        let job = caller.get(&at(&format!("jobs/{id}"))).is(200).json();
        wanted(&job).then_some(job)
    })
}

/// The job, once it has ended.
pub(crate) fn ended(caller: &Caller, id: &str) -> Value {
    job_when(caller, id, |job| !job["ended_at"].is_null())
}

/// Has a quick plan made; its id.
pub(crate) fn planned(caller: &Caller, seed: u64) -> String {
    let wish = json!({ "effort": 1, "engine": "pure", "seed": seed });
    let job = ended(caller, &ask(caller, "plan", &wish));
    assert_eq!(job["state"], "done", "{job}");
    made_by(&job)
}

/// The plan that a job made.
pub(crate) fn made_by(job: &Value) -> String {
    let plan = job["result"]["plan"].as_str();
    plan.unwrap_or_else(|| panic!("no plan: {job}")).to_owned()
}

/// A plan's documents; the checker agrees with what the node says of it.
pub(crate) fn documents(caller: &Caller, plan: &str) -> (Problem, Plan) {
    let read = |what: &str| {
        caller
            .get(&at(&format!("plans/{plan}/{what}")))
            .is(200)
            .body
            .clone()
    };
    let problem = meridian_formats::problem::read(&read("problem"), "problem").expect("a problem");
    let document = meridian_formats::plan::read(&read("document"), "plan").expect("a plan");
    let report = check(&problem, &document);
    let told = caller.get(&at(&format!("plans/{plan}"))).is(200).json();
    assert_eq!(told["score"], json!(report.score), "{plan}");
    assert_eq!(document.score, report.score, "{plan}");
    assert_eq!(told["problem_sha256"], document.problem_sha256, "{plan}");
    (problem, document)
}

/// Does something with a plan at that version: `release`, `propose` or `withdraw`.
pub(crate) fn act(caller: &Caller, plan: &str, what: &str, version: i64) -> Answer {
    let body = json!({ "without_answers": true }).to_string().into_bytes();
    let body = (what == "release").then_some(("application/json", body));
    let path = at(&format!("plans/{plan}/{what}"));
    let tag = format!("\"{version}\"");
    caller.send(Method::POST, &path, &[("If-Match", &tag)], body)
}

/// Has a quick plan made and published; its id.
pub(crate) fn published(caller: &Caller) -> String {
    let plan = planned(caller, 1);
    act(caller, &plan, "release", 1).is(200);
    plan
}

/// Someone with a seat in the event.
pub(crate) fn seat(node: &Node, admin: &Caller, seat: &Value) -> Caller {
    let mut invite = json!({ "name": "Someone", "event": "first-relay" });
    for (field, value) in seat.as_object().expect("fields") {
        invite[field] = value.clone();
    }
    let invited = admin.post("/api/v1/invites", &invite).is(201).json();
    node.come_in(invited["code"].as_str().expect("a code"))
}

/// Server-sent events as they come.
pub(crate) struct Stream(BufReader<Response>);

/// One of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) data: String,
}

impl News {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).expect("its data are JSON")
    }
}

impl Stream {
    /// Opens one.
    pub(crate) fn open(caller: &Caller, path: &str, headers: &[(&str, &str)]) -> Self {
        let response = caller.stream(Method::GET, path, headers, None);
        assert_eq!(response.status().as_u16(), 200, "{path}");
        Self(BufReader::new(response))
    }
}

impl Iterator for Stream {
    type Item = News;

    fn next(&mut self) -> Option<News> {
        let mut news = News::default();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).expect("text") == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("event", name)) => name.clone_into(&mut news.name),
                Some(("id", id)) => id.clone_into(&mut news.id),
                Some(("data", data)) => data.clone_into(&mut news.data),
                _ if line == "\n" && news != News::default() => return Some(news),
                _ => {}
            }
        }
    }
}
