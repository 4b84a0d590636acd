//! iCalendar's outer form: unfolded content lines with their numbers, nested into components.
//!
//! Source: RFC 5545, section 3.1 and 3.4. Read here and not by a library, because no library at hand keeps
//! line numbers or says so when it leaves a line out; a test holds `calcard` against this reader.

use std::collections::BTreeMap;

use crate::fault::{FaultCode, Faults, Place};
use crate::text::MAX_BYTES;

/// Calendars hold events that hold alarms: nothing honest goes deeper.
const MAX_DEPTH: usize = 8;

/// One property: `NAME;PARAM=a,b:value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) line: u64,
    /// Upper case.
    pub(crate) name: String,
    /// Names in upper case, values without their quotes.
    pub(crate) params: Vec<(String, Vec<String>)>,
    pub(crate) value: String,
}

impl Line {
    /// The first value of a parameter.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        let (_, values) = self.params.iter().find(|(known, _)| known == name)?;
        values.first().map(String::as_str)
    }
}

/// `BEGIN:NAME` to `END:NAME`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Component {
    /// Upper case.
    pub(crate) name: String,
    pub(crate) line: u64,
    pub(crate) lines: Vec<Line>,
    pub(crate) parts: Vec<Component>,
}

impl Component {
    /// The property of this name, when there is one.
    pub(crate) fn get(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }

    /// All properties of this name.
    pub(crate) fn all<'c>(&'c self, name: &'c str) -> impl Iterator<Item = &'c Line> {
        self.lines.iter().filter(move |line| line.name == name)
    }
}

/// The calendars of a file. Faults never quote a line: it may be private.
pub(crate) fn read(bytes: &[u8], file: &str, faults: &mut Faults) -> Vec<Component> {
    if bytes.len() > MAX_BYTES {
        crate::text::decode(bytes, file, faults);
        return Vec::new();
    }
    let mut open: Vec<Component> = Vec::new();
    let mut calendars = Vec::new();
    for (number, raw) in unfold(bytes) {
        let place = Place::line(file, number);
        let Ok(text) = String::from_utf8(raw) else {
            faults.add(
                &place,
                FaultCode::F002,
                "the line is not UTF-8",
                "export the calendar as UTF-8",
            );
            continue;
        };
        if text.trim().is_empty() {
            continue;
        }
        match content_line(&text, number) {
            Ok(line) => nest(line, &mut open, &mut calendars, &place, faults),
            Err(what) => faults.add(
                &place,
                FaultCode::F008,
                what,
                "correct or remove the line; a line that goes on begins with a blank",
            ),
        }
    }
    for component in &open {
        unclosed(component, file, faults);
    }
    if calendars.is_empty() && open.is_empty() {
        faults.add(
            &Place::file(file),
            FaultCode::F008,
            "there is no BEGIN:VCALENDAR",
            "give a calendar exported as iCalendar (.ics)",
        );
    }
    calendars
}

/// What a calendar says of times; nothing else of it needs to be kept.
const OF_TIMES: [&str; 20] = [
    "BEGIN",
    "END",
    "VERSION",
    "METHOD",
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "EXRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "FREEBUSY",
    "TZID",
    "X-LIC-LOCATION",
    "DTSTAMP",
];

/// The lines that say when and how often; identifiers become numbers.
pub(crate) fn of_times(bytes: &[u8]) -> String {
    let mut uids: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept = String::new();
    for (_, raw) in unfold(bytes) {
        let text = String::from_utf8_lossy(&raw);
        let Some((name, rest)) = text.find([':', ';']).map(|end| text.split_at(end)) else {
            continue;
        };
        let name = name.to_ascii_uppercase();
        if !OF_TIMES.contains(&name.as_str()) {
            continue;
        }
        if name == "UID" {
            let next = uids.len() + 1;
            let uid = rest.trim_start_matches([':', ';']).trim().to_owned();
            let number = *uids.entry(uid).or_insert(next);
            kept.push_str(&format!("UID:{number}\r\n"));
        } else {
            kept.push_str(&format!("{name}{rest}\r\n"));
        }
    }
    kept
}

