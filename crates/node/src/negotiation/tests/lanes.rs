//! Duties that ask for several people at once: what is open, who is a stand-in where, and how seats count people.

use meridian_federation::content::{PlanRevision, Seat};
use meridian_model::plan::MadeBy;
use meridian_model::{GroupId as Handle, Plan, Problem, Score, Shift, Span};

use super::super::grid::Grid;
use super::super::{
    Consent, Uncovered, assembled, revision_of, roster_problem, rosters_of, uncovered,
};
use super::nodes::{BRIEF, brief, event, rostered, salt_of};

/// first-relay with two moderators at once.
fn two_moderators() -> Problem {
    let mut problem = event("first-relay");
    problem
        .event
        .duties
        .retain(|duty| duty.role.as_str() == "moderator");
    problem.event.duties[0].count = 2;
    problem.sessions.clear();
    problem
}

fn cells(problem: &Problem, from: usize, to: usize) -> Span {
    Grid(problem.event.horizon).span(&(from..to)).unwrap()
}

fn seat(problem: &Problem, id: &str, group: &str, (from, to): (usize, usize), heads: u32) -> Seat {
    let duty = &problem.event.duties[0];
    Seat {
        id: id.into(),
        group: group.into(),
        duty: duty.id.clone(),
        role: duty.role.clone(),
        tracks: duty.tracks.clone(),
        span: cells(problem, from, to),
        heads,
    }
}

fn revision(problem: &Problem, seats: Vec<Seat>) -> PlanRevision {
    PlanRevision {
        number: 1,
        brief: BRIEF,
        tzdb: problem.tzdb.clone(),
        blocks: Vec::new(),
        sessions: Vec::new(),
        seats,
        zones: Default::default(),
    }
}

#[test]
fn what_is_open_counts_people() {
    let problem = two_moderators();
    let seats = vec![
        seat(&problem, "x", "kyoto", (0, 10), 2),
        seat(&problem, "y", "berlin", (10, 20), 1),
    ];
    let open = uncovered(&problem.event, &revision(&problem, seats));
    let duty = problem.event.duties[0].id.clone();
    let of = |from, to, people| Uncovered {
        duty: duty.clone(),
        span: cells(&problem, from, to),
        people,
    };
    assert_eq!(open, [of(10, 20, 1), of(20, 96, 2)]);
}

#[test]
fn a_group_rosters_as_many_people_as_its_seat_has_beside_those_of_others() {
    let problem = two_moderators();
    let revision = revision(
        &problem,
        vec![
            seat(&problem, "x", "kyoto", (0, 12), 2),
            seat(&problem, "y", "berlin", (12, 24), 1),
            seat(&problem, "z", "kyoto", (12, 24), 1),
        ],
    );
    let handle = Handle::new("kyoto");
    let brief = brief(&problem);
    let mut local = problem.clone();
    for operator in &mut local.operators {
        operator.skills = problem
            .operators
            .iter()
            .flat_map(|of| of.skills.clone())
            .collect();
        operator.availability = super::super::grid::possible(&[problem.event.horizon.span()]);
        operator.nights = Vec::new();
    }
    let roster = roster_problem(&brief, &revision, &handle, &local);
    assert_eq!(roster.event.duties.len(), 2);
    assert_eq!(roster.pins.shifts.len(), 1, "the other group's");
    let plan = rostered(&roster);
    let salt = salt_of(0);
    let consent = Consent::of(&local, &salt);
    let people = rosters_of(&plan, &revision, &handle, &salt, &consent);
    let minutes = |part: usize| -> i64 { people[part].1.iter().map(|of| of.span.minutes()).sum() };
    assert_eq!((people.len(), minutes(0), minutes(1)), (2, 360, 180));
    let shared = people.into_iter().collect();
    let (_, shared) = assembled("relay", &brief, &revision, &shared).unwrap();
    // The other group has said nothing yet, and nobody has seats after six hours.
    assert_eq!(shared.score.medium.gaps, 12 + 2 * (96 - 24));
    assert_eq!(shared.score.hard, 0);
}

#[test]
fn people_of_a_group_at_the_same_time_are_one_seat_and_shifts_that_follow_each_other_too() {
    let problem = two_moderators();
    let of_kyoto: Vec<_> = problem
        .operators
        .iter()
        .filter(|of| of.group.as_str() == "kyoto")
        .collect();
    let shift = |n: usize, from: usize, to: usize| Shift {
        id: format!("s{n}").as_str().into(),
        operator: of_kyoto[n].id.clone(),
        duty: problem.event.duties[0].id.clone(),
        span: cells(&problem, from, to),
        handover_min: 0,
    };
    let plan = Plan {
        format: Plan::FORMAT.to_owned(),
        event: problem.event.id.clone(),
        problem_sha256: String::new(),
        tzdb: problem.tzdb.clone(),
        revision: 1,
        made_by: MadeBy {
            engine: "pure".to_owned(),
            seed: 1,
            effort: 1,
            stopped: false,
        },
        score: Score::default(),
        blocks: Vec::new(),
        sessions: Vec::new(),
        shifts: vec![shift(0, 0, 8), shift(1, 0, 8), shift(2, 8, 16)],
    };
    let first = revision_of(&problem, &plan, 1, BRIEF, None);
    let seats: Vec<_> = first
        .seats
        .iter()
        .map(|of| (of.id.as_str(), of.span, of.heads))
        .collect();
    assert_eq!(
        seats,
        [
            ("kyoto.moderator.0", cells(&problem, 0, 8), 1),
            ("kyoto.moderator.0.2", cells(&problem, 0, 16), 1),
        ]
    );
    let mut plan = plan;
    plan.shifts.pop();
    let second = revision_of(&problem, &plan, 2, BRIEF, Some(&first));
    assert_eq!(second.seats.len(), 1);
    assert_eq!(
        (second.seats[0].span, second.seats[0].heads),
        (cells(&problem, 0, 8), 2)
    );
}
