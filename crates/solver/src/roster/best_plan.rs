//! The best set of shifts for one operator while everyone else stays: what is missing, as gains.
//!
//! Value of a set = coverage gained − its soft costs − the convex fairness cost of its total length. The set itself
//! is found by [`super::best_set`].

use super::CellShift;
use super::best_set::{Tables, Worth};
use super::eligibility::PersonDuty;
use super::hours::Hours;
use super::state::State;
use crate::instance::number;

/// Worth of covering one missing person cell: above everything that one person's shifts can cost or save.
const GAP: i64 = 1_000_000_000_000;
/// Worth of one missing person on an alert at one cell: below any gap, and above one person's soft cost while weights stay
/// below 100,000. Larger ones can misguide a choice, never the comparison of rosters.
const ALERT: i64 = 1_000_000_000;

/// The best shifts for `operator`, who must be off duty but for `pinned`; in time order, `pinned` left out.
pub(crate) fn best_plan(
    state: &State<'_, '_>,
    operator: usize,
    pinned: &[CellShift],
) -> Vec<CellShift> {
    let hours = Hours::of(state.instance, operator, pinned);
    if hours.most == 0 {
        return Vec::new();
    }
    let person = &state.eligibility.people[operator];
    let width = state.instance.n_cells + 1;
    let mut gained = vec![0; person.duties.len() * width];
    let mut gains = false;
    for (duty, gained) in person.duties.iter().zip(gained.chunks_mut(width)) {
        for &(from, to) in &duty.runs {
            for c in from..to {
                let gain = cell_gain(state, duty, c);
                gains |= gain > 0;
                gained[c + 1] = gained[c] + gain;
            }
        }
    }
    if !gains {
        return Vec::new();
    }
    let table = &state.instance.operators[operator];
    let pinned_cells: usize = pinned.iter().map(CellShift::on_duty).sum();
    let others_min = state.group_min[table.group] - number(pinned_cells) * state.instance.cell_min;
    let lengths: Vec<i64> = (0..=hours.most)
        .map(|cells| state.fairness(operator, pinned_cells + cells, others_min))
        .collect();
    let worth = Worth {
        instance: state.instance,
        eligibility: state.eligibility,
        operator,
        hours,
        scale: 1,
        lengths: &lengths,
        gained: |place: usize| &gained[place * width..(place + 1) * width],
    };
    Tables::default().best(&worth).shifts
}

/// What covering one more cell is worth.
pub(super) fn cell_gain(state: &State<'_, '_>, duty: &PersonDuty, c: usize) -> i64 {
    let table = &state.instance.duties[duty.duty];
    let mut gain = if state.missing(duty.duty, c) > 0 {
        GAP
    } else {
        0
    };
    for &unit in &table.units {
        if state.alert_missing(unit, c) > 0 {
            gain += ALERT;
        }
    }
    let minute = state.instance.weights.first_timer_alone * state.instance.cell_min;
    if duty.first_time[c] {
        if state.alone(duty.duty, c) {
            gain -= minute;
        }
    } else {
        for &track in &table.tracks {
            if state.trained[track][c] == 0 {
                gain += minute * state.novices[track][c];
            }
        }
    }
    gain
}

#[cfg(test)]
mod tests {
    use meridian_model::{Availability, Cause, Grade, GradeSpan, Problem};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::best_plan;
    use crate::instance::{Instance, ShiftLimits};
    use crate::programme::{Block, Programme};
    use crate::roster::CellShift;
    use crate::roster::eligibility::Eligibility;
    use crate::roster::state::{RosterCost, State};
    use crate::support::{Size, problem};

    fn tiny(seed: u64) -> Problem {
        let size = Size {
            groups: 3,
            tracks: 1,
            operators: 6,
            sessions: 3,
            hours: 12,
            cell_min: 30,
        };
        let mut problem = problem(seed, size);
        problem.event.policy.rest_min = 60;
        problem.event.policy.sleep_min = 300;
        problem.event.policy.max_awake_min = 450;
        for role in problem.event.roles.iter_mut().step_by(2) {
            role.handover_min = 60;
        }
        problem.event.policy.shift_longest_min = 90;
        let span = problem.event.horizon.span();
        for (n, operator) in problem.operators.iter_mut().enumerate() {
            operator.max_duty_min = 210;
            if !n.is_multiple_of(2) {
                let (grade, cause) = (Grade::Possible, Cause::Marked);
                operator.availability = Availability(vec![GradeSpan { span, grade, cause }]);
                operator.nights.clear();
            }
        }
        problem
    }

    fn programme(instance: &Instance<'_>) -> Programme {
        let language = instance.groups[1].languages[0];
        let block = Block {
            track: 0,
            group: 1,
            language,
            start: 0,
            end: instance.n_cells,
        };
        Programme {
            blocks: vec![block],
            placed: Vec::new(),
        }
    }

    /// Whether one person can do both: one place, rest, awake span.
    fn compatible(limits: ShiftLimits, plan: &[CellShift]) -> bool {
        let [first, second] = plan else {
            return true;
        };
        let (first, second) = if first.start <= second.start {
            (first, second)
        } else {
            (second, first)
        };
        let Some(pause) = second.from().checked_sub(first.end) else {
            return false;
        };
        pause >= limits.rest
            && (pause >= limits.sleep || second.end - first.from() <= limits.max_awake)
    }

    /// The cost of the best of all shifts and pairs of shifts, each tried.
    fn exhaustive(state: &State<'_, '_>, operator: usize) -> RosterCost {
        let limits = state.instance.limits;
        let mut shifts = Vec::new();
        for duty in &state.eligibility.people[operator].duties {
            for start in 0..state.instance.n_cells {
                for end in start + limits.shortest..=start + limits.longest {
                    if (start..end).all(|c| duty.serves(c)) {
                        for handover in 0..=duty.handover[start] {
                            shifts.push(CellShift {
                                duty: duty.duty,
                                start,
                                end,
                                handover,
                            });
                        }
                    }
                }
            }
        }
        let cap = state.instance.operators[operator].max_duty;
        let legal = |plan: &[CellShift]| {
            plan.iter().map(CellShift::on_duty).sum::<usize>() <= cap && compatible(limits, plan)
        };
        let cost = |plan: &[CellShift]| {
            let mut tried = state.clone();
            tried.set(operator, plan.to_vec());
            tried.cost()
        };
        let mut best = cost(&[]);
        for (n, first) in shifts.iter().enumerate() {
            for second in &shifts[n..] {
                for plan in [&[*first][..], &[*first, *second][..]] {
                    if legal(plan) {
                        best = best.min(cost(plan));
                    }
                }
            }
        }
        best
    }

    #[test]
    fn the_best_plan_of_one_person_is_the_best_of_all_that_could_be_tried() {
        let mut pairs = 0;
        for seed in 0..24 {
            let problem = tiny(seed);
            let instance = Instance::lower(&problem).unwrap();
            let programme = programme(&instance);
            let eligibility = Eligibility::of(&instance, &programme);
            let mut state = State::empty(&instance, &eligibility);
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            for operator in 0..3 {
                if rng.random_bool(0.7) {
                    for shift in best_plan(&state, operator, &[]) {
                        state.add(operator, shift);
                    }
                }
            }
            for operator in 3..6 {
                let best = exhaustive(&state, operator);
                let plan = best_plan(&state, operator, &[]);
                pairs += usize::from(plan.len() == 2);
                let mut with = state.clone();
                with.set(operator, plan);
                assert_eq!(with.cost(), best, "seed {seed}, operator {operator}");
            }
        }
        assert!(pairs > 10, "only {pairs} of the best plans have two shifts");
    }
}
