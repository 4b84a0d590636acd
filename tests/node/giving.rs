//! What people give: their things one by one, tables of availability, calendars.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Value, json};

use crate::events::bring;
use crate::harness::{Answer, Caller, Node, wait_for};

const EVENT: &str = "/api/v1/events/first-relay";

/// Invites someone into the first relay, and lets her come in.
pub(crate) fn someone(node: &Node, admin: &Caller, what: &Value) -> Caller {
    let mut invite = json!({ "name": "Someone", "event": "first-relay" });
    for (key, value) in what.as_object().expect("an object") {
        invite[key] = value.clone();
    }
    let invited = admin.post("/api/v1/invites", &invite).is(201).json();
    node.come_in(invited["code"].as_str().expect("a code"))
}

/// A node with the first relay, who runs it, and the leader of Kyoto.
fn relay() -> (Node, Caller, Caller) {
    relay_with(&[])
}

fn relay_with(arguments: &[&str]) -> (Node, Caller, Caller) {
    let node = Node::start_with(arguments);
    let admin = node.admin();
    bring(&admin, "first-relay").is(201);
    let leader = someone(
        &node,
        &admin,
        &json!({ "role": "leader", "group": "kyoto" }),
    );
    (node, admin, leader)
}

fn csv(caller: &Caller, method: Method, path: &str, text: &str) -> Answer {
    let headers: &[(&str, &str)] = match method {
        Method::PUT => &[("If-None-Match", "*")],
        _ => &[],
    };
    let body = Some(("text/csv", text.as_bytes().to_vec()));
    caller.send(method, &format!("{EVENT}/{path}"), headers, body)
}

fn problem_of(admin: &Caller) -> Value {
    let whole = admin.get(&format!("{EVENT}/check")).is(200).json();
    whole["problem"].clone()
}

#[test]
fn a_thing_is_made_read_changed_and_deleted_at_its_versions() {
    let (_node, _admin, leader) = relay();
    let path = format!("{EVENT}/operators/kyoto-crane");
    let crane = json!({ "group": "kyoto", "skills": ["mc:ja"] });
    leader
        .send(
            Method::PUT,
            &path,
            &[],
            Some(("application/json", crane.to_string().into_bytes())),
        )
        .refuses(428, "unconditional");
    let made = leader.make(&path, &crane);
    let first = version(&made);
    assert_eq!(made.header("etag"), format!("\"{first}\""));
    leader.make(&path, &crane).refuses(409, "present");
    let tag = made.header("etag");
    let same = leader.send(Method::GET, &path, &[("If-None-Match", tag)], None);
    assert!(same.is(304).body.is_empty());
    let night = json!({ "group": "kyoto", "skills": ["mc:ja"], "night": "22:00-06:00" });
    let second = version(&leader.change(&path, first, &night));
    leader.change(&path, first, &crane).refuses(412, "stale");
    assert_eq!(leader.get(&path).is(200).json()["night"], "22:00-06:00");
    leader.delete(&path, first).refuses(412, "stale");
    leader.delete(&path, second).is(204);
    leader.get(&path).refuses(404, "missing");
}

/// The version that a thing has after it was made or changed.
pub(crate) fn version(answer: &Answer) -> i64 {
    assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
    answer.json()["version"].as_i64().expect("a version")
}

#[test]
fn what_is_deleted_and_made_again_is_not_taken_for_what_was_there_before() {
    let (_node, admin, leader) = relay();
    let rows = json!({ "rows": [{ "rule": "weekdays 19:00-22:00", "grade": "possible" }] });
    let crane = json!({ "group": "kyoto", "skills": ["mc:ja"] });
    let person = format!("{EVENT}/operators/kyoto-crane");
    let hours = format!("{EVENT}/availability/operator.kyoto-crane");
    // What is deleted by itself, and what goes with its owner.
    for _ in 0..2 {
        let her = version(&leader.make(&person, &crane));
        let told = version(&leader.make(&hours, &rows));
        leader.delete(&person, her).is(204);
        let again = version(&leader.make(&person, &crane));
        leader.make(&hours, &rows).is(201);
        leader.change(&person, her, &crane).refuses(412, "stale");
        leader.change(&hours, told, &rows).refuses(412, "stale");
        leader.delete(&person, again).is(204);
    }
    // An event and everything in it.
    let settings = format!("{EVENT}/settings/event");
    let at = |path: &str| admin.get(path).is(200).header("etag").to_owned();
    let (event, before) = (at(EVENT), at(&settings));
    let delete = |tag: &str| admin.send(Method::DELETE, EVENT, &[("If-Match", tag)], None);
    delete(&event).is(204);
    bring(&admin, "first-relay").is(201);
    assert_ne!(at(&settings), before);
    delete(&event).refuses(412, "stale");
    delete(&at(EVENT)).is(204);
    bring(&admin, "first-relay").is(201);
    delete(&event).refuses(412, "stale");
}

