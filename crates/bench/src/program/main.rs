//! Writes instances, and measures what our engine and its peers reach on them.

mod case;
mod claims;
mod compare;
mod equal;
mod files;
mod ours;
mod peers;
mod report;
mod required;
mod together;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use meridian_bench::{Problem, Size, free, instance, measure};

#[derive(Parser)]
#[command(
    about = "Seeded instances of known sizes, and what our engine and its peers reach on them"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write an instance as a problem document
    Generate(Generate),
    /// Measure our engine and its peers on the instances, in the same time
    Compare(compare::Compare),
    /// See that the peers prove what our engine reaches on small instances, and nothing else
    Equal(equal::Equal),
    /// Plan one instance and say what it took; `compare` runs this in a process of its own
    Plan(ours::Plan),
    /// Tell what planning programme and roster together gains over one after the other
    Together(together::Together),
}

#[derive(clap::Args)]
struct Generate {
    /// tiny, small, medium, medium-tight, large, large-tight, xlarge or stretch
    #[arg(value_parser = size)]
    size: Size,
    /// The same size and seed give the same document
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write the document
    #[arg(long)]
    out: PathBuf,
    /// Leave the programme open instead of pinning it
    #[arg(long)]
    free: bool,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Generate(arguments) => generate(&arguments),
        Command::Compare(arguments) => compare::compare(&arguments),
        Command::Equal(arguments) => equal::equal(&arguments),
        Command::Plan(arguments) => ours::plan(&arguments),
        Command::Together(arguments) => together::together(&arguments),
    }
}

fn size(name: &str) -> Result<Size, String> {
    let mut all = Size::ALL.into_iter();
    all.find(|size| size.as_str() == name).ok_or_else(|| {
        let names = Size::ALL.map(Size::as_str).join(", ");
        format!("it can be one of {names}")
    })
}

fn generate(arguments: &Generate) -> anyhow::Result<()> {
    let mut problem: Problem = instance(arguments.size, arguments.seed);
    let holds = measure(&problem);
    if arguments.free {
        problem = free(problem);
    }
    files::write(&arguments.out, &problem)?;
    let path = arguments.out.display();
    say(&format!(
        "{path}: {} cells demanded, {} supplied ({} within limits), {} possible shifts",
        holds.demand, holds.supply, holds.supply_in_limits, holds.shifts
    ));
    Ok(())
}

/// Answers go to standard output.
#[expect(
    clippy::print_stdout,
    reason = "this program answers on standard output"
)]
fn say(line: &str) {
    println!("{line}");
}

/// Notes of what is going on go to standard error.
#[expect(clippy::print_stderr, reason = "this program tells what it is doing")]
fn note(line: &str) {
    eprintln!("{line}");
}
