//! What someone is about to say of her time: from what is kept, through the form and back.
//!
//! Rules are lines of words and follow her zone; hours of the event are instants, and stay where they are when her
//! zone changes.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use meridian_model::{Grade, Span};

use crate::server::kinds::{Availability, AvailabilityRow, BusyRow};

/// The grades and their words in rows and rules.
pub(super) const GRADES: [(&str, Grade); 4] = [
    ("prefer", Grade::Prefer),
    ("possible", Grade::Possible),
    ("if-need-be", Grade::IfNeedBe),
    ("impossible", Grade::Impossible),
];

/// The word of a grade in rows and rules.
pub(super) fn word(grade: Grade) -> &'static str {
    let found = GRADES.iter().find(|(_, known)| *known == grade);
    found.map_or("possible", |(word, _)| *word)
}

/// The grade of a word.
pub(super) fn grade(word: &str) -> Option<Grade> {
    let found = GRADES.iter().find(|(known, _)| *known == word);
    found.map(|(_, grade)| *grade)
}

/// What someone is about to say.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// Her zone.
    pub(super) zone: String,
    /// Rules, one a line.
    pub(super) rules: String,
    /// Hours with a grade: sorted and disjoint.
    pub(super) hours: Vec<(Span, Grade)>,
    /// Rows that this page cannot show otherwise, as they are.
    pub(super) others: Vec<AvailabilityRow>,
    /// Busy times, as they are or as a table brought them.
    pub(super) busy: Vec<BusyRow>,
    /// A calendar that was just handed in, without titles.
    pub(super) calendar: Option<String>,
}

impl Draft {
    /// What is kept of her.
    pub(super) fn of(
        zone: &str,
        own: &TimeZone,
        rows: Vec<AvailabilityRow>,
        busy: Vec<BusyRow>,
    ) -> Self {
        let mut draft = Self {
            zone: zone.to_owned(),
            busy,
            ..Self::default()
        };
        draft.take(rows, own);
        draft
    }

    /// Says these rows instead of all that was said before.
    pub(super) fn take(&mut self, rows: Vec<AvailabilityRow>, own: &TimeZone) {
        self.rules.clear();
        self.hours.clear();
        self.others.clear();
        for row in rows {
            match (&row.rule, dated(&row, own)) {
                (Some(rule), _) => {
                    self.rules.push_str(&line(&row, rule));
                    self.rules.push('\n');
                }
                (None, Some((span, grade))) => self.paint(&[span], Some(grade)),
                (None, None) => self.others.push(row),
            }
        }
    }

    /// Gives these times a grade, or none, whatever was said of them before.
    pub(super) fn paint(&mut self, times: &[Span], grade: Option<Grade>) {
        for time in times {
            let mut kept = Vec::with_capacity(self.hours.len() + 1);
            for (span, said) in self.hours.drain(..) {
                let before = (span.start(), span.end().min(time.start()));
                let after = (span.start().max(time.end()), span.end());
                for (start, end) in [before, after] {
                    if let Ok(rest) = Span::new(start, end) {
                        kept.push((rest, said));
                    }
                }
            }
            self.hours = kept;
            self.hours.extend(grade.map(|grade| (*time, grade)));
        }
        self.hours.sort_unstable_by_key(|(span, _)| span.start());
        let mut joined: Vec<(Span, Grade)> = Vec::with_capacity(self.hours.len());
        for (span, grade) in self.hours.drain(..) {
            match joined.last_mut() {
                Some((last, said)) if *said == grade && last.end() == span.start() => {
                    *last = Span::new(last.start(), span.end()).unwrap_or(*last);
                }
                _ => joined.push((span, grade)),
            }
        }
        self.hours = joined;
    }

    /// All of it as rows; the rules come first, a row for each line that says something.
    pub(super) fn availability(&self) -> Availability {
        let rules = self.rules.lines().map(str::trim);
        let rules = rules.filter(|line| !line.is_empty()).map(rule);
        let hours = self.hours.iter().map(|(span, grade)| AvailabilityRow {
            grade: Some(word(*grade).to_owned()),
            start: Some(span.start().to_string()),
            end: Some(span.end().to_string()),
            zone: None,
            rule: None,
        });
        let others = self.others.iter().cloned();
        Availability {
            rows: rules.chain(hours).chain(others).collect(),
        }
    }

    /// The hours as the form carries them.
    pub(super) fn carried(&self) -> String {
        let lines = self
            .hours
            .iter()
            .map(|(span, grade)| format!("{} {} {}\n", word(*grade), span.start(), span.end()));
        lines.collect()
    }

    /// Takes the hours that a form carried.
    pub(super) fn carry(&mut self, text: &str) {
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let (Some(word), Some(start), Some(end)) = (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let span = start
                .parse::<Timestamp>()
                .ok()
                .zip(end.parse::<Timestamp>().ok());
            let span = span.and_then(|(start, end)| Span::new(start, end).ok());
            if let (Some(span), Some(grade)) = (span, grade(word)) {
                self.paint(&[span], Some(grade));
            }
        }
    }
}

