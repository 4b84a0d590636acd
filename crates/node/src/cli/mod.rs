//! The command line: what can be typed, and what the help teaches.

mod check;
mod dates;
mod diff;
mod doctor;
mod exchange;
mod explain;
mod export;
mod health;
mod import;
mod kept;
mod node;
mod plan;
mod replan;
mod schema;
mod search;
mod serve;
mod show;
mod staff;

use clap::{Parser, Subcommand};

use crate::ending::{Ending, Failure};
use crate::zoneset::ZoneSource;

/// Plans a 24-hour online event that user groups around the world host in turn.
#[derive(Debug, Parser)]
#[command(name = "meridian", version, max_term_width = 100, long_about = LONG_ABOUT, after_long_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    zones: ZoneSource,

    /// Work for a node that holds the other end of standard input, in at most so much memory
    #[arg(long, global = true, hide = true, value_name = "MIB")]
    pub(crate) tied: Option<u64>,
}

const LONG_ABOUT: &str = "\
Plans a 24-hour online event that user groups around the world host in turn.

You describe the event in a folder: tracks, groups, people, sessions, and when everyone can. Meridian gives \
every hour of every track to a group in its own daytime, places the sessions, and puts people with the \
right skills on duty, awake and rested. What it cannot do it says in words, and why.

A first walk:
  meridian staff data/events/first-relay
  meridian plan data/events/first-relay --out plan.json
  meridian show data/events/first-relay plan.json --zone Asia/Tokyo
  meridian explain data/events/first-relay plan.json
  meridian export data/events/first-relay plan.json --all-ics calendars";

const EXIT_CODES: &str = "\
Exit codes:
  0    done; for staff, plan, check and explain: nothing is missing
  1    the plan has gaps, unplaced sessions or a broken rule (it is written all the same)
  2    bad input or bad usage; every problem is listed, nothing is written
  3    a fault of Meridian itself or of the machine
  130  interrupted with Ctrl-C; the best plan so far is written";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Staff(staff::StaffArgs),
    Plan(plan::PlanArgs),
    Dates(dates::DatesArgs),
    Replan(replan::ReplanArgs),
    Check(check::CheckArgs),
    Explain(explain::ExplainArgs),
    Diff(diff::DiffArgs),
    Show(show::ShowArgs),
    Import(import::ImportArgs),
    Export(export::ExportArgs),
    Doctor(doctor::DoctorArgs),
    Schema(schema::SchemaArgs),
    Serve(serve::ServeArgs),
    Node(node::NodeArgs),
}

impl Command {
    /// Whether a machine reads the answer.
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Staff(args) => args.json,
            Self::Plan(args) => args.json,
            Self::Dates(args) => args.json,
            Self::Replan(args) => args.json,
            Self::Check(args) => args.json,
            Self::Explain(args) => args.json,
            Self::Diff(args) => args.json,
            Self::Import(args) => args.json(),
            Self::Export(args) => args.json,
            Self::Doctor(args) => args.json,
            Self::Node(args) => args.json(),
            Self::Show(_) | Self::Schema(_) | Self::Serve(_) => false,
        }
    }
}

/// Runs one command.
///
/// # Errors
/// Bad input, or a fault of our own.
pub(crate) fn run(cli: &Cli) -> Result<Ending, Failure> {
    let zones = cli.zones.load()?;
    match &cli.command {
        Command::Staff(args) => staff::run(args, &zones),
        Command::Plan(args) => plan::run(args, &zones),
        Command::Dates(args) => dates::run(args, &zones),
        Command::Replan(args) => replan::run(args, &zones),
        Command::Check(args) => check::run(args, &zones),
        Command::Explain(args) => explain::run(args, &zones),
        Command::Show(args) => show::run(args, &zones),
        Command::Import(args) => import::run(args, &zones),
        Command::Export(args) => export::run(args, &zones),
        Command::Doctor(args) => doctor::run(args, &zones, &cli.zones),
        Command::Serve(args) => serve::run(args, &zones, &cli.zones),
        Command::Node(args) => node::run(args, &zones, &cli.zones),
        Command::Diff(args) => diff::run(args),
        Command::Schema(args) => schema::run(args),
    }
}
