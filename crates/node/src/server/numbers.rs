//! The node's numbers for Prometheus.

use std::sync::OnceLock;
use std::time::Duration;

use axum::extract::State as FromState;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::caller::Caller;
use super::problem::Problem;
use super::state::Shared;

/// Seconds that a request may take, as they are counted.
const SECONDS: [f64; 8] = [0.005, 0.02, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0];
/// How often what was measured is put together, so that it does not pile up.
const PERIOD: Duration = Duration::from_secs(5);

static NUMBERS: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to count; before the first request.
///
/// # Errors
/// When something else counts already.
pub(crate) fn count() -> anyhow::Result<()> {
    let of_requests = Matcher::Full("meridian_request_seconds".to_owned());
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(of_requests, &SECONDS)?
        .install_recorder()?;
    let upkeep = handle.clone();
    tokio::spawn(async move {
        let mut period = tokio::time::interval(PERIOD);
        loop {
            period.tick().await;
            upkeep.run_upkeep();
        }
    });
    // Set once: a second recorder would have been refused above.
    drop(NUMBERS.set(handle));
    Ok(())
}

/// The numbers, for admins: with a token of the scope `read`, as Prometheus can send one.
pub(crate) async fn metrics(
    FromState(_state): FromState<Shared>,
    caller: Caller,
) -> Result<Response, Problem> {
    if !caller.account.admin {
        return Err(Problem::not_yours("only an admin reads the node's numbers"));
    }
    let text = NUMBERS.get().map(PrometheusHandle::render);
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    Ok((kind, text.unwrap_or_default()).into_response())
}
