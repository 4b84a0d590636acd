//! `meridian replan`: a published plan mended after someone dropped out or something changed.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;
use meridian_formats::{Fault, FaultCode, Faults};
use meridian_model::diff::PlanDiff;
use meridian_model::{OperatorId, Plan, Problem, Report, ZoneSet, check::check};
use meridian_solver::{
    Absent, Comparison, Reach, ReplanOptions, Replanned, Silent, SolveError, replan,
};
use serde::Serialize;

use super::plan::parent;
use super::search::{SearchArgs, refused};
use crate::ending::{Ending, Failure};
use crate::folder::{self, EventSource};
use crate::watch::Watch;
use crate::{atomic, out, words};

/// Mend a published plan: someone drops out, or the folder has changed
///
/// Whatever of the plan still keeps every rule stays, and what is missing is closed with as few people as can be.
/// The folder is read as it is now: late joiners, shorter availability, moved sessions. More people than
/// --max-disturbed are asked only where else more would be missing than in the published plan; the answer says so.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian replan data/events/first-relay plan.json --without kyoto-crane --preview
  meridian replan data/events/first-relay plan.json --without kyoto-crane --out next.json
  meridian replan data/events/first-relay plan.json            # after the folder has changed
  meridian replan data/events/first-relay plan.json --without berlin --compare --json

WHO is an operator's handle, a group's id (it hosts no more, its operators stay) or a speaker's id
(her live sessions fall away). Change the folder too, so that later plans know of it.

Exit codes:
  0    nothing is missing
  1    gaps, unplaced sessions or a broken rule; the plan is written all the same
  2    bad input; every problem is listed, nothing is written
  3    a fault of Meridian itself
  130  interrupted; the best plan so far is written")]
pub(crate) struct ReplanArgs {
    #[command(flatten)]
    event: EventSource,

    /// The plan that people have
    #[arg(value_name = "PLAN.json")]
    plan: PathBuf,

    /// Who can no longer come; may be given more than once
    #[arg(long, value_name = "WHO")]
    without: Vec<String>,

    /// Most people to disturb beside those whose shifts cannot stay
    #[arg(
        long,
        value_name = "N",
        default_value_t = 3,
        allow_negative_numbers = true
    )]
    max_disturbed: u16,

    /// What disturbing one person, or changing one shift, may cost: it is weighed against the soft rules
    #[arg(
        long,
        value_name = "N",
        default_value_t = 200,
        allow_negative_numbers = true
    )]
    change_price: u32,

    /// Where to write the plan that follows
    #[arg(long, value_name = "FILE", default_value = "next.json")]
    out: PathBuf,

    /// Say who is concerned, and write nothing
    #[arg(long)]
    preview: bool,

    /// Plan anew as well, and say what that would give
    #[arg(long)]
    compare: bool,

    #[command(flatten)]
    search: SearchArgs,

    /// Print who is concerned, what changed and the checker's report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The answer for a machine.
#[derive(Serialize)]
struct Mended<'a> {
    /// Where the plan was written; `None` for a preview.
    plan: Option<&'a Path>,
    revision: u32,
    stopped: bool,
    reach: Reach,
    released: &'a [OperatorId],
    disturbed: &'a [OperatorId],
    changes: &'a PlanDiff,
    anew: Option<Comparison>,
    report: &'a Report,
}

/// Mends.
///
/// # Errors
/// Bad input, or a fault of our own: then nothing is written.
pub(crate) fn run(args: &ReplanArgs, zones: &ZoneSet) -> Result<Ending, Failure> {
    let problem = args.event.load(zones)?;
    let published = parent(&problem, &args.plan)?;
    let options = ReplanOptions {
        search: args.search.options(),
        without: absent(&problem, &args.without)?,
        max_disturbed: usize::from(args.max_disturbed),
        change_price: i64::from(args.change_price),
        compare: args.compare,
    };
    if !args.preview {
        atomic::writable("--out", &args.out)?;
    }
    let watch = Watch::start(args.search.time_limit)?;
    let mended = replan(&problem, &published, &options, &watch, &mut Silent)
        .map_err(|error| refused(&args.event.path, error.into()))?;
    let report = confirmed(&problem, &options, &mended.plan)?;
    if !args.preview {
        atomic::write(&args.out, &atomic::document(&mended.plan)?)?;
    }
    if report.score.hard > mended.plan.score.hard {
        let absent = args.without.join(", ");
        out::note(&format!(
            "note: pins.csv still pins something of {absent}, which the plan leaves out: take those rows away"
        ))?;
    }
    tell(args, &problem, &mended, &report, zones)?;
    if watch.interrupted() {
        return Ok(Ending::Interrupted);
    }
    Ok(words::ending(&report.score))
}

