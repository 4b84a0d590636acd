//! The pages: who gets which, and that what people wrote stays text. How they look and feel is tried in a browser by
//! tests/browser/check_node.py.

use reqwest::Method;
use serde_json::json;

use crate::events::bring;
use crate::harness::{Answer, Caller, Node};

const TIMES: &str = "/events/first-relay/operators/kyoto-fox/availability";
const PLAN: &str = "/events/first-relay/groups/kyoto/plan";
const KEPT: &str = "/api/v1/events/first-relay/availability/operator.kyoto-fox";

fn relay() -> (Node, Caller) {
    let node = Node::start();
    let admin = node.admin();
    bring(&admin, "first-relay").is(201);
    (node, admin)
}

fn joined(node: &Node, admin: &Caller, group: &str, operator: Option<&str>) -> Caller {
    let role = if operator.is_some() {
        "operator"
    } else {
        "leader"
    };
    let invite = json!({ "name": "x", "role": role, "event": "first-relay", "group": group, "operator": operator });
    let invite = admin.post("/api/v1/invites", &invite).is(201).json();
    node.come_in(invite["code"].as_str().expect("a code"))
}

/// Sends the form of the page with these fields.
fn send(caller: &Caller, fields: &[(&str, &str)]) -> Answer {
    let mut body = String::new();
    for (name, value) in fields {
        body +=
            &format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    let body = Some((
        "multipart/form-data; boundary=x",
        (body + "--x--\r\n").into_bytes(),
    ));
    caller.send(Method::POST, TIMES, &[], body)
}

#[test]
fn a_page_is_for_whom_it_is_about_and_her_leaders_and_nobody_else() {
    let (node, admin) = relay();
    let herself = joined(&node, &admin, "kyoto", Some("kyoto-fox"));
    let colleague = joined(&node, &admin, "kyoto", Some("kyoto-heron"));
    let leader = joined(&node, &admin, "kyoto", None);
    let other = joined(&node, &admin, "berlin", None);
    let save = [
        ("act", "save"),
        ("zone", "Asia/Tokyo"),
        ("rules", "daily 10:00-12:00"),
    ];
    for stranger in [node.stranger(), node.bearer("nothing")] {
        for answer in [
            stranger.get(TIMES),
            stranger.get(PLAN),
            stranger.get("/"),
            send(&stranger, &save),
        ] {
            assert_eq!(
                (answer.is(303).header("location"), answer.text()),
                ("/join", String::new())
            );
        }
    }
    for other in [&colleague, &other] {
        let answer = other.get(TIMES);
        assert!(
            !answer.is(404).text().contains("kyoto-fox"),
            "{}",
            answer.text()
        );
        send(other, &save).is(404);
    }
    admin.get(KEPT).is(404);
    other.get(PLAN).is(404);
    for may in [&herself, &leader] {
        assert!(may.get(TIMES).is(200).text().contains("When can you?"));
    }
    send(&leader, &save).is(303);
    let kept = herself.get(KEPT).is(200).json();
    assert_eq!(
        kept["rows"],
        json!([{ "grade": "possible", "rule": "daily 10:00-12:00" }])
    );
}

#[test]
fn who_saves_over_someone_elses_change_is_told_and_nothing_is_lost() {
    let (node, admin) = relay();
    let herself = joined(&node, &admin, "kyoto", Some("kyoto-fox"));
    let save = |version: &str, rules: &str| {
        let fields = [
            ("act", "save"),
            ("zone", "Asia/Tokyo"),
            ("version", version),
            ("rules", rules),
        ];
        send(&herself, &fields)
    };
    save("0", "daily 10:00-12:00").is(303);
    let first = herself.get(KEPT).is(200).json()["version"].to_string();
    save(&first, "daily 10:00-13:00").is(303);
    let late = save(&first, "daily 01:00-02:00").is(200).text();
    assert!(
        late.contains("Nothing was saved") && late.contains("daily 01:00-02:00"),
        "{late}"
    );
    let kept = herself.get(KEPT).is(200).json();
    assert_eq!(kept["rows"][0]["rule"], "daily 10:00-13:00");
}

#[test]
fn what_people_wrote_stays_text() {
    let (node, admin) = relay();
    let herself = joined(&node, &admin, "kyoto", Some("kyoto-fox"));
    let hostile = "<script>alert(1)</script>\"'>";
    let answer = send(
        &herself,
        &[("act", "preview"), ("zone", hostile), ("rules", hostile)],
    );
    let text = answer.is(200).text();
    assert!(!text.contains("<script>alert"), "{text}");
    assert!(text.contains("&#60;script&#62;alert(1)"), "{text}");
    let path = "/events/first-relay/operators/%3Cscript%3Ealert(1)%3C%2Fscript%3E/availability";
    let text = herself.get(path).is(404).text();
    assert!(!text.contains("<script>alert"), "{text}");
}

#[test]
fn a_form_that_is_none_is_refused_as_a_page() {
    let (node, admin) = relay();
    let herself = joined(&node, &admin, "kyoto", Some("kyoto-fox"));
    let json = Some(("application/json", b"{}".to_vec()));
    let answer = herself.send(Method::POST, TIMES, &[], json);
    assert!(answer.is(400).text().contains("<h1>"), "{}", answer.text());
    let answer = herself.send(Method::POST, PLAN, &[], None);
    assert!(
        answer.status == 400 || answer.status == 404,
        "{}",
        answer.status
    );
    let wrong = node.stranger().send(
        Method::POST,
        "/join",
        &[],
        Some(("application/x-www-form-urlencoded", b"code=wrong".to_vec())),
    );
    assert!(
        wrong.is(403).text().contains("ask for a new link"),
        "{}",
        wrong.text()
    );
}
