//! The published JSON Schemas of the documents: what each field means stands in its description.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};

use crate::{Plan, Problem, Report};

/// Names of the published documents, each with its schema; `data/schemas/NAME.json` holds the same.
#[must_use]
pub fn all() -> [(&'static str, Schema); 3] {
    [
        ("problem", problem()),
        ("plan", plan()),
        ("report", report()),
    ]
}

/// The schema of [`Problem`].
#[must_use]
pub fn problem() -> Schema {
    versioned(of::<Problem>(), Problem::FORMAT)
}

/// The schema of [`Plan`].
#[must_use]
pub fn plan() -> Schema {
    versioned(of::<Plan>(), Plan::FORMAT)
}

/// The schema of [`Report`].
#[must_use]
pub fn report() -> Schema {
    of::<Report>()
}

/// What a reader must take (draft 2020-12).
fn of<T: JsonSchema>() -> Schema {
    SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<T>()
}

/// A schema that takes no other version of its document.
fn versioned(mut schema: Schema, format: &str) -> Schema {
    if let Some(field) = schema.pointer_mut("/properties/format")
        && let Some(field) = field.as_object_mut()
    {
        field.insert("const".to_owned(), format.into());
    }
    schema
}
