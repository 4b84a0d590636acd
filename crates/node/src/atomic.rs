//! Files that are there whole or not at all: written beside their place, synced, then renamed into it.
//! What is no regular file (a pipe, a device) is never replaced: it is written into. A link stays a link.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use meridian_formats::FaultCode;
use serde::Serialize;

use crate::ending::{Failure, refusal};

/// As many links as a path may lead through.
const LINKS: usize = 40;

/// Writes `bytes` to `path` in one step; an older file stays as it was until then.
///
/// # Errors
/// When the folder of `path` cannot be made or written to.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", path.display());
    if is_stream(path) {
        let mut stream = std::fs::OpenOptions::new()
            .write(true)
            .open(path)
            .with_context(failed)?;
        stream.write_all(bytes).with_context(failed)?;
        return stream.flush().with_context(failed);
    }
    let file = behind_links(path).with_context(failed)?;
    let folder = folder_of(&file);
    std::fs::create_dir_all(folder).with_context(failed)?;
    let mut beside = tempfile::Builder::new()
        .prefix(".meridian-")
        .permissions(readable())
        .tempfile_in(folder)
        .with_context(failed)?;
    beside.write_all(bytes).with_context(failed)?;
    beside.as_file().sync_all().with_context(failed)?;
    beside.persist(&file).with_context(failed)?;
    Ok(())
}

/// A document as it is written: indented, so that people and `git diff` can read it.
///
/// # Errors
/// A serialisation error, which no document of ours causes.
pub(crate) fn document<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Whether `path` can be written, as far as can be told without writing; asked before long work.
///
/// # Errors
/// That `option` names a place where no file can be.
pub(crate) fn writable(option: &str, path: &Path) -> Result<(), Failure> {
    place_for(path).map_err(|error| {
        refusal(
            FaultCode::F011,
            option,
            &format!("{} cannot be written: {error:#}", path.display()),
            "name a place where you may write files",
        )
    })
}

/// Whether files can be written into the folder `path`, which need not be there yet.
///
/// # Errors
/// That `option` names a place where no folder can be.
pub(crate) fn writable_folder(option: &str, path: &Path) -> Result<(), Failure> {
    writable(option, &path.join("x"))
}

fn place_for(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("it is a folder");
    }
    if is_stream(path) {
        return Ok(());
    }
    let file = behind_links(path)?;
    // A folder that is not there yet is made in the nearest one that is.
    let folder = folder_of(&file)
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("."));
    tempfile::tempfile_in(folder).with_context(|| format!("in {}", folder.display()))?;
    Ok(())
}

/// Whether there is something that is neither a file nor a folder: a pipe, a device, a socket.
pub(crate) fn is_stream(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// Where the links lead, if `path` is one; the file at the end need not be there.
fn behind_links(path: &Path) -> anyhow::Result<PathBuf> {
    let mut file = path.to_owned();
    for _ in 0..LINKS {
        match std::fs::read_link(&file) {
            Ok(target) => file = folder_of(&file).join(target),
            // Not a link, or not there.
            Err(_) => return Ok(file),
        }
    }
    bail!("it leads through too many links")
}

fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) => Path::new("."),
        None => file,
    }
}

/// Temporary files are private by default; a plan is as readable as any other file of its owner.
#[cfg(unix)]
fn readable() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/plan.json");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1
        );
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), b"").unwrap();
        let path = folder.path().join("file/plan.json");
        let error = write(&path, b"one").unwrap_err();
        assert!(error.to_string().contains("plan.json"));
    }

    #[test]
    fn a_link_stays_a_link_and_its_file_is_written() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("real")).unwrap();
        for name in ["there", "not-yet"] {
            let link = folder.path().join(name);
            std::os::unix::fs::symlink(format!("real/{name}"), &link).unwrap();
        }
        std::fs::write(folder.path().join("real/there"), b"old").unwrap();
        for name in ["there", "not-yet"] {
            let link = folder.path().join(name);
            place_for(&link).unwrap();
            write(&link, b"new").unwrap();
            assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
            let real = folder.path().join("real").join(name);
            assert_eq!(std::fs::read(real).unwrap(), b"new");
        }
    }

    #[test]
    fn links_in_a_circle_are_no_place() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("circle");
        std::os::unix::fs::symlink("circle", &link).unwrap();
        assert!(place_for(&link).is_err() && write(&link, b"new").is_err());
    }

    #[test]
    fn a_pipe_stays_a_pipe_and_gets_the_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let reader = {
            let pipe = pipe.clone();
            std::thread::spawn(move || std::fs::read(pipe).unwrap())
        };
        place_for(&pipe).unwrap();
        write(&pipe, b"through").unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert!(is_stream(&pipe));
    }

    #[test]
    fn a_place_is_known_to_be_none_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), b"").unwrap();
        assert!(place_for(folder.path()).is_err());
        assert!(place_for(&folder.path().join("file/plan.json")).is_err());
        assert!(place_for(&folder.path().join("file/a/plan.json")).is_err());
        assert!(place_for(&folder.path().join("a/b/plan.json")).is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
