//! `meridian schema`: the published JSON Schemas of the documents.

use clap::{Args, ValueEnum};
use meridian_model::schema;

use crate::ending::{Ending, Failure};
use crate::out;

/// Print the JSON Schema of a document
///
/// Other tools can write problem documents and read plans and reports: these schemas say what is in them.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian schema plan > plan.schema.json")]
pub(crate) struct SchemaArgs {
    /// Which document
    document: Document,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Document {
    /// What is asked: one compiled event
    Problem,
    /// What is answered: blocks, sessions, shifts
    Plan,
    /// What the checker says of a plan
    Report,
}

/// Prints.
///
/// # Errors
/// When standard output cannot be written.
pub(crate) fn run(args: &SchemaArgs) -> Result<Ending, Failure> {
    let schema = match args.document {
        Document::Problem => schema::problem(),
        Document::Plan => schema::plan(),
        Document::Report => schema::report(),
    };
    out::json(&schema)?;
    Ok(Ending::Clean)
}
