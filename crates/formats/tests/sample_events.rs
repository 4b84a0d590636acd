//! The sample events in `data/events` read without a fault and are what their README says.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by them")]

mod support;

use std::collections::BTreeSet;

use jiff::Timestamp;
use meridian_formats::event_folder;
use meridian_model::{
    Cause, Delivery, Grade, Operator, Priority, Problem, Role, RoleNeed, Session, Span, ZoneSet,
};

const EVENTS: [&str; 6] = [
    "first-relay",
    "midnight-dst-eu",
    "midnight-dst-us",
    "relay-2024",
    "relay-2024-sep",
    "relay-2024-tight",
];

fn problem(name: &str) -> Problem {
    let folder = support::data().join("events").join(name);
    match event_folder::read(&support::load(&folder), &ZoneSet::embedded()) {
        Ok(problem) => problem,
        Err(faults) => panic!("{name} has {} faults:\n{faults}", faults.len()),
    }
}

/// Whether a person can be asked for a role at a cell: grade better than impossible; awake when it is alerted.
fn eligible(person: &Operator, role: &Role, cell: Span) -> bool {
    let skilled = person.skills.iter().any(|skill| skill.role == role.id);
    let able = person
        .availability
        .0
        .iter()
        .any(|part| part.grade > Grade::Impossible && part.span.contains(&cell));
    let awake = !person.nights.iter().any(|night| night.overlaps(&cell));
    skilled && able && (awake || !role.alerted)
}

fn cells(problem: &Problem) -> Vec<Span> {
    let horizon = problem.event.horizon;
    (0..horizon.n_cells())
        .map(|cell| horizon.cells(cell, cell + 1))
        .collect()
}

/// Person-cells at which somebody is eligible for any role, each once, in percent of those that are
/// demanded whatever the programme, that is without interpreters.
fn supply_percent(problem: &Problem) -> usize {
    let roles = &problem.event.roles;
    let cells = cells(problem);
    let supply: usize = problem
        .operators
        .iter()
        .map(|person| {
            cells
                .iter()
                .filter(|cell| roles.iter().any(|role| eligible(person, role, **cell)))
                .count()
        })
        .sum();
    let standing = problem.event.duties.iter().filter(|duty| {
        roles
            .iter()
            .any(|role| role.id == duty.role && role.needs != RoleNeed::Interpretation)
    });
    let demand: usize = standing
        .map(|duty| {
            let seats = usize::try_from(duty.count).unwrap();
            seats
                * cells
                    .iter()
                    .filter(|cell| duty.spans.iter().any(|span| span.contains(cell)))
                    .count()
        })
        .sum();
    100 * supply / demand
}

fn placed(problem: &Problem) -> Vec<&Session> {
    problem
        .sessions
        .iter()
        .filter(|session| session.priority != Priority::Filler)
        .collect()
}

/// Minutes of the sessions with their change-over in percent of the track time.
fn fill_percent(problem: &Problem) -> u32 {
    let minutes: u32 = placed(problem)
        .iter()
        .map(|session| session.length_min + session.changeover_min)
        .sum();
    let tracks = u32::try_from(problem.event.tracks.len()).unwrap();
    let horizon = problem.event.horizon;
    100 * minutes / (tracks * horizon.n_cells() * horizon.cell_min())
}

fn continent(country: &str, zone: &str) -> &'static str {
    let area = zone.split('/').next().unwrap_or_default();
    match (area, country) {
        ("America", "BR" | "UY" | "CL" | "BO" | "PE" | "EC") => "South America",
        ("America", _) => "North America",
        ("Africa", _) | (_, "MG") => "Africa",
        ("Europe", _) => "Europe",
        ("Australia", _) => "Oceania",
        _ => "Asia",
    }
}

