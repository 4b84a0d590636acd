//! `meridian staff`: whether there are enough people, before anything is planned.

use std::path::PathBuf;

use clap::Args;
use meridian_formats::FaultCode;
use meridian_formats::export::call_for_help;
use meridian_model::ZoneSet;
use meridian_model::staffing::Staffing;
use meridian_solver::{SolveError, staffing};
use serde::Serialize;

use crate::ending::{Ending, Failure, refusal};
use crate::folder::{self, EventSource};
use crate::{atomic, out};

/// Count the people needed against those pledged, and write a call for help
///
/// Needs no plan: for each role, language and three hours it counts who is needed and who could be on duty then,
/// awake, with the skill, and how far everyone's hours reach. Which language a block will have is not known before
/// there is a plan; what depends on it is marked as an estimate. The answer is Markdown: a verdict, a table, and for
/// each region of the world what is missing in its daytime.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian staff data/events/relay-2024-tight
  meridian staff data/events/relay-2024-tight --out call.md
  meridian staff data/events/first-relay --plan plan.json   # for the blocks of this plan

Exit codes: 0 enough people, or perhaps · 1 someone is missing · 2 bad input")]
pub(crate) struct StaffArgs {
    #[command(flatten)]
    event: EventSource,

    /// Count for the blocks of this plan instead of for what the hosts could speak
    #[arg(long, value_name = "PLAN.json")]
    plan: Option<PathBuf>,

    /// Write the Markdown here and print only the verdict
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Print the counts as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The answer for a machine.
#[derive(Serialize)]
struct Answer {
    /// Whether there are enough people: yes, perhaps (hours are scarce), no.
    verdict: &'static str,
    staffing: Staffing,
}

impl Answer {
    fn of(staffing: Staffing) -> Self {
        let verdict = match (staffing.enough(), staffing.scarce()) {
            (true, false) => "yes",
            (true, true) => "perhaps",
            (false, _) => "no",
        };
        Self { verdict, staffing }
    }
}

/// Counts.
///
/// # Errors
/// Bad input.
pub(crate) fn run(args: &StaffArgs, zones: &ZoneSet) -> Result<Ending, Failure> {
    let problem = args.event.load(zones)?;
    let plan = match &args.plan {
        Some(path) => Some(folder::plan_of(&problem, path)?),
        None => None,
    };
    let staffing = staffing(&problem, plan.as_ref()).map_err(|error| match error {
        SolveError::Malformed(what) => refusal(
            FaultCode::F040,
            &folder::shown(&args.event.path),
            &what,
            "mend the problem document, or compile it anew from its folder",
        ),
        error => anyhow::Error::from(error).into(),
    })?;
    let page = call_for_help::page(&problem, &staffing, zones)?;
    if let Some(path) = &args.out {
        atomic::writable("--out", path)?;
        atomic::write(path, page.as_bytes())?;
    }
    let enough = staffing.enough();
    match &args.out {
        _ if args.json => out::json(&Answer::of(staffing))?,
        None => out::answer(&page)?,
        Some(path) => {
            let verdict = call_for_help::verdict(&problem, &staffing);
            let path = folder::shown(path);
            out::answer(&format!("{verdict}\nThe call for help is in {path}.\n"))?;
        }
    }
    Ok(if enough {
        Ending::Clean
    } else {
        Ending::Lacking
    })
}
