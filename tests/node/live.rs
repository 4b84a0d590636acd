//! While the event runs: feeds, swaps, and changes as they come.

use meridian_model::Plan;
use reqwest::Method;
use serde_json::{Value, json};

use crate::giving::version;
use crate::harness::{Caller, Node};
use crate::planning::{EVENT, Stream, ask, at, documents, ended, planned, published, relay, seat};

fn feed(caller: &Caller, scope: &str, subject: &str) -> Value {
    let wish = json!({ "scope": scope, "subject": subject });
    caller.post(&at("feeds"), &wish).is(201).json()
}

/// The path of a feed's address.
fn path(node: &Node, feed: &Value) -> String {
    let url = feed["url"].as_str().expect("an address");
    url.strip_prefix(node.address())
        .expect("this node")
        .to_owned()
}

fn entries(text: &str) -> usize {
    text.matches("BEGIN:VEVENT").count()
}

/// Whether a taker stands so.
fn stands(taker: &Value, how: &str) -> bool {
    taker["stands"].to_string().contains(how)
}

/// Someone of Kyoto who is on duty, her shift, and who could take it: someone at once, and someone not at all.
fn on_duty(admin: &Caller, plan: &str, document: &Plan) -> (String, String, Vec<Value>) {
    let shifts = document.shifts.iter();
    let mut hers = shifts.filter(|shift| shift.operator.as_str().starts_with("kyoto-"));
    let found = hers.find_map(|shift| {
        let wish = json!({ "plan": plan, "shift": shift.id });
        let job = ended(admin, &ask(admin, "explain", &wish));
        let takers = job["result"]["takers"].as_array().expect("takers").clone();
        let some = |how| takers.iter().any(|taker| stands(taker, how));
        (some("now") && some("barred")).then_some((shift, takers))
    });
    let (shift, takers) = found.expect("a shift that someone may take, and someone may not");
    (shift.operator.to_string(), shift.id.to_string(), takers)
}

#[test]
fn a_feed_shows_the_published_plan_until_it_is_revoked() {
    let (node, admin) = relay(&[]);
    let made = feed(&admin, "event", "");
    let (path, stranger) = (path(&node, &made), node.stranger());
    stranger.get(&path).refuses(404, "missing");
    let endless = json!({ "scope": "track", "subject": "a".repeat(65) });
    admin.post(&at("feeds"), &endless).refuses(422, "invalid");
    let plan = published(&admin);
    let (_, document) = documents(&admin, &plan);
    let got = stranger.get(&path);
    assert_eq!(
        got.is(200).header("content-type"),
        "text/calendar; charset=utf-8"
    );
    assert_eq!(
        entries(&got.text()),
        document.blocks.len() + document.sessions.len()
    );
    let tag = got.header("etag").to_owned();
    let again = stranger.send(Method::GET, &path, &[("If-None-Match", &tag)], None);
    again.is(304);
    let listed = admin.get(&at("feeds")).is(200).json();
    assert_eq!(listed["items"][0]["id"], made["id"]);
    assert!(!listed.to_string().contains("/feeds/"), "{listed}");
    let one = at(&format!("feeds/{}", made["id"].as_str().expect("an id")));
    admin.send(Method::DELETE, &one, &[], None).is(204);
    stranger.get(&path).refuses(404, "missing");
    admin
        .send(Method::DELETE, &one, &[], None)
        .refuses(404, "missing");
}

#[test]
fn nobody_makes_a_feed_of_what_is_not_hers() {
    let (node, admin) = relay(&[]);
    let kyoto = seat(
        &node,
        &admin,
        &json!({ "role": "leader", "group": "kyoto" }),
    );
    let place = json!({ "role": "operator", "group": "kyoto", "operator": "kyoto-fox" });
    let fox = seat(&node, &admin, &place);
    feed(&kyoto, "group", "kyoto");
    feed(&kyoto, "person", "kyoto-fox");
    feed(&fox, "person", "kyoto-fox");
    feed(&fox, "event", "");
    for (caller, scope, subject) in [
        (&kyoto, "group", "berlin"),
        (&kyoto, "person", "berlin-bear"),
        (&fox, "group", "kyoto"),
        (&fox, "person", "kyoto-heron"),
        (&fox, "person", "nobody"),
        (&fox, "event", "kyoto"),
    ] {
        let wish = json!({ "scope": scope, "subject": subject });
        caller.post(&at("feeds"), &wish).refuses(404, "missing");
    }
    // Nor does she revoke another's.
    let hers = feed(&fox, "person", "kyoto-fox");
    let one = at(&format!("feeds/{}", hers["id"].as_str().expect("an id")));
    kyoto
        .send(Method::DELETE, &one, &[], None)
        .refuses(404, "missing");
}

