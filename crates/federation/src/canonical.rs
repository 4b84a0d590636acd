//! The one form of bytes that counts: RFC 8785 with whole numbers only. Bytes that are read must equal their own
//! canonical form, so that two nodes never see two things in one signature.
//!
//! Size and depth are looked at before anything is parsed.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::problem::{Code, Problem};
use crate::scan::is_canonical;

/// How deep objects and arrays may lie in each other.
pub const MAX_DEPTH: usize = 16;

/// The largest whole number that every JSON reader keeps exactly: 2^53.
pub const MAX_INTEGER: u64 = 1 << 53;

/// The canonical bytes of a value.
///
/// # Errors
/// `malformed` when it holds a number that is not whole or too large, or cannot be written as JSON.
pub fn write<T: Serialize>(value: &T) -> Result<Vec<u8>, Problem> {
    let unwritable = |error: serde_json::Error| Problem::new(Code::Malformed, error.to_string());
    let value = serde_json::to_value(value).map_err(unwritable)?;
    check_numbers(&value).map_err(|detail| Problem::new(Code::Malformed, detail))?;
    let bytes = serde_json::to_vec(&value).map_err(unwritable)?;
    if is_canonical(&bytes) {
        return Ok(bytes);
    }
    serde_json_canonicalizer::to_vec(&value).map_err(unwritable)
}

/// Reads bytes that must be canonical.
///
/// # Errors
/// `too-large` above `limit` bytes or [`MAX_DEPTH`]; `not-canonical` when the bytes are not JSON, repeat a key, hold
/// a number that is not whole or are written in any but the canonical way; `malformed` when they are not a `T`.
pub fn read<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, Problem> {
    if bytes.len() <= limit
        && is_canonical(bytes)
        && let Ok(read) = serde_json::from_slice(bytes)
    {
        return Ok(read);
    }
    let value = slowly(bytes, limit)?;
    T::deserialize(value).map_err(|error| Problem::new(Code::Malformed, error.to_string()))
}

/// Reads bytes that must be canonical, whatever they say.
///
/// # Errors
/// As [`read`], but for `malformed`.
pub fn read_value(bytes: &[u8], limit: usize) -> Result<Value, Problem> {
    if bytes.len() <= limit
        && is_canonical(bytes)
        && let Ok(value) = serde_json::from_slice(bytes)
    {
        return Ok(value);
    }
    slowly(bytes, limit)
}

/// Reads bytes, writes them canonically and compares: so every refusal is explained.
pub(crate) fn slowly(bytes: &[u8], limit: usize) -> Result<Value, Problem> {
    check_size(bytes, limit)?;
    let not = |detail: String| Problem::new(Code::NotCanonical, detail);
    let value: Value = serde_json::from_slice(bytes).map_err(|error| not(error.to_string()))?;
    check_numbers(&value).map_err(not)?;
    let canonical =
        serde_json_canonicalizer::to_vec(&value).map_err(|error| not(error.to_string()))?;
    if canonical == bytes {
        Ok(value)
    } else {
        Err(not("the bytes are not their own canonical form".to_owned()))
    }
}

/// Refuses bytes that are too many or nested too deeply, before they are parsed.
///
/// # Errors
/// `too-large`.
pub fn check_size(bytes: &[u8], limit: usize) -> Result<(), Problem> {
    if bytes.len() > limit {
        let detail = format!("{} bytes where {limit} are the most", bytes.len());
        return Err(Problem::new(Code::TooLarge, detail));
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for &byte in bytes {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            let detail = format!("nested more than {MAX_DEPTH} deep");
            return Err(Problem::new(Code::TooLarge, detail));
        }
    }
    Ok(())
}

fn check_numbers(value: &Value) -> Result<(), String> {
    match value {
        Value::Number(number) => {
            let size = number
                .as_u64()
                .or_else(|| number.as_i64().map(i64::unsigned_abs));
            match size {
                Some(size) if size <= MAX_INTEGER => Ok(()),
                Some(_) => Err(format!("{number} is beyond ±2^53")),
                None => Err(format!("{number} is not a whole number")),
            }
        }
        Value::Array(items) => items.iter().try_for_each(check_numbers),
        Value::Object(fields) => fields.values().try_for_each(check_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> Code {
        read_value(text.as_bytes(), 1000).unwrap_err().code
    }

    #[test]
    fn other_ways_to_write_the_same_are_refused() {
        assert!(read_value(br#"{"a":1,"b":[true,null,"x"]}"#, 1000).is_ok());
        for text in [
            r#"{"b":1,"a":2}"#,
            r#"{"a": 1}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"a":1.0}"#,
            r#"{"a":1.5}"#,
            r#"{"a":1e2}"#,
            r#"{"a":-0}"#,
            r#"{"a":01}"#,
            "{\"a\":\"\\u0041\"}",
            "{\"a\":\"\\/\"}",
            r#"{"a":1} "#,
            r#"{"a":9007199254740993}"#,
            "{",
            "",
            "\u{feff}{}",
        ] {
            assert_eq!(code(text), Code::NotCanonical, "{text}");
        }
        assert_eq!(
            read_value(b"\"\xff\"", 1000).unwrap_err().code,
            Code::NotCanonical
        );
    }

    #[test]
    fn size_and_depth_are_seen_before_parsing() {
        assert_eq!(read_value(b"[1,2,3]", 6).unwrap_err().code, Code::TooLarge);
        assert_eq!(code(&"[".repeat(17)), Code::TooLarge);
        let deep = format!("{}{}", "[".repeat(16), "]".repeat(16));
        assert!(read_value(deep.as_bytes(), 1000).is_ok());
        assert!(read_value(br#""[[[[[[[[[[[[[[[[[[[[[\"[""#, 1000).is_ok());
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-(1_i64 << 53)..=(1 << 53)).prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".{0,4}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn what_is_written_is_read_back(value in json()) {
            let bytes = write(&value).unwrap();
            prop_assert_eq!(read_value(&bytes, 100_000).unwrap(), value);
        }

        #[test]
        fn no_bytes_make_reading_fail_otherwise(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = read_value(&bytes, 1000) {
                prop_assert_eq!(write(&value).unwrap(), bytes);
            }
        }
    }
}
