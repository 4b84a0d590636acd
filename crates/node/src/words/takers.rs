//! Who could take a shift, in words.

use std::fmt::Write as _;

use meridian_formats::export::plain;
use meridian_model::{OperatorId, Plan, Problem, Span, ZoneSet};
use meridian_solver::{Standing, Taker, Wanted};

use super::repairs::hours;
use super::{Clock, count};
use crate::ending::Failure;

/// Those who could take it at once, those who could by a swap, and for each other the rules in her way.
///
/// # Errors
/// When the event's zone, or that of someone who could, is unknown.
pub(crate) fn who_could(
    problem: &Problem,
    plan: &Plan,
    wanted: &Wanted,
    takers: &[Taker],
    zones: &ZoneSet,
) -> Result<String, Failure> {
    let clock = Clock::of(zones, &problem.event.zone)?;
    let mut shifts = plan.shifts.iter();
    let now = shifts.find(|shift| Some(&shift.id) == wanted.shift.as_ref());
    let now = now.map_or_else(
        || ", which nobody covers".to_owned(),
        |shift| format!(", now {}", shift.operator),
    );
    // Writing to a string cannot fail.
    let mut text = format!("{} {}{now}\n", wanted.duty, clock.span(wanted.span));
    let (mut at_once, mut swaps, mut barred) = (String::new(), String::new(), String::new());
    for taker in takers {
        let id = &taker.operator;
        match &taker.stands {
            Standing::Now { costs, load_min } => {
                let there = there(problem, id, wanted.span, zones)?;
                let (from, to) = (time(taker.load_min), time(*load_min));
                let costs = cost(*costs);
                let _ = writeln!(
                    at_once,
                    "  {id}{there}: on duty {to} instead of {from}, {costs}"
                );
            }
            Standing::Swap { gives, to, costs } => {
                let there = there(problem, id, wanted.span, zones)?;
                let mut shifts = plan.shifts.iter();
                let given = shifts.find(|shift| shift.id == *gives);
                let given = given.map_or_else(String::new, |shift| {
                    format!("{} {}", shift.duty, clock.span(shift.span))
                });
                let costs = cost(*costs);
                let _ = writeln!(
                    swaps,
                    "  {id}{there}: if {to} took {given} from her, {costs}"
                );
            }
            Standing::Barred { by } => {
                for found in by {
                    let when: Vec<String> =
                        found.spans.iter().map(|&span| clock.span(span)).collect();
                    let (rule, says) = (found.rule, plain(&found.says));
                    let when = when.join(", ");
                    let _ = writeln!(barred, "  {rule} {says}: {when}");
                }
            }
        }
    }
    let can = takers
        .iter()
        .filter(|one| !matches!(one.stands, Standing::Barred { .. }));
    let n = count(
        i64::try_from(can.count()).unwrap_or(i64::MAX),
        "person could",
        "people could",
    );
    let _ = writeln!(text, "{n} take it, of {} who know the role.", takers.len());
    let parts = [
        ("At once, cheapest first", at_once),
        ("With one other change", swaps),
        ("Not, for what it would break", barred),
    ];
    for (title, part) in parts {
        if !part.is_empty() {
            let _ = write!(text, "\n{title}:\n{part}");
        }
    }
    let _ = writeln!(text, "\nTimes are in {}.", clock.name());
    Ok(text)
}

fn time(minutes: i64) -> String {
    hours(u32::try_from(minutes).unwrap_or(0))
}

fn cost(costs: i64) -> String {
    match costs {
        0 => "costs the same".to_owned(),
        more if more > 0 => format!("costs {more} more"),
        less => format!("costs {} less", less.saturating_neg()),
    }
}

/// The time where she is, when that is another zone.
fn there(
    problem: &Problem,
    id: &OperatorId,
    span: Span,
    zones: &ZoneSet,
) -> Result<String, Failure> {
    let mut operators = problem.operators.iter();
    match operators.find(|one| one.id == *id) {
        Some(her) if her.zone != problem.event.zone => {
            let clock = Clock::of(zones, &her.zone)?;
            Ok(format!(" ({} {})", clock.span(span), clock.name()))
        }
        _ => Ok(String::new()),
    }
}
