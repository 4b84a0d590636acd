//! Plans: shown to the groups, answered, published once and one after the other.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Caller};
use crate::planning::{act, ask, at, documents, ended, made_by, planned, published, relay, seat};

#[test]
fn a_plan_is_published_once_and_only_on_top_of_the_published_one() {
    let (_node, admin) = relay(&[]);
    let (first, rival) = (planned(&admin, 1), planned(&admin, 2));
    let path = at(&format!("plans/{first}/release"));
    let wish = json!({ "without_answers": true });
    admin.post(&path, &wish).refuses(428, "unconditional");
    act(&admin, &first, "release", 2).refuses(412, "stale");
    let told = act(&admin, &first, "release", 1).is(200).json();
    assert_eq!(
        (&told["state"], &told["release_number"]),
        (&json!("published"), &json!(1))
    );
    act(&admin, &first, "release", 1).refuses(412, "stale");
    act(&admin, &first, "release", 2).refuses(409, "present");
    act(&admin, &rival, "release", 1).refuses(409, "present");
    let event = admin.get(&at("")[..at("").len() - 1]).is(200).json();
    assert_eq!(event["current_plan"], json!(first));

    let next = planned(&admin, 2);
    let (_, document) = documents(&admin, &next);
    assert_eq!(document.revision, 1);
    let told = act(&admin, &next, "release", 1).is(200).json();
    assert_eq!(
        (&told["parent"], &told["release_number"]),
        (&json!(first), &json!(2))
    );
    let old = admin.get(&at(&format!("plans/{first}"))).json();
    assert_eq!(old["state"], "superseded");
    act(&admin, &next, "withdraw", 2).refuses(409, "present");
    act(&admin, &rival, "withdraw", 1).is(200);
}

#[test]
fn of_many_who_publish_at_once_one_does() {
    let (_node, admin) = relay(&[]);
    let plans = [planned(&admin, 1), planned(&admin, 2)];
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..8)
            .map(|n| {
                let (admin, plan) = (admin.clone(), &plans[n % 2]);
                scope.spawn(move || act(&admin, plan, "release", 1).status)
            })
            .collect();
        calls
            .into_iter()
            .map(|call| call.join().expect("it ends"))
            .collect()
    });
    let published = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(published, 1, "{statuses:?}");
    let told = admin.get(&at("plans")).json();
    let releases = told["items"].as_array().expect("items").iter();
    let releases: Vec<&Value> = releases
        .filter(|p| !p["release_number"].is_null())
        .collect();
    assert_eq!(releases.len(), 1, "{told}");
}

fn answer(caller: &Caller, plan: &str, group: &str, answer: &Value) -> Answer {
    caller.make(&at(&format!("plans/{plan}/answers/{group}")), answer)
}

