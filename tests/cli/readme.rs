//! What the documents show as the output of a command is what the command says.
//!
//! `UPDATE_DOCS=1 cargo test -p meridian --test cli` writes the real output into them.

use std::path::{Path, PathBuf};

use crate::shell::{Desk, Told, command};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What `$ meridian …` says; a pipe into `head -N` is understood.
fn says(line: &str, desk: &Desk) -> String {
    let (run, head) = match line.split_once(" | head -") {
        Some((run, lines)) => (run, lines.parse().expect("head takes a number")),
        None => (line, usize::MAX),
    };
    let mut words = run.split_whitespace();
    assert_eq!(words.next(), Some("meridian"), "{line}");
    let output = command().args(words).current_dir(desk.path(".")).output();
    let told = Told::from(output.expect("the binary starts"));
    assert!(matches!(told.code, Some(0..=2)), "{line}: {}", told.err);
    let said = format!("{}{}", told.out, told.err);
    let lines: Vec<&str> = said.lines().take(head).map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

/// The document with the real output after each command of its `console` blocks.
fn told_truly(document: &str, desk: &Desk) -> String {
    let mut told = String::new();
    let mut in_console = false;
    for line in document.lines() {
        if line == "```console" || (in_console && line == "```") {
            in_console = !in_console;
        } else if in_console {
            let Some(run) = line.strip_prefix("$ ") else {
                continue;
            };
            told.push_str(&format!("{line}\n"));
            let said = says(run, desk);
            if !said.is_empty() {
                told.push_str(&format!("{said}\n"));
            }
            continue;
        }
        told.push_str(line);
        told.push('\n');
    }
    told
}

#[test]
fn the_documents_show_what_the_commands_say() {
    for name in ["README.md", "docs/guide-organisers.md"] {
        let desk = Desk::with("first-relay");
        std::os::unix::fs::symlink(root().join("data"), desk.path("data"))
            .expect("links are possible");
        let path = root().join(name);
        let written = std::fs::read_to_string(&path).expect("the document is there");
        let truth = told_truly(&written, &desk);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &truth).expect("the document is writable");
        } else {
            let differs = written
                .lines()
                .zip(truth.lines())
                .find(|(written, truth)| written != truth);
            assert_eq!(
                differs, None,
                "{name} is out of date: see the head of this file"
            );
            assert_eq!(written.len(), truth.len(), "{name} is out of date");
        }
    }
}
