//! Records of a space as bytes, for mail.

use axum::Json;
use axum::extract::{DefaultBodyLimit, State as FromState};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::seen;
use super::{desk, plans, plans_something};
use crate::exchange::planning::{Taken, label};
use crate::server::body::of_media;
use crate::server::caller::Caller;
use crate::server::extract::{Path, Query, Raw};
use crate::server::problem::Problem;
use crate::server::state::Shared;

/// The media type of a bundle.
const MEDIA: &str = "application/octet-stream";
/// The most that a bundle may have that comes this way; the command line takes larger ones.
const BUNDLE_BYTES: usize = 64 * 1024 * 1024;

/// Who is to read a bundle.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reader {
    /// The member that is to read it; without one, it has only what everybody may read.
    #[param(max_length = 64, example = "kyoto")]
    to: Option<String>,
}

/// With what the space of a bundle is followed, if it is not followed yet.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Following {
    /// The event of this node that is planned there.
    #[param(max_length = 64, example = "first-relay")]
    event: Option<String>,
    /// The space's name.
    #[param(max_length = 200, example = "relay-2024")]
    name: Option<String>,
}

/// Write a bundle
///
/// All of a space that a member may have, for groups that run no server and for mail.
#[utoipa::path(get, path = "/exchange/spaces/{space}/bundle", tag = "exchange", params(("space" = String, Path), Reader),
    responses((status = 200, body = String, content_type = "application/octet-stream"), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn write(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path(space): Path<String>,
    Query(reader): Query<Reader>,
) -> Result<Response, Problem> {
    let sight = seen(&state, &caller, &space).await?.looked_at_whole()?;
    let bytes = desk(&state).bundle(&sight, reader.to.as_deref()).await?;
    Ok(([(header::CONTENT_TYPE, MEDIA)], bytes).into_response())
}

/// Read a bundle
///
/// With the same checks as from a peer. Its space must be followed; or it is followed from now on, with the event and by the
/// name that are said.
#[utoipa::path(post, path = "/exchange/bundles", tag = "exchange", params(Following), request_body(content((String = "application/octet-stream"))),
    responses((status = 200, body = Taken), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Query(following): Query<Following>,
    headers: HeaderMap,
    Raw(bytes): Raw,
) -> Result<Json<Taken>, Problem> {
    plans_something(&caller)?;
    of_media(&headers, MEDIA)?;
    if let Some(event) = &following.event {
        plans(&caller, event)?;
    }
    let (label, bytes) = label(bytes.into()).await?;
    let desk = desk(&state);
    let followed = state.store.spaces().await?;
    match (label.among(followed), following.event, following.name) {
        (Ok(row), _, _) => plans(&caller, &row.event)?,
        (Err(_), Some(event), Some(name)) => {
            desk.follow(label.space, label.founder, &name, &event)
                .await?;
        }
        (Err(error), _, _) => return Err(error.into()),
    }
    Ok(Json(desk.take_bundle(bytes).await?))
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    let reading = OpenApiRouter::new().routes(routes!(read));
    OpenApiRouter::new()
        .routes(routes!(write))
        .merge(reading.layer(DefaultBodyLimit::max(BUNDLE_BYTES)))
}
