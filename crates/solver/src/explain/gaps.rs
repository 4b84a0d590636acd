//! Why gaps stand open: everyone with a skill in the role, and what keeps her.

use std::ops::Range;

use meridian_model::{Duty, Operator, Plan, Role, RuleCode, Subject};

use super::alone::alone;
use super::bars::all_of;
use super::mend::Before;
use super::one_person::Hole;
use super::reach::Reach;
use super::skills::{knows, lacking, words};
use super::together::together;
use super::view::{View, work};
use super::{Exclusion, GapReason, conflict, gap_repairs};

/// One reason per duty and run of cells with the same number of people missing.
pub(super) fn reasons(view: &View<'_>) -> Vec<GapReason> {
    let mut found = Vec::new();
    for duty in &view.problem.event.duties {
        let Some(role) = view.role(duty) else {
            continue;
        };
        for (gap, missing) in gaps(view, duty, role) {
            found.push(reason(view, duty, role, &gap, missing));
        }
    }
    found
}

/// Adds to a reason what stands in the way.
pub(super) fn find_conflict(view: &View<'_>, reason: &mut GapReason) {
    if let Some(mut reach) = reach(view, reason) {
        reason.conflict = conflict::of_hole(&mut reach);
    }
}

/// Adds to a reason what stands in the way, who comes nearest and what would close the gap.
pub(super) fn repair(view: &View<'_>, plan: &Plan, before: &Before, reason: &mut GapReason) {
    let Some(mut reach) = reach(view, reason) else {
        return;
    };
    reason.conflict = conflict::of_hole(&mut reach);
    let (nearest, candidates) = gap_repairs::nearest(&mut reach);
    reason.nearest = nearest;
    reason.repairs = gap_repairs::offers(&reach, plan, before, candidates);
}

fn reach<'v, 'a>(view: &'v View<'a>, reason: &GapReason) -> Option<Reach<'v, 'a>> {
    let mut duties = view.problem.event.duties.iter();
    let duty = duties.position(|duty| duty.id == reason.duty)?;
    let cell = |at| view.horizon.boundary(at);
    let cells = cell(reason.span.start())?..cell(reason.span.end())?;
    Reach::new(view, Hole { duty, cells })
}

fn gaps(view: &View<'_>, duty: &Duty, role: &Role) -> Vec<(Range<u32>, u32)> {
    let mut found: Vec<(Range<u32>, u32)> = Vec::new();
    for cell in 0..view.horizon.n_cells() {
        let missing = view.missing(duty, role, cell);
        match found.last_mut() {
            Some((run, same)) if run.end == cell && *same == missing => run.end = cell + 1,
            _ if missing > 0 => found.push((cell..cell + 1, missing)),
            _ => {}
        }
    }
    found
}

fn reason(view: &View<'_>, duty: &Duty, role: &Role, gap: &Range<u32>, missing: u32) -> GapReason {
    let mut reason = GapReason {
        duty: duty.id.clone(),
        span: view.span(gap),
        missing,
        eligible: Vec::new(),
        exclusions: nobody_can(view, duty, role, gap).into_iter().collect(),
        conflict: None,
        nearest: Vec::new(),
        repairs: Vec::new(),
    };
    for operator in view.problem.operators.iter().filter(|one| knows(one, role)) {
        let bar = match alone(view, operator, duty, role, gap) {
            Err(bar) => Some(bar),
            Ok(chance) => {
                reason.eligible.push(operator.id.clone());
                together(view, operator, duty, gap, &chance)
            }
        };
        reason.exclusions.extend(bar.map(|bar| Exclusion {
            subject: Subject::Operator(operator.id.clone()),
            rule: bar.rule,
            says: bar.words,
        }));
    }
    reason
}

/// Says of the duty itself that nobody at all has the skill that the gap needs at any of its cells.
fn nobody_can(view: &View<'_>, duty: &Duty, role: &Role, gap: &Range<u32>) -> Option<Exclusion> {
    let mut wanted: Vec<String> = Vec::new();
    for cell in gap.clone() {
        let needed = view.needs(duty, role, cell)?;
        let skilled = |operator: &Operator| lacking(view, operator, role, &needed).is_empty();
        if view.problem.operators.iter().any(skilled) {
            return None;
        }
        let new = words(view, role, &needed).into_iter();
        let new: Vec<String> = new.filter(|words| !wanted.contains(words)).collect();
        wanted.extend(new);
    }
    let (wanted, work) = (all_of(&wanted), work(duty, role));
    Some(Exclusion {
        subject: Subject::Duty(duty.id.clone()),
        rule: RuleCode::H16,
        says: format!("nobody has the skill {wanted} for {work}"),
    })
}
