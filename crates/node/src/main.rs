//! The `meridian` binary, the only shell around the pure crates: parse the command line, run one command,
//! end with its exit code.

use std::process::ExitCode;

use clap::Parser;

mod assembler;
mod atomic;
mod cli;
mod data_folder;
mod ending;
mod exchange;
mod fetch;
mod folder;
mod jobs;
mod keeper;
mod loader;
mod negotiation;
mod out;
mod second_opinion;
mod server;
mod store;
mod tied;
mod watch;
mod words;
mod worker;
mod zoneset;

/// Whether a machine reads the answer, when what was typed cannot be understood otherwise.
fn asks_for_json() -> bool {
    let options = std::env::args_os().take_while(|word| word != "--");
    options.skip(1).any(|word| word == "--json")
}

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() && asks_for_json() => {
            return ending::misuse(&error).tell(true);
        }
        Err(error) => error.exit(),
    };
    if let Some(Err(error)) = cli.tied.map(tied::tie) {
        return ending::Failure::from(error).tell(cli.command.json());
    }
    match cli::run(&cli) {
        Ok(ending) => ending.into(),
        Err(failure) => failure.tell(cli.command.json()),
    }
}
