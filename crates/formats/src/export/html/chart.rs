//! The day at a glance: lanes along one time axis, for tracks, duties and people.
//!
//! Each strip (the axis, the tracks, the duties, each group) is a picture of its own on the same scale, so that
//! the axis can stay in sight while a reader scrolls and paper breaks between strips, never through a lane.

use std::fmt::Display;

use meridian_model::Span;

use super::axis::{Axis, Direction};
use super::svg::{Markup, Px, Scale, fits, float, hundredths};
use crate::export::clock::Clock;
use crate::export::lanes::pack;
use crate::export::text::{ems, fit_ems, wrap_ems};

/// How wide, and where the labels are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Its name in the page.
    pub(super) name: &'static str,
    /// Least width of a picture.
    pub(super) width: f64,
    /// Room for labels left of the lanes; without any, labels stand above.
    pub(super) gutter: f64,
    /// Least width of an hour.
    pub(super) hour: f64,
}

/// For screens as wide as a desk's and for paper.
pub(super) const WIDE: Layout = Layout {
    name: "wide",
    width: 1240.0,
    gutter: 190.0,
    hour: 30.0,
};

/// For phones.
pub(super) const NARROW: Layout = Layout {
    name: "narrow",
    width: 328.0,
    gutter: 0.0,
    hour: 8.0,
};

/// Font size of everything in lanes.
const FONT: f64 = 11.0;
/// Room before and after the lanes, for half an hour label each.
const BEFORE: f64 = 16.0;
/// See [`BEFORE`].
pub(super) const AFTER: f64 = 20.0;
/// Height of a label above a lane.
const ABOVE: f64 = 17.0;

/// Something drawn in a lane.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) span: Span,
    /// Hue of its group; `None` for what belongs to none.
    pub(super) hue: Option<usize>,
    /// Texts for inside it, the longest first; the first that fits is shown, else the last is cut.
    pub(super) labels: Vec<String>,
    /// What the tooltip says above the time.
    pub(super) tip: String,
    /// Whether it lies in a clash.
    pub(super) clashes: bool,
}

impl Item {
    /// Opens its element with what a machine reads from it and the tooltip.
    pub(super) fn open(&self, out: &mut Markup, class: &str, shown: Span, clock: &Clock) {
        let class = if self.clashes {
            format!("{class} clashing")
        } else {
            class.to_owned()
        };
        let hue = self.hue.map(|hue| format!("--h:{}", hue_of(hue)));
        let (start, end) = (shown.start(), shown.end());
        let known: [(&str, &dyn Display); 6] = [
            ("class", &class),
            ("data-kind", &self.kind),
            ("data-id", &self.id),
            ("data-start", &start),
            ("data-end", &end),
            ("data-tip", &self.tip),
        ];
        let mut attributes = known.to_vec();
        if let Some(hue) = &hue {
            attributes.push(("style", hue));
        }
        out.open("g", &attributes);
        out.text(
            "title",
            &[],
            &format!("{}\n{}", self.tip, clock.range(shown)),
        );
    }
}

/// A lane with its label.
#[derive(Clone, Debug, Default)]
pub(super) struct Lane {
    pub(super) label: String,
    /// More about the label where there is room, such as a zone.
    pub(super) note: String,
    /// The same where labels stand above their lanes, if it is another.
    pub(super) note_above: String,
    /// Whether the label is a heading.
    pub(super) heading: bool,
    pub(super) height: f64,
    /// What lies behind everything: nights.
    pub(super) behind: Vec<Item>,
    pub(super) items: Vec<Item>,
}

/// Draws strips in one layout.
#[derive(Debug)]
pub(super) struct Chart<'a> {
    pub(super) layout: Layout,
    pub(super) clock: &'a Clock,
    pub(super) scale: Scale,
    /// Whether some zone that the reader may pick changes its clocks: then the axis has a row for it.
    pub(super) changes: bool,
}

impl<'a> Chart<'a> {
    pub(super) fn new(layout: Layout, clock: &'a Clock, span: Span, changes: bool) -> Self {
        let hours = super::svg::minutes(span.start(), span.end()) / 60.0;
        let length = (layout.width - layout.gutter - BEFORE - AFTER).max(hours * layout.hour);
        let from = layout.gutter + BEFORE;
        let scale = Scale {
            span,
            from,
            to: from + length,
        };
        Self {
            layout,
            clock,
            scale,
            changes,
        }
    }

    fn width(&self) -> f64 {
        self.scale.to + AFTER
    }

    fn svg(&self, out: &mut Markup, height: f64, says: &str) {
        let size = format!("0 0 {} {}", Px(self.width()), Px(height));
        let style = format!("--w:{}", Px(self.width()));
        out.open(
            "svg",
            &[
                ("class", &"strip"),
                ("viewBox", &size),
                ("style", &style),
                ("role", &"img"),
                ("aria-label", &says),
            ],
        );
    }

    /// The axis with its labels.
    pub(super) fn axis(&self) -> String {
        let height = if self.changes { 58.0 } else { 44.0 };
        let mut out = Markup::default();
        self.svg(&mut out, height, "Time axis");
        let axis = Axis {
            direction: Direction::Along,
            scale: self.scale,
            from: height - 4.0,
            to: height,
            apart: 38.0,
            labels: true,
            gutter: self.layout.gutter,
        };
        out.append(&axis.draw(self.clock));
        out.close("svg");
        out.finish()
    }

