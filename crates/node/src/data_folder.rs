//! The folder that holds all that a node keeps: who made it reads it, and one node at a time serves it.

use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use meridian_formats::FaultCode;

use crate::ending::{Failure, refusal};

/// The database's file in the folder.
const DATABASE: &str = "meridian.db";

/// The folder of a node.
#[derive(Clone, Debug)]
pub(crate) struct DataFolder(PathBuf);

/// That nobody else serves, or replaces, what is in the folder; until it is dropped.
#[derive(Debug)]
pub(crate) struct Alone {
    _lock: File,
}

impl DataFolder {
    /// The folder, made if need be, for no other user of this machine to read.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn make(path: &Path) -> Result<Self, Failure> {
        if !path.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        }
        Ok(Self(path.to_owned()))
    }

    /// The folder of a node that is there.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn find(path: &Path) -> Result<Self, Failure> {
        let folder = Self(path.to_owned());
        if folder.database().is_file() {
            Ok(folder)
        } else {
            Err(refusal(
                FaultCode::F011,
                &path.display().to_string(),
                "no node keeps its data here",
                "name its folder with --data, or make one with `meridian node init`",
            ))
        }
    }

    /// The database's file.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join(DATABASE)
    }

    /// Takes the folder for oneself.
    ///
    /// # Errors
    /// When a running node has it.
    pub(crate) fn take(&self) -> Result<Alone, Failure> {
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.0.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Alone { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(refusal(
                FaultCode::F040,
                &self.0.display().to_string(),
                "a node runs on this folder",
                "stop it first, or use another folder",
            )),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}
