//! People in a terminal: who serves each duty when, and everyone's day as a bar.

use std::cmp::Reverse;

use meridian_model::time::UnknownZone;
use meridian_model::{Duty, Span, Timestamp};

use super::Screen;
use crate::export::clock::Clock;
use crate::export::text::{cell, fit_columns, plain};
use crate::export::view::{Person, clashes, gaps, on_duty, shifts_of, teams};

/// Columns left of a bar.
const LABEL: usize = 18;

impl Screen<'_> {
    /// Every duty with its people and gaps, in order.
    pub(super) fn duties(&self) -> Vec<String> {
        let mut lines = self.section("ON DUTY");
        for duty in &self.problem.event.duties {
            lines.push(self.names.duty(&duty.id));
            lines.extend(self.duty(duty));
        }
        lines
    }

    fn duty(&self, duty: &Duty) -> Vec<String> {
        let mut entries: Vec<(Span, String)> = shifts_of(self.plan, duty)
            .into_iter()
            .map(|shift| {
                let handle = self.names.person(&shift.operator);
                let operator = self.names.operator(&shift.operator);
                let group = operator.map_or(String::new(), |operator| {
                    format!(", {}", self.names.group(&operator.group))
                });
                let takes_over = if shift.handover_min > 0 {
                    format!(", handover {} min", shift.handover_min)
                } else {
                    String::new()
                };
                (shift.span, format!("{handle}{group}{takes_over}"))
            })
            .chain(
                gaps(self.report)
                    .into_iter()
                    .filter(|gap| gap.duty == &duty.id)
                    .map(|gap| (gap.span, "GAP: someone is missing".to_owned())),
            )
            .collect();
        entries.sort();
        let times: Vec<String> = entries
            .iter()
            .map(|(span, _)| format!("  {}", self.clock.range(*span)))
            .collect();
        let widest = times.iter().map(|t| super::super::text::columns(t)).max();
        let widest = widest.unwrap_or(0) + 2;
        times
            .iter()
            .zip(&entries)
            .map(|(time, (_, who))| {
                let who = fit_columns(who, self.width.saturating_sub(widest));
                format!("{}{who}", cell(time, widest))
            })
            .collect()
    }

    /// Everyone on duty, group by group, with one bar each.
    pub(super) fn people(&self) -> Result<Vec<String>, UnknownZone> {
        let mut lines = self.section("PEOPLE");
        let bar = Bar::new(self.problem.event.horizon.span(), self.width - LABEL);
        lines.extend(self.wrapped(
            &format!(
                "█ on duty, ▓ taking over, ◆ own session, ░ night; one mark is {} min",
                bar.step_min
            ),
            "",
        ));
        lines.extend(self.axis(&bar));
        let clashes = clashes(self.problem, self.plan, &self.names);
        for team in teams(self.plan, &self.names) {
            let name = team.group.map_or_else(
                || "not in the problem".to_owned(),
                |group| format!("{} · {}", plain(&group.name), group.zone),
            );
            lines.push(fit_columns(&name, self.width));
            let concerned = clashes
                .iter()
                .filter(|clash| team.group.is_some_and(|group| clash.group == &group.id));
            for clash in concerned {
                let marks = bar.draw(&[(clash.span, '!')], ' ');
                let title = format!("  !! {}", plain(&clash.event.title));
                lines.push(format!(
                    "{}{marks}",
                    cell(&fit_columns(&title, LABEL - 1), LABEL)
                ));
            }
            for person in &team.people {
                lines.push(self.person(person, &bar));
                lines.extend(self.shifts(person)?);
            }
        }
        Ok(lines)
    }

    /// The days and hours above the bars; a day that begins too late for its date shows its weekday alone.
    fn axis(&self, bar: &Bar) -> Vec<String> {
        let mut hours = vec![' '; bar.marks + 6];
        let mut days = vec![' '; bar.marks + 12];
        for at in self.clock.hours(3) {
            write(&mut hours, bar.mark(at), &self.clock.time(at));
        }
        let mut starts = self.clock.midnights();
        starts.insert(0, bar.span.start());
        starts.sort_by_key(|&at| Reverse(at));
        for at in starts {
            let date = self.clock.date(at);
            let weekday = date.split(' ').next().unwrap_or_default();
            if !write(&mut days, bar.mark(at), &date) {
                write(&mut days, bar.mark(at), weekday);
            }
        }
        [days, hours]
            .into_iter()
            .map(|row| format!("{}{}", cell("", LABEL), row.into_iter().collect::<String>()))
            .map(|line| fit_columns(line.trim_end(), self.width))
            .collect()
    }

    fn person(&self, person: &Person<'_>, bar: &Bar) -> String {
        let mut marks: Vec<(Span, char)> = Vec::new();
        let nights = person.operator.map_or(&[][..], |operator| &operator.nights);
        marks.extend(nights.iter().map(|&night| (night, '░')));
        marks.extend(person.speaks.iter().map(|placed| (placed.span, '◆')));
        for shift in &person.shifts {
            marks.push((on_duty(shift), '▓'));
        }
        marks.extend(person.shifts.iter().map(|shift| (shift.span, '█')));
        let handle = format!("  {}", self.names.person(person.id));
        format!(
            "{}{}",
            cell(&fit_columns(&handle, LABEL - 1), LABEL),
            bar.draw(&marks, '·')
        )
    }

    /// Her shifts in her own time.
    fn shifts(&self, person: &Person<'_>) -> Result<Vec<String>, UnknownZone> {
        let own = match person.operator {
            Some(operator) => {
                let horizon = self.problem.event.horizon.span();
                Clock::new(self.zones, &operator.zone, horizon)?
            }
            None => self.clock.clone(),
        };
        let lines = person.shifts.iter().map(|shift| {
            let line = format!(
                "    {}, {}: {}",
                own.range(shift.span),
                own.zone(),
                self.names.duty(&shift.duty)
            );
            fit_columns(&line, self.width)
        });
        Ok(lines.collect())
    }
}

