//! Whole negotiations in memory, and what they must not tell.

mod nodes;
mod whole;
