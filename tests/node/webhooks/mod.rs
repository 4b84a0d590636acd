//! Webhooks: what programs are told, signed, in order ([`telling`]), and what becomes of what they do not take
//! ([`giving_up`]).

mod giving_up;
mod telling;

use serde_json::{Value, json};

use crate::harness::{Caller, wait_for};
use crate::planning::at;

/// A node that posts to this machine, and waits a thousandth of what it would.
const QUICK: [&str; 4] = ["--trust-network", "127.0.0.1/32", "--webhook-hurry", "1000"];

fn register(caller: &Caller, url: &str, kinds: &[&str]) -> Value {
    let wish = json!({ "url": url, "kinds": kinds });
    let made = caller.post(&at("webhooks"), &wish);
    let place = made.is(201).header("location").to_owned();
    let webhook = made.json();
    assert_eq!(place, path(&webhook));
    webhook
}

fn path(webhook: &Value) -> String {
    at(&format!("webhooks/{}", text(webhook, "id")))
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().expect("text")
}

fn state(caller: &Caller, webhook: &Value) -> Value {
    caller.get(&path(webhook)).is(200).json()
}

fn state_when(caller: &Caller, webhook: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
    wait_for("the webhook is as wanted", || {
        Some(state(caller, webhook)).filter(|now| wanted(now))
    })
}

fn deliveries(caller: &Caller, webhook: &Value) -> Vec<Value> {
    let list = caller.get(&format!("{}/deliveries", path(webhook)));
    list.is(200).json()["items"]
        .as_array()
        .expect("items")
        .clone()
}

/// Changes something, once for each number; an acknowledged change has its number in its id.
fn change(caller: &Caller, n: usize) {
    let thing = json!({
        "title": "x", "kind": "other", "start": "2024-08-24", "end": "2024-08-24", "countries": [],
        "subdivisions": [], "groups": [], "global": true,
    });
    let path = at(&format!("regional-events/r{n}"));
    caller.make(&path, &thing).is(201);
}

fn switch_on(caller: &Caller, webhook: &Value) -> Value {
    let now = state(caller, webhook);
    let version = now["version"].as_i64().expect("a version");
    let wish = json!({ "url": now["url"], "kinds": now["kinds"] });
    caller.change(&path(webhook), version, &wish).is(200).json()
}
