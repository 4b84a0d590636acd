//! `meridian import`: what a person sends instead of her calendar.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span as Civil, Zoned};
use meridian_formats::{FaultCode, busy};
use meridian_model::{Span, ZoneName, ZoneSet};

use crate::ending::{Ending, Failure, refusal};
use crate::{folder, out};

/// Turn a calendar into rows for an event folder
#[derive(Args, Debug)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Busy(BusyArgs),
}

/// Print the busy times of a calendar as rows for busy.csv, without titles
///
/// Recurring events are expanded. Titles, places and guests stay with you: only start and end are printed.
/// Send the organiser this file, never the calendar itself.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian import busy me.ics --who mika --from 2026-10-24 --to 2026-10-26 > busy.csv
  meridian import busy me.ics --who mika --zone Asia/Tokyo      # whose all-day events are days in Tokyo

Exit codes: 0 done · 2 the calendar has problems; all are listed")]
struct BusyArgs {
    /// The calendar, an iCalendar file
    #[arg(value_name = "CAL.ics")]
    calendar: PathBuf,

    /// Your zone: for all-day events and times that name no zone
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: String,

    /// Your id in the event folder [default: the name of the calendar file]
    #[arg(long, value_name = "ID")]
    who: Option<String>,

    /// What you are in the event folder
    #[arg(long, value_enum, default_value_t = Kind::Operator)]
    kind: Kind,

    /// The first day to look at [default: today]
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,

    /// The last day to look at [default: a year after the first]
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,

    /// Print the spans as JSON instead
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// You help to run the event
    Operator,
    /// You give a session
    Speaker,
    /// The calendar is a group's: when it cannot host
    Group,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Speaker => "speaker",
            Self::Group => "group",
        }
    }
}

impl ImportArgs {
    /// Whether a machine reads the answer.
    pub(crate) fn json(&self) -> bool {
        let What::Busy(args) = &self.what;
        args.json
    }
}

/// Imports.
///
/// # Errors
/// Bad input.
pub(crate) fn run(args: &ImportArgs, zones: &ZoneSet) -> Result<Ending, Failure> {
    let What::Busy(args) = &args.what;
    let name = folder::shown(&args.calendar);
    let Ok(zone) = zones.zone(&args.zone) else {
        return Err(refusal(
            FaultCode::F012,
            "--zone",
            &format!(
                "the zone {:?} is not in the zone set {}",
                args.zone,
                zones.version()
            ),
            "give an IANA name such as Asia/Tokyo",
        ));
    };
    let who = args.who.clone().unwrap_or_else(|| stem(&args.calendar));
    if args.who.is_some() || !args.json {
        busy::known_as(&who, "--who")?;
    }
    let span = days(args, &zone)?;
    let bytes = folder::bytes(&args.calendar)?;
    let spans = busy::import(
        &bytes,
        &name,
        zones,
        &ZoneName::new(args.zone.clone()),
        span,
    )?;
    if args.json {
        out::json(&spans)?;
    } else {
        out::as_it_is(&busy::to_csv(args.kind.as_str(), &who, &spans))?;
    }
    Ok(Ending::Clean)
}

/// `operator-mika.ics` and `mika.ics` are mika's.
fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let id = ["operator-", "speaker-", "group-"]
        .iter()
        .find_map(|kind| stem.strip_prefix(kind));
    id.unwrap_or(&stem).to_owned()
}

/// The days asked for, whole, in the zone given.
fn days(args: &BusyArgs, zone: &TimeZone) -> Result<Span, Failure> {
    let from = args
        .from
        .unwrap_or_else(|| Zoned::now().with_time_zone(zone.clone()).date());
    let after_last = match args.to {
        Some(last) => last.checked_add(Civil::new().days(1)),
        None => from.checked_add(Civil::new().years(1)),
    };
    let start = from.to_zoned(zone.clone());
    let end = after_last.and_then(|end| end.to_zoned(zone.clone()));
    let span = match (start, end) {
        (Ok(start), Ok(end)) => Span::new(start.timestamp(), end.timestamp()).ok(),
        _ => None,
    };
    span.ok_or_else(|| {
        refusal(
            FaultCode::F016,
            "--to",
            "there is no day between --from and --to",
            "give --to the same day as --from, or a later one",
        )
    })
}
