//! Which zone a TZID means: an IANA name, a Windows name, or what the calendar itself says it is.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use meridian_model::ZoneSet;

use super::lines::Component;
use crate::fault::{FaultCode, Faults, Place};

/// `windows,iana`, from the Unicode CLDR; see `data/zones/SOURCE.md`.
const WINDOWS: &str = include_str!("../../../../data/zones/windows.csv");

/// The zones of one calendar file.
pub(crate) struct Zones<'z> {
    set: &'z ZoneSet,
    /// TZIDs that the file's own VTIMEZONE places somewhere (X-LIC-LOCATION).
    located: BTreeMap<String, String>,
    /// Unknown TZIDs: the line of the first use, and how many more there are.
    unknown: RefCell<BTreeMap<String, (u64, u64)>>,
}

impl<'z> Zones<'z> {
    pub(crate) fn new(set: &'z ZoneSet, calendars: &[Component]) -> Self {
        let parts = calendars.iter().flat_map(|calendar| &calendar.parts);
        let located = parts
            .filter(|part| part.name == "VTIMEZONE")
            .filter_map(|part| {
                let id = part.get("TZID")?.value.trim().to_owned();
                Some((id, part.get("X-LIC-LOCATION")?.value.trim().to_owned()))
            })
            .collect();
        Self {
            set,
            located,
            unknown: RefCell::default(),
        }
    }

    /// The zone of a TZID used on `line`; an unknown one is remembered for [`Zones::report`].
    pub(crate) fn find(&self, tzid: &str, line: u64) -> Option<TimeZone> {
        let tzid = tzid.trim();
        let found = self
            .known(tzid)
            .or_else(|| self.known(self.located.get(tzid)?));
        if found.is_none() {
            let mut unknown = self.unknown.borrow_mut();
            unknown
                .entry(tzid.to_owned())
                .and_modify(|(_, more)| *more += 1)
                .or_insert((line, 0));
        }
        found
    }

    fn known(&self, name: &str) -> Option<TimeZone> {
        let iana = |name: &str| self.set.zone(name).ok();
        // "/vendor.org/version/Europe/Berlin": a globally unique TZID ends in the name it stands for.
        let global = |name: &str| {
            let tail = name.strip_prefix('/')?;
            tail.match_indices('/')
                .find_map(|(at, _)| iana(tail.get(at + 1..)?))
        };
        iana(name)
            .or_else(|| iana(windows(name)?))
            .or_else(|| global(name))
    }

    /// One fault for each unknown TZID.
    pub(crate) fn report(&self, file: &str, faults: &mut Faults) {
        for (tzid, &(line, more)) in self.unknown.borrow().iter() {
            let also = if more == 0 {
                String::new()
            } else {
                format!(" (and {more} more times)")
            };
            faults.add(
                &Place::line(file, line).field("TZID"),
                FaultCode::F012,
                format!("the time zone {tzid:?} is neither an IANA nor a Windows zone{also}"),
                "set the zone of the event in the calendar to a named one, such as Europe/Berlin, and export it again",
            );
        }
    }
}

/// The IANA name of a Windows zone name.
fn windows(name: &str) -> Option<&'static str> {
    let rows = WINDOWS.lines().filter_map(|line| line.rsplit_once(','));
    rows.into_iter()
        .find(|(windows, _)| *windows == name)
        .map(|(_, iana)| iana)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_windows_name_stands_for_a_zone_of_the_set() {
        let set = ZoneSet::embedded();
        let rows: Vec<_> = WINDOWS
            .lines()
            .skip(1)
            .filter_map(|line| line.rsplit_once(','))
            .collect();
        assert!(rows.len() > 130);
        for (windows, iana) in rows {
            assert!(set.zone(iana).is_ok(), "{windows}: {iana}");
        }
    }

    #[test]
    fn a_tzid_is_found_by_any_name_that_is_sure_and_by_no_other() {
        let set = ZoneSet::embedded();
        let zones = Zones::new(&set, &[]);
        for sure in [
            "Asia/Tokyo",
            "Tokyo Standard Time",
            "/citadel.org/20210210_1/Asia/Tokyo",
            " Asia/Tokyo",
        ] {
            assert!(zones.find(sure, 1).is_some(), "{sure}");
        }
        for unsure in [
            "Customized Time Zone",
            "(UTC+09:00) Osaka, Sapporo, Tokyo",
            "JST",
            "",
        ] {
            assert!(zones.find(unsure, 1).is_none(), "{unsure}");
        }
    }
}
