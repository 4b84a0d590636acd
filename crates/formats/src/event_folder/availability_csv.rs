//! `availability.csv` and `busy.csv`: what people and groups say about their time.

use meridian_model::{Grade, ZoneSet};

use super::sessions_csv::{Window, window};
use super::table::{self, Row};
use crate::fault::{FaultCode, Faults};
use crate::rules::{self, Rule};
use crate::words;

/// Whose time a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Operator,
    Speaker,
    Group,
}

/// Somebody, or a group, by kind and identifier.
pub(crate) type Person = (Who, String);

/// The words for them.
pub(crate) const WHO: [(&str, Who); 3] = [
    ("operator", Who::Operator),
    ("speaker", Who::Speaker),
    ("group", Who::Group),
];

/// A row of `availability.csv` or `busy.csv`.
#[derive(Debug)]
pub(crate) struct TimeRow {
    pub(crate) who: Option<Person>,
    pub(crate) says: Option<Says>,
    pub(crate) file: String,
    pub(crate) line: u64,
}

/// What a row says.
#[derive(Debug)]
pub(crate) enum Says {
    Dated(Grade, Window),
    Rule(Grade, Rule),
    Busy(Window),
}

const GRADES: [(&str, Grade); 4] = [
    ("impossible", Grade::Impossible),
    ("if-need-be", Grade::IfNeedBe),
    ("possible", Grade::Possible),
    ("prefer", Grade::Prefer),
];

/// Reads `availability.csv`.
pub(crate) fn availability(
    bytes: &[u8],
    file: &str,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Vec<TimeRow> {
    let known = ["kind", "who", "grade", "start", "end", "zone", "rule"];
    let rows = table::rows(bytes, file, &known, &["kind", "who"], faults);
    let rows = rows.map(|row| TimeRow {
        who: who(&row, faults),
        says: says(&row, zones, faults),
        file: file.to_owned(),
        line: row.line.unwrap_or(1),
    });
    rows.items
}

/// Reads `busy.csv`.
pub(crate) fn busy(bytes: &[u8], file: &str, zones: &ZoneSet, faults: &mut Faults) -> Vec<TimeRow> {
    let known = ["kind", "who", "start", "end", "zone"];
    let rows = table::rows(
        bytes,
        file,
        &known,
        &["kind", "who", "start", "end"],
        faults,
    );
    let rows = rows.map(|row| {
        if row.get("start").is_none() && row.get("end").is_none() {
            row.need("start", faults);
        }
        TimeRow {
            who: who(&row, faults),
            says: window(&row, ["start", "end", "zone"], zones, faults).map(Says::Busy),
            file: file.to_owned(),
            line: row.line.unwrap_or(1),
        }
    });
    rows.items
}

fn who(row: &Row<'_>, faults: &mut Faults) -> Option<Person> {
    let kind = row
        .need("kind", faults)
        .and_then(|text| words::choice(text, &WHO, &row.place("kind"), faults));
    let id = row.need("who", faults).map(str::to_owned);
    Some((kind?, id?))
}

fn says(row: &Row<'_>, zones: &ZoneSet, faults: &mut Faults) -> Option<Says> {
    let grade = row
        .get("grade")
        .map(|text| words::choice(text, &GRADES, &row.place("grade"), faults));
    let dated = row.get("start").is_some() || row.get("end").is_some();
    let window = window(row, ["start", "end", "zone"], zones, faults);
    match (row.get("rule"), dated) {
        (Some(_), true) => {
            faults.add(
                &row.place("rule"),
                FaultCode::F040,
                "the row has both a rule and a start or end",
                "write two rows: one with the rule, one with start and end",
            );
            None
        }
        (None, false) => {
            if row.whole {
                faults.add(
                    &row.place("start"),
                    FaultCode::F011,
                    "the row has neither start and end nor a rule",
                    "fill in start and end, or a rule such as weekdays 19:00-22:00",
                );
            }
            None
        }
        (Some(text), false) => {
            if row.get("zone").is_some() {
                faults.add(
                    &row.place("zone"),
                    FaultCode::F040,
                    "a rule has a zone of its own",
                    "leave the zone blank: rules speak of her own days",
                );
            }
            rule(text, grade, row, faults)
        }
        (None, true) => {
            if row.get("grade").is_none() {
                row.need("grade", faults);
            }
            Some(Says::Dated(grade??, window?))
        }
    }
}

/// A rule with its grade; `never` and `not on` say theirs themselves.
fn rule(
    text: &str,
    grade: Option<Option<Grade>>,
    row: &Row<'_>,
    faults: &mut Faults,
) -> Option<Says> {
    let Some(rule) = Rule::parse(text) else {
        faults.add(
            &row.place("rule"),
            FaultCode::F036,
            format!("{text:?} is no rule"),
            rules::FORM,
        );
        return None;
    };
    if let Rule::On(..) = rule {
        if grade.is_none() {
            row.need("grade", faults);
        }
        return Some(Says::Rule(grade??, rule));
    }
    match grade {
        None | Some(Some(Grade::Impossible)) => Some(Says::Rule(Grade::Impossible, rule)),
        Some(None) => None,
        Some(Some(_)) => {
            faults.add(
                &row.place("grade"),
                FaultCode::F040,
                format!("{text:?} says impossible, the grade says otherwise"),
                "leave the grade blank, or write daily in place of never",
            );
            None
        }
    }
}
