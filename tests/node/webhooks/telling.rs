//! What programs are told: what there is, signed, in order, at least once, and nothing private.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};

use super::{QUICK, change, deliveries, path, register, state, text};
use crate::databases::all_on_postgres;
use crate::events::bring;
use crate::harness::Node;
use crate::planning::{act, at, documents, planned, relay, relay_in, seat};
use crate::receiver::{Received, Receiver, Reply, signature};

#[test]
fn the_test_signs_as_the_specification_does() {
    assert_eq!(
        signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#
        ),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
}

#[test]
fn a_program_is_told_what_becomes_of_a_plan_and_nothing_private() {
    let (node, admin) = relay(&QUICK);
    let all = Receiver::new();
    let some = Receiver::new();
    let webhook = register(&admin, &all.url, &[]);
    register(&admin, &some.url, &["plan.released", "plan.proposed"]);
    let hours = json!({ "rows": [{ "grade": "possible", "rule": "weekdays 03:17-04:19" }] });
    admin
        .make(&at("availability/operator.kyoto-fox"), &hours)
        .is(201);
    let leader = json!({ "role": "leader", "group": "kyoto", "name": "Plantagenet" });
    let leader = seat(&node, &admin, &leader);
    let plan = planned(&admin, 1);
    act(&admin, &plan, "propose", 1).is(200);
    let answer = json!({ "verdict": "accepted", "reasons": [] });
    leader
        .make(&at(&format!("plans/{plan}/answers/kyoto")), &answer)
        .is(201);
    act(&admin, &plan, "release", 2).is(200);
    let (_, document) = documents(&admin, &plan);
    let shift = document.shifts.first().expect("a shift").id.to_string();
    let swap = json!({ "shift": shift, "reason": "broke her leg" });
    admin.post(&at("overrides"), &swap).is(201);

    let last =
        |kind: &'static str| move |heard: &[Received]| heard.iter().any(|one| one.kind() == kind);
    let heard = all.wait("everything is told", last("override.made"));
    let kinds: Vec<String> = heard.iter().map(|one| one.kind()).collect();
    assert_eq!(
        kinds,
        [
            "thing.changed",
            "plan.drafted",
            "job.ended",
            "plan.proposed",
            "plan.answered",
            "plan.released",
            "override.made"
        ]
    );
    let secret = text(&webhook, "secret");
    let mut ids = BTreeSet::new();
    for one in &heard {
        assert_eq!(one.path, "/hook");
        assert_eq!(one.header("content-type"), "application/json");
        assert_eq!(one.signatures(), [one.signed_by(secret)]);
        assert!(ids.insert(one.header("webhook-id").to_owned()));
        let message = one.json();
        let fields = |value: &Value| -> BTreeSet<String> {
            value
                .as_object()
                .expect("an object")
                .keys()
                .cloned()
                .collect()
        };
        let outer = ["data", "timestamp", "type"].map(str::to_owned);
        assert_eq!(fields(&message), BTreeSet::from(outer));
        let inner = ["action", "event", "group", "id", "kind", "seq"].map(str::to_owned);
        assert!(fields(&message["data"]).is_subset(&BTreeSet::from(inner)));
        assert_eq!(message["data"]["event"], "first-relay");
        let whole = format!("{}{:?}", one.body, one.headers);
        for private in [
            "03:17",
            "Plantagenet",
            "leg",
            "kyoto-fox",
            "possible",
            secret,
        ] {
            assert!(!whole.contains(private), "{private}: {whole}");
        }
    }
    assert_eq!(heard[3].json()["data"]["id"], plan);
    assert_eq!(heard[4].json()["data"]["group"], "kyoto");
    assert!(heard.is_sorted_by_key(|one| one.seq()));
    let heard = some.wait("what it asked for is told", last("plan.released"));
    let kinds: Vec<String> = heard.iter().map(|one| one.kind()).collect();
    assert_eq!(kinds, ["plan.proposed", "plan.released"]);
    assert!(!node.log().contains(&all.url), "a log has no addresses");
}

