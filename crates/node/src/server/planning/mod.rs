//! Planning an event: jobs, the plans that they make, what groups say of them, the one that is published, and what
//! is seen of it while the event runs.

mod answers;
mod changes;
mod feeds;
mod jobs;
mod live;
mod overrides;
mod plans;
mod slices;
mod uploads;

use utoipa_axum::router::OpenApiRouter;

use super::problem::Problem;
use super::state::Shared;
use super::things::PageQuery;

pub(crate) use answers::{NewAnswer, Reason, ReasonCode, Word, give};
pub(crate) use feeds::public as feed_routes;
pub(crate) use jobs::{Job, queue};
pub(crate) use live::{Live, off_the_runtime};

pub(crate) use plans::latest;
pub(crate) use slices::{Slice, slice_of, title_and_span};

/// All routes of it.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    jobs::routes()
        .merge(plans::routes())
        .merge(answers::routes())
        .merge(slices::routes())
        .merge(overrides::routes())
        .merge(feeds::routes())
        .merge(changes::routes())
        .merge(uploads::routes())
}

/// The number in an id such as `j12`: where a page of the newest first begins.
fn before(query: &PageQuery, letter: char) -> Result<i64, Problem> {
    if query.after.is_empty() {
        return Ok(i64::MAX);
    }
    let number = query.after.strip_prefix(letter);
    number
        .and_then(|number| number.parse().ok())
        .filter(|number| *number > 0)
        .ok_or_else(|| {
            Problem::of_field(
                "after",
                "no page begins there",
                "give `next` of the page before",
            )
        })
}
