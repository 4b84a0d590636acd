//! `meridian explain`: why something is missing from a plan.

use std::path::PathBuf;

use clap::Args;
use meridian_model::ZoneSet;
use meridian_solver::explain;

use crate::ending::{Ending, Failure};
use crate::folder::{self, EventSource};
use crate::{out, words};

/// Say why a duty has a gap or a session has no place
///
/// For each gap: who has the skill at all, who of them is free, and for each of the others the first rule
/// that excludes her. For each session without a place: what stands in its way.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian explain data/events/relay-2024-tight tight.json
  meridian explain data/events/relay-2024-tight tight.json --json | jq '.gaps[].eligible'

Exit codes: 0 nothing is missing · 1 something is missing, and explained · 2 bad input")]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    event: EventSource,

    /// The plan document
    #[arg(value_name = "PLAN.json")]
    plan: PathBuf,

    /// Print the reasons as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Explains.
///
/// # Errors
/// Bad input.
pub(crate) fn run(args: &ExplainArgs, zones: &ZoneSet) -> Result<Ending, Failure> {
    let problem = args.event.load(zones)?;
    let plan = folder::plan_of(&problem, &args.plan)?;
    if let Some(note) = words::other_input(&problem, &plan)? {
        out::note(&note)?;
    }
    let reasons = explain(&problem, &plan);
    if args.json {
        out::json(&reasons)?;
    } else {
        out::answer(&words::explanation(&problem, &reasons, zones)?)?;
    }
    let whole = reasons.gaps.is_empty() && reasons.unplaced.is_empty();
    Ok(if whole {
        Ending::Clean
    } else {
        Ending::Lacking
    })
}
