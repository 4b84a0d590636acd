//! An event across nodes over HTTP alone: leaders and bots do what the command line does.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::giving::version;
use crate::harness::{Answer, Caller, Node, wait_for};
use crate::planning::{Stream, at, ended, job_when, relay_in, seat};

/// Nodes of these tests are on this machine.
pub(crate) const TRUST: [&str; 2] = ["--trust-network", "127.0.0.0/8"];
/// The space of these tests.
const SPACE: &str = "/api/v1/exchange/spaces/relay";
/// Most proposals until all accept.
const ROUNDS: usize = 6;

/// A node with its groups and the sample event.
struct Side {
    node: Node,
    admin: Caller,
    _folder: tempfile::TempDir,
}

impl Side {
    fn of(groups: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (node, admin) = relay_in(folder.path(), &TRUST);
        for group in groups {
            sign_for(&node, &admin, group);
        }
        Self {
            node,
            admin,
            _folder: folder,
        }
    }

    /// How far the space is.
    fn space(&self) -> Value {
        self.admin.get(SPACE).is(200).json()
    }

    fn step(&self, step: &str, wish: &Value) -> Answer {
        self.admin.post(&format!("{SPACE}/{step}"), wish)
    }

    /// What came of a step that is a job.
    fn work(&self, step: &str, wish: &Value) -> Value {
        worked(&self.admin, step, wish)
    }
}

/// Makes a group that a node signs for; its recovery words.
pub(crate) fn sign_for(node: &Node, admin: &Caller, handle: &str) -> String {
    let new = json!({ "handle": handle, "url": node.address() });
    let made = admin.post("/api/v1/exchange/groups", &new).is(201).json();
    made["recovery"].as_str().expect("words").to_owned()
}

/// Both leaders read each other the same words, and confirm.
pub(crate) fn pair((one, ones): (&Caller, &str), (two, twos): (&Node, &Caller)) {
    let met = one.post("/api/v1/exchange/peers", &json!({ "url": two.address() }));
    let met = met.is(201).json();
    let known = twos.get("/api/v1/exchange/peers").is(200).json();
    let words = &known["items"][0]["words"];
    assert_eq!(&met["words"], words, "{known}");
    let peer = met["name"].as_str().expect("a name");
    for (caller, peer) in [(one, peer), (twos, ones)] {
        let path = format!("/api/v1/exchange/peers/{peer}/confirm");
        let confirmed = caller.post(&path, &json!({ "words": words }));
        assert_eq!(confirmed.is(200).json()["state"], "allowed");
    }
}

/// What came of a step that is a job, asked for and watched by the same person.
fn worked(caller: &Caller, step: &str, wish: &Value) -> Value {
    let asked = caller.post(&format!("{SPACE}/{step}"), wish);
    let job = asked.is(202).json();
    assert_eq!(job["kind"], step);
    let place = asked.header("location").to_owned();
    let job = wait_for(step, || {
        let job = caller.get(&place).is(200).json();
        (!job["ended_at"].is_null()).then_some(job)
    });
    assert_eq!(job["state"], "done", "{step}: {job}");
    job["result"].clone()
}

/// Waits until both see the same of the space, and gives that.
fn agreed(one: &Side, two: &Side) -> Value {
    wait_for("both nodes see the same", || {
        let (here, there) = (one.space(), two.space());
        (here["digest"] == there["digest"]).then_some(here)
    })
}

/// Two nodes that know each other, and take part in one space.
fn together() -> (Side, Side) {
    let one = Side::of(&["kyoto", "bangalore", "kampala"]);
    let two = Side::of(&["berlin", "montevideo", "seattle"]);
    pair((&one.admin, "kyoto"), (&two.node, &two.admin));
    let new = json!({ "name": "relay", "event": "first-relay", "with": ["berlin"] });
    let opened = one
        .admin
        .post("/api/v1/exchange/spaces", &new)
        .is(201)
        .json();
    assert_eq!(opened["members"], 6, "{opened}");
    let around = two.admin.get("/api/v1/exchange/invitations").is(200).json();
    assert_eq!(around["items"][0]["name"], "relay", "{around}");
    assert_eq!(around["items"][0]["followed"], false, "{around}");
    let joined = two.step("join", &json!({ "event": "first-relay" }));
    let joined = joined.is(200).json();
    assert_eq!(
        joined["groups"].as_array().map(Vec::len),
        Some(3),
        "{joined}"
    );
    agreed(&one, &two);
    (one, two)
}

