//! The programme as a picture: time runs down, one column per track, titles inside the boxes.

use std::collections::BTreeMap;
use std::fmt::Display;

use meridian_model::{GroupId, HostBlock, PlacedSession, Span, Track};

use super::Paper;
use super::axis::{Axis, Direction};
use super::chart::{Frame, Item};
use super::strips::Picture;
use super::svg::{Markup, Px, Scale, fits, float, hundredths, minutes};
use crate::export::lanes::pack;
use crate::export::text::{fit_ems, plain, wrap_ems};

/// How wide, and how much room a host's name gets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    name: &'static str,
    /// Least width of the picture.
    width: f64,
    /// Room for the hours.
    gutter: f64,
    /// Width of the band with the host's name; below 40 the name runs upwards.
    band: f64,
    /// Least width of a column.
    column: f64,
    /// Pixels per minute, if sessions are not too short for it.
    minute: f64,
    /// Whether sessions tell their time.
    times: bool,
}

/// For screens as wide as a desk's.
pub(super) const WIDE: Columns = Columns {
    name: "wide",
    width: 1240.0,
    gutter: 64.0,
    band: 150.0,
    column: 360.0,
    minute: 1.25,
    times: true,
};

/// For phones.
pub(super) const NARROW: Columns = Columns {
    name: "narrow",
    width: 328.0,
    gutter: 54.0,
    band: 18.0,
    column: 134.0,
    minute: 1.9,
    times: false,
};

const HEAD: f64 = 48.0;
const FONT: f64 = 12.0;
/// How much wider bold letters are; names of hosts and headings are bold.
const BOLD: f64 = 1.12;
const LINE: f64 = 15.0;

/// Draws the programme of a plan.
pub(super) fn agenda(paper: &Paper<'_>, columns: Columns) -> Picture {
    let tracks = &paper.problem.event.tracks;
    let n = float(tracks.len().max(1));
    let column = ((columns.width - columns.gutter) / n).max(columns.column);
    let width = columns.gutter + column * n;
    let span = paper.problem.event.horizon.span();
    let shortest = paper.plan.sessions.iter().map(|s| s.span.minutes()).min();
    let shortest = minutes_of(shortest.unwrap_or(30)).max(5.0);
    // The shortest session still gets one line of text, unless the picture would grow without measure.
    let minute = columns.minute.max((LINE + 2.0) / shortest).min(3.2);
    let scale = Scale {
        span,
        from: HEAD,
        to: HEAD + minutes(span.start(), span.end()) * minute,
    };
    let mut out = Markup::default();
    let size = format!("0 0 {} {}", Px(width), Px(scale.to + 10.0));
    let style = format!("--w:{}", Px(width));
    out.open(
        "svg",
        &[
            ("class", &"agenda"),
            ("viewBox", &size),
            ("style", &style),
            ("role", &"img"),
            ("aria-label", &"Programme; the same follows as a table"),
        ],
    );
    let axis = Axis {
        direction: Direction::Down,
        scale,
        from: columns.gutter,
        to: width,
        apart: 30.0,
        labels: true,
        gutter: 0.0,
    };
    out.append(&axis.draw(&paper.clock));
    let place = |index| Place {
        paper,
        columns,
        scale,
        x: columns.gutter + column * float(index) + 3.0,
        width: column - 6.0,
    };
    for (index, track) in tracks.iter().enumerate() {
        place(index).hosts(&mut out, track);
    }
    // Midnight and clock changes go through the blocks, under the sessions.
    out.open("g", &[("class", &"over")]);
    let over = Axis {
        labels: false,
        ..axis
    };
    out.append(&over.draw(&paper.clock));
    out.close("g");
    for (index, track) in tracks.iter().enumerate() {
        place(index).sessions(&mut out, track);
    }
    out.close("svg");
    Picture {
        name: columns.name,
        fits: width <= columns.width + 0.5,
        svg_html: out.finish(),
    }
}

fn minutes_of(minutes: i64) -> f64 {
    i32::try_from(minutes).map_or(0.0, f64::from)
}

/// Where a track is drawn.
struct Place<'a> {
    paper: &'a Paper<'a>,
    columns: Columns,
    scale: Scale,
    x: f64,
    width: f64,
}

