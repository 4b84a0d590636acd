//! Event folders as one file: zip or tar in, zip out. Nothing touches the disk, so no name in an archive can lead astray.

use std::io::{Cursor, Read, Write};

use meridian_formats::event_folder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::problem::Problem;
use crate::assembler::Folder;

/// The most that an archive may hold unpacked; the largest real folders stay under a hundredth of it.
const UNPACKED_BYTES: u64 = 32 * 1024 * 1024;
/// The most files in it.
const FILES: usize = 5_000;
/// The media types that are understood.
pub(crate) const ZIP: &str = "application/zip";
pub(crate) const TAR: &str = "application/x-tar";

/// The event folder in an archive, with the regional folders beside it that it names.
///
/// # Errors
/// That it is no such archive, is too large, or holds no event folder.
pub(crate) fn unpack(media: &str, bytes: &[u8]) -> Result<Folder, Problem> {
    let files = match media {
        ZIP => unzip(bytes)?,
        TAR => untar(bytes)?,
        _ => return Err(Problem::wrong_type(format!("send {ZIP} or {TAR}"))),
    };
    only_event(files)
}

/// Files taken out of an archive so far.
#[derive(Default)]
struct Taken {
    files: Folder,
    bytes: u64,
}

impl Taken {
    /// Takes one more file, however long it says it is.
    fn take(&mut self, name: &str, from: impl Read) -> Result<(), Problem> {
        if self.files.len() == FILES {
            return Err(Problem::too_large(format!(
                "the archive has more than {FILES} files: leave out what the event does not need"
            )));
        }
        let mut bytes = Vec::new();
        let left = UNPACKED_BYTES - self.bytes;
        let read = from.take(left + 1).read_to_end(&mut bytes);
        let read = u64::try_from(read.map_err(damaged)?).unwrap_or(u64::MAX);
        if read > left {
            return Err(Problem::too_large(format!(
                "the archive holds more than {UNPACKED_BYTES} bytes: leave out what the event does not need"
            )));
        }
        self.bytes += read;
        self.files.insert(name.to_owned(), bytes);
        Ok(())
    }
}

fn damaged(error: impl std::fmt::Display) -> Problem {
    Problem::malformed(format!("the archive cannot be read: {error}"))
}

fn unzip(bytes: &[u8]) -> Result<Folder, Problem> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut taken = Taken::default();
    for n in 0..archive.len() {
        let file = archive.by_index(n).map_err(damaged)?;
        if file.is_file() {
            let name = file.name().map_err(damaged)?.into_owned();
            taken.take(&name, file)?;
        }
    }
    Ok(taken.files)
}

fn untar(bytes: &[u8]) -> Result<Folder, Problem> {
    let mut archive = tar::Archive::new(bytes);
    let mut taken = Taken::default();
    for file in archive.entries().map_err(damaged)? {
        let file = file.map_err(damaged)?;
        if file.header().entry_type().is_file() {
            let name = file.path().map_err(damaged)?.to_string_lossy().into_owned();
            taken.take(&name, file)?;
        }
    }
    Ok(taken.files)
}

/// What belongs to the one `event.toml` in the archive, by paths relative to it.
fn only_event(files: Folder) -> Result<Folder, Problem> {
    let plain = |name: &str| name.trim_start_matches("./").to_owned();
    let files: Folder = files.into_iter().map(|(n, b)| (plain(&n), b)).collect();
    let mut roots = files.keys().filter_map(|name| {
        let root = name.strip_suffix("event.toml")?;
        (root.is_empty() || root.ends_with('/')).then(|| root.to_owned())
    });
    let (root, more) = (roots.next(), roots.next());
    let (Some(root), None) = (root, more) else {
        return Err(Problem::malformed(
            "the archive does not hold exactly one event.toml: send one event folder",
        ));
    };
    let opening = files.get(&format!("{root}event.toml"));
    let named = event_folder::regional_folders(opening.map_or(&[][..], Vec::as_slice));
    let beside: Vec<(String, String)> = named
        .into_iter()
        .filter_map(|folder| Some((resolved(&root, &folder)?, folder)))
        .collect();
    let mut event = Folder::new();
    for (name, bytes) in files {
        let hidden = |path: &str| path.split('/').any(|part| part.starts_with('.'));
        if let Some(own) = name.strip_prefix(&root).filter(|own| !hidden(own)) {
            event.insert(own.to_owned(), bytes);
        } else if let Some((folder, file)) = name.rsplit_once('/')
            && let Some((_, known)) = beside.iter().find(|(place, _)| place == folder)
        {
            event.insert(format!("{known}/{file}"), bytes);
        }
    }
    Ok(event)
}

/// Where in the archive the folder is that an event folder at `root` calls so; none when it leads out of it.
fn resolved(root: &str, folder: &str) -> Option<String> {
    let mut parts: Vec<&str> = root.split('/').filter(|part| !part.is_empty()).collect();
    for part in folder.split('/') {
        match part {
            ".." => {
                parts.pop()?;
            }
            "." | "" => {}
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder as a zip, the same bytes for the same files.
pub(crate) fn zip(folder: &Folder) -> anyhow::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in folder {
        writer.start_file(name.as_str(), options)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}