    /// A strip of lanes.
    pub(super) fn strip(&self, says: &str, lanes: &[Lane]) -> String {
        let mut body = Markup::default();
        let mut y = 3.0;
        for lane in lanes {
            y += self.lane(&mut body, lane, y);
        }
        let height = y + 3.0;
        let mut out = Markup::default();
        self.svg(&mut out, height, says);
        let grid = Axis {
            direction: Direction::Along,
            scale: self.scale,
            from: 0.0,
            to: height,
            apart: 38.0,
            labels: false,
            gutter: 0.0,
        };
        out.append(&grid.draw(self.clock));
        out.append(&body);
        out.close("svg");
        out.finish()
    }

    /// Draws a lane at `y` and tells its height.
    fn lane(&self, out: &mut Markup, lane: &Lane, y: f64) -> f64 {
        let spans: Vec<Span> = lane.items.iter().map(|item| item.span).collect();
        let (rows, n_rows) = pack(&spans);
        let above = if self.layout.gutter > 0.0 { 0.0 } else { ABOVE };
        let body = if lane.heading && lane.items.is_empty() && above > 0.0 {
            0.0
        } else {
            lane.height * float(n_rows)
        };
        self.label(out, lane, y, body);
        let top = y + above;
        out.open("g", &[("class", &"lane")]);
        if !lane.heading {
            let (x, width) = (Px(self.scale.from), Px(self.scale.to - self.scale.from));
            let (y, height) = (Px(top), Px(body - 2.0));
            out.leaf(
                "rect",
                &[
                    ("class", &"bed"),
                    ("x", &x),
                    ("y", &y),
                    ("width", &width),
                    ("height", &height),
                ],
            );
        }
        for item in &lane.behind {
            self.item(out, item, top, body - 2.0);
        }
        for (item, &row) in lane.items.iter().zip(&rows) {
            self.item(out, item, top + lane.height * float(row), lane.height - 2.0);
        }
        out.close("g");
        above + body + 2.0
    }

    fn label(&self, out: &mut Markup, lane: &Lane, y: f64, body: f64) {
        let font = if lane.heading { FONT + 2.0 } else { FONT };
        let class = if lane.heading { "name heading" } else { "name" };
        let (room, base) = if self.layout.gutter > 0.0 {
            let middle = y + (body - 2.0).min(24.0) / 2.0 + 4.0;
            (self.layout.gutter - 4.0, middle)
        } else {
            (self.width() - 8.0, y + ABOVE - 5.0)
        };
        // Headings are bold, and bold letters are wider.
        let room = hundredths(room, if lane.heading { font * 1.1 } else { font });
        let text = fit_ems(&lane.label, room);
        let (x, y) = (Px(4.0), Px(base));
        out.open("text", &[("class", &class), ("x", &x), ("y", &y)]);
        out.text("tspan", &[], &text);
        let left = room.saturating_sub(ems(&text) + 80);
        let above = self.layout.gutter <= 0.0 && !lane.note_above.is_empty();
        let whole = if above { &lane.note_above } else { &lane.note };
        let note = fit_ems(whole, left);
        if !note.is_empty() && (&note == whole || left > 500) {
            let gap = if text.is_empty() { "0" } else { "0.6em" };
            out.text("tspan", &[("class", &"note"), ("dx", &gap)], &note);
        }
        out.text("title", &[], &[lane.label.as_str(), &lane.note].join(" "));
        out.close("text");
    }

    fn item(&self, out: &mut Markup, item: &Item, y: f64, height: f64) {
        let Some(inside) = item.span.intersection(&self.scale.span) else {
            return;
        };
        let from = self.scale.at(inside.start());
        let width = self.scale.at(inside.end()) - from;
        let flush = item.kind == "night" || item.kind == "handover";
        let inset = if flush { 0.0 } else { 0.5 };
        item.open(out, "box", inside, self.clock);
        let (x, wide) = (Px(from + inset), Px((width - inset * 2.0).max(0.5)));
        let (top, high) = (Px(y), Px(height));
        let round = if flush { 0 } else { 3 };
        out.leaf(
            "rect",
            &[
                ("x", &x),
                ("y", &top),
                ("width", &wide),
                ("height", &high),
                ("rx", &round),
            ],
        );
        self.inscribe(
            out,
            item,
            Frame {
                x: from,
                y,
                width,
                height,
            },
        );
        out.close("g");
    }

    /// Writes the longest of an item's labels that fits, else the last one, broken and cut.
    fn inscribe(&self, out: &mut Markup, item: &Item, frame: Frame) {
        const LINE: f64 = 12.5;
        let n_lines = fits(frame.height - 4.0, LINE).max(usize::from(frame.height >= 14.0));
        let bold = item.kind == "gap" || item.kind == "clash";
        let room = hundredths(frame.width - 8.0, if bold { FONT * 1.12 } else { FONT });
        let Some(last) = item.labels.last().filter(|_| n_lines > 0) else {
            return;
        };
        let whole = item.labels.iter().find(|label| ems(label) <= room);
        let lines = match whole {
            Some(label) => vec![label.clone()],
            None => wrap_ems(last, room, n_lines),
        };
        // Three letters of a role say more than nothing.
        let short = format!("{}.", last.chars().take(3).collect::<String>());
        let lines = if lines.is_empty() && item.kind == "shift" && ems(&short) <= room {
            vec![short]
        } else {
            lines
        };
        let top = frame.y + frame.height / 2.0 + 4.0 - LINE * (float(lines.len()) - 1.0) / 2.0;
        let x = Px(frame.x + 4.0);
        for (index, line) in lines.iter().enumerate() {
            let y = Px(top + LINE * float(index));
            out.text("text", &[("x", &x), ("y", &y)], line);
        }
    }
}

/// A box in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The hue of the group at a place in the list: neighbours are far apart on the colour circle.
pub(super) fn hue_of(index: usize) -> usize {
    const GOLDEN_ANGLE: usize = 137;
    (index * GOLDEN_ANGLE + 205) % 360
}
