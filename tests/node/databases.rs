//! PostgreSQL databases of the tests' own, on the server that `MERIDIAN_POSTGRES` names; `./run postgres COMMAND…`
//! starts one and gives it.
//!
//! With `MERIDIAN_NODES_ON_POSTGRES=1` every node of these tests keeps everything there, but for those that are about
//! files.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use tokio::runtime::Runtime;

/// Where a node's folder names its database.
const FILE: &str = "database-of-the-test";
/// Where a node reads the address of its database.
pub(crate) const VARIABLE: &str = "MERIDIAN_DATABASE";

/// A database; gone when it is dropped.
pub(crate) struct Database {
    server: String,
    name: String,
}

/// The server for tests; without one it is said that nothing was tested on it, and on a build machine that is a failure.
fn server() -> Option<String> {
    let server = std::env::var("MERIDIAN_POSTGRES").ok();
    if server.is_none() {
        assert!(
            std::env::var("CI").is_err(),
            "MERIDIAN_POSTGRES names no server, and CI is set"
        );
        eprintln!("not tested on PostgreSQL: `./run postgres cargo test …` starts one");
    }
    server
}

impl Database {
    /// A new one, whose language sorts text otherwise than SQLite does; none without a server.
    pub(crate) fn new() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let made = Self {
            server: server()?,
            name: format!("node_{}_{number}", std::process::id()),
        };
        made.of_server(&format!(
            "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'",
            made.name
        ));
        Some(made)
    }

    pub(crate) fn address(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// The first column of what a query finds.
    pub(crate) fn ask(&self, sql: &str) -> Vec<String> {
        on(&self.address(), sql)
    }

    fn of_server(&self, sql: &str) {
        on(&format!("{}/postgres", self.server), sql);
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.of_server(&format!(
            "DROP DATABASE IF EXISTS {} WITH (FORCE)",
            self.name
        ));
    }
}

fn on(address: &str, sql: &str) -> Vec<String> {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut connection = PgConnection::connect(address).await.expect("it connects");
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let rows = connection.fetch_all(sql).await.expect("it is answered");
        rows.iter().map(|row| row.get(0)).collect()
    })
}

/// Whether the nodes of all tests keep everything on PostgreSQL: what is about files is not tested then.
pub(crate) fn all_on_postgres() -> bool {
    std::env::var("MERIDIAN_NODES_ON_POSTGRES").is_ok_and(|on| on == "1")
}

/// The database of the node of a folder, made for it the first time, if all are there.
pub(crate) fn made_for(folder: &Path) -> Option<Database> {
    if !all_on_postgres() || address_of(folder).is_some() {
        return None;
    }
    let database = Database::new().expect("MERIDIAN_POSTGRES names a server");
    std::fs::write(folder.join(FILE), database.address()).expect("it is noted");
    Some(database)
}

/// The address of the database of the node of a folder, if it has one.
pub(crate) fn address_of(folder: &Path) -> Option<String> {
    std::fs::read_to_string(folder.join(FILE)).ok()
}

/// Lets a command find the database of the node of a folder.
pub(crate) fn find(command: &mut Command, folder: &Path) {
    command.env_remove(VARIABLE);
    if let Some(address) = address_of(folder) {
        command.env(VARIABLE, address);
    }
}
