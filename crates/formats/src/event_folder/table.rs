//! CSV: from text to rows of named fields, every row kept that can be.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::{FaultCode, Faults, Place};
use crate::text::{MAX_ROWS, decode, nearest};

/// One row of named, trimmed, non-empty fields.
#[derive(Clone, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: Option<u64>,
    /// What to put before a field's name, for rows of a file without lines.
    pub(crate) prefix: String,
    pub(crate) fields: BTreeMap<String, String>,
    /// False for a row with too few fields: what is missing has been said.
    pub(crate) whole: bool,
}

impl<'a> Row<'a> {
    pub(crate) fn place(&self, column: &str) -> Place<'a> {
        Place {
            file: self.file,
            line: self.line,
            field: Some(format!("{}{column}", self.prefix)),
        }
    }

    pub(crate) fn get(&self, column: &str) -> Option<&str> {
        self.fields.get(column).map(String::as_str)
    }

    /// The field, or a fault when it is blank.
    pub(crate) fn need(&self, column: &str, faults: &mut Faults) -> Option<&str> {
        let value = self.get(column);
        if value.is_none() && self.whole {
            faults.add(
                &self.place(column),
                FaultCode::F011,
                format!("{column} is blank"),
                format!("fill in {column}"),
            );
        }
        value
    }
}

/// What a file lists.
#[derive(Clone, Debug)]
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<T>,
    /// False when some of it could not be read, so that nothing can be called undefined.
    pub(crate) complete: bool,
}

impl<T> Listed<T> {
    pub(crate) fn nothing(complete: bool) -> Self {
        Self {
            items: Vec::new(),
            complete,
        }
    }

    pub(crate) fn map<U>(self, read: impl FnMut(T) -> U) -> Listed<U> {
        Listed {
            items: self.items.into_iter().map(read).collect(),
            complete: self.complete,
        }
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }
}

/// The rows of a CSV file whose columns are among `known`; all of `needed` must be there.
pub(crate) fn rows<'a>(
    bytes: &[u8],
    file: &'a str,
    known: &[&str],
    needed: &[&str],
    faults: &mut Faults,
) -> Listed<Row<'a>> {
    let Some(text) = decode(bytes, file, faults) else {
        return Listed::nothing(false);
    };
    let readable = before_open_quote(text, file, faults);
    let complete = readable.len() == text.len();
    let text = readable;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(str::to_owned).collect(),
        Err(_) => Vec::new(),
    };
    if !header(&columns, file, known, needed, faults) {
        return Listed::nothing(false);
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let Ok(record) = record else { continue };
        let line = record.position().map(csv::Position::line);
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == MAX_ROWS {
            faults.add(
                &Place {
                    file,
                    line,
                    field: None,
                },
                FaultCode::F003,
                format!("the file has more than {MAX_ROWS} rows"),
                "keep only the rows that matter for this event",
            );
            break;
        }
        let whole = record.len() == columns.len();
        if !whole {
            faults.add(
                &Place { file, line, field: None },
                FaultCode::F006,
                format!("the row has {} fields, the header has {}", record.len(), columns.len()),
                "write one field per column; put a field that holds the separator into double quotes",
            );
        }
        // Of a row that is out of step only the identifier is kept, for those who refer to it.
        let fields = columns
            .iter()
            .zip(record.iter())
            .filter(|(column, value)| !value.is_empty() && (whole || *column == "id"))
            .map(|(column, value)| (column.clone(), value.to_owned()))
            .collect();
        rows.push(Row {
            file,
            line,
            prefix: String::new(),
            fields,
            whole,
        });
    }
    Listed {
        items: rows,
        complete,
    }
}

