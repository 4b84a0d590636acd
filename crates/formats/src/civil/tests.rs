//! What people write, and what it stands for.

use std::sync::LazyLock;

use meridian_model::{Timestamp, ZoneName, ZoneSet};
use proptest::prelude::*;

use super::{Local, Moment, instant, locate, moment, read_date};
use crate::FaultCode;
use crate::fault::{Faults, Place};

static ZONES: LazyLock<ZoneSet> = LazyLock::new(ZoneSet::embedded);

fn read(text: &str, zone: &str) -> Result<Timestamp, (FaultCode, String, String)> {
    let mut faults = Faults::default();
    let place = Place::file("x");
    let tz = ZONES.zone(zone).unwrap();
    let found = moment(text, &place, &mut faults)
        .and_then(|moment| instant(moment, &ZoneName::new(zone), &tz, &place, &mut faults));
    found.ok_or_else(|| {
        let fault = faults.0.remove(0);
        (fault.code, fault.what, fault.remedy)
    })
}

#[test]
fn civil_times_and_instants_are_read_in_each_form() {
    let noon: Timestamp = "2024-08-24T03:00Z".parse().unwrap();
    for text in [
        "2024-08-24T12:00",
        "2024-08-24 12:00",
        "2024-08-24T12:00:00",
        "2024-08-24T03:00Z",
        "2024-08-24T08:45+05:45",
        "2024-08-23T23:30-03:30",
    ] {
        assert_eq!(read(text, "Asia/Tokyo"), Ok(noon), "{text}");
    }
}

#[test]
fn what_is_no_time_is_refused() {
    for text in [
        "",
        "noon",
        "2024-08-24",
        "2024-02-30T12:00",
        "2023-02-29T12:00",
        "2024-08-24T24:00",
        "2024-08-24T12:60",
        "2024-8-24T12:00",
        "24.08.2024 12:00",
        "2024-08-24T12:00+9",
        "2024-08-24T12:00[Asia/Tokyo]",
        "2024-08-24T12:00:61",
        "1969-08-24T12:00",
        "2024-08-24T१२:००",
    ] {
        assert_eq!(
            read(text, "Asia/Tokyo").map_err(|(code, ..)| code),
            Err(FaultCode::F015),
            "{text}"
        );
    }
    assert!(read_date("2024-02-30").is_err());
}

#[test]
fn a_skipped_time_names_both_sides_of_the_gap() {
    let (code, what, remedy) = read("2026-03-29T02:30", "Europe/Berlin").unwrap_err();
    assert_eq!(code, FaultCode::F013);
    assert_eq!(
        what,
        "2026-03-29T02:30 does not exist in Europe/Berlin: the clocks jump from 2026-03-29T02:00 to 2026-03-29T03:00"
    );
    assert_eq!(
        remedy,
        "write a time before 2026-03-29T02:00, or 2026-03-29T03:00 or later"
    );
}

#[test]
fn a_time_that_comes_twice_is_told_how_to_be_written() {
    let (code, _, remedy) = read("2026-10-25T02:30", "Europe/Berlin").unwrap_err();
    assert_eq!(code, FaultCode::F014);
    assert_eq!(
        remedy,
        "write 2026-10-25T02:30+02:00 for the first, or 2026-10-25T02:30+01:00 for the second"
    );
    assert_eq!(
        read("2026-10-25T02:30+02:00", "Europe/Berlin"),
        Ok("2026-10-25T00:30Z".parse().unwrap())
    );
}

#[test]
fn a_whole_day_can_be_a_gap() {
    let tz = ZONES.zone("Pacific/Apia").unwrap();
    let Some(Local::Gap { at, from, to }) = locate("2011-12-30T12:00".parse().unwrap(), &tz) else {
        panic!("Samoa had a 30 December 2011");
    };
    assert_eq!(at, "2011-12-30T10:00Z".parse().unwrap());
    assert_eq!(
        (from.to_string(), to.to_string()),
        (
            "2011-12-30T00:00:00".to_owned(),
            "2011-12-31T00:00:00".to_owned()
        )
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_clock_shows_stands_for_the_instant_it_shows_it_at(
        zone in 0..600_usize,
        minute in 0_i64..60 * 24 * 365 * 3,
    ) {
        let names: Vec<&str> = ZONES.names().collect();
        let tz = ZONES.zone(names[zone % names.len()]).unwrap();
        let shown = Timestamp::from_second("2025-01-01T00:00Z".parse::<Timestamp>().unwrap().as_second() + minute * 60).unwrap();
        match locate(tz.to_datetime(shown), &tz) {
            Some(Local::One(instant)) => prop_assert_eq!(instant, shown),
            Some(Local::Fold { first, second, .. }) => prop_assert!(shown == first || shown == second),
            other => prop_assert!(false, "{} at {}: {:?}", names[zone % names.len()], shown, other),
        }
    }

    #[test]
    fn no_text_makes_the_reader_stumble(text in "\\PC{0,30}") {
        let mut faults = Faults::default();
        let read = moment(&text, &Place::file("x"), &mut faults);
        prop_assert_eq!(read.is_none(), faults.len() == 1);
        prop_assert!(!matches!(read, Some(Moment::Civil(civil)) if civil.year() < 1970));
    }
}
