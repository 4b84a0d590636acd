//! The sample events of the repository are read without a fault.
#![expect(clippy::panic, reason = "a test fails by it, with the faults in full")]

mod support;

use meridian_formats::event_folder;
use meridian_model::{Problem, ZoneSet};

fn sample(name: &str) -> Problem {
    let folder = support::data().join("events").join(name);
    match event_folder::read(&support::load(&folder), &ZoneSet::embedded()) {
        Ok(problem) => problem,
        Err(faults) => panic!("{name} has {} faults:\n{faults}", faults.len()),
    }
}

macro_rules! samples {
    ($($test:ident $folder:literal;)*) => {
        $(#[test]
        fn $test() {
            let problem = sample($folder);
            assert!(!problem.groups.is_empty() && !problem.operators.is_empty());
        })*
    };
}

samples! {
    the_first_relay_is_read "first-relay";
    the_relay_of_2024_is_read "relay-2024";
    the_tight_relay_of_2024_is_read "relay-2024-tight";
    the_september_relay_is_read "relay-2024-sep";
    the_european_clock_change_is_read "midnight-dst-eu";
    the_american_clock_change_is_read "midnight-dst-us";
}