#[test]
fn lists_come_in_pages_that_hold_everything_once() {
    let (_node, admin, _leader) = relay();
    let mut seen = Vec::new();
    let mut path = format!("{EVENT}/operators?limit=4");
    loop {
        let page = admin.get(&path).is(200).json();
        let items = page["items"].as_array().expect("items").clone();
        assert!(items.len() <= 4);
        seen.extend(items.iter().map(|item| item["id"].to_string()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("{EVENT}/operators?limit=4&after={next}");
    }
    let all = admin
        .get(&format!("{EVENT}/operators?limit=500"))
        .is(200)
        .json();
    let all = all["items"].as_array().expect("items");
    assert_eq!(seen.len(), all.len());
    assert!(seen.is_sorted());
    assert!(seen.len() > 8);
    admin
        .get(&format!("{EVENT}/operators?limit=0"))
        .refuses(422, "invalid");
    admin
        .get(&format!("{EVENT}/operators?limit=many"))
        .refuses(422, "invalid");
}

#[test]
fn what_the_reader_would_refuse_is_refused_when_it_is_saved() {
    let (_node, admin, leader) = relay();
    let before = problem_of(&admin);
    let path = format!("{EVENT}/availability/operator.kyoto-fox");
    let wrong = json!({ "rows": [
        { "rule": "never 22:00-08:00" },
        { "grade": "perhaps", "start": "2024-08-24T12:00", "end": "2024-08-24T10:00" },
        { "grade": "possible", "rule": "sometimes" },
    ] });
    let problem = leader.make(&path, &wrong).refuses(422, "invalid");
    let places: Vec<&str> = problem["problems"]
        .as_array()
        .expect("problems")
        .iter()
        .filter_map(|one| one["place"].as_str())
        .collect();
    assert!(places.contains(&"rows[1].grade"), "{problem}");
    assert!(places.contains(&"rows[2].rule"), "{problem}");
    let group = json!({ "name": "X", "zone": "Asia/Nowhere", "country": "JP", "languages": ["ja"], "size": 9 });
    let problem = admin
        .make(&format!("{EVENT}/groups/x"), &group)
        .refuses(422, "invalid");
    assert_eq!(problem["problems"][0]["code"], "F012");
    assert_eq!(problem["problems"][0]["place"], "zone");
    assert_eq!(problem_of(&admin), before);
}

#[test]
fn one_table_says_when_many_of_a_group_can() {
    let (_node, admin, leader) = relay();
    let before = problem_of(&admin);
    let table = "kind,who,grade,start,end,rule\noperator,kyoto-fox,possible,,,weekends 09:00-22:00\n\
        operator,kyoto-carp,,,,never 20:00-09:00\noperator,kyoto-fox,prefer,2024-08-24T12:00,2024-08-24T18:00,\n";
    let done = csv(&leader, Method::POST, "groups/kyoto/availability", table);
    let done = done.is(200).json();
    for (n, id, rows) in [(0, "operator.kyoto-carp", 1), (1, "operator.kyoto-fox", 2)] {
        assert_eq!(
            (&done[n]["id"], &done[n]["rows"]),
            (&json!(id), &json!(rows))
        );
    }
    assert_ne!(problem_of(&admin), before);
    let again = csv(&leader, Method::POST, "groups/kyoto/availability", table);
    let (first, second) = (&done[0]["version"], &again.is(200).json()[0]["version"]);
    assert!(second.as_i64() > first.as_i64(), "{first} {second}");
    let busy = "kind,who,start,end\noperator,kyoto-fox,2024-08-24T12:00,2024-08-24T13:00\n";
    csv(&leader, Method::POST, "groups/kyoto/busy", busy).is(200);

    // One wrong row and nothing of the table is kept; another group's people are nobody's.
    let wrong = "kind,who,rule\noperator,kyoto-fox,never 22:00-08:00\noperator,seattle-ferry,never 22:00-08:00\n";
    let problem = csv(&leader, Method::POST, "groups/kyoto/availability", wrong);
    let problem = problem.refuses(422, "invalid");
    assert_eq!(problem["problems"][0]["place"], "line 3, who");
    let fox = leader.get(&format!("{EVENT}/availability/operator.kyoto-fox"));
    assert_eq!(fox.is(200).json()["rows"].as_array().map(Vec::len), Some(2));
    csv(&leader, Method::POST, "groups/seattle/availability", table).refuses(404, "missing");
}

#[test]
fn one_person_sends_her_own_table() {
    let (node, admin, leader) = relay();
    let fox = json!({ "role": "operator", "group": "kyoto", "operator": "kyoto-fox" });
    let fox = someone(&node, &admin, &fox);
    let own = "availability/operator.kyoto-fox";
    let table = "grade;rule\npossible;weekends 09:00-22:00\n";
    csv(&fox, Method::PUT, own, table).is(201);
    let kept = leader.get(&format!("{EVENT}/{own}")).is(200).json();
    assert_eq!(
        kept["rows"],
        json!([{ "grade": "possible", "rule": "weekends 09:00-22:00" }])
    );
    csv(
        &fox,
        Method::PUT,
        "busy/operator.kyoto-fox",
        "kind,who,start,end\noperator,kyoto-carp,2024-08-24T12:00,2024-08-24T13:00\n",
    )
    .refuses(422, "invalid");
    // Other people, in her group and out of it, do not exist for her.
    for other in [
        "operator.kyoto-carp",
        "operator.seattle-ferry",
        "operator.nobody",
    ] {
        csv(&fox, Method::PUT, &format!("availability/{other}"), table).refuses(404, "missing");
    }
    // Nobody's group can be claimed, and what is about a person leaves with her.
    csv(
        &leader,
        Method::PUT,
        "availability/operator.seattle-ferry",
        table,
    )
    .refuses(404, "missing");
    let there = leader
        .get(&format!("{EVENT}/operators/kyoto-fox"))
        .is(200)
        .json();
    let version = there["version"].as_i64().expect("a version");
    leader
        .delete(&format!("{EVENT}/operators/kyoto-fox"), version)
        .is(204);
    leader
        .get(&format!("{EVENT}/{own}"))
        .refuses(404, "missing");
    admin.get(&format!("{EVENT}/check")).is(200);
}

const SECRET: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:fox@secret.example\r\n\
    SUMMARY:Secret meeting\r\nDTSTART:20240824T030000Z\r\nDTEND:20240824T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn hand_in(caller: &Caller, who: &str, ics: &str) -> Answer {
    let path = format!("{EVENT}/calendars/{who}");
    let body = Some(("text/calendar", ics.as_bytes().to_vec()));
    caller.send(Method::PUT, &path, &[("If-None-Match", "*")], body)
}

#[test]
fn a_calendar_that_is_handed_in_counts_and_keeps_no_title() {
    let (node, admin, leader) = relay();
    let before = problem_of(&admin);
    let wrong = SECRET.replace("20240824T030000Z", "20240230T030000Z");
    let problem = hand_in(&leader, "operator.kyoto-fox", &wrong).refuses(422, "invalid");
    assert_eq!(problem["problems"][0]["place"], "line 6, DTSTART");
    hand_in(&leader, "operator.seattle-ferry", SECRET).refuses(404, "missing");
    hand_in(&leader, "operator.kyoto-fox", SECRET).is(201);
    assert_ne!(problem_of(&admin), before);
    let path = format!("{EVENT}/calendars/operator.kyoto-fox");
    let kept = leader.get(&path);
    assert_eq!(kept.is(200).json().get("url"), None);
    leader.delete(&path, version(&kept)).is(204);
    assert_eq!(problem_of(&admin), before);
    for file in std::fs::read_dir(node.folder())
        .expect("a folder")
        .flatten()
    {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(
            !text.contains("secret meeting"),
            "{}",
            file.path().display()
        );
    }
}

/// A server of one calendar, that says 304 to who has it; what it is asked for goes into `asked`.
struct Source {
    address: String,
    calendar: Arc<Mutex<Option<String>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Source {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let source = Self {
            address: format!("http://127.0.0.1:{port}/secret/me.ics"),
            calendar: Arc::default(),
            asked: Arc::default(),
        };
        let (calendar, asked) = (Arc::clone(&source.calendar), Arc::clone(&source.asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let calendar = calendar.lock().expect("a lock").clone();
                let heard = answer(stream, calendar.as_deref());
                asked.lock().expect("a lock").push(heard);
            }
        });
        source
    }

    fn becomes(&self, calendar: Option<&str>) {
        *self.calendar.lock().expect("a lock") = calendar.map(str::to_owned);
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("a lock").clone()
    }
}

fn answer(mut stream: TcpStream, calendar: Option<&str>) -> String {
    let mut heard = String::new();
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    while reader.read_line(&mut heard).is_ok_and(|n| n > 2) {}
    let answer = match calendar {
        None => {
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                .to_owned()
        }
        Some(text) => {
            let tag = format!("\"{}\"", text.len());
            if heard
                .to_lowercase()
                .contains(&format!("if-none-match: {tag}"))
            {
                "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_owned()
            } else {
                let length = text.len();
                format!(
                    "HTTP/1.1 200 OK\r\nETag: {tag}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
                )
            }
        }
    };
    let _ = stream.write_all(answer.as_bytes());
    heard
}

#[test]
fn a_calendar_is_fetched_again_and_its_last_good_copy_is_kept() {
    let (node, admin, leader) = relay_with(&["--trust-network", "127.0.0.1/32"]);
    let before = problem_of(&admin);
    let source = Source::start();
    source.becomes(Some(SECRET));
    let path = format!("{EVENT}/calendars/operator.kyoto-fox");
    leader
        .make(&path, &json!({ "url": source.address }))
        .is(201);
    let state = |wanted: &dyn Fn(&Value) -> bool| {
        wait_for("the calendar", || {
            let now = leader.get(&path).is(200).json();
            wanted(&now).then_some(now)
        })
    };
    let good = state(&|now| now.get("good_at").is_some());
    assert_eq!(good.get("trouble"), None, "{good}");
    let with_meeting = problem_of(&admin);
    assert_ne!(with_meeting, before);

    // Unchanged: it says so by the ETag, and nothing is counted as a change.
    let fetch = format!("{path}/fetch");
    leader.post(&fetch, &json!({})).is(202);
    state(&|now| now["good_at"] != good["good_at"]);
    let asked = source.asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(
        asked[1].to_lowercase().contains("if-none-match"),
        "{asked:?}"
    );

    // Away, and then nonsense: the last good copy stays.
    for (bad, words) in [(None, "503"), (Some("nonsense"), "line 1")] {
        source.becomes(bad);
        leader.post(&fetch, &json!({})).is(202);
        let told = state(&|now| {
            now["trouble"]
                .as_str()
                .is_some_and(|text| text.contains(words))
        });
        assert!(!told["trouble"].to_string().contains("secret"), "{told}");
        assert_eq!(problem_of(&admin), with_meeting);
    }

    // Back, with another meeting.
    source.becomes(Some(
        &SECRET.replace("T09", "T11").replace("meeting", "talk"),
    ));
    leader.post(&fetch, &json!({})).is(202);
    state(&|now| now.get("trouble").is_none() && now["good_at"] != good["good_at"]);
    assert_ne!(problem_of(&admin), with_meeting);
    assert!(!node.log().contains("/secret/"), "{}", node.log());
}

#[test]
fn calendars_on_private_networks_are_not_fetched() {
    let (_node, _admin, leader) = relay();
    let source = Source::start();
    source.becomes(Some(SECRET));
    let path = format!("{EVENT}/calendars/operator.kyoto-fox");
    for url in [
        source.address.as_str(),
        "http://169.254.169.254/",
        "http://[::1]/",
        "file:///etc/passwd",
        "http://0x7f000001/",
    ] {
        let problem = leader
            .make(&path, &json!({ "url": url }))
            .refuses(422, "invalid");
        assert_eq!(problem["problems"][0]["place"], "url");
    }
    // A name is looked at when it is resolved.
    let named = source.address.replace("127.0.0.1", "localhost");
    leader.make(&path, &json!({ "url": named })).is(201);
    let told = wait_for("it is refused", || {
        let now = leader.get(&path).is(200).json();
        now.get("trouble").is_some().then_some(now)
    });
    assert_eq!(told["trouble"], "it leads to a private network");
    assert_eq!(told.get("good_at"), None);
    assert!(source.asked().is_empty());
}
