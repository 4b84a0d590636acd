//! Where each group signed last, in a file beside the database: a restored backup of the database does not reach it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use meridian_federation::LastSigned;

use crate::atomic;

/// The file's name in the node's folder.
const NAME: &str = "signed.json";

/// The file.
#[derive(Clone, Debug)]
pub(super) struct SideFile(PathBuf);

impl SideFile {
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self(folder.join(NAME))
    }

    /// All that it says; nothing when it is not there.
    ///
    /// # Errors
    /// When it is there and cannot be read: signing on would risk to sign one place twice.
    pub(super) fn read(&self) -> anyhow::Result<Vec<LastSigned>> {
        match std::fs::read(&self.0) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} cannot be read", self.0.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", self.0.display())),
        }
    }

    /// Notes where groups are about to sign; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn note(&self, signed: &[LastSigned]) -> anyhow::Result<()> {
        if signed.is_empty() {
            return Ok(());
        }
        let mut all = self.read()?;
        for last in signed {
            all.retain(|known| (known.space, known.group) != (last.space, last.group));
            all.push(*last);
        }
        all.sort_by_key(|last| (last.space, last.group));
        atomic::write(&self.0, &serde_json::to_vec_pretty(&all)?)
            .with_context(|| format!("cannot write {}", self.0.display()))
    }
}