/// Logical lines with the numbers of the lines they begin on.
fn unfold(bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines: Vec<(u64, Vec<u8>)> = Vec::new();
    for (number, raw) in (1_u64..).zip(bytes.split(|&byte| byte == b'\n')) {
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        match (raw.split_first(), lines.last_mut()) {
            (Some((b' ' | b'\t', rest)), Some((_, last))) => last.extend_from_slice(rest),
            _ => lines.push((number, raw.to_vec())),
        }
    }
    lines
}

fn content_line(text: &str, line: u64) -> Result<Line, &'static str> {
    let end = text.find([':', ';']).ok_or("the line has no colon")?;
    let (name, mut rest) = text.split_at(end);
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err("the line begins with no property name");
    }
    let mut params = Vec::new();
    while let Some(param) = rest.strip_prefix(';') {
        let equals = param.find(['=', ':', ';']).ok_or("the line has no colon")?;
        let (key, tail) = param.split_at(equals);
        let Some(mut tail) = tail.strip_prefix('=') else {
            return Err("a parameter has no value");
        };
        let mut values = Vec::new();
        loop {
            let (value, after) = param_value(tail)?;
            values.push(value.to_owned());
            match after.strip_prefix(',') {
                Some(next) => tail = next,
                None => {
                    rest = after;
                    break;
                }
            }
        }
        params.push((key.to_ascii_uppercase(), values));
    }
    let value = rest.strip_prefix(':').ok_or("the line has no colon")?;
    Ok(Line {
        line,
        name: name.to_ascii_uppercase(),
        params,
        value: value.to_owned(),
    })
}

fn param_value(text: &str) -> Result<(&str, &str), &'static str> {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted
            .split_once('"')
            .ok_or("a quoted parameter is never closed");
    }
    let end = text.find([',', ';', ':']).ok_or("the line has no colon")?;
    Ok(text.split_at(end))
}

fn nest(
    line: Line,
    open: &mut Vec<Component>,
    calendars: &mut Vec<Component>,
    place: &Place<'_>,
    faults: &mut Faults,
) {
    let named = line.value.trim().to_ascii_uppercase();
    let what = match line.name.as_str() {
        "BEGIN" if open.is_empty() && named != "VCALENDAR" => {
            "a component stands outside a calendar"
        }
        "BEGIN" if open.len() >= MAX_DEPTH => "components are nested too deeply",
        "BEGIN" => {
            open.push(Component {
                name: named,
                line: line.line,
                ..Component::default()
            });
            return;
        }
        "END" if open.iter().any(|component| component.name == named) => {
            end(&named, open, calendars, place.file, faults);
            return;
        }
        "END" => "END has no BEGIN",
        _ => match open.last_mut() {
            Some(component) => {
                component.lines.push(line);
                return;
            }
            None => "the line stands outside a calendar",
        },
    };
    faults.add(
        place,
        FaultCode::F008,
        what,
        "export the calendar again, or correct BEGIN and END",
    );
}

/// Closes the innermost component called `named`, and with a fault each one left open in it.
fn end(
    named: &str,
    open: &mut Vec<Component>,
    calendars: &mut Vec<Component>,
    file: &str,
    faults: &mut Faults,
) {
    while let Some(done) = open.pop() {
        let last = done.name == named;
        if !last {
            unclosed(&done, file, faults);
        }
        match open.last_mut() {
            Some(outer) => outer.parts.push(done),
            None => calendars.push(done),
        }
        if last {
            break;
        }
    }
}

fn unclosed(component: &Component, file: &str, faults: &mut Faults) {
    faults.add(
        &Place::line(file, component.line),
        FaultCode::F008,
        format!("BEGIN:{} has no END", shown(&component.name)),
        "export the calendar again: it is cut off",
    );
}

/// A component's name, unless something else got into its place.
pub(crate) fn shown(name: &str) -> &str {
    let plain = name.len() <= 20 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if plain { name } else { "…" }
}
