//! `meridian serve`: a group's own server.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use meridian_model::ZoneSet;

use crate::ending::{Ending, Failure};
use crate::out;
use crate::server::{State, router};
use crate::store::{Invitation, Store};

/// Run a group's own server for people, plans and jobs
///
/// Needs no configuration: everything is kept in one folder. The first start prints a link that makes you
/// its first admin. It listens on this machine only, unless told otherwise.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  meridian serve
  meridian serve --data /var/lib/meridian --listen 127.0.0.1:8600")]
pub(crate) struct ServeArgs {
    /// Where everything is kept
    #[arg(long, value_name = "DIR", default_value = "meridian-data")]
    data: PathBuf,

    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8600")]
    listen: SocketAddr,

    /// The address that people use, when it is not the one listened on
    #[arg(long, value_name = "URL")]
    origin: Option<String>,
}

/// Serves until it is told to stop.
///
/// # Errors
/// When the folder or the address cannot be used.
pub(crate) fn run(args: &ServeArgs, zones: &ZoneSet) -> Result<Ending, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(args, zones))
}

async fn serve(args: &ServeArgs, zones: &ZoneSet) -> Result<Ending, Failure> {
    std::fs::create_dir_all(&args.data)?;
    let store = Store::open(&args.data).await?;
    let listener = tokio::net::TcpListener::bind(args.listen).await?;
    let here = format!("http://{}", listener.local_addr()?);
    let origin = args.origin.clone().unwrap_or(here);
    out::answer(&format!("Listening on {origin}\n"))?;
    if store.is_new().await.map_err(anyhow::Error::from)? {
        out::answer(&format!(
            "Come in: {}\n",
            first_link(&store, &origin).await?
        ))?;
    }
    let state = State {
        store: store.clone(),
        zones: zones.clone(),
        origin,
    };
    axum::serve(listener, router(state))
        .with_graceful_shutdown(told_to_stop())
        .await?;
    store.close().await;
    Ok(Ending::Clean)
}

/// The link that makes the first admin.
async fn first_link(store: &Store, origin: &str) -> anyhow::Result<String> {
    let mut write = store.write().await?;
    let invitation = Invitation {
        name: "Admin",
        event: None,
        role: "admin",
        group: "",
        operator: "",
        account: None,
    };
    let invited = write.invite(None, &invitation).await?;
    write.commit().await?;
    Ok(format!("{origin}/join#{}", invited.secret.reveal()))
}

/// Waits for Ctrl-C or SIGTERM.
async fn told_to_stop() {
    let mut terminate =
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            Err(_) => return std::future::pending().await,
        };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
