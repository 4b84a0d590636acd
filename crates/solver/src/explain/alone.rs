//! One person taken alone: could she serve a legal shift on some of a gap if she had no other shifts?
//!
//! A shift need not have a handover to be legal, so the time covered is all the time that must suit her.

use std::ops::Range;

use meridian_model::{Duty, Operator, Role, RuleCode};

use super::bars::{Bar, all_of, is_open, sum_up, why_closed};
use super::skills::lacking;
use super::view::{View, overlap, title};

/// What someone could do about a gap.
pub(super) struct Chance {
    /// For each cell: whether she could cover it.
    pub(super) open: Vec<bool>,
    /// The shortest legal shifts that cover some of the gap.
    pub(super) shifts: Vec<Range<u32>>,
}

impl Chance {
    pub(super) fn is_open(&self, cell: u32) -> bool {
        usize::try_from(cell).is_ok_and(|at| self.open.get(at) == Some(&true))
    }
}

/// What she could do, or what keeps her from all of it.
pub(super) fn alone(
    view: &View<'_>,
    operator: &Operator,
    duty: &Duty,
    role: &Role,
    gap: &Range<u32>,
) -> Result<Chance, Bar> {
    let barred = |cell: u32| bar_at(view, operator, duty, role, cell);
    let in_gap: Vec<Option<Bar>> = gap.clone().map(barred).collect();
    if in_gap.iter().all(Option::is_some) {
        let bars: Vec<Bar> = in_gap.into_iter().flatten().collect();
        return Err(sum_up(&bars).unwrap_or_else(|| Bar::new(RuleCode::H18, "has no time")));
    }
    let bars: Vec<Option<Bar>> = (0..view.horizon.n_cells()).map(barred).collect();
    let chance = Chance {
        open: bars.iter().map(Option::is_none).collect(),
        shifts: Vec::new(),
    };
    let policy = &view.problem.event.policy;
    let shortest = view.cells_in(policy.shift_shortest_min).max(1);
    let stretches: Vec<Range<u32>> = open_runs(&chance.open)
        .into_iter()
        .filter(|run| overlap(run, gap))
        .collect();
    let longest = stretches.iter().max_by_key(|run| run.end - run.start);
    if let Some(run) = longest
        && run.end - run.start < shortest
    {
        return Err(too_short(view, run, &bars));
    }
    let least = view.minutes(shortest);
    let limits = [
        (
            RuleCode::H19,
            operator.max_duty_min,
            "be on duty in 24 hours",
        ),
        (RuleCode::H20, policy.max_awake_min, "stay up for duty"),
    ];
    for (rule, limit, what) in limits {
        if least > i64::from(limit) {
            let words = format!("may {what} for {limit} min, and the shortest shift has {least}");
            return Err(Bar::new(rule, words));
        }
    }
    if policy.max_shifts == 0 {
        return Err(Bar::new(RuleCode::H22, "may have no shifts at all"));
    }
    let shifts = stretches
        .iter()
        .flat_map(|run| (run.start..run.end).map(|from| from..from.saturating_add(shortest)))
        .filter(|shift| overlap(shift, gap))
        .filter(|shift| shift.clone().all(|cell| chance.is_open(cell)))
        .collect();
    Ok(Chance { shifts, ..chance })
}

/// The first rule by code that keeps her from covering one cell.
fn bar_at(
    view: &View<'_>,
    operator: &Operator,
    duty: &Duty,
    role: &Role,
    cell: u32,
) -> Option<Bar> {
    let here = view.horizon.cells(cell, cell + 1);
    if !is_open(&operator.availability, here) {
        let why = why_closed(&operator.availability, here);
        return Some(Bar::new(RuleCode::H12, why));
    }
    if let Some(bar) = speaking(view, operator, cell) {
        return Some(bar);
    }
    if role.alerted && operator.nights.iter().any(|night| night.overlaps(&here)) {
        let words = format!("would answer alerts as {} at night", role.name);
        return Some(Bar::new(RuleCode::H15, words));
    }
    let Some(needed) = view.needs(duty, role, cell) else {
        return Some(Bar::new(RuleCode::H23, "nobody is asked for"));
    };
    let lacking = lacking(view, operator, role, &needed);
    if !lacking.is_empty() {
        let words = format!("lacks the skill {}", all_of(&lacking));
        return Some(Bar::new(RuleCode::H16, words));
    }
    let event = view.blocking(&operator.group, here)?;
    let group = view.group_name(&operator.group);
    let words = format!("kept by \"{}\" of {group}", event.title);
    Some(Bar::new(RuleCode::H17, words))
}

fn speaking(view: &View<'_>, operator: &Operator, cell: u32) -> Option<Bar> {
    let speaker = operator.speaker.as_ref()?;
    let preparation = view.cells_in(view.problem.event.policy.speaker_preparation_min);
    view.live_talks(speaker)
        .find(|talk| {
            let away = talk.cells.start.saturating_sub(preparation)..talk.cells.end;
            away.contains(&cell)
        })
        .map(|talk| {
            let words = format!("speaks live in {} or prepares to", title(talk.session));
            Bar::new(RuleCode::H13, words)
        })
}

/// She could cover some of the gap, but never long enough; the words tell what hems her in.
fn too_short(view: &View<'_>, run: &Range<u32>, bars: &[Option<Bar>]) -> Bar {
    let bar_beside = |cell: Option<u32>| -> Option<&Bar> {
        let at = usize::try_from(cell?).ok()?;
        bars.get(at)?.as_ref()
    };
    let mut hemmed: Vec<&str> = Vec::new();
    for beside in [run.start.checked_sub(1), Some(run.end)] {
        if let Some(bar) = bar_beside(beside)
            && !hemmed.contains(&bar.words.as_str())
        {
            hemmed.push(&bar.words);
        }
    }
    let because = if hemmed.is_empty() {
        String::new()
    } else {
        format!("; beside that: {}", all_of(&hemmed))
    };
    let (room, shortest) = (
        view.minutes(run.end - run.start),
        view.problem.event.policy.shift_shortest_min,
    );
    Bar::new(
        RuleCode::H18,
        format!("could cover {room} min in a row, and a shift has at least {shortest}{because}"),
    )
}

/// The maximal runs of open cells.
fn open_runs(open: &[bool]) -> Vec<Range<u32>> {
    let mut runs: Vec<Range<u32>> = Vec::new();
    for (cell, _) in (0_u32..).zip(open).filter(|&(_, &is_open)| is_open) {
        match runs.last_mut() {
            Some(run) if run.end == cell => run.end = cell + 1,
            _ => runs.push(cell..cell + 1),
        }
    }
    runs
}
