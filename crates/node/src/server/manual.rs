//! The API's own document, and the same for people who read.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;
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

/// The document as it is served.
///
/// # Errors
/// When it cannot be written as JSON.
pub(crate) fn served(document: &OpenApi) -> Result<Value, serde_json::Error> {
    let mut document = serde_json::to_value(document)?;
    open_up(&mut document);
    Ok(document)
}

/// A part of a whole may not forbid what the other parts have: a thing as it is answered has its version beside its own
/// fields, and those are closed for whoever writes them.
fn open_up(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Array(parts)) = fields.get_mut("allOf") {
                for part in parts.iter_mut().filter_map(Value::as_object_mut) {
                    part.remove("additionalProperties");
                }
            }
            fields.values_mut().for_each(open_up);
        }
        Value::Array(items) => items.iter_mut().for_each(open_up),
        _ => {}
    }
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
    let codes = Problem::codes();
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