impl Place<'_> {
    fn hosts(&self, out: &mut Markup, track: &Track) {
        let name = self.paper.names.track(&track.id);
        let name = fit_ems(&name, hundredths(self.width - 6.0, 15.0 * BOLD));
        let (x, y) = (Px(self.x + 2.0), Px(HEAD - 14.0));
        out.text("text", &[("class", &"track"), ("x", &x), ("y", &y)], &name);
        out.open("g", &[("class", &"lane")]);
        let blocks: Vec<&HostBlock> = self.on(&self.paper.plan.blocks, |b| b.track == track.id);
        let spans: Vec<Span> = blocks.iter().map(|block| block.span).collect();
        let (lanes, n_lanes) = pack(&spans);
        for (block, &lane) in blocks.iter().zip(&lanes) {
            self.block(
                out,
                block,
                self.frame(block.span, lane, n_lanes, self.x, self.width),
            );
        }
        out.close("g");
    }

    fn sessions(&self, out: &mut Markup, track: &Track) {
        out.open("g", &[("class", &"lane")]);
        let sessions: Vec<&PlacedSession> =
            self.on(&self.paper.plan.sessions, |s| s.track == track.id);
        let spans: Vec<Span> = sessions.iter().map(|placed| placed.span).collect();
        let (lanes, n_lanes) = pack(&spans);
        let left = self.x + self.columns.band + 4.0;
        let room = self.width - self.columns.band - 8.0;
        for (placed, &lane) in sessions.iter().zip(&lanes) {
            self.session(
                out,
                placed,
                self.frame(placed.span, lane, n_lanes, left, room),
            );
        }
        out.close("g");
    }

    fn on<'b, T>(&self, all: &'b [T], keep: impl Fn(&T) -> bool) -> Vec<&'b T> {
        all.iter().filter(|item| keep(item)).collect()
    }

    fn frame(&self, span: Span, lane: usize, n_lanes: usize, x: f64, width: f64) -> Frame {
        let share = width / float(n_lanes);
        let y = self.scale.at(span.start());
        Frame {
            x: x + share * float(lane),
            y: y + 0.75,
            width: share - 1.0,
            height: (self.scale.at(span.end()) - y - 1.5).max(1.0),
        }
    }

    fn block(&self, out: &mut Markup, block: &HostBlock, frame: Frame) {
        let host = self.paper.names.group(&block.group);
        let language = plain(block.language.as_str());
        let clash = self.paper.block_clash(&block.id);
        let note = clash
            .as_ref()
            .map_or(String::new(), |clash| format!("\nClash: {clash}"));
        let item = Item {
            kind: "block",
            id: block.id.to_string(),
            span: block.span,
            hue: self.paper.hues.get(&block.group).copied(),
            labels: Vec::new(),
            tip: format!("{host} hosts, in {language}{note}"),
            clashes: clash.is_some(),
        };
        item.open(out, "block", block.span, &self.paper.clock);
        rect(out, "", frame, 5);
        let band = Frame {
            width: self.columns.band.min(frame.width),
            ..frame
        };
        rect(out, "band", band, 5);
        if self.columns.band < 40.0 {
            self.upwards(out, &host, band);
        } else {
            self.sideways(out, block, &host, &language, clash.as_ref(), band);
        }
        out.close("g");
    }

    /// The host's name running up its narrow band.
    fn upwards(&self, out: &mut Markup, host: &str, band: Frame) {
        let name = fit_ems(host, hundredths(band.height - 10.0, FONT * BOLD));
        if name.is_empty() {
            return;
        }
        let x = Px(band.x + band.width / 2.0 + 4.0);
        let y = Px(band.y + band.height - 5.0);
        let turn = format!("rotate(-90 {x} {y})");
        out.text(
            "text",
            &[
                ("class", &"host"),
                ("x", &x),
                ("y", &y),
                ("transform", &turn),
            ],
            &name,
        );
    }

    /// The host's name, hours, language and clash in its wide band.
    fn sideways(
        &self,
        out: &mut Markup,
        block: &HostBlock,
        host: &str,
        language: &str,
        clash: Option<&String>,
        band: Frame,
    ) {
        let room = hundredths(band.width - 20.0, FONT * BOLD);
        let lines = fits(band.height - 6.0, LINE);
        let mut names = wrap_ems(host, room, lines.clamp(1, 3));
        if lines == 0 {
            names.clear();
        }
        let mut y = band.y + 15.0;
        let x = Px(band.x + 10.0);
        for name in &names {
            out.text(
                "text",
                &[("class", &"host"), ("x", &x), ("y", &Px(y))],
                name,
            );
            y += LINE;
        }
        if lines > names.len() {
            out.open("text", &[("class", &"note"), ("x", &x), ("y", &Px(y))]);
            let start = block.span.start();
            out.text(
                "tspan",
                &[("data-at", &start)],
                &self.paper.clock.time(start),
            );
            out.text("tspan", &[], "–");
            let end = block.span.end();
            out.text("tspan", &[("data-at", &end)], &self.paper.clock.time(end));
            out.text("tspan", &[], &format!(" · {}", fit_ems(language, 300)));
            out.close("text");
            y += LINE;
        }
        if let Some(clash) = clash.filter(|_| lines > names.len() + 1) {
            let text = fit_ems(
                &format!("clash: {clash}"),
                hundredths(band.width - 20.0, FONT),
            );
            out.text(
                "text",
                &[("class", &"warn"), ("x", &x), ("y", &Px(y))],
                &text,
            );
        }
    }

    fn session(&self, out: &mut Markup, placed: &PlacedSession, frame: Frame) {
        let paper = self.paper;
        let title = paper.names.title(&placed.session);
        let session = paper.names.session(&placed.session);
        let block = paper.names.block_of(placed);
        let language = session.map_or(String::new(), |s| plain(s.language.as_str()));
        let foreign = block.is_none_or(|block| block.language.as_str() != language);
        let shown = if foreign && !language.is_empty() {
            format!("{title} [{language}]")
        } else {
            title.clone()
        };
        let host = block.map(|block| &block.group);
        let tip = match host {
            Some(host) => format!("{title}\n{}, in {language}", paper.names.group(host)),
            None => format!("{title}\nin {language}"),
        };
        let item = Item {
            kind: "session",
            id: placed.session.to_string(),
            span: placed.span,
            hue: host.and_then(|host| paper.hues.get(host).copied()),
            labels: Vec::new(),
            tip,
            clashes: false,
        };
        item.open(out, "session", placed.span, &paper.clock);
        rect(out, "", frame, 4);
        self.title(out, placed, frame, &shown, &language);
        out.close("g");
    }

    /// The session's start and title, in the middle of its box or, when it is tall, near its top.
    fn title(
        &self,
        out: &mut Markup,
        placed: &PlacedSession,
        frame: Frame,
        title: &str,
        language: &str,
    ) {
        let n_lines = fits(frame.height - 3.0, LINE).max(usize::from(frame.height >= 14.0));
        let time = if self.columns.times { 44.0 } else { 0.0 };
        let left = frame.x + 10.0 + time;
        let room = hundredths(frame.x + frame.width - left - 6.0, FONT);
        let lines = wrap_ems(title, room, n_lines);
        let spare = frame.height - LINE * float(lines.len().max(1));
        let first = frame.y + LINE - 3.5 + (spare / 2.0).min(6.0);
        if self.columns.times && n_lines > 0 {
            let (x, y, start) = (Px(frame.x + 10.0), Px(first), placed.span.start());
            let attributes: [(&str, &dyn Display); 4] = [
                ("class", &"time"),
                ("x", &x),
                ("y", &y),
                ("data-at", &start),
            ];
            out.text("text", &attributes, &self.paper.clock.time(start));
        }
        for (index, line) in lines.iter().enumerate() {
            let (x, y) = (Px(left), Px(first + LINE * float(index)));
            out.text("text", &[("lang", &language), ("x", &x), ("y", &y)], line);
        }
    }
}

fn rect(out: &mut Markup, class: &str, frame: Frame, round: u8) {
    out.leaf(
        "rect",
        &[
            ("class", &class),
            ("x", &Px(frame.x)),
            ("y", &Px(frame.y)),
            ("width", &Px(frame.width)),
            ("height", &Px(frame.height)),
            ("rx", &round),
        ],
    );
}

/// A hue for every group, by its place in the problem.
pub(super) fn hues<'a>(groups: impl Iterator<Item = &'a GroupId>) -> BTreeMap<&'a GroupId, usize> {
    groups.enumerate().map(|(index, id)| (id, index)).collect()
}
