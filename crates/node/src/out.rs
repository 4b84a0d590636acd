//! The two streams: answers on standard output, notes on standard error.

use std::io::{self, ErrorKind, Write};

use meridian_formats::export::tame;
use serde::Serialize;

/// Prints an answer in words, ending with a line break; nothing in it can steer the terminal.
pub(crate) fn answer(text: &str) -> io::Result<()> {
    as_it_is(&tame(text))
}

/// Prints a file's text to the byte, ending with a line break.
pub(crate) fn as_it_is(text: &str) -> io::Result<()> {
    write_to(&mut io::stdout().lock(), text)
}

/// Prints an answer as indented JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> io::Result<()> {
    as_it_is(&serde_json::to_string_pretty(value)?)
}

/// Prints a note for the person at the terminal.
pub(crate) fn note(text: &str) -> io::Result<()> {
    write_to(&mut io::stderr().lock(), &tame(text))
}

/// A reader that went away, as `head` does, is not an error.
fn write_to(stream: &mut impl Write, text: &str) -> io::Result<()> {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(stream, "{text}{end}").and_then(|()| stream.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}
