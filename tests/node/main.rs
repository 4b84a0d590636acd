//! A node from outside: the real binary on a free port of this machine, spoken to over HTTP.
//!
//! [`harness`] starts and ends it and has the calls; there is one module for each concern.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot set up its node or read an answer fails"
)]

mod api;
mod bombs;
mod crowd;
mod databases;
mod doors;
mod events;
mod exchange;
mod full;
mod giving;
mod guard;
mod harness;
mod jobs;
mod kills;
mod live;
mod matrix;
mod pages;
mod people;
mod planning;
mod plans;
mod receiver;
mod replicas;
mod retention;
mod upkeep;
mod uploads;
mod walk;
mod webhooks;
