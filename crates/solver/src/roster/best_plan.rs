//! The best set of shifts for one operator while everyone else stays: exact for up to two shifts.
//!
//! A shift takes over in full, as far as the day's limit leaves time, or not at all.
//! Value of a set = coverage gained − its soft costs − the convex fairness cost of its total length. Single
//! shifts are enumerated per duty with prefix sums; pairs by a table over (length, end) of the first shift,
//! so that rest, the daily limit and the convex cost are all exact. A third and further shift is added
//! greedily where the policy allows more than two.

use super::CellShift;
use super::eligibility::PersonDuty;
use super::state::State;
use crate::instance::number;

/// Worth of covering one missing person cell: above everything that one person's shifts can cost or save.
const GAP: i64 = 1_000_000_000_000;
/// Worth of one missing person on an alert at one cell: below any gap, and above one person's soft cost while weights stay
/// below 100,000. Larger ones can misguide a choice, never the comparison of rosters.
const ALERT: i64 = 1_000_000_000;
/// Shifts tried as partners when the longest awake span binds and pairs are compared one by one.
const MOST_PARTNERS: usize = 400;

#[derive(Clone, Copy, Debug)]
struct Entry {
    shift: CellShift,
    value: i64,
}

/// The best shifts for `operator`, who must be off duty but for `pinned`; in time order, `pinned` left out.
pub(crate) fn best_plan(
    state: &State<'_, '_>,
    operator: usize,
    pinned: &[CellShift],
) -> Vec<CellShift> {
    let limits = state.instance.limits;
    let table = &state.instance.operators[operator];
    let others_min = state.group_min[table.group]
        - pinned
            .iter()
            .map(|s| number(s.on_duty()) * state.instance.cell_min)
            .sum::<i64>();
    let pinned_cells: usize = pinned.iter().map(CellShift::on_duty).sum();
    let Some(cap) = table.max_duty.checked_sub(pinned_cells) else {
        return Vec::new();
    };
    let fair: Vec<i64> = (0..=cap)
        .map(|cells| state.fairness(operator, pinned_cells + cells, others_min))
        .collect();
    let mut entries = entries(state, operator, cap);
    if !pinned.is_empty() {
        entries.retain(|e| {
            let mut all = pinned.to_vec();
            all.push(e.shift);
            compatible(state, all)
        });
    }
    let free = limits.max_shifts.saturating_sub(pinned.len());
    let mut best: (i64, Vec<CellShift>) = (-fair[0], Vec::new());
    if free >= 1 {
        for entry in &entries {
            let value = entry.value - fair[entry.shift.on_duty()];
            if value > best.0 {
                best = (value, vec![entry.shift]);
            }
        }
    }
    if free >= 2
        && let Some((value, pair)) = best_pair(state, &entries, &fair, pinned)
        && value > best.0
    {
        best = (value, pair.to_vec());
    }
    while best.1.len() >= 2 && best.1.len() < free {
        match best_addition(state, &entries, &fair, pinned, &best) {
            Some(better) => best = better,
            None => break,
        }
    }
    best.1.sort_unstable_by_key(|shift| shift.start);
    best.1
}

/// Every shift that gains more than it costs by itself.
fn entries(state: &State<'_, '_>, operator: usize, cap: usize) -> Vec<Entry> {
    let person = &state.eligibility.people[operator];
    let mut found = Vec::new();
    let mut gained = vec![0; state.instance.n_cells + 1];
    for duty in &person.duties {
        for &(from, to) in &duty.runs {
            for c in from..to {
                gained[c + 1] = gained[c] + cell_gain(state, duty, c);
            }
            if gained[to] > gained[from] {
                shifts_in_run(state, operator, duty, (from, to), &gained, cap, &mut found);
            }
        }
    }
    found
}

/// Adds the shifts within one run of cells; `gained` are prefix sums over it.
fn shifts_in_run(
    state: &State<'_, '_>,
    operator: usize,
    duty: &PersonDuty,
    (from, to): (usize, usize),
    gained: &[i64],
    cap: usize,
    found: &mut Vec<Entry>,
) {
    let limits = state.instance.limits;
    for start in from..=to - limits.shortest {
        let until = to.min(start + limits.longest);
        if gained[until] <= gained[start] {
            continue;
        }
        // A shift that begins or ends with a cell nobody needs is no better than a shorter one, unless it is
        // the one that opens the duty and has nobody to take over from.
        let shortest = start + limits.shortest;
        let idle_start = gained[start + 1] <= gained[start] && !duty.opens[start];
        let until = if idle_start { shortest } else { until };
        for end in shortest..=until {
            if end > shortest && gained[end] <= gained[end - 1] {
                continue;
            }
            let Some(spare) = cap.min(limits.max_awake).checked_sub(end - start) else {
                break;
            };
            // In full if the day's limit allows, and not at all, where taking over keeps her from more.
            let full = duty.handover[start].min(spare);
            for handover in [full, 0].into_iter().take(1 + usize::from(full > 0)) {
                let shift = CellShift {
                    duty: duty.duty,
                    start,
                    end,
                    handover,
                };
                let value = gained[end] - gained[start] - state.shift_cost(operator, duty, shift);
                if value > 0 {
                    found.push(Entry { shift, value });
                }
            }
        }
    }
}

