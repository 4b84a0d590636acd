//! What was worked out of a book, as long as nothing came in that may change it.

use std::sync::OnceLock;

use crate::fold::{Era, SharedState};
use crate::ids::StateDigest;
use crate::kind::Bearing;
use crate::sync::Have;

#[derive(Default)]
pub(crate) struct Derived {
    pub(crate) eras: OnceLock<Vec<Era>>,
    pub(crate) state: OnceLock<SharedState>,
    pub(crate) state_digest: OnceLock<StateDigest>,
    pub(crate) have: OnceLock<Have>,
    pub(crate) heads_digest: OnceLock<StateDigest>,
}

impl Derived {
    /// Something came in: what it may change is worked out anew when it is asked for. What is had is always another.
    pub(crate) fn forget(&mut self, bearing: Bearing) {
        self.have = OnceLock::new();
        self.heads_digest = OnceLock::new();
        if bearing >= Bearing::State {
            self.state = OnceLock::new();
            self.state_digest = OnceLock::new();
        }
        if bearing >= Bearing::Charters {
            self.eras = OnceLock::new();
        }
    }
}