#[test]
fn no_private_network_is_posted_to() {
    let (node, admin) = relay(&[]);
    for url in [
        "http://127.0.0.1:1/",
        "https://10.1.2.3/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "http://bot.example/",
        "https://me:word@bot.example/",
        "ftp://bot.example/",
    ] {
        let refused = admin.post(&at("webhooks"), &json!({ "url": url }));
        let problem = refused.refuses(422, "invalid");
        assert_eq!(problem["problems"][0]["place"], "url", "{url}");
    }
    // What a name leads to is known when it is posted to.
    let receiver = Receiver::new();
    let port = receiver.url.trim_start_matches("http://127.0.0.1:");
    let webhook = register(&admin, &format!("https://localhost:{port}"), &[]);
    let tested = admin.post(&format!("{}/test", path(&webhook)), &json!({}));
    let tested = tested.is(200).json();
    assert_eq!(tested["trouble"], "it leads to a private network");
    assert!(receiver.heard().is_empty());
    assert!(!node.log().contains("localhost"));
}

#[test]
fn after_a_rotation_both_secrets_sign_for_a_while() {
    let (_node, admin) = relay(&QUICK);
    let receiver = Receiver::new();
    let webhook = register(&admin, &receiver.url, &[]);
    let first = text(&webhook, "secret");
    let rotate = |wish: Value| {
        let rotated = admin.post(&format!("{}/rotate", path(&webhook)), &wish);
        text(&rotated.is(200).json(), "secret").to_owned()
    };
    let second = rotate(json!({}));
    change(&admin, 1);
    let heard = receiver.wait("it is told", |heard| heard.len() == 1);
    let signed = [heard[0].signed_by(&second), heard[0].signed_by(first)];
    assert_eq!(heard[0].signatures(), signed);
    let third = rotate(json!({ "grace_h": 0 }));
    change(&admin, 2);
    let heard = receiver.wait("it is told", |heard| heard.len() == 2);
    assert_eq!(heard[1].signatures(), [heard[1].signed_by(&third)]);
    let too_long = json!({ "grace_h": 169 });
    admin
        .post(&format!("{}/rotate", path(&webhook)), &too_long)
        .refuses(422, "invalid");
    // A secret is told once.
    for shown in [
        admin.get(&path(&webhook)).text(),
        admin.get(&at("webhooks")).text(),
    ] {
        assert!(!shown.contains("whsec_"), "{shown}");
    }
}

#[test]
fn a_node_that_is_killed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    // The fourth message of all, and every ninth after it, is taken when the node is no longer there to hear of it.
    let receiver = Receiver::answering(|n, _| match n % 9 {
        3 => Reply::Hangs,
        _ => Reply::Says("200 OK"),
    });
    let (mut node, mut admin) = relay_in(folder.path(), &QUICK);
    register(&admin, &receiver.url, &[]);
    // Nobody else can be at work on a folder; on PostgreSQL the lease of the one that is gone has to end first.
    let rounds = if all_on_postgres() { 1 } else { 4 };
    for round in 0..rounds {
        for n in 0..7 {
            change(&admin, round * 7 + n);
        }
        receiver.wait("it is in the middle", |heard| heard.len() >= round * 9 + 4);
        node.kill();
        node = Node::start_in(folder.path(), &QUICK);
        admin = node.like(&admin);
    }
    let told = |heard: &[Received]| -> BTreeMap<String, Vec<String>> {
        let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for one in heard {
            let id = one.json()["data"]["id"].as_str().expect("an id").to_owned();
            told.entry(id)
                .or_default()
                .push(one.header("webhook-id").to_owned());
        }
        told
    };
    let heard = receiver.wait("all of it is told", |heard| told(heard).len() == 7 * rounds);
    assert!(
        heard.is_sorted_by_key(|one| one.seq()),
        "in order, if more than once"
    );
    let told = told(&heard);
    assert!(told.values().any(|ids| ids.len() > 1), "one was sent again");
    for (id, messages) in told {
        assert!(
            messages.iter().all(|message| *message == messages[0]),
            "{id}"
        );
    }
}

#[test]
fn what_was_told_is_told_again_from_a_cursor() {
    let (_node, admin) = relay(&QUICK);
    let receiver = Receiver::new();
    let webhook = register(&admin, &receiver.url, &["thing.changed"]);
    for n in 0..4 {
        change(&admin, n);
    }
    let before = receiver.wait("all is told", |heard| heard.len() == 4);
    let replay = |after: i64| {
        let wish = json!({ "after": after });
        admin.post(&format!("{}/replay", path(&webhook)), &wish)
    };
    replay(before[1].seq()).is(202);
    let heard = receiver.wait("some is told again", |heard| heard.len() == 6);
    for (again, one) in heard[4..].iter().zip(&before[2..]) {
        assert_eq!(again.header("webhook-id"), one.header("webhook-id"));
        assert_eq!(again.body, one.body);
    }
    for nowhere in [-1, 1_000_000] {
        replay(nowhere).refuses(422, "invalid");
    }
    // From the beginning: also of what changed before it was registered.
    replay(0).is(202);
    receiver.wait("the event itself is told of", |heard| {
        heard
            .iter()
            .any(|one| one.json()["data"]["kind"] == "event")
    });
}

