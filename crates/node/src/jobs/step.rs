//! Steps of the exchange as jobs: here is only waited for them, their searches run in processes of their own.
//!
//! What a step says and the end of its job are one transaction. A job that was begun anew has said nothing yet.

use std::path::Path;

use serde_json::json;
use tokio::time::{interval, sleep};

use super::made::{Came, FAULT, TOO_LATE};
use super::{BEAT, Workshop, stopped};
use crate::exchange::ExchangeError;
use crate::exchange::planning::{Desk, Step};
use crate::exchange::solving::Solver;
use crate::store::{JobRow, Pulse};

impl Workshop {
    /// Does a step of a space, its searches in `folder`.
    pub(super) async fn step(
        &self,
        job: &JobRow,
        (space, step): (&str, &Step),
        folder: &Path,
    ) -> Came {
        let means = &self.means;
        let desk = Desk {
            exchange: &means.exchange,
            zones: &means.zones,
            solver: Solver {
                folder: folder.to_owned(),
                effort: step.effort(),
                ..means.solver.clone()
            },
            job: Some(job),
        };
        let mut stopping = self.stopping.clone();
        let came = tokio::select! {
            done = desk.work(space, step) => match done {
                Ok(answer) => Came::Answered(answer),
                Err(error) => failed(job, error),
            },
            pulse = self.held(job) => match pulse {
                Pulse::Cancel => Came::Cancelled,
                Pulse::Held | Pulse::Lost => Came::GivenBack,
            },
            () = sleep(means.solver.patience) => Came::failed(TOO_LATE),
            () = stopped(&mut stopping) => Came::GivenBack,
        };
        let now = self.store.job(&job.event, &job.id).await;
        let kept = now.is_ok_and(|now| now.state == "done" && now.fence == job.fence);
        if kept { Came::Kept } else { came }
    }

    /// Holds a job until it is to end, or is someone else's.
    async fn held(&self, job: &JobRow) -> Pulse {
        let mut beat = interval(BEAT);
        loop {
            beat.tick().await;
            match self.renew(job, None).await {
                Pulse::Held => {}
                other => return other,
            }
        }
    }
}

/// What is said of a step that came to nothing.
fn failed(job: &JobRow, error: ExchangeError) -> Came {
    match error {
        ExchangeError::Broken(_) | ExchangeError::Store(_) => {
            let error = format!("{:#}", anyhow::Error::from(error));
            tracing::error!(job = job.id, error, "a step of the exchange failed");
            Came::failed(FAULT)
        }
        ExchangeError::Off
        | ExchangeError::Unknown(_)
        | ExchangeError::Refused(_)
        | ExchangeError::Unfit(_) => Came::Failed(json!({ "trouble": error.to_string() })),
    }
}
