//! Invites, seats, the handing over of a group, and tokens.

use reqwest::Method;
use serde_json::{Value, json};

use crate::databases;
use crate::events::bring;
use crate::harness::{Answer, Caller, Node, wait_for};

const SEATS: &str = "/api/v1/events/first-relay/seats";
const HAND_OVER: &str = "/api/v1/events/first-relay/groups/kyoto/hand-over";

/// A node with the first relay on it, and its admin.
fn relay() -> (Node, Caller) {
    let node = Node::start();
    let admin = node.admin();
    bring(&admin, "first-relay").is(201);
    (node, admin)
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// An invite's code.
fn code(by: &Caller, role: &str, operator: Option<&str>) -> String {
    let invite = json!({ "name": role, "role": role, "event": "first-relay", "group": "kyoto", "operator": operator });
    text(&by.post("/api/v1/invites", &invite).is(201).json()["code"])
}

fn joined(node: &Node, by: &Caller, role: &str, operator: Option<&str>) -> Caller {
    node.come_in(&code(by, role, operator))
}

fn account(caller: &Caller) -> String {
    text(&caller.get("/api/v1/me").is(200).json()["account"])
}

fn leave(caller: &Caller, account: &str, role: &str) -> Answer {
    let path = format!("{SEATS}?account={account}&role={role}&group=kyoto");
    caller.send(Method::DELETE, &path, &[], None)
}

fn is_leader(caller: &Caller) -> bool {
    let me = caller.get("/api/v1/me").is(200).json();
    let seats = me["memberships"].as_array().expect("seats");
    seats.iter().any(|seat| seat["role"] == "leader")
}

#[test]
fn an_invite_is_used_once_even_by_two_at_the_same_moment() {
    let (node, admin) = relay();
    let code = code(&admin, "leader", None);
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|_| {
                let (stranger, code) = (node.stranger(), &code);
                scope.spawn(move || {
                    stranger
                        .post("/api/v1/login", &json!({ "code": code }))
                        .status
                })
            })
            .collect();
        tries
            .into_iter()
            .map(|one| one.join().expect("answered"))
            .collect()
    });
    let let_in = answers.iter().filter(|status| **status == 204).count();
    assert_eq!(let_in, 1, "{answers:?}");
}

#[test]
fn an_invite_that_is_taken_back_opens_nothing() {
    let (node, admin) = relay();
    let invite = json!({ "name": "x", "role": "admin" });
    let invite = admin.post("/api/v1/invites", &invite).is(201).json();
    let path = format!("/api/v1/invites/{}", text(&invite["id"]));
    admin.send(Method::DELETE, &path, &[], None).is(204);
    let login = json!({ "code": invite["code"] });
    node.stranger()
        .post("/api/v1/login", &login)
        .refuses(403, "not-yours");
}

#[test]
fn who_is_signed_in_keeps_her_account_and_gets_another_seat() {
    let (node, admin) = relay();
    let leader = joined(&node, &admin, "leader", None);
    let before = account(&leader);
    let again = code(&admin, "operator", Some("kyoto-fox"));
    leader
        .post("/api/v1/login", &json!({ "code": again }))
        .is(204);
    let me = leader.get("/api/v1/me").is(200).json();
    assert_eq!(me["account"], before);
    assert_eq!(me["memberships"].as_array().map(Vec::len), Some(2), "{me}");
}

