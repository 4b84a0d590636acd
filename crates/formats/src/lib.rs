//! What others write: from the bytes of event folders, calendars and documents to the model.
//!
//! This crate does no I/O: callers hand it bytes. Bad input is never an error to give up on but a list of
//! [`Faults`], each with its place, what is wrong and what to do. Start at [`event_folder::read`].

pub mod busy;
mod calendar;
mod civil;
mod document;
pub mod event_folder;
pub mod export;
pub mod fault;
mod grades;
pub mod plan;
pub mod problem;
mod rules;
mod text;
mod words;

pub use fault::{Fault, FaultCode, Faults};
