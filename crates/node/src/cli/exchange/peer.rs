//! `meridian node peer`: whom this node exchanges with.

use clap::{Args, Subcommand};
use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::Hands;
use crate::ending::{Ending, Failure};
use crate::exchange::ExchangeError;
use crate::exchange::calls::{MEDIA, PATIENCE, place};
use crate::exchange::peers::NodeDocument;
use crate::fetch::Call;
use crate::store::PeerRow;

/// The most that is read of what a node says of itself.
const MOST_BYTES: usize = 4 * 1024 * 1024;

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
    let own = hands.exchange.document().await?;
    let body = serde_json::to_vec(&json!({ "node": own })).map_err(anyhow::Error::from)?;
    let mut headers = reqwest::header::HeaderMap::new();
    let media = reqwest::header::HeaderValue::from_static(MEDIA);
    headers.insert(reqwest::header::CONTENT_TYPE, media);
    let unreachable =
        |why: &dyn std::fmt::Display| ExchangeError::Unfit(format!("{url} cannot be added: {why}"));
    let call = Call {
        method: Method::POST,
        url: place(url, "/fed/v1/pairing", None).map_err(|why| unreachable(&why))?,
        headers,
        body,
        most_bytes: MOST_BYTES,
        patience: PATIENCE,
    };
    let called = hands.fetcher.call(call).await;
    let called = called.map_err(|why| unreachable(&why))?;
    if called.status != 200 {
        let said: Value = serde_json::from_slice(&called.body).unwrap_or_default();
        let said = said["detail"]
            .as_str()
            .unwrap_or("it is no node that exchanges");
        return Err(unreachable(&said).into());
    }
    let document: NodeDocument =
        serde_json::from_slice(&called.body).map_err(|why| unreachable(&why))?;
    let group = hands.exchange.meet(&document, url.as_str()).await?;
    let row = hands.exchange.store().peer(&group.to_string()).await;
    let row = row.map_err(anyhow::Error::from)?;
    let words = hands.exchange.phrase_with(&row).await?;
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
    let store = hands.exchange.store();
    let peers = store.peers().await.map_err(anyhow::Error::from)?;
    let syncs = store.syncs().await.map_err(anyhow::Error::from)?;
    let (mut text, mut values) = (String::new(), Vec::new());
    for peer in &peers {
        let words = hands.exchange.phrase_with(peer).await?;
        let state = told_state(peer);
        text.push_str(&format!("{:<24} {state:<10} {}\n", peer.name, peer.url));
        if peer.state == "waiting" {
            text.push_str(&format!("  words: {words}\n"));
        }
        let its = syncs.iter().filter(|row| row.peer == peer.group_id);
        for row in its.clone() {
            if let Some(trouble) = &row.trouble {
                let fails = crate::words::count(row.fails, "failure", "failures");
                text.push_str(&format!(
                    "  {fails}: {trouble}; again at {}\n",
                    row.next_try
                ));
            }
        }
        let its = its.map(|row| {
            json!({ "space": row.space, "agreed": row.agreed, "agreed_at": row.agreed_at,
                "fails": row.fails, "next_try": row.next_try, "trouble": row.trouble })
        });
        values.push(json!({
            "peer": peer.group_id, "name": peer.name, "url": peer.url, "state": peer.state,
            "words": words, "suspended_until": peer.suspended_until, "why": peer.why,
            "syncs": its.collect::<Vec<_>>(),
        }));
    }
    if peers.is_empty() {
        text.push_str("None yet: add one with `meridian node peer add URL`.\n");
    }
    hands.tell(&text, &json!({ "peers": values }))?;
    Ok(Ending::Clean)
}

fn told_state(peer: &PeerRow) -> &str {
    let suspended = peer.suspended_until.as_ref();
    if suspended.is_some_and(|until| *until > crate::store::now()) {
        "suspended"
    } else {
        &peer.state
    }
}
