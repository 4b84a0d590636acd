//! Reads the problem document.

use meridian_model::Problem;

use crate::document;
use crate::fault::Faults;

/// Reads a problem document.
///
/// # Errors
/// [`Faults`] when it is no problem document of a known version.
pub fn read(bytes: &[u8], name: &str) -> Result<Problem, Faults> {
    document::read(bytes, name, Problem::FORMAT)
}