#[test]
fn nobody_becomes_an_operator_of_another_group_or_more_than_her_inviter() {
    let (node, admin) = relay();
    let leader = joined(&node, &admin, "leader", None);
    let invite = |role: &str, group: Option<&str>, operator: Option<&str>| {
        let invite = json!({ "name": "x", "role": role, "event": "first-relay", "group": group, "operator": operator });
        leader.post("/api/v1/invites", &invite)
    };
    invite("operator", Some("kyoto"), Some("kyoto-fox")).is(201);
    invite("operator", Some("kyoto"), Some("berlin-bear")).refuses(422, "invalid");
    invite("leader", Some("berlin"), None).refuses(403, "not-yours");
    invite("scheduler", None, None).refuses(403, "not-yours");
    let admin_invite = json!({ "name": "x", "role": "admin" });
    leader
        .post("/api/v1/invites", &admin_invite)
        .refuses(403, "not-yours");
    // A link that lets an account in again is a way into that account.
    let of_admin = json!({
        "name": "x", "role": "leader", "event": "first-relay", "group": "kyoto", "account": account(&admin),
    });
    leader
        .post("/api/v1/invites", &of_admin)
        .refuses(403, "not-yours");
    let fox = joined(&node, &leader, "operator", Some("kyoto-fox"));
    let of_fox = json!({
        "name": "x", "role": "operator", "event": "first-relay", "group": "kyoto", "operator": "kyoto-fox",
        "account": account(&fox),
    });
    let back = leader.post("/api/v1/invites", &of_fox).is(201).json();
    assert_eq!(account(&node.come_in(&text(&back["code"]))), account(&fox));
}

#[test]
fn a_group_with_two_leaders_is_never_left_with_one_alone() {
    let (node, admin) = relay();
    let first = joined(&node, &admin, "leader", None);
    let second = joined(&node, &admin, "leader", None);
    let (first_id, second_id) = (account(&first), account(&second));
    leave(&first, &first_id, "leader").refuses(409, "present");
    assert!(is_leader(&first), "what is refused changes nothing");
    let deputy = json!({ "account": second_id, "role": "deputy", "group": "kyoto" });
    first.post(SEATS, &deputy).is(204);
    let fox = joined(&node, &first, "operator", Some("kyoto-fox"));
    let deputy = json!({ "account": account(&fox), "role": "deputy", "group": "kyoto" });
    first.post(SEATS, &deputy).is(204);
    leave(&first, &first_id, "leader").is(204);
    // The last leader stays, whatever deputies there are.
    leave(&second, &second_id, "leader").refuses(409, "present");
}

#[test]
fn who_runs_the_node_and_nobody_else_ends_the_only_leader_of_a_group() {
    let (node, admin) = relay();
    let only = joined(&node, &admin, "leader", None);
    let scheduler = json!({ "name": "x", "role": "scheduler", "event": "first-relay" });
    let scheduler = admin.post("/api/v1/invites", &scheduler).is(201).json();
    let scheduler = node.come_in(&text(&scheduler["code"]));
    let path = format!("{SEATS}?account={}&role=leader&group=kyoto", account(&only));
    let take = |by: &Caller, path: &str| by.send(Method::DELETE, path, &[], None);
    take(&admin, &path).refuses(409, "present");
    let anyway = format!("{path}&anyway=true");
    take(&scheduler, &anyway).refuses(403, "not-yours");
    take(&only, &anyway).refuses(403, "not-yours");
    take(&admin, &anyway).is(204);
    only.get(SEATS).refuses(404, "missing");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_meridian"));
    command
        .args(["node", "check-up", "--data"])
        .arg(node.folder());
    databases::find(&mut command, node.folder());
    let told = command.output().expect("it runs");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let named = "first-relay: kyoto has neither a second leader nor a deputy";
    assert!(told.contains(named), "{told}");
    // The group is open to whoever is invited next.
    assert!(is_leader(&joined(&node, &admin, "leader", None)));
}

#[test]
fn a_leader_hands_her_group_over_and_stays_as_deputy() {
    let (node, admin) = relay();
    let leader = joined(&node, &admin, "leader", None);
    let fox = joined(&node, &leader, "operator", Some("kyoto-fox"));
    let stranger = json!({ "to": account(&admin) });
    leader.post(HAND_OVER, &stranger).refuses(422, "invalid");
    let now = leader
        .post(HAND_OVER, &json!({ "to": account(&fox) }))
        .is(200)
        .json();
    assert_eq!(now, json!({ "leaders": 1, "deputies": 1, "safe": true }));
    assert!(is_leader(&fox) && !is_leader(&leader));
    let invite = json!({ "name": "x", "role": "leader", "event": "first-relay", "group": "kyoto" });
    leader
        .post("/api/v1/invites", &invite)
        .refuses(403, "not-yours");
    fox.post("/api/v1/invites", &invite).is(201);
}

