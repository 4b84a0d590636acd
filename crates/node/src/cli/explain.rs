//! `meridian explain`: why something is missing from a plan.

use std::path::PathBuf;

use clap::Args;
use meridian_formats::FaultCode;
use meridian_model::check::check;
use meridian_model::{Level, Match, Plan, Problem, Report, RuleCode, ShiftId, ZoneSet};
use meridian_solver::{Explanation, Standing, Taker, Wanted, explain, takers};
use serde::Serialize;

use crate::ending::{Ending, Failure, refusal};
use crate::folder::{self, EventSource};
use crate::{out, words};

/// Say why a duty has a gap, a session no place or an hour no host
///
/// For each gap: who could come in, who comes nearest, what would close it (each repair was planned and checked
/// before it is offered), the smallest set of rules and people in the way, and for everyone else the first rule
/// that excludes her. For each session without a place and each hour without a host: the same of blocks and groups.
/// What is broken rather than missing is for `meridian check`.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian explain data/events/relay-2024-tight tight.json
  meridian explain data/events/first-relay plan.json --shift shift-berlin-bear-1
  meridian explain data/events/relay-2024-tight tight.json --json | jq '.gaps[].eligible'

Exit codes: 0 nothing is missing or broken, or someone could take the shift · 1 something is, or nobody could ·
2 bad input")]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    event: EventSource,

    /// The plan document
    #[arg(value_name = "PLAN.json")]
    plan: PathBuf,

    /// Rank who could take a shift (its id in the plan) or a gap (such as gap-1, as explain numbers them)
    #[arg(long, value_name = "ID")]
    shift: Option<String>,

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
    if let Some(id) = &args.shift {
        return who(args, &problem, &plan, id, zones);
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

/// Says who could take a shift or a gap.
fn who(
    args: &ExplainArgs,
    problem: &Problem,
    plan: &Plan,
    id: &str,
    zones: &ZoneSet,
) -> Result<Ending, Failure> {
    let wanted = Wanted::shift(plan, &ShiftId::new(id)).or_else(|| {
        let n: usize = id.strip_prefix("gap-")?.parse().ok()?;
        Wanted::gap(problem, plan, n.checked_sub(1)?)
    });
    let Some(wanted) = wanted else {
        return Err(refusal(
            FaultCode::F020,
            "--shift",
            &format!("the plan has neither a shift nor a gap {id:?}"),
            "give the id of a shift in the plan, or gap-1 for the first gap that explain names",
        ));
    };
    let takers = takers(problem, plan, &wanted);
    if args.json {
        out::json(&Takers {
            wanted: &wanted,
            takers: &takers,
        })?;
    } else {
        out::answer(&words::who_could(problem, plan, &wanted, &takers, zones)?)?;
    }
    let can = |one: &Taker| !matches!(one.stands, Standing::Barred { .. });
    Ok(if takers.iter().any(can) {
        Ending::Clean
    } else {
        Ending::Lacking
    })
}

/// Who could take what, for a machine.
#[derive(Serialize)]
struct Takers<'a> {
    wanted: &'a Wanted,
    takers: &'a [Taker],
}
