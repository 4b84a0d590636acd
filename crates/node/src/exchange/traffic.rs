//! What goes on between this node and its peers right now; none of it outlives the process.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::budget::Budgets;
use super::signed_http::Nonces;

/// Nonces that are remembered of each peer: all that one may send in the life of a signature, and more.
const NONCES: NonZeroUsize = NonZeroUsize::new(20_000).expect("more than none");

/// What goes on.
pub(crate) struct Traffic {
    pub(crate) budgets: Budgets,
    nonces: Mutex<Nonces>,
}

impl Traffic {
    /// Nothing yet.
    pub(crate) fn begin() -> Self {
        Self {
            budgets: Budgets::default(),
            nonces: Mutex::new(Nonces::new(Timestamp::now().as_second(), NONCES)),
        }
    }

    /// The nonces of requests that are still good. Never held across an await.
    pub(crate) fn nonces(&self) -> MutexGuard<'_, Nonces> {
        self.nonces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