/// Whether the header is good enough to read the rows under it.
fn header(
    columns: &[String],
    file: &str,
    known: &[&str],
    needed: &[&str],
    faults: &mut Faults,
) -> bool {
    let place = Place::line(file, 1);
    let mut seen = BTreeSet::new();
    for column in columns {
        if !known.contains(&column.as_str()) {
            let remedy = match nearest(column, known.iter().copied()) {
                Some(meant) => format!(
                    "perhaps {meant} is meant; the columns are: {}",
                    known.join(", ")
                ),
                None => format!("leave it out; the columns are: {}", known.join(", ")),
            };
            faults.add(
                &place.field(column),
                FaultCode::F010,
                format!("the column {column:?} is unknown"),
                remedy,
            );
        }
        if !seen.insert(column.as_str()) {
            faults.add(
                &place.field(column),
                FaultCode::F025,
                format!("the column {column:?} is there twice"),
                "leave one of them out",
            );
        }
    }
    let missing: Vec<&str> = needed
        .iter()
        .copied()
        .filter(|column| !seen.contains(column))
        .collect();
    for column in &missing {
        faults.add(
            &place.field(*column),
            FaultCode::F011,
            format!("the column {column} is missing"),
            format!("the first line names the columns: {}", known.join(",")),
        );
    }
    missing.is_empty()
}

/// Comma, semicolon or tab: whichever the header has most of.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |byte: u8| header.bytes().filter(|&found| found == byte).count();
    let mut best = b',';
    for other in [b';', b'\t'] {
        if count(other) > count(best) {
            best = other;
        }
    }
    best
}

/// The text up to a quote that is never closed: from there on, rows cannot be told apart.
fn before_open_quote<'t>(text: &'t str, file: &str, faults: &mut Faults) -> &'t str {
    let mut line = 1_u64;
    let mut row_start = 0;
    let mut open: Option<(u64, usize)> = None;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => {
                open = if open.is_some() {
                    None
                } else {
                    Some((line, row_start))
                }
            }
            b'\n' => {
                line += 1;
                if open.is_none() {
                    row_start = at + 1;
                }
            }
            _ => {}
        }
    }
    let Some((line, start)) = open else {
        return text;
    };
    faults.add(
        &Place::line(file, line),
        FaultCode::F006,
        "a double quote opens a field and is never closed",
        "close it, or write two double quotes for one inside a field; what follows it was not read",
    );
    text.get(..start).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Fields = Vec<(String, String)>;

    fn read(text: &str) -> (Vec<Fields>, Vec<(FaultCode, Option<u64>)>) {
        let mut faults = Faults::default();
        let listed = rows(
            text.as_bytes(),
            "x.csv",
            &["id", "name"],
            &["id"],
            &mut faults,
        );
        let fields = listed
            .items
            .into_iter()
            .map(|row| row.fields.into_iter().collect());
        (
            fields.collect(),
            faults
                .0
                .iter()
                .map(|fault| (fault.code, fault.line))
                .collect(),
        )
    }

    #[test]
    fn commas_semicolons_and_tabs_separate_columns_in_any_order() {
        let one = vec![vec![
            ("id".to_owned(), "a".to_owned()),
            ("name".to_owned(), "A, B".to_owned()),
        ]];
        for text in [
            "id,name\na,\"A, B\"\n",
            "name;id\r\nA, B;a\r\n",
            "\u{feff}id\tname\n\n a\tA, B \n\t\n",
        ] {
            assert_eq!(read(text), (one.clone(), vec![]), "{text:?}");
        }
    }

    #[test]
    fn more_rows_than_any_event_has_are_refused() {
        let (rows, faults) = read(&format!("id\n{}", "a\n".repeat(MAX_ROWS + 1)));
        assert_eq!(
            (rows.len(), faults),
            (MAX_ROWS, vec![(FaultCode::F003, Some(200_002))])
        );
    }

    #[test]
    fn rows_before_a_quote_that_is_never_closed_are_read() {
        let (rows, faults) = read("id,name\na,\"two\nlines\"\nb,\"open\nc,C\n");
        assert_eq!((rows.len(), faults), (1, vec![(FaultCode::F006, Some(4))]));
    }

    #[test]
    fn an_empty_file_has_no_columns() {
        assert_eq!(read("").1, [(FaultCode::F011, Some(1))]);
    }
}
