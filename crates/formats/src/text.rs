//! From bytes to text: size and encoding are checked once, here.

use crate::fault::{FaultCode, Faults, Place};

/// No honest input file is larger.
pub(crate) const MAX_BYTES: usize = 16 * 1024 * 1024;
/// No honest table is longer.
pub(crate) const MAX_ROWS: usize = 200_000;

/// The text of a file without its byte order mark.
pub(crate) fn decode<'a>(bytes: &'a [u8], file: &str, faults: &mut Faults) -> Option<&'a str> {
    if bytes.len() > MAX_BYTES {
        faults.add(
            &Place::file(file),
            FaultCode::F003,
            format!("the file has {} bytes", bytes.len()),
            "keep each file under 16 MiB; a calendar may be cut to the months around the event",
        );
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = Lines::of(before).last();
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            faults.add(
                &Place::line(file, line),
                FaultCode::F002,
                format!(
                    "byte {} (0x{byte:02X}) is not UTF-8",
                    error.valid_up_to() + 1
                ),
                "save the file as UTF-8; spreadsheets call it \"CSV UTF-8\"",
            );
            None
        }
    }
}

/// Where the lines of a text begin.
#[derive(Clone, Debug)]
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let ends = bytes.iter().enumerate().filter(|&(_, &byte)| byte == b'\n');
        Self(
            std::iter::once(0)
                .chain(ends.map(|(at, _)| at + 1))
                .collect(),
        )
    }

    /// The line that the byte at `offset` lies in, from 1.
    pub(crate) fn at(&self, offset: usize) -> u64 {
        let line = self.0.partition_point(|&start| start <= offset);
        u64::try_from(line).unwrap_or(u64::MAX)
    }

    fn last(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }
}

/// The candidate that `word` was probably meant to be: at most two letters off.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|&(off, candidate)| off <= 2 && off < candidate.len())
        .min_by_key(|&(off, _)| off)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, given up early on very different lengths.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    if a.chars().count().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (j, y) in b.iter().enumerate() {
            let diagonal = row.get(j).copied().unwrap_or(0);
            let above = row.get(j + 1).copied().unwrap_or(0);
            left = (diagonal + usize::from(x != *y))
                .min(above + 1)
                .min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        let mut faults = Faults::default();
        assert_eq!(decode(b"\xef\xbb\xbfid", "x.csv", &mut faults), Some("id"));
        assert!(faults.is_empty());
    }

    #[test]
    fn a_file_over_sixteen_mebibytes_is_refused_unread() {
        let mut faults = Faults::default();
        assert_eq!(
            decode(&vec![b' '; MAX_BYTES + 1], "x.csv", &mut faults),
            None
        );
        assert_eq!(
            faults.0.first().map(|fault| fault.code),
            Some(FaultCode::F003)
        );
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_named_with_their_line() {
        let mut faults = Faults::default();
        assert_eq!(decode(b"id\nS\xe3o", "x.csv", &mut faults), None);
        assert_eq!(
            faults.0.first().map(|fault| (fault.line, fault.code)),
            Some((Some(2), FaultCode::F002))
        );
    }

    #[test]
    fn a_near_miss_is_recognised_and_a_far_one_is_not() {
        assert_eq!(
            nearest("Asia/Tokio", ["Asia/Tokyo", "Asia/Seoul"]),
            Some("Asia/Tokyo")
        );
        assert_eq!(nearest("Mars/Base", ["Asia/Tokyo"]), None);
    }
}
