//! Loads folders from disk for tests, as the command line does.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot load its folder fails"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The repository's `data` folder.
pub(crate) fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data")
}

/// The files of an event folder and of the further folders it names, by relative path.
#[expect(
    clippy::disallowed_methods,
    reason = "tests load the sample folders; the crate itself takes bytes"
)]
pub(crate) fn load(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(folder, "", &mut files);
    let event = std::fs::read(folder.join("event.toml")).unwrap_or_default();
    for further in meridian_formats::event_folder::regional_folders(&event) {
        collect(&folder.join(&further), &format!("{further}/"), &mut files);
    }
    files
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests load the sample folders; the crate itself takes bytes"
)]
fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), files);
        } else {
            files.insert(
                format!("{prefix}{name}"),
                std::fs::read(entry.path()).unwrap(),
            );
        }
    }
}
