//! The doctor names every zone in which older rules would make someone an hour late.

use std::collections::BTreeSet;

use crate::shell::{Desk, meridian, sample};

fn zones_that_differ(event: &str) -> BTreeSet<String> {
    let event = sample(event);
    let findings = meridian(["doctor".as_ref(), event.as_os_str(), "--json".as_ref()])
        .ending(0)
        .json();
    let all = findings["disagreements"]
        .as_array()
        .expect("there is a list");
    all.iter()
        .filter_map(|one| one["zone"].as_str())
        .map(str::to_owned)
        .collect()
}

#[test]
fn casablanca_differs_when_europes_clocks_go_back() {
    let zones = zones_that_differ("midnight-dst-eu");
    assert!(zones.contains("Africa/Casablanca"), "{zones:?}");
    assert!(
        !zones.contains("Europe/Berlin") && !zones.contains("America/Havana"),
        "{zones:?}"
    );
}

#[test]
fn vancouver_edmonton_havana_and_casablanca_differ_when_new_yorks_clocks_go_back() {
    let zones = zones_that_differ("midnight-dst-us");
    for zone in [
        "America/Vancouver",
        "America/Edmonton",
        "America/Havana",
        "Africa/Casablanca",
    ] {
        assert!(zones.contains(zone), "{zone} is not in {zones:?}");
    }
    assert!(!zones.contains("America/New_York"), "{zones:?}");
}

#[test]
fn nothing_differs_in_the_past() {
    assert_eq!(zones_that_differ("first-relay"), BTreeSet::new());
}

#[test]
fn the_doctor_says_span_both_offsets_and_whom_it_concerns() {
    let event = sample("midnight-dst-us");
    let told = meridian(["doctor".as_ref(), event.as_os_str()]).ending(0);
    let mut lines = told
        .out
        .lines()
        .skip_while(|line| !line.contains("America/Havana"));
    let found = lines.next().expect("Havana is named");
    assert!(found.contains("2026-11-01 05:00 to 18:00 UTC"), "{found}");
    assert!(
        found.contains("UTC-04:00 (second opinion UTC-05:00)"),
        "{found}"
    );
    let who = lines.next().expect("its people are named");
    assert!(who.contains("group havana"), "{who}");
}

#[test]
fn without_an_event_the_doctor_looks_two_years_ahead() {
    let findings = meridian(["doctor", "--from", "2026-10-01", "--json"])
        .ending(0)
        .json();
    assert_eq!(findings["span"]["start"], "2026-10-01T00:00:00Z");
    assert_eq!(findings["span"]["end"], "2028-10-01T00:00:00Z");
    let all = findings["disagreements"]
        .as_array()
        .expect("there is a list");
    let zones: BTreeSet<_> = all.iter().filter_map(|one| one["zone"].as_str()).collect();
    for zone in [
        "America/Winnipeg",
        "Africa/El_Aaiun",
        "Cuba",
        "Canada/Pacific",
    ] {
        assert!(zones.contains(zone), "{zone} is not in {zones:?}");
    }
    meridian(["doctor", "--from", "9999-01-01"]).ending(2);
}

#[test]
fn an_event_that_was_compiled_with_other_rules_is_told() {
    let desk = Desk::with("midnight-dst-us");
    let (event, problem) = (desk.event(), desk.path("problem.json"));
    desk.plan(&["--problem-out", &problem]);
    for compiled in [&event, &problem] {
        let findings = meridian(["doctor", compiled, "--json"]).ending(0).json();
        assert_eq!(findings["event_rules"], "same");
    }
    // A zone set in which Havana keeps Tokyo's time.
    let older = desk.path("older");
    let zones = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/tzdb/zoneinfo");
    let used = meridian(["doctor", &problem, "--json"]).json();
    for name in used["used_by_event"]
        .as_object()
        .expect("zones are named")
        .keys()
    {
        let to = format!("{older}/{name}");
        let from = if name == "America/Havana" {
            "Asia/Tokyo"
        } else {
            name
        };
        let folder = std::path::Path::new(&to).parent().expect("it has a folder");
        std::fs::create_dir_all(folder).expect("the desk is writable");
        std::fs::copy(format!("{zones}/{from}"), &to).expect("the zone is there");
    }
    let other = ["--zoneinfo", &older, "--zoneinfo-version", "1"];
    let with_other = || {
        meridian(["doctor", &problem].into_iter().chain(other))
            .ending(0)
            .out
    };
    let told = with_other();
    assert!(
        told.contains("2026f, which differ from 1 over it"),
        "{told}"
    );
    std::fs::remove_file(format!("{older}/America/Havana")).expect("it was there");
    let told = with_other();
    assert!(
        told.contains("which the zone set 1 does not hold"),
        "{told}"
    );
}
