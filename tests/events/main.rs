//! The sample events, planned from their folders: what a plan of a real relay must hold.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::print_stdout,
    reason = "figures are printed beside what is asserted of them"
)]

mod availability;
mod clashes;
mod dates;
mod folder;
#[cfg(feature = "highs")]
mod least_gaps;
mod midnight;
mod repairs;
mod replan;
mod staffing;
mod whole_plans;
