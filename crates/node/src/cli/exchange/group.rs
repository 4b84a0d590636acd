//! `meridian node group`: who signs here.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::Hands;
use crate::atomic;
use crate::ending::{Ending, Failure};
use crate::exchange::identity::{NewGroup, Recovery, Renewal};

/// What can be done with groups.
#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// Make a group that this node signs for; the first is the one whose node this is
    New(NewArgs),
    /// List the groups that this node signs for
    List,
    /// Sign the next card of a group, as when the node moves or a key was lost
    Renew(RenewArgs),
}

#[derive(Args, Debug)]
pub(crate) struct NewArgs {
    /// What this node's events call the group
    handle: String,

    /// Its name for people; the handle, if left out
    #[arg(long)]
    name: Option<String>,

    /// Where this node listens for other nodes; leave it out for one that only calls
    #[arg(long, value_name = "URL", default_value = "")]
    url: String,

    /// Write the recovery words to this file instead of the terminal
    #[arg(long, value_name = "FILE")]
    recovery_out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct RenewArgs {
    /// The group
    handle: String,

    /// The file with the group's recovery words
    #[arg(long, value_name = "FILE")]
    recovery: PathBuf,

    /// Another name for people
    #[arg(long)]
    name: Option<String>,

    /// Another address of its node
    #[arg(long, value_name = "URL")]
    url: Option<String>,

    /// Sign with a new key from now on; what the old one signed so far goes on to count
    #[arg(long)]
    new_key: bool,

    /// The old key was stolen: nothing that it signed counts any longer
    #[arg(long, requires = "new_key")]
    stolen: bool,
}

pub(super) async fn run(hands: &Hands<'_>, command: &GroupCommand) -> Result<Ending, Failure> {
    match command {
        GroupCommand::New(args) => new(hands, args).await,
        GroupCommand::List => list(hands).await,
        GroupCommand::Renew(args) => renew(hands, args).await,
    }
}

async fn new(hands: &Hands<'_>, args: &NewArgs) -> Result<Ending, Failure> {
    if let Some(path) = &args.recovery_out {
        atomic::writable("--recovery-out", path)?;
    }
    let made = hands
        .exchange
        .make_group(NewGroup {
            handle: &args.handle,
            name: args.name.as_ref().unwrap_or(&args.handle),
            url: &args.url,
        })
        .await?;
    let words = made.recovery.words()?;
    let kept = match &args.recovery_out {
        Some(path) => {
            private(path)?;
            atomic::write(path, format!("{words}\n").as_bytes())?;
            format!("Its recovery words are in {}.", path.display())
        }
        None => format!("Its recovery words, shown only now:\n\n  {words}\n"),
    };
    let text = format!(
        "{} is group {}.\n{kept}\nKeep them offline: they alone change the group's card.\n",
        args.handle, made.group
    );
    let mut value = json!({ "handle": args.handle, "group": made.group.to_string() });
    if args.recovery_out.is_none()
        && let Some(fields) = value.as_object_mut()
    {
        fields.insert("recovery".to_owned(), words.into());
    }
    hands.tell(&text, &value)?;
    Ok(Ending::Clean)
}

/// Makes the file for nobody else to read before anything is in it.
fn private(path: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}

async fn list(hands: &Hands<'_>) -> Result<Ending, Failure> {
    let groups = hands.exchange.groups().await?;
    let mut text = String::new();
    for of in &groups {
        let whose = if of.own { "own" } else { "guest" };
        text.push_str(&format!("{:<24} {whose:<6} {}\n", of.handle, of.group));
    }
    if groups.is_empty() {
        text.push_str("None yet: make one with `meridian node group new HANDLE`.\n");
    }
    hands.tell(&text, &json!({ "groups": groups }))?;
    Ok(Ending::Clean)
}

async fn renew(hands: &Hands<'_>, args: &RenewArgs) -> Result<Ending, Failure> {
    let words = std::fs::read_to_string(&args.recovery)?;
    let renewal = Renewal {
        name: args.name.clone(),
        url: args.url.clone(),
        key: args.new_key,
        stolen: args.stolen,
    };
    let recovery = Recovery::of_words(&words)?;
    let version = hands
        .exchange
        .renew_card(&args.handle, &recovery, renewal)
        .await?;
    hands.tell(
        &format!("The card of {} is at version {version}.\n", args.handle),
        &json!({ "handle": args.handle, "version": version }),
    )?;
    Ok(Ending::Clean)
}
