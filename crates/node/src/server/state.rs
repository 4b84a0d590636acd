//! What every request shares.

use std::ops::Deref;
use std::sync::Arc;

use meridian_model::ZoneSet;

use tokio::sync::{Notify, watch};

use super::guard::Rates;
use super::planning::Live;
use super::webhooks::Pace;
use crate::exchange::Exchange;
use crate::exchange::solving::Solver;
use crate::exchange::traffic::Traffic;
use crate::fetch::Fetcher;
use crate::store::Store;

/// What every request shares.
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) zones: ZoneSet,
    /// The address that people use, such as `http://127.0.0.1:8600`.
    pub(crate) origin: String,
    /// Becomes true when the node stops: what waits for news ends then.
    pub(crate) stopping: watch::Receiver<bool>,
    /// Fetches calendars, and posts to programs.
    pub(crate) fetcher: Fetcher,
    /// What is exchanged with other groups' nodes.
    pub(crate) exchange: Arc<Exchange>,
    /// How its searches are done, in jobs.
    pub(crate) solver: Solver,
    /// What goes on with them right now.
    pub(crate) traffic: Traffic,
    /// Wakes who fetches calendars.
    pub(crate) hurry: Notify,
    /// Plans that are read often.
    pub(crate) live: Live,
    /// How long programs are waited for that do not take what they are told.
    pub(crate) pace: Pace,
    /// How often someone may call.
    pub(crate) rates: Rates,
}

/// A handle on it.
#[derive(Clone)]
pub(crate) struct Shared(pub(crate) Arc<State>);

impl Deref for Shared {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}
