//! Fetches calendars again and again; what cannot be fetched or read leaves the last good copy as it is.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use meridian_formats::busy;
use tokio::task::JoinSet;

use super::problem::Problem;
use super::proof::prove_calendar;
use super::state::Shared;
use crate::fetch::{Fetched, Seal};
use crate::store::{CalendarRow, Polled, StoreError, stamp};

/// How old a copy may become.
const AGE: SignedDuration = SignedDuration::from_mins(15);
/// How often is looked for those that are too old.
const GLANCE: Duration = Duration::from_secs(20);
/// How many are fetched at once.
const AT_ONCE: i64 = 8;

/// Polls until the node stops.
pub(crate) async fn poll(state: Shared) {
    let mut stopping = state.stopping.clone();
    while !*stopping.borrow_and_update() {
        let round = async {
            match round(&state).await {
                // There may be more that are due.
                Ok(fetched) if fetched > 0 => return,
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "calendars cannot be looked up"),
            }
            tokio::select! {
                () = state.hurry.notified() => {}
                () = tokio::time::sleep(GLANCE) => {}
            }
        };
        tokio::select! {
            () = round => {}
            _ = stopping.changed() => return,
        }
    }
}

/// Fetches those that are due; how many.
async fn round(state: &Shared) -> Result<usize, StoreError> {
    let now = Timestamp::now();
    let before = stamp(now.checked_sub(AGE).unwrap_or(now));
    let mut fetching = JoinSet::new();
    for row in state.store.due_calendars(&before, AT_ONCE).await? {
        let mut write = state.store.write_aside().await?;
        let mine = write.claim_calendar(&row).await?;
        write.commit().await?;
        if mine {
            let state = state.clone();
            fetching.spawn(async move { one(&state, &row).await });
        }
    }
    let mut done = 0;
    while let Some(result) = fetching.join_next().await {
        done += 1;
        if let Ok(Err(error)) = result {
            tracing::warn!(%error, "what came of a calendar cannot be kept");
        }
    }
    Ok(done)
}

async fn one(state: &Shared, row: &CalendarRow) -> Result<(), StoreError> {
    let seal = Seal {
        etag: row.etag.clone(),
        last_modified: row.last_modified.clone(),
    };
    let polled = match state.fetcher.fetch(&row.url, &seal).await {
        Ok(Fetched::Unchanged) => Polled {
            etag: seal.etag,
            last_modified: seal.last_modified,
            ..Polled::default()
        },
        Ok(Fetched::New { bytes, seal }) => match read(state, row, &bytes).await {
            Ok(copy) => Polled {
                etag: seal.etag,
                last_modified: seal.last_modified,
                good_copy: Some(copy),
                trouble: None,
            },
            // Without its seal it is fetched anew next time, although it may not have changed.
            Err(trouble) => Polled {
                trouble: Some(trouble),
                ..Polled::default()
            },
        },
        Err(why) => Polled {
            etag: seal.etag,
            last_modified: seal.last_modified,
            good_copy: None,
            trouble: Some(why.to_string()),
        },
    };
    let mut write = state.store.write().await?;
    write.polled(row, &polled).await?;
    write.commit().await
}

/// What is kept of what was fetched, or why it cannot be read.
async fn read(state: &Shared, row: &CalendarRow, bytes: &[u8]) -> Result<String, String> {
    let ics = std::str::from_utf8(bytes).map_err(|_why| "it is not UTF-8".to_owned())?;
    let whose = (row.id.as_str(), row.group_id.as_deref());
    prove_calendar(state, &row.event, whose, ics)
        .await
        .map_err(Problem::in_words)?;
    Ok(busy::stripped(bytes))
}
