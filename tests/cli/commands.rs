//! Planning, checking, explaining and comparing: exit codes, messages, files.

use crate::shell::{Desk, meridian, sample};
use serde_json::Value;

/// Takes every stream operator away for the first hour of First Relay.
fn without_stream_operators(desk: &Desk) {
    let operators = String::from_utf8(desk.bytes("event/operators.csv")).expect("UTF-8");
    let rows: String = operators
        .lines()
        .filter(|line| line.contains("stream-operator"))
        .filter_map(|line| line.split(',').next())
        .map(|id| format!("operator,{id},impossible,2024-08-24T03:00Z,2024-08-24T04:00Z,\n"))
        .collect();
    desk.append("availability.csv", &rows);
}

#[test]
fn a_whole_plan_ends_with_0_and_says_what_to_do_next() {
    let desk = Desk::with("first-relay");
    let told = desk.plan(&[]).ending(0);
    assert!(
        told.out
            .contains("First Relay: a whole plan, nothing is missing"),
        "{}",
        told.out
    );
    assert!(told.out.contains("meridian show"), "{}", told.out);
    assert_eq!(told.err, "");
    assert_eq!(desk.written(), ["plan.json"]);
    let checked = desk.on_plan("check", &[]).ending(0);
    assert!(checked.out.contains("nothing missing"), "{}", checked.out);
    let explained = desk.on_plan("explain", &[]).ending(0);
    assert!(
        explained.out.contains("Nothing is missing"),
        "{}",
        explained.out
    );
}

#[test]
fn a_plan_with_a_gap_is_written_all_the_same_and_ends_with_1() {
    let desk = Desk::with("first-relay");
    without_stream_operators(&desk);
    let told = desk.plan(&[]).ending(1);
    assert!(
        told.out.contains("a plan with something missing"),
        "{}",
        told.out
    );
    assert!(told.out.contains("Sat 24 Aug 12:00–13:00"), "{}", told.out);
    assert!(told.out.contains("meridian explain"), "{}", told.out);
    let checked = desk.on_plan("check", &[]).ending(1);
    assert!(checked.out.contains("M04 gap"), "{}", checked.out);
}

#[test]
fn explain_names_the_first_rule_that_excludes_each_person() {
    let desk = Desk::with("first-relay");
    without_stream_operators(&desk);
    desk.plan(&[]).ending(1);
    let told = desk.on_plan("explain", &[]).ending(1);
    assert!(
        told.out
            .contains("stream-operator lacks 1 person, Sat 24 Aug 12:00–13:00"),
        "{}",
        told.out
    );
    assert!(told.out.contains("H12 operator-available"), "{}", told.out);
    let reasons = desk.on_plan("explain", &["--json"]).ending(1).json();
    assert_eq!(reasons["gaps"][0]["duty"], "stream-operator");
    let exclusions = reasons["gaps"][0]["exclusions"]
        .as_array()
        .expect("there are exclusions");
    let kyoto_fox = exclusions
        .iter()
        .find(|one| one["subject"]["operator"] == "kyoto-fox");
    assert_eq!(kyoto_fox.expect("she has the skill")["rule"], "H12");
}

#[test]
fn explain_ranks_who_could_take_a_shift_and_refuses_one_that_is_not_there() {
    let desk = Desk::with("first-relay");
    desk.plan(&[]).ending(0);
    let plan = desk.json("plan.json");
    let shift = plan["shifts"][0]["id"].as_str().expect("shifts have ids");
    let holder = plan["shifts"][0]["operator"].as_str().expect("and people");
    let told = desk.on_plan("explain", &["--shift", shift]).ending(0);
    assert!(told.out.contains(&format!("now {holder}")), "{}", told.out);
    assert!(
        told.out.contains("At once, cheapest first:"),
        "{}",
        told.out
    );
    let json = desk
        .on_plan("explain", &["--shift", shift, "--json"])
        .ending(0)
        .json();
    assert_eq!(json["wanted"]["shift"], shift);
    assert_eq!(json["takers"][0]["stands"]["can"], "now");
    let refused = desk.on_plan("explain", &["--shift", "gap-1"]).ending(2);
    assert!(
        refused.err.contains("neither a shift nor a gap"),
        "{}",
        refused.err
    );
}

/// Takes what `unwanted` says out of a list of the plan.
fn without(desk: &Desk, list: &str, unwanted: impl Fn(&Value) -> bool) {
    let mut plan = desk.json("plan.json");
    let items = plan[list].as_array_mut().expect("plans hold lists");
    items.retain(|item| !unwanted(item));
    desk.put("plan.json", &plan.to_string());
}

