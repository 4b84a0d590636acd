//! Regional events: kept clear of when they block, run into when they are ignored.

use std::collections::BTreeSet;

use meridian_model::{Delivery, GroupId, Plan, Problem, RegionalEventId, Span};

use crate::folder::{Folder, plan};

/// Every block, session and shift that lies in an event which concerns its people.
fn run_into(problem: &Problem, plan: &Plan) -> BTreeSet<(RegionalEventId, String)> {
    let mut items: Vec<(String, Span, BTreeSet<GroupId>)> = Vec::new();
    for block in &plan.blocks {
        items.push((
            block.id.to_string(),
            block.span,
            [block.group.clone()].into(),
        ));
    }
    for placed in &plan.sessions {
        let session = problem
            .sessions
            .iter()
            .find(|s| s.id == placed.session)
            .unwrap();
        let live = session
            .speakers
            .iter()
            .filter(|_| session.delivery == Delivery::Live);
        let groups = live
            .filter_map(|id| problem.speakers.iter().find(|s| s.id == *id)?.group.clone())
            .chain(session.group.clone());
        items.push((placed.session.to_string(), placed.span, groups.collect()));
    }
    for shift in &plan.shifts {
        let operator = problem
            .operators
            .iter()
            .find(|o| o.id == shift.operator)
            .unwrap();
        let from = shift.span.start().as_second() - i64::from(shift.handover_min) * 60;
        let start = meridian_model::Timestamp::from_second(from).unwrap();
        let on_duty = Span::new(start, shift.span.end()).unwrap();
        items.push((
            shift.id.to_string(),
            on_duty,
            [operator.group.clone()].into(),
        ));
    }
    let mut found = BTreeSet::new();
    for event in &problem.regional_events {
        for concern in &event.concerns {
            for (item, span, groups) in &items {
                if groups.contains(&concern.group) && span.overlaps(&concern.span) {
                    found.insert((event.id.clone(), item.clone()));
                }
            }
        }
    }
    found
}

fn with_clashes(event: &str, impact: &str) -> Problem {
    Folder::open(event)
        .replace(
            "event.toml",
            "clashes = \"weigh\"",
            &format!("clashes = \"{impact}\""),
        )
        .problem()
}

fn kept_clear_of(event: &str) {
    let blocking = with_clashes(event, "block");
    // Who hosts when is what matters here; a longer search for people changes nothing in that.
    let clear = plan(&blocking, 1);
    assert_eq!(run_into(&blocking, &clear), BTreeSet::new());
    assert_eq!(clear.score.medium.unhosted, 0);
    let ignoring = with_clashes(event, "ignore");
    let careless = run_into(&ignoring, &plan(&ignoring, 1));
    println!(
        "{event}: none when they block, {} when they are ignored",
        careless.len()
    );
    assert!(!careless.is_empty());
}

#[test]
fn blocking_holidays_and_conferences_of_august_are_kept_clear_of() {
    kept_clear_of("relay-2024");
}

#[test]
fn blocking_holidays_and_conferences_of_september_are_kept_clear_of() {
    kept_clear_of("relay-2024-sep");
}
