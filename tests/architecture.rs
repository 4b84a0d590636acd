//! The shape of the house: which crate may know which, and what keeps the pure ones pure.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot read the repository fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The pure crates and the crates of ours that each may know.
const PURE: [(&str, &[&str]); 4] = [
    ("meridian-model", &[]),
    ("meridian-solver", &["meridian-model"]),
    ("meridian-formats", &["meridian-model"]),
    ("meridian-federation", &["meridian-model"]),
];

/// What only the shell may depend on: runtimes, networks, stores, terminals, signals, entropy.
const SHELL_ONLY: [&str; 14] = [
    "anyhow",
    "axum",
    "clap",
    "console",
    "ctrlc",
    "getrandom",
    "indicatif",
    "reqwest",
    "sqlx",
    "tempfile",
    "tokio",
    "tracing",
    "ureq",
    "uuid",
];

/// Features by which an otherwise pure dependency reads a clock, the system's zone or entropy.
const IMPURE_FEATURES: [(&str, &[&str]); 4] = [
    ("chrono", &["clock", "now", "default"]),
    ("jiff", &["tz-system", "tzdb-zoneinfo", "tzdb-concatenated"]),
    (
        "rand",
        &["os_rng", "sys_rng", "std_rng", "thread_rng", "default"],
    ),
    ("rand_chacha", &["os_rng", "default"]),
];

/// Dependencies whose default features do so too.
const NO_DEFAULTS: [&str; 4] = ["chrono", "jiff", "rand", "rand_chacha"];

/// Methods that every pure crate's `clippy.toml` forbids.
const FORBIDDEN_METHODS: [&str; 12] = [
    "std::time::Instant::now",
    "std::time::SystemTime::now",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "jiff::tz::TimeZone::system",
    "std::env::var",
    "std::env::vars",
    "std::env::args",
    "std::fs::read",
    "std::fs::read_to_string",
    "std::fs::write",
    "std::thread::sleep",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn packages() -> BTreeMap<String, Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata says: {stderr}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("there are packages");
    packages
        .iter()
        .map(|package| (text(&package["name"]), package.clone()))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The direct dependencies of a package that are more than tests' needs.
fn dependencies(package: &Value) -> Vec<&Value> {
    let all = package["dependencies"]
        .as_array()
        .expect("there are dependencies");
    all.iter()
        .filter(|dependency| dependency["kind"] != "dev")
        .collect()
}

/// The generator of instances, which tests and benches of every crate may use; it knows only the model itself.
const GENERATOR: &str = "meridian-bench";

#[test]
fn the_generator_of_instances_knows_the_model_and_its_program_the_solver_too() {
    let packages = packages();
    let bench = &packages[GENERATOR];
    let ours = |optional: bool| -> BTreeSet<String> {
        let all = dependencies(bench).into_iter();
        all.filter(|dependency| dependency["optional"] == optional)
            .map(|dependency| text(&dependency["name"]))
            .filter(|dependency| packages.contains_key(dependency))
            .collect()
    };
    assert_eq!(ours(false), BTreeSet::from(["meridian-model".to_owned()]));
    assert_eq!(ours(true), BTreeSet::from(["meridian-solver".to_owned()]));
}

#[test]
fn knowledge_points_to_the_model_and_the_crates_in_the_middle_never_meet() {
    let packages = packages();
    for (name, may_know) in PURE {
        let package = &packages[name];
        // Tests too: a test of one middle crate that needs the other belongs to the node.
        let all = package["dependencies"]
            .as_array()
            .expect("there are dependencies");
        let ours: BTreeSet<String> = all
            .iter()
            .map(|dependency| text(&dependency["name"]))
            .filter(|dependency| packages.contains_key(dependency))
            .filter(|dependency| dependency != GENERATOR)
            .collect();
        let allowed: BTreeSet<String> = may_know.iter().map(|&known| known.to_owned()).collect();
        assert!(
            ours.is_subset(&allowed),
            "{name} knows {ours:?}, and may know {allowed:?}"
        );
    }
}

#[test]
fn no_pure_crate_depends_on_what_only_the_shell_may_have() {
    let packages = packages();
    for (name, _) in PURE {
        for dependency in dependencies(&packages[name]) {
            let dependency = text(&dependency["name"]);
            assert!(
                !SHELL_ONLY.contains(&dependency.as_str()),
                "{name} depends on {dependency}"
            );
        }
    }
}

#[test]
fn no_pure_crate_gets_a_clock_a_system_zone_or_entropy_by_a_feature() {
    let packages = packages();
    for (name, _) in PURE {
        for dependency in dependencies(&packages[name]) {
            let on = text(&dependency["name"]);
            let features: BTreeSet<String> = dependency["features"]
                .as_array()
                .map(|features| features.iter().map(text).collect())
                .unwrap_or_default();
            if NO_DEFAULTS.contains(&on.as_str()) {
                let defaults = dependency["uses_default_features"] == true;
                assert!(!defaults, "{name} takes {on} with its default features");
            }
            for (of, impure) in IMPURE_FEATURES {
                let taken = impure
                    .iter()
                    .find(|&&feature| on == of && features.contains(feature));
                assert!(taken.is_none(), "{name} takes {on} with {taken:?}");
            }
        }
    }
}

#[test]
fn every_pure_crate_forbids_clocks_environment_files_and_unordered_maps() {
    for (name, _) in PURE {
        let folder = name.trim_start_matches("meridian-");
        let path = root().join("crates").join(folder).join("clippy.toml");
        let clippy = std::fs::read_to_string(&path).expect("a pure crate has its clippy.toml");
        for method in FORBIDDEN_METHODS {
            let entry = format!("path = \"{method}\"");
            assert!(
                clippy.contains(&entry),
                "{name}'s clippy.toml no longer forbids {method}"
            );
        }
        for map in ["HashMap", "HashSet"] {
            let entry = format!("path = \"std::collections::{map}\"");
            assert!(
                clippy.contains(&entry),
                "{name}'s clippy.toml no longer forbids {map}"
            );
        }
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for (name, package) in packages() {
        let manifest = std::fs::read_to_string(text(&package["manifest_path"]))
            .expect("the manifest is readable");
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{name} does not take the workspace's lints"
        );
    }
}

#[test]
fn every_source_file_opens_with_a_line_that_says_what_lives_there() {
    fn visit(folder: &Path, silent: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder)
            .expect("the folder is readable")
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() {
                visit(&path, silent);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(&path).expect("source is UTF-8");
                if !source.starts_with("//! ") {
                    silent.push(path);
                }
            }
        }
    }
    let mut silent = Vec::new();
    for folder in [
        "crates/model",
        "crates/solver",
        "crates/formats",
        "crates/federation",
        "crates/node",
        "crates/bench",
        "fuzz/src",
        "fuzz/fuzz_targets",
        "tests",
    ] {
        visit(&root().join(folder), &mut silent);
    }
    assert_eq!(silent, Vec::<PathBuf>::new());
}
