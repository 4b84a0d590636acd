//! `meridian explain`: why something is missing from a plan.

use std::path::PathBuf;

use clap::Args;
use meridian_model::check::check;
use meridian_model::{Level, Match, Report, RuleCode, ZoneSet};
use meridian_solver::{Explanation, explain};
use serde::Serialize;

use crate::ending::{Ending, Failure};
use crate::folder::{self, EventSource};
use crate::{out, words};

/// Say why a duty has a gap, a session no place or an hour no host
///
/// For each gap: who could come in, who comes nearest, what would close it (each repair was planned and checked
/// before it is offered), the smallest set of rules and people in the way, and for everyone else the first rule
/// that excludes her. For each session without a place and each hour without a host: what stands in its way.
/// What is broken rather than missing is for `meridian check`.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian explain data/events/relay-2024-tight tight.json
  meridian explain data/events/relay-2024-tight tight.json --json | jq '.gaps[].eligible'

Exit codes: 0 nothing is missing or broken · 1 something is · 2 bad input")]
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

/// The answer for a machine.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    reasons: &'a Explanation,
    /// What the checker says of alerts with too few people.
    alert_short: Vec<&'a Match>,
    /// What the checker says of broken rules.
    broken: Vec<&'a Match>,
}

impl<'a> Answer<'a> {
    fn of(reasons: &'a Explanation, report: &'a Report) -> Self {
        let those = |keep: fn(&Match) -> bool| report.matches.iter().filter(|m| keep(m)).collect();
        Self {
            reasons,
            alert_short: those(|found| found.rule == RuleCode::M05),
            broken: those(|found| found.rule.level() == Level::Hard),
        }
    }
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
    let report = check(&problem, &plan);
    let reasons = explain(&problem, &plan);
    if args.json {
        out::json(&Answer::of(&reasons, &report))?;
    } else {
        out::answer(&words::explanation(
            &problem, &plan, &reasons, &report, zones,
        )?)?;
    }
    Ok(words::ending(&report.score))
}
