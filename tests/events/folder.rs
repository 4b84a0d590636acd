//! Event folders as maps of files, so that a test can change one row of one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use meridian_formats::event_folder;
use meridian_model::check::check;
use meridian_model::{Plan, Problem, ZoneSet};
use meridian_solver::{NeverStop, Options, Silent, solve};

/// An event folder in memory.
#[derive(Clone)]
pub(crate) struct Folder(BTreeMap<String, Vec<u8>>);

/// `data/events/NAME`.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/events")
        .join(name)
}

impl Folder {
    /// Reads a sample event with its regional folders.
    pub(crate) fn open(name: &str) -> Self {
        let root = path(name);
        let mut files = BTreeMap::new();
        gather(&root, "", &mut files);
        for further in event_folder::regional_folders(&files["event.toml"]) {
            gather(&root.join(&further), &format!("{further}/"), &mut files);
        }
        Self(files)
    }

    /// The text of a file.
    pub(crate) fn text(&self, file: &str) -> String {
        String::from_utf8(self.0[file].clone()).unwrap()
    }

    /// Replaces `from` by `to`, which must be there exactly once.
    pub(crate) fn replace(mut self, file: &str, from: &str, to: &str) -> Self {
        let text = self.text(file);
        assert_eq!(
            text.matches(from).count(),
            1,
            "{file} has {from:?} not once"
        );
        self.0
            .insert(file.to_owned(), text.replace(from, to).into_bytes());
        self
    }

    /// Replaces `from` by `to` wherever it is.
    pub(crate) fn replace_all(mut self, file: &str, from: &str, to: &str) -> Self {
        let text = self.text(file).replace(from, to);
        self.0.insert(file.to_owned(), text.into_bytes());
        self
    }

    /// Adds a row at the end of a file, which is made with `header` if it is not there.
    pub(crate) fn append(mut self, file: &str, header: &str, row: &str) -> Self {
        let bytes = self
            .0
            .entry(file.to_owned())
            .or_insert_with(|| format!("{header}\n").into());
        bytes.extend_from_slice(format!("{row}\n").as_bytes());
        self
    }

    /// Its files, by relative path.
    pub(crate) fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.0
    }

    /// The compiled problem.
    pub(crate) fn problem(&self) -> Problem {
        event_folder::read(&self.0, &ZoneSet::embedded())
            .unwrap_or_else(|faults| panic!("{faults}"))
    }
}

fn gather(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            gather(&entry.path(), &format!("{prefix}{name}/"), files);
        } else {
            files.insert(format!("{prefix}{name}"), fs::read(entry.path()).unwrap());
        }
    }
}

/// How near a roster has to be to its bound, in millionths: these tests ask what is planned, the benches how cheaply.
const NEAR_ENOUGH: u32 = 200_000;

/// Plans at the given effort, and puts the plan before the checker.
pub(crate) fn plan(problem: &Problem, effort: u8) -> Plan {
    let options = Options {
        effort,
        gap_ppm: NEAR_ENOUGH,
        ..Options::default()
    };
    let plan = solve(problem, &options, &NeverStop, &mut Silent)
        .unwrap()
        .plan;
    let report = check(problem, &plan);
    assert_eq!(report.score, plan.score);
    assert_eq!(report.score.hard, 0, "{:#?}", report.matches.first());
    plan
}