/// What covering one more cell is worth.
fn cell_gain(state: &State<'_, '_>, duty: &PersonDuty, c: usize) -> i64 {
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

/// The best pair of compatible shifts.
fn best_pair(
    state: &State<'_, '_>,
    entries: &[Entry],
    fair: &[i64],
    pinned: &[CellShift],
) -> Option<(i64, [CellShift; 2])> {
    let limits = state.instance.limits;
    let longest = entries.iter().map(|e| e.shift.on_duty()).max()?;
    let earliest = entries.iter().map(|e| e.shift.end).min()?;
    let latest = entries
        .iter()
        .map(|e| e.shift.from())
        .max()?
        .checked_sub(limits.rest)?;
    if earliest > latest {
        return None;
    }
    let awake_binds = 2 * longest + limits.sleep > limits.max_awake;
    if awake_binds || !pinned.is_empty() || entries.len() < 48 {
        return best_pair_one_by_one(state, entries, fair, pinned);
    }
    let width = latest - earliest + 1;
    // first[n × width + t]: the best entry of n cells on duty that is over by earliest + t.
    let mut first: Vec<Option<u32>> = vec![None; (longest + 1) * width];
    let value_of = |slot: Option<u32>| {
        slot.and_then(|e| entries.get(crate::instance::index(e)))
            .map(|e| e.value)
    };
    for (n, entry) in entries
        .iter()
        .enumerate()
        .filter(|(_, e)| e.shift.end <= latest)
    {
        let slot = entry.shift.on_duty() * width + entry.shift.end - earliest;
        if value_of(first[slot]).is_none_or(|known| entry.value > known) {
            first[slot] = u32::try_from(n).ok();
        }
    }
    for row in first.chunks_mut(width) {
        for t in 1..width {
            if value_of(row[t - 1]) > value_of(row[t]) {
                row[t] = row[t - 1];
            }
        }
    }
    let mut best: Option<(i64, [CellShift; 2])> = None;
    for second in entries {
        let over_by = second.shift.from().checked_sub(limits.rest + earliest);
        let Some(over_by) = over_by else { continue };
        let left = (fair.len() - 1).saturating_sub(second.shift.on_duty());
        for cells in 1..=longest.min(left) {
            let Some(slot) = first[cells * width + over_by] else {
                continue;
            };
            let Some(partner) = entries.get(crate::instance::index(slot)) else {
                continue;
            };
            let value = partner.value + second.value - fair[cells + second.shift.on_duty()];
            if best.is_none_or(|(known, _)| value > known) {
                best = Some((value, [partner.shift, second.shift]));
            }
        }
    }
    best
}

fn best_pair_one_by_one(
    state: &State<'_, '_>,
    entries: &[Entry],
    fair: &[i64],
    pinned: &[CellShift],
) -> Option<(i64, [CellShift; 2])> {
    let mut strongest: Vec<&Entry> = entries.iter().collect();
    strongest.sort_by_key(|e| (std::cmp::Reverse(e.value), e.shift));
    strongest.truncate(MOST_PARTNERS);
    let rest = state.instance.limits.rest;
    let mut best: Option<(i64, [CellShift; 2])> = None;
    for first in &strongest {
        for second in &strongest {
            if first.shift.end + rest > second.shift.from() {
                continue;
            }
            let cells = first.shift.on_duty() + second.shift.on_duty();
            let Some(fair) = fair.get(cells) else {
                continue;
            };
            let value = first.value + second.value - fair;
            if best.is_some_and(|(known, _)| value <= known) {
                continue;
            }
            let mut all = pinned.to_vec();
            all.extend([first.shift, second.shift]);
            if compatible(state, all) {
                best = Some((value, [first.shift, second.shift]));
            }
        }
    }
    best
}

/// The best further shift beside those of `plan`, if it gains anything.
fn best_addition(
    state: &State<'_, '_>,
    entries: &[Entry],
    fair: &[i64],
    pinned: &[CellShift],
    plan: &(i64, Vec<CellShift>),
) -> Option<(i64, Vec<CellShift>)> {
    let cells: usize = plan.1.iter().map(CellShift::on_duty).sum();
    let mut best: Option<(i64, Vec<CellShift>)> = None;
    for entry in entries {
        let total = cells + entry.shift.on_duty();
        let Some(cost) = fair.get(total) else {
            continue;
        };
        let value = plan.0 + fair[cells] + entry.value - cost;
        let known = best.as_ref().map_or(plan.0, |(known, _)| *known);
        let mut shifts = plan.1.clone();
        shifts.push(entry.shift);
        if value > known && compatible(state, shifts.iter().chain(pinned).copied().collect()) {
            best = Some((value, shifts));
        }
    }
    best
}

/// Whether one person can do all of these: one place, rest, awake span.
fn compatible(state: &State<'_, '_>, mut shifts: Vec<CellShift>) -> bool {
    let limits = state.instance.limits;
    shifts.sort_unstable_by_key(|shift| shift.start);
    let mut awake_since = shifts.first().map_or(0, CellShift::from);
    for pair in shifts.windows(2) {
        let Some(pause) = pair[1].from().checked_sub(pair[0].end) else {
            return false;
        };
        if pause < limits.rest {
            return false;
        }
        if pause >= limits.sleep {
            awake_since = pair[1].from();
        } else if pair[1].end - awake_since > limits.max_awake {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use meridian_model::{Availability, Cause, Grade, GradeSpan, Problem};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::{best_plan, compatible};
    use crate::instance::Instance;
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

    /// The cost of the best of all shifts and pairs of shifts, each tried.
    fn exhaustive(state: &State<'_, '_>, operator: usize) -> RosterCost {
        let limits = state.instance.limits;
        let mut shifts = Vec::new();
        for duty in &state.eligibility.people[operator].duties {
            for start in 0..state.instance.n_cells {
                for end in start + limits.shortest..=start + limits.longest {
                    if (start..end).all(|c| duty.serves(c)) {
                        for handover in [duty.handover[start], 0] {
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
            plan.iter().map(CellShift::on_duty).sum::<usize>() <= cap
                && compatible(state, plan.to_vec())
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
