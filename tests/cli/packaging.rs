//! What is said elsewhere of how to run `meridian` is something that it takes: in the systemd unit, the Containerfile, the
//! compose file and the guide for whoever runs a node.
//!
//! Each command is run with `--help` behind its own options: they are read first, and a wrong one is refused before.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::shell::meridian;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Lines that a backslash continues are one line.
fn whole_lines(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    joined.lines().map(|line| line.trim().to_owned()).collect()
}

#[track_caller]
fn takes(words: &[String]) {
    let told = meridian(words.iter().map(String::as_str).chain(["--help"]));
    assert_eq!(told.code, Some(0), "{words:?}: {}", told.err);
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace()
        .map(|word| word.trim_matches(['\'', '"']).to_owned())
        .collect()
}

#[test]
fn the_unit_starts_what_there_is() {
    let unit = read("packaging/meridian.service");
    let mut section = String::new();
    let mut sections = Vec::new();
    let mut starts = Vec::new();
    for line in whole_lines(&unit) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') {
            section = line.clone();
            sections.push(line);
            continue;
        }
        let (key, value) = line.split_once('=').expect("every line says something");
        assert!(!section.is_empty(), "{line}");
        if key == "ExecStart" {
            starts.push(value.to_owned());
        }
    }
    assert_eq!(sections, ["[Unit]", "[Service]", "[Install]"]);
    assert_eq!(starts.len(), 1);
    let start = starts[0].replace("${MERIDIAN_ORIGIN}", "https://meridian.example");
    let command = start.strip_prefix("/usr/local/bin/meridian ");
    takes(&words(command.expect("the binary where the guide puts it")));
    assert!(unit.contains("\nEnvironment=MERIDIAN_ORIGIN=https://"));
    // Where systemd is, it has the last word.
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("meridian.service");
    // Its binary is elsewhere here.
    let here = unit.replace("/usr/local/bin/meridian", env!("CARGO_BIN_EXE_meridian"));
    std::fs::write(&file, here).expect("written");
    let verified = std::process::Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(&file)
        .output();
    match verified {
        Ok(verified) => {
            let said = String::from_utf8_lossy(&verified.stderr).into_owned();
            let ours: Vec<&str> = said
                .lines()
                .filter(|line| line.contains("meridian.service"))
                .collect();
            assert!(ours.is_empty(), "{said}");
        }
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
    }
}

/// The words of `["a", "b"]` after an instruction.
fn list(line: &str) -> Vec<String> {
    let from = line.find('[').expect("a list");
    serde_json::from_str(&line[from..]).unwrap_or_else(|error| panic!("{line}: {error}"))
}

#[test]
fn the_image_copies_and_starts_what_there_is() {
    let file = read("packaging/Containerfile");
    let lines = whole_lines(&file);
    let mut start = Vec::new();
    for line in &lines {
        let mut parts = line.split_whitespace();
        match parts.next().unwrap_or_default() {
            "" | "#" | "FROM" | "ARG" | "RUN" | "WORKDIR" | "USER" | "VOLUME" | "EXPOSE"
            | "STOPSIGNAL" => {}
            comment if comment.starts_with('#') => {}
            "COPY" => {
                let sources: Vec<&str> = parts.collect();
                let (_, sources) = sources.split_last().expect("what and where to");
                if !sources[0].starts_with("--from=") {
                    for source in sources {
                        assert!(root().join(source).exists(), "{line}");
                    }
                }
            }
            "HEALTHCHECK" => {
                let words = list(line);
                assert_eq!(words[0], "meridian");
                takes(&words[1..]);
            }
            "ENTRYPOINT" => assert_eq!(list(line), ["meridian"]),
            "CMD" => start = list(line),
            other => panic!("{other}: is it an instruction?"),
        }
    }
    takes(&start);
    // Whoever opens the door may not be root.
    let user = lines.iter().find(|line| line.starts_with("USER "));
    assert_eq!(user.map(String::as_str), Some("USER 10001"));
    assert!(read(".dockerignore").lines().any(|line| line == "target"));
}

fn compose() -> Value {
    let text = read("packaging/compose.yaml");
    serde_saphyr::from_str(&text).expect("YAML")
}

#[test]
fn the_compose_file_starts_what_there_is() {
    let compose = compose();
    let services = compose["services"].as_object().expect("services");
    for (name, service) in services {
        for network in service["networks"].as_array().expect("networks") {
            let network = network.as_str().expect("a name");
            assert!(
                compose["networks"].get(network).is_some(),
                "{name}: {network}"
            );
        }
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let from = volume.as_str().and_then(|text| text.split(':').next());
            let from = from.expect("where from");
            match from.strip_prefix("./") {
                Some(file) => assert!(root().join("packaging").join(file).is_file(), "{from}"),
                None => assert!(compose["volumes"].get(from).is_some(), "{from}"),
            }
        }
        let after = &service["depends_on"];
        let after: Vec<&str> = match after {
            Value::Object(map) => map.keys().map(String::as_str).collect(),
            list => list
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect(),
        };
        assert!(
            after.iter().all(|one| services.contains_key(*one)),
            "{name}: {after:?}"
        );
    }
    let node = &services["node"];
    let command = node["command"].as_array().expect("a command").iter();
    let command: Vec<String> = command
        .map(|word| word.as_str().expect("a word"))
        .map(|word| word.replace("${MERIDIAN_HOST}", "meridian.example"))
        .collect();
    takes(&command);
    assert_eq!(node["deploy"]["replicas"], 2);
    assert!(
        root()
            .join("packaging")
            .join(node["build"]["context"].as_str().expect("a folder"))
            .join(node["build"]["dockerfile"].as_str().expect("a file"))
            .is_file()
    );
    // The proxy speaks to the service that there is, on the port that it listens on.
    let proxy = read("packaging/Caddyfile");
    assert!(
        proxy.contains("name node\n") && proxy.contains("port 8600\n"),
        "{proxy}"
    );
    assert!(command.contains(&"0.0.0.0:8600".to_owned()));
    assert!(command.contains(&"--behind-proxy".to_owned()) && proxy.contains("X-Forwarded-For"));
}

#[test]
fn the_guide_names_commands_and_files_that_there_are() {
    let guide = read("docs/guide-node.md");
    let mut in_block = false;
    let mut commands = 0;
    for line in whole_lines(&guide) {
        if line.starts_with("```") {
            in_block = line == "```sh";
            continue;
        }
        if !in_block {
            continue;
        }
        let line = line.split(" #").next().unwrap_or_default();
        let words = words(line);
        let Some(at) = words
            .iter()
            .position(|word| word == "meridian" || word.ends_with("/meridian"))
        else {
            continue;
        };
        // What stands before it says as whom, and where it is kept: `sudo -u meridian`, `MERIDIAN_LOG=warn`.
        let at = words
            .iter()
            .rposition(|word| word == "meridian")
            .unwrap_or(at);
        let arguments = &words[at + 1..];
        if arguments
            .first()
            .is_some_and(|word| matches!(word.as_str(), "serve" | "node" | "doctor" | "plan"))
        {
            takes(arguments);
            commands += 1;
        }
    }
    assert!(commands >= 10, "{commands} commands");
    for part in guide.split('`') {
        // What begins with a dot is made by whoever runs a node.
        if part.starts_with("packaging/") && !part.contains([' ', '\n']) && !part.contains("/.") {
            assert!(root().join(part).exists(), "{part}");
        }
    }
}
