//! What is published about the documents agrees with the code: the schemas and the catalogue of rules.
#![expect(
    clippy::disallowed_methods,
    reason = "reads and, when asked to, renews files of the repository"
)]

use std::path::{Path, PathBuf};

use meridian_model::{Level, RuleCode, schema};

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// `UPDATE_SCHEMAS=1 cargo test -p meridian-model --test published` writes them anew.
#[test]
fn the_published_schemas_are_those_of_the_types() {
    for (name, schema) in schema::all() {
        let path = in_repository(&format!("data/schemas/{name}.json"));
        let current = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(&path, &current).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(published, current, "{name}.json is not current");
    }
}

#[test]
fn every_field_of_a_document_is_described() {
    for (name, schema) in schema::all() {
        let defs = schema
            .get("$defs")
            .and_then(|defs| defs.as_object())
            .unwrap();
        let root = schema.as_value().clone();
        for (of, def) in defs.iter().chain([(&name.to_owned(), &root)]) {
            let fields = def.get("properties").and_then(|fields| fields.as_object());
            for (field, about) in fields.into_iter().flatten() {
                assert!(about.get("description").is_some(), "{name}: {of}.{field}");
            }
        }
    }
}

/// The line of a rule: code, name, level, unit, weight, what it says, and the file with its clause.
fn line(rule: RuleCode, file: &str) -> String {
    let (says, unit) = match rule.says().split_once(" Unit: ") {
        Some((says, unit)) => (says, unit.trim_end_matches('.')),
        None => (rule.says(), "breaks"),
    };
    let (level, weight) = match rule.level() {
        Level::Hard => ("hard", String::new()),
        Level::Medium => ("medium", String::new()),
        Level::Soft => ("soft", rule.default_weight().to_string()),
    };
    let name = rule.name();
    format!("| {rule} | {name} | {level} | {unit} | {weight} | {says} | `{file}` |")
}

#[test]
fn the_list_of_rules_agrees_with_the_catalogue_and_with_the_files_that_check_them() {
    let folder = in_repository("crates/model/src/check");
    let mut files: Vec<(String, String)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    let file_of = |rule: RuleCode| {
        let clause = format!("\n/// {rule}: ");
        let mut with_clause = files.iter().filter(|(_, text)| text.contains(&clause));
        let found = with_clause
            .next()
            .unwrap_or_else(|| panic!("{rule} has no clause"));
        assert!(with_clause.next().is_none(), "{rule} has two clauses");
        found.0.clone()
    };
    let rules = RuleCode::ALL.iter();
    let expected: Vec<String> = rules.map(|&rule| line(rule, &file_of(rule))).collect();
    let doc = std::fs::read_to_string(in_repository("docs/rules.md")).unwrap();
    let is_rule = |line: &&str| {
        ["| H", "| M", "| S"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let listed: Vec<&str> = doc.lines().filter(is_rule).collect();
    assert_eq!(
        listed,
        expected,
        "docs/rules.md should list:\n{}",
        expected.join("\n")
    );
}
