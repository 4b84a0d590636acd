//! Reads the plan document.

use meridian_model::Plan;

use crate::document;
use crate::fault::Faults;

/// Reads a plan document.
///
/// # Errors
/// [`Faults`] when it is no plan document of a known version.
pub fn read(bytes: &[u8], name: &str) -> Result<Plan, Faults> {
    document::read(bytes, name, Plan::FORMAT)
}
