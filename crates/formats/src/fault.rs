//! Faults: what is wrong with an input, where, why, and what to do about it.

use serde::Serialize;

macro_rules! codes {
    ($($code:ident $name:literal $says:literal;)*) => {
        /// The stable code of a kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum FaultCode {$(
            #[doc = $says]
            $code,
        )*}

        impl FaultCode {
            /// All kinds, by code.
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            /// The code as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {$(Self::$code => stringify!($code)),*}
            }

            /// A short name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {$(Self::$code => $name),*}
            }

            /// What it says, in one sentence.
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self {$(Self::$code => $says),*}
            }
        }
    };
}

codes! {
    F001 "not-an-event-folder" "The folder holds no event.toml.";
    F002 "not-utf-8" "A text file holds bytes that are not UTF-8.";
    F003 "too-large" "A file is larger than any honest one.";
    F004 "unknown-file" "A file that no part of an event folder is called.";
    F005 "malformed-toml" "A TOML file breaks the syntax of TOML.";
    F006 "malformed-csv" "A CSV file breaks the syntax of CSV.";
    F007 "malformed-json" "A JSON file breaks the syntax of JSON or its document's shape.";
    F008 "malformed-ics" "A calendar breaks the syntax of iCalendar.";
    F009 "unknown-key" "A key that this place does not know.";
    F010 "unknown-column" "A column that this file does not know.";
    F011 "missing" "Something that must be there is not.";
    F012 "unknown-zone" "A time zone that the zone set does not hold.";
    F013 "civil-gap" "A civil time that the clocks of its zone skip.";
    F014 "civil-fold" "A civil time that the clocks of its zone show twice.";
    F015 "malformed-time" "A time or date that cannot be read or is none.";
    F016 "empty-window" "A stretch of time that does not end after its start.";
    F017 "overlapping-windows" "Two stretches of time of which only one can be meant.";
    F018 "undefined-group" "A group that is not defined.";
    F019 "undefined-speaker" "A speaker who is not defined.";
    F020 "undefined-operator" "An operator who is not defined.";
    F021 "undefined-track" "A track that is not defined.";
    F022 "undefined-role" "A role that is not defined.";
    F023 "undefined-duty" "A duty that is not defined.";
    F024 "undefined-session" "A session that is not defined.";
    F025 "duplicate" "Two things with one identifier.";
    F026 "malformed-id" "An identifier that is none.";
    F027 "nobody-skilled" "A demand that nobody has the skill for.";
    F028 "longer-than-window" "A session that is longer than the window it must lie in.";
    F029 "longer-than-any-block" "A session that fits in no host's longest block.";
    F030 "out-of-range" "A number or time outside its range.";
    F031 "malformed-value" "A value of the wrong type or form.";
    F032 "unknown-language" "A language code that is none.";
    F033 "unknown-country" "A country or subdivision code that is none.";
    F034 "off-grid" "A length or time that does not lie on the grid.";
    F035 "unknown-word" "A word that is not one of those allowed here.";
    F036 "malformed-rule" "A rule about times or dates that cannot be read.";
    F037 "nobodys-calendar" "A calendar that is named after nobody in the event.";
    F038 "unknown-format" "A document of another format or version.";
    F039 "unsupported" "Something in a calendar that cannot be expanded faithfully.";
    F040 "contradiction" "Two statements that do not go together.";
}

impl std::fmt::Display for FaultCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What kind of fault.
    pub code: FaultCode,
    /// The file, as the caller named it.
    pub file: String,
    /// The line, counted from 1, where one can be named.
    pub line: Option<u64>,
    /// The column, key or property, where one can be named.
    pub field: Option<String>,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ": {field}")?;
        }
        writeln!(f, ": {} [{} {}]", self.what, self.code, self.code.name())?;
        writeln!(f, "    {}", self.remedy)
    }
}

/// Everything that is wrong with an input, by file and line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many things are wrong.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn add(
        &mut self,
        place: &Place<'_>,
        code: FaultCode,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.0.push(Fault {
            code,
            file: place.file.to_owned(),
            line: place.line,
            field: place.field.clone(),
            what: what.into(),
            remedy: remedy.into(),
        });
    }

    /// The faults in order, each once; or the value when there are none.
    pub(crate) fn or<T>(mut self, value: Option<T>) -> Result<T, Self> {
        self.sort();
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(self),
        }
    }

    fn sort(&mut self) {
        self.0.sort_by(|a, b| {
            (&a.file, a.line, a.code, &a.field, &a.what)
                .cmp(&(&b.file, b.line, b.code, &b.field, &b.what))
        });
        self.0.dedup();
    }
}

impl std::fmt::Display for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|fault| fault.fmt(f))
    }
}

impl std::error::Error for Faults {}

/// Where something stands in an input.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: Option<u64>,
    pub(crate) field: Option<String>,
}

impl<'a> Place<'a> {
    pub(crate) fn file(file: &'a str) -> Self {
        Self {
            file,
            line: None,
            field: None,
        }
    }

    pub(crate) fn line(file: &'a str, line: u64) -> Self {
        Self {
            file,
            line: Some(line),
            field: None,
        }
    }

    pub(crate) fn field(&self, field: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_out_by_file_and_line_and_each_once() {
        let mut faults = Faults::default();
        faults.add(&Place::line("b.csv", 2), FaultCode::F011, "late", "x");
        faults.add(&Place::line("a.csv", 9), FaultCode::F011, "ninth", "x");
        faults.add(&Place::line("a.csv", 1), FaultCode::F011, "first", "x");
        faults.add(&Place::line("a.csv", 1), FaultCode::F011, "first", "x");
        let faults = faults.or(Some(())).unwrap_err();
        let said: Vec<_> = faults.0.iter().map(|fault| fault.what.as_str()).collect();
        assert_eq!(said, ["first", "ninth", "late"]);
    }

    #[test]
    fn every_code_has_its_own_name() {
        let names: std::collections::BTreeSet<_> =
            FaultCode::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), FaultCode::ALL.len());
    }

    #[test]
    fn every_code_has_its_line_in_the_docs() {
        let docs = include_str!("../../../docs/event-folder.md");
        for code in FaultCode::ALL {
            let line = format!("| {code} | {} | {} |", code.name(), code.says());
            assert!(docs.contains(&line), "docs/event-folder.md lacks: {line}");
        }
    }
}
