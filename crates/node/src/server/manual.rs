//! The API's own document, and the same for people who read.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::{OpenApi, RefOr, Required};

use super::problem::Problem;

/// The readable page.
#[derive(Template)]
#[template(path = "api.html")]
struct Page {
    sections: BTreeMap<String, Vec<Entry>>,
    codes: Vec<Code>,
}

/// A kind of problem document.
struct Code {
    code: &'static str,
    title: &'static str,
}

/// One thing that can be done.
struct Entry {
    method: &'static str,
    path: String,
    summary: String,
    description: String,
    parameters: Vec<Said>,
    bodies: Vec<String>,
    answers: Vec<String>,
}

struct Said {
    name: String,
    what: String,
}

/// The readable page of a document.
///
/// # Errors
/// When the template fails.
pub(crate) fn page(document: &OpenApi) -> Result<String, askama::Error> {
    let mut sections: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for (path, item) in &document.paths.paths {
        let operations = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("DELETE", &item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                let tag = operation.tags.iter().flatten().next().cloned();
                sections
                    .entry(tag.unwrap_or_default())
                    .or_default()
                    .push(entry(method, path, operation));
            }
        }
    }
    let codes = Problem::CODES.iter();
    let codes = codes.map(|(code, title)| Code { code, title }).collect();
    Page { sections, codes }.render()
}

fn entry(method: &'static str, path: &str, operation: &Operation) -> Entry {
    let parameters = operation.parameters.iter().flatten();
    let media = operation.request_body.iter().flat_map(|body| match body {
        RefOr::T(body) => body.content.keys().cloned().collect::<Vec<_>>(),
        RefOr::Ref(_) => Vec::new(),
    });
    Entry {
        method,
        path: path.to_owned(),
        summary: operation.summary.clone().unwrap_or_default(),
        description: operation.description.clone().unwrap_or_default(),
        parameters: parameters
            .filter_map(|parameter| match parameter {
                RefOr::T(parameter) => said(parameter),
                RefOr::Ref(_) => None,
            })
            .collect(),
        bodies: media.collect(),
        answers: operation.responses.responses.keys().cloned().collect(),
    }
}

fn said(parameter: &Parameter) -> Option<Said> {
    let needed = matches!(parameter.required, Required::True);
    if parameter.name.is_empty() {
        return None;
    }
    let needed = if needed { "needed. " } else { "" };
    let what = parameter.description.clone().unwrap_or_default();
    Some(Said {
        name: parameter.name.clone(),
        what: format!("{needed}{what}"),
    })
}

/// Answers with a page that was made before.
pub(crate) fn answer(page: &str) -> Response {
    Html(page.to_owned()).into_response()
}