/// Writes into a row where there is room for the text and a blank on either side; tells whether there was.
fn write(row: &mut [char], from: usize, text: &str) -> bool {
    let before = from.saturating_sub(1);
    let taken = text.chars().count() + 1 + (from - before);
    let free = row.iter().skip(before).take(taken).all(|&mark| mark == ' ');
    if free {
        for (mark, character) in row.iter_mut().skip(from).zip(text.chars()) {
            *mark = character;
        }
    }
    free
}

/// A day as a row of marks.
struct Bar {
    span: Span,
    step_min: i64,
    marks: usize,
}

impl Bar {
    /// The finest bar of at most `width` marks whose marks are of a round length.
    fn new(span: Span, width: usize) -> Self {
        let minutes = span.minutes();
        let needed = |step: i64| usize::try_from((minutes + step - 1) / step).unwrap_or(width);
        let step_min = [5, 10, 15, 20, 30, 60, 120, 180, 360, 720]
            .into_iter()
            .find(|&step| needed(step) <= width)
            .unwrap_or(1440);
        Self {
            span,
            step_min,
            marks: needed(step_min).min(width),
        }
    }

    /// The mark in which an instant lies.
    fn mark(&self, at: Timestamp) -> usize {
        let minutes = meridian_model::time::minutes(self.span.start(), at);
        usize::try_from(minutes / self.step_min)
            .unwrap_or(0)
            .min(self.marks)
    }

    /// The bar; a mark shows the last of the spans that it touches.
    fn draw(&self, spans: &[(Span, char)], free: char) -> String {
        let mut row = vec![free; self.marks];
        for (span, character) in spans {
            let Some(inside) = span.intersection(&self.span) else {
                continue;
            };
            let from = self.mark(inside.start());
            let minutes = meridian_model::time::minutes(self.span.start(), inside.end());
            let to = usize::try_from((minutes + self.step_min - 1) / self.step_min).unwrap_or(0);
            for mark in row.iter_mut().take(to).skip(from) {
                *mark = *character;
            }
        }
        row.into_iter().collect()
    }
}