/// All people of a group consent to be shown by name, or do no longer; the names.
fn consent(side: &Side, group: &str, consent: bool) -> BTreeSet<String> {
    let path = "/api/v1/events/first-relay/operators";
    let known = side.admin.get(&format!("{path}?limit=200")).is(200).json();
    let mut names = BTreeSet::new();
    for person in known["items"].as_array().expect("people") {
        if person["group"] != group {
            continue;
        }
        let id = person["id"].as_str().expect("an id");
        let read = side.admin.get(&format!("{path}/{id}"));
        let version = version(&read);
        let mut said = read.json();
        let fields = said.as_object_mut().expect("fields");
        fields.retain(|field, _| {
            !["id", "version", "changed_at", "changed_by"].contains(&field.as_str())
        });
        let name = consent.then(|| format!("Name of {id}"));
        said["shown_as"] = json!(name);
        let changed = side.admin.change(&format!("{path}/{id}"), version, &said);
        changed.is(200);
        names.extend(name);
    }
    names
}

#[test]
fn two_nodes_come_from_a_brief_to_a_plan_in_force_over_http() {
    let (one, two) = together();
    for side in [&one, &two] {
        let offered = side.step("offer", &json!({})).is(200).json();
        let said = offered["groups"].to_string();
        assert!(said.contains("capacity") && said.contains("talk"), "{said}");
    }
    agreed(&one, &two);
    let refused = two.step("propose", &json!({})).refuses(422, "invalid");
    assert!(refused.to_string().contains("coordinator"), "{refused}");
    let accepted = (1..=ROUNDS).any(|number| {
        let proposed = one.work("propose", &json!({ "effort": 1 }));
        assert_eq!(proposed["number"], number, "{proposed}");
        agreed(&one, &two);
        for side in [&one, &two] {
            side.work("respond", &json!({}));
        }
        agreed(&one, &two)["state"]["stage"] == "acceptable"
    });
    assert!(accepted, "no agreement: {}", one.space());
    one.admin
        .get(&format!("{SPACE}/plan"))
        .refuses(404, "missing");
    one.step("publish", &json!({})).is(200);
    agreed(&one, &two);
    let named = consent(&two, "berlin", true);
    for side in [&one, &two] {
        let staffed = side.work("staff", &json!({}));
        assert!(staffed["parts"].as_u64() > Some(0), "{staffed}");
    }
    let state = agreed(&one, &two);
    assert_eq!(state["state"]["stage"], "published");
    let checks = [&one, &two].map(|side| side.work("check", &json!({})));
    for field in ["digest", "release", "shifts", "score"] {
        assert_eq!(checks[0][field], checks[1][field], "{checks:?}");
    }
    assert_eq!(checks[0]["digest"], state["digest"]);
    assert_eq!(checks[0]["release"], 1);
    let plans = [&one, &two].map(|side| side.admin.get(&format!("{SPACE}/plan")).is(200).json());
    assert_eq!(plans[0], plans[1]);
    let people = plans[0]["problem"]["operators"].as_array().expect("people");
    for person in people {
        let (group, shown) = (&person["group"], &person["shown_as"]);
        let consented = shown.as_str().is_some_and(|name| named.contains(name));
        assert_eq!(consented, group == "berlin", "{person}");
        assert_eq!(shown.is_null(), group != "berlin", "{person}");
    }
    assert!(people.iter().any(|person| person["group"] == "berlin"));
    // They withdraw it: nobody sees a name any more, and the same people are on duty.
    consent(&two, "berlin", false);
    let found = two.work("check", &json!({}))["found"].to_string();
    assert!(
        found.contains("berlin: people are shown otherwise"),
        "{found}"
    );
    let staffed = two.work("staff", &json!({}));
    assert!(staffed["parts"].as_u64() > Some(0), "{staffed}");
    assert_eq!(two.work("staff", &json!({}))["parts"], 0);
    agreed(&one, &two);
    let after = one.admin.get(&format!("{SPACE}/plan")).is(200).json();
    assert_eq!(after["plan"]["shifts"], plans[0]["plan"]["shifts"]);
    let people = after["problem"]["operators"].as_array().expect("people");
    assert!(people.iter().all(|person| person["shown_as"].is_null()));
    let gone = one.step("cancel", &json!({ "reason": "the date moves" }));
    gone.is(200);
    assert_eq!(agreed(&one, &two)["state"]["published"], Value::Null);
}

