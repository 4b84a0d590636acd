//! How duty is shared out: S04 fair-people, S05 fair-groups, S15 fragmentation.

use super::Note;
use super::scene::{Scene, Service};
use crate::{Match, RuleCode, Span, Subject};

/// What a squared load in minutes is divided by: a day's duty of six hours then counts once per minute.
const SCALE_MIN: i128 = 360;

/// S04: each person's load, carried over and now, squared.
pub(super) fn fair_people(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for operator in &scene.problem.operators {
        let shifts = scene.shifts_of(operator);
        let before = i64::from(operator.carry_over_min);
        let now = on_duty_min(&shifts);
        let amount = squared(before.saturating_add(now), 1);
        if amount > 0 {
            let id = &operator.id;
            let note = Note {
                subjects: vec![Subject::Operator(id.clone())],
                spans: spans(&shifts),
                says: format!("{id} has {now} min of duty, and {before} from earlier events"),
                remedy: format!("give some duty of {id} to someone with less"),
            };
            found.push(note.costs(RuleCode::S04, amount));
        }
    }
    found
}

/// S05: each group's minutes on duty, squared, by its number of operators.
pub(super) fn fair_groups(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for group in &scene.problem.groups {
        let members = scene
            .problem
            .operators
            .iter()
            .filter(|operator| operator.group == group.id)
            .count();
        let shifts: Vec<&Service<'_>> = scene
            .shifts
            .iter()
            .filter(|service| service.operator.group == group.id)
            .collect();
        let now = on_duty_min(&shifts);
        let amount = squared(now, members);
        if amount > 0 {
            let name = &group.name;
            let note = Note {
                subjects: vec![Subject::Group(group.id.clone())],
                spans: spans(&shifts),
                says: format!("the {members} operators of {name} have {now} min of duty"),
                remedy: format!("give some duty of {name} to a group with less"),
            };
            found.push(note.costs(RuleCode::S05, amount));
        }
    }
    found
}

/// S15: every shift counts; one match per person.
pub(super) fn fragmentation(scene: &Scene<'_>) -> Vec<Match> {
    let mut found = Vec::new();
    for operator in &scene.problem.operators {
        let shifts = scene.shifts_of(operator);
        let amount = i64::try_from(shifts.len()).unwrap_or(i64::MAX);
        if amount > 0 {
            let count = super::words::counted(amount, "shift");
            let note = Note {
                subjects: vec![Subject::Operator(operator.id.clone())],
                spans: spans(&shifts),
                says: format!("{} has {count}", operator.id),
                remedy: "join shifts that lie side by side".to_owned(),
            };
            found.push(note.costs(RuleCode::S15, amount));
        }
    }
    found
}

/// `load²/(360 × people)`, rounded down.
fn squared(load_min: i64, people: usize) -> i64 {
    let load = i128::from(load_min);
    let people = i128::try_from(people.max(1)).unwrap_or(i128::MAX);
    let value = load.saturating_mul(load) / SCALE_MIN.saturating_mul(people);
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn on_duty_min(shifts: &[&Service<'_>]) -> i64 {
    shifts.iter().map(|service| service.on_duty.minutes()).sum()
}

fn spans(shifts: &[&Service<'_>]) -> Vec<Span> {
    shifts.iter().map(|service| service.on_duty).collect()
}