#[test]
fn a_deputy_takes_the_group_over_beside_its_leader_and_pushes_nobody_out() {
    let (node, admin) = relay();
    let leader = joined(&node, &admin, "leader", None);
    let deputy = joined(&node, &leader, "deputy", None);
    let (leader_id, deputy_id) = (account(&leader), account(&deputy));
    let push = json!({ "to": deputy_id, "from": leader_id });
    deputy.post(HAND_OVER, &push).refuses(403, "not-yours");
    deputy
        .post(HAND_OVER, &json!({ "to": leader_id }))
        .refuses(403, "not-yours");
    let now = deputy
        .post(HAND_OVER, &json!({ "to": deputy_id }))
        .is(200)
        .json();
    assert_eq!(now, json!({ "leaders": 2, "deputies": 0, "safe": true }));
    assert!(is_leader(&leader) && is_leader(&deputy));
}

#[test]
fn a_token_opens_what_its_scopes_say_until_it_is_revoked() {
    let (node, admin) = relay();
    let make = |scopes: &[&str]| {
        let token = json!({ "name": "robot", "scopes": scopes });
        admin.post("/api/v1/tokens", &token).is(201).json()
    };
    let read = make(&["read"]);
    let reader = node.bearer(&text(&read["token"]));
    reader.get("/api/v1/events").is(200);
    reader
        .post("/api/v1/events", &json!({ "id": "new" }))
        .refuses(403, "not-yours");
    reader.get("/api/v1/tokens").refuses(403, "not-yours");
    let writer = node.bearer(&text(&make(&["read", "write"])["token"]));
    writer
        .post("/api/v1/events", &json!({ "id": "new" }))
        .is(201);
    let more = json!({ "name": "more", "scopes": ["admin"] });
    writer
        .post("/api/v1/tokens", &more)
        .refuses(403, "not-yours");
    writer
        .post("/api/v1/invites", &json!({ "name": "x", "role": "admin" }))
        .refuses(403, "not-yours");
    let path = format!("/api/v1/tokens/{}", text(&read["id"]));
    admin.send(Method::DELETE, &path, &[], None).is(204);
    reader.get("/api/v1/events").refuses(401, "unknown-caller");
    let listed = admin.get("/api/v1/tokens").is(200).text();
    assert!(!listed.contains(&text(&read["token"])), "{listed}");
}

#[test]
fn going_out_everywhere_ends_every_login_of_the_account() {
    let (node, admin) = relay();
    let back = json!({ "name": "x", "role": "admin", "account": account(&admin) });
    let back = admin.post("/api/v1/invites", &back).is(201).json();
    let other = node.come_in(&text(&back["code"]));
    assert_eq!(account(&other), account(&admin));
    other
        .post("/api/v1/logout?everywhere=true", &json!({}))
        .is(204);
    admin.get("/api/v1/me").refuses(401, "unknown-caller");
}

#[test]
fn no_secret_is_kept_as_it_is() {
    if databases::all_on_postgres() {
        return;
    }
    let (node, admin) = relay();
    let code = code(&admin, "leader", None);
    let token = json!({ "name": "robot", "scopes": ["read"] });
    let token = text(&admin.post("/api/v1/tokens", &token).is(201).json()["token"]);
    for name in ["meridian.db", "meridian.db-wal"] {
        let bytes = std::fs::read(node.folder().join(name)).expect("it is there");
        for secret in [&code, &token] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "a secret is in {name}");
        }
    }
}

