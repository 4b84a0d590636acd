//! `meridian node group|peer|space|…`: what people type to exchange an event with other groups' nodes.
//!
//! They work on the node's data, also while it runs: a running node sends within a second what was said.

mod bundle;
mod group;
mod peer;
mod space;
mod steps;

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, Subcommand};
use ipnet::IpNet;
use meridian_formats::FaultCode;
use meridian_model::ZoneSet;
use serde::Serialize;

use super::kept::KeptArgs;
use crate::data_folder::DataFolder;
use crate::ending::{Ending, Failure, refusal};
use crate::exchange::planning::Desk;
use crate::exchange::solving::Solver;
use crate::exchange::{Exchange, ExchangeError};
use crate::fetch::Fetcher;
use crate::out;
use crate::store::StoreError;

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum ExchangeCommand {
    /// The groups that this node signs for: make them, list them, renew their cards
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// Other groups' nodes: add them, make sure of them, list or forbid them
    #[command(subcommand)]
    Peer(peer::PeerCommand),
    /// Event spaces: open one, find and join one, see how far it is
    #[command(subcommand)]
    Space(space::SpaceCommand),
    /// Say what this node's groups offer: how dates suit them, talks, hosting hours, head-counts
    Offer(steps::OfferArgs),
    /// As coordinator: plan from what was offered and answered, and propose it
    Propose(steps::StepArgs),
    /// Look at the newest proposal with one's own people, and answer it
    Respond(steps::RespondArgs),
    /// As coordinator: publish the proposal that everybody has accepted
    Publish(steps::StepArgs),
    /// As coordinator: the published plan is in force no longer
    Cancel(steps::CancelArgs),
    /// Say who is on duty in the parts of the published plan that this node's groups hold
    Staff(steps::StepArgs),
    /// Let somebody else of one's group come to a shift, or nobody
    StandIn(steps::StandInArgs),
    /// Offer a part of the published plan to another group, or, as coordinator, give it to one
    HandOver(steps::HandOverArgs),
    /// Say yes to a part that was offered, and hand over what others said yes to
    Settle(steps::SettleArgs),
    /// Check the published plan as every node sees it, and this node's people in it
    Check(steps::CheckArgs),
    /// Records of a space as a file, for groups that run no server and for mail
    #[command(subcommand)]
    Bundle(bundle::BundleCommand),
}

/// Options of every command.
#[derive(Args, Debug)]
pub(crate) struct SharedArgs {
    /// A private network whose nodes may be called all the same, such as 192.168.1.0/24; may be given often
    #[arg(long, global = true, value_name = "NET")]
    trust_network: Vec<IpNet>,

    /// Answer in JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What the commands work with.
pub(super) struct Hands<'a> {
    exchange: Exchange,
    fetcher: Fetcher,
    zones: &'a ZoneSet,
    zone_options: Vec<OsString>,
    json: bool,
}

impl Hands<'_> {
    fn desk(&self, effort: u8) -> Desk<'_> {
        Desk {
            exchange: &self.exchange,
            zones: self.zones,
            solver: Solver {
                zones: self.zone_options.clone(),
                folder: std::env::temp_dir(),
                effort,
                memory_mib: 8192,
                patience: Duration::from_secs(3600),
            },
            job: None,
        }
    }

    /// Answers in words, or as JSON.
    fn tell(&self, words: &str, value: &impl Serialize) -> Result<(), Failure> {
        if self.json {
            return Ok(out::json(value)?);
        }
        Ok(out::answer(words)?)
    }
}

/// Does it.
///
/// # Errors
/// Bad input, or a fault of our own.
pub(crate) async fn run(
    command: &ExchangeCommand,
    (kept, shared): (&KeptArgs, &SharedArgs),
    (zones, zone_options): (&ZoneSet, Vec<OsString>),
) -> Result<Ending, Failure> {
    let store = kept.find().await?;
    // Beside a database too: where each group signed last is this node's own.
    DataFolder::make(&kept.data)?;
    let hands = Hands {
        exchange: Exchange::of(&store, &kept.data),
        fetcher: Fetcher::new(&shared.trust_network)?,
        zones,
        zone_options,
        json: shared.json,
    };
    let done = match command {
        ExchangeCommand::Group(command) => group::run(&hands, command).await,
        ExchangeCommand::Peer(command) => peer::run(&hands, command).await,
        ExchangeCommand::Space(command) => space::run(&hands, command).await,
        ExchangeCommand::Offer(args) => steps::offer(&hands, args).await,
        ExchangeCommand::Propose(args) => steps::propose(&hands, args).await,
        ExchangeCommand::Respond(args) => steps::respond(&hands, args).await,
        ExchangeCommand::Publish(args) => steps::publish(&hands, args).await,
        ExchangeCommand::Cancel(args) => steps::cancel(&hands, args).await,
        ExchangeCommand::Staff(args) => steps::staff(&hands, args).await,
        ExchangeCommand::StandIn(args) => steps::stand_in(&hands, args).await,
        ExchangeCommand::HandOver(args) => steps::hand_over(&hands, args).await,
        ExchangeCommand::Settle(args) => steps::settle(&hands, args).await,
        ExchangeCommand::Check(args) => steps::check(&hands, args).await,
        ExchangeCommand::Bundle(command) => bundle::run(&hands, command).await,
    };
    store.close().await;
    done
}

impl From<ExchangeError> for Failure {
    fn from(error: ExchangeError) -> Self {
        let unfit =
            |what: &str, remedy: &str| refusal(FaultCode::F040, "the exchange", what, remedy);
        match error {
            ExchangeError::Broken(error) => Self::Internal(error),
            ExchangeError::Store(StoreError::Present(_)) => {
                unfit("it is there already", "use another name")
            }
            ExchangeError::Store(error) => Self::Internal(error.into()),
            ExchangeError::Refused(problem) => unfit(
                &problem.to_string(),
                "see the code in docs/protocol.md, section 12",
            ),
            ExchangeError::Off | ExchangeError::Unknown(_) | ExchangeError::Unfit(_) => {
                unfit(&error.to_string(), "see `meridian node --help`")
            }
        }
    }
}
