//! Plans that were made elsewhere: taken home, brought back, checked.

use std::process::Command;

use meridian_model::check::check;
use meridian_model::{Plan, Problem};
use serde_json::{Value, json};

use crate::events::bring;
use crate::giving::version;
use crate::harness::Caller;
use crate::planning::{act, at, documents, published, relay, seat};

/// The event as it is now, and a plan of it that the command line makes.
fn made_at_home(admin: &Caller) -> (Problem, Plan) {
    let home = tempfile::tempdir().expect("a home");
    let (problem, plan) = (
        home.path().join("problem.json"),
        home.path().join("plan.json"),
    );
    let taken = admin.post(&at("problems"), &json!({}));
    std::fs::write(&problem, &taken.is(201).body).expect("a file");
    let ended = Command::new(env!("CARGO_BIN_EXE_meridian"))
        .args(["plan", "--engine", "pure", "--effort", "1", "--seed", "5"])
        .arg(&problem)
        .arg("--out")
        .arg(&plan)
        .output()
        .expect("it runs");
    assert!(matches!(ended.status.code(), Some(0 | 1)));
    let plan = std::fs::read(plan).expect("a plan");
    (
        meridian_formats::problem::read(&taken.body, "problem").expect("a problem"),
        meridian_formats::plan::read(&plan, "plan").expect("a plan"),
    )
}

fn document(plan: &Plan) -> Value {
    serde_json::to_value(plan).expect("a document")
}

#[test]
fn a_plan_made_at_home_is_brought_back_and_published_though_the_event_has_changed() {
    let (node, admin) = relay(&["--jobs", "0"]);
    let (problem, plan) = made_at_home(&admin);
    let rows = json!({ "rows": [{ "rule": "weekdays 19:00-22:00", "grade": "possible" }] });
    version(&admin.make(&at("availability/operator.kyoto-fox"), &rows));
    let brought = admin.post(&at("plans"), &document(&plan));
    let told = brought.is(201).json();
    let id = told["id"].as_str().expect("an id");
    assert_eq!(brought.header("location"), at(&format!("plans/{id}")));
    assert_eq!(brought.header("etag"), "\"1\"");
    assert_eq!((&told["state"], told.get("job")), (&json!("draft"), None));
    assert_eq!(documents(&admin, id), (problem, plan));
    act(&admin, id, "release", 1).is(200);
    // Leaders do not plan.
    let leader = seat(
        &node,
        &admin,
        &json!({ "role": "leader", "group": "kyoto" }),
    );
    leader
        .post(&at("plans"), &json!({}))
        .refuses(403, "not-yours");
}

#[test]
fn what_is_brought_follows_the_published_plan() {
    let (_node, admin) = relay(&[]);
    let parent = published(&admin);
    let (_, plan) = made_at_home(&admin);
    let told = admin.post(&at("plans"), &document(&plan)).is(201).json();
    assert_eq!(
        (&told["parent"], &told["revision"]),
        (&json!(parent), &json!(1)),
        "{told}"
    );
    let id = told["id"].as_str().expect("an id");
    documents(&admin, id);
    act(&admin, id, "release", 1).is(200);
}

#[test]
fn a_plan_that_breaks_a_rule_or_boasts_or_is_of_something_else_is_refused_with_all_that_is_wrong() {
    let (_node, admin) = relay(&["--jobs", "0"]);
    let (problem, plan) = made_at_home(&admin);
    let refused = |plan: &Value| admin.post(&at("plans"), plan).refuses(422, "invalid");

    // Two shifts too many for whoever has the first, at its very hours.
    let mut broken = plan.clone();
    for n in 0..2 {
        let mut shift = plan.shifts.first().expect("a shift").clone();
        shift.id = meridian_model::ShiftId::new(format!("more-{n}"));
        broken.shifts.push(shift);
    }
    let report = check(&problem, &broken);
    assert!(report.score.hard > 0);
    broken.score = report.score;
    let told = refused(&document(&broken));
    let told = told["problems"].as_array().expect("problems");
    let hard: Vec<&str> = told.iter().filter_map(|one| one["code"].as_str()).collect();
    let hard_matches = report
        .matches
        .iter()
        .filter(|found| found.rule.level() == meridian_model::Level::Hard);
    let codes: Vec<String> = hard_matches.map(|found| found.rule.to_string()).collect();
    assert_eq!(hard, codes);
    let who = plan.shifts.first().expect("a shift").operator.to_string();
    assert!(
        told.iter().any(|one| one["place"]
            .as_str()
            .is_some_and(|place| place.contains(&who))),
        "{told:?}"
    );

    let mut boasting = document(&plan);
    boasting["score"]["soft"] = json!(0);
    assert_eq!(refused(&boasting)["problems"][0]["place"], "score");
    let mut foreign = document(&plan);
    foreign["problem_sha256"] = json!("0".repeat(64));
    assert_eq!(refused(&foreign)["problems"][0]["place"], "problem_sha256");
    let mut other = document(&plan);
    other["event"] = json!("relay-2024");
    assert_eq!(refused(&other)["problems"][0]["place"], "event");
    assert_eq!(refused(&json!({}))["problems"][0]["code"], "F038");
    assert_eq!(admin.get(&at("plans")).json()["items"], json!([]));

    // What one event remembers is of no use to another.
    bring(&admin, "relay-2024").is(201);
    admin
        .post("/api/v1/events/relay-2024/plans", &document(&plan))
        .refuses(422, "invalid");
}
