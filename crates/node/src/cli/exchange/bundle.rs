//! `meridian node bundle`: records that travel by mail.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use meridian_federation::bundle::MAX_BYTES;
use meridian_formats::FaultCode;
use serde_json::json;

use super::Hands;
use crate::atomic;
use crate::ending::{Ending, Failure, refusal};
use crate::exchange::ExchangeError;
use crate::exchange::planning::label;

/// What can be done with bundles.
#[derive(Debug, Subcommand)]
pub(crate) enum BundleCommand {
    /// Write all of a space that a group may have to a file
    Write(WriteArgs),
    /// Take in a bundle that somebody else wrote, with the same checks as from a peer
    Read(ReadArgs),
}

#[derive(Args, Debug)]
pub(crate) struct WriteArgs {
    /// The space's name, or the beginning of its id
    space: String,

    /// The file to write
    file: PathBuf,

    /// The member that is to read it; without one, only what everybody may read
    #[arg(long, value_name = "GROUP")]
    to: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ReadArgs {
    /// The file
    file: PathBuf,

    /// Follow its space, if that is not followed yet, with this event of this node
    #[arg(long, value_name = "EVENT", requires = "name")]
    event: Option<String>,

    /// The space's name, to follow it
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

pub(super) async fn run(hands: &Hands<'_>, command: &BundleCommand) -> Result<Ending, Failure> {
    match command {
        BundleCommand::Write(args) => write(hands, args).await,
        BundleCommand::Read(args) => read(hands, args).await,
    }
}

async fn write(hands: &Hands<'_>, args: &WriteArgs) -> Result<Ending, Failure> {
    atomic::writable("FILE", &args.file)?;
    let desk = hands.desk(1);
    let sight = desk.space(&args.space).await?;
    let bytes = desk.bundle(&sight, args.to.as_deref()).await?;
    atomic::write(&args.file, &bytes)?;
    let text = format!("{} bytes in {}\n", bytes.len(), args.file.display());
    hands.tell(&text, &json!({ "bytes": bytes.len() }))?;
    Ok(Ending::Clean)
}

async fn read(hands: &Hands<'_>, args: &ReadArgs) -> Result<Ending, Failure> {
    let file = args.file.display().to_string();
    let refuse = |what: &str| {
        let remedy = "name a file that `meridian node bundle write` made";
        refusal(FaultCode::F031, &file, what, remedy)
    };
    let size = std::fs::metadata(&args.file).map_err(|why| refuse(&why.to_string()))?;
    if size.len() > u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) {
        return Err(refuse("it is larger than a bundle may be"));
    }
    let of_file = |error| match error {
        ExchangeError::Refused(problem) => refuse(&problem.to_string()),
        ExchangeError::Unfit(why) => refuse(&why),
        other => Failure::from(other),
    };
    let (label, bytes) = label(std::fs::read(&args.file)?).await.map_err(of_file)?;
    let desk = hands.desk(1);
    if let (Some(event), Some(name)) = (&args.event, &args.name) {
        desk.follow(label.space, label.founder, name, event).await?;
    } else {
        let followed = hands.exchange.store().spaces().await;
        let followed = followed.map_err(anyhow::Error::from)?;
        label.among(followed).map_err(of_file)?;
    }
    let taken = desk.take_bundle(bytes).await?;
    let mut text = if taken.changed {
        "Something was new in it.\n".to_owned()
    } else {
        "Nothing was new in it.\n".to_owned()
    };
    for problem in &taken.refused {
        text.push_str(&format!("Not taken: {problem}\n"));
    }
    hands.tell(&text, &taken)?;
    Ok(if taken.refused.is_empty() {
        Ending::Clean
    } else {
        Ending::Lacking
    })
}
