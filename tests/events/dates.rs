//! The relay of 2024 asked for at every weekend of a summer: what is named, what is bounded, what is ranked.

use std::collections::BTreeSet;

use meridian_formats::event_folder::{self, Asked, Dated};
use meridian_model::check::check;
use meridian_model::{
    Cause, Grade, GradeSpan, Impact, Match, Plan, Problem, RegionalKind, RuleCode, Subject, ZoneSet,
};
use meridian_solver::{
    Clash, DateOptions, DateStatus, Dearer, Engine, Exclusion, LostTo, NeverStop, Options, Silent,
    date_facts, date_reasons, rank_dates,
};

use crate::folder::Folder;

/// The event at the dates that are asked for; those of its own rule when nothing is.
fn dated(folder: &Folder, asked: &Asked) -> Vec<Dated> {
    let zones = ZoneSet::embedded();
    let starts = event_folder::candidates(folder.files(), asked, &zones).unwrap();
    let at = |start| event_folder::read_at(folder.files(), &zones, start).unwrap();
    starts.into_iter().map(at).collect()
}

fn on(day: &str) -> Asked {
    Asked {
        dates: vec![format!("{day}T12:00")],
        ..Asked::default()
    }
}

fn clashes(folder: &Folder, day: &str) -> Vec<Clash> {
    let date = dated(folder, &on(day)).remove(0);
    date_facts(&date.problem, &ZoneSet::embedded())
        .unwrap()
        .clashes
}