/// A rule as a line: `possible weekdays 19:00-22:00 in Asia/Tokyo`.
fn line(row: &AvailabilityRow, rule: &str) -> String {
    let grade = row.grade.as_deref().map(|grade| format!("{grade} "));
    let zone = row.zone.as_deref().map(|zone| format!(" in {zone}"));
    format!(
        "{}{rule}{}",
        grade.unwrap_or_default(),
        zone.unwrap_or_default()
    )
}

/// A line as a rule; who says no grade, can.
fn rule(line: &str) -> AvailabilityRow {
    let (rest, zone) = match line.rsplit_once(" in ") {
        Some((rest, zone)) if !zone.trim().contains(' ') => (rest, Some(zone.trim().to_owned())),
        _ => (line, None),
    };
    let (first, after) = rest.split_once(' ').unwrap_or((rest, ""));
    let forbids = matches!(first, "never" | "not");
    let (said, rule) = match grade(first) {
        Some(_) => (Some(first.to_owned()), after.trim()),
        None if forbids => (None, rest.trim()),
        None => (Some("possible".to_owned()), rest.trim()),
    };
    AvailabilityRow {
        grade: said,
        start: None,
        end: None,
        zone,
        rule: Some(rule.to_owned()),
    }
}

/// A dated row as an instant and its end; none when its zone is not hers, or it cannot be read.
fn dated(row: &AvailabilityRow, own: &TimeZone) -> Option<(Span, Grade)> {
    if row.zone.is_some() {
        return None;
    }
    let instant = |text: &str| match text.parse::<Timestamp>() {
        Ok(instant) => Some(instant),
        Err(_) => {
            let civil: DateTime = text.parse().ok()?;
            Some(own.to_ambiguous_timestamp(civil).unambiguous().ok()?)
        }
    };
    let (start, end) = (row.start.as_deref()?, row.end.as_deref()?);
    let span = Span::new(instant(start)?, instant(end)?).ok()?;
    Some((span, grade(row.grade.as_deref()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: &str, end: &str) -> Span {
        let at = |text: &str| format!("2024-08-24T{text}:00Z").parse().expect("a time");
        Span::new(at(start), at(end)).expect("a span")
    }

    fn said(draft: &Draft) -> String {
        draft
            .carried()
            .replace("2024-08-24T", "")
            .replace(":00Z", "")
    }

    #[test]
    fn painting_covers_what_was_said_and_joins_what_is_alike() {
        let mut draft = Draft::default();
        draft.paint(&[span("03:00", "09:00")], Some(Grade::Possible));
        draft.paint(&[span("05:00", "06:00")], Some(Grade::Prefer));
        assert_eq!(
            said(&draft),
            "possible 03:00 05:00\nprefer 05:00 06:00\npossible 06:00 09:00\n"
        );
        draft.paint(&[span("05:00", "06:00")], Some(Grade::Possible));
        assert_eq!(said(&draft), "possible 03:00 09:00\n");
        draft.paint(&[span("03:00", "04:00"), span("08:00", "09:00")], None);
        assert_eq!(said(&draft), "possible 04:00 08:00\n");
    }

    #[test]
    fn what_a_form_carries_is_what_it_was_given() {
        let mut draft = Draft::default();
        draft.paint(&[span("03:00", "04:00")], Some(Grade::IfNeedBe));
        draft.paint(&[span("06:00", "07:00")], Some(Grade::Impossible));
        let mut other = Draft::default();
        other.carry(&format!("nonsense\n{}x y z\n", draft.carried()));
        assert_eq!(other.hours, draft.hours);
    }

    #[test]
    fn lines_are_rules_and_rules_are_lines() {
        let lines = "prefer weekdays 19:00-22:00\nif-need-be daily 06:00-08:00 in Asia/Tokyo\nnever 23:00-07:00\n";
        let mut draft = Draft {
            rules: lines.to_owned(),
            ..Draft::default()
        };
        let rows = draft.availability().rows;
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[1].zone.as_deref(), Some("Asia/Tokyo"));
        assert_eq!(rows[2].grade, None);
        draft.take(rows, &TimeZone::UTC);
        assert_eq!(draft.rules, lines);
        let plain = rule("weekends 09:00-12:00");
        assert_eq!(plain.grade.as_deref(), Some("possible"));
    }

    #[test]
    fn hours_said_by_the_clock_are_kept_as_instants_and_a_doubtful_clock_as_it_is() {
        let row = |start: &str, end: &str| AvailabilityRow {
            grade: Some("possible".to_owned()),
            start: Some(start.to_owned()),
            end: Some(end.to_owned()),
            zone: None,
            rule: None,
        };
        let zone = TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC);
        let zones = meridian_model::ZoneSet::embedded();
        let zone = zones.zone("Europe/Berlin").unwrap_or(zone);
        let rows = vec![
            row("2024-08-24T19:00", "2024-08-24T20:00"),
            row("2024-10-27T02:30", "2024-10-27T04:00"),
        ];
        let draft = Draft::of("Europe/Berlin", &zone, rows, Vec::new());
        assert_eq!(said(&draft), "possible 17:00 18:00\n");
        assert_eq!(draft.others.len(), 1, "02:30 comes twice that night");
    }
}
