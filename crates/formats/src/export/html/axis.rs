//! Axes: whole hours, midnights and clock changes of the reader's zone, along or down a picture.
//!
//! The script redraws an axis when the reader picks another zone; `templates/plan.js` follows the same steps,
//! and the browser test compares the two.

use meridian_model::Timestamp;

use super::svg::{Markup, Px, Scale};
use crate::export::clock::{Change, Clock};

/// Which way time runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// To the right.
    Along,
    /// Down.
    Down,
}

/// An axis or, without labels, the lines behind a picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) direction: Direction,
    pub(super) scale: Scale,
    /// Where the lines begin, across.
    pub(super) from: f64,
    /// Where the lines end, across.
    pub(super) to: f64,
    /// Least distance of two hour labels.
    pub(super) apart: f64,
    /// Whether it has labels.
    pub(super) labels: bool,
    /// Room before the first pixel, for a date that does not fit after it.
    pub(super) gutter: f64,
}

/// Room that a whole date and a weekday need along the axis.
const DATE: f64 = 78.0;
const WEEKDAY: f64 = 30.0;

impl Axis {
    /// Draws it for a clock.
    pub(super) fn draw(&self, clock: &Clock) -> Markup {
        let mut out = Markup::default();
        let direction = match self.direction {
            Direction::Along => "x",
            Direction::Down => "y",
        };
        out.open(
            "g",
            &[
                ("class", &"axis"),
                ("data-dir", &direction),
                ("data-a", &Px(self.scale.from)),
                ("data-b", &Px(self.scale.to)),
                ("data-from", &Px(self.from)),
                ("data-to", &Px(self.to)),
                ("data-apart", &Px(self.apart)),
                ("data-labels", &u8::from(self.labels)),
                ("data-gutter", &Px(self.gutter)),
            ],
        );
        let midnights = clock.midnights();
        let step = self.step();
        let mut last = f64::NEG_INFINITY;
        for at in clock.hours(if self.scale.hour() < 8.0 { step } else { 1 }) {
            let place = self.scale.at(at);
            self.line(&mut out, "hour", place);
            let down_at_midnight = self.direction == Direction::Down && midnights.contains(&at);
            let labelled = clock.hours(step).contains(&at) && place - last >= self.apart * 0.85;
            if self.labels && labelled && !down_at_midnight {
                self.hour(&mut out, place, &clock.time(at));
                last = place;
            }
        }
        for &at in &midnights {
            self.line(&mut out, "midnight", self.scale.at(at));
        }
        if self.labels {
            self.days(&mut out, clock, &midnights);
        }
        for change in clock.changes() {
            self.line(&mut out, "change", self.scale.at(change.at));
            if self.labels {
                self.change(&mut out, change);
            }
        }
        out.close("g");
        out
    }

    /// Hours between two labels.
    fn step(&self) -> i64 {
        let hour = self.scale.hour();
        [(1, 1.0), (2, 2.0), (3, 3.0), (6, 6.0), (12, 12.0)]
            .into_iter()
            .find(|(_, hours)| hour * hours >= self.apart)
            .map_or(24, |(step, _)| step)
    }

    fn line(&self, out: &mut Markup, class: &str, place: f64) {
        let (along, from, to) = (Px(place), Px(self.from), Px(self.to));
        let ends: [(&str, &dyn std::fmt::Display); 4] = match self.direction {
            Direction::Along => [("x1", &along), ("x2", &along), ("y1", &from), ("y2", &to)],
            Direction::Down => [("x1", &from), ("x2", &to), ("y1", &along), ("y2", &along)],
        };
        let mut attributes: Vec<(&str, &dyn std::fmt::Display)> = vec![("class", &class)];
        attributes.extend(ends);
        out.leaf("line", &attributes);
    }

    fn label(&self, out: &mut Markup, class: &str, x: f64, y: f64, text: &str) {
        let (x, y) = (Px(x), Px(y));
        out.text("text", &[("class", &class), ("x", &x), ("y", &y)], text);
    }

    fn hour(&self, out: &mut Markup, place: f64, text: &str) {
        match self.direction {
            Direction::Along => self.label(out, "tick", place, self.from - 8.0, text),
            Direction::Down => self.label(out, "tick end", self.from - 8.0, place + 4.0, text),
        }
    }

    fn days(&self, out: &mut Markup, clock: &Clock, midnights: &[Timestamp]) {
        let (start, end) = (self.scale.span.start(), self.scale.span.end());
        let mut starts = vec![start];
        starts.extend(midnights.iter().copied().filter(|&at| at < end));
        for (index, &at) in starts.iter().enumerate() {
            let place = self.scale.at(at);
            let date = clock.date(at);
            let (weekday, day) = date.split_once(' ').unwrap_or((&date, ""));
            if self.direction == Direction::Down {
                let y = if index == 0 {
                    place - 24.0
                } else {
                    place + 3.0
                };
                self.label(out, "day end", self.from - 8.0, y, weekday);
                self.label(out, "day end", self.from - 8.0, y + 13.0, day);
                continue;
            }
            let next = starts
                .get(index + 1)
                .map_or(self.scale.to, |&next| self.scale.at(next));
            let y = self.from - 24.0;
            if next - place >= DATE {
                self.label(out, "day", place + 4.0, y, &date);
            } else if index == 0 && self.gutter >= DATE {
                self.label(out, "day end", place - 4.0, y, &date);
            } else if next - place >= WEEKDAY {
                self.label(out, "day", place + 4.0, y, weekday);
            }
        }
    }

    fn change(&self, out: &mut Markup, change: &Change) {
        let place = self.scale.at(change.at);
        match self.direction {
            Direction::Along => {
                let late = place > (self.scale.from + self.scale.to) / 2.0;
                let (class, x) = if late {
                    ("changed end", place - 4.0)
                } else {
                    ("changed", place + 4.0)
                };
                self.label(out, class, x, self.from - 40.0, &change.says());
            }
            Direction::Down => {
                let x = self.from - 8.0;
                self.label(out, "changed end", x, place - 9.0, &change.short());
            }
        }
    }
}
