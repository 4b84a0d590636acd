//! `meridian show`: a plan to read, in the terminal or in a browser.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use meridian_formats::export::{Audience, html, terminal};
use meridian_model::check::check;
use meridian_model::{ZoneName, ZoneSet};

use crate::ending::{Ending, Failure};
use crate::folder::{self, EventSource};
use crate::{atomic, out, words};

/// Show a plan: a timeline in the terminal, or one HTML page
///
/// The terminal shows every track with its hosts, sessions and people in one zone. The page holds all of it in
/// one file that needs no network: a timeline per track, shifts by group, everyone's night shaded, and a
/// switch for the zone. It reads on a phone and on paper.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian show data/events/first-relay plan.json
  meridian show data/events/first-relay plan.json --zone Africa/Accra --width 120
  meridian show data/events/first-relay plan.json --html plan.html
  meridian show data/events/first-relay plan.json --html public.html --for public   # without operators")]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    event: EventSource,

    /// The plan document
    #[arg(value_name = "PLAN.json")]
    plan: PathBuf,

    /// The zone to tell times in [default: the event's]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,

    /// Write one self-contained HTML page instead
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// Who reads it: the public sees hosts and sessions, never operators
    #[arg(long = "for", value_enum, value_name = "WHO", default_value_t = Reader::Crew)]
    reader: Reader,

    /// Columns of the terminal timeline [default: the terminal's, or 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(40..=400))]
    width: Option<u16>,
}

/// Who reads an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Reader {
    /// Those who run the event: everything
    Crew,
    /// Everyone else: hosts and sessions
    Public,
}

impl From<Reader> for Audience {
    fn from(reader: Reader) -> Self {
        match reader {
            Reader::Crew => Self::Crew,
            Reader::Public => Self::Public,
        }
    }
}

/// Shows.
///
/// # Errors
/// Bad input.
pub(crate) fn run(args: &ShowArgs, zones: &ZoneSet) -> Result<Ending, Failure> {
    let problem = args.event.load(zones)?;
    let plan = folder::plan_of(&problem, &args.plan)?;
    let zone = args
        .zone
        .clone()
        .map_or_else(|| problem.event.zone.clone(), ZoneName::new);
    words::Clock::of(zones, &zone)?;
    let report = check(&problem, &plan);
    let audience = args.reader.into();
    match &args.html {
        Some(path) => {
            let page = html::page(&problem, &plan, &report, zones, audience, &zone)?;
            atomic::writable("--html", path)?;
            atomic::write(path, page.as_bytes())?;
            out::note(&format!("written to {}", folder::shown(path)))?;
        }
        None => {
            let width = args.width.map_or_else(terminal_width, usize::from);
            out::answer(&terminal::timeline(
                &problem, &plan, &report, zones, &zone, width, audience,
            )?)?;
        }
    }
    Ok(Ending::Clean)
}

/// The columns of the terminal; 100 where there is none.
fn terminal_width() -> usize {
    let term = console::Term::stdout();
    term.size_checked()
        .map_or(100, |(_rows, columns)| usize::from(columns).clamp(40, 400))
}
