//! What ends a search early: someone at the keyboard, or the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use meridian_solver::Stop;

/// A flag that Ctrl-C or a polite `kill` raises, and a deadline.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    interrupted: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Watch {
    /// Starts the clock and listens to Ctrl-C and SIGTERM; at most once in a process.
    ///
    /// # Errors
    /// When the system refuses the signal handler.
    pub(crate) fn start(limit: Option<Duration>) -> anyhow::Result<Self> {
        let watch = Self::silent(limit);
        let flag = Arc::clone(&watch.interrupted);
        ctrlc::set_handler(move || flag.store(true, Ordering::SeqCst))
            .context("cannot listen to Ctrl-C")?;
        Ok(watch)
    }

    pub(crate) fn silent(limit: Option<Duration>) -> Self {
        Self {
            interrupted: Arc::new(AtomicBool::new(false)),
            deadline: limit.and_then(|limit| Instant::now().checked_add(limit)),
        }
    }

    /// Whether someone interrupted.
    pub(crate) fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }
}

impl Stop for Watch {
    fn stopped(&self) -> bool {
        self.interrupted() || self.remaining().is_some_and(|left| left.is_zero())
    }

    fn remaining(&self) -> Option<Duration> {
        self.deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_stops_for_a_person_or_for_the_clock() {
        let endless = Watch::silent(None);
        assert!(!endless.stopped());
        assert_eq!(endless.remaining(), None);
        endless.interrupted.store(true, Ordering::SeqCst);
        assert!(endless.stopped());

        let over = Watch::silent(Some(Duration::ZERO));
        assert!(over.stopped() && !over.interrupted());
    }
}
