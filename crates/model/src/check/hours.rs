//! How long and how often: H18 shift-length, H19 duty-hours, H20 awake-span, H21 rest, H22 shift-count.

use super::Note;
use super::scene::{Scene, Service};
use super::times::{earlier, inside, later, total_min};
use crate::time::minutes;
use crate::{Match, Operator, RuleCode, Span, Subject};

/// Minutes of the rolling window of H19: 24 hours of real time, not a civil day.
const WINDOW_MIN: u32 = 24 * 60;

/// H18: a shift covers too little or too much.
pub(super) fn shift_length(scene: &Scene<'_>) -> Vec<Match> {
    let policy = &scene.problem.event.policy;
    let (shortest, longest) = (policy.shift_shortest_min, policy.shift_longest_min);
    scene
        .shifts
        .iter()
        .filter_map(|service| {
            let length = service.shift.span.minutes();
            let words = service.words();
            let remedy = if length < i64::from(shortest) {
                format!("lengthen {words}, or join it with the shift beside it")
            } else if length > i64::from(longest) {
                format!("shorten {words}, or split it between two people")
            } else {
                return None;
            };
            let note = Note {
                subjects: service.subjects(),
                spans: vec![service.shift.span],
                says: format!(
                    "{words} covers {length} min, but {shortest} to {longest} are allowed"
                ),
                remedy,
            };
            Some(note.breaks(RuleCode::H18))
        })
        .collect()
}

/// H19: someone is on duty for more than her limit in some 24 hours; her fullest such window is named.
pub(super) fn duty_hours(scene: &Scene<'_>) -> Vec<Match> {
    per_person(scene, |operator, shifts| {
        let on_duty: Vec<Span> = shifts.iter().map(|service| service.on_duty).collect();
        let (window, most) = windows(&on_duty)
            .map(|window| (window, total_min(&inside(window, &on_duty))))
            .max_by_key(|&(window, most)| (most, std::cmp::Reverse(window)))?;
        let limit = i64::from(operator.max_duty_min);
        (most > limit).then(|| Note {
            subjects: who_and_what(operator, shifts, window),
            spans: inside(window, &on_duty),
            says: format!(
                "{} is on duty for {most} min in 24 hours, her limit is {limit}",
                operator.id
            ),
            remedy: format!(
                "take at least {} min of duty off {}",
                most - limit,
                operator.id
            ),
        })
    })
    .into_iter()
    .map(|note| note.breaks(RuleCode::H19))
    .collect()
}

/// The windows in which most can lie: those that begin or end with a time on duty.
fn windows(on_duty: &[Span]) -> impl Iterator<Item = Span> {
    on_duty.iter().flat_map(|span| {
        let from = Span::new(span.start(), later(span.start(), WINDOW_MIN)).ok();
        let until = Span::new(earlier(span.end(), WINDOW_MIN), span.end()).ok();
        from.into_iter().chain(until)
    })
}

/// H20: shifts follow each other without a break long enough to sleep, for too long.
pub(super) fn awake_span(scene: &Scene<'_>) -> Vec<Match> {
    let policy = &scene.problem.event.policy;
    let (sleep, limit) = (i64::from(policy.sleep_min), i64::from(policy.max_awake_min));
    let mut found = Vec::new();
    for operator in &scene.problem.operators {
        let shifts = scene.shifts_of(operator);
        for awake in chains(&shifts, sleep) {
            let length = awake.minutes();
            if length <= limit {
                continue;
            }
            let id = &operator.id;
            let note = Note {
                subjects: who_and_what(operator, &shifts, awake),
                spans: vec![awake],
                says: format!(
                    "{id} has {length} min from first to last duty without {sleep} min to sleep, \
                     {limit} are allowed"
                ),
                remedy: format!(
                    "give the first or the last of these shifts of {id} to someone else"
                ),
            };
            found.push(note.breaks(RuleCode::H20));
        }
    }
    found
}

/// From first start to last end of shifts with breaks shorter than `sleep` minutes between them.
fn chains(shifts: &[&Service<'_>], sleep: i64) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for service in shifts {
        let next = service.on_duty;
        match found.last_mut() {
            Some(chain) if minutes(chain.end(), next.start()) < sleep => {
                let end = chain.end().max(next.end());
                *chain = Span::new(chain.start(), end).unwrap_or(*chain);
            }
            _ => found.push(next),
        }
    }
    found
}

/// H21: two shifts of one person follow each other with too little rest.
///
/// Shifts that overlap are in two places at once (H13), which says more.
pub(super) fn rest(scene: &Scene<'_>) -> Vec<Match> {
    let least = i64::from(scene.problem.event.policy.rest_min);
    let mut found = Vec::new();
    for operator in &scene.problem.operators {
        for pair in scene.shifts_of(operator).windows(2) {
            let [before, after] = pair else { continue };
            let (ended, begins) = (before.on_duty.end(), after.on_duty.start());
            let break_min = minutes(ended, begins);
            if break_min < 0 || break_min >= least {
                continue;
            }
            let id = &operator.id;
            let mut subjects = before.subjects();
            subjects.extend(after.subjects().into_iter().skip(1));
            let between = Span::new(ended, begins).unwrap_or(after.on_duty);
            let whom = scene.whom_to_ask(after.duty, after.shift.span);
            let note = Note {
                subjects,
                spans: vec![between],
                says: format!("{id} rests {break_min} min between two shifts, {least} are due"),
                remedy: format!("give {} to someone else: {whom}", after.words()),
            };
            found.push(note.breaks(RuleCode::H21));
        }
    }
    found
}

