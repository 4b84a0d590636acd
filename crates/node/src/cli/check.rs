//! `meridian check`: the independent checker's opinion of a plan.

use std::path::PathBuf;

use clap::Args;
use meridian_model::{Level, ZoneSet, check::check};

use crate::ending::{Ending, Failure};
use crate::folder::{self, EventSource};
use crate::{out, words};

/// Say whether a plan keeps every rule
///
/// The checker shares no code with the solver. It names each broken rule, the people and times concerned,
/// and the smallest change that would mend it. Use it after you changed a plan or the folder by hand.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian check data/events/first-relay plan.json
  meridian check data/events/first-relay plan.json --costs   # also what could be nicer
  meridian check data/events/first-relay plan.json --json | jq '.score'

Exit codes: 0 nothing is missing · 1 a rule is broken or something is missing · 2 bad input")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    event: EventSource,

    /// The plan document
    #[arg(value_name = "PLAN.json")]
    plan: PathBuf,

    /// List the soft rules' matches too: what could be nicer
    #[arg(long)]
    costs: bool,

    /// Print the checker's whole report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Checks.
///
/// # Errors
/// Bad input.
pub(crate) fn run(args: &CheckArgs, zones: &ZoneSet) -> Result<Ending, Failure> {
    let problem = args.event.load(zones)?;
    let plan = folder::plan_of(&problem, &args.plan)?;
    if let Some(note) = words::other_input(&problem, &plan)? {
        out::note(&note)?;
    }
    let report = check(&problem, &plan);
    if args.json {
        out::json(&report)?;
    } else {
        let least = if args.costs {
            Level::Soft
        } else {
            Level::Medium
        };
        out::answer(&words::report(&problem, &plan, &report, zones, least)?)?;
    }
    Ok(words::ending(&report.score))
}
