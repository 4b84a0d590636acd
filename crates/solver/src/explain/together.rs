//! One person with her other shifts: which rule do they break beside any shift she could serve on a gap?

use std::ops::Range;

use meridian_model::{Duty, Operator, RuleCode};

use super::alone::Chance;
use super::bars::{Bar, sum_up};
use super::view::{Served, View, overlap, work};

/// One way to serve some of a gap: a new shift, or one of hers made longer.
struct Way<'v> {
    /// The cells on duty.
    on_duty: Range<u32>,
    /// Her other shifts.
    others: Vec<&'v Served<'v>>,
}

/// What keeps her, or `None` when some way breaks no rule.
pub(super) fn together(
    view: &View<'_>,
    operator: &Operator,
    duty: &Duty,
    gap: &Range<u32>,
    chance: &Chance,
) -> Option<Bar> {
    let hers = view.shifts_of(operator);
    let mut bars = Vec::new();
    for shift in &chance.shifts {
        let way = Way {
            on_duty: shift.clone(),
            others: hers.clone(),
        };
        bars.push(first_broken(view, operator, &way)?);
    }
    for (at, served) in hers.iter().enumerate() {
        if served.duty.id != duty.id {
            continue;
        }
        for covers in longer(&served.covers, gap, chance) {
            let mut others = hers.clone();
            others.remove(at);
            let way = Way {
                on_duty: covers.start.min(served.on_duty.start)..covers.end,
                others,
            };
            let longest = view.problem.event.policy.shift_longest_min;
            let length = view.minutes(covers.end - covers.start);
            if length > i64::from(longest) {
                let words = format!(
                    "would cover {length} min on end with the shift beside it, and may cover {longest}"
                );
                bars.push(Bar::new(RuleCode::H18, words));
            } else {
                bars.push(first_broken(view, operator, &way)?);
            }
        }
    }
    sum_up(&bars)
}

/// A shift of hers that reaches the gap, stretched forwards or backwards over the first cell of the gap that she
/// does not cover.
fn longer(covers: &Range<u32>, gap: &Range<u32>, chance: &Chance) -> Vec<Range<u32>> {
    let could = |cell: u32| gap.contains(&cell) && chance.is_open(cell);
    let forwards = could(covers.end).then(|| covers.start..covers.end + 1);
    let before = covers.start.checked_sub(1).filter(|&cell| could(cell));
    let backwards = before.map(|cell| cell..covers.end);
    forwards.into_iter().chain(backwards).collect()
}

/// The first rule by code that a way breaks.
fn first_broken(view: &View<'_>, operator: &Operator, way: &Way<'_>) -> Option<Bar> {
    let Way { on_duty, others } = way;
    let met = others
        .iter()
        .find(|served| overlap(&served.on_duty, on_duty));
    if let Some(served) = met {
        let words = format!("on duty as {} then", work(served.duty, served.role));
        return Some(Bar::new(RuleCode::H13, words));
    }
    let mut times: Vec<&Range<u32>> = others.iter().map(|served| &served.on_duty).collect();
    times.push(on_duty);
    times.sort_by_key(|time| time.start);
    hours(view, operator, &times)
        .or_else(|| awake(view, &times))
        .or_else(|| rest(view, way))
        .or_else(|| count(view, &times))
}

fn hours(view: &View<'_>, operator: &Operator, times: &[&Range<u32>]) -> Option<Bar> {
    let day = view.cells_in(24 * 60);
    let within = |from: i64| -> i64 {
        let to = from + i64::from(day);
        let share = |time: &&Range<u32>| {
            (i64::from(time.end).min(to) - i64::from(time.start).max(from)).max(0)
        };
        times.iter().map(share).sum()
    };
    let windows = times
        .iter()
        .flat_map(|time| [i64::from(time.start), i64::from(time.end) - i64::from(day)]);
    let most = windows.map(within).max()?;
    let (most, limit) = (most * view.minutes(1), operator.max_duty_min);
    (most > i64::from(limit)).then(|| {
        let words = format!("would be on duty for more than {limit} min in 24 hours");
        Bar::new(RuleCode::H19, words)
    })
}

fn awake(view: &View<'_>, times: &[&Range<u32>]) -> Option<Bar> {
    let policy = &view.problem.event.policy;
    let (sleep, limit) = (i64::from(policy.sleep_min), i64::from(policy.max_awake_min));
    let mut chain: Option<Range<u32>> = None;
    for time in times {
        let joined = match chain {
            Some(up) if view.minutes(time.start.saturating_sub(up.end)) < sleep => {
                up.start..up.end.max(time.end)
            }
            _ => (*time).clone(),
        };
        if view.minutes(joined.end - joined.start) > limit {
            let words = format!(
                "would have more than {limit} min from first to last duty without {sleep} min to sleep"
            );
            return Some(Bar::new(RuleCode::H20, words));
        }
        chain = Some(joined);
    }
    None
}

fn rest(view: &View<'_>, way: &Way<'_>) -> Option<Bar> {
    let least = i64::from(view.problem.event.policy.rest_min);
    way.others
        .iter()
        .map(|served| {
            let after = way.on_duty.start.saturating_sub(served.on_duty.end);
            let before = served.on_duty.start.saturating_sub(way.on_duty.end);
            (view.minutes(after.max(before)), served)
        })
        .filter(|&(rest, _)| rest < least)
        .min_by_key(|&(rest, _)| rest)
        .map(|(_, served)| {
            let work = work(served.duty, served.role);
            let words = format!("would not rest {least} min beside the shift as {work}");
            Bar::new(RuleCode::H21, words)
        })
}

fn count(view: &View<'_>, times: &[&Range<u32>]) -> Option<Bar> {
    let most = view.problem.event.policy.max_shifts;
    let has = times.len().saturating_sub(1);
    (times.len() > usize::try_from(most).unwrap_or(usize::MAX)).then(|| {
        let words = format!("has {has} of {most} shifts already");
        Bar::new(RuleCode::H22, words)
    })
}
