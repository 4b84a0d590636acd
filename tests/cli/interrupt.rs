//! A search that is cut short, by a person or by the clock, leaves a whole and checked plan.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::shell::{Desk, Told, command, meridian, sample};

/// Waits until the process handles SIGINT, as the kernel tells it.
fn wait_until_it_listens(pid: u32) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        // SIGINT is signal 2; the lowest bit stands for signal 1.
        if caught.is_some_and(|mask| mask & 0b10 != 0) {
            return;
        }
        std::thread::yield_now();
    }
    panic!("the process never listened to Ctrl-C");
}

#[test]
fn ctrl_c_ends_with_130_and_leaves_a_checked_plan() {
    interrupted_by("-INT");
}

#[test]
fn a_polite_kill_does_the_same() {
    interrupted_by("-TERM");
}

fn interrupted_by(signal: &str) {
    let desk = Desk::with("first-relay");
    let event = sample("relay-2024");
    let mut search = command();
    search.arg("plan").arg(&event);
    search.args(["--effort", "9", "--out", &desk.path("plan.json")]);
    search.stdout(Stdio::piped()).stderr(Stdio::piped());
    let search = search.spawn().expect("the binary starts");
    wait_until_it_listens(search.id());
    let killed = Command::new("kill")
        .args([signal, &search.id().to_string()])
        .status();
    assert!(killed.is_ok_and(|status| status.success()));
    let told = Told::from(search.wait_with_output().expect("the search ends"));
    let told = told.ending(130);
    assert!(told.out.contains("cut short"), "{}", told.out);

    assert_eq!(desk.written(), ["plan.json"]);
    let plan = desk.json("plan.json");
    assert_eq!(plan["made_by"]["stopped"], true);
    let checked = meridian([
        "check".as_ref(),
        event.as_os_str(),
        desk.path("plan.json").as_ref(),
        "--json".as_ref(),
    ]);
    assert_eq!(checked.json()["score"], plan["score"]);
    assert_eq!(plan["score"]["hard"], 0);
}

#[test]
fn the_time_limit_ends_the_search_and_the_plan_says_so() {
    let desk = Desk::with("first-relay");
    let (event, out) = (desk.event(), desk.path("plan.json"));
    let told = meridian([
        "plan",
        &event,
        "--out",
        &out,
        "--effort",
        "9",
        "--time-limit",
        "0.001",
    ]);
    assert!(matches!(told.code, Some(0 | 1)), "{}", told.err);
    let plan = desk.json("plan.json");
    assert_eq!(plan["made_by"]["stopped"], true);
    assert_eq!(plan["score"]["hard"], 0);
}
