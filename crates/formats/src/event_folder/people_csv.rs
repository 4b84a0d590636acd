//! `operators.csv` and `speakers.csv`: the people.

use meridian_model::{SkillLevel, ZoneName, ZoneSet};

use super::policy::day_range;
use super::table::{self, Listed, Row};
use crate::civil::DayRange;
use crate::fault::{FaultCode, Faults};
use crate::words;

/// A row of `operators.csv`.
#[derive(Debug)]
pub(crate) struct OperatorRow {
    pub(crate) id: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) zone: Option<ZoneName>,
    /// Whether a zone was written, be it a known one or not.
    pub(crate) zone_given: bool,
    pub(crate) skills: Vec<SkillRow>,
    pub(crate) night: Option<DayRange>,
    pub(crate) max_duty_min: Option<u32>,
    pub(crate) carry_over_min: u32,
    pub(crate) speaker: Option<String>,
    pub(crate) shown_as: Option<String>,
    pub(crate) line: u64,
}

/// A member of the field `skills`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SkillRow {
    pub(crate) role: String,
    pub(crate) language: Option<String>,
    pub(crate) into: Option<String>,
    pub(crate) level: SkillLevel,
}

/// A row of `speakers.csv`.
#[derive(Debug)]
pub(crate) struct SpeakerRow {
    pub(crate) id: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) zone: Option<ZoneName>,
    /// Whether a zone was written, be it a known one or not.
    pub(crate) zone_given: bool,
    pub(crate) line: u64,
}

/// Letters of a name that is shown, at most.
const LONGEST_NAME: usize = 100;

const OPERATOR: [&str; 9] = [
    "id",
    "group",
    "zone",
    "skills",
    "night",
    "max_duty_min",
    "carry_over_min",
    "speaker",
    "shown_as",
];
const SPEAKER: [&str; 3] = ["id", "group", "zone"];

/// Reads `operators.csv`.
pub(crate) fn operators(
    bytes: &[u8],
    file: &str,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Listed<OperatorRow> {
    let rows = table::rows(bytes, file, &OPERATOR, &["id", "group", "skills"], faults);
    rows.map(|row| operator(&row, zones, faults))
}

fn operator(row: &Row<'_>, zones: &ZoneSet, faults: &mut Faults) -> OperatorRow {
    let skills = row.need("skills", faults).map(words::list);
    OperatorRow {
        id: id(row, faults),
        group: row.need("group", faults).map(str::to_owned),
        zone: zone(row, zones, faults),
        zone_given: row.get("zone").is_some(),
        skills: skills
            .into_iter()
            .flatten()
            .filter_map(|text| skill(text, row, faults))
            .collect(),
        night: row
            .get("night")
            .and_then(|text| day_range(text, &row.place("night"), faults)),
        max_duty_min: number(row, "max_duty_min", 1..=1440, faults),
        carry_over_min: number(row, "carry_over_min", 0..=100_000, faults).unwrap_or(0),
        speaker: row.get("speaker").map(str::to_owned),
        shown_as: shown_as(row, faults),
        line: row.line.unwrap_or(1),
    }
}

/// The name that she consented to be shown by.
fn shown_as(row: &Row<'_>, faults: &mut Faults) -> Option<String> {
    let text = row.get("shown_as")?;
    if text.chars().count() <= LONGEST_NAME && !text.chars().any(char::is_control) {
        return Some(text.to_owned());
    }
    faults.add(
        &row.place("shown_as"),
        FaultCode::F040,
        "the name is longer than 100 letters or has signs that cannot be shown",
        "write the name as it is to stand beside her shifts, or leave it blank",
    );
    None
}

/// Reads `role`, `role:language` or `role:from>into`, each with a trailing `?` for a first-timer.
fn skill(text: &str, row: &Row<'_>, faults: &mut Faults) -> Option<SkillRow> {
    let place = row.place("skills");
    let (text, level) = match text.strip_suffix('?') {
        Some(text) => (text, SkillLevel::FirstTimer),
        None => (text, SkillLevel::Trained),
    };
    let (role, languages) = match text.split_once(':') {
        Some((role, languages)) => (role, Some(languages)),
        None => (text, None),
    };
    let role = words::id(role, &place, faults)?;
    let Some(languages) = languages else {
        return Some(SkillRow {
            role,
            language: None,
            into: None,
            level,
        });
    };
    let (from, into) = match languages.split_once('>') {
        Some((from, into)) => (from, Some(into)),
        None => (languages, None),
    };
    let language = words::language(from, &place, faults)?;
    let into = match into {
        Some(into) => Some(words::language(into, &place, faults)?),
        None => None,
    };
    if into.as_ref() == Some(&language) {
        faults.add(
            &place,
            FaultCode::F040,
            format!("{text} interprets a language into itself"),
            "write the language heard, >, and the language spoken, such as interpreter:ja>en",
        );
        return None;
    }
    Some(SkillRow {
        role,
        language: Some(language),
        into,
        level,
    })
}

/// Reads `speakers.csv`.
pub(crate) fn speakers(
    bytes: &[u8],
    file: &str,
    zones: &ZoneSet,
    faults: &mut Faults,
) -> Listed<SpeakerRow> {
    let rows = table::rows(bytes, file, &SPEAKER, &["id"], faults);
    rows.map(|row| {
        let speaker = SpeakerRow {
            id: id(&row, faults),
            group: row.get("group").map(str::to_owned),
            zone: zone(&row, zones, faults),
            zone_given: row.get("zone").is_some(),
            line: row.line.unwrap_or(1),
        };
        if speaker.group.is_none() && !speaker.zone_given && row.whole {
            faults.add(
                &row.place("zone"),
                FaultCode::F011,
                "neither a group nor a zone is given",
                "fill in one of them: without it nobody knows when her night is",
            );
        }
        speaker
    })
}

/// The identifier of a row.
pub(crate) fn id(row: &Row<'_>, faults: &mut Faults) -> Option<String> {
    let text = row.need("id", faults)?;
    words::id(text, &row.place("id"), faults)
}

/// The zone of a row, where one is written.
pub(crate) fn zone(row: &Row<'_>, zones: &ZoneSet, faults: &mut Faults) -> Option<ZoneName> {
    words::zone(row.get("zone")?, zones, &row.place("zone"), faults)
}

/// A number of a row, where one is written.
pub(crate) fn number(
    row: &Row<'_>,
    column: &str,
    range: std::ops::RangeInclusive<u32>,
    faults: &mut Faults,
) -> Option<u32> {
    words::number(row.get(column)?, range, &row.place(column), faults)
}

#[cfg(test)]
mod tests {
    use meridian_model::ZoneSet;

    use super::operators;
    use crate::fault::Faults;

    fn read(name: &str) -> (Option<String>, usize) {
        let table = format!("id,group,skills,shown_as\nfox,kyoto,mc:ja,{name}\n");
        let mut faults = Faults::default();
        let zones = &ZoneSet::embedded();
        let rows = operators(table.as_bytes(), "operators.csv", zones, &mut faults);
        let shown = rows.items.into_iter().next().and_then(|row| row.shown_as);
        (shown, faults.0.len())
    }

    #[test]
    fn a_name_is_shown_as_it_is_written_if_it_can_be_shown() {
        let name = "Aiko M.".to_owned();
        assert_eq!(read("Aiko M."), (Some(name), 0));
        assert_eq!(read(""), (None, 0));
        assert_eq!(read(&"a".repeat(101)), (None, 1));
        assert_eq!(read("Aiko\u{7}"), (None, 1));
    }
}
