//! What is counted of small events.

use meridian_model::staffing::{Basis, Certainty, Need, Staffing, Verdict};
use meridian_model::{Availability, Cause, Grade, GradeSpan, Problem, Skill, SkillLevel};

use super::staffing;
use crate::support::{Size, problem};

const SMALL: Size = Size {
    groups: 6,
    tracks: 1,
    operators: 30,
    sessions: 3,
    hours: 24,
    cell_min: 15,
};

/// An event that needs one stream operator all day, and people who are there all day.
fn all_day(n_people: usize, max_duty_min: u32) -> Problem {
    let mut problem = problem(
        1,
        Size {
            operators: n_people,
            ..SMALL
        },
    );
    problem
        .event
        .duties
        .retain(|duty| duty.role.as_str() == "stream-operator");
    problem.regional_events.clear();
    let always = Availability(vec![GradeSpan {
        span: problem.event.horizon.span(),
        grade: Grade::Possible,
        cause: Cause::Marked,
    }]);
    for person in &mut problem.operators {
        person.skills = vec![Skill {
            role: "stream-operator".into(),
            language: None,
            into: None,
            level: SkillLevel::Trained,
        }];
        person.availability = always.clone();
        person.nights.clear();
        person.max_duty_min = max_duty_min;
    }
    problem
}

fn counted(problem: &Problem) -> Staffing {
    staffing(problem, None).unwrap()
}

fn need<'a>(staffing: &'a Staffing, role: &str, language: Option<&str>) -> &'a Need {
    let found = staffing.needs.iter().find(|need| {
        let spoken: Vec<&str> = need.languages.iter().map(|l| l.as_str()).collect();
        need.role.as_str() == role && spoken == Vec::from_iter(language)
    });
    found.unwrap()
}

#[test]
fn windows_are_three_hours_from_midnight_in_utc() {
    let mut problem = all_day(4, 360);
    let staffing = counted(&problem);
    let starts: Vec<String> = staffing
        .windows
        .iter()
        .map(|w| w.span.start().to_string())
        .collect();
    assert_eq!(starts.len(), 8);
    assert_eq!(starts[0], "2024-08-24T03:00:00Z");
    assert_eq!(starts[7], "2024-08-25T00:00:00Z");
    problem.event.horizon =
        meridian_model::Horizon::new("2024-08-24T04:30:00Z".parse().unwrap(), 15, 12).unwrap();
    let spans: Vec<i64> = counted(&problem)
        .windows
        .iter()
        .map(|w| w.span.minutes())
        .collect();
    assert_eq!(spans, [90, 90]);
}

#[test]
fn a_moment_without_anybody_is_missing_there_and_nowhere_else() {
    let mut problem = all_day(6, 360);
    let horizon = problem.event.horizon;
    for person in &mut problem.operators {
        // Nobody from 04:00 to 05:00; the hour before is too short for a shift of theirs.
        person.availability.0[0].span = horizon.cells(8, 96);
    }
    let staffing = counted(&problem);
    let windows = &need(&staffing, "stream-operator", None).windows;
    let first = windows[0];
    assert_eq!(
        (first.needed, first.people, first.fewest, first.missing),
        (1, 6, 0, 1)
    );
    assert_eq!((first.missing_min, first.needed_min), (120, 180));
    assert_eq!(first.verdict(), Verdict::Missing);
    assert!(windows[1..].iter().all(|w| w.missing == 0 && w.fewest == 6));
    assert_eq!(staffing.uncovered_min, 120);
    assert!(!staffing.enough());
}

#[test]
fn hours_that_do_not_reach_are_certain_whoever_works_when() {
    // Three people at six hours each cover eighteen of twenty-four.
    let staffing = counted(&all_day(3, 360));
    assert_eq!((staffing.needed_min, staffing.uncovered_min), (1440, 360));
    let windows = &need(&staffing, "stream-operator", None).windows;
    assert!(windows.iter().all(|w| w.missing == 0));
    assert!(windows.iter().any(|w| w.verdict() == Verdict::Tired));
    assert_eq!(windows.iter().map(|w| w.covered_min).sum::<i64>(), 1080);
    assert!(!staffing.enough());
    assert!(counted(&all_day(4, 360)).enough());
}

#[test]
fn a_limit_counts_whole_shifts_and_the_rest_between_them() {
    let mut problem = all_day(1, 1440);
    let horizon = problem.event.horizon;
    let pledged = |problem: &Problem| counted(problem).groups[0].pledged_min;
    // Two shifts of four hours at most.
    assert_eq!(pledged(&problem), 480);
    // Within eight hours, four and one hours lie around a rest of three.
    problem.operators[0].availability.0[0].span = horizon.cells(0, 32);
    assert_eq!(pledged(&problem), 300);
    problem.event.policy.max_shifts = 1;
    assert_eq!(pledged(&problem), 240);
}

#[test]
fn nobody_counts_twice_at_once() {
    let mut problem = all_day(4, 360);
    let mut second = problem.event.duties[0].clone();
    second.id = "second".into();
    second.role = "moderator".into();
    problem.event.duties.push(second);
    for person in &mut problem.operators {
        let mut more = person.skills[0].clone();
        more.role = "moderator".into();
        person.skills.push(more);
    }
    let staffing = counted(&problem);
    assert_eq!((staffing.needed_min, staffing.uncovered_min), (2880, 1440));
}

#[test]
fn what_depends_on_the_hosts_languages_is_an_estimate() {
    let problem = problem(1, SMALL);
    let staffing = counted(&problem);
    assert_eq!(staffing.basis, Basis::Hosts);
    let any = need(&staffing, "mc", None);
    assert_eq!(any.certainty, Certainty::Certain);
    assert!(
        any.windows
            .iter()
            .all(|w| w.needed == 1 && w.needed_min == 180)
    );
    let by_language = staffing
        .needs
        .iter()
        .filter(|need| need.role.as_str() == "mc" && need.certainty == Certainty::Estimated);
    let minutes: i64 = by_language
        .flat_map(|need| &need.windows)
        .map(|w| w.needed_min)
        .sum();
    // Shares are rounded to minutes, window by window.
    assert!((1440 - minutes).abs() <= 40, "{minutes}");
    assert!(staffing.needs.iter().all(|need| {
        need.role.as_str() != "interpreter" || need.certainty == Certainty::Estimated
    }));
}

#[test]
fn pinned_shifts_count_whatever_stands_against_them() {
    let mut problem = all_day(1, 60);
    let horizon = problem.event.horizon;
    problem.operators[0].availability.0.clear();
    assert_eq!(counted(&problem).uncovered_min, 1440);
    problem.pins.shifts.push(meridian_model::Shift {
        id: "pinned".into(),
        operator: problem.operators[0].id.clone(),
        duty: problem.event.duties[0].id.clone(),
        span: horizon.cells(0, 16),
        handover_min: 0,
    });
    assert_eq!(counted(&problem).uncovered_min, 1440 - 240);
}
