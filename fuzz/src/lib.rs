//! What must hold for any bytes that come from elsewhere: one function for each parser. That nothing panics, hangs or
//! eats memory is watched by the fuzzer; each function says what more must hold.
//!
//! Bytes that are signed could not be altered by a fuzzer without breaking the signature, so here every signature is
//! believed: what comes after the check is looked at, not the check.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "what does not hold ends the run"
)]

mod documents;
mod exchange;
mod folder;
mod records;
mod signed;
#[allow(
    dead_code,
    unused_imports,
    reason = "what is taken in from the node is used in part"
)]
#[path = "../../crates/node/src/exchange/signed_http/mod.rs"]
pub(crate) mod signed_http;

pub use documents::{calendar, plan, problem};
pub use exchange::{bundle, fold, packet};
pub use folder::{dates, event_settings, event_tables, regional};
pub use records::{body, card, content, envelope, header};
pub use signed::signatures;
