//! What can be set from outside: which seeds are run, and how.

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told from outside which seeds to run; no rule of the product reads it"
)]
fn text(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = text(name)?;
    let Ok(number) = text.parse() else {
        panic!("{name} is '{text}'; it has to be a number");
    };
    Some(number)
}

/// Only this seed, with a trace.
pub(crate) fn seed() -> Option<u64> {
    number("MERIDIAN_SIM_SEED")
}

/// So many seeds with the memoised verifier.
pub(crate) fn n_seeds(everyday: u64) -> u64 {
    number("MERIDIAN_SIM_SEEDS").unwrap_or(everyday)
}

/// So many of them with the real one.
pub(crate) fn n_real(everyday: u64) -> u64 {
    number("MERIDIAN_SIM_REAL").unwrap_or(everyday)
}

/// The first seed of many: so that millions can be run in parts.
pub(crate) fn first() -> u64 {
    number("MERIDIAN_SIM_FIRST").unwrap_or(0)
}

pub(crate) fn n_nodes() -> usize {
    number("MERIDIAN_SIM_NODES").unwrap_or(8)
}

/// Look for the seeds by which mutants die, among so many.
pub(crate) fn hunt() -> Option<u64> {
    number("MERIDIAN_SIM_HUNT")
}
