//! Who may do what: every route of the served document, for every role, two groups against each other.
//!
//! A route without a line in [`LINES`] fails the test, and so does a line without a route.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use reqwest::Method;
use serde_json::{Value, json};

use crate::events::sample_tar;
use crate::exchange::{TRUST, pair, sign_for};
use crate::harness::{Caller, Node, wait_for};
use crate::planning::relay_in;

/// The callers, in the order of a line's letters: nobody, a scheduler of another event, leader and operator of
/// another group, then of the group that is asked about: another operator, the operator herself, deputy, leader;
/// and scheduler and admin.
const WHO: [&str; 10] = [
    "nobody",
    "outsider",
    "leader-b",
    "operator-b",
    "colleague",
    "herself",
    "deputy",
    "leader",
    "scheduler",
    "admin",
];

/// What each of them hears: `u` 401 nobody is signed in, `-` 404 it does not exist for her, `n` 403 not for her,
/// `y` anything else. What changes a thing asks for a version that is not there: whoever may is told so (412).
const LINES: &str = include_str!("matrix.txt");

/// The only webhook at first.
const WEBHOOK: &str = "w1";

struct Cast {
    node: Node,
    callers: Vec<Caller>,
    plan: String,
    job: String,
    token: String,
    leader: String,
    shift: String,
    folder: tempfile::TempDir,
    /// Another group's node.
    _peer: Node,
}

fn account(caller: &Caller) -> String {
    let me = caller.get("/api/v1/me").is(200).json();
    me["account"].as_str().expect("an account").to_owned()
}

fn invited(
    node: &Node,
    admin: &Caller,
    (role, event): (&str, &str),
    group: &str,
    operator: &str,
) -> Caller {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let invite = json!({ "name": role, "role": role, "event": event, "group": some(group), "operator": some(operator) });
    let invite = admin.post("/api/v1/invites", &invite);
    node.come_in(invite.is(201).json()["code"].as_str().expect("a code"))
}

/// Everyone in her seat, in the order of [`WHO`].
fn seated(node: &Node, admin: &Caller) -> Vec<Caller> {
    let (event, none) = ("first-relay", "");
    vec![
        node.stranger(),
        invited(node, admin, ("scheduler", "other"), none, none),
        invited(node, admin, ("leader", event), "berlin", none),
        invited(node, admin, ("operator", event), "berlin", "berlin-bear"),
        invited(node, admin, ("operator", event), "kyoto", "kyoto-heron"),
        invited(node, admin, ("operator", event), "kyoto", "kyoto-fox"),
        invited(node, admin, ("deputy", event), "kyoto", "kyoto-maple"),
        invited(node, admin, ("leader", event), "kyoto", none),
        invited(node, admin, ("scheduler", event), none, none),
        admin.clone(),
    ]
}

/// A plan that is published, and the job that made it.
fn published(scheduler: &Caller) -> (String, String) {
    let at = |path: &str| format!("/api/v1/events/first-relay/{path}");
    let ask = json!({ "effort": 1, "time_limit_s": 5 });
    let job = scheduler.post(&at("jobs/plan"), &ask).is(202).json();
    let job = job["id"].as_str().expect("a job").to_owned();
    let plan = wait_for("the plan is made", || {
        let plans = scheduler.get(&at("plans")).is(200).json();
        let job = scheduler.get(&at(&format!("jobs/{job}"))).json();
        assert_ne!(job["state"], "failed", "{job}");
        (job["state"] == "done").then(|| plans["items"][0]["id"].as_str().map(str::to_owned))?
    });
    for (step, version) in [("propose", "\"1\""), ("release", "\"2\"")] {
        let path = at(&format!("plans/{plan}/{step}"));
        let whole = br#"{"without_answers":true}"#.to_vec();
        let body = (step == "release").then_some(("application/json", whole));
        let headers = [("if-match", version)];
        scheduler.send(Method::POST, &path, &headers, body).is(200);
    }
    (plan, job)
}

/// Makes one of every kind that the sample event has none of.
fn made(cast: &Cast, admin: &Caller) {
    for (kind, schema) in [
        ("availability", "Availability"),
        ("busy", "Busy"),
        ("calendars", "Source"),
        ("pins", "Pin"),
        ("regional-calendars", "RegionalCalendar"),
        ("regional-events", "RegionalEvent"),
    ] {
        let id = id_of(cast, &format!("/events/{{event}}/{kind}/{{id}}"));
        let body = body_of(cast, schema, "").expect("a body");
        let path = format!("/api/v1/events/first-relay/{kind}/{id}");
        admin.make(&path, &body).is(201);
    }
    let webhook = body_of(cast, "WebhookAsk", "").expect("a body");
    let made = admin.post("/api/v1/events/first-relay/webhooks", &webhook);
    assert_eq!(made.is(201).json()["id"], WEBHOOK);
}

