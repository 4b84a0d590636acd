//! Runs the `meridian` binary from outside, on the sample events and on copies of them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// How a run of the binary ended and what it said.
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Told {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {}", self.out))
    }

    /// The run, which must have ended with `code`.
    pub(crate) fn ending(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "out: {}\nerr: {}",
            self.out,
            self.err
        );
        self
    }
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("answers are UTF-8"),
            err: String::from_utf8(output.stderr).expect("notes are UTF-8"),
        }
    }
}

/// The binary, in an environment that does not depend on who runs the tests.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meridian"));
    command
        .env_remove("COLUMNS")
        .env_remove("TZ")
        .env("NO_COLOR", "1");
    command
}

/// Runs the binary with `args`.
pub(crate) fn meridian<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Told {
    let output = command().args(args).output().expect("the binary starts");
    output.into()
}

/// A sample event of the repository.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/events")
        .join(name)
}

/// An event folder and a place to write to, gone when it is dropped.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    /// A desk with a copy of a sample event.
    pub(crate) fn with(event: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        copy(&sample(event), &folder.path().join("event"));
        Self { folder }
    }

    /// The copied event.
    pub(crate) fn event(&self) -> String {
        self.path("event")
    }

    /// A path on the desk.
    pub(crate) fn path(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        path.to_str()
            .expect("temporary folders have plain names")
            .to_owned()
    }

    /// Everything that lies on the desk beside the event.
    pub(crate) fn written(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("the desk is readable");
        let mut names: Vec<String> = entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name != "event")
            .collect();
        names.sort();
        names
    }

    /// The bytes of a file on the desk.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A file on the desk as JSON.
    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes a file on the desk.
    pub(crate) fn put(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the desk is writable");
    }

    /// Adds lines to a file of the event.
    pub(crate) fn append(&self, file: &str, lines: &str) {
        let name = format!("event/{file}");
        let text = String::from_utf8(self.bytes(&name)).expect("event files are UTF-8");
        let end = if text.ends_with('\n') { "" } else { "\n" };
        self.put(&name, &format!("{text}{end}{lines}"));
    }

    /// Plans the event quickly into `plan.json`.
    pub(crate) fn plan(&self, more: &[&str]) -> Told {
        let (event, out) = (self.event(), self.path("plan.json"));
        let mut args = vec!["plan", &event, "--out", &out, "--effort", "1"];
        args.extend(more);
        meridian(args)
    }

    /// Runs a command on the event and `plan.json`.
    pub(crate) fn on_plan(&self, command: &str, more: &[&str]) -> Told {
        let (event, plan) = (self.event(), self.path("plan.json"));
        let mut args = vec![command, &event, &plan];
        args.extend(more);
        meridian(args)
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the desk is writable");
    for entry in std::fs::read_dir(from)
        .expect("the sample is readable")
        .flatten()
    {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("the sample is readable");
        }
    }
}