/// What the first job said and its end were told as of one moment: they are one transaction.
fn one_moment(side: &Side) {
    let news = Stream::open(&side.admin, &at("changes?after=0"), &[]);
    let space = side.space()["space"].clone();
    let mut said = Value::Null;
    for change in news.map(|news| news.json()) {
        match (change["kind"].as_str(), change["action"].as_str()) {
            (Some("space"), _) => {
                assert_eq!(change["id"], space);
                said = change["at"].clone();
            }
            (Some("job"), Some("done")) => {
                assert_eq!(change["at"], said, "{change}");
                return;
            }
            _ => {}
        }
    }
    panic!("the stream ended");
}

#[test]
fn a_leader_speaks_for_her_group_and_for_no_other() {
    let side = Side::of(&["kyoto", "kampala"]);
    let new = json!({ "name": "relay", "event": "first-relay" });
    side.admin.post("/api/v1/exchange/spaces", &new).is(201);
    let sits = |role: &str, group: &str| {
        let seat_of = json!({ "role": role, "group": group });
        seat(&side.node, &side.admin, &seat_of)
    };
    let (kyoto, berlin) = (sits("deputy", "kyoto"), sits("leader", "berlin"));
    berlin.get(SPACE).refuses(404, "missing");
    let hers = kyoto.get(SPACE).is(200).json();
    assert_eq!(hers["own"], json!(["kyoto"]));
    let offered = kyoto.post(&format!("{SPACE}/offer"), &json!({}));
    let offered = offered.is(200).json();
    assert_eq!(
        offered["groups"].as_array().map(Vec::len),
        Some(1),
        "{offered}"
    );
    for (step, wish) in [
        ("offer", json!({ "group": "kampala" })),
        ("offer", json!({ "group": "berlin" })),
    ] {
        let path = format!("{SPACE}/{step}");
        kyoto.post(&path, &wish).refuses(404, "missing");
    }
    let round = json!({ "round": 5 });
    let path = format!("{SPACE}/offer");
    kyoto.post(&path, &round).refuses(403, "not-yours");
    kyoto
        .post(&format!("{SPACE}/propose"), &json!({}))
        .refuses(403, "not-yours");
    side.step("offer", &json!({})).is(200);
    side.work("propose", &json!({ "effort": 1 }));
    // She watches what she asked for, though she does not plan the event.
    let word = json!({ "reject": "the hall is closed" });
    let replied = worked(&kyoto, "respond", &word);
    assert_eq!(
        replied["groups"].as_array().map(Vec::len),
        Some(1),
        "{replied}"
    );
    assert!(
        replied.to_string().contains("the hall is closed"),
        "{replied}"
    );
    let theirs = side.step("respond", &json!({}));
    let theirs = theirs.is(202).header("location").to_owned();
    kyoto.get(&theirs).refuses(403, "not-yours");
    one_moment(&side);
}

#[test]
fn a_proposal_is_made_once_whenever_the_node_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut node, mut admin) = relay_in(folder.path(), &TRUST);
    for group in ["kyoto", "berlin", "seattle"] {
        sign_for(&node, &admin, group);
    }
    let new = json!({ "name": "relay", "event": "first-relay" });
    admin.post("/api/v1/exchange/spaces", &new).is(201);
    admin.post(&format!("{SPACE}/offer"), &json!({})).is(200);
    let proposals = |admin: &Caller| {
        let space = admin.get(SPACE).is(200).json();
        space["state"]["proposals"]
            .as_array()
            .cloned()
            .expect("proposals")
    };
    for number in 1..=4 {
        let asked = admin.post(&format!("{SPACE}/propose"), &json!({ "effort": 1 }));
        let id = asked.is(202).json()["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        if number % 2 == 1 {
            // While it looks for a plan.
            job_when(&admin, &id, |job| job["state"] == "running");
        } else {
            // When it has just been said.
            wait_for("it is said", || {
                (proposals(&admin).len() == number).then_some(())
            });
        }
        node.kill();
        node = Node::start_in(folder.path(), &TRUST);
        admin = node.like(&admin);
        let job = ended(&admin, &id);
        assert_eq!(job["state"], "done", "{job}");
        let made = proposals(&admin);
        assert_eq!(made.len(), number, "{job}");
        assert_eq!(made[number - 1]["record"], job["result"]["record"], "{job}");
    }
}

