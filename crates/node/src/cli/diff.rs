//! `meridian diff`: what changed from one plan to the next.

use std::path::PathBuf;

use clap::Args;
use meridian_model::diff::diff;

use crate::ending::{Ending, Failure};
use crate::{folder, out};

/// Say what changed from one plan to the next
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian plan data/events/first-relay --seed 2 --parent plan.json --out next.json
  meridian diff plan.json next.json
  meridian diff plan.json next.json --json

Exit codes: 0 done, changed or not · 2 bad input")]
pub(crate) struct DiffArgs {
    /// The earlier plan
    #[arg(value_name = "OLD.json")]
    old: PathBuf,

    /// The later plan
    #[arg(value_name = "NEW.json")]
    new: PathBuf,

    /// Print the changes as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Compares.
///
/// # Errors
/// Bad input.
pub(crate) fn run(args: &DiffArgs) -> Result<Ending, Failure> {
    let old = folder::plan(&args.old)?;
    let new = folder::plan(&args.new)?;
    let changes = diff(&old, &new);
    if args.json {
        out::json(&changes)?;
    } else {
        out::answer(&changes.to_string())?;
    }
    Ok(Ending::Clean)
}
