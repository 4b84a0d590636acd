//! Plans as CSV for spreadsheets: UTF-8 with a BOM, and no cell that a spreadsheet takes for a formula.
//!
//! Every table has the start and end with offset, the same as civil times, and the zone they are told in.

use meridian_model::time::UnknownZone;
use meridian_model::{Plan, Problem, Span, ZoneName, ZoneSet};

use super::clock::Clock;
use super::names::Names;
use super::text::plain;

/// Host blocks: `id,track,group,group_name,language,` then the times in `zone`.
///
/// # Errors
/// [`UnknownZone`] when the zone set does not hold `zone`.
pub fn blocks(
    problem: &Problem,
    plan: &Plan,
    zones: &ZoneSet,
    zone: &ZoneName,
) -> Result<String, UnknownZone> {
    let names = Names::new(problem, plan);
    let clock = Clock::new(zones, zone, problem.event.horizon.span())?;
    let mut table = Table::new(&["id", "track", "group", "group_name", "language"], &TIMES);
    for block in &plan.blocks {
        let cells = [
            block.id.to_string(),
            block.track.to_string(),
            block.group.to_string(),
            names.group(&block.group),
            block.language.to_string(),
        ];
        table.row(&cells, &times(&clock, block.span));
    }
    Ok(table.finish())
}

/// Placed sessions: `id,title,kind,track,host,language,` then the times in `zone`.
///
/// # Errors
/// [`UnknownZone`] when the zone set does not hold `zone`.
pub fn sessions(
    problem: &Problem,
    plan: &Plan,
    zones: &ZoneSet,
    zone: &ZoneName,
) -> Result<String, UnknownZone> {
    let names = Names::new(problem, plan);
    let clock = Clock::new(zones, zone, problem.event.horizon.span())?;
    let mut table = Table::new(
        &["id", "title", "kind", "track", "host", "language"],
        &TIMES,
    );
    for placed in &plan.sessions {
        let session = names.session(&placed.session);
        let host = names.block_of(placed);
        let cells = [
            placed.session.to_string(),
            names.title(&placed.session),
            session.map_or(String::new(), |session| session.kind.clone()),
            placed.track.to_string(),
            host.map_or(String::new(), |block| block.group.to_string()),
            session.map_or(String::new(), |session| session.language.to_string()),
        ];
        table.row(&cells, &times(&clock, placed.span));
    }
    Ok(table.finish())
}

/// Shifts, for the crew: `id,operator,group,duty,role,handover_min,` then the times that are covered, in
/// `zone` and in the operator's own zone.
///
/// # Errors
/// [`UnknownZone`] when the zone set does not hold `zone` or an operator's zone.
pub fn shifts(
    problem: &Problem,
    plan: &Plan,
    zones: &ZoneSet,
    zone: &ZoneName,
) -> Result<String, UnknownZone> {
    let names = Names::new(problem, plan);
    let horizon = problem.event.horizon.span();
    let clock = Clock::new(zones, zone, horizon)?;
    let columns = ["id", "operator", "group", "duty", "role", "handover_min"];
    let own = [
        "operator_start_local",
        "operator_end_local",
        "operator_zone",
    ];
    let mut table = Table::new(&columns, &[&TIMES[..], &own].concat());
    for shift in &plan.shifts {
        let operator = names.operator(&shift.operator);
        let cells = [
            shift.id.to_string(),
            shift.operator.to_string(),
            operator.map_or(String::new(), |operator| operator.group.to_string()),
            shift.duty.to_string(),
            names.role(&shift.duty),
            shift.handover_min.to_string(),
        ];
        let mut when = times(&clock, shift.span);
        let own = Clock::new(
            zones,
            operator.map_or(zone, |operator| &operator.zone),
            horizon,
        )?;
        when.push(own.civil_iso(shift.span.start()));
        when.push(own.civil_iso(shift.span.end()));
        when.push(own.zone().to_string());
        table.row(&cells, &when);
    }
    Ok(table.finish())
}

const TIMES: [&str; 5] = ["start", "end", "start_local", "end_local", "zone"];

fn times(clock: &Clock, span: Span) -> Vec<String> {
    vec![
        clock.iso(span.start()),
        clock.iso(span.end()),
        clock.civil_iso(span.start()),
        clock.civil_iso(span.end()),
        clock.zone().to_string(),
    ]
}

struct Table {
    out: String,
}

impl Table {
    fn new(columns: &[&str], more: &[&str]) -> Self {
        let mut table = Self {
            out: String::from("\u{feff}"),
        };
        let own = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
        table.row(&own(columns), &own(more));
        table
    }

    fn row(&mut self, cells: &[String], more: &[String]) {
        for (index, cell) in cells.iter().chain(more).enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.out.push_str(&field(cell));
        }
        self.out.push_str("\r\n");
    }

    fn finish(self) -> String {
        self.out
    }
}

/// One field: a leading `=`, `+`, `-` or `@` is kept from being a formula by an apostrophe before it.
fn field(text: &str) -> String {
    let text = plain(text);
    let text = if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text
    };
    if text.contains(['"', ',', ';']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn no_field_is_a_formula() {
        assert_eq!(field("=1+2"), "'=1+2");
        assert_eq!(field("\t@cmd"), "'@cmd");
        assert_eq!(field("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(field("-x,y"), "\"'-x,y\"");
    }
}
