//! `meridian plan`: from an event folder to a plan.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use meridian_formats::FaultCode;
use meridian_model::{Plan, Problem, Report, ZoneSet, check::check, follow::follow};
use meridian_solver::{Certificate, Options, Outcome, SolveError};
use serde::Serialize;

use super::search::{SearchArgs, percent, refused};
use crate::ending::{Ending, Failure, refusal};
use crate::folder::{self, EventSource};
use crate::keeper::{Keeper, Reports};
use crate::watch::Watch;
use crate::{atomic, out, words, worker};

/// Plan an event: who hosts when, what is on, who is on duty
///
/// Reads the whole folder, lists every problem at once, or searches and writes a plan. The same input, seed
/// and effort give the same bytes. What cannot be staffed or placed is written as a gap, with reasons to be
/// had from `meridian explain`. Ctrl-C ends the search and keeps the best plan so far; so does the time limit, and
/// even a kill leaves the last plan that was reported.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian plan data/events/first-relay
  meridian plan data/events/relay-2024 --effort 9 --out relay.json
  meridian plan data/events/relay-2024 --time-limit 20 --clashes block
  meridian plan data/events/first-relay --parent plan.json --out next.json   # a new release of a plan

Exit codes:
  0    a plan with nothing missing
  1    a plan with gaps, unplaced sessions or a broken rule; it is written all the same
  2    bad input; every problem is listed, nothing is written
  3    a fault of Meridian itself; the last plan that was reported stays
  130  interrupted; the best plan so far is written
A kill that cannot be heard leaves the last plan that was reported.")]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    event: EventSource,

    #[command(flatten)]
    search: SearchArgs,

    /// End the search as soon as the cost is proven to be within PERCENT of the least possible
    #[arg(long, value_name = "PERCENT", default_value = "0", allow_negative_numbers = true, value_parser = percent)]
    gap: u32,

    /// How many searches run at once; the plan is the same
    #[arg(long, value_name = "1|2", default_value_t = 2, allow_negative_numbers = true, value_parser = clap::value_parser!(u8).range(1..=2))]
    threads: u8,

    /// Where to write the plan; each better one replaces it as it is found
    #[arg(long, value_name = "FILE", default_value = "plan.json")]
    out: PathBuf,

    /// Also write the compiled problem document
    #[arg(long, value_name = "FILE")]
    problem_out: Option<PathBuf>,

    /// The plan that this one follows: counts its revision up, and what stays keeps its id
    #[arg(long, value_name = "OLD.json")]
    parent: Option<PathBuf>,

    /// How to report better plans on standard error, each once it is written
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Reports::Bar)]
    progress: Reports,

    /// Print the summary and the checker's report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Serialize)]
struct Written<'a> {
    plan: &'a Path,
    problem: Option<&'a Path>,
    revision: u32,
    stopped: bool,
    certificate: words::Proven,
    report: &'a Report,
}

/// Plans.
///
/// # Errors
/// Bad input, or a fault of our own: then nothing is written.
pub(crate) fn run(args: &PlanArgs, zones: &ZoneSet) -> Result<Ending, Failure> {
    let problem = args.event.load(zones)?;
    let parent = match &args.parent {
        Some(path) => Some(parent(&problem, path)?),
        None => None,
    };
    atomic::writable("--out", &args.out)?;
    if let Some(path) = &args.problem_out {
        atomic::writable("--problem-out", path)?;
    }
    let watch = Watch::start(args.search.time_limit)?;
    let mut keeper = Keeper::new(&problem, parent.as_ref(), &args.out, args.progress);
    let outcome = search(args, &problem, &watch, &mut keeper)?;
    let certificate = outcome.certificate;
    let mut plan = outcome.plan;
    if let Some(parent) = &parent {
        plan = follow(parent, plan);
    }
    let report = check(&problem, &plan);
    if report.score != plan.score {
        let disagreement = SolveError::Disagreement {
            ours: plan.score,
            checked: report.score,
        };
        return Err(anyhow!(disagreement).into());
    }
    write(args, &problem, &plan)?;
    keeper.report(plan.score)?;
    tell(args, &problem, &plan, (&report, &certificate), zones)?;
    if watch.interrupted() {
        return Ok(Ending::Interrupted);
    }
    Ok(words::ending(&report.score))
}

/// The plan to follow.
pub(super) fn parent(problem: &Problem, path: &Path) -> Result<Plan, Failure> {
    let plan = folder::plan_of(problem, path)?;
    if plan.revision == u32::MAX {
        return Err(refusal(
            FaultCode::F030,
            &folder::shown(path),
            &format!("no revision follows its revision {}", plan.revision),
            "give the plan that was handed out last",
        ));
    }
    Ok(plan)
}

fn search(
    args: &PlanArgs,
    problem: &Problem,
    watch: &Watch,
    keeper: &mut Keeper<'_>,
) -> Result<Outcome, Failure> {
    let options = Options {
        threads: args.threads,
        gap_ppm: args.gap,
        ..args.search.options()
    };
    worker::run(problem, &options, watch, keeper).map_err(|error| refused(&args.event.path, error))
}

fn write(args: &PlanArgs, problem: &Problem, plan: &Plan) -> Result<(), Failure> {
    if let Some(path) = &args.problem_out {
        atomic::write(path, &atomic::document(problem)?)?;
    }
    Ok(atomic::write(&args.out, &atomic::document(plan)?)?)
}

fn tell(
    args: &PlanArgs,
    problem: &Problem,
    plan: &Plan,
    (report, certificate): (&Report, &Certificate),
    zones: &ZoneSet,
) -> Result<(), Failure> {
    if args.json {
        let written = Written {
            plan: &args.out,
            problem: args.problem_out.as_deref(),
            revision: plan.revision,
            stopped: plan.made_by.stopped,
            certificate: words::Proven::of(certificate, &plan.score),
            report,
        };
        return Ok(out::json(&written)?);
    }
    let mut text = words::summary(problem, plan, (report, certificate), zones)?;
    let lacking = words::ending(&report.score) == Ending::Lacking;
    text.push_str(&next(&args.event.path, &args.out, lacking));
    Ok(out::answer(&text)?)
}

/// What to type next.
fn next(event: &Path, plan: &Path, lacking: bool) -> String {
    let (event, plan) = (folder::shown(event), folder::shown(plan));
    let mut steps = vec![
        (format!("show {event} {plan}"), "read it here"),
        (
            format!("show {event} {plan} --html plan.html"),
            "read it in a browser",
        ),
        (
            format!("export {event} {plan} --all-ics calendars"),
            "everyone's calendar",
        ),
    ];
    if lacking {
        let why = (format!("explain {event} {plan}"), "why, and who could help");
        steps.insert(0, why);
    }
    let width = steps
        .iter()
        .map(|(step, _)| step.chars().count())
        .max()
        .unwrap_or(0);
    let lines = steps
        .iter()
        .map(|(step, what)| format!("  meridian {step:<width$}  {what}\n"));
    format!("\nWritten to {plan}. Next:\n{}", lines.collect::<String>())
}