#[test]
fn a_swap_shows_in_feeds_and_slices_and_leaves_the_plan_as_it_is() {
    let (node, admin) = relay(&[]);
    let kyoto = seat(
        &node,
        &admin,
        &json!({ "role": "leader", "group": "kyoto" }),
    );
    let early = json!({ "shift": "any" });
    kyoto.post(&at("overrides"), &early).refuses(409, "present");
    let plan = published(&admin);
    let (_, document) = documents(&admin, &plan);
    let (operator, shift, takers) = on_duty(&admin, &plan, &document);
    let feed = feed(&kyoto, "person", &operator);
    let path = path(&node, &feed);
    let before = node.stranger().get(&path);
    let no_show = json!({ "shift": shift, "reason": "ill" });
    let berlin = seat(
        &node,
        &admin,
        &json!({ "role": "leader", "group": "berlin" }),
    );
    berlin
        .post(&at("overrides"), &no_show)
        .refuses(404, "missing");
    kyoto.post(&at("overrides"), &no_show).is(201);
    let after = node.stranger().get(&path);
    assert_eq!(entries(&after.text()) + 1, entries(&before.is(200).text()));
    assert_ne!(after.header("etag"), before.header("etag"));

    // Of those who may take it at once, the first does; whoever may not is refused with the rule.
    let swap = |taker: &Value| json!({ "shift": shift, "operator": taker["operator"], "reason": "for her" });
    let barred = takers
        .iter()
        .find(|taker| stands(taker, "barred"))
        .expect("someone may not");
    admin
        .post(&at("overrides"), &swap(barred))
        .refuses(422, "invalid");
    let mut anyway = swap(barred);
    anyway["anyway"] = json!(true);
    admin.post(&at("overrides"), &anyway).is(201);
    let taker = takers.iter().find(|taker| stands(taker, "now"));
    let taker = taker.expect("someone may");
    admin.post(&at("overrides"), &swap(taker)).is(201);
    let group = taker["operator"]
        .as_str()
        .and_then(|id| id.rsplit_once('-'));
    let group = group.expect("a group").0;
    let slice = at(&format!("plans/{plan}/slices/{group}"));
    let slice = admin.get(&slice).is(200).json();
    let shifts = slice["shifts"].as_array().expect("shifts").iter();
    let hers = shifts.filter(|s| s["id"] == json!(shift));
    let hers = hers.collect::<Vec<_>>();
    assert_eq!(hers.len(), 1, "{slice}");
    assert_eq!(hers[0]["operator"], taker["operator"]);
    assert_eq!(hers[0]["instead_of"], json!(operator));
    let listed = kyoto.get(&at("overrides")).is(200).json();
    assert!(
        listed["items"]
            .as_array()
            .is_some_and(|items| items.len() >= 2),
        "{listed}"
    );
    assert_eq!(
        berlin.get(&at("overrides")).is(200).json()["items"],
        json!([])
    );
    let (_, still) = documents(&admin, &plan);
    assert_eq!(still, document);
}

#[test]
fn a_job_is_followed_until_it_ends() {
    let (_node, admin) = relay(&[]);
    let wish = json!({ "effort": 3, "engine": "pure" });
    let id = ask(&admin, "plan", &wish);
    let news: Vec<_> = Stream::open(&admin, &at(&format!("jobs/{id}/progress")), &[]).collect();
    assert!(news.iter().all(|one| one.name == "job"));
    let states: Vec<Value> = news.iter().map(|one| one.json()["state"].clone()).collect();
    assert_eq!(states.last(), Some(&json!("done")), "{states:?}");
    let told = |one: &&crate::planning::News| !one.json()["progress"].is_null();
    assert!(news.iter().any(|one| told(&one)), "{news:?}");
    // Also while no better plan comes: which phase, and how far it is.
    let far = |one: &crate::planning::News| {
        let progress = one.json()["progress"].clone();
        let phase = progress["phase"].as_str()?.to_owned();
        Some((
            phase,
            progress["step"].as_u64()?,
            progress["steps"].as_u64()?,
        ))
    };
    let told: Vec<_> = news.iter().filter_map(far).collect();
    let phases = ["programme", "feedback", "roster", "columns"];
    assert!(!told.is_empty(), "{news:?}");
    for (phase, step, steps) in &told {
        assert!(
            phases.contains(&phase.as_str()) && step <= steps,
            "{told:?}"
        );
    }
}