#[test]
fn a_step_that_is_cancelled_says_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (node, admin) = relay_in(folder.path(), &TRUST);
    sign_for(&node, &admin, "kyoto");
    let new = json!({ "name": "relay", "event": "first-relay" });
    admin.post("/api/v1/exchange/spaces", &new).is(201);
    admin.post(&format!("{SPACE}/offer"), &json!({})).is(200);
    let asked = admin.post(&format!("{SPACE}/propose"), &json!({ "effort": 9 }));
    let id = asked.is(202).json()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    job_when(&admin, &id, |job| job["state"] == "running");
    admin
        .post(&at(&format!("jobs/{id}/cancel")), &json!({}))
        .is(202);
    let job = ended(&admin, &id);
    assert_eq!(job["state"], "cancelled", "{job}");
    assert_eq!(admin.get(SPACE).json()["state"]["proposals"], json!([]));
}

#[test]
fn an_address_that_may_not_be_called_is_refused_at_once() {
    let node = Node::start();
    let admin = node.admin();
    let began = Instant::now();
    for url in [
        node.address(),
        "http://169.254.169.254/",
        "https://10.0.0.1/",
        "http://example.org/",
        "file:///etc/passwd",
        "nonsense",
    ] {
        let refused = admin.post("/api/v1/exchange/peers", &json!({ "url": url }));
        let problem = refused.refuses(422, "invalid").to_string();
        assert!(problem.contains("cannot be added"), "{problem}");
    }
    assert!(began.elapsed() < Duration::from_secs(5));
    // Whoever signs for nobody is told what to do first.
    let public = json!({ "url": "https://192.0.2.1.example/" });
    let refused = admin.post("/api/v1/exchange/peers", &public);
    let problem = refused.refuses(422, "invalid");
    assert!(
        problem.to_string().contains("POST /api/v1/exchange/groups"),
        "{problem}"
    );
}

#[test]
fn a_group_is_made_once_and_its_words_alone_change_its_card() {
    let node = Node::start();
    let admin = node.admin();
    let words = sign_for(&node, &admin, "kyoto");
    assert_eq!(words.split(' ').count(), 24);
    let new = json!({ "handle": "kyoto" });
    let again = admin.post("/api/v1/exchange/groups", &new);
    again.refuses(409, "present");
    let other = sign_for(&node, &admin, "nara");
    let path = "/api/v1/exchange/groups/kyoto/card";
    let card = |words: &str| json!({ "recovery": words, "url": "https://new.example" });
    admin.post(path, &card(&other)).refuses(422, "invalid");
    admin.post(path, &card("not words")).refuses(422, "invalid");
    let renewed = admin.post(path, &card(&words)).is(200).json();
    assert_eq!(renewed["version"], 2, "{renewed}");
    let nobody = "/api/v1/exchange/groups/osaka/card";
    admin.post(nobody, &card(&words)).refuses(404, "missing");
    // The words are shown once, also to who asks with a key.
    let body = Some(("application/json", br#"{"handle":"osaka"}"#.to_vec()));
    let key = [("Idempotency-Key", "once")];
    let path = "/api/v1/exchange/groups";
    admin.send(Method::POST, path, &key, body.clone()).is(201);
    let again = admin.send(Method::POST, path, &key, body);
    again.refuses(409, "present");
}

#[test]
fn a_space_goes_to_another_node_as_a_file() {
    let (one, two) = (Side::of(&["kyoto"]), Side::of(&["berlin"]));
    let new = json!({ "name": "relay", "event": "first-relay" });
    one.admin.post("/api/v1/exchange/spaces", &new).is(201);
    let bundle = one.admin.get(&format!("{SPACE}/bundle"));
    let bytes = bundle.is(200).body.clone();
    let read = |query: &str, bytes: &[u8]| {
        let path = format!("/api/v1/exchange/bundles{query}");
        let body = Some(("application/octet-stream", bytes.to_vec()));
        two.admin.send(Method::POST, &path, &[], body)
    };
    let unknown = read("", &bytes).refuses(422, "invalid");
    assert!(unknown.to_string().contains("not followed"), "{unknown}");
    read("", b"nonsense").refuses(422, "invalid");
    let followed = read("?event=first-relay&name=relay", &bytes);
    let taken = followed.is(200).json();
    assert_eq!(taken, json!({ "changed": true, "refused": [] }));
    assert_eq!(one.space()["digest"], two.space()["digest"]);
    let nobody = one.admin.get(&format!("{SPACE}/bundle?to=nobody"));
    nobody.refuses(422, "invalid");
}
