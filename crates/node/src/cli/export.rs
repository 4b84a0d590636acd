//! `meridian export`: a plan as files for calendars, tables and web sites.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};
use meridian_formats::FaultCode;
use meridian_formats::export::ics::{CalendarError, Scope};
use meridian_formats::export::{Audience, csv, html, ics, markdown};
use meridian_model::check::check;
use meridian_model::{Plan, Problem, ZoneName, ZoneSet};

use crate::ending::{Ending, Failure, refusal};
use crate::folder::{self, EventSource};
use crate::{atomic, out};

/// Hand out a plan: calendars, tables, Markdown, a web page
///
/// Calendars are in UTC, so every reader's program shows her own time, and entries keep their identity from
/// one revision of a plan to the next. A person's calendar holds her own shifts and talks only; the event's,
/// a track's and everything `--for public` name no operator. Who has nothing in a plan gets an empty calendar,
/// so that what an earlier revision had for her goes away.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian export data/events/first-relay plan.json --all-ics calendars
  meridian export data/events/first-relay plan.json --format ics --for track:main --out main.ics
  meridian export data/events/first-relay plan.json --format csv --out tables
  meridian export data/events/first-relay plan.json --format markdown --for public")]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    event: EventSource,

    /// The plan document
    #[arg(value_name = "PLAN.json")]
    plan: PathBuf,

    /// What to write
    #[arg(
        long,
        value_enum,
        required_unless_present = "all_ics",
        conflicts_with = "all_ics"
    )]
    format: Option<Format>,

    /// For whom: event, track:ID, group:ID, person:ID or speaker:ID (calendars), crew or public (the others)
    /// [default: event for calendars, crew for the others]
    #[arg(long = "for", value_name = "WHO", conflicts_with = "all_ics")]
    target: Option<Target>,

    /// The zone to tell times in; calendars are always in UTC [default: the event's]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,

    /// Where to write; csv writes several files into this folder [default: standard output]
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "all_ics")]
    out: Option<PathBuf>,

    /// Write every calendar there is into DIR: the event's, each track's, each group's, each person's,
    /// and that of each speaker who has no other duty
    #[arg(long, value_name = "DIR")]
    all_ics: Option<PathBuf>,

    /// List the files written as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// iCalendar
    Ics,
    /// Tables of blocks, sessions and shifts
    Csv,
    /// A text to paste
    Markdown,
    /// One self-contained page
    Html,
}

#[derive(Clone, Debug)]
enum Target {
    Calendar(Scope),
    Crew,
    Public,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let scope = match text.split_once(':') {
            None if text == "event" => Scope::Event,
            None if text == "crew" => return Ok(Self::Crew),
            None if text == "public" => return Ok(Self::Public),
            Some(("track", id)) => Scope::Track(id.into()),
            Some(("group", id)) => Scope::Group(id.into()),
            Some(("person", id)) => Scope::Person(id.into()),
            Some(("speaker", id)) => Scope::Speaker(id.into()),
            _ => {
                return Err(
                    "give event, track:ID, group:ID, person:ID, speaker:ID, crew or public"
                        .to_owned(),
                );
            }
        };
        Ok(Self::Calendar(scope))
    }
}

/// Something made, and the file it goes to.
struct Made {
    file: PathBuf,
    text: String,
}

/// Exports.
///
/// # Errors
/// Bad input.
pub(crate) fn run(args: &ExportArgs, zones: &ZoneSet) -> Result<Ending, Failure> {
    if args.json && args.out.is_none() && args.all_ics.is_none() {
        return Err(refusal(
            FaultCode::F011,
            "--json",
            "it lists the files written, and without --out none is",
            "name a file or folder with --out, or leave --json out",
        ));
    }
    let problem = args.event.load(zones)?;
    let plan = folder::plan_of(&problem, &args.plan)?;
    match (&args.all_ics, args.format, &args.out) {
        (Some(folder), ..) => atomic::writable_folder("--all-ics", folder)?,
        (None, Some(Format::Csv), Some(folder)) => atomic::writable_folder("--out", folder)?,
        (None, _, Some(file)) => atomic::writable("--out", file)?,
        (None, _, None) => {}
    }
    let made = match (&args.all_ics, args.format) {
        (Some(folder), _) => every_calendar(&problem, &plan, zones, folder)?,
        (None, Some(format)) => {
            let made = make(args, format, &problem, &plan, zones)?;
            if args.out.is_none() {
                for Made { text, .. } in made {
                    out::as_it_is(&text)?;
                }
                return Ok(Ending::Clean);
            }
            made
        }
        (None, None) => Vec::new(),
    };
    // Everything is made before anything is written.
    for Made { file, text } in &made {
        atomic::write(file, text.as_bytes())?;
    }
    let files: Vec<String> = made.iter().map(|made| folder::shown(&made.file)).collect();
    if args.json {
        out::json(&serde_json::json!({ "written": files }))?;
    } else if let [file] = files.as_slice() {
        out::note(&format!("written to {file}"))?;
    } else if let Some(place) = made.first().and_then(|made| made.file.parent()) {
        out::note(&format!(
            "{} files written to {}",
            files.len(),
            folder::shown(place)
        ))?;
    }
    Ok(Ending::Clean)
}