fn named(clashes: &[Clash], kind: RegionalKind) -> BTreeSet<(String, String)> {
    let of_kind = clashes.iter().filter(|clash| clash.kind == kind);
    of_kind
        .map(|clash| (clash.countries.join(" "), clash.title.clone()))
        .collect()
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    let owned = |&(country, title): &(&str, &str)| (country.to_owned(), title.to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn the_weekend_of_21_september_has_the_holidays_of_japan_and_ghana_and_five_conferences() {
    let clashes = clashes(&Folder::open("relay-2024"), "2024-09-21");
    let holidays = pairs(&[
        ("JP", "Autumnal Equinox Day"),
        ("GH", "Kwame Nkrumah Memorial Day"),
    ]);
    assert_eq!(named(&clashes, RegionalKind::Holiday), holidays);
    let conferences = named(&clashes, RegionalKind::Conference);
    assert!(conferences.len() >= 5, "{conferences:?}");
    assert!(conferences.contains(&("IN".to_owned(), "PyCon India".to_owned())));
}

#[test]
fn the_weekend_of_10_august_has_no_conference_but_the_mountain_day_of_japan() {
    let clashes = clashes(&Folder::open("relay-2024"), "2024-08-10");
    assert_eq!(named(&clashes, RegionalKind::Conference), BTreeSet::new());
    let holidays = pairs(&[
        ("JP", "Mountain Day"),
        ("EC", "Declaration of Independence of Quito"),
    ]);
    assert_eq!(named(&clashes, RegionalKind::Holiday), holidays);
}

#[test]
fn the_relay_four_weeks_later_is_the_one_that_was_generated_for_that_date() {
    let moved = dated(&Folder::open("relay-2024"), &on("2024-09-21"))
        .remove(0)
        .problem;
    let generated = Folder::open("relay-2024-sep").problem();
    assert_eq!(moved.tzdb, generated.tzdb);
    assert!(moved.regional_events == generated.regional_events);
    assert!(moved.sessions == generated.sessions);
    assert!(moved.speakers == generated.speakers);
    // Three groups host by rules and made an exception for one day: it is not an exception on another.
    let groups = moved.groups.iter().zip(&generated.groups);
    let other = groups.filter(|(moved, generated)| moved != generated);
    let other: Vec<&str> = other.map(|(group, _)| group.id.as_str()).collect();
    assert_eq!(other, ["london", "new-york", "sao-carlos"]);
    // The generator gave eight more people other hours there, and six have calendars of those days.
    let operators = moved.operators.iter().zip(&generated.operators);
    let same = operators
        .filter(|(moved, generated)| moved == generated)
        .count();
    assert!(same >= 100, "{same} of {}", moved.operators.len());
}

#[test]
fn a_night_on_which_clocks_change_is_told_with_who_lives_there() {
    let folder = Folder::open("relay-2024");
    // Chile put its clocks forward at the end of 7 September 2024.
    let date = dated(&folder, &on("2024-09-08")).remove(0);
    let facts = date_facts(&date.problem, &ZoneSet::embedded()).unwrap();
    let [change] = facts.clock_changes.as_slice() else {
        panic!("{:?}", facts.clock_changes);
    };
    assert_eq!(change.zone.as_str(), "America/Santiago");
    assert_eq!(
        (change.from_offset_s, change.to_offset_s),
        (-4 * 3600, -3 * 3600)
    );
    assert_eq!(change.at, "2024-09-08T04:00:00Z".parse().unwrap());
}

#[test]
fn a_group_that_is_blocked_all_day_is_lost_to_its_holiday() {
    let folder = Folder::open("relay-2024").replace(
        "event.toml",
        "clashes = \"weigh\"",
        "clashes = \"block\"",
    );
    let date = dated(&folder, &on("2024-09-21")).remove(0);
    let facts = date_facts(&date.problem, &ZoneSet::embedded()).unwrap();
    assert!(
        facts
            .clashes
            .iter()
            .all(|clash| clash.impact == Impact::Block)
    );
    let ghana = facts
        .groups_lost
        .iter()
        .find(|lost| lost.group.as_str() == "ghana");
    match ghana.map(|lost| &lost.to) {
        Some(LostTo::Blocked(events)) => assert_eq!(events[0].as_str(), "gh-09-21"),
        other => panic!("{other:?} in {:?}", facts.groups_lost),
    }
    let its_hours = Subject::Group("ghana".into());
    let holiday = Subject::RegionalEvent("gh-09-21".into());
    assert_eq!(
        alone_keeps(&ghana.unwrap().conflict),
        [(RuleCode::H03, its_hours), (RuleCode::H04, holiday)]
    );
    // Without that holiday it would be there, and with Sunday's hours too.
    let mut without = date.problem.clone();
    without
        .regional_events
        .retain(|event| event.id.as_str() != "gh-09-21");
    let mut open = date.problem.clone();
    let ghana = open
        .groups
        .iter_mut()
        .find(|group| group.id.as_str() == "ghana");
    let hosting = ghana.unwrap().hosting.as_mut().unwrap();
    hosting.availability.0 = vec![GradeSpan {
        span: open.event.horizon.span(),
        grade: Grade::Possible,
        cause: Cause::Marked,
    }];
    for freed in [without, open] {
        let facts = date_facts(&freed, &ZoneSet::embedded()).unwrap();
        let mut lost = facts.groups_lost.iter();
        assert!(lost.all(|lost| lost.group.as_str() != "ghana"));
    }
    // On a Tuesday those who host on Saturdays only are lost to their hours.
    let tuesday = dated(&folder, &on("2024-09-17")).remove(0);
    let facts = date_facts(&tuesday.problem, &ZoneSet::embedded()).unwrap();
    let tokyo = facts
        .groups_lost
        .iter()
        .find(|lost| lost.group.as_str() == "tokyo");
    assert_eq!(tokyo.map(|lost| &lost.to), Some(&LostTo::NoHostHours));
    let tokyo_itself = Subject::Group("tokyo".into());
    assert_eq!(
        alone_keeps(&tokyo.unwrap().conflict),
        [(RuleCode::H03, tokyo_itself)]
    );
}

fn alone_keeps(conflict: &[Exclusion]) -> Vec<(RuleCode, Subject)> {
    let set = conflict.iter();
    set.map(|one| (one.rule, one.subject.clone())).collect()
}

#[test]
fn hours_that_nobody_hosts_on_a_weekday_are_told_with_all_that_alone_leaves_them_so() {
    let folder = Folder::open("relay-2024");
    let [saturday, tuesday] =
        ["2024-08-10", "2024-09-17"].map(|day| dated(&folder, &on(day)).remove(0).problem);
    let plans = [&saturday, &tuesday].map(|problem| crate::folder::plan(problem, 1));
    let reasons = date_reasons((&tuesday, &plans[1]), (&saturday, &plans[0]));
    let unhosted = plans[1].score.medium.unhosted;
    assert!(unhosted > plans[0].score.medium.unhosted);
    let behind = reasons.behind.unwrap();
    assert_eq!(behind.rule, Some(RuleCode::M01));
    assert_eq!(behind.more, unhosted - plans[0].score.medium.unhosted);
    let hours = reasons
        .missing
        .iter()
        .filter(|one| one.rule == RuleCode::M01);
    let mut n_hours = 0;
    for one in hours {
        n_hours += 1;
        let conflict = one.conflict.as_deref().unwrap();
        let mut keeps = alone_keeps(conflict);
        // Were it not for these, somebody could host: those who offer no hours, and nobody else, are asked to.
        keeps.retain(|(rule, _)| *rule == RuleCode::H03);
        assert!(!keeps.is_empty(), "{conflict:#?}");
    }
    assert!(n_hours > 0);
    // The best date itself has nothing to explain.
    let none = date_reasons((&saturday, &plans[0]), (&saturday, &plans[0]));
    assert_eq!(
        (none.behind, none.missing.len(), none.dearer.len()),
        (None, 0, 0)
    );
}

#[test]
fn the_weekends_of_a_summer_are_ranked_and_each_is_told_how_far_it_was_looked_into() {
    let folder = Folder::open("relay-2024");
    let mut dates = dated(&folder, &Asked::default());
    assert_eq!(dates.len(), 13);
    assert!(dates.iter().all(|date| date.unknown.is_empty()));
    // Five of them tell as much as thirteen, in a fraction of the time.
    dates.retain(|date| {
        let start = date.problem.event.horizon.start().to_string();
        ["07-20", "08-10", "08-24", "09-07", "09-21"]
            .iter()
            .any(|day| start.contains(day))
    });
    let problems: Vec<&Problem> = dates.iter().map(|date| &date.problem).collect();
    let plan = Options {
        effort: 2,
        engine: Engine::Pure,
        ..Options::default()
    };
    let options = DateOptions { plan, top: 1 };
    let ranked = rank_dates(problems.iter().copied(), &options, &NeverStop, &mut Silent).unwrap();
    for date in &ranked {
        let plan = date.plan.as_ref().unwrap();
        assert_eq!(check(problems[date.candidate], plan).score, plan.score);
        assert!(date.bound.unwrap() <= plan.score);
    }
    assert_eq!(ranked[0].status, DateStatus::Planned);
    // The weekend with two holidays and five conferences is worse than those with two holidays and with nothing.
    let place = |candidate: usize| ranked.iter().position(|date| date.candidate == candidate);
    assert!(place(0) < place(4) && place(1) < place(4));
    let best = (
        problems[ranked[0].candidate],
        ranked[0].plan.as_ref().unwrap(),
    );
    for date in &ranked[1..] {
        let here = (problems[date.candidate], date.plan.as_ref().unwrap());
        let reasons = date_reasons(here, best);
        let behind = reasons.behind.unwrap();
        assert_eq!(behind.rule, None);
        assert_eq!(behind.more, here.1.score.soft - best.1.score.soft);
        // Together they make up for it, and without any one of them they do not.
        let all: i64 = reasons.dearer.iter().map(|one| one.more).sum();
        let least = reasons.dearer.iter().map(|one| one.more).min().unwrap();
        assert!(
            all >= behind.more && all - least < behind.more,
            "{reasons:#?}"
        );
        for one in &reasons.dearer {
            let more = cost(here, one) - cost(best, one);
            assert_eq!(one.more, more, "{one:?}");
        }
    }
    // What September has of its own are conferences.
    let september = ranked.iter().find(|date| date.candidate == 4).unwrap();
    let here = (problems[4], september.plan.as_ref().unwrap());
    let clashes = date_reasons(here, best).dearer.into_iter();
    let clashes = clashes.filter(|one| one.rule == RuleCode::S01).count();
    assert!(clashes >= 2, "{clashes}");
}

/// What a rule costs a plan, all of it or for one regional event or group, as the checker says.
fn cost((problem, plan): (&Problem, &Plan), of: &Dearer) -> i64 {
    let matches = check(problem, plan).matches;
    let about = |found: &&Match| {
        let subject = of.subject.as_ref();
        found.rule == of.rule && subject.is_none_or(|one| found.subjects.contains(one))
    };
    let amount: i64 = matches.iter().filter(about).map(|found| found.amount).sum();
    amount * problem.event.policy.weight(of.rule)
}
