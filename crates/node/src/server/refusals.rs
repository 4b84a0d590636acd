//! What each route may refuse, status by status, in the document: routes say `4XX`, and this says what that means.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, Ref, RefOr, Response};

use super::problem::Problem;

/// How routes say that they may refuse.
const ANY: &str = "4XX";

/// What the guard and the node itself may answer, whatever the route.
const EVERYWHERE: [StatusCode; 7] = [
    StatusCode::FORBIDDEN,
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    StatusCode::INTERNAL_SERVER_ERROR,
];
/// What a write may meet.
const WHEN_WRITING: [StatusCode; 6] = [
    StatusCode::BAD_REQUEST,
    StatusCode::NOT_FOUND,
    StatusCode::CONFLICT,
    StatusCode::UNPROCESSABLE_ENTITY,
    StatusCode::SERVICE_UNAVAILABLE,
    StatusCode::INSUFFICIENT_STORAGE,
];
/// What someone hears who does not say which version she means, or an old one.
const OF_VERSIONS: [StatusCode; 2] = [
    StatusCode::PRECONDITION_FAILED,
    StatusCode::PRECONDITION_REQUIRED,
];

/// What is said of each status, once for all routes.
type Refusals = BTreeMap<String, RefOr<Response>>;

/// Says of every route which statuses its refusals have.
pub(crate) fn document(document: &mut OpenApi) {
    let mut said = Refusals::new();
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (false, &mut item.get),
            (true, &mut item.post),
            (true, &mut item.put),
            (true, &mut item.delete),
        ];
        for (writes, operation) in operations {
            if let Some(operation) = operation {
                spell_out(path, writes, operation, &mut said);
            }
        }
    }
    let components = document.components.get_or_insert_default();
    components.responses.extend(said);
}

fn spell_out(path: &str, writes: bool, operation: &mut Operation, said: &mut Refusals) {
    let Some(RefOr::T(any)) = operation.responses.responses.remove(ANY) else {
        return;
    };
    for status in refusals(path, writes, operation) {
        let name = status.as_str().to_owned();
        let shared = RefOr::Ref(Ref::from_response_name(&name));
        let known = &mut operation.responses.responses;
        known.entry(name.clone()).or_insert(shared);
        let mut answer = any.clone();
        answer.description = Problem::titles(status).join("; ");
        said.entry(name).or_insert(RefOr::T(answer));
    }
}

fn refusals(path: &str, writes: bool, operation: &Operation) -> Vec<StatusCode> {
    let mut statuses = EVERYWHERE.to_vec();
    let parameters = operation.parameters.iter().flatten();
    let parameters = parameters.filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    for parameter in parameters {
        match (&parameter.parameter_in, parameter.name.as_str()) {
            (ParameterIn::Query, _) => statuses.push(StatusCode::UNPROCESSABLE_ENTITY),
            (ParameterIn::Path, _) => statuses.push(StatusCode::NOT_FOUND),
            (ParameterIn::Header, "If-Match") => statuses.extend(OF_VERSIONS),
            _ => {}
        }
    }
    if path != "/login" {
        statuses.push(StatusCode::UNAUTHORIZED);
    }
    if writes {
        statuses.extend(WHEN_WRITING);
    }
    statuses
}
