//! `meridian serve`: a group's own server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;
use meridian_model::ZoneSet;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};
use tracing_subscriber::EnvFilter;

use super::kept::KeptArgs;
use super::node::first_link;
use crate::ending::{Ending, Failure};
use crate::exchange::solving::Solver;
use crate::exchange::traffic::Traffic;
use crate::exchange::{Exchange, sync};
use crate::fetch::Fetcher;
use crate::jobs::{Means, Workshop};
use crate::out;
use crate::server::listen::{self, listen};
use crate::server::people::erase_in_time;
use crate::server::retention::forget_in_time;
use crate::server::webhooks::{Pace, tell};
use crate::server::{Live, Rates, Shared, State, numbers, polling, router};
use crate::zoneset::ZoneSource;

/// Run a group's own server for people, plans and jobs
///
/// Needs no configuration: everything is kept in one folder. The first start prints a link that makes you
/// its first admin. It listens on this machine only, unless told otherwise. Several nodes can serve one
/// PostgreSQL database.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian serve
  meridian serve --data /var/lib/meridian --listen 127.0.0.1:8600
  meridian serve --database postgres://meridian@db.example/meridian")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    kept: KeptArgs,

    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8600")]
    listen: SocketAddr,

    /// The address that people use, when it is not the one listened on
    #[arg(long, value_name = "URL")]
    origin: Option<String>,

    /// A private network that may be fetched from and posted to all the same, such as 192.168.1.0/24; may be given often
    #[arg(long, value_name = "NET")]
    trust_network: Vec<IpNet>,

    /// How many jobs run at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=64))]
    jobs: u8,

    /// Memory that one job may use, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 4096, value_parser = clap::value_parser!(u64).range(64..=1_048_576))]
    job_memory: u64,

    /// Time that one job may take, in seconds; then it ends with the best it has
    #[arg(long, value_name = "S", default_value_t = 3600, value_parser = clap::value_parser!(u64).range(1..=604_800))]
    job_time: u64,

    /// Days after which jobs that have ended, drafts that were not published, and their problems are deleted; 0 for never
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(0..=36_500))]
    keep_days: u32,

    /// Most connections at once; others wait
    #[arg(long, value_name = "N", default_value = "4096")]
    connections: u32,

    /// Most requests a second from one address, and five times as many at once; 0 for no limit
    #[arg(long, value_name = "N", default_value = "200")]
    rate: u32,

    /// A proxy stands before the node, and says in X-Forwarded-For whom a request comes from
    #[arg(long)]
    behind_proxy: bool,

    /// Pass all waits for webhooks so many times faster
    #[arg(long, value_name = "N", default_value_t = 1, hide = true)]
    webhook_hurry: u32,
}

/// Serves until it is told to stop.
///
/// # Errors
/// When the folder or the address cannot be used.
pub(crate) fn run(
    args: &ServeArgs,
    zones: &ZoneSet,
    source: &ZoneSource,
) -> Result<Ending, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(args, zones, source))
}

async fn serve(args: &ServeArgs, zones: &ZoneSet, source: &ZoneSource) -> Result<Ending, Failure> {
    log_to_stderr();
    numbers::count()?;
    let (_alone, store) = args.kept.make().await?;
    let listener = tokio::net::TcpListener::bind(args.listen).await?;
    let here = format!("http://{}", listener.local_addr()?);
    let origin = args.origin.clone().unwrap_or(here);
    // Whoever reads that line may end the node at once.
    let told = told_to_stop()?;
    out::answer(&format!("Listening on {origin}\n"))?;
    if store.is_new().await.map_err(anyhow::Error::from)? {
        out::answer(&format!(
            "Come in: {}\n",
            first_link(&store, &origin).await?
        ))?;
    }
    let (stop, stopping) = watch::channel(false);
    let news = tokio::spawn({
        let (store, stopping) = (store.clone(), stopping.clone());
        async move { store.hear_others(stopping).await }
    });
    let exchange = Arc::new(Exchange::of(&store, &args.kept.data));
    let solver = Solver {
        zones: source.arguments(),
        folder: args.kept.data.join("jobs"),
        effort: 1,
        memory_mib: args.job_memory,
        patience: Duration::from_secs(args.job_time),
    };
    let means = Means {
        exchange: Arc::clone(&exchange),
        zones: zones.clone(),
        solver: solver.clone(),
        at_once: args.jobs.into(),
    };
    let workshop = Workshop::open(means, stopping.clone()).await?;
    let work = tokio::spawn(workshop.work());
    let state = State {
        store: store.clone(),
        zones: zones.clone(),
        origin,
        stopping,
        fetcher: Fetcher::new(&args.trust_network)?,
        exchange,
        solver,
        traffic: Traffic::begin(),
        hurry: Notify::new(),
        live: Live::default(),
        pace: Pace::hurried(args.webhook_hurry),
        rates: Rates::new(args.rate, args.behind_proxy),
    };
    let shared = Shared(Arc::new(state));
    let polls = tokio::spawn(polling::poll(shared.clone()));
    let erasures = tokio::spawn(erase_in_time(shared.clone()));
    let forgets = tokio::spawn(forget_in_time(shared.clone(), args.keep_days));
    let telling = tokio::spawn(tell(shared.clone()));
    let syncing = tokio::spawn(sync::exchange(shared.clone()));
    let limits = listen::Limits::of_this_machine(args.connections);
    let end = async move {
        told.await;
        stop.send_replace(true);
    };
    listen(listener, router(shared), limits, end).await;
    // Jobs that are not done go back into the queue.
    work.await.map_err(anyhow::Error::from)?;
    polls.await.map_err(anyhow::Error::from)?;
    erasures.await.map_err(anyhow::Error::from)?;
    forgets.await.map_err(anyhow::Error::from)?;
    news.await.map_err(anyhow::Error::from)?;
    telling.await.map_err(anyhow::Error::from)?;
    syncing.await.map_err(anyhow::Error::from)?;
    store.close().await;
    Ok(Ending::Clean)
}

/// Structured logs, one JSON object a line; `MERIDIAN_LOG` says how much, as `warn` or `meridian=debug` do.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("MERIDIAN_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        // A log on a full disk must not take the node along.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    // Set once in a process: a second time would only be refused.
    drop(log.try_init());
}

/// Heeds Ctrl-C and SIGTERM from now on; the answer waits for one of them.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