/// Those who cannot come, as the problem knows them; an id may name more than one.
fn absent(problem: &Problem, names: &[String]) -> Result<Vec<Absent>, Failure> {
    let mut absent = Vec::new();
    let mut faults = Vec::new();
    for name in names {
        let known = absent.len();
        if problem.operators.iter().any(|o| o.id.as_str() == name) {
            absent.push(Absent::Operator(name.as_str().into()));
        }
        if problem.groups.iter().any(|g| g.id.as_str() == name) {
            absent.push(Absent::Host(name.as_str().into()));
        }
        if problem.speakers.iter().any(|s| s.id.as_str() == name) {
            absent.push(Absent::Speaker(name.as_str().into()));
        }
        if absent.len() == known {
            faults.push(unknown(problem, name));
        }
    }
    if faults.is_empty() {
        Ok(absent)
    } else {
        Err(Faults(faults).into())
    }
}

fn unknown(problem: &Problem, name: &str) -> Fault {
    let operators = problem.operators.iter().map(|o| o.id.as_str());
    let groups = problem.groups.iter().map(|g| g.id.as_str());
    let speakers = problem.speakers.iter().map(|s| s.id.as_str());
    let alike = |known: &&str| strsim::damerau_levenshtein(known, name);
    let nearest = operators.chain(groups).chain(speakers).min_by_key(alike);
    let remedy = match nearest {
        Some(known) => format!(
            "perhaps {known:?}? give an operator's handle, or the id of a group or a speaker"
        ),
        None => "the event has nobody yet".to_owned(),
    };
    Fault {
        code: FaultCode::F035,
        file: "--without".to_owned(),
        line: None,
        field: None,
        what: format!("the event has no operator, group or speaker {name:?}"),
        remedy,
    }
}

/// The checker's report, which must agree with the solver.
fn confirmed(problem: &Problem, options: &ReplanOptions, plan: &Plan) -> Result<Report, Failure> {
    let report = check(problem, plan);
    // The folder may still pin what someone absent would have done, and count on a speaker's fillers.
    if report.score != plan.score && options.without.is_empty() {
        let disagreement = SolveError::Disagreement {
            ours: plan.score,
            checked: report.score,
        };
        return Err(anyhow!(disagreement).into());
    }
    Ok(report)
}

fn tell(
    args: &ReplanArgs,
    problem: &Problem,
    mended: &Replanned,
    report: &Report,
    zones: &ZoneSet,
) -> Result<(), Failure> {
    if args.json {
        return Ok(out::json(&Mended {
            plan: (!args.preview).then_some(args.out.as_path()),
            revision: mended.plan.revision,
            stopped: mended.stopped,
            reach: mended.reach,
            released: &mended.released,
            disturbed: &mended.disturbed,
            changes: &mended.changes,
            anew: mended.anew,
            report,
        })?);
    }
    let mut text = words::mended(problem, mended, &report.score, zones)?;
    text.push_str(&next(args, mended));
    Ok(out::answer(&text)?)
}

/// What to type next.
fn next(args: &ReplanArgs, mended: &Replanned) -> String {
    if args.preview {
        return "\nNothing was written: leave --preview out to write it.\n".to_owned();
    }
    let (event, plan) = (folder::shown(&args.event.path), folder::shown(&args.out));
    let hand_out = if mended.changes.is_empty() {
        String::new()
    } else {
        format!(
            " Tell those who are named, then:\n  meridian export {event} {plan} --all-ics calendars"
        )
    };
    format!("\nWritten to {plan}.{hand_out}\n")
}
