//! The command line from outside: what each command says, writes, and ends with.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot set up its desk or read an answer fails"
)]

mod commands;
mod dates;
mod doctor;
mod handing_out;
mod help;
mod interrupt;
mod kills;
mod midnight;
mod packaging;
mod readme;
mod replan;
mod shell;
mod staff;