/// Whether a word is anywhere in the database.
fn is_kept(node: &Node, word: &str) -> bool {
    ["meridian.db", "meridian.db-wal"].iter().any(|name| {
        let bytes = std::fs::read(node.folder().join(name)).unwrap_or_default();
        bytes
            .windows(word.len())
            .any(|window| window == word.as_bytes())
    })
}

#[test]
fn a_person_reads_all_that_is_kept_of_her_and_erases_it() {
    if databases::all_on_postgres() {
        return;
    }
    let (node, admin) = relay();
    let fox = joined(&node, &admin, "operator", Some("kyoto-fox"));
    let other = joined(&node, &admin, "operator", Some("kyoto-heron"));
    let path = "/api/v1/events/first-relay/operators/kyoto-fox/personal-data";
    let times = "/api/v1/events/first-relay/availability/operator.kyoto-fox";
    let said = json!({ "rows": [{ "grade": "prefer", "rule": "weekends 09:13-10:17" }] });
    fox.make(times, &said).is(201);
    other.get(path).refuses(404, "missing");
    other
        .send(Method::DELETE, path, &[], None)
        .refuses(404, "missing");
    let data = fox.get(path).is(200).json();
    assert_eq!(data["records"][0]["body"], said);
    assert_eq!(data["records"][1]["kind"], "operator");
    assert_eq!(data["seats"][0]["account"], account(&fox));
    fox.send(Method::DELETE, path, &[], None).is(204);
    fox.get("/api/v1/me").refuses(401, "unknown-caller");
    admin.get(path).refuses(404, "missing");
    admin.get(times).refuses(404, "missing");
    let seats = admin.get(SEATS).is(200).text();
    assert!(
        !seats.contains("kyoto-fox") && seats.contains("kyoto-heron"),
        "{seats}"
    );
}

#[test]
fn on_the_day_an_events_people_are_erased_and_the_event_stays() {
    if databases::all_on_postgres() {
        return;
    }
    let (mut node, admin) = relay();
    let fox = joined(&node, &admin, "operator", Some("kyoto-fox"));
    let times = "/api/v1/events/first-relay/availability/operator.kyoto-fox";
    let said = json!({ "rows": [{ "grade": "prefer", "rule": "weekends 09:13-10:17" }] });
    fox.make(times, &said).is(201);
    let event = "/api/v1/events/first-relay";
    let put = |day: &str| {
        let read = admin.get(event).is(200).header("etag").to_owned();
        let body = json!({ "on": day }).to_string().into_bytes();
        let path = format!("{event}/erase-on");
        admin.send(
            Method::PUT,
            &path,
            &[("if-match", &read)],
            Some(("application/json", body)),
        )
    };
    put("tomorrow").refuses(422, "invalid");
    put("2999-12-31").is(204);
    assert!(
        is_kept(&node, "09:13-10:17"),
        "the search finds what is kept"
    );
    // The day itself counts, not only the days after it.
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    put(&today.date().to_string()).is(204);
    let folder = node.folder().to_owned();
    assert!(node.stop().success());
    let again = Node::start_in(&folder, &[]);
    let mut admin = admin.clone();
    admin.address = again.address().to_owned();
    wait_for("the people are erased", || {
        let left = admin.get(&format!("{event}/operators")).is(200).json();
        left["items"]
            .as_array()
            .is_some_and(Vec::is_empty)
            .then_some(())
    });
    admin.get(times).refuses(404, "missing");
    assert_eq!(admin.get(event).is(200).json()["erase_on"], Value::Null);
    admin.get(&format!("{event}/groups/kyoto")).is(200);
    drop(again);
    // A node that is started once more has taken in its log: then nothing of it is left in the file either.
    let mut last = Node::start_in(&folder, &[]);
    assert!(last.stop().success());
    assert!(
        !is_kept(&last, "09:13-10:17"),
        "it is still in the database"
    );
}