/// H22: someone has more shifts than allowed.
pub(super) fn shift_count(scene: &Scene<'_>) -> Vec<Match> {
    let most = scene.problem.event.policy.max_shifts;
    per_person(scene, |operator, shifts| {
        let over = shifts.len() > usize::try_from(most).unwrap_or(usize::MAX);
        over.then(|| Note {
            subjects: who_and_what(operator, shifts, scene.horizon.span()),
            spans: shifts.iter().map(|service| service.shift.span).collect(),
            says: format!(
                "{} has {} shifts, {most} are allowed",
                operator.id,
                shifts.len()
            ),
            remedy: format!("give one shift of {} to someone else", operator.id),
        })
    })
    .into_iter()
    .map(|note| note.breaks(RuleCode::H22))
    .collect()
}

fn per_person(
    scene: &Scene<'_>,
    note: impl Fn(&Operator, &[&Service<'_>]) -> Option<Note>,
) -> Vec<Note> {
    scene
        .problem
        .operators
        .iter()
        .filter_map(|operator| note(operator, &scene.shifts_of(operator)))
        .collect()
}

/// An operator and those of her shifts that touch `span`.
fn who_and_what(operator: &Operator, shifts: &[&Service<'_>], span: Span) -> Vec<Subject> {
    let hers = shifts
        .iter()
        .filter(|service| service.on_duty.overlaps(&span))
        .map(|service| Subject::Shift(service.shift.id.clone()));
    std::iter::once(Subject::Operator(operator.id.clone()))
        .chain(hers)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::super::fixture::{cells, duty, horizon, shift, small};
    use crate::{Plan, Problem, RuleCode, Shift};

    /// Two days in which only ana serves, on these shifts.
    fn ana_on(shifts: &[(u32, u32)]) -> (Problem, Plan) {
        let (mut problem, mut plan) = small();
        problem.event.horizon = horizon(96);
        problem.event.duties = vec![duty("op-a", "op", "a")];
        let serve = |(at, &(from, to))| shift(&format!("s{at}"), "ana", "op-a", from, to);
        plan.shifts = shifts.iter().enumerate().map(serve).collect();
        (problem, plan)
    }

    fn spans_of(rule: RuleCode, problem: &Problem, plan: &Plan) -> Vec<crate::Span> {
        let matches = check(problem, plan).matches;
        let of_rule = matches.into_iter().filter(|found| found.rule == rule);
        of_rule.flat_map(|found| found.spans).collect()
    }

    #[test]
    fn duty_hours_roll_over_any_24_hours_not_over_days() {
        // 3 h, 3 h and 2 h of duty; the last ends 24 h after the second hour of the first.
        let (mut problem, plan) = ana_on(&[(0, 6), (20, 26), (48, 52)]);
        problem.operators[0].max_duty_min = 360;
        assert_eq!(spans_of(RuleCode::H19, &problem, &plan), []);
        problem.operators[0].max_duty_min = 359;
        let fullest = [cells(0, 6), cells(20, 26)];
        assert_eq!(spans_of(RuleCode::H19, &problem, &plan), fullest);

        let (problem, plan) = ana_on(&[(0, 2), (4, 8), (20, 26), (46, 51)]);
        let across = [cells(4, 8), cells(20, 26), cells(46, 51)];
        assert_eq!(spans_of(RuleCode::H19, &problem, &plan), across);
    }

    #[test]
    fn handover_shortens_rest_and_counts_as_duty() {
        let (mut problem, mut plan) = ana_on(&[(0, 6), (8, 14)]);
        assert_eq!(spans_of(RuleCode::H21, &problem, &plan), []);
        plan.shifts[1] = Shift {
            handover_min: 30,
            ..plan.shifts[1].clone()
        };
        assert_eq!(spans_of(RuleCode::H21, &problem, &plan), [cells(6, 7)]);
        problem.event.policy.rest_min = 30;
        assert_eq!(spans_of(RuleCode::H21, &problem, &plan), []);
        assert_eq!(
            spans_of(RuleCode::H19, &problem, &plan),
            [cells(0, 6), cells(7, 14)]
        );
    }

    #[test]
    fn a_break_as_long_as_a_sleep_ends_the_awake_span() {
        let (mut problem, plan) = ana_on(&[(0, 6), (12, 18), (32, 38)]);
        problem.event.policy.max_awake_min = 539;
        assert_eq!(spans_of(RuleCode::H20, &problem, &plan), [cells(0, 18)]);
        problem.event.policy.sleep_min = 421;
        assert_eq!(spans_of(RuleCode::H20, &problem, &plan), [cells(0, 38)]);
        problem.event.policy.sleep_min = 180;
        assert_eq!(spans_of(RuleCode::H20, &problem, &plan), []);
    }
}
