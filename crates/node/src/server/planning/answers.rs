//! What groups say of a proposed plan: accepted, or rejected with reasons.

use axum::Json;
use axum::extract::State as FromState;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::live::parsed;
use super::plans::visible;
use super::slices::stakeholders;
use crate::server::body::Body;
use crate::server::caller::{Caller, Role};
use crate::server::conditional::{etag, expected};
use crate::server::extract::Path;
use crate::server::problem::Problem;
use crate::server::state::Shared;
use crate::store::{AnswerRow, Verdict};

/// What a group says of its slice.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAnswer {
    /// The verdict.
    pub(crate) verdict: Word,
    /// Why; a rejection has at least one reason.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub(crate) reasons: Vec<Reason>,
}

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Word {
    /// The group will do it.
    Accepted,
    /// The group will not.
    Rejected,
}

impl Word {
    fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

/// Why a group rejects its slice, or accepts it with a remark.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    /// What kind of reason.
    pub(crate) code: ReasonCode,
    /// The block, session or shift that it is about; all of the slice if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub(crate) about: Option<String>,
    /// In words.
    #[schema(max_length = 1000)]
    pub(crate) words: String,
}

/// What kind of reason.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReasonCode {
    /// It should not be at all.
    Drop,
    /// It is too much.
    TooMuch,
    /// It should be at another time.
    Move,
    /// Someone else should do it.
    Swap,
    /// Someone is missing for it.
    NeedsRole,
    /// Anything else.
    Other,
}

/// What a group said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Answer {
    /// The group.
    pub(crate) group: String,
    /// Counts its changes; the ETag.
    pub(crate) version: i64,
    /// `accepted` or `rejected`.
    pub(crate) verdict: String,
    /// Why.
    pub(crate) reasons: Vec<Reason>,
    /// When.
    pub(crate) answered_at: String,
}

impl Answer {
    fn of(row: AnswerRow) -> Self {
        Self {
            group: row.group_id,
            version: row.version,
            verdict: row.verdict,
            reasons: serde_json::from_str(&row.body).unwrap_or_default(),
            answered_at: row.answered_at,
        }
    }
}

/// All answers to a plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Answers {
    /// What groups said, by group.
    items: Vec<Answer>,
    /// Groups in the plan that have said nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    silent: Vec<String>,
}

/// Read the answers to a plan
///
/// Those of your groups; all of them for those who plan the event.
#[utoipa::path(get, path = "/events/{event}/plans/{id}/answers", tag = "plans", params(("event" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Answers), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn list(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id)): Path<(String, String)>,
) -> Result<Json<Answers>, Problem> {
    visible(&state, &caller, &event, &id).await?;
    let parsed = parsed(&state, &id).await?;
    let hers = |group: &str| caller.is(Role::Leader, &event, Some(group));
    let mut items = state.store.answers(&id).await?;
    items.retain(|row| hers(&row.group_id));
    let mut silent = stakeholders(&parsed);
    silent.retain(|group| hers(group) && !items.iter().any(|row| row.group_id == *group));
    Ok(Json(Answers {
        items: items.into_iter().map(Answer::of).collect(),
        silent: silent.into_iter().collect(),
    }))
}

/// Answer a plan for a group; kept when it is proposed, and the caller leads the group.
pub(crate) async fn give(
    state: &Shared,
    caller: &Caller,
    (event, id, group): (&str, &str, &str),
    expected: crate::store::Expected,
    answer: &NewAnswer,
) -> Result<Answer, Problem> {
    visible(state, caller, event, id).await?;
    if !caller.is(Role::Leader, event, Some(group)) {
        return Err(if caller.is(Role::Operator, event, Some(group)) {
            Problem::not_yours("only the group's leaders answer for it")
        } else {
            Problem::missing("check the address")
        });
    }
    if !stakeholders(&*parsed(state, id).await?).contains(group) {
        return Err(Problem::missing("nothing in the plan is this group's"));
    }
    check(answer)?;
    let reasons = serde_json::to_string(&answer.reasons).map_err(anyhow::Error::from)?;
    let verdict = Verdict {
        by: &caller.account.id,
        event,
        plan: id,
        group,
        verdict: answer.verdict.as_str(),
        reasons: &reasons,
    };
    let mut write = state.store.write().await?;
    let version = write.answer_plan(&verdict, expected).await?;
    let answered_at = write.at().to_owned();
    write.commit().await?;
    Ok(Answer {
        group: group.to_owned(),
        version,
        verdict: answer.verdict.as_str().to_owned(),
        reasons: answer.reasons.clone(),
        answered_at,
    })
}

fn check(answer: &NewAnswer) -> Result<(), Problem> {
    let field = |what, remedy| Err(Problem::of_field("reasons", what, remedy));
    if answer.verdict == Word::Rejected && answer.reasons.is_empty() {
        return field("a rejection says why", "give at least one reason");
    }
    let long = |reason: &Reason| {
        reason.words.chars().count() > 1000
            || reason
                .about
                .as_ref()
                .is_some_and(|about| about.chars().count() > 200)
    };
    if answer.reasons.len() > 100 || answer.reasons.iter().any(long) {
        return field(
            "there is too much",
            "give at most 100 reasons of 1000 letters",
        );
    }
    Ok(())
}

/// Accept or reject a group's slice
///
/// `If-None-Match: *` for the first answer, `If-Match` with its ETag to change it.
#[utoipa::path(put, path = "/events/{event}/plans/{id}/answers/{group}", tag = "plans", params(("event" = String, Path), ("id" = String, Path), ("group" = String, Path),
    ("If-Match" = Option<String>, Header), ("If-None-Match" = Option<String>, Header)), request_body = NewAnswer,
    responses((status = 200, body = Answer), (status = 201, body = Answer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn put(
    FromState(state): FromState<Shared>,
    caller: Caller,
    Path((event, id, group)): Path<(String, String, String)>,
    headers: HeaderMap,
    Body(answer): Body<NewAnswer>,
) -> Result<Response, Problem> {
    let expected = expected(&headers)?;
    let answer = give(&state, &caller, (&event, &id, &group), expected, &answer).await?;
    let status = if answer.version == 1 {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let tag = [(header::ETAG, etag(answer.version))];
    Ok((status, tag, Json(answer)).into_response())
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(put))
}
