//! Time: instants inside, cells on the horizon, zones only to explain instants to people.
//!
//! Nothing here adds "24 hours" to mean "tomorrow": a civil day has 23 to 25 hours.

mod horizon;
mod span;
mod zones;

pub use horizon::{Horizon, HorizonError};
pub use jiff::Timestamp;
pub use span::{EmptySpan, Span, minutes};
pub use zones::{TzdbStamp, UnknownZone, ZoneName, ZoneSet, offsets};