#[test]
fn every_sample_event_reads_without_a_fault() {
    let mut there: Vec<String> = std::fs::read_dir(support::data().join("events"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    there.sort();
    assert_eq!(there, EVENTS);
    for name in EVENTS {
        assert_eq!(problem(name).event.id, name);
    }
}

#[test]
fn the_relay_joins_chapters_of_every_inhabited_continent() {
    let relay = problem("relay-2024");
    assert!(relay.groups.len() >= 40, "{}", relay.groups.len());
    let zones: BTreeSet<_> = relay
        .groups
        .iter()
        .map(|group| group.zone.as_str())
        .collect();
    assert!(zones.len() >= 25, "{}", zones.len());
    let continents: BTreeSet<_> = relay
        .groups
        .iter()
        .map(|group| continent(&group.country, group.zone.as_str()))
        .collect();
    assert_eq!(continents.len(), 6, "{continents:?}");
    let hosting: BTreeSet<_> = relay
        .groups
        .iter()
        .filter(|group| group.hosting.is_some())
        .map(|group| continent(&group.country, group.zone.as_str()))
        .collect();
    assert_eq!(hosting, continents);
    for id in ["uruguay", "monrovia", "charleston"] {
        assert!(
            relay.groups.iter().any(|group| group.id.as_str() == id),
            "{id}"
        );
    }
}

#[test]
fn the_relay_fills_two_tracks_with_sessions_in_many_languages() {
    for name in ["relay-2024", "relay-2024-tight", "relay-2024-sep"] {
        let relay = problem(name);
        assert_eq!(relay.event.tracks.len(), 2);
        assert_eq!(relay.event.horizon.cell_min(), 5);
        assert!(placed(&relay).len() >= 90, "{}", placed(&relay).len());
        let languages: BTreeSet<_> = placed(&relay)
            .into_iter()
            .map(|session| &session.language)
            .collect();
        assert!(languages.len() >= 5, "{languages:?}");
        let fill = fill_percent(&relay);
        assert!((80..=90).contains(&fill), "{fill}");
        assert!(
            relay
                .sessions
                .iter()
                .any(|session| session.delivery == Delivery::Recorded)
        );
    }
}

#[test]
fn supply_stays_within_what_each_relay_promises() {
    let comfortable = problem("relay-2024");
    assert_eq!(comfortable.operators.len(), 120);
    assert!(
        supply_percent(&comfortable) <= 290,
        "{}",
        supply_percent(&comfortable)
    );
    let tight = problem("relay-2024-tight");
    assert_eq!(tight.operators.len(), 55);
    assert!(supply_percent(&tight) <= 140, "{}", supply_percent(&tight));
    assert_eq!(tight.groups, comfortable.groups);
    assert_eq!(tight.sessions, comfortable.sessions);
}

#[test]
fn the_tight_relay_has_three_hours_with_exactly_two_engineers() {
    let tight = problem("relay-2024-tight");
    let engineer = tight
        .event
        .roles
        .iter()
        .find(|role| role.id.as_str() == "engineer")
        .unwrap();
    let window: Vec<Span> = cells(&tight)
        .into_iter()
        .skip(12 * 12)
        .take(3 * 12)
        .collect();
    let mut whole: BTreeSet<&str> = BTreeSet::new();
    for cell in &window {
        let now: BTreeSet<&str> = tight
            .operators
            .iter()
            .filter(|person| eligible(person, engineer, *cell))
            .map(|person| person.id.as_str())
            .collect();
        assert_eq!(now.len(), 2, "{cell:?}: {now:?}");
        whole.extend(now);
    }
    assert_eq!(whole.len(), 2, "{whole:?}");
}

#[test]
fn the_clashes_of_both_weekends_are_known() {
    let concerned = |name: &str| -> BTreeSet<(String, String)> {
        let relay = problem(name);
        let horizon = relay.event.horizon.span();
        let at = relay
            .regional_events
            .iter()
            .flat_map(|event| event.concerns.iter().map(move |concern| (event, concern)));
        at.filter(|(_, concern)| concern.span.overlaps(&horizon))
            .map(|(event, concern)| (concern.group.to_string(), event.title.clone()))
            .collect()
    };
    let pairs = |pairs: &[(&str, &str)]| -> BTreeSet<(String, String)> {
        pairs
            .iter()
            .map(|(group, title)| ((*group).to_owned(), (*title).to_owned()))
            .collect()
    };
    assert_eq!(
        concerned("relay-2024"),
        pairs(&[
            ("charleston", "Carolina Code Conference"),
            ("monrovia", "National Flag Day")
        ])
    );
    let september = concerned("relay-2024-sep");
    let expected = pairs(&[
        ("bangalore", "PyCon India"),
        ("san-francisco", "PyBay"),
        ("mexico-city", "Pycon Latam"),
        ("hamburg", "JoomlaDay DACH"),
        ("ghana", "Kwame Nkrumah Memorial Day"),
        ("tokyo", "Autumnal Equinox Day"),
    ]);
    assert!(september.is_superset(&expected), "{september:?}");
    let uruguay = problem("relay-2024");
    let holiday = uruguay
        .regional_events
        .iter()
        .find(|event| event.title == "Independence Declaration Day")
        .unwrap();
    assert_eq!(
        holiday.concerns[0].span.start(),
        uruguay.event.horizon.end()
    );
}

#[test]
fn the_relay_shows_every_kind_of_availability() {
    let relay = problem("relay-2024");
    let parts = || {
        relay
            .operators
            .iter()
            .flat_map(|person| person.availability.0.iter())
    };
    let grades: BTreeSet<Grade> = parts().map(|part| part.grade).collect();
    assert_eq!(grades.len(), 4, "{grades:?}");
    for cause in [
        Cause::Default,
        Cause::Marked,
        Cause::Rule,
        Cause::Busy,
        Cause::Night,
        Cause::NotOffered,
    ] {
        assert!(parts().any(|part| part.cause == cause), "{cause:?}");
    }
    let september = problem("relay-2024-sep");
    let holidays = september
        .operators
        .iter()
        .flat_map(|person| person.availability.0.iter());
    assert!(
        holidays
            .into_iter()
            .any(|part| part.cause == Cause::Holiday)
    );
    assert!(
        relay
            .operators
            .iter()
            .any(|person| person.speaker.is_some())
    );
    assert!(
        relay
            .operators
            .iter()
            .any(|person| person.carry_over_min > 0)
    );
}

#[test]
fn the_relay_in_september_has_the_same_groups_people_and_sessions() {
    let (august, september) = (problem("relay-2024"), problem("relay-2024-sep"));
    assert_eq!(
        september.event.horizon.start(),
        "2024-09-21T03:00:00Z".parse::<Timestamp>().unwrap()
    );
    let groups = |problem: &Problem| -> Vec<_> {
        problem
            .groups
            .iter()
            .map(|group| {
                (
                    group.id.clone(),
                    group.zone.clone(),
                    group.languages.clone(),
                )
            })
            .collect()
    };
    assert_eq!(groups(&september), groups(&august));
    let people = |problem: &Problem| -> Vec<_> {
        problem
            .operators
            .iter()
            .map(|person| (person.id.clone(), person.skills.clone()))
            .collect()
    };
    assert_eq!(people(&september), people(&august));
    let titles = |problem: &Problem| -> Vec<_> {
        problem
            .sessions
            .iter()
            .map(|session| {
                (
                    session.id.clone(),
                    session.title.clone(),
                    session.length_min,
                )
            })
            .collect()
    };
    assert_eq!(titles(&september), titles(&august));
}

#[test]
fn the_midnight_events_hold_the_clock_change_and_the_hard_zones() {
    for (name, group, before, after) in [
        ("midnight-dst-eu", "berlin", 7200, 3600),
        ("midnight-dst-us", "new-york", -14400, -18000),
    ] {
        let midnight = problem(name);
        let zones: BTreeSet<_> = midnight
            .groups
            .iter()
            .map(|group| group.zone.as_str())
            .collect();
        for zone in [
            "Asia/Kathmandu",
            "Pacific/Chatham",
            "Australia/Lord_Howe",
            "Pacific/Kiritimati",
            "Pacific/Pago_Pago",
            "America/Vancouver",
            "America/Edmonton",
            "America/Havana",
            "Africa/Casablanca",
        ] {
            assert!(zones.contains(zone), "{name}: {zone}");
        }
        let host = midnight
            .groups
            .iter()
            .find(|known| known.id.as_str() == group)
            .unwrap();
        let zone = ZoneSet::embedded().zone(host.zone.as_str()).unwrap();
        let offsets = meridian_model::time::offsets(&zone, midnight.event.horizon.span());
        let seconds: Vec<i32> = offsets.iter().map(|(_, seconds)| *seconds).collect();
        assert_eq!(seconds, [before, after], "{name}");
        let change = offsets[1].0;
        let hosting = host.hosting.as_ref().unwrap();
        assert!(
            hosting
                .availability
                .0
                .iter()
                .any(|part| part.span.start() < change && change < part.span.end())
        );
        let windows: Vec<Span> = midnight
            .sessions
            .iter()
            .filter_map(|session| session.window)
            .collect();
        assert!(
            windows
                .iter()
                .any(|window| window.start() < change && change < window.end()),
            "{name}"
        );
    }
}

#[test]
fn the_first_relay_is_small_enough_to_read() {
    let first = problem("first-relay");
    assert_eq!(
        (
            first.groups.len(),
            first.event.tracks.len(),
            first.operators.len()
        ),
        (6, 1, 30)
    );
    assert!(
        (20..=24).contains(&placed(&first).len()),
        "{}",
        placed(&first).len()
    );
}
