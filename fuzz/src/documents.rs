//! Calendars, problems and plans.

use std::sync::LazyLock;

use meridian_formats::{busy, event_folder, plan as plans, problem as problems};
use meridian_model::check::check;
use meridian_model::{Problem, Span, ZoneName};

use crate::folder::{ZONES, same, small, told};

/// A calendar: busy times are in order, apart and within what was asked, and stripped of all else they are the same.
pub fn calendar(bytes: &[u8]) {
    let zone = ZoneName::new("Europe/Berlin");
    let (start, end) = ("2012-01-01T00:00:00Z", "2026-12-01T00:00:00Z");
    let within = Span::new(start.parse().expect("a time"), end.parse().expect("a time"));
    let within = within.expect("a span");
    let import = |bytes: &[u8]| busy::import(bytes, "x.ics", &ZONES, &zone, within);
    let stripped = busy::stripped(bytes);
    match import(bytes) {
        Ok(spans) => {
            assert!(spans.windows(2).all(|pair| pair[0].end() < pair[1].start()));
            assert!(
                spans
                    .iter()
                    .all(|span| span.intersection(&within) == Some(*span))
            );
            assert_eq!(import(stripped.as_bytes()).as_ref(), Ok(&spans));
            assert_eq!(busy::stripped(stripped.as_bytes()), stripped);
        }
        Err(faults) => told(&faults),
    }
}

/// A problem document: read, written and read again it is the same.
pub fn problem(bytes: &[u8]) {
    match problems::read(bytes, "problem.json") {
        Ok(problem) => same(&problem),
        Err(faults) => told(&faults),
    }
}

static ASKED: LazyLock<Problem> =
    LazyLock::new(|| event_folder::read(&small(), &ZONES).expect("a good event"));

/// A plan document: read, written and read again it is the same, and whatever it says can be checked, each time alike.
pub fn plan(bytes: &[u8]) {
    match plans::read(bytes, "plan.json") {
        Ok(plan) => {
            let json = serde_json::to_vec(&plan).expect("a plan can be written");
            let again = plans::read(&json, "plan.json");
            assert_eq!(again.as_ref(), Ok(&plan));
            let report = check(&ASKED, &plan);
            assert_eq!(report, check(&ASKED, &plan));
        }
        Err(faults) => told(&faults),
    }
}
