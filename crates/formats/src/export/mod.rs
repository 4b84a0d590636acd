//! How a plan is seen and handed out: pages, calendars, terminal, CSV and Markdown, from the model to text.
//!
//! Everything here is a pure function of its arguments and gives the same bytes for the same input. Text that
//! people wrote (titles, handles, names) is data: it is cleaned of control characters and escaped for each
//! format. Entries: [`html::page`], [`ics::calendar`], [`terminal::timeline`], [`csv`], [`markdown::plan`],
//! [`call_for_help::page`].

pub mod call_for_help;
pub mod csv;
pub mod html;
pub mod ics;
pub mod markdown;
pub mod terminal;

mod clock;
mod lanes;
mod names;
mod text;
mod view;

pub use text::{plain, tame};

/// For whom something is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Those who run the event: everything.
    Crew,
    /// Everyone: blocks and sessions, nothing about operators, availability or what is missing.
    Public,
}
