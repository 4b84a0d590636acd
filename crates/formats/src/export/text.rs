//! Text that people wrote, made safe and fitted to a width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text without control characters (each run becomes a blank) and without marks that turn the writing
/// direction of what follows: neither a terminal, a table nor a neighbour can be tampered with.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_direction_mark(character) {
            continue;
        }
        if character.is_control() || character.is_whitespace() {
            if !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push(character);
        }
    }
    out.trim().to_owned()
}

/// Lines of text without what `plain` takes out, their blanks and breaks kept: for a terminal.
#[must_use]
pub fn tame(text: &str) -> String {
    text.chars()
        .filter(|&one| one == '\n' || !(one.is_control() || is_direction_mark(one)))
        .collect()
}

/// First letter upper case.
pub(crate) fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(rest).collect()
    })
}

/// Embeddings, overrides and isolates, and the separators that break lines.
fn is_direction_mark(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Escapes for HTML and SVG text and double-quoted attributes. Characters that XML forbids are dropped.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(character),
            _ if character.is_control() => {}
            _ => out.push(character),
        }
    }
    out
}

/// Width in terminal columns.
pub(crate) fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text padded or cut with `…` to exactly `width` columns.
pub(crate) fn cell(text: &str, width: usize) -> String {
    let mut out = fit_columns(text, width);
    let missing = width.saturating_sub(columns(&out));
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// The text cut with `…` to at most `width` columns.
pub(crate) fn fit_columns(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for cluster in clusters(text) {
        if columns(&out) + columns(cluster) + 1 > width {
            break;
        }
        out.push_str(cluster);
    }
    out.truncate(out.trim_end().len());
    if width > 0 {
        out.push('…');
    }
    out
}

/// Width in hundredths of an em: an upper estimate over common sans-serif faces.
///
/// The classes are the advance widths of DejaVu Sans, the widest face of the page's font stack, rounded up, so
/// that what fits here fits everywhere.
pub(crate) fn ems(text: &str) -> u32 {
    text.chars().map(em).sum()
}

fn em(character: char) -> u32 {
    match character {
        'i' | 'j' | 'l' | '\'' => 29,
        'I' | 'J' => 31,
        ' ' | '.' | ',' | ':' | ';' | '/' | '|' | '·' | '’' => 35,
        'f' | 't' | '-' | '(' | ')' | '[' | ']' => 40,
        'r' | '!' => 42,
        '"' | '*' | '_' | '–' => 51,
        's' | 'z' | '?' | '“' | '”' => 54,
        'c' | 'L' => 57,
        'F' | 'k' | 'v' | 'x' | 'y' => 61,
        'P' | 'T' | 'Y' | 'a' | 'e' | 'o' => 63,
        'w' => 84,
        'm' => 99,
        '0'..='9' | 'E' | 'S' | 'b'..='z' => 65,
        'A' | 'B' | 'C' | 'K' | 'R' | 'V' | 'X' | 'Z' => 71,
        'H' | 'N' | 'U' => 77,
        'D' | 'G' | 'O' | 'Q' | '&' => 80,
        '+' | '<' | '>' | '=' | '~' | '#' | '−' => 86,
        'M' => 88,
        '\u{20}'..='\u{7e}' | '—' | '…' => 101,
        '\u{df}'..='\u{17f}' if character.is_lowercase() => 66,
        _ => match character.width() {
            Some(0) | None => 0,
            Some(1) => 82,
            Some(_) => 130,
        },
    }
}

/// The text cut with `…` to at most `width` hundredths of an em; empty when not even three letters fit.
pub(crate) fn fit_ems(text: &str, width: u32) -> String {
    if ems(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = em('…');
    for cluster in clusters(text) {
        let more = ems(cluster);
        if used + more > width {
            break;
        }
        used += more;
        out.push_str(cluster);
    }
    out.truncate(out.trim_end().len());
    if out.chars().count() < 3 && ems(&out) < 200 {
        return String::new();
    }
    out.push('…');
    out
}

/// The text broken into at most `lines` lines of at most `width` hundredths of an em; what does not fit is cut
/// with `…`, never dropped unseen, unless not even three letters fit.
pub(crate) fn wrap_ems(text: &str, width: u32, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut starts: Vec<&str> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && out.len() < lines {
        let last = out.len() + 1 == lines || ems(rest) <= width;
        let (cut, hyphen) = break_at(rest, width);
        if last || cut == 0 {
            let line = fit_ems(rest, width);
            if !line.is_empty() {
                out.push(line);
            } else if let Some(before) = starts.last() {
                out.pop();
                out.extend(Some(fit_ems(before, width)).filter(|line| !line.is_empty()));
            }
            break;
        }
        let (line, after) = rest.split_at(cut);
        out.push(format!("{}{hyphen}", line.trim_end()));
        starts.push(rest);
        rest = after.trim_start();
    }
    out
}

/// Where to break: after the last blank, hyphen or wide character that fits, else inside the word with a hyphen.
fn break_at(text: &str, width: u32) -> (usize, &'static str) {
    let (mut used, mut at, mut soft, mut hard) = (0, 0, 0, 0);
    for cluster in clusters(text) {
        used += ems(cluster);
        let blank = cluster == " ";
        if used > width && !blank {
            break;
        }
        at += cluster.len();
        if used + em('-') <= width {
            hard = at;
        }
        if blank || (cluster == "-" && at > 1) || ems(cluster) >= 130 {
            soft = at;
        }
    }
    if soft > 0 && soft * 3 >= hard {
        return (soft, "");
    }
    // Three letters on either side of a hyphen at least, or the word is not worth breaking; and none into a word
    // that has its own, such as a handle, which would read as another.
    let word = text.split(' ').next().unwrap_or_default();
    if hard >= 3 && hard + 3 <= word.len() && !word.contains('-') {
        return (hard, "-");
    }
    (soft, "")
}

/// Splits into characters with what combines with them, so that a cut never tears an accent or an emoji.
fn clusters(text: &str) -> impl Iterator<Item = &str> {
    let mut starts: Vec<usize> = Vec::new();
    let mut joined = false;
    for (index, character) in text.char_indices() {
        let combines = character.width().unwrap_or(0) == 0;
        if starts.is_empty() || !(combines || joined) {
            starts.push(index);
        }
        joined = character == '\u{200d}';
    }
    starts.push(text.len());
    let bounds = starts.clone();
    bounds
        .into_iter()
        .zip(starts.into_iter().skip(1))
        .map(|(from, to)| &text[from..to])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_direction_overrides_are_gone() {
        assert_eq!(plain("a\u{1b}[31mb\r\n\tc\u{202e}d "), "a [31mb cd");
    }

    #[test]
    fn lines_keep_their_shape_and_lose_what_a_terminal_would_obey() {
        assert_eq!(
            tame("  a\u{1b}[31mb\r\n  c\u{202e}d\u{9b}2J\n"),
            "  a[31mb\n  cd2J\n"
        );
    }

    #[test]
    fn markup_stays_text() {
        assert_eq!(
            escape("<script>\"x\" & 'y'\u{0}"),
            "&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;"
        );
    }

    #[test]
    fn cells_count_wide_characters_twice() {
        assert_eq!(cell("京都コミュニティ", 9), "京都コミ…");
        assert_eq!(cell("Kyoto", 7), "Kyoto  ");
        assert_eq!(fit_columns("abc", 0), "");
    }

    #[test]
    fn a_cut_never_tears_an_accent() {
        assert_eq!(
            fit_columns("e\u{301}e\u{301}e\u{301}e\u{301}", 3),
            "e\u{301}e\u{301}…"
        );
    }

    #[test]
    fn lines_break_at_blanks_and_the_last_is_cut() {
        assert_eq!(
            wrap_ems("Building a relay with volunteers everywhere", 1000, 2),
            ["Building a relay", "with volunteers e…"]
        );
        assert!(wrap_ems("Building", 100, 1).is_empty());
        assert!(wrap_ems("Building", 100, 3).is_empty());
        assert_eq!(wrap_ems("Charleston SC", 480, 2), ["Charle…"]);
        assert_eq!(wrap_ems("paris-bison", 320, 2), ["paris-", "bison"]);
        assert_eq!(wrap_ems("tokyo-ocelot", 300, 2), ["tok…"]);
        assert_eq!(wrap_ems("Kathmandu", 460, 2), ["Kathma-", "ndu"]);
        assert_eq!(wrap_ems("Buenos Aires", 420, 2), ["Buenos", "Aires"]);
        for line in wrap_ems("日本語の長いタイトルです", 600, 3) {
            assert!(ems(&line) <= 600, "{line}");
        }
    }
}
