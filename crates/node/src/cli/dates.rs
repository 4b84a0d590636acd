//! `meridian dates`: which of several dates suits best.

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use meridian_formats::Faults;
use meridian_formats::event_folder::{self, Asked, Dated};
use meridian_model::{Problem, ZoneSet};
use meridian_solver::{DateObserver, DateOptions, DateRanking, DateStatus, Options, rank_dates};

use super::search::{SearchArgs, percent, refused};
use crate::ending::{Ending, Failure};
use crate::folder::EventSource;
use crate::watch::Watch;
use crate::{out, words};

/// Compare dates of an event: which hurts fewest
///
/// Every date is asked anew: availability rules, holidays, conferences, busy times, nights and clock changes are those
/// of that date. Each gets a quick plan and a bound; dates that cannot win are discarded, the best few are planned in
/// full. Each that is not the best says why. The dates stand in the folder (the table [dates] of event.toml) or are typed here.
#[derive(Args, Debug)]
#[command(mut_arg("effort", |effort| effort.default_value("3")))]
#[command(after_long_help = "\
Examples:
  meridian dates data/events/relay-2024                       # the dates that event.toml names
  meridian dates data/events/relay-2024 --from 2024-07-01 --to 2024-09-30 --weekdays sat
  meridian dates data/events/relay-2024 --rule \"weekends from July to September 2024, 12:00 Asia/Tokyo\"
  meridian dates data/events/relay-2024 --date 2024-08-10T12:00 --date 2024-09-21T12:00 --clashes block
  meridian dates data/events/relay-2024 --json | jq '.dates[0].start'

Exit codes:
  0    a plan with nothing missing was found for the best date
  1    on every date something is missing
  2    bad input; every problem is listed
  3    a fault of Meridian itself
  130  interrupted; what was found so far is told")]
pub(crate) struct DatesArgs {
    #[command(flatten)]
    event: EventSource,

    #[command(flatten)]
    which: Which,

    /// How many of the best dates to plan in full
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(0..=100))]
    top: u16,

    #[command(flatten)]
    search: SearchArgs,

    /// Plan a date in full until its roster is proven to be within PERCENT of the least possible, as far as the effort goes
    #[arg(long, value_name = "PERCENT", default_value = "1", allow_negative_numbers = true, value_parser = percent)]
    gap: u32,

    /// Print one line for each date, without the reasons
    #[arg(long, conflicts_with = "json")]
    brief: bool,

    /// Print everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The dates to compare; what is typed goes before what event.toml says.
#[derive(Args, Debug)]
struct Which {
    /// A rule in words: "weekends from June to September, 12:00 Asia/Tokyo"
    #[arg(long, value_name = "TEXT")]
    rule: Option<String>,

    /// The first day
    #[arg(long, value_name = "DATE")]
    from: Option<String>,

    /// The last day
    #[arg(long, value_name = "DATE")]
    to: Option<String>,

    /// Days of the week to start on, such as sat or fri,sat [default: the event's own]
    #[arg(long, value_name = "DAYS")]
    weekdays: Option<String>,

    /// Time of day to start at [default: the event's own]
    #[arg(long, value_name = "TIME")]
    start: Option<String>,

    /// Zone of days and times [default: the event's]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,

    /// One start, such as 2024-08-24T12:00; may be given several times
    #[arg(long = "date", value_name = "START")]
    dates: Vec<String>,
}

impl From<&Which> for Asked {
    fn from(which: &Which) -> Self {
        Self {
            rule: which.rule.clone(),
            from: which.from.clone(),
            to: which.to.clone(),
            weekdays: which.weekdays.clone(),
            start: which.start.clone(),
            zone: which.zone.clone(),
            dates: which.dates.clone(),
        }
    }
}

/// Compares.
///
/// # Errors
/// Bad input, or a fault of our own.
pub(crate) fn run(args: &DatesArgs, zones: &ZoneSet) -> Result<Ending, Failure> {
    let dated = read(args, zones)?;
    let watch = Watch::start(args.search.time_limit)?;
    let options = DateOptions {
        plan: Options {
            gap_ppm: args.gap,
            ..args.search.options()
        },
        top: usize::from(args.top),
    };
    let problems: Vec<&Problem> = dated.iter().map(|date| &date.problem).collect();
    let mut shown = Shown::new(dated.len(), usize::from(args.top));
    let ranked = rank_dates(problems, &options, &watch, &mut shown);
    shown.bar.finish_and_clear();
    let ranked = ranked.map_err(|error| refused(&args.event.path, error.into()))?;
    let report = words::DateReport::of(&dated, &ranked, zones)?;
    if args.json {
        out::json(&report)?;
    } else {
        out::answer(&words::dates(&report, args.brief))?;
    }
    if watch.interrupted() {
        return Ok(Ending::Interrupted);
    }
    let best = ranked.first().and_then(|date| date.plan.as_ref());
    Ok(best.map_or(Ending::Lacking, |plan| words::ending(&plan.score)))
}

/// The event at every candidate date.
fn read(args: &DatesArgs, zones: &ZoneSet) -> Result<Vec<Dated>, Failure> {
    let files = args.event.files()?;
    // What is wrong with the folder at its own date is said first, and once.
    event_folder::read(&files, zones)?;
    let starts = event_folder::candidates(&files, &Asked::from(&args.which), zones)?;
    let mut dated = Vec::with_capacity(starts.len());
    let mut faults = Faults::default();
    for start in starts {
        match event_folder::read_at(&files, zones, start) {
            Ok(mut date) => {
                args.event.overrule(&mut date.problem);
                dated.push(date);
            }
            Err(of_date) => faults.0.extend(of_date.0),
        }
    }
    if faults.is_empty() {
        return Ok(dated);
    }
    // The same line of a calendar may be wrong for several dates.
    let mut once: Vec<_> = Vec::new();
    for fault in faults.0 {
        if !once.contains(&fault) {
            once.push(fault);
        }
    }
    Err(Faults(once).into())
}

/// A bar on a terminal's standard error; hidden anywhere else.
struct Shown {
    bar: ProgressBar,
}

impl Shown {
    fn new(dates: usize, top: usize) -> Self {
        let steps = dates + top.min(dates);
        let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX));
        let style = ProgressStyle::with_template("{prefix:>9} {bar:30} {elapsed:>4} {msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_prefix("dates");
        Self { bar }
    }
}

impl DateObserver for Shown {
    fn date(&mut self, ranking: &DateRanking) {
        self.bar.inc(1);
        let how = match ranking.status {
            DateStatus::Planned => "planned in full",
            _ => "looked at",
        };
        self.bar.set_message(format!("{how}: {}", ranking.start));
    }
}
