//! HTML pages; they are left in the target directory with their calendars, for a browser to look at.

use std::collections::BTreeSet;
use std::path::PathBuf;

use meridian_formats::export::ics::Scope;
use meridian_formats::export::{Audience, html, ics};
use meridian_model::plan::Plan;
use meridian_model::score::Report;
use meridian_model::{Problem, ZoneName};

use crate::dense::dense;
use crate::fixture::{HOSTILE, ZONES, small, wide};

fn page(event: &(Problem, Plan, Report), audience: Audience, zone: &str) -> String {
    let (problem, plan, report) = event;
    html::page(
        problem,
        plan,
        report,
        &ZONES,
        audience,
        &ZoneName::new(zone),
    )
    .unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test leaves files for the browser test"
)]
fn leave(folder: &str, name: &str, text: &str) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}

fn leave_all(folder: &str, event: &(Problem, Plan, Report), zone: &str) {
    let (problem, plan, _) = event;
    leave(
        folder,
        "problem.json",
        &serde_json::to_string(problem).unwrap(),
    );
    leave(folder, "plan.json", &serde_json::to_string(plan).unwrap());
    leave(folder, "crew.html", &page(event, Audience::Crew, zone));
    leave(folder, "public.html", &page(event, Audience::Public, zone));
    let mut scopes = vec![("event".to_owned(), Scope::Event)];
    for track in &problem.event.tracks {
        scopes.push((
            format!("track-{}", track.id),
            Scope::Track(track.id.clone()),
        ));
    }
    for group in &problem.groups {
        scopes.push((
            format!("group-{}", group.id),
            Scope::Group(group.id.clone()),
        ));
    }
    for operator in &problem.operators {
        scopes.push((
            format!("person-{}", operator.id),
            Scope::Person(operator.id.clone()),
        ));
    }
    for (name, scope) in scopes {
        let text = ics::calendar(problem, plan, &ZONES, &scope).unwrap();
        leave(folder, &format!("{name}.ics"), &text);
    }
}

fn ids(page: &str, kind: &str) -> Vec<String> {
    let marker = format!("data-kind=\"{kind}\" data-id=\"");
    let found = page.split(&marker).skip(1);
    found
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_item_is_drawn_in_every_picture_of_it() {
    for (name, event, zone) in [
        ("small", small(), "Europe/Berlin"),
        ("dense", dense(), "Asia/Tokyo"),
        ("wide", wide(), "UTC"),
    ] {
        leave_all(name, &event, zone);
        let plan = &event.1;
        let crew = page(&event, Audience::Crew, zone);
        // Two layouts, each with the day at a glance and the programme.
        let expect = |kind, times, wanted: Vec<&str>| {
            let mut drawn = ids(&crew, kind);
            drawn.sort();
            let mut wanted: Vec<String> = wanted
                .iter()
                .flat_map(|id| vec![(*id).to_owned(); times])
                .collect();
            wanted.sort();
            assert_eq!(drawn, wanted, "{kind}");
        };
        expect(
            "block",
            4,
            plan.blocks.iter().map(|b| b.id.as_str()).collect(),
        );
        expect(
            "session",
            4,
            plan.sessions.iter().map(|s| s.session.as_str()).collect(),
        );
        expect(
            "shift",
            2,
            plan.shifts.iter().map(|s| s.id.as_str()).collect(),
        );
        expect(
            "cover",
            2,
            plan.shifts.iter().map(|s| s.id.as_str()).collect(),
        );
        let gaps = event.2.matches.len() * 2;
        assert_eq!(ids(&crew, "gap").len(), gaps);
        let on_duty: BTreeSet<_> = plan
            .shifts
            .iter()
            .map(|shift| shift.operator.to_string())
            .collect();
        let shaded: BTreeSet<String> = ids(&crew, "night").into_iter().collect();
        assert!(shaded.is_subset(&on_duty));
        assert_eq!(
            crew,
            page(&event, Audience::Crew, zone),
            "the same bytes each time"
        );
    }
}

#[test]
fn the_public_page_holds_no_operator_and_nothing_of_the_report() {
    for event in [small(), dense()] {
        let public = page(&event, Audience::Public, "UTC");
        for operator in &event.0.operators {
            assert!(!public.contains(operator.id.as_str()), "{}", operator.id);
        }
        for kind in [
            "shift", "cover", "night", "gap", "clash", "handover", "speaks",
        ] {
            assert!(ids(&public, kind).is_empty(), "{kind}");
        }
        for shift in &event.1.shifts {
            assert!(!public.contains(&format!("\"{}\"", shift.id)));
        }
        for trouble in &event.2.matches {
            assert!(!public.contains(&trouble.says));
        }
        for regional in &event.0.regional_events {
            assert!(!public.contains(regional.title.split(' ').next().unwrap()));
        }
    }
}

#[test]
fn titles_that_are_markup_stay_text() {
    let crew = page(&small(), Audience::Crew, "UTC");
    assert!(!crew.contains("<img"));
    assert!(!crew.contains(HOSTILE));
    assert!(crew.contains("&lt;img src=x onerror=alert(1)&gt;"));
    assert_eq!(crew.matches("</script>").count(), 2);
    assert!(!crew.contains('\u{202e}'));
}

#[test]
fn the_page_asks_no_other_host_for_anything() {
    let crew = page(&dense(), Audience::Crew, "UTC");
    let outside = crew
        .replace("http://www.w3.org/2000/svg", "")
        .replace("http-equiv", "");
    assert!(
        !outside.contains("http:") && !outside.contains("https:") && !outside.contains("//cdn")
    );
    for element in ["<link", "<iframe", "<object", "@import", " src="] {
        let found = crew.replace("src=x onerror", "").contains(element);
        assert!(!found, "{element}");
    }
}

#[test]
fn a_page_may_be_told_in_any_zone_and_says_when_the_clocks_change() {
    let nepal = page(&small(), Audience::Public, "Asia/Kathmandu");
    assert!(nepal.contains("Sat 24 Oct 23:45 – Sun 25 Oct 00:15"));
    let berlin = page(&small(), Audience::Public, "Europe/Berlin");
    assert!(berlin.contains("Sun 25 Oct 02:30 (UTC+2) – 02:15 (UTC+1)"));
    assert!(berlin.contains("clocks back 1 h to UTC+1"));
    let nowhere = ZoneName::new("Mars/Base");
    let (problem, plan, report) = small();
    let refused = html::page(&problem, &plan, &report, &ZONES, Audience::Crew, &nowhere);
    assert_eq!(refused.unwrap_err().name, "Mars/Base");
}
