//! Forgets in time what nobody needs any more.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::state::Shared;
use crate::exchange::ExchangeError;
use crate::store::{Forgotten, StoreError, stamp};

/// How often it is looked for.
const PERIOD: Duration = Duration::from_secs(3600);
const HOURS_OF_A_DAY: i64 = 24;

/// Forgets what has lain for so many days, never for 0, and what the charters of shared events say, until the node stops.
pub(crate) async fn forget_in_time(state: Shared, days: u32) {
    let mut stopping = state.stopping.clone();
    let mut period = tokio::time::interval(PERIOD);
    loop {
        tokio::select! {
            _ = period.tick() => {}
            _ = stopping.wait_for(|stops| *stops) => return,
        }
        if days > 0 {
            forget_old(&state, days).await;
        }
        match state.exchange.erase_due(Timestamp::now()).await {
            Ok(0) | Err(ExchangeError::Off) => {}
            Ok(bodies) => tracing::info!(bodies, "what groups told in confidence was erased"),
            Err(error) => tracing::error!(%error, "what groups told in confidence was not erased"),
        }
    }
}

async fn forget_old(state: &Shared, days: u32) {
    match forget(state, days).await {
        Ok(none) if none == Forgotten::default() => {}
        Ok(Forgotten {
            jobs,
            plans,
            problems,
        }) => tracing::info!(jobs, plans, problems, "what is old was forgotten"),
        Err(error) => tracing::error!(error = %error, "what is old was not forgotten"),
    }
}

async fn forget(state: &Shared, days: u32) -> Result<Forgotten, StoreError> {
    let now = Timestamp::now();
    let age = SignedDuration::from_hours(i64::from(days) * HOURS_OF_A_DAY);
    let before = now.checked_sub(age).unwrap_or(Timestamp::MIN);
    let mut write = state.store.write().await?;
    let forgotten = write.forget_old(&stamp(before)).await?;
    write.commit().await?;
    Ok(forgotten)
}
