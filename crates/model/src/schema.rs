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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{plan, problem, report};
    use crate::check::{check, fixture::small};

    fn accepts(schema: &schemars::Schema, document: &Value) -> bool {
        jsonschema::validator_for(schema.as_value())
            .unwrap()
            .is_valid(document)
    }

    #[test]
    fn the_schemas_take_the_documents_that_are_written() {
        let (asked, mut answer) = small();
        answer.blocks.pop();
        let found = check(&asked, &answer);
        assert!(found.score.hard > 0);
        assert!(accepts(&problem(), &serde_json::to_value(&asked).unwrap()));
        assert!(accepts(&plan(), &serde_json::to_value(&answer).unwrap()));
        assert!(accepts(&report(), &serde_json::to_value(&found).unwrap()));
    }

    #[test]
    fn the_schemas_refuse_unknown_fields_other_formats_and_missing_parts() {
        let document = serde_json::to_value(small().1).unwrap();
        let with = |field: &str, value: Value| {
            let mut document = document.clone();
            document[field] = value;
            document
        };
        assert!(accepts(&plan(), &with("revision", json!(7))));
        assert!(!accepts(&plan(), &with("revison", json!(7))));
        assert!(!accepts(&plan(), &with("format", json!("meridian-plan/2"))));
        assert!(!accepts(&plan(), &with("shifts", Value::Null)));
    }
}
