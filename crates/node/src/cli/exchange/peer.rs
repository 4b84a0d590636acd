//! `meridian node peer`: whom this node exchanges with.

use clap::{Args, Subcommand};
use reqwest::Url;
use serde_json::json;

use super::Hands;
use crate::ending::{Ending, Failure};

/// What can be done with peers.
#[derive(Debug, Subcommand)]
pub(crate) enum PeerCommand {
    /// Show this node to another one and see who it is; then both leaders read each other the words
    Add(AddArgs),
    /// The words are the same on both sides: exchange with that node from now on
    Confirm(ConfirmArgs),
    /// List the nodes that are known, and how syncing with them goes
    List,
    /// Exchange with a node no longer
    Forbid(NamedArgs),
}

#[derive(Args, Debug)]
pub(crate) struct AddArgs {
    /// The other node's address, such as https://meridian.example
    url: Url,
}

#[derive(Args, Debug)]
pub(crate) struct ConfirmArgs {
    /// The peer's name, or the beginning of its id
    peer: String,

    /// The six words that the other leader read to you
    #[arg(long, value_name = "WORDS")]
    words: String,
}

#[derive(Args, Debug)]
pub(crate) struct NamedArgs {
    /// The peer's name, or the beginning of its id
    peer: String,
}

pub(super) async fn run(hands: &Hands<'_>, command: &PeerCommand) -> Result<Ending, Failure> {
    match command {
        PeerCommand::Add(args) => add(hands, &args.url).await,
        PeerCommand::Confirm(args) => {
            let peer = hands.exchange.peer_named(&args.peer).await?;
            hands.exchange.allow(&peer, &args.words).await?;
            let text = format!("This node exchanges with {} from now on.\n", peer.name);
            hands.tell(&text, &json!({ "peer": peer.group_id, "state": "allowed" }))?;
            Ok(Ending::Clean)
        }
        PeerCommand::List => list(hands).await,
        PeerCommand::Forbid(args) => {
            let peer = hands.exchange.peer_named(&args.peer).await?;
            hands.exchange.forbid(&peer.group_id).await?;
            let text = format!("This node exchanges with {} no longer.\n", peer.name);
            hands.tell(
                &text,
                &json!({ "peer": peer.group_id, "state": "forbidden" }),
            )?;
            Ok(Ending::Clean)
        }
    }
}

async fn add(hands: &Hands<'_>, url: &Url) -> Result<Ending, Failure> {
    let exchange = &hands.exchange;
    let row = exchange.show_to(&hands.fetcher, url.as_str()).await?;
    let words = exchange.phrase_with(&row).await?;
    let text = format!(
        "{} is at {url}.\n\n  {words}\n\nCall its leader. If she reads you the same words from her node, both type:\n  \
         meridian node peer confirm NAME --words \"{words}\"\n",
        row.name
    );
    let value =
        json!({ "peer": row.group_id, "name": row.name, "state": row.state, "words": words });
    hands.tell(&text, &value)?;
    Ok(Ending::Clean)
}

async fn list(hands: &Hands<'_>) -> Result<Ending, Failure> {
    let peers = hands.exchange.known_peers().await?;
    let mut text = String::new();
    for peer in &peers {
        let state = peer.state_now();
        text.push_str(&format!("{:<24} {state:<10} {}\n", peer.name, peer.url));
        if let ("waiting", Some(words)) = (peer.state.as_str(), &peer.words) {
            text.push_str(&format!("  words: {words}\n"));
        }
        for sync in &peer.syncs {
            if let Some(trouble) = &sync.trouble {
                let fails = crate::words::count(sync.fails, "failure", "failures");
                text.push_str(&format!(
                    "  {fails}: {trouble}; again at {}\n",
                    sync.next_try
                ));
            }
        }
    }
    if peers.is_empty() {
        text.push_str("None yet: add one with `meridian node peer add URL`.\n");
    }
    hands.tell(&text, &json!({ "peers": peers }))?;
    Ok(Ending::Clean)
}
