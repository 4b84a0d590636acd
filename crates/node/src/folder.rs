//! From disk to documents: an event folder or a problem document, and plan documents.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use meridian_formats::{FaultCode, event_folder};
use meridian_model::{Impact, Plan, Problem, ZoneSet};

use crate::ending::{Failure, refusal};

/// What the event is read from.
#[derive(Args, Clone, Debug)]
pub(crate) struct EventSource {
    /// The event folder, or a problem document (problem.json) made from one
    #[arg(value_name = "FOLDER")]
    pub(crate) path: PathBuf,

    /// Let every conference and holiday block, weigh or be ignored, whatever the folder says
    #[arg(long, value_name = "HOW")]
    clashes: Option<Clashes>,
}

/// What a clash with a regional event does.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Clashes {
    /// Nothing of the people concerned may lie in it
    Block,
    /// It costs
    Weigh,
    /// Nothing
    Ignore,
}

/// The most that one file of a folder may hold; real calendars stay under a tenth of it.
const FILE_BYTES: u64 = 32 * 1024 * 1024;
/// The most files in a folder: one calendar each for the largest event, and room.
const FILES: usize = 20_000;
/// How deep the folders of an event may nest; the format itself nests once.
const DEPTH: usize = 4;

impl EventSource {
    /// The event at `path`, as its documents say it.
    pub(crate) fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            clashes: None,
        }
    }

    /// Reads, compiles and returns the problem.
    ///
    /// # Errors
    /// Everything that is wrong with the input, at once.
    pub(crate) fn load(&self, zones: &ZoneSet) -> Result<Problem, Failure> {
        let mut problem = if self.path.is_dir() {
            event_folder::read(&gather(&self.path)?, zones)?
        } else {
            meridian_formats::problem::read(&bytes(&self.path)?, &shown(&self.path))?
        };
        self.overrule(&mut problem);
        Ok(problem)
    }

    /// The files of the event folder, by relative path.
    ///
    /// # Errors
    /// That it is no folder, or cannot be read.
    pub(crate) fn files(&self) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        if self.path.is_file() {
            return Err(refusal(
                FaultCode::F001,
                &shown(&self.path),
                "it is a document of one date, not an event folder",
                "give the folder: what people said of other dates is only there",
            ));
        }
        if !self.path.is_dir() {
            bytes(&self.path)?;
        }
        gather(&self.path)
    }

    /// Lets clashes be what was typed, whatever the folder says.
    pub(crate) fn overrule(&self, problem: &mut Problem) {
        if let Some(clashes) = self.clashes {
            let impact = match clashes {
                Clashes::Block => Impact::Block,
                Clashes::Weigh => Impact::Weigh,
                Clashes::Ignore => Impact::Ignore,
            };
            problem.event.policy.clashes = impact;
            for event in &mut problem.regional_events {
                event.impact = impact;
            }
        }
    }
}

/// Reads a plan document.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn plan(path: &Path) -> Result<Plan, Failure> {
    Ok(meridian_formats::plan::read(&bytes(path)?, &shown(path))?)
}

/// Reads a plan that answers `problem`'s event.
///
/// # Errors
/// What is wrong with it, or that it is a plan of another event.
pub(crate) fn plan_of(problem: &Problem, path: &Path) -> Result<Plan, Failure> {
    let plan = plan(path)?;
    if plan.event == problem.event.id {
        return Ok(plan);
    }
    Err(refusal(
        FaultCode::F040,
        &shown(path),
        &format!(
            "the plan is for the event {:?}, not for {:?}",
            plan.event, problem.event.id
        ),
        "give the folder and the plan of one event",
    ))
}

/// Reads a whole file.
///
/// # Errors
/// That it is not there, not readable, or too large.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error: std::io::Error| unreadable(path, &error);
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > FILE_BYTES {
        return Err(refusal(
            FaultCode::F003,
            &shown(path),
            &format!("it has {size} bytes, more than {FILE_BYTES}"),
            "leave out what the event does not need",
        ));
    }
    std::fs::read(path).map_err(unreadable)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let what = if error.kind() == std::io::ErrorKind::NotFound {
        "there is no such file or folder".to_owned()
    } else {
        format!("it cannot be read: {error}")
    };
    let remedy = "check the path and its permissions";
    refusal(FaultCode::F011, &shown(path), &what, remedy)
}

/// The files of an event folder and of the regional folders it names, by relative path.
fn gather(root: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let mut files = BTreeMap::new();
    let opening = root.join("event.toml");
    if !opening.is_file() {
        // Not an event: the reader says so; a large folder that is none of ours is not read for that.
        return Ok(files);
    }
    for folder in event_folder::regional_folders(&bytes(&opening)?) {
        // The reader knows these files by the path that the folder was given.
        let place = root.join(&folder);
        if place.is_dir() {
            collect(&place, &folder, 1, &mut files)?;
        }
    }
    collect(root, "", 0, &mut files)?;
    Ok(files)
}

fn collect(
    folder: &Path,
    prefix: &str,
    depth: usize,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| unreadable(folder, &error);
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let file = entry.file_name().to_string_lossy().into_owned();
        if file.starts_with('.') {
            continue;
        }
        let name = if prefix.is_empty() {
            file
        } else {
            format!("{prefix}/{file}")
        };
        let path = entry.path();
        if path.is_dir() {
            if depth == DEPTH {
                return Err(refusal(
                    FaultCode::F004,
                    &shown(&path),
                    "folders nest deeper here than those of an event",
                    "give the event folder itself, and keep other things out of it",
                ));
            }
            collect(&path, &name, depth + 1, files)?;
        } else if path.exists() && !path.is_file() {
            return Err(refusal(
                FaultCode::F004,
                &shown(&path),
                "it is a pipe or a device, not a file",
                "keep only files in the event folder",
            ));
        } else {
            files.insert(name, bytes(&path)?);
        }
        if files.len() > FILES {
            return Err(refusal(
                FaultCode::F001,
                &shown(folder),
                &format!("there are more than {FILES} files"),
                "give the event folder itself, not a folder around it",
            ));
        }
    }
    Ok(())
}

/// A path as it is shown in messages.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
