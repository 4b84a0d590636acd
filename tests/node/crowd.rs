//! Many leaders at once, while the node plans.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::events::bring;
use crate::harness::{Caller, Node, wait_for};

const EVENT: &str = "/api/v1/events/relay-2024";
/// Enough for everyone of the real relay, and some more.
const LEADERS: usize = 200;
/// How many of them save at the same moment.
const AT_ONCE: usize = 8;

fn leader(node: &Node, admin: &Caller, group: &str) -> Caller {
    let invite = json!({ "name": "x", "role": "leader", "event": "relay-2024", "group": group });
    let invite = admin.post("/api/v1/invites", &invite).is(201).json();
    node.come_in(invite["code"].as_str().expect("a code"))
}

/// How long each save took is printed (`--nocapture`); nothing is asserted of it, as machines differ.
#[test]
fn two_hundred_leaders_save_while_the_node_plans_and_nothing_is_lost() {
    let node = Node::start_with(&["--rate", "0"]);
    let admin = node.admin();
    bring(&admin, "relay-2024").is(201);
    let groups = admin
        .get(&format!("{EVENT}/groups?limit=500"))
        .is(200)
        .json();
    let groups: Vec<String> = groups["items"]
        .as_array()
        .expect("groups")
        .iter()
        .filter_map(|group| group["id"].as_str().map(str::to_owned))
        .collect();
    let leaders: Vec<(Caller, String)> = groups
        .iter()
        .cycle()
        .take(LEADERS)
        .map(|group| (leader(&node, &admin, group), group.clone()))
        .collect();
    let ask = json!({ "effort": 5, "time_limit_s": 600 });
    let job = admin
        .post(&format!("{EVENT}/jobs/plan"), &ask)
        .is(202)
        .json();
    let job = format!("{EVENT}/jobs/{}", job["id"].as_str().expect("an id"));
    let state = || admin.get(&job).is(200).json()["state"].clone();
    wait_for("it plans", || (state() == "running").then_some(()));
    let (next, took) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((n, one)) = take(&next, &leaders) {
                    let elapsed = save(n, one);
                    took.lock().expect("no save panicked").push(elapsed);
                }
            });
        }
    });
    assert_eq!(state(), "running", "the solve took part");
    let cancel = admin.post(&format!("{job}/cancel"), &json!({}));
    assert!(cancel.status < 300, "{}", cancel.text());
    for n in 0..LEADERS {
        admin
            .get(&format!("{EVENT}/speakers/speaker-of-{n}"))
            .is(200);
    }
    tell(took.into_inner().expect("no save panicked"));
}

/// The next of them who has not saved yet.
fn take<'a, T>(next: &AtomicUsize, all: &'a [T]) -> Option<(usize, &'a T)> {
    let n = next.fetch_add(1, Ordering::Relaxed);
    all.get(n).map(|one| (n, one))
}

/// A leader keeps something of her group's, and reads it back; how long the keeping took.
fn save(n: usize, (leader, group): &(Caller, String)) -> Duration {
    let path = format!("{EVENT}/speakers/speaker-of-{n}");
    let began = Instant::now();
    leader.make(&path, &json!({ "group": group })).is(201);
    let elapsed = began.elapsed();
    leader.get(&path).is(200);
    elapsed
}

fn tell(mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |part: usize| took.get((took.len() * part / 100).min(took.len() - 1));
    eprintln!(
        "{} saves, {AT_ONCE} at once: half within {:?}, 99 of 100 within {:?}",
        took.len(),
        at(50),
        at(99)
    );
}