fn make(
    args: &ExportArgs,
    format: Format,
    problem: &Problem,
    plan: &Plan,
    zones: &ZoneSet,
) -> Result<Vec<Made>, Failure> {
    let file = args.out.clone().unwrap_or_default();
    if format == Format::Ics {
        let scope = scope(args.target.as_ref())?;
        let text = ics::calendar(problem, plan, zones, &scope).map_err(no_calendar)?;
        if !text.contains("BEGIN:VEVENT") {
            out::note("note: the plan holds nothing for this calendar")?;
        }
        return Ok(vec![Made { file, text }]);
    }
    let audience = audience(args.target.as_ref())?;
    let zone = args
        .zone
        .clone()
        .map_or_else(|| problem.event.zone.clone(), ZoneName::new);
    let report = check(problem, plan);
    let text = match format {
        Format::Csv => {
            if args.out.is_none() {
                return Err(refusal(
                    FaultCode::F011,
                    "--out",
                    "the tables are several files, and there is no folder to write them to",
                    "name a folder with --out",
                ));
            }
            return tables(problem, plan, zones, &zone, audience, &file);
        }
        Format::Markdown => markdown::plan(problem, plan, &report, zones, &zone, audience)?,
        Format::Html | Format::Ics => html::page(problem, plan, &report, zones, audience, &zone)?,
    };
    Ok(vec![Made { file, text }])
}

fn scope(target: Option<&Target>) -> Result<Scope, Failure> {
    match target {
        None | Some(Target::Public) => Ok(Scope::Event),
        Some(Target::Calendar(scope)) => Ok(scope.clone()),
        Some(Target::Crew) => Err(refusal(
            FaultCode::F035,
            "--for",
            "a calendar is one person's, speaker's, group's, track's or the event's; there is none for the crew",
            "give event, track:ID, group:ID, person:ID or speaker:ID, or write them all with --all-ics DIR",
        )),
    }
}

fn audience(target: Option<&Target>) -> Result<Audience, Failure> {
    match target {
        None | Some(Target::Crew) => Ok(Audience::Crew),
        Some(Target::Public | Target::Calendar(Scope::Event)) => Ok(Audience::Public),
        Some(Target::Calendar(_)) => Err(refusal(
            FaultCode::F035,
            "--for",
            "tracks, groups, persons and speakers get calendars, not tables or pages",
            "give crew or public, or --format ics",
        )),
    }
}

fn tables(
    problem: &Problem,
    plan: &Plan,
    zones: &ZoneSet,
    zone: &ZoneName,
    audience: Audience,
    folder: &Path,
) -> Result<Vec<Made>, Failure> {
    let at = |name: &str, text: String| Made {
        file: folder.join(name),
        text,
    };
    let mut made = vec![
        at("blocks.csv", csv::blocks(problem, plan, zones, zone)?),
        at("sessions.csv", csv::sessions(problem, plan, zones, zone)?),
    ];
    if audience == Audience::Crew {
        made.push(at("shifts.csv", csv::shifts(problem, plan, zones, zone)?));
    }
    Ok(made)
}

fn every_calendar(
    problem: &Problem,
    plan: &Plan,
    zones: &ZoneSet,
    folder: &Path,
) -> Result<Vec<Made>, Failure> {
    let tracks = problem
        .event
        .tracks
        .iter()
        .map(|track| Scope::Track(track.id.clone()));
    let groups = problem
        .groups
        .iter()
        .map(|group| Scope::Group(group.id.clone()));
    let people = problem
        .operators
        .iter()
        .map(|person| Scope::Person(person.id.clone()));
    let serves = |id| {
        let mut operators = problem.operators.iter();
        operators.any(|person| person.speaker.as_ref() == Some(id))
    };
    let speakers = problem
        .speakers
        .iter()
        .filter(|speaker| !serves(&speaker.id))
        .map(|speaker| Scope::Speaker(speaker.id.clone()));
    let mut made = Vec::new();
    for scope in std::iter::once(Scope::Event)
        .chain(tracks)
        .chain(groups)
        .chain(people)
        .chain(speakers)
    {
        let text = ics::calendar(problem, plan, zones, &scope).map_err(no_calendar)?;
        made.push(Made {
            file: folder.join(file_name(&scope)),
            text,
        });
    }
    Ok(made)
}

/// `event.ics`, `person-mika.ics`; whatever is not plain in an id becomes `_`.
fn file_name(scope: &Scope) -> String {
    let name = match scope {
        Scope::Event => "event".to_owned(),
        Scope::Track(id) => format!("track-{id}"),
        Scope::Group(id) => format!("group-{id}"),
        Scope::Person(id) => format!("person-{id}"),
        Scope::Speaker(id) => format!("speaker-{id}"),
    };
    let plain = |c: char| {
        if c.is_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    name.chars().map(plain).chain(".ics".chars()).collect()
}

fn no_calendar(error: CalendarError) -> Failure {
    match error {
        CalendarError::UnknownZone(unknown) => unknown.into(),
        CalendarError::NotFound { .. } => refusal(
            FaultCode::F011,
            "--for",
            &error.to_string(),
            "give an id as it stands in the event folder",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_as_it_is_written() {
        assert!(
            matches!("track:a".parse(), Ok(Target::Calendar(Scope::Track(id))) if id == "a".into())
        );
        assert!(matches!("public".parse(), Ok(Target::Public)));
        assert!("person".parse::<Target>().is_err());
        assert!("room:1".parse::<Target>().is_err());
    }

    #[test]
    fn no_id_leads_out_of_the_folder() {
        let name = file_name(&Scope::Person("../../x y".into()));
        assert_eq!(name, "person-.._.._x_y.ics");
    }
}
