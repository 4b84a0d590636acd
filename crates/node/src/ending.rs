//! How a command ends: the exit codes, and what is said when it failed.

use std::process::ExitCode;

use clap::error::ErrorKind;
use meridian_formats::{Fault, FaultCode, Faults};

use meridian_model::time::UnknownZone;

use crate::out;
use crate::words::count;

/// How a command that did its work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All is well.
    Clean,
    /// The plan has gaps, unplaced sessions or a broken rule.
    Lacking,
    /// Someone interrupted the search; the best plan so far is written.
    Interrupted,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(match ending {
            Ending::Clean => 0,
            Ending::Lacking => 1,
            Ending::Interrupted => 130,
        })
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input is wrong: exit 2, nothing was written.
    Input(Faults),
    /// Meridian is wrong, or the machine is: exit 3.
    Internal(anyhow::Error),
}

impl From<Faults> for Failure {
    fn from(faults: Faults) -> Self {
        Self::Input(faults)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Input(Faults(vec![fault]))
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<UnknownZone> for Failure {
    fn from(unknown: UnknownZone) -> Self {
        refusal(
            FaultCode::F012,
            &unknown.name,
            &unknown.to_string(),
            "give an IANA name such as Asia/Tokyo, or a newer zone set with --zoneinfo",
        )
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl Failure {
    /// Says what went wrong, in words on standard error or as JSON on standard output, and gives the exit code.
    pub(crate) fn tell(&self, json: bool) -> ExitCode {
        let (code, told) = match self {
            Self::Input(faults) if json => (2, out::json(&serde_json::json!({ "faults": faults }))),
            Self::Input(faults) => {
                let n = i64::try_from(faults.len()).unwrap_or(i64::MAX);
                let n = count(n, "problem", "problems");
                (2, out::note(&format!("{faults}{n}; nothing was written")))
            }
            Self::Internal(error) if json => {
                let error = format!("{error:#}");
                (3, out::json(&serde_json::json!({ "error": error })))
            }
            Self::Internal(error) => (3, out::note(&format!("meridian failed: {error:#}"))),
        };
        // Nobody is left to tell when both streams are closed; the exit code still says it.
        drop(told);
        ExitCode::from(code)
    }
}

/// A command line that cannot be understood, as a problem like any other.
pub(crate) fn misuse(error: &clap::Error) -> Failure {
    let code = match error.kind() {
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => FaultCode::F011,
        ErrorKind::ValueValidation | ErrorKind::InvalidUtf8 => FaultCode::F031,
        ErrorKind::ArgumentConflict => FaultCode::F040,
        _ => FaultCode::F035,
    };
    let text = error.to_string();
    let (what, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let what = one_line(what);
    let what = what.strip_prefix("error: ").unwrap_or(&what);
    // What clap advises before it shows the usage is meant for people at a shell.
    let remedy = rest.find("Usage:").and_then(|at| rest.get(at..));
    refusal(
        code,
        "command line",
        what,
        &one_line(remedy.unwrap_or(rest)),
    )
}

/// One problem with the input that only the shell can see: `file` is a path or an option.
pub(crate) fn refusal(code: FaultCode, file: &str, what: &str, remedy: &str) -> Failure {
    Failure::from(Fault {
        code,
        file: file.to_owned(),
        line: None,
        field: None,
        what: what.to_owned(),
        remedy: remedy.to_owned(),
    })
}
