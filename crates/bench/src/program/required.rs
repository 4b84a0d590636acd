//! What is required of our engine on each size, on two quiet cores.

use meridian_bench::Size;

/// What is required on one size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Required {
    pub(crate) first_ms: f64,
    /// Distance of the soft level from its bound, in percent of the bound; programme not counted.
    pub(crate) gap_percent: f64,
    /// Within how many seconds.
    pub(crate) limit_s: f64,
    pub(crate) memory_mb: u64,
}

pub(crate) const fn required(size: Size) -> Required {
    let (first_ms, gap_percent, limit_s, memory_mb) = match size {
        Size::Tiny => (50.0, 0.0, 10.0, 400),
        Size::Small => (50.0, 0.5, 10.0, 400),
        Size::Medium => (50.0, 0.1, 10.0, 400),
        Size::MediumTight | Size::Large | Size::LargeTight => (100.0, 0.7, 30.0, 400),
        Size::ThreeDays => (100.0, 10.0, 60.0, 400),
        Size::Xlarge => (1_000.0, 3.0, 120.0, 1_500),
        Size::Stretch => (f64::INFINITY, f64::INFINITY, 600.0, 6_000),
    };
    Required {
        first_ms,
        gap_percent,
        limit_s,
        memory_mb,
    }
}
