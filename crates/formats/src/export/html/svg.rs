//! SVG markup with everything escaped, and the scale from instants to pixels.

use std::fmt::{Display, Write as _};

use meridian_model::{Span, Timestamp};

use crate::export::text::escape;

/// Markup under construction. Every attribute value and text goes through [`escape`].
#[derive(Debug, Default)]
pub(super) struct Markup(String);

/// Attributes of an element.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a dyn Display)];

impl Markup {
    /// An opening tag.
    pub(super) fn open(&mut self, name: &str, attributes: Attributes<'_>) {
        self.tag(name, attributes);
        self.0.push('>');
    }

    /// A closing tag.
    pub(super) fn close(&mut self, name: &str) {
        let _ = write!(self.0, "</{name}>");
    }

    /// An element without content.
    pub(super) fn leaf(&mut self, name: &str, attributes: Attributes<'_>) {
        self.tag(name, attributes);
        self.0.push_str("/>");
    }

    /// An element that holds only text.
    pub(super) fn text(&mut self, name: &str, attributes: Attributes<'_>, text: &str) {
        self.open(name, attributes);
        self.0.push_str(&escape(text));
        self.close(name);
    }

    /// Markup made elsewhere in this module tree.
    pub(super) fn append(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    fn tag(&mut self, name: &str, attributes: Attributes<'_>) {
        let _ = write!(self.0, "<{name}");
        for (key, value) in attributes {
            let _ = write!(self.0, " {key}=\"{}\"", escape(&value.to_string()));
        }
    }
}

/// A length in pixels, written with at most two decimals.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Px(pub(super) f64);

impl Display for Px {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.2}", self.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        f.write_str(if text == "-0" { "0" } else { text })
    }
}

/// A count as a number of pixels can use it.
pub(super) fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// Minutes as a number of pixels can use them.
pub(super) fn minutes(from: Timestamp, to: Timestamp) -> f64 {
    let minutes = meridian_model::time::minutes(from, to);
    i32::try_from(minutes).map_or(f64::from(i32::MAX), f64::from)
}

/// How many whole times `step` fits into `length`, at most a million times.
pub(super) fn fits(length: f64, step: f64) -> usize {
    let (mut low, mut high) = (0_usize, 1_000_000_usize);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if float(middle) * step <= length {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// Width in hundredths of an em that `pixels` give at a font size, rounded down.
pub(super) fn hundredths(pixels: f64, font: f64) -> u32 {
    u32::try_from(fits(pixels.max(0.0) / font, 0.01)).unwrap_or(0)
}

/// Maps instants of a span to a stretch of pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) span: Span,
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Scale {
    /// The pixel of an instant; instants outside are clamped.
    pub(super) fn at(&self, at: Timestamp) -> f64 {
        let at = at.clamp(self.span.start(), self.span.end());
        let whole = minutes(self.span.start(), self.span.end());
        self.from + (self.to - self.from) * minutes(self.span.start(), at) / whole
    }

    /// Pixels per hour.
    pub(super) fn hour(&self) -> f64 {
        (self.to - self.from) * 60.0 / minutes(self.span.start(), self.span.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_and_text_cannot_break_out() {
        let mut markup = Markup::default();
        markup.text("text", &[("class", &"\"><script>")], "</text>");
        assert_eq!(
            markup.finish(),
            "<text class=\"&quot;&gt;&lt;script&gt;\">&lt;/text&gt;</text>"
        );
    }

    #[test]
    fn pixels_are_written_short() {
        assert_eq!(Px(12.0).to_string(), "12");
        assert_eq!(Px(12.5).to_string(), "12.5");
        assert_eq!(Px(-0.001).to_string(), "0");
        assert_eq!(hundredths(33.0, 11.0), 300);
        assert_eq!(hundredths(-1.0, 11.0), 0);
        assert_eq!(fits(31.0, 15.0), 2);
    }
}
