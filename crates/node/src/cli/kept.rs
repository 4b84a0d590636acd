//! Where a node keeps everything: in a folder, or in a PostgreSQL database that it may share with other nodes.
//!
//! An address with a password is taken from the environment only: whoever looks at the list of processes sees the
//! command line.

use std::path::PathBuf;

use clap::Args;
use meridian_formats::FaultCode;

use crate::data_folder::{Alone, DataFolder};
use crate::ending::{Failure, refusal};
use crate::store::Store;

/// The variable that gives the database's address.
const VARIABLE: &str = "MERIDIAN_DATABASE";

/// The options that say where everything is kept.
#[derive(Args, Debug)]
pub(crate) struct KeptArgs {
    /// Where everything is kept; beside a PostgreSQL database, only what is this node's own
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "meridian-data"
    )]
    pub(crate) data: PathBuf,

    /// A PostgreSQL database that keeps everything instead, such as postgres://meridian@db.example/meridian; with
    /// a password in it, give it as MERIDIAN_DATABASE instead
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
}

impl KeptArgs {
    /// The folder for what is this node's own, made if need be, and taken for oneself, and the store.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub(crate) async fn make(&self) -> Result<(Alone, Store), Failure> {
        let folder = DataFolder::make(&self.data)?;
        let alone = folder.take()?;
        let store = match self.address()? {
            Some(address) => connect(&address).await?,
            None => Store::open(&folder.database()).await?,
        };
        Ok((alone, store))
    }

    /// The store of a node that is there.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub(crate) async fn find(&self) -> Result<Store, Failure> {
        match self.address()? {
            Some(address) => connect(&address).await,
            None => {
                let folder = DataFolder::find(&self.data)?;
                Ok(Store::open(&folder.database()).await?)
            }
        }
    }

    /// Refuses what is done to files, where everything is in a database.
    ///
    /// # Errors
    /// When it is.
    pub(crate) fn in_files(&self, remedy: &str) -> Result<(), Failure> {
        match self.address()? {
            None => Ok(()),
            Some(_) => {
                let what = "everything is in a PostgreSQL database, which has tools for that";
                Err(refusal(FaultCode::F040, "--database", what, remedy))
            }
        }
    }

    /// What to call the place where everything is.
    pub(crate) fn place(&self) -> String {
        match self.address() {
            Ok(Some(_)) => "the database".to_owned(),
            _ => self.data.display().to_string(),
        }
    }

    fn address(&self) -> Result<Option<String>, Failure> {
        if let Some(address) = &self.database {
            return parsed(address, "--database", false).map(Some);
        }
        match std::env::var(VARIABLE) {
            Ok(address) if !address.is_empty() => parsed(&address, VARIABLE, true).map(Some),
            _ => Ok(None),
        }
    }
}

/// The address, if it is one.
fn parsed(address: &str, from: &str, secretly: bool) -> Result<String, Failure> {
    let refuse = |what: &str, remedy: &str| refusal(FaultCode::F031, from, what, remedy);
    let url = reqwest::Url::parse(address).ok();
    let url = url.filter(|url| matches!(url.scheme(), "postgres" | "postgresql"));
    let Some(url) = url else {
        return Err(refuse(
            "it is no address of a PostgreSQL database",
            "write it as in postgres://meridian@db.example:5432/meridian",
        ));
    };
    let password = url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password");
    if password && !secretly {
        return Err(refuse(
            "everyone on this machine can read a password on the command line",
            "give the address in MERIDIAN_DATABASE, or only the password in PGPASSWORD or ~/.pgpass",
        ));
    }
    Ok(address.to_owned())
}

async fn connect(address: &str) -> Result<Store, Failure> {
    let store = Store::connect(address).await;
    store.map_err(|error| Failure::Internal(error.context("cannot use the PostgreSQL database")))
}
