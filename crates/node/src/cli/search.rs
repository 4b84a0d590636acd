//! With what and for how long to search: what every command that plans can be told.

use std::path::Path;
use std::time::Duration;

use clap::{Args, ValueEnum};
use meridian_formats::FaultCode;
use meridian_solver::{Engine, Options, SolveError};

use crate::ending::{Failure, refusal};
use crate::folder;

/// What a search can be told.
#[derive(Args, Debug)]
pub(super) struct SearchArgs {
    /// Where chance begins; another seed may find another plan
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        allow_negative_numbers = true
    )]
    seed: u64,

    /// How many search steps to spend; counts steps, never time, so it can be repeated
    #[arg(long, value_name = "1..9", default_value_t = 5, allow_negative_numbers = true, value_parser = clap::value_parser!(u8).range(1..=9))]
    effort: u8,

    /// End the search after S seconds; the answer says that it was cut short
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = seconds)]
    pub(super) time_limit: Option<Duration>,

    /// What places blocks and sessions [default: highs where it is built in]
    #[arg(long, value_enum, value_name = "ENGINE")]
    engine: Option<EngineArg>,
}

impl SearchArgs {
    pub(super) fn options(&self) -> Options {
        Options {
            seed: self.seed,
            effort: self.effort,
            engine: self.engine.map_or_else(Engine::default, Engine::from),
            ..Options::default()
        }
    }
}

/// The engine as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum EngineArg {
    /// Exact models on the HiGHS solver
    Highs,
    /// Search in pure Rust; needs no C++
    Pure,
}

impl From<EngineArg> for Engine {
    fn from(typed: EngineArg) -> Self {
        match typed {
            EngineArg::Highs => Self::Highs,
            EngineArg::Pure => Self::Pure,
        }
    }
}

/// What the solver refuses, as bad input where it is.
pub(super) fn refused(event: &Path, error: anyhow::Error) -> Failure {
    match error.downcast_ref::<SolveError>() {
        Some(SolveError::EngineMissing(name)) => refusal(
            FaultCode::F035,
            "--engine",
            &format!("the engine {name} is not built into this binary"),
            "leave --engine out, or build with the highs feature",
        ),
        Some(SolveError::Malformed(what)) => refusal(
            FaultCode::F040,
            &folder::shown(event),
            what,
            "mend the problem document, or compile it anew from its folder",
        ),
        _ => error.into(),
    }
}

/// A percentage from 0 to 100 in millionths, such as `0.5`.
pub(super) fn percent(text: &str) -> Result<u32, String> {
    let parts = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let number = format!("{}{:0<4}", parts.0, parts.1);
    let known = !parts.0.is_empty() && parts.1.len() <= 4 && digits(parts.0) && digits(parts.1);
    number
        .parse()
        .ok()
        .filter(|&ppm| known && ppm <= 1_000_000)
        .ok_or_else(|| {
            format!("{text:?} is not a percentage from 0 to 100 with at most four decimals")
        })
}

/// A number of seconds above zero, such as `20` or `0.5`.
fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|s: f64| Duration::try_from_secs_f64(s).ok())
        .filter(|limit| !limit.is_zero())
        .ok_or_else(|| format!("{text:?} is not a number of seconds above 0"))
}
