//! JSON documents: from bytes to a document of a known format and version.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::fault::{FaultCode, Faults, Place};
use crate::text::{Lines, decode};

#[derive(Deserialize)]
struct Tag {
    format: Option<String>,
}

/// Reads a document whose `format` must be `wanted`.
pub(crate) fn read<T: DeserializeOwned>(
    bytes: &[u8],
    file: &str,
    wanted: &str,
) -> Result<T, Faults> {
    let mut faults = Faults::default();
    let document =
        decode(bytes, file, &mut faults).and_then(|text| tagged(text, file, wanted, &mut faults));
    faults.or(document)
}

fn tagged<T: DeserializeOwned>(
    text: &str,
    file: &str,
    wanted: &str,
    faults: &mut Faults,
) -> Option<T> {
    let remedy = format!("give a document of the format {wanted}");
    let tag: Tag = match serde_json::from_str(text) {
        Ok(tag) => tag,
        Err(error) => {
            fault(&error, file, &remedy, faults);
            return None;
        }
    };
    if tag.format.as_deref() != Some(wanted) {
        let found = tag.format.map_or_else(
            || "no format".to_owned(),
            |format| format!("the format {format:?}"),
        );
        faults.add(
            &Place::file(file).field("format"),
            FaultCode::F038,
            format!("the document has {found}"),
            remedy,
        );
        return None;
    }
    match serde_json::from_str(text) {
        Ok(document) => Some(document),
        Err(error) => {
            fault(
                &error,
                file,
                "make it again, or correct it by its JSON Schema",
                faults,
            );
            None
        }
    }
}

/// What the JSON reader says, as a fault with its line.
pub(crate) fn fault(error: &serde_json::Error, file: &str, remedy: &str, faults: &mut Faults) {
    let said = error.to_string();
    let what = said
        .rsplit_once(" at line ")
        .map_or(said.as_str(), |(what, _)| what);
    let line = u64::try_from(error.line()).ok().filter(|&line| line > 0);
    let column = error.column();
    faults.add(
        &Place {
            file,
            line,
            field: Some(format!("column {column}")),
        },
        FaultCode::F007,
        format!("this does not read as JSON of the right shape: {what}"),
        remedy,
    );
}

/// The lines on which the objects of a top-level array begin.
pub(crate) fn item_lines(text: &str) -> Vec<u64> {
    let lines = Lines::of(text.as_bytes());
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    let mut starts = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                if byte == b'{' && depth == 1 {
                    starts.push(lines.at(at));
                }
                depth += 1;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_found_on_their_lines_whatever_their_texts_hold() {
        assert_eq!(
            item_lines("[\n{\"a\": \"{[\\\"\"},\n\n{\"b\": [{}]}]"),
            [2, 4]
        );
    }
}