#[test]
fn groups_see_their_slice_and_answer_before_it_is_published() {
    let (node, admin) = relay(&[]);
    let plan = planned(&admin, 1);
    let kyoto = seat(
        &node,
        &admin,
        &json!({ "role": "leader", "group": "kyoto" }),
    );
    let slice =
        |caller: &Caller, group: &str| caller.get(&at(&format!("plans/{plan}/slices/{group}")));
    // A draft is for those who plan.
    slice(&kyoto, "kyoto").refuses(404, "missing");
    kyoto
        .get(&at(&format!("plans/{plan}")))
        .refuses(404, "missing");
    assert_eq!(kyoto.get(&at("plans")).is(200).json()["items"], json!([]));
    answer(&admin, &plan, "kyoto", &json!({ "verdict": "accepted" })).refuses(409, "present");
    act(&kyoto, &plan, "propose", 1).refuses(403, "not-yours");
    act(&admin, &plan, "propose", 1).is(200);

    let hers = slice(&kyoto, "kyoto").is(200).json();
    let (_, document) = documents(&admin, &plan);
    let blocks = document
        .blocks
        .iter()
        .filter(|b| b.group.as_str() == "kyoto")
        .count();
    let shifts = document.shifts.iter();
    let shifts = shifts
        .filter(|s| s.operator.as_str().starts_with("kyoto-"))
        .count();
    assert_eq!(
        hers["blocks"].as_array().map(Vec::len),
        Some(blocks),
        "{hers}"
    );
    assert_eq!(
        hers["shifts"].as_array().map(Vec::len),
        Some(shifts),
        "{hers}"
    );
    assert!(blocks > 0 && shifts > 0);
    slice(&kyoto, "berlin").refuses(404, "missing");
    kyoto
        .get(&at(&format!("plans/{plan}/document")))
        .refuses(403, "not-yours");

    answer(&kyoto, &plan, "berlin", &json!({ "verdict": "accepted" })).refuses(404, "missing");
    answer(&kyoto, &plan, "kyoto", &json!({ "verdict": "rejected" })).refuses(422, "invalid");
    let reasons = json!([{ "code": "move", "about": hers["shifts"][0]["id"], "words": "not before breakfast" }]);
    let no = json!({ "verdict": "rejected", "reasons": reasons });
    answer(&kyoto, &plan, "kyoto", &no).is(201);
    answer(&kyoto, &plan, "kyoto", &no).refuses(409, "present");
    let told = admin
        .get(&at(&format!("plans/{plan}/answers")))
        .is(200)
        .json();
    assert_eq!(told["items"][0]["reasons"], reasons, "{told}");
    let silent: BTreeSet<String> = serde_json::from_value(told["silent"].clone()).expect("names");
    assert!(silent.contains("berlin") && !silent.contains("kyoto"));

    let release = || {
        let body = Some(("application/json", b"{}".to_vec()));
        let path = at(&format!("plans/{plan}/release"));
        admin.send(Method::POST, &path, &[("If-Match", "\"2\"")], body)
    };
    for group in &silent {
        answer(&admin, &plan, group, &json!({ "verdict": "accepted" })).is(201);
    }
    let problem = release().refuses(409, "present");
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|text| text.contains("kyoto")),
        "{problem}"
    );
    let yes = json!({ "verdict": "accepted" });
    let path = at(&format!("plans/{plan}/answers/kyoto"));
    kyoto.change(&path, 1, &yes).is(200);
    release().is(200);
    kyoto.change(&path, 2, &no).refuses(409, "present");
}

#[test]
fn an_operator_sees_her_own_shifts_of_what_is_published() {
    let (node, admin) = relay(&[]);
    let plan = planned(&admin, 1);
    let (_, document) = documents(&admin, &plan);
    let shift = document.shifts.iter();
    let mut shift = shift.filter(|shift| shift.operator.as_str().starts_with("kyoto-"));
    let operator = shift.next().expect("kyoto is on duty").operator.to_string();
    let place = json!({ "role": "operator", "group": "kyoto", "operator": operator });
    let her = seat(&node, &admin, &place);
    let path = at(&format!("plans/{plan}/slices/kyoto"));
    act(&admin, &plan, "propose", 1).is(200);
    her.get(&path).refuses(404, "missing");
    act(&admin, &plan, "release", 2).is(200);
    let slice = her.get(&path).is(200).json();
    let shifts = slice["shifts"].as_array().expect("shifts");
    let own = document
        .shifts
        .iter()
        .filter(|s| s.operator.as_str() == operator)
        .count();
    assert_eq!(shifts.len(), own, "{slice}");
    assert!(
        shifts
            .iter()
            .all(|shift| shift["operator"] == json!(operator))
    );
    her.get(&at(&format!("plans/{plan}/document")))
        .refuses(403, "not-yours");
    her.get(&at("jobs")).refuses(403, "not-yours");
}

#[test]
fn a_drop_out_is_mended_by_a_plan_that_follows_the_published_one() {
    let (_node, admin) = relay(&[]);
    let wish = json!({ "without": ["berlin-bear"], "effort": 1, "engine": "pure" });
    admin
        .post(&at("jobs/replan"), &wish)
        .refuses(409, "present");
    let first = published(&admin);
    let job = ended(&admin, &ask(&admin, "replan", &wish));
    assert_eq!(job["state"], "done", "{job}");
    let next = made_by(&job);
    let (_, plan) = documents(&admin, &next);
    assert!(
        plan.shifts
            .iter()
            .all(|shift| shift.operator.as_str() != "berlin-bear")
    );
    assert_eq!(job["result"]["released"], json!(["berlin-bear"]), "{job}");
    let told = act(&admin, &next, "release", 1).is(200).json();
    assert_eq!(
        (&told["parent"], &told["revision"]),
        (&json!(first), &json!(1))
    );
    let unknown = json!({ "without": ["nobody-here"] });
    let job = ended(&admin, &ask(&admin, "replan", &unknown));
    assert_eq!(
        (&job["state"], &job["result"]["problems"][0]["code"]),
        (&json!("failed"), &json!("F035"))
    );
}
