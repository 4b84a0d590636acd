//! Where the zone rules come from: the set built into the binary, or a zoneinfo directory.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use meridian_formats::FaultCode;
use meridian_model::ZoneSet;

use crate::ending::{Failure, refusal};

/// Which zone rules to compute with.
#[derive(Args, Clone, Debug)]
pub(crate) struct ZoneSource {
    /// Compute with the compiled zone files in DIR (such as /usr/share/zoneinfo) instead of the built-in set
    #[arg(long, global = true, value_name = "DIR", help_heading = "Zone rules")]
    zoneinfo: Option<PathBuf>,

    /// What to call the set in DIR when it does not say its version itself
    #[arg(
        long,
        global = true,
        value_name = "V",
        requires = "zoneinfo",
        help_heading = "Zone rules"
    )]
    zoneinfo_version: Option<String>,
}

impl ZoneSource {
    /// As it was typed, for a process that is to compute with the same rules.
    pub(crate) fn arguments(&self) -> Vec<std::ffi::OsString> {
        let mut arguments = Vec::new();
        if let Some(root) = &self.zoneinfo {
            // The process works in another folder.
            let root = std::path::absolute(root).unwrap_or_else(|_| root.clone());
            arguments.extend(["--zoneinfo".into(), root.into()]);
        }
        if let Some(version) = &self.zoneinfo_version {
            arguments.extend(["--zoneinfo-version".into(), version.into()]);
        }
        arguments
    }

    /// Loads the set.
    ///
    /// # Errors
    /// When the directory cannot be read, holds no zone, or does not tell its version.
    pub(crate) fn load(&self) -> Result<ZoneSet, Failure> {
        let Some(root) = &self.zoneinfo else {
            return Ok(ZoneSet::embedded());
        };
        let refused = |what: &str, remedy: &str| {
            let place = root.display().to_string();
            refusal(FaultCode::F011, &place, what, remedy)
        };
        let compiled = "give a directory of compiled zone files, such as /usr/share/zoneinfo";
        let mut files = BTreeMap::new();
        collect(root, "", &mut files)
            .map_err(|error| refused(&format!("it cannot be read: {error}"), compiled))?;
        if files.is_empty() {
            return Err(refused("it holds no compiled zone file", compiled));
        }
        let version = self.zoneinfo_version.clone().or_else(|| version(root));
        let version = version.ok_or_else(|| {
            let remedy = "name the version with --zoneinfo-version, such as 2026f";
            refused("it does not tell its version", remedy)
        })?;
        let pairs = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        ZoneSet::from_tzif(version, pairs)
            .map_err(|error| refused(&format!("not a zone file: {error}"), compiled))
    }

    /// Where the rules come from, for people.
    pub(crate) fn describe(&self) -> String {
        self.zoneinfo.as_ref().map_or_else(
            || "built in".to_owned(),
            |root| format!("from {}", root.display()),
        )
    }
}

/// What some systems keep beside the zones: copies of the tree with other leap-second rules, and this
/// machine's own choice, which is no zone name.
const NOT_ZONES: [&str; 4] = ["posix", "right", "localtime", "posixrules"];

/// The names and bytes of the compiled zone files under `folder`; other files are left out.
fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(file) = entry.file_name().into_string() else {
            continue;
        };
        let name = format!("{prefix}{file}");
        let path = entry.path();
        if NOT_ZONES.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else {
            let bytes = std::fs::read(&path)?;
            if bytes.starts_with(b"TZif") {
                files.insert(name, bytes);
            }
        }
    }
    Ok(())
}

/// The version that a zoneinfo directory tells: `tzdata.zi` opens with it, `+VERSION` holds it.
fn version(root: &Path) -> Option<String> {
    let from_source = std::fs::read_to_string(root.join("tzdata.zi"))
        .ok()
        .and_then(|text| {
            let first = text.lines().next()?;
            first
                .strip_prefix("# version ")
                .map(|v| v.trim().to_owned())
        });
    from_source.or_else(|| {
        std::fs::read_to_string(root.join("+VERSION"))
            .ok()
            .map(|text| text.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(root: &Path, version: Option<&str>) -> ZoneSource {
        ZoneSource {
            zoneinfo: Some(root.to_owned()),
            zoneinfo_version: version.map(str::to_owned),
        }
    }

    #[test]
    fn a_zoneinfo_directory_replaces_the_built_in_set_and_must_tell_its_version() {
        let root = tempfile::tempdir().unwrap();
        let embedded = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../data/tzdb/zoneinfo/Asia/Tokyo"
        );
        std::fs::create_dir(root.path().join("Asia")).unwrap();
        std::fs::copy(embedded, root.path().join("Asia/Tokyo")).unwrap();
        std::fs::write(root.path().join("README"), "not a zone").unwrap();

        let unnamed = source(root.path(), None).load().unwrap_err();
        assert!(
            matches!(unnamed, Failure::Input(faults) if faults.0[0].remedy.contains("--zoneinfo-version"))
        );

        let named = source(root.path(), Some("2031a")).load().unwrap();
        assert_eq!(named.version(), "2031a");
        assert_eq!(named.names().collect::<Vec<_>>(), ["Asia/Tokyo"]);

        std::fs::write(root.path().join("tzdata.zi"), "# version 2031b\n").unwrap();
        assert_eq!(source(root.path(), None).load().unwrap().version(), "2031b");
    }

    #[test]
    fn a_directory_without_zones_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let error = source(root.path(), None).load().unwrap_err();
        assert!(
            matches!(error, Failure::Input(faults) if faults.0[0].what.contains("no compiled zone file"))
        );
    }
}