#[test]
fn changes_are_followed_and_a_reader_goes_on_where_it_was() {
    let (node, admin) = relay(&[]);
    let kyoto = seat(
        &node,
        &admin,
        &json!({ "role": "leader", "group": "kyoto" }),
    );
    let berlin = seat(
        &node,
        &admin,
        &json!({ "role": "leader", "group": "berlin" }),
    );
    let mut stream = Stream::open(&kyoto, &at("changes"), &[]);
    let plan = planned(&admin, 1);
    for (caller, group) in [(&berlin, "berlin"), (&kyoto, "kyoto")] {
        let body = json!({ "rows": [{ "rule": "weekdays 19:00-22:00", "grade": "possible" }] });
        let path = at(&format!("availability/group.{group}"));
        let there = caller.get(&path);
        match there.status {
            404 => caller.make(&path, &body).is(201).status,
            _ => caller.change(&path, version(&there), &body).is(200).status,
        };
    }
    crate::planning::act(&admin, &plan, "release", 1).is(200);
    // Neither the draft nor Berlin's hours are Kyoto's to know of.
    let first = stream.next().expect("a change");
    assert_eq!(first.name, "change");
    let told = first.json();
    assert_eq!(
        (&told["kind"], &told["group"]),
        (&json!("availability"), &json!("kyoto")),
        "{told}"
    );
    let second = stream.next().expect("a change");
    assert_eq!(second.json()["action"], "publish", "{second:?}");
    drop(stream);
    let mut again = Stream::open(&kyoto, &at("changes"), &[("Last-Event-ID", &first.id)]);
    assert_eq!(again.next(), Some(second));
    let stranger = node.stranger();
    stranger.get(&at("changes")).refuses(401, "unknown-caller");
    admin
        .get(&format!("{EVENT}/changes?after=-1"))
        .refuses(422, "invalid");
}

#[test]
fn a_stream_tells_nothing_to_who_is_no_longer_let_in() {
    let (node, admin) = relay(&["--jobs", "0"]);
    let place = json!({ "role": "leader", "group": "kyoto" });
    let kyoto = seat(&node, &admin, &place);
    let wish = json!({ "name": "a board", "scopes": ["read"] });
    let token = kyoto.post("/api/v1/tokens", &wish).is(201).json();
    let board = node.bearer(token["token"].as_str().expect("a secret"));
    let mut stream = Stream::open(&board, &at("changes"), &[]);
    let rows = json!({ "rows": [{ "rule": "weekdays 19:00-22:00", "grade": "possible" }] });
    let path = at("availability/operator.kyoto-fox");
    let made = kyoto.make(&path, &rows);
    made.is(201);
    assert_eq!(
        stream.next().expect("a change").json()["kind"],
        "availability"
    );
    let id = token["id"].as_str().expect("an id");
    let revoke = format!("/api/v1/tokens/{id}");
    kyoto.send(Method::DELETE, &revoke, &[], None).is(204);
    kyoto.change(&path, version(&made), &rows).is(200);
    assert_eq!(stream.next(), None);
}

#[test]
fn a_feed_ends_with_its_owners_seat() {
    let (node, admin) = relay(&[]);
    published(&admin);
    let place = json!({ "role": "operator", "group": "kyoto", "operator": "kyoto-fox" });
    let fox = seat(&node, &admin, &place);
    let feed = feed(&fox, "person", "kyoto-fox");
    let path = path(&node, &feed);
    node.stranger().get(&path).is(200);
    let account = fox.get("/api/v1/me").is(200).json();
    let account = account["account"].as_str().expect("an account").to_owned();
    let seat = at(&format!(
        "seats?account={account}&role=operator&group=kyoto"
    ));
    admin.send(Method::DELETE, &seat, &[], None).is(204);
    node.stranger().get(&path).refuses(404, "missing");
}