#[test]
fn explain_ends_with_1_for_an_hour_without_a_host() {
    let desk = Desk::with("first-relay");
    desk.plan(&[]).ending(0);
    without(&desk, "blocks", |block| block["group"] == "berlin");
    let told = desk.on_plan("explain", &[]).ending(1);
    assert!(told.out.contains("track a has no host"), "{}", told.out);
    assert!(!told.out.contains("Nothing is missing"), "{}", told.out);
}

#[test]
fn explain_ends_with_1_when_only_an_alert_is_short() {
    let desk = Desk::with("first-relay");
    desk.plan(&[]).ending(0);
    let event = String::from_utf8(desk.bytes("event/event.toml")).expect("UTF-8");
    let more = event.replace("[policy]", "[policy]\nalert_people = 20");
    desk.put("event/event.toml", &more);
    let told = desk.on_plan("explain", &[]).ending(1);
    assert!(told.out.contains("short for the alert"), "{}", told.out);
    assert!(!told.out.contains("Nothing is missing"), "{}", told.out);
    let json = desk.on_plan("explain", &["--json"]).ending(1).json();
    assert_eq!(json["gaps"], serde_json::json!([]));
    assert_eq!(json["alert_short"][0]["rule"], "M05");
    let planned = desk.plan(&[]).ending(1);
    assert!(
        planned.out.contains("person-hours short of 20"),
        "{}",
        planned.out
    );
}

#[test]
fn explain_sends_to_check_when_a_rule_is_broken() {
    let desk = Desk::with("first-relay");
    desk.plan(&[]).ending(0);
    let mut plan = desk.json("plan.json");
    for shift in plan["shifts"].as_array_mut().expect("shifts") {
        shift["operator"] = "kyoto-fox".into();
    }
    desk.put("plan.json", &plan.to_string());
    let told = desk.on_plan("explain", &[]).ending(1);
    assert!(told.out.contains("run `meridian check`"), "{}", told.out);
    assert!(!told.out.contains("Nothing is missing"), "{}", told.out);
    let json = desk.on_plan("explain", &["--json"]).ending(1).json();
    assert!(json["broken"][0]["rule"].is_string(), "{json}");
}

