//! TOML: a table that is asked for its keys, knows their lines, and names the ones nobody asked for.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use toml::de::{DeTable, DeValue};

use crate::fault::{FaultCode, Faults, Place};
use crate::text::{Lines, decode, nearest};
use crate::words;

/// A value and the line it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) line: u64,
}

/// A TOML file.
pub(crate) struct Doc<'a> {
    file: &'a str,
    lines: Lines,
    /// The lines with syntax errors: what is missing may be there, and values on them mean nothing.
    broken: BTreeSet<u64>,
    whole: bool,
}

/// One table of a TOML file.
pub(crate) struct Table<'d, 'a, 't> {
    doc: &'d Doc<'a>,
    map: &'d DeTable<'t>,
    line: Option<u64>,
    asked: RefCell<BTreeSet<&'static str>>,
    /// Whether its keys are data, so that none is unknown.
    free: Cell<bool>,
}

/// Reads a TOML file and hands its root table to `with`, broken or not; also says whether it is whole.
pub(crate) fn read<T>(
    bytes: &[u8],
    file: &str,
    faults: &mut Faults,
    with: impl FnOnce(&Table<'_, '_, '_>, &mut Faults) -> T,
) -> Option<(T, bool)> {
    let text = decode(bytes, file, faults)?;
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut doc = Doc {
        file,
        lines: Lines::of(text.as_bytes()),
        broken: BTreeSet::new(),
        whole: errors.is_empty(),
    };
    // One mistake makes the reader stumble several times: the first on each line says enough.
    let mut said = BTreeSet::new();
    for error in errors {
        let line = error.span().map(|span| doc.lines.at(span.start));
        doc.broken.extend(line);
        if said.insert(line) {
            faults.add(
                &Place {
                    file,
                    line,
                    field: None,
                },
                FaultCode::F005,
                format!(
                    "this is not TOML: {}",
                    error.message().lines().next().unwrap_or("syntax error")
                ),
                "write key = value, texts in double quotes, lists in square brackets",
            );
        }
    }
    let table = Table {
        doc: &doc,
        map: root.get_ref(),
        line: None,
        asked: RefCell::default(),
        free: Cell::default(),
    };
    let result = with(&table, faults);
    table.finish(faults);
    Some((result, doc.whole))
}

impl<'a, 't> Table<'_, 'a, 't> {
    /// The line the table begins on.
    pub(crate) fn line(&self) -> u64 {
        self.line.unwrap_or(1)
    }

    pub(crate) fn place(&self, key: &str) -> Place<'a> {
        let line = self
            .map
            .get(key)
            .map(|value| self.doc.lines.at(value.span().start))
            .or(self.line);
        Place {
            file: self.doc.file,
            line,
            field: Some(key.to_owned()),
        }
    }

    fn ask(&self, key: &'static str) -> Option<At<&DeValue<'t>>> {
        self.asked.borrow_mut().insert(key);
        let value = self.map.get(key)?;
        Some(At {
            value: value.get_ref(),
            line: self.doc.lines.at(value.span().start),
        })
    }

    /// Says that a key must be there, when it is not.
    pub(crate) fn need<T>(
        &self,
        key: &'static str,
        value: Option<T>,
        faults: &mut Faults,
    ) -> Option<T> {
        if value.is_none() && !self.map.contains_key(key) && self.doc.whole {
            faults.add(
                &self.place(key),
                FaultCode::F011,
                format!("{key} is missing"),
                format!("add {key} = …"),
            );
        }
        value
    }

    fn typed<T>(
        &self,
        key: &'static str,
        wanted: &str,
        faults: &mut Faults,
        read: impl Fn(&DeValue<'t>) -> Option<T>,
    ) -> Option<At<T>> {
        let found = self.ask(key)?;
        let value = read(found.value);
        let key_line = self
            .map
            .get_key_value(key)
            .map(|(key, _)| self.doc.lines.at(key.span().start));
        if value.is_none() && !key_line.is_some_and(|line| self.doc.broken.contains(&line)) {
            faults.add(
                &self.place(key),
                FaultCode::F031,
                format!("{key} is not {wanted}"),
                format!("write {wanted}"),
            );
        }
        value.map(|value| At {
            value,
            line: found.line,
        })
    }

    /// A non-empty text.
    pub(crate) fn text(&self, key: &'static str, faults: &mut Faults) -> Option<At<String>> {
        self.typed(key, "a text in double quotes, not empty", faults, |value| {
            value
                .as_str()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        })
    }

    /// A text that must be there.
    pub(crate) fn need_text(&self, key: &'static str, faults: &mut Faults) -> Option<At<String>> {
        let text = self.text(key, faults);
        self.need(key, text, faults)
    }

    pub(crate) fn flag(&self, key: &'static str, faults: &mut Faults) -> Option<bool> {
        self.typed(key, "true or false", faults, DeValue::as_bool)
            .map(|at| at.value)
    }

    /// A whole number in its range.
    pub(crate) fn number(
        &self,
        key: &'static str,
        range: RangeInclusive<u32>,
        faults: &mut Faults,
    ) -> Option<u32> {
        let number = self.typed(key, "a whole number", faults, whole_number)?;
        words::in_range(number.value, range, &self.place(key), faults)
    }

    /// Texts, each with its line.
    pub(crate) fn texts(&self, key: &'static str, faults: &mut Faults) -> Option<Vec<At<String>>> {
        let lines = &self.doc.lines;
        let texts = self.typed(
            key,
            "a list of texts like [\"a\", \"b\"]",
            faults,
            |value| {
                value
                    .as_array()?
                    .iter()
                    .map(|item| {
                        let value = item.get_ref().as_str()?.trim().to_owned();
                        (!value.is_empty()).then(|| At {
                            value,
                            line: lines.at(item.span().start),
                        })
                    })
                    .collect::<Option<Vec<_>>>()
            },
        );
        texts.map(|at| at.value)
    }

    /// A shortest and a longest length in minutes.
    pub(crate) fn bounds(
        &self,
        key: &'static str,
        range: RangeInclusive<u32>,
        faults: &mut Faults,
    ) -> Option<(u32, u32)> {
        let bounds = self.typed(key, "two whole numbers like [60, 180]", faults, |value| {
            let values: Vec<i128> = value
                .as_array()?
                .iter()
                .map(|item| whole_number(item.get_ref()))
                .collect::<Option<_>>()?;
            <[i128; 2]>::try_from(values).ok()
        })?;
        let [shortest, longest] = bounds.value;
        let place = self.place(key);
        let shortest = words::in_range(shortest, range.clone(), &place, faults);
        let longest = words::in_range(longest, range, &place, faults);
        let (shortest, longest) = (shortest?, longest?);
        if shortest > longest {
            faults.add(
                &place,
                FaultCode::F030,
                format!("the shortest, {shortest}, is longer than the longest, {longest}"),
                "write the shortest first",
            );
            return None;
        }
        Some((shortest, longest))
    }

    /// The sub-table of a key.
    pub(crate) fn table(
        &self,
        key: &'static str,
        faults: &mut Faults,
        mut with: impl FnMut(&Table<'_, '_, '_>, &mut Faults),
    ) {
        let Some(found) = self.ask(key) else { return };
        match found.value.as_table() {
            Some(map) => {
                let table = Table {
                    doc: self.doc,
                    map,
                    line: Some(found.line),
                    asked: RefCell::default(),
                    free: Cell::default(),
                };
                with(&table, faults);
                table.finish(faults);
            }
            None => faults.add(
                &self.place(key),
                FaultCode::F031,
                format!("{key} is not a table"),
                format!("write it under a line [{key}]"),
            ),
        }
    }

    /// The tables of an array of tables, each read by `with`.
    pub(crate) fn tables<T>(
        &self,
        key: &'static str,
        faults: &mut Faults,
        mut with: impl FnMut(&Table<'_, '_, '_>, &mut Faults) -> T,
    ) -> Vec<T> {
        let Some(found) = self.ask(key) else {
            return Vec::new();
        };
        let mut read = Vec::new();
        let items = found.value.as_array();
        for item in items.into_iter().flat_map(|items| items.iter()) {
            if let Some(map) = item.get_ref().as_table() {
                let line = Some(self.doc.lines.at(item.span().start));
                let table = Table {
                    doc: self.doc,
                    map,
                    line,
                    asked: RefCell::default(),
                    free: Cell::default(),
                };
                read.push(with(&table, faults));
                table.finish(faults);
            }
        }
        if items.is_none_or(|items| items.len() != read.len()) {
            faults.add(
                &self.place(key),
                FaultCode::F031,
                format!("{key} is not a list of tables"),
                format!("begin each with a line [[{key}]]"),
            );
        }
        read
    }

    /// All keys with their numbers, for a table whose keys are data.
    pub(crate) fn numbers(&self) -> Vec<(String, Option<i128>)> {
        self.free.set(true);
        self.map
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), whole_number(value.get_ref())))
            .collect()
    }

    fn finish(&self, faults: &mut Faults) {
        let asked = self.asked.borrow();
        for key in self.map.keys() {
            let name: &str = key.get_ref();
            if self.free.get() || asked.contains(name) {
                continue;
            }
            let known: Vec<&str> = asked.iter().copied().collect();
            let remedy = match nearest(name, asked.iter().copied()) {
                Some(meant) => format!(
                    "perhaps {meant} is meant; the keys here are: {}",
                    known.join(", ")
                ),
                None => format!("leave it out; the keys here are: {}", known.join(", ")),
            };
            let line = Some(self.doc.lines.at(key.span().start));
            let place = Place {
                file: self.doc.file,
                line,
                field: Some(name.to_owned()),
            };
            faults.add(
                &place,
                FaultCode::F009,
                format!("the key {name:?} is unknown"),
                remedy,
            );
        }
    }
}

fn whole_number(value: &DeValue<'_>) -> Option<i128> {
    let number = value.as_integer()?;
    i128::from_str_radix(number.as_str(), number.radix()).ok()
}
