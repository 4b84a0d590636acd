//! The zone set: the newest compiled time zone database, embedded, replaceable, and named in every plan.
//!
//! Source: IANA Time Zone Database as packed in PyPI `tzdata` (public domain); see `data/tzdb/renew.sh`.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Span;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../data/tzdb/zoneinfo");
static EMBEDDED_VERSION: &str = include_str!("../../../../data/tzdb/VERSION");

/// An IANA time zone name such as `America/Montevideo`. Whether it exists is told by a [`ZoneSet`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ZoneName(String);

impl ZoneName {
    /// Takes a name as it is written.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ZoneName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A zone name that the zone set does not hold; it is never guessed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time zone {name:?} is not in the zone set {version}")]
pub struct UnknownZone {
    /// The name asked for.
    pub name: String,
    /// The version of the set that was asked.
    pub version: String,
}

/// Which zone rules a document was made with: two nodes compare this before anyone is an hour late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TzdbStamp {
    /// Version of the zone set, such as `2026f`.
    pub version: String,
    /// SHA-256 (hex) over every zone used and its offsets over the horizon.
    pub offsets_sha256: String,
}

/// A set of time zones with one version.
#[derive(Clone, Debug)]
pub struct ZoneSet {
    version: String,
    zones: BTreeMap<String, TimeZone>,
}

impl ZoneSet {
    /// The set that is built into this crate.
    #[must_use]
    pub fn embedded() -> Self {
        let mut zones = BTreeMap::new();
        collect(&EMBEDDED, &mut zones);
        Self {
            version: EMBEDDED_VERSION.trim().to_owned(),
            zones,
        }
    }

    /// A set made of `(name, TZif bytes)` pairs, as found in a zoneinfo directory.
    ///
    /// # Errors
    /// The name of the first entry that is not valid TZif.
    pub fn from_tzif<'a>(
        version: impl Into<String>,
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, String> {
        let mut zones = BTreeMap::new();
        for (name, bytes) in files {
            let zone = TimeZone::tzif(name, bytes).map_err(|error| format!("{name}: {error}"))?;
            zones.insert(name.to_owned(), zone);
        }
        Ok(Self {
            version: version.into(),
            zones,
        })
    }

    /// Version of the set, such as `2026f`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.zones.keys().map(String::as_str)
    }

    /// The zone of exactly this name.
    ///
    /// # Errors
    /// [`UnknownZone`] when the set does not hold it.
    pub fn zone(&self, name: &str) -> Result<TimeZone, UnknownZone> {
        self.zones.get(name).cloned().ok_or_else(|| UnknownZone {
            name: name.to_owned(),
            version: self.version.clone(),
        })
    }

    /// The stamp for documents that use `names` over `span`.
    ///
    /// # Errors
    /// [`UnknownZone`] for the first name that the set does not hold.
    pub fn stamp<'a>(
        &self,
        names: impl IntoIterator<Item = &'a ZoneName>,
        span: Span,
    ) -> Result<TzdbStamp, UnknownZone> {
        let mut lines: BTreeMap<&str, String> = BTreeMap::new();
        for name in names {
            let zone = self.zone(name.as_str())?;
            let line = offsets(&zone, span)
                .into_iter()
                .map(|(from, seconds)| format!(" {from}={seconds}"))
                .collect();
            lines.insert(name.as_str(), line);
        }
        let mut hash = Sha256::new();
        for (name, line) in lines {
            hash.update(format!("{name}{line}\n"));
        }
        let digest = hash.finalize();
        let hex = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(TzdbStamp {
            version: self.version.clone(),
            offsets_sha256: hex,
        })
    }
}

/// The offsets from UTC in seconds that `zone` has over `span`, each from the instant it starts to hold.
#[must_use]
pub fn offsets(zone: &TimeZone, span: Span) -> Vec<(Timestamp, i32)> {
    let mut found = vec![(span.start(), zone.to_offset(span.start()).seconds())];
    for change in zone
        .following(span.start())
        .take_while(|change| change.timestamp() < span.end())
    {
        let seconds = change.offset().seconds();
        if found.last().is_none_or(|&(_, last)| last != seconds) {
            found.push((change.timestamp(), seconds));
        }
    }
    found
}

fn collect(dir: &'static Dir<'static>, zones: &mut BTreeMap<String, TimeZone>) {
    for file in dir.files() {
        if let Some(name) = file.path().to_str()
            && let Ok(zone) = TimeZone::tzif(name, file.contents())
        {
            zones.insert(name.to_owned(), zone);
        }
    }
    for sub in dir.dirs() {
        collect(sub, zones);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_file_is_a_zone() {
        fn count(dir: &Dir<'_>) -> usize {
            dir.files().count() + dir.dirs().map(count).sum::<usize>()
        }
        let set = ZoneSet::embedded();
        assert_eq!(set.names().count(), count(&EMBEDDED));
        assert!(set.zone("America/Montevideo").is_ok());
        assert!(set.zone("Customized Time Zone").is_err());
    }
}
