//! Instances of known sizes from a seed, for benches and tests; no files, no clock.
//!
//! An instance is a whole [`Problem`]: groups on every continent, a programme, people with hours, limits and
//! skills. Demand, supply and the number of possible shifts are those of a table of [`Size`]s, within 10 %;
//! [`measure`] counts them from the document alone. The entry is [`instance`].

mod crew;
mod hosts;
mod instance;
mod measure;
mod pinned;
mod places;
mod regional;
mod scene;
mod size;
mod talks;

pub use instance::{free, instance};
pub use measure::{Measures, measure};
pub use meridian_model::Problem;
pub use pinned::programme_only;
pub use size::{Size, Target};
