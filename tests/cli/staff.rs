//! `meridian staff`: the verdict, the page, the exit code.

use crate::shell::{Desk, meridian};

/// Takes away everyone who can do something that `skill` is a part of.
fn without(desk: &Desk, skill: &str) {
    let operators = String::from_utf8(desk.bytes("event/operators.csv")).expect("UTF-8");
    let rows: String = operators
        .lines()
        .filter(|line| line.contains(skill))
        .filter_map(|line| line.split(',').next())
        .map(|id| format!("operator,{id},impossible,2024-08-24T09:00Z,2024-08-24T15:00Z,\n"))
        .collect();
    desk.append("availability.csv", &rows);
}

#[test]
fn an_event_with_enough_people_ends_with_0() {
    let desk = Desk::with("first-relay");
    let told = meridian(["staff", &desk.event()]).ending(0);
    assert!(
        told.out
            .contains("**Yes: there are people for all of it.**"),
        "{}",
        told.out
    );
    assert!(told.out.contains("## Call for help"), "{}", told.out);
    assert_eq!((told.err.as_str(), desk.written().len()), ("", 0));
}

#[test]
fn who_is_missing_is_named_by_role_and_window_and_asked_for_where_it_is_day() {
    let desk = Desk::with("first-relay");
    without(&desk, "stream-operator");
    let out = desk.path("call.md");
    let told = meridian(["staff", &desk.event(), "--out", &out]).ending(1);
    let missing = "- 1 × Stream operator, Sat 24 Aug 09:00–12:00 UTC (3 person-hours)";
    assert!(
        told.out.contains("**Enough people in 6 of 8 windows.**"),
        "{}",
        told.out
    );
    assert!(told.out.contains(missing), "{}", told.out);
    assert!(
        told.out
            .contains("at least 6 of 72 person-hours stay uncovered"),
        "{}",
        told.out
    );
    assert!(!told.out.contains("## Call for help"), "{}", told.out);
    let page = String::from_utf8(desk.bytes("call.md")).expect("UTF-8");
    let ask = "- 1 × Stream operator: Sat 24 Aug 11:00–14:00 your time (09:00–12:00 UTC)";
    assert!(page.contains(missing) && page.contains(ask), "{page}");
    // The plan has no fewer gaps than that.
    desk.plan(&[]).ending(1);
    let checked = desk.on_plan("check", &["--json"]).json();
    assert!(
        checked["score"]["medium"]["gaps"].as_i64() >= Some(24),
        "{checked}"
    );
}

#[test]
fn the_counts_are_json_for_a_machine_and_a_plan_makes_them_exact() {
    let desk = Desk::with("first-relay");
    let event = desk.event();
    let told = meridian(["staff", &event, "--json"]).ending(0).json();
    assert_eq!(told["verdict"], "yes");
    assert_eq!(told["staffing"]["basis"], "hosts");
    desk.plan(&[]).ending(0);
    let plan = desk.path("plan.json");
    let told = meridian(["staff", &event, "--plan", &plan, "--json"])
        .ending(0)
        .json();
    assert_eq!(told["staffing"]["basis"], "plan");
    let needs = told["staffing"]["needs"]
        .as_array()
        .expect("there are needs");
    assert!(needs.iter().all(|need| need["certainty"] == "certain"));
}

#[test]
fn bad_input_is_refused_as_everywhere() {
    let desk = Desk::with("first-relay");
    meridian(["staff", &desk.path("nowhere")]).ending(2);
    let (event, nowhere) = (desk.event(), desk.path("event/event.toml/call.md"));
    let told = meridian(["staff", &event, "--out", &nowhere]).ending(2);
    assert!(told.err.contains("--out"), "{}", told.err);
    meridian(["staff", &event, "--plan", &desk.path("no.json")]).ending(2);
}
