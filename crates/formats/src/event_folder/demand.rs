//! What is asked that nobody and nothing could ever give: skills nobody has, sessions that fit nowhere.

use std::collections::{BTreeMap, BTreeSet};

use meridian_model::{Priority, RoleNeed, Span};

use super::availability_csv::{Says, Who};
use super::event_toml::{EventRow, RoleRow};
use super::files::Rows;
use super::people_csv::SkillRow;
use super::pins_csv::PinKind;
use super::sessions_csv::SessionRow;
use crate::fault::{FaultCode, Faults, Place};
use crate::rules::Rule;

/// Checks what is asked against what is there.
pub(crate) fn check(rows: &Rows<'_>, faults: &mut Faults) {
    let Some(event) = &rows.event else { return };
    skill_shapes(rows, event, faults);
    duties(rows, event, faults);
    let longest = rows
        .groups
        .iter()
        .filter(|group| group.hosts)
        .map(|group| group.block_min.1)
        .max();
    for session in rows.sessions.iter() {
        windows(session, event, faults);
        if let Some(longest) = longest.filter(|_| rows.groups.complete) {
            blocks(session, longest, faults);
        }
    }
    pins(rows, faults);
    holidays(rows, faults);
}

/// Holidays are those of a group.
fn holidays(rows: &Rows<'_>, faults: &mut Faults) {
    let speakers = rows
        .speakers
        .iter()
        .filter(|speaker| speaker.group.is_none());
    let alone: BTreeSet<&String> = speakers.filter_map(|speaker| speaker.id.as_ref()).collect();
    for row in &rows.times {
        let Some(Says::Rule(_, Rule::NotOnHolidays)) = row.says else {
            continue;
        };
        let Some((Who::Speaker, id)) = &row.who else {
            continue;
        };
        if alone.contains(id) {
            faults.add(
                &Place::line(&row.file, row.line).field("rule"),
                FaultCode::F040,
                format!("{id} has no group, so that nobody knows her public holidays"),
                "give her a group in speakers.csv, or write the dates as rows",
            );
        }
    }
}

/// A skill that does not say what its role needs could never be used.
fn skill_shapes(rows: &Rows<'_>, event: &EventRow, faults: &mut Faults) {
    for operator in rows.operators.iter() {
        let place = Place::line("operators.csv", operator.line).field("skills");
        let mut seen = BTreeSet::new();
        for skill in &operator.skills {
            let Some(role) = role(event, &skill.role) else {
                continue;
            };
            let (fits, form) = match role.needs {
                RoleNeed::Nothing => (
                    skill.language.is_none(),
                    "needs no language: write the role alone",
                ),
                RoleNeed::BlockLanguage => (
                    skill.language.is_some() && skill.into.is_none(),
                    "needs a language: write role:language, such as mc:ja",
                ),
                RoleNeed::Interpretation => (
                    skill.into.is_some(),
                    "needs two languages: write role:from>into, such as interpreter:ja>en",
                ),
            };
            if !fits {
                let name = &skill.role;
                faults.add(
                    &place,
                    FaultCode::F040,
                    format!("the role {name} {form}"),
                    "correct the skill or the role's needs",
                );
            }
            if !seen.insert((&skill.role, &skill.language, &skill.into)) {
                faults.add(
                    &place,
                    FaultCode::F025,
                    format!("the skill {} is there twice", skill.role),
                    "name each skill once",
                );
            }
        }
    }
}

fn role<'e>(event: &'e EventRow, id: &str) -> Option<&'e RoleRow> {
    event
        .roles
        .iter()
        .find(|role| role.id.as_deref() == Some(id))
}

fn duties(rows: &Rows<'_>, event: &EventRow, faults: &mut Faults) {
    if !rows.operators.complete {
        return;
    }
    let hosts = rows.groups.iter().filter(|group| group.hosts);
    let languages: BTreeSet<&str> = hosts
        .flat_map(|group| &group.languages)
        .map(String::as_str)
        .collect();
    for duty in &event.duties {
        let Some(role) = duty.role.as_ref().and_then(|at| role(event, &at.value)) else {
            continue;
        };
        let Some(id) = role.id.as_deref() else {
            continue;
        };
        let mut skills = rows
            .operators
            .iter()
            .flat_map(|row| &row.skills)
            .filter(|skill| skill.role == id);
        let has = |skill: &SkillRow| match role.needs {
            RoleNeed::Nothing => true,
            RoleNeed::BlockLanguage => skill
                .language
                .as_deref()
                .is_some_and(|has| languages.contains(has)),
            RoleNeed::Interpretation => {
                skill.into == event.language
                    && skill
                        .language
                        .as_deref()
                        .is_some_and(|has| languages.contains(has))
            }
        };
        let own = event.language.as_deref();
        let foreign: Vec<&str> = languages
            .iter()
            .copied()
            .filter(|&language| Some(language) != own)
            .collect();
        let (demanded, asked) = match role.needs {
            RoleNeed::Nothing => (true, String::new()),
            RoleNeed::BlockLanguage => (
                rows.groups.complete && !languages.is_empty(),
                format!(
                    " in a language that is hosted in ({})",
                    languages.iter().copied().collect::<Vec<_>>().join(", ")
                ),
            ),
            RoleNeed::Interpretation => (
                rows.groups.complete && own.is_some() && !foreign.is_empty(),
                format!(
                    " into {} from any of {}",
                    own.unwrap_or(""),
                    foreign.join(", ")
                ),
            ),
        };
        if demanded && !skills.any(has) {
            faults.add(
                &Place::line(
                    "event.toml",
                    duty.role.as_ref().map_or(duty.line, |at| at.line),
                )
                .field("role"),
                FaultCode::F027,
                format!("nobody has the skill {id}{asked}"),
                "give it to somebody in operators.csv, or leave the duty out",
            );
        }
    }
}

