//! The `meridian` binary, the only shell around the pure crates: parse the command line, run one command,
//! end with its exit code.

use std::process::ExitCode;

use clap::Parser;

mod atomic;
mod cli;
mod ending;
mod folder;
mod out;
mod second_opinion;
mod watch;
mod words;
mod worker;
mod zoneset;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match cli::run(&cli) {
        Ok(ending) => ending.into(),
        Err(failure) => failure.tell(cli.command.json()),
    }
}
