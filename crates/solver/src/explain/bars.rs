//! What stands in the way of a possibility, and which of several such things to name.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use meridian_model::{Availability, Cause, Grade, RuleCode, Span};

/// One rule in the way, in words that read after a name and a colon, such as `busy by the calendar`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bar {
    pub(super) rule: RuleCode,
    pub(super) words: String,
}

impl Bar {
    pub(super) fn new(rule: RuleCode, words: impl Into<String>) -> Self {
        Self {
            rule,
            words: words.into(),
        }
    }
}

/// The one bar that stands for all: the rule that bars most possibilities, of equals the first, in its most
/// frequent words and those of the most frequent other thing in the way.
pub(super) fn sum_up(bars: &[Bar]) -> Option<Bar> {
    let mut by_rule: BTreeMap<RuleCode, usize> = BTreeMap::new();
    let mut by_bar: BTreeMap<&Bar, usize> = BTreeMap::new();
    for bar in bars {
        *by_rule.entry(bar.rule).or_default() += 1;
        *by_bar.entry(bar).or_default() += 1;
    }
    let (rule, _) = by_rule
        .into_iter()
        .min_by_key(|&(rule, n)| (Reverse(n), rule))?;
    let mut said: Vec<(&Bar, usize)> = by_bar.into_iter().collect();
    said.sort_by_key(|&(bar, n)| (bar.rule != rule, Reverse(n), bar));
    let mut words: Vec<&str> = Vec::new();
    for (bar, _) in said {
        if !words.contains(&bar.words.as_str()) {
            words.push(&bar.words);
        }
    }
    words.truncate(2);
    Some(Bar::new(rule, words.join(", and for part of it ")))
}

/// Such as `ana, bea and cleo`.
pub(super) fn all_of<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// Whether every instant of `span` is graded if-need-be or better.
pub(super) fn is_open(availability: &Availability, span: Span) -> bool {
    let Availability(graded) = availability;
    let mut reached = span.start();
    // Spans may touch in any order; each pass moves on by at least one of them.
    while reached < span.end() {
        let next = graded
            .iter()
            .filter(|graded| graded.grade > Grade::Impossible)
            .filter(|graded| graded.span.start() <= reached && reached < graded.span.end())
            .map(|graded| graded.span.end())
            .max();
        match next {
            Some(end) => reached = end,
            None => return false,
        }
    }
    true
}

/// Where it comes from that `span` is not open to someone.
pub(super) fn cause_of(availability: &Availability, span: Span) -> Cause {
    let Availability(graded) = availability;
    let marked = graded
        .iter()
        .find(|graded| graded.grade == Grade::Impossible && graded.span.overlaps(&span));
    marked.map_or(Cause::NotOffered, |graded| graded.cause)
}

/// Why `span` is not open to someone.
pub(super) fn why_closed(availability: &Availability, span: Span) -> &'static str {
    match cause_of(availability, span) {
        Cause::Default | Cause::Night => "night, not opened for duty",
        Cause::Marked => "marked the time impossible",
        Cause::Rule => "a rule against the time",
        Cause::Busy => "busy by the calendar",
        Cause::Holiday => "a public holiday, kept free",
        Cause::NotOffered => "did not offer the time",
    }
}