fn windows(session: &SessionRow, event: &EventRow, faults: &mut Faults) {
    let Some(horizon) = event.horizon else { return };
    let (Some(length), Some(window)) = (
        session.length_min,
        session.window.as_ref().and_then(|window| window.span),
    ) else {
        return;
    };
    let place = Place::line("sessions.csv", session.line);
    let inside = window
        .intersection(&horizon.span())
        .map_or(0, |span| span.minutes());
    if inside >= i64::from(length) {
        return;
    }
    let of_it = if inside < window.minutes() {
        format!(", of which {inside} lie inside the event")
    } else {
        String::new()
    };
    faults.add(
        &place.field("length_min"),
        FaultCode::F028,
        format!(
            "the session takes {length} minutes, its window has {}{of_it}",
            window.minutes()
        ),
        "shorten the session or widen its window",
    );
}

/// A filler is never placed, so that it need not fit.
fn blocks(session: &SessionRow, longest: u32, faults: &mut Faults) {
    let Some(length) = session.length_min else {
        return;
    };
    let needed = length + session.changeover_min;
    if needed > longest && session.priority != Priority::Filler {
        faults.add(
            &Place::line("sessions.csv", session.line).field("length_min"),
            FaultCode::F029,
            format!("the session takes {needed} minutes with its change-over, the longest block of any host is {longest}"),
            "shorten the session, or let a group host longer (block_min)",
        );
    }
}

fn pins(rows: &Rows<'_>, faults: &mut Faults) {
    let sessions = rows.sessions.iter();
    let lengths: BTreeMap<&String, Option<u32>> = sessions
        .filter_map(|row| Some((row.id.as_ref()?, row.length_min)))
        .collect();
    let windows: BTreeMap<&String, Span> = rows
        .sessions
        .iter()
        .filter_map(|row| Some((row.id.as_ref()?, row.window.as_ref()?.span?)))
        .collect();
    let opening = rows.event.as_ref().and_then(|event| event.horizon);
    let opening = opening.map(|horizon| horizon.start());
    let groups = rows.groups.iter();
    let languages: BTreeMap<&String, &[String]> = groups
        .filter_map(|row| Some((row.id.as_ref()?, row.languages.as_slice())))
        .collect();
    for pin in &rows.pins {
        let (Some(who), Some(span)) =
            (&pin.who, pin.window.as_ref().and_then(|window| window.span))
        else {
            continue;
        };
        let place = Place::line("pins.csv", pin.line);
        match pin.kind {
            Some(PinKind::Session) => {
                let length = lengths.get(who).copied().flatten();
                if let Some(length) = length.filter(|&length| i64::from(length) != span.minutes()) {
                    faults.add(
                        &place.field("end"),
                        FaultCode::F040,
                        format!(
                            "{who} takes {length} minutes, it is pinned for {}",
                            span.minutes()
                        ),
                        "end it after its own length",
                    );
                }
                let window = windows.get(who);
                if window.is_some_and(|window| !window.contains(&span)) {
                    faults.add(
                        &place.field("start"),
                        FaultCode::F040,
                        format!("{who} is pinned outside its own window"),
                        "pin it inside, or change window_start and window_end in sessions.csv",
                    );
                }
            }
            Some(PinKind::Block) => {
                let (Some(languages), Some(language)) = (languages.get(who), &pin.language) else {
                    continue;
                };
                if !languages.contains(language) {
                    faults.add(
                        &place.field("what"),
                        FaultCode::F040,
                        format!("{who} does not host in {language}"),
                        format!("write one of its languages: {}", languages.join(", ")),
                    );
                }
            }
            Some(PinKind::Shift) => {
                let begins = span.start().as_second() - i64::from(pin.handover_min) * 60;
                if opening.is_some_and(|opening| begins < opening.as_second()) {
                    faults.add(
                        &place.field("handover_min"),
                        FaultCode::F040,
                        format!("the handover of {who} begins before the event"),
                        "write a shorter one; who opens the event takes over from nobody and needs none",
                    );
                }
            }
            None => {}
        }
    }
}
