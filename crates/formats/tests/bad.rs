//! Every kind of bad input has a folder in `data/bad` whose faults are all told, exactly as expected.

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use meridian_formats::{FaultCode, Faults, event_folder};
use meridian_model::ZoneSet;

static ZONES: LazyLock<ZoneSet> = LazyLock::new(ZoneSet::embedded);

fn faults(case: &str) -> Faults {
    let folder = support::data().join("bad").join(case);
    let mut files = support::load(&folder);
    files.remove("expected.txt");
    match event_folder::read(&files, &ZONES) {
        Err(faults) => faults,
        Ok(_) => Faults::default(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests load the sample folders; the crate itself takes bytes"
)]
fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// The names of the folders in a folder.
fn folders(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

fn codes(faults: &Faults) -> BTreeSet<FaultCode> {
    faults.0.iter().map(|fault| fault.code).collect()
}

macro_rules! cases {
    ($($test:ident $folder:literal;)*) => {
        const CASES: &[&str] = &[$($folder),*];

        $(#[test]
        fn $test() {
            let told = faults($folder).to_string();
            let path = support::data().join("bad").join($folder).join("expected.txt");
            let expected = text(&path);
            assert!(!told.is_empty(), "no fault was found in {}", $folder);
            assert_eq!(told, expected, "the faults of {} are not the expected ones:\n{told}", $folder);
        })*
    };
}

cases! {
    civil_fold_is_told "civil-fold";
    civil_gap_is_told "civil-gap";
    contradictions_are_told "contradictions";
    duplicate_ids_are_told "duplicate-ids";
    empty_windows_are_told "empty-windows";
    everything_at_once_is_told_at_once "everything";
    malformed_csv_is_told "malformed-csv";
    malformed_ics_is_told "malformed-ics";
    malformed_dates_are_told "malformed-dates";
    malformed_id_is_told "malformed-id";
    malformed_json_is_told "malformed-json";
    malformed_rule_is_told "malformed-rule";
    malformed_time_is_told "malformed-time";
    malformed_toml_is_told "malformed-toml";
    malformed_value_is_told "malformed-value";
    missing_fields_are_told "missing-fields";
    missing_files_are_told "missing-files";
    nobody_skilled_is_told "nobody-skilled";
    nobodys_calendar_is_told "nobodys-calendar";
    a_folder_that_is_not_an_event_is_told_so "not-an-event-folder";
    bytes_that_are_not_utf_8_are_told "not-utf-8";
    off_grid_is_told "off-grid";
    pins_that_cannot_be_kept_are_told "pins-nobody-can-keep";
    out_of_range_is_told "out-of-range";
    overlapping_windows_are_told "overlapping-windows";
    session_longer_than_any_block_is_told "session-longer-than-any-block";
    session_longer_than_window_is_told "session-longer-than-window";
    start_in_gap_is_told "start-in-gap";
    undefined_duty_and_session_is_told "undefined-duty-and-session";
    undefined_group_is_told "undefined-group";
    undefined_operator_is_told "undefined-operator";
    undefined_role_is_told "undefined-role";
    undefined_speaker_is_told "undefined-speaker";
    undefined_track_is_told "undefined-track";
    unknown_columns_are_told "unknown-columns";
    unknown_country_is_told "unknown-country";
    unknown_files_are_told "unknown-files";
    unknown_format_is_told "unknown-format";
    unknown_keys_are_told "unknown-keys";
    unknown_language_is_told "unknown-language";
    unknown_tzid_is_told "unknown-tzid";
    unknown_word_is_told "unknown-word";
    unknown_zone_is_told "unknown-zone";
    unsupported_recurrence_is_told "unsupported-recurrence";
}

#[test]
fn every_folder_of_bad_input_has_a_test() {
    let tested: BTreeSet<String> = CASES.iter().map(|&case| case.to_owned()).collect();
    assert_eq!(folders(&support::data().join("bad")), tested);
}

#[test]
fn the_folder_that_holds_them_all_has_every_kind_of_fault_at_once() {
    let mut all: BTreeSet<FaultCode> = BTreeSet::new();
    for case in CASES.iter().filter(|&&case| case != "everything") {
        all.extend(codes(&faults(case)));
    }
    // A folder that is none has no other faults.
    all.remove(&FaultCode::F001);
    assert_eq!(codes(&faults("everything")), all);
    // The only kind that no folder shows: nobody wants 16 MiB in a repository. A unit test has it.
    let shown: Vec<&str> = FaultCode::ALL
        .iter()
        .filter(|code| !all.contains(code))
        .map(|code| code.as_str())
        .collect();
    assert_eq!(shown, ["F001", "F003"]);
}
