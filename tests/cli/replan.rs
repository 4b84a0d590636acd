//! Mending a published plan: who is named, what is written, and what is left alone.

use serde_json::Value;

use crate::shell::Desk;

/// Someone on duty in `plan.json`, and how many shifts everyone has there.
fn someone_on_duty(desk: &Desk) -> (String, usize) {
    let plan = desk.json("plan.json");
    let shifts = plan["shifts"].as_array().expect("plans hold shifts");
    let who = shifts[3]["operator"].as_str().expect("a handle").to_owned();
    (who, shifts.len())
}

fn published() -> Desk {
    let desk = Desk::with("first-relay");
    desk.plan(&["--engine", "pure"]).ending(0);
    desk
}

/// Runs `meridian replan` into `next.json`.
fn replan(desk: &Desk, more: &[&str]) -> crate::shell::Told {
    let next = desk.path("next.json");
    let mut args = vec!["--engine", "pure", "--effort", "1", "--out", &next];
    args.extend(more);
    desk.on_plan("replan", &args)
}

/// The shifts of a plan that are not `who`'s, by id.
fn others(desk: &Desk, plan: &str, who: &[&str]) -> Vec<Value> {
    let plan = desk.json(plan);
    let shifts = plan["shifts"].as_array().expect("plans hold shifts");
    let of_others = shifts
        .iter()
        .filter(|shift| !who.contains(&shift["operator"].as_str().unwrap_or_default()));
    of_others.cloned().collect()
}

#[test]
fn whoever_drops_out_is_replaced_and_everyone_concerned_is_named_in_her_own_zone() {
    let desk = published();
    let (who, _) = someone_on_duty(&desk);
    let preview = replan(&desk, &["--without", &who, "--preview"]).ending(0);
    assert!(
        preview.out.contains("Nothing was written"),
        "{}",
        preview.out
    );
    assert_eq!(desk.written(), ["plan.json"]);
    let told = replan(&desk, &["--without", &who]).ending(0);
    let names = |text: &str| text.lines().take(12).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        names(&told.out),
        names(&preview.out),
        "a preview says what is done"
    );
    assert!(told.out.contains(&format!("  {who} (")), "{}", told.out);
    let taken_over = ["    gains ", "    moves "];
    assert!(
        told.out.contains("    loses ") && taken_over.iter().any(|how| told.out.contains(how)),
        "{}",
        told.out
    );
    let json = replan(&desk, &["--without", &who, "--json"])
        .ending(0)
        .json();
    assert_eq!(json["released"], serde_json::json!([who]));
    assert_eq!(
        (&json["reach"], &json["revision"]),
        (&"within-cap".into(), &1.into())
    );
    let asked = json["disturbed"].as_array().expect("a list of handles");
    assert!((1..=3).contains(&asked.len()), "{json}");
    let mut concerned: Vec<&str> = asked.iter().filter_map(Value::as_str).collect();
    concerned.push(&who);
    assert_eq!(
        others(&desk, "plan.json", &concerned),
        others(&desk, "next.json", &concerned),
        "everyone who is not named keeps everything"
    );
    let next = desk.path("next.json");
    crate::shell::meridian(["check", &desk.event(), &next]).ending(0);
}

#[test]
fn a_folder_that_has_not_changed_leaves_the_plan_as_it_is() {
    let desk = published();
    let told = replan(&desk, &[]).ending(0);
    assert!(
        told.out.contains("The published plan stands"),
        "{}",
        told.out
    );
    assert_eq!(
        others(&desk, "plan.json", &[]),
        others(&desk, "next.json", &[])
    );
    let next = desk.json("next.json");
    assert_eq!(next["revision"], 1);
}

#[test]
fn what_the_folder_says_now_is_what_counts() {
    let desk = published();
    let (who, n_shifts) = someone_on_duty(&desk);
    let row = format!("operator,{who},impossible,2024-08-24T00:00Z,2024-08-26T00:00Z,\n");
    desk.append("availability.csv", &row);
    let json = replan(&desk, &["--json"]).ending(0).json();
    assert_eq!(json["released"], serde_json::json!([who]));
    assert!(others(&desk, "next.json", &[&who]).len() + 3 > n_shifts);
    assert_eq!(json["report"]["score"]["hard"], 0);
}

#[test]
fn planning_anew_is_told_beside_it_when_asked() {
    let desk = published();
    let (who, _) = someone_on_duty(&desk);
    let told = replan(&desk, &["--without", &who, "--compare", "--preview"]).ending(0);
    assert!(told.out.contains("Planned anew: "), "{}", told.out);
    let json = replan(&desk, &["--without", &who, "--compare", "--json"]).ending(0);
    assert!(json.json()["anew"]["disturbed"].is_u64(), "{}", json.out);
}

#[test]
fn someone_unknown_is_refused_with_the_nearest_name_and_nothing_is_written() {
    let desk = published();
    let told = replan(&desk, &["--without", "kyoto-craen", "--without", "nobody"]).ending(2);
    assert!(told.err.contains("\"kyoto-craen\""), "{}", told.err);
    assert!(told.err.contains("perhaps \"kyoto-"), "{}", told.err);
    assert!(told.err.contains("2 problems"), "{}", told.err);
    assert_eq!(desk.written(), ["plan.json"]);
    let told = replan(&desk, &["--max-disturbed", "-1"]).ending(2);
    assert!(told.err.contains("invalid value '-1'"), "{}", told.err);
}

#[test]
fn a_group_that_withdraws_hosts_no_more_and_its_people_may_still_help() {
    let desk = published();
    let told = replan(&desk, &["--without", "kyoto"]);
    assert!(matches!(told.code, Some(0 | 1)), "{}", told.err);
    assert!(
        told.out.contains("\nHosts\n") && told.out.contains("\n  kyoto (Asia/Tokyo)\n"),
        "{}",
        told.out
    );
    let next = desk.json("next.json");
    let blocks = next["blocks"].as_array().expect("plans hold blocks");
    assert!(blocks.iter().all(|block| block["group"] != "kyoto"));
}

#[test]
fn a_pin_of_someone_absent_is_told_as_broken() {
    let desk = published();
    let plan = desk.json("plan.json");
    let shift = &plan["shifts"][3];
    let text = |key: &str| shift[key].as_str().expect("text").to_owned();
    let span = |key: &str| shift["span"][key].as_str().expect("an instant").to_owned();
    let (who, duty) = (text("operator"), text("duty"));
    let handover = shift["handover_min"].to_string();
    let pin = format!(
        "shift,{who},{duty},{},{},,{handover}\n",
        span("start"),
        span("end")
    );
    let header = "kind,who,what,start,end,zone,handover_min\n";
    desk.put("event/pins.csv", &format!("{header}{pin}"));
    let told = replan(&desk, &["--without", &who]).ending(1);
    assert!(told.err.contains("pins.csv"), "{}", told.err);
    assert!(told.out.contains("1 broken rule"), "{}", told.out);
    replan(&desk, &[]).ending(0);
}
