//! How an event is planned across nodes: between a node's own documents (a problem and a plan) and what groups say to
//! each other. Pure: no store, no network, no clock. What is solved, sent and signed is others' business.
//!
//! The coordinator makes a [`brief`] of its event; each group makes [`offers`] of talks, dates and [`capacity`]; the
//! coordinator's [`allocation`] of them is solved and becomes a revision; each group makes a [`roster`] problem of its
//! slice, which is solved, and gives its [`answer`]; what is asked for instead is in the next allocation. What all agreed
//! on is [`shared`]. [`differences`] are told before anything is accepted.
//!
//! What leaves a node by way of this module: titles and windows of talks, pseudonyms, counts (of groups of three people
//! and more), hosting hours, names of public events, zones, shifts that a group offers to serve, and who is on duty as a
//! pseudonym or by a name that she consented to. Never: operators' and speakers' ids and names, availability, busy
//! times, skills, nights, limits, and whose time it is that something fails at.

mod allocation;
mod answer;
mod brief;
mod capacity;
mod consent;
mod differences;
mod grid;
mod lanes;
mod offers;
mod open_duty;
mod own;
mod pseudonyms;
mod roster;
mod shared;
mod stand_ins;
#[cfg(test)]
mod tests;

#[cfg(test)]
use allocation::Answered;
pub(crate) use allocation::{MemberOffers, Offers, allocate, answers_of, revision_of, stamp};
pub(crate) use answer::{Shortfall, answer_of};
pub(crate) use brief::{BriefAsk, brief_of, horizon_of, settings_of};
#[cfg(test)]
use brief::{BriefError, event_of};
pub(crate) use capacity::{CapacityAsk, capacity_of};
pub(crate) use consent::Consent;
#[cfg(test)]
use differences::ZoneDifference;
pub(crate) use differences::{charter_differences, event_differences, zone_differences};
pub(crate) use lanes::{Uncovered, uncovered};
pub(crate) use offers::{date_response, talks_of};
pub(crate) use open_duty::{Hold, OpenAsk, open_duty, shifts_of};
pub(crate) use own::{beside_said, own_plan};
pub(crate) use pseudonyms::Pseudonyms;
pub(crate) use roster::{roster_problem, rosters_of};
#[cfg(test)]
use shared::assembled;
pub(crate) use shared::{held, shared_plan};