/// A space of one group here, and a node that is a peer.
fn exchanging(node: &Node, admin: &Caller) -> Node {
    let peer = Node::start_with(&TRUST);
    let theirs = peer.admin();
    sign_for(node, admin, "kyoto");
    sign_for(&peer, &theirs, "elsewhere");
    pair((admin, "kyoto"), (&peer, &theirs));
    let space = json!({ "name": "relay", "event": "first-relay" });
    admin.post("/api/v1/exchange/spaces", &space).is(201);
    peer
}

/// A node with two events, everyone in her seat, and a plan that is published.
fn cast() -> Cast {
    let folder = tempfile::tempdir().expect("a folder");
    let [trust, network] = TRUST;
    let (node, admin) = relay_in(folder.path(), &["--rate", "0", trust, network]);
    let peer = exchanging(&node, &admin);
    let other = json!({ "id": "other" });
    admin.post("/api/v1/events", &other).is(201);
    let callers = seated(&node, &admin);
    let (plan, job) = published(&callers[8]);
    let slice = format!("/api/v1/events/first-relay/plans/{plan}/slices/kyoto");
    let slice = callers[7].get(&slice).is(200).json();
    let shift = slice["shifts"][0]["id"].as_str().expect("a shift");
    let token = json!({ "name": "robot", "scopes": ["read"] });
    let token = admin.post("/api/v1/tokens", &token).is(201).json();
    let mut cast = Cast {
        token: token["id"].as_str().expect("an id").to_owned(),
        leader: account(&callers[7]),
        shift: shift.to_owned(),
        node,
        callers,
        plan,
        job,
        folder,
        _peer: peer,
    };
    made(&cast, &admin);
    // Nothing that is asked for from here on is to be done.
    assert!(cast.node.stop().success());
    let arguments = ["--rate", "0", "--jobs", "0", trust, network];
    cast.node = Node::start_in(cast.folder.path(), &arguments);
    for caller in &mut cast.callers {
        caller.address = cast.node.address().to_owned();
    }
    cast
}

/// What a route's last `{id}` is filled with.
fn id_of(cast: &Cast, path: &str) -> String {
    let kind = path
        .split('/')
        .find(|part| !matches!(*part, "" | "events" | "{event}") && !part.starts_with('{'));
    match kind.unwrap_or_default() {
        "availability" | "busy" | "calendars" => "operator.kyoto-fox".to_owned(),
        "groups" => "kyoto".to_owned(),
        "operators" => "kyoto-fox".to_owned(),
        "regional-calendars" => "JP".to_owned(),
        "settings" => "event".to_owned(),
        "sessions" => "s01".to_owned(),
        "speakers" => "speaker-01".to_owned(),
        "plans" => cast.plan.clone(),
        "jobs" => cast.job.clone(),
        "tokens" => cast.token.clone(),
        "webhooks" => WEBHOOK.to_owned(),
        "invites" => fresh_invite(cast),
        "feeds" => fresh_feed(cast),
        _ => "there-is-none".to_owned(),
    }
}

/// An invite of the group that is asked about; every call gets its own.
fn fresh_invite(cast: &Cast) -> String {
    let invite = json!({ "name": "x", "role": "leader", "event": "first-relay", "group": "kyoto" });
    let admin = cast.callers.last().expect("an admin");
    let invite = admin.post("/api/v1/invites", &invite).is(201).json();
    invite["id"].as_str().expect("an id").to_owned()
}

/// An operator of the group who is nobody of the cast, to be erased; every call gets its own.
fn fresh_operator(cast: &Cast, who: &str) -> String {
    let id = format!("kyoto-new-{who}");
    let operator = json!({ "group": "kyoto", "skills": ["moderator"] });
    let admin = cast.callers.last().expect("an admin");
    let path = format!("/api/v1/events/first-relay/operators/{id}");
    admin.make(&path, &operator).is(201);
    id
}

/// A feed of the operator who is asked about; every call gets its own.
fn fresh_feed(cast: &Cast) -> String {
    let feed = json!({ "scope": "person", "subject": "kyoto-fox" });
    let feed = cast.callers[5].post("/api/v1/events/first-relay/feeds", &feed);
    feed.is(201).json()["id"]
        .as_str()
        .expect("an id")
        .to_owned()
}