#[test]
fn no_title_or_id_can_steer_the_terminal() {
    let desk = Desk::with("first-relay");
    let problem = desk.path("problem.json");
    desk.plan(&["--problem-out", &problem]).ending(0);
    let evil = "Evil\u{1b}]0;x\u{7}\n\u{202e}title\u{9b}2J";
    let mut changed = desk.json("problem.json");
    changed["event"]["title"] = evil.into();
    for session in changed["sessions"].as_array_mut().expect("sessions") {
        session["title"] = evil.into();
    }
    desk.put("problem.json", &changed.to_string());
    without(&desk, "sessions", |_| true);
    let plan = desk.path("plan.json");
    let next = desk.path("next.json");
    let mut odd = desk.json("plan.json");
    for block in odd["blocks"].as_array_mut().expect("blocks") {
        block["group"] = evil.into();
    }
    desk.put("odd.json", &odd.to_string());
    let odd = desk.path("odd.json");
    for args in [
        vec!["plan", &problem, "--effort", "1", "--out", &next],
        vec!["check", &problem, &plan],
        vec!["explain", &problem, &plan],
        vec!["explain", &problem, &odd],
        vec!["check", &problem, &odd],
        vec!["doctor", &problem],
        vec!["diff", &plan, &odd],
        vec!["show", &problem, &plan],
    ] {
        let told = meridian(&args);
        let said = format!("{}{}", told.out, told.err);
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(said.contains("Evil"), "{args:?}: {said}");
        assert!(!said.contains(steers), "{args:?}: {said:?}");
        assert!(
            !said.lines().any(|line| line.starts_with("title")),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn bad_input_lists_every_problem_ends_with_2_and_writes_nothing() {
    let desk = Desk::with("first-relay");
    desk.append(
        "sessions.csv",
        "s99,Lost,talk,45,15,en,speaker-99,,,,nowhere,,,\n",
    );
    desk.append(
        "operators.csv",
        "mars-rover,kyoto,Mars/Olympus,moderator,,,,\n",
    );
    desk.put("plan.json", "an older plan");
    let problem = desk.path("problem.json");
    let told = desk.plan(&["--problem-out", &problem]).ending(2);
    for said in [
        "speaker-99",
        "nowhere",
        "Mars/Olympus",
        "sessions.csv:",
        "operators.csv:",
    ] {
        assert!(told.err.contains(said), "{said} is not in {}", told.err);
    }
    assert_eq!(told.out, "");
    assert_eq!(desk.written(), ["plan.json"]);
    assert_eq!(desk.bytes("plan.json"), b"an older plan");
}

#[test]
fn every_kind_of_bad_folder_ends_with_2_and_writes_nothing() {
    let desk = Desk::with("first-relay");
    let out = desk.path("plan.json");
    let bad = sample("../bad");
    let mut n_cases = 0;
    for case in std::fs::read_dir(bad)
        .expect("there are bad folders")
        .flatten()
    {
        if case.path().is_dir() {
            let folder = case.path();
            let told = meridian([
                "plan".as_ref(),
                folder.as_os_str(),
                "--out".as_ref(),
                out.as_ref(),
            ])
            .ending(2);
            assert!(
                told.err.ends_with("nothing was written\n") && told.out.is_empty(),
                "{}",
                told.err
            );
            n_cases += 1;
        }
    }
    assert!(n_cases > 12 && desk.written().is_empty(), "{n_cases} cases");
}

#[test]
fn bad_input_is_json_for_a_machine() {
    let desk = Desk::with("first-relay");
    desk.append(
        "operators.csv",
        "mars-rover,kyoto,Mars/Olympus,moderator,,,,\n",
    );
    let told = desk.plan(&["--json"]).ending(2);
    let faults = told.json();
    let fault = &faults["faults"][0];
    assert_eq!(fault["file"], "operators.csv");
    assert_eq!(fault["code"], "F012");
    assert!(
        fault["line"].is_u64() && fault["remedy"].is_string(),
        "{fault}"
    );
    assert_eq!(told.err, "");
}

#[test]
fn what_is_not_an_event_or_not_there_is_refused_by_name() {
    let desk = Desk::with("first-relay");
    let told = meridian(["plan", &desk.path("nowhere")]).ending(2);
    assert!(
        told.err.contains("nowhere") && told.err.contains("no such"),
        "{}",
        told.err
    );
    let told = meridian(["plan", &desk.path(".")]).ending(2);
    assert!(told.err.contains("event.toml"), "{}", told.err);
    let told = desk.on_plan("check", &[]).ending(2);
    assert!(told.err.contains("plan.json"), "{}", told.err);
    desk.put("plan.json", "{\"format\": \"meridian-plan/1\"");
    let told = desk.on_plan("show", &[]).ending(2);
    assert!(told.err.contains("plan.json"), "{}", told.err);
}

#[test]
fn a_place_that_cannot_be_written_is_refused_before_the_search() {
    let desk = Desk::with("first-relay");
    let nowhere = desk.path("event/event.toml/plan.json");
    let event = desk.event();
    for more in [["--out", &nowhere], ["--problem-out", &nowhere]] {
        let told = meridian(["plan", &event, "--effort", "9"].iter().chain(&more)).ending(2);
        assert!(told.err.contains("event.toml/plan.json"), "{}", told.err);
        assert!(told.err.contains(more[0]), "{}", told.err);
    }
    let told = meridian(["plan", &event, "--out", &event]).ending(2);
    assert!(told.err.contains("it is a folder"), "{}", told.err);
    assert!(desk.written().is_empty());
}

#[test]
fn a_plan_goes_through_a_link_and_the_link_stays() {
    let desk = Desk::with("first-relay");
    let link = desk.path("plan.json");
    std::os::unix::fs::symlink("real.json", &link).expect("links can be made");
    desk.plan(&[]).ending(0);
    let there = std::fs::symlink_metadata(&link).expect("the link is there");
    assert!(there.is_symlink());
    assert_eq!(desk.written(), ["plan.json", "real.json"]);
    assert_eq!(desk.json("real.json")["event"], "first-relay");
}

#[test]
fn a_folder_around_many_others_is_refused_instead_of_read() {
    let desk = Desk::with("first-relay");
    let deep = desk.path("event/a/b/c/d/e/f");
    std::fs::create_dir_all(&deep).expect("the desk is writable");
    let told = desk.plan(&[]).ending(2);
    assert!(told.err.contains("nest deeper"), "{}", told.err);
}

#[test]
fn a_pipe_in_the_folder_is_refused_instead_of_waited_for() {
    let desk = Desk::with("first-relay");
    let made = std::process::Command::new("mkfifo")
        .arg(desk.path("event/pins.csv"))
        .status();
    assert!(made.expect("pipes can be made").success());
    let told = desk.plan(&[]).ending(2);
    assert!(
        told.err.contains("pins.csv") && told.err.contains("pipe"),
        "{}",
        told.err
    );
}

#[test]
fn a_number_below_its_range_is_told_its_range() {
    for option in ["--effort", "--seed", "--time-limit"] {
        let told = meridian(["plan", "x", option, "-1"]).ending(2);
        assert!(told.err.contains("invalid value '-1'"), "{}", told.err);
    }
}

#[test]
fn a_plan_after_the_last_revision_is_refused() {
    let desk = Desk::with("first-relay");
    desk.plan(&[]).ending(0);
    let mut plan = desk.json("plan.json");
    plan["revision"] = u32::MAX.into();
    desk.put("last.json", &plan.to_string());
    let told = desk.plan(&["--parent", &desk.path("last.json")]).ending(2);
    assert!(told.err.contains("no revision follows"), "{}", told.err);
}

#[test]
fn bad_usage_ends_with_2() {
    for args in [
        vec!["plan"],
        vec!["plan", "x", "--effort", "10"],
        vec!["plan", "x", "--time-limit", "-1"],
        vec!["doctor", "--zoneinfo-version", "2026f"],
        vec!["export", "x", "y"],
        vec!["launch"],
    ] {
        meridian(&args).ending(2);
    }
}

#[test]
fn bad_usage_is_json_for_a_machine() {
    for (args, code) in [
        (vec!["plan", "--json"], "F011"),
        (vec!["plan", "x", "--effort", "10", "--json"], "F031"),
        (vec!["show", "x", "y", "--json"], "F035"),
        (vec!["launch", "--json"], "F035"),
    ] {
        let told = meridian(&args).ending(2);
        let fault = &told.json()["faults"][0];
        assert_eq!(fault["code"], code, "{fault}");
        assert!(fault["what"].as_str().is_some_and(|what| !what.is_empty()));
        let remedy = fault["remedy"].as_str().expect("a remedy is text");
        assert!(
            remedy.contains("--help") && !remedy.contains("tip:"),
            "{remedy}"
        );
        assert_eq!(told.err, "");
    }
}

#[test]
fn a_plan_of_another_event_is_refused() {
    let desk = Desk::with("first-relay");
    desk.plan(&[]).ending(0);
    let other = sample("midnight-dst-eu");
    let told = meridian([
        "check".as_ref(),
        other.as_os_str(),
        desk.path("plan.json").as_ref(),
    ])
    .ending(2);
    assert!(told.err.contains("first-relay"), "{}", told.err);
}

#[test]
fn check_names_what_a_hand_removed_from_a_plan() {
    let desk = Desk::with("first-relay");
    desk.plan(&[]).ending(0);
    let mut plan = desk.json("plan.json");
    let shifts = plan["shifts"].as_array_mut().expect("there are shifts");
    let duty = shifts.remove(0)["duty"]
        .as_str()
        .expect("a shift has a duty")
        .to_owned();
    desk.put("plan.json", &plan.to_string());
    let told = desk.on_plan("check", &[]).ending(1);
    assert!(told.out.contains(&duty), "{duty} is not in {}", told.out);
    assert!(
        desk.on_plan("check", &["--json"]).ending(1).json()["score"]["medium"]["gaps"].as_i64()
            > Some(0)
    );
}

#[test]
fn documents_keep_their_published_schemas() {
    let desk = Desk::with("first-relay");
    let problem = desk.path("problem.json");
    let summary = desk
        .plan(&["--problem-out", &problem, "--json"])
        .ending(0)
        .json();
    let report = desk.on_plan("check", &["--json"]).ending(0).json();
    assert_eq!(summary["report"], report);
    let documents = [
        ("problem", desk.json("problem.json")),
        ("plan", desk.json("plan.json")),
        ("report", report),
    ];
    for (name, document) in documents {
        let schema = meridian(["schema", name]).ending(0).json();
        let validator = jsonschema::validator_for(&schema).expect("the schema is one");
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "in the {name}");
    }
}

#[test]
fn a_problem_document_gives_the_same_plan_as_its_folder() {
    let desk = Desk::with("first-relay");
    let (problem, again) = (desk.path("problem.json"), desk.path("again.json"));
    desk.plan(&["--problem-out", &problem]).ending(0);
    meridian(["plan", &problem, "--out", &again, "--effort", "1"]).ending(0);
    assert_eq!(desk.bytes("plan.json"), desk.bytes("again.json"));
}

#[test]
fn one_seed_gives_one_plan_and_another_seed_may_give_another() {
    let desk = Desk::with("first-relay");
    desk.plan(&["--seed", "7"]).ending(0);
    let first = desk.bytes("plan.json");
    desk.plan(&["--seed", "7"]).ending(0);
    assert_eq!(first, desk.bytes("plan.json"));
    desk.plan(&["--seed", "8"]).ending(0);
    assert_ne!(first, desk.bytes("plan.json"));
}

#[test]
fn a_plan_that_follows_another_counts_up_and_keeps_ids() {
    let desk = Desk::with("first-relay");
    desk.plan(&[]).ending(0);
    let (old, next) = (desk.path("plan.json"), desk.path("next.json"));
    let event = desk.event();
    meridian([
        "plan", &event, "--effort", "1", "--parent", &old, "--out", &next,
    ])
    .ending(0);
    let (before, after) = (desk.json("plan.json"), desk.json("next.json"));
    assert_eq!(
        after["revision"].as_i64(),
        before["revision"].as_i64().map(|revision| revision + 1)
    );
    assert_eq!(after["shifts"], before["shifts"]);
    let told = meridian(["diff", &old, &next]).ending(0);
    assert!(told.out.contains("say the same"), "{}", told.out);
}

#[test]
fn diff_tells_who_is_concerned() {
    let desk = Desk::with("first-relay");
    desk.plan(&[]).ending(0);
    let mut plan = desk.json("plan.json");
    let shifts = plan["shifts"].as_array_mut().expect("there are shifts");
    let gone = shifts.remove(3)["operator"]
        .as_str()
        .expect("a shift has an operator")
        .to_owned();
    desk.put("next.json", &plan.to_string());
    let (old, next) = (desk.path("plan.json"), desk.path("next.json"));
    let told = meridian(["diff", &old, &next]).ending(0);
    assert!(told.out.contains(&gone), "{gone} is not in {}", told.out);
    let changes = meridian(["diff", &old, &next, "--json"]).ending(0).json();
    assert_eq!(
        changes["shifts"]["removed"][0]["operator"],
        Value::String(gone)
    );
}

#[test]
fn the_option_for_clashes_wins_over_the_folder() {
    let desk = Desk::with("first-relay");
    let problem = desk.path("problem.json");
    for how in ["block", "weigh", "ignore"] {
        let told = desk.plan(&["--clashes", how, "--problem-out", &problem]);
        assert!(matches!(told.code, Some(0 | 1)), "{}", told.err);
        let problem = desk.json("problem.json");
        assert_eq!(problem["event"]["policy"]["clashes"], how);
        let events = problem["regional_events"]
            .as_array()
            .expect("there are regional events");
        assert!(!events.is_empty() && events.iter().all(|event| event["impact"] == how));
        let checked = desk.on_plan("check", &["--clashes", how]);
        assert_eq!((checked.code, checked.err.as_str()), (told.code, ""));
    }
}

#[test]
fn a_change_of_the_folder_after_the_plan_is_noted() {
    let desk = Desk::with("first-relay");
    desk.plan(&[]).ending(0);
    desk.append(
        "busy.csv",
        "operator,kyoto-fox,2024-08-20T10:00Z,2024-08-27T12:00Z\n",
    );
    let told = desk.on_plan("check", &[]);
    assert!(told.err.contains("the input has changed"), "{}", told.err);
}

#[test]
fn another_zone_set_is_used_and_named() {
    let desk = Desk::with("first-relay");
    let zones = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/tzdb/zoneinfo");
    desk.plan(&["--zoneinfo", zones, "--zoneinfo-version", "2099z"])
        .ending(0);
    assert_eq!(desk.json("plan.json")["tzdb"]["version"], "2099z");
    let told = desk.on_plan("check", &[]).ending(0);
    assert!(told.err.contains("2099z"), "{}", told.err);
    let told = desk
        .plan(&[
            "--zoneinfo",
            &desk.path("nowhere"),
            "--zoneinfo-version",
            "1",
        ])
        .ending(2);
    assert!(told.err.contains("nowhere"), "{}", told.err);
}
