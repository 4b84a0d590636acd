//! What every request shares.

use std::ops::Deref;
use std::sync::Arc;

use meridian_model::ZoneSet;

use crate::store::Store;

/// What every request shares.
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) zones: ZoneSet,
    /// The address that people use, such as `http://127.0.0.1:8600`.
    pub(crate) origin: String,
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
