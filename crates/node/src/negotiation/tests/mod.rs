//! Whole negotiations in memory, and what they must not tell.

mod answers;
mod brief;
mod consent;
mod differences;
mod dropping_out;
mod hostile;
mod lanes;
mod nodes;
mod offers;
mod private;
mod shared;
mod whole;
mod wishes;
