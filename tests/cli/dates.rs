//! `meridian dates`: what it says, and what it refuses.

use crate::shell::{Desk, meridian, sample};

const RULE: [&str; 4] = ["--from", "2024-08-10", "--to", "2024-08-24"];

fn quickly(desk: &Desk, more: &[&str]) -> crate::shell::Told {
    let event = desk.event();
    let mut args = vec![
        "dates", &event, "--engine", "pure", "--effort", "1", "--top", "1",
    ];
    args.extend(more);
    meridian(args)
}

#[test]
fn dates_are_ranked_with_what_happens_on_them() {
    let desk = Desk::with("first-relay");
    desk.put(
        "event/regional/days.csv",
        "id,title,kind,start,end,countries\nday,Mountain Day,holiday,2024-08-11,2024-08-11,JP\n",
    );
    let told = quickly(&desk, &RULE).ending(0);
    assert!(
        told.out
            .starts_with("First Relay: 3 dates compared, the best first\n"),
        "{}",
        told.out
    );
    for part in [
        "Sat 10 Aug 2024 12:00",
        "holidays     Mountain Day (JP)",
        "clocks       none change during the event",
        "not known    holidays are known from 2024-08-11 to 2024-08-25 only",
        "looked into  planned in full",
        "Times are in Asia/Tokyo.",
    ] {
        assert!(told.out.contains(part), "{part:?} is not in {}", told.out);
    }
    let best = told.out.split("\n2. ").next().unwrap_or_default();
    assert!(!best.contains("loses by"), "{best}");
    let lost = told.out.matches("loses by     cost ").count();
    assert!(
        lost >= 1
            && told
                .out
                .contains("it would be as good were these no dearer: "),
        "{}",
        told.out
    );
    let brief = quickly(&desk, &[&RULE[..], &["--brief"]].concat()).ending(0);
    assert_eq!(brief.out.lines().count(), 6, "{}", brief.out);
    let again = quickly(&desk, &RULE).ending(0);
    assert_eq!(again.out, told.out);
}

#[test]
fn a_machine_reads_every_date_with_its_facts() {
    let desk = Desk::with("first-relay");
    let told = quickly(
        &desk,
        &[
            "--rule",
            "weekends from 2024-08-10 to 2024-08-24, 12:00 Asia/Tokyo",
            "--json",
        ],
    );
    let answer = told.ending(0).json();
    assert_eq!(answer["format"], "meridian-dates/1");
    let dates = answer["dates"].as_array().expect("a list");
    assert_eq!(dates.len(), 3);
    for (n, date) in dates.iter().enumerate() {
        assert_eq!(date["rank"], n + 1);
        assert!(date["bound"]["soft"].is_i64());
        assert!(date["score"]["medium"].is_object());
        assert_eq!(date["facts"]["people"].as_array().map(Vec::len), Some(24));
        assert_eq!(
            date["reasons"]["behind"].is_null(),
            date["score"] == dates[0]["score"]
        );
    }
    assert_eq!(
        dates
            .iter()
            .filter(|date| date["status"] == "planned")
            .count(),
        1
    );
    let of_own_date = dates
        .iter()
        .find(|date| date["civil_start"] == "2024-08-24T12:00+09:00");
    assert!(of_own_date.is_some_and(|date| date["assumed"]["operators"] == serde_json::json!([])));
}

#[test]
fn dates_that_are_not_said_and_documents_of_one_date_are_refused() {
    let desk = Desk::with("first-relay");
    let told = quickly(&desk, &[]).ending(2);
    assert!(
        told.err.contains("it is not said which dates to compare"),
        "{}",
        told.err
    );
    let told = quickly(&desk, &["--date", "next week"]).ending(2);
    assert!(
        told.err.contains("--date: \"next week\" is no time [F015"),
        "{}",
        told.err
    );
    let told = quickly(
        &desk,
        &[
            "--from",
            "2024-08-10",
            "--to",
            "2024-08-24",
            "--json",
            "--weekdays",
            "someday",
        ],
    );
    assert_eq!(told.ending(2).json()["faults"][0]["code"], "F035");
    desk.plan(&[
        "--engine",
        "pure",
        "--problem-out",
        &desk.path("problem.json"),
    ])
    .ending(0);
    let told = meridian(["dates", &desk.path("problem.json")]).ending(2);
    assert!(
        told.err.contains("it is a document of one date"),
        "{}",
        told.err
    );
}

#[test]
fn a_scan_that_runs_out_of_time_tells_what_was_not_reached() {
    let event = sample("relay-2024");
    let event = event.to_str().expect("a plain path");
    let told = meridian([
        "dates",
        event,
        "--engine",
        "pure",
        "--time-limit",
        "0.000001",
    ])
    .ending(1);
    assert!(told.out.contains("not looked at"), "{}", told.out);
    assert!(
        told.out
            .contains("holidays     Autumnal Equinox Day (JP), Kwame Nkrumah Memorial Day (GH)"),
        "{}",
        told.out
    );
}
