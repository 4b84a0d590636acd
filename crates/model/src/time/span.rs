//! Half-open spans of instants.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A half-open span of instants, `start ≤ t < end`.
///
/// Invariant (kept by [`Span::new`] and by deserialisation): `start < end`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "SpanDto")]
pub struct Span {
    start: Timestamp,
    end: Timestamp,
}

/// A span that does not end after its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the span from {start} to {end} is empty")]
pub struct EmptySpan {
    /// The start given.
    pub start: Timestamp,
    /// The end given.
    pub end: Timestamp,
}

/// A half-open span of instants, `start ≤ t < end`; never empty.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Span")]
#[serde(deny_unknown_fields)]
struct SpanDto {
    /// The first instant inside.
    start: Timestamp,
    /// The first instant after.
    end: Timestamp,
}

impl TryFrom<SpanDto> for Span {
    type Error = EmptySpan;
    fn try_from(dto: SpanDto) -> Result<Self, EmptySpan> {
        Self::new(dto.start, dto.end)
    }
}

impl Span {
    /// The span from `start` up to and without `end`.
    ///
    /// # Errors
    /// [`EmptySpan`] unless `start < end`.
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, EmptySpan> {
        if start < end {
            Ok(Self { start, end })
        } else {
            Err(EmptySpan { start, end })
        }
    }

    /// First instant inside.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// First instant after.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// Length in whole minutes.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        minutes(self.start, self.end)
    }

    /// Whether the two share an instant.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies wholly inside.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// What the two share, if anything.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end)).ok()
    }
}

/// Whole minutes from `start` to `end`, negative when `end` comes first.
#[must_use]
pub fn minutes(start: Timestamp, end: Timestamp) -> i64 {
    (end.as_second() - start.as_second()).div_euclid(60)
}
