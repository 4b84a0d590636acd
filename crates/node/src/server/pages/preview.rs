//! What a draft would mean, hour by hour: read by the one reader there is, in an event that asks for nothing.

use jiff::Timestamp;
use meridian_formats::{Faults, event_folder};
use meridian_model::{Cause, Grade, GradeSpan, Span};
use serde_json::Value;

use super::draft::Draft;
use crate::assembler;
use crate::server::kinds::{Busy, Operator, RegionalEvent};
use crate::server::planning::off_the_runtime;
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::store::{CalendarCopy, Everything, KindRecord};

/// An hour of the event, and what a draft says of it.
#[derive(Clone, Debug)]
pub(super) struct Hour {
    pub(super) span: Span,
    /// The least grade of all its minutes.
    pub(super) grade: Grade,
    /// Why.
    pub(super) cause: Cause,
    /// Whether some of its minutes have another grade.
    pub(super) mixed: bool,
}

/// What a draft means.
#[derive(Clone, Debug)]
pub(super) struct Preview {
    pub(super) title: String,
    pub(super) event: Span,
    pub(super) hours: Vec<Hour>,
}

/// Whose draft it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whose<'a> {
    pub(super) event: &'a str,
    pub(super) operator: &'a str,
    /// As she would be kept.
    pub(super) person: &'a Operator,
}

/// Reads a draft.
///
/// # Errors
/// The inner one holds all that is wrong with the draft, or with the event around it.
pub(super) async fn preview(
    state: &Shared,
    whose: Whose<'_>,
    draft: &Draft,
) -> Result<Result<Preview, Faults>, Problem> {
    let mut everything = state.store.everything(whose.event).await?;
    alone(&mut everything, whose, draft)?;
    let (event, zones) = (whose.event.to_owned(), state.zones.clone());
    let read = move || {
        let folder = assembler::folder(&event, &everything)?;
        Ok::<_, anyhow::Error>(event_folder::read(&folder, &zones))
    };
    let problem = match off_the_runtime(read).await?? {
        Ok(problem) => problem,
        Err(faults) => return Ok(Err(faults)),
    };
    let horizon = problem.event.horizon.span();
    let grades = problem.operators.into_iter().next();
    let grades = grades.map(|one| one.availability.0).unwrap_or_default();
    Ok(Ok(Preview {
        title: problem.event.title,
        event: horizon,
        hours: hours(horizon).map(|span| told(span, &grades)).collect(),
    }))
}

/// The hours of the event, counted from its start; the last may be shorter.
pub(super) fn hours(event: Span) -> impl Iterator<Item = Span> {
    let starts = std::iter::successors(Some(event.start()), |start| {
        start.checked_add(jiff::SignedDuration::from_hours(1)).ok()
    });
    let starts = starts.take_while(move |start| *start < event.end());
    starts.filter_map(move |start: Timestamp| {
        let end = start
            .checked_add(jiff::SignedDuration::from_hours(1))
            .ok()?;
        Span::new(start, end.min(event.end())).ok()
    })
}

fn told(span: Span, grades: &[GradeSpan]) -> Hour {
    let within = grades
        .iter()
        .filter(|piece| piece.span.intersection(&span).is_some());
    let mut pieces: Vec<_> = within.map(|piece| (piece.grade, piece.cause)).collect();
    pieces.sort_unstable();
    let (grade, cause) = pieces
        .first()
        .copied()
        .unwrap_or((Grade::Impossible, Cause::NotOffered));
    Hour {
        span,
        grade,
        cause,
        mixed: pieces.iter().any(|(other, _)| *other != grade),
    }
}

/// Leaves her, her group and what happens around her; the event asks nobody for anything.
fn alone(everything: &mut Everything, whose: Whose<'_>, draft: &Draft) -> anyhow::Result<()> {
    let group = whose.person.group.as_str();
    let own = format!("operator.{}", whose.operator);
    everything.records.retain(|row| match row.kind.as_str() {
        "settings" | "regional-calendar" | "regional-event" => true,
        "group" => row.id == group,
        _ => false,
    });
    let mut elsewhere = Vec::new();
    for row in &mut everything.records {
        match row.kind.as_str() {
            "settings" => {
                let mut settings: Value = serde_json::from_str(&row.body)?;
                if let Some(duties) = settings.get_mut("duties") {
                    *duties = Value::Array(Vec::new());
                }
                row.body = settings.to_string();
            }
            "regional-event" => {
                let mut event: RegionalEvent = serde_json::from_str(&row.body)?;
                let named = !event.groups.is_empty();
                event.groups.retain(|known| known == group);
                let places = event.countries.len() + event.subdivisions.len();
                if named && event.groups.is_empty() && places == 0 && !event.global {
                    elsewhere.push(row.id.clone());
                }
                row.body = serde_json::to_string(&event)?;
            }
            _ => {}
        }
    }
    everything
        .records
        .retain(|row| row.kind != "regional-event" || !elsewhere.contains(&row.id));
    let person = Operator {
        speaker: None,
        zone: Some(draft.zone.clone()),
        ..whose.person.clone()
    };
    let busy = Busy {
        rows: draft.busy.clone(),
    };
    let rows = draft.availability();
    let mut add = |kind: &str, id: &str, body: String| {
        everything.records.push(KindRecord {
            kind: kind.to_owned(),
            id: id.to_owned(),
            group_id: Some(group.to_owned()),
            body,
        });
    };
    add("operator", whose.operator, serde_json::to_string(&person)?);
    if !rows.rows.is_empty() {
        add("availability", &own, serde_json::to_string(&rows)?);
    }
    if !busy.rows.is_empty() {
        add("busy", &own, serde_json::to_string(&busy)?);
    }
    everything.calendars.retain(|copy| copy.id == own);
    if let Some(calendar) = &draft.calendar {
        everything.calendars = vec![CalendarCopy {
            id: own,
            group_id: Some(group.to_owned()),
            good_copy: calendar.clone(),
        }];
    }
    Ok(())
}
