//! Whether bytes are their own canonical form, seen in one pass and without building anything.
//!
//! It says yes only of bytes of which reading them, writing them canonically and comparing would say so too; the tests
//! hold it against that. Where it says no, the slow way decides, and says why: escaped keys, and keys beyond ASCII, are
//! left to it.

use crate::canonical::{MAX_DEPTH, MAX_INTEGER};

/// Whether the bytes certainly are JSON in canonical form, with whole numbers only and nested no deeper than is read.
pub(crate) fn is_canonical(bytes: &[u8]) -> bool {
    let mut scan = Scan { bytes, at: 0 };
    std::str::from_utf8(bytes).is_ok() && scan.value(0).is_some() && scan.at == bytes.len()
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn next(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        self.at += word.len();
        rest.starts_with(word).then_some(())
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'{' if depth < MAX_DEPTH => self.object(depth + 1),
            b'[' if depth < MAX_DEPTH => self.array(depth + 1),
            b'"' => self.string().map(|_| ()),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        let mut before: Option<&[u8]> = None;
        loop {
            let key = self.string()?;
            // Among plain ASCII the order of bytes is that of UTF-16, which is the one that counts.
            let plain = key.iter().all(|byte| byte.is_ascii() && *byte != b'\\');
            if !plain || before.is_some_and(|before| before >= key) {
                return None;
            }
            before = Some(key);
            self.word(b":")?;
            self.value(depth)?;
            match self.next()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        if self.peek()? == b']' {
            self.at += 1;
            return Some(());
        }
        loop {
            self.value(depth)?;
            match self.next()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }

    /// What stands between the quotes, as it is written.
    fn string(&mut self) -> Option<&'a [u8]> {
        if self.next()? != b'"' {
            return None;
        }
        let from = self.at;
        loop {
            match self.next()? {
                b'"' => return self.bytes.get(from..self.at - 1),
                b'\\' => self.escape()?,
                0..0x20 => return None,
                _ => {}
            }
        }
    }

    /// The one way in which each character is escaped that has to be.
    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                self.word(b"00")?;
                match (self.next()?, self.next()?) {
                    (b'0', b'0'..=b'7' | b'b' | b'e' | b'f')
                    | (b'1', b'0'..=b'9' | b'a'..=b'f') => Some(()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<()> {
        let is_negative = self.peek()? == b'-';
        self.at += usize::from(is_negative);
        let from = self.at;
        let mut size = 0_u64;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            size = size.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
            self.at += 1;
        }
        let n_digits = self.at - from;
        let is_zero = self.bytes.get(from) == Some(&b'0');
        let is_plain = n_digits > 0 && (!is_zero || n_digits == 1 && !is_negative);
        (is_plain && size <= MAX_INTEGER).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::is_canonical;
    use crate::canonical::slowly;

    #[test]
    fn what_is_canonical_is_seen_and_nothing_else_is() {
        for text in [
            "0",
            "-1",
            "9007199254740992",
            "-9007199254740992",
            "\"\"",
            "[]",
            "{}",
            "[[],{}]",
            "true",
            "false",
            "null",
            "[0,-5,\"x\",null]",
            r#"{"":0,"a":{"b":[1]},"b":"\\ \" \n \u001f \u0000"}"#,
            "\"\u{7f}\u{e9}\u{1f600}\"",
        ] {
            assert!(is_canonical(text.as_bytes()), "{text}");
            assert!(slowly(text.as_bytes(), 1000).is_ok(), "{text}");
        }
        for text in [
            "",
            " 1",
            "1 ",
            "01",
            "-0",
            "-",
            "00",
            "1.0",
            "1e2",
            "9007199254740993",
            "99999999999999999999999",
            "tru",
            "nul",
            "[1,]",
            "[,1]",
            "[1 ,2]",
            "{\"a\":1,}",
            r#"{"a":1,"a":1}"#,
            r#"{"b":1,"a":1}"#,
            r#"{"a" :1}"#,
            r#"{"a":}"#,
            r#""\u0041""#,
            r#""\/""#,
            r#""\u001F""#,
            r#""\u000a""#,
            "\"\n\"",
            "\"",
            "{",
            "[",
            "{\"a\"",
            "]",
            "}",
            "1]",
            "[1}",
            "{1:2}",
        ] {
            assert!(!is_canonical(text.as_bytes()), "{text}");
            assert!(slowly(text.as_bytes(), 1000).is_err(), "{text}");
        }
        assert!(!is_canonical(b"\"\xff\""));
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(is_canonical(deep(16).as_bytes()));
        assert!(!is_canonical(deep(17).as_bytes()));
    }

    #[test]
    fn keys_that_it_leaves_to_the_slow_way_are_read_all_the_same() {
        for text in [
            "{\"\u{e9}\":1}",
            r#"{"\n":1}"#,
            "{\"\u{1f600}\":1,\"\u{fb33}\":2}",
        ] {
            assert!(!is_canonical(text.as_bytes()), "{text}");
            assert!(
                crate::canonical::read_value(text.as_bytes(), 1000).is_ok(),
                "{text}"
            );
        }
    }

    /// Bytes that are nearly canonical: pieces of such text put together at random.
    fn nearly() -> impl Strategy<Value = Vec<u8>> {
        let pieces = [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\"a\"",
            "\"b\"",
            "\"a\":",
            "\"b\":",
            "0",
            "1",
            "-",
            "-0",
            ".",
            "e",
            "9007199254740992",
            "true",
            "null",
            "\\",
            "\\u00",
            "1f",
            "08",
            "\u{e9}",
            " ",
            "\u{1}",
            "\u{7f}",
        ];
        let piece = prop::sample::select(pieces.to_vec());
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat().into_bytes())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn it_never_says_yes_where_the_slow_way_says_no(bytes in nearly()) {
            if is_canonical(&bytes) {
                prop_assert!(slowly(&bytes, 1000).is_ok());
            }
        }

        #[test]
        fn it_says_yes_of_what_the_slow_way_wrote_unless_a_key_is_a_rare_one(bytes in nearly()) {
            let rare = bytes.iter().any(|byte| !byte.is_ascii() || *byte == b'\\');
            if !rare && slowly(&bytes, 1000).is_ok() {
                prop_assert!(is_canonical(&bytes));
            }
        }
    }
}