fn body_of(cast: &Cast, schema: &str, who: &str) -> Option<Value> {
    let civil = ("2024-08-24T19:00", "2024-08-24T20:00");
    Some(match schema {
        "Availability" => {
            json!({ "rows": [{ "grade": "possible", "rule": "weekdays 19:00-22:00" }] })
        }
        "Busy" => json!({ "rows": [{ "start": civil.0, "end": civil.1 }] }),
        "BriefWish" => json!({ "phase": "planning" }),
        "CancelAsk" => json!({ "reason": "the date moves" }),
        "CardAsk" => json!({ "recovery": "wrong" }),
        "Choice" => json!({ "group": "kyoto", "card": "none" }),
        "Code" => json!({ "code": "wrong" }),
        "/events/{event}/plans" => {
            let plan = format!("/api/v1/events/first-relay/plans/{}/document", cast.plan);
            cast.callers[8].get(&plan).is(200).json()
        }
        "DatesAsk" => json!({ "dates": ["2024-09-21"] }),
        "ExplainAsk" => json!({ "plan": cast.plan }),
        "ExportAsk" => json!({ "plan": cast.plan, "format": "markdown" }),
        "FeedAsk" => json!({ "scope": "person", "subject": "kyoto-fox" }),
        "EraseOn" => json!({ "on": null }),
        "Group" => {
            json!({ "name": "Kyoto", "zone": "Asia/Tokyo", "country": "JP", "languages": ["ja"] })
        }
        "HandOver" => json!({ "to": "there-is-none" }),
        "HandOverPart" => json!({ "part": "seat/none", "to": "kyoto" }),
        "JoinAsk" => json!({ "event": "first-relay" }),
        "LeaveAsk" | "LogAsk" => json!({ "group": "there-is-none" }),
        "NewAnswer" => json!({ "verdict": "accepted", "reasons": [] }),
        "NewEvent" => json!({ "id": format!("made-by-{who}") }),
        "NewInvite" => {
            json!({ "name": "x", "role": "leader", "event": "first-relay", "group": "kyoto" })
        }
        "NewPeer" => json!({ "url": "https://meridian.invalid/" }),
        "NewSigningGroup" => json!({ "handle": format!("made-by-{who}") }),
        "NewSeat" => json!({ "account": "there-is-none", "role": "leader", "group": "kyoto" }),
        "NewToken" => json!({ "name": "x", "scopes": ["read"] }),
        "OfferAsk" | "RespondAsk" | "SettleAsk" => json!({ "group": "kyoto" }),
        "Operator" => json!({ "group": "kyoto", "skills": [] }),
        "OverrideAsk" => json!({ "shift": cast.shift, "reason": "ill" }),
        "Pin" => {
            json!({ "kind": "block", "who": "kyoto", "what": "a:ja", "start": civil.0, "end": civil.1 })
        }
        "PlanAsk" | "ProposeAsk" | "ReplanAsk" => json!({ "effort": 1 }),
        "RegionalCalendar" => json!({ "ics": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n" }),
        "RegionalEvent" => json!({
            "title": "x", "kind": "other", "start": "2024-08-24", "end": "2024-08-24", "countries": [],
            "subdivisions": [], "groups": [], "global": true,
        }),
        "Replay" => json!({ "after": 0 }),
        "Rotation" => json!({}),
        "WebhookAsk" => json!({ "url": "https://bot.invalid/", "on": false }),
        "Release" => json!({ "without_answers": true }),
        "SaidWords" => json!({ "words": "not the words" }),
        "SpaceAsk" => json!({ "name": format!("made-by-{who}"), "event": "first-relay" }),
        "StandInAsk" => json!({ "group": "kyoto", "shift": "there-is-none" }),
        "Session" => json!({
            "title": "x", "kind": "talk", "length_min": 30, "language": "ja", "speakers": [], "tags": [],
            "tracks": [], "group": "kyoto",
        }),
        "Settings" => {
            let scheduler = &cast.callers[8];
            let mut settings = scheduler
                .get("/api/v1/events/first-relay/settings/event")
                .is(200)
                .json();
            let fields = settings.as_object_mut().expect("an object");
            for own in ["id", "version", "changed_at"] {
                fields.remove(own);
            }
            settings
        }
        "Source" => json!({ "url": "https://calendar.invalid/x.ics" }),
        "Speaker" => json!({ "group": "kyoto" }),
        _ => return None,
    })
}

/// What one caller sends with a request of one route.
fn sent(cast: &Cast, who: &str, path: &str, operation: &Value) -> Option<(&'static str, Vec<u8>)> {
    operation["requestBody"]["content"]
        .as_object()
        .map(|content| {
            if content.contains_key("application/x-tar") {
                return ("application/x-tar", sample_tar("first-relay"));
            }
            if content.contains_key("application/octet-stream") {
                return ("application/octet-stream", b"nonsense".to_vec());
            }
            if !content.contains_key("application/json") {
                let table =
                    "kind,who,start,end\noperator,kyoto-fox,2024-08-24T12:00,2024-08-24T13:00\n";
                let graded = table
                    .replace("start", "grade,start")
                    .replace("fox,", "fox,possible,");
                let table = if path.ends_with("/busy") {
                    table
                } else {
                    graded.as_str()
                };
                return ("text/csv", table.as_bytes().to_vec());
            }
            let schema = content["application/json"]["schema"]["$ref"]
                .as_str()
                .unwrap_or_default();
            let schema = match schema.rsplit('/').next() {
                Some(name) if !name.is_empty() => name,
                _ => path,
            };
            let body = body_of(cast, schema, who)
                .unwrap_or_else(|| panic!("no body for {schema}: add one"));
            ("application/json", body.to_string().into_bytes())
        })
}

/// What one caller hears of one route.
fn letter(
    cast: &Cast,
    (who, caller): (&str, &Caller),
    method: &str,
    path: &str,
    operation: &Value,
) -> char {
    let real = path
        .replace("{event}", "first-relay")
        .replace("{space}", "relay")
        .replace("{peer}", "elsewhere")
        .replace("{handle}", "kyoto")
        .replace("{group}", "kyoto");
    let id = match (method, path.ends_with("/personal-data")) {
        ("delete", true) => fresh_operator(cast, who),
        _ if real.contains("{id}") => id_of(cast, path),
        _ => String::new(),
    };
    let real = real.replace("{id}", &id);
    let seat = "?account={}&role=leader&group=kyoto";
    let query = match (method, path) {
        ("delete", "/events/{event}/seats") => seat.replace("{}", &cast.leader),
        _ => String::new(),
    };
    let mut headers = Vec::new();
    let parameters = operation["parameters"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if parameters
        .iter()
        .any(|parameter| parameter["name"] == "If-Match")
    {
        headers.push(if path.contains("/answers/") {
            ("if-none-match", "*")
        } else {
            ("if-match", "\"999999\"")
        });
    }
    let body = sent(cast, who, path, operation);
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
    let answer = caller.stream(method, &format!("/api/v1{real}{query}"), &headers, body);
    let status = answer.status().as_u16();
    let told = &operation["responses"][status.to_string()];
    assert!(
        told.is_object(),
        "{who} {path}: {status} is not in the document"
    );
    match status {
        401 => 'u',
        403 => 'n',
        404 => '-',
        status if status < 500 => 'y',
        status => panic!(
            "{who} {path}: {status} {}",
            answer.text().unwrap_or_default()
        ),
    }
}

#[test]
fn every_route_answers_every_role_as_the_matrix_says() {
    let cast = cast();
    let document = cast
        .node
        .stranger()
        .get("/api/v1/openapi.json")
        .is(200)
        .json();
    let mut said = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            // Going out ends the logins that the other lines need; it has a test of its own.
            if path == "/logout" {
                continue;
            }
            let letters = WHO.iter().zip(&cast.callers);
            let line: String = letters
                .map(|(who, caller)| letter(&cast, (who, caller), method, path, operation))
                .collect();
            said.insert(format!("{} {path}", method.to_uppercase()), line);
        }
    }
    let mut told = String::new();
    for (route, letters) in &said {
        let _ = writeln!(told, "{letters} {route}");
    }
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(str::to_owned).collect()
    };
    let (expected, told) = (lines(LINES), lines(&told));
    let wrong: Vec<_> = told
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    let gone: Vec<_> = expected
        .iter()
        .filter(|line| !told.contains(line))
        .collect();
    assert!(
        wrong.is_empty() && gone.is_empty(),
        "the node says\n{wrong:#?}\nthe matrix says\n{gone:#?}"
    );
}

#[test]
fn no_list_shows_what_is_another_groups() {
    let cast = cast();
    let event = "/api/v1/events/first-relay";
    let seen = |who: usize, list: &str| {
        cast.callers[who]
            .get(&format!("{event}/{list}?limit=500"))
            .is(200)
            .text()
    };
    for list in [
        "availability",
        "busy",
        "calendars",
        "operators",
        "sessions",
        "speakers",
    ] {
        let one = match list {
            "availability" | "busy" | "calendars" => "\"operator.kyoto-fox\"",
            "operators" => "\"kyoto-fox\"",
            "sessions" => "\"s01\"",
            _ => "\"speaker-01\"",
        };
        assert!(seen(7, list).contains(one), "{list}: her leader sees it");
        for other in [2, 3, 4, 6] {
            assert!(
                !seen(other, list).contains(one),
                "{list}: {} sees it",
                WHO[other]
            );
        }
    }
    for list in ["seats", "overrides", "feeds"] {
        let text = cast.callers[2]
            .get(&format!("{event}/{list}"))
            .is(200)
            .text();
        assert!(!text.contains("kyoto"), "{list}: {text}");
    }
}