#[test]
fn a_test_is_a_message_like_any_other_but_sent_once() {
    let (_node, admin) = relay(&QUICK);
    let receiver = Receiver::answering(|n, _| {
        Reply::Says(if n == 0 {
            "200 OK"
        } else {
            "500 Internal Server Error"
        })
    });
    let webhook = register(&admin, &receiver.url, &[]);
    let test = || {
        let tested = admin.post(&format!("{}/test", path(&webhook)), &json!({}));
        tested.is(200).json()
    };
    assert_eq!(test(), json!({ "taken": true, "status": 200 }));
    let failed = test();
    assert_eq!(
        (&failed["taken"], &failed["status"]),
        (&json!(false), &json!(500))
    );
    let heard = receiver.heard();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0].kind(), "webhook.test");
    assert_eq!(
        heard[0].signatures(),
        [heard[0].signed_by(text(&webhook, "secret"))]
    );
    assert_ne!(heard[0].header("webhook-id"), heard[1].header("webhook-id"));
    assert_eq!(deliveries(&admin, &webhook).len(), 2);
    assert_eq!(state(&admin, &webhook)["fails"], 0);
    // A hundred outcomes are kept.
    for _ in 0..100 {
        test();
    }
    assert_eq!(deliveries(&admin, &webhook).len(), 100);
}

#[test]
fn a_webhook_is_one_events_own() {
    let (node, admin) = relay(&QUICK);
    let webhook = register(&admin, "https://bot.example/", &[]);
    admin
        .post("/api/v1/events", &json!({ "id": "other" }))
        .is(201);
    let elsewhere = path(&webhook).replace("first-relay", "other");
    for what in ["", "/deliveries"] {
        admin
            .get(&format!("{elsewhere}{what}"))
            .refuses(404, "missing");
    }
    for (what, wish) in [
        ("rotate", json!({})),
        ("test", json!({})),
        ("replay", json!({ "after": 0 })),
    ] {
        let refused = admin.post(&format!("{elsewhere}/{what}"), &wish);
        refused.refuses(404, "missing");
    }
    let wish = json!({ "url": "https://bot.example/" });
    admin.change(&elsewhere, 1, &wish).refuses(404, "missing");
    admin.delete(&elsewhere, 1).refuses(404, "missing");
    admin
        .send(Method::DELETE, &path(&webhook), &[], None)
        .refuses(428, "unconditional");
    admin.delete(&path(&webhook), 2).refuses(412, "stale");
    admin.delete(&path(&webhook), 1).is(204);
    admin.get(&path(&webhook)).refuses(404, "missing");
    let strange = json!({ "url": "https://bot.example/", "kinds": ["plan.eaten"] });
    admin
        .post(&at("webhooks"), &strange)
        .refuses(422, "invalid");
    for _ in 0..20 {
        register(&admin, "https://bot.example/", &[]);
    }
    admin.post(&at("webhooks"), &wish).refuses(409, "present");
    assert!(!node.log().contains("bot.example"));
}

#[test]
fn of_a_deleted_event_the_next_one_of_its_name_is_told_nothing() {
    let (_node, admin) = relay(&QUICK);
    change(&admin, 1);
    let event = admin.get("/api/v1/events/first-relay");
    let tag = event.is(200).header("etag").to_owned();
    let headers = [("If-Match", tag.as_str())];
    admin
        .send(Method::DELETE, "/api/v1/events/first-relay", &headers, None)
        .is(204);
    bring(&admin, "first-relay").is(201);
    let receiver = Receiver::new();
    let webhook = register(&admin, &receiver.url, &[]);
    let wish = json!({ "after": 0 });
    admin
        .post(&format!("{}/replay", path(&webhook)), &wish)
        .is(202);
    change(&admin, 2);
    let heard = receiver.wait("the last change is told", |heard| {
        heard.iter().any(|one| one.json()["data"]["id"] == "r2")
    });
    let told: Vec<Value> = heard
        .iter()
        .map(|one| {
            let message = one.json();
            json!([
                message["data"]["kind"],
                message["data"]["id"],
                message["data"]["action"]
            ])
        })
        .collect();
    let of_this_event = json!([
        ["event", "first-relay", "create"],
        ["regional-event", "r2", "create"]
    ]);
    assert_eq!(json!(told), of_this_event);
}
