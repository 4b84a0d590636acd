//! One changed row of each kind of availability changes the plan accordingly.

use meridian_model::{OperatorId, Plan, Problem, Span};

use crate::folder::{Folder, plan};

const EVENT: &str = "first-relay";
const HEADER: &str = "kind,who,grade,start,end,rule";

fn planned(folder: &Folder) -> (Problem, Plan) {
    let problem = folder.problem();
    let plan = plan(&problem, 2);
    (problem, plan)
}

/// Someone on duty in the unchanged plan, and when.
fn somebody_on_duty(plan: &Plan) -> (OperatorId, Span) {
    let shift = &plan.shifts[plan.shifts.len() / 2];
    (shift.operator.clone(), shift.span)
}

fn on_duty_in(plan: &Plan, operator: &OperatorId, span: Span) -> bool {
    plan.shifts
        .iter()
        .any(|s| s.operator == *operator && s.span.overlaps(&span))
}

#[test]
fn a_dated_impossible_row_takes_someone_off_that_time() {
    let folder = Folder::open(EVENT);
    let (_, before) = planned(&folder);
    let (who, span) = somebody_on_duty(&before);
    let row = format!("operator,{who},impossible,{},{},", span.start(), span.end());
    let (_, after) = planned(&folder.append("availability.csv", HEADER, &row));
    assert!(on_duty_in(&before, &who, span) && !on_duty_in(&after, &who, span));
}

#[test]
fn a_never_rule_takes_someone_off_those_hours() {
    let folder = Folder::open(EVENT);
    let (_, before) = planned(&folder);
    let (who, span) = somebody_on_duty(&before);
    let row = format!("operator,{who},,,,never 00:00-24:00");
    let (_, after) = planned(&folder.append("availability.csv", HEADER, &row));
    assert!(on_duty_in(&before, &who, span));
    assert!(!after.shifts.iter().any(|s| s.operator == who));
}

#[test]
fn a_busy_time_takes_someone_off_it() {
    let folder = Folder::open(EVENT);
    let (_, before) = planned(&folder);
    let (who, span) = somebody_on_duty(&before);
    let row = format!("operator,{who},{},{}", span.start(), span.end());
    let (_, after) = planned(&folder.append("busy.csv", "kind,who,start,end", &row));
    assert!(on_duty_in(&before, &who, span) && !on_duty_in(&after, &who, span));
}

#[test]
fn a_narrower_hosting_window_moves_a_block() {
    let folder = Folder::open(EVENT);
    let (_, before) = planned(&folder);
    let block = &before.blocks[before.blocks.len() / 2];
    // The group's own row of the table: its window ends where its block began.
    let text = folder.text("groups.toml");
    let section = text
        .split("[[groups]]")
        .find(|s| s.contains(&format!("id = \"{}\"", block.group)));
    let section = section.unwrap();
    let line = section
        .lines()
        .find(|line| line.starts_with("hosting = "))
        .unwrap();
    let from = "2024-08-24T00:00Z";
    let window = format!("hosting = [\"{from}/{}\"]", block.span.start());
    let changed = folder
        .clone()
        .replace("groups.toml", section, &section.replace(line, &window));
    let (_, after) = planned(&changed);
    let hosts_then = |plan: &Plan| {
        plan.blocks
            .iter()
            .any(|b| b.group == block.group && b.span.overlaps(&block.span))
    };
    assert!(hosts_then(&before) && !hosts_then(&after));
}

#[test]
fn a_speaker_who_cannot_then_speaks_at_another_time() {
    let folder = Folder::open(EVENT);
    let (problem, before) = planned(&folder);
    let (placed, speaker) = before
        .sessions
        .iter()
        .find_map(|placed| {
            let session = problem.sessions.iter().find(|s| s.id == placed.session)?;
            let live = session.delivery == meridian_model::Delivery::Live;
            session
                .speakers
                .first()
                .filter(|_| live)
                .map(|speaker| (placed, speaker))
        })
        .unwrap();
    let row = format!(
        "speaker,{speaker},impossible,{},{},",
        placed.span.start(),
        placed.span.end()
    );
    let (_, after) = planned(&folder.append("availability.csv", HEADER, &row));
    let moved = after.sessions.iter().find(|s| s.session == placed.session);
    assert!(moved.is_none_or(|moved| !moved.span.overlaps(&placed.span)));
}
